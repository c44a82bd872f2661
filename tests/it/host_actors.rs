//! Structures, organisations and recommendations as other servers meet them.

use emancipasso::{
    domain::multikey::Multikey,
    federation::proofs::{self, keys},
    store::Engine,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Instance, Page, Peer, Recommended};

async fn ask(instance: &Instance, address: &str) -> Page {
    let browser = instance.browser();
    let path = instance.app.config().public_url.path_of(address).unwrap();
    let request = browser
        .request(Method::GET, path)
        .header("accept", "application/activity+json");
    browser.send(request).await
}

async fn read(instance: &Instance, address: &str) -> Value {
    let page = ask(instance, address).await;
    assert_eq!(page.status, 200, "{address}: {}", page.html);
    assert_eq!(page.header("content-type"), "application/activity+json");
    serde_json::from_str(&page.html).unwrap()
}

/// An instance with one recommendation.
async fn lyon(engine: Engine) -> (Instance, Recommended) {
    let instance = Instance::start(engine, "lyon.test").await;
    let it = Recommended::publish(&instance).await;
    (instance, it)
}

on_both_engines! {
    async fn a_recommendation_proves_itself_with_the_key_that_its_author_lists(engine: Engine) {
        let (instance, it) = lyon(engine).await;
        let document = read(&instance, &it.uri).await;
        assert_eq!(document["type"], "Recommendation");
        assert_eq!(document["attributedTo"], it.author);
        assert_eq!(document["itemReviewed"], it.structure);
        assert_eq!(document["context"], it.agreement);
        assert_eq!(document["proof"]["@context"], document["@context"]);
        let said = document["content"].as_str().unwrap();
        assert!(said.contains("&lt;agenda&gt; &amp; leurs fichiers"), "{said}");
        assert_eq!(document["contentMap"]["fr"], document["content"]);

        let author = read(&instance, &it.author).await;
        assert_eq!(author["type"], "Organization");
        assert!(author.get("attributedTo").is_none());
        keys::check(&document, &author, instance.app.now()).unwrap();
        // of the structure, and of the instance, no key signed it
        for other in [&it.structure, &instance.url("/federation/instance")] {
            let other = read(&instance, other).await;
            assert_eq!(keys::list(&other).len(), 1, "{other}");
            keys::check(&document, &other, instance.app.now()).unwrap_err();
        }
        // the same bytes for everybody
        assert_eq!(ask(&instance, &it.uri).await.html, document.to_string());
    }
}

on_both_engines! {
    async fn what_a_recommendation_rests_upon_is_public_and_listed_by_who_may_say_so(engine: Engine) {
        let (instance, it) = lyon(engine).await;
        let agreement = read(&instance, &it.agreement).await;
        assert_eq!(agreement["type"], "Agreement");
        assert_eq!(agreement["attributedTo"], it.structure);
        assert_eq!(agreement["stipulates"]["provider"], it.structure);
        assert_eq!(agreement["stipulates"]["receiver"], it.author);
        assert_eq!(agreement["stipulates"]["finished"], true);
        let instance_actor = instance.url("/federation/instance");
        for owner in [&it.author, &it.structure, &instance_actor] {
            let actor = read(&instance, owner).await;
            let collection = read(&instance, actor["recommendations"].as_str().unwrap()).await;
            assert_eq!(collection["attributedTo"], *owner);
            assert_eq!(collection["totalItems"], 1);
            let page = read(&instance, collection["first"].as_str().unwrap()).await;
            assert_eq!(page["orderedItems"], json!([it.uri]));
        }
        let actor = read(&instance, &instance_actor).await;
        let directory = read(&instance, actor["directory"].as_str().unwrap()).await;
        assert_eq!(directory["totalItems"], 1);
        let page = read(&instance, directory["first"].as_str().unwrap()).await;
        let entry = &page["orderedItems"][0];
        assert_eq!(entry["featuredObject"], it.structure);
        assert_eq!(entry["isBasedOn"], json!([it.uri]));
        let alone = read(&instance, entry["id"].as_str().unwrap()).await;
        assert_eq!(alone["featuredObject"], it.structure);
    }
}

