//! What somebody types about a structure, and what it must be.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::profile::{
    AssociationSize, DataFacts, HostLink, HostProfile, HostRole, Membership, PriceBracket,
    PriceModel, Public,
};
use crate::domain::{
    email::EmailAddress,
    problem::{Problem, Problems},
    slug::Slug,
    territory::Territory,
    text::{clean_line, clean_text, count_chars, fold},
};

/// Characters of the texts that a profile must have.
const TEXT_LENGTH: std::ops::RangeInclusive<usize> = 40..=5_000;
/// The most characters of a line: a name, a fact.
const LINE_LENGTH: usize = 300;
/// The most characters of an address.
const URL_LENGTH: usize = 500;
/// The most items of a list that is typed.
const LIST_LENGTH: usize = 40;
/// Readable part of the name of a program or of a collective.
const SLUG_LENGTH: usize = 60;

/// What a structure says of itself, as typed in a form, sent to the API or read from a file.
/// Nothing is trusted yet. The names of the fields are those of the problems.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HostInput {
    /// Markdown; 40 to 5,000 characters once submitted.
    pub presentation: String,
    /// Words among `hosts`, `accompanies`, `trains`, `develops`.
    pub roles: Vec<String>,
    /// Names of programs.
    pub software: Vec<String>,
    /// Services open to associations.
    pub services: Vec<LinkInput>,
    /// `everywhere`, `region:84` or `departement:69` (INSEE codes).
    pub territories: Vec<String>,
    /// Whether it also accompanies from afar.
    pub remote: bool,
    /// Words such as `culture` or `sport`.
    pub publics: Vec<String>,
    /// Words among `small`, `medium`, `large`, `federation`.
    pub sizes: Vec<String>,
    /// A word such as `free` or `quotient`, or nothing.
    pub price_model: String,
    /// A word such as `500-2000`, or nothing.
    pub price_bracket: String,
    /// How an accompaniment goes: steps, duration, who. Markdown; 40 to 5,000 characters once
    /// submitted.
    pub course: String,
    /// Time that an association's volunteers need.
    pub volunteer_time: String,
    /// Collectives it belongs to.
    pub memberships: Vec<MembershipInput>,
    pub data: DataInput,
    pub links: Vec<LinkInput>,
    /// Relayed, never shown.
    pub contact_email: String,
}

/// A link as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinkInput {
    pub label: String,
    pub url: String,
}

/// A collective as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MembershipInput {
    pub name: String,
    /// Its page there, or nothing.
    pub url: String,
    /// `YYYY-MM-DD`, `DD/MM/YYYY`, a year, or nothing.
    pub since: String,
    /// The same, once it left.
    pub until: String,
}

/// What becomes of data, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DataInput {
    pub place: String,
    pub administered_by: String,
    pub subprocessors: String,
    /// Whether a contract (GDPR article 28) can be signed; null when it is not said.
    pub has_contract: Option<bool>,
    /// Whether everything can be taken away; null when it is not said.
    pub has_export: Option<bool>,
}

