//! What the activities of other servers do here.

use chrono::TimeDelta;
use emancipasso::{
    app::{AppError, comments::moderation, reports},
    domain::federation::{CommentState, FollowState, InboxOutcome},
};
use serde_json::{Value, json};

use crate::support::{Engine, Person, Stage};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A public reply of somebody, in a `Create`.
fn reply(person: &Person, number: u32, in_reply_to: &str, content: &str) -> Value {
    let note = person.note(number, in_reply_to, content);
    let mut create = person.activity("Create", number, note.clone());
    create["to"] = note["to"].clone();
    create["cc"] = note["cc"].clone();
    create
}

fn applied() -> (InboxOutcome, String) {
    (InboxOutcome::Applied, String::new())
}

on_both_engines! {
    /// Conformance 12 and 13: each software has its shape of `Follow`.
    async fn a_follow_is_kept_once_and_accepted_each_time_it_is_asked(engine: Engine) {
        let stage = Stage::set(engine).await;
        let actor = stage.actor().await;
        let alice = &stage.alice;
        let mastodon = alice.activity("Follow", 1, actor.clone());
        let mut gotosocial = alice.activity("Follow", 2, actor.clone());
        gotosocial["to"] = json!(actor);
        gotosocial["id"] = json!(format!("{}/follow/01HX", alice.id));
        let mut lemmy = alice.activity("Follow", 3, actor.clone());
        lemmy["to"] = json!([actor]);
        let mut mitra = alice.activity("Follow", 4, json!({"id": actor, "type": "Group"}));
        mitra["actor"] = json!({"id": alice.id, "type": "Person"});
        for follow in [&mastodon, &gotosocial, &lemmy, &mitra] {
            assert_eq!(stage.receive(alice, follow).await, applied());
            stage.deliver().await;
            let accept = stage.social.received("/users/alice/inbox").pop().unwrap();
            assert_eq!(accept["type"], "Accept");
            assert_eq!(accept["actor"], json!(actor));
            assert_eq!(accept["to"], json!([alice.id]));
            assert!(accept["id"].as_str().unwrap().starts_with(&actor));
            assert_eq!(accept["object"]["id"], follow["id"]);
            assert_eq!(accept["object"]["type"], "Follow");
            assert_eq!(accept["object"]["actor"], json!(alice.id));
            assert_eq!(accept["object"]["object"], json!(actor));
        }
        assert_eq!(stage.ad().await.follower_count, 1);
    }

    /// Conformance 14.
    async fn a_follow_ends_by_its_copy_by_an_id_we_never_saw_and_by_its_id_alone(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (alice, actor) = (&stage.alice, stage.actor().await);
        for number in 0..3_u32 {
            let follow = alice.activity("Follow", number, actor.clone());
            assert_eq!(stage.receive(alice, &follow).await, applied());
            assert_eq!(stage.ad().await.follower_count, 1);
            let undone = match number {
                0 => follow.clone(),
                1 => json!({"id": alice.id.clone() + "#never-seen", "type": "Follow",
                            "actor": alice.id, "object": actor}),
                _ => follow["id"].clone(),
            };
            let undo = alice.activity("Undo", number, undone);
            assert_eq!(stage.receive(alice, &undo).await, applied());
            assert_eq!(stage.ad().await.follower_count, 0);
        }
    }

    /// Conformance 55.
    async fn likes_and_boosts_count_once_until_they_are_taken_back(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (alice, note) = (&stage.alice, stage.note().await);
        let counts = async || {
            let ad = stage.ad().await;
            (ad.like_count, ad.announce_count)
        };
        for number in 0..2 {
            let mut like = alice.activity("Like", number, note.clone());
            like["content"] = json!("🎉");
            assert_eq!(stage.receive(alice, &like).await, applied());
            let boost = alice.activity("Announce", number, note.clone());
            assert_eq!(stage.receive(alice, &boost).await, applied());
        }
        assert_eq!(counts().await, (1, 1));
        let like = alice.activity("Like", 7, note.clone());
        let undo = alice.activity("Undo", 1, like);
        assert_eq!(stage.receive(alice, &undo).await, applied());
        let undo = alice.activity("Undo", 2, format!("{}#announce/1", alice.id));
        assert_eq!(stage.receive(alice, &undo).await, applied());
        assert_eq!(counts().await, (0, 0));
    }

    async fn a_reply_waits_then_is_shown_with_its_origin_and_nothing_harmful(engine: Engine) {
        let stage = Stage::set(engine).await;
        let note = stage.note().await;
        let text = "<p>Bonjour <script>alert(1)</script><a href=\"javascript:x\">oui</a></p>";
        let create = reply(&stage.alice, 1, &note, text);
        assert_eq!(stage.receive(&stage.alice, &create).await, applied());
        assert!(stage.shown().await.is_empty());
        let waiting = stage.waiting().await;
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].actor.host, "social.test");
        stage.accept_all().await;
        let shown = stage.shown().await;
        assert_eq!(shown.len(), 1);
        assert!(shown[0].contains("Bonjour"), "{shown:?}");
        assert!(!shown[0].contains("script"), "{shown:?}");
        // a copy under another activity does not bring it twice
        let mut again = create;
        again["id"] = json!(format!("{}#other", stage.alice.id));
        assert_eq!(stage.receive(&stage.alice, &again).await.0, InboxOutcome::Ignored);
        assert_eq!(stage.shown().await.len(), 1);
    }

    async fn an_edited_reply_waits_again_and_a_refused_one_stays_refused(engine: Engine) {
        let stage = Stage::set(engine).await;
        let note = stage.note().await;
        let create = reply(&stage.alice, 1, &note, "<p>Un</p>");
        assert_eq!(stage.receive(&stage.alice, &create).await, applied());
        stage.accept_all().await;
        let edit = |text: &str, minute: u32| {
            let mut update = reply(&stage.alice, 1, &note, text);
            update["type"] = json!("Update");
            update["object"]["updated"] = json!(format!("2026-11-22T08:{minute:02}:00Z"));
            update
        };
        assert_eq!(stage.receive(&stage.alice, &edit("<p>Deux</p>", 5)).await, applied());
        assert!(stage.shown().await.is_empty());
        let waiting = stage.waiting().await;
        assert!(waiting[0].content.contains("Deux"));
        let (accept, refuse) = (moderation::Decision::Accept, moderation::Decision::Refuse);
        let decide = async |decision, read| {
            let (app, id) = (&stage.lyon.app, waiting[0].id);
            moderation::decide(app, &stage.author, id, decision, Some(read)).await
        };
        // what somebody was reading while it was edited is not accepted unread
        let first_version = waiting[0].updated_at - TimeDelta::minutes(1);
        let unread = decide(accept, first_version).await;
        assert!(matches!(unread, Err(AppError::Conflict(_))), "{unread:?}");
        assert!(stage.shown().await.is_empty());
        decide(refuse, waiting[0].updated_at).await.unwrap();
        assert_eq!(stage.receive(&stage.alice, &edit("<p>Trois</p>", 6)).await, applied());
        assert!(stage.waiting().await.is_empty());
        // an older version that arrives late changes nothing
        let late = stage.receive(&stage.alice, &edit("<p>Zéro</p>", 1)).await;
        assert_eq!(late.0, InboxOutcome::Ignored);
    }

    async fn a_reply_deleted_by_its_author_is_gone_for_ever(engine: Engine) {
        let stage = Stage::set(engine).await;
        let note = stage.note().await;
        let id = |number: u32| format!("{}/statuses/{number}", stage.alice.id);
        for number in 1..=3 {
            let create = reply(&stage.alice, number, &note, "<p>Bonjour</p>");
            assert_eq!(stage.receive(&stage.alice, &create).await, applied());
        }
        stage.accept_all().await;
        let tombstone = json!({"id": id(1), "type": "Tombstone"});
        let mut without_id = stage.alice.activity("Delete", 2, id(2));
        without_id.as_object_mut().unwrap().remove("id");
        for delete in [
            stage.alice.activity("Delete", 1, tombstone),
            without_id,
            stage.alice.activity("Delete", 3, stage.alice.note(3, &note, "")),
        ] {
            assert_eq!(stage.receive(&stage.alice, &delete).await, applied());
        }
        assert!(stage.shown().await.is_empty());
        let mut again = reply(&stage.alice, 1, &note, "<p>Bonjour</p>");
        again["id"] = json!(format!("{}#again", stage.alice.id));
        again["object"]["updated"] = json!("2026-11-22T08:30:00Z");
        assert_eq!(stage.receive(&stage.alice, &again).await.0, InboxOutcome::Ignored);
        assert!(stage.waiting().await.is_empty());
    }

    /// Conformance 28.
    async fn a_private_message_is_never_kept(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (note, actor) = (stage.note().await, stage.actor().await);
        let followers = format!("{}/followers", stage.alice.id);
        for (number, to, cc) in [
            (1, json!([actor]), json!([])),
            (2, json!(actor), Value::Null),
            (3, json!([followers]), json!([actor])),
            (4, json!(null), json!(null)),
        ] {
            let mut create = reply(&stage.alice, number, &note, "<p>Secret</p>");
            for place in [&mut create["object"], &mut Value::Null] {
                if place.is_object() {
                    place["to"] = to.clone();
                    place["cc"] = cc.clone();
                }
            }
            create["to"] = to;
            create["cc"] = cc;
            let outcome = stage.receive(&stage.alice, &create).await;
            let expected = (InboxOutcome::Ignored, "a private message, not kept".to_owned());
            assert_eq!(outcome, expected);
        }
        assert!(stage.waiting().await.is_empty());
        let unlisted = {
            let mut create = reply(&stage.alice, 5, &note, "<p>Non listé</p>");
            create["object"]["to"] = json!([actor]);
            create["object"]["cc"] = json!([PUBLIC]);
            create
        };
        assert_eq!(stage.receive(&stage.alice, &unlisted).await, applied());
    }

    /// Conformance 53.
    async fn a_block_ends_the_follow_and_stops_what_we_send(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (alice, actor) = (&stage.alice, stage.actor().await);
        let follow = alice.activity("Follow", 1, actor.clone());
        assert_eq!(stage.receive(alice, &follow).await, applied());
        let block = alice.activity("Block", 2, actor.clone());
        assert_eq!(stage.receive(alice, &block).await, applied());
        assert_eq!(stage.ad().await.follower_count, 0);
        let undo = alice.activity("Undo", 3, block);
        assert_eq!(stage.receive(alice, &undo).await, applied());
        let undo_again = alice.activity("Undo", 4, alice.activity("Block", 2, actor));
        assert_eq!(stage.receive(alice, &undo_again).await.0, InboxOutcome::Ignored);
    }

    /// Conformance 54.
    async fn a_report_reaches_the_moderators_without_its_reporter(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (actor, note) = (stage.actor().await, stage.note().await);
        let instance = stage.other.person("actor");
        let mut flag = instance.activity("Flag", 1, json!([actor, note]));
        flag["content"] = json!("<p>Ce n’est pas une association</p>");
        assert_eq!(stage.receive(&instance, &flag).await, applied());
        let open = reports::list_open(&stage.lyon.app, &stage.moderator, None).await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].host.as_deref(), Some("other.test"));
        assert_eq!(open[0].content, "Ce n’est pas une association");
        assert_eq!(open[0].ad_id, Some(stage.ad().await.ad.id));
        let close = reports::close(
            &stage.lyon.app, &stage.moderator, open[0].id, reports::Verdict::Handled,
        );
        close.await.unwrap();
        // one of a reply finds the reply; one of nothing of ours is not kept
        let create = reply(&stage.mallory, 1, &note, "<p>Achetez</p>");
        assert_eq!(stage.receive(&stage.mallory, &create).await, applied());
        let comment = stage.waiting().await.remove(0);
        let flag = instance.activity("Flag", 2, json!([stage.mallory.id, comment.uri]));
        assert_eq!(stage.receive(&instance, &flag).await, applied());
        let open = reports::list_open(&stage.lyon.app, &stage.moderator, None).await.unwrap();
        assert_eq!(open[0].comment_id, Some(comment.id));
        let flag = instance.activity("Flag", 3, stage.mallory.id.clone());
        assert_eq!(stage.receive(&instance, &flag).await.0, InboxOutcome::Ignored);
    }

    async fn an_account_that_goes_takes_what_it_left_with_it(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (alice, note) = (&stage.alice, stage.note().await);
        for activity in [
            alice.activity("Follow", 1, stage.actor().await),
            alice.activity("Like", 2, note.clone()),
            reply(alice, 3, &note, "<p>Bonjour</p>"),
        ] {
            assert_eq!(stage.receive(alice, &activity).await, applied());
        }
        stage.accept_all().await;
        // its server does not serve it any more: the key that we hold still verifies
        stage.social.answer_status("/users/alice", 410);
        let delete = alice.activity("Delete", 4, alice.id.clone());
        assert_eq!(stage.receive(alice, &delete).await, applied());
        let ad = stage.ad().await;
        assert_eq!((ad.follower_count, ad.like_count), (0, 0));
        assert!(ad.comments.is_empty());
    }
}

