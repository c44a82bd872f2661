//! What the words of reviews and of the public log are called on screen.

use super::Texts;
use crate::domain::{
    decision::PublicDecision,
    recommendation::{LinkKind, RecommendationState},
};

impl Texts {
    /// What both sides have in common.
    pub fn link_kind(self, kind: LinkKind) -> &'static str {
        match kind {
            LinkKind::Declared => self.tr("Intérêt déclaré par la personne qui écrit"),
            LinkKind::SamePerson => self.tr("La même personne agit pour les deux"),
            LinkKind::SameAddress => self.tr("La même adresse de courriel pour les deux"),
            LinkKind::SameMailDomain => self.tr("Des adresses de courriel du même domaine"),
            LinkKind::SameNumber => self.tr("Le même numéro RNA ou SIREN"),
            LinkKind::SameWebsite => self.tr("Le même site web"),
        }
    }

    /// Where a recommendation stands, for moderators.
    pub fn recommendation_standing(self, state: RecommendationState) -> &'static str {
        match state {
            RecommendationState::Draft => self.tr("Brouillon"),
            RecommendationState::InReview => self.tr("À l’étude"),
            RecommendationState::Refused => self.tr("Refusée"),
            RecommendationState::Published => self.tr("Publiée"),
            RecommendationState::Withdrawn => self.tr("Retirée"),
        }
    }

    /// A line of the public log, when what it is about may be named or not.
    pub fn public_decision(self, decision: PublicDecision) -> &'static str {
        match decision {
            PublicDecision::HostAccepted => self.tr("Profil d’une structure accepté"),
            PublicDecision::HostRefused => self.tr("Profil d’une structure refusé"),
            PublicDecision::HostSuspended => self.tr("Structure suspendue"),
            PublicDecision::HostRestored => self.tr("Structure rétablie"),
            PublicDecision::HostArchived => self.tr("Structure archivée, faute de nouvelles"),
            PublicDecision::HostListed => self.tr("Entrée dans l’annuaire"),
            PublicDecision::HostNotice => {
                self.tr("Préavis de soixante jours : plus aucune recommandation ne compte")
            }
            PublicDecision::HostUnlisted => self.tr("Sortie de l’annuaire"),
            PublicDecision::RecommendationPublished => self.tr("Recommandation publiée"),
            PublicDecision::RecommendationAmended => {
                self.tr("Recommandation modifiée par son association")
            }
            PublicDecision::RecommendationRefused => self.tr("Recommandation refusée"),
            PublicDecision::RecommendationAppealed => {
                self.tr("Refus contesté : d’autres personnes réexaminent")
            }
            PublicDecision::RecommendationWithdrawn => {
                self.tr("Recommandation retirée par son association")
            }
            PublicDecision::RecommendationAnnulled => self.tr("Recommandation annulée"),
        }
    }
}
