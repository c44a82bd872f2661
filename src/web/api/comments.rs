//! Replies from the fediverse: read by everybody once accepted, decided on by the organisation of
//! the ad and by moderators.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Named, Params, Sent},
    key::{Caller, Reader},
    paging::{Listed, PageParams, Paging},
    responses::{Always, WithBody, WithEnd, WithKey, WithName, WithValues},
};
use crate::{
    app::comments::moderation::{self, Decision},
    domain::{
        federation::{Comment, CommentState},
        ids::{AdId, CommentId},
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_comments))
        .routes(routes!(decide_comment))
}

/// A reply.
#[derive(Serialize, ToSchema)]
struct CommentView {
    id: CommentId,
    ad: AdId,
    state: CommentState,
    author: AuthorView,
    /// Its identifier in the fediverse.
    #[schema(example = "https://mastodon.example/users/ada/statuses/115")]
    origin: String,
    /// Its page.
    #[schema(example = "https://mastodon.example/@ada/115")]
    url: String,
    /// Sanitised HTML.
    #[schema(example = "<p>Je peux vous aider.</p>")]
    content: String,
    /// Identifier of what it answers.
    in_reply_to: String,
    published_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
}

/// Who wrote a reply.
#[derive(Serialize, ToSchema)]
struct AuthorView {
    #[schema(example = "Ada")]
    name: String,
    #[schema(example = "@ada@mastodon.example")]
    handle: String,
    #[schema(example = "https://mastodon.example/@ada")]
    url: String,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            ad: comment.ad_id,
            state: comment.state,
            author: AuthorView {
                handle: comment.actor.address(),
                name: comment.actor.name,
                url: comment.actor.url,
            },
            origin: comment.uri,
            url: comment.url,
            content: comment.content,
            in_reply_to: comment.in_reply_to,
            published_at: comment.published_at,
            updated_at: comment.updated_at,
            received_at: comment.received_at,
        }
    }
}

/// Which replies to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CommentParams {
    /// Accepted ones when it is left out.
    #[param(value_type = ListedState, inline, required = false)]
    state: Option<ListedState>,
}

/// A state in which replies are listed.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ListedState {
    /// They wait for a decision.
    Pending,
    Accepted,
    Refused,
}

impl From<ListedState> for CommentState {
    fn from(state: ListedState) -> Self {
        match state {
            ListedState::Pending => Self::Pending,
            ListedState::Accepted => Self::Accepted,
            ListedState::Refused => Self::Refused,
        }
    }
}

/// List the replies to an ad
///
/// In the order they came. The accepted ones of a published ad need no key; others need the scope
/// `comments:write`, for members of the organisation and moderators.
#[utoipa::path(
    get,
    path = "/ads/{id}/comments",
    operation_id = "listComments",
    tag = "comments",
    security((), ("key" = [])),
    params(("id" = AdId, Path), CommentParams, PageParams),
    responses(
        (status = 200, description = "A page of replies", body = Listed<CommentView>),
        Always, WithKey, WithName, WithValues
    )
)]
async fn list_comments(
    State(web): State<Web>,
    Reader(who): Reader,
    Named(ad): Named<AdId>,
    Params(params): Params<CommentParams>,
    paging: Paging,
) -> Result<Listed<CommentView>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let state = params.state.unwrap_or(ListedState::Accepted).into();
    let found = moderation::list_of_ad(&web.app, &who, ad, state, after, limit).await?;
    Ok(paging.listed(found, |it| it.id.to_string(), CommentView::from))
}

/// A decision on a reply.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CommentDecisionBody {
    decision: CommentDecision,
    /// The `updated_at` of the reply that was read: the decision is refused (409) when its author
    /// edited it since. Without it, the decision is about whatever the reply says now.
    read: Option<DateTime<Utc>>,
}

/// What is decided; it can be changed later.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum CommentDecision {
    /// Everybody reads it below the ad.
    Accept,
    /// Nobody does. Its author is not told.
    Refuse,
}

/// A reply, once decided.
#[derive(Serialize, ToSchema)]
struct DecidedComment {
    id: CommentId,
    state: CommentState,
}

/// Decide on a reply
///
/// Scope: `comments:write`.
#[utoipa::path(
    post,
    path = "/comments/{id}/decision",
    operation_id = "decideComment",
    tag = "comments",
    security(("key" = [])),
    params(("id" = CommentId, Path)),
    request_body = CommentDecisionBody,
    responses(
        (status = 200, description = "Decided", body = DecidedComment),
        Always, WithKey, WithName, WithBody, WithEnd
    )
)]
async fn decide_comment(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(id): Named<CommentId>,
    Sent(body): Sent<CommentDecisionBody>,
) -> Result<Json<DecidedComment>, WebError> {
    let (decision, state) = match body.decision {
        CommentDecision::Accept => (Decision::Accept, CommentState::Accepted),
        CommentDecision::Refuse => (Decision::Refuse, CommentState::Refused),
    };
    moderation::decide(&web.app, &who, id, decision, body.read).await?;
    Ok(Json(DecidedComment { id, state }))
}
