//! Somebody on a server of their own, who follows the ads of the demonstration, likes them and
//! replies: a third ActivityPub server, as small as one can be, on loopback.

use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::domain::network::HostPattern;
use crate::federation::{
    addresses::AddressPolicy,
    delivery::post_document,
    http_client::{ClientSettings, RemoteClient},
    keys::{RsaKeyPair, SigningKey},
    vocabulary::{ACTIVITY_JSON, PUBLIC, timestamp},
};

/// The visitor: an actor, what it wrote, and the way to other servers.
#[derive(Clone)]
pub struct Visitor(Arc<Person>);

struct Person {
    origin: String,
    key: SigningKey,
    client: RemoteClient,
    notes: Mutex<Vec<Value>>,
}

impl Visitor {
    /// Starts its server.
    pub async fn start(listener: TcpListener) -> anyhow::Result<Self> {
        let origin = format!("http://{}", listener.local_addr()?);
        let pair = tokio::task::spawn_blocking(RsaKeyPair::generate).await??;
        let key_id = Url::parse(&format!("{origin}/lea#main-key"))?;
        let mut settings = ClientSettings::new(Url::parse(&origin)?);
        let loopback: IpNet = "127.0.0.0/8".parse()?;
        settings.policy = AddressPolicy {
            allow_private_networks: vec![loopback, "::1/128".parse()?],
            allow_http: vec![HostPattern::Any],
        };
        let visitor = Self(Arc::new(Person {
            origin,
            key: SigningKey::new(key_id, pair),
            client: RemoteClient::build(&settings)?,
            notes: Mutex::default(),
        }));
        let router = Router::new()
            .route("/lea", get(actor))
            .route("/lea/inbox", post(async || StatusCode::ACCEPTED))
            .route("/lea/notes/{number}", get(note))
            .with_state(visitor.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(visitor)
    }

    fn id(&self) -> String {
        format!("{}/lea", self.0.origin)
    }

    /// Its address, as people read it.
    pub fn address(&self) -> String {
        let host = self.0.origin.trim_start_matches("http://");
        format!("@lea@{host}")
    }

    /// Follows an actor.
    pub async fn follow(&self, actor: &str, now: DateTime<Utc>) -> anyhow::Result<()> {
        let activity = self.activity(
            "Follow",
            &format!("follows/{}", number_of(actor)),
            json!(actor),
            now,
        );
        self.post(actor, &activity, now).await
    }

    /// Likes a post of an actor.
    pub async fn like(&self, actor: &str, post: &str, now: DateTime<Utc>) -> anyhow::Result<()> {
        let activity = self.activity(
            "Like",
            &format!("likes/{}", number_of(actor)),
            json!(post),
            now,
        );
        self.post(actor, &activity, now).await
    }

    /// Replies in public to a post of an actor.
    pub async fn reply(
        &self,
        actor: &str,
        post: &str,
        text: &str,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let number = self.write(actor, post, text, now);
        let note = self.find(number).context("the reply was just written")?;
        let activity = self.activity("Create", &format!("creates/{number}"), note, now);
        self.post(actor, &activity, now).await
    }

    fn write(&self, actor: &str, post: &str, text: &str, now: DateTime<Utc>) -> usize {
        let mut notes = self.notes();
        let number = notes.len();
        let id = format!("{}/notes/{number}", self.id());
        notes.push(json!({
            "id": id,
            "type": "Note",
            "attributedTo": self.id(),
            "inReplyTo": post,
            "to": [PUBLIC],
            "cc": [actor],
            "published": timestamp(now),
            "url": id,
            "content": format!("<p>{text}</p>"),
        }));
        number
    }

    fn activity(&self, kind: &str, path: &str, object: Value, now: DateTime<Utc>) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}/{path}", self.id()),
            "type": kind,
            "actor": self.id(),
            "published": timestamp(now),
            "to": [PUBLIC],
            "cc": [],
            "object": object,
        })
    }

    async fn post(&self, actor: &str, activity: &Value, now: DateTime<Utc>) -> anyhow::Result<()> {
        let inbox = Url::parse(&format!("{actor}/inbox"))?;
        let status = post_document(
            &self.0.client,
            &self.0.key,
            &inbox,
            activity.to_string(),
            now,
        )
        .await?;
        anyhow::ensure!(status.is_success(), "{inbox} answered {status}");
        Ok(())
    }

    fn find(&self, number: usize) -> Option<Value> {
        self.notes().get(number).cloned()
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Vec<Value>> {
        // a list of notes is sound whatever happened to who held it
        self.0
            .notes
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A short name for an actor in the ids of activities about it.
fn number_of(actor: &str) -> String {
    actor.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn document(mut value: Value) -> Response {
    if let Value::Object(members) = &mut value {
        members.entry("@context").or_insert(json!([
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/v1"
        ]));
    }
    ([(header::CONTENT_TYPE, ACTIVITY_JSON)], Json(value)).into_response()
}

async fn actor(State(visitor): State<Visitor>) -> Response {
    let id = visitor.id();
    let Ok(public_key) = visitor.0.key.pair().public_key_pem() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    document(json!({
        "id": id,
        "type": "Person",
        "preferredUsername": "lea",
        "name": "Léa, de passage",
        "summary": "",
        "url": id,
        "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"),
        "followers": format!("{id}/followers"),
        "publicKey": {
            "id": format!("{id}#main-key"),
            "owner": id,
            "publicKeyPem": public_key,
        },
    }))
}

async fn note(State(visitor): State<Visitor>, Path(number): Path<usize>) -> Response {
    match visitor.find(number) {
        Some(note) => document(note),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
