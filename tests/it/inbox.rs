//! What an inbox answers: it decides what the other server does next.

use std::{num::NonZeroU32, time::Duration};

use chrono::TimeDelta;
use emancipasso::{
    app::domain_policies,
    domain::federation::{DomainPolicy, PolicyLevel},
    federation::{
        inbox::InboxLimits,
        keys::{RsaKeyPair, SigningKey},
        signatures,
    },
};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Stage, post};

/// A follow of Alice, signed, before its headers or its body are changed.
async fn signed_follow(stage: &Stage) -> (HeaderMap, String) {
    let follow = stage.alice.activity("Follow", 1, stage.actor().await);
    let body = follow.to_string();
    let url = stage.lyon.url("/inbox").parse().unwrap();
    let now = stage.lyon.app.now();
    let headers = signatures::sign_post(&stage.alice.key, &url, body.as_bytes(), now).unwrap();
    (headers, body)
}

async fn suspend(stage: &Stage, host: &str, level: PolicyLevel) {
    let policy = DomainPolicy {
        host: host.to_owned(),
        level,
        public_comment: String::new(),
        private_comment: String::new(),
    };
    domain_policies::save(&stage.lyon.app, &stage.moderator, &policy)
        .await
        .unwrap();
}

fn assert_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    let kind = answer.headers["content-type"].to_str().unwrap();
    assert_eq!(kind, "application/problem+json", "{answer:?}");
    assert_eq!(answer.body["status"], status, "{answer:?}");
}

on_both_engines! {
    /// Conformance 15 and 26: kept before it is answered, once.
    async fn an_activity_is_kept_before_the_answer_and_a_copy_changes_nothing(engine: Engine) {
        let stage = Stage::set(engine).await;
        let follow = stage.alice.activity("Follow", 1, stage.actor().await);
        for _ in 0..3 {
            assert_eq!(stage.alice.post(&stage.lyon, &follow).await.status, 202);
        }
        assert_eq!(stage.count_kept().await, 1);
        stage.treat().await;
        assert_eq!(stage.ad().await.follower_count, 1);
    }
}

#[tokio::test]
async fn every_inbox_of_ours_receives_and_no_other() {
    let stage = Stage::set(Engine::Sqlite).await;
    let actor = stage.actor().await;
    let path = actor.strip_prefix("http://lyon.test").unwrap().to_owned();
    for (number, (inbox, status)) in [
        ("/inbox".to_owned(), 202),
        ("/federation/instance/inbox".to_owned(), 202),
        ("/annonces/inbox".to_owned(), 202),
        (format!("{path}/inbox"), 202),
        ("/annonces/999-absente/inbox".to_owned(), 404),
    ]
    .into_iter()
    .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        let follow = stage.alice.activity("Follow", number, actor.clone());
        let answer = stage.alice.post_to(&stage.lyon, &inbox, &follow).await;
        assert_eq!(answer.status, status, "{inbox}");
    }
    let browser = stage.lyon.browser();
    let request = browser.request(Method::GET, "/inbox");
    assert_eq!(browser.send(request).await.status, 405);
}

#[tokio::test]
async fn a_body_that_is_no_activity_is_refused_with_the_reason() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (headers, body) = signed_follow(&stage).await;
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    for wrong in [
        String::new(),
        "{".into(),
        "[]".into(),
        deep,
        json!({"actor": stage.alice.id}).to_string(),
        json!({"type": "Follow"}).to_string(),
        json!({"type": 3, "actor": stage.alice.id}).to_string(),
        json!({"type": "Follow", "actor": "urn:a"}).to_string(),
    ] {
        let answer = post(&stage.lyon, "/inbox", headers.clone(), wrong).await;
        assert_problem(&answer, 400);
    }
    let mut other = headers.clone();
    other.insert("content-type", "application/json".parse().unwrap());
    assert_problem(&post(&stage.lyon, "/inbox", other, body).await, 400);
    assert_eq!(stage.count_kept().await, 0);
    assert!(stage.social.asked().is_empty());
}

