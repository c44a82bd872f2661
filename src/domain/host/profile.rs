//! The fields of a profile, each with its source and its dates.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::territory::Territory;

words! {
    /// What a structure does.
    pub enum HostRole {
        Hosts => "hosts",
        Accompanies => "accompanies",
        Trains => "trains",
        Develops => "develops",
    }
}

words! {
    /// Whom a structure knows well.
    pub enum Public {
        Culture => "culture",
        SocialAction => "social-action",
        Education => "education",
        Environment => "environment",
        Sport => "sport",
        Health => "health",
        Rights => "rights",
        Employment => "employment",
        Housing => "housing",
        Solidarity => "international-solidarity",
        Youth => "youth",
        Federations => "federations",
    }
}

words! {
    /// Size of an association, as its people know it.
    pub enum AssociationSize {
        /// Volunteers only, fewer than ten people.
        Small => "small",
        /// Volunteers only, or one or two employees.
        Medium => "medium",
        /// Three to nineteen employees.
        Large => "large",
        /// Twenty employees and more, or a federation.
        Federation => "federation",
    }
}

words! {
    /// How a price is made.
    pub enum PriceModel {
        Free => "free",
        /// Each gives what they can.
        PayWhatYouWant => "pay-what-you-want",
        /// According to income.
        Quotient => "quotient",
        Membership => "membership",
        Subscription => "subscription",
        Quote => "quote",
    }
}

words! {
    /// What an accompaniment costs an association, as a bracket.
    pub enum PriceBracket {
        Unknown => "unknown",
        Free => "free",
        Under500 => "under-500",
        From500To2000 => "500-2000",
        From2000To5000 => "2000-5000",
        Over5000 => "over-5000",
    }
}

words! {
    /// A field of a profile: the unit of sources, dates and imports.
    pub enum HostField {
        Presentation => "presentation",
        Roles => "roles",
        Software => "software",
        Services => "services",
        Territories => "territories",
        Remote => "remote",
        Publics => "publics",
        Sizes => "sizes",
        PriceModel => "price-model",
        PriceBracket => "price-bracket",
        /// "Comment se passe un accompagnement chez nous".
        Course => "course",
        /// Time that an association's volunteers need.
        VolunteerTime => "volunteer-time",
        Memberships => "memberships",
        Data => "data",
        Links => "links",
        /// Relayed, never shown.
        ContactEmail => "contact-email",
    }
}

words! {
    /// Where the value of a field comes from.
    pub enum Source {
        Typed => "typed",
        Imported => "imported",
    }
}

/// A value, with where it comes from and since when it is known to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Source,
    /// Of the file it was read from.
    pub source_url: Option<String>,
    pub set_at: DateTime<Utc>,
    pub confirmed_at: DateTime<Utc>,
}

impl<T> Sourced<T> {
    /// Another value with the same source and dates.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced {
            value: change(self.value),
            source: self.source,
            source_url: self.source_url,
            set_at: self.set_at,
            confirmed_at: self.confirmed_at,
        }
    }

    /// A value that the structure typed itself.
    pub fn typed(value: T, at: DateTime<Utc>) -> Self {
        Self {
            value,
            source: Source::Typed,
            source_url: None,
            set_at: at,
            confirmed_at: at,
        }
    }
}

/// A collective that a structure belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Slug of the collective: `chatons`, or any other.
    pub collective: String,
    pub name: String,
    /// Its page there.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub since: Option<NaiveDate>,
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// A link of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostLink {
    pub label: String,
    pub url: String,
}

/// What becomes of an association's data (promise P20). `None`: not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFacts {
    /// Where machines stand.
    #[serde(default)]
    pub place: String,
    /// Who administers them.
    #[serde(default)]
    pub administered_by: String,
    #[serde(default)]
    pub subprocessors: String,
    /// Whether a contract (GDPR article 28) can be signed.
    #[serde(default)]
    pub has_contract: Option<bool>,
    /// Whether everything can be taken away.
    #[serde(default)]
    pub has_export: Option<bool>,
}

