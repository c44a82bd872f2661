//! Who reads, in which language, from where: what every handler needs and every page shows.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use url::form_urlencoded;

use super::{
    Web, WebError,
    cookies::{CookieName, Cookies, Transport},
    form::Form,
    limits::ClientAddress,
    page::{Flash, Page, SignedIn, Tone},
};
use crate::{
    app::{
        AppError, Token, Who,
        moderation::{self, Waiting},
        sessions,
    },
    domain::{
        account::{Account, Session},
        local_path::LocalPath,
    },
    locales::{Locale, Texts},
};

/// How long the secret of a form lives in a browser that is not signed in.
const FORM_COOKIE_LIFETIME: TimeDelta = TimeDelta::days(1);
/// How long a message waits for the next page.
const FLASH_LIFETIME: TimeDelta = TimeDelta::minutes(2);
const LANGUAGE_LIFETIME: TimeDelta = TimeDelta::days(180);

/// One request, before anybody handles it; extractors, handlers and error pages share it.
#[derive(Clone)]
pub struct Visit(Arc<Inner>);

struct Inner {
    web: Web,
    cookies: Cookies,
    path: String,
    query: Option<String>,
    is_reading: bool,
    wants_html: bool,
    accepted_language: Locale,
    user_agent: String,
    client: ClientAddress,
    request_id: String,
    caller: OnceCell<Option<Caller>>,
    /// What was typed, kept for the page of a failure.
    form: OnceLock<Form>,
}

/// Somebody who is signed in.
#[derive(Clone)]
struct Caller {
    account: Account,
    session: Session,
    waiting: Waiting,
}

impl Visit {
    /// Notes what a request says of its sender. Nothing is asked to the database yet.
    pub fn begin(web: &Web, request: &Request, request_id: String) -> Self {
        let config = web.app.config();
        let transport = if config.public_url.is_plain_http() {
            Transport::PlainHttp
        } else {
            Transport::Tls
        };
        let headers = request.headers();
        // absent only when a handler is called without a connection
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(SocketAddr::from(([0, 0, 0, 0], 0)), |ConnectInfo(peer)| {
                *peer
            });
        Self(Arc::new(Inner {
            web: web.clone(),
            cookies: Cookies::read(headers, transport),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            is_reading: request.method().is_safe(),
            wants_html: wants_html(headers),
            accepted_language: Locale::from_accept_language(text_of(
                headers,
                header::ACCEPT_LANGUAGE,
            )),
            user_agent: text_of(headers, header::USER_AGENT)
                .chars()
                .take(300)
                .collect(),
            client: ClientAddress::of(peer, headers, &config.trusted_proxies),
            request_id,
            caller: OnceCell::new(),
            form: OnceLock::new(),
        }))
    }

