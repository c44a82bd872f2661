//! Failures: who may not, what is refused, and how it is told.

use std::collections::BTreeSet;

use emancipasso::web::api;

use super::*;

/// Every operation that needs a key, as a program of the association or of a moderator would call
/// it.
fn operations(
    (ad, host, accompaniment): (&str, &str, &str),
    organisation: &str,
) -> Vec<(Method, String, Option<Value>)> {
    let slug = "les-amis-du-velo";
    let verification = format!("/moderation/organisations/{slug}/verification");
    let step = json!({"text": "Un devis est arrivé"});
    let content = super::ad("Un agenda partagé");
    let association = super::organisation("Les Amis du vélo");
    let approval = json!({"decision": "approve"});
    let offer = offer();
    vec![
        (
            Method::POST,
            format!("/hosts?organisation={organisation}"),
            Some(json!({"handle": "les_amis"})),
        ),
        (Method::GET, format!("/hosts/{host}"), None),
        (
            Method::PUT,
            format!("/hosts/{host}?version=1"),
            Some(json!({"remote": true})),
        ),
        (
            Method::POST,
            format!("/hosts/{host}/offers"),
            Some(offer.clone()),
        ),
        (Method::PUT, format!("/hosts/{host}/offers/1"), Some(offer)),
        (Method::DELETE, format!("/hosts/{host}/offers/1"), None),
        (
            Method::POST,
            format!("/hosts/{host}/submit"),
            Some(json!({})),
        ),
        (
            Method::PUT,
            format!("/hosts/{host}/capacity"),
            Some(json!({"capacity": "full"})),
        ),
        (Method::POST, format!("/hosts/{host}/confirm"), None),
        (Method::GET, "/accompaniments".into(), None),
        (
            Method::POST,
            format!("/accompaniments?organisation={slug}"),
            Some(super::accompaniment()),
        ),
        (
            Method::GET,
            format!("/accompaniments/{accompaniment}"),
            None,
        ),
        (
            Method::POST,
            format!("/accompaniments/{accompaniment}/statements"),
            Some(json!({"say": "abandoned"})),
        ),
        (
            Method::PUT,
            format!("/accompaniments/{accompaniment}/recommendation"),
            Some(json!({})),
        ),
        (
            Method::POST,
            format!("/accompaniments/{accompaniment}/recommendation/submit"),
            Some(json!({"is_certified": true})),
        ),
        (Method::GET, "/organisations".into(), None),
        (
            Method::POST,
            "/organisations".into(),
            Some(association.clone()),
        ),
        (
            Method::PUT,
            format!("/organisations/{slug}"),
            Some(association),
        ),
        (
            Method::GET,
            format!("/ads/mine?organisation={organisation}"),
            None,
        ),
        (
            Method::POST,
            format!("/ads?organisation={organisation}"),
            Some(content.clone()),
        ),
        (Method::GET, format!("/ads/{ad}"), None),
        (Method::PUT, format!("/ads/{ad}?version=1"), Some(content)),
        (Method::DELETE, format!("/ads/{ad}"), None),
        (Method::POST, format!("/ads/{ad}/publish"), Some(json!({}))),
        (Method::POST, format!("/ads/{ad}/milestones"), Some(step)),
        (Method::POST, format!("/ads/{ad}/renew"), None),
        (Method::POST, format!("/ads/{ad}/withdraw"), None),
        (
            Method::PUT,
            format!("/ads/{ad}/outcome"),
            Some(json!({"outcome": "C’est en service."})),
        ),
        (Method::DELETE, format!("/ads/{ad}/image"), None),
        (Method::GET, "/moderation/ads".into(), None),
        (Method::GET, format!("/moderation/ads/{ad}"), None),
        (
            Method::POST,
            format!("/moderation/ads/{ad}/decision"),
            Some(approval),
        ),
        (Method::GET, "/moderation/recommendations".into(), None),
        (Method::GET, "/moderation/recommendations/7".into(), None),
        (
            Method::POST,
            "/moderation/recommendations/7/decision".into(),
            Some(json!({"decision": "approve", "version": 1})),
        ),
        (
            Method::POST,
            "/moderation/recommendations/7/links".into(),
            Some(json!({"link": "declared:", "motive": "Rien à craindre."})),
        ),
        (
            Method::POST,
            "/moderation/recommendations/7/recusal".into(),
            Some(json!({})),
        ),
        (
            Method::POST,
            "/moderation/recommendations/7/annulment".into(),
            Some(json!({"motive": "Un lien caché."})),
        ),
        (Method::GET, "/moderation/organisations".into(), None),
        (
            Method::POST,
            verification.clone(),
            Some(json!({"method": "rna"})),
        ),
        (
            Method::POST,
            format!("{verification}/end"),
            Some(json!({"motive": "Une autre."})),
        ),
    ]
}

