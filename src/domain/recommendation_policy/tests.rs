use std::{fs, path::Path};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// What counts.
const SOUND: Facts = Facts {
    authentication: Authentication::FetchedWithProof,
    has_same_origin: true,
    is_key_of_author: true,
    has_proof_expired: false,
    is_by_organisation: true,
    is_about_itself: false,
    origin: Origin::Serves,
    is_acknowledged: true,
    vouching: Vouching::Independent,
    is_repeated: false,
    accompaniment: Accompaniment::Finished,
    is_host_blocked: false,
};

#[test]
fn what_is_sound_counts_for_no_particular_reason() {
    let judgement = judge(&SOUND);
    assert_eq!(judgement.outcome, Outcome::Count);
    assert_eq!(judgement.reason, None);
    assert!(judgement.checks.iter().all(|(_, passed)| *passed));
    assert_eq!(judgement.checks.len(), Check::ALL.len());
}

#[test]
fn each_flaw_has_its_consequence_and_its_reason() {
    use Check as C;
    let cases = [
        (
            Facts {
                authentication: Authentication::Proof,
                origin: Origin::Unknown,
                ..SOUND
            },
            Outcome::Hold,
            C::SeenAtOrigin,
        ),
        (
            Facts {
                authentication: Authentication::Fetched,
                ..SOUND
            },
            Outcome::Display,
            C::Portable,
        ),
        (
            Facts {
                authentication: Authentication::None,
                origin: Origin::Unknown,
                ..SOUND
            },
            Outcome::Refuse,
            C::Authentic,
        ),
        (
            Facts {
                has_same_origin: false,
                ..SOUND
            },
            Outcome::Refuse,
            C::SameOrigin,
        ),
        (
            Facts {
                is_key_of_author: false,
                ..SOUND
            },
            Outcome::Refuse,
            C::KeyOfAuthor,
        ),
        (
            Facts {
                has_proof_expired: true,
                ..SOUND
            },
            Outcome::Refuse,
            C::ProofCurrent,
        ),
        (
            Facts {
                is_about_itself: true,
                ..SOUND
            },
            Outcome::Refuse,
            C::NotSelf,
        ),
        (
            Facts {
                is_by_organisation: false,
                ..SOUND
            },
            Outcome::Display,
            C::ByOrganisation,
        ),
        (
            Facts {
                origin: Origin::Gone,
                ..SOUND
            },
            Outcome::Withdrawn,
            C::NotWithdrawn,
        ),
        (
            Facts {
                origin: Origin::Unreachable(TimeDelta::days(180)),
                ..SOUND
            },
            Outcome::Display,
            C::OriginReachable,
        ),
        (
            Facts {
                is_acknowledged: false,
                ..SOUND
            },
            Outcome::Hold,
            C::Acknowledged,
        ),
        (
            Facts {
                vouching: Vouching::Nobody,
                ..SOUND
            },
            Outcome::Hold,
            C::VouchedFor,
        ),
        (
            Facts {
                vouching: Vouching::Untrusted,
                ..SOUND
            },
            Outcome::Hold,
            C::VouchedFor,
        ),
        (
            Facts {
                vouching: Vouching::OnlyByItsOwnSite,
                ..SOUND
            },
            Outcome::Display,
            C::IndependentVoucher,
        ),
        (
            Facts {
                is_repeated: true,
                ..SOUND
            },
            Outcome::Display,
            C::First,
        ),
        (
            Facts {
                accompaniment: Accompaniment::Missing,
                ..SOUND
            },
            Outcome::Hold,
            C::Finished,
        ),
        (
            Facts {
                accompaniment: Accompaniment::Ongoing,
                ..SOUND
            },
            Outcome::Hold,
            C::Finished,
        ),
        (
            Facts {
                accompaniment: Accompaniment::OtherParties,
                ..SOUND
            },
            Outcome::Refuse,
            C::SameParties,
        ),
        (
            Facts {
                is_host_blocked: true,
                ..SOUND
            },
            Outcome::Refuse,
            C::NotBlocked,
        ),
    ];
    for (facts, outcome, reason) in cases {
        let judgement = judge(&facts);
        assert_eq!(
            (judgement.outcome, judgement.reason),
            (outcome, Some(reason)),
            "{facts:?}"
        );
    }
    let away = Origin::Unreachable(TimeDelta::days(179));
    assert_eq!(
        judge(&Facts {
            origin: away,
            ..SOUND
        })
        .outcome,
        Outcome::Count
    );
}

