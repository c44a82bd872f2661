//! What moderators decide about recommendations, with the scope `moderation:write` and the key of a
//! moderator; and the public log of decisions, which anybody may read.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Named, Sent},
    key::Caller,
    organisations::OrganisationView,
    paging::{Listed, PageParams, Paging},
    responses::{Always, WithBody, WithKey, WithName, WithState, WithValues},
};
use crate::{
    app::{
        App,
        decisions::{self, Line},
        recommendations::{
            publication,
            review::{self, ReviewFile, Waiting},
        },
    },
    domain::{
        decision::PublicDecision,
        host::host_path,
        ids::{DecisionId, HostId, RecommendationId, ReviewId},
        recommendation::{Answers, LinkKind, RecommendationState, ReviewEntry, ReviewStep},
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_recommendations_in_review))
        .routes(routes!(show_recommendation_in_review))
        .routes(routes!(decide_recommendation))
        .routes(routes!(set_link_aside))
        .routes(routes!(recuse))
        .routes(routes!(annul_recommendation))
        .routes(routes!(list_decisions))
}

/// A recommendation that waits for moderators.
#[derive(Serialize, ToSchema)]
struct WaitingView {
    id: RecommendationId,
    host_id: HostId,
    #[schema(example = "La Toile libre")]
    host: String,
    #[schema(example = "Les Amis du vélo")]
    association: String,
    /// The second approval waits for it.
    is_author_verified: bool,
    /// The work was done before this site existed.
    is_founding: bool,
    /// New words wait; the former ones are public.
    is_amendment: bool,
    /// Different moderators who approved.
    approvals: i64,
    is_approved_by_you: bool,
    /// Whether the key's account belongs to a side, or stays out of it.
    is_recused: bool,
    submitted_at: DateTime<Utc>,
}

impl From<Waiting> for WaitingView {
    fn from(it: Waiting) -> Self {
        Self {
            id: it.id,
            host_id: it.host_id,
            host: it.host_name,
            association: it.association,
            is_author_verified: it.is_author_verified,
            is_founding: it.is_founding,
            is_amendment: it.is_amendment,
            approvals: it.approvals,
            is_approved_by_you: it.is_approved_by_reader,
            is_recused: it.is_recused,
            submitted_at: it.submitted_at,
        }
    }
}

/// List the recommendations that wait for moderators
///
/// The oldest first.
#[utoipa::path(
    get,
    path = "/moderation/recommendations",
    operation_id = "listRecommendationsInReview",
    tag = "moderation",
    security(("key" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "A page of recommendations", body = Listed<WaitingView>),
        Always, WithKey, WithValues
    )
)]
async fn list_recommendations_in_review(
    State(web): State<Web>,
    Caller(who): Caller,
    paging: Paging,
) -> Result<Listed<WaitingView>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let found = review::list(&web.app, &who, after, limit).await?;
    Ok(paging.listed(found, |it| it.id.to_string(), WaitingView::from))
}

/// What helps to decide on a recommendation.
#[derive(Serialize, ToSchema)]
struct FileView {
    id: RecommendationId,
    state: RecommendationState,
    /// Version of the words that wait: to be sent back with a decision.
    version: i64,
    answers: AnswersView,
    author_name: String,
    author_role: String,
    /// Conflict of interest that the author states; empty when there is none.
    interest: String,
    structure: OrganisationView,
    association: OrganisationView,
    started_on: NaiveDate,
    ended_on: Option<NaiveDate>,
    /// Whether both sides confirmed the end.
    is_finished: bool,
    is_founding: bool,
    links: Vec<LinkView>,
    approvals: usize,
    is_approved_by_you: bool,
    steps: Vec<StepView>,
}

/// What the author wrote.
#[derive(Serialize, ToSchema)]
struct AnswersView {
    context: String,
    difficulty: String,
    work_done: String,
    can_do_now: String,
    could_be_better: String,
}

impl From<Answers> for AnswersView {
    fn from(it: Answers) -> Self {
        Self {
            context: it.context,
            difficulty: it.difficulty,
            work_done: it.work_done,
            can_do_now: it.can_do_now,
            could_be_better: it.could_be_better,
        }
    }
}

