//! `/annuaire/criteres`: which structures are in the directory, and what makes a recommendation
//! count. The same rule as `domain::listing`, in plain words.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use crate::{
    domain::{
        listing::NOTICE_DAYS,
        recommendation::{APPROVALS, CRITERIA_VERSION},
    },
    web::{Visitor, Web, WebError, errors, page::Page, paths},
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::CRITERIA, get(show))
}

/// `/annuaire/criteres`
#[derive(Debug, Template)]
#[template(path = "directory/criteria.html")]
pub struct CriteriaPage {
    /// The layout.
    pub page: Page,
    pub version: &'static str,
    /// Months during which a recommendation counts.
    pub months: String,
    /// Approvals that publish one.
    pub approvals: String,
    /// Days of notice.
    pub notice: String,
    /// Where people write to a human.
    pub email: String,
}

/// `GET /annuaire/criteres`
async fn show(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    let t = visitor.t;
    let config = web.app.config();
    let page = visitor.page(t.tr("Critères de l’annuaire")).described(
        t.tr("Quelles structures figurent dans l’annuaire, qui décide, et comment contester."),
    );
    errors::shown(&CriteriaPage {
        page,
        version: CRITERIA_VERSION,
        months: t.number(config.directory.recommendation_validity_months),
        approvals: t.number(APPROVALS),
        notice: t.number(NOTICE_DAYS),
        email: config.instance.contact_email.clone(),
    })
}
