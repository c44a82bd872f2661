//! What is signed, by whom: every forgery that the inbox must refuse, and what we sign ourselves.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use emancipasso::federation::{
    keys::{PublicKey, RsaKeyPair, SigningKey},
    signatures::{digest::digest_header, sign_post},
};
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use crate::support::{Engine, Stage, post};

/// A request to the shared inbox that its sender made up.
struct Forgery {
    /// As in the vectors of peer software.
    name: &'static str,
    headers: HeaderMap,
    body: String,
    /// What the inbox must answer.
    status: u16,
}

/// What Alice really sends, and the ways to change it.
struct Forger<'a> {
    key: &'a SigningKey,
    body: String,
    now: DateTime<Utc>,
}

impl Forger<'_> {
    /// Signed as it should be, for this address, at this time.
    fn signed_for(&self, url: &str, at: DateTime<Utc>) -> HeaderMap {
        sign_post(self.key, &url.parse().unwrap(), self.body.as_bytes(), at).unwrap()
    }

    fn genuine(&self) -> HeaderMap {
        self.signed_for("http://lyon.test/inbox", self.now)
    }

    /// Signed by hand over these headers only, with more parameters.
    fn covering(&self, names: &[&str], parameters: &str) -> HeaderMap {
        let mut headers = self.genuine();
        let line = |name: &&str| {
            let value = match *name {
                "(request-target)" => "post /inbox",
                "(created)" => parameters
                    .trim_start_matches("created=")
                    .trim_end_matches(','),
                "host" => "lyon.test",
                other => headers[other].to_str().unwrap(),
            };
            format!("{name}: {value}")
        };
        let text: Vec<_> = names.iter().map(line).collect();
        let signature = format!(
            "keyId=\"{}\",{parameters}headers=\"{}\",signature=\"{}\"",
            self.key.key_id(),
            names.join(" "),
            self.key.sign_base64(text.join("\n").as_bytes()).unwrap(),
        );
        headers.insert("signature", signature.parse().unwrap());
        headers
    }

    /// By another key under the id of hers.
    fn by_another_key(&self) -> HeaderMap {
        let key_id = self.key.key_id().parse().unwrap();
        let key = SigningKey::new(key_id, RsaKeyPair::generate().unwrap());
        let other = Forger {
            key: &key,
            body: self.body.clone(),
            now: self.now,
        };
        other.genuine()
    }

    fn forgeries(&self) -> Vec<Forgery> {
        let changed = self.body.replace("Follow", "Block");
        let with = |headers: HeaderMap, name: &'static str, value: &str| {
            let mut headers = headers;
            headers.insert(name, value.parse().unwrap());
            headers
        };
        let mut two_digests = self.genuine();
        two_digests.append("digest", digest_header(changed.as_bytes()).parse().unwrap());
        let inbox = "http://lyon.test/inbox";
        let old = self.now - TimeDelta::hours(13);
        let future = self.now + TimeDelta::days(2);
        let elsewhere = self.signed_for("http://evil.example/inbox", self.now);
        let wrong = |name, headers, status| Forgery {
            name,
            headers,
            body: self.body.clone(),
            status,
        };
        vec![
            Forgery {
                name: "bad-digest",
                headers: self.genuine(),
                body: changed.clone(),
                status: 400,
            },
            Forgery {
                name: "two-digests",
                headers: two_digests,
                body: changed,
                status: 400,
            },
            wrong(
                "bad-digest-unsigned",
                self.covering(&["(request-target)", "host", "date"], ""),
                400,
            ),
            wrong("only-digest-signed", self.covering(&["digest"], ""), 400),
            wrong("nothing-signed", self.covering(&[], ""), 400),
            wrong(
                "target-mismatch",
                self.signed_for("http://lyon.test/annonces/inbox", self.now),
                401,
            ),
            wrong(
                "host-mismatch",
                with(elsewhere.clone(), "host", "evil.example"),
                421,
            ),
            wrong("host-mismatch, ours named outside", elsewhere, 401),
            wrong("date-13h-old", self.signed_for(inbox, old), 400),
            wrong("date-2d-future", self.signed_for(inbox, future), 400),
            wrong(
                "created-at-the-end-of-time",
                self.covering(
                    &["(request-target)", "(created)", "host", "digest"],
                    &format!("created={},", u64::MAX),
                ),
                400,
            ),
            wrong(
                "unknown-algorithm",
                with(
                    self.genuine(),
                    "signature",
                    &self.genuine()["signature"]
                        .to_str()
                        .unwrap()
                        .replace("rsa-sha256", "none"),
                ),
                400,
            ),
            wrong("another-key", self.by_another_key(), 401),
        ]
    }
}

