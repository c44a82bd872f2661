//! Follows, in both directions, and blocks.

use crate::{
    app::{App, AppError, Who, inbox::Effect, outbox, permissions},
    domain::{
        addresses::ActorAddresses,
        federation::{Actor, ActorRole, Follow, FollowState},
        ids::ActorId,
        outbound::Outbound,
    },
    store::{Read, Write, actor_blocks, actors, ads, follows},
};

/// Follows of ours that move with one actor.
const MOST_MOVED: i64 = 100;

/// A remote actor asks to follow one of ours: accepted at once, each time it asks.
///
/// A repeated request carries a new id and is accepted again: the other server may have lost the
/// first answer. Following again also ends a block.
pub async fn receive(
    app: &App,
    who: &Who,
    activity: &str,
    target: &str,
) -> Result<Effect, AppError> {
    let follower = permissions::act_as_remote(who)?;
    let mut tx = app.store().write().await?;
    let Some(followed) = find_public_actor(&mut tx, target).await? else {
        return Ok(Effect::Nothing("not an actor of ours"));
    };
    let follow = Follow {
        id: app.next_id(),
        follower_id: follower,
        followed_id: followed.id,
        activity_uri: activity.to_owned(),
        state: FollowState::Accepted,
    };
    follows::save(&mut tx, &follow, app.now()).await?;
    actor_blocks::delete(&mut tx, follower, followed.id).await?;
    let accept = Outbound::AcceptFollow {
        follower,
        activity: activity.to_owned(),
    };
    outbox::enqueue(app, &mut tx, &followed, accept).await?;
    tx.commit().await?;
    Ok(Effect::Applied)
}

/// Ends the follow of one of our actors by a remote one. Both ends decide, not the id of the
/// activity: followers' synchronisation sends ids that we never saw.
pub(crate) async fn undo_in(
    tx: &mut Write,
    follower: ActorId,
    target: &str,
) -> Result<bool, AppError> {
    let Some(followed) = find_local(tx, target).await? else {
        return Ok(false);
    };
    Ok(follows::delete(tx, follower, followed.id).await?)
}

/// What a remote actor answers to a follow of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    /// Also: an accepted follower is removed.
    Rejected,
}

/// A remote actor answers a follow of ours, named by its id or by who follows.
pub async fn receive_answer(
    app: &App,
    who: &Who,
    answer: Answer,
    activity: Option<&str>,
    follower: Option<&str>,
) -> Result<Effect, AppError> {
    let followed = permissions::act_as_remote(who)?;
    let mut tx = app.store().write().await?;
    let Some(follow) = find_ours(&mut tx, followed, activity, follower).await? else {
        return Ok(Effect::Nothing("not a follow of ours"));
    };
    match answer {
        Answer::Accepted => follows::accept(&mut tx, follow.id).await?,
        Answer::Rejected => {
            follows::delete(&mut tx, follow.follower_id, followed).await?;
        }
    }
    tx.commit().await?;
    Ok(Effect::Applied)
}

/// The follow of this remote actor by one of ours: only the one followed may answer it.
async fn find_ours(
    tx: &mut Read,
    followed: ActorId,
    activity: Option<&str>,
    follower: Option<&str>,
) -> Result<Option<Follow>, AppError> {
    if let Some(activity) = activity
        && let Some(follow) = follows::find_by_activity(tx, activity).await?
        && follow.followed_id == followed
    {
        return Ok(Some(follow));
    }
    let Some(follower) = follower else {
        return Ok(None);
    };
    let Some(ours) = find_local(tx, follower).await? else {
        return Ok(None);
    };
    Ok(follows::find(tx, ours.id, followed).await?)
}

/// A remote actor blocks one of ours: no follow is left between them, in either direction, and
/// nothing is delivered to it any more.
pub async fn block(app: &App, who: &Who, activity: &str, target: &str) -> Result<Effect, AppError> {
    let actor = permissions::act_as_remote(who)?;
    let mut tx = app.store().write().await?;
    let Some(blocked) = find_local(&mut tx, target).await? else {
        return Ok(Effect::Nothing("not an actor of ours"));
    };
    follows::delete(&mut tx, actor, blocked.id).await?;
    follows::delete(&mut tx, blocked.id, actor).await?;
    actor_blocks::save(&mut tx, actor, blocked.id, activity, app.now()).await?;
    tx.commit().await?;
    Ok(Effect::Applied)
}

