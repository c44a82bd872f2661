//! Likes and boosts of our posts.

use crate::{
    app::{App, AppError, Who, inbox::Effect, permissions},
    domain::{
        federation::ReactionKind,
        ids::{ActorId, PostId},
    },
    store::{Write, posts, reactions},
};

/// How a post was received elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub likes: i64,
    pub boosts: i64,
}

/// A remote actor likes or boosts a post of ours; counted once, however often it is said.
pub async fn receive(
    app: &App,
    who: &Who,
    kind: ReactionKind,
    activity: &str,
    target: &str,
) -> Result<Effect, AppError> {
    let actor = permissions::act_as_remote(who)?;
    let mut tx = app.store().write().await?;
    let post = posts::find_by_uri(&mut tx, target).await?;
    let Some(post) = post.filter(|post| post.deleted_at.is_none()) else {
        return Ok(Effect::Nothing("not a post of ours"));
    };
    let reaction = reactions::Reaction {
        id: app.next_id(),
        post_id: post.id,
        actor_id: actor,
        kind,
        activity_uri: activity.to_owned(),
    };
    reactions::save(&mut tx, &reaction, app.now()).await?;
    tx.commit().await?;
    Ok(Effect::Applied)
}

/// Takes a reaction back.
pub(crate) async fn undo_in(
    tx: &mut Write,
    actor: ActorId,
    kind: ReactionKind,
    target: &str,
) -> Result<bool, AppError> {
    match posts::find_by_uri(tx, target).await? {
        Some(post) => Ok(reactions::delete(tx, post.id, actor, kind).await?),
        None => Ok(false),
    }
}

/// How many liked and boosted a post.
pub async fn count(app: &App, post: PostId) -> Result<Counts, AppError> {
    let mut tx = app.store().read().await?;
    Ok(Counts {
        likes: reactions::count(&mut tx, post, ReactionKind::Like).await?,
        boosts: reactions::count(&mut tx, post, ReactionKind::Announce).await?,
    })
}
