use chrono::TimeDelta;

use super::*;
use crate::{
    app::{
        Token, invitations, memberships, sessions,
        testing::{add_association, on_each_app},
    },
    domain::{
        account::{Account, Role},
        ad::AdInput,
        organisation::{Standing, VerificationMethod},
    },
    jobs,
    mail::{Sender, Transport},
    store::accounts,
};

async fn person(app: &App, name: &str, role: Role) -> Who {
    let account = Account {
        id: app.next_id(),
        email: format!("{name}@exemple.org"),
        name: name.into(),
        role,
        locale: "fr".into(),
        has_password: false,
        created_at: app.now(),
        suspended_at: None,
    };
    let mut tx = app.store().write().await.unwrap();
    accounts::insert(&mut tx, &account).await.unwrap();
    tx.commit().await.unwrap();
    Who::Person(Box::new(account))
}

fn id_of(who: &Who) -> crate::domain::ids::AccountId {
    who.account_id().unwrap()
}

fn typed(name: &str) -> OrganisationInput {
    OrganisationInput {
        kind: "association".into(),
        legal_form: "association-1901".into(),
        name: name.into(),
        postal_code: "69001".into(),
        ..OrganisationInput::default()
    }
}

/// The organisation as a moderator sees it.
async fn seen(app: &App, slug: &str) -> Organisation {
    find(&mut app.store().read().await.unwrap(), slug)
        .await
        .unwrap()
}

fn fields(result: Result<Organisation, AppError>) -> Vec<&'static str> {
    match result {
        Err(AppError::Invalid(problems)) => problems.iter().map(|(field, _)| field).collect(),
        other => panic!("{other:?}"),
    }
}

/// Sends what waits, and gives the last path of each link of the mails.
async fn links_in_mails(app: &App) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let sender = Sender::new("Annonces", "annonces@exemple.org", "annonces.example").unwrap();
    let transport = Transport::files(directory.path(), sender);
    jobs::mails::run_once(app, &transport).await.unwrap();
    let mut links = Vec::new();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let eml = std::fs::read_to_string(file.unwrap().path()).unwrap();
        // quoted-printable breaks long lines
        let eml = eml.replace("=\r\n", "").replace("=3D", "=");
        let marked = eml
            .split("https://annonces.example/invitation?jeton=")
            .nth(1);
        if let Some(rest) = marked {
            let is_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            links.push(rest.chars().take_while(is_token).collect());
        }
    }
    links
}

#[tokio::test]
async fn somebody_creates_an_organisation_and_administers_it() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let made = create(&app, &camille, &typed("Les Amis du vélo"))
            .await
            .unwrap();
        assert_eq!(made.slug, "les-amis-du-velo");
        assert_eq!(seen(&app, "les-amis-du-velo").await, made);
        let workshop = show_workshop(&app, &camille, &made.slug).await.unwrap();
        assert_eq!(workshop.role, Some(MembershipRole::Administrator));
        assert!(workshop.has_single_administrator());
        let own = list_own(&app, &camille, None, 10).await.unwrap();
        assert_eq!(own.len(), 1);
        assert!(
            list_own(&app, &camille, Some(made.id), 10)
                .await
                .unwrap()
                .is_empty()
        );

        let stranger = person(&app, "sacha", Role::Member).await;
        let seen = show_workshop(&app, &stranger, &made.slug).await;
        assert!(matches!(seen, Err(AppError::Forbidden(_))), "{seen:?}");
        let changed = edit(&app, &stranger, &made.slug, &typed("Autre")).await;
        assert!(
            matches!(changed, Err(AppError::Forbidden(_))),
            "{changed:?}"
        );
        let refused = create(&app, &Who::Anonymous, &typed("Autre")).await;
        assert!(matches!(refused, Err(AppError::Unauthenticated)));
    })
    .await;
}

