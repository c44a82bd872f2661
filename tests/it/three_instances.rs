//! Three instances that speak with each other over HTTP: one publishes, one replies, one is down for a
//! while.

use chrono::TimeDelta;
use emancipasso::{
    app::{
        Who, actors,
        ads::life::{self, MilestoneInput},
        comments::moderation::{self, Decision},
        follows, inbox,
    },
    domain::{account::Role, federation::InboxOutcome},
};
use serde_json::json;

use crate::support::{
    Engine, Instance, Person,
    people::{Association, complete_ad},
};

/// Asks to follow an actor of another instance, as `annonces`, until the answer came.
async fn follow(follower: &Instance, followed: &str, host: &Instance) {
    let known = follower
        .federation
        .read_actor(&followed.parse().unwrap())
        .await
        .unwrap();
    let ours = actors::find_by_handle(&follower.app, "annonces")
        .await
        .unwrap()
        .unwrap();
    follows::request(&follower.app, &Who::System, &ours, known.id)
        .await
        .unwrap();
    follower.deliver().await;
    host.treat().await;
    host.deliver().await;
    follower.treat().await;
    assert!(
        follows::is_followed_by_us(&follower.app, followed)
            .await
            .unwrap()
    );
}

/// How many activities of this type were kept and treated.
async fn count_received(instance: &Instance, moderator: &Who, kind: &str) -> usize {
    instance.treat().await;
    let mut count = 0;
    for outcome in InboxOutcome::ALL {
        let treated = inbox::list_treated(&instance.app, moderator, *outcome, None).await;
        count += treated
            .unwrap()
            .iter()
            .filter(|item| item.kind == kind)
            .count();
    }
    count
}

/// The only reply that waits at an instance is accepted by the association.
async fn accept_the_reply(instance: &Instance, moderator: &Who, association: &Association) {
    let waiting = moderation::list_pending(&instance.app, moderator, None)
        .await
        .unwrap();
    let [reply] = waiting.comments.as_slice() else {
        panic!("one reply waits, not {waiting:?}");
    };
    let decided = moderation::decide(
        &instance.app,
        &association.who,
        reply.id,
        Decision::Accept,
        None,
    );
    decided.await.unwrap();
}

on_both_engines! {
    async fn an_ad_its_reply_and_its_news_reach_three_instances_even_one_that_was_down(engine: Engine) {
        let domains = ["lyon.test", "brest.test", "nantes.test"];
        let [lyon, mut brest, nantes] = Instance::start_all(engine, domains, |_| {}).await;
        for instance in [&lyon, &brest, &nantes] {
            instance.make_keys().await;
        }
        let association = lyon.association("Vélo solidaire").await;
        let ad = lyon.publish(&association, &complete_ad("Agenda partagé accessible")).await;
        let path = format!("/annonces/{}", ad.address().unwrap());
        let address = lyon.url(&path);
        let at_lyon = lyon.person("Moderation", Role::Moderator).await;
        let at_brest = brest.person("Moderation", Role::Moderator).await;
        let at_nantes = nantes.person("Moderation", Role::Moderator).await;
        // said to nobody: those who follow later are told what comes later
        lyon.deliver().await;
        follow(&brest, &address, &lyon).await;
        follow(&nantes, &address, &lyon).await;

        // a reply from Nantes is on the page of Lyon once it was accepted, and Brest is shown it
        let nantes_voice = Person::of_ours(&nantes, "/annonces").await;
        let reply = nantes_voice.note(1, &format!("{address}/notes/0"), "<p>Nous aussi !</p>");
        let mut create = nantes_voice.activity("Create", 1, reply.clone());
        create["to"] = reply["to"].clone();
        create["cc"] = json!([address]);
        assert_eq!(nantes_voice.post(&lyon, &create).await.status, 202);
        lyon.treat().await;
        let page = lyon.browser().get(&path).await;
        assert!(!page.html.contains("Nous aussi"), "held until it is accepted");
        accept_the_reply(&lyon, &at_lyon, &association).await;
        let page = lyon.browser().get(&path).await;
        assert!(page.html.contains("Nous aussi") && page.html.contains("nantes.test"));
        lyon.deliver().await;
        assert_eq!(count_received(&brest, &at_brest, "Announce").await, 1);

        // news while Brest is down reach Nantes at once, and Brest when it is back
        brest.go_down().await;
        let news = MilestoneInput {
            kind: "gathering".into(),
            text: "Trois associations nous rejoignent.".into(),
            ..MilestoneInput::default()
        };
        life::add_milestone(&lyon.app, &association.who, ad.id, &news).await.unwrap();
        lyon.deliver().await;
        assert_eq!(count_received(&nantes, &at_nantes, "Create").await, 1);
        brest.come_back().await;
        assert_eq!(count_received(&brest, &at_brest, "Create").await, 0);
        for _ in 0..4 {
            lyon.advance(TimeDelta::minutes(5));
            lyon.deliver().await;
        }
        assert_eq!(count_received(&brest, &at_brest, "Create").await, 1, "once, and not lost");
        assert_eq!(count_received(&nantes, &at_nantes, "Create").await, 1, "not told twice");
    }
}