/// The facts of a case of the shared table.
fn read(facts: &Value) -> Facts {
    let flag = |name: &str| facts[name].as_bool().unwrap();
    let ids = |name: &str| -> Vec<String> {
        let ids = facts[name].as_array().unwrap().iter();
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    };
    let trusted = ids("trusted_instances");
    let vouchers = ids("vouched_by");
    let is_trusted = vouchers.iter().any(|voucher| trusted.contains(voucher));
    Facts {
        authentication: match facts["authenticated"].as_str().unwrap() {
            "none" => Authentication::None,
            "proof" => Authentication::Proof,
            "fetched" => Authentication::Fetched,
            "fetched+proof" => Authentication::FetchedWithProof,
            other => panic!("{other}"),
        },
        has_same_origin: flag("id_origin_equals_owner_origin"),
        is_key_of_author: flag("key_owner_is_attributedTo"),
        has_proof_expired: flag("proof_expired"),
        is_by_organisation: flag("owner_is_actor_type_Organization"),
        is_about_itself: flag("owner_equals_host"),
        origin: match &facts["origin_status"] {
            Value::Null => Origin::Unknown,
            Value::Number(status) if status.as_u64() == Some(200) => Origin::Serves,
            Value::Number(_) => Origin::Gone,
            other => {
                let days = other
                    .as_str()
                    .unwrap()
                    .strip_prefix("unreachable-")
                    .unwrap();
                let days = days.strip_suffix('d').unwrap().parse().unwrap();
                Origin::Unreachable(TimeDelta::days(days))
            }
        },
        is_acknowledged: flag("in_host_recommendations"),
        vouching: match (vouchers.is_empty(), is_trusted) {
            (true, _) => Vouching::Nobody,
            (false, false) => Vouching::Untrusted,
            _ if flag("voucher_operated_by_recommended_host") => Vouching::OnlyByItsOwnSite,
            _ => Vouching::Independent,
        },
        is_repeated: flag("same_association_host_pair_already_counted"),
        accompaniment: match facts["agreement"].as_str().unwrap() {
            "finished-and-parties-match" => Accompaniment::Finished,
            "unfinished" => Accompaniment::Ongoing,
            "parties-mismatch" => Accompaniment::OtherParties,
            "missing" => Accompaniment::Missing,
            other => panic!("{other}"),
        },
        is_host_blocked: flag("host_blocked"),
    }
}

#[test]
fn every_case_of_the_shared_table_has_the_expected_outcome() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/fixtures/fep/recommendation-policy-cases.json");
    let Ok(bytes) = fs::read(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let table: Value = serde_json::from_slice(&bytes).unwrap();
    let cases = table["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 23);
    for case in cases {
        let judgement = judge(&read(&case["facts"]));
        let outcome = judgement.outcome.as_str();
        assert_eq!(
            outcome,
            case["expect"].as_str().unwrap(),
            "{}",
            case["name"]
        );
    }
}

prop_compose! {
    fn any_facts()(
        authentication in prop::sample::select(vec![
            Authentication::None, Authentication::Proof, Authentication::Fetched,
            Authentication::FetchedWithProof,
        ]),
        flags in any::<[bool; 8]>(),
        origin in prop_oneof![
            Just(Origin::Unknown), Just(Origin::Serves), Just(Origin::Gone),
            (0_i64..400).prop_map(|days| Origin::Unreachable(TimeDelta::days(days))),
        ],
        vouching in prop::sample::select(vec![
            Vouching::Nobody, Vouching::Untrusted, Vouching::OnlyByItsOwnSite, Vouching::Independent,
        ]),
        accompaniment in prop::sample::select(vec![
            Accompaniment::Finished, Accompaniment::Ongoing, Accompaniment::OtherParties,
            Accompaniment::Missing,
        ]),
    ) -> Facts {
        Facts {
            authentication,
            has_same_origin: flags[0],
            is_key_of_author: flags[1],
            has_proof_expired: flags[2],
            is_by_organisation: flags[3],
            is_about_itself: flags[4],
            origin,
            is_acknowledged: flags[5],
            vouching,
            is_repeated: flags[6],
            accompaniment,
            is_host_blocked: flags[7],
        }
    }
}

proptest! {
    #[test]
    fn it_counts_exactly_when_nothing_fails(facts in any_facts()) {
        let judgement = judge(&facts);
        let all = judgement.checks.iter().all(|(_, passed)| *passed);
        prop_assert_eq!(judgement.outcome == Outcome::Count, all);
        prop_assert_eq!(judgement.reason.is_none(), all);
    }
}
