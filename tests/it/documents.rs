//! What other servers read from us: discovery, actors, posts, collections. The numbers are those of
//! the conformance list we hold ourselves to.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use emancipasso::{
    app::ads::life, app::ads::life::MilestoneInput, app::ads::writing, store::Engine,
};
use reqwest::Method;
use serde_json::Value;

use crate::support::{Instance, Page, people::complete_ad};

/// What each peer software sends when it wants a document.
const ACCEPTS: [&str; 5] = [
    "application/activity+json, application/ld+json",
    "application/activity+json,application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
    "application/activity+json",
    "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
    "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\", application/activity+json, text/html;q=0.1",
];

async fn ask(instance: &Instance, address: &str, accept: &str) -> Page {
    let browser = instance.browser();
    let path = instance
        .app
        .config()
        .public_url
        .path_of(address)
        .unwrap()
        .to_owned();
    browser
        .send(browser.request(Method::GET, &path).header("accept", accept))
        .await
}

async fn read(instance: &Instance, address: &str) -> Value {
    let page = ask(instance, address, "application/activity+json").await;
    assert_eq!(page.status, 200, "{address}: {}", page.html);
    assert_eq!(page.header("content-type"), "application/activity+json");
    serde_json::from_str(&page.html).unwrap()
}

async fn find(instance: &Instance, resource: &str) -> Page {
    let query: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    instance
        .browser()
        .get(&format!("/.well-known/webfinger?resource={query}"))
        .await
}

fn self_link(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.html);
    let document: Value = serde_json::from_str(&page.html).unwrap();
    let links = document["links"].as_array().unwrap();
    let own: Vec<_> = links.iter().filter(|link| link["rel"] == "self").collect();
    assert_eq!(own.len(), 1);
    own[0].clone()
}

/// An instance with one ad; the address of the ad.
async fn with_an_ad(engine: Engine) -> (Instance, String, crate::support::people::Association) {
    let instance = Instance::start(engine, "lyon.test").await;
    let association = instance.association("Vélo solidaire").await;
    let ad = instance
        .publish(&association, &complete_ad("Agenda partagé accessible"))
        .await;
    let address = instance.url(&format!("/annonces/{}", ad.address().unwrap()));
    (instance, address, association)
}

fn walk(value: &Value, path: &str, see: &mut impl FnMut(&str, &str, &Value)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                see(path, name, member);
                walk(member, &format!("{path}/{name}"), see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, see)),
        _ => {}
    }
}

/// Everything we serve about an ad, followed from its actor.
async fn every_document(instance: &Instance, address: &str) -> Vec<Value> {
    let mut documents = vec![read(instance, address).await];
    let roots = [
        instance.url("/annonces"),
        instance.url("/federation/instance"),
        address.to_owned(),
    ];
    for root in &roots {
        documents.push(read(instance, root).await);
        for name in ["outbox", "followers", "following", "featured", "moderators"] {
            documents.push(read(instance, &format!("{root}/{name}")).await);
        }
        documents.push(read(instance, &format!("{root}/outbox?page=1")).await);
        documents.push(read(instance, &format!("{root}/followers?page=1")).await);
    }
    for name in [
        "members",
        "resources",
        "posts",
        "todos",
        "discussions",
        "events",
        "notes/0",
        "articles/0",
    ] {
        documents.push(read(instance, &format!("{address}/{name}")).await);
    }
    documents
}