/// Conformance 27.
#[tokio::test]
async fn a_body_over_one_mebibyte_is_refused_and_one_of_that_size_is_read() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (headers, _) = signed_follow(&stage).await;
    let sized = |size: usize| format!("\"{}\"", "a".repeat(size - 2));
    let answer = post(
        &stage.lyon,
        "/inbox",
        headers.clone(),
        sized(1024 * 1024 + 1),
    )
    .await;
    assert_problem(&answer, 413);
    let answer = post(&stage.lyon, "/inbox", headers, sized(1024 * 1024)).await;
    assert_problem(&answer, 400);
}

#[tokio::test]
async fn both_media_types_are_taken_with_any_parameter() {
    let stage = Stage::set(Engine::Sqlite).await;
    for kind in [
        "application/activity+json",
        "application/activity+json; charset=utf-8",
        "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
        "Application/LD+JSON",
    ] {
        // the media type is not among what a signature must cover
        let follow = stage.alice.activity("Follow", 1, stage.actor().await);
        let body = follow.to_string();
        let url = stage.lyon.url("/inbox").parse().unwrap();
        let now = stage.lyon.app.now();
        let signed = signatures::sign_post(&stage.alice.key, &url, body.as_bytes(), now);
        let mut headers = signed.unwrap();
        headers.insert("content-type", kind.parse().unwrap());
        let answer = post(&stage.lyon, "/inbox", headers, body).await;
        // our signature covers it: a changed one is read, and fails only in the verification
        let expected = if kind == "application/activity+json" {
            202
        } else {
            401
        };
        assert_eq!(answer.status, expected, "{kind}: {answer:?}");
    }
}

/// Conformance 18: 401 only when the key, read again once, did not make the signature.
#[tokio::test]
async fn a_wrong_signature_is_refused_after_one_fresh_look_at_the_key() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (headers, body) = signed_follow(&stage).await;
    assert_eq!(post(&stage.lyon, "/inbox", headers, body).await.status, 202);
    let reads = || {
        let asked = stage.social.asked();
        asked.iter().filter(|path| *path == "/users/alice").count()
    };
    assert_eq!(reads(), 1);
    // Mallory's key under the id of Alice's
    let forged = SigningKey::new(
        stage.alice.key.key_id().parse().unwrap(),
        RsaKeyPair::generate().unwrap(),
    );
    let unfollow = stage
        .alice
        .activity("Undo", 2, stage.actor().await)
        .to_string();
    let url = stage.lyon.url("/inbox").parse().unwrap();
    for _ in 0..5 {
        let now = stage.lyon.app.now();
        let signed = signatures::sign_post(&forged, &url, unfollow.as_bytes(), now);
        let answer = post(&stage.lyon, "/inbox", signed.unwrap(), unfollow.clone()).await;
        assert_problem(&answer, 401);
    }
    assert_eq!(
        reads(),
        2,
        "the key is read again once, not at each attempt"
    );
    assert_eq!(stage.count_kept().await, 1);
}

#[tokio::test]
async fn a_key_that_changed_is_read_again_and_then_verifies() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (headers, body) = signed_follow(&stage).await;
    assert_eq!(post(&stage.lyon, "/inbox", headers, body).await.status, 202);
    let renewed = stage.social.person("alice");
    let follow = renewed.activity("Follow", 2, stage.actor().await);
    assert_eq!(renewed.post(&stage.lyon, &follow).await.status, 202);
    assert_eq!(stage.count_kept().await, 2);
}

#[tokio::test]
async fn a_request_that_needs_no_key_to_be_refused_makes_us_ask_nobody() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (signed, body) = signed_follow(&stage).await;
    let change = |name: &'static str, value: &str| {
        let mut headers = signed.clone();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    let mut unsigned = signed.clone();
    unsigned.remove("signature");
    let mut twice = signed.clone();
    twice.append("digest", signed["digest"].clone());
    for (wrong, status) in [
        (unsigned, 400),
        (twice, 400),
        (change("digest", "SHA-256=AAAA"), 400),
        (change("date", "Sun, 22 Nov 2020 09:00:00 GMT"), 400),
        (change("signature", "keyId=\"x\""), 400),
    ] {
        let answer = post(&stage.lyon, "/inbox", wrong, body.clone()).await;
        assert_problem(&answer, status);
    }
    let other_body = body.replace("Follow", "Block");
    let answer = post(&stage.lyon, "/inbox", signed.clone(), other_body).await;
    assert_problem(&answer, 400);
    let elsewhere = change("host", "brest.test");
    assert_eq!(
        post(&stage.lyon, "/inbox", elsewhere, body).await.status,
        421
    );
    assert!(stage.social.asked().is_empty());
}

