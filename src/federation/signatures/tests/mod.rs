//! The two schemes together: our own signatures, those of each peer software, and forged ones.

use std::sync::LazyLock;

use chrono::TimeDelta;
use http::HeaderName;
use proptest::prelude::*;

use super::*;
use crate::federation::keys::{RsaKeyPair, SigningKey};

mod messages;

const OURS: [&str; 1] = ["ours.test"];
const BODY: &[u8] = br#"{"id":"https://peer.test/1","type":"Follow"}"#;

/// One pair for all the tests: making one takes a tenth of a second.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key_id = "https://peer.test/users/a#main-key".parse().unwrap();
    SigningKey::new(key_id, RsaKeyPair::generate().unwrap())
});

fn public_key() -> PublicKey {
    PublicKey::from_pem(&KEY.pair().public_key_pem().unwrap()).unwrap()
}

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A request as our server sees it.
#[derive(Clone)]
struct Received {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Received {
    fn new(method: Method, url: &str, mut headers: HeaderMap, body: &[u8]) -> Self {
        let url: Url = url.parse().unwrap();
        // As an HTTP/1 client adds it.
        headers.insert("host", host_of(&url).unwrap().parse().unwrap());
        let target = url.as_str().split_once(url.authority()).unwrap().1;
        Self {
            method,
            uri: target.parse().unwrap(),
            headers,
            body: body.to_vec(),
        }
    }

    /// A POST that [`KEY`] signed for `url`, at noon.
    fn post(url: &str) -> Self {
        Self::post_at(url, noon())
    }

    fn post_at(url: &str, time: DateTime<Utc>) -> Self {
        let headers = sign_post(&KEY, &url.parse().unwrap(), BODY, time).unwrap();
        Self::new(Method::POST, url, headers, BODY)
    }

    fn get(url: &str) -> Self {
        let headers = sign_get(&KEY, &url.parse().unwrap(), noon(), "text/plain").unwrap();
        Self::new(Method::GET, url, headers, b"")
    }

    fn precheck(&self) -> Result<Claim, SignatureError> {
        self.precheck_for(&OURS, noon())
    }

    fn precheck_for(&self, ours: &[&str], now: DateTime<Utc>) -> Result<Claim, SignatureError> {
        let request = ReceivedRequest {
            method: &self.method,
            uri: &self.uri,
            headers: &self.headers,
            scheme: Scheme::HTTPS,
        };
        precheck(&request, ours, &self.body, now)
    }

    fn verify(&self) -> Result<(), SignatureError> {
        self.precheck()?.verify(&public_key())
    }

    fn set(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    /// Signs again by hand, over any text and with any parameters.
    fn resign(&mut self, parameters: &str, text: &str) -> &mut Self {
        let signature = KEY.sign_base64(text.as_bytes()).unwrap();
        let key_id = KEY.key_id();
        self.set(
            "signature",
            &format!("keyId=\"{key_id}\",{parameters},signature=\"{signature}\""),
        )
    }

    fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }
}

#[test]
fn what_we_sign_we_verify() {
    let post = Received::post("https://ours.test/inbox");
    assert_eq!(post.verify(), Ok(()));
    assert_eq!(post.precheck().unwrap().key_id(), KEY.key_id());
    assert_eq!(Received::get("https://ours.test/a?page=1").verify(), Ok(()));
}

#[test]
fn our_posts_have_the_form_mastodon_documents() {
    let signature = Received::post("https://ours.test/inbox").header("signature");
    let expected = "keyId=\"https://peer.test/users/a#main-key\",algorithm=\"rsa-sha256\",\
        headers=\"(request-target) host date digest content-type\",signature=\"";
    assert!(signature.starts_with(expected), "{signature}");
}

#[test]
fn the_signed_text_is_that_of_the_draft() {
    // draft-cavage-http-signatures-12, section 2.3: lines "name: value", in the listed order.
    let mut post = Received::post("https://ours.test/inbox?a=b");
    let (date, digest) = (post.header("date"), post.header("digest"));
    assert_eq!(date, "Sun, 01 Mar 2026 12:00:00 GMT");
    let text = format!(
        "digest: {digest}\n(request-target): post /inbox?a=b\nhost: ours.test\ndate: {date}"
    );
    post.resign("headers=\"digest (request-target) host date\"", &text);
    assert_eq!(post.verify(), Ok(()));
}

#[test]
fn a_port_is_part_of_the_host() {
    let post = Received::post("https://ours.test:8443/inbox");
    assert_eq!(post.header("host"), "ours.test:8443");
    assert!(post.precheck_for(&["OURS.test:8443"], noon()).is_ok());
    assert_eq!(post.precheck().unwrap_err(), SignatureError::WrongHost);
    assert_eq!(
        Received::post("https://ours.test:443/inbox").verify(),
        Ok(())
    );
}

#[test]
fn the_vectors_of_each_peer_software_give_the_expected_answer() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/fixtures/_signatures/vectors.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no signature vectors at {path}");
        return;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let key = PublicKey::from_pem(file["public_key_pem"].as_str().unwrap()).unwrap();
    let ours = [file["our_host"].as_str().unwrap()];
    for vector in file["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let outcome = evaluate(vector, &ours, &key);
        let is_valid = vector["expect"] == "valid";
        assert_eq!(outcome.is_ok(), is_valid, "{name}: {outcome:?}");
    }
}

