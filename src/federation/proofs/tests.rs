//! The published vectors, every change to a signed document, and arbitrary input.

use std::{fs, path::Path};

use aws_lc_rs::signature::Ed25519KeyPair;
use proptest::prelude::*;
use serde_json::json;

use super::{keys::NotStated, *};

/// FEP-8b32, `fep-8b32.feature` (CC0); the same pair as in W3C vc-di-eddsa, appendix B.
const FEP_PUBLIC: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
const FEP_SECRET: &str = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq";
const FEP_METHOD: &str = "https://server.example/users/alice#ed25519-key";
const FEP_SIGNATURE: &str =
    "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL";
/// W3C vc-di-eddsa, `TestVectors/eddsa-jcs-2022/sigBTC58JCS.txt`.
const W3C_SIGNATURE: &str =
    "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX";

fn seed(secret: &str) -> Vec<u8> {
    let bytes = multikey::decode(secret).unwrap();
    bytes.strip_prefix(&[0x80, 0x26]).unwrap().to_vec()
}

fn created() -> DateTime<Utc> {
    "2023-02-24T23:36:38Z".parse().unwrap()
}

fn fep_document() -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/data-integrity/v2"
        ],
        "id": "https://server.example/activities/1",
        "type": "Create",
        "actor": "https://server.example/users/alice",
        "object": {
            "id": "https://server.example/objects/1",
            "type": "Note",
            "attributedTo": "https://server.example/users/alice",
            "content": "Hello world",
            "location": {
                "type": "Place",
                "longitude": -71.184_902,
                "latitude": 25.273_962
            }
        }
    })
}

fn w3c_document() -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2"
        ],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:abcdefgh",
            "alumniOf": "The School of Examples"
        }
    })
}

fn signer() -> ProofSigner {
    ProofSigner::from_seed(FEP_METHOD, &seed(FEP_SECRET)).unwrap()
}

fn public() -> Multikey {
    Multikey::parse(FEP_PUBLIC).unwrap()
}

fn signed() -> Value {
    sign(fep_document(), &signer(), created()).unwrap()
}

#[test]
fn our_signatures_are_those_of_the_published_vectors() {
    assert_eq!(signer().public_key().unwrap(), public());
    assert_eq!(signed()["proof"]["proofValue"], FEP_SIGNATURE);
    let method = format!("did:key:{FEP_PUBLIC}#{FEP_PUBLIC}");
    let signer = ProofSigner::from_seed(method, &seed(FEP_SECRET)).unwrap();
    let credential = sign(w3c_document(), &signer, created()).unwrap();
    assert_eq!(credential["proof"]["proofValue"], W3C_SIGNATURE);
}

#[test]
fn a_valid_proof_says_for_which_key() {
    let valid = verify(&signed(), &public()).unwrap();
    assert_eq!(
        valid,
        ValidFor {
            key: public(),
            method: FEP_METHOD.into(),
            created: Some(created()),
            expires: None,
        }
    );
}

#[test]
fn the_order_of_members_and_a_signature_of_others_do_not_matter() {
    let mut document = signed();
    document["signature"] = json!({"type": "RsaSignature2017"});
    let text = serde_json::to_string(&document).unwrap();
    let turned: Vec<(String, Value)> = serde_json::from_str::<Map<String, Value>>(&text)
        .unwrap()
        .into_iter()
        .rev()
        .collect();
    let document = Value::Object(turned.into_iter().collect());
    verify(&document, &public()).unwrap();
}

#[test]
fn another_key_did_not_sign() {
    let other = ProofSigner::from_seed(FEP_METHOD, &[7; 32]).unwrap();
    let other = other.public_key().unwrap();
    assert_eq!(verify(&signed(), &other), Err(ProofError::WrongSignature));
    let rsa = Multikey::Rsa(vec![1, 2, 3]);
    assert_eq!(verify(&signed(), &rsa), Err(ProofError::WrongKey));
}

/// What a change to a proof is refused for.
fn refusal(change: impl FnOnce(&mut Value)) -> ProofError {
    let mut document = signed();
    change(&mut document);
    verify(&document, &public()).unwrap_err()
}