#[tokio::test]
async fn nobody_else_sees_an_organisation_that_no_moderator_has_looked_at() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let stranger = person(&app, "sacha", Role::Member).await;
        let moderator = person(&app, "dominique", Role::Moderator).await;
        let slug = create(&app, &camille, &typed("Les Amis"))
            .await
            .unwrap()
            .slug;
        for who in [&Who::Anonymous, &stranger] {
            let hidden = show(&app, who, &slug).await;
            assert!(matches!(hidden, Err(AppError::NotFound(_))), "{hidden:?}");
        }
        for who in [&camille, &moderator] {
            assert!(!show(&app, who, &slug).await.unwrap().is_public);
        }
        verify(&app, &moderator, &slug, VerificationMethod::Rna)
            .await
            .unwrap();
        assert!(show(&app, &Who::Anonymous, &slug).await.unwrap().is_public);
    })
    .await;
}

#[tokio::test]
async fn namesakes_get_numbered_addresses_and_no_page_of_ours() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        for slug in ["les-amis", "les-amis-2", "les-amis-3"] {
            let made = create(&app, &camille, &typed("Les Amis")).await.unwrap();
            assert_eq!(made.slug, slug);
        }
        let made = create(&app, &camille, &typed("Nouvelle")).await.unwrap();
        assert_eq!(made.slug, "nouvelle-2");
    })
    .await;
}

#[tokio::test]
async fn a_number_belongs_to_one_organisation_except_among_branches() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let with = |rna: &str, siren: &str| OrganisationInput {
            rna: rna.into(),
            siren: siren.into(),
            ..typed("Les Amis")
        };
        create(&app, &camille, &with("W691234567", "732 829 320 00074"))
            .await
            .unwrap();
        let again = create(&app, &camille, &with("w691234567", "")).await;
        assert_eq!(fields(again), ["rna"]);
        let again = create(&app, &camille, &with("", "732829320")).await;
        assert_eq!(fields(again), ["siren"]);
        let branch = create(&app, &camille, &with("W691234568", "73282932000082"))
            .await
            .unwrap();
        // editing is no duplicate of oneself
        edit(
            &app,
            &camille,
            &branch.slug,
            &with("W691234568", "73282932000082"),
        )
        .await
        .unwrap();
        let taken = edit(&app, &camille, &branch.slug, &with("W691234567", "")).await;
        assert_eq!(fields(taken), ["rna"]);
    })
    .await;
}

