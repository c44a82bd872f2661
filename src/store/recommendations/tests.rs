//! What the store tells the listing rule, on both engines.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::{
    domain::{
        accompaniment::{Accompaniment, AccompanimentState, Confirmations, Party, Scope},
        account::{Account, Role},
        host::LineKind,
        ids::{AccountId, PurposeLinkId},
        listing::Statement,
        organisation::{
            LegalForm, MembershipRole, Organisation, OrganisationKind, Verification,
            VerificationMethod,
        },
        purpose_link::{LinkPurpose, PurposeLink},
        recommendation::{Amendment, AmendmentKind, Answers, RecommendationContent},
    },
    store::{
        Store, accompaniments, accounts, memberships, organisations, purpose_links,
        testing::on_each_store,
    },
};

const HOST: i64 = 50;
const STRUCTURE: i64 = 10;
const ASSOCIATION: i64 = 20;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

fn organisation(id: i64, kind: OrganisationKind) -> Organisation {
    Organisation {
        id: OrganisationId::from(id),
        slug: format!("organisation-{id}"),
        name: format!("Organisation {id}"),
        kind,
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
    }
}

fn accompaniment(id: i64) -> Accompaniment {
    Accompaniment {
        id: AccompanimentId::from(id),
        host_id: HostId::from(HOST),
        organisation_id: OrganisationId::from(ASSOCIATION),
        number: id,
        state: AccompanimentState::Ongoing,
        declared_by: Party::Host,
        host_email: None,
        association_email: Some("bureau@asso.example".into()),
        scope: Scope {
            lines: vec![LineKind::Migration],
            text: "Déménager les fichiers.".into(),
            tools_before: vec!["Google Drive".into()],
            tools_after: vec!["nextcloud".into()],
        },
        started_on: "2026-01-05".parse().unwrap(),
        ended_on: None,
        volunteer_hours: Some(12),
        cost_bracket: None,
        is_founding: true,
        created_at: noon(),
        updated_at: noon(),
        began: Confirmations {
            host: Some(noon()),
            association: Some(noon()),
        },
        ended: Confirmations::default(),
    }
}

