//! What followers elsewhere are told, as it reaches their inbox.

use emancipasso::{
    app::{
        ads::writing,
        key_rotation::{self, Rotation, RsaPair},
        organisations,
    },
    domain::{federation::InboxOutcome, organisation::OrganisationInput},
    federation::keys::{PublicKey, RsaKeyPair},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Call, Engine, Person, Stage};

/// What a document of ours says to servers now.
async fn read(stage: &Stage, id: &str) -> (u16, Value) {
    let browser = stage.lyon.browser();
    let request = browser.request(Method::GET, id.strip_prefix("http://lyon.test").unwrap());
    let page = browser
        .send(request.header("accept", "application/activity+json"))
        .await;
    (page.status, serde_json::from_str(&page.html).unwrap())
}

async fn follow(stage: &Stage, person: &Person, followed: &str) {
    let follow = person.activity("Follow", 1, followed);
    let outcome = stage.receive(person, &follow).await;
    assert_eq!(outcome.0, InboxOutcome::Applied, "{outcome:?}");
    stage.deliver().await;
}

/// The posts to a shared inbox whose activity has this type.
fn told(calls: Vec<Call>, kind: &str) -> Vec<Call> {
    let mut calls = calls;
    calls.retain(|call| call.document()["type"] == kind);
    calls
}

/// The key that an actor shows.
fn key_in(actor: &Value) -> PublicKey {
    PublicKey::from_pem(actor["publicKey"]["publicKeyPem"].as_str().unwrap()).unwrap()
}

async fn rename_ad(stage: &Stage, title: &str) {
    let ad = stage.ad().await.ad;
    let workshop =
        emancipasso::app::ads::reading::show_workshop(&stage.lyon.app, &stage.author, ad.id);
    let ad = workshop.await.unwrap().ad;
    let input = crate::support::users::complete();
    let input = emancipasso::domain::ad::AdInput {
        title: title.into(),
        ..input
    };
    writing::save(&stage.lyon.app, &stage.author, ad.id, ad.version, &input)
        .await
        .unwrap();
}

async fn rename_organisation(stage: &Stage, name: &str) {
    let slug = stage.ad().await.organisation.slug;
    let input = OrganisationInput {
        kind: "association".into(),
        legal_form: "association-1901".into(),
        name: name.into(),
        postal_code: "69001".into(),
        ..OrganisationInput::default()
    };
    organisations::edit(&stage.lyon.app, &stage.author, &slug, &input)
        .await
        .unwrap();
}

