//! How values of the domain are kept in columns.

use chrono::{DateTime, Utc};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type, encode::IsNull, error::BoxDynError};

use super::StoreError;

/// An instant as a column: microseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Micros(pub i64);

impl From<DateTime<Utc>> for Micros {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }
}

impl From<Micros> for DateTime<Utc> {
    fn from(at: Micros) -> Self {
        // out of range only for a corrupt row; the epoch is then as good as anything
        DateTime::from_timestamp_micros(at.0).unwrap_or_default()
    }
}

/// An optional instant, for `.bind(micros(x))`.
pub(super) fn micros(at: Option<DateTime<Utc>>) -> Option<Micros> {
    at.map(Micros::from)
}

/// An optional instant read from a row.
pub(super) fn instant(at: Option<Micros>) -> Option<DateTime<Utc>> {
    at.map(DateTime::from)
}

/// A word of the domain read from a row.
pub(super) fn word<T>(value: Option<T>, column: &'static str) -> Result<T, StoreError> {
    value.ok_or(StoreError::Corrupt { column })
}

/// A JSON value kept as TEXT.
pub(super) fn to_json<T: serde::Serialize>(
    value: &T,
    column: &'static str,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt { column })
}

/// A JSON value read from TEXT.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(
    text: &str,
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt { column })
}

/// Lets an identifier of the domain be bound and read as a BIGINT on both databases.
macro_rules! columns_of_ids {
    ($($id:ident),+ $(,)?) => {$(
        columns_of_ids!(@on Sqlite, $id);
        columns_of_ids!(@on Postgres, $id);
    )+};
    (@on $db:ty, $id:ident) => {
        impl Type<$db> for crate::domain::ids::$id {
            fn type_info() -> <$db as sqlx::Database>::TypeInfo {
                <i64 as Type<$db>>::type_info()
            }

            fn compatible(found: &<$db as sqlx::Database>::TypeInfo) -> bool {
                <i64 as Type<$db>>::compatible(found)
            }
        }

        impl<'q> Encode<'q, $db> for crate::domain::ids::$id {
            fn encode_by_ref(
                &self,
                buffer: &mut <$db as sqlx::Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                <i64 as Encode<'q, $db>>::encode(self.get(), buffer)
            }
        }

        impl<'r> Decode<'r, $db> for crate::domain::ids::$id {
            fn decode(value: <$db as sqlx::Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                <i64 as Decode<'r, $db>>::decode(value).map(Self::from)
            }
        }
    };
}

columns_of_ids! {
    AccountId, SignInLinkId, SessionId, ApiTokenId, AuditId, OrganisationId, InvitationId, AdId,
    RevisionId, ReviewId, MilestoneId, PostId, MediaId, CommentId, ReactionId, ReportId, ActorId,
    FollowId, SpareKeyId, InboxItemId, ActivityId, DeliveryId, MailId, HostId, OfferId,
    AccompanimentId, RecommendationId, PurposeLinkId, CallRequestId, MediationId, DecisionId,
    ProofKeyId, SoftwareId, ToolId,
}
