//! Keys that sign what our actors state (FEP-521a).

use chrono::{DateTime, Months, Utc};

use super::ids::{ActorId, ProofKeyId};

/// Months during which a retired key is still listed: longer than anything it signed counts.
const LISTED_MONTHS: u32 = 48;

/// The public half of a key of one of our actors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofKey {
    pub id: ProofKeyId,
    pub actor_id: ActorId,
    /// What follows `#` in its address.
    pub fragment: String,
    /// Multikey, as text.
    pub public_key: String,
    pub created_at: DateTime<Utc>,
    /// When another key took over.
    pub retired_at: Option<DateTime<Utc>>,
}

impl ProofKey {
    /// Its address, given the one of its actor.
    pub fn address(&self, actor: &str) -> String {
        format!("{actor}#{}", self.fragment)
    }

    /// When it is not to be relied upon any more; `None` while it signs.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.retired_at?
            .checked_add_months(Months::new(LISTED_MONTHS))
    }

    /// What follows `#` in the address of the nth key of an actor, from 0.
    pub fn fragment_of(number: i64) -> String {
        match number {
            0 => "ed25519-key".to_owned(),
            n => format!("ed25519-key-{}", n + 1),
        }
    }
}
