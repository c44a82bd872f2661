//! Structures: the work on their profile and their offers, and what they are asked with time.

mod view;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::view::{HostView, OfferView};
use super::{
    ROOT,
    extract::{Named, Params, Sent},
    key::Caller,
    responses::{Always, WithBody, WithKey, WithName, WithState},
};
use crate::{
    app::{
        Who,
        hosts::{
            self,
            capacity::{self, CapacityInput},
            confirmation, offers, submission, writing,
        },
    },
    domain::{
        host::{HostInput, OfferInput},
        ids::{HostId, OrganisationId},
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(create_host))
        .routes(routes!(show_host, update_host))
        .routes(routes!(add_offer))
        .routes(routes!(update_offer, delete_offer))
        .routes(routes!(submit_host))
        .routes(routes!(say_capacity))
        .routes(routes!(confirm_host))
}

async fn show(web: &Web, who: &Who, id: HostId) -> Result<Json<HostView>, WebError> {
    let desk = hosts::open(&web.app, who, id).await?;
    Ok(Json(HostView::new(&web.app, &desk)))
}

/// For whom.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OwnParams {
    /// An organisation of the key's account.
    organisation: OrganisationId,
}

/// A profile that begins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewHostBody {
    /// Name of its account in the fediverse, chosen once: `[a-z0-9_]{3,30}`.
    #[schema(example = "le_chaton")]
    handle: String,
}

/// Start the profile of a structure
///
/// An organisation has one. Scope: `hosts:write`.
#[utoipa::path(
    post,
    path = "/hosts",
    operation_id = "createHost",
    tag = "hosts",
    security(("key" = [])),
    params(OwnParams),
    request_body = NewHostBody,
    responses(
        (status = 201, description = "The profile", body = HostView,
            headers(("Location" = String, description = "Its address in the API"))),
        Always, WithKey, WithBody, WithState
    )
)]
async fn create_host(
    State(web): State<Web>,
    Caller(who): Caller,
    Params(OwnParams { organisation }): Params<OwnParams>,
    Sent(body): Sent<NewHostBody>,
) -> Result<Response, WebError> {
    let host = writing::create(&web.app, &who, organisation, &body.handle).await?;
    let location = [(header::LOCATION, format!("{ROOT}/hosts/{}", host.id))];
    let draft = show(&web, &who, host.id).await?;
    Ok((StatusCode::CREATED, location, draft).into_response())
}

/// Show a structure to its members
///
/// Its profile, its offers, and what is missing before it can be submitted. Scope: `hosts:read`.
#[utoipa::path(
    get,
    path = "/hosts/{id}",
    operation_id = "showHost",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path)),
    responses((status = 200, description = "The structure", body = HostView), Always, WithKey, WithName)
)]
async fn show_host(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<HostId>,
) -> Result<Json<HostView>, WebError> {
    show(&web, &who, id).await
}

/// What an update was made from.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionParams {
    /// `version` of the profile that was read; another one is a conflict.
    #[param(example = 3)]
    version: i64,
}

/// Rewrite the profile of a structure
///
/// The whole content is replaced; fields that do not change keep their source and their dates.
/// Scope: `hosts:write`.
#[utoipa::path(
    put,
    path = "/hosts/{id}",
    operation_id = "updateHost",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path), VersionParams),
    request_body = HostInput,
    responses(
        (status = 200, description = "The structure", body = HostView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn update_host(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<HostId>,
    Params(VersionParams { version }): Params<VersionParams>,
    Sent(body): Sent<HostInput>,
) -> Result<Json<HostView>, WebError> {
    writing::save(&web.app, &who, id, version, &body).await?;
    show(&web, &who, id).await
}

/// Add an offer
///
/// Scope: `hosts:write`.
#[utoipa::path(
    post,
    path = "/hosts/{id}/offers",
    operation_id = "addOffer",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path)),
    request_body = OfferInput,
    responses(
        (status = 201, description = "The offer", body = OfferView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn add_offer(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<HostId>,
    Sent(body): Sent<OfferInput>,
) -> Result<(StatusCode, Json<OfferView>), WebError> {
    let offer = offers::add(&web.app, &who, id, &body).await?;
    Ok((StatusCode::CREATED, Json(OfferView::from(&offer))))
}

/// Rewrite an offer
///
/// Scope: `hosts:write`.
#[utoipa::path(
    put,
    path = "/hosts/{id}/offers/{number}",
    operation_id = "updateOffer",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path), ("number" = i64, Path)),
    request_body = OfferInput,
    responses(
        (status = 200, description = "The offer", body = OfferView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn update_offer(
    State(web): State<Web>,
    Caller(who): Caller,
    Named((id, number)): Named<(HostId, i64)>,
    Sent(body): Sent<OfferInput>,
) -> Result<Json<OfferView>, WebError> {
    let offer = offers::edit(&web.app, &who, id, number, &body).await?;
    Ok(Json(OfferView::from(&offer)))
}

/// Delete an offer
///
/// A structure without any accompaniment left leaves the directory. Scope: `hosts:write`.
#[utoipa::path(
    delete,
    path = "/hosts/{id}/offers/{number}",
    operation_id = "deleteOffer",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path), ("number" = i64, Path)),
    responses((status = 204, description = "Deleted"), Always, WithKey, WithName, WithState)
)]
async fn delete_offer(
    State(web): State<Web>,
    Caller(who): Caller,
    Named((id, number)): Named<(HostId, i64)>,
) -> Result<StatusCode, WebError> {
    offers::delete(&web.app, &who, id, number).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A request to the moderators.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubmissionBody {
    /// An answer to the moderators, when they refused the profile before.
    #[serde(default)]
    answer: String,
}

/// Submit a structure to the moderators
///
/// Once they accepted it, it enters the directory as soon as a recommendation counts. Scope:
/// `hosts:write`.
#[utoipa::path(
    post,
    path = "/hosts/{id}/submit",
    operation_id = "submitHost",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path)),
    request_body = SubmissionBody,
    responses(
        (status = 200, description = "The structure", body = HostView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn submit_host(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<HostId>,
    Sent(body): Sent<SubmissionBody>,
) -> Result<Json<HostView>, WebError> {
    submission::submit(&web.app, &who, id, &body.answer).await?;
    show(&web, &who, id).await
}

/// Say whether a structure takes new requests
///
/// Scope: `hosts:write`.
#[utoipa::path(
    put,
    path = "/hosts/{id}/capacity",
    operation_id = "sayCapacity",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path)),
    request_body = CapacityInput,
    responses(
        (status = 200, description = "The structure", body = HostView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn say_capacity(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<HostId>,
    Sent(body): Sent<CapacityInput>,
) -> Result<Json<HostView>, WebError> {
    capacity::say(&web.app, &who, id, &body).await?;
    show(&web, &who, id).await
}

/// Confirm that a profile is still true
///
/// Once a year is enough. Scope: `hosts:write`.
#[utoipa::path(
    post,
    path = "/hosts/{id}/confirm",
    operation_id = "confirmHost",
    tag = "hosts",
    security(("key" = [])),
    params(("id" = HostId, Path)),
    responses(
        (status = 200, description = "The structure", body = HostView),
        Always, WithKey, WithName, WithState
    )
)]
async fn confirm_host(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<HostId>,
) -> Result<Json<HostView>, WebError> {
    confirmation::confirm(&web.app, &who, id).await?;
    show(&web, &who, id).await
}
