//! Signing in, signing up and signing out.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    Visitor, Web, WebError,
    components::Choice,
    cookies::CookieName,
    errors,
    form::Form,
    forms::{self, CsrfForm},
    page::{Page, Tone},
    paths,
};
use crate::{
    app::{
        AppError, Token, Who, sessions,
        sign_in::{
            self, AskLink, Browser, Confirmation, OpenedLink, SignedIn, UseLink, UsePassword,
        },
    },
    domain::{local_path::LocalPath, organisation::OrganisationKind, problem::Problem},
    locales::Texts,
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::SIGN_IN, get(show).post(submit))
        .route(paths::SIGN_UP, get(show_sign_up).post(submit_sign_up))
        .route(paths::SIGN_IN_SENT, get(show_sent))
        .route(paths::SIGN_IN_LINK, get(show_link).post(use_link))
        .route(paths::SIGN_OUT, post(sign_out))
}

/// Where the reader wanted to go.
#[derive(Debug, Deserialize)]
struct Next {
    suite: Option<String>,
}

impl Next {
    fn path(&self) -> Option<LocalPath> {
        self.suite.as_deref().and_then(LocalPath::parse)
    }
}

/// `/connexion`
#[derive(Debug, Template)]
#[template(path = "sign_in/sign_in.html")]
pub struct SignInPage {
    /// The layout.
    pub page: Page,
    /// `email`, `password`, `suite`.
    pub form: Form,
}

/// `/inscription`
#[derive(Debug, Template)]
#[template(path = "sign_in/sign_up.html")]
pub struct SignUpPage {
    /// The layout.
    pub page: Page,
    /// `email`, `behalf`.
    pub form: Form,
    /// On whose behalf somebody comes.
    pub behalves: Vec<Choice>,
}

/// `/connexion/message-envoye`
#[derive(Debug, Template)]
#[template(path = "sign_in/sent.html")]
pub struct SentPage {
    /// The layout.
    pub page: Page,
    /// How long the link works.
    pub minutes: u64,
}

/// `/connexion/lien`
#[derive(Debug, Template)]
#[template(path = "sign_in/link.html")]
pub struct LinkPage {
    /// The layout.
    pub page: Page,
    /// `jeton`, `confirmation`, `name`, `behalf`.
    pub form: Form,
    /// Where the link was sent.
    pub email: String,
    /// Whether the address has no account yet.
    pub is_new: bool,
    /// Whether another browser asked for the link.
    pub is_elsewhere: bool,
    /// On whose behalf somebody comes; empty when they already said it.
    pub behalves: Vec<Choice>,
}

/// `/connexion/lien`, when the link was used or is too old.
#[derive(Debug, Template)]
#[template(path = "sign_in/link_over.html")]
pub struct LinkOverPage {
    /// The layout.
    pub page: Page,
}

const MYSELF: &str = "moi-meme";

/// The first question: on whose behalf.
fn behalves(t: Texts) -> Vec<Choice> {
    vec![
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
        Choice::new(MYSELF, t.tr("Moi-même"))
            .explained(t.tr("Pour regarder, ou en attendant de rejoindre une organisation.")),
    ]
}

/// Where somebody goes first, by their answer to the first question.
fn first_steps(behalf: &str) -> Option<LocalPath> {
    let path = match OrganisationKind::parse(behalf) {
        Some(kind) => format!("{}?type={kind}", paths::NEW_ORGANISATION),
        None if behalf == MYSELF => paths::ACCOUNT.to_owned(),
        None => return None,
    };
    LocalPath::parse(&path)
}

fn show_form(visitor: &Visitor, form: Form) -> Result<SignInPage, WebError> {
    Ok(SignInPage {
        page: visitor
            .page_with_form(visitor.t.tr("Se connecter"))?
            .unlisted(),
        form,
    })
}

async fn show(visitor: Visitor, Query(next): Query<Next>) -> Result<Response, WebError> {
    if visitor.session.is_some() {
        return Ok(redirect(next.path().as_ref()));
    }
    let suite = next.path().map(|path| path.to_string());
    let form = Form::default().with("suite", suite.unwrap_or_default());
    errors::shown(&show_form(&visitor, form)?)
}

