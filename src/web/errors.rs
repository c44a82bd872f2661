//! From the failure of a use case to what people read.
//!
//! A handler returns a [`WebError`]; `server` shows its page once the handler is done, in the
//! language of the reader and with the number of the request.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};

use super::{
    api::problem::{self, Refusal},
    error_pages::{ErrorPage, Problem},
    form::Form,
    forms::{self, MAX_UPLOAD_MIB, ResendPage, Resending},
    sign_in,
    visitor::{Visit, Visitor},
};
use crate::app::AppError;

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum WebError {
    /// A use case failed.
    App(AppError),
    /// The request itself cannot be answered.
    Request(Problem),
    /// The API does not take it.
    Api(Refusal),
    /// A form of ours, whose token is too old: it is shown again with what was typed.
    StaleForm(Form),
}

impl From<AppError> for WebError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::App(AppError::internal(error))
    }
}

impl From<Problem> for WebError {
    fn from(problem: Problem) -> Self {
        Self::Request(problem)
    }
}

impl WebError {
    fn status(&self) -> StatusCode {
        let code = match self {
            Self::Request(problem) => problem.status(),
            Self::Api(refusal) => refusal.status(),
            Self::StaleForm(_) => 403,
            Self::App(error) => match error {
                AppError::NotFound(_) => 404,
                AppError::Gone { .. } => 410,
                AppError::Conflict(_) => 409,
                AppError::Unauthenticated => 401,
                AppError::Forbidden(_) => 403,
                AppError::Invalid(_) => 422,
                AppError::TooMany(_) => 429,
                AppError::Internal(_) => 500,
            },
        };
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for WebError {
    /// The bare status; [`render`] makes the page.
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Gives our page to the failures that axum answers by itself: unknown address, wrong method,
/// oversized or unreadable body.
pub async fn adopt(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_ours = response.extensions().get::<Arc<WebError>>().is_some()
        || response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    if is_ours {
        return response;
    }
    let problem = match response.status() {
        StatusCode::BAD_REQUEST
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => Problem::BadRequest(String::new()),
        StatusCode::NOT_FOUND => Problem::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Problem::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge {
            limit_mib: MAX_UPLOAD_MIB,
        },
        _ => return response,
    };
    response
        .extensions_mut()
        .insert(Arc::new(WebError::Request(problem)));
    response
}

/// Shows the page of a failure, if the response is one; the cause of our own faults is logged
/// here and nowhere else.
pub async fn render(visit: &Visit, mut response: Response) -> Response {
    let Some(error) = response.extensions_mut().remove::<Arc<WebError>>() else {
        return response;
    };
    if let WebError::App(AppError::Internal(cause)) = &*error {
        tracing::error!(cause = format_chain(&**cause), "a request failed");
    }
    if let WebError::App(AppError::TooMany(wait)) = &*error {
        let seconds = HeaderValue::from(wait.num_seconds().max(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    if visit.is_for_programs() {
        return problem::render(visit, response, &error);
    }
    if let WebError::App(AppError::Unauthenticated) = &*error
        && typed_in(visit).is_none()
    {
        return to_sign_in(visit);
    }
    let visitor = match visit.visitor().await {
        Ok(visitor) => visitor,
        Err(_) => visit.stranger(),
    };
    let (mut parts, _) = response.into_parts();
    let (kind, body) = match html_of(visit, &visitor, &error) {
        Some(html) => ("text/html; charset=utf-8", html),
        None => (
            "text/plain; charset=utf-8",
            format!("{}\n", parts.status.canonical_reason().unwrap_or("Error")),
        ),
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    parts.headers.insert(header::CACHE_CONTROL, NO_STORE.1);
    Response::from_parts(parts, Body::from(body))
}

const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// What somebody typed in the form of this request, if they typed something.
fn typed_in(visit: &Visit) -> Option<&Form> {
    visit
        .find_form()
        .filter(|form| form.pairs().any(|(_, value)| !value.is_empty()))
}

fn to_sign_in(visit: &Visit) -> Response {
    let target = sign_in::address_with_return(visit.return_path().as_ref());
    ([NO_STORE], Redirect::to(&target)).into_response()
}

fn html_of(visit: &Visit, visitor: &Visitor, error: &WebError) -> Option<String> {
    if !visit.wants_html() {
        return None;
    }
    let text = |problem: &crate::domain::problem::Problem| forms::sentence(visitor.t, problem);
    let problem = match error {
        WebError::StaleForm(form) => {
            let page = ResendPage::new(visitor, form, Resending::Stale).ok()?;
            return page.render().ok();
        }
        WebError::App(AppError::Unauthenticated) => {
            let form = typed_in(visit)?;
            let page = ResendPage::new(visitor, form, Resending::SignedOut).ok()?;
            return page.render().ok();
        }
        WebError::Request(problem) => problem.clone(),
        WebError::Api(_) => Problem::BadRequest(String::new()),
        WebError::App(error) => match error {
            AppError::NotFound(_) => Problem::NotFound,
            AppError::Gone { since, .. } => Problem::Gone {
                withdrawn_at: *since,
            },
            AppError::Conflict(why) => Problem::Conflict(text(why)),
            AppError::Forbidden(why) => Problem::Forbidden(text(why)),
            AppError::Unauthenticated => return None,
            AppError::Invalid(problems) => Problem::BadRequest(
                problems
                    .iter()
                    .map(|(_, problem)| text(problem))
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            AppError::TooMany(wait) => Problem::TooMany {
                retry_after: wait.num_seconds().max(1).unsigned_abs(),
            },
            AppError::Internal(_) => Problem::Internal,
        },
    };
    ErrorPage::new(visitor.page(""), &problem, visit.request_id())
        .render()
        .ok()
}

/// An error and what caused it, on one line.
fn format_chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Renders a page whose form was refused: 422, so that programs see it too.
pub fn refused(page: &impl Template) -> Result<Response, WebError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// Renders a page.
pub fn shown(page: &impl Template) -> Result<Response, WebError> {
    Ok(Html(page.render()?).into_response())
}
