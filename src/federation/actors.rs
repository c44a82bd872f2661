//! The documents of our actors.
//!
//! One string `type`, one key object, every collection Mobilizon walks through; `url`, id and page
//! are the same address (contract with Mastodon §2, with Mobilizon §2).

use serde::Serialize;

use crate::{
    app::{App, actors::Profile},
    domain::{
        addresses::{ActorAddresses, INSTANCE_PATH, LOGO_PATH, SHARED_INBOX_PATH},
        federation::{Actor, ActorKind, ActorRole},
        host::HostProfile,
        organisation::Organisation,
        outbound::Listed,
        territory::{self, Territory},
    },
    federation::{
        objects::text,
        vocabulary::{ASSOCIATION, CAPABILITY, CLASSIFIED_AD, HOST, timestamp},
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assertion_method: Vec<MultikeyDocument>,
    #[serde(flatten)]
    service: ServiceDocument,
}

/// What a structure or an organisation is, and the collections of what our actors stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceDocument {
    /// ISO 3166-2 codes of départements, `FR` for the whole country.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    area_served: Vec<String>,
    /// Pages of collectives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    member_of: Vec<String>,
    /// Numbers of public registers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    identifier: Vec<IdentifierDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    makes_offer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendations: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
}

/// A key of what an actor states (FEP-521a).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct MultikeyDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    controller: String,
    public_key_multibase: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct IdentifierDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "propertyID")]
    property_id: &'static str,
    #[serde(rename = "sc:value")]
    value: String,
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
        let is_instance = actor.role == Some(ActorRole::Instance);
        let collections = (actor.kind == ActorKind::Group).then(|| collections(&addresses));
        Some(Self {
            id: actor.uri.clone(),
            kind: actor.kind.as_str(),
            additional_type: class(actor),
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
            implements: if is_instance {
                capabilities()
            } else {
                Vec::new()
            },
            generator: (!is_instance).then(|| GeneratorDocument {
                kind: "Application",
                id: app.url(INSTANCE_PATH),
                implements: capabilities(),
            }),
            public_key: key(actor)?,
            assertion_method: multikeys(profile),
            service: service(app, profile, &addresses),
        })
    }
}

fn class(actor: &Actor) -> Option<&'static str> {
    match actor.role? {
        ActorRole::Ad => Some(CLASSIFIED_AD),
        ActorRole::Host => Some(HOST),
        ActorRole::Organisation => Some(ASSOCIATION),
        ActorRole::Instance | ActorRole::Ads | ActorRole::Directory => None,
    }
}

fn multikeys(profile: &Profile) -> Vec<MultikeyDocument> {
    let owner = &profile.actor.uri;
    profile
        .proof_keys
        .iter()
        .map(|key| MultikeyDocument {
            id: key.address(owner),
            kind: "Multikey",
            controller: owner.clone(),
            public_key_multibase: key.public_key.clone(),
            expires: key.expires_at().map(timestamp),
        })
        .collect()
}

fn service(app: &App, profile: &Profile, addresses: &ActorAddresses) -> ServiceDocument {
    let role = profile.actor.role;
    let states = role.is_some_and(ActorRole::states);
    let collection = |listed: Listed| addresses.collection(listed.as_str());
    let mut service = ServiceDocument {
        recommendations: states.then(|| collection(Listed::Recommendations)),
        directory: (role == Some(ActorRole::Instance)).then(|| collection(Listed::Directory)),
        ..ServiceDocument::default()
    };
    if let Some(page) = &profile.host {
        service.area_served = areas(&page.profile);
        service.member_of = collectives(&page.profile, app.today());
        service.identifier = identifiers(&page.organisation);
        service.makes_offer = Some(addresses.collection("offres"));
    }
    if let Some(organisation) = &profile.organisation {
        service.identifier = identifiers(organisation);
    }
    service
}

fn identifiers(organisation: &Organisation) -> Vec<IdentifierDocument> {
    let numbers = [("RNA", &organisation.rna), ("SIREN", &organisation.siren)];
    numbers
        .into_iter()
        .filter_map(|(property_id, value)| {
            Some(IdentifierDocument {
                kind: "sc:PropertyValue",
                property_id,
                value: value.clone()?,
            })
        })
        .collect()
}

fn areas(profile: &HostProfile) -> Vec<String> {
    let is_everywhere = |place: &Territory| *place == Territory::Everywhere;
    if profile.territories.iter().any(is_everywhere) {
        return vec!["FR".to_owned()];
    }
    let is_served = |code: &str| {
        Territory::parse(&format!("departement:{code}")).is_ok_and(|place| {
            profile
                .territories
                .iter()
                .any(|served| served.contains(place))
        })
    };
    territory::departements()
        .iter()
        .filter(|place| is_served(place.code))
        .map(|place| format!("FR-{}", place.code))
        .collect()
}

fn collectives(profile: &HostProfile, today: chrono::NaiveDate) -> Vec<String> {
    profile
        .memberships
        .iter()
        .filter(|membership| membership.until.is_none_or(|until| until >= today))
        .filter_map(
            |membership| match (&membership.url, membership.collective.as_str()) {
                (Some(url), _) => Some(url.clone()),
                (None, "chatons") => Some("https://www.chatons.org/".to_owned()),
                (None, _) => None,
            },
        )
        .collect()
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
    if let Some(page) = &profile.ad {
        return text::summary(page);
    }
    if let Some(page) = &profile.host {
        return text::host_summary(page);
    }
    match profile.actor.role {
        Some(ActorRole::Ads) => {
            "<p>Les besoins en logiciels libres que publient des associations.</p>".to_owned()
        }
        Some(ActorRole::Directory) => {
            "<p>Les structures que des associations recommandent, après un accompagnement mené à son terme.</p>".to_owned()
        }
        Some(ActorRole::Organisation) => {
            "<p>Cette organisation recommande ici les structures qui l’ont accompagnée.</p>".to_owned()
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
    let field = |name: &str, value: String| FieldDocument {
        kind: "PropertyValue",
        name: name.to_owned(),
        value,
    };
    if let Some(page) = &profile.host {
        let told = text::host_fields(page).into_iter();
        let mut fields: Vec<_> = told.map(|(name, value)| field(name, value)).collect();
        fields.push(field("Page", own_link(&profile.actor)));
        return fields;
    }
    let Some(page) = &profile.ad else {
        return Vec::new();
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
    fields.push(field("Annonce", own_link(&page.actor)));
    fields
}

/// The one form that Mastodon can verify: text and address alike.
fn own_link(actor: &Actor) -> String {
    let url = text::escape(&actor.url);
    format!("<a href=\"{url}\" rel=\"me\">{url}</a>")
}
