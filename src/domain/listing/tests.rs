use proptest::prelude::*;

use super::*;

const HOST: i64 = 1_000;

fn day(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(day)
}

fn candidate() -> Candidate {
    Candidate {
        is_accepted: true,
        accompanies: true,
        organisation: HOST.into(),
    }
}

/// Published on day 10, expires on day 1000.
fn sound(author: i64) -> Statement {
    Statement {
        author: author.into(),
        is_author_verified: true,
        has_link: false,
        is_finished: true,
        approvals: 2,
        published_at: Some(day(10)),
        expires_at: Some(day(1000)),
        withdrawn_at: None,
        verification_lost_at: None,
        is_annulled: false,
    }
}

fn standing(statements: &[Statement], on: i64) -> Standing {
    decide(&candidate(), statements, day(on)).standing
}

#[test]
fn nobody_is_listed_without_a_recommendation() {
    assert_eq!(standing(&[], 20), Standing::Unlisted);
}

#[test]
fn one_sound_recommendation_is_enough_from_the_day_it_is_published() {
    assert_eq!(standing(&[sound(1)], 9), Standing::Unlisted);
    assert_eq!(standing(&[sound(1)], 10), Standing::Listed);
}

#[test]
fn whatever_is_missing_keeps_it_from_counting() {
    let missing: [fn(&mut Statement); 7] = [
        |it| it.is_author_verified = false,
        |it| it.has_link = true,
        |it| it.is_finished = false,
        |it| it.approvals = 1,
        |it| it.published_at = None,
        |it| it.is_annulled = true,
        |it| it.author = HOST.into(),
    ];
    for (index, spoil) in missing.iter().enumerate() {
        let mut statement = sound(1);
        spoil(&mut statement);
        assert_eq!(standing(&[statement], 20), Standing::Unlisted, "{index}");
    }
}

#[test]
fn a_structure_without_accompaniment_or_out_of_favour_is_not_listed() {
    for spoil in [
        (|it: &mut Candidate| it.accompanies = false) as fn(&mut Candidate),
        |it| it.is_accepted = false,
    ] {
        let mut candidate = candidate();
        spoil(&mut candidate);
        let decision = decide(&candidate, &[sound(1)], day(20));
        assert_eq!(decision.standing, Standing::Unlisted);
        assert_eq!(decision.settle_at, None);
    }
}

#[test]
fn two_recommendations_of_one_association_count_once() {
    let decision = decide(&candidate(), &[sound(1), sound(1), sound(2)], day(20));
    assert_eq!(decision.counted, 2);
}

#[test]
fn after_the_last_one_a_notice_of_sixty_days_then_out() {
    let withdrawn = Statement {
        withdrawn_at: Some(day(100)),
        ..sound(1)
    };
    let decision = decide(&candidate(), &[withdrawn], day(100));
    assert_eq!(decision.standing, Standing::Notice);
    assert_eq!(decision.notice_until, Some(day(160)));
    assert_eq!(decision.settle_at, Some(day(160)));
    assert_eq!(standing(&[withdrawn], 159), Standing::Notice);
    assert_eq!(standing(&[withdrawn], 160), Standing::Unlisted);
}

#[test]
fn an_author_who_loses_its_mark_stops_counting_and_counts_again_with_it() {
    let lost = Statement {
        is_author_verified: false,
        verification_lost_at: Some(day(50)),
        ..sound(1)
    };
    assert_eq!(standing(&[lost], 60), Standing::Notice);
    let found_again = Statement {
        is_author_verified: true,
        ..lost
    };
    assert_eq!(standing(&[found_again], 60), Standing::Listed);
}

#[test]
fn what_should_never_have_counted_gives_no_notice() {
    let annulled = Statement {
        is_annulled: true,
        withdrawn_at: Some(day(100)),
        ..sound(1)
    };
    assert_eq!(standing(&[annulled], 101), Standing::Unlisted);
}

