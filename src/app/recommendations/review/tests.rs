use super::*;
use crate::{
    app::{
        listing, organisations as orgs,
        recommendations::appeals,
        testing::{add_party, add_person, add_recommendation, add_structure, on_each_app},
    },
    domain::{
        account::Role,
        host::Host,
        ids::OrganisationId,
        organisation::{MembershipRole, OrganisationKind, VerificationMethod},
        recommendation::{Amendment, AmendmentKind, RecommendationContent, expiry_of},
    },
    store::memberships,
};

const MOTIVE: &str = "Le texte nomme une personne : retirez son nom.";

/// A structure, an association that is verified, its recommendation in review, three moderators.
struct Story {
    app: App,
    host: Host,
    association: OrganisationId,
    author: Who,
    id: RecommendationId,
    moderators: [Who; 3],
}

impl Story {
    async fn begin(app: &App) -> Self {
        let story = Self::begin_unverified(app).await;
        orgs::verify(app, &story.moderators[2], "asso", VerificationMethod::Rna)
            .await
            .unwrap();
        story
    }

    async fn begin_unverified(app: &App) -> Self {
        let (host, _) = add_structure(app, "structure").await;
        let kind = OrganisationKind::Association;
        let (association, author) = add_party(app, "asso", kind).await;
        let mut moderators = Vec::new();
        for name in ["dominique", "claude", "sacha"] {
            let email = format!("{name}@{name}.example");
            moderators.push(add_person(app, &email, Role::Moderator).await);
        }
        Self {
            app: app.clone(),
            id: add_recommendation(app, &host, association).await.id,
            host,
            association,
            author,
            moderators: moderators.try_into().unwrap(),
        }
    }

    async fn approve(&self, by: usize) -> Result<Outcome, AppError> {
        approve(&self.app, &self.moderators[by], self.id, 1).await
    }

    async fn read(&self) -> Recommendation {
        let mut tx = self.app.store().read().await.unwrap();
        recommendations::find(&mut tx, self.id)
            .await
            .unwrap()
            .unwrap()
    }

    async fn join(&self, organisation: OrganisationId, who: &Who) {
        let mut tx = self.app.store().write().await.unwrap();
        let (account, role) = (who.account_id().unwrap(), MembershipRole::Editor);
        memberships::insert(&mut tx, organisation, account, role, self.app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn change(&self, alter: impl FnOnce(&mut Recommendation)) {
        let mut tx = self.app.store().write().await.unwrap();
        let mut it = recommendations::lock(&mut tx, self.id)
            .await
            .unwrap()
            .unwrap();
        alter(&mut it);
        recommendations::update(&mut tx, &it).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn is_conflict<T>(outcome: &Result<T, AppError>) -> bool {
    matches!(outcome, Err(AppError::Conflict(_)))
}

fn is_forbidden<T>(outcome: &Result<T, AppError>) -> bool {
    matches!(outcome, Err(AppError::Forbidden(_)))
}

/// Invariant 2.
#[tokio::test]
async fn two_different_moderators_publish_and_the_structure_enters_the_directory() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        assert_eq!(story.approve(0).await.unwrap(), Outcome::Noted);
        assert!(
            is_conflict(&story.approve(0).await),
            "the same person twice"
        );
        assert_eq!(story.read().await.state, RecommendationState::InReview);
        assert_eq!(story.approve(1).await.unwrap(), Outcome::Published);
        let it = story.read().await;
        assert_eq!(it.number, Some(1));
        let uri = "https://annonces.example/organisations/asso/recommandations/1";
        assert_eq!(it.uri.as_deref(), Some(uri));
        assert_eq!(it.expires_at, Some(expiry_of(app.now(), 36)));
        assert!(is_conflict(&story.approve(2).await), "a decision was made");
    })
    .await;
}

/// Invariant 3.
#[tokio::test]
async fn a_member_of_either_side_never_decides_and_what_they_approved_before_is_void() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        story.approve(0).await.unwrap();
        story
            .join(story.host.organisation_id, &story.moderators[0])
            .await;
        story.join(story.association, &story.moderators[1]).await;
        assert!(is_forbidden(&story.approve(0).await));
        assert!(is_forbidden(&story.approve(1).await));
        let who = &story.moderators[1];
        assert!(is_forbidden(&refuse(&app, who, story.id, 1, MOTIVE).await));
        assert!(is_forbidden(&annul(&app, who, story.id, MOTIVE).await));
        // neither of them is a person of both sides: the third one may still approve, alone
        assert_eq!(story.approve(2).await.unwrap(), Outcome::Noted);
        assert_eq!(story.read().await.state, RecommendationState::InReview);
    })
    .await;
}