/// Our follows of others: what they answer.
#[tokio::test]
async fn who_was_followed_accepts_then_ends_our_follow() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (alice, ours) = (&stage.alice, stage.lyon.url("/annonces"));
    for number in 0..3_u32 {
        let follow = stage.follow_from_us(alice).await;
        assert_eq!(stage.our_follow_of(alice).await, Some(FollowState::Pending));
        let embedded = json!({"id": follow, "type": "Follow", "actor": ours, "object": alice.id});
        let answered = match number {
            0 => embedded.clone(),
            1 => json!(follow),
            _ => json!({"type": "Follow", "actor": ours, "object": alice.id}),
        };
        let accept = alice.activity("Accept", number, answered);
        assert_eq!(stage.receive(alice, &accept).await, applied());
        assert_eq!(
            stage.our_follow_of(alice).await,
            Some(FollowState::Accepted)
        );
        // somebody else's refusal changes nothing
        let reject = stage.mallory.activity("Reject", number, json!(follow));
        assert_eq!(
            stage.receive(&stage.mallory, &reject).await.0,
            InboxOutcome::Ignored
        );
        let reject = alice.activity("Reject", number, embedded);
        assert_eq!(stage.receive(alice, &reject).await, applied());
        assert_eq!(stage.our_follow_of(alice).await, None);
    }
}

