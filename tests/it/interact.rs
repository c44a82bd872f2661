//! Following and answering from one's own account: where visitors are sent, and where never.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Browser, Engine, Instance, Page, people::complete_ad as ad};

const AD: &str = "http://lyon.test/annonces/1-imprimer-des-badges-de-benevoles";
const ENCODED: &str = "http%3A%2F%2Flyon.test%2Fannonces%2F1-imprimer-des-badges-de-benevoles";

/// A site where somebody has their account.
struct Site {
    /// `127.0.0.1:4321`
    host: String,
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Answers {
    links: Value,
    software: Option<&'static str>,
    asked: Arc<Mutex<Vec<String>>>,
    host: String,
}

#[derive(serde::Deserialize)]
struct Resource {
    resource: String,
}

impl Site {
    /// A site that knows `camille`, with these WebFinger links (`HOST` stands for itself).
    async fn start(links: Value, software: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let asked = Arc::default();
        let links = links.to_string().replace("HOST", &format!("http://{host}"));
        let answers = Answers {
            links: serde_json::from_str(&links).unwrap(),
            software,
            asked: Arc::clone(&asked),
            host: host.clone(),
        };
        let router = Router::new()
            .route("/.well-known/webfinger", get(web_finger))
            .route("/.well-known/nodeinfo", get(node_info_links))
            .route("/nodeinfo/2.0", get(node_info))
            .with_state(answers);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, asked }
    }

    fn account(&self) -> String {
        format!("@camille@{}", self.host)
    }
}

async fn web_finger(State(site): State<Answers>, Query(query): Query<Resource>) -> Response {
    site.asked.lock().unwrap().push(query.resource.clone());
    if !query.resource.contains("camille") {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(json!({ "subject": query.resource, "links": site.links })).into_response()
}

async fn node_info_links(State(site): State<Answers>) -> Response {
    if site.software.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(json!({ "links": [{
        "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0",
        "href": format!("http://{}/nodeinfo/2.0", site.host),
    }] }))
    .into_response()
}

async fn node_info(State(site): State<Answers>) -> Json<Value> {
    Json(json!({ "version": "2.0", "software": { "name": site.software, "version": "1" } }))
}

async fn start(engine: Engine) -> (Instance, Browser) {
    let instance = Instance::start(engine, "lyon.test").await;
    let association = instance.association("Les Amis du vélo").await;
    instance
        .publish(&association, &ad("Imprimer des badges de bénévoles"))
        .await;
    let browser = instance.browser();
    (instance, browser)
}

async fn type_in(browser: &Browser, uri: &str, account: &str) -> Page {
    let page = browser.get(&format!("/interagir?uri={uri}")).await;
    assert_eq!(page.status, 200, "{uri}");
    browser
        .submit(&page, "/interagir", &[("account", account)])
        .await
}

fn link(rel: &str, template: &str) -> Value {
    json!({ "rel": rel, "template": template })
}

const FOLLOW: &str = "https://w3id.org/fep/3b86/Follow";
const OBJECT: &str = "https://w3id.org/fep/3b86/Object";
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

on_both_engines! {
    async fn the_best_page_that_a_site_names_is_opened(engine: Engine) {
        let (_instance, browser) = start(engine).await;
        let subscribe = link(SUBSCRIBE, "HOST/subscribe?uri={uri}");
        let object = link(OBJECT, "HOST/object?id={object}");
        let follow = link(FOLLOW, "HOST/follow?who={object}&now=1");
        for (links, expected) in [
            (json!([subscribe]), "subscribe?uri=URI"),
            (json!([subscribe, object]), "object?id=URI"),
            (json!([subscribe, object, follow]), "follow?who=URI&now=1"),
            (json!([link(FOLLOW, "HOST/without-mark"), subscribe]), "subscribe?uri=URI"),
            (json!([link(FOLLOW, "javascript:alert('{object}')"), subscribe]), "subscribe?uri=URI"),
        ] {
            let site = Site::start(links, None).await;
            let sent = type_in(&browser, ENCODED, &site.account()).await;
            let expected = format!("http://{}/{}", site.host, expected.replace("URI", ENCODED));
            assert_eq!((sent.status, sent.location()), (303, expected.as_str()));
            let policy = sent.header("content-security-policy");
            assert!(policy.contains("form-action 'self' https:"), "{policy}");
            assert_eq!(*site.asked.lock().unwrap(), [format!("acct:camille@{}", site.host)]);
        }
    }

    async fn a_post_is_opened_rather_than_followed(engine: Engine) {
        let (_instance, browser) = start(engine).await;
        let site = Site::start(json!([link(FOLLOW, "HOST/follow?u={object}"), link(OBJECT, "HOST/open?u={object}")]), None).await;
        let sent = type_in(&browser, &format!("{ENCODED}%2Fnotes%2F0"), &site.account()).await;
        assert_eq!(sent.location(), format!("http://{}/open?u={ENCODED}%2Fnotes%2F0", site.host));
    }
}

#[tokio::test]
async fn a_site_that_names_no_page_is_known_by_its_software_or_the_address_is_copied() {
    let (_instance, browser) = start(Engine::Sqlite).await;
    for (software, page) in [
        ("mastodon", "authorize_interaction"),
        ("hometown", "authorize_interaction"),
        ("mobilizon", "interact"),
    ] {
        let site = Site::start(json!([]), Some(software)).await;
        for account in [
            site.account(),
            site.host.clone(),
            format!("http://{}/", site.host),
        ] {
            let sent = type_in(&browser, ENCODED, &account).await;
            let expected = format!("http://{}/{page}?uri={ENCODED}", site.host);
            assert_eq!(sent.location(), expected, "{account}");
        }
    }
    let site = Site::start(json!([]), Some("gotosocial")).await;
    let page = type_in(&browser, ENCODED, &site.account()).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text("#address"), "@annonce_1@lyon.test");
    assert!(
        page.text(".callout").contains(&site.host),
        "the host is named"
    );
}

