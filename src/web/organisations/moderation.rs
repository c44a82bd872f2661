//! Organisations that moderators verify.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{facts, mark};
use crate::{
    app::{
        AppError,
        organisations::{self, Candidate},
    },
    domain::{
        ids::OrganisationId,
        organisation::{Organisation, Standing, VerificationMethod},
        problem::Problem,
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{Badge, Choice, Fact, Pagination, When},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Link, Page, Tone},
        paths,
    },
};

/// Organisations on one page.
const PAGE: i64 = 20;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::ORGANISATIONS_TO_VERIFY, get(list))
        .route(paths::ORGANISATION_TO_VERIFY, get(show))
        .route(paths::VERIFICATION, post(verify))
        .route(paths::VERIFICATION_REMOVAL, post(withdraw))
}

/// An organisation in the list.
#[derive(Debug)]
pub struct CandidateLine {
    pub url: String,
    pub name: String,
    pub kind: &'static str,
    pub since: When,
    /// What catches the eye of a moderator, in a few words each.
    pub signs: Vec<String>,
}

/// `/moderation/organisations`
#[derive(Debug, Template)]
#[template(path = "organisations/candidates.html")]
pub struct CandidatesPage {
    pub page: Page,
    pub standing: Standing,
    pub candidates: Vec<CandidateLine>,
    pub pages: Pagination,
}

/// `/moderation/organisations/{slug}`
#[derive(Debug, Template)]
#[template(path = "organisations/candidate.html")]
pub struct CandidatePage {
    pub page: Page,
    pub mark: Option<Badge>,
    pub facts: Vec<Fact>,
    /// Public registers where its numbers can be looked up.
    pub registers: Vec<Link>,
    pub created: When,
    pub has_mail_at_website: Option<bool>,
    pub namesakes: Vec<Link>,
    /// `method`, or `motive`.
    pub form: Form,
    pub methods: Vec<Choice>,
    pub verify_action: String,
    pub withdraw_action: String,
}

#[derive(Debug, Deserialize)]
struct Asked {
    etat: Option<String>,
    apres: Option<String>,
}

/// `GET /moderation/organisations`
async fn list(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let t = visitor.t;
    let standing = asked.etat.as_deref().and_then(Standing::parse);
    let standing = standing.unwrap_or(Standing::Unverified);
    let after = asked.apres.as_deref().and_then(OrganisationId::parse);
    let who = &visitor.who;
    let found = organisations::list_candidates(&web.app, who, standing, after, PAGE).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
    let last = found.last().filter(|_| is_full);
    let base = paths::ORGANISATIONS_TO_VERIFY;
    let pages = Pagination {
        previous: after.map(|_| format!("{base}?etat={standing}")),
        next: last.map(|it| format!("{base}?etat={standing}&apres={}", it.organisation.id)),
    };
    errors::shown(&CandidatesPage {
        page: visitor.page(t.tr("Organisations à vérifier")).unlisted(),
        standing,
        candidates: found.iter().map(|it| line(t, it)).collect(),
        pages,
    })
}

/// `GET /moderation/organisations/{slug}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let candidate = organisations::show_candidate(&web.app, &visitor.who, &slug).await?;
    errors::shown(&candidate_page(&visitor, candidate, Form::default())?)
}

/// `POST /moderation/organisations/{slug}/verification`
async fn verify(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let done = if let Some(method) = VerificationMethod::parse(form.value("method")) {
        organisations::verify(&web.app, &visitor.who, &slug, method).await
    } else {
        let problem = Problem::new("Dites comment vous avez vérifié.");
        Err(AppError::field("method", problem))
    };
    let success = visitor
        .t
        .tr("L’organisation est vérifiée. Ses administrateur·ices reçoivent un message.");
    answer(&web, &visitor, &slug, form, done, success).await
}

