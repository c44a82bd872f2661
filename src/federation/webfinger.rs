//! WebFinger (RFC 7033) and host-meta: how a handle becomes an actor.
//!
//! One `self` link, whose `href` is the actor id byte for byte; no other link of a type
//! `application/*`, since some servers try them all.

use serde::Serialize;

use crate::{
    app::{App, AppError, actors},
    domain::{
        addresses::{INSTANCE_HANDLE, LOGO_PATH},
        federation::{Actor, ActorRole},
    },
    federation::vocabulary::ACTIVITY_JSON,
};

/// A JSON Resource Descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceDocument {
    subject: String,
    aliases: Vec<String>,
    links: Vec<LinkDocument>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct LinkDocument {
    rel: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    media_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<String>,
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    properties: std::collections::BTreeMap<&'static str, &'static str>,
}

/// The actor that a `resource` names: `acct:annonces@host`, the address of an actor, or the
/// instance under its own name (`acct:host@host`, `https://host/`).
pub async fn find(app: &App, resource: &str) -> Result<Option<Actor>, AppError> {
    let found = match handle_in(app, resource) {
        Some(handle) => actors::find_by_handle(app, &handle).await?,
        None => actors::find_by_uri(app, resource)
            .await?
            .filter(Actor::is_local),
    };
    match found {
        // until its last messages are out a deleted actor is still found; then it is gone
        Some(actor) => Ok(Some(actors::show(app, &actor.uri).await?.actor)),
        None => Ok(None),
    }
}

/// The handle in a `resource`, without the case that people type.
fn handle_in(app: &App, resource: &str) -> Option<String> {
    let authority = app.config().public_url.authority();
    let home = app.url("/");
    if resource
        .trim_end_matches('/')
        .eq_ignore_ascii_case(home.trim_end_matches('/'))
    {
        return Some(INSTANCE_HANDLE.to_owned());
    }
    let account = resource
        .strip_prefix("acct:")
        .unwrap_or(resource)
        .trim_start_matches('@');
    let (user, host) = account.rsplit_once('@')?;
    if !host.eq_ignore_ascii_case(authority) {
        return None;
    }
    let user = user.to_ascii_lowercase();
    let is_domain_itself = user.eq_ignore_ascii_case(authority) || user == "emancipasso";
    Some(if is_domain_itself {
        INSTANCE_HANDLE.to_owned()
    } else {
        user
    })
}

impl ResourceDocument {
    /// What is said of an actor.
    pub fn new(app: &App, actor: &Actor) -> Self {
        let is_instance = actor.role == Some(ActorRole::Instance);
        let mut aliases = vec![actor.uri.clone()];
        if is_instance {
            aliases.push(app.url("/"));
        }
        let intent = app.url("/interagir?uri=");
        let mut links = vec![
            LinkDocument {
                rel: "http://webfinger.net/rel/profile-page",
                media_type: Some("text/html"),
                href: Some(actor.url.clone()),
                ..LinkDocument::default()
            },
            LinkDocument {
                rel: "self",
                media_type: Some(ACTIVITY_JSON),
                href: Some(actor.uri.clone()),
                properties: [(
                    "https://www.w3.org/ns/activitystreams#type",
                    actor.kind.as_str(),
                )]
                .into(),
                ..LinkDocument::default()
            },
            LinkDocument {
                rel: "http://webfinger.net/rel/avatar",
                media_type: Some("image/png"),
                href: Some(app.url(LOGO_PATH)),
                ..LinkDocument::default()
            },
            LinkDocument {
                rel: "http://ostatus.org/schema/1.0/subscribe",
                template: Some(format!("{intent}{{uri}}")),
                ..LinkDocument::default()
            },
            LinkDocument {
                rel: "https://w3id.org/fep/3b86/Object",
                template: Some(format!("{intent}{{object}}")),
                ..LinkDocument::default()
            },
        ];
        if is_instance {
            // FEP-d556: how other servers find the actor of a whole server
            links.push(LinkDocument {
                rel: "https://www.w3.org/ns/activitystreams#Service",
                media_type: Some(ACTIVITY_JSON),
                href: Some(actor.uri.clone()),
                ..LinkDocument::default()
            });
        }
        Self {
            subject: format!("acct:{}@{}", actor.handle, actor.host),
            aliases,
            links,
        }
    }
}

/// The XRD document that Mobilizon asks for before WebFinger.
pub fn host_meta(app: &App) -> String {
    let template = app.url("/.well-known/webfinger?resource={uri}");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
  <Link rel="lrdd" type="application/jrd+json" template="{template}"/>
</XRD>
"#
    )
}
