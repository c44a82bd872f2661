//! The life of ads, told through the use cases on both databases.

use chrono::TimeDelta;

use super::{indexing, life, publication, reading, review, terms, writing};
use crate::{
    app::{
        App, AppError, Who, actors, housekeeping,
        testing::{add_association, add_person, on_each_app},
    },
    domain::{
        account::Role,
        ad::{AdInput, AdState},
        ids::{AdId, OrganisationId},
        outbound::Outbound,
    },
    store::{
        ad_listing,
        deliveries::{self, NewDelivery},
        outbox, posts,
    },
};
use life::MilestoneInput;
use publication::Submission;
use reading::Search;
use review::Decision;

fn complete() -> AdInput {
    AdInput {
        kind: "feature".into(),
        title: "Agenda partagé pour nos bénévoles".into(),
        need: "Nos bénévoles ont besoin de voir les permanences sur leur téléphone.".into(),
        software: "Paheko".into(),
        licence: "AGPL-3.0-or-later".into(),
        territory: "departement:29".into(),
        hashtags: "#libre #agenda".into(),
        ..AdInput::default()
    }
}

fn titled(title: &str) -> AdInput {
    AdInput {
        title: title.into(),
        ..complete()
    }
}

async fn publish(app: &App, who: &Who, organisation: OrganisationId, input: &AdInput) -> AdId {
    let id = writing::create(app, who, organisation, input)
        .await
        .unwrap();
    if publication::submit(app, who, id, "").await.unwrap() == Submission::InReview {
        let moderator = moderator(app).await;
        review::decide(app, &moderator, id, Decision::Approve)
            .await
            .unwrap();
    }
    id
}

async fn moderator(app: &App) -> Who {
    let number: AdId = app.next_id();
    add_person(app, &format!("m{number}@example.org"), Role::Moderator).await
}

async fn number_of(app: &App, who: &Who, id: AdId) -> i64 {
    reading::show_workshop(app, who, id)
        .await
        .unwrap()
        .ad
        .number
        .unwrap()
}

async fn found(app: &App, search: Search) -> Vec<String> {
    let listing = reading::list(app, &search).await.unwrap();
    listing
        .ads
        .into_iter()
        .map(|listed| listed.ad.content.title)
        .collect()
}

/// Invariant 6 of the product: nothing public without a human decision for the first two ads.
#[tokio::test]
async fn the_first_two_ads_of_an_organisation_wait_for_a_moderator_and_the_third_does_not() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let judge = moderator(&app).await;
        for expected in [
            Submission::InReview,
            Submission::InReview,
            Submission::Published,
        ] {
            let id = writing::create(&app, &author, organisation, &complete())
                .await
                .unwrap();
            let submission = publication::submit(&app, &author, id, "").await.unwrap();
            assert_eq!(submission, expected);
            if submission == Submission::InReview {
                let shown = reading::show_workshop(&app, &author, id).await.unwrap();
                assert_eq!(shown.ad.number, None, "nothing is public yet");
                review::decide(&app, &judge, id, Decision::Approve)
                    .await
                    .unwrap();
            }
        }
        assert_eq!(
            reading::list(&app, &Search::default()).await.unwrap().total,
            3
        );
    })
    .await;
}

#[tokio::test]
async fn a_refusal_has_a_motive_can_be_answered_and_is_decided_again() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let judge = moderator(&app).await;
        let id = writing::create(&app, &author, organisation, &complete())
            .await
            .unwrap();
        publication::submit(&app, &author, id, "").await.unwrap();
        let without = Decision::Refuse {
            motive: "non".into(),
        };
        assert!(matches!(
            review::decide(&app, &judge, id, without).await,
            Err(AppError::Invalid(_))
        ));
        let motive = "Le besoin n’est pas assez décrit pour qu’on y réponde.";
        let refusal = Decision::Refuse {
            motive: motive.into(),
        };
        review::decide(&app, &judge, id, refusal).await.unwrap();
        let again = publication::submit(&app, &author, id, "Nous avons précisé.")
            .await
            .unwrap();
        assert_eq!(again, Submission::InReview);
        let steps = review::conversation(&app, &author, id).await.unwrap();
        let motives: Vec<_> = steps.iter().map(|step| step.motive.as_str()).collect();
        assert_eq!(motives, ["", motive, "Nous avons précisé."]);
        assert!(
            steps.iter().all(|step| !step.author.starts_with('m')),
            "moderators have no name"
        );
        review::decide(&app, &judge, id, Decision::Approve)
            .await
            .unwrap();
        let decided = review::decide(&app, &judge, id, Decision::Approve).await;
        assert!(
            matches!(decided, Err(AppError::Conflict(_))),
            "a decision is taken once"
        );
    })
    .await;
}

