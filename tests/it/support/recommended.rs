//! A structure that an association recommends, as two moderators let it be.

use emancipasso::{
    app::{Who, actors, recommendations::review},
    domain::{
        accompaniment::{Accompaniment, AccompanimentState, Confirmations, Party, Scope},
        account::Role,
        host::{
            Capacity, Host, HostState, Line, LineKind, Listing, Offer, PriceBracket, PriceModel,
        },
        ids::{AccompanimentId, AccountId, HostId, OfferId, OrganisationId, RecommendationId},
        listing::Standing,
        organisation::{
            LegalForm, Organisation, OrganisationKind, Verification, VerificationMethod,
        },
        recommendation::{Answers, Recommendation, RecommendationState},
    },
    store::{Store, Write, accompaniments, host_offers, hosts, organisations, recommendations},
};

use super::{Instance, stage};

/// `Vélo solidaire` recommends `Nuage libre`.
pub struct Recommended {
    pub id: RecommendationId,
    pub host: HostId,
    /// Address of the recommendation.
    pub uri: String,
    /// Address of the structure.
    pub structure: String,
    /// Address of the association.
    pub author: String,
    pub agreement: String,
    pub moderators: [Who; 2],
}

const HOST: i64 = 7_001;
const IT: i64 = 7_003;

impl Recommended {
    /// Everything up to the second approval.
    pub async fn publish(instance: &Instance) -> Self {
        let it = Self::submit(instance).await;
        it.approve(instance).await;
        it
    }

    /// Everything before the first approval.
    pub async fn submit(instance: &Instance) -> Self {
        for _ in 0..8 {
            let (public, private) = &*stage::OUR_KEYS;
            actors::add_key_pair(&instance.app, public, private)
                .await
                .unwrap();
        }
        let first = stage::add_person(instance, 501, "un@copil.test", Role::Moderator).await;
        let second = stage::add_person(instance, 502, "deux@copil.test", Role::Moderator).await;
        let store = Store::connect(&instance.app.config().database)
            .await
            .unwrap();
        let mut tx = store.write().await.unwrap();
        write(&mut tx, instance).await;
        tx.commit().await.unwrap();
        store.close().await;
        Self {
            id: RecommendationId::from(IT),
            host: HostId::from(HOST),
            uri: instance.url("/organisations/velo-solidaire/recommandations/1"),
            structure: instance.url("/structures/nuage_libre"),
            author: instance.url("/organisations/velo-solidaire"),
            agreement: instance.url("/structures/nuage_libre/accompagnements/1"),
            moderators: [first, second],
        }
    }

    /// Both moderators approve.
    pub async fn approve(&self, instance: &Instance) {
        for moderator in &self.moderators {
            review::approve(&instance.app, moderator, self.id, 1)
                .await
                .unwrap();
        }
    }

    /// A moderator finds that it should never have counted.
    pub async fn annul(&self, instance: &Instance) {
        let motive = "Cet accompagnement n’a pas eu lieu.";
        review::annul(&instance.app, &self.moderators[0], self.id, motive)
            .await
            .unwrap();
    }
}

async fn write(tx: &mut Write, instance: &Instance) {
    let now = instance.app.now();
    let mut structure = organisation(7_101, "nuage-libre", "Nuage libre", instance);
    structure.kind = OrganisationKind::Structure;
    let association = organisation(7_102, "velo-solidaire", "Vélo solidaire", instance);
    for each in [&structure, &association] {
        assert!(organisations::insert(tx, each).await.unwrap());
        organisations::update(tx, each).await.unwrap();
    }
    hosts::insert(tx, &host(structure.id, instance))
        .await
        .unwrap();
    let offer = Offer {
        id: OfferId::from(7_004),
        host_id: HostId::from(HOST),
        number: 1,
        name: "Passer à Nextcloud".into(),
        description: "Reprise des fichiers, **deux ateliers**.".into(),
        lines: vec![Line {
            kind: LineKind::Migration,
            note: String::new(),
        }],
        software: Vec::new(),
        price_model: PriceModel::Quote,
        price_bracket: PriceBracket::Unknown,
        created_at: now,
        updated_at: now,
    };
    host_offers::insert(tx, &offer).await.unwrap();
    let both = Confirmations {
        host: Some(now),
        association: Some(now),
    };
    let accompaniment = Accompaniment {
        id: AccompanimentId::from(7_002),
        host_id: HostId::from(HOST),
        organisation_id: association.id,
        number: 1,
        state: AccompanimentState::Finished,
        declared_by: Party::Host,
        host_email: None,
        association_email: None,
        scope: Scope::default(),
        started_on: "2026-02-10".parse().unwrap(),
        ended_on: Some("2026-05-12".parse().unwrap()),
        volunteer_hours: None,
        cost_bracket: None,
        is_founding: false,
        created_at: now,
        updated_at: now,
        began: both,
        ended: both,
    };
    accompaniments::insert(tx, &accompaniment).await.unwrap();
    let it = recommendation(association.id, instance);
    recommendations::insert(tx, &it).await.unwrap();
}

fn organisation(id: i64, slug: &str, name: &str, instance: &Instance) -> Organisation {
    let now = instance.app.now();
    Organisation {
        id: OrganisationId::from(id),
        slug: slug.into(),
        name: name.into(),
        kind: OrganisationKind::Association,
        legal_form: LegalForm::Association1901,
        rna: None,
        siren: None,
        siret: None,
        commune_code: None,
        departement_code: None,
        region_code: None,
        website: None,
        created_at: now,
        updated_at: now,
        verification: Some(Verification {
            verified_at: now,
            verified_by: AccountId::from(501),
            method: VerificationMethod::Website,
            name_hash: String::new(),
        }),
    }
}

fn host(organisation: OrganisationId, instance: &Instance) -> Host {
    let now = instance.app.now();
    Host {
        id: HostId::from(HOST),
        organisation_id: organisation,
        handle: "nuage_libre".into(),
        actor_id: None,
        state: HostState::Accepted,
        capacity: Capacity::Open,
        capacity_from: None,
        capacity_said_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
        submitted_at: Some(now),
        confirmed_at: Some(now),
        suspended_at: None,
        suspension_motive: String::new(),
        is_unclaimed: false,
        import_url: None,
        listing: Listing {
            standing: Standing::Unlisted,
            counted: 0,
            listed_since: None,
            unlisted_at: None,
            settle_at: None,
        },
    }
}

fn recommendation(association: OrganisationId, instance: &Instance) -> Recommendation {
    let now = instance.app.now();
    Recommendation {
        id: RecommendationId::from(IT),
        accompaniment_id: AccompanimentId::from(7_002),
        host_id: HostId::from(HOST),
        organisation_id: association,
        number: None,
        state: RecommendationState::InReview,
        answers: Answers {
            context: "Nous étions douze, avec des fichiers partout.".into(),
            difficulty: "Personne ne savait où était la dernière version.".into(),
            work_done: "Tout a été repris en trois mois.".into(),
            can_do_now: "Quarante bénévoles partagent un <agenda> & leurs fichiers.".into(),
            could_be_better: "La visio reste lente.".into(),
        },
        author_name: "Camille".into(),
        author_role: "trésorière".into(),
        interest: String::new(),
        would_take_call: true,
        version: 1,
        created_at: now,
        updated_at: now,
        submitted_at: Some(now),
        published_at: None,
        expires_at: None,
        withdrawn_at: None,
        withdrawal_motive: String::new(),
        annulled_at: None,
        reply: String::new(),
        replied_at: None,
        uri: None,
    }
}
