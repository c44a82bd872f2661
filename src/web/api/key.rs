//! Who holds the key that a request carries (RFC 6750 §2.1).

use std::convert::Infallible;

use axum::{
    Json,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    problem::Refusal,
    responses::{Always, WithKey},
};
use crate::{
    app::{AppError, Token, Who, api_tokens},
    domain::{
        account::{Role, Scope},
        ids::AccountId,
    },
    web::{Visit, Web, WebError},
};

/// Finds who asks, once and for every operation, and counts it.
pub(super) async fn identify(
    State(web): State<Web>,
    mut request: Request,
    next: Next,
) -> Result<Response, WebError> {
    let client = request
        .extensions()
        .get::<Visit>()
        .map(Visit::client)
        .ok_or_else(|| AppError::internal("no visit was begun for this request"))?;
    let who = match read_key(request.headers())? {
        None => {
            web.limits.api_by_client.take(client)?;
            Who::Anonymous
        }
        Some(key) => {
            web.limits.api_by_key.take(key.hash())?;
            let Some(who) = api_tokens::find(&web.app, &key).await? else {
                web.limits.api_by_client.take(client)?;
                return Err(Refusal::BadKey.into());
            };
            who
        }
    };
    request.extensions_mut().insert(who);
    Ok(next.run(request).await)
}

fn read_key(headers: &HeaderMap) -> Result<Option<Token>, Refusal> {
    let mut sent = headers.get_all(header::AUTHORIZATION).into_iter();
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| Refusal::BadKey)?;
    match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && sent.next().is_none() => {
            Ok(Some(Token::from_text(key.trim())))
        }
        _ => Err(Refusal::BadKey),
    }
}

/// The holder of a key. Extract it in every operation that needs one.
pub(super) struct Caller(pub(super) Who);

impl FromRequestParts<Web> for Caller {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, WebError> {
        match parts.extensions.get::<Who>() {
            Some(Who::Anonymous) | None => Err(AppError::Unauthenticated.into()),
            Some(who) => Ok(Self(who.clone())),
        }
    }
}

/// Who reads what may be public: the holder of a key, or anybody.
pub(super) struct Reader(pub(super) Who);

impl FromRequestParts<Web> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Infallible> {
        let who = parts.extensions.get::<Who>();
        Ok(Self(who.cloned().unwrap_or(Who::Anonymous)))
    }
}

/// A key, as it describes itself.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    account: KeyAccount,
    /// What the key allows.
    scopes: Vec<Scope>,
}

/// The account behind a key.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyAccount {
    id: AccountId,
    #[schema(example = "Camille")]
    name: String,
    role: Role,
}

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(describe_key))
}

/// Describe the key in use
#[utoipa::path(
    get,
    path = "/me",
    operation_id = "describeKey",
    tag = "api",
    security(("key" = [])),
    responses((status = 200, description = "The key in use", body = KeyView), Always, WithKey)
)]
async fn describe_key(Caller(who): Caller) -> Result<Json<KeyView>, WebError> {
    let account = who.signed_in()?;
    let scopes = match &who {
        Who::Program { scopes, .. } => scopes.clone(),
        _ => Vec::new(),
    };
    Ok(Json(KeyView {
        account: KeyAccount {
            id: account.id,
            name: account.name.clone(),
            role: account.role,
        },
        scopes,
    }))
}
