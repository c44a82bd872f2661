//! What somebody types to make an ad, and every problem of it at once.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{AdContent, AdKind, Budget};
use crate::domain::{
    hashtag::{Hashtag, InvalidHashtag},
    licence::{Licence, LicenceRefused},
    problem::{Problem, Problems},
    territory::Territory,
    text::{clean_line, clean_text},
};

const TITLE_LENGTH: std::ops::RangeInclusive<usize> = 10..=120;
const NEED_LENGTH: std::ops::RangeInclusive<usize> = 40..=10_000;

/// What an ad says, as typed in a form or sent to the API. Nothing is trusted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdInput {
    pub kind: String,
    pub title: String,
    /// Markdown.
    pub need: String,
    pub software: String,
    pub ticket_url: String,
    /// SPDX identifier.
    pub licence: String,
    /// `everywhere`, `region:84` or `departement:69`.
    pub territory: String,
    pub budget: String,
    /// `YYYY-MM-DD`.
    pub deadline: String,
    /// Separated by spaces or commas.
    pub hashtags: String,
}

/// How much must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// A draft: what is there must be sound, nothing is required.
    Draft,
    /// Ready for readers.
    Publication,
}

impl AdInput {
    /// Checks what was typed; every problem at once, by field.
    pub fn check(
        &self,
        today: NaiveDate,
        completeness: Completeness,
    ) -> Result<AdContent, Problems> {
        let mut problems = Problems::new();
        let kind = problems.check("kind", check_kind(&self.kind));
        let title = problems.check("title", check_title(&self.title, completeness));
        let need = problems.check("need", check_need(&self.need, completeness));
        let software = problems.check("software", self.check_software(completeness));
        let ticket_url = problems.check("ticket_url", check_ticket(&self.ticket_url));
        let licence = problems.check("licence", check_licence(&self.licence, completeness));
        let territory = problems.check("territory", check_territory(&self.territory));
        let budget = problems.check("budget", check_budget(&self.budget));
        let deadline = problems.check("deadline", check_deadline(&self.deadline, today));
        let hashtags = problems.check("hashtags", check_hashtags(&self.hashtags));
        let content = (|| {
            Some(AdContent {
                kind: kind?,
                title: title?,
                need: need?,
                software: software?,
                ticket_url: ticket_url?,
                licence: licence?,
                territory: territory?,
                budget: budget?,
                deadline: deadline?,
                hashtags: hashtags?,
            })
        })();
        problems.or(content)
    }

    fn check_software(&self, completeness: Completeness) -> Result<String, Problem> {
        let software = clean_line(&self.software);
        let is_required =
            completeness == Completeness::Publication && self.kind == AdKind::Feature.as_str();
        match software.chars().count() {
            0 if is_required => Err(Problem::new(
                "Indiquez le logiciel auquel ajouter cette fonctionnalité.",
            )),
            0..=80 => Ok(software),
            _ => Err(Problem::new(
                "Ce nom est trop long : 80 caractères au plus.",
            )),
        }
    }
}

fn check_kind(typed: &str) -> Result<AdKind, Problem> {
    AdKind::parse(typed).ok_or(Problem::new("Choisissez ce que vous cherchez."))
}

fn check_title(typed: &str, completeness: Completeness) -> Result<String, Problem> {
    let title = clean_line(typed);
    let length = title.chars().count();
    if length > *TITLE_LENGTH.end() {
        return Err(Problem::new(
            "Ce titre est trop long : {most} caractères au plus, il en a {length}.",
        )
        .with("most", TITLE_LENGTH.end())
        .with("length", length));
    }
    if completeness == Completeness::Publication && length < *TITLE_LENGTH.start() {
        return Err(Problem::new(
            "Donnez un titre d’au moins {least} caractères, par exemple « Agenda partagé pour nos bénévoles ».",
        )
        .with("least", TITLE_LENGTH.start()));
    }
    Ok(title)
}

fn check_need(typed: &str, completeness: Completeness) -> Result<String, Problem> {
    let need = clean_text(typed);
    let length = need.chars().count();
    if length > *NEED_LENGTH.end() {
        return Err(Problem::new(
            "Ce texte est trop long : {most} caractères au plus, il en a {length}.",
        )
        .with("most", NEED_LENGTH.end())
        .with("length", length));
    }
    if completeness == Completeness::Publication && length < *NEED_LENGTH.start() {
        return Err(Problem::new(
            "Décrivez votre besoin en quelques phrases : qui s’en servirait, pour faire quoi.",
        ));
    }
    Ok(need)
}

fn check_ticket(typed: &str) -> Result<Option<String>, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let problem = Problem::new("Cette adresse n’est pas complète : elle commence par https://.");
    match Url::parse(typed) {
        Ok(url)
            if matches!(url.scheme(), "https" | "http") && url.has_host() && typed.len() <= 500 =>
        {
            Ok(Some(url.into()))
        }
        _ => Err(problem),
    }
}