#[tokio::test]
async fn a_structure_is_a_group_that_every_server_can_follow() {
    let (instance, it) = lyon(Engine::Sqlite).await;
    let actor = read(&instance, &it.structure).await;
    assert_eq!(actor["type"], "Group");
    assert_eq!(actor["additionalType"], "https://emancipasso.org/ns#Host");
    assert_eq!(actor["preferredUsername"], "nuage_libre");
    for name in [
        "members",
        "resources",
        "posts",
        "todos",
        "discussions",
        "events",
        "outbox",
        "followers",
        "following",
        "featured",
        "makesOffer",
    ] {
        let collection = read(&instance, actor[name].as_str().unwrap()).await;
        assert_eq!(collection["type"], "OrderedCollection", "{name}");
    }
    read(&instance, actor["attributedTo"].as_str().unwrap()).await;
    let offers = read(&instance, actor["makesOffer"].as_str().unwrap()).await;
    let offer = read(&instance, offers["orderedItems"][0].as_str().unwrap()).await;
    assert_eq!(offer["type"], "Proposal");
    assert_eq!(offer["attributedTo"], it.structure);
    for (handle, id) in [
        ("nuage_libre", it.structure.clone()),
        ("velo_solidaire", it.author.clone()),
        ("annuaire", instance.url("/annuaire")),
    ] {
        let path = format!("/.well-known/webfinger?resource=acct:{handle}@lyon.test");
        let page = instance.browser().get(&path).await;
        assert_eq!(page.status, 200, "{handle}: {}", page.html);
        assert!(page.html.contains(&format!("\"{id}\"")), "{}", page.html);
    }
}

#[tokio::test]
async fn followers_of_a_structure_read_that_it_is_recommended() {
    let (instance, it) = lyon(Engine::Sqlite).await;
    let actor = read(&instance, &it.structure).await;
    let pins = read(&instance, actor["featured"].as_str().unwrap()).await;
    let note = read(&instance, pins["orderedItems"][0].as_str().unwrap()).await;
    assert_eq!(note["type"], "Note");
    assert_eq!(note["attributedTo"], it.structure);
    assert_eq!(note["url"], it.uri);
    assert_eq!(note["tag"][0]["type"], "Mention");
    assert_eq!(note["tag"][0]["href"], it.author);
    assert_eq!(note["attachment"][0]["mediaType"], "text/html");
    let posts = read(&instance, actor["posts"].as_str().unwrap()).await;
    let article = &posts["orderedItems"][0];
    assert_eq!(article["type"], "Article");
    assert_eq!(article["attributedTo"], it.structure);
    assert_eq!(article["actor"], instance.url("/federation/instance"));
    assert_eq!(article["name"], "Vélo solidaire recommande Nuage libre");
    let shown = read(&instance, &instance.url("/annuaire/outbox?page=1")).await;
    assert_eq!(shown["orderedItems"][0]["type"], "Announce");
}

on_both_engines! {
    async fn what_is_withdrawn_leaves_a_tombstone_and_no_listing(engine: Engine) {
        let (instance, it) = lyon(engine).await;
        let pins = read(&instance, &format!("{}/featured", it.structure)).await;
        let note = pins["orderedItems"][0].as_str().unwrap().to_owned();
        it.annul(&instance).await;
        let page = ask(&instance, &it.uri).await;
        assert_eq!(page.status, 410);
        let tombstone: Value = serde_json::from_str(&page.html).unwrap();
        assert_eq!(tombstone["type"], "Tombstone");
        assert_eq!(tombstone["formerType"], "Recommendation");
        assert!(tombstone["deleted"].is_string());
        assert_eq!(ask(&instance, &it.agreement).await.status, 410);
        assert_eq!(ask(&instance, &note).await.status, 410);
        for owner in [&it.author, &it.structure] {
            let list = read(&instance, &format!("{owner}/recommendations")).await;
            assert_eq!(list["totalItems"], 0);
        }
        // the structure has no recommendation left; who follows it goes on doing so
        read(&instance, &it.structure).await;
    }
}

