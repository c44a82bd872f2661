//! Whether a recommendation would count here: what this site says of its own, of those of others,
//! and of what is forged.

use emancipasso::{
    app::verification::{self, Verdict},
    domain::{
        federation::InboxOutcome,
        multikey::Multikey,
        recommendation_policy::{Check, NoEvidence, Outcome, ProofFlaw},
    },
    federation::proofs::{self, ProofSigner},
    store::Engine,
};
use serde_json::{Value, json};

use crate::support::{Instance, Recommended, Stage};

async fn examine(instance: &Instance, address: &str) -> Result<Verdict, NoEvidence> {
    verification::examine(&instance.app, &instance.federation, address)
        .await
        .unwrap()
}

async fn judged(instance: &Instance, address: &str) -> (Outcome, Option<Check>) {
    let verdict = examine(instance, address).await.unwrap();
    (verdict.judgement.outcome, verdict.judgement.reason)
}

on_both_engines! {
    async fn what_two_moderators_approved_counts_where_they_did_and_waits_elsewhere(engine: Engine) {
        let [lyon, brest] = Instance::start_all(engine, ["lyon.test", "brest.test"], |_| {}).await;
        let it = Recommended::publish(&lyon).await;
        for _ in 0..3 {
            emancipasso::jobs::keys::run_once(&brest.app).await.unwrap();
        }
        assert_eq!(judged(&lyon, &it.uri).await, (Outcome::Count, None));
        // nobody at Brest trusts Lyon yet: everything else is in order
        let verdict = examine(&brest, &it.uri).await.unwrap();
        assert_eq!(verdict.judgement.outcome, Outcome::Hold);
        let failed: Vec<Check> = verdict.judgement.checks.iter()
            .filter(|(_, passed)| !passed)
            .map(|(check, _)| *check)
            .collect();
        assert_eq!(failed, [Check::VouchedFor]);
        assert_eq!(verdict.evidence.vouchers.len(), 1);

        let page = brest.browser().get(&format!("/verifier?uri={}", it.uri)).await;
        assert_eq!(page.status, 200);
        assert!(page.html.contains("ne serait pas montrée ici"), "{}", page.html);

        it.annul(&lyon).await;
        for instance in [&lyon, &brest] {
            let verdict = judged(instance, &it.uri).await;
            assert_eq!(verdict, (Outcome::Withdrawn, Some(Check::NotWithdrawn)));
        }
    }
}

#[tokio::test]
async fn an_address_that_leads_to_nothing_is_told_apart() {
    let lyon = Instance::start(Engine::Sqlite, "lyon.test").await;
    let it = Recommended::publish(&lyon).await;
    for (address, reason) in [
        ("velo", NoEvidence::NotAnAddress),
        ("ftp://lyon.test/1", NoEvidence::NotAnAddress),
        (it.structure.as_str(), NoEvidence::NotARecommendation),
        ("http://nowhere.test/1", NoEvidence::NoAnswer),
    ] {
        assert_eq!(examine(&lyon, address).await, Err(reason), "{address}");
    }
    let page = lyon.browser().get("/verifier?uri=velo").await;
    assert!(page.html.contains("Rien à vérifier"), "{}", page.html);
}

/// A site that recommends a structure, every part of which can be changed.
struct Forge {
    stage: Stage,
    signer: ProofSigner,
    author: Value,
    structure: Value,
    list: Value,
    agreement: Value,
    unsigned: Value,
}

