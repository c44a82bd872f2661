//! Our profiles in the format of others.

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    app::hosts::export,
    web::{Web, WebError, paths},
};

pub(super) fn routes() -> Router<Web> {
    Router::new().route(paths::HOST_CHATONSINFOS, get(show))
}

/// `GET /structures/{handle}/chatonsinfos/organization.properties`
async fn show(State(web): State<Web>, Path(handle): Path<String>) -> Result<Response, WebError> {
    let file = export::chatonsinfos(&web.app, &handle).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((headers, file).into_response())
}
