//! The public log of decisions, as a page and as an Atom feed (RFC 4287). No personal data: what was
//! never public is not named.

use askama::Template;
use atom_syndication::{Entry, Feed, FixedDateTime, Generator, Link as AtomLink, Person};
use axum::{
    Router,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;

use crate::{
    app::{
        App,
        decisions::{self, Line},
        recommendations::publication,
    },
    domain::{host::host_path, ids::DecisionId},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{Pagination, When},
        errors,
        page::{Link, Page},
        paths,
    },
};

/// Lines on one page, and in the feed.
const PAGE: i64 = 50;
/// How long a reader may keep the feed, in seconds.
const CACHE: &str = "public, max-age=300";
const ATOM: &str = "application/atom+xml";

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::PUBLIC_LOG, get(show))
        .route(paths::PUBLIC_LOG_FEED, get(feed))
}

/// `/annuaire/journal`
#[derive(Debug, Template)]
#[template(path = "directory/log.html")]
pub struct LogPage {
    /// The layout.
    pub page: Page,
    /// The latest first.
    pub lines: Vec<LogLine>,
    /// The neighbours.
    pub pages: Pagination,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// A fragment to link to it.
    pub anchor: String,
    pub decided: When,
    pub what: &'static str,
    /// What it is about, where that may be named.
    pub about: Vec<Link>,
    /// May be empty.
    pub motive: String,
    /// Version of the criteria.
    pub criteria: String,
}

fn log_line(t: Texts, line: &Line) -> LogLine {
    let decision = &line.decision;
    LogLine {
        anchor: anchor(decision.id),
        decided: When::day(t, decision.decided_at),
        what: t.public_decision(decision.decision),
        about: about(t, line),
        motive: decision.motive.clone(),
        criteria: decision.criteria.clone(),
    }
}

fn anchor(id: DecisionId) -> String {
    format!("decision-{id}")
}

/// The structure, then the recommendation. A refusal names nobody: neither side chose to make it
/// public.
fn about(t: Texts, line: &Line) -> Vec<Link> {
    if line.decision.decision.is_private() {
        return Vec::new();
    }
    let host = line.host.iter();
    let mut links: Vec<Link> = host
        .map(|(handle, name)| Link::new(name.clone(), host_path(handle)))
        .collect();
    if let Some((slug, association, number)) = &line.recommendation {
        let label = t.trf(
            "recommandation de {association}",
            [("association", association.as_str())],
        );
        links.push(Link::new(label, publication::path(slug, *number)));
    }
    links
}

#[derive(Debug, Deserialize)]
struct Asked {
    avant: Option<String>,
}

/// `GET /annuaire/journal?avant=…`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let t = visitor.t;
    let before = asked.avant.as_deref().and_then(DecisionId::parse);
    let mut found = decisions::list(&web.app, before, PAGE + 1).await?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = found.len() > shown;
    found.truncate(shown);
    let last = found.last().filter(|_| has_more);
    let page = visitor
        .page(t.tr("Journal des décisions"))
        .described(t.tr("Chaque décision sur l’annuaire et sur les recommandations, avec sa date."))
        .under(t.tr("Critères de l’annuaire"), paths::CRITERIA)
        .also_as(ATOM, paths::PUBLIC_LOG_FEED, t.tr("Journal des décisions"));
    errors::shown(&LogPage {
        page,
        lines: found.iter().map(|line| log_line(t, line)).collect(),
        pages: Pagination {
            previous: before.map(|_| paths::PUBLIC_LOG.to_owned()),
            next: last.map(|line| format!("{}?avant={}", paths::PUBLIC_LOG, line.decision.id)),
        },
    })
}

/// `GET /annuaire/journal.atom`
async fn feed(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    let found = decisions::list(&web.app, None, PAGE).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (header::CACHE_CONTROL, CACHE),
        (header::VARY, "accept-language, cookie"),
    ];
    let feed = write_feed(&web.app, visitor.t, &found);
    Ok((headers, feed.to_string()).into_response())
}

fn write_feed(app: &App, t: Texts, found: &[Line]) -> Feed {
    let own = app.url(paths::PUBLIC_LOG_FEED);
    let site = app.config().instance.name.as_str();
    let latest = found.first().map(|line| line.decision.decided_at);
    Feed {
        id: own.clone(),
        title: t
            .trf("Journal des décisions – {site}", [("site", site)])
            .into(),
        updated: latest.unwrap_or_else(|| app.now()).into(),
        authors: vec![Person {
            name: site.to_owned(),
            ..Person::default()
        }],
        links: vec![
            atom_link("self", own, ATOM),
            atom_link("alternate", app.url(paths::PUBLIC_LOG), "text/html"),
        ],
        generator: Some(Generator {
            value: "emancipasso".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            ..Generator::default()
        }),
        entries: found.iter().map(|line| entry(app, t, line)).collect(),
        ..Feed::default()
    }
}

fn entry(app: &App, t: Texts, line: &Line) -> Entry {
    let decision = &line.decision;
    let url = app.url(&format!("{}#{}", paths::PUBLIC_LOG, anchor(decision.id)));
    let names: Vec<String> = about(t, line).into_iter().map(|link| link.label).collect();
    let what = t.public_decision(decision.decision);
    let title = match names.join(", ").as_str() {
        "" => what.to_owned(),
        names => t.trf("{what} : {names}", [("what", what), ("names", names)]),
    };
    let decided: FixedDateTime = decision.decided_at.into();
    Entry {
        id: url.clone(),
        title: title.into(),
        updated: decided,
        published: Some(decided),
        links: vec![atom_link("alternate", url, "text/html")],
        summary: (!decision.motive.is_empty()).then(|| decision.motive.as_str().into()),
        ..Entry::default()
    }
}

fn atom_link(rel: &str, href: String, media_type: &str) -> AtomLink {
    AtomLink {
        rel: rel.to_owned(),
        href,
        mime_type: Some(media_type.to_owned()),
        ..AtomLink::default()
    }
}