impl Forge {
    async fn set() -> Self {
        let stage = Stage::set(Engine::Sqlite).await;
        let at = |path: &str| stage.social.url(path);
        let (author, host) = (at("/asso"), at("/host"));
        let signer = ProofSigner::from_seed(format!("{author}#key"), &[3; 32]).unwrap();
        let mut asso = stage.social.person("asso").document;
        asso["id"] = json!(author);
        asso["type"] = json!("Organization");
        asso["publicKey"]["owner"] = json!(author);
        asso["assertionMethod"] = json!([multikey(&author, &signer.public_key().unwrap())]);
        let mut structure = stage.social.person("host").document;
        structure["id"] = json!(host);
        structure["type"] = json!("Group");
        structure["recommendations"] = json!(format!("{host}/list"));
        let unsigned = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
            "id": format!("{author}/1"),
            "type": "Recommendation",
            "attributedTo": author,
            "itemReviewed": host,
            "context": format!("{host}/agreement"),
            "content": "<p>Merci.</p>",
        });
        Self {
            list: json!({
                "id": format!("{host}/list"),
                "type": "OrderedCollection",
                "attributedTo": host,
                "orderedItems": [format!("{author}/1")],
            }),
            agreement: json!({
                "id": format!("{host}/agreement"),
                "type": "Agreement",
                "attributedTo": host,
                "stipulates": { "type": "Commitment", "provider": host, "receiver": author, "finished": true },
            }),
            author: asso,
            structure,
            unsigned,
            signer,
            stage,
        }
    }

    fn signed(&self) -> Value {
        let now = self.stage.lyon.app.now();
        proofs::sign(self.unsigned.clone(), &self.signer, now).unwrap()
    }

    /// What Lyon says once the site serves all this, with this recommendation.
    async fn judge(&self, document: &Value) -> Verdict {
        for each in [&self.author, &self.structure, &self.list, &self.agreement] {
            self.stage.social.publish(each);
        }
        self.stage.social.publish(document);
        let address = document["id"].as_str().unwrap();
        examine(&self.stage.lyon, address).await.unwrap()
    }

    /// The check that decides, and what is wrong with the proof.
    async fn reason(&self, document: &Value) -> (Option<Check>, Option<ProofFlaw>) {
        let verdict = self.judge(document).await;
        (verdict.judgement.reason, verdict.evidence.flaw)
    }
}

fn multikey(owner: &str, key: &Multikey) -> Value {
    json!({
        "id": format!("{owner}#key"),
        "type": "Multikey",
        "controller": owner,
        "publicKeyMultibase": key.to_string(),
    })
}

#[tokio::test]
async fn every_forgery_of_a_recommendation_is_refused_for_its_own_reason() {
    let mut forge = Forge::set().await;
    let sound = forge.signed();
    assert_eq!(forge.reason(&sound).await, (Some(Check::VouchedFor), None));

    let mut altered = sound.clone();
    altered["content"] = json!("<p>Autre chose.</p>");
    let expected = (Some(Check::Authentic), Some(ProofFlaw::DoesNotMatch));
    assert_eq!(forge.reason(&altered).await, expected);

    let mallory = format!("{}#key", forge.stage.mallory.id);
    let mallory = ProofSigner::from_seed(mallory, &[4; 32]).unwrap();
    let now = forge.stage.lyon.app.now();
    let stolen = proofs::sign(forge.unsigned.clone(), &mallory, now).unwrap();
    let expected = (Some(Check::KeyOfAuthor), Some(ProofFlaw::ForeignKey));
    assert_eq!(forge.reason(&stolen).await, expected);

    forge.author["assertionMethod"][0]["expires"] = json!("2026-11-21T00:00:00Z");
    let expected = (Some(Check::ProofCurrent), Some(ProofFlaw::KeyExpired));
    assert_eq!(forge.reason(&sound).await, expected);
    forge.author["assertionMethod"][0]["expires"] = Value::Null;

    let mut unsigned = forge.unsigned.clone();
    unsigned["id"] = json!(forge.stage.social.url("/asso/2"));
    forge.list["orderedItems"] = json!([unsigned["id"], sound["id"]]);
    assert_eq!(forge.reason(&unsigned).await, (Some(Check::Portable), None));

    forge.list["attributedTo"] = forge.author["id"].clone();
    assert_eq!(
        forge.reason(&sound).await,
        (Some(Check::Acknowledged), None),
        "somebody else's list"
    );
    forge.list["attributedTo"] = forge.structure["id"].clone();

    forge.agreement["stipulates"]["receiver"] = json!(forge.stage.mallory.id);
    assert_eq!(forge.reason(&sound).await, (Some(Check::SameParties), None));
    forge.agreement["stipulates"]["receiver"] = forge.author["id"].clone();
    forge.agreement["stipulates"]["finished"] = json!(false);
    let verdict = forge.judge(&sound).await;
    assert!(verdict.judgement.checks.contains(&(Check::Finished, false)));
    forge.agreement["stipulates"]["finished"] = json!(true);

    forge.author["type"] = json!("Person");
    assert_eq!(forge.reason(&sound).await.0, Some(Check::ByOrganisation));
    forge.author["type"] = json!("Organization");

    // the same words, as if they came from another site
    let elsewhere = forge.stage.other.url("/asso/1");
    let mut copied = sound.clone();
    copied["id"] = json!(elsewhere);
    forge.stage.other.publish(&copied);
    let verdict = examine(&forge.stage.lyon, &elsewhere).await.unwrap();
    assert!(
        verdict
            .judgement
            .checks
            .contains(&(Check::SameOrigin, false))
    );
    assert_eq!(verdict.judgement.outcome, Outcome::Refuse);
    forge.stage.other.serve("/copie", &sound);
    let copy = examine(&forge.stage.lyon, &forge.stage.other.url("/copie")).await;
    assert_eq!(copy, Err(NoEvidence::ForeignOrigin));

    forge.unsigned["itemReviewed"] = forge.author["id"].clone();
    assert_eq!(forge.reason(&forge.signed()).await.0, Some(Check::NotSelf));
}

