//! HTTP signatures: making ours, and checking those we receive, in two steps.
//!
//! [`precheck`] does everything that needs no key, hence no network: that each header is there
//! once, that the request was made for us, recently, for this path and this body. What comes out
//! is a [`Claim`]: "the holder of this key sent this". [`Claim::verify`] then proves it with the
//! key that the caller found. So nobody makes us fetch a key with a request that could not pass.
//!
//! Two schemes are read: draft-cavage-http-signatures-12 ([`cavage`]), which everybody sends, and
//! RFC 9421 ([`rfc9421`]), when a `Signature-Input` header is there. A valid signature says who
//! speaks, not what they may do: each activity keeps its own check of rights.

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, Uri, header, uri::Scheme};
use url::Url;

use super::keys::{KeyError, KeyKind, PublicKey};

pub mod cavage;
pub mod digest;
pub mod rfc9421;

#[cfg(test)]
mod tests;

pub use cavage::{sign_get, sign_post};

/// How far a signature's time may be from our clock, in seconds, in the past or the future:
/// one hour, and five minutes for clocks that drift.
const WINDOW_SECONDS: i64 = 65 * 60;

/// How long after its `expires` a signature is still taken, in seconds.
const EXPIRY_GRACE_SECONDS: i64 = 5 * 60;

/// Most components or headers one signature may cover; the busiest peer covers six.
const MOST_COVERED: usize = 64;

/// Headers that two parsers could read differently when they are repeated. Refused when repeated.
const SINGLE_HEADERS: [&str; 7] = [
    "signature",
    "signature-input",
    "host",
    "date",
    "digest",
    "content-digest",
    "content-type",
];

/// Why a signature was refused. For logs and for choosing a status, not for the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request carries no signature.
    #[error("no signature")]
    Missing,
    /// A header that must be there once is there several times.
    #[error("header {0} is repeated")]
    Repeated(&'static str),
    /// The request names no host, or another one than ours.
    #[error("the request was made for another host")]
    WrongHost,
    /// The signature header cannot be read; says which part.
    #[error("malformed signature: {0}")]
    Malformed(&'static str),
    /// The signature does not cover something without which it could be used again elsewhere.
    #[error("the signature does not cover {0}")]
    Uncovered(&'static str),
    /// Too old, too far in the future, or expired.
    #[error("signature time outside the accepted window")]
    OutsideWindow,
    /// The digest is missing, of no kind we know, or not the digest of the body.
    #[error("the digest is not that of the body")]
    WrongDigest,
    /// An algorithm we do not verify, or not the one of the key.
    #[error("unsupported signature algorithm")]
    Algorithm,
    /// The key did not make this signature.
    #[error("the key did not make this signature")]
    Invalid,
}

/// Why a request of ours could not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The address has no host.
    #[error("the address has no host")]
    NoHost,
    /// A value cannot stand in a header.
    #[error("a value cannot stand in a header")]
    Header,
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What is needed of a received request.
#[derive(Debug, Clone)]
pub struct ReceivedRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The address asked for, as it was on the wire: nested routers must give the original one.
    pub uri: &'a Uri,
    /// All the headers.
    pub headers: &'a HeaderMap,
    /// The scheme of our public address. Not that of the connection, often plain behind a proxy.
    pub scheme: Scheme,
}

impl ReceivedRequest<'_> {
    /// The value of a header that is there once. `Ok(None)` when it is absent.
    fn single(&self, name: &'static str) -> Result<Option<&str>, SignatureError> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next();
        if values.next().is_some() {
            return Err(SignatureError::Repeated(name));
        }
        first
            .map(HeaderValue::to_str)
            .transpose()
            .map_err(|_| SignatureError::Malformed("header text"))
    }

    /// Host and port the request was made for: `Host`, or `:authority` with HTTP/2; when both are
    /// there they must agree.
    fn authority(&self) -> Result<&str, SignatureError> {
        let from_uri = self.uri.authority().map(http::uri::Authority::as_str);
        match (self.single("host")?, from_uri) {
            (Some(host), Some(authority)) if !host.eq_ignore_ascii_case(authority) => {
                Err(SignatureError::WrongHost)
            }
            (Some(host), _) | (None, Some(host)) => Ok(host),
            (None, None) => Err(SignatureError::WrongHost),
        }
    }

    /// Path and query, as received.
    fn path_and_query(&self) -> &str {
        self.uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str)
    }

    /// All the values of a header, joined as both schemes demand. `None` when absent.
    fn joined(&self, name: &str) -> Result<Option<String>, SignatureError> {
        let values = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().map(str::trim))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| SignatureError::Malformed("header text"))?;
        Ok((!values.is_empty()).then(|| values.join(", ")))
    }

    /// Whether the signature must speak for a body: it has one, or its method calls for one.
    fn speaks_for_body(&self, body: &[u8]) -> bool {
        !body.is_empty() || !matches!(*self.method, Method::GET | Method::HEAD)
    }
}

/// A signature that is well formed, fresh, made for this request and this body: all that is left
/// is to find the key [`Claim::key_id`] and to [`Claim::verify`].
#[derive(Debug, Clone)]
pub struct Claim {
    key_id: Url,
    kind: Option<KeyKind>,
    /// What may have been signed: peers differ on whether the query is part of the path.
    candidates: Vec<String>,
    signature: Vec<u8>,
}

