//! What holds for every request.

use reqwest::Method;

use crate::support::{Browser, Engine, Instance};

on_both_engines! {
    async fn health_and_readiness_are_told_under_any_name(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.browser();
        let early = browser.get("/readyz").await;
        assert_eq!(early.status, 503, "other servers would find actors without keys");
        instance.make_keys().await;
        for path in ["/healthz", "/readyz"] {
            let request = browser.request(Method::GET, path).header("host", "10.0.0.7:8080");
            assert_eq!(browser.send(request).await.status, 200, "{path}");
        }
        instance.app.stop().await;
        assert_eq!(browser.get("/readyz").await.status, 503);
        assert_eq!(browser.get("/healthz").await.status, 200);
    }
}

async fn start() -> (Instance, Browser) {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let browser = instance.browser();
    (instance, browser)
}

#[tokio::test]
async fn another_host_is_sent_to_our_address() {
    let (_instance, browser) = start().await;
    for host in ["brest.test", "lyon.test:8080", "127.0.0.1"] {
        let request = browser.request(Method::GET, "/").header("host", host);
        let page = browser.send(request).await;
        assert_eq!(page.status, 421, "{host}");
        let links = page.attributes("main a", "href");
        assert!(links.contains(&"http://lyon.test/".to_owned()), "{links:?}");
    }
    let request = browser.request(Method::GET, "/absent");
    let page = browser.send(request.header("host", "LYON.test")).await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn an_unknown_address_gets_a_page_with_the_number_of_the_request_and_no_cookie() {
    let (_instance, browser) = start().await;
    let page = browser.get("/nulle-part").await;
    assert_eq!(page.status, 404);
    assert_eq!(page.text("h1"), "Page introuvable");
    assert_eq!(page.text("main code"), page.header("x-request-id"));
    assert_eq!(page.header("set-cookie"), "");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn the_number_of_a_request_is_ours_whatever_was_sent() {
    let (_instance, browser) = start().await;
    let request = browser.request(Method::GET, "/absent");
    let page = browser.send(request.header("x-request-id", "theirs")).await;
    assert_eq!(page.header("x-request-id").len(), 32);
}

#[tokio::test]
async fn a_page_is_shown_in_the_language_that_was_asked_for() {
    let (_instance, browser) = start().await;
    let request = browser.request(Method::GET, "/absent");
    let page = browser
        .send(request.header("accept-language", "en-GB,fr;q=0.5"))
        .await;
    assert_eq!(page.attributes("html", "lang"), ["en"]);
    assert_eq!(
        browser.get("/absent").await.attributes("html", "lang"),
        ["fr"]
    );
    let page = browser.get("/absent?lang=en").await;
    assert_eq!(page.attributes("html", "lang"), ["en"]);
    assert!(browser.cookie_names().is_empty(), "a link chooses nothing");
    let page = browser.get("/annonces?kind=software").await;
    assert_eq!(page.attributes("html", "lang"), ["fr"]);
    let sent = browser.submit(&page, "/langue", &[("lang", "en")]).await;
    assert_eq!(sent.location(), "/annonces?kind=software");
    let page = browser.follow(sent).await;
    assert_eq!(
        page.attributes("html", "lang"),
        ["en"],
        "the choice is kept"
    );
    let varies = page.headers.get_all("vary");
    assert!(
        varies
            .iter()
            .any(|names| names == "accept-language, cookie")
    );
}

#[tokio::test]
async fn what_another_site_sends_is_refused_before_anything_else() {
    let (_instance, browser) = start().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.test"),
        ("origin", "https://lyon.test"),
        ("origin", "null"),
    ] {
        let request = browser.request(Method::POST, "/connexion");
        let page = browser.send(request.header(name, value)).await;
        assert_eq!(page.status, 403, "{name}: {value}");
        assert_eq!(page.text("h1"), "Envoi refusé", "{name}: {value}");
    }
}

#[tokio::test]
async fn files_are_kept_by_browsers_for_a_year() {
    let (_instance, browser) = start().await;
    let page = browser.get("/absent").await;
    let style = page.attributes("link[rel=stylesheet]", "href").remove(0);
    let file = browser.get(&style).await;
    assert_eq!(file.status, 200);
    assert!(file.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn a_stopped_instance_ends_cleanly() {
    let (instance, browser) = start().await;
    assert_eq!(browser.get("/healthz").await.status, 200);
    instance.stop().await;
}

#[tokio::test]
async fn the_page_of_an_absurd_address_leads_to_no_other_site() {
    let (_instance, browser) = start().await;
    for path in ["//evil.test/a", "/%5Cevil.test", "///evil.test"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        for (selector, name) in [
            ("link[hreflang]", "href"),
            ("link[rel=canonical]", "href"),
            ("input[name=suite]", "value"),
        ] {
            for address in page.attributes(selector, name) {
                let base = reqwest::Url::parse("http://lyon.test/").unwrap();
                let reached = base.join(&address).unwrap();
                assert_eq!(reached.host_str(), Some("lyon.test"), "{path}: {address}");
            }
        }
    }
}

#[tokio::test]
async fn caches_never_mix_pages_documents_and_readers() {
    let (instance, _) = start().await;
    let varies = |page: &crate::support::Page| {
        page.headers
            .get_all("vary")
            .iter()
            .any(|names| names == "accept")
    };
    let browser = instance.browser();
    let absent = browser.request(Method::GET, "/annonces/7-absente");
    let absent = browser
        .send(absent.header("accept", "application/activity+json"))
        .await;
    assert_eq!(absent.status, 404);
    assert!(varies(&absent), "the page of the same address is another");

    let browser = instance.signed_in("camille@asso.example", "Camille").await;
    instance.advance(chrono::TimeDelta::minutes(1));
    let feed = browser.get("/annonces.atom").await;
    assert!(feed.header("cache-control").starts_with("public"));
    instance.advance(chrono::TimeDelta::days(2));
    let feed = browser.get("/annonces.atom").await;
    assert!(feed.header("set-cookie").contains("session="));
    assert_eq!(feed.header("cache-control"), "private, no-store");
}
