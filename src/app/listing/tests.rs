//! The rule as the use cases apply it, whatever happens and in whatever order.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::*;
use crate::{
    app::{
        host_actors, organisations as orgs,
        recommendations::review::{self, Outcome},
        testing::{
            accompanying_offer, add_party, add_person, add_recommendation, add_structure,
            on_each_app,
        },
    },
    domain::{
        account::Role,
        ids::RecommendationId,
        listing::Statement,
        organisation::{OrganisationKind, VerificationMethod},
        recommendation::{RecommendationState, expiry_of},
    },
};

const ASSOCIATIONS: usize = 3;
const MODERATORS: usize = 3;
const MOTIVE: &str = "Parce que les faits sont ainsi.";

/// What can happen to one of three recommendations, to their authors or to the structure.
#[derive(Clone, Copy, Debug)]
enum Event {
    Approve(usize, usize),
    Refuse(usize, usize),
    Recuse(usize, usize),
    Annul(usize),
    Withdraw(usize),
    Verify(usize),
    LoseMark(usize),
    Suspend,
    Restore,
    DropOffer,
    AddOffer,
    LetPass(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let who = 0..ASSOCIATIONS;
    let by = 0..MODERATORS;
    let both = || (who.clone(), by.clone());
    let event = prop_oneof![
        10 => both().prop_map(|(one, by)| Event::Approve(one, by)),
        1 => both().prop_map(|(one, by)| Event::Refuse(one, by)),
        1 => both().prop_map(|(one, by)| Event::Recuse(one, by)),
        1 => who.clone().prop_map(Event::Annul),
        1 => who.clone().prop_map(Event::Withdraw),
        4 => who.clone().prop_map(Event::Verify),
        2 => who.clone().prop_map(Event::LoseMark),
        1 => Just(Event::Suspend),
        2 => Just(Event::Restore),
        1 => Just(Event::DropOffer),
        2 => Just(Event::AddOffer),
        2 => prop_oneof![Just(1), Just(30), Just(61), Just(700)].prop_map(Event::LetPass),
    ];
    prop::collection::vec(event, 1..40)
}

/// What the story itself knows of a recommendation, without asking the database.
struct Told {
    id: RecommendationId,
    author: OrganisationId,
    slug: String,
    is_in_review: bool,
    approved: BTreeSet<usize>,
    recused: BTreeSet<usize>,
    is_verified: bool,
    lost_at: Option<DateTime<Utc>>,
    published_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    is_annulled: bool,
}

impl Told {
    fn statement(&self) -> Statement {
        Statement {
            author: self.author,
            is_author_verified: self.is_verified,
            has_link: false,
            is_finished: true,
            approvals: self.approved.difference(&self.recused).count(),
            published_at: self.published_at,
            expires_at: self.published_at.map(|at| expiry_of(at, 36)),
            withdrawn_at: self.withdrawn_at,
            verification_lost_at: self.lost_at,
            is_annulled: self.is_annulled,
        }
    }
}

struct Story {
    app: App,
    host: Host,
    moderators: Vec<Who>,
    told: Vec<Told>,
    is_accepted: bool,
    has_offer: bool,
}

impl Story {
    async fn begin(app: &App, number: usize) -> Self {
        let (host, _) = add_structure(app, &format!("structure_{number}")).await;
        let mut moderators = Vec::new();
        for by in 0..MODERATORS {
            let email = format!("moderation-{number}-{by}@site{number}{by}.example");
            moderators.push(add_person(app, &email, Role::Moderator).await);
        }
        let mut told = Vec::new();
        for one in 0..ASSOCIATIONS {
            let slug = format!("asso-{number}-{one}");
            let (author, _) = add_party(app, &slug, OrganisationKind::Association).await;
            told.push(Told {
                id: add_recommendation(app, &host, author).await.id,
                author,
                slug,
                is_in_review: true,
                approved: BTreeSet::new(),
                recused: BTreeSet::new(),
                is_verified: false,
                lost_at: None,
                published_at: None,
                withdrawn_at: None,
                is_annulled: false,
            });
        }
        Self {
            app: app.clone(),
            host,
            moderators,
            told,
            is_accepted: true,
            has_offer: true,
        }
    }

