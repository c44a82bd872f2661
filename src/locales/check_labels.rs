//! What is looked at in a recommendation, in words for anybody.

use super::Texts;
use crate::domain::recommendation_policy::{Check, NoEvidence, Outcome, ProofFlaw};

impl Texts {
    /// What becomes of a recommendation here.
    pub fn policy_outcome(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Count => self.tr("Elle compterait ici"),
            Outcome::Display => self.tr("Elle serait montrée ici, sans compter"),
            Outcome::Hold => self.tr("Elle ne serait pas montrée ici pour l’instant"),
            Outcome::Withdrawn => self.tr("Elle a été retirée"),
            Outcome::Refuse => self.tr("Elle serait refusée ici"),
        }
    }

    /// A check that passed.
    pub fn check_passed(self, check: Check) -> &'static str {
        match check {
            Check::NotBlocked => {
                self.tr("Rien n’est bloqué ici : ni la structure, ni l’association.")
            }
            Check::Authentic => {
                self.tr("Le texte est bien celui que son site publie, sans changement.")
            }
            Check::SameOrigin => {
                self.tr("Son adresse est sur le même site que l’association qui recommande.")
            }
            Check::KeyOfAuthor => self.tr("La signature est faite avec une clé de l’association."),
            Check::ProofCurrent => self.tr("La signature et sa clé sont en cours de validité."),
            Check::NotSelf => {
                self.tr("L’association et la structure sont deux organisations différentes.")
            }
            Check::SameParties => {
                self.tr("L’accompagnement cité concerne bien ces deux organisations.")
            }
            Check::NotWithdrawn => self.tr("Son site la publie toujours."),
            Check::SeenAtOrigin => self.tr("Elle a été lue sur son propre site."),
            Check::ByOrganisation => {
                self.tr("C’est une organisation qui recommande, pas une personne.")
            }
            Check::Portable => self.tr("Elle est signée : elle se vérifie aussi hors de son site."),
            Check::Acknowledged => self.tr("La structure la reconnaît dans sa propre liste."),
            Check::VouchedFor => {
                self.tr("Un site auquel celui-ci fait confiance l’a relue et s’en porte garant.")
            }
            Check::IndependentVoucher => {
                self.tr("Ce garant ne dépend pas de la structure recommandée.")
            }
            Check::Finished => {
                self.tr("L’accompagnement est terminé, les deux côtés l’ont confirmé.")
            }
            Check::First => self.tr("C’est la seule qui compte entre ces deux organisations."),
            Check::OriginReachable => self.tr("Son site répond."),
        }
    }

    /// A check that failed.
    pub fn check_failed(self, check: Check) -> &'static str {
        match check {
            Check::NotBlocked => self.tr("La structure ou l’association est sur un site bloqué ici."),
            Check::Authentic => self.tr("Rien ne prouve que ce texte est celui de l’association."),
            Check::SameOrigin => self.tr("Son adresse n’est pas sur le site de l’association : n’importe qui peut l’avoir écrite."),
            Check::KeyOfAuthor => self.tr("L’association ne reconnaît pas la clé qui a signé."),
            Check::ProofCurrent => self.tr("La signature, ou sa clé, n’est plus valable."),
            Check::NotSelf => self.tr("La structure se recommande elle-même."),
            Check::SameParties => self.tr("L’accompagnement cité concerne d’autres organisations."),
            Check::NotWithdrawn => self.tr("Son site dit qu’elle n’existe plus."),
            Check::SeenAtOrigin => self.tr("Elle n’a jamais été lue sur son propre site."),
            Check::ByOrganisation => self.tr("Ce n’est pas une organisation qui recommande."),
            Check::Portable => self.tr("Elle n’est pas signée : seul son site peut la confirmer."),
            Check::Acknowledged => self.tr("La structure ne la reconnaît pas dans sa propre liste."),
            Check::VouchedFor => self.tr("Aucun site auquel celui-ci fait confiance ne s’en porte garant."),
            Check::IndependentVoucher => self.tr("Le seul garant est un site que la structure recommandée gère elle-même."),
            Check::Finished => self.tr("Rien ne montre un accompagnement terminé, confirmé des deux côtés."),
            Check::First => self.tr("Une autre recommandation compte déjà entre ces deux organisations."),
            Check::OriginReachable => self.tr("Son site ne répond plus depuis six mois."),
        }
    }

    /// What is wrong with a signature.
    pub fn proof_flaw(self, flaw: ProofFlaw) -> &'static str {
        match flaw {
            ProofFlaw::Unreadable => self.tr("La signature est illisible ou d’une forme inconnue."),
            ProofFlaw::DoesNotMatch => {
                self.tr("Le texte a été changé après la signature, ou une autre clé a signé.")
            }
            ProofFlaw::ForeignKey => {
                self.tr("La clé citée n’est pas parmi celles de l’association.")
            }
            ProofFlaw::KeyExpired => self.tr("La clé qui a signé n’est plus valable."),
            ProofFlaw::ProofExpired => {
                self.tr("La signature avait une date de fin, qui est passée.")
            }
        }
    }

    /// Why nothing can be said.
    pub fn no_evidence(self, reason: NoEvidence) -> &'static str {
        match reason {
            NoEvidence::NotAnAddress => self.tr("Ce n’est pas une adresse web que nous pouvons lire. Copiez l’adresse complète, qui commence par https://."),
            NoEvidence::NoAnswer => self.tr("Le site de cette recommandation ne répond pas, ou refuse de la montrer. Essayez plus tard."),
            NoEvidence::NotARecommendation => self.tr("Il n’y a pas de recommandation à cette adresse."),
            NoEvidence::ForeignOrigin => self.tr("Ce site montre une recommandation qui appartient à un autre site : rien ne prouve qu’elle est vraie."),
            NoEvidence::NotReady => self.tr("Ce site vient de démarrer et ne peut pas encore interroger les autres. Essayez dans une minute."),
        }
    }
}
