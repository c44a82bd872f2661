//! The page of an invitation to act for an organisation.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use chrono::TimeDelta;
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    Visitor, Web, WebError,
    components::When,
    cookies::CookieName,
    errors,
    form::Form,
    forms::{self, CsrfForm},
    page::{Page, Tone},
    paths,
};
use crate::app::{
    Token,
    invitations::{self, InvitationView},
    sessions,
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::INVITATION, get(show).post(accept))
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    jeton: String,
}

/// `/invitation`
#[derive(Debug, Template)]
#[template(path = "invitations/show.html")]
pub struct InvitationPage {
    pub page: Page,
    /// `jeton`, and `name` for who has no account.
    pub form: Form,
    pub organisation: String,
    pub invited_by: String,
    pub role: &'static str,
    pub role_hint: &'static str,
    pub email: String,
    pub until: When,
    /// What the reader must do to accept.
    pub step: Step,
}

/// How an invitation is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Signed in under this name: one button.
    Accept(String),
    /// The address has an account: sign in here first.
    SignIn(String),
    /// The address has none: a name, and the account is made.
    SignUp,
}

/// `GET /invitation?jeton=`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let view = invitations::show(&web.app, &Token::from_text(&asked.jeton)).await?;
    let form = Form::default().with("jeton", asked.jeton);
    errors::shown(&invitation_page(&visitor, view, form)?)
}

/// `POST /invitation`
async fn accept(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let token = Token::from_text(form.value("jeton"));
    let accepted = if visitor.who.account().is_some() {
        invitations::accept(&web.app, &visitor.who, &token).await
    } else {
        let newcomer = invitations::Newcomer {
            name: form.value("name"),
            locale: visitor.t.locale.tag(),
            user_agent: visitor.user_agent(),
        };
        let joined = invitations::accept_as_new(&web.app, &token, newcomer).await;
        joined.map(|(session, organisation)| {
            let lifetime: TimeDelta = sessions::LIFETIME;
            let cookies = visitor.cookies();
            cookies.set(CookieName::Session, session.expose(), lifetime);
            organisation
        })
    };
    match accepted {
        Ok(organisation) => {
            let text = visitor.t.trf(
                "Vous agissez maintenant pour {name}.",
                [("name", organisation.name.as_str())],
            );
            visitor.flash(Tone::Success, text);
            let desk = paths::at(paths::ORGANISATION_DESK, [&organisation.slug]);
            Ok(Redirect::to(&desk).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let view = invitations::show(&web.app, &token).await?;
            let mut refused = invitation_page(&visitor, view, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

fn invitation_page(
    visitor: &Visitor,
    view: InvitationView,
    form: Form,
) -> Result<InvitationPage, WebError> {
    let t = visitor.t;
    let step = match visitor.who.account() {
        Some(account) => Step::Accept(account.name.clone()),
        None if view.has_account => Step::SignIn(sign_in_link(form.value("jeton"))),
        None => Step::SignUp,
    };
    let title = t.trf(
        "Rejoindre {organisation}",
        [("organisation", view.organisation.name.as_str())],
    );
    Ok(InvitationPage {
        page: visitor.page_with_form(title)?.unlisted(),
        form,
        organisation: view.organisation.name,
        invited_by: view.invited_by,
        role: t.membership_role(view.role),
        role_hint: t.membership_role_hint(view.role),
        email: view.email,
        until: When::day(t, view.expires_at),
        step,
    })
}

/// Signs in, then comes back to the invitation.
fn sign_in_link(token: &str) -> String {
    let encode = |name: &str, value: &str| {
        form_urlencoded::Serializer::new(String::new())
            .append_pair(name, value)
            .finish()
    };
    let back = format!("{}?{}", paths::INVITATION, encode("jeton", token));
    format!("{}?{}", paths::SIGN_IN, encode("suite", &back))
}
