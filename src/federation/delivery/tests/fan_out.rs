//! Who receives what is said, and who does not.

use std::collections::HashSet;

use super::*;
use crate::{
    app::expansion::{self, Remaining},
    domain::federation::Actor,
    federation::delivery::tests::laboratory::say_bodies,
    store,
};

/// Conformance 51: one delivery per shared inbox.
#[tokio::test]
async fn followers_who_share_an_inbox_cause_one_request() {
    on_each_app(async |app| {
        let shared = Peer::start("shared.test", Some("mastodon")).await;
        let apart = Peer::start("apart.test", Some("gotosocial")).await;
        let speaker = speaker(&app).await;
        let followers = [
            remote(&app, "shared.test", "a", Some("/inbox")),
            remote(&app, "shared.test", "b", Some("/inbox")),
            remote(&app, "shared.test", "c", Some("/inbox")),
            remote(&app, "apart.test", "a", None),
            remote(&app, "apart.test", "b", None),
        ];
        follow(&app, &speaker, &followers).await;
        say(&app, &speaker).await;
        expand(&app).await;
        let dispatcher = dispatcher_to(&app, &[&shared, &apart]);
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 3);
        assert_eq!(shared.paths(), ["/inbox"]);
        assert_eq!(apart.paths(), ["/users/a/inbox", "/users/b/inbox"]);
        let bodies: HashSet<_> = [shared.received(), apart.received()]
            .concat()
            .into_iter()
            .map(|one| one.body)
            .collect();
        assert_eq!(bodies.len(), 1, "every server gets the same bytes");
    })
    .await;
}

/// Conformance 53: who blocks the speaker, and whole hosts that were suspended, get nothing.
#[tokio::test]
async fn those_who_block_us_and_those_we_suspended_get_nothing() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let suspended = Peer::start("sub.bad.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        let ours = actors::find_instance(&app).await.unwrap().unwrap();
        let followers = [
            remote(&app, "peer.test", "friend", None),
            remote(&app, "peer.test", "blocker", None),
            remote(&app, "peer.test", "gone", None),
            remote(&app, "sub.bad.test", "a", None),
        ];
        follow(&app, &speaker, &followers).await;
        let mut tx = app.store().write().await.unwrap();
        let [_, blocker, gone, _] = &followers;
        let uri = "http://peer.test/block";
        store::actor_blocks::save(&mut tx, blocker.id, speaker.id, uri, noon())
            .await
            .unwrap();
        store::actors::mark_gone(&mut tx, gone.id, noon())
            .await
            .unwrap();
        let own_follow = crate::domain::federation::Follow {
            id: app.next_id(),
            follower_id: ours.id,
            followed_id: speaker.id,
            activity_uri: "https://annonces.example/f".to_owned(),
            state: crate::domain::federation::FollowState::Accepted,
        };
        store::follows::save(&mut tx, &own_follow, noon())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        suspend(&app, "bad.test").await;

        say(&app, &speaker).await;
        expand(&app).await;
        let dispatcher = dispatcher_to(&app, &[&peer, &suspended]);
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 1);
        assert_eq!(peer.paths(), ["/users/friend/inbox"]);
        assert!(suspended.received().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_host_suspended_while_something_waits_for_it_gets_nothing() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        say(&app, &speaker).await;
        expand(&app).await;
        suspend(&app, "peer.test").await;
        let dispatcher = dispatcher_to(&app, &[&peer]);
        assert_eq!(dispatcher.deliver_due().await.unwrap(), 0);
        assert!(peer.received().is_empty());
        assert_eq!(ends(&app).await, [("not-sent", 1)].into());
    })
    .await;
}

