//! Accompaniments and recommendations: for people with an account below `/compte/accompagnements`,
//! for everybody else behind the signed links of their mails (`/lien/…`).
//!
//! Both ways lead to the same pages. Opening one never changes anything, since scanners of mails
//! open links too.

mod calls;
mod declare;
mod doors;
mod labels;
mod list;
mod recommend;
mod reply;
mod show;

pub use show::Next;

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use super::{Visitor, Web, WebError, page::Page, paths};
use crate::{
    app::{AppError, Missing},
    domain::ids::AccompanimentId,
};

/// The routes of this folder.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(list::routes())
        .merge(declare::routes())
        .merge(show::routes())
        .merge(recommend::routes())
        .merge(reply::routes())
        .merge(calls::routes())
}

/// The accompaniment named by the address of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PactPath(pub AccompanimentId);

impl FromRequestParts<Web> for PactPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        let missing = AppError::NotFound(Missing::Accompaniment);
        let Ok(Path(typed)) = Path::<String>::from_request_parts(parts, web).await else {
            return Err(missing.into());
        };
        Ok(Self(AccompanimentId::parse(&typed).ok_or(missing)?))
    }
}

/// A page below the list of accompaniments, for people with an account.
fn page_below(visitor: &Visitor, title: impl Into<String>) -> Result<Page, AppError> {
    let t = visitor.t;
    Ok(visitor
        .page_with_form(title)?
        .under(t.tr("Mon espace"), paths::ACCOUNT)
        .under(t.tr("Mes accompagnements"), paths::PACTS)
        .unlisted())
}