/// All that the inbox does with a request but for the fetch of the key.
fn evaluate(
    vector: &serde_json::Value,
    ours: &[&str],
    key: &PublicKey,
) -> Result<(), SignatureError> {
    let mut headers = HeaderMap::new();
    for (name, value) in vector["headers"].as_object().unwrap() {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, value.as_str().unwrap().parse().unwrap());
    }
    let body = vector["body"].as_str().unwrap_or_default();
    let received = Received {
        method: vector["method"].as_str().unwrap().parse().unwrap(),
        uri: vector["path"].as_str().unwrap().parse().unwrap(),
        headers,
        body: body.into(),
    };
    let now = vector["evaluate_at"].as_str().unwrap().parse().unwrap();
    let claim = received.precheck_for(ours, now)?;
    assert_eq!(claim.key_id(), vector["key_id"].as_str().unwrap());
    claim.verify(key)?;
    let Ok(activity) = serde_json::from_str::<serde_json::Value>(body) else {
        return Ok(());
    };
    // The owner that the key's document would declare.
    let owner = claim
        .key_id()
        .replace("#main-key", "")
        .replace("/main-key", "");
    let actor = activity["actor"].as_str().unwrap();
    same_owner(claim.key_id(), &owner, actor)
        .then_some(())
        .ok_or(SignatureError::Invalid)
}

#[test]
fn a_header_that_is_repeated_is_refused() {
    let forged = digest::digest_header(b"forged");
    for (name, value) in [
        ("digest", forged.as_str()),
        ("host", "ours.test"),
        ("date", "Sun, 01 Mar 2026 12:00:00 GMT"),
        ("content-type", "text/html"),
        ("signature", "keyId=\"x\""),
    ] {
        let mut post = Received::post("https://ours.test/inbox");
        let genuine = post.headers.remove(name).unwrap();
        post.headers.append(name, value.parse().unwrap());
        post.headers.append(name, genuine);
        assert_eq!(post.precheck().unwrap_err(), SignatureError::Repeated(name));
    }
}

#[test]
fn a_request_made_for_another_server_is_refused() {
    let post = Received::post("https://elsewhere.test/inbox");
    assert_eq!(post.precheck().unwrap_err(), SignatureError::WrongHost);
    let mut post = Received::post("https://ours.test/inbox");
    post.headers.remove("host");
    assert_eq!(post.precheck().unwrap_err(), SignatureError::WrongHost);
}

#[test]
fn http_2_gives_the_host_in_the_address() {
    let mut post = Received::post("https://ours.test/inbox");
    post.uri = "https://ours.test/inbox".parse().unwrap();
    assert_eq!(post.verify(), Ok(()));
    post.headers.remove("host");
    assert_eq!(post.verify(), Ok(()));
    post.uri = "https://elsewhere.test/inbox".parse().unwrap();
    assert_eq!(post.verify(), Err(SignatureError::WrongHost));
    post.set("host", "ours.test");
    assert_eq!(post.verify(), Err(SignatureError::WrongHost));
}

