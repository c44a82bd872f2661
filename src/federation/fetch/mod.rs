//! Reading documents of remote servers: the only place that does.
//!
//! A document is believed only from the origin of its own id (FEP-fe34). Everything about the
//! answer is bounded: time, size, depth, redirects, and how often one host is asked.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode, header};
use reqwest::Response;
use serde_json::Value;
use url::Url;

use self::{
    error::{failure_of, header_text},
    gates::HostGates,
};
use super::{
    http_client::{RemoteClient, read_body},
    json,
    keys::SigningKey,
    signatures,
};

mod discovery;
mod error;
mod gates;
#[cfg(test)]
mod tests;

pub use discovery::{Jrd, JrdLink, NodeInfo};
pub use error::{FetchError, read_retry_after};

/// The `Accept` of every request for an `ActivityPub` document.
const ACCEPT_ACTIVITY: &str = "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

/// The profile that makes `application/ld+json` an `ActivityPub` document.
const ACTIVITYSTREAMS: &str = "https://www.w3.org/ns/activitystreams";

/// The bounds of every fetch.
#[derive(Debug, Clone)]
pub struct FetchLimits {
    /// Longest time for one document, redirects included.
    pub total: Duration,
    /// Largest body, in bytes after decompression.
    pub max_bytes: usize,
    /// Most redirects followed.
    pub max_redirects: usize,
    /// Most requests to one host at the same time.
    pub concurrent_per_host: usize,
    /// Requests to one host in a second, once `burst_per_host` is used up.
    pub per_host_per_second: NonZeroU32,
    /// Requests to one host that may follow each other without waiting.
    pub burst_per_host: NonZeroU32,
    /// Longest wait for our turn, before [`FetchError::Busy`].
    pub patience: Duration,
    /// How long a host that did not answer in time is left alone: shorter than any retry of ours.
    pub respite: TimeDelta,
    /// Most hosts remembered at the same time.
    pub max_hosts: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(10),
            max_bytes: json::MOST_BYTES,
            max_redirects: 3,
            concurrent_per_host: 4,
            per_host_per_second: NonZeroU32::MIN.saturating_add(4),
            burst_per_host: NonZeroU32::MIN.saturating_add(49),
            patience: Duration::from_secs(5),
            respite: TimeDelta::seconds(30),
            max_hosts: 10_000,
        }
    }
}

/// What a fetch brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched {
    /// The document, from its own origin.
    Document(Document),
    /// It has not changed since the `ETag` we gave.
    NotModified,
}

/// A document that its own origin served.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its id. Whatever was asked, this is what the document is.
    pub id: Url,
    /// The document, an object.
    pub value: Value,
    /// To be given back at the next fetch.
    pub etag: Option<String>,
}

/// Reads remote documents. Cheap to clone; clones share the limits per host.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: RemoteClient,
    limits: Arc<FetchLimits>,
    gates: Arc<HostGates>,
}

/// One question: what to ask, as whom, and what to take for an answer.
struct Question<'a> {
    accept: &'static str,
    signer: Option<&'a SigningKey>,
    etag: Option<&'a str>,
    now: DateTime<Utc>,
    is_expected: fn(&str) -> bool,
}

/// What one address answered.
enum Step {
    Redirect(Url),
    Arrived(Answer),
}

enum Answer {
    NotModified,
    Body {
        url: Url,
        etag: Option<String>,
        bytes: Vec<u8>,
    },
}

/// Where a document stands relative to its id.
enum Standing {
    AtHome,
    /// Same origin, but another address: to be read again there.
    Elsewhere,
    /// Another origin: not to be believed.
    Foreign,
}

impl Fetcher {
    /// Makes a fetcher on the client of the process.
    pub fn new(client: RemoteClient, limits: FetchLimits) -> Self {
        Self {
            client,
            gates: Arc::new(HostGates::new(&limits)),
            limits: Arc::new(limits),
        }
    }