/// Architecture, invariant 1: the change and what it says to others are kept together.
#[tokio::test]
async fn a_publication_says_create_and_announce_and_a_failed_one_says_nothing() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let empty = AdInput {
            need: String::new(),
            ..complete()
        };
        let draft = writing::create(&app, &author, organisation, &empty)
            .await
            .unwrap();
        assert!(matches!(
            publication::submit(&app, &author, draft, "").await,
            Err(AppError::Invalid(_))
        ));
        let id = publish(&app, &author, organisation, &complete()).await;
        let number = number_of(&app, &author, id).await;
        let page = reading::show(&app, number).await.unwrap();
        let post = page.posts.first().unwrap().id;
        let mut tx = app.store().read().await.unwrap();
        let created = outbox::find_by_event(&mut tx, page.actor.id, &Outbound::Create { post })
            .await
            .unwrap();
        assert!(created.is_some());
        let everything = actors::find_by_handle(&app, "annonces")
            .await
            .unwrap()
            .unwrap();
        let announce = Outbound::Announce { post };
        assert!(
            outbox::find_by_event(&mut tx, everything.id, &announce)
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(posts::count(&mut tx).await.unwrap(), 1);
        assert_eq!(
            page.actor.uri,
            format!(
                "https://annonces.example/annonces/{}",
                page.ad.address().unwrap()
            )
        );
        assert_eq!(page.actor.handle, format!("annonce_{number}"));
    })
    .await;
}

#[tokio::test]
async fn an_edit_made_from_an_older_version_is_refused_and_a_public_one_keeps_its_history() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let id = publish(&app, &author, organisation, &complete()).await;
        let before = reading::show_workshop(&app, &author, id).await.unwrap().ad;
        let edited = writing::save(
            &app,
            &author,
            id,
            before.version,
            &titled("Un agenda partagé et accessible"),
        )
        .await
        .unwrap();
        assert_eq!(edited.slug, before.slug, "the address does not change");
        let stale = writing::save(
            &app,
            &author,
            id,
            before.version,
            &titled("Autre chose encore"),
        )
        .await;
        assert!(matches!(stale, Err(AppError::Conflict(_))));
        let number = edited.number.unwrap();
        let page = reading::show(&app, number).await.unwrap();
        let announcement = page.posts.first().unwrap();
        assert!(announcement.updated_at > announcement.published_at);
        let mut tx = app.store().read().await.unwrap();
        let history = crate::store::ads::list_revisions(&mut tx, id, 10)
            .await
            .unwrap();
        let titles: Vec<_> = history
            .iter()
            .map(|edit| edit.content.title.as_str())
            .collect();
        assert_eq!(titles, ["Agenda partagé pour nos bénévoles"]);
    })
    .await;
}

