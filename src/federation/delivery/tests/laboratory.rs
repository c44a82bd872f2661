//! Remote servers on this machine, under names of their own, that record what they receive and
//! answer as they are told.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    app::{App, actors, expansion, outbox},
    domain::{
        addresses::ADS_HANDLE,
        federation::{Actor, ActorKind, Follow, FollowState},
        ids::ActivityId,
        outbound::Outbound,
    },
    federation::{
        addresses::{AddressPolicy, HostPattern},
        delivery::{Dispatcher, expand_due},
        fetch::{FetchLimits, Fetcher},
        http_client::{ClientSettings, RemoteClient},
    },
    jobs::keys,
    store,
};

/// A request that a server received.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn document(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn id(&self) -> String {
        self.document()["id"].as_str().unwrap().to_owned()
    }

    /// The type of the object.
    pub fn object_type(&self) -> String {
        let document = self.document();
        document["object"]["type"].as_str().unwrap().to_owned()
    }
}

/// How a server answers what is posted to it.
#[derive(Clone, Debug)]
pub enum Answers {
    With(u16),
    /// With a status and a header.
    Saying(u16, &'static str, &'static str),
    /// One status for bodies that hold this text, 202 for the others.
    Choking(&'static str, u16),
    /// Not until it is told otherwise.
    Never,
}

/// A remote server.
pub struct Peer {
    pub name: String,
    address: SocketAddr,
    answers: watch::Sender<Answers>,
    received: Arc<watch::Sender<Vec<Received>>>,
    /// Questions about its software.
    pub asked: Arc<Mutex<usize>>,
}

#[derive(Clone)]
struct Desk {
    software: Option<&'static str>,
    name: String,
    answers: watch::Receiver<Answers>,
    received: Arc<watch::Sender<Vec<Received>>>,
    asked: Arc<Mutex<usize>>,
}

impl Peer {
    /// A server that takes everything and runs this software, or does not say which.
    pub async fn start(name: &str, software: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answers, told) = watch::channel(Answers::With(202));
        let received = Arc::new(watch::Sender::new(Vec::new()));
        let asked = Arc::default();
        let desk = Desk {
            software,
            name: name.to_owned(),
            answers: told,
            received: Arc::clone(&received),
            asked: Arc::clone(&asked),
        };
        let router = Router::new()
            .route("/.well-known/nodeinfo", get(node_info_links))
            .route("/nodeinfo/2.0", get(node_info))
            .fallback(receive)
            .with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            name: name.to_owned(),
            address,
            answers,
            received,
            asked,
        }
    }

    pub fn answers(&self, how: Answers) {
        self.answers.send_replace(how);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Paths of the inboxes that received something, in order.
    pub fn paths(&self) -> Vec<String> {
        let received = self.received();
        received
            .iter()
            .map(|one| one.uri.path().to_owned())
            .collect()
    }

    /// Waits until so many requests arrived in all.
    pub async fn has_received(&self, count: usize) {
        let mut changes = self.received.subscribe();
        let arrived = changes.wait_for(|received| received.len() >= count);
        let limit = std::time::Duration::from_secs(20);
        tokio::time::timeout(limit, arrived).await.unwrap().unwrap();
    }
}

async fn node_info_links(State(desk): State<Desk>) -> Response {
    *desk.asked.lock().unwrap() += 1;
    let rel = "http://nodeinfo.diaspora.software/ns/schema/2.0";
    let href = format!("http://{}/nodeinfo/2.0", desk.name);
    Json(json!({ "links": [{ "rel": rel, "href": href }] })).into_response()
}

