//! What associations told to mediation.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use crate::{
    app::{
        AppError, Missing,
        mediations::{self, Told},
    },
    domain::ids::MediationId,
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::view::paragraphs,
        components::When,
        errors,
        forms::CsrfForm,
        page::{Page, Tone},
        paths,
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::COPIL_MEDIATIONS, get(list))
        .route(paths::COPIL_MEDIATION, post(close))
}

/// `/copil/mediations`
#[derive(Debug, Template)]
#[template(path = "copil/mediations.html")]
pub struct MediationsPage {
    /// The layout.
    pub page: Page,
    /// What nobody handled yet, the oldest first.
    pub messages: Vec<Message>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it is closed.
    pub action: String,
    pub association: String,
    pub host: String,
    /// Where to answer.
    pub email: String,
    pub written: When,
    /// HTML made of plain text.
    pub html: String,
}

fn message(t: Texts, told: &Told) -> Message {
    let mediation = &told.mediation;
    Message {
        action: paths::at(paths::COPIL_MEDIATION, [&mediation.id.to_string()]),
        association: told.association.clone(),
        host: told.host_name.clone(),
        email: mediation.email.clone(),
        written: When::moment(t, mediation.created_at),
        html: paragraphs(&mediation.content),
    }
}

/// `GET /copil/mediations`
async fn list(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let t = visitor.t;
    let told = mediations::list_waiting(&web.app, &visitor.who).await?;
    let page = visitor
        .page_with_form(t.tr("Messages pour la médiation"))?
        .under(
            t.tr("Recommandations et structures à étudier"),
            paths::COPIL,
        );
    errors::shown(&MediationsPage {
        page: page.unlisted(),
        messages: told.iter().map(|it| message(t, it)).collect(),
    })
}

/// `POST /copil/mediations/{id}`
async fn close(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    let id = MediationId::parse(&id).ok_or(AppError::NotFound(Missing::Mediation))?;
    mediations::close(&web.app, &visitor.who, id).await?;
    visitor.flash(Tone::Success, visitor.t.tr("Le message est classé."));
    Ok(Redirect::to(paths::COPIL_MEDIATIONS).into_response())
}