    /// The visit of a request that went through `server`.
    pub(super) fn of(parts: &Parts) -> Result<Self, WebError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| AppError::internal("no visit was begun for this request").into())
    }

    /// The cookies of the request and of its answer.
    pub fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    /// Number of the request, for people who report a failure.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Whether the sender shows pages to somebody.
    pub(super) fn wants_html(&self) -> bool {
        self.0.wants_html
    }

    /// Whether the address is one of the API, where failures are problem documents.
    pub(super) fn is_for_programs(&self) -> bool {
        self.0.path.starts_with("/api/") || self.0.path == "/api"
    }

    /// The texts in the language that the request accepts, whatever browser sent it.
    pub(super) fn accepted_texts(&self) -> Texts {
        Texts::of(self.0.accepted_language)
    }

    /// The computer that asks, for limits.
    pub(super) fn client(&self) -> ClientAddress {
        self.0.client
    }

    /// Where to come back to after signing in: this page, if it is one that can be read again.
    pub(super) fn return_path(&self) -> Option<LocalPath> {
        let whole = match &self.0.query {
            Some(query) => format!("{}?{query}", self.0.path),
            None => self.0.path.clone(),
        };
        LocalPath::parse(&whole).filter(|_| self.0.is_reading)
    }

    /// Who visits; the session is looked up once per request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visitor(&self) -> Result<Visitor, AppError> {
        let caller = self.0.caller.get_or_try_init(|| self.find_caller()).await?;
        Ok(self.visitor_as(caller.clone()))
    }

    async fn find_caller(&self) -> Result<Option<Caller>, AppError> {
        let Some(token) = self.0.cookies.get(CookieName::Session) else {
            return Ok(None);
        };
        let app = &self.0.web.app;
        let found = sessions::find(app, &Token::from_text(&token)).await?;
        let Some((account, session)) = found else {
            return Ok(None);
        };
        if session.last_seen_at == app.now() {
            // the visit was noted: the cookie lasts as long as the session does
            self.0
                .cookies
                .set(CookieName::Session, token, sessions::LIFETIME);
        }
        Ok(Some(Caller {
            waiting: moderation::count_waiting(app, &account).await?,
            account,
            session,
        }))
    }

    /// The same, taken for somebody who is not signed in.
    pub(super) fn stranger(&self) -> Visitor {
        self.visitor_as(None)
    }

    fn visitor_as(&self, caller: Option<Caller>) -> Visitor {
        let locale = self.locale(caller.as_ref().map(|caller| &caller.account));
        let waiting = caller.as_ref().map_or_else(Waiting::default, |c| c.waiting);
        let (who, session) = match caller {
            Some(caller) => (Who::Person(Box::new(caller.account)), Some(caller.session)),
            None => (Who::Anonymous, None),
        };
        Visitor {
            who,
            session,
            waiting,
            t: Texts::of(locale),
            visit: self.clone(),
        }
    }

    /// The language of `?lang=`, else the one chosen that way before, else the one of the
    /// account, else the one of the browser.
    fn locale(&self, account: Option<&Account>) -> Locale {
        let asked = self.0.query.as_deref().and_then(|query| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == "lang")
                .and_then(|(_, tag)| Locale::from_tag(&tag))
        });
        let kept = || {
            self.0
                .cookies
                .get(CookieName::Language)
                .and_then(|tag| Locale::from_tag(&tag))
        };
        if let Some(locale) = asked {
            if kept() != asked {
                self.0
                    .cookies
                    .set(CookieName::Language, locale.tag(), LANGUAGE_LIFETIME);
            }
            return locale;
        }
        kept()
            .or_else(|| account.and_then(|account| Locale::from_tag(&account.locale)))
            .unwrap_or(self.0.accepted_language)
    }

    /// Keeps what was typed, should the request fail.
    pub(super) fn keep(&self, form: Form) -> Form {
        self.0.form.get_or_init(|| form.clone());
        form
    }

    /// What was typed in the form of this request.
    pub(super) fn find_form(&self) -> Option<&Form> {
        self.0.form.get()
    }

    /// The secrets of this browser that a form may have been made with.
    pub(super) fn form_secrets(&self) -> impl Iterator<Item = Token> + use<> {
        [CookieName::Session, CookieName::Form]
            .map(|name| self.0.cookies.get(name))
            .into_iter()
            .flatten()
            .map(|value| Token::from_text(&value))
    }

    /// Whether a form carries the token of this browser.
    pub(super) fn is_own_form(&self, sent: &str) -> bool {
        let Some((nonce, proof)) = sent.split_once('.') else {
            return false;
        };
        let secrets = self.0.web.app.secrets();
        self.form_secrets()
            .any(|secret| secrets.is_form_token(&salted(&secret, nonce), proof))
    }
}

/// A secret mixed with a number that changes with each page: the same bytes never come twice, so
/// that compression tells nothing of them (BREACH).
fn salted(secret: &Token, nonce: &str) -> Token {
    Token::from_text(&format!("{nonce}.{}", secret.expose()))
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accept = text_of(headers, header::ACCEPT);
    accept.is_empty()
        || ["text/html", "text/*", "*/*"]
            .iter()
            .any(|html| accept.contains(html))
}

/// The person in front of a page. Extract it first in every handler of a page.
#[derive(Clone)]
pub struct Visitor {
    /// Who asks: pass it to use cases.
    pub who: Who,
    /// The session of this browser, when somebody is signed in.
    pub session: Option<Session>,
    /// What waits for them, shown in the menu.
    pub waiting: Waiting,
    /// The texts in the language of the reader.
    pub t: Texts,
    visit: Visit,
}

impl FromRequestParts<Web> for Visitor {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, WebError> {
        Ok(Visit::of(parts)?.visitor().await?)
    }
}

/// A message for the next page, as it waits in its cookie.
#[derive(Serialize, Deserialize)]
struct KeptFlash {
    tone: String,
    text: String,
    until: DateTime<Utc>,
}