impl HostInput {
    /// Checks what was typed; every problem at once, by field. What a complete profile must have is
    /// asked by [`HostProfile::check_complete`].
    pub fn check(&self, today: NaiveDate) -> Result<HostProfile, Problems> {
        let mut problems = Problems::new();
        let presentation = problems.check("presentation", check_text(&self.presentation));
        let roles = problems.check("roles", check_words(&self.roles, HostRole::parse));
        let software = problems.check("software", check_software(&self.software));
        let services = problems.check("services", check_links(&self.services));
        let territories = problems.check("territories", check_territories(&self.territories));
        let publics = problems.check("publics", check_words(&self.publics, Public::parse));
        let sizes = problems.check("sizes", check_words(&self.sizes, AssociationSize::parse));
        let model = check_choice(&self.price_model, PriceModel::parse);
        let price_model = problems.check("price_model", model);
        let bracket = check_choice(&self.price_bracket, PriceBracket::parse);
        let price_bracket = problems.check("price_bracket", bracket);
        let course = problems.check("course", check_text(&self.course));
        let time = check_line(&self.volunteer_time);
        let volunteer_time = problems.check("volunteer_time", time);
        let memberships = check_memberships(&self.memberships, today);
        let memberships = problems.check("memberships", memberships);
        let data = self.data.check(&mut problems);
        let links = problems.check("links", check_links(&self.links));
        let contact_email = problems.check("contact_email", check_email(&self.contact_email));
        let profile = (|| {
            Some(HostProfile {
                presentation: presentation?,
                roles: roles?,
                software: software?,
                services: services?,
                territories: territories?,
                remote: self.remote,
                publics: publics?,
                sizes: sizes?,
                price_model: price_model?,
                price_bracket: price_bracket?,
                course: course?,
                volunteer_time: volunteer_time?,
                memberships: memberships?,
                data: data?,
                links: links?,
                contact_email: contact_email?,
            })
        })();
        problems.or(profile)
    }
}

impl DataInput {
    fn check(&self, problems: &mut Problems) -> Option<DataFacts> {
        let place = problems.check("data_place", check_line(&self.place));
        let by = problems.check("data_administered_by", check_line(&self.administered_by));
        let subprocessors = problems.check("data_subprocessors", check_line(&self.subprocessors));
        Some(DataFacts {
            place: place?,
            administered_by: by?,
            subprocessors: subprocessors?,
            has_contract: self.has_contract,
            has_export: self.has_export,
        })
    }
}

impl From<&HostProfile> for HostInput {
    fn from(profile: &HostProfile) -> Self {
        let words = |list: &[&'static str]| list.iter().map(|word| (*word).to_owned()).collect();
        let of = |words_of: Vec<&'static str>| words(&words_of);
        Self {
            presentation: profile.presentation.clone(),
            roles: of(profile.roles.iter().map(|it| it.as_str()).collect()),
            software: profile.software.clone(),
            services: profile.services.iter().map(LinkInput::from).collect(),
            territories: profile
                .territories
                .iter()
                .map(ToString::to_string)
                .collect(),
            remote: profile.remote,
            publics: of(profile.publics.iter().map(|it| it.as_str()).collect()),
            sizes: of(profile.sizes.iter().map(|it| it.as_str()).collect()),
            price_model: word_of(profile.price_model.map(PriceModel::as_str)),
            price_bracket: word_of(profile.price_bracket.map(PriceBracket::as_str)),
            course: profile.course.clone(),
            volunteer_time: profile.volunteer_time.clone(),
            memberships: profile
                .memberships
                .iter()
                .map(MembershipInput::from)
                .collect(),
            data: DataInput {
                place: profile.data.place.clone(),
                administered_by: profile.data.administered_by.clone(),
                subprocessors: profile.data.subprocessors.clone(),
                has_contract: profile.data.has_contract,
                has_export: profile.data.has_export,
            },
            links: profile.links.iter().map(LinkInput::from).collect(),
            contact_email: profile.contact_email.clone(),
        }
    }
}

fn word_of(word: Option<&'static str>) -> String {
    word.unwrap_or_default().to_owned()
}

impl From<&HostLink> for LinkInput {
    fn from(link: &HostLink) -> Self {
        Self {
            label: link.label.clone(),
            url: link.url.clone(),
        }
    }
}

impl From<&Membership> for MembershipInput {
    fn from(membership: &Membership) -> Self {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            name: membership.name.clone(),
            url: membership.url.clone().unwrap_or_default(),
            since: day(membership.since),
            until: day(membership.until),
        }
    }
}

