//! What other servers and readers find wrong.

use crate::{
    app::{App, AppError, Missing, Who, inbox::Effect, permissions},
    domain::{
        html::plain_text,
        ids::{AdId, CommentId, ReportId},
        moderation::{Report, ReportReason, ReportState},
        problem::{Problem, Problems},
        text::{check_length, clean_text, truncate_chars},
    },
    store::{Read, actors, ads, audit, comments, posts, reports},
};

/// Longest text of a report kept, in characters.
const CONTENT_LENGTH: usize = 5_000;
/// Characters of what a reader explains.
const READER_TEXT_LENGTH: std::ops::RangeInclusive<usize> = 10..=2_000;
/// Reports of a page.
const PAGE: i64 = 50;
/// Most ids of a report looked at.
const MOST_OBJECTS: usize = 100;

/// A `Flag` of another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flagged {
    /// Id of the activity.
    pub activity: String,
    /// The server that reports. Who reports is not kept: their server hides them, and so do we
    /// when it does not.
    pub host: String,
    /// HTML or text, as sent.
    pub content: String,
    /// Ids reported, as sent.
    pub objects: Vec<String>,
}

/// Another server reports something of ours to the moderators.
pub async fn receive(app: &App, who: &Who, flagged: Flagged) -> Result<Effect, AppError> {
    permissions::act_as_remote(who)?;
    let mut objects = flagged.objects;
    objects.truncate(MOST_OBJECTS);
    let mut tx = app.store().write().await?;
    let found = resolve(&mut tx, &objects).await?;
    if !found.is_ours {
        return Ok(Effect::Nothing("nothing of ours is reported"));
    }
    let content = clean_text(&plain_text(&flagged.content));
    let report = Report {
        id: app.next_id(),
        host: Some(flagged.host),
        content: truncate_chars(&content, CONTENT_LENGTH).to_owned(),
        objects,
        ad_id: found.ad,
        comment_id: found.comment,
        state: ReportState::Open,
        received_at: app.now(),
    };
    let is_new = reports::insert(&mut tx, &report, Some(&flagged.activity)).await?;
    tx.commit().await?;
    Ok(if is_new {
        Effect::Applied
    } else {
        Effect::Nothing("already reported")
    })
}

/// A report as a reader typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReaderReport {
    /// Id of what is reported.
    pub uri: String,
    pub reason: String,
    pub text: String,
}

/// A reader reports something to the moderators. Who it is is neither asked nor kept.
pub async fn receive_from_reader(app: &App, typed: &ReaderReport) -> Result<(), AppError> {
    let mut problems = Problems::new();
    let reason = problems.check(
        "reason",
        ReportReason::parse(&typed.reason).ok_or(Problem::new("Choisissez ce qui ne va pas.")),
    );
    let text = problems.check("text", check_text(&typed.text));
    let checked = (|| Some((reason?, text?)))();
    let (reason, text) = problems.or(checked).map_err(AppError::Invalid)?;
    let objects = vec![typed.uri.clone()];
    let mut tx = app.store().write().await?;
    let found = resolve(&mut tx, &objects).await?;
    if !found.is_ours {
        return Err(AppError::NotFound(Missing::Page));
    }
    let report = Report {
        id: app.next_id(),
        host: None,
        content: format!("{}\n\n{text}", report_label(reason)),
        objects,
        ad_id: found.ad,
        comment_id: found.comment,
        state: ReportState::Open,
        received_at: app.now(),
    };
    reports::insert(&mut tx, &report, None).await?;
    tx.commit().await?;
    Ok(())
}

/// The first line of a report, in French as moderators read it.
const fn report_label(reason: ReportReason) -> &'static str {
    match reason {
        ReportReason::Illegal => "C’est interdit par la loi.",
        ReportReason::OffTopic => "C’est de la publicité, ou hors sujet.",
        ReportReason::Impersonation => "Quelqu’un se fait passer pour une autre organisation.",
        ReportReason::PersonalData => "Des données personnelles sont montrées.",
        ReportReason::Other => "Autre chose.",
    }
}

fn check_text(typed: &str) -> Result<String, Problem> {
    let text = clean_text(typed);
    match check_length(&text, READER_TEXT_LENGTH) {
        Ok(()) => Ok(text),
        Err(_) => Err(
            Problem::new("Expliquez ce qui ne va pas, en {least} à {most} caractères.")
                .with("least", READER_TEXT_LENGTH.start())
                .with("most", READER_TEXT_LENGTH.end()),
        ),
    }
}

#[derive(Default)]
struct Resolved {
    ad: Option<AdId>,
    comment: Option<CommentId>,
    is_ours: bool,
}

/// The ad and the reply that a report is about.
async fn resolve(tx: &mut Read, objects: &[String]) -> Result<Resolved, AppError> {
    let mut found = Resolved::default();
    for uri in objects {
        if let Some(comment) = comments::find_by_uri(tx, uri).await? {
            found.is_ours = true;
            found.ad.get_or_insert(comment.ad_id);
            found.comment.get_or_insert(comment.id);
        } else if let Some(post) = posts::find_by_uri(tx, uri).await? {
            found.is_ours = true;
            if let Some(ad) = post.subject.ad() {
                found.ad.get_or_insert(ad);
            }
        } else if let Some(actor) = actors::find_by_uri(tx, uri).await?
            && actor.is_local()
        {
            found.is_ours = true;
            if let Some(ad) = ads::find_by_actor(tx, actor.id).await? {
                found.ad.get_or_insert(ad.id);
            }
        }
    }
    Ok(found)
}

/// The reports that wait for a moderator, the oldest first.
pub async fn list_open(
    app: &App,
    who: &Who,
    after: Option<ReportId>,
) -> Result<Vec<Report>, AppError> {
    list_open_part(app, who, after, PAGE).await
}

/// The same, `limit` at most.
pub async fn list_open_part(
    app: &App,
    who: &Who,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<Report>, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(reports::list(&mut tx, ReportState::Open, after, limit).await?)
}

/// How many reports wait.
pub async fn count_open(app: &App, who: &Who) -> Result<i64, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(reports::count(&mut tx, ReportState::Open).await?)
}

/// What a moderator made of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something was done about it.
    Handled,
    /// There was nothing wrong.
    Dismissed,
}

/// A moderator closes a report.
pub async fn close(app: &App, who: &Who, id: ReportId, verdict: Verdict) -> Result<(), AppError> {
    permissions::moderate(who)?;
    let account = who.signed_in()?.id;
    let state = match verdict {
        Verdict::Handled => ReportState::Handled,
        Verdict::Dismissed => ReportState::Dismissed,
    };
    let mut tx = app.store().write().await?;
    if reports::find(&mut tx, id).await?.is_none() {
        return Err(AppError::NotFound(Missing::Report));
    }
    if !reports::close(&mut tx, id, state, account, app.now()).await? {
        return Err(AppError::conflict("Ce signalement a déjà été traité."));
    }
    let entry = audit::Entry {
        action: "report.close",
        subject_kind: "report",
        subject_id: id.get(),
        detail: state.as_str(),
    };
    app.audit(&mut tx, who, entry).await?;
    tx.commit().await?;
    Ok(())
}
