//! Accompaniments, and what their associations recommend, for the members of both sides.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ROOT,
    extract::{Named, Params, Sent},
    key::Caller,
    paging::{Listed, PageParams, Paging},
    responses::{Always, WithBody, WithKey, WithName, WithState, WithValues},
};
use crate::{
    app::{
        Who,
        accompaniments::{
            declaring::{self, DeclarationInput},
            life::{self, Statement},
            reading::{self, AccompanimentView as Found, Named as Own},
        },
        recommendations::{
            inviting,
            writing::{self, Certification},
        },
    },
    domain::{
        accompaniment::{Accompaniment, AccompanimentInput, AccompanimentState, Party},
        host::{LineKind, PriceBracket},
        ids::AccompanimentId,
        recommendation::{Recommendation, RecommendationInput, RecommendationState},
        slug::Slug,
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_own_accompaniments, declare_accompaniment))
        .routes(routes!(show_accompaniment))
        .routes(routes!(state_accompaniment))
        .routes(routes!(write_recommendation))
        .routes(routes!(submit_recommendation))
}

/// An accompaniment to declare.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccompanimentBody {
    /// Page of the other side here: the handle of a structure, or the slug of an association.
    #[serde(default)]
    #[schema(example = "libre_ouest")]
    page: String,
    /// Name of an association that has no page here.
    #[serde(default)]
    name: String,
    /// Where it is written to; never shown.
    #[serde(default)]
    email: String,
    /// At least one.
    lines: Vec<LineKind>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    tools_before: Vec<String>,
    #[serde(default)]
    tools_after: Vec<String>,
    #[schema(example = "2026-01-15")]
    started_on: NaiveDate,
    /// Absent while it goes on.
    #[schema(example = "2026-06-30")]
    ended_on: Option<NaiveDate>,
    volunteer_hours: Option<u32>,
    cost_bracket: Option<PriceBracket>,
    /// Done before this instance existed.
    #[serde(default)]
    is_founding: bool,
}

impl From<AccompanimentBody> for DeclarationInput {
    fn from(body: AccompanimentBody) -> Self {
        let cost = body.cost_bracket.map_or("", PriceBracket::as_str);
        let hours = body.volunteer_hours.map(|hours| hours.to_string());
        Self {
            page: body.page,
            name: body.name,
            email: body.email,
            accompaniment: AccompanimentInput {
                lines: body.lines.iter().map(ToString::to_string).collect(),
                text: body.text,
                tools_before: body.tools_before.join(", "),
                tools_after: body.tools_after.join(", "),
                started_on: body.started_on.to_string(),
                ended_on: body.ended_on.map(|day| day.to_string()).unwrap_or_default(),
                volunteer_hours: hours.unwrap_or_default(),
                cost_bracket: cost.to_owned(),
                is_founding: body.is_founding,
            },
        }
    }
}

/// An accompaniment, as both sides see it.
#[derive(Serialize, ToSchema)]
struct AccompanimentView {
    id: AccompanimentId,
    state: AccompanimentState,
    /// Name of the structure.
    structure: String,
    /// Name of the association.
    association: String,
    /// The side that the key's account is on; null for a moderator.
    side: Option<Party>,
    declared_by: Party,
    lines: Vec<LineKind>,
    text: String,
    tools_before: Vec<String>,
    tools_after: Vec<String>,
    started_on: NaiveDate,
    ended_on: Option<NaiveDate>,
    volunteer_hours: Option<i64>,
    cost_bracket: Option<PriceBracket>,
    is_founding: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What the association writes of it; a structure sees it once it is published.
    recommendation: Option<RecommendationView>,
}

/// What an association says.
#[derive(Serialize, ToSchema)]
struct RecommendationView {
    state: RecommendationState,
    context: String,
    difficulty: String,
    work_done: String,
    can_do_now: String,
    could_be_better: String,
    author_name: String,
    author_role: String,
    /// Conflict of interest that the author states; empty when there is none.
    interest: String,
    would_take_call: bool,
    published_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    /// Public address; null before the publication.
    uri: Option<String>,
}

