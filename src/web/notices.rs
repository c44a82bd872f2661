//! Stopping the mails that ask for nothing urgent, without signing in: the link is the proof.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

use super::{Visitor, Web, WebError, errors, page::Page, paths};
use crate::app::notices;

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::STOP_NOTICES, get(ask).post(stop))
}

/// `/courriels/arret/{account}/{mark}`
#[derive(Debug, Template)]
#[template(path = "notices/stop.html")]
pub struct StopPage {
    /// The layout.
    pub page: Page,
    /// Whether it is done.
    pub step: Step,
}

impl StopPage {
    fn is_done(&self) -> bool {
        self.step == Step::Done
    }
}

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before the button.
    Ask,
    /// After it.
    Done,
}

impl StopPage {
    fn new(visitor: &Visitor, step: Step) -> Self {
        let t = visitor.t;
        let title = match step {
            Step::Ask => t.tr("Ne plus recevoir ces courriels ?"),
            Step::Done => t.tr("C’est noté"),
        };
        Self {
            page: visitor.page(title).unlisted(),
            step,
        }
    }
}

/// `GET /courriels/arret/{account}/{mark}`; changes nothing, since scanners of mails open links.
async fn ask(
    State(web): State<Web>,
    visitor: Visitor,
    Path((account, mark)): Path<(String, String)>,
) -> Result<Response, WebError> {
    notices::check_stop_link(&web.app, &account, &mark).await?;
    errors::shown(&StopPage::new(&visitor, Step::Ask))
}

/// `POST /courriels/arret/{account}/{mark}`; also what mail software sends by itself,
/// `List-Unsubscribe=One-Click` (RFC 8058 §3.2), without cookie nor token.
async fn stop(
    State(web): State<Web>,
    visitor: Visitor,
    Path((account, mark)): Path<(String, String)>,
) -> Result<Response, WebError> {
    notices::stop(&web.app, &account, &mark).await?;
    errors::shown(&StopPage::new(&visitor, Step::Done))
}
