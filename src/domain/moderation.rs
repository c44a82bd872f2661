//! Decisions of moderators, and what is asked of them.

use chrono::{DateTime, Utc};

use super::ids::{AdId, CommentId, ReportId, ReviewId};

words! {
    /// A step in the conversation between the author of an ad and the moderators.
    pub enum ReviewStep {
        /// The author asks for publication.
        Submitted => "submitted",
        /// A moderator accepts.
        Approved => "approved",
        /// A moderator refuses, with a motive.
        Refused => "refused",
        /// The author answers a refusal.
        Answered => "answered",
    }
}

/// One step, with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub id: ReviewId,
    pub step: ReviewStep,
    /// Empty when the step needs no words.
    pub motive: String,
    /// Name of who wrote it; authors see « la modération » instead of a moderator's name.
    pub author: String,
    pub created_at: DateTime<Utc>,
}

words! {
    /// Where a report stands.
    pub enum ReportState {
        Open => "open",
        Handled => "handled",
        Dismissed => "dismissed",
    }
}

words! {
    /// What a reader finds wrong.
    pub enum ReportReason {
        Illegal => "illegal",
        OffTopic => "off-topic",
        Impersonation => "impersonation",
        PersonalData => "personal-data",
        Other => "other",
    }
}

/// Something a reader or another server finds wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub id: ReportId,
    /// The server that reports, which hides its user; `None` for a reader of our pages.
    pub host: Option<String>,
    pub content: String,
    /// Ids reported, as received.
    pub objects: Vec<String>,
    pub ad_id: Option<AdId>,
    pub comment_id: Option<CommentId>,
    pub state: ReportState,
    pub received_at: DateTime<Utc>,
}
