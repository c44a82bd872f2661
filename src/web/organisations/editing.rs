//! The form of an organisation, new or changed.

use askama::Template;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};

use crate::{
    app::{AppError, organisations},
    domain::{
        organisation::{LegalForm, Organisation, OrganisationInput, OrganisationKind},
        problem::{Problem, Problems},
        territory::{self, Commune},
    },
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

/// How many communes are proposed while one types.
const SUGGESTIONS: usize = 12;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::NEW_ORGANISATION, get(show_new).post(create))
        .route(paths::ORGANISATION_FORM, get(show_edit).post(edit))
        .route(paths::COMMUNES, get(suggest_communes))
}

/// `/compte/organisations/nouvelle`, before the kind is known.
#[derive(Debug, Template)]
#[template(path = "organisations/kind.html")]
pub struct KindPage {
    pub page: Page,
    /// `type`.
    pub form: Form,
    pub kinds: Vec<Choice>,
}

/// The form itself.
#[derive(Debug, Template)]
#[template(path = "organisations/form.html")]
pub struct OrganisationFormPage {
    pub page: Page,
    /// `kind`, `legal_form`, `name`, `rna`, `siren`, `postal_code`, `commune`, `website`.
    pub form: Form,
    pub action: String,
    pub legal_forms: Vec<Choice>,
    /// Communes of the postal code typed; empty when it has none or one.
    pub communes: Vec<Choice>,
    pub is_new: bool,
    /// Whether a new name would end the verification.
    pub is_verified: bool,
}

#[derive(Debug, Deserialize)]
struct Kind {
    r#type: Option<String>,
}

