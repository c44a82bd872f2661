//! Declaring an accompaniment. Nothing typed is ever lost: a form that is refused comes back.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::page_below;
use crate::{
    app::{
        AppError,
        accompaniments::declaring::{self, DeclarationInput},
        organisations,
    },
    domain::{
        accompaniment::{AccompanimentInput, Party},
        host::{LineKind, PriceBracket},
        organisation::Organisation,
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::Choice,
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Link, Page, Tone},
        paths,
    },
};

/// Organisations among which one chooses.
const ORGANISATIONS: i64 = 50;

pub(super) fn routes() -> Router<Web> {
    Router::new().route(paths::NEW_PACT, get(start).post(declare))
}

/// `/compte/accompagnements/nouveau`, for somebody who acts for several organisations.
#[derive(Debug, Template)]
#[template(path = "pacts/choose.html")]
pub struct ChoosePage {
    /// The layout.
    pub page: Page,
    pub organisations: Vec<Link>,
}

/// `/compte/accompagnements/nouveau`
#[derive(Debug, Template)]
#[template(path = "pacts/declare.html")]
pub struct DeclarePage {
    /// The layout.
    pub page: Page,
    /// `organisation`, `page`, `name`, `email`, and the fields of `AccompanimentInput`.
    pub form: Form,
    /// The organisation that declares.
    pub organisation: String,
    /// The side on which it is.
    pub party: Party,
    pub lines: Vec<Choice>,
    pub brackets: Vec<Choice>,
}

impl DeclarePage {
    fn is_host(&self) -> bool {
        self.party == Party::Host
    }
}

#[derive(Debug, Deserialize)]
struct Start {
    #[serde(default)]
    organisation: String,
    /// Page of the other side, to fill the form in.
    #[serde(default)]
    avec: String,
}

/// `GET /compte/accompagnements/nouveau?organisation=…&avec=…`
async fn start(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Start>,
) -> Result<Response, WebError> {
    if !asked.organisation.is_empty() {
        return show_blank(&web, &visitor, &asked.organisation, &asked.avec).await;
    }
    let own = organisations::list_own(&web.app, &visitor.who, None, ORGANISATIONS).await?;
    match own.as_slice() {
        [] => {
            let text = visitor
                .t
                .tr("Dites d’abord pour quelle organisation vous agissez.");
            visitor.flash(Tone::Note, text);
            Ok(Redirect::to(paths::NEW_ORGANISATION).into_response())
        }
        [only] => show_blank(&web, &visitor, &only.organisation.slug, &asked.avec).await,
        several => {
            let link = |it: &Organisation| {
                let path = format!("{}?organisation={}", paths::NEW_PACT, it.slug);
                Link::new(&it.name, path)
            };
            errors::shown(&ChoosePage {
                page: page_below(&visitor, visitor.t.tr("Déclarer un accompagnement"))?,
                organisations: several.iter().map(|own| link(&own.organisation)).collect(),
            })
        }
    }
}

async fn show_blank(
    web: &Web,
    visitor: &Visitor,
    slug: &str,
    with: &str,
) -> Result<Response, WebError> {
    let (organisation, party) = declaring::find_side(&web.app, &visitor.who, slug).await?;
    let form = Form::default()
        .with("organisation", &organisation.slug)
        .with("page", with);
    errors::shown(&page(visitor, &organisation, party, form)?)
}

/// `POST /compte/accompagnements/nouveau`
async fn declare(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let slug = form.value("organisation");
    let (organisation, party) = declaring::find_side(&web.app, &visitor.who, slug).await?;
    let input = DeclarationInput {
        page: form.value("page").to_owned(),
        name: form.value("name").to_owned(),
        email: form.value("email").to_owned(),
        accompaniment: typed(&form),
    };
    match declaring::declare(&web.app, &visitor.who, slug, party, &input).await {
        Ok(id) => {
            let text = visitor
                .t
                .tr("C’est enregistré. L’autre organisation reçoit un courriel qui lui demande de confirmer.");
            visitor.flash(Tone::Success, text);
            let path = paths::at(paths::PACT, [&id.to_string()]);
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = page(&visitor, &organisation, party, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

fn typed(form: &Form) -> AccompanimentInput {
    let value = |field: &str| form.value(field).to_owned();
    AccompanimentInput {
        lines: form.values("lines").map(str::to_owned).collect(),
        text: value("text"),
        tools_before: value("tools_before"),
        tools_after: value("tools_after"),
        started_on: value("started_on"),
        ended_on: value("ended_on"),
        volunteer_hours: value("volunteer_hours"),
        cost_bracket: value("cost_bracket"),
        is_founding: form.is_chosen("is_founding", "on"),
    }
}

fn page(
    visitor: &Visitor,
    organisation: &Organisation,
    party: Party,
    form: Form,
) -> Result<DeclarePage, AppError> {
    let t = visitor.t;
    Ok(DeclarePage {
        page: page_below(visitor, t.tr("Déclarer un accompagnement"))?,
        form,
        organisation: organisation.name.clone(),
        party,
        lines: lines(t),
        brackets: brackets(t),
    })
}

fn lines(t: Texts) -> Vec<Choice> {
    LineKind::ALL
        .iter()
        .map(|line| Choice::new(line.as_str(), t.line_kind(*line)))
        .collect()
}

fn brackets(t: Texts) -> Vec<Choice> {
    PriceBracket::ALL
        .iter()
        .map(|bracket| Choice::new(bracket.as_str(), t.price_bracket(*bracket)))
        .collect()
}
