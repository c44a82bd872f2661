//! Classified ads: what they say, and how they live.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    hashtag::{Hashtag, InvalidHashtag},
    ids::{AccountId, ActorId, AdId, MediaId, MilestoneId, OrganisationId, PostId},
    licence::Licence,
    problem::{Problem, Problems},
    slug::Slug,
    territory::Territory,
    text::{clean_line, clean_text},
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
}

/// Months after which an ad that nobody renewed expires.
pub const TERM_MONTHS: u32 = 6;
/// Days before the end at which its organisation is reminded.
pub const REMINDER_DAYS: [i64; 2] = [30, 7];
/// An organisation's first ads wait for a moderator (invariant 6).
pub const FIRST_ADS_REVIEWED: i64 = 2;

const TITLE_LENGTH: std::ops::RangeInclusive<usize> = 10..=120;
const NEED_LENGTH: std::ops::RangeInclusive<usize> = 40..=10_000;

/// When an ad published or renewed at this instant expires.
pub fn expiry_of(published_at: DateTime<Utc>) -> DateTime<Utc> {
    published_at
        .checked_add_months(chrono::Months::new(TERM_MONTHS))
        .unwrap_or(published_at)
}

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
                "Ce nom est trop long : 80 caractères au plus.",
            )),
        }
    }
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
                .map(|tag| format!("#{tag}"))
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

fn check_kind(typed: &str) -> Result<AdKind, Problem> {
    AdKind::parse(typed).ok_or(Problem::new("Choisissez ce que vous cherchez."))
}

fn check_title(typed: &str, completeness: Completeness) -> Result<String, Problem> {
    let title = clean_line(typed);
    let length = title.chars().count();
    if length > *TITLE_LENGTH.end() {
        return Err(Problem::new(
            "Ce titre est trop long : {most} caractères au plus, il en a {length}.",
        )
        .with("most", TITLE_LENGTH.end())
        .with("length", length));
    }
    if completeness == Completeness::Publication && length < *TITLE_LENGTH.start() {
        return Err(Problem::new(
            "Donnez un titre d’au moins {least} caractères, par exemple « Agenda partagé pour nos bénévoles ».",
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
            "Ce texte est trop long : {most} caractères au plus, il en a {length}.",
        )
        .with("most", NEED_LENGTH.end())
        .with("length", length));
    }
    if completeness == Completeness::Publication && length < *NEED_LENGTH.start() {
        return Err(Problem::new(
            "Décrivez votre besoin en quelques phrases : qui s’en servirait, pour faire quoi.",
        ));
    }
    Ok(need)
}

fn check_ticket(typed: &str) -> Result<Option<String>, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let problem = Problem::new("Cette adresse n’est pas complète : elle commence par https://.");
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
        use super::licence::LicenceRefused;
        match refusal {
            LicenceRefused::Empty => {
                Problem::new("Choisissez la licence libre de ce qui sera produit.")
            }
            LicenceRefused::Unknown(name) => Problem::new(
                "« {name} » n’est pas un identifiant de licence connu. Exemple : AGPL-3.0-or-later.",
            )
            .with("name", name),
            LicenceRefused::NotFree { id } => Problem::new(
                "« {name} » n’est pas une licence libre : ni l’OSI ni la FSF ne la reconnaissent. Ce qui est payé ensemble doit pouvoir servir à tous·tes.",
            )
            .with("name", id),
            LicenceRefused::Deprecated { id, .. } => Problem::new(
                "« {name} » est un ancien identifiant. Précisez la version, par exemple « -only » ou « -or-later ».",
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
        .map_err(|_| Problem::new("Choisissez un territoire dans la liste, ou « Partout »."))
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
        .map_err(|_| Problem::new("Cette date ne se lit pas. Exemple : 31/12/2027."))?;
    if day < today {
        return Err(Problem::new("Cette date est passée."));
    }
    if day.year() > today.year() + 10 {
        return Err(Problem::new(
            "Cette date est trop lointaine : dix ans au plus.",
        ));
    }
    Ok(Some(day))
}

fn check_hashtags(typed: &str) -> Result<Vec<Hashtag>, Problem> {
    Hashtag::parse_list(typed).map_err(|refusal| match refusal {
        InvalidHashtag::SeveralWords { word, suggestion: Some(suggestion) } => {
            Problem::new("« {word} » fait plusieurs mots. Écrivez-le d’un seul tenant : {suggestion}.")
                .with("word", word)
                .with("suggestion", suggestion)
        }
        InvalidHashtag::TooMany { .. } => {
            Problem::new("Choisissez {max} mots-clés au plus.").with("max", Hashtag::MAX_COUNT)
        }
        InvalidHashtag::TooLong { word } => {
            Problem::new("« {word}… » est trop long : {max} caractères au plus.")
                .with("word", word)
                .with("max", Hashtag::MAX_LENGTH)
        }
        InvalidHashtag::SeveralWords { word, suggestion: None }
        | InvalidHashtag::UnexpectedCharacter { word, .. }
        | InvalidHashtag::NoLetter { word } => Problem::new(
            "« {word} » ne peut pas être un mot-clé : des lettres, des chiffres ou _, sans espace ni tiret.",
        )
        .with("word", word),
    })
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
