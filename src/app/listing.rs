//! The listing rule applied: the one place that puts structures in the directory and takes them out
//! (product, invariants 1 and 2).
//!
//! [`crate::domain::listing::decide`] says what the rule is. Every use case that changes a fact it
//! looks at calls [`settle`] last, in its own transaction; a timer calls it when time alone changes
//! the answer. Readers ask for `hosts.listing` and nothing else.

use chrono::{DateTime, Utc};

use crate::{
    app::{App, AppError, Missing, Who, decisions, directory, host_actors, mails, notices},
    domain::{
        decision::{PublicDecision, Subject},
        host::{self, Host, HostState, Listing},
        ids::{HostId, OrganisationId},
        listing::{self, Candidate, Decision, Standing},
    },
    mail::{
        Message,
        compose::{self, HostInDirectory, HostLeaves, HostOnNotice},
    },
    store::{
        Read, Write, audit, host_offers, hosts, listing as stored, memberships, organisations,
        recommendations,
    },
};

/// Structures settled by one run of the timer.
const BATCH: i64 = 20;
/// More structures than an association will recommend.
const RECOMMENDED: i64 = 1_000;
/// People told by mail of one event.
const PEOPLE_TOLD: i64 = 50;

/// Asks the rule about a structure and does what it answers: the row, the directory, what other
/// sites are told, mails, the audit log and the public log, all in the caller's transaction.
///
/// The row of the structure is locked first, so that two changes at the same instant are judged one
/// after the other.
pub(crate) async fn settle(app: &App, tx: &mut Write, id: HostId) -> Result<Decision, AppError> {
    let mut host = hosts::lock(tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Host))?;
    let decision = consult(app, tx, &host).await?;
    let before = host.listing;
    host.listing = answer(before, &decision, app.now());
    if host.listing != before {
        stored::save(tx, id, &host.listing, decision.notice_until).await?;
    }
    let is_in = host.listing.standing.is_in_directory();
    match (before.standing.is_in_directory(), is_in) {
        (false, true) => host_actors::enter_directory(app, tx, &mut host).await?,
        (true, false) => host_actors::leave_directory(app, tx, &mut host).await?,
        (true, true) | (false, false) => {}
    }
    if is_in {
        // what it is found by changes with its profile, its offers and its recommendations
        directory::show(app, tx, &host).await?;
    } else if before.standing.is_in_directory() {
        directory::hide(app, tx, &host).await?;
    }
    if before.standing != host.listing.standing {
        announce(app, tx, &host, before.standing, &decision).await?;
    }
    Ok(decision)
}

/// What the rule answers about a structure as things are now. Changes nothing.
pub(crate) async fn consult(app: &App, tx: &mut Read, host: &Host) -> Result<Decision, AppError> {
    let offers = host_offers::list(tx, host.id).await?;
    let candidate = Candidate {
        is_accepted: host.state == HostState::Accepted && !host.is_unclaimed,
        accompanies: offers.iter().any(host::Offer::accompanies),
        organisation: host.organisation_id,
    };
    let statements = if is_operator(app, tx, host).await? {
        Vec::new()
    } else {
        recommendations::list_statements(tx, host.id).await?
    };
    Ok(listing::decide(&candidate, &statements, app.now()))
}

/// Whether the structure runs this very site: what its own moderators say of it does not count here
/// (product, invariant 3).
async fn is_operator(app: &App, tx: &mut Read, host: &Host) -> Result<bool, AppError> {
    let operator = &app.config().directory.operator;
    if operator.is_empty() {
        return Ok(false);
    }
    let organisation = organisations::find(tx, host.organisation_id).await?;
    Ok(organisation.is_some_and(|organisation| organisation.slug == *operator))
}

fn answer(before: Listing, decision: &Decision, now: DateTime<Utc>) -> Listing {
    let was_in = before.standing.is_in_directory();
    let is_in = decision.standing.is_in_directory();
    Listing {
        standing: decision.standing,
        counted: i64::try_from(decision.counted).unwrap_or(i64::MAX),
        listed_since: if was_in {
            before.listed_since
        } else {
            Some(now)
        }
        .filter(|_| is_in),
        unlisted_at: match (was_in, is_in) {
            (_, true) => None,
            (true, false) => Some(now),
            (false, false) => before.unlisted_at,
        },
        settle_at: decision.settle_at,
    }
}

