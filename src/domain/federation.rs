//! Actors, follows, comments and reactions: what federation leaves in the domain.

use chrono::{DateTime, Utc};

use super::ids::{ActorId, AdId, CommentId, FollowId, PostId, RecommendationId};

words! {
    /// What one of our own actors stands for.
    pub enum ActorRole {
        /// The server itself: signs fetches; its followers are servers.
        Instance => "instance",
        /// Announces every new ad.
        Ads => "ads",
        /// One ad.
        Ad => "ad",
        /// Announces what enters the directory.
        Directory => "directory",
        /// One structure.
        Host => "host",
        /// An organisation that recommends in public.
        Organisation => "organisation",
    }
}

impl ActorRole {
    /// Whether it states things that others verify by themselves, hence has a key for proofs.
    pub const fn states(self) -> bool {
        match self {
            Self::Instance | Self::Host | Self::Organisation => true,
            Self::Ads | Self::Ad | Self::Directory => false,
        }
    }
}

words! {
    /// The five actor types of ActivityStreams, the only ones other servers agree on.
    pub enum ActorKind {
        Application => "Application",
        Group => "Group",
        Organization => "Organization",
        Person => "Person",
        Service => "Service",
    }
}

/// An actor, ours or remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub id: ActorId,
    /// The ActivityPub id.
    pub uri: String,
    pub kind: ActorKind,
    /// `None` for a remote actor.
    pub role: Option<ActorRole>,
    /// `preferredUsername`.
    pub handle: String,
    /// Authority (host, and port when it is not the default) of `uri`.
    pub host: String,
    pub name: String,
    /// Sanitised HTML.
    pub summary: String,
    pub url: String,
    pub inbox: String,
    pub shared_inbox: Option<String>,
    pub followers: Option<String>,
    pub key_id: Option<String>,
    /// SPKI PEM; `None` while the key pair of a new actor is being made.
    pub public_key: Option<String>,
    /// FEP-5feb: whether what it writes may be searched.
    pub is_indexable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// When a remote actor was last read from its origin.
    pub fetched_at: Option<DateTime<Utc>>,
    /// When it was deleted.
    pub gone_at: Option<DateTime<Utc>>,
}

impl Actor {
    /// Whether it is one of ours.
    pub fn is_local(&self) -> bool {
        self.role.is_some()
    }

    /// `@handle@host`, what people copy.
    pub fn address(&self) -> String {
        format!("@{}@{}", self.handle, self.host)
    }
}

words! {
    /// Whether a follow was accepted.
    pub enum FollowState {
        Pending => "pending",
        Accepted => "accepted",
    }
}

/// A follow between two actors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    pub id: FollowId,
    pub follower_id: ActorId,
    pub followed_id: ActorId,
    pub activity_uri: String,
    pub state: FollowState,
}

words! {
    /// What a post of ours is.
    pub enum PostKind {
        /// The ad or the recommendation itself, in two renditions.
        Announcement => "announcement",
        /// A milestone, in reply to the announcement.
        Milestone => "milestone",
    }
}

/// What a post of ours is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostSubject {
    Ad(AdId),
    /// Told by the structure that is recommended.
    Recommendation(RecommendationId),
}

impl PostSubject {
    /// The ad, when it is one.
    pub const fn ad(self) -> Option<AdId> {
        match self {
            Self::Ad(id) => Some(id),
            Self::Recommendation(_) => None,
        }
    }

    /// The recommendation, when it is one.
    pub const fn recommendation(self) -> Option<RecommendationId> {
        match self {
            Self::Ad(_) => None,
            Self::Recommendation(id) => Some(id),
        }
    }
}

/// What one of our actors said in public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub id: PostId,
    pub actor_id: ActorId,
    pub subject: PostSubject,
    pub kind: PostKind,
    /// Position among the posts about its subject; 0 is the announcement.
    pub number: i64,
    /// Id of the `Note`.
    pub note_uri: String,
    /// Id of the `Article`; only the announcement has one.
    pub article_uri: Option<String>,
    pub published_at: DateTime<Utc>,
    /// Grows strictly at each edit.
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

words! {
    /// Whether a reply from the fediverse is shown.
    pub enum CommentState {
        /// Waits for the organisation or a moderator.
        Pending => "pending",
        Accepted => "accepted",
        Refused => "refused",
        /// Its author deleted it.
        Deleted => "deleted",
    }
}

/// A reply from the fediverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub ad_id: AdId,
    pub post_id: PostId,
    /// Its author.
    pub actor: Actor,
    pub uri: String,
    pub url: String,
    pub in_reply_to: String,
    /// Sanitised HTML.
    pub content: String,
    pub state: CommentState,
    pub published_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
}

words! {
    /// A reaction counted once per actor and post.
    pub enum ReactionKind {
        Like => "like",
        Announce => "announce",
    }
}

words! {
    /// What the administrator decided about a whole host.
    pub enum PolicyLevel {
        /// Nothing from it or to it.
        Suspend => "suspend",
        /// Its replies are refused, its follows accepted.
        Limit => "limit",
    }
}

/// A decision about a whole host, which holds for the hosts below it too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainPolicy {
    /// Without port, in lower case.
    pub host: String,
    pub level: PolicyLevel,
    pub public_comment: String,
    pub private_comment: String,
}

words! {
    /// What became of an activity that was received.
    pub enum InboxOutcome {
        /// It did what it says.
        Applied => "applied",
        /// Nothing to do with it here.
        Ignored => "ignored",
        /// Its sender may not do that.
        Refused => "refused",
        /// It could not be treated in the time allowed.
        Failed => "failed",
    }
}

words! {
    /// Which form of a public post a server receives.
    pub enum Rendition {
        /// For everybody.
        Note => "note",
        /// For Mobilizon, which shows a `Note` only as a comment.
        Article => "article",
    }
}
