//! Actors of other servers: what they say of themselves, and how they leave.

use chrono::{DateTime, Utc};

use crate::{
    app::{App, AppError, Who, inbox::Effect, permissions},
    domain::{
        federation::{Actor, ActorKind},
        html::sanitise_remote,
        ids::ActorId,
        text::{clean_line, truncate_chars},
    },
    store::{actor_blocks, actors, comments, follows, reactions},
};

/// Longest handle and name kept, in characters.
const NAME_LENGTH: usize = 200;
/// Longest presentation kept, in bytes of HTML.
const SUMMARY_LENGTH: usize = 20_000;

/// What a remote actor says of itself, read from its own origin. Texts are as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteProfile {
    pub uri: String,
    pub kind: ActorKind,
    pub handle: String,
    /// Authority of `uri`.
    pub host: String,
    pub name: String,
    /// HTML.
    pub summary: String,
    pub url: String,
    pub inbox: String,
    pub shared_inbox: Option<String>,
    pub followers: Option<String>,
    pub key_id: Option<String>,
    /// SPKI PEM.
    pub public_key: Option<String>,
    pub is_indexable: bool,
    pub updated_at: Option<DateTime<Utc>>,
}

/// The remote actor with this id, when we know it; one that is gone too.
pub async fn find(app: &App, uri: &str) -> Result<Option<Actor>, AppError> {
    let mut tx = app.store().read().await?;
    let actor = actors::find_by_uri(&mut tx, uri).await?;
    Ok(actor.filter(|actor| !actor.is_local()))
}

/// The remote actor whose key has this id; or that this document describes, when its key is that
/// one.
pub async fn find_by_key(
    app: &App,
    key_id: &str,
    document: &str,
) -> Result<Option<Actor>, AppError> {
    let mut tx = app.store().read().await?;
    let actor = match actors::find_by_key(&mut tx, key_id).await? {
        Some(actor) => Some(actor),
        None => actors::find_by_uri(&mut tx, document).await?,
    };
    Ok(actor.filter(|actor| !actor.is_local() && actor.public_key.is_some()))
}

/// Keeps what a remote actor says of itself.
pub async fn save(app: &App, profile: RemoteProfile) -> Result<Actor, AppError> {
    let now = app.now();
    let summary = sanitise_remote(&profile.summary);
    let mut actor = Actor {
        id: app.next_id(),
        kind: profile.kind,
        role: None,
        handle: short(&profile.handle),
        host: profile.host,
        name: short(&profile.name),
        // cutting markup in the middle would break it
        summary: if summary.len() > SUMMARY_LENGTH {
            String::new()
        } else {
            summary
        },
        url: profile.url,
        inbox: profile.inbox,
        shared_inbox: profile.shared_inbox,
        followers: profile.followers,
        key_id: profile.key_id,
        public_key: profile.public_key,
        is_indexable: profile.is_indexable,
        created_at: now,
        updated_at: profile.updated_at.unwrap_or(now),
        fetched_at: Some(now),
        gone_at: None,
        uri: profile.uri,
    };
    let mut tx = app.store().write().await?;
    let saved = actors::save_remote(&mut tx, &actor).await?;
    tx.commit().await?;
    actor.id = saved.ok_or_else(|| AppError::internal("a remote actor has the id of ours"))?;
    Ok(actor)
}

fn short(text: &str) -> String {
    truncate_chars(&clean_line(text), NAME_LENGTH).to_owned()
}

/// A remote actor deletes itself: what it followed, wrote and liked goes. Its row stays with its
/// key, so that its last messages still verify.
pub async fn delete(app: &App, who: &Who) -> Result<Effect, AppError> {
    let actor = permissions::act_as_remote(who)?;
    forget(app, actor).await
}

async fn forget(app: &App, actor: ActorId) -> Result<Effect, AppError> {
    let now = app.now();
    let mut tx = app.store().write().await?;
    actors::mark_gone(&mut tx, actor, now).await?;
    follows::delete_by_actor(&mut tx, actor).await?;
    actor_blocks::delete_by_actor(&mut tx, actor).await?;
    reactions::delete_by_actor(&mut tx, actor).await?;
    comments::erase_by_actor(&mut tx, actor, now).await?;
    tx.commit().await?;
    Ok(Effect::Applied)
}
