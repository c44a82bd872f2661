//! « Parler à cette association »: a request and its answer, relayed by mail.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::doors::{self, Asked};
use crate::{
    app::{
        AppError, Token, Who,
        purpose_links::{self, Opened},
        recommendations::{Case, calls},
    },
    domain::{
        purpose_link::LinkPurpose,
        recommendation::{CallInput, CallRequest},
    },
    web::{
        Visitor, Web, WebError, errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
        sign_in::never_kept,
    },
};

/// A field that people do not see, and that programs fill in.
const TRAP: &str = "website";

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::CALL, get(show).post(ask))
        .route(paths::LINK_CALL, get(show_request).post(answer))
}

/// `/organisations/{slug}/recommandations/{number}/appel`
#[derive(Debug, Template)]
#[template(path = "pacts/call.html")]
pub struct CallPage {
    /// The layout.
    pub page: Page,
    /// `name`, `organisation`, `email`, `message`.
    pub form: Form,
    pub action: String,
    pub association: String,
    pub structure: String,
}

/// `/lien/appel`
#[derive(Debug, Template)]
#[template(path = "pacts/answer.html")]
pub struct AnswerPage {
    /// The layout.
    pub page: Page,
    /// `answer`.
    pub form: Form,
    pub token: String,
    pub request: CallRequest,
}

/// `GET /organisations/{slug}/recommandations/{number}/appel`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path((slug, number)): Path<(String, i64)>,
) -> Result<Response, WebError> {
    let case = calls::show(&web.app, &slug, number).await?;
    errors::shown(&call_page(&visitor, &case, number, Form::default())?)
}

/// `POST /organisations/{slug}/recommandations/{number}/appel`
async fn ask(
    State(web): State<Web>,
    visitor: Visitor,
    Path((slug, number)): Path<(String, i64)>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    web.limits.reports_by_client.take(visitor.client())?;
    let case = calls::show(&web.app, &slug, number).await?;
    let input = CallInput {
        name: form.value("name").to_owned(),
        organisation: form.value("organisation").to_owned(),
        email: form.value("email").to_owned(),
        message: form.value("message").to_owned(),
    };
    // whoever fell into the trap is thanked, so that nothing is learnt from it
    let asked = if form.value(TRAP).is_empty() {
        calls::ask(&web.app, &slug, number, &input).await
    } else {
        Ok(())
    };
    match asked {
        Ok(()) => {
            let text = visitor
                .t
                .tr("Votre message est transmis. Si l’association répond, vous le recevrez par courriel.");
            visitor.flash(Tone::Success, text);
            let path = paths::at(paths::CALL, [&slug, &number.to_string()]);
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = call_page(&visitor, &case, number, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

fn call_page(
    visitor: &Visitor,
    case: &Case,
    number: i64,
    form: Form,
) -> Result<CallPage, AppError> {
    let t = visitor.t;
    let association = &case.parties.association;
    let title = t.trf(
        "Parler à {association}",
        [("association", association.name.as_str())],
    );
    Ok(CallPage {
        page: visitor.page_with_form(title)?.unlisted(),
        form,
        action: paths::at(paths::CALL, [&association.slug, &number.to_string()]),
        association: association.name.clone(),
        structure: case.parties.structure.name.clone(),
    })
}

/// `GET /lien/appel?jeton=`
async fn show_request(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let token = Token::from_text(&asked.jeton);
    let opened = purpose_links::look(&web.app, &token, LinkPurpose::CallAnswer).await?;
    let Opened::Usable(link) = opened else {
        return doors::show_over(&visitor, &opened);
    };
    let request = calls::show_request(&web.app, &link).await?;
    if request.answered_at.is_some() {
        return doors::show_over(&visitor, &Opened::Used(link));
    }
    let page = answer_page(&visitor, asked.jeton, request, Form::default())?;
    Ok(never_kept(errors::shown(&page)?))
}

/// `POST /lien/appel`
async fn answer(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let secret = form.value("jeton").to_owned();
    let token = Token::from_text(&secret);
    let opened = purpose_links::look(&web.app, &token, LinkPurpose::CallAnswer).await?;
    let Opened::Usable(link) = opened else {
        return doors::show_over(&visitor, &opened);
    };
    let request = calls::show_request(&web.app, &link).await?;
    let who = Who::Holder(link);
    match calls::answer(&web.app, &who, request.id, form.value("answer")).await {
        Ok(()) => {
            let t = visitor.t;
            visitor.flash(
                Tone::Success,
                t.tr("Votre réponse est transmise. Merci pour cette association."),
            );
            Ok(Redirect::to(paths::HOME).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = answer_page(&visitor, secret, request, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

fn answer_page(
    visitor: &Visitor,
    token: String,
    request: CallRequest,
    form: Form,
) -> Result<AnswerPage, AppError> {
    let title = visitor.t.tr("Répondre à une association");
    Ok(AnswerPage {
        page: visitor.page_with_form(title)?.unlisted(),
        form,
        token,
        request,
    })
}
