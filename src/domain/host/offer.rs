//! What a structure proposes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    input::{check_choice, check_line, check_software},
    profile::{PriceBracket, PriceModel},
};
use crate::domain::{
    ids::{HostId, OfferId},
    problem::{Problem, Problems},
    text::{clean_line, clean_text, count_chars},
};

/// Characters of the name of an offer.
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=100;
/// The most characters of what is said of an offer.
const DESCRIPTION_LENGTH: usize = 3_000;

words! {
    /// One line of an offer.
    pub enum LineKind {
        /// Diagnosis of uses and tools.
        Diagnosis => "diagnosis",
        Installation => "installation",
        Hosting => "hosting",
        /// Moving data and habits from the former tools.
        Migration => "migration",
        /// For the people who will help the others.
        TrainingOfReferents => "training-referents",
        TrainingOfUsers => "training-users",
        Documentation => "documentation",
        /// Answers to questions, once everything is in place.
        Support => "support",
        /// Help to find who pays.
        FundingHelp => "funding-help",
    }
}

impl LineKind {
    /// Whether this line is accompaniment: somebody takes time with people, beyond machines and
    /// texts. Without one such line a structure cannot be listed (promise P31).
    pub const fn is_accompaniment(self) -> bool {
        match self {
            Self::Diagnosis
            | Self::Migration
            | Self::TrainingOfReferents
            | Self::TrainingOfUsers
            | Self::Support
            | Self::FundingHelp => true,
            Self::Installation | Self::Hosting | Self::Documentation => false,
        }
    }
}

/// One line of an offer, with what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub kind: LineKind,
    /// How it goes, how long it takes; may be empty.
    #[serde(default)]
    pub note: String,
}

/// What a structure proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub id: OfferId,
    pub host_id: HostId,
    /// Position in its address.
    pub number: i64,
    pub name: String,
    /// Markdown.
    pub description: String,
    pub lines: Vec<Line>,
    /// Slugs of programs of the catalogue.
    pub software: Vec<String>,
    pub price_model: PriceModel,
    pub price_bracket: PriceBracket,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Offer {
    /// Whether it includes accompaniment.
    pub fn accompanies(&self) -> bool {
        self.lines.iter().any(|line| line.kind.is_accompaniment())
    }

    /// "Tout-en-un": hosting and accompaniment in one offer (promise P52).
    pub fn is_all_in_one(&self) -> bool {
        self.accompanies() && self.lines.iter().any(|line| line.kind == LineKind::Hosting)
    }
}

/// What a structure proposes, as typed. Nothing is trusted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OfferInput {
    /// 3 to 100 characters.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// At least one.
    pub lines: Vec<LineInput>,
    /// Names of programs.
    pub software: Vec<String>,
    /// A word such as `free` or `quotient`.
    pub price_model: String,
    /// A word such as `500-2000`, or nothing.
    pub price_bracket: String,
}

/// A line of an offer, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LineInput {
    /// A word such as `diagnosis` or `hosting`.
    pub kind: String,
    /// How it goes, how long it takes; may be empty.
    pub note: String,
}

/// What can be kept of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferContent {
    pub name: String,
    pub description: String,
    pub lines: Vec<Line>,
    pub software: Vec<String>,
    pub price_model: PriceModel,
    pub price_bracket: PriceBracket,
}

impl OfferInput {
    /// Checks what was typed; every problem at once, by field.
    pub fn check(&self) -> Result<OfferContent, Problems> {
        let mut problems = Problems::new();
        let name = problems.check("name", check_name(&self.name));
        let description = problems.check("description", check_description(&self.description));
        let lines = problems.check("lines", check_lines(&self.lines));
        let software = problems.check("software", check_software(&self.software));
        let model = check_choice(&self.price_model, PriceModel::parse)
            .and_then(|model| model.ok_or(Problem::new("Dites comment se fixe le prix.")));
        let price_model = problems.check("price_model", model);
        let bracket = check_choice(&self.price_bracket, PriceBracket::parse);
        let price_bracket = problems.check("price_bracket", bracket);
        let content = (|| {
            Some(OfferContent {
                name: name?,
                description: description?,
                lines: lines?,
                software: software?,
                price_model: price_model?,
                price_bracket: price_bracket?.unwrap_or(PriceBracket::Unknown),
            })
        })();
        problems.or(content)
    }
}

impl From<&Offer> for OfferInput {
    fn from(offer: &Offer) -> Self {
        Self {
            name: offer.name.clone(),
            description: offer.description.clone(),
            lines: offer
                .lines
                .iter()
                .map(|line| LineInput {
                    kind: line.kind.as_str().to_owned(),
                    note: line.note.clone(),
                })
                .collect(),
            software: offer.software.clone(),
            price_model: offer.price_model.as_str().to_owned(),
            price_bracket: offer.price_bracket.as_str().to_owned(),
        }
    }
}

fn check_name(typed: &str) -> Result<String, Problem> {
    let name = clean_line(typed);
    if NAME_LENGTH.contains(&count_chars(&name)) {
        return Ok(name);
    }
    Err(
        Problem::new("Donnez un nom à cette offre, en {least} à {most} caractères.")
            .with("least", NAME_LENGTH.start())
            .with("most", NAME_LENGTH.end()),
    )
}

fn check_description(typed: &str) -> Result<String, Problem> {
    let text = clean_text(typed);
    let length = count_chars(&text);
    if length <= DESCRIPTION_LENGTH {
        return Ok(text);
    }
    Err(
        Problem::new("Ce texte est trop long : {most} caractères au plus, il en a {length}.")
            .with("most", DESCRIPTION_LENGTH)
            .with("length", length),
    )
}

/// Each kind once, in the order of the list that people read.
fn check_lines(typed: &[LineInput]) -> Result<Vec<Line>, Problem> {
    let mut lines: Vec<Line> = Vec::new();
    for line in typed {
        let kind = LineKind::parse(&line.kind).ok_or(Problem::new("Choisissez dans la liste."))?;
        let note = check_line(&line.note)?;
        if !lines.iter().any(|known| known.kind == kind) {
            lines.push(Line { kind, note });
        }
    }
    if lines.is_empty() {
        return Err(Problem::new(
            "Cochez au moins une ligne : ce que comprend l’offre.",
        ));
    }
    lines.sort_by_key(|line| line.kind);
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(kinds: &[&str]) -> OfferInput {
        OfferInput {
            name: "Partir de Google".into(),
            lines: kinds
                .iter()
                .map(|kind| LineInput {
                    kind: (*kind).to_owned(),
                    note: String::new(),
                })
                .collect(),
            price_model: "free".into(),
            ..OfferInput::default()
        }
    }

    #[test]
    fn a_line_counts_once_and_in_the_order_of_the_list() {
        let content = typed(&["support", "diagnosis", "support"]).check().unwrap();
        let kinds: Vec<LineKind> = content.lines.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, [LineKind::Diagnosis, LineKind::Support]);
    }

    #[test]
    fn an_offer_has_a_name_a_line_and_a_price_model() {
        let problems = OfferInput::default().check().unwrap_err();
        let fields: Vec<_> = problems.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "lines", "price_model"]);
        assert!(typed(&["hosting", "magic"]).check().is_err());
    }
}
