//! What other servers and readers find wrong, for moderators.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Named, Sent},
    key::Caller,
    paging::{Listed, PageParams, Paging},
    responses::{Always, WithBody, WithKey, WithName, WithState, WithValues},
};
use crate::{
    app::reports::{self, Verdict},
    domain::{
        ids::{AdId, CommentId, ReportId},
        moderation::{Report, ReportState},
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_reports))
        .routes(routes!(close_report))
}

/// A report.
#[derive(Serialize, ToSchema)]
struct ReportView {
    id: ReportId,
    /// The server that reports; null for a reader of our pages.
    #[schema(example = "mastodon.example")]
    host: Option<String>,
    /// Plain text.
    content: String,
    /// Identifiers reported, as received.
    objects: Vec<String>,
    ad: Option<AdId>,
    comment: Option<CommentId>,
    state: ReportState,
    received_at: DateTime<Utc>,
}

impl From<Report> for ReportView {
    fn from(report: Report) -> Self {
        Self {
            id: report.id,
            host: report.host,
            content: report.content,
            objects: report.objects,
            ad: report.ad_id,
            comment: report.comment_id,
            state: report.state,
            received_at: report.received_at,
        }
    }
}

/// List the reports that wait
///
/// The oldest first.
#[utoipa::path(
    get,
    path = "/moderation/reports",
    operation_id = "listReports",
    tag = "moderation",
    security(("key" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "A page of reports", body = Listed<ReportView>),
        Always, WithKey, WithValues
    )
)]
async fn list_reports(
    State(web): State<Web>,
    Caller(who): Caller,
    paging: Paging,
) -> Result<Listed<ReportView>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let found = reports::list_open_part(&web.app, &who, after, limit).await?;
    Ok(paging.listed(found, |it| it.id.to_string(), ReportView::from))
}

/// What was made of a report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportDecisionBody {
    decision: ReportDecision,
}

/// What a moderator makes of a report.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ReportDecision {
    /// Something was done about it.
    Handle,
    /// There was nothing wrong.
    Dismiss,
}

/// A report, once closed.
#[derive(Serialize, ToSchema)]
struct ClosedReport {
    id: ReportId,
    state: ReportState,
}

/// Close a report
#[utoipa::path(
    post,
    path = "/moderation/reports/{id}/decision",
    operation_id = "closeReport",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = ReportId, Path)),
    request_body = ReportDecisionBody,
    responses(
        (status = 200, description = "Closed", body = ClosedReport),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn close_report(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<ReportId>,
    Sent(body): Sent<ReportDecisionBody>,
) -> Result<Json<ClosedReport>, WebError> {
    let (verdict, state) = match body.decision {
        ReportDecision::Handle => (Verdict::Handled, ReportState::Handled),
        ReportDecision::Dismiss => (Verdict::Dismissed, ReportState::Dismissed),
    };
    reports::close(&web.app, &who, id, verdict).await?;
    Ok(Json(ClosedReport { id, state }))
}
