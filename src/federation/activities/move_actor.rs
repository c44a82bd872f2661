//! `Move`: an account that we follow goes on under another id.

use url::Url;

use super::{Envelope, Unapplied, read_target, settle};
use crate::{
    app::{follows, remote_actors},
    federation::reading::web_address,
};

/// A move, which counts when both accounts say so.
#[derive(Debug, Clone)]
pub struct Move {
    id: Url,
    actor: Url,
    /// Who moves.
    object: String,
    /// Its new id.
    target: Url,
}

impl Move {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        let target = read_target(envelope, "target")?;
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            object: read_target(envelope, "object")?,
            target: web_address(&target).ok_or(Unapplied::refused("an unusable id"))?,
        })
    }
}

activity!(Move, |moved, data| verify {
    if moved.object == moved.actor.as_str() {
        Ok(())
    } else {
        Err(Unapplied::refused("moves somebody else"))
    }
} receive {
    if !follows::is_followed_by_us(&data.app, moved.actor.as_str()).await? {
        return Err(Unapplied::ignored("not followed by us"));
    }
    let document = data.read_actor_document(&moved.target).await?;
    if !document.also_known_as.iter().any(|id| id == moved.actor.as_str()) {
        return Err(Unapplied::refused("the new account does not know the old one"));
    }
    let new = remote_actors::save(&data.app, document.into_profile(None)).await?;
    let who = data.find_who(&moved.actor).await?;
    settle(follows::follow_move(&data.app, &who, &new).await?)
});
