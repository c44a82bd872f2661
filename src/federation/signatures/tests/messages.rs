//! RFC 9421: our own, those of others, forged ones and the published example.

use super::*;

#[test]
fn rfc_9421_posts_of_ours_verify() {
    let url = "https://ours.test/inbox?x=1";
    let headers = rfc9421::sign_post(&KEY, &url.parse().unwrap(), BODY, noon()).unwrap();
    let post = Received::new(Method::POST, url, headers, BODY);
    assert_eq!(post.verify(), Ok(()));
    let mut changed = post.clone();
    changed.body.push(b' ');
    assert_eq!(changed.verify(), Err(SignatureError::WrongDigest));
    let mut moved = post.clone();
    moved.uri = "/inbox".parse().unwrap();
    assert_eq!(moved.verify(), Err(SignatureError::Invalid));
    let elsewhere = post.precheck_for(&["elsewhere.test"], noon());
    assert_eq!(elsewhere.unwrap_err(), SignatureError::WrongHost);
    let late = post.precheck_for(&OURS, noon() + TimeDelta::hours(2));
    assert_eq!(late.unwrap_err(), SignatureError::OutsideWindow);
}

/// Names and values of covered components.
type Components<'a> = &'a [(&'a str, &'a str)];

/// A POST signed by RFC 9421 over any components, with any parameters.
fn message_signed(components: Components<'_>, parameters: &str) -> Received {
    let listed: Vec<_> = components.iter().map(|(n, _)| format!("\"{n}\"")).collect();
    let parameters = format!("({}){parameters}", listed.join(" "));
    let mut lines: Vec<_> = components
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    lines.push(format!("\"@signature-params\": {parameters}"));
    let text = lines.join("\n");
    let signature = KEY.sign_base64(text.as_bytes()).unwrap();
    let mut post = Received::new(
        Method::POST,
        "https://ours.test/inbox",
        HeaderMap::new(),
        BODY,
    );
    post.set("host", "ours.test")
        .set("content-digest", &digest::content_digest_header(BODY))
        .set("signature-input", &format!("sig1={parameters}"))
        .set("signature", &format!("sig1=:{signature}:"));
    post
}

#[test]
fn rfc_9421_parameters_may_come_in_any_order() {
    let digest = digest::content_digest_header(BODY);
    let components = [
        ("@method", "POST"),
        ("@authority", "ours.test"),
        ("@path", "/inbox"),
        ("content-digest", digest.as_str()),
    ];
    let key = KEY.key_id();
    let created = noon().timestamp();
    for parameters in [
        format!(";created={created};keyid=\"{key}\";alg=\"rsa-v1_5-sha256\""),
        format!(";alg=\"rsa-v1_5-sha256\";keyid=\"{key}\";created={created}"),
        format!(";keyid=\"{key}\";nonce=\"a\\\"b\";tag=\"x\";created={created}"),
    ] {
        let post = message_signed(&components, &parameters);
        assert_eq!(post.verify(), Ok(()), "{parameters}");
    }
}

#[test]
fn rfc_9421_signatures_that_could_be_used_again_are_refused() {
    let digest = digest::content_digest_header(BODY);
    let digest = digest.as_str();
    let key = KEY.key_id();
    let created = noon().timestamp();
    let good = format!(";created={created};keyid=\"{key}\"");
    let method = ("@method", "POST");
    let target = ("@target-uri", "https://ours.test/inbox");
    let body = ("content-digest", digest);
    let cases: [(Components<'_>, String, SignatureError); 11] = [
        (
            &[target, body],
            good.clone(),
            SignatureError::Uncovered("@method"),
        ),
        (
            &[method, body],
            good.clone(),
            SignatureError::Uncovered("@target-uri"),
        ),
        (
            &[method, ("@path", "/inbox"), body],
            good.clone(),
            SignatureError::Uncovered("@target-uri"),
        ),
        (
            &[method, target],
            good.clone(),
            SignatureError::Uncovered("content-digest"),
        ),
        (
            &[method, target, body],
            format!(";keyid=\"{key}\""),
            SignatureError::Uncovered("created"),
        ),
        (
            &[method, target, body],
            format!(";created={created}"),
            SignatureError::Malformed("keyid"),
        ),
        (
            &[method, target, body],
            format!("{good};alg=\"hmac-sha256\""),
            SignatureError::Algorithm,
        ),
        (
            &[method, target, body],
            format!("{good};alg=\"ed25519\""),
            SignatureError::Algorithm,
        ),
        (
            &[method, target, body],
            format!("{good};expires={}", created - 600),
            SignatureError::OutsideWindow,
        ),
        (
            &[method, target, body, body],
            good.clone(),
            SignatureError::Malformed("components"),
        ),
        (
            &[method, target, body],
            format!("{good};created={created}"),
            SignatureError::Malformed("signature-input"),
        ),
    ];
    for (components, parameters, expected) in cases {
        let outcome = message_signed(components, &parameters).verify();
        assert_eq!(outcome, Err(expected), "{components:?} {parameters}");
    }
}

#[test]
fn the_published_ed25519_example_of_rfc_9421_verifies() {
    // RFC 9421, appendices B.1.4 and B.2.6; its key id is no address and it covers no digest, so
    // it is checked below the rules we add.
    let key = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n\
        -----END PUBLIC KEY-----\n";
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let request = ReceivedRequest {
        method: &Method::POST,
        uri: &"/foo?param=Value&Pet=dog".parse().unwrap(),
        headers: &headers,
        scheme: Scheme::HTTPS,
    };
    let input = "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
        \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
    let base = rfc9421::base_for_test(&request, input);
    let signature =
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    let signature = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, signature).unwrap();
    let key = PublicKey::from_pem(key).unwrap();
    assert!(key.has_signed(base.as_bytes(), &signature));
}