on_both_engines! {
    async fn a_key_is_needed_and_never_does_more_than_its_scopes_and_its_account(engine: Engine) {
        let story = Story::start(engine).await;
        let instance = &story.instance;
        let ad = story.draft("Un agenda partagé").await;
        let host = story.host().await;
        let stranger = instance.stranger();
        let forger = Program { http: instance.browser(), key: Some("inconnue".into()) };
        let narrow = instance.program("camille", Role::Member, &["comments:write"]).await;
        let other = instance.program("sacha", Role::Member, &EVERY_SCOPE).await;
        let pact = story.accompaniment().await;
        for (method, path, body) in operations((&ad, &host, &pact), story.organisation_id()) {
            let call = async |program: &Program| program.call(method.clone(), &path, body.clone()).await;
            let refused = call(&stranger).await;
            assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"emancipasso\"");
            refused.expect_problem(401, "unauthenticated");
            let refused = call(&forger).await;
            assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
            refused.expect_problem(401, "unauthenticated");
            call(&narrow).await.expect_problem(403, "forbidden");
            // anybody may have an organisation, and list none
            let is_own_list = method == Method::GET && path == "/accompaniments";
            if !is_own_list && (!path.starts_with("/organisations") || method == Method::PUT) {
                call(&other).await.expect_problem(403, "forbidden");
            }
        }
        let still = story.camille.get(&format!("/ads/{ad}")).await.expect(200);
        assert_eq!((&still["state"], &still["version"]), (&json!("draft"), &json!(1)));
    }

    async fn a_revoked_key_stops_working_at_once(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let program = instance.program("camille", Role::Member, &EVERY_SCOPE).await;
        program.get("/me").await.expect(200);
        let account = accounts::find_by_email(&instance.app, &Who::System, "camille@example.org");
        let camille = Who::Person(Box::new(account.await.unwrap()));
        let key = api_tokens::list(&instance.app, &camille).await.unwrap().remove(0);
        api_tokens::revoke(&instance.app, &camille, key.id).await.unwrap();
        program.get("/me").await.expect_problem(401, "unauthenticated");
        // a reader without key is welcome, a wrong key is told as such
        program.get("/ads").await.expect_problem(401, "unauthenticated");
    }

    async fn what_does_not_exist_is_not_found(engine: Engine) {
        let story = Story::start(engine).await;
        for path in ["/ads/999999", "/ads/0", "/ads/abc", "/ads/99999999999999999999", "/moderation/ads/7"] {
            story.moderator.get(path).await.expect_problem(404, "not-found");
        }
        let long = format!("/organisations/{}", "a".repeat(300));
        for path in ["/ads/by-number/7", "/ads/by-number/x", "/organisations/inconnue", "/organisations/a%00b", &long, "/problems/x", "/x/y"] {
            story.instance.stranger().get(path).await.expect_problem(404, "not-found");
        }
        let decision = story.moderator.post("/moderation/ads/7/decision", json!({"decision": "approve"}));
        decision.await.expect_problem(404, "not-found");
    }

    async fn hostile_values_are_refused_in_order(engine: Engine) {
        let story = Story::start(engine).await;
        let path = format!("/ads?organisation={}", story.organisation_id());
        let content = json!({
            "kind": "feature", "title": "a\u{0}b\u{202e}", "need": "x".repeat(10_001), "software": "\u{0}",
            "ticket_url": "javascript:alert(1)", "licence": "CC-BY-NC-4.0", "territory": "\u{0}",
            "hashtags": ["un deux"],
        });
        let refused = story.camille.post(&path, content).await.expect_problem(422, "invalid");
        let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["need", "ticket_url", "licence", "territory", "hashtags"]);
        for path in ["/ads?licence=%00", "/ads?territory=%00", "/ads?tag=%00"] {
            story.camille.get(path).await.expect_problem(422, "invalid");
        }
        // nothing is left to look for
        story.camille.get("/ads?q=%00%27%22*").await.expect_problem(422, "invalid");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_without_a_word_of_our_code() {
    let story = Story::start(Engine::Sqlite).await;
    let camille = &story.camille;
    let path = format!("/ads?organisation={}", story.organisation_id());
    let send = async |kind: &str, body: String| {
        let request = camille
            .request(Method::POST, &path)
            .header("content-type", kind);
        camille.send(request.body(body)).await
    };
    let json = "application/json; charset=utf-8";
    for (body, field) in [
        ("{\"kind\":", None),
        ("{\"kind\": \"software\"} {}", None),
        ("{\"kind\": \"poem\"}", Some("kind")),
        ("{\"kind\": \"software\", \"title\": 3}", Some("title")),
        (
            "{\"kind\": \"software\", \"hashtags\": [\"a\", 1]}",
            Some("hashtags[1]"),
        ),
        ("{\"kind\": \"software\", \"titel\": \"x\"}", Some("titel")),
        ("{\"kind\": \"software\", \"kind\": \"feature\"}", Some(".")),
        (
            "{\"kind\": \"software\", \"deadline\": \"demain\"}",
            Some("deadline"),
        ),
        ("[]", Some(".")),
    ] {
        let refused = send(json, body.into())
            .await
            .expect_problem(400, "malformed");
        assert_eq!(refused["errors"][0]["field"].as_str(), field, "{body}");
        let text = refused.to_string();
        for word in ["expected", "unknown", "AdBody", "at line", "column"] {
            assert!(!text.contains(word), "{text}");
        }
    }
    send("text/plain", "{}".into())
        .await
        .expect_problem(415, "unsupported-media-type");
    send(json, format!("{{\"kind\": \"{}\"}}", "x".repeat(65 * 1024)))
        .await
        .expect_problem(413, "too-large");
    let unknown = camille
        .get("/ads?kid=software")
        .await
        .expect_problem(400, "malformed");
    assert_eq!(unknown["errors"][0]["field"], "kid");
    let unknown = camille
        .post("/ads/1/renew?x=1", json!({}))
        .await
        .expect_problem(400, "malformed");
    assert_eq!(unknown["errors"][0]["field"], "x");
    camille
        .get("/ads?kind=poem")
        .await
        .expect_problem(400, "malformed");
    camille
        .get("/ads?status=x")
        .await
        .expect_problem(400, "malformed");
    camille
        .get("/ads?kind=software&kind=feature")
        .await
        .expect_problem(400, "malformed");
    let missing = camille
        .get("/ads/mine")
        .await
        .expect_problem(400, "malformed");
    assert_eq!(missing["title"], "Demande mal formée");
}