#[tokio::test]
async fn a_milestone_opens_the_next_state_and_cannot_go_back_in_time() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let id = publish(&app, &author, organisation, &complete()).await;
        let told = |kind: &str, day: &str| MilestoneInput {
            kind: kind.into(),
            reached_on: day.into(),
            text: "Trois associations nous ont rejoints.".into(),
        };
        for (kind, day) in [
            ("gathering", "2020-01-01"),
            ("gathering", "2099-01-01"),
            ("closed-up", ""),
        ] {
            let refused = life::add_milestone(&app, &author, id, &told(kind, day)).await;
            assert!(matches!(refused, Err(AppError::Invalid(_))), "{kind} {day}");
        }
        life::add_milestone(&app, &author, id, &told("gathering", ""))
            .await
            .unwrap();
        life::add_milestone(&app, &author, id, &told("delivered", ""))
            .await
            .unwrap();
        let late = life::add_milestone(&app, &author, id, &told("gathering", "")).await;
        assert!(
            matches!(late, Err(AppError::Invalid(_))),
            "what is delivered stays delivered"
        );
        let number = number_of(&app, &author, id).await;
        let page = reading::show(&app, number).await.unwrap();
        assert_eq!(page.ad.state, AdState::Delivered);
        assert_eq!(page.ad.ended_at, Some(app.now()));
        assert_eq!(page.milestones.len(), 2);
        life::tell_outcome(&app, &author, id, "Utilisé par huit associations.")
            .await
            .unwrap();
    })
    .await;
}

/// Invariant 10 of the product: deletion travels and leaves a dated notice.
#[tokio::test]
async fn a_withdrawn_ad_is_gone_for_readers_and_its_posts_and_actor_are_deleted() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let id = publish(&app, &author, organisation, &complete()).await;
        let number = number_of(&app, &author, id).await;
        let actor = reading::show(&app, number).await.unwrap().actor;
        app.clock().advance(TimeDelta::days(3));
        life::withdraw(&app, &author, id).await.unwrap();
        match reading::show(&app, number).await {
            Err(AppError::Gone { since, .. }) => assert_eq!(since, app.now()),
            other => panic!("{other:?}"),
        }
        assert!(
            found(
                &app,
                Search {
                    status: "all".into(),
                    ..Search::default()
                }
            )
            .await
            .is_empty()
        );
        assert!(
            found(
                &app,
                Search {
                    q: "agenda".into(),
                    ..Search::default()
                }
            )
            .await
            .is_empty()
        );
        let mut tx = app.store().read().await.unwrap();
        let deleted = outbox::find_by_event(&mut tx, actor.id, &Outbound::DeleteActor)
            .await
            .unwrap();
        assert!(deleted.is_some());
        // its key stays readable until its last messages are out
        assert!(actors::show(&app, &actor.uri).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_organisation_is_reminded_twice_then_its_ad_expires_and_can_be_renewed() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let id = publish(&app, &author, organisation, &complete()).await;
        let expires = reading::show_workshop(&app, &author, id)
            .await
            .unwrap()
            .ad
            .expires_at
            .unwrap();
        assert_eq!(terms::remind(&app).await.unwrap(), 0);
        app.clock()
            .advance(expires - app.now() - TimeDelta::days(29));
        assert_eq!(terms::remind(&app).await.unwrap(), 1, "thirty days before");
        assert_eq!(terms::remind(&app).await.unwrap(), 0, "once");
        app.clock().advance(TimeDelta::days(23));
        assert_eq!(terms::remind(&app).await.unwrap(), 1, "seven days before");
        assert_eq!(terms::remind(&app).await.unwrap(), 0, "once");
        assert_eq!(terms::expire(&app).await.unwrap(), 0);
        app.clock().advance(TimeDelta::days(7));
        assert_eq!(terms::expire(&app).await.unwrap(), 1);
        assert_eq!(terms::expire(&app).await.unwrap(), 0);
        let state = async || {
            reading::show_workshop(&app, &author, id)
                .await
                .unwrap()
                .ad
                .state
        };
        assert_eq!(state().await, AdState::Expired);
        life::renew(&app, &author, id).await.unwrap();
        assert_eq!(state().await, AdState::Open);
    })
    .await;
}

