//! What our actors say to other servers, before it is turned into ActivityStreams documents.
//!
//! A use case writes one of these in the transaction of the change; the delivery worker renders
//! it, finds its recipients and sends it.

use serde::{Deserialize, Serialize};

use super::ids::{ActivityId, ActorId, PostId, RecommendationId};

/// One thing said by one of our actors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Outbound {
    /// A post is new: `Create`, to the followers of its actor.
    Create { post: PostId },
    /// A post changed: `Update`, to the followers of its actor.
    Update { post: PostId },
    /// A post is withdrawn: `Delete`, to the followers of its actor and to those who replied.
    Delete { post: PostId },
    /// The `annonces` or the `annuaire` actor shows an announcement to its own followers.
    Announce { post: PostId },
    /// That actor takes an announcement back.
    UndoAnnounce {
        post: PostId,
        announced_by: ActivityId,
    },
    /// The profile of an actor changed, to its followers.
    UpdateActor,
    /// An actor has other keys: `Update`, signed by the former one, to every server that knows it.
    UpdateKeys,
    /// An actor goes away for ever, to every server that knows it.
    DeleteActor,
    /// An organisation recommends: `Create` of the id alone, to peers.
    Recommend { recommendation: RecommendationId },
    /// A recommendation changed: `Update` of the id alone, to peers.
    AmendRecommendation { recommendation: RecommendationId },
    /// A recommendation is withdrawn: `Delete` with a proof of the organisation, to peers.
    WithdrawRecommendation { recommendation: RecommendationId },
    /// Something, by its id, is now in a collection of the speaker: `Add`, to peers.
    Add { object: String, to: Listed },
    /// It is not there any more: `Remove`, to peers.
    Remove { object: String, from: Listed },
    /// One of our actors asks to follow a remote one, to its inbox. The id of the activity is that
    /// of the row.
    Follow { followed: ActorId },
    /// A follow is accepted; `activity` is the `Follow` to embed: `[id, actor, object]`.
    AcceptFollow { follower: ActorId, activity: String },
    /// A follower is turned away.
    RejectFollow { follower: ActorId, activity: String },
}

words! {
    /// A collection in which an actor of ours puts what it stands for; the last part of its address.
    pub enum Listed {
        /// Structures that the instance lists.
        Directory => "directory",
        /// What an organisation recommends, a structure acknowledges, the instance vouches for.
        Recommendations => "recommendations",
    }
}

impl Outbound {
    /// The post it speaks of.
    pub fn post(&self) -> Option<PostId> {
        match self {
            Self::Create { post }
            | Self::Update { post }
            | Self::Delete { post }
            | Self::Announce { post }
            | Self::UndoAnnounce { post, .. } => Some(*post),
            _ => None,
        }
    }

    /// Whether an outbox lists it as long as its post is there.
    pub fn stands(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Announce { .. })
    }

    /// To whom it goes.
    pub fn audience(&self) -> Audience {
        match self {
            Self::Create { .. }
            | Self::Update { .. }
            | Self::Announce { .. }
            | Self::UndoAnnounce { .. }
            | Self::UpdateActor => Audience::Followers,
            Self::Delete { post } => Audience::FollowersAndParticipants(*post),
            Self::UpdateKeys | Self::DeleteActor => Audience::Everybody,
            Self::Recommend { .. }
            | Self::AmendRecommendation { .. }
            | Self::WithdrawRecommendation { .. }
            | Self::Add { .. }
            | Self::Remove { .. } => Audience::Peers,
            Self::Follow { followed } => Audience::One(*followed),
            Self::AcceptFollow { follower, .. } | Self::RejectFollow { follower, .. } => {
                Audience::One(*follower)
            }
        }
    }
}

/// To whom an activity goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who follows the speaker.
    Followers,
    /// Servers that follow the instance.
    Peers,
    /// The followers, and everybody who replied or reacted to the post or its neighbours.
    FollowersAndParticipants(PostId),
    /// One actor, in its own inbox.
    One(ActorId),
    /// Every server that we know, so that it forgets.
    Everybody,
}