/// Conformance 58.
#[tokio::test]
async fn our_follow_moves_with_an_account_when_the_new_one_knows_the_old_one() {
    let stage = Stage::set(Engine::Sqlite).await;
    let alice = &stage.alice;
    stage.follow_from_us(alice).await;
    let mut moved_to = stage.other.person("alice");
    let mut moved = alice.activity("Move", 1, alice.id.clone());
    moved["target"] = json!(moved_to.id);
    assert_eq!(stage.receive(alice, &moved).await.0, InboxOutcome::Refused);
    assert!(stage.our_follow_of(alice).await.is_some());
    moved_to.document["alsoKnownAs"] = json!(alice.id);
    stage.other.publish(&moved_to.document);
    moved["id"] = json!(format!("{}#move/2", alice.id));
    assert_eq!(stage.receive(alice, &moved).await, applied());
    assert_eq!(stage.our_follow_of(alice).await, None);
    assert_eq!(
        stage.our_follow_of(&moved_to).await,
        Some(FollowState::Pending)
    );
    stage.deliver().await;
    let follow = stage.other.received("/users/alice/inbox").pop().unwrap();
    assert_eq!(follow["type"], "Follow");
    assert_eq!(follow["object"], json!(moved_to.id));
    assert_eq!(follow["actor"], json!(stage.lyon.url("/annonces")));
    // the new account's answer names our request
    let accept = moved_to.activity("Accept", 1, follow["id"].clone());
    assert_eq!(stage.receive(&moved_to, &accept).await, applied());
    assert_eq!(
        stage.our_follow_of(&moved_to).await,
        Some(FollowState::Accepted)
    );
}