/// What both sides have in common.
#[derive(Serialize, ToSchema)]
struct LinkView {
    /// To be sent to set it aside.
    #[schema(example = "same-mail-domain:toile.example")]
    link: String,
    kind: LinkKind,
    /// Why a moderator set it aside; null while it stands.
    set_aside: Option<String>,
}

/// A step of the review.
#[derive(Serialize, ToSchema)]
struct StepView {
    id: ReviewId,
    step: ReviewStep,
    motive: String,
    version: i64,
    author: String,
    created_at: DateTime<Utc>,
}

impl From<ReviewEntry> for StepView {
    fn from(it: ReviewEntry) -> Self {
        Self {
            id: it.id,
            step: it.step,
            motive: it.motive,
            version: it.version,
            author: it.author,
            created_at: it.created_at,
        }
    }
}

impl From<ReviewFile> for FileView {
    fn from(file: ReviewFile) -> Self {
        let facts = file.facts;
        let version = facts.version();
        let content = facts
            .amendment
            .as_ref()
            .map_or_else(|| facts.recommendation.content(), |it| it.content.clone());
        let links = facts.links.into_iter().map(|found| LinkView {
            link: found.link.key(),
            kind: found.link.kind,
            set_aside: found.set_aside.map(|entry| entry.motive),
        });
        Self {
            id: facts.recommendation.id,
            state: facts.recommendation.state,
            version,
            answers: content.answers.into(),
            author_name: content.author_name,
            author_role: content.author_role,
            interest: content.interest,
            structure: facts.structure.organisation.into(),
            association: facts.association.organisation.into(),
            started_on: facts.accompaniment.started_on,
            ended_on: facts.accompaniment.ended_on,
            is_finished: facts.accompaniment.is_finished(),
            is_founding: facts.accompaniment.is_founding,
            links: links.collect(),
            approvals: file.approvals,
            is_approved_by_you: file.is_approved_by_reader,
            steps: facts.steps.into_iter().map(StepView::from).collect(),
        }
    }
}

/// Show what helps to decide on a recommendation
#[utoipa::path(
    get,
    path = "/moderation/recommendations/{id}",
    operation_id = "showRecommendationInReview",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = RecommendationId, Path)),
    responses((status = 200, description = "The file", body = FileView), Always, WithKey, WithName)
)]
async fn show_recommendation_in_review(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<RecommendationId>,
) -> Result<Json<FileView>, WebError> {
    let file = review::show(&web.app, &who, id).await?;
    Ok(Json(file.into()))
}

/// A decision on a recommendation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecommendationDecisionBody {
    decision: RecommendationDecision,
    /// Version of the words that were read.
    #[schema(example = 1)]
    version: i64,
    /// Needed to refuse: 10 to 2,000 characters that the author will read.
    #[serde(default)]
    motive: String,
}

/// What a moderator decides.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum RecommendationDecision {
    Approve,
    Refuse,
}

