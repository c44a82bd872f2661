//! Ads as programs see them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{
        App,
        ads::reading::{AdPage, Workshop},
    },
    domain::{
        ad::{Ad, AdKind, AdState, Budget, ListedAd, Media, Milestone, MilestoneKind},
        addresses::{ADS_PATH, media_path},
        ids::{AdId, MilestoneId, OrganisationId},
        licence::Licence,
        organisation::MembershipRole,
    },
};

/// An ad.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct AdView {
    id: AdId,
    /// Given at the first publication.
    #[schema(example = 12)]
    number: Option<i64>,
    /// Its page, which is also its identifier in the fediverse.
    #[schema(example = "https://lyon.example/annonces/12-agenda-partage")]
    url: Option<String>,
    /// Its account in the fediverse.
    #[schema(example = "@annonce_12@lyon.example")]
    handle: Option<String>,
    organisation: OrganisationId,
    state: AdState,
    kind: AdKind,
    #[schema(example = "Un agenda partagé pour nos ateliers")]
    title: String,
    /// Markdown.
    need: String,
    /// Empty when no software is named.
    #[schema(example = "Garradin")]
    software: String,
    ticket_url: Option<String>,
    /// SPDX identifier.
    #[schema(example = "AGPL-3.0-or-later")]
    licence: Option<&'static str>,
    /// `everywhere`, `region:84` or `departement:69`.
    #[schema(example = "departement:69")]
    territory: String,
    budget: Budget,
    deadline: Option<NaiveDate>,
    /// Without `#`.
    #[schema(example = json!(["agenda"]))]
    hashtags: Vec<String>,
    /// What came of it; empty until it is told.
    outcome: String,
    /// Grows at each change; an update names the one that it was made from.
    #[schema(example = 3)]
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// When it was delivered, closed, expired or withdrawn.
    ended_at: Option<DateTime<Utc>>,
}

impl AdView {
    pub(in crate::web::api) fn new(app: &App, ad: &Ad) -> Self {
        let authority = app.config().public_url.authority();
        let content = &ad.content;
        Self {
            id: ad.id,
            number: ad.number,
            url: ad
                .address()
                .map(|address| app.url(&format!("{ADS_PATH}/{address}"))),
            handle: ad.handle().map(|handle| format!("@{handle}@{authority}")),
            organisation: ad.organisation_id,
            state: ad.state,
            kind: content.kind,
            title: content.title.clone(),
            need: content.need.clone(),
            software: content.software.clone(),
            ticket_url: content.ticket_url.clone(),
            licence: content.licence.map(Licence::id),
            territory: content.territory.to_string(),
            budget: content.budget,
            deadline: content.deadline,
            hashtags: content
                .hashtags
                .iter()
                .map(|tag| tag.as_str().to_owned())
                .collect(),
            outcome: ad.outcome.clone(),
            version: ad.version,
            created_at: ad.created_at,
            updated_at: ad.updated_at,
            published_at: ad.published_at,
            expires_at: ad.expires_at,
            ended_at: ad.ended_at,
        }
    }
}

/// An ad with the name of its organisation.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct NamedAd {
    #[serde(flatten)]
    ad: AdView,
    #[schema(example = "Les Amis du vélo")]
    organisation_name: String,
}

impl NamedAd {
    pub(in crate::web::api) fn new(app: &App, ad: &Ad, organisation: &str) -> Self {
        Self {
            ad: AdView::new(app, ad),
            organisation_name: organisation.to_owned(),
        }
    }
}

/// A published ad in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ListedAdView {
    #[serde(flatten)]
    ad: NamedAd,
    followers: i64,
    /// Accepted replies.
    comments: i64,
}

impl ListedAdView {
    pub(super) fn new(app: &App, listed: &ListedAd) -> Self {
        Self {
            ad: NamedAd::new(app, &listed.ad, &listed.organisation),
            followers: listed.follower_count,
            comments: listed.comment_count,
        }
    }
}

/// A published ad.
#[derive(Serialize, ToSchema)]
pub(super) struct PublishedAd {
    #[serde(flatten)]
    ad: NamedAd,
    image: Option<ImageView>,
    followers: i64,
    likes: i64,
    boosts: i64,
}

impl PublishedAd {
    pub(super) fn new(app: &App, page: &AdPage) -> Self {
        Self {
            ad: NamedAd::new(app, &page.ad, &page.organisation.name),
            image: page.image.as_ref().map(|image| ImageView::new(app, image)),
            followers: page.follower_count,
            likes: page.like_count,
            boosts: page.announce_count,
        }
    }
}

/// An ad as its organisation works on it.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkshopView {
    #[serde(flatten)]
    ad: NamedAd,
    image: Option<ImageView>,
    /// What the key's account is in the organisation; null for a moderator who is no member.
    role: Option<MembershipRole>,
    /// Replies that wait for a decision.
    pending_comments: i64,
}

impl WorkshopView {
    pub(super) fn new(app: &App, workshop: &Workshop) -> Self {
        Self {
            ad: NamedAd::new(app, &workshop.ad, &workshop.organisation.name),
            image: workshop
                .image
                .as_ref()
                .map(|image| ImageView::new(app, image)),
            role: workshop.role,
            pending_comments: workshop.pending_comments,
        }
    }
}

/// A picture.
#[derive(Serialize, ToSchema)]
pub(super) struct ImageView {
    #[schema(example = "https://lyon.example/media/119838468173824.jpg")]
    url: String,
    #[schema(example = "image/jpeg")]
    media_type: String,
    /// Pixels.
    width: i64,
    /// Pixels.
    height: i64,
    /// What it shows, for those who do not see it.
    alt: String,
}

impl ImageView {
    fn new(app: &App, image: &Media) -> Self {
        Self {
            url: app.url(&media_path(&image.file_name)),
            media_type: image.media_type.clone(),
            width: image.width,
            height: image.height,
            alt: image.alt.clone(),
        }
    }
}

/// A dated step in the life of an ad.
#[derive(Serialize, ToSchema)]
pub(super) struct MilestoneView {
    id: MilestoneId,
    kind: MilestoneKind,
    reached_on: NaiveDate,
    /// Plain text.
    text: String,
    created_at: DateTime<Utc>,
}

impl From<Milestone> for MilestoneView {
    fn from(milestone: Milestone) -> Self {
        Self {
            id: milestone.id,
            kind: milestone.kind,
            reached_on: milestone.reached_on,
            text: milestone.text,
            created_at: milestone.created_at,
        }
    }
}
