//! The profile of a structure of ours, as a file of an organisation.

use chrono::{DateTime, Utc};

use super::PROTOCOL;
use crate::domain::{
    host::HostProfile,
    organisation::{LegalForm, Organisation},
};

/// Networks that `ChatonsInfos` knows by name.
const NETWORKS: [&str; 8] = [
    "diaspora",
    "funkwhale",
    "mastodon",
    "mobilizon",
    "peertube",
    "pixelfed",
    "pleroma",
    "matrix",
];

/// What is described.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    pub organisation: &'a Organisation,
    pub profile: &'a HostProfile,
    /// Its page here: contact goes through it, since addresses are not shown.
    pub page: &'a str,
    /// When the profile last changed.
    pub updated_at: DateTime<Utc>,
}

/// Writes the file, in UTF-8.
pub fn write_organisation(described: &Described<'_>) -> String {
    let organisation = described.organisation;
    let profile = described.profile;
    let mut file = Lines::default();
    file.add("file.class", "organization");
    file.add("file.protocol", PROTOCOL);
    let updated_at = described.updated_at.format("%Y-%m-%dT%H:%M:%S");
    file.add("file.datetime", &updated_at.to_string());
    file.add("file.generator", "emancipasso");
    file.add("organization.name", &organisation.name);
    file.add("organization.description", &profile.presentation);
    file.add("organization.type", type_of(organisation.legal_form));
    let website = organisation.website.as_deref().unwrap_or(described.page);
    file.add("organization.website", website);
    file.add("organization.contact.url", described.page);
    file.add("organization.country.name", "France");
    file.add("organization.country.code", "FR");
    for membership in &profile.memberships {
        let prefix = format!("organization.memberof.{}", membership.collective);
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        file.add_some(&format!("{prefix}.startdate"), day(membership.since));
        file.add_some(&format!("{prefix}.enddate"), day(membership.until));
        let level = if membership.until.is_some() {
            "AWAY"
        } else {
            "ACTIVE"
        };
        file.add(&format!("{prefix}.status.level"), level);
    }
    for link in &profile.links {
        let name = link.label.to_lowercase();
        match name.as_str() {
            "mentions légales" => file.add("organization.legal.url", &link.url),
            "documentation" => file.add("organization.guide.user", &link.url),
            "matrix" => file.add("organization.chatrooms.matrix", &link.url),
            name if NETWORKS.contains(&name) => {
                file.add(&format!("organization.socialnetworks.{name}"), &link.url);
            }
            _ => {}
        }
    }
    file.0
}

/// The forms that `ChatonsInfos` knows.
const fn type_of(form: LegalForm) -> &'static str {
    match form {
        LegalForm::Association1901
        | LegalForm::AssociationAlsaceMoselle
        | LegalForm::PublicUtility
        | LegalForm::Federation => "ASSOCIATION",
        LegalForm::Cooperative => "COOPERATIVE",
        LegalForm::Company => "COMPANY",
        LegalForm::Informal => "INFORMAL",
        LegalForm::Foundation | LegalForm::PublicBody => "OTHER",
    }
}

/// The lines of a file.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        self.0.push_str(key);
        self.0.push_str(" = ");
        self.0.push_str(&escaped(value));
        self.0.push('\n');
    }

    fn add_some(&mut self, key: &str, value: Option<String>) {
        self.add(key, value.as_deref().unwrap_or_default());
    }
}

/// The value on one line; quotes that begin it would be taken for a pair around it.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for (position, c) in value.char_indices() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => {}
            '\\' => escaped.push_str("\\\\"),
            '\'' | '"' if position == 0 => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        chatonsinfos::{Properties, read_organisation},
        host::{HostField, HostInput, HostLink, LinkInput, MembershipInput},
        organisation::OrganisationKind,
        text::clean_text,
    };

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_348_800, 0).unwrap()
    }

    fn organisation() -> Organisation {
        Organisation {
            id: 1.into(),
            slug: "chaton".into(),
            name: "Le Chaton d’été".into(),
            kind: OrganisationKind::Structure,
            legal_form: LegalForm::Cooperative,
            rna: None,
            siren: None,
            siret: None,
            commune_code: None,
            departement_code: None,
            region_code: None,
            website: None,
            created_at: noon(),
            updated_at: noon(),
            verification: None,
        }
    }

    fn written(profile: &HostProfile) -> String {
        write_organisation(&Described {
            organisation: &organisation(),
            profile,
            page: "https://lyon.example/structures/chaton",
            updated_at: noon(),
        })
    }

    #[test]
    fn what_we_write_we_read_and_no_mail_address_is_shown() {
        let profile = HostInput {
            presentation: "Un \\ chaton\n\n\tqui ronronne".into(),
            links: vec![LinkInput {
                label: "Mastodon".into(),
                url: "https://piaille.example/@chaton".into(),
            }],
            memberships: vec![MembershipInput {
                name: "CHATONS".into(),
                since: "2019-03-01".into(),
                ..MembershipInput::default()
            }],
            contact_email: "secret@chaton.example".into(),
            ..HostInput::default()
        }
        .check(noon().date_naive())
        .unwrap();
        let file = written(&profile);
        assert!(!file.contains("secret@"));
        assert!(file.contains("organization.type = COOPERATIVE\n"));
        let read = Properties::read(file.as_bytes());
        let read = read_organisation(&read, noon().date_naive()).unwrap();
        assert_eq!(read.warnings, []);
        assert_eq!(read.name, organisation().name);
        for field in [HostField::Presentation, HostField::Memberships] {
            assert_eq!(read.profile.field(field), profile.field(field), "{field}");
        }
        let mastodon: &HostLink = profile.links.first().unwrap();
        assert!(read.profile.links.contains(mastodon));
    }

    proptest! {
        #[test]
        fn any_presentation_survives_the_file(text in "[^<]{0,200}") {
            let profile = HostProfile {
                presentation: clean_text(&text),
                ..HostProfile::default()
            };
            let read = Properties::read(written(&profile).as_bytes());
            let found = read.get("organization.description").unwrap_or_default();
            prop_assert_eq!(found, profile.presentation);
        }
    }
}