#[tokio::test]
async fn peers_are_told_by_ids_and_the_end_carries_a_proof() {
    let peer = Peer::start("social.test").await;
    let limits = emancipasso::federation::inbox::InboxLimits::default();
    let instance = Instance::start_beside(Engine::Sqlite, "lyon.test", &[&peer], limits).await;
    let it = Recommended::submit(&instance).await;
    let mut relay = peer.person("relay");
    relay.document["type"] = json!("Application");
    peer.publish(&relay.document);
    let follow = relay.activity("Follow", 1, instance.url("/federation/instance"));
    assert_eq!(relay.post(&instance, &follow).await.status, 202);
    let config = instance.federation.clone().into_config().await.unwrap();
    while emancipasso::jobs::inbox::process_due(&config)
        .await
        .unwrap()
        > 0
    {}
    it.approve(&instance).await;
    deliver(&instance).await;
    let told = peer.received("/inbox");
    let said = |kind: &str, member: &str| -> Vec<Value> {
        let of_kind = told.iter().filter(|activity| activity["type"] == kind);
        of_kind.map(|activity| activity[member].clone()).collect()
    };
    assert!(
        said("Create", "object").contains(&json!(it.uri)),
        "{told:?}"
    );
    let targets = said("Add", "target");
    for owner in [&it.structure, &instance.url("/federation/instance")] {
        let collection = json!(format!("{owner}/recommendations"));
        assert!(targets.contains(&collection), "{targets:?}");
    }
    let directory = json!(instance.url("/federation/instance/directory"));
    assert!(targets.contains(&directory), "{targets:?}");

    let author = read(&instance, &it.author).await;
    it.annul(&instance).await;
    deliver(&instance).await;
    let told = peer.received("/inbox");
    let delete = told
        .iter()
        .find(|activity| activity["type"] == "Delete" && activity["object"]["id"] == json!(it.uri));
    let delete = delete.expect("a Delete of the recommendation");
    keys::check(delete, &author, instance.app.now()).unwrap();
    let removed = told.iter().filter(|activity| activity["type"] == "Remove");
    assert_eq!(removed.count(), 3);
}

async fn deliver(instance: &Instance) {
    use emancipasso::federation::delivery;
    while delivery::expand_due(&instance.app).await.unwrap() > 0 {}
    let federation = &instance.federation;
    let dispatcher = delivery::Dispatcher::new(
        instance.app.clone(),
        federation.client.clone(),
        federation.fetcher.clone(),
    );
    dispatcher.deliver_due().await.unwrap();
}

#[tokio::test]
async fn rotated_keys_leave_what_was_signed_valid_and_compromised_ones_sign_it_anew() {
    use emancipasso::app::key_rotation::{Rotation, RsaPair, rotate};
    let (instance, it) = lyon(Engine::Sqlite).await;
    let before = read(&instance, &it.uri).await;
    let pair = emancipasso::federation::keys::RsaKeyPair::generate().unwrap();
    let (public, private) = (pair.public_key_pem().unwrap(), pair.to_pkcs8_pem().unwrap());
    let pair = RsaPair {
        public_pem: &public,
        private_pem: &private,
    };
    let again = rotate(&instance.app, "velo_solidaire", &pair, Rotation::Precaution);
    assert_eq!(again.await.unwrap(), 0);
    let author = read(&instance, &it.author).await;
    assert_eq!(author["publicKey"]["publicKeyPem"], public);
    let listed = keys::list(&author);
    assert_eq!(listed.len(), 2);
    assert!(listed[0].expires.is_none() && listed[1].expires.is_some());
    keys::check(&before, &author, instance.app.now()).unwrap();
    assert_eq!(read(&instance, &it.uri).await, before);

    let again = rotate(
        &instance.app,
        "velo_solidaire",
        &pair,
        Rotation::Compromised,
    );
    assert_eq!(again.await.unwrap(), 1);
    let author = read(&instance, &it.author).await;
    assert_eq!(keys::list(&author).len(), 1);
    let now = instance.app.now();
    assert_eq!(
        keys::check(&before, &author, now),
        Err(keys::NotStated::ForeignKey)
    );
    let after = read(&instance, &it.uri).await;
    keys::check(&after, &author, now).unwrap();
    let key = Multikey::parse(
        author["assertionMethod"][0]["publicKeyMultibase"]
            .as_str()
            .unwrap(),
    );
    proofs::verify(&after, &key.unwrap()).unwrap();
}