impl Claim {
    /// The id of the key, an `http` or `https` address; with a fragment (`…#main-key`) or without
    /// (`…/main-key`, of `GoToSocial`).
    pub fn key_id(&self) -> &str {
        self.key_id.as_str()
    }

    /// Where the document that holds the key is: the id without its fragment.
    pub fn key_document(&self) -> Url {
        without_fragment(&self.key_id)
    }

    /// Whether `key` made this signature.
    ///
    /// On [`SignatureError::Invalid`] the caller reads the key again, once: peers rotate keys.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        if self.kind.is_some_and(|kind| kind != key.kind()) {
            return Err(SignatureError::Algorithm);
        }
        self.candidates
            .iter()
            .any(|candidate| key.has_signed(candidate.as_bytes(), &self.signature))
            .then_some(())
            .ok_or(SignatureError::Invalid)
    }
}

/// Checks everything that needs no key.
///
/// `our_authorities` are the `host` or `host:port` under which peers may address us; the port is
/// left out when it is the scheme's own. `Authorization` is never looked at.
///
/// Refused: a repeated header, another host, a signature that leaves out the method and path, the
/// host, the time or (with a body) the digest, a time outside the window, a wrong digest, an
/// algorithm we do not know.
pub fn precheck(
    request: &ReceivedRequest<'_>,
    our_authorities: &[impl AsRef<str>],
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Claim, SignatureError> {
    for name in SINGLE_HEADERS {
        request.single(name)?;
    }
    let signature = request.single("signature")?;
    let signature = signature.ok_or(SignatureError::Missing)?;
    let authority = request.authority()?;
    let is_ours = |ours: &str| ours.eq_ignore_ascii_case(authority);
    if !our_authorities.iter().any(|ours| is_ours(ours.as_ref())) {
        return Err(SignatureError::WrongHost);
    }
    let claim = match request.single("signature-input")? {
        Some(input) => rfc9421::precheck(request, input, signature, body, now)?,
        None => cavage::precheck(request, signature, body, now)?,
    };
    check_digests(request, body)?;
    Ok(claim)
}

/// Every digest that is there must be right, whether or not it is covered.
fn check_digests(request: &ReceivedRequest<'_>, body: &[u8]) -> Result<(), SignatureError> {
    if let Some(value) = request.single("digest")? {
        digest::check_digest(value, body)?;
    }
    if let Some(value) = request.single("content-digest")? {
        digest::check_content_digest(value, body)?;
    }
    Ok(())
}

/// Whether a key may speak for an actor: the document that publishes it comes from the same
/// origin as its `owner`, and this owner is the actor.
///
/// `key_id` is what the signature names, `key_owner` what the key's document declares as `owner`
/// or `controller`, `actor` who is said to act. The other direction (the actor lists the key) is
/// seen in the actor's own document.
pub fn same_owner(key_id: &str, key_owner: &str, actor: &str) -> bool {
    let urls = [key_id, key_owner, actor].map(parse_web_url);
    let [Some(key_id), Some(owner), Some(actor)] = urls else {
        return false;
    };
    key_id.origin() == owner.origin() && owner == actor
}

/// An absolute `http` or `https` address without credentials.
fn parse_web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    (is_web && url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

/// Reads the id of a key, in either scheme.
fn read_key_id(text: &str) -> Result<Url, SignatureError> {
    parse_web_url(text).ok_or(SignatureError::Malformed("key id"))
}

/// Whether an instant, in seconds since 1970, is close enough to `now`.
fn check_window(seconds: i64, now: DateTime<Utc>) -> Result<(), SignatureError> {
    let distance = now.timestamp().checked_sub(seconds);
    match distance.and_then(i64::checked_abs) {
        Some(distance) if distance <= WINDOW_SECONDS => Ok(()),
        _ => Err(SignatureError::OutsideWindow),
    }
}

/// Whether an expiry, in seconds since 1970, is still ahead or only just past.
fn check_expiry(seconds: i64, now: DateTime<Utc>) -> Result<(), SignatureError> {
    if seconds.saturating_add(EXPIRY_GRACE_SECONDS) >= now.timestamp() {
        Ok(())
    } else {
        Err(SignatureError::OutsideWindow)
    }
}

/// Whether the `Date` header, which must be there, is close enough to `now`.
fn check_date(request: &ReceivedRequest<'_>, now: DateTime<Utc>) -> Result<(), SignatureError> {
    let date = request.single("date")?;
    let date = date.ok_or(SignatureError::Malformed("date header absent"))?;
    let date = httpdate::parse_http_date(date)
        .map_err(|_| SignatureError::Malformed("date header unreadable"))?;
    check_window(DateTime::<Utc>::from(date).timestamp(), now)
}

/// The `Host` of a request to `url`: with its port when it is not the scheme's own.
fn host_of(url: &Url) -> Result<String, SigningError> {
    let host = url.host_str().ok_or(SigningError::NoHost)?;
    Ok(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// A header value from text.
fn header_value(text: &str) -> Result<HeaderValue, SigningError> {
    HeaderValue::from_str(text).map_err(|_| SigningError::Header)
}

/// The headers that both schemes begin with: the time.
fn dated_headers(now: DateTime<Utc>) -> Result<HeaderMap, SigningError> {
    let date = httpdate::fmt_http_date(now.into());
    Ok(HeaderMap::from_iter([(header::DATE, header_value(&date)?)]))
}
