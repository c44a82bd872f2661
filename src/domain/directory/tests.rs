use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::{prelude::*, sample::subsequence};

use super::*;
use crate::domain::{
    host::{HostState, Line, LineKind, Listing, Membership, PriceBracket, PriceModel},
    ids::{HostId, OfferId, OrganisationId},
    listing::Standing,
};

fn now() -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn host() -> Host {
    Host {
        id: HostId::from(7),
        organisation_id: OrganisationId::from(8),
        handle: "chaton".into(),
        actor_id: None,
        state: HostState::Accepted,
        capacity: Capacity::Open,
        capacity_from: None,
        capacity_said_at: None,
        version: 1,
        created_at: now(),
        updated_at: now(),
        submitted_at: None,
        confirmed_at: None,
        suspended_at: None,
        suspension_motive: String::new(),
        is_unclaimed: false,
        import_url: None,
        listing: Listing {
            standing: Standing::Listed,
            counted: 1,
            listed_since: Some(now()),
            unlisted_at: None,
            settle_at: None,
        },
    }
}

fn offer(lines: &[LineKind]) -> Offer {
    Offer {
        id: OfferId::from(1),
        host_id: HostId::from(7),
        number: 1,
        name: "Tout quitter".into(),
        description: String::new(),
        lines: lines
            .iter()
            .map(|kind| Line {
                kind: *kind,
                note: String::new(),
            })
            .collect(),
        software: vec!["nextcloud".into()],
        price_model: PriceModel::Quotient,
        price_bracket: PriceBracket::Under500,
        created_at: now(),
        updated_at: now(),
    }
}

fn of(facet: Facet, profile: &HostProfile, offers: &[Offer], around: &Surroundings) -> Vec<String> {
    facets(&host(), profile, offers, around, now().date_naive())
        .into_iter()
        .filter(|(found, _)| *found == facet)
        .map(|(_, value)| value)
        .collect()
}

#[test]
fn a_structure_is_found_by_its_profile_and_by_its_offers() {
    let profile = HostProfile {
        software: vec!["paheko".into(), "nextcloud".into()],
        price_model: Some(PriceModel::Free),
        ..HostProfile::default()
    };
    let offers = [offer(&[LineKind::Hosting, LineKind::Support])];
    let around = Surroundings::default();
    assert_eq!(
        of(Facet::Software, &profile, &offers, &around),
        ["nextcloud", "paheko"]
    );
    assert_eq!(
        of(Facet::Price, &profile, &offers, &around),
        ["free", "quotient"]
    );
    assert_eq!(
        of(Facet::Line, &profile, &offers, &around),
        ["hosting", "support"]
    );
    assert_eq!(of(Facet::AllInOne, &profile, &offers, &around), ["yes"]);
    let hosting_only = [offer(&[LineKind::Hosting]), offer(&[LineKind::Diagnosis])];
    assert!(
        of(Facet::AllInOne, &profile, &hosting_only, &around).is_empty(),
        "in one offer"
    );
}

#[test]
fn a_collective_that_was_left_is_no_facet_any_more() {
    let member = |until: &str| Membership {
        collective: "chatons".into(),
        name: "CHATONS".into(),
        url: None,
        since: None,
        until: until.parse().ok(),
    };
    let around = Surroundings::default();
    for (until, found) in [("", 1), ("2026-11-22", 1), ("2026-11-21", 0)] {
        let profile = HostProfile {
            memberships: vec![member(until)],
            ..HostProfile::default()
        };
        assert_eq!(
            of(Facet::Collective, &profile, &[], &around).len(),
            found,
            "{until}"
        );
    }
}

#[test]
fn little_time_is_what_half_of_the_accompaniments_took() {
    for (hours, is_little) in [
        (&[][..], false),
        (&[20], true),
        (&[21], false),
        (&[10, 300], true),
        (&[10, 300, 300], false),
    ] {
        assert_eq!(takes_little_time(hours), is_little, "{hours:?}");
    }
}

fn any_territories() -> impl Strategy<Value = Vec<Territory>> {
    let all = [
        "everywhere",
        "region:53",
        "region:84",
        "departement:29",
        "departement:22",
        "departement:69",
        "departement:2A",
    ];
    let all: Vec<Territory> = all.iter().map(|it| Territory::parse(it).unwrap()).collect();
    let count = all.len();
    subsequence(all, 0..=count)
}

proptest! {
    /// What a filter shows is what [`Territory::contains`] says, for every way to cover the country.
    #[test]
    fn counts_are_those_of_the_structures_that_serve_a_territory(covers in prop::collection::vec(any_territories(), 0..12)) {
        let mut held: BTreeMap<String, i64> = BTreeMap::new();
        for territories in &covers {
            for value in territory_values(territories) {
                *held.entry(value).or_default() += 1;
            }
        }
        let counts = territory_counts(&held.into_iter().collect::<Vec<_>>());
        for (wanted, count) in counts {
            let serves = |territories: &&Vec<Territory>| {
                territories.iter().any(|it| it.contains(wanted) || wanted.contains(*it))
            };
            let expected = covers.iter().filter(serves).count();
            prop_assert_eq!(count, i64::try_from(expected).unwrap(), "{}", wanted);
        }
    }

    #[test]
    fn places_stay_within_their_bounds(id in 1..i64::MAX, first in any::<u64>(), second in any::<u64>()) {
        let order = Order::drawn(now().date_naive(), (first, second));
        prop_assert!((1..PLACES).contains(&order.factor) && (0..PLACES).contains(&order.shift));
        prop_assert!((0..PLACES).contains(&order.place(id)));
    }
}

#[test]
fn over_many_days_each_structure_comes_before_each_other_about_as_often() {
    let mut state = 42_u64;
    let mut draw = || {
        // SplitMix64, which stands for the digest of a day
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let ids = [1_i64, 2, 119_838_468_173_824, 119_838_468_173_825];
    let days = 4_000;
    let mut before = [[0_i32; 4]; 4];
    for _ in 0..days {
        let order = Order::drawn(now().date_naive(), (draw(), draw()));
        for (one, first) in ids.iter().enumerate() {
            for (other, second) in ids.iter().enumerate() {
                before[one][other] += i32::from(order.place(*first) < order.place(*second));
            }
        }
    }
    for one in 0..4 {
        for other in 0..4 {
            let bias = (before[one][other] - days / 2).abs();
            assert!(
                one == other || bias < days / 20,
                "{one} before {other}: {}",
                before[one][other]
            );
        }
    }
}
