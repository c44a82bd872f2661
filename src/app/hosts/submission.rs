//! A structure asks moderators to let it become a candidate for the directory.

use crate::{
    app::{App, AppError, Who, permissions},
    domain::{
        host::{HostProfile, HostState, HostStep, Offer},
        ids::HostId,
        problem::{Problem, Problems},
        text::clean_text,
    },
    mail::compose::QueuedKind,
    store::{host_fields, host_offers},
};

use super::{entry, keep, lock_with_role, mailing, tell_step};

/// The field of the problem of a structure that proposes no accompaniment (promise P31).
pub const ACCOMPANIMENT: &str = "offers";
/// The most characters of an answer to the moderators.
const ANSWER_LENGTH: usize = 2_000;

/// What a structure lacks before moderators look at it, in the order of its checklist.
pub fn missing(profile: &HostProfile, offers: &[Offer]) -> Problems {
    let mut problems = profile.check_complete();
    if offers.is_empty() {
        problems.add(
            ACCOMPANIMENT,
            Problem::new("Ajoutez au moins une offre : ce que vous proposez aux associations."),
        );
    } else if !offers.iter().any(Offer::accompanies) {
        problems.add(
ACCOMPANIMENT,
Problem::new("Aucune de vos offres ne comprend d’accompagnement. L’annuaire présente des structures qui prennent du temps avec les associations : diagnostic, migration, formation, aide dans la durée ou recherche de financements."),
);
    }
    problems
}

/// Asks moderators to decide. `answer` goes with it when they refused before; it may be empty.
///
/// # Errors
/// `Invalid` with everything that is missing.
pub async fn submit(app: &App, who: &Who, id: HostId, answer: &str) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut host, role) = lock_with_role(&mut tx, who, id).await?;
    permissions::write_host(who, role)?;
    if !host.state.may_become(HostState::Submitted) {
        return Err(AppError::conflict("Cette fiche est déjà envoyée."));
    }
    let profile = host_fields::read_profile(&mut tx, id).await?.profile;
    let offers = host_offers::list(&mut tx, id).await?;
    let problems = missing(&profile, &offers);
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let step = match host.state {
        HostState::Refused => HostStep::Answered,
        _ => HostStep::Submitted,
    };
    let words = check_answer(answer)?;
    let now = app.now();
    host.state = HostState::Submitted;
    host.submitted_at = Some(now);
    host.confirmed_at = Some(now);
    host_fields::confirm_all(&mut tx, id, now).await?;
    tell_step(app, &mut tx, who, id, (step, &words)).await?;
    keep(app, &mut tx, &mut host).await?;
    mailing::tell_moderators(app, &mut tx, &host, QueuedKind::Host).await?;
    app.audit(&mut tx, who, entry("host.submit", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a profile back before moderators decided, to change it.
pub async fn take_back(app: &App, who: &Who, id: HostId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut host, role) = lock_with_role(&mut tx, who, id).await?;
    permissions::write_host(who, role)?;
    if host.state != HostState::Submitted {
        return Err(AppError::conflict(
            "Une décision a déjà été prise sur cette fiche.",
        ));
    }
    host.state = HostState::Draft;
    host.submitted_at = None;
    tell_step(app, &mut tx, who, id, (HostStep::TakenBack, "")).await?;
    keep(app, &mut tx, &mut host).await?;
    app.audit(&mut tx, who, entry("host.take-back", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Answers the moderators who suspended a structure; another of them may read it.
pub async fn answer(app: &App, who: &Who, id: HostId, words: &str) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (host, role) = lock_with_role(&mut tx, who, id).await?;
    permissions::write_host(who, role)?;
    if host.state != HostState::Suspended {
        return Err(AppError::conflict("Cette fiche n’est pas suspendue."));
    }
    let words = check_answer(words)?;
    if words.is_empty() {
        let problem = Problem::new("Écrivez ce que vous voulez dire à la modération.");
        return Err(AppError::field("answer", problem));
    }
    tell_step(app, &mut tx, who, id, (HostStep::Answered, &words)).await?;
    mailing::tell_moderators(app, &mut tx, &host, QueuedKind::Appeal).await?;
    app.audit(&mut tx, who, entry("host.answer", id)).await?;
    tx.commit().await?;
    Ok(())
}

fn check_answer(typed: &str) -> Result<String, AppError> {
    let answer = clean_text(typed);
    if answer.chars().count() <= ANSWER_LENGTH {
        return Ok(answer);
    }
    let problem = Problem::new("C’est trop long : {most} caractères au plus.");
    Err(AppError::field(
        "answer",
        problem.with("most", ANSWER_LENGTH),
    ))
}