/// Tells a change of standing: to its people, to the administrator, to everybody.
async fn announce(
    app: &App,
    tx: &mut Write,
    host: &Host,
    before: Standing,
    decision: &Decision,
) -> Result<(), AppError> {
    let (told, action) = match decision.standing {
        Standing::Listed => (PublicDecision::HostListed, "host.list"),
        Standing::Notice => (PublicDecision::HostNotice, "host.give-notice"),
        Standing::Unlisted => (PublicDecision::HostUnlisted, "host.unlist"),
    };
    decisions::record(app, tx, Subject::Host(host.id), told, "").await?;
    let entry = audit::Entry {
        action,
        subject_kind: "host",
        subject_id: host.id.get(),
        detail: before.as_str(),
    };
    app.audit(tx, &Who::System, entry).await?;
    // who suspends or archives a structure tells it why
    if decision.standing != Standing::Unlisted || host.state == HostState::Accepted {
        tell(app, tx, host, decision).await?;
    }
    Ok(())
}

async fn tell(app: &App, tx: &mut Write, host: &Host, decision: &Decision) -> Result<(), AppError> {
    let organisation = organisations::find(tx, host.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    for account in memberships::list_accounts(tx, organisation.id, PEOPLE_TOLD).await? {
        let message = message(app, host, decision, &organisation.name, &account)?;
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

fn message(
    app: &App,
    host: &Host,
    decision: &Decision,
    name: &str,
    account: &crate::domain::account::Account,
) -> Result<Message, AppError> {
    let texts = notices::texts_of(account);
    let site = notices::site(app);
    let to = account.email.as_str();
    let link = &notices::link(app, &host::host_path(&host.handle))?;
    Ok(match (decision.standing, decision.notice_until) {
        (Standing::Notice, Some(until)) => compose::host_on_notice(
            texts,
            &HostOnNotice {
                to,
                site,
                name,
                until,
                link,
            },
        ),
        (Standing::Unlisted, _) => compose::host_leaves(
            texts,
            &HostLeaves {
                to,
                site,
                name,
                link,
            },
        ),
        (Standing::Listed | Standing::Notice, _) => compose::host_in_directory(
            texts,
            &HostInDirectory {
                to,
                site,
                name,
                link,
            },
        ),
    })
}

/// Settles every structure that an organisation has recommended, after something changed about that
/// organisation. Always in the order of their ids, so that two such changes never wait for each
/// other.
pub(crate) async fn settle_recommended_by(
    app: &App,
    tx: &mut Write,
    organisation: OrganisationId,
) -> Result<(), AppError> {
    for host in stored::list_recommended_by(tx, organisation, RECOMMENDED).await? {
        settle(app, tx, host).await?;
    }
    Ok(())
}

/// Notes that an organisation lost its mark, or that it has it: what it recommends counts
/// accordingly. Its row must be locked.
pub(crate) async fn note_verification(
    app: &App,
    tx: &mut Write,
    organisation: OrganisationId,
    lost_at: Option<DateTime<Utc>>,
) -> Result<(), AppError> {
    organisations::set_verification_lost(tx, organisation, lost_at).await?;
    settle_recommended_by(app, tx, organisation).await
}

/// Settles structures for which time alone changes the answer: recommendations that expire, notices
/// that end. One transaction each, so that one that fails does not hold the others back; how many.
pub async fn settle_due(app: &App) -> Result<u64, AppError> {
    let due = {
        let mut tx = app.store().read().await?;
        stored::list_due(&mut tx, app.now(), BATCH).await?
    };
    let mut settled = 0;
    let mut failure = None;
    for host in due {
        match settle_alone(app, host).await {
            Ok(()) => settled += 1,
            Err(error) => {
                tracing::error!(%host, %error, "a structure could not be settled");
                failure = Some(error);
            }
        }
    }
    failure.map_or(Ok(settled), Err)
}

async fn settle_alone(app: &App, host: HostId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    settle(app, &mut tx, host).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests;
