//! Accompaniments: one project of a structure with an association, confirmed by both.

mod input;
mod life;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use input::{AccompanimentContent, AccompanimentInput, parse_day};

use super::{
    host::{LineKind, PriceBracket},
    ids::{AccompanimentId, HostId, OrganisationId},
};

words! {
    /// Which side of an accompaniment somebody is on.
    pub enum Party {
        Host => "host",
        Association => "association",
    }
}

impl Party {
    /// The other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Host => Self::Association,
            Self::Association => Self::Host,
        }
    }
}

words! {
    /// Where an accompaniment stands (product, life cycles).
    pub enum AccompanimentState {
        /// Declared by one side; the other did not confirm.
        Proposed => "proposed",
        Ongoing => "ongoing",
        /// Both confirmed the end.
        Finished => "finished",
        /// Ended without result, said by either side.
        Abandoned => "abandoned",
        /// The other side says that it did not take place.
        Declined => "declined",
    }
}

/// What was to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    pub lines: Vec<LineKind>,
    /// Plain text.
    #[serde(default)]
    pub text: String,
    /// Tools before, as people name them.
    #[serde(default)]
    pub tools_before: Vec<String>,
    /// Programs after: slugs of the catalogue, or names.
    #[serde(default)]
    pub tools_after: Vec<String>,
}

/// When each side confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmations {
    pub host: Option<DateTime<Utc>>,
    pub association: Option<DateTime<Utc>>,
}

impl Confirmations {
    /// Whether both did.
    pub const fn are_both(&self) -> bool {
        self.host.is_some() && self.association.is_some()
    }

    /// What one side said.
    pub const fn of(&self, party: Party) -> Option<DateTime<Utc>> {
        match party {
            Party::Host => self.host,
            Party::Association => self.association,
        }
    }
}

/// An accompaniment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accompaniment {
    pub id: AccompanimentId,
    pub host_id: HostId,
    /// The association.
    pub organisation_id: OrganisationId,
    /// Position in the address of the agreement.
    pub number: i64,
    pub state: AccompanimentState,
    pub declared_by: Party,
    /// Of a side that acts by mail.
    pub host_email: Option<String>,
    pub association_email: Option<String>,
    pub scope: Scope,
    pub started_on: NaiveDate,
    pub ended_on: Option<NaiveDate>,
    /// Hours that the association's volunteers gave.
    pub volunteer_hours: Option<i64>,
    pub cost_bracket: Option<PriceBracket>,
    /// Done before this instance existed.
    pub is_founding: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub began: Confirmations,
    pub ended: Confirmations,
}

impl Accompaniment {
    /// Whether both sides confirmed the end (invariant 2).
    pub fn is_finished(&self) -> bool {
        self.state == AccompanimentState::Finished && self.began.are_both() && self.ended.are_both()
    }
}
