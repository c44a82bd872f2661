//! Forged activities: for each type, what somebody may not say in the name of somebody else.

use emancipasso::domain::federation::InboxOutcome;
use serde_json::{Value, json};

use crate::support::{Engine, Person, Stage};

/// A stage on which Alice follows, likes, boosts and replied; nothing of it may change.
async fn stage_with_alice() -> Stage {
    let stage = Stage::set(Engine::Sqlite).await;
    let (alice, note) = (&stage.alice, stage.note().await);
    let follow = alice.activity("Follow", 1, stage.actor().await);
    let reply = alice.note(1, &note, "<p>Bonjour</p>");
    stage.social.publish(&reply);
    for activity in [
        follow,
        alice.activity("Like", 2, note.clone()),
        alice.activity("Announce", 3, note.clone()),
        alice.activity("Create", 4, reply),
    ] {
        let outcome = stage.receive(alice, &activity).await;
        assert_eq!(outcome.0, InboxOutcome::Applied, "{outcome:?}");
    }
    stage.accept_all().await;
    stage
}

/// What Alice left, as far as readers see it.
async fn left(stage: &Stage) -> (i64, i64, i64, Vec<String>, Vec<String>) {
    let ad = stage.ad().await;
    let names = ad.comments.iter().map(|comment| comment.actor.name.clone());
    (
        ad.follower_count,
        ad.like_count,
        ad.announce_count,
        names.collect(),
        stage.shown().await,
    )
}

/// Everything that a forger could say about Alice, as if she said it.
async fn in_her_name(stage: &Stage) -> Vec<Value> {
    let (alice, actor, note) = (&stage.alice, stage.actor().await, stage.note().await);
    let mut renamed = alice.document.clone();
    renamed["name"] = json!("Pirate");
    let mut edited = alice.note(1, &note, "<p>Piraté</p>");
    edited["updated"] = json!("2026-11-22T08:30:00Z");
    let mut moved = alice.activity("Move", 15, alice.id.clone());
    moved["target"] = json!(stage.mallory.id);
    vec![
        alice.activity("Undo", 10, alice.activity("Follow", 1, actor.clone())),
        alice.activity("Undo", 11, alice.activity("Like", 2, note.clone())),
        alice.activity("Undo", 12, format!("{}#announce/3", alice.id)),
        alice.activity("Block", 13, actor.clone()),
        alice.activity("Update", 14, renamed),
        alice.activity("Update", 16, edited),
        alice.activity("Delete", 17, alice.id.clone()),
        alice.activity("Delete", 18, format!("{}/statuses/1", alice.id)),
        alice.activity("Flag", 19, actor.clone()),
        alice.activity("Accept", 20, format!("{actor}/activities/1")),
        alice.activity("Reject", 21, format!("{actor}/activities/1")),
        alice.activity("Like", 22, note),
        moved,
    ]
}

async fn assert_powerless(stage: &Stage, forger: &Person, activities: Vec<Value>) {
    let before = left(stage).await;
    for activity in activities {
        let answer = forger.post(&stage.lyon, &activity).await;
        assert_eq!(answer.status, 202, "{activity}");
        stage.treat().await;
        assert_eq!(left(stage).await, before, "{activity}");
    }
    let open = emancipasso::app::reports::list_open(&stage.lyon.app, &stage.moderator, None);
    assert!(open.await.unwrap().is_empty());
}

#[tokio::test]
async fn somebody_of_the_same_server_cannot_act_in_the_name_of_another() {
    let stage = stage_with_alice().await;
    let activities = in_her_name(&stage).await;
    assert_powerless(&stage, &stage.mallory, activities).await;
}

#[tokio::test]
async fn somebody_of_another_server_cannot_act_in_the_name_of_another() {
    let stage = stage_with_alice().await;
    let forger = stage.other.person("forger");
    let activities = in_her_name(&stage).await;
    assert_powerless(&stage, &forger, activities).await;
}