#[test]
fn a_signature_that_leaves_something_out_is_refused() {
    let all = ["(request-target)", "host", "date", "digest"];
    for (left_out, reason) in all
        .iter()
        .zip([all[0], all[1], "date or (created)", all[3]])
    {
        let mut post = Received::post("https://ours.test/inbox");
        let (date, digest) = (post.header("date"), post.header("digest"));
        let lines = [
            "(request-target): post /inbox".to_owned(),
            "host: ours.test".to_owned(),
            format!("date: {date}"),
            format!("digest: {digest}"),
        ];
        let kept: Vec<_> = lines.iter().filter(|l| !l.starts_with(left_out)).collect();
        let text = kept
            .iter()
            .map(|l| l.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        let names: Vec<_> = all
            .iter()
            .filter(|name| *name != left_out)
            .copied()
            .collect();
        post.resign(&format!("headers=\"{}\"", names.join(" ")), &text);
        let refusal = post.precheck().unwrap_err();
        assert_eq!(refusal, SignatureError::Uncovered(reason));
    }
    let mut post = Received::post("https://ours.test/inbox");
    let digest = post.header("digest");
    post.resign("headers=\"digest\"", &format!("digest: {digest}"));
    assert!(matches!(post.precheck(), Err(SignatureError::Uncovered(_))));
}

#[test]
fn only_times_close_to_now_are_taken() {
    for (minutes, expected) in [
        (-13 * 60, Err(SignatureError::OutsideWindow)),
        (-66, Err(SignatureError::OutsideWindow)),
        (-64, Ok(())),
        (64, Ok(())),
        (66, Err(SignatureError::OutsideWindow)),
        (2 * 24 * 60, Err(SignatureError::OutsideWindow)),
    ] {
        let time = noon() + TimeDelta::minutes(minutes);
        let post = Received::post_at("https://ours.test/inbox", time);
        assert_eq!(post.verify(), expected, "{minutes} minutes");
    }
}

/// A POST signed over `(created)` and `(expires)`, as other libraries do by default.
fn created_and_expiring(created: &str, expires: &str) -> Received {
    let mut post = Received::post("https://ours.test/inbox");
    let digest = post.header("digest");
    let text = format!(
        "(request-target): post /inbox\n(created): {created}\n(expires): {expires}\nhost: ours.test\ndigest: {digest}"
    );
    let names = "(request-target) (created) (expires) host digest";
    post.resign(
        &format!(
            "algorithm=\"hs2019\",created={created},expires=\"{expires}\",headers=\"{names}\""
        ),
        &text,
    );
    post
}

#[test]
fn created_and_expires_are_bounded_and_respected() {
    let at = |minutes: i64| (noon().timestamp() + 60 * minutes).to_string();
    let late = Err(SignatureError::OutsideWindow);
    let unreadable = Err(SignatureError::Malformed("created or expires"));
    for (created, expires, expected) in [
        (at(-1), at(5), Ok(())),
        (at(-30), at(-4), Ok(())),
        (at(-30), at(-6), late),
        (at(-90), at(5), late),
        (at(90), at(95), late),
        (u64::MAX.to_string(), at(5), unreadable),
        (at(0), u64::MAX.to_string(), unreadable),
        (i64::MAX.to_string(), i64::MAX.to_string(), unreadable),
        ("999999999999".to_owned(), at(5), late),
        ("-1".to_owned(), at(5), unreadable),
        ("+1772366400".to_owned(), at(5), unreadable),
    ] {
        let outcome = created_and_expiring(&created, &expires).verify();
        assert_eq!(outcome, expected, "{created} {expires}");
    }
}

#[test]
fn an_authorization_header_changes_nothing() {
    let mut post = Received::post("https://ours.test/inbox");
    post.set("authorization", "Basic YTpi");
    assert_eq!(post.verify(), Ok(()));
    let signature = format!("Signature {}", post.header("signature"));
    post.set("authorization", &signature)
        .headers
        .remove("signature");
    assert_eq!(post.verify(), Err(SignatureError::Missing));
}

#[test]
fn a_changed_body_is_refused() {
    let mut post = Received::post("https://ours.test/inbox");
    post.body.push(b' ');
    assert_eq!(post.verify(), Err(SignatureError::WrongDigest));
    let digest = digest::digest_header(&post.body);
    post.set("digest", &digest);
    assert_eq!(post.verify(), Err(SignatureError::Invalid));
}

#[test]
fn a_digest_that_is_not_covered_is_still_checked() {
    let mut get = Received::get("https://ours.test/a");
    get.set("digest", &digest::digest_header(b""));
    assert_eq!(get.verify(), Ok(()));
    get.set("digest", &digest::digest_header(b"x"));
    assert_eq!(get.verify(), Err(SignatureError::WrongDigest));
}

#[test]
fn spaces_around_commas_are_allowed_and_repeated_parameters_are_not() {
    let mut post = Received::post("https://ours.test/inbox");
    let genuine = post.header("signature");
    post.set("signature", &genuine.replace("\",", "\" , "));
    assert_eq!(post.verify(), Ok(()));
    let key_id = KEY.key_id();
    post.set("signature", &format!("keyId=\"{key_id}\",{genuine}"));
    let refusal = SignatureError::Malformed("repeated parameter");
    assert_eq!(post.verify(), Err(refusal));
    post.set("signature", &genuine.replace("host date", "host host date"));
    let refusal = SignatureError::Malformed("header listed twice");
    assert_eq!(post.verify(), Err(refusal));
}

#[test]
fn other_algorithms_are_refused() {
    for algorithm in ["rsa-sha1", "hmac-sha256", "none", ""] {
        let mut post = Received::post("https://ours.test/inbox");
        let value = post.header("signature").replace("rsa-sha256", algorithm);
        post.set("signature", &value);
        assert_eq!(post.verify(), Err(SignatureError::Algorithm), "{algorithm}");
    }
}

#[test]
fn the_content_length_that_a_proxy_took_away_is_put_back() {
    let mut post = Received::post("https://ours.test/inbox");
    let (date, digest) = (post.header("date"), post.header("digest"));
    let text = format!(
        "(request-target): post /inbox\ncontent-length: {}\ndate: {date}\ndigest: {digest}\nhost: ours.test",
        BODY.len()
    );
    post.resign(
        "algorithm=\"rsa-sha256\",headers=\"(request-target) content-length date digest host\"",
        &text,
    );
    assert_eq!(post.verify(), Ok(()));
}

#[test]
fn a_query_may_be_signed_or_not_but_not_changed() {
    let mut get = Received::get("https://ours.test/a?page=1");
    get.uri = "/a?page=2".parse().unwrap();
    assert_eq!(get.verify(), Err(SignatureError::Invalid));
    let mut get = Received::get("https://ours.test/a");
    get.uri = "/a?page=1".parse().unwrap();
    assert_eq!(get.verify(), Ok(()));
}

#[test]
fn a_key_id_needs_no_fragment_but_must_be_a_web_address() {
    let mut post = Received::post("https://ours.test/inbox");
    let genuine = post.header("signature");
    let own = KEY.key_id();
    let separate = "https://peer.test/users/a/main-key";
    post.set("signature", &genuine.replace(own, separate));
    let claim = post.precheck().unwrap();
    assert_eq!(claim.key_id(), separate);
    assert_eq!(claim.key_document().as_str(), separate);
    assert_eq!(claim.verify(&public_key()), Ok(()));
    for key_id in [
        "",
        "a",
        "file:///etc/passwd",
        "https://u:p@peer.test/a",
        "acct:a@b",
    ] {
        post.set("signature", &genuine.replace(own, key_id));
        let refusal = SignatureError::Malformed("key id");
        assert_eq!(post.verify(), Err(refusal), "{key_id}");
    }
}

#[test]
fn a_key_speaks_only_for_its_owner() {
    let alice = "https://peer.test/users/alice";
    let key = "https://peer.test/users/alice#main-key";
    assert!(same_owner(key, alice, alice));
    assert!(same_owner("https://peer.test/keys/1", alice, alice));
    assert!(!same_owner(key, alice, "https://peer.test/users/mallory"));
    assert!(!same_owner("https://evil.test/k", alice, alice));
    assert!(!same_owner("https://peer.test:8443/k", alice, alice));
    assert!(!same_owner("http://peer.test/k", alice, alice));
    assert!(!same_owner("", "", ""));
}

proptest! {
    #[test]
    fn no_header_bytes_make_the_check_panic(
        signature in prop::collection::vec(0x20u8..=0xff, 0..200),
        other in prop::collection::vec(0x20u8..=0xff, 0..80),
        name in prop::sample::select(SINGLE_HEADERS.to_vec()),
        with_input in any::<bool>(),
    ) {
        let mut post = Received::post("https://ours.test/inbox");
        post.headers.remove("signature");
        if let Ok(value) = HeaderValue::from_bytes(&other) {
            post.headers.insert(name, value.clone());
            if with_input {
                post.headers.insert("signature-input", value);
            }
        }
        if let Ok(value) = HeaderValue::from_bytes(&signature) {
            post.headers.insert("signature", value);
        }
        prop_assert!(post.verify().is_err());
    }

    #[test]
    fn no_parameters_make_the_check_panic(
        fields in prop::collection::vec(
            (
                prop::sample::select(vec!["keyId", "algorithm", "headers", "created", "expires", "signature", "x"]),
                "[ -~]{0,30}",
                any::<bool>(),
            ),
            0..8,
        ),
    ) {
        let mut post = Received::post("https://ours.test/inbox");
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value, quoted)| if *quoted { format!("{name}=\"{value}\"") } else { format!("{name}={value}") })
            .collect();
        post.set("signature", &fields.join(","));
        prop_assert!(post.verify().is_err());
    }

    #[test]
    fn one_changed_byte_of_any_signed_header_is_refused(
        name in prop::sample::select(vec!["date", "digest", "content-type", "host"]),
        position in any::<prop::sample::Index>(),
        byte in 0x21u8..0x7f,
    ) {
        let mut post = Received::post("https://ours.test/inbox");
        let mut value = post.headers[name].as_bytes().to_vec();
        let position = position.index(value.len());
        prop_assume!(!value[position].eq_ignore_ascii_case(&byte));
        value[position] = byte;
        post.headers.insert(name, HeaderValue::from_bytes(&value).unwrap());
        prop_assert!(post.verify().is_err());
    }
}