impl HostProfile {
    /// What a profile must have before moderators look at it, and keep once they accepted it.
    pub fn check_complete(&self) -> Problems {
        let mut problems = Problems::new();
        let is_short = |text: &str| count_chars(text) < *TEXT_LENGTH.start();
        if is_short(&self.presentation) {
            problems.add(
"presentation",
Problem::new("Présentez la structure en quelques phrases : qui vous êtes, pour qui, depuis quand."),
);
        }
        if self.roles.is_empty() {
            problems.add("roles", Problem::new("Dites ce que fait la structure."));
        }
        if self.territories.is_empty() && !self.remote {
            problems.add(
                "territories",
                Problem::new("Dites où vous accompagnez, ou que vous le faites à distance."),
            );
        }
        if is_short(&self.course) {
            problems.add(
"course",
Problem::new("Racontez comment se passe un accompagnement chez vous : étapes, durée, avec qui."),
);
        }
        if self.contact_email.is_empty() {
            problems.add(
                "contact_email",
                Problem::new("Indiquez l’adresse qui recevra les demandes des associations."),
            );
        }
        problems
    }
}

fn check_text(typed: &str) -> Result<String, Problem> {
    let text = clean_text(typed);
    let length = count_chars(&text);
    if length > *TEXT_LENGTH.end() {
        return Err(Problem::new(
            "Ce texte est trop long : {most} caractères au plus, il en a {length}.",
        )
        .with("most", TEXT_LENGTH.end())
        .with("length", length));
    }
    Ok(text)
}

pub(super) fn check_line(typed: &str) -> Result<String, Problem> {
    let line = clean_line(typed);
    if count_chars(&line) > LINE_LENGTH {
        let problem = Problem::new("C’est trop long : {most} caractères au plus.");
        return Err(problem.with("most", LINE_LENGTH));
    }
    Ok(line)
}

/// Each word once, in the order they were given.
fn check_words<T: Copy + Ord>(
    typed: &[String],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Problem> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for word in typed {
        let value = parse(word).ok_or_else(|| {
            Problem::new("« {word} » ne fait pas partie de la liste.").with(
                "word",
                clean_line(word).chars().take(40).collect::<String>(),
            )
        })?;
        if seen.insert(value) {
            found.push(value);
        }
    }
    Ok(found)
}

pub(super) fn check_choice<T>(
    typed: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    if typed.is_empty() {
        return Ok(None);
    }
    parse(typed)
        .map(Some)
        .ok_or(Problem::new("Choisissez dans la liste."))
}

fn check_count(count: usize) -> Result<(), Problem> {
    if count > LIST_LENGTH {
        return Err(Problem::new("C’est trop : {most} au plus.").with("most", LIST_LENGTH));
    }
    Ok(())
}

/// Names of programs become the slugs of the catalogue: « Nextcloud » gives `nextcloud`.
pub(super) fn check_software(typed: &[String]) -> Result<Vec<String>, Problem> {
    let names = typed.iter().map(|name| clean_line(name));
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    check_count(names.len())?;
    let mut slugs: Vec<String> = Vec::new();
    for name in names {
        if !fold(&name).contains(|c: char| c.is_ascii_alphanumeric()) {
            let problem = Problem::new("« {name} » n’est pas un nom de logiciel.");
            return Err(problem.with("name", name));
        }
        let slug = Slug::from_title(&name, SLUG_LENGTH).to_string();
        if !slugs.contains(&slug) {
            slugs.push(slug);
        }
    }
    Ok(slugs)
}

fn check_territories(typed: &[String]) -> Result<Vec<Territory>, Problem> {
    let mut found = Vec::new();
    for code in typed {
        let territory = Territory::parse(code).map_err(|_| {
            let shown = clean_line(code.rsplit(':').next().unwrap_or_default());
            Problem::new("« {code} » n’est ni une région ni un numéro de département.")
                .with("code", shown.chars().take(40).collect::<String>())
        })?;
        if !found.contains(&territory) {
            found.push(territory);
        }
    }
    Ok(found)
}

