//! Every inbox: what arrives is checked, kept, and answered 202; the worker does the rest.
//!
//! The answer decides what the other server does next, so it says what happened to *the request*:
//! 202 kept, or nothing to do with it · 400 malformed · 401 the signature is wrong, after the key
//! was read again once · 403 a server we want nothing from · 410 this actor is gone · 413 over
//! 1 MiB · 421 not our host · 429 too often · 503 we cannot now, or the key's server does not
//! answer. Never 401 for what we merely cannot verify: Mastodon would try again for days.

use std::{num::NonZeroU32, sync::Mutex, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts, uri::Scheme},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::{DateTime, TimeDelta, Utc};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{
    activities::{Envelope, Verb},
    context::Federation,
    errors::problem,
    json,
    signatures::{self, Claim, ReceivedRequest, SignatureError},
    signers::{Found, Signer, SignerError},
};
use crate::{
    app::{
        AppError, actors, comments::receiving as comments, domain_policies, inbox, remote_actors,
    },
    domain::{
        addresses::{ADS_PATH, INSTANCE_PATH, SHARED_INBOX_PATH},
        authority::authority_of,
        federation::{Actor, PolicyLevel},
        host::DIRECTORY_PATH,
    },
};

/// When to come back after an outage that we expect to be short.
const SOON: Duration = Duration::from_secs(30);
/// When to come back while our own queue is full.
const LATER: Duration = Duration::from_mins(5);
/// How long the length of the queue is believed.
const RECOUNT: TimeDelta = TimeDelta::seconds(1);
/// Hosts remembered by the rate limit before the idle ones are forgotten.
const MOST_HOSTS: usize = 10_000;

/// Bounds of what is received.
#[derive(Clone, Debug)]
pub struct InboxLimits {
    /// Activities of one remote host kept in a second, once `burst_per_host` is used up.
    pub per_host_per_second: NonZeroU32,
    /// Activities of one remote host that may follow each other without waiting.
    pub burst_per_host: NonZeroU32,
    /// Keys looked for at the same time.
    pub concurrent_key_fetches: usize,
    /// Longest wait for a key before we ask to come back; the search goes on meanwhile.
    pub key_patience: Duration,
    /// Activities that may wait for the worker.
    pub most_waiting: i64,
}

impl Default for InboxLimits {
    fn default() -> Self {
        Self {
            per_host_per_second: NonZeroU32::MIN.saturating_add(19),
            burst_per_host: NonZeroU32::MIN.saturating_add(599),
            concurrent_key_fetches: 64,
            key_patience: Duration::from_millis(1_500),
            most_waiting: inbox::MOST_WAITING,
        }
    }
}

/// What the inboxes of this process remember.
pub(super) struct InboxGate {
    limits: InboxLimits,
    hosts: DefaultKeyedRateLimiter<String>,
    /// When the queue was last counted, and whether it was full.
    queue: Mutex<Option<(DateTime<Utc>, bool)>>,
}

impl InboxGate {
    pub(super) fn new(limits: &InboxLimits) -> Self {
        let quota =
            Quota::per_second(limits.per_host_per_second).allow_burst(limits.burst_per_host);
        Self {
            limits: limits.clone(),
            hosts: RateLimiter::keyed(quota),
            queue: Mutex::default(),
        }
    }

    /// Counts one activity of a host, whose signature was checked: nobody uses up the share of
    /// somebody else.
    fn admit(&self, host: &str) -> Result<(), Refusal> {
        if self.hosts.len() > MOST_HOSTS {
            self.hosts.retain_recent();
        }
        self.hosts
            .check_key(&host.to_owned())
            .map_err(|denied| Refusal::TooMany(denied.wait_time_from(self.hosts.clock().now())))
    }
}

/// Why a request is not kept.
#[derive(Debug)]
enum Refusal {
    /// Nothing to do with it; the other server must not send it again.
    Dropped(&'static str),
    Malformed(String),
    WrongSignature,
    Blocked,
    NoSuchActor,
    ActorGone,
    TooBig,
    NotOurHost,
    TooMany(Duration),
    Unavailable(String, Duration),
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        tracing::error!(%error, "an activity could not be received");
        Self::Unavailable("the instance cannot receive now".into(), SOON)
    }
}

impl From<SignatureError> for Refusal {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::WrongHost => Self::NotOurHost,
            error => Self::Malformed(error.to_string()),
        }
    }
}

