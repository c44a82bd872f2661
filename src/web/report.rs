//! `/signaler?uri=`: tell the moderators that something is wrong, without account.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    Visitor, Web, WebError,
    components::Choice,
    errors,
    form::{FieldErrors, Form},
    forms::{self, CsrfForm},
    page::{Page, Tone},
    paths,
};
use crate::{
    app::{
        AppError,
        reports::{self, ReaderReport},
        subjects::{self, Subject},
    },
    domain::moderation::ReportReason,
    locales::Texts,
};

/// Nobody reads the page and explains what is wrong in less.
const LEAST_TIME: TimeDelta = TimeDelta::seconds(4);
/// A field that people do not see, and that programs fill in.
const TRAP: &str = "website";
/// When the form was shown, sealed.
const STARTED: &str = "started";

/// Routes of reports.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::REPORT, get(ask).post(receive))
}

#[derive(Debug, Deserialize)]
struct Target {
    #[serde(default)]
    uri: String,
}

/// `/signaler`
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub struct ReportPage {
    page: Page,
    form: Form,
    subject: Subject,
    reasons: Vec<Choice>,
    contact: String,
}

/// `GET /signaler?uri=`
async fn ask(
    State(web): State<Web>,
    visitor: Visitor,
    Query(target): Query<Target>,
) -> Result<Response, WebError> {
    let subject = subjects::find(&web.app, &target.uri).await?;
    let started = visitor.now().to_rfc3339();
    let sealed = web.app.secrets().seal(&started);
    let sealed = sealed.ok_or_else(|| AppError::internal("the time cannot be sealed"))?;
    let form = Form::default().with(STARTED, sealed);
    errors::shown(&ReportPage::new(&web, &visitor, subject, form)?)
}

/// `POST /signaler`
async fn receive(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let subject = subjects::find(&web.app, form.value("uri")).await?;
    web.limits.reports_by_client.take(visitor.client())?;
    let is_human = form.value(TRAP).is_empty();
    let typed = ReaderReport {
        uri: subject.uri.clone(),
        reason: form.value("reason").to_owned(),
        text: form.value("text").to_owned(),
    };
    let errors = match is_slow_enough(&web, &form, visitor.now()) {
        // whoever fell into the trap is thanked, so that nothing is learnt from it
        true if !is_human => FieldErrors::default(),
        true => match reports::receive_from_reader(&web.app, &typed).await {
            Ok(()) => FieldErrors::default(),
            Err(error) => forms::mistakes(visitor.t, error)?,
        },
        false => too_fast(visitor.t),
    };
    if !errors.is_empty() {
        let mut page = ReportPage::new(&web, &visitor, subject, form.refused(errors))?;
        page.page = page.page.with_errors();
        return errors::refused(&page);
    }
    visitor.flash(
        Tone::Success,
        visitor.t.tr("Merci. La modération lira votre signalement."),
    );
    Ok(Redirect::to(&subject.path).into_response())
}

fn is_slow_enough(web: &Web, form: &Form, now: DateTime<Utc>) -> bool {
    let started = web.app.secrets().unseal(form.value(STARTED));
    let started = started.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
    started.is_some_and(|started| now.signed_duration_since(started) >= LEAST_TIME)
}

fn too_fast(t: Texts) -> FieldErrors {
    let mut errors = FieldErrors::default();
    errors.add(
        "text",
        t.tr("Ce formulaire a été envoyé très vite. Relisez-le, puis envoyez-le à nouveau."),
    );
    errors
}

impl ReportPage {
    fn new(web: &Web, visitor: &Visitor, subject: Subject, form: Form) -> Result<Self, AppError> {
        let t = visitor.t;
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("uri", &subject.uri)
            .finish();
        Ok(Self {
            page: visitor
                .page_with_form(t.tr("Signaler un contenu"))?
                .under(t.tr("Petites annonces"), paths::ADS)
                .keeping(&query)
                .unlisted(),
            reasons: ReportReason::ALL
                .iter()
                .map(|reason| Choice::new(reason.as_str(), words_of(t, *reason)))
                .collect(),
            contact: web.app.config().instance.contact_email.clone(),
            form,
            subject,
        })
    }
}

fn words_of(t: Texts, reason: ReportReason) -> &'static str {
    match reason {
        ReportReason::Illegal => t.tr("C’est interdit par la loi"),
        ReportReason::OffTopic => t.tr("C’est de la publicité, ou hors sujet"),
        ReportReason::Impersonation => t.tr("Quelqu’un se fait passer pour une autre organisation"),
        ReportReason::PersonalData => t.tr("Des données personnelles sont montrées"),
        ReportReason::Other => t.tr("Autre chose"),
    }
}