async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let next = LocalPath::parse(form.value("suite"));
    let outcome = if form.value("password").is_empty() {
        send_link(&web, &visitor, form.value("email"), next.as_ref()).await
    } else {
        use_password(&web, &visitor, &form, next.as_ref()).await
    };
    match outcome {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = show_form(&visitor, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

async fn send_link(
    web: &Web,
    visitor: &Visitor,
    email: &str,
    next: Option<&LocalPath>,
) -> Result<Response, AppError> {
    let address = sign_in::parse_email(email)?;
    web.limits.links_by_client.take(visitor.client())?;
    web.limits.links_by_email.take(address.key())?;
    let ask = AskLink {
        email,
        browser: &visitor.browser_secret()?,
        next,
        locale: visitor.t.locale,
    };
    sign_in::ask_link(&web.app, ask).await?;
    let sent = visitor.t.trf(
        "Un message part vers {email}.",
        [("email", address.as_str())],
    );
    visitor.flash(Tone::Success, sent);
    Ok(Redirect::to(paths::SIGN_IN_SENT).into_response())
}

async fn use_password(
    web: &Web,
    visitor: &Visitor,
    form: &Form,
    next: Option<&LocalPath>,
) -> Result<Response, AppError> {
    let address = sign_in::parse_email(form.value("email"))?;
    web.limits.passwords_by_client.take(visitor.client())?;
    web.limits.passwords_by_email.take(address.key())?;
    let command = UsePassword {
        email: form.value("email"),
        password: form.value("password"),
        user_agent: visitor.user_agent(),
    };
    let signed_in = sign_in::use_password(&web.app, command).await?;
    Ok(welcome(visitor, &signed_in, next))
}

fn show_sign_up_form(visitor: &Visitor, form: Form) -> Result<SignUpPage, WebError> {
    Ok(SignUpPage {
        page: visitor.page_with_form(visitor.t.tr("Créer un compte"))?,
        form,
        behalves: behalves(visitor.t),
    })
}

async fn show_sign_up(visitor: Visitor) -> Result<Response, WebError> {
    if visitor.session.is_some() {
        return Ok(redirect(None));
    }
    errors::shown(&show_sign_up_form(&visitor, Form::default())?)
}

async fn submit_sign_up(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let outcome = match first_steps(form.value("behalf")) {
        Some(next) => send_link(&web, &visitor, form.value("email"), Some(&next)).await,
        None => Err(AppError::field("behalf", Problem::new(CHOOSE_BEHALF))),
    };
    match outcome {
        Ok(response) => Ok(response),
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = show_sign_up_form(&visitor, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

const CHOOSE_BEHALF: &str = "Choisissez pour qui vous venez.";

async fn show_sent(visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&SentPage {
        page: visitor
            .page(visitor.t.tr("Regardez vos e-mails"))
            .unlisted(),
        minutes: sign_in::LINK_LIFETIME.num_minutes().unsigned_abs(),
    })
}

/// The token of a link.
#[derive(Debug, Deserialize)]
struct LinkToken {
    #[serde(default)]
    jeton: String,
}

async fn show_link(
    State(web): State<Web>,
    visitor: Visitor,
    Query(LinkToken { jeton }): Query<LinkToken>,
) -> Result<Response, WebError> {
    let form = Form::default().with(sign_in::TOKEN_PARAMETER, &jeton);
    let Some(page) = find_link_page(&web, &visitor, form).await? else {
        return show_link_over(&visitor);
    };
    Ok(never_kept(errors::shown(&page)?))
}

async fn use_link(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let outcome = sign_in_with_link(&web, &visitor, &form).await;
    match outcome {
        Ok(response) => Ok(response),
        Err(AppError::NotFound(_)) => show_link_over(&visitor),
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let Some(mut page) = find_link_page(&web, &visitor, form).await? else {
                return show_link_over(&visitor);
            };
            page.page = page.page.with_errors();
            Ok(never_kept(errors::refused(&page)?))
        }
    }
}

async fn sign_in_with_link(
    web: &Web,
    visitor: &Visitor,
    form: &Form,
) -> Result<Response, AppError> {
    let token = Token::from_text(form.value(sign_in::TOKEN_PARAMETER));
    let browser = visitor.find_browser_secret();
    let behalf = form.value("behalf");
    let link = sign_in::find_link(&web.app, &token, browser.as_ref()).await?;
    let first = first_steps(behalf);
    if asks_behalf(&link) && first.is_none() {
        return Err(AppError::field("behalf", Problem::new(CHOOSE_BEHALF)));
    }
    let command = UseLink {
        token: &token,
        browser: browser.as_ref(),
        confirmation: match form.value("confirmation") {
            "" => Confirmation::Missing,
            _ => Confirmation::Given,
        },
        name: form.value("name"),
        locale: visitor.t.locale,
        user_agent: visitor.user_agent(),
    };
    let signed_in = sign_in::use_link(&web.app, command).await?;
    let next = first
        .filter(|_| link.is_new)
        .or_else(|| signed_in.next.clone());
    Ok(welcome(visitor, &signed_in, next.as_ref()))
}

async fn find_link_page(
    web: &Web,
    visitor: &Visitor,
    form: Form,
) -> Result<Option<LinkPage>, WebError> {
    let token = Token::from_text(form.value(sign_in::TOKEN_PARAMETER));
    let browser = visitor.find_browser_secret();
    let link = match sign_in::find_link(&web.app, &token, browser.as_ref()).await {
        Ok(link) => link,
        Err(AppError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let t = visitor.t;
    let title = if link.is_new {
        t.tr("Créer mon compte")
    } else {
        t.tr("Me connecter")
    };
    Ok(Some(LinkPage {
        page: visitor.page_with_form(title)?.unlisted(),
        form,
        is_new: link.is_new,
        is_elsewhere: link.browser == Browser::Other,
        behalves: if asks_behalf(&link) {
            behalves(t)
        } else {
            Vec::new()
        },
        email: link.email,
    }))
}

/// Whether somebody new has yet to say on whose behalf they come.
fn asks_behalf(link: &OpenedLink) -> bool {
    let is_first_step = link.next.as_ref().is_some_and(|next| {
        let answers = [
            OrganisationKind::Association.as_str(),
            OrganisationKind::Structure.as_str(),
            MYSELF,
        ];
        answers
            .iter()
            .any(|answer| first_steps(answer).as_ref() == Some(next))
    });
    link.is_new && !is_first_step
}

fn show_link_over(visitor: &Visitor) -> Result<Response, WebError> {
    if visitor.session.is_some() {
        return Ok(redirect(None));
    }
    let title = visitor.t.tr("Ce lien ne sert plus");
    let page = visitor.page(title).unlisted();
    Ok((StatusCode::GONE, Html(LinkOverPage { page }.render()?)).into_response())
}

/// Gives the cookie of a new session, and leads where the reader wanted to go.
fn welcome(visitor: &Visitor, signed_in: &SignedIn, next: Option<&LocalPath>) -> Response {
    let cookies = visitor.cookies();
    cookies.set(
        CookieName::Session,
        signed_in.session.expose(),
        sessions::LIFETIME,
    );
    cookies.remove(CookieName::Form);
    let greeting = visitor.t.trf(
        "Bonjour {name}, vous voilà connecté·e.",
        [("name", &signed_in.account.name)],
    );
    visitor.flash(Tone::Success, greeting);
    redirect(next)
}

fn redirect(next: Option<&LocalPath>) -> Response {
    let is_useful = |next: &&LocalPath| !next.as_str().starts_with(paths::SIGN_IN);
    let target = next
        .filter(is_useful)
        .map_or(paths::ACCOUNT, LocalPath::as_str);
    Redirect::to(target).into_response()
}

/// A page that holds a secret is kept nowhere.
pub(super) fn never_kept(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

async fn sign_out(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    if let Some(token) = visitor.cookies().get(CookieName::Session) {
        sessions::end(&web.app, &Token::from_text(&token)).await?;
    }
    visitor.cookies().remove(CookieName::Session);
    if let Who::Person(_) = visitor.who {
        visitor.flash(Tone::Success, visitor.t.tr("Vous êtes déconnecté·e."));
    }
    Ok(Redirect::to(paths::HOME).into_response())
}

/// The address of the page to sign in with, and then come back.
pub fn address_with_return(next: Option<&LocalPath>) -> String {
    match next {
        None => paths::SIGN_IN.to_owned(),
        Some(next) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("suite", next.as_str())
                .finish();
            format!("{}?{query}", paths::SIGN_IN)
        }
    }
}
