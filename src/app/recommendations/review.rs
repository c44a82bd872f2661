//! What moderators decide about recommendations (product, invariants 2, 3 and 6): two different
//! people approve what it says now, none of them of either side; a refusal has a motive.

use chrono::TimeDelta;

use super::{
    facts::{self, Facts},
    publication::{self, Told},
};
use crate::{
    app::{
        App, AppError, Missing, Who, decisions, mails, notices,
        permissions::{self, Involvement},
    },
    domain::{
        decision::{PublicDecision, Subject},
        ids::{AccountId, RecommendationId},
        problem::Problem,
        recommendation::{
            APPROVALS, REVIEW_REMINDER_DAYS, Recommendation, RecommendationState, ReviewEntry,
            ReviewStep,
        },
        text::clean_text,
    },
    mail::compose::{self, QueueItem, QueuedKind, ReviewOverdue, Verdict},
    store::{
        Read, Write, audit, hosts, notices as told, organisations, recommendation_reviews,
        recommendations,
    },
};

pub use recommendation_reviews::Waiting;

/// Characters of a motive: enough to be useful to who reads it.
const MOTIVE_LENGTH: std::ops::RangeInclusive<usize> = 10..=2_000;
/// The most recommendations on a page, and one that tells whether another follows.
const PAGE: i64 = 101;
/// Recommendations of which moderators are reminded in one transaction.
const BATCH: i64 = 20;
/// People told by mail of one event.
const PEOPLE_TOLD: i64 = 50;
/// Steps of a conversation that are shown.
const STEPS_SHOWN: i64 = 200;

/// Path of the queue.
pub const PATH: &str = "/copil";

/// Path of the page where moderators decide on a recommendation.
pub fn path(id: RecommendationId) -> String {
    format!("{PATH}/recommandations/{id}")
}

/// What a moderator sees of a recommendation.
#[derive(Clone, Debug)]
pub struct ReviewFile {
    pub facts: Facts,
    /// Different moderators who approved the words that wait.
    pub approvals: usize,
    /// Why the reader may not decide, if that is so.
    pub involvement: Involvement,
    /// Whether the reader approved the words that wait.
    pub is_approved_by_reader: bool,
}

impl ReviewFile {
    /// Whether a decision is awaited.
    pub fn is_open(&self) -> bool {
        is_open(&self.facts)
    }
}

/// What came of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody else must approve too.
    Noted,
    Published,
    /// The new words replace the former.
    Amended,
}

/// Recommendations that wait for moderators, the oldest first.
pub async fn list(
    app: &App,
    who: &Who,
    after: Option<RecommendationId>,
    limit: i64,
) -> Result<Vec<Waiting>, AppError> {
    permissions::moderate(who)?;
    let reader = who.signed_in()?.id;
    let limit = limit.clamp(1, PAGE);
    let mut tx = app.store().read().await?;
    Ok(recommendation_reviews::list_waiting(&mut tx, reader, after, limit).await?)
}

/// The file of one recommendation; drafts are their author's alone.
pub async fn show(app: &App, who: &Who, id: RecommendationId) -> Result<ReviewFile, AppError> {
    permissions::moderate(who)?;
    let reader = who.signed_in()?.id;
    let mut tx = app.store().read().await?;
    let found = recommendations::find(&mut tx, id).await?;
    let facts = facts::gather(&mut tx, not_a_draft(found)?).await?;
    Ok(ReviewFile {
        approvals: facts.count_approvals(),
        involvement: involvement(&facts, reader),
        is_approved_by_reader: facts.is_approved_by(reader),
        facts,
    })
}

fn not_a_draft(found: Option<Recommendation>) -> Result<Recommendation, AppError> {
    found
        .filter(|it| it.state != RecommendationState::Draft)
        .ok_or(AppError::NotFound(Missing::Recommendation))
}

fn is_open(facts: &Facts) -> bool {
    facts.recommendation.state == RecommendationState::InReview || facts.amendment.is_some()
}