#[tokio::test]
async fn of_all_who_take_a_number_at_the_same_moment_one_gets_it() {
    on_each_app(async |app| {
        let people = ["ana", "bo", "cleo", "dan", "eli", "fatou"];
        let numbers = [("rna", "W691234567", ""), ("siren", "", "732829320")];
        for (field, rna, siren) in numbers {
            let input = OrganisationInput {
                rna: rna.into(),
                siren: siren.into(),
                ..typed("Les Amis")
            };
            let attempts = people.map(async |name| {
                let who = person(&app, &format!("{name}-{field}"), Role::Member).await;
                create(&app, &who, &input).await
            });
            let ended = futures_util::future::join_all(attempts).await;
            let (made, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(Result::is_ok);
            assert_eq!(made.len(), 1);
            for refusal in refused {
                assert_eq!(fields(refusal), [field]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_verified_organisation_loses_its_mark_when_it_becomes_another() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let moderator = person(&app, "dominique", Role::Moderator).await;
        let slug = create(&app, &camille, &typed("Les Amis du vélo"))
            .await
            .unwrap()
            .slug;
        verify(&app, &moderator, &slug, VerificationMethod::Website)
            .await
            .unwrap();
        let shown = seen(&app, &slug).await.verification.unwrap();
        assert_eq!(shown.method, VerificationMethod::Website);
        assert_eq!(shown.verified_at, app.now());

        let same = edit(&app, &camille, &slug, &typed("LES AMIS du Vélo"))
            .await
            .unwrap();
        assert!(
            same.verification.is_some(),
            "another writing of the same name"
        );
        let other = edit(&app, &camille, &slug, &typed("Les Amis du train"))
            .await
            .unwrap();
        assert_eq!(other.verification, None);
        assert_eq!(seen(&app, &slug).await.verification, None);

        verify(&app, &moderator, &slug, VerificationMethod::Rna)
            .await
            .unwrap();
        let with_number = OrganisationInput {
            rna: "W691234567".into(),
            ..typed("Les Amis du train")
        };
        let other = edit(&app, &camille, &slug, &with_number).await.unwrap();
        assert_eq!(other.verification, None);
    })
    .await;
}

#[tokio::test]
async fn a_moderator_never_verifies_their_own_organisation() {
    on_each_app(async |app| {
        let moderator = person(&app, "dominique", Role::Moderator).await;
        let slug = create(&app, &moderator, &typed("Chez nous"))
            .await
            .unwrap()
            .slug;
        let judged = verify(&app, &moderator, &slug, VerificationMethod::Rna).await;
        assert!(matches!(judged, Err(AppError::Forbidden(_))), "{judged:?}");

        let other = person(&app, "claude", Role::Moderator).await;
        let early = withdraw_verification(&app, &other, &slug, "doute").await;
        assert!(matches!(early, Err(AppError::Conflict(_))), "{early:?}");
        verify(&app, &other, &slug, VerificationMethod::Rna)
            .await
            .unwrap();
        let mute = withdraw_verification(&app, &other, &slug, "  ").await;
        assert!(matches!(mute, Err(AppError::Invalid(_))), "{mute:?}");
        withdraw_verification(&app, &other, &slug, "Le récépissé est celui d’une autre.")
            .await
            .unwrap();
        assert_eq!(seen(&app, &slug).await.verification, None);
    })
    .await;
}

#[tokio::test]
async fn moderators_see_the_facts_page_after_page() {
    on_each_app(async |app| {
        let moderator = person(&app, "dominique", Role::Moderator).await;
        let camille = person(&app, "camille", Role::Member).await;
        let with = |name: &str, siren: &str, website: &str| OrganisationInput {
            siren: siren.into(),
            website: website.into(),
            ..typed(name)
        };
        for input in [
            with("Un", "73282932000074", "www.exemple.org"),
            with("Deux", "73282932000082", "https://autre.example"),
            with("Trois", "", ""),
        ] {
            create(&app, &camille, &input).await.unwrap();
        }
        let waiting = Standing::Unverified;
        let first = list_candidates(&app, &moderator, waiting, None, 2)
            .await
            .unwrap();
        let facts: Vec<_> = first
            .iter()
            .map(|it| {
                (
                    it.organisation.name.as_str(),
                    it.has_mail_at_website,
                    it.namesakes.len(),
                )
            })
            .collect();
        assert_eq!(facts, [("Un", Some(true), 1), ("Deux", Some(false), 1)]);
        assert_eq!(first[0].namesakes, [("deux".into(), "Deux".into())]);

        let last = Some(first[1].organisation.id);
        let rest = list_candidates(&app, &moderator, waiting, last, 2)
            .await
            .unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(
            (rest[0].has_mail_at_website, rest[0].namesakes.len()),
            (None, 0)
        );

        verify(&app, &moderator, "deux", VerificationMethod::Sirene)
            .await
            .unwrap();
        let verified = list_candidates(&app, &moderator, Standing::Verified, None, 10).await;
        assert_eq!(verified.unwrap()[0].organisation.slug, "deux");
        let refused = list_candidates(&app, &camille, waiting, None, 2).await;
        assert!(matches!(refused, Err(AppError::Forbidden(_))));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_accepted_once_by_somebody_new() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let slug = create(&app, &camille, &typed("Les Amis"))
            .await
            .unwrap()
            .slug;
        let editor = MembershipRole::Editor;
        invitations::invite(&app, &camille, &slug, " Sacha@Exemple.org ", editor)
            .await
            .unwrap();
        let links = links_in_mails(&app).await;
        let token = Token::from_text(&links[0]);

        let view = invitations::show(&app, &token).await.unwrap();
        assert_eq!(
            (view.email.as_str(), view.role),
            ("sacha@exemple.org", editor)
        );
        assert_eq!(
            (view.invited_by.as_str(), view.has_account),
            ("camille", false)
        );
        let newcomer = |name| invitations::Newcomer {
            name,
            locale: "fr",
            user_agent: "Firefox",
        };
        let nameless = invitations::accept_as_new(&app, &token, newcomer(" ")).await;
        assert!(matches!(nameless, Err(AppError::Invalid(_))));
        let (session, _) = invitations::accept_as_new(&app, &token, newcomer("Sacha"))
            .await
            .unwrap();
        let (sacha, _) = sessions::find(&app, &session).await.unwrap().unwrap();
        assert_eq!(sacha.email, "sacha@exemple.org");
        let sacha = Who::Person(Box::new(sacha));
        let workshop = show_workshop(&app, &sacha, &slug).await.unwrap();
        assert_eq!(workshop.role, Some(editor));
        assert!(workshop.invitations.is_empty());

        for _ in 0..2 {
            let again = invitations::accept(&app, &sacha, &token).await;
            assert!(
                matches!(again, Err(AppError::NotFound(Missing::Link))),
                "{again:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_invitation_ends_after_seven_days_or_when_it_is_taken_back_or_replaced() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let sacha = person(&app, "sacha", Role::Member).await;
        let slug = create(&app, &camille, &typed("Les Amis"))
            .await
            .unwrap()
            .slug;
        let editor = MembershipRole::Editor;
        let address = "sacha@exemple.org";
        let invite = async || {
            invitations::invite(&app, &camille, &slug, address, editor)
                .await
                .unwrap();
            Token::from_text(&links_in_mails(&app).await[0])
        };
        let late = invite().await;
        app.clock().advance(TimeDelta::days(7));
        assert!(invitations::accept(&app, &sacha, &late).await.is_err());

        let replaced = invite().await;
        let revoked = invite().await;
        assert!(invitations::show(&app, &replaced).await.is_err());
        let open = show_workshop(&app, &camille, &slug)
            .await
            .unwrap()
            .invitations;
        assert_eq!(open.len(), 1);
        invitations::revoke(&app, &camille, &slug, open[0].id)
            .await
            .unwrap();
        assert!(invitations::accept(&app, &sacha, &revoked).await.is_err());

        let good = invite().await;
        let newcomer = invitations::Newcomer {
            name: "Sacha",
            locale: "fr",
            user_agent: "Firefox",
        };
        let exists = invitations::accept_as_new(&app, &good, newcomer).await;
        assert!(matches!(exists, Err(AppError::Conflict(_))), "{exists:?}");
        invitations::accept(&app, &sacha, &good).await.unwrap();
        let again = invitations::invite(&app, &camille, &slug, address, editor).await;
        assert!(matches!(again, Err(AppError::Invalid(_))), "{again:?}");
        let forbidden = invitations::invite(&app, &sacha, &slug, "x@exemple.org", editor).await;
        assert!(matches!(forbidden, Err(AppError::Forbidden(_))));
    })
    .await;
}

#[tokio::test]
async fn nobody_can_make_us_send_invitations_without_end() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let slug = create(&app, &camille, &typed("Les Amis"))
            .await
            .unwrap()
            .slug;
        let editor = MembershipRole::Editor;
        let mut sent = 0;
        let refusal = loop {
            let address = format!("a{sent}@exemple.org");
            match invitations::invite(&app, &camille, &slug, &address, editor).await {
                Ok(()) => sent += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refusal, AppError::TooMany(_)), "{refusal:?}");
        assert_eq!(sent, 20);
        app.clock().advance(TimeDelta::days(1));
        invitations::invite(&app, &camille, &slug, "z@exemple.org", editor)
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_organisation_always_keeps_an_administrator() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let sacha = person(&app, "sacha", Role::Member).await;
        let slug = create(&app, &camille, &typed("Les Amis"))
            .await
            .unwrap()
            .slug;
        let (editor, administrator) = (MembershipRole::Editor, MembershipRole::Administrator);
        invitations::invite(&app, &camille, &slug, "sacha@exemple.org", editor)
            .await
            .unwrap();
        let token = Token::from_text(&links_in_mails(&app).await[0]);
        invitations::accept(&app, &sacha, &token).await.unwrap();

        let (camille_id, sacha_id) = (id_of(&camille), id_of(&sacha));
        for refused in [
            memberships::remove(&app, &camille, &slug, camille_id).await,
            memberships::change_role(&app, &camille, &slug, camille_id, editor).await,
        ] {
            assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        }
        let refused = memberships::remove(&app, &sacha, &slug, camille_id).await;
        assert!(
            matches!(refused, Err(AppError::Forbidden(_))),
            "{refused:?}"
        );

        memberships::change_role(&app, &camille, &slug, sacha_id, administrator)
            .await
            .unwrap();
        assert!(
            !show_workshop(&app, &sacha, &slug)
                .await
                .unwrap()
                .has_single_administrator()
        );
        // both leave at the same time: one of them must stay
        let (one, two) = tokio::join!(
            memberships::remove(&app, &camille, &slug, camille_id),
            memberships::remove(&app, &sacha, &slug, sacha_id),
        );
        assert_eq!(
            i32::from(one.is_ok()) + i32::from(two.is_ok()),
            1,
            "{one:?} {two:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_administrator_who_is_removed_does_not_come_back_with_an_invitation_of_their_own() {
    on_each_app(async |app| {
        let camille = person(&app, "camille", Role::Member).await;
        let sacha = person(&app, "sacha", Role::Member).await;
        let slug = create(&app, &camille, &typed("Les Amis"))
            .await
            .unwrap()
            .slug;
        let administrator = MembershipRole::Administrator;
        invitations::invite(&app, &camille, &slug, "sacha@exemple.org", administrator)
            .await
            .unwrap();
        let token = Token::from_text(&links_in_mails(&app).await[0]);
        invitations::accept(&app, &sacha, &token).await.unwrap();

        invitations::invite(&app, &sacha, &slug, "sacha+2@exemple.org", administrator)
            .await
            .unwrap();
        let way_back = Token::from_text(&links_in_mails(&app).await[0]);
        memberships::remove(&app, &camille, &slug, id_of(&sacha))
            .await
            .unwrap();
        let back = invitations::accept(&app, &sacha, &way_back).await;
        assert!(
            matches!(back, Err(AppError::NotFound(Missing::Link))),
            "{back:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_ads_of_an_organisation_are_found_under_its_new_name() {
    on_each_app(async |app| {
        let (_, camille) = add_association(&app, "velo").await;
        let judge = person(&app, "judge", Role::Moderator).await;
        let organisation = seen(&app, "velo").await;
        let input = AdInput {
            kind: "software".into(),
            title: "Agenda partagé pour nos bénévoles".into(),
            need: "Nos bénévoles ont besoin de voir les permanences sur leur téléphone.".into(),
            licence: "AGPL-3.0-or-later".into(),
            ..AdInput::default()
        };
        let ad = ads::writing::create(&app, &camille, organisation.id, &input)
            .await
            .unwrap();
        ads::publication::submit(&app, &camille, ad, "")
            .await
            .unwrap();
        ads::review::decide(&app, &judge, ad, ads::review::Decision::Approve)
            .await
            .unwrap();
        let count_found = async |words: &str| {
            let search = ads::reading::Search {
                q: words.into(),
                ..ads::reading::Search::default()
            };
            ads::reading::list(&app, &search).await.unwrap().total
        };
        assert_eq!(count_found("pirouette").await, 0);
        edit(&app, &camille, "velo", &typed("Les Amis de Pirouette"))
            .await
            .unwrap();
        assert_eq!(ads::indexing::refresh_outdated(&app).await.unwrap(), 1);
        assert_eq!(count_found("pirouette").await, 1);
        assert_eq!(ads::indexing::refresh_outdated(&app).await.unwrap(), 0);
    })
    .await;
}