/// What can happen, each on a day, to one of three recommendations or to the structure.
#[derive(Clone, Copy, Debug)]
enum Event {
    Approve(usize),
    Recuse(usize),
    Publish(usize),
    Withdraw(usize),
    Annul(usize),
    LoseMark(usize),
    FindMark(usize),
    Merge(usize, usize),
    Suspend,
    Restore,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let which = 0..3_usize;
    let event = prop_oneof![
        which.clone().prop_map(Event::Approve),
        which.clone().prop_map(Event::Recuse),
        which.clone().prop_map(Event::Publish),
        which.clone().prop_map(Event::Withdraw),
        which.clone().prop_map(Event::Annul),
        which.clone().prop_map(Event::LoseMark),
        which.clone().prop_map(Event::FindMark),
        (which.clone(), which).prop_map(|(a, b)| Event::Merge(a, b)),
        Just(Event::Suspend),
        Just(Event::Restore),
    ];
    proptest::collection::vec(event, 0..30)
}

fn apply(candidate: &mut Candidate, statements: &mut [Statement; 3], event: Event, on: i64) {
    let expires = Some(day(on + 300));
    match event {
        Event::Approve(it) => statements[it].approvals = (statements[it].approvals + 1).min(2),
        Event::Recuse(it) => statements[it].approvals = statements[it].approvals.saturating_sub(1),
        Event::Publish(it) if statements[it].approvals == 2 => {
            statements[it].published_at = Some(day(on));
            statements[it].expires_at = expires;
        }
        Event::Publish(_) => {}
        Event::Withdraw(it) => statements[it].withdrawn_at = Some(day(on)),
        Event::Annul(it) => statements[it].is_annulled = true,
        Event::LoseMark(it) => {
            statements[it].is_author_verified = false;
            statements[it].verification_lost_at = Some(day(on));
        }
        Event::FindMark(it) => {
            statements[it].is_author_verified = true;
            statements[it].verification_lost_at = None;
        }
        Event::Merge(from, into) => statements[from].author = statements[into].author,
        Event::Suspend => candidate.is_accepted = false,
        Event::Restore => candidate.is_accepted = true,
    }
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_the_directory_holds_only_the_recommended(
        events in events(),
        later in 0..500_i64,
    ) {
        let mut candidate = candidate();
        let unpublished = |author| Statement {
            approvals: 0,
            published_at: None,
            expires_at: None,
            ..sound(author)
        };
        let mut statements = [unpublished(1), unpublished(2), unpublished(3)];
        for (index, event) in events.iter().enumerate() {
            let on = i64::try_from(index).unwrap() * 10;
            apply(&mut candidate, &mut statements, *event, on);
            let now = day(on + later);
            let decision = decide(&candidate, &statements, now);

            // said again without the rule's own words
            let live: BTreeSet<_> = statements.iter().filter(|it| {
                it.published_at.is_some_and(|from| from <= now)
                    && it.expires_at.is_some_and(|until| now < until)
                    && it.withdrawn_at.is_none_or(|at| now < at)
                    && (it.is_author_verified || it.verification_lost_at.is_some_and(|at| now < at))
                    && !it.is_annulled && it.approvals == 2
            }).map(|it| it.author).collect();
            prop_assert_eq!(decision.counted, live.len());
            prop_assert_eq!(
                decision.standing == Standing::Listed,
                candidate.is_accepted && !live.is_empty()
            );
            if decision.standing == Standing::Notice {
                prop_assert!(candidate.is_accepted && live.is_empty());
                prop_assert!(decision.notice_until.is_some_and(|until| now < until));
            }

            // facts are a set
            statements.reverse();
            prop_assert_eq!(decide(&candidate, &statements, now), decision);
            statements.reverse();

            // nothing changes before the instant it announces, and something does then
            if let Some(next) = decision.settle_at {
                prop_assert!(now < next);
                let just_before = decide(&candidate, &statements, next - TimeDelta::microseconds(1));
                prop_assert_eq!(just_before.standing, decision.standing);
            }
        }
    }
}