fn recommendation(id: i64, accompaniment: i64) -> Recommendation {
    Recommendation {
        id: RecommendationId::from(id),
        accompaniment_id: AccompanimentId::from(accompaniment),
        host_id: HostId::from(HOST),
        organisation_id: OrganisationId::from(ASSOCIATION),
        number: None,
        state: RecommendationState::Draft,
        answers: Answers::default(),
        author_name: String::new(),
        author_role: String::new(),
        interest: String::new(),
        would_take_call: false,
        version: 1,
        created_at: noon(),
        updated_at: noon(),
        submitted_at: None,
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

async fn add_account(tx: &mut Write, id: i64) -> AccountId {
    let account = Account {
        id: AccountId::from(id),
        email: format!("{id}@example.org"),
        name: format!("Personne {id}"),
        role: Role::Moderator,
        locale: "fr".into(),
        has_password: false,
        created_at: noon(),
        suspended_at: None,
    };
    accounts::insert(tx, &account).await.unwrap();
    account.id
}

/// A structure, an association, one accompaniment and its draft.
async fn begin(store: &Store) -> Write {
    const INSERT: &str = "
        INSERT INTO hosts (id, organisation_id, handle, state, capacity, version, created_at,
                           updated_at, confirmation_reminders, suspension_motive, listing, counted)
        VALUES ($1, $2, 'libre', 'accepted', 'open', 1, 0, 0, 0, '', 'unlisted', 0)";

    let mut tx = store.write().await.unwrap();
    for it in [
        organisation(STRUCTURE, OrganisationKind::Structure),
        organisation(ASSOCIATION, OrganisationKind::Association),
    ] {
        organisations::insert(&mut tx, &it).await.unwrap();
    }
    let inserted: Result<(), sqlx::Error> = on!(tx, |conn| {
        sqlx::query(INSERT)
            .bind(HOST)
            .bind(STRUCTURE)
            .execute(conn)
            .await
            .map(|_| ())
    });
    inserted.unwrap();
    accompaniments::insert(&mut tx, &accompaniment(1))
        .await
        .unwrap();
    insert(&mut tx, &recommendation(100, 1)).await.unwrap();
    tx
}

async fn review(tx: &mut Write, id: i64, account: AccountId, step: &str) {
    const INSERT: &str = "
        INSERT INTO recommendation_reviews
            (id, recommendation_id, account_id, step, motive, version, criteria, created_at)
        VALUES ($1, 100, $2, $3, '', 1, '2026-11', $4)";

    let inserted: Result<(), sqlx::Error> = on!(tx, |conn| {
        sqlx::query(INSERT)
            .bind(id)
            .bind(account)
            .bind(step)
            .bind(Micros::from(noon()))
            .execute(conn)
            .await
            .map(|_| ())
    });
    inserted.unwrap();
}

async fn statement(tx: &mut Read) -> Statement {
    let found = list_statements(tx, HostId::from(HOST)).await.unwrap();
    assert_eq!(found.len(), 1);
    found[0]
}

#[tokio::test]
async fn what_is_kept_is_read_again_as_it_was() {
    on_each_store(async |store| {
        let mut tx = begin(&store).await;
        let mut pact = accompaniment(1);
        let found = accompaniments::find(&mut tx, pact.id).await.unwrap();
        assert_eq!(found, Some(pact.clone()));
        pact.state = AccompanimentState::Finished;
        pact.ended_on = "2026-10-01".parse().ok();
        pact.ended = pact.began;
        accompaniments::update(&mut tx, &pact).await.unwrap();
        let found = accompaniments::lock(&mut tx, pact.id).await.unwrap();
        assert_eq!(found, Some(pact));
        let next = accompaniments::next_number(&mut tx, HostId::from(HOST)).await;
        assert_eq!(next.unwrap(), 2);

        let mut written = recommendation(100, 1);
        written.answers.can_do_now = "Nous partageons nos fichiers.".into();
        written.state = RecommendationState::Published;
        written.number = Some(1);
        written.published_at = Some(noon());
        written.expires_at = Some(noon() + TimeDelta::days(1_000));
        written.uri = Some("https://annonces.example/organisations/a/recommandations/1".into());
        update(&mut tx, &written).await.unwrap();
        let found = lock(&mut tx, written.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&written));
        let found = find_published(&mut tx, "organisation-20", 1).await.unwrap();
        assert_eq!(found.as_ref(), Some(&written));
        let listed = list_published_by_host(&mut tx, HostId::from(HOST), None, 10).await;
        assert_eq!(listed.unwrap(), [written.clone()]);
        let next = next_number(&mut tx, written.organisation_id).await.unwrap();
        assert_eq!(next, 2);
        let taken = insert(&mut tx, &recommendation(101, 1)).await;
        assert!(matches!(taken, Err(StoreError::Conflict)), "one each");
    })
    .await;
}

#[tokio::test]
async fn the_listing_rule_is_told_the_facts_as_they_are() {
    on_each_store(async |store| {
        let mut tx = begin(&store).await;
        let id = HostId::from(HOST);
        let found = list_statements(&mut tx, id).await.unwrap();
        assert_eq!(found, [], "a draft is no statement");

        let mut written = recommendation(100, 1);
        written.interest = "Notre trésorière y est bénévole.".into();
        written.published_at = Some(noon());
        update(&mut tx, &written).await.unwrap();
        let said = statement(&mut tx).await;
        assert!(said.has_link && !said.is_finished && !said.is_author_verified);
        assert_eq!((said.author, said.approvals), (written.organisation_id, 0));

        let mut pact = accompaniment(1);
        pact.state = AccompanimentState::Finished;
        pact.ended = pact.began;
        accompaniments::update(&mut tx, &pact).await.unwrap();
        let (one, two, three) = (
            add_account(&mut tx, 1).await,
            add_account(&mut tx, 2).await,
            add_account(&mut tx, 3).await,
        );
        let mut association = organisation(ASSOCIATION, OrganisationKind::Association);
        association.verification = Some(Verification {
            verified_at: noon(),
            verified_by: one,
            method: VerificationMethod::Rna,
            name_hash: "hash".into(),
        });
        organisations::update(&mut tx, &association).await.unwrap();
        review(&mut tx, 1, one, "approved").await;
        review(&mut tx, 2, one, "approved").await;
        let said = statement(&mut tx).await;
        assert!(said.is_finished && said.is_author_verified);
        assert_eq!(said.approvals, 1, "twice the same person");
        review(&mut tx, 3, two, "approved").await;
        assert_eq!(statement(&mut tx).await.approvals, 2);
        review(&mut tx, 4, two, "recused").await;
        assert_eq!(
            statement(&mut tx).await.approvals,
            1,
            "who withdrew from the case"
        );
        let role = MembershipRole::Editor;
        memberships::insert(
            &mut tx,
            OrganisationId::from(STRUCTURE),
            three,
            role,
            noon(),
        )
        .await
        .unwrap();
        review(&mut tx, 5, three, "approved").await;
        assert_eq!(
            statement(&mut tx).await.approvals,
            1,
            "a member of either side"
        );
        review(&mut tx, 6, one, "link-set-aside").await;
        assert!(!statement(&mut tx).await.has_link);

        written.version = next_version(&mut tx, written.id).await.unwrap();
        assert_eq!(written.version, 2);
        update(&mut tx, &written).await.unwrap();
        assert_eq!(statement(&mut tx).await.approvals, 0, "other words");
    })
    .await;
}

#[tokio::test]
async fn an_amendment_waits_beside_what_readers_see() {
    on_each_store(async |store| {
        let mut tx = begin(&store).await;
        let id = RecommendationId::from(100);
        let mut amendment = Amendment {
            recommendation_id: id,
            kind: AmendmentKind::Edit,
            version: 2,
            content: RecommendationContent {
                author_name: "Monique".into(),
                would_take_call: true,
                ..RecommendationContent::default()
            },
            submitted_at: noon(),
        };
        save_amendment(&mut tx, &amendment).await.unwrap();
        amendment.kind = AmendmentKind::Renewal;
        save_amendment(&mut tx, &amendment).await.unwrap();
        let found = find_amendment(&mut tx, id).await.unwrap();
        assert_eq!(
            found.as_ref(),
            Some(&amendment),
            "the last one replaces the first"
        );
        assert_eq!(count_in_review(&mut tx).await.unwrap(), 1);
        let listed = list_amendments(&mut tx, None, 10).await.unwrap();
        assert_eq!(listed, [amendment]);
        let after = list_amendments(&mut tx, Some(id), 10).await.unwrap();
        assert_eq!(after, []);

        let revision = RevisionId::from(7);
        let said = Answers {
            context: "Avant.".into(),
            ..Answers::default()
        };
        insert_revision(&mut tx, revision, id, &said, noon())
            .await
            .unwrap();
        let history = list_revisions(&mut tx, id, 10).await.unwrap();
        assert_eq!(history, [(noon(), said)]);
        delete_amendment(&mut tx, id).await.unwrap();
        assert_eq!(find_amendment(&mut tx, id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_author_is_reminded_once_of_each_term() {
    on_each_store(async |store| {
        let mut tx = begin(&store).await;
        let mut written = recommendation(100, 1);
        written.state = RecommendationState::Published;
        written.published_at = Some(noon());
        written.expires_at = Some(noon() + TimeDelta::days(50));
        update(&mut tx, &written).await.unwrap();
        let soon = noon() + TimeDelta::days(60);
        let due = list_to_remind(&mut tx, noon(), soon, 10).await.unwrap();
        assert_eq!(due.len(), 1);
        mark_expiry_reminded(&mut tx, written.id, noon())
            .await
            .unwrap();
        update(&mut tx, &written).await.unwrap();
        let due = list_to_remind(&mut tx, noon(), soon, 10).await.unwrap();
        assert_eq!(due, [], "the same term");
        written.expires_at = Some(noon() + TimeDelta::days(55));
        update(&mut tx, &written).await.unwrap();
        let due = list_to_remind(&mut tx, noon(), soon, 10).await.unwrap();
        assert_eq!(due.len(), 1, "another term");
        let over = noon() + TimeDelta::days(56);
        let due = list_to_remind(&mut tx, over, over + TimeDelta::days(60), 10).await;
        assert_eq!(due.unwrap(), [], "what is over is not reminded");
    })
    .await;
}

#[tokio::test]
async fn a_link_serves_its_purpose_until_it_is_used_taken_back_or_too_old() {
    on_each_store(async |store| {
        let mut tx = store.write().await.unwrap();
        let link = |id: i64, subject| PurposeLink {
            id: PurposeLinkId::from(id),
            purpose: LinkPurpose::Recommendation,
            subject,
            email: "bureau@asso.example".into(),
            created_at: noon(),
            expires_at: noon() + TimeDelta::days(1),
        };
        for (id, subject) in [(1, 100), (2, 100), (3, 200)] {
            let hash = format!("hash-{id}");
            purpose_links::insert(&mut tx, &link(id, subject), &hash)
                .await
                .unwrap();
        }
        let purpose = LinkPurpose::Recommendation;
        let kept = purpose_links::find(&mut tx, "hash-1", purpose)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((kept.link, kept.used_at), (link(1, 100), None));
        let other = LinkPurpose::Capacity;
        assert_eq!(
            purpose_links::find(&mut tx, "hash-1", other).await.unwrap(),
            None
        );

        let first = PurposeLinkId::from(1);
        assert!(purpose_links::use_up(&mut tx, first, noon()).await.unwrap());
        assert!(!purpose_links::use_up(&mut tx, first, noon()).await.unwrap());
        let late = noon() + TimeDelta::days(1);
        let second = PurposeLinkId::from(2);
        assert!(!purpose_links::use_up(&mut tx, second, late).await.unwrap());
        let revoked = purpose_links::revoke_all(&mut tx, purpose, 100, noon()).await;
        assert_eq!(revoked.unwrap(), 1, "the one that was not used");
        let usable = purpose_links::has_usable(&mut tx, purpose, 100, noon()).await;
        assert!(!usable.unwrap());
        let usable = purpose_links::has_usable(&mut tx, purpose, 200, noon()).await;
        assert!(usable.unwrap());
        let sent = purpose_links::count_to_address(&mut tx, "bureau@asso.example", late).await;
        assert_eq!(sent.unwrap(), 0);
    })
    .await;
}