/// What keeps a moderator from deciding: they belong to a side, they chose to stay out of it, or
/// their own refusal is contested.
fn involvement(facts: &Facts, account: AccountId) -> Involvement {
    let mine = |step| {
        facts
            .steps
            .iter()
            .filter(move |entry| entry.step == step && entry.account_id == Some(account))
    };
    let is_contested = facts.steps.iter().any(|appeal| {
        appeal.step == ReviewStep::Appealed
            && appeal.version == facts.version()
            && mine(ReviewStep::Refused)
                .any(|refusal| refusal.version == appeal.version && refusal.id < appeal.id)
    });
    if facts.is_member(account) {
        Involvement::Party
    } else if mine(ReviewStep::Recused).next().is_some() {
        Involvement::Recused
    } else if is_contested {
        Involvement::Contested
    } else {
        Involvement::Free
    }
}

/// Reads and locks what a moderator is about to decide, once they may.
async fn open(tx: &mut Write, who: &Who, id: RecommendationId) -> Result<Facts, AppError> {
    permissions::moderate(who)?;
    let found = recommendations::lock(tx, id).await?;
    let facts = facts::gather(tx, not_a_draft(found)?).await?;
    permissions::review_recommendation(who, involvement(&facts, who.signed_in()?.id))?;
    Ok(facts)
}

/// The same, when a decision is awaited about this version.
async fn open_in_review(
    tx: &mut Write,
    who: &Who,
    id: RecommendationId,
    version: i64,
) -> Result<Facts, AppError> {
    let facts = open(tx, who, id).await?;
    if !is_open(&facts) {
        return Err(AppError::conflict(
            "Une décision a déjà été prise sur cette recommandation.",
        ));
    }
    if facts.version() != version {
        return Err(AppError::conflict(
            "Le texte a changé depuis que vous l’avez lu. Relisez-le, puis décidez.",
        ));
    }
    Ok(facts)
}

/// Approves the words of this version. The second moderator who does publishes them.
///
/// # Errors
/// `Conflict` when a decision was made, when the words changed, when a link stands, when the
/// accompaniment is not finished, and, for the second, when the association is not verified.
pub async fn approve(
    app: &App,
    who: &Who,
    id: RecommendationId,
    version: i64,
) -> Result<Outcome, AppError> {
    let mut tx = app.store().write().await?;
    let mut facts = open_in_review(&mut tx, who, id, version).await?;
    if facts.is_approved_by(who.signed_in()?.id) {
        return Err(AppError::conflict(
            "Vous l’avez déjà approuvée : une autre personne doit le faire aussi.",
        ));
    }
    if facts.standing_links().next().is_some() {
        return Err(AppError::conflict(
            "Un lien entre les deux organisations n’est pas écarté. Écartez-le en expliquant pourquoi, ou refusez.",
        ));
    }
    if !facts.accompaniment.is_finished() {
        return Err(AppError::conflict(
            "Les deux organisations n’ont pas encore confirmé la fin de l’accompagnement.",
        ));
    }
    let approval = note(app, &mut tx, who, &facts, ReviewStep::Approved, "").await?;
    facts.steps.push(approval);
    app.audit(&mut tx, who, entry("recommendation.approve", id))
        .await?;
    let outcome = if facts.count_approvals() < APPROVALS {
        Outcome::Noted
    } else {
        publication::publish(app, &mut tx, facts).await?
    };
    tx.commit().await?;
    Ok(outcome)
}

