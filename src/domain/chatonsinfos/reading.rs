//! What a file says of a structure, in our words.

use chrono::NaiveDate;
use url::Url;

use super::{Properties, SERVICES_READ};
use crate::domain::{
    email::EmailAddress,
    host::{HostField, HostLink, HostProfile, Membership, check_url, read_day},
    problem::Problem,
    slug::Slug,
    text::{clean_line, clean_text, truncate_chars},
};

/// The most characters of the presentation that are kept.
const PRESENTATION_LENGTH: usize = 5_000;
/// The most characters of a name.
const NAME_LENGTH: usize = 120;
/// Links and services that are kept.
const LIST_LENGTH: usize = 40;
/// Readable part of the name of a program.
const SLUG_LENGTH: usize = 60;

/// Keys that hold an address, with what the link is called.
const LINKS: [(&str, &str); 5] = [
    ("organization.website", "Site"),
    ("organization.contact.url", "Contact"),
    ("organization.legal.url", "Mentions légales"),
    ("organization.guide.user", "Documentation"),
    ("organization.guide.technical", "Documentation technique"),
];

/// Open lists of addresses: any name may follow.
const LISTS_OF_LINKS: [&str; 3] = [
    "organization.socialnetworks.",
    "organization.chatrooms.",
    "organization.funding.",
];

/// Names that are not the key with a capital letter.
const NAMES: [(&str, &str); 10] = [
    ("peertube", "PeerTube"),
    ("xmpp", "XMPP"),
    ("irc", "IRC"),
    ("rocketchat", "Rocket.Chat"),
    ("liberapay", "Liberapay"),
    ("tipee", "Tipeee"),
    ("helloasso", "HelloAsso"),
    ("paypal", "PayPal"),
    ("custom", "Soutenir"),
    ("chatons", "CHATONS"),
];

/// What a file says of a structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub name: String,
    pub website: Option<String>,
    /// The fields that the file gives; the others are empty.
    pub profile: HostProfile,
    /// Which fields it gives.
    pub fields: Vec<HostField>,
    /// The files of its services, on any site.
    pub services: Vec<Url>,
    /// What was left out, and why.
    pub warnings: Vec<Problem>,
}

/// Why a file describes no structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOrganisation {
    #[error("it describes a federation of organisations")]
    Federation,
    #[error("it describes a service or a device")]
    Service,
    #[error("it has no organization.name")]
    Nameless,
}

impl From<NotAnOrganisation> for Problem {
    fn from(reason: NotAnOrganisation) -> Self {
        Self::new(match reason {
            NotAnOrganisation::Federation => {
                "Ce fichier décrit un collectif de structures. Donnez celui de votre structure."
            }
            NotAnOrganisation::Service => {
                "Ce fichier décrit un service. Donnez celui de la structure qui le propose."
            }
            NotAnOrganisation::Nameless => {
                "Ce fichier ne se lit pas comme un fichier ChatonsInfos : il n’a pas de ligne « organization.name »."
            }
        })
    }
}

/// Reads the file of an organisation. What is wrong in it is left out, and told.
pub fn read_organisation(
    file: &Properties,
    today: NaiveDate,
) -> Result<Statement, NotAnOrganisation> {
    match file.get("file.class").map(str::to_lowercase).as_deref() {
        Some("federation") => return Err(NotAnOrganisation::Federation),
        Some("service" | "device") => return Err(NotAnOrganisation::Service),
        _ => {}
    }
    let name = file.get("organization.name").map(clean_line);
    let name = name.filter(|name| !name.is_empty());
    let name = name.ok_or(NotAnOrganisation::Nameless)?;
    let mut reader = Reader {
        file,
        today,
        warnings: Vec::new(),
    };
    let mut statement = Statement {
        name: truncate_chars(&name, NAME_LENGTH).to_owned(),
        website: reader.address("organization.website"),
        profile: HostProfile {
            presentation: reader.presentation(),
            memberships: reader.memberships(),
            links: reader.links(),
            contact_email: reader.email(),
            ..HostProfile::default()
        },
        fields: Vec::new(),
        services: reader.services(),
        warnings: reader.warnings,
    };
    statement.fields = statement.profile.differences(&HostProfile::default());
    Ok(statement)
}

struct Reader<'a> {
    file: &'a Properties,
    today: NaiveDate,
    warnings: Vec<Problem>,
}

