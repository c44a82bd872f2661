//! The queue of moderation.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use super::replies::{self, PendingReply};
use crate::{
    app::{
        AppError, Missing,
        moderation::{self, Queue, WaitingReply, WaitingReport},
        reports::{self, Verdict},
    },
    domain::{
        ad::Ad,
        addresses,
        html::{excerpt, plain_text},
        ids::ReportId,
        problem::Problem,
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::{kind_badge, summary::title_of, view::paragraphs},
        components::{Badge, When},
        errors,
        forms::CsrfForm,
        page::{Link, Page, Tone},
        paths,
    },
};

/// Characters of a reply that is reported.
const EXCERPT: usize = 300;

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::MODERATION_QUEUE, get(show))
        .route(paths::REPORT_REVIEW, post(close_report))
}

/// `/moderation/file`
#[derive(Debug, Template)]
#[template(path = "moderation/queue.html")]
pub struct QueuePage {
    /// The layout.
    pub page: Page,
    /// Ads to review.
    pub ads: Vec<AdLine>,
    /// Reports.
    pub reports: Vec<ReportEntry>,
    /// Replies that their organisation has not decided on yet.
    pub replies: Vec<PendingReply>,
}

/// An ad to review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdLine {
    /// Where to decide.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What it looks for.
    pub kind: Badge,
    /// Who publishes.
    pub organisation: String,
    /// Since when it waits.
    pub since: When,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEntry {
    /// Where the decision is sent.
    pub action: String,
    /// When it came.
    pub received: When,
    /// The site that reports; `None` for a reader of ours.
    pub host: Option<String>,
    /// What is wrong: HTML made of plain text; may be empty.
    pub content: String,
    /// The ad it is about.
    pub ad: Option<Link>,
    /// The reply it is about: where it is, and its first words.
    pub reply: Option<Link>,
    /// Addresses that were reported and that we do not know.
    pub others: Vec<String>,
}

impl QueuePage {
    fn new(visitor: &Visitor, queue: &Queue) -> Result<Self, AppError> {
        let t = visitor.t;
        let page = visitor.page_with_form(t.tr("À modérer"))?.unlisted();
        let ads = queue.ads.iter();
        let reports = queue.reports.iter();
        let replies = queue.replies.iter();
        Ok(Self {
            page: page.under(t.tr("Mon espace"), paths::ACCOUNT),
            ads: ads.map(|(ad, name)| ad_line(visitor, ad, name)).collect(),
            reports: reports.map(|waiting| report_entry(t, waiting)).collect(),
            replies: replies.map(|waiting| pending_reply(t, waiting)).collect(),
        })
    }
}

fn ad_line(visitor: &Visitor, ad: &Ad, organisation: &str) -> AdLine {
    let t = visitor.t;
    let since = ad.submitted_at.unwrap_or(ad.updated_at);
    AdLine {
        url: addresses::ad_review_path(ad.id),
        title: title_of(t, ad),
        kind: kind_badge(t, ad.content.kind),
        organisation: organisation.to_owned(),
        since: When::ago(t, visitor.now(), since),
    }
}

fn pending_reply(t: Texts, waiting: &WaitingReply) -> PendingReply {
    PendingReply {
        comment: replies::comment(t, &waiting.comment),
        version: replies::version_of(&waiting.comment),
        action: paths::at(paths::REPLY_REVIEW, [&waiting.comment.id.to_string()]),
        ad_title: title_of(t, &waiting.ad),
        ad_url: addresses::ad_workshop_path(waiting.ad.id),
    }
}

fn report_entry(t: Texts, waiting: &WaitingReport) -> ReportEntry {
    let report = &waiting.report;
    let reply = waiting.comment.as_ref().map(|comment| {
        let words = excerpt(&plain_text(&comment.content), EXCERPT);
        let public = waiting.ad.as_ref().and_then(Ad::address);
        let anchor = addresses::comment_anchor(comment.id);
        let url = match public {
            Some(address) => format!("{}/{address}#{anchor}", paths::ADS),
            None => paths::at(paths::AD_REPLIES, [&comment.ad_id.to_string()]),
        };
        let label = match words.as_str() {
            "" => t.tr("Une réponse effacée depuis").to_owned(),
            words => format!("{} : {words}", comment.actor.address()),
        };
        Link::new(label, url)
    });
    let is_known = waiting.ad.is_some() || reply.is_some();
    ReportEntry {
        action: paths::at(paths::REPORT_REVIEW, [&report.id.to_string()]),
        received: When::moment(t, report.received_at),
        host: report.host.clone(),
        content: paragraphs(&report.content),
        ad: waiting
            .ad
            .as_ref()
            .map(|ad| Link::new(title_of(t, ad), addresses::ad_workshop_path(ad.id))),
        reply,
        others: if is_known {
            Vec::new()
        } else {
            report.objects.clone()
        },
    }
}

/// `GET /moderation/file`
async fn show(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    let queue = moderation::show_queue(&web.app, &visitor.who).await?;
    errors::shown(&QueuePage::new(&visitor, &queue)?)
}

fn verdict_of(typed: &str) -> Result<Verdict, AppError> {
    match typed {
        "handled" => Ok(Verdict::Handled),
        "dismissed" => Ok(Verdict::Dismissed),
        _ => Err(AppError::field(
            "verdict",
            Problem::new("Dites si le signalement est traité ou écarté."),
        )),
    }
}

/// `POST /moderation/signalements/{id}`
async fn close_report(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = ReportId::parse(&id).ok_or(AppError::NotFound(Missing::Report))?;
    let verdict = verdict_of(form.value("verdict"))?;
    reports::close(&web.app, &visitor.who, id, verdict).await?;
    visitor.flash(Tone::Success, visitor.t.tr("Le signalement est clos."));
    Ok(Redirect::to(paths::MODERATION_QUEUE).into_response())
}
