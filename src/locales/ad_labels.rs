//! What the words of ads are called on screen.

use super::Texts;
use crate::domain::{
    ad::{AdKind, AdState, Budget, MilestoneKind},
    territory::Territory,
};

impl Texts {
    /// What is needed.
    pub fn ad_kind(self, kind: AdKind) -> &'static str {
        match kind {
            AdKind::Software => self.tr("Logiciel à trouver ou à créer"),
            AdKind::Feature => self.tr("Amélioration d’un logiciel"),
            AdKind::Accompaniment => self.tr("Accompagnement"),
        }
    }

    /// What is needed, in a sentence for who chooses.
    pub fn ad_kind_hint(self, kind: AdKind) -> &'static str {
        match kind {
            AdKind::Software => self.tr("Vous avez un usage à couvrir et vous ne connaissez pas de logiciel libre qui convient."),
            AdKind::Feature => self.tr("Vous utilisez déjà un logiciel libre et il lui manque quelque chose."),
            AdKind::Accompaniment => self.tr("Vous cherchez une structure pour vous conseiller, installer, héberger ou former."),
        }
    }

    /// Where an ad stands.
    pub fn ad_state(self, state: AdState) -> &'static str {
        match state {
            AdState::Draft => self.tr("Brouillon"),
            AdState::InReview => self.tr("En relecture"),
            AdState::Refused => self.tr("À corriger"),
            AdState::Open => self.tr("Ouverte"),
            AdState::Gathering => self.tr("Regroupement en cours"),
            AdState::Agreed => self.tr("Accord trouvé"),
            AdState::InDevelopment => self.tr("En cours de réalisation"),
            AdState::Delivered => self.tr("Livrée"),
            AdState::Closed => self.tr("Close sans résultat"),
            AdState::Expired => self.tr("Expirée"),
            AdState::Withdrawn => self.tr("Retirée"),
        }
    }

    /// How much an organisation could put.
    pub fn budget(self, budget: Budget) -> &'static str {
        match budget {
            Budget::Unknown => self.tr("Pas encore défini"),
            Budget::Volunteer => self.tr("Bénévolat"),
            Budget::Under1000 => self.tr("Moins de 1\u{202f}000 €"),
            Budget::From1000To5000 => self.tr("De 1\u{202f}000 à 5\u{202f}000 €"),
            Budget::From5000To20000 => self.tr("De 5\u{202f}000 à 20\u{202f}000 €"),
            Budget::Over20000 => self.tr("Plus de 20\u{202f}000 €"),
        }
    }

    /// A dated step.
    pub fn milestone_kind(self, kind: MilestoneKind) -> &'static str {
        match kind {
            MilestoneKind::News => self.tr("Une nouvelle"),
            MilestoneKind::Gathering => self.tr("Le regroupement commence"),
            MilestoneKind::Agreed => self.tr("Un accord est trouvé"),
            MilestoneKind::InDevelopment => self.tr("La réalisation commence"),
            MilestoneKind::Delivered => self.tr("Le résultat est livré"),
            MilestoneKind::Closed => self.tr("L’annonce est close sans résultat"),
        }
    }

    /// A dated step, in a sentence for who chooses.
    pub fn milestone_kind_hint(self, kind: MilestoneKind) -> &'static str {
        match kind {
            MilestoneKind::News => self.tr("L’annonce reste dans le même état."),
            MilestoneKind::Gathering => {
                self.tr("D’autres associations ont le même besoin et vous rejoignent.")
            }
            MilestoneKind::Agreed => self.tr("Le groupe est formé et une proposition est choisie."),
            MilestoneKind::InDevelopment => self.tr("Quelqu’un travaille sur votre besoin."),
            MilestoneKind::Delivered => self.tr("Le besoin est couvert. L’annonce se termine."),
            MilestoneKind::Closed => self.tr(
                "Le besoin n’existe plus, ou personne n’a pu y répondre. L’annonce se termine.",
            ),
        }
    }

    /// A place: « Partout », « Bretagne », « Finistère (29) ».
    pub fn territory(self, territory: Territory) -> String {
        match territory {
            Territory::Everywhere => self.tr("Partout").to_owned(),
            Territory::Region(_) | Territory::Departement(_) => territory.label(),
        }
    }
}