impl Reader<'_> {
    fn presentation(&self) -> String {
        let text = self.file.get("organization.description").unwrap_or("");
        let text = text.replace("<br/>", "\n").replace("<br>", "\n");
        truncate_chars(&clean_text(&text), PRESENTATION_LENGTH).to_owned()
    }

    fn leave_out(&mut self, key: &str) {
        let value = self.file.get(key).unwrap_or_default();
        let problem = Problem::new("« {key} » est laissé de côté : {value}")
            .with("key", truncate_chars(key, 80))
            .with("value", truncate_chars(value, 80));
        if !self.warnings.contains(&problem) {
            self.warnings.push(problem);
        }
    }

    /// The address of a key, when it is one.
    fn address(&mut self, key: &str) -> Option<String> {
        let url = check_url(self.file.get(key)?).ok();
        if url.is_none() {
            self.leave_out(key);
        }
        url
    }

    fn links(&mut self) -> Vec<HostLink> {
        let file = self.file;
        let single = LINKS
            .iter()
            .map(|(key, label)| ((*key).to_owned(), (*label).to_owned()));
        let lists = LISTS_OF_LINKS.iter().flat_map(|prefix| {
            let below = file.below(prefix);
            below.map(move |(name, _)| (format!("{prefix}{name}"), name_of(name)))
        });
        let mut links = Vec::new();
        for (key, label) in single.chain(lists).collect::<Vec<_>>() {
            if links.len() < LIST_LENGTH
                && let Some(url) = self.address(&key)
            {
                links.push(HostLink { label, url });
            }
        }
        links
    }

    fn email(&mut self) -> String {
        const KEY: &str = "organization.contact.email";
        let Some(value) = self.file.get(KEY) else {
            return String::new();
        };
        match EmailAddress::parse(value) {
            Ok(email) => email.as_str().to_owned(),
            Err(_) => {
                self.leave_out(KEY);
                String::new()
            }
        }
    }

    /// `organization.memberof.<collective>.startdate` and its neighbours.
    fn memberships(&mut self) -> Vec<Membership> {
        const PREFIX: &str = "organization.memberof.";
        let file = self.file;
        let mut collectives: Vec<&str> = Vec::new();
        for (key, _) in file.below(PREFIX) {
            let name = key.split('.').next().unwrap_or(key);
            let is_new = !collectives.contains(&name);
            if is_new && !name.is_empty() && collectives.len() < LIST_LENGTH {
                collectives.push(name);
            }
        }
        let mut found = Vec::new();
        for collective in collectives {
            let since = self.day(&format!("{PREFIX}{collective}.startdate"));
            let until = self.day(&format!("{PREFIX}{collective}.enddate"));
            let ended_before = since.zip(until).is_some_and(|(since, until)| until < since);
            found.push(Membership {
                collective: Slug::from_title(collective, SLUG_LENGTH).to_string(),
                name: name_of(collective),
                url: None,
                since,
                until: until.filter(|_| !ended_before),
            });
        }
        found
    }

    fn day(&mut self, key: &str) -> Option<NaiveDate> {
        let value = self.file.get(key)?;
        let day = read_day(value).filter(|day| *day <= self.today);
        if day.is_none() {
            self.leave_out(key);
        }
        day
    }

    fn services(&mut self) -> Vec<Url> {
        let file = self.file;
        let mut found: Vec<Url> = Vec::new();
        for (name, _) in file.below("subs.") {
            let url = self.address(&format!("subs.{name}"));
            let url = url.and_then(|url| Url::parse(&url).ok());
            if let Some(url) = url
                && !found.contains(&url)
                && found.len() < SERVICES_READ
            {
                found.push(url);
            }
        }
        found
    }
}

/// How a network, a chat or a collective is called.
fn name_of(key: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == key) {
        return (*name).to_owned();
    }
    let key = truncate_chars(key, 40);
    let mut letters = key.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A service of a structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub link: HostLink,
    /// The program behind: a slug of the catalogue.
    pub software: Option<String>,
}

/// Reads the file of a service that is open; `None` for anything else.
pub fn read_service(file: &Properties) -> Option<Service> {
    let name = clean_line(file.get("service.name")?);
    let url = check_url(file.get("service.website")?).ok()?;
    let is_over = file
        .get("service.status.level")
        .is_some_and(|level| level.eq_ignore_ascii_case("OVER"));
    if name.is_empty() || is_over {
        return None;
    }
    let software = file.get("software.name").map(clean_line);
    let software = software.filter(|name| name.contains(|c: char| c.is_ascii_alphanumeric()));
    Some(Service {
        link: HostLink {
            label: truncate_chars(&name, NAME_LENGTH).to_owned(),
            url,
        },
        software: software.map(|name| Slug::from_title(&name, SLUG_LENGTH).to_string()),
    })
}

