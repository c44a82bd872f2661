//! The JSON API: the use cases of the pages, for programs that hold a key.
//!
//! The router and its `OpenAPI` document are made from the same handlers, so that neither can tell
//! what the other does not. A handler extracts, calls a use case, shows what came of it; failures
//! are those of pages, told as problem documents (RFC 9457) by [`problem`].

#![expect(unused_qualifications, reason = "utoipa writes whole paths")]

mod accompaniments;
mod ads;
mod comments;
pub(super) mod directory;
mod document;
mod extract;
mod hosts;
mod key;
mod moderation;
mod organisations;
mod paging;
pub(super) mod problem;
mod problem_types;
mod recommendations;
mod reports;
mod responses;

use axum::{Router, extract::DefaultBodyLimit, http::header, middleware};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

use super::{Web, WebError, error_pages::Problem};

pub use document::document;

/// Where every operation begins.
pub const ROOT: &str = "/api/v1";
/// The most kibibytes of a JSON body.
const BODY_KIB: usize = 64;

/// Every operation, with what the document tells of it.
fn operations() -> OpenApiRouter<Web> {
    let routes = OpenApiRouter::new()
        .merge(document::routes())
        .merge(key::routes())
        .merge(organisations::routes())
        .merge(ads::routes())
        .merge(directory::routes())
        .merge(accompaniments::routes())
        .merge(comments::routes())
        .merge(hosts::routes())
        .merge(moderation::routes())
        .merge(recommendations::routes())
        .merge(reports::routes())
        .merge(problem_types::routes());
    OpenApiRouter::with_openapi(document::introduction()).nest(ROOT, routes)
}

/// The API. Forms of other sites cannot abuse it: a browser never sends a key by itself.
pub fn router(web: Web) -> Router {
    let (routes, _) = operations().split_for_parts();
    let no_store = header::HeaderValue::from_static("no-store");
    routes
        .route(
            &format!("{ROOT}/{{*unknown}}"),
            axum::routing::any(async || WebError::from(Problem::NotFound)),
        )
        .method_not_allowed_fallback(async || WebError::from(Problem::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_KIB * 1024))
        .layer(middleware::from_fn(document::refuse_unknown_parameters))
        .layer(middleware::from_fn_with_state(web.clone(), key::identify))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            no_store,
        ))
        .with_state(web)
}