/// Conformance 8: each forgery is refused by the inbox itself, and leaves nothing behind.
#[tokio::test]
async fn no_forged_request_passes_the_inbox() {
    let stage = Stage::set(Engine::Sqlite).await;
    let actor = stage.actor().await;
    let forger = Forger {
        key: &stage.alice.key,
        body: stage.alice.activity("Follow", 1, actor.clone()).to_string(),
        now: stage.lyon.app.now(),
    };
    for forgery in forger.forgeries() {
        let Forgery {
            name,
            headers,
            body,
            status,
        } = forgery;
        let answer = post(&stage.lyon, "/inbox", headers, body).await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
    }
    assert_eq!(stage.count_kept().await, 0);
    // a key of somebody else is answered 202, so that nobody sends it again, and changes nothing
    let by_mallory = Forger {
        key: &stage.mallory.key,
        ..forger
    };
    let answer = post(
        &stage.lyon,
        "/inbox",
        by_mallory.genuine(),
        by_mallory.body.clone(),
    )
    .await;
    assert_eq!(answer.status, 202);
    stage.treat().await;
    assert_eq!(stage.ad().await.follower_count, 0);
    // what was forged was worth it: the genuine one passes
    let genuine = Forger {
        key: &stage.alice.key,
        ..by_mallory
    };
    let answer = post(
        &stage.lyon,
        "/inbox",
        genuine.genuine(),
        genuine.body.clone(),
    )
    .await;
    assert_eq!(answer.status, 202);
    stage.treat().await;
    assert_eq!(stage.ad().await.follower_count, 1);
}

/// Conformance 8: the list above leaves out no forgery that is known of.
#[tokio::test]
async fn every_forgery_of_the_shared_vectors_is_tried_on_the_inbox() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/fixtures/_signatures/vectors.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no signature vectors at {path}");
        return;
    };
    let stage = Stage::set(Engine::Sqlite).await;
    let forger = Forger {
        key: &stage.alice.key,
        body: String::new(),
        now: stage.lyon.app.now(),
    };
    let mut tried: BTreeSet<&str> = forger.forgeries().iter().map(|each| each.name).collect();
    tried.insert("key-owner-mismatch");
    let file: Value = serde_json::from_str(&text).unwrap();
    for vector in file["vectors"].as_array().unwrap() {
        if vector["expect"] == "invalid" {
            let name = vector["name"].as_str().unwrap();
            assert!(tried.contains(name), "{name}");
        }
    }
}

/// Conformance 11: what we read from others is signed by the instance, whose own document anybody
/// reads unsigned: two servers that both insist on signatures would wait for each other otherwise.
#[tokio::test]
async fn what_we_read_is_signed_by_the_instance_which_is_itself_read_unsigned() {
    let stage = Stage::set(Engine::Sqlite).await;
    let follow = stage.alice.activity("Follow", 1, stage.actor().await);
    assert_eq!(stage.alice.post(&stage.lyon, &follow).await.status, 202);
    let browser = stage.lyon.browser();
    let request = browser.request(Method::GET, "/federation/instance");
    let page = browser
        .send(request.header("accept", "application/activity+json"))
        .await;
    assert_eq!(page.status, 200);
    let instance: Value = serde_json::from_str(&page.html).unwrap();
    let pem = instance["publicKey"]["publicKeyPem"].as_str().unwrap();
    let key = PublicKey::from_pem(pem).unwrap();

    let mut reads = stage.social.calls();
    reads.retain(|call| call.method == Method::GET && call.uri.path() == "/users/alice");
    assert_eq!(reads.len(), 1);
    let claim = reads[0].claim(&stage.social, stage.lyon.app.now());
    assert_eq!(
        claim.key_id(),
        instance["publicKey"]["id"].as_str().unwrap()
    );
    assert_eq!(claim.verify(&key), Ok(()));
}