async fn node_info(State(desk): State<Desk>) -> Response {
    match desk.software {
        Some(name) => Json(json!({ "software": { "name": name, "version": "1" } })).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn receive(State(mut desk): State<Desk>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    desk.received.send_modify(|received| {
        received.push(Received {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body,
        });
    });
    let told = desk
        .answers
        .wait_for(|answers| !matches!(answers, Answers::Never));
    let answers = told.await.unwrap().clone();
    match answers {
        Answers::With(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answers::Saying(status, name, value) => {
            (StatusCode::from_u16(status).unwrap(), [(name, value)]).into_response()
        }
        Answers::Choking(words, status) if text.contains(words) => {
            StatusCode::from_u16(status).unwrap().into_response()
        }
        Answers::Choking(..) | Answers::Never => StatusCode::ACCEPTED.into_response(),
    }
}

/// An address where nobody listens.
pub async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// A dispatcher for which each name leads to its server, without encryption; otherwise as in
/// production.
pub fn dispatcher_to(app: &App, peers: &[&Peer]) -> Dispatcher {
    let hosts = peers.iter().map(|peer| (peer.name.clone(), peer.address));
    dispatcher_with(app, hosts.collect())
}

pub fn dispatcher_with(app: &App, hosts: BTreeMap<String, SocketAddr>) -> Dispatcher {
    let settings = ClientSettings {
        policy: AddressPolicy {
            allow_private_networks: vec!["127.0.0.1/32".parse().unwrap()],
            allow_http: vec![HostPattern::Any],
        },
        static_hosts: hosts,
        ..ClientSettings::new("https://annonces.example/".parse().unwrap())
    };
    let client = RemoteClient::build(&settings).unwrap();
    let fetcher = Fetcher::new(client.clone(), FetchLimits::default());
    Dispatcher::new(app.clone(), client, fetcher)
}

/// The actor `annonces`, with its key.
pub async fn speaker(app: &App) -> Actor {
    actors::ensure_ours(app).await.unwrap();
    loop {
        let speaker = actors::find_by_handle(app, ADS_HANDLE)
            .await
            .unwrap()
            .unwrap();
        if speaker.public_key.is_some() {
            return speaker;
        }
        keys::run_once(app).await.unwrap();
    }
}

/// A remote actor; with a shared inbox when its server has one.
pub fn remote(app: &App, host: &str, name: &str, shared: Option<&str>) -> Actor {
    let uri = format!("http://{host}/users/{name}");
    Actor {
        id: app.next_id(),
        kind: ActorKind::Person,
        role: None,
        handle: name.to_owned(),
        host: host.to_owned(),
        name: name.to_owned(),
        summary: String::new(),
        url: uri.clone(),
        inbox: format!("{uri}/inbox"),
        shared_inbox: shared.map(|path| format!("http://{host}{path}")),
        followers: None,
        key_id: None,
        public_key: None,
        is_indexable: false,
        created_at: app.now(),
        updated_at: app.now(),
        fetched_at: Some(app.now()),
        gone_at: None,
        uri,
    }
}

/// Lets remote actors follow one of ours.
pub async fn follow(app: &App, followed: &Actor, followers: &[Actor]) {
    let mut tx = app.store().write().await.unwrap();
    for follower in followers {
        let saved = store::actors::save_remote(&mut tx, follower).await.unwrap();
        let follow = Follow {
            id: app.next_id(),
            follower_id: saved.unwrap(),
            followed_id: followed.id,
            activity_uri: format!("{}#follow", follower.uri),
            state: FollowState::Accepted,
        };
        store::follows::save(&mut tx, &follow, app.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// One of our actors says something to its followers: its profile changed.
pub async fn say(app: &App, speaker: &Actor) -> ActivityId {
    enqueue(app, speaker, Outbound::UpdateActor).await
}

pub async fn enqueue(app: &App, speaker: &Actor, event: Outbound) -> ActivityId {
    let mut tx = app.store().write().await.unwrap();
    let id = outbox::enqueue(app, &mut tx, speaker, event).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// As [`say`], with bytes of the test's choice.
pub async fn say_bodies(app: &App, speaker: &Actor, note: Option<&str>, article: Option<&str>) {
    expand(app).await;
    say(app, speaker).await;
    let expanding = expansion::claim_next(app).await.unwrap().unwrap();
    let bodies = expansion::Bodies {
        note: note.map(str::to_owned),
        article: article.map(str::to_owned),
    };
    let kept = expansion::keep_bodies(app, expanding, bodies)
        .await
        .unwrap();
    expansion::give_back(app, &kept.unwrap()).await.unwrap();
    expand(app).await;
}

/// Turns all that was said into deliveries.
pub async fn expand(app: &App) {
    while expand_due(app).await.unwrap() > 0 {}
}
