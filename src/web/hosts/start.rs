//! Starting the profile of a structure: for which organisation, under which name of account.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::to_desk;
use crate::{
    app::{
        AppError,
        hosts::{self, writing},
        organisations,
    },
    domain::organisation::{Organisation, OrganisationKind},
    web::{
        Visitor, Web, WebError, errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Link, Page, Tone},
        paths,
    },
};

/// Organisations among which one chooses.
const ORGANISATIONS: i64 = 50;

pub(super) fn routes() -> Router<Web> {
    Router::new().route(paths::NEW_HOST, get(show).post(create))
}

/// `/compte/structure/nouvelle`, for somebody who acts for several organisations.
#[derive(Debug, Template)]
#[template(path = "workshop/choose.html")]
pub struct ChoosePage {
    pub page: Page,
    /// The organisations, with the form of each.
    pub organisations: Vec<Link>,
}

/// The name of the account.
#[derive(Debug, Template)]
#[template(path = "hosts/start.html")]
pub struct StartPage {
    pub page: Page,
    /// `handle`, `organisation`.
    pub form: Form,
    pub organisation: String,
    /// What follows the name of the account: `@lyon.example`.
    pub site: String,
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    organisation: String,
}

/// `GET /compte/structure/nouvelle?organisation=…`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    if !asked.organisation.is_empty() {
        let organisation = find_organisation(&web, &visitor, &asked.organisation).await?;
        return show_start(&web, &visitor, &organisation).await;
    }
    let own = organisations::list_own(&web.app, &visitor.who, None, ORGANISATIONS).await?;
    match own.as_slice() {
        [] => Ok(to_new_organisation(&visitor)),
        [only] => show_start(&web, &visitor, &only.organisation).await,
        several => {
            let link = |organisation: &Organisation| {
                let path = format!("{}?organisation={}", paths::NEW_HOST, organisation.slug);
                Link::new(&organisation.name, path)
            };
            errors::shown(&ChoosePage {
                page: start_page(&visitor)?,
                organisations: several.iter().map(|own| link(&own.organisation)).collect(),
            })
        }
    }
}

fn to_new_organisation(visitor: &Visitor) -> Response {
    let text = visitor
        .t
        .tr("Dites d’abord au nom de quelle structure vous venez.");
    visitor.flash(Tone::Note, text);
    let kind = OrganisationKind::Structure.as_str();
    Redirect::to(&format!("{}?type={kind}", paths::NEW_ORGANISATION)).into_response()
}

async fn find_organisation(
    web: &Web,
    visitor: &Visitor,
    slug: &str,
) -> Result<Organisation, WebError> {
    let workshop = organisations::show_workshop(&web.app, &visitor.who, slug).await?;
    Ok(workshop.organisation)
}

fn start_page(visitor: &Visitor) -> Result<Page, AppError> {
    let t = visitor.t;
    let page = visitor.page_with_form(t.tr("Présenter votre structure"))?;
    Ok(page.under(t.tr("Mon espace"), paths::ACCOUNT).unlisted())
}

async fn show_start(
    web: &Web,
    visitor: &Visitor,
    organisation: &Organisation,
) -> Result<Response, WebError> {
    let (app, who) = (&web.app, &visitor.who);
    if let Some(host) = hosts::find_of_organisation(app, who, organisation.id).await? {
        return Ok(to_desk(&host.handle));
    }
    let handle = writing::propose_handle(app, who, organisation.id).await?;
    let form = Form::default()
        .with("organisation", &organisation.slug)
        .with("handle", handle);
    errors::shown(&StartPage {
        page: start_page(visitor)?,
        form,
        organisation: organisation.name.clone(),
        site: site_of(web),
    })
}

fn site_of(web: &Web) -> String {
    format!("@{}", web.app.config().public_url.authority())
}

/// `POST /compte/structure/nouvelle`
async fn create(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let slug = form.value("organisation");
    let organisation = find_organisation(&web, &visitor, slug).await?;
    let handle = form.value("handle");
    match writing::create(&web.app, &visitor.who, organisation.id, handle).await {
        Ok(host) => {
            let text = visitor
                .t
                .tr("La fiche est commencée. Personne ne la voit encore.");
            visitor.flash(Tone::Success, text);
            Ok(to_desk(&host.handle))
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            errors::refused(&StartPage {
                page: start_page(&visitor)?.with_errors(),
                form,
                organisation: organisation.name,
                site: site_of(&web),
            })
        }
    }
}
