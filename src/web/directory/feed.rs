//! `/annuaire.atom` and `/annuaire/recommandations.atom` (RFC 4287): what entered the directory last,
//! and what associations said last of the structures in it.

use atom_syndication::{Content, Entry as AtomEntry, Feed, Generator, Person};
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};

use super::{address, cards};
use crate::{
    app::{
        App,
        directory::{
            self, Entry, Search,
            host_page::{self, NewRecommendation},
        },
    },
    domain::{
        host::{DIRECTORY_PATH, host_path},
        html::{Markdown, paragraphs},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::feed::{atom_date, link},
        error_pages::Problem,
        paths,
    },
};

/// Entries of a feed.
const ENTRIES: i64 = 40;
/// Characters of the summary of an entry.
const SUMMARY_LENGTH: usize = 300;
/// How long a reader may keep a feed, in seconds.
const CACHE: &str = "public, max-age=300";

/// Routes of the feeds.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::DIRECTORY_FEED, get(structures))
        .route(paths::RECOMMENDATIONS_FEED, get(recommendations))
}

/// `GET /annuaire.atom`
async fn structures(
    State(web): State<Web>,
    visitor: Visitor,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, WebError> {
    let Query(search) = search.map_err(|_| Problem::BadRequest(String::new()))?;
    let search = search.first_page();
    let newest = directory::list_newest(&web.app, &search, ENTRIES).await?;
    let t = visitor.t;
    let site = web.app.config().instance.name.as_str();
    let feed = Feed {
        title: t
            .trf("Nouvelles structures – {site}", [("site", site)])
            .into(),
        entries: newest
            .iter()
            .filter_map(|entry| structure(&web.app, t, entry))
            .collect(),
        ..frame(
            &web.app,
            &address(paths::DIRECTORY_FEED, &search),
            &address(DIRECTORY_PATH, &search),
            newest.iter().map(|entry| entry.updated_at).max(),
        )
    };
    Ok(served(&feed))
}

/// `GET /annuaire/recommandations.atom`
async fn recommendations(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    let newest = host_page::list_newest_recommendations(&web.app, ENTRIES).await?;
    let t = visitor.t;
    let site = web.app.config().instance.name.as_str();
    let feed = Feed {
        title: t
            .trf("Nouvelles recommandations – {site}", [("site", site)])
            .into(),
        entries: newest
            .iter()
            .map(|it| recommendation(&web.app, t, it))
            .collect(),
        ..frame(
            &web.app,
            paths::RECOMMENDATIONS_FEED,
            DIRECTORY_PATH,
            newest
                .iter()
                .map(|it| it.recommended.recommendation.updated_at)
                .max(),
        )
    };
    Ok(served(&feed))
}

fn served(feed: &Feed) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (header::CACHE_CONTROL, CACHE),
        (header::VARY, "accept-language, cookie"),
    ];
    (headers, feed.to_string()).into_response()
}

fn frame(app: &App, path: &str, list: &str, updated: Option<DateTime<Utc>>) -> Feed {
    Feed {
        id: app.url(path),
        updated: atom_date(updated.unwrap_or_else(|| app.now())),
        links: vec![
            link("self", app.url(path), "application/atom+xml"),
            link("alternate", app.url(list), "text/html"),
        ],
        generator: Some(Generator {
            value: "emancipasso".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            ..Generator::default()
        }),
        ..Feed::default()
    }
}

fn content(html: String) -> Option<Content> {
    Some(Content {
        content_type: Some("html".to_owned()),
        lang: Some("fr".to_owned()),
        value: Some(html),
        ..Content::default()
    })
}

fn structure(app: &App, t: Texts, entry: &Entry) -> Option<AtomEntry> {
    let url = app.url(&host_path(&entry.handle));
    let facts = [cards::place(t, entry), cards::counted(t, entry.counted)];
    let html = Markdown::new(&entry.presentation).page_html();
    Some(AtomEntry {
        id: url.clone(),
        title: entry.name.as_str().into(),
        updated: atom_date(entry.updated_at),
        published: Some(atom_date(entry.listed_since?)),
        authors: vec![Person {
            name: entry.name.clone(),
            ..Person::default()
        }],
        links: vec![link("alternate", url, "text/html")],
        summary: Some(cards::in_short(&entry.presentation, SUMMARY_LENGTH).into()),
        content: content(format!("{}{html}", paragraphs(&facts.join(" · ")))),
        ..AtomEntry::default()
    })
}

fn recommendation(app: &App, t: Texts, new: &NewRecommendation) -> AtomEntry {
    let NewRecommendation {
        handle,
        structure,
        recommended,
    } = new;
    let it = &recommended.recommendation;
    let author = &recommended.author.name;
    let page = app.url(&format!("{}#recommandation-{}", host_path(handle), it.id));
    let title = t.trf(
        "{association} recommande {structure}",
        [
            ("association", author.as_str()),
            ("structure", structure.as_str()),
        ],
    );
    AtomEntry {
        id: it.uri.clone().unwrap_or_else(|| page.clone()),
        title: title.into(),
        updated: atom_date(it.updated_at),
        published: it.published_at.map(atom_date),
        authors: vec![Person {
            name: author.clone(),
            ..Person::default()
        }],
        links: vec![link("alternate", page, "text/html")],
        content: content(paragraphs(&it.answers.can_do_now)),
        ..AtomEntry::default()
    }
}
