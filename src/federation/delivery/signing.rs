//! The keys of our actors, parsed once.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use url::Url;

use crate::{
    app::{App, deliveries::DueDelivery},
    domain::ids::ActorId,
    federation::keys::SigningKey,
};

/// Keys remembered; then all are forgotten, which costs 0.2 ms each.
const MOST_KEYS: usize = 1_000;

/// Parsed keys by actor, with the sealed form each was read from: a new key is seen at once.
#[derive(Default)]
pub(super) struct SigningKeys(Mutex<HashMap<ActorId, (String, SigningKey)>>);

/// Why nothing can be signed for an actor.
pub(super) enum NoKey {
    /// It is being made.
    NotYet,
    /// It cannot be read.
    Unreadable,
}

impl SigningKeys {
    /// The present key of the speaker of a delivery.
    pub(super) fn of_speaker(
        &self,
        app: &App,
        delivery: &DueDelivery,
    ) -> Result<SigningKey, NoKey> {
        let sealed = delivery.sealed_key.as_deref().ok_or(NoKey::NotYet)?;
        if let Some(known) = self.find(delivery.speaker, sealed) {
            return Ok(known);
        }
        let key_id = delivery.key_id.as_deref().ok_or(NoKey::Unreadable)?;
        let key_id = Url::parse(key_id).map_err(|_| NoKey::Unreadable)?;
        let pem = app.secrets().unseal(sealed).ok_or(NoKey::Unreadable)?;
        let key = SigningKey::from_pkcs8_pem(key_id, &pem).map_err(|_| NoKey::Unreadable)?;
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MOST_KEYS {
            keys.clear();
        }
        keys.insert(delivery.speaker, (sealed.to_owned(), key.clone()));
        Ok(key)
    }

    fn find(&self, speaker: ActorId, sealed: &str) -> Option<SigningKey> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, key) = keys.get(&speaker)?;
        (known == sealed).then(|| key.clone())
    }
}
