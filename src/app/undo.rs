//! Remote actors that take something back.

use crate::{
    app::{App, AppError, Who, follows, inbox::Effect, permissions, reactions},
    domain::{federation::ReactionKind, ids::ActorId},
    store::{self, Write},
};

/// What is taken back, as far as the other server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    Follow,
    Block,
    Reaction(ReactionKind),
    /// Only the id of the activity was given.
    Unknown,
}

/// A remote actor takes back a follow, a like, a boost or a block.
///
/// The activity taken back is known by whom it was about, or by its own id; either may be missing.
/// Somebody else's activity is never touched: every search is among those of `who`.
pub async fn receive(
    app: &App,
    who: &Who,
    undone: Undone,
    activity: Option<&str>,
    target: Option<&str>,
) -> Result<Effect, AppError> {
    let actor = permissions::act_as_remote(who)?;
    let mut tx = app.store().write().await?;
    let mut is_done = match target {
        Some(target) => undo_by_target(&mut tx, actor, undone, target).await?,
        None => false,
    };
    if !is_done && let Some(activity) = activity {
        is_done = undo_by_activity(&mut tx, actor, activity).await?;
    }
    tx.commit().await?;
    Ok(if is_done {
        Effect::Applied
    } else {
        Effect::Nothing("nothing to take back")
    })
}

async fn undo_by_target(
    tx: &mut Write,
    actor: ActorId,
    undone: Undone,
    target: &str,
) -> Result<bool, AppError> {
    match undone {
        Undone::Follow => follows::undo_in(tx, actor, target).await,
        Undone::Block => follows::unblock_in(tx, actor, target).await,
        Undone::Reaction(kind) => reactions::undo_in(tx, actor, kind, target).await,
        Undone::Unknown => Ok(false),
    }
}

async fn undo_by_activity(
    tx: &mut Write,
    actor: ActorId,
    activity: &str,
) -> Result<bool, AppError> {
    if let Some(follow) = store::follows::find_by_activity(tx, activity).await?
        && follow.follower_id == actor
    {
        return Ok(store::follows::delete(tx, actor, follow.followed_id).await?);
    }
    Ok(
        store::reactions::delete_by_activity(tx, actor, activity).await?
            || store::actor_blocks::delete_by_activity(tx, actor, activity).await?,
    )
}
