//! The profile of a structure in front of a moderator.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use super::recommendation::beside;
use crate::{
    app::{
        AppError, Missing,
        hosts::review::{self, Decision, ReviewFile},
    },
    domain::{
        host::{HostState, Offer, host_review_path},
        ids::HostId,
        problem::Problem,
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{Badge, Fact, TimelineEntry},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        hosts::desk::{self, FieldEntry},
        organisations,
        page::{Link, Page, Tone},
        paths,
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::COPIL_HOST, get(show).post(decide))
        .route(paths::COPIL_SUSPENSION, post(suspend))
        .route(paths::COPIL_RESTORATION, post(restore))
}

/// `/copil/structures/{id}`
#[derive(Debug, Template)]
#[template(path = "copil/host.html")]
pub struct HostPage {
    /// The layout.
    pub page: Page,
    pub state: HostState,
    pub badge: Badge,
    /// Whether the moderator belongs to it.
    pub is_recused: bool,
    /// What it lacks since it was submitted, in words.
    pub missing: Vec<String>,
    /// What it says, and since when.
    pub fields: Vec<FieldEntry>,
    /// Name and lines of each offer.
    pub offers: Vec<Fact>,
    pub organisation: Vec<Fact>,
    /// Where its organisation is verified.
    pub organisation_url: String,
    /// Public registers where its numbers can be looked up.
    pub registers: Vec<Link>,
    /// Its members: name and role.
    pub members: Vec<String>,
    pub conversation: Vec<TimelineEntry>,
    pub decide: String,
    pub suspend: String,
    pub restore: String,
    /// `decision`, `motive`; `suspension`; `restoration`.
    pub form: Form,
}

impl HostPage {
    fn new(visitor: &Visitor, file: &ReviewFile, form: Form) -> Result<Self, AppError> {
        let t = visitor.t;
        let page = visitor
            .page_with_form(file.organisation.name.clone())?
            .under(
                t.tr("Recommandations et structures à étudier"),
                paths::COPIL,
            )
            .unlisted();
        let id = file.host.id.to_string();
        let at = |path| paths::at(path, [&id]);
        let missing = file.missing.iter();
        let members = file.members.iter();
        Ok(Self {
            page: if form.errors.is_empty() {
                page
            } else {
                page.with_errors()
            },
            state: file.host.state,
            badge: desk::badge_of(t, &file.host),
            is_recused: file.is_recused,
            missing: missing
                .map(|(_, problem)| forms::sentence(t, problem))
                .collect(),
            fields: desk::fields(t, &file.sourced),
            offers: file.offers.iter().map(|it| offer(t, it)).collect(),
            organisation: organisations::facts(t, &file.organisation),
            organisation_url: paths::at(paths::ORGANISATION_TO_VERIFY, [&file.organisation.slug]),
            registers: organisations::moderation::registers(t, &file.organisation),
            members: members
                .map(|it| format!("{} – {}", it.name, t.membership_role(it.role)))
                .collect(),
            conversation: desk::conversation(t, &file.steps),
            decide: at(paths::COPIL_HOST),
            suspend: at(paths::COPIL_SUSPENSION),
            restore: at(paths::COPIL_RESTORATION),
            form,
        })
    }
}

fn offer(t: Texts, offer: &Offer) -> Fact {
    let lines = offer.lines.iter().map(|line| t.line_kind(line.kind));
    Fact::new(offer.name.clone(), lines.collect::<Vec<_>>().join(", "))
}

fn parse(id: &str) -> Result<HostId, AppError> {
    HostId::parse(id).ok_or(AppError::NotFound(Missing::Host))
}

/// `GET /copil/structures/{id}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let file = review::show(&web.app, &visitor.who, parse(&id)?).await?;
    errors::shown(&HostPage::new(&visitor, &file, Form::default())?)
}

/// `POST /copil/structures/{id}`
async fn decide(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let (id, t) = (parse(&id)?, visitor.t);
    let decision = match form.value("decision") {
        "accept" => Ok((
            Decision::Accept,
            t.tr("La fiche est acceptée. La structure est prévenue."),
        )),
        "refuse" => Ok((
            Decision::Refuse {
                motive: form.value("motive").to_owned(),
            },
            t.tr("La fiche est refusée. La structure reçoit vos explications."),
        )),
        _ => Err(AppError::field(
            "decision",
            Problem::new("Choisissez d’accepter ou de refuser."),
        )),
    };
    let done = match decision {
        Ok((decision, said)) => review::decide(&web.app, &visitor.who, id, decision)
            .await
            .map(|()| said),
        Err(error) => Err(error),
    };
    answer(&web, &visitor, id, (form, "motive"), done).await
}

/// `POST /copil/structures/{id}/suspension`
async fn suspend(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = parse(&id)?;
    let done = review::suspend(&web.app, &visitor.who, id, form.value("suspension")).await;
    let said = visitor
        .t
        .tr("La structure est suspendue, et le motif est public.");
    let done = done.map(|()| said);
    answer(&web, &visitor, id, (form, "suspension"), done).await
}

/// `POST /copil/structures/{id}/retablissement`
async fn restore(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = parse(&id)?;
    let done = review::restore(&web.app, &visitor.who, id, form.value("restoration")).await;
    let done = done.map(|()| visitor.t.tr("La suspension est levée."));
    answer(&web, &visitor, id, (form, "restoration"), done).await
}

async fn answer(
    web: &Web,
    visitor: &Visitor,
    id: HostId,
    (form, field): (Form, &str),
    done: Result<&'static str, AppError>,
) -> Result<Response, WebError> {
    match done {
        Ok(said) => {
            visitor.flash(Tone::Success, said);
            Ok(Redirect::to(&host_review_path(id)).into_response())
        }
        Err(error) => {
            let mistakes = beside(&forms::mistakes(visitor.t, error)?, field);
            let file = review::show(&web.app, &visitor.who, id).await?;
            errors::refused(&HostPage::new(visitor, &file, form.refused(mistakes))?)
        }
    }
}
