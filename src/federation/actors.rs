//! The documents of our actors.
//!
//! One string `type`, one key object, every collection Mobilizon walks through; `url`, id and page
//! are the same address (contract with Mastodon §2, with Mobilizon §2).

use serde::Serialize;

use crate::{
    app::{App, actors::Profile},
    domain::{
        addresses::{ActorAddresses, INSTANCE_PATH, LOGO_PATH, SHARED_INBOX_PATH},
        federation::{Actor, ActorRole},
    },
    federation::{
        objects::text,
        vocabulary::{CAPABILITY, CLASSIFIED_AD, timestamp},
    },
};

/// The collections of a Group that Mobilizon reads one after the other; it stops at the first one
/// that is missing.
pub const MOBILIZON_COLLECTIONS: [&str; 6] = [
    "members",
    "resources",
    "posts",
    "todos",
    "discussions",
    "events",
];

/// An actor of ours on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActorDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_type: Option<&'static str>,
    preferred_username: String,
    webfinger: String,
    name: String,
    summary: String,
    url: String,
    inbox: String,
    outbox: String,
    followers: String,
    following: String,
    featured: String,
    endpoints: EndpointsDocument,
    #[serde(flatten)]
    group: Option<GroupDocument>,
    manually_approves_followers: bool,
    discoverable: bool,
    indexable: bool,
    published: String,
    updated: String,
    icon: ImageDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<ImageDocument>,
    attachment: Vec<FieldDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    implements: Vec<CapabilityDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generator: Option<GeneratorDocument>,
    public_key: KeyDocument,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct EndpointsDocument {
    shared_inbox: String,
    #[serde(flatten)]
    collections: Option<CollectionsDocument>,
}

/// Mobilizon reads these from `endpoints` and writes them at the top: we do both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct CollectionsDocument {
    members: String,
    resources: String,
    posts: String,
    todos: String,
    discussions: String,
    events: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupDocument {
    /// The moderators collection; without it Mobilizon refuses a Group found by its address.
    attributed_to: String,
    openness: &'static str,
    member_count: u32,
    #[serde(flatten)]
    collections: CollectionsDocument,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    media_type: String,
    url: String,
    name: String,
}

/// A line of the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct FieldDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    /// HTML.
    value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct CapabilityDocument {
    href: &'static str,
    name: &'static str,
}

/// The server that made an actor (FEP-844e).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct GeneratorDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    implements: Vec<CapabilityDocument>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyDocument {
    id: String,
    owner: String,
    public_key_pem: String,
}

impl ActorDocument {
    /// The document of one of our actors; `None` while its key pair is being made, since a profile
    /// without a key is refused for good by some servers.
    pub fn new(app: &App, profile: &Profile) -> Option<Self> {
        let actor = &profile.actor;
        let addresses = ActorAddresses::new(actor.uri.as_str());
        let is_group = actor.role != Some(ActorRole::Instance);
        let collections = is_group.then(|| collections(&addresses));
        Some(Self {
            id: actor.uri.clone(),
            kind: actor.kind.as_str(),
            additional_type: (actor.role == Some(ActorRole::Ad)).then_some(CLASSIFIED_AD),
            preferred_username: actor.handle.clone(),
            webfinger: format!("{}@{}", actor.handle, actor.host),
            name: actor.name.clone(),
            summary: summary(app, profile),
            url: actor.url.clone(),
            inbox: actor.inbox.clone(),
            outbox: addresses.collection("outbox"),
            followers: addresses.followers(),
            following: addresses.collection("following"),
            featured: addresses.collection("featured"),
            endpoints: EndpointsDocument {
                shared_inbox: app.url(SHARED_INBOX_PATH),
                collections: collections.clone(),
            },
            group: collections.map(|collections| GroupDocument {
                attributed_to: addresses.collection("moderators"),
                openness: "invite_only",
                member_count: 1,
                collections,
            }),
            manually_approves_followers: false,
            discoverable: true,
            indexable: actor.is_indexable,
            published: timestamp(actor.created_at),
            updated: timestamp(actor.updated_at),
            icon: ImageDocument {
                kind: "Image",
                media_type: "image/png".into(),
                url: app.url(LOGO_PATH),
                name: app.config().instance.name.clone(),
            },
            image: banner(app, profile),
            attachment: fields(profile),
            implements: if is_group { Vec::new() } else { capabilities() },
            generator: is_group.then(|| GeneratorDocument {
                kind: "Application",
                id: app.url(INSTANCE_PATH),
                implements: capabilities(),
            }),
            public_key: key(actor)?,
        })
    }
}

fn key(actor: &Actor) -> Option<KeyDocument> {
    Some(KeyDocument {
        id: actor.key_id.clone()?,
        owner: actor.uri.clone(),
        public_key_pem: actor.public_key.clone()?,
    })
}

fn capabilities() -> Vec<CapabilityDocument> {
    vec![CapabilityDocument {
        href: CAPABILITY,
        name: "emancipasso federation, version 1",
    }]
}

fn collections(addresses: &ActorAddresses) -> CollectionsDocument {
    CollectionsDocument {
        members: addresses.collection("members"),
        resources: addresses.collection("resources"),
        posts: addresses.collection("posts"),
        todos: addresses.collection("todos"),
        discussions: addresses.collection("discussions"),
        events: addresses.collection("events"),
    }
}

fn summary(app: &App, profile: &Profile) -> String {
    match (&profile.ad, profile.actor.role) {
        (Some(page), _) => text::summary(page),
        (None, Some(ActorRole::Ads)) => {
            "<p>Les besoins en logiciels libres que publient des associations.</p>".to_owned()
        }
        _ => format!(
            "<p>{}</p>",
            text::escape(&app.config().instance.description)
        ),
    }
}

fn banner(app: &App, profile: &Profile) -> Option<ImageDocument> {
    let image = profile.ad.as_ref()?.image.as_ref()?;
    Some(ImageDocument {
        kind: "Image",
        media_type: image.media_type.clone(),
        url: app.url(&crate::domain::addresses::media_path(&image.file_name)),
        name: image.alt.clone(),
    })
}

fn fields(profile: &Profile) -> Vec<FieldDocument> {
    let Some(page) = &profile.ad else {
        return Vec::new();
    };
    let field = |name: &str, value: String| FieldDocument {
        kind: "PropertyValue",
        name: name.to_owned(),
        value,
    };
    let content = &page.ad.content;
    let mut fields = vec![
        field("Association", text::escape(&page.organisation.name)),
        field("État", text::escape(text::state_label(page.ad.state))),
    ];
    if !content.software.is_empty() {
        fields.push(field("Logiciel", text::escape(&content.software)));
    }
    if let Some(licence) = content.licence {
        fields.push(field("Licence du résultat", text::escape(licence.id())));
    }
    let url = text::escape(&page.actor.url);
    // the one form that Mastodon can verify: text and address alike
    fields.push(field(
        "Annonce",
        format!("<a href=\"{url}\" rel=\"me\">{url}</a>"),
    ));
    fields
}
