//! Writing the profile of a structure. Nothing typed is ever lost: a form that is refused, or that
//! was made from an older profile, comes back as it was sent.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{
    form::{self, Choices},
    open, page_below, to_desk, values,
};
use crate::{
    app::{
        AppError,
        hosts::{Desk, writing},
    },
    domain::host::{HostField, HostInput, HostProfile, HostState},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::changes::{self, Change},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
    },
};

pub(super) fn routes() -> Router<Web> {
    Router::new().route(paths::HOST_FORM, get(show).post(save))
}

/// `/compte/structure/{handle}/fiche`
#[derive(Debug, Template)]
#[template(path = "hosts/form.html")]
pub struct HostFormPage {
    pub page: Page,
    /// The fields of `HostInput`, `departements`, `version`.
    pub form: Form,
    pub action: String,
    pub choices: Choices,
    /// Where each field comes from, and when.
    pub sources: Vec<(HostField, String)>,
    /// Whether readers see the changes at once.
    pub is_accepted: bool,
    /// What somebody else changed meanwhile, against what was typed here.
    pub conflicts: Vec<Change>,
}

impl HostFormPage {
    fn new(visitor: &Visitor, desk: &Desk, form: Form) -> Result<Self, AppError> {
        let t = visitor.t;
        let sources = desk.sourced.sources.iter();
        Ok(Self {
            page: page_below(visitor, desk, t.tr("Modifier la fiche"))?,
            action: paths::at(paths::HOST_FORM, [&desk.host.handle]),
            choices: Choices::new(t),
            sources: sources
                .map(|(field, source)| (*field, values::source_of(t, source)))
                .collect(),
            is_accepted: desk.host.state == HostState::Accepted,
            conflicts: Vec::new(),
            form,
        })
    }

    /// What is said below the name of a field: the advice, then where its value comes from.
    fn hint(&self, field: HostField, advice: &str) -> String {
        let mut sources = self.sources.iter();
        let source = sources.find(|(known, _)| *known == field);
        match source {
            Some((_, source)) => format!("{advice} {source}").trim().to_owned(),
            None => advice.to_owned(),
        }
    }
}

/// `GET /compte/structure/{handle}/fiche`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
) -> Result<Response, WebError> {
    let desk = open(&web, &visitor, &handle).await?;
    let form = form::filled(&HostInput::from(&desk.sourced.profile));
    let form = form.with("version", desk.host.version.to_string());
    errors::shown(&HostFormPage::new(&visitor, &desk, form)?)
}

/// `POST /compte/structure/{handle}/fiche`
async fn save(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let desk = open(&web, &visitor, &handle).await?;
    let version = form.value("version").parse().unwrap_or_default();
    let typed = form::typed(&form);
    match writing::save(&web.app, &visitor.who, desk.host.id, version, &typed).await {
        Ok(_) => {
            visitor.flash(Tone::Success, visitor.t.tr("C’est enregistré."));
            Ok(to_desk(&handle))
        }
        Err(AppError::Invalid(problems)) => {
            let errors = forms::field_errors(visitor.t, &problems);
            let mut page = HostFormPage::new(&visitor, &desk, form.refused(errors))?;
            page.page.has_errors = true;
            errors::refused(&page)
        }
        Err(AppError::Conflict(why)) => {
            let present = open(&web, &visitor, &handle).await?;
            if present.host.version == version {
                return Err(AppError::Conflict(why).into());
            }
            show_conflict(&web, &visitor, &present, form)
        }
        Err(error) => Err(error.into()),
    }
}

/// Somebody else saved meanwhile: both are shown, and sending again replaces theirs.
fn show_conflict(
    web: &Web,
    visitor: &Visitor,
    present: &Desk,
    form: Form,
) -> Result<Response, WebError> {
    let t = visitor.t;
    let typed = form::typed(&form).check(web.app.today());
    let conflicts = typed.map_or_else(
        |_| Vec::new(),
        |mine| changes::between(readable(t, &present.sourced.profile), readable(t, &mine)),
    );
    let form = form.replacing("version", present.host.version.to_string());
    let mut page = HostFormPage::new(visitor, present, form)?;
    page.page.has_errors = true;
    page.conflicts = conflicts;
    Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
}

/// What each field says, in words.
pub(super) fn readable(t: Texts, profile: &HostProfile) -> Vec<(&'static str, String)> {
    let fields = HostField::ALL.iter();
    fields
        .map(|field| (t.host_field(*field), values::value_of(t, profile, *field)))
        .collect()
}