fn check_links(typed: &[LinkInput]) -> Result<Vec<HostLink>, Problem> {
    check_count(typed.len())?;
    typed
        .iter()
        .map(|link| {
            let url = check_url(&link.url)?;
            let label = match check_line(&link.label)? {
                label if label.is_empty() => short_address(&url).to_owned(),
                label => label,
            };
            Ok(HostLink { label, url })
        })
        .collect()
}

/// `exemple.org/page`.
fn short_address(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

/// A web address that a page may lead to: a named site, without password.
pub(crate) fn check_url(typed: &str) -> Result<String, Problem> {
    let typed = clean_line(typed);
    let problem = || {
        Problem::new("« {address} » n’est pas une adresse de site comme https://exemple.org.")
            .with("address", typed.chars().take(80).collect::<String>())
    };
    let whole = if typed.contains("://") {
        typed.clone()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&whole).map_err(|_| problem())?;
    let is_site = matches!(url.scheme(), "http" | "https")
        && url.domain().is_some_and(|domain| domain.contains('.'))
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= URL_LENGTH;
    if is_site {
        Ok(url.into())
    } else {
        Err(problem())
    }
}

fn check_memberships(
    typed: &[MembershipInput],
    today: NaiveDate,
) -> Result<Vec<Membership>, Problem> {
    check_count(typed.len())?;
    typed
        .iter()
        .map(|membership| {
            let name = check_line(&membership.name)?;
            if !fold(&name).contains(|c: char| c.is_ascii_alphanumeric()) {
                return Err(Problem::new("Donnez le nom de chaque collectif."));
            }
            let since = check_day(&membership.since)?;
            let until = check_day(&membership.until)?;
            let is_backwards = since.zip(until).is_some_and(|(since, until)| until < since);
            if is_backwards || since.is_some_and(|since| since > today) {
                let problem = Problem::new("Les dates de « {name} » sont dans le mauvais ordre.");
                return Err(problem.with("name", name));
            }
            Ok(Membership {
                collective: Slug::from_title(&name, SLUG_LENGTH).to_string(),
                url: match membership.url.trim() {
                    "" => None,
                    url => Some(check_url(url)?),
                },
                name,
                since,
                until,
            })
        })
        .collect()
}

/// A day, or a year for its first day.
fn check_day(typed: &str) -> Result<Option<NaiveDate>, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    read_day(typed).map(Some).ok_or_else(|| {
        Problem::new("La date « {date} » ne se lit pas. Exemple : 31/12/2027.")
            .with("date", typed.chars().take(40).collect::<String>())
    })
}

/// `YYYY-MM-DD`, `DD/MM/YYYY` or `YYYY`, between 1900 and 2199.
pub(crate) fn read_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let year = || (text.len() == 4).then(|| text.parse().ok()).flatten();
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(text, "%d/%m/%Y"))
        .ok()
        .or_else(|| NaiveDate::from_ymd_opt(year()?, 1, 1))
        .filter(|day| (1900..2200).contains(&day.year()))
}