#[test]
fn each_mistake_has_its_reason() {
    let proof =
        |name: &'static str, value: Value| refusal(move |document| document["proof"][name] = value);
    assert_eq!(
        refusal(|document| document["proof"] = json!(null)),
        ProofError::NoProof
    );
    assert_eq!(
        refusal(|document| {
            let one = document["proof"].clone();
            document["proof"] = json!([one]);
        }),
        ProofError::SeveralProofs
    );
    assert_eq!(
        refusal(|document| document["proof"] = json!("https://server.example/proof")),
        ProofError::Malformed
    );
    assert_eq!(
        proof("type", json!("Ed25519Signature2020")),
        ProofError::UnknownKind
    );
    assert_eq!(
        proof("cryptosuite", json!("eddsa-rdfc-2022")),
        ProofError::UnknownKind
    );
    assert_eq!(
        proof("proofPurpose", json!("authentication")),
        ProofError::WrongPurpose
    );
    assert_eq!(proof("proofValue", json!(null)), ProofError::Malformed);
    assert_eq!(proof("proofValue", json!("z")), ProofError::Malformed);
    assert_eq!(
        proof("proofValue", json!(FEP_PUBLIC)),
        ProofError::Malformed
    );
    assert_eq!(proof("created", json!("yesterday")), ProofError::Malformed);
    assert_eq!(proof("expires", json!(12)), ProofError::Malformed);
    assert_eq!(
        proof("@context", json!("https://other.example/")),
        ProofError::OtherContext
    );
    assert_eq!(
        refusal(|document| document["object"]["size"] = json!(9_007_199_254_740_993_u64)),
        ProofError::UnsafeNumber
    );
    assert_eq!(
        refusal(|document| document["proof"]["n"] = json!(-9_007_199_254_740_993_i64)),
        ProofError::UnsafeNumber
    );
    assert_eq!(verify(&json!([]), &public()), Err(ProofError::NotAnObject));
}

#[test]
fn a_longer_context_is_replaced_by_the_one_of_the_proof() {
    let mut document = signed();
    let context = document["@context"].as_array_mut().unwrap();
    context.push(json!({"extra": "https://other.example/#extra"}));
    verify(&document, &public()).unwrap();
    let context = document["@context"].as_array_mut().unwrap();
    context.reverse();
    assert_eq!(verify(&document, &public()), Err(ProofError::OtherContext));
}

#[test]
fn what_readers_would_round_is_never_signed() {
    let mut document = fep_document();
    document["size"] = json!(u64::MAX);
    let refusal = sign(document, &signer(), created());
    assert_eq!(refusal, Err(ProofError::UnsafeNumber));
    let again = sign(signed(), &signer(), created());
    assert_eq!(again, Err(ProofError::SeveralProofs));
}

fn alice(entries: Value) -> Value {
    json!({"id": "https://server.example/users/alice", "type": "Person", "assertionMethod": entries})
}

fn entry(change: impl FnOnce(&mut Value)) -> Value {
    let mut entry = json!({
        "id": FEP_METHOD,
        "type": "Multikey",
        "controller": "https://server.example/users/alice",
        "publicKeyMultibase": FEP_PUBLIC,
    });
    change(&mut entry);
    entry
}

#[test]
fn a_key_counts_only_when_its_owner_lists_it_as_its_own() {
    let now = created() + chrono::TimeDelta::days(1);
    let check = |actor: &Value| keys::check(&signed(), actor, now);
    check(&alice(entry(|_| {}))).unwrap();
    check(&alice(json!([null, "https://a.test", {}, entry(|_| {})]))).unwrap();
    for foreign in [
        alice(json!([])),
        alice(json!(FEP_METHOD)),
        alice(entry(|entry| {
            entry["controller"] = json!("https://server.example/users/bob")
        })),
        alice(entry(|entry| entry["controller"] = json!(null))),
        alice(entry(|entry| {
            entry["id"] = json!("https://server.example/users/alice#other")
        })),
        alice(entry(|entry| entry["type"] = json!("Key"))),
        alice(entry(|entry| entry["publicKeyMultibase"] = json!("z6Mk"))),
        json!({"assertionMethod": entry(|_| {})}),
    ] {
        assert_eq!(check(&foreign), Err(NotStated::ForeignKey), "{foreign}");
    }
    let other = ProofSigner::from_seed(FEP_METHOD, &[9; 32]).unwrap();
    let other = other.public_key().unwrap().to_string();
    let replaced = alice(entry(|entry| entry["publicKeyMultibase"] = json!(other)));
    assert_eq!(check(&replaced), Err(ProofError::WrongSignature.into()));
}

#[test]
fn an_expired_key_or_proof_is_told_from_a_false_one() {
    let now = created() + chrono::TimeDelta::days(1);
    let until = |at: &'static str| alice(entry(|entry| entry["expires"] = json!(at)));
    keys::check(&signed(), &until("2024-01-01T00:00:00Z"), now).unwrap();
    for past in ["2023-02-25T00:00:00Z", "whenever"] {
        let refusal = keys::check(&signed(), &until(past), now);
        assert_eq!(refusal, Err(NotStated::KeyExpired), "{past}");
    }
}

/// `(path, document, key, whether it is valid)` of the shared collection, in place.
fn shared_proofs() -> Option<Vec<(String, Value)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/fep/proofs");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let read = files
        .filter(|path| !path.ends_with("keys.json"))
        .map(|path| {
            let value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            (path.display().to_string(), value)
        });
    Some(read.collect())
}

