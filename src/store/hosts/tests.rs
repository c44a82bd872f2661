//! Stories of structures, on both engines.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::{
    domain::{
        host::{
            HostField, HostProfile, HostRole, HostStep, Line, LineKind, Offer, PriceBracket,
            PriceModel, Source, Sourced,
        },
        ids::{OfferId, ReviewId},
        organisation::{LegalForm, Organisation, OrganisationKind},
        territory::Territory,
    },
    store::{Store, host_fields, host_offers, host_reviews, organisations, testing::on_each_store},
};

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

/// A structure that begins, of an organisation that is not stored.
pub(crate) fn draft(id: i64, organisation: OrganisationId, handle: &str) -> Host {
    Host {
        id: HostId::from(id),
        organisation_id: organisation,
        handle: handle.to_owned(),
        actor_id: None,
        state: HostState::Draft,
        capacity: Capacity::Open,
        capacity_from: None,
        capacity_said_at: Some(noon()),
        version: 1,
        created_at: noon(),
        updated_at: noon(),
        submitted_at: None,
        confirmed_at: None,
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

async fn add_organisation(tx: &mut Write, id: i64) -> OrganisationId {
    let organisation = Organisation {
        id: OrganisationId::from(id),
        slug: format!("organisation-{id}"),
        name: format!("Organisation {id}"),
        kind: OrganisationKind::Structure,
        legal_form: LegalForm::Association1901,
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
    };
    assert!(organisations::insert(tx, &organisation).await.unwrap());
    organisation.id
}

async fn add(store: &Store, id: i64) -> Host {
    let mut tx = store.write().await.unwrap();
    let organisation = add_organisation(&mut tx, id).await;
    let host = draft(id, organisation, &format!("chaton_{id}"));
    insert(&mut tx, &host).await.unwrap();
    tx.commit().await.unwrap();
    host
}

#[tokio::test]
async fn a_structure_is_found_as_it_was_kept() {
    on_each_store(async |store| {
        let mut host = add(&store, 7).await;
        let mut tx = store.write().await.unwrap();
        assert_eq!(find(&mut tx, host.id).await.unwrap(), Some(host.clone()));
        assert_eq!(lock(&mut tx, host.id).await.unwrap(), Some(host.clone()));

        host.state = HostState::Accepted;
        host.capacity = Capacity::Full;
        host.capacity_from = Some("2027-02".into());
        host.version = 4;
        host.updated_at = noon() + TimeDelta::days(1);
        host.submitted_at = Some(noon());
        host.confirmed_at = Some(noon());
        host.suspended_at = Some(noon());
        host.suspension_motive = "Plus personne ne répond.".into();
        host.import_url = Some("https://chaton.example/chaton.properties".into());
        host.listing = Listing {
            standing: Standing::Notice,
            counted: 2,
            listed_since: Some(noon()),
            unlisted_at: Some(noon()),
            settle_at: Some(noon() + TimeDelta::days(60)),
        };
        update(&mut tx, &host).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = store.read().await.unwrap();
        let found = [
            find_by_handle(&mut tx, "chaton_7").await.unwrap(),
            find_by_organisation(&mut tx, host.organisation_id)
                .await
                .unwrap(),
        ];
        assert_eq!(found, [Some(host.clone()), Some(host.clone())]);
        assert_eq!(find_by_handle(&mut tx, "chaton_8").await.unwrap(), None);
        let due = list_to_settle(&mut tx, noon() + TimeDelta::days(60), 10);
        assert_eq!(due.await.unwrap(), [host.id]);
        let due = list_to_settle(&mut tx, noon() + TimeDelta::days(59), 10);
        assert_eq!(due.await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_organisation_has_one_structure_and_a_handle_is_given_once() {
    on_each_store(async |store| {
        let host = add(&store, 1).await;
        let mut tx = store.write().await.unwrap();
        let again = draft(2, host.organisation_id, "autre");
        let refused = insert(&mut tx, &again).await;
        assert!(matches!(refused, Err(StoreError::Conflict)));
        drop(tx);

        let mut tx = store.write().await.unwrap();
        let other = add_organisation(&mut tx, 3).await;
        let refused = insert(&mut tx, &draft(3, other, "chaton_1")).await;
        assert!(matches!(refused, Err(StoreError::Conflict)));
    })
    .await;
}

#[tokio::test]
async fn a_field_keeps_its_source_and_its_dates() {
    on_each_store(async |store| {
        let host = add(&store, 1).await;
        let profile = HostProfile {
            presentation: "Nous hébergeons « tout ».".into(),
            roles: vec![HostRole::Hosts],
            territories: vec![Territory::parse("departement:29").unwrap()],
            ..HostProfile::default()
        };
        let typed = |field| Sourced::typed(profile.field(field), noon());
        let imported = Sourced {
            value: profile.field(HostField::Roles),
            source: Source::Imported,
            source_url: Some("https://chaton.example/".into()),
            set_at: noon() - TimeDelta::days(3),
            confirmed_at: noon(),
        };
        let mut tx = store.write().await.unwrap();
        for field in [HostField::Presentation, HostField::Territories] {
            let value = typed(field);
            host_fields::save(&mut tx, host.id, field, &value)
                .await
                .unwrap();
        }
        host_fields::save(&mut tx, host.id, HostField::Roles, &imported)
            .await
            .unwrap();
        let read = host_fields::read_profile(&mut tx, host.id).await.unwrap();
        assert_eq!(read.profile, profile);
        let roles = read.source_of(HostField::Roles).unwrap();
        assert_eq!(*roles, imported.clone().map(|_| ()));
        assert_eq!(read.source_of(HostField::Course), None);

        let later = noon() + TimeDelta::days(9);
        host_fields::confirm_all(&mut tx, host.id, later)
            .await
            .unwrap();
        let read = host_fields::read_profile(&mut tx, host.id).await.unwrap();
        let roles = read.source_of(HostField::Roles).unwrap();
        assert_eq!((roles.set_at, roles.confirmed_at), (imported.set_at, later));
    })
    .await;
}

fn offer(host: HostId, number: i64) -> Offer {
    Offer {
        id: OfferId::from(number),
        host_id: host,
        number,
        name: format!("Offre {number}"),
        description: "Tout **compris**".into(),
        lines: vec![Line {
            kind: LineKind::Support,
            note: "par téléphone".into(),
        }],
        software: vec!["nextcloud".into()],
        price_model: PriceModel::Quote,
        price_bracket: PriceBracket::Unknown,
        created_at: noon(),
        updated_at: noon(),
    }
}

#[tokio::test]
async fn the_number_of_an_offer_is_never_given_again() {
    on_each_store(async |store| {
        let host = add(&store, 1).await;
        let mut tx = store.write().await.unwrap();
        for expected in 1..=2 {
            let number = host_offers::take_number(&mut tx, host.id).await.unwrap();
            assert_eq!(number, expected);
            host_offers::insert(&mut tx, &offer(host.id, number))
                .await
                .unwrap();
        }
        let mut second = offer(host.id, 2);
        second.name = "Autre nom".into();
        second.lines.clear();
        host_offers::update(&mut tx, &second).await.unwrap();
        let listed = host_offers::list(&mut tx, host.id).await.unwrap();
        assert_eq!(listed, [offer(host.id, 1), second.clone()]);

        host_offers::delete(&mut tx, second.id).await.unwrap();
        assert_eq!(host_offers::find(&mut tx, host.id, 2).await.unwrap(), None);
        let number = host_offers::take_number(&mut tx, host.id).await.unwrap();
        assert_eq!(number, 3);
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_told_in_order() {
    on_each_store(async |store| {
        let host = add(&store, 1).await;
        let mut tx = store.write().await.unwrap();
        let steps = [
            (HostStep::Submitted, ""),
            (HostStep::Archived, "Sans nouvelles"),
        ];
        for (id, step) in (1_i64..).zip(steps) {
            let id = ReviewId::from(id);
            host_reviews::insert(&mut tx, id, host.id, None, step, noon())
                .await
                .unwrap();
        }
        let told = host_reviews::list_by_host(&mut tx, host.id, 10)
            .await
            .unwrap();
        let told: Vec<_> = told
            .iter()
            .map(|it| (it.step, it.motive.as_str()))
            .collect();
        assert_eq!(told, steps);
        assert_eq!(count_submitted(&mut tx).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn those_who_were_not_heard_for_a_year_are_asked_once_a_month() {
    on_each_store(async |store| {
        let mut host = add(&store, 1).await;
        let mut tx = store.write().await.unwrap();
        host.state = HostState::Accepted;
        host.confirmed_at = Some(noon());
        update(&mut tx, &host).await.unwrap();
        let month = TimeDelta::days(30);
        let none = list_silent(&mut tx, noon() - month, noon(), 10);
        assert_eq!(none.await.unwrap(), []);
        for asked in 0..2 {
            let found = list_silent(&mut tx, noon(), noon() + month * asked, 10);
            let silent = Silent {
                id: host.id,
                asked: i64::from(asked),
            };
            assert_eq!(found.await.unwrap(), [silent]);
            let at = Some(noon() + month * (asked + 1));
            note_confirmation_asked(&mut tx, host.id, at).await.unwrap();
        }
        let too_early = list_silent(&mut tx, noon(), noon() + month, 10);
        assert_eq!(too_early.await.unwrap(), []);
        note_confirmation_asked(&mut tx, host.id, None)
            .await
            .unwrap();
        let found = list_silent(&mut tx, noon(), noon(), 10).await.unwrap();
        assert_eq!(found.iter().map(|it| it.asked).collect::<Vec<_>>(), [0]);
    })
    .await;
}

#[tokio::test]
async fn capacity_is_asked_to_those_of_the_directory_and_ends_with_its_month() {
    on_each_store(async |store| {
        let mut host = add(&store, 1).await;
        let mut tx = store.write().await.unwrap();
        let before = noon() + TimeDelta::days(1);
        assert_eq!(
            list_capacity_due(&mut tx, before, 10).await.unwrap(),
            [],
            "it is not in the directory"
        );
        host.listing.standing = Standing::Listed;
        host.capacity = Capacity::Full;
        host.capacity_from = Some("2027-02".into());
        update(&mut tx, &host).await.unwrap();
        let due = list_capacity_due(&mut tx, before, 10).await.unwrap();
        assert_eq!(due, [host.id]);
        note_capacity_asked(&mut tx, host.id, before + TimeDelta::days(1))
            .await
            .unwrap();
        assert_eq!(list_capacity_due(&mut tx, before, 10).await.unwrap(), []);

        let early = list_to_reopen(&mut tx, "2027-01", 10).await.unwrap();
        assert_eq!(early, []);
        let come = list_to_reopen(&mut tx, "2027-02", 10).await.unwrap();
        assert_eq!(come, [host.id]);
    })
    .await;
}

#[tokio::test]
async fn an_imported_profile_is_unclaimed_until_its_structure_takes_it_over() {
    on_each_store(async |store| {
        let mut tx = store.write().await.unwrap();
        let organisation = add_organisation(&mut tx, 1).await;
        let mut host = draft(1, organisation, "importe");
        host.is_unclaimed = true;
        insert(&mut tx, &host).await.unwrap();
        assert_eq!(find_unclaimed_email(&mut tx, host.id).await.unwrap(), None);
        set_unclaimed_email(&mut tx, host.id, "contact@chaton.example")
            .await
            .unwrap();
        let email = find_unclaimed_email(&mut tx, host.id).await.unwrap();
        assert_eq!(email.as_deref(), Some("contact@chaton.example"));
        assert_eq!(find(&mut tx, host.id).await.unwrap(), Some(host.clone()));

        host.is_unclaimed = false;
        update(&mut tx, &host).await.unwrap();
        assert_eq!(find(&mut tx, host.id).await.unwrap(), Some(host));
    })
    .await;
}