    /// Does it through the use cases, and notes what they let happen.
    async fn play(&mut self, event: Event) {
        let app = self.app.clone();
        let now = app.now();
        match event {
            Event::Approve(one, by) => self.approve(one, by).await,
            Event::Refuse(one, by) => {
                let (who, it) = (&self.moderators[by], &mut self.told[one]);
                if review::refuse(&app, who, it.id, 1, MOTIVE).await.is_ok() {
                    assert!(it.is_in_review);
                    it.is_in_review = false;
                }
            }
            Event::Recuse(one, by) => {
                let (who, it) = (&self.moderators[by], &mut self.told[one]);
                if review::recuse(&app, who, it.id, "").await.is_ok() {
                    it.recused.insert(by);
                }
            }
            Event::Annul(one) => {
                let (who, it) = (&self.moderators[0], &mut self.told[one]);
                if review::annul(&app, who, it.id, MOTIVE).await.is_ok() {
                    assert!(it.published_at.is_some() && it.withdrawn_at.is_none());
                    it.is_annulled = true;
                    it.withdrawn_at = Some(now);
                }
            }
            Event::Withdraw(one) => {
                let it = &mut self.told[one];
                if it.published_at.is_some() && it.withdrawn_at.is_none() {
                    withdraw(&app, it.id).await;
                    it.withdrawn_at = Some(now);
                }
            }
            Event::Verify(one) => {
                let (who, it) = (&self.moderators[0], &mut self.told[one]);
                let method = VerificationMethod::Rna;
                if orgs::verify(&app, who, &it.slug, method).await.is_ok() {
                    it.is_verified = true;
                    it.lost_at = None;
                }
            }
            Event::LoseMark(one) => {
                let (who, it) = (&self.moderators[0], &mut self.told[one]);
                let lost = orgs::withdraw_verification(&app, who, &it.slug, MOTIVE).await;
                if lost.is_ok() {
                    it.is_verified = false;
                    it.lost_at = Some(now);
                }
            }
            Event::Suspend => self.set_state(HostState::Suspended).await,
            Event::Restore => self.set_state(HostState::Accepted).await,
            Event::DropOffer => self.set_offer(false).await,
            Event::AddOffer => self.set_offer(true).await,
            Event::LetPass(days) => {
                app.clock().advance(TimeDelta::days(days));
                while settle_due(&app).await.unwrap() > 0 {}
            }
        }
    }

    async fn approve(&mut self, one: usize, by: usize) {
        let (who, it) = (&self.moderators[by], &mut self.told[one]);
        let may = it.is_in_review && !it.recused.contains(&by) && !it.approved.contains(&by);
        let would_publish = it.approved.difference(&it.recused).count() + 1 >= 2;
        let outcome = review::approve(&self.app, who, it.id, 1).await.ok();
        let expected = match (may, would_publish) {
            (false, _) => None,
            (true, true) if !it.is_verified => None,
            (true, true) => Some(Outcome::Published),
            (true, false) => Some(Outcome::Noted),
        };
        assert_eq!(outcome, expected, "{one} by {by}");
        if outcome.is_some() {
            it.approved.insert(by);
        }
        if outcome == Some(Outcome::Published) {
            it.is_in_review = false;
            it.published_at = Some(self.app.now());
        }
    }

    async fn set_state(&mut self, state: HostState) {
        let mut tx = self.app.store().write().await.unwrap();
        let mut host = hosts::lock(&mut tx, self.host.id).await.unwrap().unwrap();
        if host.state.may_become(state) {
            host.state = state;
            hosts::update(&mut tx, &host).await.unwrap();
            settle(&self.app, &mut tx, host.id).await.unwrap();
            tx.commit().await.unwrap();
            self.is_accepted = state == HostState::Accepted;
        }
    }

    async fn set_offer(&mut self, wanted: bool) {
        let mut tx = self.app.store().write().await.unwrap();
        for offer in host_offers::list(&mut tx, self.host.id).await.unwrap() {
            host_offers::delete(&mut tx, offer.id).await.unwrap();
        }
        if wanted {
            let offer = accompanying_offer(&self.app, self.host.id);
            host_offers::insert(&mut tx, &offer).await.unwrap();
        }
        settle(&self.app, &mut tx, self.host.id).await.unwrap();
        tx.commit().await.unwrap();
        self.has_offer = wanted;
    }

