//! What requests carry, read strictly; each refusal says where it stumbled and nothing of our code.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{BODY_KIB, problem::Refusal};
use crate::web::{Web, WebError, error_pages::Problem};

/// A JSON body.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Web> for Sent<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, WebError> {
        if media_type(request.headers()) != "application/json" {
            return Err(Refusal::MediaType("application/json").into());
        }
        let bytes = read_bytes(request, web, BODY_KIB).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            match error.into_inner().classify() {
                serde_json::error::Category::Data => Refusal::Field(path),
                _ => Refusal::NotJson,
            }
        })?;
        json.end().map_err(|_| Refusal::NotJson)?;
        Ok(Self(value))
    }
}

/// The media type of a body, in lower case, without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE);
    let text = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let bare = text.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// The whole body; `limit_kib` is the limit that stands on the route.
pub(super) async fn read_bytes(
    request: Request,
    web: &Web,
    limit_kib: usize,
) -> Result<Bytes, WebError> {
    Bytes::from_request(request, web)
        .await
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge { limit_kib }.into(),
            _ => Refusal::Unreadable.into(),
        })
}

/// What the path names. A path that cannot be read names nothing that exists.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Web> for Named<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        match Path::<T>::from_request_parts(parts, web).await {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(Problem::NotFound.into()),
        }
    }
}

/// The parameters of the query. Those that an operation does not know were refused before.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Web> for Params<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        match Query::<T>::from_request_parts(parts, web).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Refusal::Field(name_of(&rejection)).into()),
        }
    }
}

/// The parameter that could not be read.
fn name_of(rejection: &QueryRejection) -> String {
    let first: &dyn std::error::Error = rejection;
    std::iter::successors(Some(first), |error| error.source())
        .find_map(|error| {
            error.downcast_ref::<serde_path_to_error::Error<serde::de::value::Error>>()
        })
        .map(|error| error.path().to_string())
        .unwrap_or_default()
}
