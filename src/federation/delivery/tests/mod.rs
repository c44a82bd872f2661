//! Stories of sending, with real requests, on both databases. The clock is moved by hand.

mod fan_out;
mod laboratory;
mod renditions;
mod trouble;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use http::{Method, uri::Scheme};

use self::laboratory::{
    Answers, Peer, Received, dispatcher_to, enqueue, expand, follow, remote, say, speaker,
};
use super::*;
use crate::{
    app::{
        actors,
        testing::{noon, on_each_app},
    },
    domain::{delivery::DeliveryOutcome, outbound::Outbound},
    federation::{
        keys::PublicKey,
        signatures::{ReceivedRequest, precheck},
    },
    jobs::{self, Workers},
};

/// How many deliveries came to each end; those that wait under "waiting".
async fn ends(app: &App) -> BTreeMap<&'static str, i64> {
    let tallies = deliveries::list_tallies(app, noon()).await.unwrap();
    tallies
        .into_iter()
        .map(|(outcome, count)| (outcome.map_or("waiting", DeliveryOutcome::as_str), count))
        .collect()
}

/// Conformance 10: what Mastodon checks. Conformance 4: by the key that the actor publishes.
#[tokio::test]
async fn a_delivery_is_signed_by_its_speaker_over_all_that_peers_demand() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        say(&app, &speaker).await;
        expand(&app).await;
        let tried = dispatcher_to(&app, &[&peer]).deliver_due().await.unwrap();
        assert_eq!(tried, 1);
        let received = peer.received();
        let [request] = received.as_slice() else {
            panic!("{} requests", received.len());
        };
        assert_eq!(request.method, Method::POST);
        assert_eq!(request.headers["content-type"], "application/activity+json");
        let signature = request.headers["signature"].to_str().unwrap();
        let covered = "headers=\"(request-target) host date digest content-type\"";
        assert!(signature.contains(covered), "{signature}");
        assert!(signature.contains("algorithm=\"rsa-sha256\""));
        assert!(
            request.headers["digest"]
                .to_str()
                .unwrap()
                .starts_with("SHA-256=")
        );
        assert_eq!(request.headers["date"], "Sun, 22 Nov 2026 12:00:00 GMT");

        let claim = claim_of(request, "peer.test");
        assert_eq!(claim.key_id(), format!("{}#main-key", speaker.uri));
        let key = PublicKey::from_pem(speaker.public_key.as_deref().unwrap()).unwrap();
        claim.verify(&key).unwrap();
        assert_eq!(request.document()["actor"], speaker.uri);
    })
    .await;
}

fn claim_of(request: &Received, host: &str) -> crate::federation::signatures::Claim {
    let seen = ReceivedRequest {
        method: &request.method,
        uri: &request.uri,
        headers: &request.headers,
        scheme: Scheme::HTTP,
    };
    precheck(&seen, &[host], &request.body, noon()).unwrap()
}

/// Conformance 12 and 13: the answer to a follow goes to the follower's own inbox.
#[tokio::test]
async fn the_acceptance_of_a_follow_goes_to_the_inbox_of_the_follower() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        let follower = remote(&app, "peer.test", "a", Some("/inbox"));
        follow(&app, &speaker, std::slice::from_ref(&follower)).await;
        let activity = "http://peer.test/follows/1".to_owned();
        let accept = Outbound::AcceptFollow {
            follower: follower.id,
            activity: activity.clone(),
        };
        enqueue(&app, &speaker, accept).await;
        expand(&app).await;
        dispatcher_to(&app, &[&peer]).deliver_due().await.unwrap();
        assert_eq!(peer.paths(), ["/users/a/inbox"]);
        let document = peer.received()[0].document();
        assert_eq!(document["type"], "Accept");
        assert_eq!(document["object"]["id"], activity);
        assert_eq!(document["to"], serde_json::json!([follower.uri]));
    })
    .await;
}

#[tokio::test]
async fn an_actor_whose_key_is_being_made_waits_for_it() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        actors::ensure_ours(&app).await.unwrap();
        let silent = actors::find_by_handle(&app, "annonces")
            .await
            .unwrap()
            .unwrap();
        follow(&app, &silent, &[remote(&app, "peer.test", "a", None)]).await;
        let event = Outbound::DeleteActor;
        enqueue(&app, &silent, event).await;
        expand(&app).await;
        let dispatcher = dispatcher_to(&app, &[&peer]);
        dispatcher.deliver_due().await.unwrap();
        assert!(peer.received().is_empty());
        assert_eq!(ends(&app).await, [("waiting", 1)].into());

        speaker(&app).await;
        app.clock().advance(TimeDelta::seconds(5));
        dispatcher.deliver_due().await.unwrap();
        assert_eq!(peer.received().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_key_worker_serves_actors_first_then_keeps_spare_pairs() {
    on_each_app(async |app| {
        actors::ensure_ours(&app).await.unwrap();
        let missing = actors::count_missing_keys(&app).await.unwrap();
        // the instance, `annonces` and `annuaire`
        assert_eq!(missing, 3 + actors::SPARE_KEYS);
        for _ in 0..3 {
            assert_eq!(jobs::keys::run_once(&app).await.unwrap(), 1);
        }
        let instance = actors::find_instance(&app).await.unwrap().unwrap();
        let private = actors::private_key(&app, instance.id)
            .await
            .unwrap()
            .unwrap();
        let pair = crate::federation::keys::RsaKeyPair::from_pkcs8_pem(&private).unwrap();
        assert_eq!(instance.public_key, Some(pair.public_key_pem().unwrap()));
        let missing = actors::count_missing_keys(&app).await.unwrap();
        assert_eq!(missing, actors::SPARE_KEYS);
    })
    .await;
}

#[tokio::test]
async fn workers_deliver_what_is_said_and_finish_when_told() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let dispatcher = dispatcher_to(&app, &[&peer]);
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        let workers = [
            jobs::delivery::expander(),
            jobs::delivery::deliverer(dispatcher.clone()),
        ];
        let workers = Workers::start(&app, workers);
        say(&app, &speaker).await;
        peer.has_received(1).await;
        workers.stop().await;
        dispatcher.finish().await;
        assert_eq!(ends(&app).await, [("delivered", 1)].into());
    })
    .await;
}

/// Conformance 52: at least three days of tries, then an end.
#[tokio::test]
async fn a_delivery_is_tried_for_three_days_then_given_up() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        peer.answers(Answers::With(500));
        let dispatcher = dispatcher_to(&app, &[&peer]);
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        say(&app, &speaker).await;
        expand(&app).await;
        let mut last = noon();
        while ends(&app).await.contains_key("waiting") {
            if dispatcher.deliver_due().await.unwrap() > 0 {
                last = app.now();
            }
            app.clock().advance(TimeDelta::minutes(20));
        }
        assert!(last - noon() >= TimeDelta::days(3));
        assert_eq!(ends(&app).await, [("given-up", 1)].into());
        let tries = peer.received();
        assert!((15..40).contains(&tries.len()), "{} tries", tries.len());
        assert!(tries.iter().all(|one| one.body == tries[0].body));
    })
    .await;
}
