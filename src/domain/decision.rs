//! The public log: what was decided about structures and recommendations, without personal data.

use chrono::{DateTime, Utc};

use super::ids::{DecisionId, HostId, RecommendationId};

words! {
    /// What was decided, by moderators or by the listing rule alone.
    pub enum PublicDecision {
        /// Moderators accepted the profile of a structure.
        HostAccepted => "host-accepted",
        HostRefused => "host-refused",
        HostSuspended => "host-suspended",
        HostRestored => "host-restored",
        /// It said nothing for too long.
        HostArchived => "host-archived",
        /// The rule put it in the directory.
        HostListed => "host-listed",
        /// Nothing counts any more: sixty days begin.
        HostNotice => "host-notice",
        /// The rule took it out of the directory.
        HostUnlisted => "host-unlisted",
        RecommendationPublished => "recommendation-published",
        RecommendationAmended => "recommendation-amended",
        RecommendationRefused => "recommendation-refused",
        /// A refusal is looked at again, by somebody else.
        RecommendationAppealed => "recommendation-appealed",
        RecommendationWithdrawn => "recommendation-withdrawn",
        /// Moderators found that it should never have counted.
        RecommendationAnnulled => "recommendation-annulled",
    }
}

impl PublicDecision {
    /// Whether it names nobody: neither side chose to make public what was refused.
    pub const fn is_private(self) -> bool {
        matches!(
            self,
            Self::HostRefused | Self::RecommendationRefused | Self::RecommendationAppealed
        )
    }
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Host(HostId),
    Recommendation(RecommendationId),
}

impl Subject {
    /// The word and the number it is kept by.
    pub const fn to_parts(self) -> (&'static str, i64) {
        match self {
            Self::Host(id) => ("host", id.get()),
            Self::Recommendation(id) => ("recommendation", id.get()),
        }
    }

    /// Reads them back.
    pub fn from_parts(kind: &str, id: i64) -> Option<Self> {
        match kind {
            "host" => Some(Self::Host(id.into())),
            "recommendation" => Some(Self::Recommendation(id.into())),
            _ => None,
        }
    }
}

/// A line of the public log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedDecision {
    pub id: DecisionId,
    pub subject: Subject,
    pub decision: PublicDecision,
    /// Written to be public; may be empty.
    pub motive: String,
    /// Version of the published criteria.
    pub criteria: String,
    pub decided_at: DateTime<Utc>,
}