#[tokio::test]
async fn who_stays_out_of_a_case_decides_no_more_and_does_not_count() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        story.approve(0).await.unwrap();
        recuse(&app, &story.moderators[0], story.id, "")
            .await
            .unwrap();
        assert!(is_forbidden(&story.approve(0).await));
        assert_eq!(story.approve(1).await.unwrap(), Outcome::Noted);
        assert_eq!(story.approve(2).await.unwrap(), Outcome::Published);
    })
    .await;
}

#[tokio::test]
async fn the_second_approval_waits_for_the_verification_of_the_association() {
    on_each_app(async |app| {
        let story = Story::begin_unverified(&app).await;
        story.approve(0).await.unwrap();
        assert!(is_conflict(&story.approve(1).await));
        assert_eq!(
            show(&app, &story.moderators[1], story.id)
                .await
                .unwrap()
                .approvals,
            1
        );
        orgs::verify(&app, &story.moderators[2], "asso", VerificationMethod::Rna)
            .await
            .unwrap();
        assert_eq!(story.approve(1).await.unwrap(), Outcome::Published);
    })
    .await;
}

#[tokio::test]
async fn an_approval_is_of_the_words_that_were_read() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        story.approve(0).await.unwrap();
        story.change(|it| it.version = 2).await;
        assert!(is_conflict(&story.approve(1).await), "other words");
        let who = &story.moderators[1];
        let outcome = approve(&app, who, story.id, 2).await.unwrap();
        assert_eq!(outcome, Outcome::Noted, "the first was for other words");
    })
    .await;
}

#[tokio::test]
async fn a_link_keeps_anybody_from_approving_until_it_is_set_aside_with_a_motive() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        story
            .change(|it| it.interest = "J’y suis bénévole.".into())
            .await;
        story
            .join(
                story.association,
                &add_person(&app, "x@structure.example", Role::Member).await,
            )
            .await;
        let who = &story.moderators[0];
        let file = show(&app, who, story.id).await.unwrap();
        let keys: Vec<_> = file
            .facts
            .standing_links()
            .map(|it| it.link.key())
            .collect();
        assert_eq!(keys, ["declared:", "same-mail-domain:structure.example"]);
        assert!(is_conflict(&story.approve(0).await));
        for key in &keys {
            let short = set_aside(&app, who, story.id, key, "non").await;
            assert!(
                matches!(short, Err(AppError::Invalid(_))),
                "a motive is needed"
            );
            set_aside(&app, who, story.id, key, MOTIVE).await.unwrap();
            let again = set_aside(&app, who, story.id, key, MOTIVE).await;
            assert!(is_conflict(&again));
        }
        assert_eq!(story.approve(0).await.unwrap(), Outcome::Noted);
        // what is declared is looked at anew when the words change
        story.change(|it| it.version = 2).await;
        let file = show(&app, who, story.id).await.unwrap();
        let keys: Vec<_> = file
            .facts
            .standing_links()
            .map(|it| it.link.key())
            .collect();
        assert_eq!(keys, ["declared:"]);
    })
    .await;
}

