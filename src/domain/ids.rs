//! Identifiers: 63-bit integers that grow with time (`docs/adr/0002-identifiers.md`).

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

/// 2026-01-01T00:00:00Z in milliseconds since 1970: the origin of our identifiers.
const EPOCH_MILLIS: i64 = 1_767_225_600_000;
const NODE_BITS: u32 = 10;
const SEQUENCE_BITS: u32 = 12;

/// Declares one newtype per noun, so that an account cannot be taken for an ad.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, utoipa::ToSchema)]
        #[schema(value_type = String, pattern = "^[1-9][0-9]{0,18}$", example = "119838468173824")]
        pub struct $name(i64);

        impl $name {
            /// The number as stored.
            pub const fn get(self) -> i64 {
                self.0
            }

            /// Reads the decimal form used in URLs and in the API.
            pub fn parse(text: &str) -> Option<Self> {
                text.parse().ok().filter(|id| *id > 0).map(Self)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        // A string on the wire: JSON readers round integers above 2^53.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an identifier"))
            }
        }
    )+};
}

ids! {
    /// A person who signs in.
    AccountId,
    /// A one-time link sent by mail.
    SignInLinkId,
    /// One browser that is signed in.
    SessionId,
    /// A key for the JSON API.
    ApiTokenId,
    /// A line of the audit log.
    AuditId,
    /// A legal person or an informal group.
    OrganisationId,
    /// An invitation to join an organisation.
    InvitationId,
    /// A classified ad.
    AdId,
    /// A version of an ad that an edit replaced.
    RevisionId,
    /// A step in the conversation between an author and the moderators.
    ReviewId,
    /// A dated step in the life of an ad.
    MilestoneId,
    /// What one of our actors said in public.
    PostId,
    /// A picture.
    MediaId,
    /// A reply from the fediverse.
    CommentId,
    /// A like or a boost.
    ReactionId,
    /// A report to the moderators.
    ReportId,
    /// An actor, ours or remote.
    ActorId,
    /// A follow between two actors.
    FollowId,
    /// A key pair made ahead of time.
    SpareKeyId,
    /// An activity received.
    InboxItemId,
    /// An activity of ours.
    ActivityId,
    /// One activity for one inbox.
    DeliveryId,
    /// A mail to send.
    MailId,
    /// A structure.
    HostId,
    /// What a structure proposes.
    OfferId,
    /// One project of a structure with an association.
    AccompanimentId,
    /// What an association says of a structure.
    RecommendationId,
    /// A signed single-purpose link.
    PurposeLinkId,
    /// Somebody who asks to talk to an association.
    CallRequestId,
    /// What an association told to mediation.
    MediationId,
    /// A line of the public log of decisions.
    DecisionId,
    /// An Ed25519 key of one of our actors.
    ProofKeyId,
    /// A free program of the catalogue.
    SoftwareId,
    /// A proprietary tool of the catalogue.
    ToolId,
}

/// Makes identifiers: 41 bits of milliseconds, 10 bits of node, 12 bits of sequence.
///
/// The node number is given by the database at each start ([`crate::app::App::start`]), so that
/// several processes sharing one PostgreSQL never make the same one.
#[derive(Debug)]
pub struct Ids {
    node: u64,
    /// Milliseconds and sequence of the last one made.
    last: AtomicU64,
}

impl Ids {
    /// A generator for one process.
    pub fn new(node: u64) -> Self {
        Self {
            node: node % (1 << NODE_BITS),
            last: AtomicU64::new(0),
        }
    }

    /// The next identifier; greater than all those this process made before, even when the clock
    /// goes back.
    pub fn next<Id: From<i64>>(&self, now: DateTime<Utc>) -> Id {
        let millis = u64::try_from(now.timestamp_millis() - EPOCH_MILLIS).unwrap_or(0);
        let fresh = millis << SEQUENCE_BITS;
        let mut previous = self.last.load(Ordering::Relaxed);
        let tick = loop {
            let tick = fresh.max(previous + 1);
            match self.last.compare_exchange_weak(
                previous,
                tick,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => break tick,
                Err(other) => previous = other,
            }
        };
        let sequence = tick & ((1 << SEQUENCE_BITS) - 1);
        let millis = tick >> SEQUENCE_BITS;
        let id = (millis << (NODE_BITS + SEQUENCE_BITS)) | (self.node << SEQUENCE_BITS) | sequence;
        // 41 bits of milliseconds last until 2095, below the sign bit
        Id::from(i64::try_from(id & (u64::MAX >> 1)).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    #[test]
    fn identifiers_grow_even_when_the_clock_goes_back() {
        let ids = Ids::new(7);
        let now = at(EPOCH_MILLIS + 1_000);
        let mut previous: AdId = ids.next(now);
        for step in [0, 5, -900, 0, 3] {
            let id: AdId = ids.next(now + chrono::TimeDelta::milliseconds(step));
            assert!(id > previous);
            previous = id;
        }
    }

    #[test]
    fn two_nodes_never_make_the_same_identifier() {
        let (one, two) = (Ids::new(1), Ids::new(2));
        let now = at(EPOCH_MILLIS + 5);
        let made: std::collections::HashSet<AdId> = (0..5_000)
            .flat_map(|_| [one.next(now), two.next(now)])
            .collect();
        assert_eq!(made.len(), 10_000);
    }

    #[test]
    fn identifiers_travel_as_strings() {
        let id = AdId::from(9_007_199_254_740_993);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"9007199254740993\"");
        assert_eq!(serde_json::from_str::<AdId>(&json).unwrap(), id);
        assert!(serde_json::from_str::<AdId>("\"-4\"").is_err());
    }
}