on_both_engines! {
    /// Conformance 35: whatever changes what the profile shows is told, under the key it shows.
    async fn every_visible_change_of_a_profile_is_told_under_its_present_key(engine: Engine) {
        let stage = Stage::set(engine).await;
        let actor = stage.actor().await;
        follow(&stage, &stage.alice, &actor).await;
        let mut count = 0;
        let mut previous = read(&stage, &actor).await.1;
        for change in 0..3 {
            stage.lyon.advance(chrono::TimeDelta::minutes(1));
            match change {
                0 => rename_ad(&stage, "Agenda partagé, précisé").await,
                1 => rename_organisation(&stage, "Les Ami·es du vélo de Lyon").await,
                _ => stage.tell_gathering().await,
            }
            stage.deliver().await;
            let shown = read(&stage, &actor).await.1;
            let updates: Vec<_> = told(stage.social.posts_to("/inbox"), "Update")
                .into_iter()
                .filter(|call| call.document()["object"]["id"] == actor.as_str())
                .collect();
            count += 1;
            assert_eq!(updates.len(), count, "change {change}");
            let last = updates.last().unwrap();
            let told = &last.document()["object"];
            for member in ["name", "summary", "attachment", "publicKey", "updated"] {
                assert_eq!(told[member], shown[member], "change {change}: {member}");
            }
            assert_ne!((&told["name"], &told["attachment"]), (&previous["name"], &previous["attachment"]));
            assert!(told["updated"].as_str() > previous["updated"].as_str());
            let claim = last.claim(&stage.social, stage.lyon.app.now());
            assert_eq!(claim.key_id(), shown["publicKey"]["id"].as_str().unwrap());
            assert_eq!(claim.verify(&key_in(&shown)), Ok(()));
            previous = shown;
        }
    }

    /// Conformance 36: a new key is told by the old one, which signs until then; where it was told,
    /// and nowhere before, the new one signs.
    async fn a_new_key_is_told_by_the_old_one_before_it_signs_anything(engine: Engine) {
        let stage = Stage::set(engine).await;
        let actor = stage.actor().await;
        let bob = stage.other.person("bob");
        follow(&stage, &stage.alice, &actor).await;
        follow(&stage, &bob, &actor).await;
        let old = key_in(&read(&stage, &actor).await.1);
        let known = stage.social.posts_to("/inbox").len();

        stage.tell_news().await;
        let pair = RsaKeyPair::generate().unwrap();
        let pems = (pair.public_key_pem().unwrap(), pair.to_pkcs8_pem().unwrap());
        let keys = RsaPair { public_pem: &pems.0, private_pem: &pems.1 };
        let system = emancipasso::app::Who::System;
        let why = Rotation::Precaution;
        key_rotation::rotate(&stage.lyon.app, &system, "annonce_1", &keys, why).await.unwrap();
        stage.tell_news().await;
        let shown = read(&stage, &actor).await.1;
        let new = key_in(&shown);
        assert_eq!(new.to_spki_pem(), PublicKey::from_pem(&pems.0).unwrap().to_spki_pem());
        for _ in 0..3 {
            stage.deliver().await;
        }

        for peer in [&stage.social, &stage.other] {
            let mut is_told = false;
            let mut signed_by_new = 0;
            let skipped = if peer.domain == "social.test" { known } else { 0 };
            for call in peer.posts_to("/inbox").into_iter().skip(skipped) {
                let claim = call.claim(peer, stage.lyon.app.now());
                let key = if is_told { &new } else { &old };
                assert_eq!(claim.verify(key), Ok(()), "{}: {}", peer.domain, call.document());
                signed_by_new += usize::from(is_told);
                let object = &call.document()["object"];
                is_told |= object["publicKey"]["publicKeyPem"] == shown["publicKey"]["publicKeyPem"];
            }
            assert!(is_told && signed_by_new > 0, "{}", peer.domain);
        }
        let wrong = key_rotation::rotate(&stage.lyon.app, &stage.author, "annonce_1", &keys, why).await;
        assert!(wrong.is_err(), "only from the command line");
    }

    /// Conformance 49: a reply that mentions the group of the ad is shown to its followers once it
    /// was accepted, and only once; it is taken back when it is refused, or deleted by its author.
    async fn an_accepted_reply_is_shown_to_the_followers_once_and_taken_back_when_it_goes(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (actor, note) = (stage.actor().await, stage.note().await);
        let bob = stage.other.person("bob");
        follow(&stage, &bob, &actor).await;
        let mut reply = stage.alice.note(1, &note, "<p>Nous aussi</p>");
        reply["cc"] = json!([actor]);
        reply["tag"] = json!([{"type": "Mention", "href": actor, "name": "@annonce_1@lyon.test"}]);
        let create = stage.alice.activity("Create", 1, reply.clone());
        assert_eq!(stage.receive(&stage.alice, &create).await.0, InboxOutcome::Applied);
        stage.deliver().await;
        let count = |kind: &str| told(stage.other.posts_to("/inbox"), kind).len();
        assert_eq!(count("Announce"), 0, "not before it was accepted");

        let comment = stage.waiting().await.remove(0).id;
        stage.accept_all().await;
        stage.accept(comment).await;
        stage.deliver().await;
        let announces = told(stage.other.posts_to("/inbox"), "Announce");
        assert_eq!(announces.len(), 1);
        let announce = announces[0].document();
        assert_eq!(announce["actor"], actor.as_str());
        assert_eq!(announce["object"], reply["id"]);
        assert_eq!(announce["cc"], json!([format!("{actor}/followers"), stage.alice.id]));
        let id = announce["id"].as_str().unwrap();
        assert_eq!(read(&stage, id).await, (200, announce.clone()));

        stage.refuse(comment).await;
        stage.refuse(comment).await;
        stage.deliver().await;
        assert_eq!(count("Undo"), 1);
        let undo = told(stage.other.posts_to("/inbox"), "Undo")[0].document();
        assert_eq!(undo["object"]["id"], announce["id"]);
        assert_eq!(undo["object"]["object"], reply["id"]);
        assert_eq!(read(&stage, id).await.0, 410);

        stage.accept(comment).await;
        let delete = stage.alice.activity("Delete", 9, reply["id"].clone());
        assert_eq!(stage.receive(&stage.alice, &delete).await.0, InboxOutcome::Applied);
        stage.deliver().await;
        assert_eq!(count("Undo"), 2);
    }

    /// Conformance 53: a block stops what was about to leave for its author, and nothing of what
    /// others read through the same inbox.
    async fn a_block_stops_even_what_waits_already_for_who_blocks(engine: Engine) {
        let stage = Stage::set(engine).await;
        let actor = stage.actor().await;
        let bob = stage.other.person("bob");
        for person in [&stage.alice, &stage.mallory, &bob] {
            follow(&stage, person, &actor).await;
        }
        stage.tell_news().await;
        stage.expand().await;
        // Bob is alone to follow behind his shared inbox, Alice is not
        for person in [&stage.alice, &bob] {
            let block = person.activity("Block", 2, actor.clone());
            assert_eq!(stage.receive(person, &block).await.0, InboxOutcome::Applied);
        }
        stage.deliver().await;
        let notes = |calls: Vec<Call>| {
            let mut calls = told(calls, "Create");
            calls.retain(|call| call.document()["object"]["inReplyTo"].is_string());
            calls.len()
        };
        assert_eq!(notes(stage.other.posts_to("/inbox")), 0, "Bob");
        assert_eq!(notes(stage.social.posts_to("/inbox")), 1, "Mallory");
        // nor does anything said afterwards leave
        let block = stage.mallory.activity("Block", 2, actor.clone());
        assert_eq!(stage.receive(&stage.mallory, &block).await.0, InboxOutcome::Applied);
        stage.tell_news().await;
        stage.deliver().await;
        assert_eq!(notes(stage.other.posts_to("/inbox")), 0);
        assert_eq!(notes(stage.social.posts_to("/inbox")), 1);
    }

    /// Conformance 50: an `Announce` can be read again at its id, and says the same.
    async fn an_announce_can_be_read_again_at_its_id(engine: Engine) {
        let stage = Stage::set(engine).await;
        stage.deliver().await;
        follow(&stage, &stage.alice, &stage.lyon.url("/annonces")).await;
        stage.publish_another().await;
        stage.deliver().await;
        let announces = told(stage.social.posts_to("/inbox"), "Announce");
        let [announce] = announces.as_slice() else {
            panic!("one announce, not {announces:?}");
        };
        let announce = announce.document();
        let id = announce["id"].as_str().unwrap();
        assert!(id.starts_with("http://lyon.test/annonces/activities/"), "{id}");
        for _ in 0..2 {
            assert_eq!(read(&stage, id).await, (200, announce.clone()));
            stage.lyon.advance(chrono::TimeDelta::days(1));
            rename_ad(&stage, "Agenda partagé, précisé").await;
        }
        let mut outbox = read(&stage, "http://lyon.test/annonces/outbox?page=1").await.1;
        assert_eq!(outbox["orderedItems"][0]["id"].take(), id);
    }
}

/// Conformance 44: whoever is mentioned is told: tag, address and link go together. A handle typed
/// in a need is text, and calls nobody.
#[tokio::test]
async fn a_handle_typed_in_a_need_mentions_nobody() {
    let stage = Stage::set(Engine::Sqlite).await;
    rename_ad(&stage, "Merci à @alice@social.test").await;
    let (_, note) = read(&stage, &stage.note().await).await;
    let content = note["content"].as_str().unwrap();
    assert!(content.contains("@alice@social.test"), "{content}");
    assert!(!content.contains("u-url"), "{content}");
    let is_mention = |tag: &&Value| tag["type"] == "Mention";
    assert_eq!(
        note["tag"]
            .as_array()
            .unwrap()
            .iter()
            .filter(is_mention)
            .count(),
        0
    );
    assert_eq!(
        note["to"],
        json!(["https://www.w3.org/ns/activitystreams#Public"])
    );
    assert_eq!(
        note["cc"],
        json!([format!("{}/followers", stage.actor().await)])
    );
}
