//! The picture of an ad.

use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{view::WorkshopView, workshop::show};
use crate::{
    app::ads::writing,
    domain::ids::AdId,
    web::{
        Web, WebError,
        api::{
            extract::{Named, Params, media_type, read_bytes},
            key::Caller,
            problem::Refusal,
            responses::{Always, WithBody, WithKey, WithName, WithState},
        },
        pictures,
    },
};

const MEDIA_TYPES: &str = "image/png, image/jpeg, image/webp";

pub(super) fn routes() -> OpenApiRouter<Web> {
    let limit = DefaultBodyLimit::max(pictures::MAX_BYTES);
    OpenApiRouter::new()
        .routes(routes!(set_image, remove_image))
        .layer(limit)
}

/// The bytes of a picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct SentPicture(Bytes);

impl FromRequest<Web> for SentPicture {
    type Rejection = WebError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, WebError> {
        let kind = media_type(request.headers());
        if !MEDIA_TYPES.split(", ").any(|accepted| accepted == kind) {
            return Err(Refusal::MediaType(MEDIA_TYPES).into());
        }
        Ok(Self(
            read_bytes(request, web, pictures::MAX_BYTES / 1024).await?,
        ))
    }
}

/// What goes with a picture.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PictureParams {
    /// What it shows, for those who do not see it: 3 to 1,000 characters, not the name of a file.
    #[param(example = "Les bénévoles réparent un vélo dans l’atelier")]
    alt: String,
}

/// Put a picture on an ad
///
/// It is made again, without its metadata: at most 8 MiB and 40 million pixels in, 1600 pixels out.
/// Scope: `ads:write`.
#[utoipa::path(
    put,
    path = "/ads/{id}/image",
    operation_id = "setImage",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path), PictureParams),
    request_body(content(
        (SentPicture = "image/png"), (SentPicture = "image/jpeg"), (SentPicture = "image/webp")
    )),
    responses(
        (status = 200, description = "The ad", body = WorkshopView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn set_image(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
    Params(params): Params<PictureParams>,
    SentPicture(bytes): SentPicture,
) -> Result<Json<WorkshopView>, WebError> {
    let alt = pictures::parse_alt(&params.alt)?;
    let picture = pictures::reencode(bytes).await?;
    writing::set_image(&web.app, &who, id, &picture, &alt).await?;
    show(&web, &who, id).await
}

/// Take the picture off an ad
///
/// Scope: `ads:write`.
#[utoipa::path(
    delete,
    path = "/ads/{id}/image",
    operation_id = "removeImage",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    responses(
        (status = 200, description = "The ad", body = WorkshopView),
        Always, WithKey, WithName, WithState
    )
)]
async fn remove_image(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
) -> Result<Json<WorkshopView>, WebError> {
    writing::remove_image(&web.app, &who, id).await?;
    show(&web, &who, id).await
}