/// Conformance 64.
#[tokio::test]
async fn clocks_may_differ_by_an_hour_both_ways_and_no_more() {
    let stage = Stage::set(Engine::Sqlite).await;
    let actor = stage.actor().await;
    for (minutes, status) in [(-60, 202), (60, 202), (-66, 400), (66, 400)] {
        let body = stage.alice.activity("Follow", 1, actor.clone()).to_string();
        let url = stage.lyon.url("/inbox").parse().unwrap();
        let at = stage.lyon.app.now() + TimeDelta::minutes(minutes);
        let headers = signatures::sign_post(&stage.alice.key, &url, body.as_bytes(), at).unwrap();
        let answer = post(&stage.lyon, "/inbox", headers, body).await;
        assert_eq!(answer.status, status, "{minutes} minutes");
    }
}

/// Conformance 65: some sign the path without its query, some with.
#[tokio::test]
async fn a_signature_with_and_one_without_the_query_both_verify() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (headers, body) = signed_follow(&stage).await;
    let answer = post(&stage.lyon, "/inbox?from=relay", headers, body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let follow = stage.alice.activity("Follow", 2, stage.actor().await);
    let answer = stage
        .alice
        .post_to(&stage.lyon, "/inbox?from=relay", &follow)
        .await;
    assert_eq!(answer.status, 202, "{answer:?}");
}

/// Conformance 16.
#[tokio::test]
async fn the_end_of_an_account_that_we_do_not_know_is_dropped_without_asking_anybody() {
    let stage = Stage::set(Engine::Sqlite).await;
    for kind in ["Delete", "Update"] {
        let activity = stage.alice.activity(kind, 1, stage.alice.id.clone());
        assert_eq!(stage.alice.post(&stage.lyon, &activity).await.status, 202);
    }
    let stranger = stage
        .alice
        .activity("Delete", 2, stage.social.url("/statuses/1"));
    assert_eq!(stage.alice.post(&stage.lyon, &stranger).await.status, 202);
    assert!(stage.social.asked().is_empty());
    assert_eq!(stage.count_kept().await, 0);
}

/// Conformance 55: what is of no use here does no harm.
#[tokio::test]
async fn types_of_no_use_are_dropped_without_asking_anybody() {
    let stage = Stage::set(Engine::Sqlite).await;
    let note = stage.note().await;
    for kind in [
        "EmojiReact",
        "Dislike",
        "Listen",
        "View",
        "Join",
        "Bite",
        "Añadir",
    ] {
        let activity = stage.alice.activity(kind, 1, note.clone());
        assert_eq!(stage.alice.post(&stage.lyon, &activity).await.status, 202);
    }
    assert!(stage.social.asked().is_empty());
    assert_eq!(stage.count_kept().await, 0);
}

/// Conformance 9: `GoToSocial`'s keys have an address of their own, without fragment.
#[tokio::test]
async fn a_key_without_fragment_verifies() {
    let stage = Stage::set(Engine::Sqlite).await;
    let key_id = stage.social.url("/users/sloth/main-key");
    let sloth = stage.social.person_with_key("sloth", &key_id);
    // the address of the key gives the actor
    stage.social.serve("/users/sloth/main-key", &sloth.document);
    let follow = sloth.activity("Follow", 1, stage.actor().await);
    assert_eq!(stage.receive(&sloth, &follow).await.1, "");
    assert_eq!(stage.ad().await.follower_count, 1);
}

#[tokio::test]
async fn a_key_with_a_document_of_its_own_counts_when_its_owner_knows_it() {
    let stage = Stage::set(Engine::Sqlite).await;
    for (name, is_known) in [("good", true), ("bad", false)] {
        let key_id = stage.other.url(&format!("/keys/{name}"));
        let mut person = stage.other.person_with_key(name, &key_id);
        let pem = person.public_key.to_spki_pem();
        stage.other.publish(&json!({
            "id": key_id, "type": "Key", "owner": person.id, "publicKeyPem": pem,
        }));
        person.document["publicKey"] = if is_known { json!(key_id) } else { Value::Null };
        stage.other.publish(&person.document);
        let follow = person.activity("Follow", 1, stage.actor().await);
        assert_eq!(person.post(&stage.lyon, &follow).await.status, 202);
    }
    assert_eq!(stage.count_kept().await, 1, "that of the known key");
}

