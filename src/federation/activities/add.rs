//! `Add`: something is put into a collection of somebody elsewhere: a directory, what a structure
//! acknowledges, what a site vouches for.

use url::Url;

use super::{Envelope, Unapplied, read_target, verify_collection};

/// Something is put into a collection.
#[derive(Debug, Clone)]
pub struct Add {
    id: Url,
    actor: Url,
    /// The collection.
    target: String,
}

impl Add {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        // what has no id cannot be looked at
        read_target(envelope, "object")?;
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            target: read_target(envelope, "target")?,
        })
    }
}

activity!(Add, |add, data| verify {
    verify_collection(&add.target, &add.actor, data)
} receive {
    let _ = (add, data);
    Err(Unapplied::ignored(super::NOT_A_PEER))
});