/// Decide on a recommendation
///
/// The second moderator who approves publishes it. A moderator never decides on one of their own
/// organisations.
#[utoipa::path(
    post,
    path = "/moderation/recommendations/{id}/decision",
    operation_id = "decideRecommendation",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = RecommendationId, Path)),
    request_body = RecommendationDecisionBody,
    responses(
        (status = 200, description = "The file after the decision", body = FileView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn decide_recommendation(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<RecommendationId>,
    Sent(body): Sent<RecommendationDecisionBody>,
) -> Result<Json<FileView>, WebError> {
    match body.decision {
        RecommendationDecision::Approve => {
            review::approve(&web.app, &who, id, body.version).await?;
        }
        RecommendationDecision::Refuse => {
            review::refuse(&web.app, &who, id, body.version, &body.motive).await?;
        }
    }
    let file = review::show(&web.app, &who, id).await?;
    Ok(Json(file.into()))
}

/// Why a link is no reason to doubt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    /// As `links` of the file names it.
    #[schema(example = "same-mail-domain:toile.example")]
    link: String,
    /// 10 to 2,000 characters that other moderators read.
    #[schema(example = "Le même hébergeur de courriel, deux associations distinctes.")]
    motive: String,
}

/// Set a detected link aside
#[utoipa::path(
    post,
    path = "/moderation/recommendations/{id}/links",
    operation_id = "setLinkAside",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = RecommendationId, Path)),
    request_body = LinkBody,
    responses(
        (status = 204, description = "Set aside"),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn set_link_aside(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<RecommendationId>,
    Sent(body): Sent<LinkBody>,
) -> Result<StatusCode, WebError> {
    review::set_aside(&web.app, &who, id, &body.link, &body.motive).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Words for a step.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MotiveBody {
    /// At most 2,000 characters.
    #[serde(default)]
    #[schema(example = "Un lien avait été caché.")]
    motive: String,
}

/// Stay out of a case
///
/// What this moderator approved of it does not count any more. It cannot be taken back.
#[utoipa::path(
    post,
    path = "/moderation/recommendations/{id}/recusal",
    operation_id = "recuse",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = RecommendationId, Path)),
    request_body = MotiveBody,
    responses(
        (status = 204, description = "Others decide"),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn recuse(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<RecommendationId>,
    Sent(body): Sent<MotiveBody>,
) -> Result<StatusCode, WebError> {
    review::recuse(&web.app, &who, id, &body.motive).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Annul a published recommendation
///
/// It should never have counted. The motive, 10 characters at least, is public.
#[utoipa::path(
    post,
    path = "/moderation/recommendations/{id}/annulment",
    operation_id = "annulRecommendation",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = RecommendationId, Path)),
    request_body = MotiveBody,
    responses(
        (status = 204, description = "Annulled"),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn annul_recommendation(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<RecommendationId>,
    Sent(body): Sent<MotiveBody>,
) -> Result<StatusCode, WebError> {
    review::annul(&web.app, &who, id, &body.motive).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A line of the public log.
#[derive(Serialize, ToSchema)]
struct DecisionView {
    id: DecisionId,
    decision: PublicDecision,
    decided_at: DateTime<Utc>,
    /// Version of the published criteria.
    #[schema(example = "2026-11")]
    criteria: String,
    /// May be empty.
    motive: String,
    /// The structure, once it was in the directory.
    host: Option<SubjectView>,
    /// The recommendation, once it was published.
    recommendation: Option<SubjectView>,
}

/// Something that was public.
#[derive(Serialize, ToSchema)]
struct SubjectView {
    /// The structure, or the association that recommends.
    #[schema(example = "La Toile libre")]
    name: String,
    #[schema(example = "https://annonces.example/structures/toile_libre")]
    url: String,
}

impl DecisionView {
    fn new(app: &App, line: Line) -> Self {
        let is_private = line.decision.decision.is_private();
        let host = line.host.map(|(handle, name)| SubjectView {
            name,
            url: app.url(&host_path(&handle)),
        });
        let recommendation = line.recommendation.map(|(slug, name, number)| SubjectView {
            name,
            url: app.url(&publication::path(&slug, number)),
        });
        let decision = line.decision;
        Self {
            id: decision.id,
            decision: decision.decision,
            decided_at: decision.decided_at,
            criteria: decision.criteria,
            motive: decision.motive,
            host: host.filter(|_| !is_private),
            recommendation: recommendation.filter(|_| !is_private),
        }
    }
}

/// List the decisions about the directory
///
/// The public log, the latest first. What was never public is not named. No key is needed.
#[utoipa::path(
    get,
    path = "/decisions",
    operation_id = "listDecisions",
    tag = "directory",
    params(PageParams),
    responses(
        (status = 200, description = "A page of the log", body = Listed<DecisionView>),
        Always, WithValues
    )
)]
async fn list_decisions(
    State(web): State<Web>,
    paging: Paging,
) -> Result<Listed<DecisionView>, WebError> {
    let (before, limit) = (paging.after()?, paging.limit_and_one());
    let found = decisions::list(&web.app, before, limit).await?;
    Ok(paging.listed(
        found,
        |line| line.decision.id.to_string(),
        |line| DecisionView::new(&web.app, line),
    ))
}
