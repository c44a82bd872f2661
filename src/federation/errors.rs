//! What other servers are answered when something is not right: RFC 9457 problem details.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::app::AppError;

/// Why a document cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error(transparent)]
    App(#[from] AppError),
    /// The actor has no key pair yet; in a moment it will.
    #[error("the key pair is being made")]
    NotReady,
    #[error("{0}")]
    Malformed(&'static str),
}

impl IntoResponse for DocumentError {
    fn into_response(self) -> Response {
        let (status, detail) = match &self {
            Self::Malformed(detail) => (StatusCode::BAD_REQUEST, *detail),
            Self::NotReady => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This actor is being made. Try again.",
            ),
            Self::App(AppError::NotFound(_)) => (StatusCode::NOT_FOUND, "There is nothing here."),
            Self::App(AppError::Gone { .. }) => (StatusCode::GONE, "This was withdrawn."),
            // never 404 or 410 for our own faults: other servers would forget what they know
            Self::App(error) => {
                tracing::error!(%error, "a document could not be given");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Something went wrong here. Try again later.",
                )
            }
        };
        problem(status, detail)
    }
}

/// A problem document, with `Retry-After` when it is worth trying again.
pub fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/problem+json"),
    );
    if matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    ) {
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("30"));
    }
    response
}
