//! Organisations: legal persons and informal groups. Accounts act *for* one.

pub(in crate::domain) mod input;

use chrono::{DateTime, Utc};

pub use input::{NAME_LENGTH, OrganisationContent, OrganisationInput, parse_name};

use super::{
    ids::{AccountId, InvitationId, OrganisationId},
    text::fold,
};

words! {
    /// On whose behalf somebody comes.
    pub enum OrganisationKind {
        /// Publishes needs, recommends the hosts that helped it.
        Association => "association",
        /// Hosts, accompanies, trains or develops.
        Structure => "structure",
    }
}

words! {
    /// Legal form, as French non-profits and their helpers know it.
    pub enum LegalForm {
        Association1901 => "association-1901",
        AssociationAlsaceMoselle => "association-alsace-moselle",
        PublicUtility => "reconnue-utilite-publique",
        Federation => "federation",
        Foundation => "fondation",
        Cooperative => "cooperative",
        Company => "entreprise",
        PublicBody => "organisme-public",
        /// A group without legal person: accepted, and shown as such.
        Informal => "collectif-informel",
    }
}

impl LegalForm {
    /// Whether an organisation of this kind can have this form: an association is not a company.
    pub const fn fits(self, kind: OrganisationKind) -> bool {
        match (kind, self) {
            (
                OrganisationKind::Association,
                Self::Cooperative | Self::Company | Self::PublicBody,
            ) => false,
            (OrganisationKind::Association | OrganisationKind::Structure, _) => true,
        }
    }
}

words! {
    /// What a member may do for their organisation.
    pub enum MembershipRole {
        /// Also invites, removes, and changes the organisation itself.
        Administrator => "administrator",
        /// Writes and follows its ads.
        Editor => "editor",
    }
}

words! {
    /// How a moderator made sure that an organisation is what it says.
    pub enum VerificationMethod {
        /// The Répertoire national des associations.
        Rna => "rna",
        /// The Sirene register.
        Sirene => "sirene",
        /// The Journal officiel or the court's register (Alsace-Moselle).
        OfficialJournal => "journal-officiel",
        /// A mail at the domain of its known web site.
        Website => "website",
        /// Somebody the moderators know vouches for it.
        Acquaintance => "acquaintance",
    }
}

words! {
    /// Whether a moderator verified an organisation.
    pub enum Standing {
        Unverified => "unverified",
        Verified => "verified",
    }
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    /// Last part of its address, never changed.
    pub slug: String,
    pub name: String,
    pub kind: OrganisationKind,
    pub legal_form: LegalForm,
    pub rna: Option<String>,
    pub siren: Option<String>,
    pub siret: Option<String>,
    /// INSEE codes; a commune gives the two others.
    pub commune_code: Option<String>,
    pub departement_code: Option<String>,
    pub region_code: Option<String>,
    pub website: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Present while the mark holds: a renamed organisation loses it.
    pub verification: Option<Verification>,
}

impl Organisation {
    /// Takes the content of a form. The verification stays while the name that was verified and
    /// the numbers stay the same; `hash` is the one of [`normalised_name`].
    pub fn apply(&mut self, content: OrganisationContent, hash: &str, now: DateTime<Utc>) {
        let rna = content.rna.map(String::from);
        let siren = content.siren.map(String::from);
        let is_same = |verified: &Verification| {
            verified.name_hash == hash && self.rna == rna && self.siren == siren
        };
        self.verification = self.verification.take().filter(is_same);
        self.name = content.name;
        self.kind = content.kind;
        self.legal_form = content.legal_form;
        self.rna = rna;
        self.siren = siren;
        self.siret = content.siret.map(String::from);
        self.commune_code = Some(content.commune.code.to_owned());
        self.departement_code = Some(content.commune.departement.code.to_owned());
        self.region_code = Some(content.commune.region().code.to_owned());
        self.website = content.website;
        self.updated_at = now;
    }
}

/// A name without what may vary in its writing: case, accents, spaces, apostrophes, punctuation.
pub fn normalised_name(name: &str) -> String {
    fold(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a moderator checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    pub verified_at: DateTime<Utc>,
    pub verified_by: AccountId,
    pub method: VerificationMethod,
    /// SHA-256, in hexadecimal, of the name that was checked.
    pub name_hash: String,
}

/// Somebody who acts for an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub account_id: AccountId,
    pub name: String,
    pub role: MembershipRole,
    pub since: DateTime<Utc>,
    /// Their address refuses our mails: they miss what matters.
    pub is_mail_refused: bool,
}

/// One organisation of somebody, and what they may do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub organisation: Organisation,
    pub role: MembershipRole,
}

/// An invitation by mail, not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub organisation_id: OrganisationId,
    pub email: String,
    pub role: MembershipRole,
    pub invited_by: AccountId,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writing_of_a_name_does_not_change_what_was_verified() {
        let name = normalised_name("L’Œuvre des Élus – Lyon");
        assert_eq!(name, normalised_name("l'oeuvre  DES elus Lyon"));
        assert_ne!(name, normalised_name("L’Œuvre des Élus – Paris"));
    }
}
