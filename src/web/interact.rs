//! `/interagir?uri=`: follow or answer from one's own account, on another site.
//!
//! The form changes nothing here, so it needs no cookie. It is sent with POST all the same: a link
//! made by somebody else never leads out of this site, only a form of ours does
//! (`forms::refuse_foreign`).

use askama::Template;
use axum::{
    Router,
    extract::{Query, RawForm, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{
    Visitor, Web, WebError, errors, form::Form, forms, page::Page, paths,
    security_headers::CONTENT_SECURITY_POLICY,
};
use crate::{
    app::{
        AppError,
        remote_follow::{self, Lead},
        subjects::{self, Subject, SubjectKind},
    },
    domain::authority::authority_of,
};

const CSP: HeaderName = header::CONTENT_SECURITY_POLICY;

/// Routes of remote interactions.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::INTERACT, get(ask).post(lead))
}

/// What is asked for: the id of something of ours.
#[derive(Debug, Deserialize)]
struct Target {
    #[serde(default)]
    uri: String,
}

/// `/interagir`
#[derive(Debug, Template)]
#[template(path = "interact.html")]
pub struct InteractPage {
    page: Page,
    form: Form,
    /// `None` when nothing of ours has this address.
    subject: Option<Subject>,
    /// What one copies: a handle, or the address of a post.
    address: String,
    is_actor: bool,
    next: Next,
}

/// What the visitor does next.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Says where their account is.
    Type,
    /// Searches for the address from their own site.
    Copy { host: String },
    /// Goes on to another site than the one they named.
    GoOn { host: String, url: String },
}

/// `GET /interagir?uri=`
async fn ask(
    State(web): State<Web>,
    visitor: Visitor,
    Query(target): Query<Target>,
) -> Result<Response, WebError> {
    match subjects::find(&web.app, &target.uri).await {
        Ok(subject) => {
            let page = InteractPage::new(&visitor, Some(subject), Form::default(), Next::Type);
            Ok(letting_out(&web, errors::shown(&page)?))
        }
        Err(AppError::NotFound(_)) => {
            let page = InteractPage::new(&visitor, None, Form::default(), Next::Type);
            Ok((StatusCode::NOT_FOUND, Html(page.render()?)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /interagir`
async fn lead(
    State(web): State<Web>,
    visitor: Visitor,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let form = Form::from_pairs(
        form_urlencoded::parse(&body)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
    );
    let subject = subjects::find(&web.app, form.value("uri")).await?;
    web.limits.leads_by_client.take(visitor.client())?;
    let found = remote_follow::lead(&web.app, &*web.directory, &subject, form.value("account"));
    let next = match found.await {
        Ok(Lead::Home(url)) => {
            return Ok(letting_out(
                &web,
                Redirect::to(url.as_str()).into_response(),
            ));
        }
        Ok(Lead::Elsewhere(url)) => Next::GoOn {
            host: host_of(&url),
            url: url.into(),
        },
        Ok(Lead::Copy { host }) => Next::Copy { host },
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut page = InteractPage::new(&visitor, Some(subject), form, Next::Type);
            page.page = page.page.with_errors();
            return Ok(letting_out(&web, errors::refused(&page)?));
        }
    };
    let page = InteractPage::new(&visitor, Some(subject), form, next);
    Ok(letting_out(&web, errors::shown(&page)?))
}

fn host_of(url: &Url) -> String {
    authority_of(url).unwrap_or_default()
}

/// Browsers check where a form leads, redirections included: the forms of this page may lead to
/// other sites, whichever the visitor names.
fn letting_out(web: &Web, mut response: Response) -> Response {
    let schemes = if web.app.config().public_url.is_plain_http() {
        "form-action 'self' https: http:"
    } else {
        "form-action 'self' https:"
    };
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", schemes);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CSP, policy);
    }
    response
}

impl InteractPage {
    fn new(visitor: &Visitor, subject: Option<Subject>, form: Form, next: Next) -> Self {
        let t = visitor.t;
        let kind = subject.as_ref().map(|subject| &subject.kind);
        let is_actor = matches!(kind, Some(SubjectKind::Actor { .. }));
        let title = match (kind, &next) {
            (None, _) => t.tr("Rien à suivre à cette adresse"),
            (Some(SubjectKind::Actor { .. }), _) => t.tr("Suivre depuis mon compte"),
            (Some(SubjectKind::Post), _) => t.tr("Répondre depuis mon compte"),
        };
        let mut page = visitor
            .page(title)
            .under(t.tr("Petites annonces"), paths::ADS)
            .unlisted();
        if let Some(subject) = subject
            .as_ref()
            .filter(|subject| subject.path != paths::ADS)
        {
            page = page.under(&subject.title, &subject.path);
        }
        if let Some(subject) = &subject {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("uri", &subject.uri)
                .finish();
            page = page.keeping(&query);
        }
        let address = match subject
            .as_ref()
            .map(|subject| (&subject.kind, &subject.uri))
        {
            Some((SubjectKind::Actor { handle }, _)) => handle.clone(),
            Some((SubjectKind::Post, uri)) => uri.clone(),
            None => String::new(),
        };
        Self {
            page,
            form,
            subject,
            address,
            is_actor,
            next,
        }
    }
}
