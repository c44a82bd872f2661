//! The right of reply of a structure.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::{
    PactPath,
    doors::{Door, Room},
    labels::{self, Passage},
    page_below,
};
use crate::{
    app::{
        AppError,
        recommendations::{Case, inviting, reply},
    },
    domain::ids::AccompanimentId,
    web::{
        Visitor, Web, WebError, errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
    },
};

pub(super) fn routes() -> Router<Web> {
    Router::new().route(paths::PACT_REPLY, get(show).post(write))
}

/// `/compte/accompagnements/{id}/reponse`
#[derive(Debug, Template)]
#[template(path = "pacts/reply.html")]
pub struct ReplyPage {
    /// The layout.
    pub page: Page,
    /// `reply`.
    pub form: Form,
    pub action: String,
    /// The association, and what it says.
    pub association: String,
    pub passages: Vec<Passage>,
}

/// `GET /compte/accompagnements/{id}/reponse`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
) -> Result<Response, WebError> {
    let recommendation = inviting::find_recommendation(&web.app, id).await?;
    let case = reply::show(&web.app, &visitor.who, recommendation).await?;
    let form = Form::default().with("reply", &case.recommendation.reply);
    errors::shown(&page(&visitor, id, &case, form)?)
}

/// `POST /compte/accompagnements/{id}/reponse`
async fn write(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let recommendation = inviting::find_recommendation(&web.app, id).await?;
    let text = form.value("reply");
    match reply::write(&web.app, &visitor.who, recommendation, text).await {
        Ok(()) => {
            let text = visitor
                .t
                .tr("Votre réponse est enregistrée : elle se lit sous la recommandation.");
            visitor.flash(Tone::Success, text);
            let back = Door::Account(id).path(Room::Accompaniment);
            Ok(Redirect::to(&back).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let case = reply::show(&web.app, &visitor.who, recommendation).await?;
            let mut refused = page(&visitor, id, &case, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

fn page(
    visitor: &Visitor,
    id: AccompanimentId,
    case: &Case,
    form: Form,
) -> Result<ReplyPage, AppError> {
    let t = visitor.t;
    let page = page_below(visitor, t.tr("Répondre à une recommandation"))?;
    let back = Door::Account(id).path(Room::Accompaniment);
    Ok(ReplyPage {
        page: page.under(t.tr("Accompagnement"), back),
        form,
        action: paths::at(paths::PACT_REPLY, [&id.to_string()]),
        association: case.parties.association.name.clone(),
        passages: labels::passages(t, &case.recommendation.answers),
    })
}
