//! The accompaniments of one's organisations.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::labels::state_badge;
use crate::{
    app::{
        AppError, Missing,
        accompaniments::{claiming, reading},
    },
    domain::{
        accompaniment::Party,
        ids::{AccompanimentId, OrganisationId},
    },
    web::{
        Visitor, Web, WebError,
        components::{Badge, Pagination},
        errors,
        forms::CsrfForm,
        page::{Link, Page, Tone},
        paths,
    },
};

/// Accompaniments of a page.
const SHOWN: usize = 30;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::PACTS, get(list))
        .route(paths::CLAIM_ASSOCIATION, post(claim))
}

/// `/compte/accompagnements`
#[derive(Debug, Template)]
#[template(path = "pacts/list.html")]
pub struct PactsPage {
    /// The layout.
    pub page: Page,
    /// The most recently declared first.
    pub pacts: Vec<PactLine>,
    pub pages: Pagination,
    /// Associations to take over: number and name.
    pub claims: Vec<(String, String)>,
}

/// An accompaniment in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PactLine {
    /// Its page, named by the other side.
    pub link: Link,
    pub badge: Badge,
    /// When it began.
    pub since: String,
}

#[derive(Debug, Deserialize)]
struct Asked {
    avant: Option<String>,
}

/// `GET /compte/accompagnements?avant=`
async fn list(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let t = visitor.t;
    let before = asked.avant.as_deref().and_then(AccompanimentId::parse);
    let limit = i64::try_from(SHOWN + 1).unwrap_or(i64::MAX);
    let mut found = reading::list_own(&web.app, &visitor.who, before, limit).await?;
    let has_more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let next = found
        .last()
        .filter(|_| has_more)
        .map(|last| format!("{}?avant={}", paths::PACTS, last.accompaniment.id));
    let lines = found.into_iter().map(|named| {
        let other = match named.party {
            Party::Host => named.association,
            Party::Association => named.host,
        };
        let it = named.accompaniment;
        PactLine {
            link: Link::new(other, paths::at(paths::PACT, [&it.id.to_string()])),
            badge: state_badge(t, it.state),
            since: t.day(it.started_on),
        }
    });
    let pacts = lines.collect();
    let claims = claiming::list(&web.app, &visitor.who).await?;
    errors::shown(&PactsPage {
        page: visitor
            .page_with_form(t.tr("Mes accompagnements"))?
            .under(t.tr("Mon espace"), paths::ACCOUNT)
            .unlisted(),
        pacts,
        pages: Pagination {
            previous: before.map(|_| paths::PACTS.to_owned()),
            next,
        },
        claims: claims
            .into_iter()
            .map(|it| (it.id.to_string(), it.name))
            .collect(),
    })
}

/// `POST /compte/accompagnements/reprise`
async fn claim(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = OrganisationId::parse(form.value("organisation"))
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let organisation = claiming::claim(&web.app, &visitor.who, id).await?;
    let text = visitor.t.trf(
        "Vous agissez maintenant pour {name}. Complétez sa présentation.",
        [("name", organisation.name.as_str())],
    );
    visitor.flash(Tone::Success, text);
    let form = paths::at(paths::ORGANISATION_FORM, [&organisation.slug]);
    Ok(Redirect::to(&form).into_response())
}
