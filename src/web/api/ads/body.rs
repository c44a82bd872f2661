//! What programs send about ads. Shapes are checked here, values by the use cases.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::ads::life::MilestoneInput,
    domain::ad::{AdInput, AdKind, Budget, MilestoneKind},
};

/// What an ad says. A draft may lack everything but its kind.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdBody {
    kind: AdKind,
    /// 10 to 120 characters once published.
    #[serde(default)]
    #[schema(example = "Un agenda partagé pour nos ateliers")]
    title: String,
    /// Markdown; 40 to 10,000 characters once published.
    #[serde(default)]
    #[schema(example = "Nous animons **douze ateliers** par mois et cherchons un agenda libre.")]
    need: String,
    /// The software concerned; a feature must name it once published.
    #[serde(default)]
    #[schema(example = "Garradin")]
    software: String,
    /// Where its developers talk about it.
    #[schema(example = "https://forge.example/agenda/issues/12")]
    ticket_url: Option<String>,
    /// SPDX identifier of a free licence (OSI or FSF); required once published.
    #[schema(example = "AGPL-3.0-or-later")]
    licence: Option<String>,
    /// `everywhere`, `region:84` or `departement:69` (INSEE codes).
    #[serde(default = "everywhere")]
    #[schema(default = "everywhere", example = "departement:69")]
    territory: String,
    #[serde(default = "unknown")]
    #[schema(default = "unknown")]
    budget: Budget,
    /// Within ten years.
    #[schema(example = "2027-06-30")]
    deadline: Option<NaiveDate>,
    /// Each in one word, with or without `#`.
    #[serde(default)]
    #[schema(example = json!(["agenda", "libre"]))]
    hashtags: Vec<String>,
}

fn everywhere() -> String {
    "everywhere".to_owned()
}

const fn unknown() -> Budget {
    Budget::Unknown
}

impl From<AdBody> for AdInput {
    fn from(body: AdBody) -> Self {
        Self {
            kind: body.kind.as_str().to_owned(),
            title: body.title,
            need: body.need,
            software: body.software,
            ticket_url: body.ticket_url.unwrap_or_default(),
            licence: body.licence.unwrap_or_default(),
            territory: body.territory,
            budget: body.budget.as_str().to_owned(),
            deadline: body.deadline.map(|day| day.to_string()).unwrap_or_default(),
            hashtags: body.hashtags.join(", "),
        }
    }
}

/// A step to tell.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MilestoneBody {
    #[serde(default = "news")]
    #[schema(default = "news")]
    kind: MilestoneKind,
    /// Today when it is left out.
    #[schema(example = "2026-11-22")]
    reached_on: Option<NaiveDate>,
    /// Plain text, 10 to 2,000 characters.
    #[schema(example = "Deux structures ont répondu, nous les rencontrons lundi.")]
    text: String,
}

const fn news() -> MilestoneKind {
    MilestoneKind::News
}

impl From<MilestoneBody> for MilestoneInput {
    fn from(body: MilestoneBody) -> Self {
        Self {
            kind: body.kind.as_str().to_owned(),
            reached_on: body
                .reached_on
                .map(|day| day.to_string())
                .unwrap_or_default(),
            text: body.text,
        }
    }
}
