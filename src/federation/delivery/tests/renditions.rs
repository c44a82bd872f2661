//! Which of the two renditions each server gets.

use super::*;
use crate::{
    app::{
        ads::{
            publication::{self, Submission},
            review::{self, Decision},
            writing,
        },
        testing::{add_association, add_person},
    },
    domain::{account::Role, ad::AdInput, federation::Actor},
    federation::delivery::tests::laboratory::{dispatcher_with, nobody, say_bodies},
    store::ads,
};

/// A published ad, whose announcement has not left yet; its actor.
async fn publish(app: &App, slug: &str, need: &str) -> Actor {
    let (organisation, author) = add_association(app, slug).await;
    let address = format!("moderation-{slug}@example.org");
    let moderator = add_person(app, &address, Role::Moderator).await;
    let input = AdInput {
        kind: "feature".into(),
        title: "Agenda partagé".into(),
        need: need.into(),
        software: "Paheko".into(),
        licence: "AGPL-3.0-or-later".into(),
        territory: "departement:29".into(),
        ..AdInput::default()
    };
    let id = writing::create(app, &author, organisation, &input)
        .await
        .unwrap();
    let submitted = publication::submit(app, &author, id, "").await.unwrap();
    assert_eq!(submitted, Submission::InReview);
    review::decide(app, &moderator, id, Decision::Approve)
        .await
        .unwrap();
    let mut tx = app.store().read().await.unwrap();
    let actor = ads::find(&mut tx, id)
        .await
        .unwrap()
        .unwrap()
        .actor_id
        .unwrap();
    drop(tx);
    loop {
        let found = actors::find(app, actor).await.unwrap().unwrap();
        if found.public_key.is_some() {
            return found;
        }
        jobs::keys::run_once(app).await.unwrap();
    }
}

/// Conformance 29: a `Note` for everybody. An `Article` for Mobilizon, with the same id.
#[tokio::test]
async fn mobilizon_gets_the_article_and_everybody_else_the_note() {
    on_each_app(async |app| {
        let mobilizon = Peer::start("mobilizon.test", Some("Mobilizon")).await;
        let mastodon = Peer::start("mastodon.test", Some("mastodon")).await;
        let discreet = Peer::start("discreet.test", None).await;
        let peers = [&mobilizon, &mastodon, &discreet];
        let need = "Nos bénévoles ont besoin de voir les permanences.";
        speaker(&app).await;
        let ad = publish(&app, "velo", need).await;
        let followers = peers.map(|peer| remote(&app, &peer.name, "a", Some("/inbox")));
        follow(&app, &ad, &followers).await;
        expand(&app).await;
        dispatcher_to(&app, &peers).deliver_due().await.unwrap();
        let types = peers.map(|peer| peer.received()[0].object_type());
        assert_eq!(types, ["Article", "Note", "Note"]);
        let ids = peers.map(|peer| peer.received()[0].id());
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(mastodon.received()[0].document()["type"], "Create");
        // each was asked once, just before, and will not be for a day
        assert_eq!(peers.map(|peer| *peer.asked.lock().unwrap()), [1, 1, 1]);
    })
    .await;
}

/// Conformance 66, with the largest need that can be typed.
#[tokio::test]
async fn the_largest_ad_still_fits() {
    on_each_app(async |app| {
        let peer = Peer::start("mastodon.test", Some("mastodon")).await;
        speaker(&app).await;
        let needs = [
            "&".repeat(10_000),
            "é`x`**y** ".repeat(1_000),
            "🚲".repeat(10_000),
        ];
        for (number, need) in needs.iter().enumerate() {
            let ad = publish(&app, &format!("velo{number}"), need).await;
            follow(&app, &ad, &[remote(&app, "mastodon.test", "a", None)]).await;
            expand(&app).await;
            dispatcher_to(&app, &[&peer]).deliver_due().await.unwrap();
            let received = peer.received();
            assert_eq!(received.len(), number + 1);
            let body = &received[number].body;
            assert!(body.len() < 64 * 1024, "{} bytes", body.len());
            let document = received[number].document();
            let content = document["object"]["content"].as_str().unwrap();
            assert!(content.len() > 3_500, "its beginning is there");
            assert!(content.contains(&ad.uri), "and the link to the rest");
        }
    })
    .await;
}

#[tokio::test]
async fn mobilizon_gets_nothing_when_there_is_nothing_for_it() {
    on_each_app(async |app| {
        let mobilizon = Peer::start("mobilizon.test", Some("mobilizon")).await;
        let mastodon = Peer::start("mastodon.test", Some("mastodon")).await;
        let peers = [&mobilizon, &mastodon];
        let dispatcher = dispatcher_to(&app, &peers);
        let speaker = speaker(&app).await;
        let followers = peers.map(|peer| remote(&app, &peer.name, "a", None));
        follow(&app, &speaker, &followers).await;
        // the first time the software is asked, the second time it is known
        for round in 1..=2 {
            say_bodies(&app, &speaker, Some("{\"n\":1}"), None).await;
            dispatcher.deliver_due().await.unwrap();
            assert_eq!(mastodon.received().len(), round);
            assert!(mobilizon.received().is_empty());
        }
        let ends = ends(&app).await;
        assert_eq!(ends, [("delivered", 2), ("not-sent", 1)].into());
    })
    .await;
}

#[tokio::test]
async fn a_host_is_asked_when_it_is_met_and_once_a_day() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("Mobilizon")).await;
        let dispatcher = dispatcher_to(&app, &[&peer]);
        let fetcher = &dispatcher.0.fetcher;
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        say(&app, &speaker).await;
        assert_eq!(ask_hosts(&app, fetcher).await.unwrap(), 0);
        expand(&app).await;
        assert_eq!(ask_hosts(&app, fetcher).await.unwrap(), 1);
        assert_eq!(ask_hosts(&app, fetcher).await.unwrap(), 0);
        let host = deliveries::find_host(&app, "peer.test")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(host.software.as_deref(), Some("mobilizon"));
        app.clock().advance(TimeDelta::hours(25));
        assert_eq!(ask_hosts(&app, fetcher).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_host_that_cannot_be_asked_now_is_asked_again_when_it_answers() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mobilizon")).await;
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        let bodies = (Some("{\"n\":\"note\"}"), Some("{\"n\":\"article\"}"));
        say_bodies(&app, &speaker, bodies.0, bodies.1).await;
        let down = [("peer.test".to_owned(), nobody().await)].into();
        dispatcher_with(&app, down).deliver_due().await.unwrap();
        app.clock().advance(TimeDelta::hours(1));
        dispatcher_to(&app, &[&peer]).deliver_due().await.unwrap();
        assert_eq!(peer.received()[0].document()["n"], "article");
    })
    .await;
}