async fn suspend(app: &App, host: &str) {
    use crate::domain::federation::{DomainPolicy, PolicyLevel};
    let policy = DomainPolicy {
        host: host.to_owned(),
        level: PolicyLevel::Suspend,
        public_comment: String::new(),
        private_comment: String::new(),
    };
    let mut tx = app.store().write().await.unwrap();
    store::domain_policies::save(&mut tx, &policy, app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn crowd(app: &App, count: usize) -> Vec<Actor> {
    (0..count)
        .map(|number| remote(app, "peer.test", &format!("u{number}"), None))
        .collect()
}

#[tokio::test]
async fn thousands_of_followers_are_walked_through_in_chunks_and_a_crash_resumes() {
    on_each_app(async |app| {
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &crowd(&app, 2_500)).await;
        say(&app, &speaker).await;
        // a first worker makes the bytes and serves one chunk, then is killed
        let first = expansion::claim_next(&app).await.unwrap().unwrap();
        let bodies = expansion::Bodies {
            note: Some("{\"first\":true}".to_owned()),
            article: Some("{\"first\":true}".to_owned()),
        };
        let first = expansion::keep_bodies(&app, first, bodies).await.unwrap();
        let mut first = first.unwrap();
        let left = expansion::expand_chunk(&app, &mut first).await.unwrap();
        assert_eq!(left, Remaining::Some);
        assert_eq!(ends(&app).await, [("waiting", 1_000)].into());

        assert_eq!(expand_due(&app).await.unwrap(), 0, "leased");
        app.clock().advance(TimeDelta::minutes(6));
        assert_eq!(expand_due(&app).await.unwrap(), 2, "two chunks were left");
        assert_eq!(ends(&app).await, [("waiting", 2_500)].into());
        assert_eq!(expand_due(&app).await.unwrap(), 0);

        // had the first only been slow, it would change nothing any more
        let left = expansion::expand_chunk(&app, &mut first).await.unwrap();
        assert_eq!(left, Remaining::None);
        assert_eq!(ends(&app).await, [("waiting", 2_500)].into());
        let mut tx = app.store().read().await.unwrap();
        let due = store::deliveries::list_due(&mut tx, "peer.test", app.now(), 3_000);
        let due = due.await.unwrap();
        let inboxes: HashSet<_> = due.iter().map(|one| &one.inbox).collect();
        assert_eq!(inboxes.len(), 2_500);
        assert!(
            due.iter()
                .all(|one| one.note_body.as_deref() == Some("{\"first\":true}"))
        );
    })
    .await;
}

#[tokio::test]
async fn an_actor_who_goes_away_says_so_to_every_server_we_know() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        let stranger = remote(&app, "peer.test", "stranger", Some("/inbox"));
        let mut tx = app.store().write().await.unwrap();
        store::actors::save_remote(&mut tx, &stranger)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        enqueue(&app, &speaker, Outbound::DeleteActor).await;
        expand(&app).await;
        dispatcher_to(&app, &[&peer]).deliver_due().await.unwrap();
        assert_eq!(peer.paths(), ["/inbox"]);
        assert_eq!(peer.received()[0].document()["object"], speaker.uri);
    })
    .await;
}

#[tokio::test]
async fn two_processes_never_make_the_same_delivery() {
    on_each_app(async |app| {
        let mut peers = Vec::new();
        for number in 0..8 {
            peers.push(Peer::start(&format!("p{number}.test"), Some("mastodon")).await);
        }
        let all: Vec<&Peer> = peers.iter().collect();
        let speaker = speaker(&app).await;
        for peer in &peers {
            let followers: Vec<_> = (0..10)
                .map(|number| remote(&app, &peer.name, &format!("u{number}"), None))
                .collect();
            follow(&app, &speaker, &followers).await;
        }
        for _ in 0..4 {
            say(&app, &speaker).await;
        }
        let processes = [1, 2].map(|_| {
            let (app, dispatcher) = (app.clone(), dispatcher_to(&app, &all));
            tokio::spawn(async move {
                while expand_due(&app).await.unwrap() > 0 {}
                dispatcher.deliver_due().await.unwrap()
            })
        });
        let mut tried = 0;
        for process in processes {
            tried += process.await.unwrap();
        }
        // who ended first may have left what the other had just queued
        tried += dispatcher_to(&app, &all).deliver_due().await.unwrap();
        assert_eq!(tried, 8 * 10 * 4);
        for peer in &peers {
            let received = peer.received();
            let distinct: HashSet<_> = received
                .iter()
                .map(|one| (one.uri.path().to_owned(), one.id()))
                .collect();
            assert_eq!((received.len(), distinct.len()), (40, 40), "{}", peer.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_host_with_much_waiting_takes_its_turn_like_the_others() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let small = Peer::start("small.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &crowd(&app, 300)).await;
        say(&app, &speaker).await;
        expand(&app).await;
        let dispatcher = dispatcher_to(&app, &[&peer, &small]);
        let busy = tokio::spawn({
            let dispatcher = dispatcher.clone();
            async move { dispatcher.deliver_due().await.unwrap() }
        });
        peer.has_received(1).await;
        follow(&app, &speaker, &[remote(&app, "small.test", "a", None)]).await;
        say(&app, &speaker).await;
        expand(&app).await;
        small.has_received(1).await;
        let already = peer.received().len();
        assert!(already < 600, "{already} of the 600 were made before");
        busy.await.unwrap();
        dispatcher.deliver_due().await.unwrap();
        assert_eq!(peer.received().len(), 600);
    })
    .await;
}

/// Conformance 66: nothing bigger than what careful servers read.
#[tokio::test]
async fn an_activity_that_servers_would_not_read_is_not_sent() {
    on_each_app(async |app| {
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &crowd(&app, 1)).await;
        let (fits, too_big) = ("n".repeat(65_535), "n".repeat(65_536));
        say_bodies(&app, &speaker, Some(&fits), Some(&too_big)).await;
        let mut tx = app.store().read().await.unwrap();
        let due = store::deliveries::list_due(&mut tx, "peer.test", app.now(), 10);
        let [due] = due.await.unwrap().try_into().unwrap();
        assert_eq!(due.note_body.map(|body| body.len()), Some(65_535));
        assert_eq!(due.article_body, None);
    })
    .await;
}
