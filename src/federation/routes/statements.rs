//! Recommendations, what they rest upon, and the collections in which they are listed.

use axum::{
    Router,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{PageQuery, document, gone, owner, with_status};
use crate::{
    app::{App, AppError, Missing, host_actors},
    domain::{
        addresses::{self, INSTANCE_PATH},
        ids::HostId,
    },
    federation::{
        collections::{CollectionDocument, LARGE_PAGE_SIZE, PageDocument},
        errors::DocumentError,
        objects::{
            agreement::AgreementDocument,
            listing::ListingDocument,
            offer::{self, OfferDocument},
            recommendation,
            tombstone::TombstoneDocument,
        },
        vocabulary::{
            ACTIVITY_JSON, directory_context, exchange_context, plain_context,
            recommendation_tombstone_context,
        },
    },
};

/// Documents at the addresses of pages.
pub(super) fn documents() -> Router<App> {
    Router::new().route(
        "/organisations/{slug}/recommandations/{number}",
        get(statement),
    )
}

/// Documents with an address of their own.
pub(super) fn endpoints() -> Router<App> {
    let directory = format!("{INSTANCE_PATH}/directory");
    Router::new()
        .route(
            "/structures/{handle}/accompagnements/{number}",
            get(agreement),
        )
        .route("/structures/{handle}/offres", get(offers))
        .route("/structures/{handle}/offres/{number}", get(one_offer))
        .route("/structures/{handle}/recommendations", get(statements))
        .route("/organisations/{slug}/recommendations", get(statements))
        .route(&format!("{INSTANCE_PATH}/recommendations"), get(statements))
        .route(&format!("{directory}/{{host}}"), get(entry))
        .route(&directory, get(entries))
}

/// A recommendation, byte for byte as it was signed.
async fn statement(
    State(app): State<App>,
    Path((slug, number)): Path<(String, i64)>,
) -> Result<Response, DocumentError> {
    match host_actors::show_statement(&app, &slug, number).await {
        Ok(statement) => Ok(signed(recommendation::find_signed(&app, &statement).await?)),
        Err(AppError::Gone { since, .. }) => {
            let id = app.url(&addresses::recommendation_path(&slug, number));
            let tombstone = TombstoneDocument::new(id, Some("Recommendation"), Some(since));
            let context = recommendation_tombstone_context();
            Ok(with_status(StatusCode::GONE, context, tombstone))
        }
        Err(error) => Err(error.into()),
    }
}

/// A document that has its own `@context`.
fn signed(document: Value) -> Response {
    let mut response = axum::Json(document).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, ACTIVITY_JSON),
        (header::VARY, "Accept"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn agreement(
    State(app): State<App>,
    Path((handle, number)): Path<(String, i64)>,
) -> Result<Response, DocumentError> {
    match host_actors::show_agreement(&app, &handle, number).await {
        Ok(statement) => {
            let agreement = AgreementDocument::new(&statement, &app.config().public_url);
            Ok(document(exchange_context(), agreement))
        }
        Err(AppError::Gone { since, .. }) => {
            let id = app.url(&addresses::agreement_path(&handle, number));
            Ok(gone(id, since))
        }
        Err(error) => Err(error.into()),
    }
}

async fn one_offer(
    State(app): State<App>,
    Path((handle, number)): Path<(String, i64)>,
) -> Result<Response, DocumentError> {
    let (actor, offer) = host_actors::show_offer(&app, &handle, number).await?;
    let public_url = &app.config().public_url;
    Ok(document(
        exchange_context(),
        OfferDocument::new(&actor, &offer, public_url),
    ))
}

/// What a structure proposes; few things, by their ids.
async fn offers(State(app): State<App>, uri: OriginalUri) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    let page = host_actors::find_host_page(&app, &owner).await?;
    let page = page.ok_or(AppError::NotFound(Missing::Page))?;
    let public_url = &app.config().public_url;
    let ids = page
        .offers
        .iter()
        .map(|one| json!(offer::address(&owner, one, public_url)));
    let collection = CollectionDocument::whole(id, ids.collect()).owned_by(&owner.uri);
    Ok(document(plain_context(), collection))
}

/// What an organisation recommends, a structure acknowledges, the instance vouches for: ids, the
/// most recent first.
async fn statements(
    State(app): State<App>,
    uri: OriginalUri,
    Query(query): Query<PageQuery>,
) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    let which = host_actors::find_statements_of(&app, &owner).await?;
    let which = which.ok_or(AppError::NotFound(Missing::Page))?;
    if query.page.is_none() {
        let total = host_actors::count_statements(&app, which).await?;
        let collection = CollectionDocument::paged(id, total).owned_by(&owner.uri);
        return Ok(document(plain_context(), collection));
    }
    let before = query.before.map(Into::into);
    let listed = host_actors::list_statements(&app, which, before, LARGE_PAGE_SIZE).await?;
    let next = listed.last().filter(|_| is_full(listed.len()));
    let next = next.map(|last| last.id.get());
    let items = listed.iter().map(|it| json!(it.uri)).collect();
    let page = PageDocument::new(&id, query.before, items, next);
    Ok(document(plain_context(), page))
}

/// The directory of the instance: one place per structure, with what justifies it.
async fn entries(
    State(app): State<App>,
    uri: OriginalUri,
    Query(query): Query<PageQuery>,
) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    if query.page.is_none() {
        let total = host_actors::count_directory(&app).await?;
        let collection = CollectionDocument::paged(id, total).owned_by(&owner.uri);
        return Ok(document(plain_context(), collection));
    }
    let before = query.before.map(Into::into);
    let listed = host_actors::list_directory(&app, before, LARGE_PAGE_SIZE).await?;
    let next = listed.last().filter(|_| is_full(listed.len()));
    let next = next.map(|(last, _)| last.host.get());
    let items = listed
        .into_iter()
        .map(|(entry, reasons)| serde_json::to_value(ListingDocument::new(&app, &entry, reasons)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(AppError::internal)?;
    let page = PageDocument::new(&id, query.before, items, next);
    Ok(document(directory_context(), page))
}

async fn entry(
    State(app): State<App>,
    Path(host): Path<String>,
) -> Result<Response, DocumentError> {
    let host = HostId::parse(&host).ok_or(AppError::NotFound(Missing::Page))?;
    let found = host_actors::find_entry(&app, host).await?;
    let (entry, reasons) = found.ok_or(AppError::NotFound(Missing::Page))?;
    Ok(document(
        directory_context(),
        ListingDocument::new(&app, &entry, reasons),
    ))
}

fn is_full(length: usize) -> bool {
    i64::try_from(length).is_ok_and(|length| length == LARGE_PAGE_SIZE)
}