/// Conformance 63.
#[tokio::test]
async fn a_key_in_the_form_of_mobilizon_verifies() {
    let stage = Stage::set(Engine::Sqlite).await;
    let mut person = stage.other.person("tcit");
    person.document["publicKey"]["publicKeyPem"] =
        json!(pkcs1_pem(&person.public_key.to_spki_pem()));
    stage.other.publish(&person.document);
    let follow = person.activity("Follow", 1, stage.actor().await);
    assert_eq!(stage.receive(&person, &follow).await.1, "");
}

/// The same RSA key as PKCS#1: what stands in the bit string of the SPKI, after 24 bytes of header.
fn pkcs1_pem(spki: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let text: String = spki
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    let der = STANDARD.decode(text).unwrap();
    let lines: Vec<String> = STANDARD
        .encode(&der[24..])
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let body = lines.join("\n");
    format!("-----BEGIN RSA PUBLIC KEY-----\n{body}\n-----END RSA PUBLIC KEY-----\n")
}

/// Conformance 68.
#[tokio::test]
async fn the_actor_of_a_server_needs_neither_name_nor_followers_nor_summary() {
    let stage = Stage::set(Engine::Sqlite).await;
    let mut actor = stage.other.person("actor");
    actor.document["type"] = json!("Application");
    for property in [
        "name",
        "summary",
        "followers",
        "outbox",
        "url",
        "endpoints",
        "preferredUsername",
    ] {
        actor.document.as_object_mut().unwrap().remove(property);
    }
    stage.other.publish(&actor.document);
    let follow = actor.activity("Follow", 1, stage.lyon.url("/federation/instance"));
    assert_eq!(stage.receive(&actor, &follow).await.1, "");
}

/// Conformance 67: what may be over tomorrow is not dropped today.
#[tokio::test]
async fn a_server_of_keys_that_fails_makes_us_ask_to_come_back() {
    let stage = Stage::set(Engine::Sqlite).await;
    let follow = stage.alice.activity("Follow", 1, stage.actor().await);
    stage.social.answer_status("/users/alice", 500);
    let answer = stage.alice.post(&stage.lyon, &follow).await;
    assert_problem(&answer, 503);
    let wait: i64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    // asked again at once, the failing server is left alone
    assert_eq!(stage.alice.post(&stage.lyon, &follow).await.status, 503);
    assert_eq!(stage.social.asked().len(), 1);
    stage.social.publish(&stage.alice.document);
    stage.lyon.advance(TimeDelta::seconds(wait));
    assert_eq!(stage.alice.post(&stage.lyon, &follow).await.status, 202);
    assert_eq!(stage.count_kept().await, 1);
}

#[tokio::test]
async fn a_name_that_leads_nowhere_makes_us_ask_to_come_back() {
    let stage = Stage::set(Engine::Sqlite).await;
    let gone = crate::support::Peer::start("closed.invalid").await;
    let person = gone.person("a");
    drop(gone);
    let follow = person.activity("Follow", 1, stage.actor().await);
    assert_problem(&person.post(&stage.lyon, &follow).await, 503);
}

#[tokio::test]
async fn a_key_that_is_gone_makes_its_activity_dropped() {
    let stage = Stage::set(Engine::Sqlite).await;
    let follow = stage.alice.activity("Follow", 1, stage.actor().await);
    for (person, status) in [(&stage.alice, 404), (&stage.mallory, 410)] {
        let path = person.id.strip_prefix("http://social.test").unwrap();
        stage.social.answer_status(path, status);
        assert_eq!(person.post(&stage.lyon, &follow).await.status, 202);
    }
    assert_eq!(stage.count_kept().await, 0);
}

