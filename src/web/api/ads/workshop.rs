//! Drafts, edits, publication.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    body::AdBody,
    view::{AdView, WorkshopView},
};
use crate::{
    app::{
        Who,
        ads::{publication, reading, writing},
    },
    domain::ids::{AdId, OrganisationId},
    web::{
        Web, WebError,
        api::{
            ROOT,
            extract::{Named, Params, Sent},
            key::Caller,
            paging::{Listed, PageParams, Paging},
            responses::{Always, WithBody, WithKey, WithName, WithState, WithValues},
        },
    },
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(create_ad))
        .routes(routes!(list_own_ads))
        .routes(routes!(show_ad, update_ad, delete_draft))
        .routes(routes!(publish_ad))
}

/// The ad, as its organisation sees it now.
pub(super) async fn show(web: &Web, who: &Who, id: AdId) -> Result<Json<WorkshopView>, WebError> {
    let workshop = reading::show_workshop(&web.app, who, id).await?;
    Ok(Json(WorkshopView::new(&web.app, &workshop)))
}

/// Whose ads.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OwnParams {
    /// An organisation of the key's account.
    organisation: OrganisationId,
}

/// Start an ad
///
/// It is a draft, whose values must be sound and may be missing. Scope: `ads:write`.
#[utoipa::path(
    post,
    path = "/ads",
    operation_id = "createAd",
    tag = "ads",
    security(("key" = [])),
    params(OwnParams),
    request_body = AdBody,
    responses(
        (status = 201, description = "The draft", body = WorkshopView,
            headers(("Location" = String, description = "Its address in the API"))),
        Always, WithKey, WithBody
    )
)]
async fn create_ad(
    State(web): State<Web>,
    Caller(who): Caller,
    Params(OwnParams { organisation }): Params<OwnParams>,
    Sent(body): Sent<AdBody>,
) -> Result<Response, WebError> {
    let id = writing::create(&web.app, &who, organisation, &body.into()).await?;
    let location = [(header::LOCATION, format!("{ROOT}/ads/{id}"))];
    let draft = show(&web, &who, id).await?;
    Ok((StatusCode::CREATED, location, draft).into_response())
}

/// List the ads of an organisation
///
/// Whatever their state, the most recently started first. Scope: `ads:read`.
#[utoipa::path(
    get,
    path = "/ads/mine",
    operation_id = "listOwnAds",
    tag = "ads",
    security(("key" = [])),
    params(OwnParams, PageParams),
    responses(
        (status = 200, description = "A page of ads", body = Listed<AdView>),
        Always, WithKey, WithValues
    )
)]
async fn list_own_ads(
    State(web): State<Web>,
    Caller(who): Caller,
    Params(OwnParams { organisation }): Params<OwnParams>,
    paging: Paging,
) -> Result<Listed<AdView>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let ads = reading::list_for_members(&web.app, &who, organisation, after, limit).await?;
    Ok(paging.listed(ads, |ad| ad.id.to_string(), |ad| AdView::new(&web.app, &ad)))
}

/// Show an ad to its organisation
///
/// Scope: `ads:read`.
#[utoipa::path(
    get,
    path = "/ads/{id}",
    operation_id = "showAd",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    responses((status = 200, description = "The ad", body = WorkshopView), Always, WithKey, WithName)
)]
async fn show_ad(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
) -> Result<Json<WorkshopView>, WebError> {
    show(&web, &who, id).await
}

/// What an update was made from.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionParams {
    /// `version` of the ad that was read; another one is a conflict.
    #[param(example = 3)]
    version: i64,
}

/// Rewrite an ad
///
/// The whole content is replaced; followers of a published ad are told. Scope: `ads:write`.
#[utoipa::path(
    put,
    path = "/ads/{id}",
    operation_id = "updateAd",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path), VersionParams),
    request_body = AdBody,
    responses(
        (status = 200, description = "The ad", body = WorkshopView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn update_ad(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
    Params(VersionParams { version }): Params<VersionParams>,
    Sent(body): Sent<AdBody>,
) -> Result<Json<WorkshopView>, WebError> {
    writing::save(&web.app, &who, id, version, &body.into()).await?;
    show(&web, &who, id).await
}

/// Delete a draft
///
/// What readers have seen is withdrawn instead. Scope: `ads:write`.
#[utoipa::path(
    delete,
    path = "/ads/{id}",
    operation_id = "deleteDraft",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    responses((status = 204, description = "Deleted"), Always, WithKey, WithName, WithState)
)]
async fn delete_draft(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
) -> Result<StatusCode, WebError> {
    writing::delete_draft(&web.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A request for publication.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublicationBody {
    /// An answer to the moderators, when they refused the ad before.
    #[serde(default)]
    answer: String,
}

/// What became of a request for publication.
#[derive(Serialize, ToSchema)]
struct PublicationView {
    status: PublicationStatus,
}

/// Whether readers see the ad.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum PublicationStatus {
    /// A moderator will decide.
    InReview,
    /// Readers see it now.
    Published,
}

/// Ask for publication
///
/// The first ads of an organisation wait for a moderator. Scope: `ads:write`.
#[utoipa::path(
    post,
    path = "/ads/{id}/publish",
    operation_id = "publishAd",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    request_body = PublicationBody,
    responses(
        (status = 200, description = "Sent", body = PublicationView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn publish_ad(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
    Sent(body): Sent<PublicationBody>,
) -> Result<Json<PublicationView>, WebError> {
    let status = match publication::submit(&web.app, &who, id, &body.answer).await? {
        publication::Submission::InReview => PublicationStatus::InReview,
        publication::Submission::Published => PublicationStatus::Published,
    };
    Ok(Json(PublicationView { status }))
}
