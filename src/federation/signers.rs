//! Who signed a request: the key it names, from the database or from its own server.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

use super::{
    context::{Federation, ReadError},
    inbox::InboxLimits,
    json,
    keys::PublicKey,
    remote_actor::ActorDocument,
    signatures::{Claim, same_owner},
};
use crate::{
    app::{AppError, remote_actors},
    domain::federation::Actor,
};

/// How long a key that could not be found is not looked for again.
const ABSENCE: TimeDelta = TimeDelta::minutes(10);
/// How long a server that does not answer is left alone.
const OUTAGE: TimeDelta = TimeDelta::seconds(30);
/// A key is read again after a failed verification at most this often.
const REFRESH: TimeDelta = TimeDelta::minutes(5);
/// Most keys remembered in each of the two memories.
const MOST_REMEMBERED: usize = 10_000;

/// An actor, with the key that it signs with.
#[derive(Debug, Clone)]
pub struct Signer {
    pub actor: Actor,
    pub key: PublicKey,
}

/// Why the key of a request was not found.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignerError {
    /// Its server says that there is no such key (any more).
    #[error("the key is gone")]
    Gone,
    /// There is something there, but no key that speaks for its owner.
    #[error("no usable key: {0}")]
    Unusable(String),
    /// Its server does not answer now, or too many keys are being looked for.
    #[error("the key cannot be read now: {0}")]
    Unavailable(String),
    /// Our own fault.
    #[error("{0}")]
    Internal(String),
}

impl From<AppError> for SignerError {
    fn from(error: AppError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<ReadError> for SignerError {
    fn from(error: ReadError) -> Self {
        if error.is_gone() {
            Self::Gone
        } else if error.is_retryable() {
            Self::Unavailable(error.to_string())
        } else {
            Self::Unusable(error.to_string())
        }
    }
}

/// What was tried lately, so that strangers cannot make us ask the same thing again and again.
pub(super) struct SignerDesk {
    /// Keys that were not found, until when, and why.
    absent: Mutex<HashMap<String, (DateTime<Utc>, SignerError)>>,
    /// When a key was last read again.
    refreshed: Mutex<HashMap<String, DateTime<Utc>>>,
    /// Keys being looked for at the same time.
    places: Semaphore,
}

impl SignerDesk {
    pub(super) fn new(limits: &InboxLimits) -> Self {
        Self {
            absent: Mutex::default(),
            refreshed: Mutex::default(),
            places: Semaphore::new(limits.concurrent_key_fetches),
        }
    }

    fn recall(&self, key_id: &str, now: DateTime<Utc>) -> Option<SignerError> {
        let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, error) = absent.get(key_id)?;
        (*until > now).then(|| error.clone())
    }

    fn remember(&self, key_id: &str, error: &SignerError, now: DateTime<Utc>) {
        let delay = match error {
            SignerError::Gone | SignerError::Unusable(_) => ABSENCE,
            SignerError::Unavailable(_) => OUTAGE,
            SignerError::Internal(_) => return,
        };
        let mut absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        if absent.len() >= MOST_REMEMBERED {
            absent.retain(|_, (until, _)| *until > now);
        }
        if absent.len() < MOST_REMEMBERED {
            absent.insert(key_id.to_owned(), (now + delay, error.clone()));
        }
    }

    /// Whether a key may be read again now; counts as read.
    fn may_refresh(&self, key_id: &str, now: DateTime<Utc>) -> bool {
        let mut refreshed = self
            .refreshed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if refreshed.len() >= MOST_REMEMBERED {
            refreshed.retain(|_, at| now - *at < REFRESH);
        }
        let is_due = refreshed.get(key_id).is_none_or(|at| now - *at >= REFRESH);
        if is_due && refreshed.len() < MOST_REMEMBERED {
            refreshed.insert(key_id.to_owned(), now);
            return true;
        }
        false
    }
}

/// A signer, and whether its key was read from its server just now.
#[derive(Debug, Clone)]
pub enum Found {
    Known(Signer),
    Fresh(Signer),
}

impl Federation {
    /// The actor whose key a request names: known, or read from its server.
    pub async fn find_signer(&self, claim: &Claim) -> Result<Found, SignerError> {
        let document = claim.key_document();
        let known =
            remote_actors::find_by_key(&self.app, claim.key_id(), document.as_str()).await?;
        if let Some(actor) = known
            && let Some(pem) = &actor.public_key
            && let Ok(key) = PublicKey::from_pem(pem)
        {
            return Ok(Found::Known(Signer { actor, key }));
        }
        let now = self.app.now();
        if let Some(error) = self.signers().recall(claim.key_id(), now) {
            return Err(error);
        }
        let read = self.read_signer(claim).await;
        if let Err(error) = &read {
            self.signers().remember(claim.key_id(), error, now);
        }
        read.map(Found::Fresh)
    }

    /// Reads again the key of a request that did not verify; `None` when that was done lately.
    pub async fn refresh_signer(&self, claim: &Claim) -> Result<Option<Signer>, SignerError> {
        if !self.signers().may_refresh(claim.key_id(), self.app.now()) {
            return Ok(None);
        }
        self.read_signer(claim).await.map(Some)
    }

    async fn read_signer(&self, claim: &Claim) -> Result<Signer, SignerError> {
        if self.is_ours(claim.key_id()) {
            return Err(SignerError::Unusable(
                "a key of ours, from elsewhere".into(),
            ));
        }
        let _place =
            self.signers().places.try_acquire().map_err(|_| {
                SignerError::Unavailable("too many keys are being looked for".into())
            })?;
        let document = self.read(&claim.key_document()).await?;
        let (actor, key) = match ActorDocument::read(&document.value) {
            Ok(actor) => {
                let key = actor.find_key(claim.key_id());
                let key = key.ok_or_else(|| unusable("the actor does not publish it"))?;
                (actor, key)
            }
            Err(_) => self.read_owner(claim.key_id(), &document.value).await?,
        };
        if !same_owner(claim.key_id(), actor.id.as_str(), actor.id.as_str()) {
            return Err(unusable("of another origin than its owner"));
        }
        let profile = actor.into_profile(Some((claim.key_id().to_owned(), key.clone())));
        let actor = remote_actors::save(&self.app, profile).await?;
        Ok(Signer { actor, key })
    }

    /// The owner of a key that has a document of its own; the owner must say that it is its key.
    async fn read_owner(
        &self,
        key_id: &str,
        document: &Value,
    ) -> Result<(ActorDocument, PublicKey), SignerError> {
        let pem = json::text(document, "publicKeyPem").ok_or_else(|| unusable("not a key"))?;
        let key = PublicKey::from_pem(pem).map_err(|error| unusable(&error.to_string()))?;
        let owner = ["owner", "controller"]
            .into_iter()
            .find_map(|name| document.get(name).and_then(json::id_of))
            .filter(|owner| same_owner(key_id, owner, owner))
            .and_then(|owner| Url::parse(owner).ok())
            .ok_or_else(|| unusable("without owner of its origin"))?;
        let actor = self.read(&owner).await?;
        let actor =
            ActorDocument::read(&actor.value).map_err(|error| unusable(&error.to_string()))?;
        if actor.id == owner && actor.lists_key(key_id) {
            Ok((actor, key))
        } else {
            Err(unusable("its owner does not know it"))
        }
    }
}

fn unusable(reason: &str) -> SignerError {
    SignerError::Unusable(reason.to_owned())
}
