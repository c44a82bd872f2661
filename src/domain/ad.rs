//! Classified ads: what they say, and how they live.

mod input;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use input::{AdInput, Completeness};

use super::{
    hashtag::Hashtag,
    ids::{AccountId, ActorId, AdId, MediaId, MilestoneId, OrganisationId, PostId},
    licence::Licence,
    slug::Slug,
    territory::Territory,
};

words! {
    /// What is needed.
    pub enum AdKind {
        /// Software that does not exist yet, or that nobody here knows.
        Software => "software",
        /// Something more in software that exists.
        Feature => "feature",
        /// Somebody who helps.
        Accompaniment => "accompaniment",
    }
}

words! {
    /// Where an ad stands (product, life cycles).
    pub enum AdState {
        Draft => "draft",
        /// A moderator decides.
        InReview => "in-review",
        /// A moderator refused, with a motive that can be answered.
        Refused => "refused",
        Open => "open",
        /// Others with the same need are joining.
        Gathering => "gathering",
        /// The group is formed and a quote chosen.
        Agreed => "agreed",
        InDevelopment => "in-development",
        Delivered => "delivered",
        /// Closed without result.
        Closed => "closed",
        /// Nobody renewed it in time.
        Expired => "expired",
        /// Its organisation took it back; its page is a dated notice.
        Withdrawn => "withdrawn",
    }
}

impl AdState {
    /// Whether readers see the ad. The one place that decides it: pages, feeds, API, search and
    /// federation all ask here (invariant 5), through [`Self::PUBLIC`] in SQL.
    pub fn is_public(self) -> bool {
        Self::PUBLIC.contains(&self)
    }

    /// Whether somebody may still answer it.
    pub fn is_active(self) -> bool {
        matches!(
            self,
            Self::Open | Self::Gathering | Self::Agreed | Self::InDevelopment
        )
    }

    /// The states in which readers see the ad.
    pub const PUBLIC: &'static [Self] = &[
        Self::Open,
        Self::Gathering,
        Self::Agreed,
        Self::InDevelopment,
        Self::Delivered,
        Self::Closed,
        Self::Expired,
    ];

    /// Whether its organisation may rewrite it.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Refused) || self.is_active()
    }

    /// Whether the ad may go from this state to that one.
    pub fn may_become(self, next: Self) -> bool {
        use AdState::{
            Agreed, Closed, Delivered, Draft, Expired, Gathering, InDevelopment, InReview, Open,
            Refused, Withdrawn,
        };
        match (self, next) {
            (Draft | Refused, InReview | Open) | (InReview, Open | Refused | Draft) => true,
            (Open, Gathering | Agreed | InDevelopment | Delivered)
            | (Gathering, Agreed | InDevelopment | Delivered)
            | (Agreed, InDevelopment | Delivered | Gathering)
            | (InDevelopment, Delivered | Agreed) => true,
            // an organisation that comes back after the end of the term
            (Expired, Open | Closed | Delivered) => true,
            (state, Closed | Expired) => state.is_active(),
            (state, Withdrawn) => state.is_public(),
            _ => false,
        }
    }
}

words! {
    /// How much its organisation could put, as a bracket: never an exact amount.
    pub enum Budget {
        Unknown => "unknown",
        Volunteer => "volunteer",
        Under1000 => "under-1000",
        From1000To5000 => "1000-5000",
        From5000To20000 => "5000-20000",
        Over20000 => "over-20000",
    }
}

words! {
    /// A dated step.
    pub enum MilestoneKind {
        /// Something to tell, without a change of state.
        News => "news",
        Gathering => "gathering",
        Agreed => "agreed",
        InDevelopment => "in-development",
        Delivered => "delivered",
        Closed => "closed",
    }
}

impl MilestoneKind {
    /// The state that this step opens.
    pub fn state(self) -> Option<AdState> {
        match self {
            Self::News => None,
            Self::Gathering => Some(AdState::Gathering),
            Self::Agreed => Some(AdState::Agreed),
            Self::InDevelopment => Some(AdState::InDevelopment),
            Self::Delivered => Some(AdState::Delivered),
            Self::Closed => Some(AdState::Closed),
        }
    }

    /// Whether this step may be told about an ad in this state.
    pub fn may_follow(self, state: AdState) -> bool {
        match self.state() {
            Some(next) => state.may_become(next),
            None => state.is_active(),
        }
    }
}

/// Months after which an ad that nobody renewed expires.
pub const TERM_MONTHS: u32 = 6;
/// Days before the end at which its organisation is reminded.
pub const REMINDER_DAYS: [i64; 2] = [30, 7];
/// An organisation's first ads wait for a moderator (invariant 6).
pub const FIRST_ADS_REVIEWED: i64 = 2;

