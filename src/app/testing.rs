//! Instances for tests of use cases.

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, Clock, Who, recommendations::review};
use crate::{
    config::Settings,
    domain::{
        accompaniment::{Accompaniment, AccompanimentState, Confirmations, Party, Scope},
        account::{Account, Role},
        host::{
            Capacity, Host, HostState, Line, LineKind, Listing, Offer, PriceBracket, PriceModel,
        },
        ids::{HostId, OrganisationId},
        listing::Standing,
        organisation::{LegalForm, MembershipRole, Organisation, OrganisationKind},
        recommendation::{Answers, Recommendation, RecommendationState},
    },
    store::{
        accompaniments, accounts, host_offers, hosts, memberships, organisations, recommendations,
        testing::on_each_engine,
    },
};

/// When the stories begin: 2026-11-22T12:00:00Z.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

/// Plays a story on a fresh instance, on each engine. Its clock is moved by hand.
pub(crate) async fn on_each_app(story: impl AsyncFn(App)) {
    on_each_engine(async |database| {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Settings {
            public_url: "https://annonces.example".into(),
            data_dir: directory.path().join("data").display().to_string(),
            database_url: format!("sqlite:{}", directory.path().join("unused.db").display()),
            ..Settings::default()
        }
        .check()
        .unwrap();
        config.database = database;
        let app = App::start(config, Clock::manual(noon())).await.unwrap();
        story(app.clone()).await;
        app.stop().await;
    })
    .await;
}

/// Somebody who signs in with a browser.
pub(crate) async fn add_person(app: &App, email: &str, role: Role) -> Who {
    let account = Account {
        id: app.next_id(),
        email: email.to_owned(),
        name: email.split('@').next().unwrap().to_owned(),
        role,
        locale: "fr".to_owned(),
        has_password: false,
        created_at: app.now(),
        suspended_at: None,
    };
    let mut tx = app.store().write().await.unwrap();
    accounts::insert(&mut tx, &account).await.unwrap();
    tx.commit().await.unwrap();
    Who::Person(Box::new(account))
}

/// An association, and somebody who administers it.
pub(crate) async fn add_association(app: &App, slug: &str) -> (OrganisationId, Who) {
    let who = add_person(app, &format!("{slug}@example.org"), Role::Member).await;
    let organisation = Organisation {
        id: app.next_id(),
        slug: slug.to_owned(),
        name: format!("Association {slug}"),
        kind: OrganisationKind::Association,
        legal_form: LegalForm::Association1901,
        rna: None,
        siren: None,
        siret: None,
        commune_code: None,
        departement_code: Some("29".to_owned()),
        region_code: Some("53".to_owned()),
        website: None,
        created_at: app.now(),
        updated_at: app.now(),
        verification: None,
    };
    let mut tx = app.store().write().await.unwrap();
    organisations::insert(&mut tx, &organisation).await.unwrap();
    let account = who.account_id().unwrap();
    let role = MembershipRole::Administrator;
    memberships::insert(&mut tx, organisation.id, account, role, app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (organisation.id, who)
}

/// An organisation with mail at a domain of its own, and somebody who administers it.
pub(crate) async fn add_party(
    app: &App,
    slug: &str,
    kind: OrganisationKind,
) -> (OrganisationId, Who) {
    let who = add_person(app, &format!("bureau@{slug}.example"), Role::Member).await;
    let organisation = Organisation {
        id: app.next_id(),
        slug: slug.to_owned(),
        name: format!("Organisation {slug}"),
        kind,
        legal_form: LegalForm::Association1901,
        rna: None,
        siren: None,
        siret: None,
        commune_code: None,
        departement_code: None,
        region_code: None,
        website: None,
        created_at: app.now(),
        updated_at: app.now(),
        verification: None,
    };
    let mut tx = app.store().write().await.unwrap();
    organisations::insert(&mut tx, &organisation).await.unwrap();
    let account = who.account_id().unwrap();
    let role = MembershipRole::Administrator;
    memberships::insert(&mut tx, organisation.id, account, role, app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (organisation.id, who)
}

/// A structure that moderators accepted, with an offer that includes accompaniment.
pub(crate) async fn add_structure(app: &App, handle: &str) -> (Host, Who) {
    let (organisation_id, who) = add_party(app, handle, OrganisationKind::Structure).await;
    let now = app.now();
    let host = Host {
        id: app.next_id(),
        organisation_id,
        handle: handle.to_owned(),
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
    };
    let mut tx = app.store().write().await.unwrap();
    hosts::insert(&mut tx, &host).await.unwrap();
    host_offers::insert(&mut tx, &accompanying_offer(app, host.id))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (host, who)
}

/// An offer that makes a structure a candidate.
pub(crate) fn accompanying_offer(app: &App, host_id: HostId) -> Offer {
    Offer {
        id: app.next_id(),
        host_id,
        number: 1,
        name: "Migration accompagnée".to_owned(),
        description: String::new(),
        lines: vec![Line {
            kind: LineKind::Migration,
            note: String::new(),
        }],
        software: Vec::new(),
        price_model: PriceModel::Quote,
        price_bracket: PriceBracket::Unknown,
        created_at: app.now(),
        updated_at: app.now(),
    }
}

/// A recommendation that waits for moderators, about an accompaniment that both sides confirmed.
pub(crate) async fn add_recommendation(
    app: &App,
    host: &Host,
    association: OrganisationId,
) -> Recommendation {
    let now = app.now();
    let said = Confirmations {
        host: Some(now),
        association: Some(now),
    };
    let mut tx = app.store().write().await.unwrap();
    let accompaniment = Accompaniment {
        id: app.next_id(),
        host_id: host.id,
        organisation_id: association,
        number: accompaniments::next_number(&mut tx, host.id).await.unwrap(),
        state: AccompanimentState::Finished,
        declared_by: Party::Host,
        host_email: None,
        association_email: None,
        scope: Scope::default(),
        started_on: app.today() - TimeDelta::days(90),
        ended_on: Some(app.today()),
        volunteer_hours: None,
        cost_bracket: None,
        is_founding: false,
        created_at: now,
        updated_at: now,
        began: said,
        ended: said,
    };
    accompaniments::insert(&mut tx, &accompaniment)
        .await
        .unwrap();
    let recommendation = Recommendation {
        id: app.next_id(),
        accompaniment_id: accompaniment.id,
        host_id: host.id,
        organisation_id: association,
        number: None,
        state: RecommendationState::InReview,
        answers: Answers {
            context: "Douze bénévoles, aucun salarié.".to_owned(),
            work_done: "Trois ateliers, puis le déménagement.".to_owned(),
            can_do_now: "Nous partageons nos fichiers entre nous.".to_owned(),
            ..Answers::default()
        },
        author_name: "Monique B.".to_owned(),
        author_role: "présidente".to_owned(),
        interest: String::new(),
        would_take_call: false,
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
    };
    recommendations::insert(&mut tx, &recommendation)
        .await
        .unwrap();
    review::enter(app, &mut tx, &Who::System, &recommendation, 1)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    recommendation
}
