//! What holds for every request.

use reqwest::Method;

use crate::support::{Browser, Engine, Instance};

on_both_engines! {
    async fn health_and_readiness_are_told_under_any_name(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.browser();
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
    let page = browser.get("/absent").await;
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
