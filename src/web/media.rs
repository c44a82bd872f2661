//! `/media/{file_name}`: pictures of ads.

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use super::{Visitor, Web, WebError};
use crate::app::media;

/// A file never changes under its name.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// For a picture that not everybody may see.
const NEVER: &str = "private, no-store";

/// Routes of pictures.
pub fn routes() -> Router<Web> {
    Router::new().route("/media/{file_name}", get(show))
}

/// `GET /media/{file_name}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(file_name): Path<String>,
) -> Result<Response, WebError> {
    let picture = media::read(&web.app, &visitor.who, &file_name).await?;
    let caching = if picture.is_public { FOREVER } else { NEVER };
    let headers = [
        (header::CONTENT_TYPE, picture.media.media_type),
        (header::CACHE_CONTROL, caching.to_owned()),
    ];
    Ok((headers, picture.bytes).into_response())
}
