//! `Block`: somebody elsewhere wants nothing from one of our actors any more.

use url::Url;

use super::{Envelope, Unapplied, read_target, settle};
use crate::app::follows;

/// A block.
#[derive(Debug, Clone)]
pub struct Block {
    id: Url,
    actor: Url,
    /// Who is blocked.
    target: String,
}

impl Block {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            target: read_target(envelope, "object")?,
        })
    }
}

activity!(Block, |block, data| verify {
    let _ = block;
    Ok(())
} receive {
    let who = data.find_who(&block.actor).await?;
    settle(follows::block(&data.app, &who, block.id.as_str(), &block.target).await?)
});
