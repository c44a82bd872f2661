//! The addresses of what we publish. An id of ActivityPub, the page for people and the `url` are
//! one and the same address; what belongs to it hangs below.

use super::{
    authority::PublicUrl,
    ids::{ActivityId, AdId, CommentId},
};

/// Path of the instance actor.
pub const INSTANCE_PATH: &str = "/federation/instance";
/// Path of the actor that announces every new ad, and of the list of ads.
pub const ADS_PATH: &str = "/annonces";
/// Path of the inbox that all our actors share.
pub const SHARED_INBOX_PATH: &str = "/inbox";
/// Handle of the instance actor.
pub const INSTANCE_HANDLE: &str = "relay";
/// Handle of the actor that announces every new ad.
pub const ADS_HANDLE: &str = "annonces";

/// Handle of the actor that announces what enters the directory.
pub const DIRECTORY_HANDLE: &str = "annuaire";
/// Path below which organisations have their pages.
pub const ORGANISATIONS_PATH: &str = "/organisations";

/// Path of the page of an organisation, and id of its actor.
pub fn organisation_path(slug: &str) -> String {
    format!("{ORGANISATIONS_PATH}/{slug}")
}

/// Path of the page of a recommendation, and its id.
pub fn recommendation_path(slug: &str, number: i64) -> String {
    format!("{ORGANISATIONS_PATH}/{slug}/recommandations/{number}")
}

/// Path of what two parties confirmed of an accompaniment, and its id.
pub fn agreement_path(handle: &str, number: i64) -> String {
    format!(
        "{}/accompagnements/{number}",
        super::host::host_path(handle)
    )
}

/// Path of what a structure proposes, and its id.
pub fn offer_path(handle: &str, number: i64) -> String {
    format!("{}/offres/{number}", super::host::host_path(handle))
}

/// The addresses around one of our actors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorAddresses {
    /// Id, page and `url` of the actor.
    pub actor: String,
}

impl ActorAddresses {
    /// Around the actor with this id.
    pub fn new(actor: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
        }
    }

    /// Around the actor of an ad; `address` is `12-agenda-partage`.
    pub fn of_ad(public_url: &PublicUrl, address: &str) -> Self {
        Self::new(public_url.join(&format!("{ADS_PATH}/{address}")))
    }

    /// One of its collections: `inbox`, `outbox`, `followers`, `featured`, `members`…
    pub fn collection(&self, name: &str) -> String {
        format!("{}/{name}", self.actor)
    }

    /// Its inbox.
    pub fn inbox(&self) -> String {
        self.collection("inbox")
    }

    /// Its followers.
    pub fn followers(&self) -> String {
        self.collection("followers")
    }

    /// Id of the key that signs for it.
    pub fn key_id(&self) -> String {
        format!("{}#main-key", self.actor)
    }

    /// Id of a `Note`.
    pub fn note(&self, number: i64) -> String {
        format!("{}/notes/{number}", self.actor)
    }

    /// Id of an `Article`.
    pub fn article(&self, number: i64) -> String {
        format!("{}/articles/{number}", self.actor)
    }

    /// Id of an activity.
    pub fn activity(&self, id: ActivityId) -> String {
        format!("{}/activities/{id}", self.actor)
    }
}

/// Path of the page where the author works on an ad.
pub fn ad_workshop_path(id: AdId) -> String {
    format!("/compte/annonces/{id}")
}

/// Path of the page where moderators decide on an ad.
pub fn ad_review_path(id: AdId) -> String {
    format!("/moderation/annonces/{id}")
}

/// Anchor of a reply on the page of its ad.
pub fn comment_anchor(id: CommentId) -> String {
    format!("commentaire-{id}")
}

/// Path of a picture.
pub fn media_path(file_name: &str) -> String {
    format!("/media/{file_name}")
}

/// Path of the page of a hashtag.
pub fn hashtag_path(hashtag: &str) -> String {
    format!("{ADS_PATH}?tag={hashtag}")
}

/// Path of the logo, the picture of our actors.
pub const LOGO_PATH: &str = "/static/logo.png";
