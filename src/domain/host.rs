//! Structures: what an organisation that hosts, accompanies, trains or develops says of itself.

mod input;
mod offer;
mod profile;

use chrono::{DateTime, Utc};

pub use input::{DataInput, HostInput, LinkInput, MembershipInput};
pub(crate) use input::{check_url, read_day};
pub use offer::{Line, LineInput, LineKind, Offer, OfferContent, OfferInput};
pub use profile::{
    AssociationSize, DataFacts, HostField, HostLink, HostProfile, HostRole, Membership,
    PriceBracket, PriceModel, Public, Source, Sourced, SourcedProfile,
};

use super::{
    ids::{ActorId, HostId, OrganisationId, ReviewId},
    listing::Standing,
};

words! {
    /// Where a structure stands (product, life cycles). Whether it is in the directory is another
    /// question: [`super::listing`] answers it.
    pub enum HostState {
        Draft => "draft",
        /// A moderator decides.
        Submitted => "submitted",
        /// A moderator refused, with a motive that can be answered.
        Refused => "refused",
        /// Accepted: in the directory as soon as a recommendation counts.
        Accepted => "accepted",
        /// Moderators took it out, with a motive that its page shows.
        Suspended => "suspended",
        /// It said nothing for too long.
        Archived => "archived",
    }
}

impl HostState {
    /// Whether it may go from this state to that one.
    pub fn may_become(self, next: Self) -> bool {
        use HostState::{Accepted, Archived, Draft, Refused, Submitted, Suspended};
        matches!(
            (self, next),
            (Draft | Refused, Submitted)
                | (Submitted, Accepted | Refused | Draft)
                | (Accepted, Suspended | Archived)
                | (Suspended | Archived, Accepted)
        )
    }
}

words! {
    /// A step in the conversation between a structure and the moderators.
    pub enum HostStep {
        Submitted => "submitted",
        /// Taken back before a decision.
        TakenBack => "taken-back",
        Accepted => "accepted",
        Refused => "refused",
        /// The structure answers a refusal or a suspension.
        Answered => "answered",
        Suspended => "suspended",
        Restored => "restored",
        /// It did not answer the yearly question.
        Archived => "archived",
    }
}

/// One step, with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostReview {
    pub id: ReviewId,
    pub step: HostStep,
    /// Empty when the step needs no words.
    pub motive: String,
    /// Name of who wrote it; empty for the system.
    pub author: String,
    pub created_at: DateTime<Utc>,
}

words! {
    /// Whether a structure takes new requests.
    pub enum Capacity {
        Open => "open",
        Full => "full",
    }
}

/// The most offers of a structure.
pub const OFFERS_OF_A_HOST: i64 = 20;
/// Months after which a structure is asked to confirm its profile.
pub const CONFIRMATION_MONTHS: u32 = 12;
/// Reminders of that question; after the last, silence archives.
pub const CONFIRMATION_REMINDERS: i64 = 3;
/// Days between them.
pub const CONFIRMATION_REMINDER_DAYS: i64 = 30;
/// Days between two questions about capacity.
pub const CAPACITY_DAYS: i64 = 30;

/// A structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    pub id: HostId,
    pub organisation_id: OrganisationId,
    /// Name of its account and of its page, `[a-z0-9_]{3,30}`.
    pub handle: String,
    /// There once it was in the directory.
    pub actor_id: Option<ActorId>,
    pub state: HostState,
    pub capacity: Capacity,
    /// Month (`YYYY-MM`) from which it takes requests again.
    pub capacity_from: Option<String>,
    pub capacity_said_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub suspended_at: Option<DateTime<Utc>>,
    pub suspension_motive: String,
    /// An imported profile that its structure did not take over yet.
    pub is_unclaimed: bool,
    pub import_url: Option<String>,
    pub listing: Listing,
}

/// What the listing rule answered last, and when it is to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    pub standing: Standing,
    /// Recommendations that count.
    pub counted: i64,
    pub listed_since: Option<DateTime<Utc>>,
    pub unlisted_at: Option<DateTime<Utc>>,
    /// When time alone changes the answer.
    pub settle_at: Option<DateTime<Utc>>,
}

/// Path of the directory, and of the actor that announces what enters it.
pub const DIRECTORY_PATH: &str = "/annuaire";
/// Path below which structures have their pages.
pub const HOSTS_PATH: &str = "/structures";

/// Path of the page of a structure.
pub fn host_path(handle: &str) -> String {
    format!("{HOSTS_PATH}/{handle}")
}

/// Checks the name of an account: `[a-z0-9_]{3,30}`, what every server of the fediverse takes.
pub fn is_handle(text: &str) -> bool {
    (3..=30).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Path of the page where a structure finds its profile and what remains to be done.
pub fn host_desk_path(handle: &str) -> String {
    format!("/compte/structure/{handle}")
}

/// Path of the page where moderators decide on a structure.
pub fn host_review_path(id: HostId) -> String {
    format!("/copil/structures/{id}")
}