/// Conformance 25: in one's own name, but about what somebody else did or wrote. The same server is
/// not enough.
#[tokio::test]
async fn nobody_changes_what_somebody_else_did_or_wrote() {
    let stage = stage_with_alice().await;
    let (actor, note) = (stage.actor().await, stage.note().await);
    for forger in [&stage.mallory, &stage.other.person("forger")] {
        let follow = stage.alice.activity("Follow", 1, actor.clone());
        let mut stolen = stage.alice.note(1, &note, "<p>Piraté</p>");
        stolen["updated"] = json!("2026-11-22T08:30:00Z");
        let mut claimed = stolen.clone();
        claimed["attributedTo"] = json!(forger.id);
        let mut moved = forger.activity("Move", 9, stage.alice.id.clone());
        moved["target"] = json!(forger.id);
        let activities = vec![
            forger.activity("Undo", 1, follow.clone()),
            forger.activity("Undo", 2, follow["id"].clone()),
            forger.activity("Undo", 3, format!("{}#like/2", stage.alice.id)),
            forger.activity("Update", 4, stolen.clone()),
            forger.activity("Update", 5, claimed.clone()),
            forger.activity("Create", 6, claimed),
            forger.activity("Update", 7, stage.alice.document.clone()),
            forger.activity("Delete", 8, stage.alice.id.clone()),
            forger.activity("Delete", 10, format!("{}/statuses/1", stage.alice.id)),
            forger.activity("Accept", 11, follow.clone()),
            forger.activity("Reject", 12, follow),
            moved,
        ];
        assert_powerless(&stage, forger, activities).await;
    }
}

/// Conformance 24: an id belongs to its origin.
#[tokio::test]
async fn an_object_of_another_server_is_read_there_and_never_kept_as_given() {
    let stage = Stage::set(Engine::Sqlite).await;
    let note = stage.note().await;
    let forger = stage.other.person("forger");
    // under the address of Alice's server, where nothing such is
    let mut planted = forger.note(1, &note, "<p>Planté</p>");
    planted["id"] = json!(stage.social.url("/users/alice/statuses/66"));
    let outcome = stage
        .receive(&forger, &forger.activity("Create", 1, planted))
        .await;
    assert_eq!(outcome.0, InboxOutcome::Ignored, "{outcome:?}");
    // said to be Alice's, under an address of the forger's server
    let mut attributed = forger.note(2, &note, "<p>Attribué</p>");
    attributed["attributedTo"] = json!(stage.alice.id);
    stage.other.publish(&attributed);
    let outcome = stage
        .receive(&forger, &forger.activity("Create", 2, attributed))
        .await;
    assert_eq!(outcome.0, InboxOutcome::Refused, "{outcome:?}");
    assert!(stage.waiting().await.is_empty());
}

#[tokio::test]
async fn an_activity_whose_id_is_of_another_server_is_refused() {
    let stage = Stage::set(Engine::Sqlite).await;
    let forger = stage.other.person("forger");
    let note = stage.note().await;
    for (kind, object) in [
        ("Follow", json!(stage.actor().await)),
        ("Like", json!(note)),
        ("Announce", json!(note)),
        ("Block", json!(stage.actor().await)),
        ("Flag", json!([stage.actor().await])),
        ("Create", forger.note(1, &note, "<p>x</p>")),
    ] {
        let mut activity = forger.activity(kind, 1, object);
        activity["id"] = json!(stage.social.url(&format!("/{kind}/1")));
        let outcome = stage.receive(&forger, &activity).await;
        assert_eq!(outcome.0, InboxOutcome::Refused, "{kind}: {outcome:?}");
    }
    let ad = stage.ad().await;
    assert_eq!(
        (ad.follower_count, ad.like_count, ad.announce_count),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn a_copy_sent_ahead_by_somebody_else_does_not_silence_the_author() {
    let stage = Stage::set(Engine::Sqlite).await;
    let forger = stage.other.person("forger");
    let follow = stage.alice.activity("Follow", 1, stage.actor().await);
    let outcome = stage.receive(&forger, &follow).await;
    assert_eq!(outcome.0, InboxOutcome::Ignored);
    let outcome = stage.receive(&stage.alice, &follow).await;
    assert_eq!(outcome.0, InboxOutcome::Applied);
    assert_eq!(stage.ad().await.follower_count, 1);
}

#[tokio::test]
async fn nobody_can_speak_as_one_of_our_own_actors() {
    let stage = Stage::set(Engine::Sqlite).await;
    let actor = stage.actor().await;
    let forger = stage.other.person("forger");
    let mut follow = forger.activity("Follow", 1, stage.lyon.url("/annonces"));
    follow["actor"] = json!(actor);
    follow["id"] = json!(format!("{actor}#1"));
    let outcome = stage.receive(&forger, &follow).await;
    assert_eq!(outcome.0, InboxOutcome::Ignored);
    // a key that says it is of one of ours
    let ours = stage
        .other
        .person_with_key("ours", &format!("{actor}#main-key"));
    let like = ours.activity("Like", 1, stage.note().await);
    let kept = stage.count_kept().await;
    assert!(matches!(
        ours.post(&stage.lyon, &like).await.status,
        202 | 401
    ));
    assert_eq!(stage.count_kept().await, kept);
}
