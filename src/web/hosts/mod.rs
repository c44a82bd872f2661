//! Where members of a structure work on its profile, its offers and its place in the directory.

pub(in crate::web) mod desk;
mod editing;
mod export;
mod form;
mod importing;
mod links;
mod offers;
mod start;
mod values;

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
};

use super::{Visitor, Web, WebError, page::Page, paths};
use crate::{
    app::{
        AppError,
        hosts::{self, Desk},
    },
    domain::{host::host_desk_path, ids::HostId},
};

/// The routes of this folder.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(start::routes())
        .merge(desk::routes())
        .merge(editing::routes())
        .merge(offers::routes())
        .merge(importing::routes())
        .merge(links::routes())
        .merge(export::routes())
}

/// The structure named by an address, for its members and for moderators.
async fn open(web: &Web, visitor: &Visitor, handle: &str) -> Result<Desk, WebError> {
    let id = find(web, visitor, handle).await?;
    Ok(hosts::open(&web.app, &visitor.who, id).await?)
}

/// The id of that structure; who is not signed in signs in first.
async fn find(web: &Web, visitor: &Visitor, handle: &str) -> Result<HostId, WebError> {
    visitor.who.signed_in()?;
    Ok(hosts::find_id(&web.app, handle).await?)
}

/// Leads back to the page of a structure.
fn to_desk(handle: &str) -> Response {
    Redirect::to(&host_desk_path(handle)).into_response()
}

/// A page that hangs below the one of a structure.
fn page_below(visitor: &Visitor, desk: &Desk, title: &str) -> Result<Page, AppError> {
    let t = visitor.t;
    Ok(visitor
        .page_with_form(title)?
        .under(t.tr("Mon espace"), paths::ACCOUNT)
        .under(
            desk.organisation.name.clone(),
            host_desk_path(&desk.host.handle),
        )
        .unlisted())
}
