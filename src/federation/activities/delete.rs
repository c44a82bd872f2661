//! `Delete`: a text or an account elsewhere is no more.

use activitypub_federation::config::Data;
use url::Url;

use super::{Envelope, Unapplied, read_target, settle};
use crate::{
    app::{comments::receiving as comments, remote_actors},
    federation::{context::Federation, json, reading::web_address},
};

/// A deletion: a `Tombstone`, the object itself, or its id.
#[derive(Debug, Clone)]
pub struct Delete {
    id: Url,
    actor: Url,
    target: String,
}

impl Delete {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            target: read_target(envelope, "object")?,
        })
    }

    /// Deletes a reply that we hold if its own origin says that it is no more (FEP-4f05): a
    /// moderator of that server, or a server that forwards, may only tell us to look.
    pub(super) async fn check_at_origin(&self, data: &Data<Federation>) -> Result<(), Unapplied> {
        let target = web_address(&self.target).ok_or(Unapplied::refused("an unusable id"))?;
        if comments::find_author(&data.app, &self.target)
            .await?
            .is_none()
        {
            return Err(Unapplied::ignored("nothing of that id here"));
        }
        match data.read(&target).await {
            Err(error) if error.is_gone() => {}
            Err(error) => return Err(error.into()),
            Ok(document) if json::has_type(&document.value, "Tombstone") => {}
            Ok(_) => return Err(Unapplied::refused("it is still there")),
        }
        settle(comments::delete_gone(&data.app, &self.target).await?)
    }
}

activity!(Delete, |delete, data| verify {
    let _ = delete;
    Ok(())
} receive {
    if remote_actors::find(&data.app, delete.actor.as_str()).await?.is_none() {
        return Err(Unapplied::ignored("an actor that is not known here"));
    }
    if delete.target == delete.actor.as_str() {
        let who = data.find_who(&delete.actor).await?;
        return settle(remote_actors::delete(&data.app, &who).await?);
    }
    match comments::find_author(&data.app, &delete.target).await? {
        None => Err(Unapplied::ignored("nothing of that id here")),
        Some(author) if author == delete.actor.as_str() => {
            let who = data.find_who(&delete.actor).await?;
            settle(comments::delete(&data.app, &who, &delete.target).await?)
        }
        Some(_) => delete.check_at_origin(data).await,
    }
});
