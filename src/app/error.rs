//! How a use case can fail.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::problem::{Problem, Problems},
    store::StoreError,
};

/// What was looked for and is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Page,
    Account,
    Session,
    Organisation,
    Invitation,
    Ad,
    Host,
    Accompaniment,
    Recommendation,
    Mediation,
    Offer,
    Comment,
    Report,
    Media,
    Actor,
    Post,
    /// A one-time link that was used, or that is too old.
    Link,
}

/// Failure of a use case. `Display` is for logs; what people read is chosen at the edge, by kind
/// and language.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nothing there, or nothing that this person may know of.
    #[error("not found: {0:?}")]
    NotFound(Missing),
    /// It was there until this instant.
    #[error("gone: {what:?} since {since}")]
    Gone { what: Missing, since: DateTime<Utc> },
    /// Somebody else was faster, or it is too late.
    #[error("conflict: {}", .0.text)]
    Conflict(Problem),
    /// They are not signed in, and must be.
    #[error("nobody is signed in")]
    Unauthenticated,
    /// They may not.
    #[error("forbidden: {}", .0.text)]
    Forbidden(Problem),
    /// What was typed is wrong.
    #[error("invalid: {0}")]
    Invalid(Problems),
    /// Too often; to be tried again later.
    #[error("too many, wait {0}")]
    TooMany(TimeDelta),
    /// Our own fault. The cause is logged once, at the edge.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// Our own fault, for this reason.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// A refusal because of the state of things.
    pub fn conflict(text: &'static str) -> Self {
        Self::Conflict(Problem::new(text))
    }

    /// A refusal because of who asks.
    pub fn forbidden(text: &'static str) -> Self {
        Self::Forbidden(Problem::new(text))
    }

    /// A refusal because of one field.
    pub fn field(field: &'static str, problem: Problem) -> Self {
        Self::Invalid(Problems::one(field, problem))
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::conflict(
                "Quelqu’un d’autre vient de faire la même chose. Rechargez la page et vérifiez.",
            ),
            error => Self::internal(error),
        }
    }
}