fn check_licence(typed: &str, completeness: Completeness) -> Result<Option<Licence>, Problem> {
    if typed.trim().is_empty() {
        return match completeness {
            Completeness::Draft => Ok(None),
            Completeness::Publication => Err(Problem::new(
                "Choisissez la licence libre de ce qui sera produit.",
            )),
        };
    }
    Licence::parse(typed).map(Some).map_err(|refusal| {
        match refusal {
            LicenceRefused::Empty => {
                Problem::new("Choisissez la licence libre de ce qui sera produit.")
            }
            LicenceRefused::Unknown(name) => Problem::new(
                "« {name} » n’est pas un identifiant de licence connu. Exemple : AGPL-3.0-or-later.",
            )
            .with("name", name),
            LicenceRefused::NotFree { id } => Problem::new(
                "« {name} » n’est pas une licence libre : ni l’OSI ni la FSF ne la reconnaissent. Ce qui est payé ensemble doit pouvoir servir à tous·tes.",
            )
            .with("name", id),
            LicenceRefused::Deprecated { id, .. } => Problem::new(
                "« {name} » est un ancien identifiant. Précisez la version, par exemple « -only » ou « -or-later ».",
            )
            .with("name", id),
        }
    })
}

fn check_territory(typed: &str) -> Result<Territory, Problem> {
    if typed.trim().is_empty() {
        return Ok(Territory::Everywhere);
    }
    Territory::parse(typed)
        .map_err(|_| Problem::new("Choisissez un territoire dans la liste, ou « Partout »."))
}

fn check_budget(typed: &str) -> Result<Budget, Problem> {
    if typed.is_empty() {
        return Ok(Budget::Unknown);
    }
    Budget::parse(typed).ok_or(Problem::new("Choisissez une fourchette dans la liste."))
}

fn check_deadline(typed: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(typed, "%d/%m/%Y"))
        .map_err(|_| Problem::new("Cette date ne se lit pas. Exemple : 31/12/2027."))?;
    if day < today {
        return Err(Problem::new("Cette date est passée."));
    }
    if day.year() > today.year() + 10 {
        return Err(Problem::new(
            "Cette date est trop lointaine : dix ans au plus.",
        ));
    }
    Ok(Some(day))
}

fn check_hashtags(typed: &str) -> Result<Vec<Hashtag>, Problem> {
    Hashtag::parse_list(typed).map_err(|refusal| match refusal {
        InvalidHashtag::SeveralWords { word, suggestion: Some(suggestion) } => {
            Problem::new("« {word} » fait plusieurs mots. Écrivez-le d’un seul tenant : {suggestion}.")
                .with("word", word)
                .with("suggestion", suggestion)
        }
        InvalidHashtag::TooMany { .. } => {
            Problem::new("Choisissez {max} mots-clés au plus.").with("max", Hashtag::MAX_COUNT)
        }
        InvalidHashtag::TooLong { word } => {
            Problem::new("« {word}… » est trop long : {max} caractères au plus.")
                .with("word", word)
                .with("max", Hashtag::MAX_LENGTH)
        }
        InvalidHashtag::SeveralWords { word, suggestion: None }
        | InvalidHashtag::UnexpectedCharacter { word, .. }
        | InvalidHashtag::NoLetter { word } => Problem::new(
            "« {word} » ne peut pas être un mot-clé : des lettres, des chiffres ou _, sans espace ni tiret.",
        )
        .with("word", word),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> AdInput {
        AdInput {
            kind: "feature".into(),
            title: "Agenda partagé accessible dans Garradin".into(),
            need: "Nos bénévoles ont besoin de voir les permanences sur un téléphone.".into(),
            software: "Garradin".into(),
            licence: "agpl-3.0-or-later".into(),
            territory: "departement:29".into(),
            hashtags: "#libre, agenda".into(),
            deadline: "31/12/2027".into(),
            ..AdInput::default()
        }
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn fields_in_trouble(input: &AdInput, completeness: Completeness) -> Vec<&'static str> {
        match input.check(today(), completeness) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(|(field, _)| field).collect(),
        }
    }

    #[test]
    fn a_complete_ad_is_accepted_and_fills_its_form_again() {
        let content = typed().check(today(), Completeness::Publication).unwrap();
        assert_eq!(
            content.licence.as_ref().map(ToString::to_string).as_deref(),
            Some("AGPL-3.0-or-later")
        );
        let again = content
            .to_input()
            .check(today(), Completeness::Publication)
            .unwrap();
        assert_eq!(again, content);
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let input = AdInput {
            title: "court".into(),
            licence: "Proprietary".into(),
            deadline: "hier".into(),
            software: String::new(),
            ..typed()
        };
        assert_eq!(
            fields_in_trouble(&input, Completeness::Publication),
            ["title", "software", "licence", "deadline"]
        );
    }

    #[test]
    fn a_draft_may_be_almost_empty() {
        let input = AdInput {
            kind: "software".into(),
            ..AdInput::default()
        };
        assert!(fields_in_trouble(&input, Completeness::Draft).is_empty());
        assert_eq!(
            fields_in_trouble(&input, Completeness::Publication),
            ["title", "need", "licence"]
        );
    }

    #[test]
    fn a_licence_that_is_not_free_is_refused_with_the_reason() {
        let input = AdInput {
            licence: "CC-BY-NC-4.0".into(),
            ..typed()
        };
        let problems = input.check(today(), Completeness::Publication).unwrap_err();
        let (field, problem) = problems.iter().next().unwrap();
        assert_eq!(field, "licence");
        assert!(problem.text.contains("n’est pas une licence libre"));
    }
}