/// Architecture, invariant 3: deny by default.
#[tokio::test]
async fn nobody_else_touches_the_ad_of_an_organisation() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let (_, stranger) = add_association(&app, "autre").await;
        let draft = writing::create(&app, &author, organisation, &complete())
            .await
            .unwrap();
        let others = [stranger, moderator(&app).await, Who::Anonymous, Who::System];
        for who in &others {
            assert!(
                writing::create(&app, who, organisation, &complete())
                    .await
                    .is_err()
            );
            assert!(
                writing::save(&app, who, draft, 1, &titled("Titre changé par autrui"))
                    .await
                    .is_err()
            );
            assert!(writing::delete_draft(&app, who, draft).await.is_err());
            assert!(publication::submit(&app, who, draft, "").await.is_err());
            assert!(life::withdraw(&app, who, draft).await.is_err());
            assert!(life::renew(&app, who, draft).await.is_err());
        }
        let [stranger, ..] = &others;
        assert!(reading::show_workshop(&app, stranger, draft).await.is_err());
        assert!(
            review::decide(&app, &author, draft, Decision::Approve)
                .await
                .is_err()
        );
        let kept = reading::show_workshop(&app, &author, draft)
            .await
            .unwrap()
            .ad;
        assert_eq!(kept.version, 1);
    })
    .await;
}

#[tokio::test]
async fn filters_search_and_counts_agree_whatever_the_database() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let ads = [
            ("Œuvres et salarié·es à inscrire", "software", "everywhere"),
            ("Hébergement de nos courriels", "accompaniment", "region:53"),
            (
                "Adhésions et cotisations en ligne",
                "software",
                "departement:69",
            ),
        ];
        for (title, kind, territory) in ads {
            let input = AdInput {
                kind: kind.into(),
                territory: territory.into(),
                ..titled(title)
            };
            publish(&app, &author, organisation, &input).await;
            app.clock().advance(TimeDelta::seconds(1));
        }
        let [works, hosting, members] = ads.map(|(title, ..)| title);
        let by = |q: &str| Search {
            q: q.into(),
            ..Search::default()
        };
        assert_eq!(
            found(&app, Search::default()).await,
            [members, hosting, works],
            "latest first"
        );
        assert_eq!(found(&app, by("oeuvre")).await, [works]);
        assert_eq!(found(&app, by("SALARIÉES")).await, [works]);
        assert_eq!(found(&app, by("hebergeur")).await, [hosting]);
        assert_eq!(found(&app, by("adhesion cotisation")).await, [members]);
        assert!(found(&app, by("adhesion hebergement")).await.is_empty());
        assert!(found(&app, by("\"') OR 1=1 --")).await.is_empty());
        let brest = Search {
            territory: "departement:29".into(),
            ..Search::default()
        };
        assert_eq!(found(&app, brest).await, [hosting, works]);
        let software = Search {
            kind: "software".into(),
            ..Search::default()
        };
        let listing = reading::list(&app, &software).await.unwrap();
        assert_eq!(listing.total, 2);
        let counts: Vec<_> = listing
            .kinds
            .iter()
            .map(|choice| (choice.value.as_str(), choice.count))
            .collect();
        assert_eq!(
            counts,
            [("accompaniment", 1), ("software", 2)],
            "a filter does not narrow itself"
        );
        let unknown = Search {
            kind: "voiture".into(),
            ..Search::default()
        };
        assert!(matches!(
            reading::list(&app, &unknown).await,
            Err(AppError::Invalid(_))
        ));
    })
    .await;
}

#[tokio::test]
async fn pages_of_the_list_stay_stable_while_ads_are_added() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        for number in 0..45 {
            let input = titled(&format!("Besoin numéro {number} de l’association"));
            publish(&app, &author, organisation, &input).await;
            app.clock().advance(TimeDelta::seconds(1));
        }
        let mut seen = Vec::new();
        let mut search = Search::default();
        loop {
            let listing = reading::list(&app, &search).await.unwrap();
            seen.extend(
                listing
                    .ads
                    .into_iter()
                    .map(|listed| listed.ad.number.unwrap()),
            );
            publish(
                &app,
                &author,
                organisation,
                &titled("Besoin arrivé entre deux pages"),
            )
            .await;
            match listing.next {
                Some(next) => search.after = next,
                None => break,
            }
        }
        let expected: Vec<i64> = (1..=45).rev().collect();
        assert_eq!(seen, expected);
    })
    .await;
}

