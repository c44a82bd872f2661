//! What happens to a published ad.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    body::MilestoneBody,
    view::{MilestoneView, WorkshopView},
    workshop::show,
};
use crate::{
    app::{
        AppError,
        ads::{life, reading},
    },
    domain::ids::AdId,
    web::{
        Web, WebError,
        api::{
            extract::{Named, Sent},
            key::{Caller, Reader},
            paging::{Listed, PageParams, Paging},
            responses::{Always, WithBody, WithKey, WithName, WithState, WithValues},
        },
    },
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_milestones, add_milestone))
        .routes(routes!(renew_ad))
        .routes(routes!(withdraw_ad))
        .routes(routes!(tell_outcome))
}

/// List the milestones of an ad
///
/// In the order they were told. Those of a published ad need no key.
#[utoipa::path(
    get,
    path = "/ads/{id}/milestones",
    operation_id = "listMilestones",
    tag = "ads",
    security((), ("key" = [])),
    params(("id" = AdId, Path), PageParams),
    responses(
        (status = 200, description = "A page of milestones", body = Listed<MilestoneView>),
        Always, WithKey, WithName, WithValues
    )
)]
async fn list_milestones(
    State(web): State<Web>,
    Reader(who): Reader,
    Named(id): Named<AdId>,
    paging: Paging,
) -> Result<Listed<MilestoneView>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let found = reading::list_milestones(&web.app, &who, id, after, limit).await?;
    Ok(paging.listed(found, |step| step.id.to_string(), MilestoneView::from))
}

/// Tell a milestone
///
/// Followers receive it; its kind may open a new state. Scope: `ads:write`.
#[utoipa::path(
    post,
    path = "/ads/{id}/milestones",
    operation_id = "addMilestone",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    request_body = MilestoneBody,
    responses(
        (status = 201, description = "The milestone", body = MilestoneView),
        Always, WithKey, WithName, WithBody
    )
)]
async fn add_milestone(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(ad): Named<AdId>,
    Sent(body): Sent<MilestoneBody>,
) -> Result<(StatusCode, Json<MilestoneView>), WebError> {
    let id = life::add_milestone(&web.app, &who, ad, &body.into()).await?;
    let milestones = reading::show_workshop(&web.app, &who, ad).await?.milestones;
    let told = milestones.into_iter().find(|milestone| milestone.id == id);
    let told = told.ok_or_else(|| AppError::internal("a milestone just told is missing"))?;
    Ok((StatusCode::CREATED, Json(told.into())))
}

/// Renew an ad
///
/// Gives it six more months, before or after its term. Scope: `ads:write`.
#[utoipa::path(
    post,
    path = "/ads/{id}/renew",
    operation_id = "renewAd",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    responses(
        (status = 200, description = "The ad", body = WorkshopView),
        Always, WithKey, WithName, WithState
    )
)]
async fn renew_ad(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
) -> Result<Json<WorkshopView>, WebError> {
    life::renew(&web.app, &who, id).await?;
    show(&web, &who, id).await
}

/// Withdraw a published ad
///
/// Its page becomes a dated notice; its posts and its account are deleted everywhere they went.
/// Scope: `ads:write`.
#[utoipa::path(
    post,
    path = "/ads/{id}/withdraw",
    operation_id = "withdrawAd",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    responses(
        (status = 200, description = "The ad", body = WorkshopView),
        Always, WithKey, WithName, WithState
    )
)]
async fn withdraw_ad(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
) -> Result<Json<WorkshopView>, WebError> {
    life::withdraw(&web.app, &who, id).await?;
    show(&web, &who, id).await
}

/// What came of an ad.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OutcomeBody {
    /// Plain text, 10 to 2,000 characters.
    #[schema(example = "L’agenda est en service depuis mars, et son code est publié.")]
    outcome: String,
}

/// Tell what came of an ad that ended
///
/// Scope: `ads:write`.
#[utoipa::path(
    put,
    path = "/ads/{id}/outcome",
    operation_id = "tellOutcome",
    tag = "ads",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    request_body = OutcomeBody,
    responses(
        (status = 200, description = "The ad", body = WorkshopView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn tell_outcome(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
    Sent(body): Sent<OutcomeBody>,
) -> Result<Json<WorkshopView>, WebError> {
    life::tell_outcome(&web.app, &who, id, &body.outcome).await?;
    show(&web, &who, id).await
}
