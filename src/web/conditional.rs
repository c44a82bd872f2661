//! Answers that a browser may keep, and ask again with what it has (RFC 9110 §13.1.2).

use std::fmt::Write as _;

use aws_lc_rs::digest;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The first 12 hexadecimal digits of the SHA-256 digest of a content.
pub fn short_digest(content: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, content);
    let first = digest.as_ref().iter().take(6);
    first.fold(String::new(), |mut hex, byte| {
        // writing to a String cannot fail
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The content with its entity tag and `kept`, the headers about caching; 304 with the same headers
/// when `request` says that this content is known.
pub fn answer<const N: usize>(
    request: &HeaderMap,
    digest: &str,
    kept: [(HeaderName, String); N],
    media_type: &'static str,
    content: impl Into<Body>,
) -> Response {
    let tag = format!("\"{digest}\"");
    let is_known = is_known(request, &tag);
    let kept = ([(header::ETAG, tag)], kept);
    if is_known {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let headers = [(header::CONTENT_TYPE, media_type)];
    (kept, headers, content.into()).into_response()
}

/// Compares weakly: compression on the way does not change what a content says.
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}
