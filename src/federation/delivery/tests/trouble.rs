//! Servers that are slow, dead, busy or gone, and a process that is killed.

use super::*;
use crate::federation::delivery::tests::laboratory::{dispatcher_with, nobody, say_bodies};

/// Conformance 52: one dead host does not delay others.
#[tokio::test]
async fn a_host_that_hangs_delays_nobody() {
    on_each_app(async |app| {
        let hung = Peer::start("hung.test", Some("mastodon")).await;
        let live = Peer::start("live.test", Some("mastodon")).await;
        hung.answers(Answers::Never);
        let dispatcher = dispatcher_to(&app, &[&hung, &live]);
        let speaker = speaker(&app).await;
        let followers = [
            remote(&app, "hung.test", "a", None),
            remote(&app, "live.test", "a", None),
        ];
        follow(&app, &speaker, &followers).await;
        say(&app, &speaker).await;
        expand(&app).await;
        dispatcher.start_due().await.unwrap();
        hung.has_received(1).await;
        live.has_received(1).await;
        // while the first request still hangs, something else is said
        say(&app, &speaker).await;
        expand(&app).await;
        while live.received().len() < 2 {
            dispatcher.start_due().await.unwrap();
            tokio::task::yield_now().await;
        }
        assert_eq!(hung.received().len(), 1);
        hung.answers(Answers::With(202));
        dispatcher.finish().await;
        dispatcher.deliver_due().await.unwrap();
        assert_eq!(ends(&app).await, [("delivered", 4)].into());
    })
    .await;
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_called_once_then_left_alone_for_a_while() {
    on_each_app(async |app| {
        let speaker = speaker(&app).await;
        let followers = ["a", "b", "c"].map(|name| remote(&app, "dead.test", name, None));
        follow(&app, &speaker, &followers).await;
        say(&app, &speaker).await;
        expand(&app).await;
        let dead = dispatcher_with(&app, [("dead.test".to_owned(), nobody().await)].into());
        assert_eq!(dead.deliver_due().await.unwrap(), 1);
        assert_eq!(dead.deliver_due().await.unwrap(), 0);
        let host = deliveries::find_host(&app, "dead.test")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(host.health.failing_since, Some(noon()));
        assert!(host.last_error.unwrap().starts_with("no connection"));
        app.clock().advance(TimeDelta::seconds(76));
        assert_eq!(dead.deliver_due().await.unwrap(), 1);
        app.clock().advance(TimeDelta::seconds(76));
        assert_eq!(dead.deliver_due().await.unwrap(), 0, "two minutes by now");

        let peer = Peer::start("dead.test", Some("mastodon")).await;
        let risen = dispatcher_to(&app, &[&peer]);
        app.clock().advance(TimeDelta::minutes(2));
        assert_eq!(risen.deliver_due().await.unwrap(), 3);
        let host = deliveries::find_host(&app, "dead.test")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((host.health.failures, host.last_error), (0, None));
        assert_eq!(host.last_success_at, Some(app.now()));
    })
    .await;
}

#[tokio::test]
async fn a_sign_of_life_wakes_a_host_thought_dead() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        say(&app, &speaker).await;
        expand(&app).await;
        let dead = dispatcher_with(&app, [("peer.test".to_owned(), nobody().await)].into());
        dead.deliver_due().await.unwrap();
        let risen = dispatcher_to(&app, &[&peer]);
        assert_eq!(risen.deliver_due().await.unwrap(), 0);
        deliveries::note_sign_of_life(&app, "peer.test")
            .await
            .unwrap();
        assert_eq!(risen.deliver_due().await.unwrap(), 1);
        assert_eq!(peer.received().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_host_silent_for_thirty_days_gets_nothing_new_until_it_gives_a_sign_of_life() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        let dead = dispatcher_with(&app, [("peer.test".to_owned(), nobody().await)].into());
        say(&app, &speaker).await;
        expand(&app).await;
        dead.deliver_due().await.unwrap();
        app.clock().advance(TimeDelta::days(30));
        dead.deliver_due().await.unwrap();
        assert_eq!(ends(&app).await, [("given-up", 1)].into());
        say(&app, &speaker).await;
        expand(&app).await;
        assert_eq!(
            ends(&app).await,
            [("given-up", 1)].into(),
            "nothing new waits"
        );

        deliveries::note_sign_of_life(&app, "peer.test")
            .await
            .unwrap();
        say(&app, &speaker).await;
        expand(&app).await;
        dispatcher_to(&app, &[&peer]).deliver_due().await.unwrap();
        assert_eq!(peer.received().len(), 1);
    })
    .await;
}

/// Conformance 52: `Retry-After` is honoured.
#[tokio::test]
async fn a_host_that_asks_to_wait_is_left_alone_until_then() {
    on_each_app(async |app| {
        for (number, answer) in [
            Answers::Saying(429, "retry-after", "600"),
            Answers::Saying(503, "retry-after", "600"),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("p{number}.test");
            let peer = Peer::start(&name, Some("mastodon")).await;
            let dispatcher = dispatcher_to(&app, &[&peer]);
            let speaker = speaker(&app).await;
            follow(&app, &speaker, &[remote(&app, &name, "a", None)]).await;
            peer.answers(answer);
            say(&app, &speaker).await;
            expand(&app).await;
            dispatcher.deliver_due().await.unwrap();
            peer.answers(Answers::With(202));
            app.clock().advance(TimeDelta::seconds(599));
            dispatcher.deliver_due().await.unwrap();
            assert_eq!(peer.received().len(), 1);
            app.clock().advance(TimeDelta::seconds(1));
            dispatcher.deliver_due().await.unwrap();
            assert_eq!(peer.received().len(), 2);
        }
    })
    .await;
}

