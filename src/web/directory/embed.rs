//! What other sites may show in a frame: the card of a structure, and some structures of a territory.
//! Static HTML, without script nor cookie.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::header,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;

use super::{address, cards::HostCard};
use crate::{
    app::{
        AppError, Missing,
        directory::{self, Search, host_page},
    },
    domain::{directory::Facet, host::DIRECTORY_PATH, territory::Territory},
    web::{
        Visitor, Web, WebError,
        error_pages::Problem,
        page::{Page, Site},
        paths,
    },
};

/// Structures of a block.
const SHOWN: i64 = 5;
/// Any site may frame it; it loads our style and pictures, and nothing else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors *";
/// How long it may be kept, in seconds.
const CACHE: &str = "public, max-age=3600";

/// Routes of what other sites show.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::STRUCTURE_CARD, get(card))
        .route(paths::DIRECTORY_BLOCK, get(block))
}

/// Where the reader of the other site is.
#[derive(Debug, Deserialize)]
struct Around {
    #[serde(default)]
    territoire: String,
}

/// Cards in a frame.
#[derive(Debug, Template)]
#[template(path = "directory/embed.html")]
pub struct EmbedPage {
    page: Page,
    cards: Vec<HostCard>,
    /// The list that it is a part of.
    list_url: String,
    site: Arc<Site>,
}

/// `GET /structures/{handle}/carte`
async fn card(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
) -> Result<Response, WebError> {
    // one that left the directory says so
    host_page::show_listed(&web.app, &handle).await?;
    let entries = directory::list_named(&web.app, &[handle]).await?;
    let entry = entries.first().ok_or(AppError::NotFound(Missing::Host))?;
    let names = directory::list_names(&web.app).await?;
    let cards = vec![HostCard::new(visitor.t, entry, &names)];
    framed(&EmbedPage {
        page: visitor.page(entry.name.as_str()).unlisted(),
        cards,
        list_url: DIRECTORY_PATH.to_owned(),
        site: web.site.clone(),
    })
}

/// `GET /annuaire/bloc?territoire=departement:29`
async fn block(
    State(web): State<Web>,
    visitor: Visitor,
    around: Result<Query<Around>, QueryRejection>,
) -> Result<Response, WebError> {
    let Query(around) = around.map_err(|_| Problem::BadRequest(String::new()))?;
    let search = Search::default().with(Facet::Territory, around.territoire);
    let (entries, _) = directory::list_part(&web.app, &search, SHOWN).await?;
    let names = directory::list_names(&web.app).await?;
    let t = visitor.t;
    let title = match Territory::parse(&search.territory) {
        Ok(territory) => t.trf(
            "Structures près de chez vous : {place}",
            [("place", t.territory(territory))],
        ),
        Err(_) => t.tr("Annuaire des structures").to_owned(),
    };
    framed(&EmbedPage {
        page: visitor.page(title).unlisted(),
        cards: entries
            .iter()
            .map(|entry| HostCard::new(t, entry, &names))
            .collect(),
        list_url: address(DIRECTORY_PATH, &search),
        site: web.site.clone(),
    })
}

fn framed(page: &EmbedPage) -> Result<Response, WebError> {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, CACHE),
    ];
    Ok((headers, Html(page.render()?)).into_response())
}
