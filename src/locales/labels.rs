//! What the words of the domain are called on screen.

use super::Texts;
use crate::domain::organisation::{
    LegalForm, MembershipRole, OrganisationKind, VerificationMethod,
};

impl Texts {
    /// On whose behalf somebody comes.
    pub fn organisation_kind(self, kind: OrganisationKind) -> &'static str {
        match kind {
            OrganisationKind::Association => self.tr("Association"),
            OrganisationKind::Structure => self.tr("Structure qui accompagne"),
        }
    }

    /// A legal form.
    pub fn legal_form(self, form: LegalForm) -> &'static str {
        match form {
            LegalForm::Association1901 => self.tr("Association loi 1901"),
            LegalForm::AssociationAlsaceMoselle => {
                self.tr("Association de droit local (Alsace-Moselle)")
            }
            LegalForm::PublicUtility => self.tr("Association reconnue d’utilité publique"),
            LegalForm::Federation => self.tr("Fédération ou union d’associations"),
            LegalForm::Foundation => self.tr("Fondation ou fonds de dotation"),
            LegalForm::Cooperative => self.tr("Coopérative (Scop, Scic…)"),
            LegalForm::Company => self.tr("Entreprise"),
            LegalForm::PublicBody => self.tr("Organisme public"),
            LegalForm::Informal => self.tr("Collectif sans forme juridique"),
        }
    }

    /// What a member may do.
    pub fn membership_role(self, role: MembershipRole) -> &'static str {
        match role {
            MembershipRole::Administrator => self.tr("Administration"),
            MembershipRole::Editor => self.tr("Rédaction"),
        }
    }

    /// What a member may do, in a sentence.
    pub fn membership_role_hint(self, role: MembershipRole) -> &'static str {
        match role {
            MembershipRole::Administrator => {
                self.tr("Écrit les annonces, invite et retire des membres, modifie l’organisation.")
            }
            MembershipRole::Editor => self.tr("Écrit et suit les annonces."),
        }
    }

    /// How an organisation was verified, after « vérifiée ».
    pub fn verification_method(self, method: VerificationMethod) -> &'static str {
        match method {
            VerificationMethod::Rna => self.tr("dans le Répertoire national des associations"),
            VerificationMethod::Sirene => self.tr("dans le répertoire Sirene"),
            VerificationMethod::OfficialJournal => {
                self.tr("au Journal officiel ou au registre du tribunal")
            }
            VerificationMethod::Website => self.tr("par un courriel au nom de son site"),
            VerificationMethod::Acquaintance => {
                self.tr("par une personne que la modération connaît")
            }
        }
    }
}