#[tokio::test]
async fn what_others_send_of_recommendations_is_checked_and_changes_nothing() {
    let forge = Forge::set().await;
    let stage = &forge.stage;
    let it = Recommended::publish(&stage.lyon).await;
    for each in [&forge.author, &forge.structure] {
        stage.social.publish(each);
    }
    let sound = forge.signed();
    stage.social.publish(&sound);
    let mallory = &stage.mallory;
    let mut forged = vec![
        (
            mallory.activity("Create", 1, sound.clone()),
            "a recommendation of somebody else",
        ),
        (
            mallory.activity("Create", 2, sound["id"].clone()),
            "a recommendation of somebody else",
        ),
    ];
    for (number, kind, target, reason) in [
        (
            3,
            "Add",
            format!("{}/recommendations", it.structure),
            "a collection of ours, from elsewhere",
        ),
        (
            4,
            "Add",
            stage.lyon.url("/federation/instance/recommendations"),
            "a collection of ours, from elsewhere",
        ),
        (
            5,
            "Remove",
            stage.lyon.url("/federation/instance/directory"),
            "a collection of ours, from elsewhere",
        ),
        (
            6,
            "Add",
            stage.social.url("/host/list"),
            "a collection of somebody else",
        ),
        (
            7,
            "Remove",
            stage.other.url("/relay/recommendations"),
            "a collection of somebody else",
        ),
    ] {
        let mut activity = mallory.activity(kind, number, it.uri.clone());
        activity["target"] = json!(target);
        forged.push((activity, reason));
    }
    for (activity, reason) in &forged {
        let outcome = stage.receive(mallory, activity).await;
        assert_eq!(
            outcome,
            (InboxOutcome::Refused, (*reason).to_owned()),
            "{activity}"
        );
    }
    let mut own = mallory.activity("Add", 8, it.uri.clone());
    own["target"] = json!(format!("{}/recommendations", mallory.id));
    let outcome = stage.receive(mallory, &own).await;
    assert_eq!(outcome.0, InboxOutcome::Ignored, "{outcome:?}");
    // a replay is the same activity: nothing is kept twice
    let kept = stage.count_kept().await;
    assert_eq!(mallory.post(&stage.lyon, &own).await.status, 202);
    assert_eq!(stage.count_kept().await, kept);
    // somebody withdraws what is not theirs
    let delete = mallory.activity("Delete", 9, it.uri.clone());
    assert_eq!(mallory.post(&stage.lyon, &delete).await.status, 202);
    stage.treat().await;
    assert_eq!(judged(&stage.lyon, &it.uri).await, (Outcome::Count, None));
}