#[tokio::test]
async fn a_new_profile_is_read_from_its_own_server() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (alice, note) = (&stage.alice, stage.note().await);
    let create = reply(alice, 1, &note, "<p>Bonjour</p>");
    assert_eq!(stage.receive(alice, &create).await, applied());
    let mut renamed = alice.document.clone();
    renamed["name"] = json!("Alice Martin");
    stage.social.publish(&renamed);
    // what the activity embeds is not what counts
    renamed["name"] = json!("Embarqué");
    let update = alice.activity("Update", 2, renamed);
    assert_eq!(stage.receive(alice, &update).await, applied());
    assert_eq!(stage.waiting().await[0].actor.name, "Alice Martin");
}

/// Conformance 56.
#[tokio::test]
async fn votes_in_a_poll_are_no_replies() {
    let stage = Stage::set(Engine::Sqlite).await;
    let (alice, note) = (&stage.alice, stage.note().await);
    let vote = |number: u32| {
        let mut vote = alice.note(number, &note, "");
        vote.as_object_mut().unwrap().remove("content");
        vote["name"] = json!("Oui");
        vote
    };
    let one = alice.activity("Create", 1, vote(1));
    let several = alice.activity("Create", 2, json!([vote(2), vote(3)]));
    for create in [one, several] {
        assert_eq!(stage.receive(alice, &create).await.0, InboxOutcome::Ignored);
    }
    assert!(stage.waiting().await.is_empty());
}

