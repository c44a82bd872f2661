//! Where members of an organisation work on an ad: writing, publication, news, the end.

pub mod ending;
pub mod form;
pub mod history;
pub mod page;
pub mod picture;
pub mod writing;

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};

use super::{Visitor, Web, WebError, ads::summary::title_of, page::Page, paths};
use crate::{
    app::{AppError, Missing, ads::reading::Workshop},
    domain::{addresses, ids::AdId},
};

/// The routes of this folder.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(writing::routes())
        .merge(page::routes())
        .merge(ending::routes())
        .merge(history::routes())
}

/// The ad named by the address of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdPath(pub AdId);

impl FromRequestParts<Web> for AdPath {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        let missing = AppError::NotFound(Missing::Ad);
        let Ok(Path(typed)) = Path::<String>::from_request_parts(parts, web).await else {
            return Err(missing.into());
        };
        Ok(Self(AdId::parse(&typed).ok_or(missing)?))
    }
}

/// Leads back to the page of an ad.
fn to_workshop(id: AdId) -> Response {
    Redirect::to(&addresses::ad_workshop_path(id)).into_response()
}

/// A page that hangs below the one of an ad.
fn page_below(visitor: &Visitor, workshop: &Workshop, title: &str) -> Result<Page, AppError> {
    let t = visitor.t;
    let path = addresses::ad_workshop_path(workshop.ad.id);
    Ok(visitor
        .page_with_form(title)?
        .under(t.tr("Mon espace"), paths::ACCOUNT)
        .under(title_of(t, &workshop.ad), path)
        .unlisted())
}