impl From<Recommendation> for RecommendationView {
    fn from(it: Recommendation) -> Self {
        Self {
            state: it.state,
            context: it.answers.context,
            difficulty: it.answers.difficulty,
            work_done: it.answers.work_done,
            can_do_now: it.answers.can_do_now,
            could_be_better: it.answers.could_be_better,
            author_name: it.author_name,
            author_role: it.author_role,
            interest: it.interest,
            would_take_call: it.would_take_call,
            published_at: it.published_at,
            expires_at: it.expires_at,
            withdrawn_at: it.withdrawn_at,
            uri: it.uri,
        }
    }
}

impl AccompanimentView {
    fn new(
        it: Accompaniment,
        (structure, association): (String, String),
        side: Option<Party>,
        recommendation: Option<Recommendation>,
    ) -> Self {
        Self {
            id: it.id,
            state: it.state,
            structure,
            association,
            side,
            declared_by: it.declared_by,
            lines: it.scope.lines,
            text: it.scope.text,
            tools_before: it.scope.tools_before,
            tools_after: it.scope.tools_after,
            started_on: it.started_on,
            ended_on: it.ended_on,
            volunteer_hours: it.volunteer_hours,
            cost_bracket: it.cost_bracket,
            is_founding: it.is_founding,
            created_at: it.created_at,
            updated_at: it.updated_at,
            recommendation: recommendation.map(RecommendationView::from),
        }
    }
}

impl From<Own> for AccompanimentView {
    fn from(own: Own) -> Self {
        let names = (own.host, own.association);
        Self::new(own.accompaniment, names, Some(own.party), None)
    }
}

impl From<Found> for AccompanimentView {
    fn from(found: Found) -> Self {
        let names = (found.parties.structure.name, found.parties.association.name);
        Self::new(
            found.accompaniment,
            names,
            found.party,
            found.recommendation,
        )
    }
}

async fn show(
    web: &Web,
    who: &Who,
    id: AccompanimentId,
) -> Result<Json<AccompanimentView>, WebError> {
    let found = reading::show(&web.app, who, id).await?;
    Ok(Json(found.into()))
}

/// List the accompaniments of one's organisations
///
/// On either side, the most recently declared first, without recommendations. Scope:
/// `accompaniments:read`.
#[utoipa::path(
    get,
    path = "/accompaniments",
    operation_id = "listOwnAccompaniments",
    tag = "accompaniments",
    security(("key" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "A page of accompaniments", body = Listed<AccompanimentView>),
        Always, WithKey, WithValues
    )
)]
async fn list_own_accompaniments(
    State(web): State<Web>,
    Caller(who): Caller,
    paging: Paging,
) -> Result<Listed<AccompanimentView>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let found = reading::list_own(&web.app, &who, after, limit).await?;
    let key = |own: &Own| own.accompaniment.id.to_string();
    Ok(paging.listed(found, key, AccompanimentView::from))
}

/// For whom one declares.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeclareParams {
    /// Slug of an organisation of the key's account.
    #[param(value_type = String, example = "les-amis-du-velo")]
    organisation: Slug,
}

/// Declare an accompaniment
///
/// The other side is asked by mail to confirm it. Scope: `accompaniments:write`.
#[utoipa::path(
    post,
    path = "/accompaniments",
    operation_id = "declareAccompaniment",
    tag = "accompaniments",
    security(("key" = [])),
    params(DeclareParams),
    request_body = AccompanimentBody,
    responses(
        (status = 201, description = "The accompaniment", body = AccompanimentView,
            headers(("Location" = String, description = "Its address in the API"))),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn declare_accompaniment(
    State(web): State<Web>,
    Caller(who): Caller,
    Params(DeclareParams { organisation }): Params<DeclareParams>,
    Sent(body): Sent<AccompanimentBody>,
) -> Result<Response, WebError> {
    let slug = organisation.as_str();
    let (_, party) = declaring::find_side(&web.app, &who, slug).await?;
    let id = declaring::declare(&web.app, &who, slug, party, &body.into()).await?;
    let location = [(header::LOCATION, format!("{ROOT}/accompaniments/{id}"))];
    let declared = show(&web, &who, id).await?;
    Ok((StatusCode::CREATED, location, declared).into_response())
}

/// Show an accompaniment
///
/// To both sides and to moderators. Scope: `accompaniments:read`.
#[utoipa::path(
    get,
    path = "/accompaniments/{id}",
    operation_id = "showAccompaniment",
    tag = "accompaniments",
    security(("key" = [])),
    params(("id" = AccompanimentId, Path)),
    responses(
        (status = 200, description = "The accompaniment", body = AccompanimentView),
        Always, WithKey, WithName
    )
)]
async fn show_accompaniment(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AccompanimentId>,
) -> Result<Json<AccompanimentView>, WebError> {
    show(&web, &who, id).await
}