/// Refuses the words of this version, with a motive that the author reads. What was published
/// before stays.
pub async fn refuse(
    app: &App,
    who: &Who,
    id: RecommendationId,
    version: i64,
    motive: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut facts = open_in_review(&mut tx, who, id, version).await?;
    let motive = check_motive(motive)?;
    note(app, &mut tx, who, &facts, ReviewStep::Refused, &motive).await?;
    let verdict = if facts.amendment.is_some() {
        recommendations::delete_amendment(&mut tx, id).await?;
        Verdict::AmendmentRefused(&motive)
    } else {
        facts.recommendation.state = RecommendationState::Refused;
        facts.recommendation.updated_at = app.now();
        recommendations::update(&mut tx, &facts.recommendation).await?;
        Verdict::Refused(&motive)
    };
    publication::tell(app, &mut tx, &facts, Told::Author, verdict).await?;
    // the motive may name people: it is for the author
    let subject = Subject::Recommendation(id);
    let decision = PublicDecision::RecommendationRefused;
    decisions::record(app, &mut tx, subject, decision, "").await?;
    app.audit(&mut tx, who, entry("recommendation.refuse", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Says why a link that was found is no reason to doubt.
pub async fn set_aside(
    app: &App,
    who: &Who,
    id: RecommendationId,
    link: &str,
    motive: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let facts = open(&mut tx, who, id).await?;
    let found = facts.standing_links().find(|it| it.link.key() == link);
    let Some(found) = found.map(|it| it.link.key()) else {
        return Err(AppError::conflict(
            "Ce lien est déjà écarté, ou n’existe plus.",
        ));
    };
    let motive = check_motive(motive)?;
    let step = ReviewEntry {
        link: found,
        ..step(app, who, &facts, ReviewStep::LinkSetAside, &motive)
    };
    recommendation_reviews::insert(&mut tx, id, &step).await?;
    app.audit(&mut tx, who, entry("recommendation.set-link-aside", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Stays out of a case. What this moderator approved of the words that wait does not count any
/// more.
pub async fn recuse(
    app: &App,
    who: &Who,
    id: RecommendationId,
    motive: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let facts = open(&mut tx, who, id).await?;
    if !is_open(&facts) {
        return Err(AppError::conflict(
            "Cette recommandation n’est plus à l’étude. Si elle n’aurait pas dû compter, une autre personne peut l’annuler.",
        ));
    }
    let motive = clean_text(motive);
    if motive.chars().count() > *MOTIVE_LENGTH.end() {
        check_motive(&motive)?;
    }
    note(app, &mut tx, who, &facts, ReviewStep::Recused, &motive).await?;
    app.audit(&mut tx, who, entry("recommendation.recuse", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Annuls a published recommendation: it should never have counted. The motive is public and told
/// to both sides.
pub async fn annul(
    app: &App,
    who: &Who,
    id: RecommendationId,
    motive: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let facts = open(&mut tx, who, id).await?;
    if facts.recommendation.state != RecommendationState::Published {
        return Err(AppError::conflict(
            "Seule une recommandation publiée peut être annulée.",
        ));
    }
    let motive = check_motive(motive)?;
    note(app, &mut tx, who, &facts, ReviewStep::Annulled, &motive).await?;
    app.audit(&mut tx, who, entry("recommendation.annul", id))
        .await?;
    publication::annul(app, &mut tx, facts, &motive).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts a recommendation, or new words of one, before the moderators, in the transaction of who
/// submits: the step, the reminders from the start, a mail to each.
pub(crate) async fn enter(
    app: &App,
    tx: &mut Write,
    who: &Who,
    recommendation: &Recommendation,
    version: i64,
) -> Result<(), AppError> {
    let step = ReviewEntry {
        id: app.next_id(),
        step: ReviewStep::Submitted,
        motive: String::new(),
        version,
        link: String::new(),
        account_id: who.account_id(),
        author: String::new(),
        created_at: app.now(),
    };
    recommendation_reviews::insert(tx, recommendation.id, &step).await?;
    recommendation_reviews::reset_reminders(tx, recommendation.id).await?;
    tell_moderators(app, tx, recommendation, QueuedKind::Recommendation).await
}

/// Tells moderators that a recommendation, or the appeal of its author, waits for them.
pub(super) async fn tell_moderators(
    app: &App,
    tx: &mut Write,
    recommendation: &Recommendation,
    kind: QueuedKind,
) -> Result<(), AppError> {
    let link = notices::link(app, &path(recommendation.id))?;
    let association = organisations::find(tx, recommendation.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let host = hosts::find(tx, recommendation.host_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Host))?;
    let structure = organisations::find(tx, host.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    for moderator in told::list_moderators(tx, PEOPLE_TOLD).await? {
        let message = compose::queue_item(
            notices::texts_of(&moderator),
            &QueueItem {
                to: &moderator.email,
                site: notices::site(app),
                kind,
                title: &structure.name,
                organisation: &association.name,
                link: &link,
                unsubscribe: &notices::stop_link(app, moderator.id)?,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// The conversation about a recommendation, as its association reads it: what was said to it, and
/// by nobody's name.
pub async fn conversation(
    app: &App,
    who: &Who,
    id: RecommendationId,
) -> Result<Vec<ReviewEntry>, AppError> {
    let mut tx = app.store().read().await?;
    let recommendation = recommendations::find(&mut tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Recommendation))?;
    let sides = facts::find_sides(&mut tx, who, &recommendation).await?;
    permissions::see_recommendation(who, id, sides)?;
    read_conversation(&mut tx, id).await
}

/// The same, for a caller that checked who asks.
pub(super) async fn read_conversation(
    tx: &mut Read,
    id: RecommendationId,
) -> Result<Vec<ReviewEntry>, AppError> {
    let mut steps = recommendation_reviews::list_by_recommendation(tx, id, STEPS_SHOWN).await?;
    steps.retain(|entry| !matches!(entry.step, ReviewStep::Recused | ReviewStep::LinkSetAside));
    for entry in &mut steps {
        if !matches!(entry.step, ReviewStep::Submitted | ReviewStep::Appealed) {
            entry.account_id = None;
            entry.author.clear();
        }
    }
    Ok(steps)
}

/// Reminds moderators of recommendations that wait for 14, then 28 days; how many. Run by a timer.
pub async fn remind(app: &App) -> Result<u64, AppError> {
    let mut reminded = 0;
    // the last first: what waited through both while nothing ran gives one mail
    for (index, days) in (1..)
        .zip(REVIEW_REMINDER_DAYS)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let mut tx = app.store().write().await?;
        let before = app.now() - TimeDelta::days(days);
        let due = recommendation_reviews::list_to_remind(&mut tx, before, index, BATCH).await?;
        for overdue in due {
            if recommendation_reviews::take_reminder(&mut tx, overdue.0, index).await? {
                tell_overdue(app, &mut tx, &overdue, days).await?;
                reminded += 1;
            }
        }
        tx.commit().await?;
    }
    Ok(reminded)
}

async fn tell_overdue(
    app: &App,
    tx: &mut Write,
    (id, association, host): &(RecommendationId, String, String),
    days: i64,
) -> Result<(), AppError> {
    let link = notices::link(app, &path(*id))?;
    for moderator in told::list_moderators(tx, PEOPLE_TOLD).await? {
        let message = compose::review_overdue(
            notices::texts_of(&moderator),
            &ReviewOverdue {
                to: &moderator.email,
                site: notices::site(app),
                association,
                host,
                days,
                link: &link,
                unsubscribe: &notices::stop_link(app, moderator.id)?,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// A step about the words that wait, not kept yet.
fn step(app: &App, who: &Who, facts: &Facts, step: ReviewStep, motive: &str) -> ReviewEntry {
    ReviewEntry {
        id: app.next_id(),
        step,
        motive: motive.to_owned(),
        version: facts.version(),
        link: String::new(),
        account_id: who.account_id(),
        author: String::new(),
        created_at: app.now(),
    }
}

async fn note(
    app: &App,
    tx: &mut Write,
    who: &Who,
    facts: &Facts,
    kind: ReviewStep,
    motive: &str,
) -> Result<ReviewEntry, AppError> {
    let entry = step(app, who, facts, kind, motive);
    recommendation_reviews::insert(tx, facts.recommendation.id, &entry).await?;
    Ok(entry)
}

pub(super) fn entry(action: &'static str, id: RecommendationId) -> audit::Entry<'static> {
    audit::Entry {
        action,
        subject_kind: "recommendation",
        subject_id: id.get(),
        detail: "",
    }
}

pub(super) fn check_motive(typed: &str) -> Result<String, AppError> {
    let motive = clean_text(typed);
    if MOTIVE_LENGTH.contains(&motive.chars().count()) {
        return Ok(motive);
    }
    Err(AppError::field(
        "motive",
        Problem::new("Expliquez pourquoi, en {least} à {most} caractères.")
            .with("least", MOTIVE_LENGTH.start())
            .with("most", MOTIVE_LENGTH.end()),
    ))
}

#[cfg(test)]
mod tests;
