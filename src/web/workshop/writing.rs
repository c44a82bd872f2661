//! Writing an ad. Nothing typed is ever lost: a form that is refused comes back as it was sent.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::{
    AdPath,
    form::{self, AdFormPage},
    page_below,
    picture::{self, Wish},
    to_workshop,
};
use crate::{
    app::{
        AppError,
        ads::{members, reading::Workshop, writing},
        organisations,
    },
    domain::{ids::AdId, organisation::Organisation, problem::Problems},
    web::{
        Visitor, Web, WebError,
        ads::changes,
        errors,
        form::{FieldErrors, Form},
        forms::{self, CsrfMultipart},
        page::{Link, Page, Tone},
        paths,
    },
};

/// Organisations among which one chooses.
const ORGANISATIONS: i64 = 50;

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::NEW_AD, get(start).post(create))
        .route(paths::AD_FORM, get(edit).post(save))
        .layer(forms::upload_limit())
}

/// `/compte/annonces/nouvelle`, for somebody who acts for several organisations.
#[derive(Debug, Template)]
#[template(path = "workshop/choose.html")]
pub struct ChoosePage {
    /// The layout.
    pub page: Page,
    /// The organisations, with the form of a new ad for each.
    pub organisations: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Start {
    #[serde(default)]
    organisation: String,
}

/// `GET /compte/annonces/nouvelle?organisation=…`
async fn start(
    State(web): State<Web>,
    visitor: Visitor,
    Query(query): Query<Start>,
) -> Result<Response, WebError> {
    if !query.organisation.is_empty() {
        let organisation =
            members::find_author(&web.app, &visitor.who, &query.organisation).await?;
        return show_blank(&visitor, &organisation);
    }
    let own = organisations::list_own(&web.app, &visitor.who, None, ORGANISATIONS).await?;
    match own.as_slice() {
        [] => Ok(to_new_organisation(&visitor)),
        [only] => show_blank(&visitor, &only.organisation),
        several => {
            let links = several.iter().map(|own| link_to_form(&own.organisation));
            errors::shown(&ChoosePage {
                page: new_page(&visitor)?,
                organisations: links.collect(),
            })
        }
    }
}

fn to_new_organisation(visitor: &Visitor) -> Response {
    let text = visitor
        .t
        .tr("Dites d’abord au nom de quelle organisation vous publiez.");
    visitor.flash(Tone::Note, text);
    Redirect::to(paths::NEW_ORGANISATION).into_response()
}

fn link_to_form(organisation: &Organisation) -> Link {
    let path = format!("{}?organisation={}", paths::NEW_AD, organisation.slug);
    Link::new(&organisation.name, path)
}

fn new_page(visitor: &Visitor) -> Result<Page, AppError> {
    let t = visitor.t;
    let page = visitor.page_with_form(t.tr("Publier un besoin"))?;
    Ok(page.under(t.tr("Mon espace"), paths::ACCOUNT).unlisted())
}

fn show_blank(visitor: &Visitor, organisation: &Organisation) -> Result<Response, WebError> {
    let form = form::blank(&organisation.slug);
    errors::shown(&new_form(visitor, organisation, form)?)
}

fn new_form(
    visitor: &Visitor,
    organisation: &Organisation,
    form: Form,
) -> Result<AdFormPage, AppError> {
    let action = paths::NEW_AD.to_owned();
    Ok(AdFormPage::new(
        new_page(visitor)?,
        form,
        action,
        &organisation.name,
    ))
}

/// `POST /compte/annonces/nouvelle`
async fn create(
    State(web): State<Web>,
    visitor: Visitor,
    sent: CsrfMultipart,
) -> Result<Response, WebError> {
    let slug = sent.form.value("organisation");
    let organisation = members::find_author(&web.app, &visitor.who, slug).await?;
    let wish = picture::read(visitor.t, &sent, false).await?;
    let typed = form::typed(&sent.form);
    match writing::create(&web.app, &visitor.who, organisation.id, &typed).await {
        Ok(id) => finish(&web, &visitor, id, sent.form, wish).await,
        Err(AppError::Invalid(problems)) => {
            let form = refuse(&visitor, sent.form, &problems, wish);
            refused(new_form(&visitor, &organisation, form)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /compte/annonces/{id}/modifier`
async fn edit(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    let workshop = members::open(&web.app, &visitor.who, id).await?;
    let form = form::filled(&workshop.ad, workshop.image.as_ref());
    errors::shown(&edit_form(&visitor, &workshop, form)?)
}

/// `POST /compte/annonces/{id}/modifier`
async fn save(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    sent: CsrfMultipart,
) -> Result<Response, WebError> {
    let workshop = members::open(&web.app, &visitor.who, id).await?;
    let wish = picture::read(visitor.t, &sent, workshop.image.is_some()).await?;
    let version = sent.form.value("version").parse().unwrap_or_default();
    let typed = form::typed(&sent.form);
    match writing::save(&web.app, &visitor.who, id, version, &typed).await {
        Ok(_) => finish(&web, &visitor, id, sent.form, wish).await,
        Err(AppError::Invalid(problems)) => {
            let form = refuse(&visitor, sent.form, &problems, wish);
            refused(edit_form(&visitor, &workshop, form)?)
        }
        Err(AppError::Conflict(why)) => {
            let present = members::open(&web.app, &visitor.who, id).await?;
            if present.ad.version == version {
                return Err(AppError::Conflict(why).into());
            }
            show_conflict(&visitor, &present, sent.form)
        }
        Err(error) => Err(error.into()),
    }
}

fn edit_form(visitor: &Visitor, workshop: &Workshop, form: Form) -> Result<AdFormPage, AppError> {
    let page = page_below(visitor, workshop, visitor.t.tr("Modifier l’annonce"))?;
    let action = edit_path(workshop.ad.id);
    let form = AdFormPage::new(page, form, action, &workshop.organisation.name);
    Ok(form.about(&workshop.ad, workshop.image.as_ref()))
}

fn edit_path(id: AdId) -> String {
    paths::at(paths::AD_FORM, [&id.to_string()])
}

/// Shows what a request for publication lacks, where it can be added.
pub(super) async fn show_incomplete(
    web: &Web,
    visitor: &Visitor,
    id: AdId,
    problems: &Problems,
) -> Result<Response, WebError> {
    let workshop = members::open(&web.app, &visitor.who, id).await?;
    let form = form::filled(&workshop.ad, workshop.image.as_ref());
    let errors = form::mistakes(visitor.t, &form, problems);
    refused(edit_form(visitor, &workshop, form.refused(errors))?)
}

/// The text is kept; now the picture, which may be refused by itself.
async fn finish(
    web: &Web,
    visitor: &Visitor,
    id: AdId,
    form: Form,
    wish: Result<Wish, FieldErrors>,
) -> Result<Response, WebError> {
    let t = visitor.t;
    match wish {
        Ok(wish) => {
            grant(web, visitor, id, wish).await?;
            visitor.flash(Tone::Success, t.tr("C’est enregistré."));
            Ok(to_workshop(id))
        }
        Err(errors) => {
            let workshop = members::open(&web.app, &visitor.who, id).await?;
            let form = form.replacing("version", workshop.ad.version.to_string());
            let mut page = edit_form(visitor, &workshop, form.refused(errors))?;
            page.kept = t.tr("Votre texte est enregistré. Il reste à corriger l’image.");
            refused(page)
        }
    }
}

async fn grant(web: &Web, visitor: &Visitor, id: AdId, wish: Wish) -> Result<(), AppError> {
    let (app, who) = (&web.app, &visitor.who);
    match wish {
        Wish::Keep => Ok(()),
        Wish::Remove => writing::remove_image(app, who, id).await,
        Wish::Describe(alt) => writing::describe_image(app, who, id, &alt).await,
        Wish::Replace(picture, alt) => writing::set_image(app, who, id, &picture, &alt).await,
    }
}

/// What was typed, with everything that is wrong with it.
fn refuse(
    visitor: &Visitor,
    form: Form,
    problems: &Problems,
    wish: Result<Wish, FieldErrors>,
) -> Form {
    let mut errors = form::mistakes(visitor.t, &form, problems);
    match wish {
        Ok(Wish::Replace(..)) => form::ask_for_picture_again(visitor.t, &mut errors),
        Ok(_) => {}
        Err(others) => errors.append(&others),
    }
    form.refused(errors)
}

fn refused(page: AdFormPage) -> Result<Response, WebError> {
    let layout = page.page.clone().with_errors();
    errors::refused(&AdFormPage {
        page: layout,
        ..page
    })
}

/// Somebody else saved meanwhile: both texts are shown, and sending again replaces theirs.
fn show_conflict(visitor: &Visitor, present: &Workshop, form: Form) -> Result<Response, WebError> {
    let theirs = present.ad.content.to_input();
    let conflicts = changes::list(visitor.t, &theirs, &form::typed(&form));
    let form = form.replacing("version", present.ad.version.to_string());
    let page = edit_form(visitor, present, form)?;
    let html = AdFormPage {
        page: page.page.clone().with_errors(),
        conflicts,
        ..page
    }
    .render()?;
    Ok((StatusCode::CONFLICT, Html(html)).into_response())
}