/// What a structure says of itself, without offers. Lists are in the order they were given.
///
/// Serialised as an object whose keys are the words of [`HostField`].
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct HostProfile {
    /// Markdown.
    pub presentation: String,
    pub roles: Vec<HostRole>,
    /// Slugs of programs of the catalogue.
    pub software: Vec<String>,
    /// Services open to associations, as named by the structure.
    pub services: Vec<HostLink>,
    /// Where it goes; `Territory::Everywhere` for the whole country.
    pub territories: Vec<Territory>,
    /// Whether it also accompanies from afar.
    pub remote: bool,
    pub publics: Vec<Public>,
    pub sizes: Vec<AssociationSize>,
    pub price_model: Option<PriceModel>,
    pub price_bracket: Option<PriceBracket>,
    /// Markdown: steps, duration, who. Required before submission (promise P13).
    pub course: String,
    pub volunteer_time: String,
    pub memberships: Vec<Membership>,
    pub data: DataFacts,
    pub links: Vec<HostLink>,
    pub contact_email: String,
}

impl HostProfile {
    /// The value of one field, as JSON.
    pub fn field(&self, field: HostField) -> Value {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut fields)) => fields.remove(field.as_str()).unwrap_or_default(),
            _ => Value::Null,
        }
    }

    /// The profile made of some fields, the others empty.
    ///
    /// # Errors
    /// When a value is not one of its field.
    pub fn from_fields(
        fields: impl IntoIterator<Item = (HostField, Value)>,
    ) -> Result<Self, serde_json::Error> {
        let fields = fields
            .into_iter()
            .map(|(field, value)| (field.as_str().to_owned(), value));
        serde_json::from_value(Value::Object(fields.collect()))
    }

    /// The fields in which two profiles differ, in the order of [`HostField::ALL`].
    pub fn differences(&self, other: &Self) -> Vec<HostField> {
        let differs = |field: &HostField| self.field(*field) != other.field(*field);
        HostField::ALL.iter().copied().filter(differs).collect()
    }
}

/// A profile, with the source and the dates of each field that was ever given.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SourcedProfile {
    pub profile: HostProfile,
    pub sources: Vec<(HostField, Sourced<()>)>,
}

impl SourcedProfile {
    /// Where the value of a field comes from, when it was ever given.
    pub fn source_of(&self, field: HostField) -> Option<&Sourced<()>> {
        let mut sources = self.sources.iter();
        sources
            .find(|(known, _)| *known == field)
            .map(|(_, source)| source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_value_and_makes_the_profile_again() {
        let profile = HostProfile {
            presentation: "Nous hébergeons.".into(),
            roles: vec![HostRole::Hosts, HostRole::Trains],
            territories: vec![Territory::Everywhere],
            remote: true,
            price_model: Some(PriceModel::PayWhatYouWant),
            price_bracket: Some(PriceBracket::From500To2000),
            volunteer_time: "Deux heures".into(),
            contact_email: "contact@chaton.example".into(),
            ..HostProfile::default()
        };
        let Value::Object(all) = serde_json::to_value(&profile).unwrap() else {
            panic!("a profile is an object");
        };
        let words: Vec<&str> = HostField::ALL.iter().map(|field| field.as_str()).collect();
        assert_eq!(all.len(), words.len());
        assert!(all.keys().all(|key| words.contains(&key.as_str())));

        let fields = HostField::ALL.iter().map(|it| (*it, profile.field(*it)));
        assert_eq!(HostProfile::from_fields(fields).unwrap(), profile);
        let other = HostProfile {
            remote: false,
            ..profile.clone()
        };
        assert_eq!(profile.differences(&other), [HostField::Remote]);
    }

    #[test]
    fn a_value_of_another_field_is_refused() {
        let fields = [(HostField::Roles, Value::String("hosts".into()))];
        assert!(HostProfile::from_fields(fields).is_err());
    }
}