/// Conformance 52: other 4xx end a delivery, 5xx do not, and what is sent again is the same.
#[tokio::test]
async fn what_fails_is_sent_again_with_the_same_id_and_bytes_and_what_is_refused_is_not() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let dispatcher = dispatcher_to(&app, &[&peer]);
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        for (status, requests) in [(500, 2), (401, 2), (503, 2), (403, 1), (308, 1), (404, 1)] {
            let before = peer.received().len();
            peer.answers(Answers::With(status));
            say(&app, &speaker).await;
            expand(&app).await;
            dispatcher.deliver_due().await.unwrap();
            peer.answers(Answers::With(202));
            app.clock().advance(TimeDelta::seconds(76));
            dispatcher.deliver_due().await.unwrap();
            let received = peer.received().split_off(before);
            assert_eq!(received.len(), requests, "{status}");
            assert!(received.iter().all(|one| one.body == received[0].body));
        }
        let ends = ends(&app).await;
        assert_eq!(ends, [("delivered", 3), ("refused", 3)].into());
    })
    .await;
}

#[tokio::test]
async fn an_inbox_that_is_gone_gets_nothing_more_and_one_that_is_not_found_does() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let dispatcher = dispatcher_to(&app, &[&peer]);
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        for (status, requests) in [(404, 1), (410, 2), (202, 2)] {
            peer.answers(Answers::With(status));
            say(&app, &speaker).await;
            expand(&app).await;
            dispatcher.deliver_due().await.unwrap();
            assert_eq!(peer.received().len(), requests, "{status}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_activity_that_a_server_cannot_stand_does_not_hold_the_others_back() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let dispatcher = dispatcher_to(&app, &[&peer]);
        let speaker = speaker(&app).await;
        follow(&app, &speaker, &[remote(&app, "peer.test", "a", None)]).await;
        peer.answers(Answers::Choking("poison", 500));
        say_bodies(
            &app,
            &speaker,
            Some("{\"n\":\"poison\"}"),
            Some("{\"n\":\"poison\"}"),
        )
        .await;
        dispatcher.deliver_due().await.unwrap();
        for _ in 0..3 {
            say_bodies(
                &app,
                &speaker,
                Some("{\"n\":\"bread\"}"),
                Some("{\"n\":\"bread\"}"),
            )
            .await;
            dispatcher.deliver_due().await.unwrap();
        }
        let ends = ends(&app).await;
        assert_eq!(ends, [("delivered", 3), ("waiting", 1)].into());
    })
    .await;
}

/// The kill test of deliveries: the process dies between the sending and its record.
#[tokio::test]
async fn a_killed_process_loses_nothing_and_sends_again_with_the_same_id() {
    on_each_app(async |app| {
        let peer = Peer::start("peer.test", Some("mastodon")).await;
        let speaker = speaker(&app).await;
        let followers = ["a", "b", "c"].map(|name| remote(&app, "peer.test", name, None));
        follow(&app, &speaker, &followers).await;
        say(&app, &speaker).await;
        expand(&app).await;
        peer.answers(Answers::Never);
        let dispatcher = dispatcher_to(&app, &[&peer]);
        let killed = tokio::spawn(async move { dispatcher.deliver_due().await });
        peer.has_received(1).await;
        killed.abort();
        assert!(killed.await.unwrap_err().is_cancelled());
        assert_eq!(ends(&app).await, [("waiting", 3)].into());

        peer.answers(Answers::With(202));
        let next = dispatcher_to(&app, &[&peer]);
        assert_eq!(next.deliver_due().await.unwrap(), 0, "leased");
        app.clock().advance(TimeDelta::minutes(4));
        assert_eq!(next.deliver_due().await.unwrap(), 3);
        assert_eq!(ends(&app).await, [("delivered", 3)].into());
        let received = peer.received();
        assert_eq!(received.len(), 4);
        let same = received.iter().filter(|one| one.uri == received[0].uri);
        let bodies: Vec<_> = same.map(|one| &one.body).collect();
        assert_eq!(
            bodies.len(),
            2,
            "one inbox was served twice, with the same bytes"
        );
        assert_eq!(bodies[0], bodies[1]);
    })
    .await;
}

/// Conformance 23: not even when a remote actor names such an inbox.
#[tokio::test]
async fn an_inbox_inside_a_private_network_is_never_called() {
    on_each_app(async |app| {
        let speaker = speaker(&app).await;
        let mut insider = remote(&app, "peer.test", "a", None);
        insider.inbox = "https://10.0.0.1/inbox".to_owned();
        follow(&app, &speaker, &[insider]).await;
        say(&app, &speaker).await;
        expand(&app).await;
        dispatcher_to(&app, &[]).deliver_due().await.unwrap();
        assert_eq!(ends(&app).await, [("refused", 1)].into());
    })
    .await;
}