    /// Reads the `ActivityPub` document at `url`, signed by `signer` if there is one; a fragment
    /// is left out.
    ///
    /// At most three redirects, each checked and signed again; only status 200 counts; the final
    /// address has the origin of the document's `id`. When it is another address of the same
    /// origin (a page, the separate key of an actor), the document is read once more at its id.
    pub async fn fetch_document(
        &self,
        url: &Url,
        signer: Option<&SigningKey>,
        etag: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Fetched, FetchError> {
        let question = Question {
            accept: ACCEPT_ACTIVITY,
            signer,
            etag,
            now,
            is_expected: is_activity_type,
        };
        self.in_time(url, now, self.read_document(url, &question))
            .await
    }

    async fn read_document(
        &self,
        url: &Url,
        question: &Question<'_>,
    ) -> Result<Fetched, FetchError> {
        let (document, served_by) = match self.follow(url, question).await? {
            Answer::NotModified => return Ok(Fetched::NotModified),
            Answer::Body { url, etag, bytes } => (Document::read(&bytes, etag)?, url),
        };
        match document.standing(url, &served_by) {
            Standing::AtHome => Ok(Fetched::Document(document)),
            Standing::Elsewhere => self.read_at_home(&document.id, question).await,
            Standing::Foreign => Err(FetchError::WrongOrigin),
        }
    }

    /// Reads a document at the id it declared; this time it must be there.
    async fn read_at_home(&self, id: &Url, question: &Question<'_>) -> Result<Fetched, FetchError> {
        let question = Question {
            etag: None,
            ..*question
        };
        let Answer::Body { url, etag, bytes } = self.follow(id, &question).await? else {
            return Err(FetchError::Status(StatusCode::NOT_MODIFIED));
        };
        let document = Document::read(&bytes, etag)?;
        match document.standing(id, &url) {
            Standing::AtHome => Ok(Fetched::Document(document)),
            Standing::Elsewhere | Standing::Foreign => Err(FetchError::WrongOrigin),
        }
    }

    /// Asks `url`, and wherever it redirects to.
    async fn follow(&self, url: &Url, question: &Question<'_>) -> Result<Answer, FetchError> {
        let mut url = without_fragment(url);
        for _ in 0..=self.limits.max_redirects {
            match self.ask(url, question).await? {
                Step::Redirect(next) => url = without_fragment(&next),
                Step::Arrived(answer) => return Ok(answer),
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    /// Asks one address, when it is this host's turn.
    async fn ask(&self, url: Url, question: &Question<'_>) -> Result<Step, FetchError> {
        let mut request = self.client.request(Method::GET, &url)?;
        let _turn = self.gates.enter(&url, question.now).await?;
        request = match question.signer {
            Some(key) => {
                let headers = signatures::sign_get(key, &url, question.now, question.accept)?;
                request.headers(headers)
            }
            None => request.header(header::ACCEPT, question.accept),
        };
        if let Some(etag) = question.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let sent = request.send().await.map_err(FetchError::from);
        let response = self.heed(&url, question.now, sent)?;
        match response.status() {
            StatusCode::OK => self.take_body(url, response, question).await,
            StatusCode::NOT_MODIFIED if question.etag.is_some() => {
                Ok(Step::Arrived(Answer::NotModified))
            }
            status if is_redirect(status) => {
                let location = header_text(&response, &header::LOCATION);
                let next = location.and_then(|location| url.join(location).ok());
                next.map(Step::Redirect).ok_or(FetchError::Status(status))
            }
            _ => Err(failure_of(&response, question.now)),
        }
    }

    /// Leaves a host alone for a moment when it did not answer in time.
    fn heed<T>(
        &self,
        url: &Url,
        now: DateTime<Utc>,
        outcome: Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        if let Err(FetchError::Timeout) = outcome {
            self.gates.close(url, now);
        }
        outcome
    }

    async fn take_body(
        &self,
        url: Url,
        response: Response,
        question: &Question<'_>,
    ) -> Result<Step, FetchError> {
        let media_type = header_text(&response, &header::CONTENT_TYPE).unwrap_or_default();
        if !(question.is_expected)(media_type) {
            return Err(FetchError::WrongType);
        }
        let etag = header_text(&response, &header::ETAG).map(str::to_owned);
        let read = read_body(response, self.limits.max_bytes).await;
        let bytes = self.heed(&url, question.now, read.map_err(FetchError::from))?;
        Ok(Step::Arrived(Answer::Body { url, etag, bytes }))
    }

    /// Does the work that begins at `url` in the time that all of it may take.
    async fn in_time<T>(
        &self,
        url: &Url,
        now: DateTime<Utc>,
        work: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let done = tokio::time::timeout(self.limits.total, work).await;
        done.unwrap_or_else(|_| self.heed(url, now, Err(FetchError::Timeout)))
    }
}

impl Document {
    fn read(bytes: &[u8], etag: Option<String>) -> Result<Self, FetchError> {
        let value = json::parse_bounded(bytes, json::MOST_DEPTH)?;
        let id = value.get("id").and_then(Value::as_str);
        let id = id.ok_or(FetchError::NotActivityPub("no id"))?;
        let id = Url::parse(id).map_err(|_| FetchError::NotActivityPub("id is no address"))?;
        if !matches!(id.scheme(), "http" | "https") {
            return Err(FetchError::NotActivityPub("id is no web address"));
        }
        Ok(Self { id, value, etag })
    }

    fn standing(&self, asked: &Url, served_by: &Url) -> Standing {
        if self.id.origin() != served_by.origin() {
            return Standing::Foreign;
        }
        let id = without_fragment(&self.id);
        if id == *served_by || id == without_fragment(asked) {
            Standing::AtHome
        } else {
            Standing::Elsewhere
        }
    }
}

/// Whether a `Content-Type` is that of an `ActivityPub` document (`ActivityPub`, section 3.2):
/// `application/activity+json` with any parameters, or `application/ld+json` with the
/// `ActivityStreams` profile among its profiles.
fn is_activity_type(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    if essence.eq_ignore_ascii_case("application/activity+json") {
        return true;
    }
    let has_profile = |part: &str| {
        part.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("profile")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_ascii_whitespace()
                    .any(|profile| profile == ACTIVITYSTREAMS)
        })
    };
    essence.eq_ignore_ascii_case("application/ld+json") && parts.any(has_profile)
}

/// The redirects that lead to the same document elsewhere.
fn is_redirect(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}
