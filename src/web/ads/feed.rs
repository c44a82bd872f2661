//! `/annonces.atom`: the same list, for feed readers (RFC 4287, pages by RFC 5005 §3).

use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person};
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};

use super::{cards, list};
use crate::{
    app::{
        App,
        ads::reading::{self, Listing, Search},
    },
    domain::{ad::ListedAd, addresses::ADS_PATH, html::Markdown},
    locales::Texts,
    web::{Visitor, Web, WebError, error_pages::Problem, paths},
};

/// Characters of the summary of an entry.
const SUMMARY_LENGTH: usize = 300;
/// How long a reader may keep the feed, in seconds.
const CACHE: &str = "public, max-age=300";

/// Routes of the feed.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::ADS_FEED, get(show))
}

/// `GET /annonces.atom`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, WebError> {
    let Query(search) = search.map_err(|_| Problem::BadRequest(String::new()))?;
    let listing = reading::list(&web.app, &search).await?;
    let feed = feed(&web.app, visitor.t, &search, &listing);
    let headers = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (header::CACHE_CONTROL, CACHE),
        (header::VARY, "accept-language, cookie"),
    ];
    Ok((headers, feed.to_string()).into_response())
}

fn feed(app: &App, t: Texts, search: &Search, listing: &Listing) -> Feed {
    let page_of = |search: &Search| app.url(&list::address(paths::ADS_FEED, search));
    let whole = Search {
        after: String::new(),
        before: String::new(),
        ..search.clone()
    };
    let mut links = vec![
        link("self", page_of(search), "application/atom+xml"),
        link(
            "alternate",
            app.url(&list::address(ADS_PATH, search)),
            "text/html",
        ),
    ];
    if let Some(place) = &listing.previous {
        let search = Search {
            before: place.clone(),
            ..whole.clone()
        };
        links.push(link("previous", page_of(&search), "application/atom+xml"));
    }
    if let Some(place) = &listing.next {
        let search = Search {
            after: place.clone(),
            ..whole.clone()
        };
        links.push(link("next", page_of(&search), "application/atom+xml"));
    }
    let latest = listing.ads.iter().map(|listed| listed.ad.updated_at).max();
    let site = &app.config().instance;
    let entries = listing.ads.iter();
    Feed {
        id: page_of(&whole),
        title: t
            .trf("Petites annonces – {site}", [("site", site.name.as_str())])
            .into(),
        subtitle: Some(site.description.as_str().into()),
        updated: atom_date(latest.unwrap_or_else(|| app.now())),
        links,
        generator: Some(Generator {
            value: "emancipasso".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            ..Generator::default()
        }),
        entries: entries.filter_map(|listed| entry(app, t, listed)).collect(),
        ..Feed::default()
    }
}

fn entry(app: &App, t: Texts, listed: &ListedAd) -> Option<Entry> {
    let ad = &listed.ad;
    let url = app.url(&format!("{ADS_PATH}/{}", ad.address()?));
    let categories = ad.content.hashtags.iter().map(|tag| Category {
        term: tag.key(),
        label: Some(tag.as_str().to_owned()),
        ..Category::default()
    });
    Some(Entry {
        id: url.clone(),
        title: ad.content.title.as_str().into(),
        updated: atom_date(ad.updated_at),
        published: Some(atom_date(ad.published_at?)),
        authors: vec![Person {
            name: listed.organisation.clone(),
            ..Person::default()
        }],
        links: vec![link("alternate", url, "text/html")],
        categories: categories.collect(),
        summary: Some(cards::need_in_short(&ad.content.need, SUMMARY_LENGTH).into()),
        content: Some(Content {
            content_type: Some("html".to_owned()),
            lang: Some("fr".to_owned()),
            value: Some(content(t, listed)),
            ..Content::default()
        }),
        ..Entry::default()
    })
}

/// Where the ad stands, then the need.
fn content(t: Texts, listed: &ListedAd) -> String {
    let content = &listed.ad.content;
    let facts = [
        t.ad_kind(content.kind).to_owned(),
        t.ad_state(listed.ad.state).to_owned(),
        t.territory(content.territory),
    ];
    let facts = crate::domain::html::paragraphs(&facts.join(" · "));
    format!("{facts}{}", Markdown::new(&content.need).page_html())
}

pub(in crate::web) fn link(rel: &str, href: String, media_type: &str) -> Link {
    Link {
        rel: rel.to_owned(),
        href,
        mime_type: Some(media_type.to_owned()),
        ..Link::default()
    }
}

pub(in crate::web) fn atom_date(instant: DateTime<Utc>) -> FixedDateTime {
    instant.into()
}
