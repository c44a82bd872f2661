//! How somebody comes to an accompaniment or to a recommendation: with an account, or with a link.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    app::{
        AppError, Missing, Token, Who,
        accompaniments::reading,
        purpose_links::{self, Opened, TOKEN_PARAMETER},
        recommendations::inviting,
    },
    domain::{
        accompaniment::Party,
        ids::{AccompanimentId, RecommendationId},
        purpose_link::LinkPurpose,
    },
    web::{Visitor, Web, WebError, page::Page, paths, sign_in::never_kept},
};

/// The query of a link.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Its secret.
    #[serde(default)]
    pub jeton: String,
}

/// The way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// Signed in, from the page of this accompaniment.
    Account(AccompanimentId),
    /// With the secret of a link.
    Link(String),
}

/// A page behind a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Accompaniment,
    Recommendation,
    Preview,
    Amendment,
}

impl Door {
    /// Where the forms of a page are sent.
    pub fn action(&self, room: Room) -> String {
        match self {
            Self::Account(id) => {
                let route = match room {
                    Room::Accompaniment => paths::PACT,
                    Room::Recommendation => paths::PACT_RECOMMENDATION,
                    Room::Preview => paths::PACT_PREVIEW,
                    Room::Amendment => paths::PACT_AMENDMENT,
                };
                paths::at(route, [&id.to_string()])
            }
            Self::Link(_) => match room {
                Room::Accompaniment => paths::LINK_PACT.to_owned(),
                Room::Recommendation => paths::LINK_RECOMMENDATION.to_owned(),
                Room::Preview => paths::LINK_PREVIEW.to_owned(),
                Room::Amendment => paths::LINK_AMENDMENT.to_owned(),
            },
        }
    }

    /// Where a page is read.
    pub fn path(&self, room: Room) -> String {
        let action = self.action(room);
        match self {
            Self::Account(_) => action,
            Self::Link(token) => {
                let query: String = form_urlencoded::Serializer::new(String::new())
                    .append_pair(TOKEN_PARAMETER, token)
                    .finish();
                format!("{action}?{query}")
            }
        }
    }

    /// What the hidden field `jeton` of its forms holds; empty with an account.
    pub fn token(&self) -> &str {
        match self {
            Self::Account(_) => "",
            Self::Link(token) => token,
        }
    }
}

/// What became of somebody at a door.
pub enum Entered<T> {
    In(T),
    /// The link does not open any more.
    Over(Box<Opened>),
}

/// Whoever may act on an accompaniment.
pub async fn enter_accompaniment(
    web: &Web,
    visitor: &Visitor,
    door: &Door,
) -> Result<Entered<(Who, AccompanimentId)>, WebError> {
    let token = match door {
        Door::Account(id) => {
            visitor.who.signed_in()?;
            return Ok(Entered::In((visitor.who.clone(), *id)));
        }
        Door::Link(token) => Token::from_text(token),
    };
    for (purpose, party) in [
        (LinkPurpose::AssociationAccompaniment, Party::Association),
        (LinkPurpose::HostAccompaniment, Party::Host),
    ] {
        match purpose_links::look(&web.app, &token, purpose).await {
            Ok(Opened::Usable(link)) => {
                let id = AccompanimentId::from(link.subject);
                refuse_other_side(web, visitor, id, party).await?;
                return Ok(Entered::In((Who::Holder(link), id)));
            }
            Ok(over) => return Ok(Entered::Over(Box::new(over))),
            Err(AppError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(AppError::NotFound(Missing::Link).into())
}

/// Whoever may write a recommendation.
pub async fn enter_recommendation(
    web: &Web,
    visitor: &Visitor,
    door: &Door,
) -> Result<Entered<(Who, RecommendationId)>, WebError> {
    let token = match door {
        Door::Account(id) => {
            visitor.who.signed_in()?;
            let recommendation = inviting::begin(&web.app, &visitor.who, *id).await?;
            return Ok(Entered::In((visitor.who.clone(), recommendation)));
        }
        Door::Link(token) => Token::from_text(token),
    };
    match purpose_links::look(&web.app, &token, LinkPurpose::Recommendation).await? {
        Opened::Usable(link) => {
            let id = RecommendationId::from(link.subject);
            let pact = inviting::find_accompaniment(&web.app, id).await?;
            refuse_other_side(web, visitor, pact, Party::Association).await?;
            Ok(Entered::In((Who::Holder(link), id)))
        }
        over => Ok(Entered::Over(Box::new(over))),
    }
}

/// A link that was forwarded to the other side is not used by it.
async fn refuse_other_side(
    web: &Web,
    visitor: &Visitor,
    id: AccompanimentId,
    party: Party,
) -> Result<(), WebError> {
    let is_signed_in = visitor.who.account().is_some();
    if is_signed_in && reading::is_of_other_side(&web.app, &visitor.who, id, party).await? {
        return Err(AppError::forbidden(
            "Ce lien est destiné à l’autre organisation, et vous êtes membre de celle-ci : elle seule peut répondre.",
        )
        .into());
    }
    Ok(())
}

/// A link that does not open any more.
#[derive(Debug, Template)]
#[template(path = "pacts/over.html")]
pub struct OverPage {
    /// The layout.
    pub page: Page,
    /// Why, in a sentence.
    pub why: &'static str,
    /// What can be done.
    pub advice: &'static str,
}

/// Says why a link does not open any more.
pub fn show_over(visitor: &Visitor, over: &Opened) -> Result<Response, WebError> {
    let t = visitor.t;
    let (why, advice) = match over {
        Opened::Revoked(_) => (
            t.tr("L’organisation qui vous l’avait envoyé l’a retiré."),
            t.tr("Si vous pensez que c’est une erreur, écrivez-lui : elle peut en envoyer un autre."),
        ),
        Opened::Expired(_) => (
            t.tr("Sa durée est passée."),
            t.tr("Demandez-en un autre à l’organisation qui vous l’avait envoyé, ou connectez-vous avec cette adresse."),
        ),
        Opened::Used(_) | Opened::Usable(_) => (
            t.tr("Il a déjà servi."),
            t.tr("Votre réponse est enregistrée : vous n’avez rien d’autre à faire."),
        ),
    };
    let page = OverPage {
        page: visitor.page(t.tr("Ce lien ne s’ouvre plus")).unlisted(),
        why,
        advice,
    };
    Ok(never_kept(
        (StatusCode::GONE, Html(page.render()?)).into_response(),
    ))
}
