//! What the words of structures are called on screen.

use super::Texts;
use crate::domain::host::{
    AssociationSize, Capacity, HostField, HostRole, HostState, LineKind, PriceBracket, PriceModel,
    Public,
};

impl Texts {
    /// What a structure does.
    pub fn host_role(self, role: HostRole) -> &'static str {
        match role {
            HostRole::Hosts => self.tr("Héberge des services"),
            HostRole::Accompanies => self.tr("Accompagne des associations"),
            HostRole::Trains => self.tr("Forme"),
            HostRole::Develops => self.tr("Développe des logiciels"),
        }
    }

    /// One line of an offer.
    pub fn line_kind(self, kind: LineKind) -> &'static str {
        match kind {
            LineKind::Diagnosis => self.tr("Diagnostic des usages et des outils"),
            LineKind::Installation => self.tr("Installation"),
            LineKind::Hosting => self.tr("Hébergement"),
            LineKind::Migration => self.tr("Migration des données et des habitudes"),
            LineKind::TrainingOfReferents => self.tr("Formation des personnes référentes"),
            LineKind::TrainingOfUsers => self.tr("Formation de tous·tes"),
            LineKind::Documentation => self.tr("Modes d’emploi"),
            LineKind::Support => self.tr("Aide dans la durée"),
            LineKind::FundingHelp => self.tr("Aide à trouver un financement"),
        }
    }

    /// Whom a structure knows well.
    pub fn host_public(self, public: Public) -> &'static str {
        match public {
            Public::Culture => self.tr("Culture"),
            Public::SocialAction => self.tr("Action sociale"),
            Public::Education => self.tr("Éducation"),
            Public::Environment => self.tr("Environnement"),
            Public::Sport => self.tr("Sport"),
            Public::Health => self.tr("Santé"),
            Public::Rights => self.tr("Défense des droits"),
            Public::Employment => self.tr("Emploi et insertion"),
            Public::Housing => self.tr("Logement"),
            Public::Solidarity => self.tr("Solidarité internationale"),
            Public::Youth => self.tr("Jeunesse"),
            Public::Federations => self.tr("Têtes de réseau et fédérations"),
        }
    }

    /// The size of an association.
    pub fn association_size(self, size: AssociationSize) -> &'static str {
        match size {
            AssociationSize::Small => self.tr("Moins de dix bénévoles"),
            AssociationSize::Medium => self.tr("Des bénévoles, un ou deux emplois au plus"),
            AssociationSize::Large => self.tr("De trois à dix-neuf salarié·es"),
            AssociationSize::Federation => self.tr("Vingt salarié·es et plus, ou un réseau"),
        }
    }

    /// How a price is made.
    pub fn price_model(self, model: PriceModel) -> &'static str {
        match model {
            PriceModel::Free => self.tr("Gratuit"),
            PriceModel::PayWhatYouWant => self.tr("Prix libre"),
            PriceModel::Quotient => self.tr("Selon les ressources de l’association"),
            PriceModel::Membership => self.tr("Adhésion"),
            PriceModel::Subscription => self.tr("Abonnement"),
            PriceModel::Quote => self.tr("Sur devis"),
        }
    }

    /// What an accompaniment costs.
    pub fn price_bracket(self, bracket: PriceBracket) -> &'static str {
        match bracket {
            PriceBracket::Unknown => self.tr("Cela dépend"),
            PriceBracket::Free => self.tr("Rien"),
            PriceBracket::Under500 => self.tr("Moins de 500 €"),
            PriceBracket::From500To2000 => self.tr("De 500 à 2 000 €"),
            PriceBracket::From2000To5000 => self.tr("De 2 000 à 5 000 €"),
            PriceBracket::Over5000 => self.tr("Plus de 5 000 €"),
        }
    }

    /// Where a structure stands.
    pub fn host_state(self, state: HostState) -> &'static str {
        match state {
            HostState::Draft => self.tr("Fiche à compléter"),
            HostState::Submitted => self.tr("Lue par la modération"),
            HostState::Refused => self.tr("À corriger"),
            HostState::Accepted => self.tr("Acceptée"),
            HostState::Suspended => self.tr("Suspendue"),
            HostState::Archived => self.tr("Archivée"),
        }
    }

    /// Whether a structure takes new requests.
    pub fn host_capacity(self, capacity: Capacity) -> &'static str {
        match capacity {
            Capacity::Open => self.tr("Prend de nouvelles demandes"),
            Capacity::Full => self.tr("Ne prend pas de nouvelle demande"),
        }
    }

    /// The name of a field of a profile.
    pub fn host_field(self, field: HostField) -> &'static str {
        match field {
            HostField::Presentation => self.tr("Présentation"),
            HostField::Roles => self.tr("Ce que fait la structure"),
            HostField::Software => self.tr("Logiciels proposés"),
            HostField::Services => self.tr("Services ouverts aux associations"),
            HostField::Territories => self.tr("Territoires"),
            HostField::Remote => self.tr("Accompagnement à distance"),
            HostField::Publics => self.tr("Publics bien connus"),
            HostField::Sizes => self.tr("Taille des associations"),
            HostField::PriceModel => self.tr("Comment se fixe le prix"),
            HostField::PriceBracket => self.tr("Coût d’un accompagnement"),
            HostField::Course => self.tr("Comment se passe un accompagnement chez nous"),
            HostField::VolunteerTime => self.tr("Temps demandé à l’association"),
            HostField::Memberships => self.tr("Collectifs"),
            HostField::Data => self.tr("Ce que deviennent les données"),
            HostField::Links => self.tr("Liens"),
            HostField::ContactEmail => self.tr("Courriel de contact"),
        }
    }
}
