//! `Follow`: somebody elsewhere wants to know what one of our actors says.

use url::Url;

use super::{Envelope, Unapplied, read_target, settle};
use crate::app::follows;

/// A request to follow.
#[derive(Debug, Clone)]
pub struct Follow {
    id: Url,
    actor: Url,
    /// Who is to be followed.
    target: String,
}

impl Follow {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            target: read_target(envelope, "object")?,
        })
    }
}

activity!(Follow, |follow, data| verify {
    let _ = follow;
    Ok(())
} receive {
    let who = data.find_who(&follow.actor).await?;
    settle(follows::receive(&data.app, &who, follow.id.as_str(), &follow.target).await?)
});