/// Invariant 6.
#[tokio::test]
async fn a_refusal_has_a_motive_and_its_appeal_goes_to_somebody_else() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        let who = &story.moderators[0];
        let bare = refuse(&app, who, story.id, 1, "non").await;
        assert!(matches!(bare, Err(AppError::Invalid(_))));
        story.approve(1).await.unwrap();
        refuse(&app, who, story.id, 1, MOTIVE).await.unwrap();
        let mail = loop {
            let mail = mails::claim_next(&app).await.unwrap().unwrap();
            mails::record_outcome(&app, &mail, Ok(())).await.unwrap();
            if mail.message.to == "bureau@asso.example" && mail.message.text.contains(MOTIVE) {
                break mail.message;
            }
        };
        assert!(mail.text.contains("contester"), "{}", mail.text);

        let stranger = add_person(&app, "x@ailleurs.example", Role::Member).await;
        assert!(is_forbidden(
            &appeals::appeal(&app, &stranger, story.id, MOTIVE).await
        ));
        appeals::appeal(
            &app,
            &story.author,
            story.id,
            "Personne n’est nommé dans ce texte.",
        )
        .await
        .unwrap();
        assert!(is_forbidden(&story.approve(0).await), "their own refusal");
        assert!(is_forbidden(&refuse(&app, who, story.id, 1, MOTIVE).await));
        assert_eq!(
            story.approve(1).await.unwrap(),
            Outcome::Noted,
            "looked at again"
        );
        refuse(&app, &story.moderators[2], story.id, 1, MOTIVE)
            .await
            .unwrap();
        let again = appeals::appeal(&app, &story.author, story.id, MOTIVE).await;
        assert!(is_conflict(&again), "once for each version");

        let said = conversation(&app, &story.author, story.id).await.unwrap();
        assert!(said.iter().any(|it| it.motive == MOTIVE));
        let names = ["dominique", "claude", "sacha"];
        assert!(said.iter().all(|it| !names.contains(&it.author.as_str())));
    })
    .await;
}

#[tokio::test]
async fn new_words_replace_the_former_once_two_approve_and_the_former_stand_until_then() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        story.approve(0).await.unwrap();
        story.approve(1).await.unwrap();
        let published = story.read().await;
        let propose = async |version, kind, content: RecommendationContent| {
            let amendment = Amendment {
                recommendation_id: story.id,
                kind,
                version,
                content,
                submitted_at: app.now(),
            };
            let mut tx = app.store().write().await.unwrap();
            recommendations::save_amendment(&mut tx, &amendment)
                .await
                .unwrap();
            enter(&app, &mut tx, &story.author, &published, version)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        };
        let mut content = published.content();
        content.answers.could_be_better = "Une journée de plus.".into();
        propose(2, AmendmentKind::Edit, content.clone()).await;
        approve(&app, &story.moderators[0], story.id, 2)
            .await
            .unwrap();
        refuse(&app, &story.moderators[1], story.id, 2, MOTIVE)
            .await
            .unwrap();
        assert_eq!(story.read().await, published, "what is published stays");

        propose(2, AmendmentKind::Edit, content.clone()).await;
        let first = approve(&app, &story.moderators[1], story.id, 2)
            .await
            .unwrap();
        assert_eq!(
            first,
            Outcome::Noted,
            "what was said before the refusal is void"
        );
        let second = approve(&app, &story.moderators[2], story.id, 2)
            .await
            .unwrap();
        assert_eq!(second, Outcome::Amended);
        let amended = story.read().await;
        assert_eq!((amended.content(), amended.version), (content.clone(), 2));
        assert_eq!(amended.expires_at, published.expires_at, "the same term");
        let mut tx = app.store().read().await.unwrap();
        let history = recommendations::list_revisions(&mut tx, story.id, 10)
            .await
            .unwrap();
        assert_eq!(history.len(), 1);
        let listed = crate::store::hosts::find(&mut tx, story.host.id)
            .await
            .unwrap();
        assert!(listed.unwrap().listing.standing.is_in_directory());
        drop(tx);

        app.clock().advance(TimeDelta::days(800));
        propose(3, AmendmentKind::Renewal, content).await;
        approve(&app, &story.moderators[0], story.id, 3)
            .await
            .unwrap();
        approve(&app, &story.moderators[1], story.id, 3)
            .await
            .unwrap();
        assert_eq!(
            story.read().await.expires_at,
            Some(expiry_of(app.now(), 36))
        );
    })
    .await;
}

