//! `Create`: somebody elsewhere wrote something; of use when it replies to a post of ours.

use url::Url;

use super::{Envelope, Told, Unapplied};

/// A new text, embedded or named by its id.
#[derive(Debug, Clone)]
pub struct Create {
    id: Url,
    actor: Url,
    pub(super) object: Told,
}

impl Create {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        let object = Told::read(envelope);
        match object {
            Told::Several => Err(Unapplied::ignored("several objects: votes")),
            Told::Other | Told::Actor(_) => Err(Unapplied::ignored("an object of no use here")),
            Told::Note(_) | Told::Id(_) | Told::Statement(_) => Ok(Self {
                id: envelope.id.clone(),
                actor: envelope.actor.clone(),
                object,
            }),
        }
    }
}

activity!(Create, |create, data| verify {
    let _ = create;
    Ok(())
} receive {
    create.object.receive_from(&create.actor, data).await
});