/// Conformance 17: hints of others are believed from their origin only.
#[tokio::test]
async fn a_forwarded_reply_is_read_from_its_own_server() {
    let stage = Stage::set(Engine::Sqlite).await;
    let note = stage.note().await;
    let relay = stage.other.person("relay");
    let create = reply(&stage.alice, 1, &note, "<p>Déformé en chemin</p>");
    stage
        .social
        .publish(&stage.alice.note(1, &note, "<p>Ce que j’ai dit</p>"));
    assert_eq!(stage.receive(&relay, &create).await, applied());
    let waiting = stage.waiting().await;
    assert!(
        waiting[0].content.contains("Ce que j’ai dit"),
        "{waiting:?}"
    );
    assert_eq!(waiting[0].actor.uri, stage.alice.id);
    // what does not concern us is not even looked at
    let before = stage.social.asked().len();
    let elsewhere = reply(&stage.mallory, 2, "https://x.test/1", "<p>x</p>");
    assert_eq!(
        stage.receive(&relay, &elsewhere).await.0,
        InboxOutcome::Ignored
    );
    assert_eq!(stage.social.asked().len(), before);
}

#[tokio::test]
async fn a_deletion_by_somebody_else_counts_when_the_server_of_the_reply_confirms_it() {
    let stage = Stage::set(Engine::Sqlite).await;
    let note = stage.note().await;
    let create = reply(&stage.alice, 1, &note, "<p>Bonjour</p>");
    assert_eq!(stage.receive(&stage.alice, &create).await, applied());
    let follow = stage.mallory.activity("Follow", 1, stage.actor().await);
    assert_eq!(stage.receive(&stage.mallory, &follow).await, applied());
    let id = format!("{}/statuses/1", stage.alice.id);
    stage
        .social
        .publish(&stage.alice.note(1, &note, "<p>Bonjour</p>"));
    let delete = stage.mallory.activity("Delete", 1, id.clone());
    assert_eq!(
        stage.receive(&stage.mallory, &delete).await.0,
        InboxOutcome::Refused
    );
    assert_eq!(stage.waiting().await.len(), 1);
    stage.social.answer_status("/users/alice/statuses/1", 410);
    let delete = stage.mallory.activity("Delete", 2, id);
    assert_eq!(stage.receive(&stage.mallory, &delete).await, applied());
    assert!(stage.waiting().await.is_empty());
}

#[tokio::test]
async fn a_reply_named_by_its_id_is_fetched_and_tried_again_while_its_server_is_down() {
    let stage = Stage::set(Engine::Sqlite).await;
    let note = stage.note().await;
    let id = format!("{}/statuses/1", stage.alice.id);
    stage.social.answer_status("/users/alice/statuses/1", 503);
    let create = stage.alice.activity("Create", 1, id);
    assert_eq!(stage.alice.post(&stage.lyon, &create).await.status, 202);
    stage.treat().await;
    assert_eq!(stage.outcome_of("Create").await, None, "not treated yet");
    stage
        .social
        .publish(&stage.alice.note(1, &note, "<p>Bonjour</p>"));
    stage.lyon.advance(TimeDelta::minutes(2));
    stage.treat().await;
    assert_eq!(stage.outcome_of("Create").await, Some(applied()));
    assert_eq!(stage.waiting().await.len(), 1);
}

#[tokio::test]
async fn replies_to_the_page_to_the_article_and_to_a_reply_find_their_ad() {
    let stage = Stage::set(Engine::Sqlite).await;
    let ad = stage.ad().await;
    let article = ad.posts[0].article_uri.clone().unwrap();
    let first = format!("{}/statuses/1", stage.alice.id);
    for (number, parent) in [(1, ad.actor.uri), (2, article), (3, first)] {
        let create = reply(&stage.alice, number, &parent, "<p>Bonjour</p>");
        assert_eq!(
            stage.receive(&stage.alice, &create).await,
            applied(),
            "{parent}"
        );
    }
    let waiting = stage.waiting().await;
    assert_eq!(waiting.len(), 3);
    assert!(
        waiting
            .iter()
            .all(|comment| comment.state == CommentState::Pending)
    );
}

#[tokio::test]
async fn members_are_told_of_waiting_replies_once_a_day_for_each_ad() {
    let stage = Stage::set(Engine::Sqlite).await;
    let note = stage.note().await;
    let told = async || {
        let mails = stage.lyon.mails().await;
        let replies = mails.iter().filter(|mail| mail.text.contains("Ravie"));
        replies.map(|mail| mail.to.clone()).collect::<Vec<_>>()
    };
    for number in 1..=3 {
        let create = reply(&stage.alice, number, &note, "<p>Ravie de vous lire</p>");
        assert_eq!(stage.receive(&stage.alice, &create).await, applied());
    }
    assert_eq!(told().await, ["camille@lyon.test"]);
    stage.lyon.advance(TimeDelta::days(1));
    let create = reply(&stage.alice, 4, &note, "<p>Ravie de vous lire</p>");
    assert_eq!(stage.receive(&stage.alice, &create).await, applied());
    assert_eq!(told().await.len(), 2);
}
