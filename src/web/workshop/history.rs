//! What an ad said before its edits.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use super::AdPath;
use crate::{
    app::ads::{members, reading},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::changes::{self, Change},
        components::When,
        errors,
        page::Page,
        paths,
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::AD_HISTORY, get(show))
}

/// `/compte/annonces/{id}/historique`
#[derive(Debug, Template)]
#[template(path = "workshop/history.html")]
pub struct HistoryPage {
    /// The layout.
    pub page: Page,
    /// The edits, the last one first.
    pub edits: Vec<EditEntry>,
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditEntry {
    /// When it was made.
    pub when: When,
    /// Who made it.
    pub author: String,
    /// The fields that differ; none when only the picture was changed.
    pub changes: Vec<Change>,
}

impl EditEntry {
    fn new(t: Texts, edit: &members::Edit) -> Self {
        Self {
            when: When::moment(t, edit.edited_at),
            author: edit.author.clone(),
            changes: changes::list(t, &edit.before.to_input(), &edit.after.to_input()),
        }
    }
}

/// `GET /compte/annonces/{id}/historique`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let edits = members::list_edits(&web.app, &visitor.who, id).await?;
    let workshop = reading::show_workshop(&web.app, &visitor.who, id).await?;
    let title = visitor.t.tr("Historique des changements");
    errors::shown(&HistoryPage {
        page: super::page_below(&visitor, &workshop, title)?,
        edits: edits
            .iter()
            .map(|edit| EditEntry::new(visitor.t, edit))
            .collect(),
    })
}
