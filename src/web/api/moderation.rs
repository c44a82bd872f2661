//! What moderators see and decide. Every operation needs the scope `moderation:write` and the key
//! of a moderator.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ads::view::{AdView, NamedAd},
    extract::{Named, Params, Sent},
    key::Caller,
    organisations::OrganisationView,
    paging::{Listed, PageParams, Paging},
    responses::{Always, WithBody, WithKey, WithName, WithState, WithValues},
};
use crate::{
    app::{
        ads::review::{self, Decision, ReviewFile},
        organisations::{self, Candidate},
    },
    domain::{
        ids::{AdId, ReviewId},
        moderation::{Review, ReviewStep},
        organisation::{Standing, VerificationMethod},
        slug::Slug,
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_ads_in_review))
        .routes(routes!(show_ad_in_review))
        .routes(routes!(decide_ad))
        .routes(routes!(list_candidates))
        .routes(routes!(verify_organisation))
        .routes(routes!(withdraw_verification))
}

/// List the ads that wait for a decision
///
/// The oldest first.
#[utoipa::path(
    get,
    path = "/moderation/ads",
    operation_id = "listAdsInReview",
    tag = "moderation",
    security(("key" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "A page of ads", body = Listed<NamedAd>),
        Always, WithKey, WithValues
    )
)]
async fn list_ads_in_review(
    State(web): State<Web>,
    Caller(who): Caller,
    paging: Paging,
) -> Result<Listed<NamedAd>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let found = review::list(&web.app, &who, after, limit).await?;
    Ok(paging.listed(
        found,
        |(ad, _)| ad.id.to_string(),
        |(ad, organisation)| NamedAd::new(&web.app, &ad, &organisation),
    ))
}

/// What helps to decide on an ad.
#[derive(Serialize, ToSchema)]
struct ReviewView {
    ad: AdView,
    organisation: OrganisationView,
    /// Names of its members.
    members: Vec<String>,
    /// Ads of this organisation that readers have seen.
    published_before: i64,
    /// What was said so far, the oldest first.
    steps: Vec<StepView>,
    /// Whether the key's account belongs to the organisation, and cannot decide.
    is_recused: bool,
}

/// A step in the conversation between the author and the moderators.
#[derive(Serialize, ToSchema)]
struct StepView {
    id: ReviewId,
    step: ReviewStep,
    /// Empty when the step needs no words.
    motive: String,
    author: String,
    created_at: DateTime<Utc>,
}

impl From<Review> for StepView {
    fn from(review: Review) -> Self {
        Self {
            id: review.id,
            step: review.step,
            motive: review.motive,
            author: review.author,
            created_at: review.created_at,
        }
    }
}

impl ReviewView {
    fn new(web: &Web, file: ReviewFile) -> Self {
        Self {
            ad: AdView::new(&web.app, &file.ad),
            organisation: file.organisation.into(),
            members: file.members.into_iter().map(|member| member.name).collect(),
            published_before: file.published_before,
            steps: file.steps.into_iter().map(StepView::from).collect(),
            is_recused: file.is_recused,
        }
    }
}

/// Show what helps to decide on an ad
#[utoipa::path(
    get,
    path = "/moderation/ads/{id}",
    operation_id = "showAdInReview",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    responses((status = 200, description = "The file", body = ReviewView), Always, WithKey, WithName)
)]
async fn show_ad_in_review(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
) -> Result<Json<ReviewView>, WebError> {
    let file = review::show(&web.app, &who, id).await?;
    Ok(Json(ReviewView::new(&web, file)))
}

/// A decision on an ad.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdDecisionBody {
    decision: AdDecision,
    /// Needed to refuse: 10 to 2,000 characters that the author will read.
    #[serde(default)]
    motive: String,
}

/// What a moderator decides.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum AdDecision {
    Approve,
    Refuse,
}