#[tokio::test]
async fn another_host_than_the_one_named_is_shown_before_anybody_goes_there() {
    let (_instance, browser) = start(Engine::Sqlite).await;
    let site = Site::start(
        json!([link(SUBSCRIBE, "https://social.example/open?uri={uri}")]),
        None,
    )
    .await;
    let page = type_in(&browser, ENCODED, &site.account()).await;
    assert_eq!(page.status, 200);
    assert!(page.text(".callout-title").contains("social.example"));
    assert_eq!(
        page.attributes("main a.button", "href"),
        [format!("https://social.example/open?uri={ENCODED}")]
    );
}

#[tokio::test]
async fn nothing_but_our_own_form_leads_out_of_the_site() {
    let (_instance, browser) = start(Engine::Sqlite).await;
    let site = Site::start(json!([link(SUBSCRIBE, "HOST/open?uri={uri}")]), None).await;
    let account = site.account();
    let page = browser
        .get(&format!("/interagir?uri={ENCODED}&account={account}"))
        .await;
    assert_eq!(
        (page.status, page.location()),
        (200, ""),
        "a link never does"
    );
    for (name, value) in [
        ("origin", "http://evil.test"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = browser
            .request(reqwest::Method::POST, "/interagir")
            .header(name, value)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("uri={ENCODED}&account={account}"));
        assert_eq!(browser.send(request).await.status, 403, "{name}");
    }
    for foreign in [
        "https://evil.test/",
        "https%3A%2F%2Fevil.test%2Fannonces%2F1",
        "",
        "javascript:alert(1)",
    ] {
        let page = browser.get(&format!("/interagir?uri={foreign}")).await;
        assert_eq!(page.status, 404, "{foreign}");
        assert!(
            page.text("main").contains("ne se trouve pas sur ce site"),
            "{foreign}"
        );
        let sent = browser
            .post("/interagir", &[("uri", foreign), ("account", &account)])
            .await;
        assert_eq!(sent.status, 404, "{foreign}");
    }
    assert!(
        site.asked.lock().unwrap().is_empty(),
        "nobody was asked anything"
    );
    assert!(browser.cookie_names().is_empty());
}

#[tokio::test]
async fn a_mistake_in_an_address_is_explained_and_the_address_kept() {
    let (_instance, browser) = start(Engine::Sqlite).await;
    let site = Site::start(json!([]), None).await;
    let silent = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for (account, told) in [
        ("camille".to_owned(), "Écrivez votre adresse"),
        (String::new(), "Écrivez votre adresse"),
        (
            format!("@personne@{}", site.host),
            "ne connaît pas cette adresse",
        ),
        (format!("@camille@{silent}"), "ne répond pas"),
        (silent.to_string(), "ne répond pas"),
        (site.host.clone(), "ne répond pas"),
    ] {
        let page = type_in(&browser, ENCODED, &account).await;
        assert_eq!(page.status, 422, "{account}");
        assert!(page.text("#error-summary li").contains(told), "{account}");
        assert_eq!(page.attributes("#account", "value"), [account]);
        assert_eq!(page.attributes("input[name=uri]", "value"), [AD]);
    }
}

#[tokio::test]
async fn nobody_makes_us_ask_other_sites_without_end() {
    let (_instance, browser) = start(Engine::Sqlite).await;
    let site = Site::start(json!([link(SUBSCRIBE, "HOST/open?uri={uri}")]), None).await;
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(type_in(&browser, ENCODED, &site.account()).await.status);
    }
    assert_eq!(statuses.pop(), Some(429));
    assert!(statuses.iter().all(|status| *status == 303));
    assert_eq!(site.asked.lock().unwrap().len(), 20);
}