#[tokio::test]
async fn failures_are_problem_documents_in_the_language_asked_for() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let stranger = instance.stranger();
    let refused = stranger.call(Method::PATCH, "/ads", None).await;
    assert_eq!(refused.header("allow"), "GET,HEAD,POST");
    assert_eq!(refused.header("content-language"), "fr");
    assert_eq!(refused.header("cache-control"), "no-store");
    let french = refused.expect_problem(405, "method-not-allowed");
    let request = stranger
        .request(Method::PATCH, "/ads")
        .header("accept-language", "en");
    let english = stranger.send(request).await;
    assert_eq!(english.header("content-language"), "en");
    assert_ne!(english.json["detail"], french["detail"]);
    let request = stranger
        .request(Method::GET, "/ads")
        .header("host", "brest.test");
    stranger
        .send(request)
        .await
        .expect_problem(421, "misdirected");
    for path in ["", "/", "/nulle/part"] {
        stranger.get(path).await.expect_problem(404, "not-found");
    }

    let uri = french["type"]
        .as_str()
        .unwrap()
        .strip_prefix("/api/v1")
        .unwrap();
    assert_eq!(
        stranger.get(uri).await.expect(200)["title"],
        french["title"]
    );

    instance.app.stop().await;
    let failed = stranger.get("/ads").await;
    let number = failed.header("x-request-id").to_owned();
    let failed = failed.expect_problem(500, "internal");
    assert_eq!(failed["request_id"], number);
    let detail = failed["detail"].as_str().unwrap();
    assert!(detail.starts_with("Une erreur s’est produite."), "{detail}");
}

#[tokio::test]
async fn too_many_requests_wait() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let stranger = instance.stranger();
    for _ in 0..600 {
        stranger.get("/problems/gone").await.expect(200);
    }
    let refused = stranger.get("/problems/gone").await;
    assert_eq!(refused.header("retry-after"), "1");
    refused.expect_problem(429, "too-many-requests");
    let program = instance
        .program("camille", Role::Member, &EVERY_SCOPE)
        .await;
    program.get("/problems/gone").await.expect(200);
}

#[tokio::test]
async fn the_document_is_the_one_of_the_code_and_each_operation_answers() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let stranger = instance.stranger();
    let served = stranger.get("/openapi.json").await.expect(200);
    assert_eq!(served, serde_json::to_value(api::document()).unwrap());
    assert_eq!(served["openapi"], "3.1.0");

    let mut names = BTreeSet::new();
    for (path, item) in served["paths"].as_object().unwrap() {
        let real = path.replace("{id}", "1").replace("{number}", "1");
        let real = real.replace("{slug}", "x").replace("{name}", "gone");
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name), "{path}");
            assert!(
                operation["tags"][0].is_string() && operation["summary"].is_string(),
                "{path}"
            );
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let local = real.strip_prefix("/api/v1").unwrap();
            let answer = stranger.call(method, local, None).await;
            let declared = operation["responses"].get(answer.status.to_string());
            assert!(declared.is_some(), "{path} answers {}", answer.status);
        }
    }
    assert!(names.len() > 25, "{names:?}");
}

/// A route that the document does not know would be made by `.route(` and not by `routes!`.
#[test]
fn routes_are_all_made_with_their_documentation() {
    let mut folders =
        vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/web/api")];
    let mut made_otherwise = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).unwrap().contains(".route(") {
                made_otherwise.push(path.file_name().unwrap().to_owned());
            }
        }
    }
    assert_eq!(
        made_otherwise,
        ["mod.rs"],
        "only the answer to unknown addresses"
    );
}