/// Conformance 15.
#[tokio::test]
async fn a_slow_server_of_keys_holds_up_nobody_not_even_its_own_request() {
    let limits = InboxLimits {
        key_patience: Duration::from_millis(100),
        ..InboxLimits::default()
    };
    let stage = Stage::set_with(Engine::Sqlite, limits).await;
    let slow = stage.other.person("slow");
    stage.other.stay_silent("/users/slow");
    let actor = stage.actor().await;
    let by_slow = slow.activity("Follow", 1, actor.clone());
    let by_alice = stage.alice.activity("Follow", 1, actor);
    let answers = tokio::time::timeout(Duration::from_secs(2), async {
        tokio::join!(
            slow.post(&stage.lyon, &by_slow),
            stage.alice.post(&stage.lyon, &by_alice)
        )
    });
    let (slow, alice) = answers.await.expect("an answer within 2 seconds");
    assert_problem(&slow, 503);
    assert!(slow.headers.contains_key("retry-after"));
    assert_eq!(alice.status, 202);
}

#[tokio::test]
async fn nothing_is_taken_from_a_suspended_server_nor_from_those_below_it() {
    let stage = Stage::set(Engine::Sqlite).await;
    let follow = stage.alice.activity("Follow", 1, stage.actor().await);
    suspend(&stage, "test", PolicyLevel::Limit).await;
    suspend(&stage, "social.test", PolicyLevel::Suspend).await;
    assert_problem(&stage.alice.post(&stage.lyon, &follow).await, 403);
    assert!(stage.social.asked().is_empty());
    let below = crate::support::Peer::start("a.social.test").await;
    let person = below.person("b");
    let follow = person.activity("Follow", 1, stage.actor().await);
    assert_problem(&person.post(&stage.lyon, &follow).await, 403);
}

/// Conformance 80.
#[tokio::test]
async fn a_server_that_sends_too_much_is_asked_to_slow_down_and_the_others_are_not() {
    let limits = InboxLimits {
        per_host_per_second: NonZeroU32::MIN,
        burst_per_host: NonZeroU32::new(3).unwrap(),
        ..InboxLimits::default()
    };
    let stage = Stage::set_with(Engine::Sqlite, limits).await;
    let note = stage.note().await;
    let mut statuses = Vec::new();
    for number in 0..20 {
        let like = stage.alice.activity("Like", number, note.clone());
        let answer = stage.alice.post(&stage.lyon, &like).await;
        if answer.status == 429 {
            assert_problem(&answer, 429);
            let wait = answer.headers["retry-after"].to_str().unwrap();
            assert!(wait.parse::<u64>().unwrap() >= 1);
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses[..3], [202, 202, 202]);
    assert!(statuses.contains(&429), "{statuses:?}");
    let elsewhere = stage.other.person("b");
    let like = elsewhere.activity("Like", 1, note);
    assert_eq!(elsewhere.post(&stage.lyon, &like).await.status, 202);
}

#[tokio::test]
async fn a_full_queue_makes_us_ask_to_come_back_until_it_is_treated() {
    let limits = InboxLimits {
        most_waiting: 2,
        ..InboxLimits::default()
    };
    let stage = Stage::set_with(Engine::Sqlite, limits).await;
    let note = stage.note().await;
    let mut statuses = Vec::new();
    for number in 0..3 {
        stage.lyon.advance(TimeDelta::seconds(2));
        let like = stage.alice.activity("Like", number, note.clone());
        statuses.push(stage.alice.post(&stage.lyon, &like).await.status);
    }
    assert_eq!(statuses, [202, 202, 503]);
    stage.treat().await;
    stage.lyon.advance(TimeDelta::seconds(2));
    let like = stage.alice.activity("Like", 9, note);
    assert_eq!(stage.alice.post(&stage.lyon, &like).await.status, 202);
}

#[tokio::test]
async fn the_inbox_of_a_withdrawn_ad_is_gone() {
    let stage = Stage::set(Engine::Sqlite).await;
    let actor = stage.actor().await;
    let path = actor.strip_prefix("http://lyon.test").unwrap().to_owned();
    let ad = stage.ad().await.ad.id;
    emancipasso::app::ads::life::withdraw(&stage.lyon.app, &stage.author, ad)
        .await
        .unwrap();
    let follow = stage.alice.activity("Follow", 1, actor);
    let inbox = format!("{path}/inbox");
    let answer = stage.alice.post_to(&stage.lyon, &inbox, &follow).await;
    assert_problem(&answer, 410);
    // the shared one stays: it is of the whole server
    assert_eq!(stage.alice.post(&stage.lyon, &follow).await.status, 202);
}