/// `GET /compte/organisations/nouvelle`
async fn show_new(visitor: Visitor, Query(asked): Query<Kind>) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let form = Form::default();
    match asked.r#type.as_deref().map(OrganisationKind::parse) {
        Some(Some(kind)) => {
            let form = form.with("kind", kind.as_str());
            errors::shown(&new_page(&visitor, form)?)
        }
        None => errors::shown(&kind_page(&visitor, form)?),
        Some(None) => {
            let problem = Problem::new("Choisissez au nom de qui vous venez.");
            let mistakes = forms::field_errors(visitor.t, &Problems::one("type", problem));
            let mut refused = kind_page(&visitor, form.refused(mistakes))?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

/// `POST /compte/organisations/nouvelle`
async fn create(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    match organisations::create(&web.app, &visitor.who, &input_of(&form)).await {
        Ok(organisation) => {
            let text = visitor.t.trf(
                "{name} est enregistrée. Vous pouvez maintenant publier un besoin.",
                [("name", organisation.name.as_str())],
            );
            visitor.flash(Tone::Success, text);
            Ok(to_desk(&organisation.slug))
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = new_page(&visitor, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

/// `GET /compte/organisations/{slug}/modifier`
async fn show_edit(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let organisation = find_own(&web, &visitor, &slug).await?;
    let form = form_of(&organisation);
    errors::shown(&edit_page(&visitor, &organisation, form)?)
}

/// `POST /compte/organisations/{slug}/modifier`
async fn edit(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let before = find_own(&web, &visitor, &slug).await?;
    match organisations::edit(&web.app, &visitor.who, &slug, &input_of(&form)).await {
        Ok(after) => {
            let t = visitor.t;
            if before.verification.is_some() && after.verification.is_none() {
                let text =
                    t.tr("C’est enregistré. La modération doit vérifier à nouveau l’organisation.");
                visitor.flash(Tone::Warning, text);
            } else {
                visitor.flash(Tone::Success, t.tr("C’est enregistré."));
            }
            Ok(to_desk(&slug))
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = edit_page(&visitor, &before, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

/// The organisation, for whoever may change it.
async fn find_own(web: &Web, visitor: &Visitor, slug: &str) -> Result<Organisation, WebError> {
    let workshop = organisations::show_workshop(&web.app, &visitor.who, slug).await?;
    if workshop.is_administrator() {
        return Ok(workshop.organisation);
    }
    Err(
        AppError::forbidden("Cette action est réservée aux administrateur·ices de l’organisation.")
            .into(),
    )
}

fn to_desk(slug: &str) -> Response {
    Redirect::to(&paths::at(paths::ORGANISATION_DESK, [slug])).into_response()
}

fn kind_page(visitor: &Visitor, form: Form) -> Result<KindPage, WebError> {
    let t = visitor.t;
    let page = visitor.page_with_form(t.tr("Ajouter une organisation"))?;
    Ok(KindPage {
        page: page.under(t.tr("Mon espace"), paths::ACCOUNT).unlisted(),
        form,
        kinds: vec![
            Choice::new(
                OrganisationKind::Association.as_str(),
                t.tr("Une association"),
            )
            .explained(t.tr("Elle a un besoin en logiciels libres, et le publie.")),
            Choice::new(
                OrganisationKind::Structure.as_str(),
                t.tr("Une structure qui accompagne"),
            )
            .explained(t.tr("Elle héberge, forme, développe ou accompagne des associations.")),
        ],
    })
}

fn new_page(visitor: &Visitor, form: Form) -> Result<OrganisationFormPage, WebError> {
    let t = visitor.t;
    let title = match OrganisationKind::parse(form.value("kind")) {
        Some(OrganisationKind::Structure) => t.tr("Ajouter une structure"),
        _ => t.tr("Ajouter une association"),
    };
    let page = visitor.page_with_form(title)?;
    Ok(OrganisationFormPage {
        page: page.under(t.tr("Mon espace"), paths::ACCOUNT).unlisted(),
        action: paths::NEW_ORGANISATION.to_owned(),
        legal_forms: legal_forms(t, form.value("kind")),
        communes: communes(form.value("postal_code")),
        is_new: true,
        is_verified: false,
        form,
    })
}

fn edit_page(
    visitor: &Visitor,
    organisation: &Organisation,
    form: Form,
) -> Result<OrganisationFormPage, WebError> {
    let t = visitor.t;
    let desk = paths::at(paths::ORGANISATION_DESK, [&organisation.slug]);
    let page = visitor.page_with_form(t.tr("Modifier l’organisation"))?;
    Ok(OrganisationFormPage {
        page: page
            .under(t.tr("Mon espace"), paths::ACCOUNT)
            .under(organisation.name.clone(), desk)
            .unlisted(),
        action: paths::at(paths::ORGANISATION_FORM, [&organisation.slug]),
        legal_forms: legal_forms(t, form.value("kind")),
        communes: communes(form.value("postal_code")),
        is_new: false,
        is_verified: organisation.verification.is_some(),
        form,
    })
}

fn legal_forms(t: Texts, kind: &str) -> Vec<Choice> {
    let kind = OrganisationKind::parse(kind).unwrap_or(OrganisationKind::Association);
    LegalForm::ALL
        .iter()
        .filter(|form| form.fits(kind))
        .map(|form| Choice::new(form.as_str(), t.legal_form(*form)))
        .collect()
}

fn communes(postal_code: &str) -> Vec<Choice> {
    let postal_code: String = postal_code.chars().filter(|c| !c.is_whitespace()).collect();
    let found = territory::communes_with_postal_code(&postal_code);
    if found.len() < 2 {
        return Vec::new();
    }
    found
        .iter()
        .map(|commune| Choice::new(commune.code, commune.name))
        .collect()
}

fn input_of(form: &Form) -> OrganisationInput {
    let value = |field| form.value(field).to_owned();
    OrganisationInput {
        kind: value("kind"),
        legal_form: value("legal_form"),
        name: value("name"),
        rna: value("rna"),
        siren: value("siren"),
        commune: value("commune"),
        postal_code: value("postal_code"),
        website: value("website"),
    }
}

fn form_of(organisation: &Organisation) -> Form {
    let number = organisation.siret.as_ref().or(organisation.siren.as_ref());
    let commune = organisation
        .commune_code
        .as_deref()
        .and_then(territory::find_commune);
    let postal_code = commune.and_then(|commune| commune.postal_codes().next());
    Form::default()
        .with("kind", organisation.kind.as_str())
        .with("legal_form", organisation.legal_form.as_str())
        .with("name", organisation.name.clone())
        .with("rna", organisation.rna.clone().unwrap_or_default())
        .with("siren", number.cloned().unwrap_or_default())
        .with("postal_code", postal_code.unwrap_or_default())
        .with("commune", commune.map_or("", |commune| commune.code))
        .with("website", organisation.website.clone().unwrap_or_default())
}

#[derive(Debug, Deserialize)]
struct Typed {
    #[serde(default)]
    q: String,
}

/// A commune, as script reads it.
#[derive(Debug, Serialize)]
struct CommuneDocument {
    code: &'static str,
    name: &'static str,
    departement: &'static str,
}

impl From<&'static Commune> for CommuneDocument {
    fn from(commune: &'static Commune) -> Self {
        Self {
            code: commune.code,
            name: commune.name,
            departement: commune.departement.name,
        }
    }
}

/// `GET /communes?q=`: all those of a postal code, or the first whose name begins so.
async fn suggest_communes(Query(typed): Query<Typed>) -> impl IntoResponse {
    let of_postal_code = territory::communes_with_postal_code(typed.q.trim());
    let found = if of_postal_code.is_empty() {
        territory::suggest_communes(&typed.q, SUGGESTIONS)
    } else {
        of_postal_code
    };
    let documents: Vec<CommuneDocument> = found.into_iter().map(Into::into).collect();
    (
        [(header::CACHE_CONTROL, "public, max-age=86400")],
        Json(documents),
    )
}