#[tokio::test]
async fn moderators_are_reminded_after_fourteen_and_twenty_eight_days() {
    on_each_app(async |app| {
        let _story = Story::begin(&app).await;
        let mut given = Vec::new();
        for _ in 0..40 {
            given.push(remind(&app).await.unwrap());
            app.clock().advance(TimeDelta::days(1));
        }
        let days: Vec<_> = (0..40).filter(|day| given[*day] > 0).collect();
        assert_eq!(days, [14, 28]);
    })
    .await;
}

/// Two moderators at the same instant publish once; so do a decision and another change.
#[tokio::test]
async fn decisions_at_the_same_instant_are_taken_one_after_the_other() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        let (one, other) = tokio::join!(story.approve(0), story.approve(1));
        let mut outcomes = [one.unwrap(), other.unwrap()];
        outcomes.sort_by_key(|it| *it == Outcome::Published);
        assert_eq!(outcomes, [Outcome::Noted, Outcome::Published]);
        assert_eq!(story.read().await.number, Some(1));

        // the mark is lost while somebody annuls: whatever comes first, the listing is what the rule
        // says in the end
        let who = &story.moderators;
        let (lost, annulled) = tokio::join!(
            orgs::withdraw_verification(&app, &who[0], "asso", MOTIVE),
            annul(&app, &who[1], story.id, MOTIVE),
        );
        lost.unwrap();
        annulled.unwrap();
        let mut tx = app.store().read().await.unwrap();
        let host = crate::store::hosts::find(&mut tx, story.host.id)
            .await
            .unwrap()
            .unwrap();
        let decision = listing::consult(&app, &mut tx, &host).await.unwrap();
        assert_eq!(host.listing.standing, decision.standing);
        assert!(!decision.standing.is_in_directory(), "annulled: no notice");
    })
    .await;
}

/// The second approval and the loss of the mark, many times over.
#[tokio::test]
async fn nothing_is_published_for_an_association_that_loses_its_mark_at_that_instant() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        story.approve(0).await.unwrap();
        let (approved, lost) = tokio::join!(
            story.approve(1),
            orgs::withdraw_verification(&app, &story.moderators[2], "asso", MOTIVE),
        );
        lost.unwrap();
        let mut tx = app.store().read().await.unwrap();
        let host = crate::store::hosts::find(&mut tx, story.host.id)
            .await
            .unwrap()
            .unwrap();
        let decision = listing::consult(&app, &mut tx, &host).await.unwrap();
        assert_eq!(host.listing.standing, decision.standing);
        assert_eq!(approved.is_ok(), story.read().await.number.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_program_needs_the_scope_and_a_draft_is_nobodys_business() {
    on_each_app(async |app| {
        let story = Story::begin(&app).await;
        story
            .change(|it| it.state = RecommendationState::Draft)
            .await;
        let who = &story.moderators[0];
        let hidden = show(&app, who, story.id).await;
        assert!(matches!(
            hidden,
            Err(AppError::NotFound(Missing::Recommendation))
        ));
        let account = Box::new(who.account().unwrap().clone());
        let program = Who::Program {
            account,
            scopes: vec![crate::domain::account::Scope::AdsWrite],
        };
        assert!(is_forbidden(&list(&app, &program, None, 10).await));
        assert!(is_forbidden(&list(&app, &story.author, None, 10).await));
    })
    .await;
}