/// Ends a block.
pub(crate) async fn unblock_in(
    tx: &mut Write,
    actor: ActorId,
    target: &str,
) -> Result<bool, AppError> {
    let Some(blocked) = find_local(tx, target).await? else {
        return Ok(false);
    };
    let was_blocking = actor_blocks::is_blocking(tx, actor, blocked.id).await?;
    actor_blocks::delete(tx, actor, blocked.id).await?;
    Ok(was_blocking)
}

/// One of our actors asks to follow a remote one. Asking again while it waits changes nothing.
pub async fn request(
    app: &App,
    who: &Who,
    ours: &Actor,
    followed: ActorId,
) -> Result<(), AppError> {
    permissions::act_as_system(who)?;
    let mut tx = app.store().write().await?;
    if follows::find(&mut tx, ours.id, followed).await?.is_some() {
        return Ok(());
    }
    ask(app, &mut tx, ours, followed).await?;
    tx.commit().await?;
    Ok(())
}

async fn ask(app: &App, tx: &mut Write, ours: &Actor, followed: ActorId) -> Result<(), AppError> {
    let id = outbox::enqueue(app, tx, ours, Outbound::Follow { followed }).await?;
    let follow = Follow {
        id: app.next_id(),
        follower_id: ours.id,
        followed_id: followed,
        activity_uri: ActorAddresses::new(ours.uri.as_str()).activity(id),
        state: FollowState::Pending,
    };
    follows::save(tx, &follow, app.now()).await?;
    Ok(())
}

/// Whether one of our actors follows this remote one.
pub async fn is_followed_by_us(app: &App, uri: &str) -> Result<bool, AppError> {
    let mut tx = app.store().read().await?;
    let Some(actor) = actors::find_by_uri(&mut tx, uri).await? else {
        return Ok(false);
    };
    let followers = follows::list_local_followers(&mut tx, actor.id, 1).await?;
    Ok(!followers.is_empty())
}

/// A remote actor that we follow moved to `new`, which said so too: our follows move with it, and
/// wait for the new one's answer.
pub async fn follow_move(app: &App, who: &Who, new: &Actor) -> Result<Effect, AppError> {
    let old = permissions::act_as_remote(who)?;
    if new.is_local() || new.id == old {
        return Ok(Effect::Refused("not a move to another remote actor"));
    }
    let mut tx = app.store().write().await?;
    let followers = follows::list_local_followers(&mut tx, old, MOST_MOVED).await?;
    if followers.is_empty() {
        return Ok(Effect::Nothing("not followed by us"));
    }
    for ours in followers {
        follows::delete(&mut tx, ours.id, old).await?;
        if follows::find(&mut tx, ours.id, new.id).await?.is_some() {
            continue;
        }
        ask(app, &mut tx, &ours, new.id).await?;
    }
    tx.commit().await?;
    Ok(Effect::Applied)
}

/// Our actor with this id, unless it is gone.
async fn find_local(tx: &mut Read, uri: &str) -> Result<Option<Actor>, AppError> {
    let actor = actors::find_by_uri(tx, uri).await?;
    Ok(actor.filter(|actor| actor.is_local() && actor.gone_at.is_none()))
}

/// Our actor with this id, if people may know of it.
async fn find_public_actor(tx: &mut Read, uri: &str) -> Result<Option<Actor>, AppError> {
    let Some(actor) = find_local(tx, uri).await? else {
        return Ok(None);
    };
    if actor.role != Some(ActorRole::Ad) {
        return Ok(Some(actor));
    }
    let ad = ads::find_by_actor(tx, actor.id).await?;
    Ok(ad.filter(|ad| ad.state.is_public()).map(|_| actor))
}