/// What one side says.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Said {
    /// It took place; and it ended, when it was declared as over.
    Confirmed,
    /// It did not take place.
    Declined,
    /// It ended.
    Ended,
    /// It stopped without result.
    Abandoned,
}

/// A statement of one side.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StatementBody {
    say: Said,
    /// With `ended`; may be left out to agree with what the other side said.
    #[schema(example = "2026-06-30")]
    ended_on: Option<NaiveDate>,
}

/// Say something of an accompaniment
///
/// For the side that the key's account is on. Scope: `accompaniments:write`.
#[utoipa::path(
    post,
    path = "/accompaniments/{id}/statements",
    operation_id = "stateAccompaniment",
    tag = "accompaniments",
    security(("key" = [])),
    params(("id" = AccompanimentId, Path)),
    request_body = StatementBody,
    responses(
        (status = 200, description = "The accompaniment", body = AccompanimentView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn state_accompaniment(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AccompanimentId>,
    Sent(body): Sent<StatementBody>,
) -> Result<Json<AccompanimentView>, WebError> {
    let day = body.ended_on.map(|day| day.to_string()).unwrap_or_default();
    let statement = match body.say {
        Said::Confirmed => Statement::Confirm,
        Said::Declined => Statement::Decline,
        Said::Ended => Statement::End(&day),
        Said::Abandoned => Statement::Abandon,
    };
    life::state(&web.app, &who, id, statement).await?;
    show(&web, &who, id).await
}

/// The draft of a recommendation. It may lack everything until it is sent.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct RecommendationBody {
    context: String,
    difficulty: String,
    work_done: String,
    can_do_now: String,
    could_be_better: String,
    author_name: String,
    author_role: String,
    /// Conflict of interest; empty when there is none.
    interest: String,
    would_take_call: bool,
}

impl From<RecommendationBody> for RecommendationInput {
    fn from(body: RecommendationBody) -> Self {
        Self {
            context: body.context,
            difficulty: body.difficulty,
            work_done: body.work_done,
            can_do_now: body.can_do_now,
            could_be_better: body.could_be_better,
            author_name: body.author_name,
            author_role: body.author_role,
            interest: body.interest,
            would_take_call: body.would_take_call,
        }
    }
}

/// Write a recommendation
///
/// For the association, once both sides confirmed the end. It is a draft. Scope:
/// `accompaniments:write`.
#[utoipa::path(
    put,
    path = "/accompaniments/{id}/recommendation",
    operation_id = "writeRecommendation",
    tag = "accompaniments",
    security(("key" = [])),
    params(("id" = AccompanimentId, Path)),
    request_body = RecommendationBody,
    responses(
        (status = 200, description = "The accompaniment", body = AccompanimentView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn write_recommendation(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AccompanimentId>,
    Sent(body): Sent<RecommendationBody>,
) -> Result<Json<AccompanimentView>, WebError> {
    let draft = inviting::begin(&web.app, &who, id).await?;
    writing::save(&web.app, &who, draft, &body.into(), None).await?;
    show(&web, &who, id).await
}

/// A recommendation to send.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubmissionBody {
    /// The text is the association's, and says every link with the structure.
    is_certified: bool,
}

/// Send a recommendation to review
///
/// Nothing is public before two moderators approve it. Scope: `accompaniments:write`.
#[utoipa::path(
    post,
    path = "/accompaniments/{id}/recommendation/submit",
    operation_id = "submitRecommendation",
    tag = "accompaniments",
    security(("key" = [])),
    params(("id" = AccompanimentId, Path)),
    request_body = SubmissionBody,
    responses(
        (status = 200, description = "The accompaniment", body = AccompanimentView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn submit_recommendation(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AccompanimentId>,
    Sent(body): Sent<SubmissionBody>,
) -> Result<Json<AccompanimentView>, WebError> {
    let draft = inviting::begin(&web.app, &who, id).await?;
    let certification = if body.is_certified {
        Certification::Given
    } else {
        Certification::Missing
    };
    writing::submit(&web.app, &who, draft, certification).await?;
    show(&web, &who, id).await
}