impl Statement {
    /// Adds a service that was read from its own file.
    pub fn add_service(&mut self, service: Service) {
        let profile = &mut self.profile;
        if profile.services.len() < LIST_LENGTH && !profile.services.contains(&service.link) {
            profile.services.push(service.link);
        }
        if let Some(software) = service.software
            && profile.software.len() < LIST_LENGTH
            && !profile.software.contains(&software)
        {
            profile.software.push(software);
        }
        self.fields = self.profile.differences(&HostProfile::default());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::host::HostInput;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn read(text: &str) -> Result<Statement, NotAnOrganisation> {
        read_organisation(&Properties::read(text.as_bytes()), today())
    }

    #[test]
    fn a_whole_file_becomes_a_profile() {
        let statement = read(
            "file.class = organization\n\
             organization.name = Le Chaton Témoin\n\
             organization.description = Hébergeur<br/>associatif d\\'exemple\n\
             organization.website = https://chaton-temoin.example/\n\
             organization.contact.email = contact@chaton-temoin.example\n\
             organization.memberof.chatons.startdate = 01/06/2020\n\
             organization.memberof.chatons.status.level = ACTIVE\n\
             organization.socialnetworks.Mastodon = https://piaille.example/@temoin\n\
             subs.nuage = 'https://chaton-temoin.example/nuage.properties'\n\
             subs.encore = https://chaton-temoin.example/nuage.properties\n",
        )
        .unwrap();
        assert_eq!(statement.name, "Le Chaton Témoin");
        assert_eq!(
            statement.profile.presentation,
            "Hébergeur\nassociatif d'exemple"
        );
        let [chatons] = statement.profile.memberships.as_slice() else {
            panic!("{statement:?}")
        };
        assert_eq!(
            (chatons.collective.as_str(), chatons.name.as_str()),
            ("chatons", "CHATONS")
        );
        assert_eq!(chatons.since, NaiveDate::from_ymd_opt(2020, 6, 1));
        let labels: Vec<_> = statement
            .profile
            .links
            .iter()
            .map(|it| it.label.as_str())
            .collect();
        assert_eq!(labels, ["Site", "Mastodon"]);
        assert_eq!(statement.services.len(), 1);
        assert_eq!(statement.warnings, []);
        assert_eq!(
            statement.fields,
            [
                HostField::Presentation,
                HostField::Memberships,
                HostField::Links,
                HostField::ContactEmail
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_left_out_and_told() {
        let statement = read(
            "organization.name:Cas limites\n\
             organization.description = Ligne \\\n   continuée\n\
             organization.website = javascript:alert(1)\n\
             organization.contact.email = pas-un-courriel\n\
             organization.memberof.chatons.startdate = 31/02/2020\n\
             organization.inconnu.champ = valeur\n\
             subs.interne = http://127.0.0.1:5432/\n\
             subs.ftp = ftp://cas-limites.example/x.properties\n",
        )
        .unwrap();
        assert_eq!(statement.profile.presentation, "Ligne continuée");
        assert_eq!(statement.website, None);
        assert_eq!(statement.profile.contact_email, "");
        assert_eq!(statement.profile.memberships[0].since, None);
        assert_eq!(statement.services, []);
        let keys: Vec<_> = statement
            .warnings
            .iter()
            .map(|warning| warning.values[0].1.as_str())
            .collect();
        for key in [
            "organization.website",
            "organization.contact.email",
            "organization.memberof.chatons.startdate",
            "subs.interne",
            "subs.ftp",
        ] {
            assert!(keys.contains(&key), "{key}: {keys:?}");
        }
    }

    #[test]
    fn other_kinds_of_files_are_told_apart() {
        let name = "organization.name = X\n";
        for (class, reason) in [
            ("federation", NotAnOrganisation::Federation),
            ("Service", NotAnOrganisation::Service),
        ] {
            assert_eq!(read(&format!("file.class = {class}\n{name}")), Err(reason));
        }
        assert_eq!(read("bonjour"), Err(NotAnOrganisation::Nameless));
    }

    #[test]
    fn services_bring_their_programs_once() {
        let file = "service.name = Nuage\nservice.website = https://nuage.chaton.example/\nsoftware.name = Nextcloud";
        let service = read_service(&Properties::read(file.as_bytes())).unwrap();
        assert_eq!(service.software.as_deref(), Some("nextcloud"));
        let mut statement = read("organization.name = X").unwrap();
        statement.add_service(service.clone());
        statement.add_service(service);
        assert_eq!(statement.profile.services.len(), 1);
        assert_eq!(statement.fields, [HostField::Software, HostField::Services]);
        let over = format!("{file}\nservice.status.level = over");
        assert_eq!(read_service(&Properties::read(over.as_bytes())), None);
    }

    proptest! {
        /// Whatever a file holds, what is kept of it is what the form accepts.
        #[test]
        fn what_a_file_gives_is_always_a_sound_profile(
            description in any::<String>(),
            email in "[a-z@. ]{0,20}",
            url in any::<String>(),
            collective in "[a-z.]{1,12}",
            day in "[0-9/-]{0,10}",
        ) {
            let escape = |text: &str| text.replace('\\', "").replace(['\n', '\r'], " ");
            let text = format!(
                "organization.name = X\norganization.description = {}\norganization.contact.email = {email}\n\
                 organization.website = {}\norganization.memberof.{collective}.startdate = {day}\n\
                 organization.chatrooms.{collective} = {}\n",
                escape(&description), escape(&url), escape(&url),
            );
            let statement = read(&text).unwrap();
            let checked = HostInput::from(&statement.profile).check(today());
            prop_assert!(checked.is_ok(), "{:?}", checked);
        }
    }
}
