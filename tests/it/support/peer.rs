//! Another server, which is not ours: it serves what it is given, has people with keys of their
//! own, and keeps what it is asked and sent.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use emancipasso::federation::{
    keys::{PublicKey, RsaKeyPair, SigningKey},
    signatures,
};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::Instance;

/// What a path of the peer answers.
#[derive(Clone)]
enum Shelf {
    Document(Value),
    /// A file with its media type.
    Text(String, String),
    Status(StatusCode),
    /// Nothing, for a long time.
    Silence,
}

#[derive(Default)]
struct Memory {
    shelves: BTreeMap<String, Shelf>,
    /// Paths that were asked for.
    asked: Vec<String>,
    /// What was posted: path and document.
    received: Vec<(String, Value)>,
}

/// A server under a name of its own, stopped when dropped.
pub struct Peer {
    pub domain: String,
    pub address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    serving: JoinHandle<()>,
}

impl Peer {
    pub async fn start(domain: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, domain)
    }

    /// A server that has no name: it is found where it listens.
    pub async fn start_without_name() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self::listen(listener, &address.to_string())
    }

    fn listen(listener: TcpListener, domain: &str) -> Self {
        let address = listener.local_addr().unwrap();
        let memory: Arc<Mutex<Memory>> = Arc::default();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&memory));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            domain: domain.to_owned(),
            address,
            memory,
            serving,
        }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.domain)
    }

    /// Serves a document at the path of its id.
    pub fn publish(&self, document: &Value) {
        let id = document["id"].as_str().unwrap();
        let path = id.strip_prefix(&self.url("")).unwrap();
        self.put(path, Shelf::Document(document.clone()));
    }

    /// Serves a document at another path than its id.
    pub fn serve(&self, path: &str, document: &Value) {
        self.put(path, Shelf::Document(document.clone()));
    }

    /// Serves a file at a path.
    pub fn serve_text(&self, path: &str, media_type: &str, content: &str) {
        let shelf = Shelf::Text(media_type.to_owned(), content.to_owned());
        self.put(path, shelf);
    }

    /// Answers nothing but a status at a path.
    pub fn answer_status(&self, path: &str, status: u16) {
        let status = StatusCode::from_u16(status).unwrap();
        self.put(path, Shelf::Status(status));
    }

    /// Does not answer at a path.
    pub fn stay_silent(&self, path: &str) {
        self.put(path, Shelf::Silence);
    }

    fn put(&self, path: &str, shelf: Shelf) {
        let mut memory = self.memory.lock().unwrap();
        memory.shelves.insert(path.to_owned(), shelf);
    }

    /// Paths asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.memory.lock().unwrap().asked.clone()
    }

    /// Documents posted so far to a path.
    pub fn received(&self, path: &str) -> Vec<Value> {
        let memory = self.memory.lock().unwrap();
        let posted = memory.received.iter();
        posted
            .filter(|(at, _)| at == path)
            .map(|(_, document)| document.clone())
            .collect()
    }

    /// Somebody with an account here, in the shape of Mastodon.
    pub fn person(&self, name: &str) -> Person {
        let id = self.url(&format!("/users/{name}"));
        self.person_with_key(name, &format!("{id}#main-key"))
    }

    /// Somebody whose key has this id.
    pub fn person_with_key(&self, name: &str, key_id: &str) -> Person {
        let id = self.url(&format!("/users/{name}"));
        let pair = RsaKeyPair::generate().unwrap();
        let pem = pair.public_key_pem().unwrap();
        let person = Person {
            document: json!({
                "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
                "id": id,
                "type": "Person",
                "preferredUsername": name,
                "name": name,
                "summary": null,
                "url": self.url(&format!("/@{name}")),
                "inbox": format!("{id}/inbox"),
                "outbox": format!("{id}/outbox"),
                "followers": format!("{id}/followers"),
                "endpoints": { "sharedInbox": self.url("/inbox") },
                "publicKey": { "id": key_id, "owner": id, "publicKeyPem": pem },
            }),
            key: SigningKey::new(key_id.parse().unwrap(), pair),
            public_key: PublicKey::from_pem(&pem).unwrap(),
            id,
        };
        self.publish(&person.document);
        person
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State(memory): State<Arc<Mutex<Memory>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if request.method() == Method::POST {
        let body = axum::body::to_bytes(request.into_body(), 1 << 20)
            .await
            .unwrap();
        let document = serde_json::from_slice(&body).unwrap();
        memory.lock().unwrap().received.push((path, document));
        return StatusCode::ACCEPTED.into_response();
    }
    let shelf = {
        let mut memory = memory.lock().unwrap();
        memory.asked.push(path.clone());
        memory.shelves.get(&path).cloned()
    };
    match shelf {
        Some(Shelf::Document(document)) => {
            let kind = [(header::CONTENT_TYPE, "application/activity+json")];
            (kind, document.to_string()).into_response()
        }
        Some(Shelf::Text(kind, content)) => {
            ([(header::CONTENT_TYPE, kind)], content).into_response()
        }
        Some(Shelf::Status(status)) => status.into_response(),
        Some(Shelf::Silence) => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            StatusCode::OK.into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Somebody with an account on a peer.
pub struct Person {
    pub id: String,
    /// What their server says of them.
    pub document: Value,
    pub key: SigningKey,
    pub public_key: PublicKey,
}

/// What an inbox answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Person {
    /// An activity of this person.
    pub fn activity(&self, kind: &str, number: u32, object: impl Into<Value>) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}#{}/{number}", self.id, kind.to_lowercase()),
            "type": kind,
            "actor": self.id,
            "object": object.into(),
        })
    }

    /// A public reply, as an object.
    pub fn note(&self, number: u32, in_reply_to: &str, content: &str) -> Value {
        json!({
            "id": format!("{}/statuses/{number}", self.id),
            "type": "Note",
            "attributedTo": self.id,
            "inReplyTo": in_reply_to,
            "content": content,
            "published": "2026-11-22T08:00:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [format!("{}/followers", self.id)],
        })
    }

    /// Signs a document and posts it to the shared inbox.
    pub async fn post(&self, instance: &Instance, document: &Value) -> Answer {
        self.post_to(instance, "/inbox", document).await
    }

    /// Signs a document and posts it to an inbox.
    pub async fn post_to(&self, instance: &Instance, path: &str, document: &Value) -> Answer {
        let body = document.to_string();
        let url = instance.url(path).parse().unwrap();
        let now = instance.app.now();
        let headers = signatures::sign_post(&self.key, &url, body.as_bytes(), now).unwrap();
        post(instance, path, headers, body).await
    }
}

/// Posts bytes with these headers to an inbox.
pub async fn post(
    instance: &Instance,
    path: &str,
    headers: HeaderMap,
    body: impl Into<reqwest::Body>,
) -> Answer {
    let client = reqwest::Client::builder()
        .resolve(&instance.domain, instance.address())
        .no_proxy()
        .build()
        .unwrap();
    let request = client.post(instance.url(path)).headers(headers).body(body);
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default(),
    }
}
