//! The examples of `docs/vocabulary.md` are what the code serves. To write them anew:
//! `EMANCIPASSO_DOCS=write cargo test --test it vocabulary`.

use std::{fs, path::Path};

use emancipasso::store::Engine;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Instance, Recommended};

/// What differs each time: keys and signatures.
fn without_chance(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if matches!(
                    name.as_str(),
                    "publicKeyPem" | "publicKeyMultibase" | "proofValue"
                ) {
                    *member = json!("…");
                } else {
                    without_chance(member);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(without_chance),
        _ => {}
    }
}

async fn example(instance: &Instance, address: &str) -> String {
    let browser = instance.browser();
    let path = instance.app.config().public_url.path_of(address).unwrap();
    let request = browser
        .request(Method::GET, path)
        .header("accept", "application/activity+json");
    let page = browser.send(request).await;
    let mut document: Value = serde_json::from_str(&page.html).unwrap();
    without_chance(&mut document);
    serde_json::to_string_pretty(&document).unwrap()
}

/// The text with the example of each mark put in its place.
fn with_examples(text: &str, examples: &[(&str, String)]) -> String {
    let mut text = text.to_owned();
    for (name, example) in examples {
        let mark = format!("<!-- example: {name} -->\n");
        let (before, rest) = text.split_once(&mark).expect(name);
        let after = rest.split_once("<!-- end -->").expect(name).1;
        text = format!("{before}{mark}\n```json\n{example}\n```\n\n<!-- end -->{after}");
    }
    text
}

#[tokio::test]
async fn every_example_is_what_the_code_serves() {
    let lyon = Instance::start(Engine::Sqlite, "lyon.test").await;
    let it = Recommended::publish(&lyon).await;
    let at = |path: &str| lyon.url(path);
    let addresses = [
        ("recommendation", it.uri.clone()),
        ("agreement", it.agreement.clone()),
        ("offer", format!("{}/offres/1", it.structure)),
        ("structure", it.structure.clone()),
        ("organisation", it.author.clone()),
        ("instance", at("/federation/instance")),
        ("directory", at("/federation/instance/directory?page=1")),
        (
            "recommendations",
            format!("{}/recommendations", it.structure),
        ),
        ("note", format!("{}/notes/7003", it.structure)),
        ("article", format!("{}/articles/7003", it.structure)),
    ];
    let mut examples = Vec::new();
    for (name, address) in &addresses {
        examples.push((*name, example(&lyon, address).await));
    }
    it.annul(&lyon).await;
    examples.push(("tombstone", example(&lyon, &it.uri).await));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/vocabulary.md");
    let text = fs::read_to_string(&path).unwrap();
    let expected = with_examples(&text, &examples);
    if std::env::var_os("EMANCIPASSO_DOCS").is_some_and(|value| value == "write") {
        fs::write(&path, &expected).unwrap();
    } else {
        assert!(
            text == expected,
            "write the examples of docs/vocabulary.md anew"
        );
    }
}

/// What other implementations of FEP-8b32 verify (`tests/peers/proofs.mjs`, `proofs.py`): a
/// recommendation and its withdrawal, signed with a key that everybody may know.
#[test]
fn what_other_implementations_verify_is_what_we_sign() {
    use emancipasso::federation::{
        proofs::{self, ProofSigner, keys},
        vocabulary,
    };
    let id = "https://lyon.example/organisations/velo";
    let signer = ProofSigner::from_seed(format!("{id}#ed25519-key"), &[8; 32]).unwrap();
    let at = "2026-11-22T09:00:00Z".parse().unwrap();
    let author = json!({
        "@context": vocabulary::actor_context(),
        "id": id,
        "type": "Organization",
        "preferredUsername": "velo",
        "name": "Vélo solidaire",
        "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"),
        "assertionMethod": [{
            "id": format!("{id}#ed25519-key"),
            "type": "Multikey",
            "controller": id,
            "publicKeyMultibase": signer.public_key().unwrap().to_string(),
        }],
    });
    let recommendation = json!({
        "@context": vocabulary::recommendation_context(),
        "id": format!("{id}/recommandations/1"),
        "type": "Recommendation",
        "attributedTo": id,
        "itemReviewed": "https://lyon.example/structures/nuage_libre",
        "content": "<p>« Merci » — 40 bénévoles formé·es, 100 % ❤️ & 𝔸</p>",
        "published": "2026-11-22T09:00:00Z",
        "to": [vocabulary::PUBLIC],
    });
    let withdrawal = json!({
        "@context": vocabulary::signed_context(),
        "id": format!("{id}/activities/1"),
        "type": "Delete",
        "actor": id,
        "object": { "id": format!("{id}/recommandations/1"), "type": "Tombstone" },
        "to": [vocabulary::PUBLIC],
    });
    let signed =
        [recommendation, withdrawal].map(|document| proofs::sign(document, &signer, at).unwrap());
    for document in &signed {
        keys::check(document, &author, at).unwrap();
    }
    let expected = json!({ "author": author, "signed": signed });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/signed.json");
    if std::env::var_os("EMANCIPASSO_DOCS").is_some_and(|value| value == "write") {
        let text = serde_json::to_string_pretty(&expected).unwrap();
        fs::write(&path, text + "\n").unwrap();
    } else {
        let text = fs::read_to_string(&path).unwrap();
        let kept: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(kept, expected);
    }
}