    /// What is kept is what the rule says of what the story knows, and every reader sees the same.
    async fn check(&self) {
        let mut tx = self.app.store().read().await.unwrap();
        let host = hosts::find(&mut tx, self.host.id).await.unwrap().unwrap();
        let candidate = Candidate {
            is_accepted: self.is_accepted,
            accompanies: self.has_offer,
            organisation: host.organisation_id,
        };
        let statements: Vec<_> = self.told.iter().map(Told::statement).collect();
        let expected = listing::decide(&candidate, &statements, self.app.now());
        assert_eq!(consult(&self.app, &mut tx, &host).await.unwrap(), expected);
        let kept = host.listing;
        assert_eq!(kept.standing, expected.standing);
        assert_eq!(usize::try_from(kept.counted).unwrap(), expected.counted);
        assert_eq!(kept.settle_at, expected.settle_at);
        let is_in = expected.standing.is_in_directory();
        assert_eq!(kept.listed_since.is_some(), is_in);
        let entry = host_actors::find_entry(&self.app, host.id);
        assert_eq!(entry.await.unwrap().is_some(), is_in, "on the wire");
    }
}

/// As its author does.
async fn withdraw(app: &App, id: RecommendationId) {
    let mut tx = app.store().write().await.unwrap();
    let mut it = recommendations::lock(&mut tx, id).await.unwrap().unwrap();
    it.state = RecommendationState::Withdrawn;
    it.withdrawn_at = Some(app.now());
    recommendations::update(&mut tx, &it).await.unwrap();
    settle(app, &mut tx, it.host_id).await.unwrap();
    tx.commit().await.unwrap();
}

/// Invariant 1: in every order of events.
#[tokio::test]
async fn whatever_happens_the_directory_holds_who_the_rule_says() {
    const CASES: usize = 40;
    on_each_app(async |app| {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut ever_listed = 0;
        for number in 0..CASES {
            let mut story = Story::begin(&app, number).await;
            let played = events().new_tree(&mut runner).unwrap().current();
            for (index, event) in played.iter().enumerate() {
                story.play(*event).await;
                println!("story {number}: {:?}", &played[..=index]);
                story.check().await;
            }
            ever_listed += usize::from(story.told.iter().any(|it| it.published_at.is_some()));
        }
        assert!(
            ever_listed > CASES / 4,
            "only {ever_listed} stories publish"
        );
    })
    .await;
}

#[tokio::test]
async fn the_structure_is_told_when_it_enters_when_its_notice_begins_and_when_it_leaves() {
    on_each_app(async |app| {
        let mut story = Story::begin(&app, 0).await;
        story.play(Event::Verify(0)).await;
        story.play(Event::Approve(0, 0)).await;
        story.play(Event::Approve(0, 1)).await;
        app.clock().advance(TimeDelta::days(10));
        story.play(Event::Withdraw(0)).await;
        let until = app.now() + TimeDelta::days(60);
        story.play(Event::LetPass(59)).await;
        story.check().await;
        story.play(Event::LetPass(1)).await;
        story.check().await;
        assert!(app.now() >= until);

        let mut told = Vec::new();
        while let Some(mail) = mails::claim_next(&app).await.unwrap() {
            if mail.message.to == "bureau@structure_0.example" {
                told.push(mail.message.subject.clone());
            }
            mails::record_outcome(&app, &mail, Ok(())).await.unwrap();
        }
        let begins = |start: &str| told.iter().filter(|it| it.starts_with(start)).count();
        assert_eq!(
            begins("Organisation structure_0 figure dans"),
            1,
            "{told:?}"
        );
        assert_eq!(begins("Organisation structure_0 quitte l"), 1, "{told:?}");
        assert_eq!(begins("Organisation structure_0 n’est plus"), 1, "{told:?}");
        let log = decisions::list(&app, None, 50).await.unwrap();
        let log: Vec<_> = log
            .iter()
            .rev()
            .map(|line| line.decision.decision)
            .collect();
        assert_eq!(
            log,
            [
                PublicDecision::HostListed,
                PublicDecision::RecommendationPublished,
                PublicDecision::HostNotice,
                PublicDecision::HostUnlisted,
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_structure_that_runs_the_site_is_not_vouched_for_by_itself() {
    on_each_app(async |app| {
        let mut story = Story::begin(&app, 0).await;
        story.play(Event::Verify(0)).await;
        story.play(Event::Approve(0, 0)).await;
        story.play(Event::Approve(0, 1)).await;
        let mut config = app.config().clone();
        config.directory.operator = "structure_0".to_owned();
        let app = App::start(config, app.clock().clone()).await.unwrap();
        let mut tx = app.store().write().await.unwrap();
        let decision = settle(&app, &mut tx, story.host.id).await.unwrap();
        assert_eq!(decision.standing, Standing::Unlisted);
    })
    .await;
}