impl From<SignerError> for Refusal {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Gone => Self::Dropped("its key is gone"),
            SignerError::Unusable(_) => Self::Dropped("its key cannot be used"),
            SignerError::Unavailable(reason) => Self::Unavailable(reason, SOON),
            SignerError::Internal(reason) => {
                tracing::error!(reason, "the signer of an activity could not be looked for");
                Self::Unavailable("the instance cannot receive now".into(), SOON)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, detail, retry_after) = match self {
            Self::Dropped(reason) => {
                tracing::debug!(reason, "an activity is dropped");
                return StatusCode::ACCEPTED.into_response();
            }
            Self::Malformed(detail) => (StatusCode::BAD_REQUEST, detail, None),
            Self::WrongSignature => {
                let detail = "the key did not make this signature";
                (StatusCode::UNAUTHORIZED, detail.into(), None)
            }
            Self::Blocked => (StatusCode::FORBIDDEN, "this server is blocked".into(), None),
            Self::NoSuchActor => (StatusCode::NOT_FOUND, "no such actor".into(), None),
            Self::ActorGone => (StatusCode::GONE, "this actor is gone".into(), None),
            Self::TooBig => {
                let detail = "an activity has at most 1 MiB";
                (StatusCode::PAYLOAD_TOO_LARGE, detail.into(), None)
            }
            Self::NotOurHost => {
                let detail = "the request was made for another host";
                (StatusCode::MISDIRECTED_REQUEST, detail.into(), None)
            }
            Self::TooMany(wait) => {
                let detail = "too many activities of this server";
                (StatusCode::TOO_MANY_REQUESTS, detail.into(), Some(wait))
            }
            Self::Unavailable(detail, wait) => {
                (StatusCode::SERVICE_UNAVAILABLE, detail, Some(wait))
            }
        };
        let mut response = problem(status, &detail);
        if let Some(wait) = retry_after {
            // rounded up, so that who obeys is not refused again
            let seconds = wait.as_secs().saturating_add(1);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// The inboxes. Other methods than POST get 405.
pub fn router(federation: Federation) -> Router {
    let ad_inbox = format!("{ADS_PATH}/{{address}}/inbox");
    let directory_inbox = format!("{DIRECTORY_PATH}/inbox");
    Router::new()
        .route(SHARED_INBOX_PATH, post(receive))
        .route(&format!("{INSTANCE_PATH}/inbox"), post(receive))
        .route(&format!("{ADS_PATH}/inbox"), post(receive))
        .route(&ad_inbox, post(receive))
        .route(&directory_inbox, post(receive))
        .route("/structures/{handle}/inbox", post(receive))
        .route("/organisations/{slug}/inbox", post(receive))
        .with_state(federation)
}

async fn receive(State(federation): State<Federation>, request: Request) -> Response {
    match keep(&federation, request).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The whole path of an activity, from the cheapest check to the most costly.
async fn keep(federation: &Federation, request: Request) -> Result<(), Refusal> {
    let (parts, body) = request.into_parts();
    check_inbox(federation, parts.uri.path()).await?;
    check_type(&parts.headers)?;
    let body = read_body(body).await?;
    let envelope = read_envelope(&body)?;
    check_policy(
        federation,
        &authority_of(&envelope.actor).unwrap_or_default(),
    )
    .await?;
    check_need(federation, &envelope).await?;
    let claim = precheck(federation, &parts, &body)?;
    check_policy(
        federation,
        &authority_of(&claim.key_document()).unwrap_or_default(),
    )
    .await?;
    check_queue(federation).await?;
    let signer = authenticate(federation, &claim).await?;
    federation.gate().admit(&signer.host)?;
    let text = std::str::from_utf8(&body).map_err(|error| Refusal::Malformed(error.to_string()))?;
    let received = inbox::Received {
        signer: &signer.uri,
        actor: envelope.actor.as_str(),
        id: envelope.has_own_id.then_some(envelope.id.as_str()),
        kind: &envelope.kind,
        updated: envelope.updated(),
        body: text,
    };
    inbox::store(&federation.app, &received).await?;
    Ok(())
}

/// Whether the inbox belongs to an actor that is there. The shared one always does.
async fn check_inbox(federation: &Federation, path: &str) -> Result<(), Refusal> {
    if path == SHARED_INBOX_PATH {
        return Ok(());
    }
    let owner = path.strip_suffix("/inbox").unwrap_or(path);
    let owner = federation.app.url(owner);
    match actors::find_by_uri(&federation.app, &owner).await? {
        Some(actor) if actor.gone_at.is_some() => Err(Refusal::ActorGone),
        Some(actor) if actor.is_local() => Ok(()),
        _ => Err(Refusal::NoSuchActor),
    }
}

/// `application/activity+json` or `application/ld+json`, whatever the parameters.
fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let is_ours = ["application/activity+json", "application/ld+json"]
        .iter()
        .any(|each| each.eq_ignore_ascii_case(essence));
    if is_ours {
        Ok(())
    } else {
        Err(Refusal::Malformed(
            "the body must be application/activity+json".into(),
        ))
    }
}

async fn read_body(body: Body) -> Result<Vec<u8>, Refusal> {
    match Limited::new(body, json::MOST_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::TooBig),
        Err(_) => Err(Refusal::Malformed("the body ends too early".into())),
    }
}

fn read_envelope(body: &[u8]) -> Result<Envelope, Refusal> {
    let document = json::parse_bounded(body, json::MOST_DEPTH)
        .map_err(|error| Refusal::Malformed(error.to_string()))?;
    Envelope::read(document).map_err(|error| Refusal::Malformed(error.to_string()))
}

async fn check_policy(federation: &Federation, host: &str) -> Result<(), Refusal> {
    match domain_policies::find_level(&federation.app, host).await? {
        Some(PolicyLevel::Suspend) => Err(Refusal::Blocked),
        Some(PolicyLevel::Limit) | None => Ok(()),
    }
}

/// What cannot concern us is dropped before any key is looked for: types of no use here, and what
/// servers send to everybody when an account they host goes or changes.
async fn check_need(federation: &Federation, envelope: &Envelope) -> Result<(), Refusal> {
    let Some(verb) = Verb::parse(&envelope.kind) else {
        tracing::info!(kind = envelope.kind, "an activity of no use here");
        return Err(Refusal::Dropped("of no use here"));
    };
    let app = &federation.app;
    let is_about_unknown_actor = matches!(verb, Verb::Delete | Verb::Update)
        && envelope.is_about_its_actor()
        && remote_actors::find(app, envelope.actor.as_str())
            .await?
            .is_none();
    if is_about_unknown_actor {
        return Err(Refusal::Dropped("an actor that is not known here"));
    }
    if verb == Verb::Delete && !envelope.is_about_its_actor() {
        let object = envelope.object_id().unwrap_or_default();
        if comments::find_author(app, object).await?.is_none() {
            return Err(Refusal::Dropped("nothing of that id here"));
        }
    }
    Ok(())
}

fn precheck(federation: &Federation, parts: &Parts, body: &[u8]) -> Result<Claim, Refusal> {
    let public_url = &federation.app.config().public_url;
    let scheme = if public_url.is_plain_http() {
        Scheme::HTTP
    } else {
        Scheme::HTTPS
    };
    let request = ReceivedRequest {
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        scheme,
    };
    let now = federation.app.now();
    Ok(signatures::precheck(
        &request,
        &[public_url.authority()],
        body,
        now,
    )?)
}

/// Asks to come back later when too much waits already.
async fn check_queue(federation: &Federation) -> Result<(), Refusal> {
    let gate = federation.gate();
    let now = federation.app.now();
    let remembered = match gate.queue.lock() {
        Ok(queue) => *queue,
        Err(_) => None,
    };
    let is_full = match remembered {
        Some((counted_at, is_full)) if now - counted_at < RECOUNT => is_full,
        _ => {
            let waiting = inbox::count_waiting(&federation.app).await?;
            let is_full = waiting >= gate.limits.most_waiting;
            if let Ok(mut queue) = gate.queue.lock() {
                *queue = Some((now, is_full));
            }
            is_full
        }
    };
    if is_full {
        Err(Refusal::Unavailable(
            "too many activities are waiting".into(),
            LATER,
        ))
    } else {
        Ok(())
    }
}

/// The actor whose key made the signature.
///
/// A slow server of keys holds nobody up: after a moment we ask to come back, and go on looking.
async fn authenticate(federation: &Federation, claim: &Claim) -> Result<Actor, Refusal> {
    let patience = federation.gate().limits.key_patience;
    let search = tokio::spawn({
        let (federation, claim) = (federation.clone(), claim.clone());
        async move { verify(&federation, &claim).await }
    });
    match tokio::time::timeout(patience, search).await {
        Ok(Ok(verified)) => verified,
        Ok(Err(error)) => Err(SignerError::Internal(error.to_string()).into()),
        Err(_) => Err(Refusal::Unavailable(
            "the server of the key is slow".into(),
            SOON,
        )),
    }
}

async fn verify(federation: &Federation, claim: &Claim) -> Result<Actor, Refusal> {
    let (Signer { actor, key }, is_fresh) = match federation.find_signer(claim).await? {
        Found::Known(signer) => (signer, false),
        Found::Fresh(signer) => (signer, true),
    };
    if claim.verify(&key).is_ok() {
        return Ok(actor);
    }
    if is_fresh {
        return Err(Refusal::WrongSignature);
    }
    // peers rotate keys
    match federation.refresh_signer(claim).await? {
        Some(signer) if claim.verify(&signer.key).is_ok() => Ok(signer.actor),
        Some(_) | None => Err(Refusal::WrongSignature),
    }
}