#[test]
fn every_proof_of_the_shared_collection_has_the_expected_answer() {
    let Some(cases) = shared_proofs() else { return };
    assert!(cases.len() > 10, "{}", cases.len());
    for (path, case) in cases {
        let key = Multikey::parse(case["publicKeyMultibase"].as_str().unwrap()).unwrap();
        let answer = verify(&case["signed"], &key);
        let expected = case["valid"].as_bool().unwrap();
        assert_eq!(answer.is_ok(), expected, "{path}: {answer:?}");
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let stated = keys::check(&case["signed"], &case["actor"], now);
        let is_expired = path.contains("expired");
        assert_eq!(
            stated == Err(NotStated::ProofExpired),
            is_expired,
            "{path}: {stated:?}"
        );
    }
}

#[test]
fn every_published_vector_of_the_shared_collection_is_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/fep");
    let Ok(vector) = fs::read(folder.join("fep-8b32-vector.json")) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let vector: Value = serde_json::from_slice(&vector).unwrap();
    assert_eq!(
        sign(vector["unsigned"].clone(), &signer(), created()).unwrap(),
        vector["signed"]
    );
    keys::check(&vector["signed"], &vector["actor"], created()).unwrap();
    let keys = fs::read(folder.join("fep-521a-vectors.json")).unwrap();
    for key in serde_json::from_slice::<Vec<Value>>(&keys).unwrap() {
        let text = key["publicKeyMultibase"].as_str().unwrap();
        assert_eq!(Multikey::parse(text).unwrap().to_string(), text);
    }
    let w3c = fs::read(folder.join("w3c-eddsa-jcs-2022/signedJCS.json")).unwrap();
    verify(&serde_json::from_slice(&w3c).unwrap(), &public()).unwrap();
}

/// Paths to every value of a document but the root, and but what a proof holds no promise of.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push(path.clone());
                paths(value, &path, found);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                let path = format!("{at}/{index}");
                found.push(path.clone());
                paths(value, &path, found);
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_signed_can_be_changed_nor_removed() {
    let document = signed();
    let mut found = Vec::new();
    paths(&document, "", &mut found);
    assert!(found.len() > 20);
    for path in found {
        let mut changed = document.clone();
        *changed.pointer_mut(&path).unwrap() = json!("something else");
        assert!(verify(&changed, &public()).is_err(), "{path} changed");
        let (parent, name) = path.rsplit_once('/').unwrap();
        let mut removed = document.clone();
        match removed.pointer_mut(parent).unwrap() {
            Value::Object(members) => {
                members.remove(name);
            }
            Value::Array(values) => {
                values.remove(name.parse().unwrap());
            }
            _ => unreachable!(),
        }
        assert!(verify(&removed, &public()).is_err(), "{path} removed");
        let mut added = document.clone();
        if let Some(Value::Object(members)) = added.pointer_mut(&path) {
            members.insert("extra".into(), json!(1));
            assert!(
                verify(&added, &public()).is_err(),
                "something added to {path}"
            );
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1_000_000_i64..1_000_000).prop_map(Value::from),
        // as coordinates are written: serde_json reads longer ones to the last digit but one
        (-180_000_000_i32..180_000_000).prop_map(|micro| Value::from(f64::from(micro) / 1e6)),
        any::<String>().prop_map(Value::from),
        Just(json!("DataIntegrityProof")),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let key = prop_oneof![
            Just("proof".to_owned()),
            Just("@context".to_owned()),
            Just("proofValue".to_owned()),
            ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_signed_verifies_with_its_key_after_a_journey(
        mut members in prop::collection::btree_map("[a-z]{1,8}", any_json(), 0..6),
        seed in any::<[u8; 32]>(),
    ) {
        members.remove("proof");
        members.remove("signature");
        let document = Value::Object(members.into_iter().collect());
        prop_assume!(holds_safe_numbers(&document));
        let signer = ProofSigner::from_seed("https://a.test/1#key", &seed).unwrap();
        let signed = sign(document, &signer, created()).unwrap();
        let text = serde_json::to_string_pretty(&signed).unwrap();
        let arrived: Value = serde_json::from_str(&text).unwrap();
        let key = signer.public_key().unwrap();
        prop_assert!(verify(&arrived, &key).is_ok());
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        prop_assert_eq!(Multikey::Ed25519(pair.public_key().as_ref().try_into().unwrap()), key);
    }

    #[test]
    fn no_document_makes_the_reader_panic(document in any_json(), proof in any_json()) {
        let _ = (verify(&document, &public()), keys::list(&document));
        let mut document = signed();
        document["proof"]["@context"] = proof.clone();
        let _ = verify(&document, &public());
        document["proof"] = proof;
        let _ = verify(&document, &public());
    }
}