on_both_engines! {
    /// Conformance 1, 2, 69, 78: WebFinger finds every actor, by handle, by address, whatever the
    /// case, and leads back to it byte for byte.
    async fn webfinger_finds_every_actor_and_leads_back_to_it(engine: Engine) {
        let (instance, ad, _) = with_an_ad(engine).await;
        let expected = [
            ("annonces", instance.url("/annonces")),
            ("relay", instance.url("/federation/instance")),
            ("annonce_1", ad),
        ];
        for (handle, id) in &expected {
            for resource in [format!("acct:{handle}@lyon.test"), format!("acct:{}@LYON.test", handle.to_uppercase()), id.clone()] {
                let page = find(&instance, &resource).await;
                let link = self_link(&page);
                assert_eq!(link["href"], id.as_str(), "{resource}");
                assert_eq!(link["type"], "application/activity+json");
                assert_eq!(page.header("content-type"), "application/jrd+json");
                assert_eq!(page.header("access-control-allow-origin"), "*");
                let document: Value = serde_json::from_str(&page.html).unwrap();
                assert_eq!(document["subject"], format!("acct:{handle}@lyon.test"));
                let others = document["links"].as_array().unwrap().iter().filter(|link| {
                    link["type"].as_str().is_some_and(|kind| kind.starts_with("application/"))
                        && link["href"] != id.as_str()
                });
                assert_eq!(others.count(), 0, "no other link that a server could take for the actor");
            }
            let actor = read(&instance, id).await;
            assert_eq!(actor["id"], id.as_str());
            assert_eq!(actor["preferredUsername"], *handle);
        }
        for name in ["acct:lyon.test@lyon.test", "http://lyon.test/", "http://lyon.test"] {
            assert_eq!(self_link(&find(&instance, name).await)["href"], instance.url("/federation/instance"), "{name}");
        }
        assert_eq!(find(&instance, "acct:inconnue@lyon.test").await.status, 404);
        assert_eq!(find(&instance, "acct:annonces@ailleurs.test").await.status, 404);
        assert_eq!(instance.browser().get("/.well-known/webfinger").await.status, 400);
    }

    /// Conformance 3, 59, 61: the same address is a document for servers and a page for people.
    async fn one_address_is_a_document_for_servers_and_a_page_for_people(engine: Engine) {
        let (instance, ad, _) = with_an_ad(engine).await;
        for accept in ACCEPTS.iter().chain(&["application/ld+json"]) {
            let page = ask(&instance, &ad, accept).await;
            assert_eq!(page.status, 200, "{accept}");
            assert_eq!(page.header("content-type"), "application/activity+json", "{accept}");
            assert!(page.header("vary").to_lowercase().contains("accept"));
        }
        for accept in ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8"] {
            let page = ask(&instance, &ad, accept).await;
            assert!(page.header("content-type").starts_with("text/html"), "{accept}");
        }
    }

    /// Conformance 4, 5, 7, 38, 39, 42: what an actor must have.
    async fn actors_have_what_every_server_asks_for(engine: Engine) {
        let (instance, ad, _) = with_an_ad(engine).await;
        for (id, kind) in [(ad, "Group"), (instance.url("/annonces"), "Group"), (instance.url("/federation/instance"), "Application")] {
            let actor = read(&instance, &id).await;
            assert_eq!(actor["type"], kind);
            for member in ["inbox", "outbox", "followers", "following", "featured", "url"] {
                assert!(actor[member].as_str().unwrap().starts_with("http://lyon.test/"), "{member}");
            }
            assert_eq!(actor["endpoints"]["sharedInbox"], "http://lyon.test/inbox");
            assert_eq!(actor["publicKey"]["owner"], id.as_str());
            assert_eq!(actor["publicKey"]["id"], format!("{id}#main-key"));
            assert!(actor["publicKey"]["publicKeyPem"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
            assert!(actor["@context"].as_array().unwrap().iter().any(|line| line == "https://www.w3.org/ns/activitystreams"));
            let handle = actor["preferredUsername"].as_str().unwrap();
            assert!(handle.len() <= 30 && handle.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
            assert!(actor["attachment"].is_array());
            assert!(actor.get("language").is_none());
        }
    }

    /// Conformance 6, 19, 20, 40, 41: one string `type`, no `null`, arrays where arrays are wanted.
    async fn documents_are_strict_through_and_through(engine: Engine) {
        let (instance, ad, association) = with_an_ad(engine).await;
        let stored = instance.publish(&association, &complete_ad("Une deuxième annonce complète")).await;
        let told = MilestoneInput { kind: "gathering".into(), text: "Trois associations nous rejoignent.".into(), ..MilestoneInput::default() };
        life::add_milestone(&instance.app, &association.who, stored.id, &told).await.unwrap();
        for document in every_document(&instance, &ad).await {
            let text = document.to_string();
            assert!(text.len() < 64 * 1024);
            walk(&document, "", &mut |path, name, value| {
                assert!(!value.is_null(), "{path}/{name} is null in {text}");
                if name == "type" && !path.starts_with("/@context") {
                    assert!(value.is_string(), "{path}/{name} is {value}");
                }
                if matches!(name, "to" | "cc" | "tag" | "attachment" | "orderedItems") {
                    assert!(value.is_array(), "{path}/{name} is {value}");
                }
                assert_ne!(name, "language", "this property breaks Lemmy");
            });
        }
    }

    /// Conformance 29, 30, 43, 45: the whole text is in a `Note` that nothing hides.
    async fn the_note_of_an_ad_shows_everything_and_hides_nothing(engine: Engine) {
        let (instance, ad, _) = with_an_ad(engine).await;
        let note = read(&instance, &format!("{ad}/notes/0")).await;
        assert_eq!(note["type"], "Note");
        assert!(note.get("name").is_none() && note.get("summary").is_none());
        assert_eq!(note["attributedTo"], ad.as_str());
        assert_eq!(note["to"], serde_json::json!(["https://www.w3.org/ns/activitystreams#Public"]));
        assert_eq!(note["cc"], serde_json::json!([format!("{ad}/followers")]));
        let content = note["content"].as_str().unwrap();
        assert!(content.starts_with("<p><strong>Agenda partagé accessible</strong></p>"), "{content}");
        assert!(content.contains("douze bénévoles"));
        assert_eq!(note["contentMap"], serde_json::json!({ "fr": content }));
        for lost in ["<h1", "<h2", "<h3", "<table", "<img", "<div"] {
            assert!(!content.contains(lost), "{lost} is lost on Mastodon");
        }
        assert_eq!(note["attachment"][0], serde_json::json!({ "type": "Link", "mediaType": "text/html", "href": ad }));
        let tags: BTreeSet<_> = note["tag"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        assert_eq!(tags, BTreeSet::from(["#agenda", "#libre"]));
        assert!(tags.iter().all(|tag| content.contains(&format!("#<span>{}</span>", &tag[1..]))));
    }

    /// The `Article` is what Mobilizon shows: `actor` and `attributedTo` differ, nothing is `null`.
    async fn the_article_of_an_ad_is_what_mobilizon_shows(engine: Engine) {
        let (instance, ad, _) = with_an_ad(engine).await;
        let article = read(&instance, &format!("{ad}/articles/0")).await;
        assert_eq!(article["type"], "Article");
        assert_eq!(article["name"], "Agenda partagé accessible");
        assert_eq!(article["actor"], instance.url("/federation/instance"));
        assert_eq!(article["attributedTo"], ad.as_str());
        assert!(article["attachment"].is_array());
        let summary = article["summary"].as_str().unwrap();
        assert!(summary.contains("Vélo solidaire") && summary.chars().count() < 450, "{summary}");
        let actor = read(&instance, &ad).await;
        for name in ["members", "resources", "posts", "todos", "discussions", "events"] {
            let address = actor["endpoints"][name].as_str().unwrap();
            let collection = read(&instance, address).await;
            assert_eq!(collection["type"], "OrderedCollection", "{name}");
            assert!(collection["orderedItems"].is_array(), "{name}");
        }
        let posts = read(&instance, &format!("{ad}/posts")).await;
        assert_eq!(posts["orderedItems"][0]["id"], article["id"]);
        assert!(actor["attributedTo"].as_str().unwrap().ends_with("/moderators"));
    }

    /// Conformance 31, 32: pins are ids, and counts are numbers.
    async fn collections_tell_their_size_and_pins_are_ids(engine: Engine) {
        let (instance, ad, _) = with_an_ad(engine).await;
        let featured = read(&instance, &format!("{ad}/featured")).await;
        assert_eq!(featured["orderedItems"], serde_json::json!([format!("{ad}/notes/0")]));
        for name in ["outbox", "followers", "following"] {
            let collection = read(&instance, &format!("{ad}/{name}")).await;
            assert!(collection["totalItems"].is_u64(), "{name}");
            assert!(collection["first"].is_string(), "{name}");
        }
        let outbox = read(&instance, &format!("{ad}/outbox?page=1")).await;
        let items = outbox["orderedItems"].as_array().unwrap();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0]["type"], "Create");
        assert_eq!(items[0]["object"]["type"], "Article");
        let everything = read(&instance, &instance.url("/annonces/outbox?page=1")).await;
        assert_eq!(everything["orderedItems"][0]["type"], "Announce");
        let announce = everything["orderedItems"][0]["id"].as_str().unwrap();
        assert_eq!(read(&instance, announce).await["object"], format!("{ad}/notes/0"));
    }

    /// Conformance 33: `updated` grows, `published` never changes.
    async fn an_edit_moves_updated_and_leaves_published(engine: Engine) {
        let (instance, address, association) = with_an_ad(engine).await;
        let before = read(&instance, &format!("{address}/notes/0")).await;
        assert!(before.get("updated").is_none(), "a new post is not shown as edited");
        let mut previous = before["published"].as_str().unwrap().to_owned();
        let mut ad = instance.publish(&association, &complete_ad("Une autre annonce sans rapport")).await;
        let address = instance.url(&format!("/annonces/{}", ad.address().unwrap()));
        let first = read(&instance, &format!("{address}/notes/0")).await["published"].clone();
        for title in ["Une autre annonce, précisée", "Une autre annonce, encore précisée"] {
            ad = writing::save(&instance.app, &association.who, ad.id, ad.version, &complete_ad(title)).await.unwrap();
            let note = read(&instance, &format!("{address}/notes/0")).await;
            assert_eq!(note["published"], first);
            let updated = note["updated"].as_str().unwrap().to_owned();
            assert!(updated > previous, "{updated} after {previous}");
            previous = updated;
        }
    }

    /// Conformance 34, 57: what is withdrawn answers 410 with a `Tombstone`.
    async fn what_is_withdrawn_answers_410_with_a_tombstone(engine: Engine) {
        let (instance, address, association) = with_an_ad(engine).await;
        let id = emancipasso::app::ads::reading::show(&instance.app, 1).await.unwrap().ad.id;
        instance.advance(TimeDelta::hours(2));
        life::withdraw(&instance.app, &association.who, id).await.unwrap();
        for path in ["/notes/0", "/articles/0"] {
            let page = ask(&instance, &format!("{address}{path}"), "application/activity+json").await;
            assert_eq!(page.status, 410, "{path}");
            let tombstone: Value = serde_json::from_str(&page.html).unwrap();
            assert_eq!(tombstone["type"], "Tombstone");
            assert_eq!(tombstone["id"], format!("{address}{path}"));
        }
        let page = ask(&instance, &address, "text/html").await;
        assert_eq!(page.status, 410, "people read a dated notice");
    }

    /// Conformance 21, 60, 82: NodeInfo and host-meta.
    async fn nodeinfo_and_host_meta_say_where_to_look(engine: Engine) {
        let (instance, ..) = with_an_ad(engine).await;
        let browser = instance.browser();
        let links = browser.get("/.well-known/nodeinfo").await;
        assert!(links.header("content-type").starts_with("application/json"));
        let links: Value = serde_json::from_str(&links.html).unwrap();
        for link in links["links"].as_array().unwrap() {
            assert!(link["rel"].is_string() && link["href"].is_string(), "{link}");
            let address = link["href"].as_str().unwrap();
            assert_eq!(ask(&instance, address, "application/json, application/activity+json").await.status, 200);
        }
        for version in ["2.0", "2.1"] {
            let page = browser.get(&format!("/nodeinfo/{version}")).await;
            assert!(page.header("content-type").starts_with("application/json; profile="));
            let document: Value = serde_json::from_str(&page.html).unwrap();
            assert_eq!(document["version"], version);
            assert_eq!(document["software"]["name"], "emancipasso");
            assert_eq!(document["protocols"], serde_json::json!(["activitypub"]));
            assert_eq!(document["usage"]["localPosts"], 1);
        }
        assert_eq!(browser.get("/nodeinfo/1.0").await.status, 404);
        let meta = browser.get("/.well-known/host-meta").await;
        assert!(meta.header("content-type").starts_with("application/xrd+xml"));
        assert!(meta.html.contains("rel=\"lrdd\"") && meta.html.contains("http://lyon.test/.well-known/webfinger?resource={uri}"));
    }
}