/// Decide on an ad
///
/// A moderator never decides on an ad of their own organisation.
#[utoipa::path(
    post,
    path = "/moderation/ads/{id}/decision",
    operation_id = "decideAd",
    tag = "moderation",
    security(("key" = [])),
    params(("id" = AdId, Path)),
    request_body = AdDecisionBody,
    responses(
        (status = 200, description = "The ad; `number` and `url` once it is published", body = AdView),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn decide_ad(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<AdId>,
    Sent(body): Sent<AdDecisionBody>,
) -> Result<Json<AdView>, WebError> {
    let decision = match body.decision {
        AdDecision::Approve => Decision::Approve,
        AdDecision::Refuse => Decision::Refuse {
            motive: body.motive,
        },
    };
    review::decide(&web.app, &who, id, decision).await?;
    let file = review::show(&web.app, &who, id).await?;
    Ok(Json(AdView::new(&web.app, &file.ad)))
}

/// Which organisations to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StandingParams {
    /// Those that wait when it is left out.
    #[param(value_type = Standing, inline, required = false)]
    standing: Option<Standing>,
}

/// An organisation, with the facts that help to verify it.
#[derive(Serialize, ToSchema)]
struct CandidateView {
    #[serde(flatten)]
    organisation: OrganisationView,
    /// Whether a member has an address at the domain of its web site; null without web site.
    has_mail_at_website: Option<bool>,
    /// Others with the same RNA number or SIREN.
    namesakes: Vec<NamesakeView>,
}

/// Another organisation with the same number.
#[derive(Serialize, ToSchema)]
struct NamesakeView {
    #[schema(example = "les-amis-du-velo")]
    slug: String,
    #[schema(example = "Les Amis du vélo")]
    name: String,
}

impl From<Candidate> for CandidateView {
    fn from(candidate: Candidate) -> Self {
        let namesakes = candidate.namesakes.into_iter();
        Self {
            organisation: candidate.organisation.into(),
            has_mail_at_website: candidate.has_mail_at_website,
            namesakes: namesakes
                .map(|(slug, name)| NamesakeView { slug, name })
                .collect(),
        }
    }
}

/// List organisations to verify
///
/// Those that wait, the oldest first; or those that are verified, the newest first.
#[utoipa::path(
    get,
    path = "/moderation/organisations",
    operation_id = "listCandidates",
    tag = "moderation",
    security(("key" = [])),
    params(StandingParams, PageParams),
    responses(
        (status = 200, description = "A page of organisations", body = Listed<CandidateView>),
        Always, WithKey, WithValues
    )
)]
async fn list_candidates(
    State(web): State<Web>,
    Caller(who): Caller,
    Params(params): Params<StandingParams>,
    paging: Paging,
) -> Result<Listed<CandidateView>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let standing = params.standing.unwrap_or(Standing::Unverified);
    let found = organisations::list_candidates(&web.app, &who, standing, after, limit).await?;
    Ok(paging.listed(
        found,
        |it| it.organisation.id.to_string(),
        CandidateView::from,
    ))
}

/// How an organisation was verified.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerificationBody {
    method: VerificationMethod,
}

/// Mark an organisation as verified
///
/// Under its present name; its administrators are told.
#[utoipa::path(
    post,
    path = "/moderation/organisations/{slug}/verification",
    operation_id = "verifyOrganisation",
    tag = "moderation",
    security(("key" = [])),
    params(("slug" = String, Path, example = "les-amis-du-velo")),
    request_body = VerificationBody,
    responses(
        (status = 204, description = "Verified"),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn verify_organisation(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(slug): Named<Slug>,
    Sent(body): Sent<VerificationBody>,
) -> Result<StatusCode, WebError> {
    organisations::verify(&web.app, &who, slug.as_str(), body.method).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a verification is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerificationEndBody {
    /// At most 500 characters; they stay in the audit log.
    #[schema(example = "Le récépissé est celui d’une autre association.")]
    motive: String,
}

/// Take a verification back
#[utoipa::path(
    post,
    path = "/moderation/organisations/{slug}/verification/end",
    operation_id = "withdrawVerification",
    tag = "moderation",
    security(("key" = [])),
    params(("slug" = String, Path, example = "les-amis-du-velo")),
    request_body = VerificationEndBody,
    responses(
        (status = 204, description = "Taken back"),
        Always, WithKey, WithName, WithBody, WithState
    )
)]
async fn withdraw_verification(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(slug): Named<Slug>,
    Sent(body): Sent<VerificationEndBody>,
) -> Result<StatusCode, WebError> {
    organisations::withdraw_verification(&web.app, &who, slug.as_str(), &body.motive).await?;
    Ok(StatusCode::NO_CONTENT)
}
