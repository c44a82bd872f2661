//! Whose key it is: the keys that an actor lists for its statements (FEP-521a), and whether one of
//! them made a proof.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Proof, ProofError, ValidFor};
use crate::{
    domain::multikey::Multikey,
    federation::{
        json,
        reading::{read_instant, web_address},
    },
};

/// Most keys of one actor looked at.
const MOST_KEYS: usize = 16;

/// One entry of `assertionMethod` that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementKey {
    pub id: String,
    pub key: Multikey,
    /// It is not to be relied upon from then on.
    pub expires: Option<DateTime<Utc>>,
}

/// Why a document is not a statement of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotStated {
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The key belongs to somebody else, or to nobody.
    #[error("its owner does not list the key of the proof")]
    ForeignKey,
    #[error("the key of the proof has expired")]
    KeyExpired,
    #[error("the proof has expired")]
    ProofExpired,
}

/// The keys that an actor lists for its statements. Malformed entries, and those that name another
/// controller, are left out.
pub fn list(actor: &Value) -> Vec<StatementKey> {
    let Some(owner) = json::id_of(actor) else {
        return Vec::new();
    };
    json::values_of(actor, "assertionMethod")
        .iter()
        .take(MOST_KEYS)
        .filter_map(|entry| read(entry, owner))
        .collect()
}

fn read(entry: &Value, owner: &str) -> Option<StatementKey> {
    let id = json::id_of(entry)?;
    let is_its_own = entry.get("controller").and_then(json::id_of) == Some(owner)
        && json::have_same_origin(id, owner);
    if !json::has_type(entry, "Multikey") || !is_its_own {
        return None;
    }
    // an end that cannot be read is taken for one that has come
    let expires = match entry.get("expires") {
        None | Some(Value::Null) => None,
        Some(_) => Some(read_instant(entry, "expires").unwrap_or_default()),
    };
    Some(StatementKey {
        id: id.to_owned(),
        key: Multikey::parse(entry.get("publicKeyMultibase")?.as_str()?).ok()?,
        expires,
    })
}

/// Whether `actor`, read from its own origin, made the proof of a document.
pub fn check(document: &Value, actor: &Value, now: DateTime<Utc>) -> Result<ValidFor, NotStated> {
    let proof = Proof::read(document)?;
    let keys = list(actor);
    let listed = keys.iter().find(|key| key.id == proof.method);
    let listed = listed.ok_or(NotStated::ForeignKey)?;
    let valid = proof.verify(&listed.key)?;
    if listed.expires.is_some_and(|end| end <= now) {
        return Err(NotStated::KeyExpired);
    }
    if valid.expires.is_some_and(|end| end <= now) {
        return Err(NotStated::ProofExpired);
    }
    Ok(valid)
}

/// The address of the document that holds a key: its id without what follows `#`.
pub fn document_of(key: &str) -> Option<url::Url> {
    let mut address = web_address(key)?;
    address.set_fragment(None);
    Some(address)
}
