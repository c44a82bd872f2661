//! `Announce`: somebody elsewhere boosts a post of ours.

use url::Url;

use super::{Envelope, Unapplied, read_target, settle};
use crate::{app::reactions, domain::federation::ReactionKind};

/// A boost. An embedded object is only looked at for its id.
#[derive(Debug, Clone)]
pub struct Announce {
    id: Url,
    actor: Url,
    /// The post.
    target: String,
}

impl Announce {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            target: read_target(envelope, "object")?,
        })
    }
}

activity!(Announce, |boost, data| verify {
    let _ = boost;
    Ok(())
} receive {
    // most are about posts of others: no need to know who says it
    if !data.is_ours(&boost.target) {
        return Err(Unapplied::ignored("not a post of ours"));
    }
    let who = data.find_who(&boost.actor).await?;
    let kind = ReactionKind::Announce;
    settle(reactions::receive(&data.app, &who, kind, boost.id.as_str(), &boost.target).await?)
});
