//! What comes from other servers: replies and reports.

use chrono::TimeDelta;
use emancipasso::{
    app::{
        comments::receiving::{self, Audience, Reply},
        remote_actors::{self, RemoteProfile},
        reports::{self, Flagged},
    },
    domain::federation::ActorKind,
};

use super::*;

impl Story {
    /// Somebody on another server.
    async fn ada(&self) -> Who {
        let uri = "https://mastodon.example/users/ada";
        let profile = RemoteProfile {
            uri: uri.into(),
            kind: ActorKind::Person,
            handle: "ada".into(),
            host: "mastodon.example".into(),
            name: "Ada".into(),
            summary: String::new(),
            url: "https://mastodon.example/@ada".into(),
            inbox: format!("{uri}/inbox"),
            shared_inbox: None,
            followers: None,
            key_id: None,
            public_key: None,
            is_indexable: false,
            updated_at: None,
        };
        Who::Remote(
            remote_actors::save(&self.instance.app, profile)
                .await
                .unwrap()
                .id,
        )
    }

    /// A reply of somebody to the ad with this address.
    async fn reply(&self, who: &Who, ad: &str, number: u32) {
        let uri = format!("https://mastodon.example/users/ada/statuses/{number}");
        let reply = Reply {
            url: uri.clone(),
            uri,
            in_reply_to: ad.to_owned(),
            content: format!("<p>Réponse {number}</p><script>alert(1)</script>"),
            audience: Audience::Public,
            published_at: None,
            updated_at: None,
        };
        receiving::save(&self.instance.app, who, &reply)
            .await
            .unwrap();
        self.instance.advance(TimeDelta::seconds(1));
    }
}

on_both_engines! {
    async fn replies_are_read_and_decided_on(engine: Engine) {
        let story = Story::start(engine).await;
        let (id, _) = story.publish("Un agenda partagé").await;
        let shown = story.camille.get(&format!("/ads/{id}")).await.expect(200);
        let ada = story.ada().await;
        for number in 1..=5 {
            story.reply(&ada, shown["url"].as_str().unwrap(), number).await;
        }
        let path = format!("/ads/{id}/comments");
        let stranger = story.instance.stranger();
        assert_eq!(stranger.get(&path).await.expect(200), json!({"items": []}));
        let pending = format!("{path}?state=pending");
        stranger.get(&pending).await.expect_problem(401, "unauthenticated");
        let other = story.instance.program("sacha", Role::Member, &EVERY_SCOPE).await;
        other.get(&pending).await.expect_problem(403, "forbidden");
        let narrow = story.instance.program("camille", Role::Member, &["ads:write"]).await;
        narrow.get(&pending).await.expect_problem(403, "forbidden");

        let waiting = lists::walk(&story.camille, &pending, async || ()).await;
        assert_eq!(waiting.len(), 5);
        let decide = async |program: &Program, decision: &str| {
            let path = format!("/comments/{}/decision", waiting[0]);
            program.post(&path, json!({"decision": decision})).await
        };
        decide(&stranger, "accept").await.expect_problem(401, "unauthenticated");
        decide(&other, "accept").await.expect_problem(403, "forbidden");
        decide(&narrow, "accept").await.expect_problem(403, "forbidden");
        decide(&story.camille, "maybe").await.expect_problem(400, "malformed");
        assert_eq!(decide(&story.camille, "accept").await.expect(200)["state"], "accepted");
        let accepted = stranger.get(&path).await.expect(200);
        let reply = &accepted["items"][0];
        assert_eq!(reply["author"]["handle"], "@ada@mastodon.example");
        assert_eq!(reply["origin"], "https://mastodon.example/users/ada/statuses/1");
        assert_eq!(reply["content"], "<p>Réponse 1</p>");
        assert_eq!(decide(&story.moderator, "refuse").await.expect(200)["state"], "refused");
        assert_eq!(stranger.get(&path).await.expect(200), json!({"items": []}));

        let origin = reply["origin"].as_str().unwrap();
        receiving::delete(&story.instance.app, &ada, origin).await.unwrap();
        decide(&story.camille, "accept").await.expect_problem(410, "gone");
        story.camille.post("/comments/7/decision", json!({"decision": "accept"})).await.expect_problem(404, "not-found");
    }

    async fn reports_are_read_and_closed_once(engine: Engine) {
        let story = Story::start(engine).await;
        let (id, _) = story.publish("Un agenda partagé").await;
        let shown = story.camille.get(&format!("/ads/{id}")).await.expect(200);
        let ada = story.ada().await;
        for number in 1..=3 {
            let flagged = Flagged {
                activity: format!("https://mastodon.example/flags/{number}"),
                host: "mastodon.example".into(),
                content: "Ceci est une publicité".into(),
                objects: vec![shown["url"].as_str().unwrap().to_owned()],
            };
            reports::receive(&story.instance.app, &ada, flagged).await.unwrap();
        }
        let open = lists::walk(&story.moderator, "/moderation/reports", async || ()).await;
        assert_eq!(open.len(), 3);
        story.camille.get("/moderation/reports").await.expect_problem(403, "forbidden");
        story.instance.stranger().get("/moderation/reports").await.expect_problem(401, "unauthenticated");
        let first = &story.moderator.get("/moderation/reports").await.expect(200)["items"][0];
        assert_eq!((&first["ad"], &first["host"]), (&json!(id), &json!("mastodon.example")));

        let close = format!("/moderation/reports/{}/decision", open[0]);
        let decision = json!({"decision": "dismiss"});
        story.camille.post(&close, decision.clone()).await.expect_problem(403, "forbidden");
        assert_eq!(story.moderator.post(&close, decision.clone()).await.expect(200)["state"], "dismissed");
        story.moderator.post(&close, decision.clone()).await.expect_problem(409, "conflict");
        story.moderator.post("/moderation/reports/7/decision", decision).await.expect_problem(404, "not-found");
        let open = lists::walk(&story.moderator, "/moderation/reports", async || ()).await;
        assert_eq!(open.len(), 2);
    }
}
