//! Recommendations: what an association says of the structure that accompanied it.

mod input;
mod links;

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};

pub use input::{
    CallInput, CallRequest, IdentityContent, IdentityInput, RecommendationContent,
    RecommendationInput, check_feedback, check_motive, check_reply,
};

pub use links::{Link, LinkKind, Side, detect, is_shared_domain};

use super::ids::{
    AccompanimentId, AccountId, HostId, MediationId, OrganisationId, RecommendationId, ReviewId,
};

words! {
    /// Where a recommendation stands. Expiry is not a state: time alone decides it.
    pub enum RecommendationState {
        /// Being written, from an invitation.
        Draft => "draft",
        /// Moderators decide.
        InReview => "in-review",
        /// Refused, with a motive that can be answered, and an appeal to somebody else.
        Refused => "refused",
        Published => "published",
        /// The association took it back.
        Withdrawn => "withdrawn",
    }
}

words! {
    /// A step of the review.
    pub enum ReviewStep {
        Submitted => "submitted",
        Approved => "approved",
        Refused => "refused",
        /// A moderator stays out of it.
        Recused => "recused",
        /// A link that was detected is no reason to doubt; the motive says why.
        LinkSetAside => "link-set-aside",
        Appealed => "appealed",
        /// Should never have counted.
        Annulled => "annulled",
    }
}

/// What the association wrote: six questions, no stars. Plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    pub context: String,
    pub difficulty: String,
    pub work_done: String,
    /// Shown first.
    pub can_do_now: String,
    pub could_be_better: String,
}

/// Approvals of different moderators that publish a recommendation (invariant 2).
pub const APPROVALS: usize = 2;
/// Months during which a recommendation counts, unless the settings say otherwise.
pub const VALIDITY_MONTHS: u32 = 36;
/// Days before the end at which its association is reminded.
pub const EXPIRY_REMINDER_DAYS: i64 = 60;
/// Days after which moderators are reminded of one that waits.
pub const REVIEW_REMINDER_DAYS: [i64; 2] = [14, 28];

/// Version of the published criteria (`/annuaire/criteres`) that decisions refer to.
pub const CRITERIA_VERSION: &str = "2026-11";

/// When a recommendation published at this instant stops counting.
pub fn expiry_of(published_at: DateTime<Utc>, months: u32) -> DateTime<Utc> {
    published_at
        .checked_add_months(Months::new(months))
        .unwrap_or(published_at)
}

/// A recommendation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendation {
    pub id: RecommendationId,
    pub accompaniment_id: AccompanimentId,
    pub host_id: HostId,
    pub organisation_id: OrganisationId,
    /// Position in its address; given at publication.
    pub number: Option<i64>,
    pub state: RecommendationState,
    pub answers: Answers,
    pub author_name: String,
    /// "trésorière", "coordinateur"…
    pub author_role: String,
    /// Conflict of interest that the author states; empty when there is none.
    pub interest: String,
    /// Whether a peer may call, through the relay.
    pub would_take_call: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawal_motive: String,
    pub annulled_at: Option<DateTime<Utc>>,
    /// Right of reply of the structure, Markdown; empty when there is none.
    pub reply: String,
    pub replied_at: Option<DateTime<Utc>>,
    /// ActivityPub id; there once published.
    pub uri: Option<String>,
}

impl Recommendation {
    /// Whether readers see it: published, and neither taken back nor found unfounded.
    pub fn is_public(&self) -> bool {
        self.state == RecommendationState::Published && self.annulled_at.is_none()
    }

    /// Whether its author may write it: before it is published, while nobody is reading it.
    pub const fn is_being_written(&self) -> bool {
        matches!(
            self.state,
            RecommendationState::Draft | RecommendationState::Refused
        )
    }

    /// What it says, with who signs it.
    pub fn content(&self) -> RecommendationContent {
        RecommendationContent {
            answers: self.answers.clone(),
            author_name: self.author_name.clone(),
            author_role: self.author_role.clone(),
            interest: self.interest.clone(),
            would_take_call: self.would_take_call,
        }
    }

    /// Replaces what it says.
    pub fn apply(&mut self, content: RecommendationContent, now: DateTime<Utc>) {
        self.answers = content.answers;
        self.author_name = content.author_name;
        self.author_role = content.author_role;
        self.interest = content.interest;
        self.would_take_call = content.would_take_call;
        self.updated_at = now;
    }
}

words! {
    /// Why a published recommendation is looked at again.
    pub enum AmendmentKind {
        /// Its words change.
        Edit => "edit",
        /// It is still true: its term begins anew.
        Renewal => "renewal",
    }
}

/// What an association proposes in the place of what it published. Readers see the former until
/// moderators accept it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    pub recommendation_id: RecommendationId,
    pub kind: AmendmentKind,
    /// The version that it becomes: the one that moderators approve.
    pub version: i64,
    pub content: RecommendationContent,
    pub submitted_at: DateTime<Utc>,
}

/// One step of the review, with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewEntry {
    pub id: ReviewId,
    pub step: ReviewStep,
    /// Empty when the step needs no words.
    pub motive: String,
    /// Version of the text that was looked at.
    pub version: i64,
    /// [`Link::key`] of what was set aside; empty for the other steps.
    pub link: String,
    /// `None` for who acts without account.
    pub account_id: Option<AccountId>,
    /// Name of that account; empty without.
    pub author: String,
    pub created_at: DateTime<Utc>,
}

/// What an association tells to mediation rather than in public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mediation {
    pub id: MediationId,
    pub accompaniment_id: AccompanimentId,
    /// Where mediation answers.
    pub email: String,
    /// Plain text.
    pub content: String,
    pub created_at: DateTime<Utc>,
    pub handled_at: Option<DateTime<Utc>>,
}
