//! What links of mails open, without signing in: confirming a profile, saying whether a structure
//! takes new requests, taking an imported profile over.
//!
//! Opening a page changes nothing, since scanners of mails open links.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    desk::{capacity_in_words, capacity_of},
    to_desk,
};
use crate::{
    app::{
        Token,
        hosts::{capacity, claims, confirmation},
    },
    domain::host::{Capacity, HostState, host_path},
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

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(
            paths::CONFIRMATION_LINK,
            get(show_confirmation).post(confirm),
        )
        .route(paths::CAPACITY_LINK, get(show_capacity).post(say_capacity))
        .route(paths::CLAIM_LINK, get(show_claim).post(claim))
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    jeton: String,
}

impl Asked {
    fn token(&self) -> Token {
        Token::from_text(&self.jeton)
    }
}

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the button.
    Ask,
    /// After it.
    Done,
}

/// `/lien/confirmation`
#[derive(Debug, Template)]
#[template(path = "hosts/confirmation_link.html")]
pub struct ConfirmationPage {
    pub page: Page,
    pub token: String,
    pub name: String,
    pub stage: Stage,
    /// Whether it left the directory, for want of news.
    pub is_archived: bool,
    /// Its public page; empty while readers do not see it.
    pub public: String,
}

/// `GET /lien/confirmation?jeton=`
async fn show_confirmation(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let found = confirmation::look(&web.app, &asked.token()).await?;
    let stage = if found.is_done {
        Stage::Done
    } else {
        Stage::Ask
    };
    show_confirmable(&visitor, &found, &asked.jeton, stage)
}

fn show_confirmable(
    visitor: &Visitor,
    found: &confirmation::Confirmable,
    token: &str,
    stage: Stage,
) -> Result<Response, WebError> {
    let t = visitor.t;
    let name = [("name", found.name.as_str())];
    let title = match stage {
        Stage::Ask => t.trf("La fiche de {name} est-elle à jour ?", name),
        Stage::Done => t.tr("C’est noté").to_owned(),
    };
    let is_public = found.host.listing.standing.is_in_directory();
    errors::shown(&ConfirmationPage {
        page: visitor.page_with_form(title)?.unlisted(),
        token: token.to_owned(),
        name: found.name.clone(),
        stage,
        is_archived: found.host.state == HostState::Archived,
        public: if is_public {
            host_path(&found.host.handle)
        } else {
            String::new()
        },
    })
}

/// `POST /lien/confirmation`
async fn confirm(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let token = Token::from_text(form.value("jeton"));
    confirmation::confirm_by_link(&web.app, &token).await?;
    let found = confirmation::look(&web.app, &token).await?;
    show_confirmable(&visitor, &found, "", Stage::Done)
}

/// `/lien/disponibilite`
#[derive(Debug, Template)]
#[template(path = "hosts/capacity_link.html")]
pub struct CapacityPage {
    pub page: Page,
    /// `jeton`, `capacity`, `from`.
    pub form: Form,
    /// What is known now.
    pub present: String,
    pub capacities: Vec<Choice>,
    pub stage: Stage,
}

/// `GET /lien/disponibilite?jeton=`
async fn show_capacity(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let form = Form::default().with("jeton", &asked.jeton);
    errors::shown(&capacity_page(&web, &visitor, form, Stage::Ask).await?)
}

async fn capacity_page(
    web: &Web,
    visitor: &Visitor,
    form: Form,
    stage: Stage,
) -> Result<CapacityPage, WebError> {
    let t = visitor.t;
    let token = Token::from_text(form.value("jeton"));
    let (host, name) = capacity::look(&web.app, &token).await?;
    let names = [("name", name.as_str())];
    let title = match stage {
        Stage::Ask => t.trf("{name} prend-elle de nouvelles demandes ?", names),
        Stage::Done => t.tr("C’est noté").to_owned(),
    };
    let capacities = Capacity::ALL.iter();
    Ok(CapacityPage {
        page: visitor.page_with_form(title)?.unlisted(),
        form,
        present: capacity_in_words(t, &host),
        capacities: capacities
            .map(|it| Choice::new(it.as_str(), t.host_capacity(*it)))
            .collect(),
        stage,
    })
}

/// `POST /lien/disponibilite`
async fn say_capacity(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let token = Token::from_text(form.value("jeton"));
    let said = capacity::say_by_link(&web.app, &token, &capacity_of(&form)).await;
    match said {
        Ok(()) => errors::shown(&capacity_page(&web, &visitor, form, Stage::Done).await?),
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut page = capacity_page(&web, &visitor, form, Stage::Ask).await?;
            page.page.has_errors = true;
            errors::refused(&page)
        }
    }
}

/// `/lien/reprise`
#[derive(Debug, Template)]
#[template(path = "hosts/claim_link.html")]
pub struct ClaimPage {
    pub page: Page,
    pub token: String,
    pub email: String,
    /// Where somebody who is not signed in does it, or opens an account; empty for who is.
    pub sign_in: String,
}

/// `GET /lien/reprise?jeton=`
async fn show_claim(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let found = claims::look(&web.app, &asked.token()).await?;
    let t = visitor.t;
    let name = found.organisation.name;
    let title = t.trf("Reprendre la fiche de {name}", [("name", name.as_str())]);
    let sign_in = match visitor.who.account() {
        Some(_) => String::new(),
        None => sign_in_then_back(&asked.jeton),
    };
    errors::shown(&ClaimPage {
        page: visitor.page_with_form(title)?.unlisted(),
        sign_in,
        token: asked.jeton,
        email: found.email,
    })
}

/// Signs in, then comes back to the link.
fn sign_in_then_back(token: &str) -> String {
    let encode = |name: &str, value: &str| {
        form_urlencoded::Serializer::new(String::new())
            .append_pair(name, value)
            .finish()
    };
    let back = format!("{}?{}", paths::CLAIM_LINK, encode("jeton", token));
    format!("{}?{}", paths::SIGN_IN, encode("suite", &back))
}

/// `POST /lien/reprise`
async fn claim(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let token = Token::from_text(form.value("jeton"));
    let host = claims::accept(&web.app, &visitor.who, &token).await?;
    let text = visitor
        .t
        .tr("La fiche est à vous. Complétez-la, puis envoyez-la à la modération.");
    visitor.flash(Tone::Success, text);
    Ok(to_desk(&host.handle))
}
