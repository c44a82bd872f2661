//! The offers of a structure.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{find, form, open, page_below, to_desk};
use crate::{
    app::{
        AppError, Missing,
        hosts::{Desk, offers},
    },
    domain::host::{LineInput, LineKind, Offer, OfferInput},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::Choice,
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
    },
};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::NEW_OFFER, get(show_new).post(add))
        .route(paths::OFFER, get(show_edit).post(edit))
        .route(paths::OFFER_DELETION, post(delete))
}

/// `/compte/structure/{handle}/offres/nouvelle` and `/compte/structure/{handle}/offres/{number}`
#[derive(Debug, Template)]
#[template(path = "hosts/offer.html")]
pub struct OfferPage {
    pub page: Page,
    /// `name`, `description`, `lines`, `note-…`, `software`, `price_model`, `price_bracket`.
    pub form: Form,
    pub action: String,
    /// Where it is deleted; empty for a new one.
    pub deletion: String,
    pub lines: Vec<LineChoice>,
    pub price_models: Vec<Choice>,
    pub price_brackets: Vec<Choice>,
}

/// A line that an offer may have, with what is said of it.
#[derive(Debug)]
pub struct LineChoice {
    pub kind: &'static str,
    pub label: &'static str,
    /// The field of its note.
    pub note: String,
    /// Whether a structure with this line accompanies.
    pub is_accompaniment: bool,
}

impl OfferPage {
    fn new(
        visitor: &Visitor,
        desk: &Desk,
        form: Form,
        number: Option<i64>,
    ) -> Result<Self, AppError> {
        let t = visitor.t;
        let handle = &desk.host.handle;
        let (title, action, deletion) = match number {
            None => (
                t.tr("Ajouter une offre"),
                paths::at(paths::NEW_OFFER, [handle]),
                String::new(),
            ),
            Some(number) => {
                let number = number.to_string();
                (
                    t.tr("Modifier une offre"),
                    paths::at(paths::OFFER, [handle, &number]),
                    paths::at(paths::OFFER_DELETION, [handle, &number]),
                )
            }
        };
        Ok(Self {
            page: page_below(visitor, desk, title)?,
            form,
            action,
            deletion,
            lines: lines(t),
            price_models: form::price_models(t),
            price_brackets: form::price_brackets(t),
        })
    }
}

fn lines(t: Texts) -> Vec<LineChoice> {
    let kinds = LineKind::ALL.iter();
    kinds
        .map(|kind| LineChoice {
            kind: kind.as_str(),
            label: t.line_kind(*kind),
            note: note_of(kind.as_str()),
            is_accompaniment: kind.is_accompaniment(),
        })
        .collect()
}

/// The field that holds what is said of a line.
fn note_of(kind: &str) -> String {
    format!("note-{kind}")
}

fn filled(offer: &Offer) -> Form {
    let input = OfferInput::from(offer);
    let mut form = Form::default()
        .with("name", input.name)
        .with("description", input.description)
        .with("software", input.software.join(", "))
        .with("price_model", input.price_model)
        .with("price_bracket", input.price_bracket);
    for line in input.lines {
        form = form
            .with(&note_of(&line.kind), line.note)
            .with("lines", line.kind);
    }
    form
}

fn typed(form: &Form) -> OfferInput {
    let value = |field: &str| form.value(field).to_owned();
    let lines = form.values("lines").map(|kind| LineInput {
        kind: kind.to_owned(),
        note: value(&note_of(kind)),
    });
    OfferInput {
        name: value("name"),
        description: value("description"),
        lines: lines.collect(),
        software: form::list_of(form.value("software")),
        price_model: value("price_model"),
        price_bracket: value("price_bracket"),
    }
}

/// `GET /compte/structure/{handle}/offres/nouvelle`
async fn show_new(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
) -> Result<Response, WebError> {
    let desk = open(&web, &visitor, &handle).await?;
    errors::shown(&OfferPage::new(&visitor, &desk, Form::default(), None)?)
}

/// `POST /compte/structure/{handle}/offres/nouvelle`
async fn add(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let added = offers::add(&web.app, &visitor.who, id, &typed(&form)).await;
    finish(&web, &visitor, &handle, form, None, added).await
}

/// `GET /compte/structure/{handle}/offres/{number}`
async fn show_edit(
    State(web): State<Web>,
    visitor: Visitor,
    Path((handle, number)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let desk = open(&web, &visitor, &handle).await?;
    let number = number_of(&number)?;
    let mut offers = desk.offers.iter();
    let offer = offers.find(|offer| offer.number == number);
    let offer = offer.ok_or(AppError::NotFound(Missing::Offer))?;
    let form = filled(offer);
    errors::shown(&OfferPage::new(&visitor, &desk, form, Some(number))?)
}

/// `POST /compte/structure/{handle}/offres/{number}`
async fn edit(
    State(web): State<Web>,
    visitor: Visitor,
    Path((handle, number)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let number = number_of(&number)?;
    let edited = offers::edit(&web.app, &visitor.who, id, number, &typed(&form)).await;
    finish(&web, &visitor, &handle, form, Some(number), edited).await
}

fn number_of(typed: &str) -> Result<i64, AppError> {
    typed
        .parse()
        .map_err(|_| AppError::NotFound(Missing::Offer))
}

async fn finish(
    web: &Web,
    visitor: &Visitor,
    handle: &str,
    form: Form,
    number: Option<i64>,
    outcome: Result<Offer, AppError>,
) -> Result<Response, WebError> {
    match outcome {
        Ok(_) => {
            visitor.flash(Tone::Success, visitor.t.tr("C’est enregistré."));
            Ok(to_desk(handle))
        }
        Err(error) => {
            let mistakes = forms::mistakes(visitor.t, error)?;
            let desk = open(web, visitor, handle).await?;
            let mut page = OfferPage::new(visitor, &desk, form.refused(mistakes), number)?;
            page.page.has_errors = true;
            errors::refused(&page)
        }
    }
}

/// `POST /compte/structure/{handle}/offres/{number}/suppression`
async fn delete(
    State(web): State<Web>,
    visitor: Visitor,
    Path((handle, number)): Path<(String, String)>,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    offers::delete(&web.app, &visitor.who, id, number_of(&number)?).await?;
    visitor.flash(Tone::Success, visitor.t.tr("L’offre est supprimée."));
    Ok(to_desk(&handle))
}
