//! Why a document could not be read, in the words that decide what to do next.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderName, StatusCode, header};
use reqwest::Response;

use crate::federation::{
    addresses::RefusedAddress, http_client::TransportError, json::JsonError,
    signatures::SigningError,
};

/// Longest `Retry-After` we believe: a week.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(7 * 24);

/// Why a fetch brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address, or one it redirects to, may not be called.
    #[error("refused address: {0}")]
    Refused(#[from] RefusedAddress),
    /// 410: it existed and is no more (FEP-4f05).
    #[error("gone")]
    Gone,
    /// 404.
    #[error("not found")]
    NotFound,
    /// 401: unsigned, or the peer could not check our signature.
    #[error("unauthorized")]
    Unauthorized,
    /// 403: the peer does not want us, or not to show this.
    #[error("forbidden")]
    Forbidden,
    /// 429.
    #[error("the peer asks to slow down")]
    RateLimited {
        /// How long the peer asks to wait, at most a week.
        retry_after: Option<Duration>,
    },
    /// 5xx.
    #[error("the peer fails with status {status}")]
    ServerError {
        /// The status.
        status: StatusCode,
        /// How long the peer asks to wait, at most a week.
        retry_after: Option<Duration>,
    },
    /// Any other status than 200.
    #[error("unexpected status {0}")]
    Status(StatusCode),
    /// More redirects than we follow, or a loop.
    #[error("too many redirects")]
    TooManyRedirects,
    /// No whole answer in time.
    #[error("no answer in time")]
    Timeout,
    /// Our own limit: too many other fetches from the same host are waiting, or it did not answer a
    /// moment ago.
    #[error("this host is left alone for a moment")]
    Busy,
    /// The connection could not be made or was lost.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The answer is larger than we read.
    #[error("the document is too big")]
    TooBig,
    /// The answer is of another media type than asked for.
    #[error("not of the expected media type")]
    WrongType,
    /// The answer is not JSON, or nested too deeply.
    #[error("unreadable JSON")]
    NotJson,
    /// JSON, but not a document with an id that is a web address.
    #[error("not an ActivityPub document: {0}")]
    NotActivityPub(&'static str),
    /// JSON, but not what this discovery answer must hold.
    #[error("not a discovery document: {0}")]
    NotDiscovery(&'static str),
    /// The document's id is of another origin than what served it: it could be anybody's words.
    #[error("served by another origin than its own")]
    WrongOrigin,
    /// Our request could not be signed.
    #[error("could not sign: {0}")]
    Signing(#[from] SigningError),
}

impl FetchError {
    /// Whether the same fetch may succeed later without anybody doing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::ServerError { .. }
            | Self::Timeout
            | Self::Busy
            | Self::Unreachable(_) => true,
            Self::Refused(_)
            | Self::Gone
            | Self::NotFound
            | Self::Unauthorized
            | Self::Forbidden
            | Self::Status(_)
            | Self::TooManyRedirects
            | Self::TooBig
            | Self::WrongType
            | Self::NotJson
            | Self::NotActivityPub(_)
            | Self::NotDiscovery(_)
            | Self::WrongOrigin
            | Self::Signing(_) => false,
        }
    }
}

impl From<TransportError> for FetchError {
    fn from(error: TransportError) -> Self {
        match error {
            // A name that leads nowhere today may be a resolver that fails.
            TransportError::Refused(RefusedAddress::Unknown) => {
                Self::Unreachable(RefusedAddress::Unknown.to_string())
            }
            TransportError::Refused(reason) => Self::Refused(reason),
            TransportError::Timeout => Self::Timeout,
            TransportError::TooBig => Self::TooBig,
            TransportError::Failed(reason) => Self::Unreachable(reason),
        }
    }
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        TransportError::from(error).into()
    }
}

impl From<JsonError> for FetchError {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::TooBig => Self::TooBig,
            JsonError::TooDeep | JsonError::Malformed => Self::NotJson,
        }
    }
}

/// What an answer that is neither a document nor a redirect means.
pub(super) fn failure_of(response: &Response, now: DateTime<Utc>) -> FetchError {
    let retry_after =
        header_text(response, &header::RETRY_AFTER).and_then(|value| read_retry_after(value, now));
    match response.status() {
        StatusCode::UNAUTHORIZED => FetchError::Unauthorized,
        StatusCode::FORBIDDEN => FetchError::Forbidden,
        StatusCode::NOT_FOUND => FetchError::NotFound,
        StatusCode::GONE => FetchError::Gone,
        StatusCode::REQUEST_TIMEOUT => FetchError::Timeout,
        StatusCode::TOO_MANY_REQUESTS => FetchError::RateLimited { retry_after },
        status if status.is_server_error() => FetchError::ServerError {
            status,
            retry_after,
        },
        status => FetchError::Status(status),
    }
}

/// The text of a header, when it is there and is text.
pub(super) fn header_text<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
pub fn read_retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    let wait = if let Ok(seconds) = value.parse::<u32>() {
        Duration::from_secs(seconds.into())
    } else {
        let date = DateTime::<Utc>::from(httpdate::parse_http_date(value).ok()?);
        (date - now).to_std().unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        for (value, expected) in [
            ("120", Some(Duration::from_mins(2))),
            (
                "Sun, 01 Mar 2026 12:05:00 GMT",
                Some(Duration::from_mins(5)),
            ),
            ("Sun, 01 Mar 2026 11:00:00 GMT", Some(Duration::ZERO)),
            ("4000000000", Some(LONGEST_RETRY_AFTER)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST_RETRY_AFTER)),
            ("-1", None),
            ("soon", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(read_retry_after(value, now), expected, "{value}");
        }
    }
}
