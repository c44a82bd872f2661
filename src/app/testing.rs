//! Instances for tests of use cases.

use chrono::{DateTime, Utc};

use super::{App, Clock, Who};
use crate::{
    config::Settings,
    domain::{
        account::{Account, Role},
        ids::OrganisationId,
        organisation::{LegalForm, MembershipRole, Organisation, OrganisationKind},
    },
    store::{accounts, memberships, organisations, testing::on_each_engine},
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
