//! One ad in front of a moderator, with the facts that help to decide.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::{
    app::{
        AppError,
        ads::review::{self, Decision, ReviewFile},
    },
    domain::{ad::AdState, addresses, ids::AdId, organisation::Organisation, problem::Problem},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::{state_badge, summary::title_of, view::AdView},
        components::{Badge, Fact, TimelineEntry},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Link, Page, Tone},
        paths,
        workshop::{AdPath, page::conversation},
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::AD_REVIEW, get(show).post(decide))
}

/// `/moderation/annonces/{id}`
#[derive(Debug, Template)]
#[template(path = "moderation/ad.html")]
pub struct ReviewPage {
    /// The layout.
    pub page: Page,
    /// Where the decision is sent.
    pub action: String,
    /// Where the ad stands.
    pub state: Badge,
    /// What this moderator may do.
    pub judging: Judging,
    /// How readers would see it.
    pub view: AdView,
    /// Facts about the organisation.
    pub organisation: Vec<Fact>,
    /// Its members: name and role.
    pub members: Vec<String>,
    /// Ads of the organisation that readers have seen.
    pub published_before: u64,
    /// The hosts that the text leads to.
    pub hosts: Vec<String>,
    /// The addresses themselves.
    pub links: Vec<String>,
    /// Other ads with the same text.
    pub copies: Vec<Link>,
    /// Earlier requests, refusals and answers.
    pub conversation: Vec<TimelineEntry>,
    /// `decision`, `motive`.
    pub form: Form,
}

/// What a moderator may do about an ad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judging {
    /// Decide.
    Open,
    /// Nothing: they belong to its organisation.
    Recused,
    /// Nothing: a decision was made.
    Done,
}

impl ReviewPage {
    fn new(visitor: &Visitor, file: &ReviewFile, form: Form) -> Result<Self, AppError> {
        let t = visitor.t;
        let ad = &file.ad;
        let page = visitor
            .page_with_form(title_of(t, ad))?
            .under(t.tr("À modérer"), paths::MODERATION_QUEUE)
            .unlisted();
        let hosts: BTreeSet<&str> = file
            .links
            .iter()
            .filter_map(|link| link.host_str())
            .collect();
        Ok(Self {
            page: if form.errors.is_empty() {
                page
            } else {
                page.with_errors()
            },
            action: addresses::ad_review_path(ad.id),
            state: state_badge(t, ad.state),
            judging: match (ad.state, file.is_recused) {
                (AdState::InReview, true) => Judging::Recused,
                (AdState::InReview, false) => Judging::Open,
                _ => Judging::Done,
            },
            view: AdView::new(t, &ad.content, file.image.as_ref()),
            organisation: organisation_facts(t, &file.organisation),
            members: file
                .members
                .iter()
                .map(|member| format!("{} – {}", member.name, t.membership_role(member.role)))
                .collect(),
            published_before: u64::try_from(file.published_before).unwrap_or_default(),
            hosts: hosts.into_iter().map(str::to_owned).collect(),
            links: file.links.iter().map(ToString::to_string).collect(),
            copies: file
                .copies
                .iter()
                .map(|(copy, name)| {
                    let label = format!("{} – {name}", title_of(t, copy));
                    Link::new(label, addresses::ad_workshop_path(copy.id))
                })
                .collect(),
            conversation: conversation(t, &file.steps),
            form,
        })
    }

    fn is_open(&self) -> bool {
        self.judging == Judging::Open
    }

    fn is_recused(&self) -> bool {
        self.judging == Judging::Recused
    }
}

fn organisation_facts(t: Texts, organisation: &Organisation) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(t.tr("Nom"), &organisation.name),
        Fact::new(t.tr("Nature"), t.organisation_kind(organisation.kind)),
        Fact::new(
            t.tr("Forme juridique"),
            t.legal_form(organisation.legal_form),
        ),
    ];
    let numbers = [
        (t.tr("RNA"), &organisation.rna),
        (t.tr("SIREN"), &organisation.siren),
        (t.tr("SIRET"), &organisation.siret),
    ];
    for (name, number) in numbers {
        facts.extend(number.as_ref().map(|number| Fact::new(name, number)));
    }
    if let Some(website) = &organisation.website {
        facts.push(Fact::linked(t.tr("Site web"), website, website));
    }
    facts.push(Fact::new(
        t.tr("Enregistrée le"),
        t.date(organisation.created_at),
    ));
    let verified = match &organisation.verification {
        Some(verification) => t.trf(
            "Oui, {method}, le {date}",
            [
                ("method", t.verification_method(verification.method)),
                ("date", &t.date(verification.verified_at)),
            ],
        ),
        None => t.tr("Pas encore").to_owned(),
    };
    facts.push(Fact::new(t.tr("Vérifiée"), verified));
    facts
}

/// `GET /moderation/annonces/{id}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    let file = review::show(&web.app, &visitor.who, id).await?;
    errors::shown(&ReviewPage::new(&visitor, &file, Form::default())?)
}

fn decision_of(form: &Form) -> Result<Decision, AppError> {
    match form.value("decision") {
        "approve" => Ok(Decision::Approve),
        "refuse" => Ok(Decision::Refuse {
            motive: form.value("motive").to_owned(),
        }),
        _ => Err(AppError::field(
            "decision",
            Problem::new("Choisissez de publier ou de refuser."),
        )),
    }
}

/// `POST /moderation/annonces/{id}`
async fn decide(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    match apply(&web, &visitor, id, &form).await {
        Ok(said) => {
            visitor.flash(Tone::Success, said);
            Ok(Redirect::to(paths::MODERATION_QUEUE).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let file = review::show(&web.app, &visitor.who, id).await?;
            errors::refused(&ReviewPage::new(&visitor, &file, form)?)
        }
    }
}

async fn apply(
    web: &Web,
    visitor: &Visitor,
    id: AdId,
    form: &Form,
) -> Result<&'static str, AppError> {
    let decision = decision_of(form)?;
    let said = match decision {
        Decision::Approve => visitor
            .t
            .tr("L’annonce est publiée, et son organisation prévenue."),
        Decision::Refuse { .. } => visitor
            .t
            .tr("L’annonce est refusée. Son organisation reçoit vos explications."),
    };
    review::decide(&web.app, &visitor.who, id, decision).await?;
    Ok(said)
}
