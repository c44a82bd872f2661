//! The exact documents that we serve and send, kept beside this file: what changes on the wire is
//! seen in review. The clock is moved by hand; keys and versions are left out, and the numbers that
//! the instance counts are named in the order they appear.
//!
//! `INSTA_UPDATE=always cargo test --test it wire` writes them again.

use std::fmt::Write as _;

use emancipasso::{
    app::ads::{life, reading, writing},
    domain::picture::{AltText, PictureLimits, reencode},
};
use reqwest::Method;
use serde_json::Value;

use crate::support::{Engine, Stage, people::complete_ad};

/// Digits of the shortest number that is an identifier.
const ID_LENGTH: usize = 15;

/// A document as it was sent, indented, without what differs from one run to the next.
fn shown(body: &str) -> String {
    let mut document: Value = serde_json::from_str(body).unwrap();
    hide(&mut document, "publicKeyPem");
    if let Some(software) = document.get_mut("software") {
        hide(software, "version");
    }
    name_ids(&serde_json::to_string_pretty(&document).unwrap())
}

/// Puts the name of a member in place of its value, wherever it is.
fn hide(value: &mut Value, name: &str) {
    match value {
        Value::Object(members) => {
            for (at, member) in members {
                if at == name {
                    *member = format!("({name})").into();
                }
                hide(member, name);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, name)),
        _ => {}
    }
}

/// Puts `{1}`, `{2}`… in place of the identifiers.
fn name_ids(text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let mut named = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        named.push_str(before);
        if digits.len() < ID_LENGTH {
            named.push_str(digits);
        } else {
            let position = known
                .iter()
                .position(|id| *id == digits)
                .unwrap_or_else(|| {
                    known.push(digits);
                    known.len() - 1
                });
            write!(named, "{{{}}}", position + 1).unwrap();
        }
        rest = after;
    }
    named + rest
}

fn keep(name: &str, body: &str) {
    let settings = {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    };
    settings.bind(|| insta::assert_snapshot!(name, shown(body)));
}

/// What we serve at an address to who asks for a document.
async fn served(stage: &Stage, path: &str) -> String {
    let browser = stage.lyon.browser();
    let request = browser.request(Method::GET, path);
    let page = browser
        .send(request.header("accept", "application/activity+json"))
        .await;
    assert!(matches!(page.status, 200 | 410), "{path}: {}", page.html);
    page.html
}

/// In place of the type of an object of which only the id is told.
const ID: &str = "id";

/// The last activity of this type that a path of the peer got, with this type of object.
fn sent(stage: &Stage, path: &str, kind: &str, object: &str) -> String {
    let mut calls = stage.social.posts_to(path);
    calls.retain(|call| {
        let document = call.document();
        let said = document["object"]["type"].as_str().unwrap_or(ID);
        document["type"] == kind && said == object
    });
    let last = calls
        .last()
        .unwrap_or_else(|| panic!("no {kind} of {object}"));
    String::from_utf8(last.body.clone()).unwrap()
}

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_pixel(40, 30, image::Rgb([200, 120, 40]));
    pixels
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// The stage, with everything that an ad may have, and Alice who follows the ad and all new ads.
async fn complete_stage() -> Stage {
    let stage = Stage::set(Engine::Sqlite).await;
    for (number, followed) in [stage.actor().await, stage.lyon.url("/annonces")]
        .iter()
        .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        let follow = stage.alice.activity("Follow", number, followed.clone());
        stage.receive(&stage.alice, &follow).await;
    }
    stage.deliver().await;
    stage.lyon.advance(chrono::TimeDelta::hours(1));
    let app = &stage.lyon.app;
    let ad = stage.ad().await.ad.id;
    let version = reading::show_workshop(app, &stage.author, ad)
        .await
        .unwrap()
        .ad
        .version;
    let input = complete_ad("Agenda partagé pour nos bénévoles");
    writing::save(app, &stage.author, ad, version, &input)
        .await
        .unwrap();
    let alt = AltText::parse("Un agenda de papier sur une table", None).unwrap();
    let picture = reencode(&picture(), &PictureLimits::default()).unwrap();
    writing::set_image(app, &stage.author, ad, &picture, &alt)
        .await
        .unwrap();
    stage.deliver().await;
    stage
}

#[tokio::test]
async fn what_we_serve_is_what_was_reviewed() {
    let stage = complete_stage().await;
    stage.tell_gathering().await;
    let actor = stage.actor().await;
    let ad = actor.strip_prefix("http://lyon.test").unwrap();
    for (name, path) in [
        ("actor-instance", "/federation/instance"),
        ("actor-annonces", "/annonces"),
        ("actor-ad", ad),
        ("note", &format!("{ad}/notes/0")),
        ("note-milestone", &format!("{ad}/notes/1")),
        ("article", &format!("{ad}/articles/0")),
        ("featured", &format!("{ad}/featured")),
        ("moderators", &format!("{ad}/moderators")),
        ("followers", &format!("{ad}/followers")),
        ("followers-page", &format!("{ad}/followers?page=1")),
        ("outbox", &format!("{ad}/outbox")),
        ("outbox-page", &format!("{ad}/outbox?page=1")),
        ("outbox-annonces-page", "/annonces/outbox?page=1"),
        (
            "webfinger",
            "/.well-known/webfinger?resource=acct:annonce_1@lyon.test",
        ),
        (
            "webfinger-instance",
            "/.well-known/webfinger?resource=acct:lyon.test@lyon.test",
        ),
        ("nodeinfo-links", "/.well-known/nodeinfo"),
        ("nodeinfo-2.1", "/nodeinfo/2.1"),
    ] {
        keep(name, &served(&stage, path).await);
    }
}

#[tokio::test]
async fn what_we_send_is_what_was_reviewed() {
    let stage = complete_stage().await;
    keep(
        "accept",
        &sent(&stage, "/users/alice/inbox", "Accept", "Follow"),
    );
    keep("update-note", &sent(&stage, "/inbox", "Update", "Note"));
    keep("update-actor", &sent(&stage, "/inbox", "Update", "Group"));

    stage.tell_gathering().await;
    let reply = stage
        .mallory
        .note(1, &stage.note().await, "<p>Nous aussi</p>");
    let create = stage.mallory.activity("Create", 1, reply);
    stage.receive(&stage.mallory, &create).await;
    stage.deliver().await;
    keep("create", &sent(&stage, "/inbox", "Create", "Note"));
    stage.accept_all().await;
    stage.deliver().await;
    keep("announce-reply", &sent(&stage, "/inbox", "Announce", ID));
    stage.publish_another().await;
    stage.deliver().await;
    keep("announce", &sent(&stage, "/inbox", "Announce", ID));

    let ad = stage.ad().await.ad.id;
    let note = stage.note().await;
    life::withdraw(&stage.lyon.app, &stage.author, ad)
        .await
        .unwrap();
    stage.deliver().await;
    keep("undo-announce", &sent(&stage, "/inbox", "Undo", "Announce"));
    keep(
        "delete-note",
        &sent(&stage, "/inbox", "Delete", "Tombstone"),
    );
    keep("delete-actor", &sent(&stage, "/inbox", "Delete", ID));
    keep(
        "tombstone",
        &served(&stage, note.strip_prefix("http://lyon.test").unwrap()).await,
    );
}
