//! Signed single-purpose links: what people without account act with (product, invariant 7).

use chrono::{DateTime, Utc};

use super::ids::PurposeLinkId;

words! {
    /// What a link lets its holder do, and nothing else.
    pub enum LinkPurpose {
        /// Answer for the structure about one accompaniment.
        HostAccompaniment => "host-accompaniment",
        /// Answer for the association about one accompaniment.
        AssociationAccompaniment => "association-accompaniment",
        /// Write one recommendation, then follow, amend, renew or withdraw it.
        Recommendation => "recommendation",
        /// Answer somebody who asks to talk about a recommendation.
        CallAnswer => "call-answer",
        /// Say whether a structure takes new requests.
        Capacity => "capacity",
        /// Say that a profile is still true.
        Confirmation => "confirmation",
        /// Take over an imported profile.
        Claim => "claim",
    }
}

/// A link whose secret was shown to us. Its secret is never kept, only a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeLink {
    pub id: PurposeLinkId,
    pub purpose: LinkPurpose,
    /// Id of what it opens: an accompaniment, a recommendation, a call request or a host.
    pub subject: i64,
    /// Where it was sent.
    pub email: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl PurposeLink {
    /// Whether it opens this.
    pub fn is_for(&self, purpose: LinkPurpose, subject: i64) -> bool {
        self.purpose == purpose && self.subject == subject
    }
}