/// `POST /moderation/organisations/{slug}/verification/retrait`
async fn withdraw(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let (app, who, motive) = (&web.app, &visitor.who, form.value("motive"));
    let done = organisations::withdraw_verification(app, who, &slug, motive).await;
    let success = visitor.t.tr("La vérification est retirée.");
    answer(&web, &visitor, &slug, form, done, success).await
}

async fn answer(
    web: &Web,
    visitor: &Visitor,
    slug: &str,
    form: Form,
    done: Result<(), AppError>,
    success: &str,
) -> Result<Response, WebError> {
    match done {
        Ok(()) => {
            visitor.flash(Tone::Success, success);
            let target = paths::at(paths::ORGANISATION_TO_VERIFY, [slug]);
            Ok(Redirect::to(&target).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let candidate = organisations::show_candidate(&web.app, &visitor.who, slug).await?;
            let mut refused = candidate_page(visitor, candidate, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

fn line(t: Texts, candidate: &Candidate) -> CandidateLine {
    let organisation = &candidate.organisation;
    let mut signs = Vec::new();
    if candidate.has_mail_at_website == Some(true) {
        signs.push(t.tr("une adresse de courriel au nom du site").to_owned());
    }
    if organisation.rna.is_none() && organisation.siren.is_none() {
        signs.push(t.tr("aucun numéro d’identification").to_owned());
    }
    if !candidate.namesakes.is_empty() {
        signs.push(t.trn(
            "le même numéro que {n} autre organisation",
            "le même numéro que {n} autres organisations",
            candidate.namesakes.len(),
        ));
    }
    CandidateLine {
        url: paths::at(paths::ORGANISATION_TO_VERIFY, [&organisation.slug]),
        name: organisation.name.clone(),
        kind: t.organisation_kind(organisation.kind),
        since: When::day(t, organisation.created_at),
        signs,
    }
}

fn candidate_page(
    visitor: &Visitor,
    candidate: Candidate,
    form: Form,
) -> Result<CandidatePage, WebError> {
    let t = visitor.t;
    let organisation = candidate.organisation;
    let slug = organisation.slug.as_str();
    let page = visitor.page_with_form(organisation.name.clone())?;
    let namesake = |(slug, name): (String, String)| {
        Link::new(name, paths::at(paths::ORGANISATION_TO_VERIFY, [&slug]))
    };
    Ok(CandidatePage {
        page: page
            .under(
                t.tr("Organisations à vérifier"),
                paths::ORGANISATIONS_TO_VERIFY,
            )
            .unlisted(),
        mark: mark(t, &organisation),
        facts: facts(t, &organisation),
        registers: registers(t, &organisation),
        created: When::day(t, organisation.created_at),
        has_mail_at_website: candidate.has_mail_at_website,
        namesakes: candidate.namesakes.into_iter().map(namesake).collect(),
        form,
        methods: VerificationMethod::ALL
            .iter()
            .map(|method| Choice::new(method.as_str(), t.verification_method(*method)))
            .collect(),
        verify_action: paths::at(paths::VERIFICATION, [slug]),
        withdraw_action: paths::at(paths::VERIFICATION_REMOVAL, [slug]),
    })
}

/// Where the numbers of an organisation can be looked up, each with its whole address as words.
pub(in crate::web) fn registers(t: Texts, organisation: &Organisation) -> Vec<Link> {
    let mut links = Vec::new();
    if let Some(siren) = &organisation.siren {
        links.push(Link::new(
            t.tr("Annuaire des entreprises"),
            format!("https://annuaire-entreprises.data.gouv.fr/entreprise/{siren}"),
        ));
    }
    if let Some(rna) = &organisation.rna {
        links.push(Link::new(
            t.tr("Annuaire des entreprises, par numéro RNA"),
            format!("https://annuaire-entreprises.data.gouv.fr/rechercher?terme={rna}"),
        ));
        links.push(Link::new(
            t.tr("Journal officiel des associations"),
            format!("https://www.journal-officiel.gouv.fr/pages/associations-recherche/?q={rna}"),
        ));
    }
    links
}
