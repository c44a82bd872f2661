//! What moderators decide about structures.

use crate::{
    app::{App, AppError, Missing, Who, decisions, permissions},
    domain::{
        decision::{PublicDecision, Subject},
        host::{Host, HostReview, HostState, HostStep, Offer, SourcedProfile},
        ids::HostId,
        organisation::{Member, Organisation},
        problem::{Problem, Problems},
        text::{clean_text, count_chars},
    },
    mail::compose::HostDecisionKind,
    store::{Write, host_fields, host_offers, host_reviews, hosts, memberships},
};

use super::{
    STEPS_SHOWN, entry, find_with_role, keep, mailing, organisation_of, submission, tell_step,
};

/// Characters of a motive: enough to be useful to who reads it.
const MOTIVE_LENGTH: std::ops::RangeInclusive<usize> = 10..=2_000;
/// The most members shown.
const MEMBERS: i64 = 200;

/// What a moderator decides about a structure that was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is a candidate: in the directory as soon as a recommendation counts.
    Accept,
    /// With words that the structure can use.
    Refuse { motive: String },
}

/// Everything a moderator needs to decide.
#[derive(Clone, Debug)]
pub struct ReviewFile {
    pub host: Host,
    pub organisation: Organisation,
    pub members: Vec<Member>,
    pub sourced: SourcedProfile,
    pub offers: Vec<Offer>,
    /// With the names of moderators.
    pub steps: Vec<HostReview>,
    /// What it lacks since it was submitted.
    pub missing: Problems,
    /// Whether this moderator belongs to the organisation and cannot decide.
    pub is_recused: bool,
}

/// Structures that wait, the oldest first, with their names.
pub async fn list(
    app: &App,
    who: &Who,
    after: Option<HostId>,
    limit: i64,
) -> Result<Vec<(Host, String)>, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(hosts::list_submitted(&mut tx, after, limit).await?)
}

/// How many structures wait.
pub async fn count(app: &App, who: &Who) -> Result<i64, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(hosts::count_submitted(&mut tx).await?)
}

/// The file of one structure.
pub async fn show(app: &App, who: &Who, id: HostId) -> Result<ReviewFile, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    let (host, role) = find_with_role(&mut tx, who, id).await?;
    let organisation = organisation_of(&mut tx, &host).await?;
    let sourced = host_fields::read_profile(&mut tx, id).await?;
    let offers = host_offers::list(&mut tx, id).await?;
    Ok(ReviewFile {
        members: memberships::list_members(&mut tx, organisation.id, MEMBERS).await?,
        steps: host_reviews::list_by_host(&mut tx, id, STEPS_SHOWN).await?,
        missing: submission::missing(&sourced.profile, &offers),
        is_recused: role.is_some(),
        host,
        organisation,
        sourced,
        offers,
    })
}

/// Decides on a structure that was submitted, and tells it.
///
/// # Errors
/// `Conflict` when a decision was taken already; `Forbidden` for a member of the structure.
pub async fn decide(app: &App, who: &Who, id: HostId, decision: Decision) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut host = lock_to_judge(&mut tx, who, id).await?;
    if host.state != HostState::Submitted {
        return Err(AppError::conflict(
            "Une décision a déjà été prise sur cette structure.",
        ));
    }
    let (step, motive, action) = match &decision {
        Decision::Accept => (HostStep::Accepted, String::new(), "host.accept"),
        Decision::Refuse { motive } => (HostStep::Refused, check_motive(motive)?, "host.refuse"),
    };
    host.state = match step {
        HostStep::Refused => HostState::Refused,
        _ => HostState::Accepted,
    };
    if host.state == HostState::Accepted {
        hosts::note_accepted(&mut tx, id, app.now()).await?;
        host.capacity_said_at = host.capacity_said_at.or(Some(app.now()));
    }
    let kind = match host.state {
        HostState::Accepted => HostDecisionKind::Accepted,
        _ => HostDecisionKind::Refused,
    };
    tell_step(app, &mut tx, who, id, (step, &motive)).await?;
    // the motive of a refusal is for the structure alone
    let told = match host.state {
        HostState::Accepted => PublicDecision::HostAccepted,
        _ => PublicDecision::HostRefused,
    };
    decisions::record(app, &mut tx, Subject::Host(id), told, "").await?;
    keep(app, &mut tx, &mut host).await?;
    mailing::tell_decision(app, &mut tx, &host, kind, &motive).await?;
    app.audit(&mut tx, who, entry(action, id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a structure out of the directory, with a motive that its page shows.
pub async fn suspend(app: &App, who: &Who, id: HostId, motive: &str) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut host = lock_to_judge(&mut tx, who, id).await?;
    if !host.state.may_become(HostState::Suspended) {
        return Err(AppError::conflict(
            "Seule une structure acceptée peut être suspendue.",
        ));
    }
    let motive = check_motive(motive)?;
    host.state = HostState::Suspended;
    host.suspended_at = Some(app.now());
    host.suspension_motive.clone_from(&motive);
    tell_step(app, &mut tx, who, id, (HostStep::Suspended, &motive)).await?;
    let told = PublicDecision::HostSuspended;
    decisions::record(app, &mut tx, Subject::Host(id), told, &motive).await?;
    keep(app, &mut tx, &mut host).await?;
    let kind = HostDecisionKind::Suspended;
    mailing::tell_decision(app, &mut tx, &host, kind, &motive).await?;
    app.audit(&mut tx, who, entry("host.suspend", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a suspension, with words for the structure.
pub async fn restore(app: &App, who: &Who, id: HostId, motive: &str) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut host = lock_to_judge(&mut tx, who, id).await?;
    if host.state != HostState::Suspended {
        return Err(AppError::conflict("Cette structure n’est pas suspendue."));
    }
    let motive = check_motive(motive)?;
    host.state = HostState::Accepted;
    host.suspended_at = None;
    host.suspension_motive.clear();
    tell_step(app, &mut tx, who, id, (HostStep::Restored, &motive)).await?;
    let told = PublicDecision::HostRestored;
    decisions::record(app, &mut tx, Subject::Host(id), told, "").await?;
    keep(app, &mut tx, &mut host).await?;
    let kind = HostDecisionKind::Restored;
    mailing::tell_decision(app, &mut tx, &host, kind, &motive).await?;
    app.audit(&mut tx, who, entry("host.restore", id)).await?;
    tx.commit().await?;
    Ok(())
}

async fn lock_to_judge(tx: &mut Write, who: &Who, id: HostId) -> Result<Host, AppError> {
    let host = hosts::lock(tx, id).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Host))?;
    let role = super::role_in(tx, who, host.organisation_id).await?;
    permissions::judge_host(who, role)?;
    Ok(host)
}

fn check_motive(typed: &str) -> Result<String, AppError> {
    let motive = clean_text(typed);
    if MOTIVE_LENGTH.contains(&count_chars(&motive)) {
        return Ok(motive);
    }
    Err(AppError::field(
        "motive",
        Problem::new(
            "Expliquez cette décision en {least} à {most} caractères : la structure lira ces mots.",
        )
        .with("least", MOTIVE_LENGTH.start())
        .with("most", MOTIVE_LENGTH.end()),
    ))
}
