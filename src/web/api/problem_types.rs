//! What each `type` of problem means, at the address that it is.

use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::Named,
    problem::Kind,
    responses::{Always, WithName},
};
use crate::web::{Visit, Web, WebError, error_pages::Problem};

/// A kind of failure.
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemType {
    /// The `type` of problem documents.
    #[schema(example = "/api/v1/problems/gone")]
    r#type: String,
    #[schema(example = "Retiré")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 410)]
    status: u16,
    /// What it means.
    #[schema(example = "Ce qui se trouvait à cette adresse a été retiré.")]
    explanation: &'static str,
}

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(explain_problem))
}

/// Explain a kind of failure
#[utoipa::path(
    get,
    path = "/problems/{name}",
    operation_id = "explainProblem",
    tag = "api",
    params(("name" = String, Path, description = "The last part of its `type`", example = "gone")),
    responses((status = 200, description = "What it means", body = ProblemType), Always, WithName)
)]
async fn explain_problem(
    Extension(visit): Extension<Visit>,
    Named(name): Named<String>,
) -> Result<Json<ProblemType>, WebError> {
    let t = visit.accepted_texts();
    let mut kinds = Kind::ALL.iter();
    let kind = kinds
        .find(|kind| kind.name() == name)
        .ok_or(Problem::NotFound)?;
    Ok(Json(ProblemType {
        r#type: kind.uri(),
        title: kind.title(t),
        status: kind.status().as_u16(),
        explanation: kind.explanation(t),
    }))
}
