//! How an ad ends: closed, told, withdrawn, thrown away. Each on a page that says what follows.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::{AdPath, page_below, to_workshop};
use crate::{
    app::{
        AppError,
        ads::{
            life::{self, MilestoneInput},
            members, writing,
        },
    },
    domain::{ad::MilestoneKind, addresses, ids::AdId},
    web::{
        Visitor, Web, WebError, errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::AD_CLOSING, get(ask_to_close).post(close))
        .route(paths::AD_OUTCOME, get(ask_outcome).post(tell_outcome))
        .route(paths::AD_WITHDRAWAL, get(ask_to_withdraw).post(withdraw))
        .route(paths::AD_DELETION, get(ask_to_delete).post(delete))
}

/// What a page of this file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Close an ad without result.
    Close,
    /// Tell what came of it.
    Outcome,
    /// Take a published ad back.
    Withdraw,
    /// Throw a draft away.
    Delete,
}

/// `/compte/annonces/{id}/cloture`, `/bilan`, `/retrait`, `/suppression`
#[derive(Debug, Template)]
#[template(path = "workshop/ending.html")]
pub struct EndingPage {
    /// The layout.
    pub page: Page,
    /// What is about to be done.
    pub ending: Ending,
    /// The page of the ad.
    pub back: String,
    /// The title of the ad.
    pub title: String,
    /// `text`, for those that tell something.
    pub form: Form,
}

impl EndingPage {
    fn button(&self) -> &'static str {
        let t = self.page.t;
        match self.ending {
            Ending::Close => t.tr("Clore l’annonce"),
            Ending::Outcome => t.tr("Publier ce bilan"),
            Ending::Withdraw => t.tr("Retirer l’annonce"),
            Ending::Delete => t.tr("Supprimer ce brouillon"),
        }
    }

    fn is_dangerous(&self) -> bool {
        matches!(self.ending, Ending::Withdraw | Ending::Delete)
    }
}

async fn ask(
    web: &Web,
    visitor: &Visitor,
    id: AdId,
    ending: Ending,
    form: Form,
) -> Result<EndingPage, AppError> {
    let t = visitor.t;
    let workshop = members::open(&web.app, &visitor.who, id).await?;
    let title = match ending {
        Ending::Close => t.tr("Clore l’annonce"),
        Ending::Outcome => t.tr("Raconter ce qu’il en est sorti"),
        Ending::Withdraw => t.tr("Retirer l’annonce ?"),
        Ending::Delete => t.tr("Supprimer ce brouillon ?"),
    };
    let form = match ending {
        Ending::Outcome if form == Form::default() => form.with("outcome", &workshop.ad.outcome),
        _ => form,
    };
    let mut page = page_below(visitor, &workshop, title)?;
    page.has_errors = !form.errors.is_empty();
    Ok(EndingPage {
        page,
        ending,
        back: addresses::ad_workshop_path(id),
        title: crate::web::ads::summary::title_of(t, &workshop.ad),
        form,
    })
}

/// `GET /compte/annonces/{id}/cloture`
async fn ask_to_close(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    errors::shown(&ask(&web, &visitor, id, Ending::Close, Form::default()).await?)
}

/// `POST /compte/annonces/{id}/cloture`
async fn close(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let told = MilestoneInput {
        kind: MilestoneKind::Closed.as_str().to_owned(),
        reached_on: String::new(),
        text: form.value("text").to_owned(),
    };
    if let Err(error) = life::add_milestone(&web.app, &visitor.who, id, &told).await {
        let form = form.refused(forms::mistakes(visitor.t, error)?);
        return errors::refused(&ask(&web, &visitor, id, Ending::Close, form).await?);
    }
    visitor.flash(
        Tone::Success,
        visitor.t.tr("L’annonce est close. Elle reste lisible."),
    );
    Ok(to_workshop(id))
}

/// `GET /compte/annonces/{id}/bilan`
async fn ask_outcome(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    errors::shown(&ask(&web, &visitor, id, Ending::Outcome, Form::default()).await?)
}

/// `POST /compte/annonces/{id}/bilan`
async fn tell_outcome(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let told = form.value("outcome");
    if let Err(error) = life::tell_outcome(&web.app, &visitor.who, id, told).await {
        let form = form.refused(forms::mistakes(visitor.t, error)?);
        return errors::refused(&ask(&web, &visitor, id, Ending::Outcome, form).await?);
    }
    visitor.flash(
        Tone::Success,
        visitor.t.tr("Merci. Votre bilan est publié sur l’annonce."),
    );
    Ok(to_workshop(id))
}

/// `GET /compte/annonces/{id}/retrait`
async fn ask_to_withdraw(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    errors::shown(&ask(&web, &visitor, id, Ending::Withdraw, Form::default()).await?)
}

/// `POST /compte/annonces/{id}/retrait`
async fn withdraw(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    life::withdraw(&web.app, &visitor.who, id).await?;
    visitor.flash(
        Tone::Success,
        visitor
            .t
            .tr("L’annonce est retirée. Son adresse affiche un avis daté."),
    );
    Ok(to_workshop(id))
}

/// `GET /compte/annonces/{id}/suppression`
async fn ask_to_delete(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    errors::shown(&ask(&web, &visitor, id, Ending::Delete, Form::default()).await?)
}

/// `POST /compte/annonces/{id}/suppression`
async fn delete(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    writing::delete_draft(&web.app, &visitor.who, id).await?;
    visitor.flash(Tone::Success, visitor.t.tr("Le brouillon est supprimé."));
    Ok(Redirect::to(paths::ACCOUNT).into_response())
}