fn check_email(typed: &str) -> Result<String, Problem> {
    if typed.trim().is_empty() {
        return Ok(String::new());
    }
    let email = EmailAddress::parse(typed).map_err(Problem::from)?;
    Ok(email.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn typed() -> HostInput {
        HostInput {
            presentation: "Une association de Lyon qui accompagne ses voisines depuis 2016.".into(),
            roles: vec!["hosts".into(), "accompanies".into(), "hosts".into()],
            software: vec!["Nextcloud".into(), "  ".into(), "Big Blue Button".into()],
            services: vec![LinkInput {
                label: "Agendas".into(),
                url: "agenda.chaton.example".into(),
            }],
            territories: vec!["region:84".into(), "departement:29".into()],
            publics: vec!["sport".into()],
            sizes: vec!["small".into()],
            price_model: "quotient".into(),
            course: "Trois rencontres, puis un mois à vos côtés, avec deux bénévoles.".into(),
            memberships: vec![MembershipInput {
                name: "CHATONS".into(),
                url: "https://chatons.org/chaton".into(),
                since: "01/03/2019".into(),
                until: String::new(),
            }],
            contact_email: "contact@chaton.example".into(),
            ..HostInput::default()
        }
    }

    fn fields(problems: &Problems) -> Vec<&'static str> {
        problems.iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_good_form_is_read_tidied_and_fills_the_form_again() {
        let profile = typed().check(today()).unwrap();
        assert_eq!(profile.roles, [HostRole::Hosts, HostRole::Accompanies]);
        assert_eq!(profile.software, ["nextcloud", "big-blue-button"]);
        assert_eq!(profile.services[0].url, "https://agenda.chaton.example/");
        assert_eq!(profile.memberships[0].collective, "chatons");
        assert!(profile.check_complete().is_empty());
        let again = HostInput::from(&profile).check(today()).unwrap();
        assert_eq!(again, profile);
    }

    #[test]
    fn an_empty_draft_is_sound_and_says_what_it_lacks() {
        let profile = HostInput::default().check(today()).unwrap();
        assert_eq!(profile, HostProfile::default());
        assert_eq!(
            fields(&profile.check_complete()),
            [
                "presentation",
                "roles",
                "territories",
                "course",
                "contact_email"
            ]
        );
        let from_afar = HostProfile {
            remote: true,
            ..profile
        };
        assert!(!fields(&from_afar.check_complete()).contains(&"territories"));
    }

    #[test]
    fn everything_wrong_is_told_at_once_in_the_order_of_the_form() {
        let input = HostInput {
            presentation: "a".repeat(5_001),
            roles: vec!["rules".into()],
            software: vec!["…".into()],
            services: vec![LinkInput {
                label: "Pièges".into(),
                url: "javascript:alert(1)".into(),
            }],
            territories: vec!["departement:999".into()],
            price_model: "cher".into(),
            memberships: vec![MembershipInput {
                name: "CHATONS".into(),
                since: "31/02/2020".into(),
                ..MembershipInput::default()
            }],
            contact_email: "nulle part".into(),
            ..typed()
        };
        assert_eq!(
            fields(&input.check(today()).unwrap_err()),
            [
                "presentation",
                "roles",
                "software",
                "services",
                "territories",
                "price_model",
                "memberships",
                "contact_email"
            ]
        );
    }

    #[test]
    fn dates_of_a_membership_follow_each_other_and_do_not_come_later() {
        let with = |since: &str, until: &str| {
            let membership = MembershipInput {
                name: "CHATONS".into(),
                since: since.into(),
                until: until.into(),
                url: String::new(),
            };
            check_memberships(&[membership], today())
        };
        assert!(with("2016", "2020-01-01").is_ok());
        assert!(with("2020-01-02", "2020-01-01").is_err());
        assert!(with("2027-01-01", "").is_err());
    }

    #[test]
    fn an_address_is_a_named_site_without_password() {
        for wrong in [
            "ftp://exemple.org",
            "https://user:pass@exemple.org",
            "http://127.0.0.1/",
            "localhost",
            "",
        ] {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            check_url("exemple.org/été").unwrap(),
            "https://exemple.org/%C3%A9t%C3%A9"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_accepted_again_and_unchanged(
            text in any::<String>(),
            software in proptest::collection::vec(any::<String>(), 0..4),
            since in "[0-9/-]{0,10}",
        ) {
            let membership = MembershipInput {
                name: text.clone(),
                since,
                ..MembershipInput::default()
            };
            let input = HostInput {
                presentation: text.clone(),
                volunteer_time: text.clone(),
                software,
                memberships: vec![membership],
                ..typed()
            };
            if let Ok(profile) = input.check(today()) {
                prop_assert_eq!(HostInput::from(&profile).check(today()), Ok(profile));
            }
        }
    }
}
