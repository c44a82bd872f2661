//! `Like`: somebody elsewhere likes a post of ours.

use url::Url;

use super::{Envelope, Unapplied, read_target, settle};
use crate::{app::reactions, domain::federation::ReactionKind};

/// A like. Misskey adds an emoji, which counts as a like.
#[derive(Debug, Clone)]
pub struct Like {
    id: Url,
    actor: Url,
    /// The post.
    target: String,
}

impl Like {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            target: read_target(envelope, "object")?,
        })
    }
}

activity!(Like, |like, data| verify {
    let _ = like;
    Ok(())
} receive {
    // most are about posts of others: no need to know who says it
    if !data.is_ours(&like.target) {
        return Err(Unapplied::ignored("not a post of ours"));
    }
    let who = data.find_who(&like.actor).await?;
    let kind = ReactionKind::Like;
    settle(reactions::receive(&data.app, &who, kind, like.id.as_str(), &like.target).await?)
});
