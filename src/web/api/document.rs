//! The `OpenAPI` document, and what it alone decides: the parameters that an operation knows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use axum::{
    extract::{MatchedPath, Request},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::form_urlencoded;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, RefOr,
        path::{Operation, ParameterIn, PathItem},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    operations,
    problem::{ProblemDocument, Refusal},
    responses::Always,
};
use crate::web::{Web, WebError};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "emancipasso",
        description = "Publish the ads of a non-profit, follow and moderate them.\n\n\
            A key is made on the page « Mes clés » or with `emancipasso token create`, and sent as \
            `Authorization: Bearer KEY`. It never allows more than its account, nor more than its \
            scopes; a scope that writes also reads.\n\n\
            Identifiers are strings. Lists are pages: `next`, and the `Link` header, lead to the \
            next one. Failures are problem documents (RFC 9457) whose sentences are in French, or \
            in English when `Accept-Language` prefers it.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later"),
        contact()
    ),
    servers((url = "/")),
    tags(
        (name = "api", description = "This API and the key in use"),
        (name = "organisations", description = "Those that the key's account acts for"),
        (name = "published ads", description = "What readers see"),
        (name = "directory", description = "Structures that associations recommend, and decisions about them"),
        (name = "ads", description = "The work on an ad, from draft to end"),
        (name = "hosts", description = "Structures: their profile and their offers"),
        (name = "accompaniments", description = "Between structures and associations, and what comes of them"),
        (name = "comments", description = "Replies from the fediverse"),
        (name = "moderation", description = "Decisions of moderators"),
    ),
    components(schemas(ProblemDocument)),
    modifiers(&BearerKeys)
)]
struct Introduction;

struct BearerKeys;

impl Modify for BearerKeys {
    fn modify(&self, document: &mut Document) {
        let bearer = SecurityScheme::Http(
            Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("A key of the API"))
                .build(),
        );
        if let Some(components) = &mut document.components {
            components.add_security_scheme("key", bearer);
        }
    }
}

/// The document without operations.
pub(super) fn introduction() -> Document {
    let mut document = Introduction::openapi();
    document.info.contact = None;
    document
}

/// The `OpenAPI` 3.1 document of the API: the same for every instance of this version.
pub fn document() -> Document {
    operations().into_openapi()
}

/// The document as it is served.
static JSON: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(read_document))
}

/// This document
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "readDocument",
    tag = "api",
    responses((status = 200, description = "The OpenAPI document", body = serde_json::Value), Always)
)]
async fn read_document() -> impl IntoResponse {
    const HEADERS: [(header::HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (HEADERS, JSON.as_str())
}

/// The query parameters of each operation.
static PARAMETERS: LazyLock<BTreeMap<(String, String), BTreeSet<String>>> = LazyLock::new(|| {
    let paths = document().paths.paths.into_iter();
    paths
        .flat_map(|(path, item)| {
            operations_of(item).map(move |(method, operation)| {
                ((path.clone(), method.to_string()), query_names(operation))
            })
        })
        .collect()
});

fn operations_of(item: PathItem) -> impl Iterator<Item = (Method, Operation)> {
    [
        (Method::GET, item.get),
        (Method::PUT, item.put),
        (Method::POST, item.post),
        (Method::DELETE, item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

fn query_names(operation: Operation) -> BTreeSet<String> {
    let parameters = operation.parameters.into_iter().flatten();
    parameters
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
                Some(parameter.name)
            }
            _ => None,
        })
        .collect()
}

/// Refuses a parameter that the operation does not know: a filter with a typing mistake would
/// otherwise let everything through.
pub(super) async fn refuse_unknown_parameters(
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Result<Response, WebError> {
    let method = match request.method() {
        &Method::HEAD => Method::GET,
        method => method.clone(),
    };
    let operation = (path.as_str().to_owned(), method.to_string());
    if let Some(known) = PARAMETERS.get(&operation) {
        let query = request.uri().query().unwrap_or_default();
        let unknown =
            form_urlencoded::parse(query.as_bytes()).find(|(name, _)| !known.contains(&**name));
        if let Some((name, _)) = unknown {
            return Err(Refusal::UnknownParameter(name.chars().take(40).collect()).into());
        }
    }
    Ok(next.run(request).await)
}