/// When an ad published or renewed at this instant expires.
pub fn expiry_of(published_at: DateTime<Utc>) -> DateTime<Utc> {
    published_at
        .checked_add_months(chrono::Months::new(TERM_MONTHS))
        .unwrap_or(published_at)
}

/// What an ad says, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdContent {
    pub kind: AdKind,
    pub title: String,
    /// Markdown.
    pub need: String,
    /// Name of the software concerned; may be empty except for a feature.
    pub software: String,
    /// Where the upstream project talks about it.
    pub ticket_url: Option<String>,
    /// Licence of what is to be produced; a draft may lack it.
    pub licence: Option<Licence>,
    pub territory: Territory,
    pub budget: Budget,
    pub deadline: Option<NaiveDate>,
    pub hashtags: Vec<Hashtag>,
}

impl AdContent {
    /// What was typed, from what was kept: to fill the form again.
    pub fn to_input(&self) -> AdInput {
        AdInput {
            kind: self.kind.as_str().to_owned(),
            title: self.title.clone(),
            need: self.need.clone(),
            software: self.software.clone(),
            ticket_url: self.ticket_url.clone().unwrap_or_default(),
            licence: self
                .licence
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            territory: self.territory.to_string(),
            budget: self.budget.as_str().to_owned(),
            deadline: self.deadline.map(|day| day.to_string()).unwrap_or_default(),
            hashtags: self
                .hashtags
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    /// Everything a search may find, in one text.
    pub fn searchable_text(&self, organisation: &str) -> String {
        let tags: Vec<String> = self.hashtags.iter().map(ToString::to_string).collect();
        format!(
            "{} {} {} {organisation} {} {}",
            self.title,
            self.need,
            self.software,
            self.territory.label(),
            tags.join(" "),
        )
    }
}

/// An ad as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ad {
    pub id: AdId,
    /// Given at the first publication.
    pub number: Option<i64>,
    /// Frozen at the first publication.
    pub slug: Option<Slug>,
    pub organisation_id: OrganisationId,
    pub created_by: AccountId,
    pub actor_id: Option<ActorId>,
    pub state: AdState,
    pub content: AdContent,
    pub image_id: Option<MediaId>,
    /// What came of it, told when it ends.
    pub outcome: String,
    /// Grows by one at each change.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// When its organisation was last reminded that it expires.
    pub reminded_at: Option<DateTime<Utc>>,
    /// When it was delivered, closed, expired or withdrawn.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Ad {
    /// The last part of its address, `12-agenda-partage`, once it was published.
    pub fn address(&self) -> Option<String> {
        Some(format!("{}-{}", self.number?, self.slug.as_ref()?))
    }

    /// Its handle in the fediverse, once it was published.
    pub fn handle(&self) -> Option<String> {
        self.number.map(handle_of)
    }
}

/// A public ad in a list, with what its card shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAd {
    pub ad: Ad,
    /// Name of who publishes it.
    pub organisation: String,
    pub follower_count: i64,
    /// Accepted replies.
    pub comment_count: i64,
}

/// The handle of the ad with this number.
pub fn handle_of(number: i64) -> String {
    format!("annonce_{number}")
}

/// A picture that goes with an ad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    pub id: MediaId,
    pub organisation_id: OrganisationId,
    /// Under `/media/`.
    pub file_name: String,
    pub media_type: String,
    pub width: i64,
    pub height: i64,
    /// What the picture shows, for those who do not see it. Never empty.
    pub alt: String,
}

/// A dated step in the life of an ad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    pub id: MilestoneId,
    pub ad_id: AdId,
    pub post_id: PostId,
    pub kind: MilestoneKind,
    pub reached_on: NaiveDate,
    /// Plain text, several lines.
    pub text: String,
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ad_that_ended_does_not_move_any_more_except_to_be_withdrawn() {
        for ended in [AdState::Delivered, AdState::Closed] {
            let next: Vec<_> = AdState::ALL
                .iter()
                .filter(|state| ended.may_become(**state))
                .collect();
            assert_eq!(next, [&AdState::Withdrawn]);
        }
        assert!(
            AdState::ALL
                .iter()
                .all(|state| !AdState::Withdrawn.may_become(*state))
        );
    }

    #[test]
    fn only_what_was_published_can_be_withdrawn() {
        for state in AdState::ALL {
            assert_eq!(
                state.may_become(AdState::Withdrawn),
                state.is_public(),
                "{state}"
            );
        }
    }
}
