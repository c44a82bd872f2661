//! Documents that real software sent, read in place: none is in this repository.

use std::{collections::BTreeMap, fs, path::Path};

use emancipasso::federation::{
    activities::{Envelope, Inbound, Unapplied},
    json,
    objects::reply::ReplyDocument,
    remote_actor::ActorDocument,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What our inbox does with a document, before it looks anything up.
fn classify(document: Value) -> &'static str {
    let Ok(envelope) = Envelope::read(document) else {
        return "malformed";
    };
    match Inbound::read(&envelope) {
        Ok(_) => "handled",
        Err(Unapplied::Ignored(_)) => "ignored",
        Err(Unapplied::Refused(_)) => "refused",
        Err(Unapplied::Later(_)) => "later",
    }
}

fn read_all(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

/// Conformance 62.
#[test]
fn every_document_of_the_collection_is_read_without_panic_and_classified() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let mut documents = Vec::new();
    read_all(&folder, &mut documents);
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut actors = 0;
    let mut texts = 0;
    for (path, bytes) in &documents {
        let Ok(document) = json::parse_bounded(bytes, json::MOST_DEPTH) else {
            println!("unreadable: {path}");
            *classes.entry("unreadable").or_default() += 1;
            continue;
        };
        actors += usize::from(ActorDocument::read(&document).is_ok());
        texts += usize::from(ReplyDocument::read(&document).is_some());
        let class = classify(document);
        println!("{class}: {path}");
        *classes.entry(class).or_default() += 1;
    }
    println!("{classes:?}, {actors} actors, {texts} texts");
    // objects, collections, profiles and NodeInfo are no activities: « malformed » as such
    let expected = [("handled", 225), ("ignored", 83), ("malformed", 400)];
    assert_eq!(classes, BTreeMap::from(expected));
    assert_eq!((actors, texts), (107, 110));
}

/// Every document in the shape of one software, with what is expected of it.
#[test]
fn documents_in_the_shape_of_each_software_are_classified_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut documents = Vec::new();
    read_all(&folder, &mut documents);
    let mut seen = 0;
    for (path, bytes) in documents {
        let fixture: Value = serde_json::from_slice(&bytes).unwrap();
        let (Some(expected), Some(document)) =
            (fixture["expected"].as_str(), fixture.get("document"))
        else {
            continue;
        };
        assert_eq!(classify(document.clone()), expected, "{path}");
        seen += 1;
    }
    assert!(seen >= 12, "{seen} documents");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("https://social.test/users/alice")),
        Just(json!("https://www.w3.org/ns/activitystreams#Public")),
        Just(json!("2026-11-22T08:00:00Z")),
        prop::sample::select(vec!["Note", "Follow", "Person", "Tombstone", "Like"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = prop::sample::select(vec![
            "id",
            "type",
            "actor",
            "object",
            "target",
            "to",
            "cc",
            "content",
            "contentMap",
            "name",
            "attributedTo",
            "inReplyTo",
            "url",
            "href",
            "published",
            "updated",
            "publicKey",
            "owner",
            "publicKeyPem",
            "endpoints",
            "sharedInbox",
            "inbox",
            "alsoKnownAs",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.prop_map(str::to_owned), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_makes_a_reader_panic(
        kind in prop::sample::select(vec![
            "Accept", "Announce", "Block", "Create", "Delete", "Flag", "Follow", "Like", "Move",
            "Reject", "Undo", "Update", "Other",
        ]),
        object in any_value(),
        target in any_value(),
        whole in any_value(),
    ) {
        classify(whole.clone());
        let _ = (ReplyDocument::read(&whole), ActorDocument::read(&whole));
        let _ = (ReplyDocument::read(&object), ActorDocument::read(&object));
        let class = classify(json!({
            "type": kind, "actor": "https://social.test/users/alice",
            "object": object, "target": target,
        }));
        prop_assert!(["handled", "ignored", "refused"].contains(&class));
    }
}
