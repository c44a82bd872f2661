//! Organisations: legal persons and informal groups. Accounts act *for* one.

use chrono::{DateTime, Utc};

use super::ids::{AccountId, InvitationId, OrganisationId};

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
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}
