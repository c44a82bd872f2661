//! Replies that wait for the organisation of their ad, or for a moderator.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use crate::{
    app::{
        AppError, Missing,
        ads::reading,
        comments::moderation::{self, Decision},
    },
    domain::{addresses, federation::Comment as StoredComment, ids::CommentId, problem::Problem},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::summary::title_of,
        components::{Comment, Pagination, When},
        errors,
        form::Form,
        forms::CsrfForm,
        page::{Page, Tone},
        paths,
        workshop::AdPath,
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::AD_REPLIES, get(list))
        .route(paths::AD_REPLY, post(decide))
        .route(paths::REPLY_REVIEW, post(decide_from_queue))
}

/// A reply that waits, and where to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingReply {
    /// What it says.
    pub comment: Comment,
    /// Which of its versions this is, sent with the decision.
    pub version: String,
    /// Where the decision is sent.
    pub action: String,
    /// Title of the ad it answers; empty on the page of that ad.
    pub ad_title: String,
    /// The page of that ad.
    pub ad_url: String,
}

/// `/compte/annonces/{id}/reponses`
#[derive(Debug, Template)]
#[template(path = "moderation/replies.html")]
pub struct RepliesPage {
    /// The layout.
    pub page: Page,
    /// Replies that wait, the oldest first.
    pub replies: Vec<PendingReply>,
    /// The neighbours.
    pub pages: Pagination,
}

/// A reply as its page shows it.
pub fn comment(t: Texts, stored: &StoredComment) -> Comment {
    let author = &stored.actor;
    let name = match author.name.trim() {
        "" => author.handle.as_str(),
        name => name,
    };
    let values = [("address", author.address()), ("host", author.host.clone())];
    Comment {
        anchor: addresses::comment_anchor(stored.id),
        author: name.to_owned(),
        author_url: web_address(&author.url),
        origin: t.trf("{address}, depuis {host}", values),
        original_url: web_address(&stored.url),
        written: When::moment(t, stored.published_at),
        is_edited: stored.updated_at > stored.published_at,
        is_from_publisher: false,
        html: stored.content.clone(),
        depth: 0,
    }
}

/// The version of a reply, as its form carries it.
pub fn version_of(stored: &StoredComment) -> String {
    stored.updated_at.timestamp_micros().to_string()
}

/// The instant of a version; `None` for what no form of ours carries.
fn instant_of(version: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(version.parse().ok()?)
}

/// An address that a browser may open, or nothing: it was written elsewhere.
fn web_address(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => address.to_owned(),
        _ => String::new(),
    }
}

#[derive(Debug, Deserialize)]
struct Asked {
    apres: Option<String>,
}

/// `GET /compte/annonces/{id}/reponses?apres=…`
async fn list(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let workshop = reading::show_workshop(&web.app, &visitor.who, id).await?;
    let after = asked.apres.as_deref().and_then(CommentId::parse);
    let found = moderation::list_pending_for_ad(&web.app, &visitor.who, id, after).await?;
    let base = paths::at(paths::AD_REPLIES, [&id.to_string()]);
    let replies = found.comments.iter().map(|stored| PendingReply {
        comment: comment(visitor.t, stored),
        version: version_of(stored),
        action: format!("{base}/{}", stored.id),
        ad_title: String::new(),
        ad_url: String::new(),
    });
    let t = visitor.t;
    let page = visitor
        .page_with_form(t.tr("Réponses à relire"))?
        .under(t.tr("Mon espace"), paths::ACCOUNT)
        .under(title_of(t, &workshop.ad), addresses::ad_workshop_path(id));
    errors::shown(&RepliesPage {
        page: page.unlisted(),
        replies: replies.collect(),
        pages: Pagination {
            previous: after.map(|_| base.clone()),
            next: found.next.map(|next| format!("{base}?apres={next}")),
        },
    })
}

fn decision_of(typed: &str) -> Result<Decision, AppError> {
    match typed {
        "accept" => Ok(Decision::Accept),
        "refuse" => Ok(Decision::Refuse),
        _ => Err(AppError::field(
            "decision",
            Problem::new("Choisissez d’accepter ou de refuser."),
        )),
    }
}

/// Decides, and says what was decided.
async fn apply(web: &Web, visitor: &Visitor, id: &str, form: &Form) -> Result<(), AppError> {
    let id = CommentId::parse(id).ok_or(AppError::NotFound(Missing::Comment))?;
    let decision = decision_of(form.value("decision"))?;
    let read = instant_of(form.value("version"));
    moderation::decide(&web.app, &visitor.who, id, decision, read).await?;
    let t = visitor.t;
    visitor.flash(
        Tone::Success,
        match decision {
            Decision::Accept => {
                t.tr("La réponse est acceptée : tout le monde peut la lire sous l’annonce.")
            }
            Decision::Refuse => t.tr("La réponse est refusée : elle ne sera pas montrée ici."),
        },
    );
    Ok(())
}

/// `POST /compte/annonces/{id}/reponses/{comment}`
async fn decide(
    State(web): State<Web>,
    visitor: Visitor,
    Path((id, comment)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    apply(&web, &visitor, &comment, &form).await?;
    Ok(Redirect::to(&paths::at(paths::AD_REPLIES, [&id])).into_response())
}

/// `POST /moderation/reponses/{comment}`
async fn decide_from_queue(
    State(web): State<Web>,
    visitor: Visitor,
    Path(comment): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    apply(&web, &visitor, &comment, &form).await?;
    Ok(Redirect::to(paths::MODERATION_QUEUE).into_response())
}