impl Visitor {
    fn web(&self) -> &Web {
        &self.visit.0.web
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.web().app.now()
    }

    /// The path of the request, without its query.
    pub fn path(&self) -> &str {
        &self.visit.0.path
    }

    /// The computer that asks, for limits.
    pub fn client(&self) -> ClientAddress {
        self.visit.0.client
    }

    /// How the browser names itself, cut to 300 characters.
    pub fn user_agent(&self) -> &str {
        &self.visit.0.user_agent
    }

    /// The cookies of the request and of its answer.
    pub fn cookies(&self) -> &Cookies {
        &self.visit.0.cookies
    }

    /// A page without a form of its own. Sets no cookie.
    pub fn page(&self, title: impl Into<String>) -> Page {
        let mut page =
            Page::new(Arc::clone(&self.web().site), self.t.locale, self.path()).titled(title);
        page.person = self
            .who
            .account()
            .map(|account| person_of(account, self.waiting));
        if page.person.is_some() {
            page.csrf = self.form_token();
        }
        page.flash = self.take_flash();
        page
    }

    /// A page that shows a form: a browser that nobody signed in with gets the secret that proves,
    /// when the form comes back, that it was ours.
    ///
    /// # Errors
    /// When the machine has no source of randomness.
    pub fn page_with_form(&self, title: impl Into<String>) -> Result<Page, AppError> {
        if self.session.is_none() {
            self.browser_secret()?;
        }
        let mut page = self.page(title);
        page.csrf = self.form_token();
        Ok(page)
    }

    /// The secret of this browser, made when it has none: what a link sent by mail is bound to.
    ///
    /// # Errors
    /// When the machine has no source of randomness.
    pub fn browser_secret(&self) -> Result<Token, AppError> {
        if let Some(secret) = self.find_browser_secret() {
            return Ok(secret);
        }
        let secret = self
            .web()
            .app
            .secrets()
            .new_token()
            .ok_or_else(|| AppError::internal("no source of randomness"))?;
        self.cookies()
            .set(CookieName::Form, secret.expose(), FORM_COOKIE_LIFETIME);
        Ok(secret)
    }

    /// The secret of this browser, if it has one.
    pub fn find_browser_secret(&self) -> Option<Token> {
        self.cookies()
            .get(CookieName::Form)
            .map(|secret| Token::from_text(&secret))
    }

    fn form_token(&self) -> String {
        let secrets = self.web().app.secrets();
        let secret = match self.session {
            Some(_) => self.cookies().get(CookieName::Session),
            None => self.cookies().get(CookieName::Form),
        };
        match (secret, secrets.new_token()) {
            (Some(secret), Some(nonce)) => {
                let nonce = nonce.expose();
                let proof = secrets.form_token(&salted(&Token::from_text(&secret), nonce));
                format!("{nonce}.{proof}")
            }
            // the form will be refused, with a page that says so
            _ => String::new(),
        }
    }

    /// Leaves one sentence, in the language of the reader, for the next page.
    pub fn flash(&self, tone: Tone, text: impl Into<String>) {
        let kept = KeptFlash {
            tone: tone.class().to_owned(),
            text: text.into(),
            until: self.now() + FLASH_LIFETIME,
        };
        let sealed = serde_json::to_string(&kept)
            .ok()
            .and_then(|json| self.web().app.secrets().seal(&json));
        // a message that cannot be kept is not worth failing what was just done
        if let Some(sealed) = sealed.filter(|sealed| sealed.len() < 3_000) {
            self.cookies()
                .set(CookieName::Flash, sealed, FLASH_LIFETIME);
        }
    }

    fn take_flash(&self) -> Option<Flash> {
        let sealed = self.cookies().get(CookieName::Flash)?;
        self.cookies().remove(CookieName::Flash);
        let json = self.web().app.secrets().unseal(&sealed)?;
        let kept: KeptFlash = serde_json::from_str(&json).ok()?;
        let tone = [Tone::Success, Tone::Note, Tone::Warning, Tone::Problem]
            .into_iter()
            .find(|tone| tone.class() == kept.tone)?;
        (kept.until >= self.now()).then_some(Flash {
            tone,
            text: kept.text,
        })
    }
}

fn person_of(account: &Account, waiting: Waiting) -> SignedIn {
    SignedIn {
        name: account.name.clone(),
        to_answer: waiting.replies,
        to_moderate: waiting.moderation,
    }
}
