//! `Update`: somebody elsewhere changed a text or their profile.

use url::Url;

use super::{Envelope, Told, Unapplied};
use crate::app::remote_actors;

/// A change of a text or of a profile.
#[derive(Debug, Clone)]
pub struct Update {
    id: Url,
    actor: Url,
    pub(super) object: Told,
}

impl Update {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        let object = Told::read(envelope);
        match object {
            Told::Several | Told::Other => Err(Unapplied::ignored("an object of no use here")),
            Told::Actor(_) | Told::Note(_) | Told::Id(_) | Told::Statement(_) => Ok(Self {
                id: envelope.id.clone(),
                actor: envelope.actor.clone(),
                object,
            }),
        }
    }
}

activity!(Update, |update, data| verify {
    match &update.object {
        Told::Actor(id) if *id != update.actor => {
            Err(Unapplied::refused("changes somebody else's profile"))
        }
        _ => Ok(()),
    }
} receive {
    match update.object {
        Told::Actor(id) => refresh(&id, data).await,
        Told::Id(id) if id == update.actor => refresh(&id, data).await,
        object => object.receive_from(&update.actor, data).await,
    }
});

/// Reads again the profile of an actor that we know.
async fn refresh(
    id: &Url,
    data: &activitypub_federation::config::Data<crate::federation::context::Federation>,
) -> Result<(), Unapplied> {
    if remote_actors::find(&data.app, id.as_str()).await?.is_none() {
        return Err(Unapplied::ignored("an actor that is not known here"));
    }
    data.read_actor(id).await?;
    Ok(())
}
