//! The ads of an organisation for its members: where each one stands, and what to do next.
//!
//! ```html
//! {% import "components/ad_summaries.html" as summaries %}
//! {{ summaries::list(ads) }}
//! ```

use super::{kind_badge, state_badge};
use crate::{
    domain::{
        ad::{Ad, AdState},
        addresses,
    },
    locales::Texts,
    web::components::{Badge, When},
};

/// One ad in a list of its organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdSummary {
    /// The page where members work on it.
    pub url: String,
    /// Its title, or words that stand for it while it has none.
    pub title: String,
    /// What kind of need it is.
    pub kind: Badge,
    /// Where it stands.
    pub state: Badge,
    /// The organisation; empty in a list of one organisation.
    pub organisation: String,
    /// When it last changed.
    pub changed: When,
    /// What its members can do next, in a sentence.
    pub next: String,
}

impl AdSummary {
    /// The summary of an ad, in a list of one organisation.
    pub fn new(t: Texts, ad: &Ad) -> Self {
        Self {
            url: addresses::ad_workshop_path(ad.id),
            title: title_of(t, ad),
            kind: kind_badge(t, ad.content.kind),
            state: state_badge(t, ad.state),
            organisation: String::new(),
            changed: When::day(t, ad.updated_at),
            next: next_step(t, ad),
        }
    }

    /// The same in a list of several organisations.
    #[must_use]
    pub fn of(mut self, organisation: &str) -> Self {
        organisation.clone_into(&mut self.organisation);
        self
    }
}

/// The title of an ad, or words that stand for it.
pub fn title_of(t: Texts, ad: &Ad) -> String {
    match ad.content.title.as_str() {
        "" => t.tr("Annonce sans titre").to_owned(),
        title => title.to_owned(),
    }
}

fn next_step(t: Texts, ad: &Ad) -> String {
    match ad.state {
        AdState::Draft => t
            .tr("À compléter, puis à proposer à la publication.")
            .to_owned(),
        AdState::InReview => t
            .tr("La modération relit. Vous recevrez sa réponse par courriel.")
            .to_owned(),
        AdState::Refused => t
            .tr("Lisez la réponse de la modération, corrigez, puis proposez-la à nouveau.")
            .to_owned(),
        AdState::Open | AdState::Gathering | AdState::Agreed | AdState::InDevelopment => {
            match ad.expires_at {
                Some(end) => t.trf(
                    "Visible jusqu’au {date}. Racontez ce qui avance.",
                    [("date", t.date(end))],
                ),
                None => t.tr("Visible. Racontez ce qui avance.").to_owned(),
            }
        }
        AdState::Expired => t
            .tr("Prolongez-la de six mois, ou dites ce qu’il en est sorti.")
            .to_owned(),
        AdState::Delivered | AdState::Closed if ad.outcome.is_empty() => {
            t.tr("Racontez ce qu’il en est sorti.").to_owned()
        }
        AdState::Delivered | AdState::Closed => t.tr("Terminée. Il n’y a rien à faire.").to_owned(),
        AdState::Withdrawn => t.tr("Son adresse affiche un avis daté.").to_owned(),
    }
}
