//! What waits for moderators about the directory.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use crate::{
    app::{
        hosts::review as hosts,
        mediations,
        recommendations::review::{self, Waiting},
    },
    domain::{host::host_review_path, ids::RecommendationId, recommendation::APPROVALS},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{Badge, Pagination, When},
        errors,
        page::{Page, Tone},
        paths,
    },
};

/// Recommendations on one page.
const PAGE: i64 = 50;

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::COPIL, get(show))
}

/// `/copil`
#[derive(Debug, Template)]
#[template(path = "copil/queue.html")]
pub struct QueuePage {
    /// The layout.
    pub page: Page,
    /// Recommendations, the oldest first.
    pub recommendations: Vec<Line>,
    /// The neighbours.
    pub pages: Pagination,
    /// Profiles of structures, the oldest first.
    pub hosts: Vec<HostLine>,
    /// Messages to mediation that this moderator may read.
    pub mediations: usize,
}

/// The profile of a structure that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostLine {
    /// Where to decide.
    pub url: String,
    pub name: String,
    /// Since when it waits.
    pub since: When,
}

/// A recommendation that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where to decide.
    pub url: String,
    /// The structure.
    pub host: String,
    /// Who recommends.
    pub association: String,
    /// Since when it waits.
    pub since: When,
    /// What a moderator should know before opening it.
    pub badges: Vec<Badge>,
}

#[derive(Debug, Deserialize)]
struct Asked {
    apres: Option<String>,
}

/// `GET /copil?apres=…`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let t = visitor.t;
    let after = asked.apres.as_deref().and_then(RecommendationId::parse);
    let mut found = review::list(&web.app, &visitor.who, after, PAGE + 1).await?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let next = (found.len() > shown)
        .then(|| found.get(shown.saturating_sub(1)))
        .flatten()
        .map(|last| format!("{}?apres={}", paths::COPIL, last.id));
    found.truncate(shown);
    let page = visitor
        .page(t.tr("Recommandations et structures à étudier"))
        .under(t.tr("Mon espace"), paths::ACCOUNT);
    errors::shown(&QueuePage {
        page: page.unlisted(),
        recommendations: found.iter().map(|it| line(&visitor, it)).collect(),
        pages: Pagination {
            previous: after.map(|_| paths::COPIL.to_owned()),
            next,
        },
        hosts: hosts::list(&web.app, &visitor.who, None, PAGE)
            .await?
            .iter()
            .map(|(host, name)| HostLine {
                url: host_review_path(host.id),
                name: name.clone(),
                since: When::ago(
                    t,
                    visitor.now(),
                    host.submitted_at.unwrap_or(host.updated_at),
                ),
            })
            .collect(),
        mediations: mediations::list_waiting(&web.app, &visitor.who)
            .await?
            .len(),
    })
}

fn line(visitor: &Visitor, waiting: &Waiting) -> Line {
    let t = visitor.t;
    Line {
        url: review::path(waiting.id),
        host: waiting.host_name.clone(),
        association: waiting.association.clone(),
        since: When::ago(t, visitor.now(), waiting.submitted_at),
        badges: badges(t, waiting),
    }
}

fn badges(t: Texts, waiting: &Waiting) -> Vec<Badge> {
    let badge = |tone, icon, label: &str| Badge {
        tone,
        icon,
        label: label.to_owned(),
    };
    let approvals = t.trf(
        "{n} approbation sur {needed}",
        [
            ("n", t.number(waiting.approvals)),
            ("needed", t.number(APPROVALS)),
        ],
    );
    let mut badges = vec![badge(Tone::Note, "users", &approvals)];
    if waiting.is_recused {
        let label = t.tr("Vous ne décidez pas");
        badges.push(badge(Tone::Note, "ban", label));
    } else if waiting.is_approved_by_reader {
        let label = t.tr("Vous l’avez approuvée");
        badges.push(badge(Tone::Success, "check", label));
    }
    if waiting.is_amendment {
        let label = t.tr("Nouveau texte");
        badges.push(badge(Tone::Note, "pencil", label));
    }
    if waiting.is_founding {
        let label = t.tr("Travail antérieur au site");
        badges.push(badge(Tone::Note, "history", label));
    }
    if !waiting.is_author_verified {
        let label = t.tr("Association à vérifier");
        badges.push(badge(Tone::Warning, "shield-check", label));
    }
    badges
}