#[tokio::test]
async fn a_milestone_told_while_its_ad_is_withdrawn_does_not_outlive_it() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let news = MilestoneInput {
            kind: "news".into(),
            reached_on: String::new(),
            text: "Trois associations nous ont rejoints.".into(),
        };
        for round in 0..12 {
            let id = publish(&app, &author, organisation, &complete()).await;
            let (withdrawn, _) = if round % 2 == 0 {
                tokio::join!(
                    life::withdraw(&app, &author, id),
                    life::add_milestone(&app, &author, id, &news),
                )
            } else {
                let (told, withdrawn) = tokio::join!(
                    life::add_milestone(&app, &author, id, &news),
                    life::withdraw(&app, &author, id),
                );
                (withdrawn, told)
            };
            withdrawn.unwrap();
            let mut tx = app.store().read().await.unwrap();
            let posts = posts::list_by_ad(&mut tx, id, 10).await.unwrap();
            assert!(
                posts.iter().all(|post| post.deleted_at.is_some()),
                "round {round}"
            );
        }
    })
    .await;
}

async fn titles_found(app: &App, words: &str) -> Vec<String> {
    found(
        app,
        Search {
            q: words.into(),
            ..Search::default()
        },
    )
    .await
}

#[tokio::test]
async fn ads_are_indexed_again_when_the_rules_of_search_have_changed() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        for number in 0..3 {
            let title = format!("Agenda partagé numéro {number}");
            publish(&app, &author, organisation, &titled(&title)).await;
        }
        let withdrawn = publish(&app, &author, organisation, &complete()).await;
        life::withdraw(&app, &author, withdrawn).await.unwrap();
        assert_eq!(
            indexing::refresh_outdated(&app).await.unwrap(),
            0,
            "what was just published is up to date"
        );

        // as a former version left them: other words, made by older rules
        let mut tx = app.store().write().await.unwrap();
        let listed = reading::list(&app, &Search::default()).await.unwrap().ads;
        for listed in &listed {
            ad_listing::index(&mut tx, listed.ad.id, "vieux")
                .await
                .unwrap();
        }
        ad_listing::mark_outdated(&mut tx, organisation)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(titles_found(&app, "agenda").await.is_empty());

        while indexing::refresh_outdated(&app).await.unwrap() > 0 {}
        assert_eq!(titles_found(&app, "agenda").await.len(), 3);
        assert!(titles_found(&app, "vieux").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_said_is_deleted_after_a_month_except_what_is_listed_or_still_leaving() {
    on_each_app(async |app| {
        let (organisation, author) = add_association(&app, "velo").await;
        let id = publish(&app, &author, organisation, &complete()).await;
        let ad = reading::show_workshop(&app, &author, id).await.unwrap().ad;
        let edit = titled("Agenda partagé et permanences");
        writing::save(&app, &author, id, ad.version, &edit)
            .await
            .unwrap();
        let actor = ad.actor_id.unwrap();
        let mut tx = app.store().write().await.unwrap();
        let post = posts::list_by_ad(&mut tx, id, 1).await.unwrap()[0].id;
        let (created, updated) = (Outbound::Create { post }, Outbound::Update { post });
        let profile = Outbound::UpdateActor;
        for event in [&created, &updated, &profile] {
            let said = outbox::find_by_event(&mut tx, actor, event).await.unwrap();
            outbox::finish(&mut tx, said.unwrap().id, app.now())
                .await
                .unwrap();
        }
        let leaving = outbox::find_by_event(&mut tx, actor, &profile).await;
        let waiting = NewDelivery {
            id: app.next_id(),
            inbox: "https://social.example/inbox".into(),
            host: "social.example".into(),
            rendition: None,
        };
        deliveries::insert_batch(&mut tx, leaving.unwrap().unwrap().id, &[waiting], app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();

        app.clock()
            .advance(housekeeping::RECORDS + TimeDelta::seconds(1));
        while housekeeping::delete_expired(&app).await.unwrap() > 0 {}
        let mut tx = app.store().read().await.unwrap();
        let mut kept = Vec::new();
        for event in [&created, &updated, &profile] {
            let said = outbox::find_by_event(&mut tx, actor, event).await.unwrap();
            kept.push(said.is_some());
        }
        assert_eq!(kept, [true, false, true]);
    })
    .await;
}
