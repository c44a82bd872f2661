//! What is on its way to other servers, host by host.
//!
//! A worker takes a whole host for a few minutes: so a host is never called by two processes at
//! once, one that does not answer holds nobody else back, and one with many deliveries waits for
//! its turn like the others. A crash between a sending and its record sends the same activity
//! again, with the same id, which receivers recognise.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::{App, AppError, domain_policies},
    domain::{
        delivery::{DELIVERY_BACKOFF, DeliveryOutcome, HostNews, bounded_wish},
        federation::Rendition,
        text::truncate_chars,
    },
    store::{Write, actors, deliveries, remote_hosts},
};

pub use crate::store::{deliveries::DueDelivery, remote_hosts::RemoteHost};

/// How long a worker may keep a host before another takes it.
const LEASE: TimeDelta = TimeDelta::minutes(3);
/// Deliveries made to a host before its turn ends.
const TURN: i64 = 12;
/// How long a delivery waits for the key of its speaker.
const KEY_WAIT: TimeDelta = TimeDelta::seconds(5);
/// What is kept of an error, in characters.
const DETAIL_LENGTH: usize = 300;
/// How old the answer of a host about its software may be.
const SOFTWARE_AGE: TimeDelta = TimeDelta::days(1);
/// How long after a silence a host is asked again about its software, when a delivery needs it.
const SOFTWARE_RETRY: TimeDelta = TimeDelta::hours(1);

/// A host taken by a worker.
#[derive(Clone, Debug)]
pub struct Taken {
    pub host: RemoteHost,
    lease_end: DateTime<Utc>,
}

/// What became of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver took it.
    Delivered,
    /// The receiver will never take it.
    Refused(String),
    /// 410: the inbox is no more, nor is who reads it.
    Gone(String),
    /// There is nothing for this software.
    NothingToSay,
    /// The receiver could not take this one; perhaps it says when it will.
    Later(String, Option<TimeDelta>),
    /// The whole host could not, or wants to be left alone: all its deliveries wait together.
    HostUnable(String),
    /// The speaker has no key yet.
    NoKey,
}

/// A delivery and what became of it.
#[derive(Clone, Debug)]
pub struct Attempted {
    pub delivery: DueDelivery,
    /// What was sent.
    pub rendition: Option<Rendition>,
    pub attempt: Attempt,
}

/// Takes up to `limit` hosts to which something is due.
pub async fn claim_hosts(app: &App, limit: usize) -> Result<Vec<Taken>, AppError> {
    let now = app.now();
    let lease_end = now + LEASE;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = app.store().write().await?;
    let hosts = remote_hosts::claim_due(&mut tx, now, lease_end, limit).await?;
    tx.commit().await?;
    Ok(hosts
        .into_iter()
        .map(|host| Taken { host, lease_end })
        .collect())
}

/// What is to be delivered to a host in this turn: one thing when it did not answer last time.
/// Nothing to a host that the administrator suspended meanwhile.
pub async fn list_due(app: &App, taken: &Taken) -> Result<Vec<DueDelivery>, AppError> {
    let (host, now) = (taken.host.host.as_str(), app.now());
    let limit = if taken.host.health.failures > 0 {
        1
    } else {
        TURN
    };
    let mut tx = app.store().read().await?;
    let asked = HashSet::from([host]);
    let is_suspended = !domain_policies::list_suspended(&mut tx, &asked)
        .await?
        .is_empty();
    let due = if is_suspended {
        Vec::new()
    } else {
        deliveries::list_due(&mut tx, host, now, limit).await?
    };
    drop(tx);
    if is_suspended {
        let mut tx = app.store().write().await?;
        let end = (DeliveryOutcome::NotSent, "this host is suspended here");
        deliveries::finish_by_host(&mut tx, host, now, now, end).await?;
        tx.commit().await?;
    }
    Ok(due)
}

/// Records what became of the deliveries of a turn and what was learnt of the host, and gives it
/// back. All or nothing: without this record the turn is done again.
pub async fn record_turn(
    app: &App,
    mut taken: Taken,
    attempted: &[Attempted],
    (news, detail): (HostNews, Option<&str>),
) -> Result<(), AppError> {
    let now = app.now();
    let mut tx = app.store().write().await?;
    for one in attempted {
        record_attempt(app, &mut tx, one).await?;
    }
    let host = &mut taken.host;
    let seed = attempted.first().map_or(0, |one| one.delivery.id.get());
    host.health = host.health.after(news, now, seed);
    if attempted
        .iter()
        .any(|one| one.attempt == Attempt::Delivered)
    {
        host.last_success_at = Some(now);
    }
    if news != HostNews::Unknown {
        host.last_error = detail.map(|words| truncate_chars(words, DETAIL_LENGTH).to_owned());
    }
    if matches!(news, HostNews::Fails(_)) {
        let oldest = now - DELIVERY_BACKOFF.give_up_after;
        let words = format!(
            "the host did not answer for three days: {}",
            detail.unwrap_or("?")
        );
        let end = (
            DeliveryOutcome::GivenUp,
            truncate_chars(&words, DETAIL_LENGTH),
        );
        deliveries::finish_by_host(&mut tx, &host.host, oldest, now, end).await?;
    }
    remote_hosts::lock(&mut tx, &host.host).await?;
    remote_hosts::release(&mut tx, host, taken.lease_end).await?;
    tx.commit().await?;
    Ok(())
}

async fn record_attempt(app: &App, tx: &mut Write, one: &Attempted) -> Result<(), AppError> {
    let now = app.now();
    let Attempted {
        delivery,
        rendition,
        attempt,
    } = one;
    let (id, attempts) = (delivery.id, delivery.attempts);
    let (outcome, detail) = match attempt {
        Attempt::Delivered => (DeliveryOutcome::Delivered, ""),
        Attempt::Refused(detail) => (DeliveryOutcome::Refused, detail.as_str()),
        Attempt::Gone(detail) => {
            actors::mark_inbox_gone(tx, &delivery.inbox, now).await?;
            (DeliveryOutcome::Refused, detail.as_str())
        }
        Attempt::NothingToSay => (
            DeliveryOutcome::NotSent,
            "nothing to say to the software of this host",
        ),
        Attempt::NoKey => {
            let detail = "waits for the key of the speaker";
            let run_at = now + KEY_WAIT;
            deliveries::postpone(tx, id, run_at, (attempts, None), detail).await?;
            return Ok(());
        }
        Attempt::HostUnable(detail) => {
            // due as soon as the host is called again
            let detail = truncate_chars(detail, DETAIL_LENGTH);
            deliveries::postpone(tx, id, now, (attempts + 1, *rendition), detail).await?;
            return Ok(());
        }
        Attempt::Later(detail, wish) => {
            let age = now - delivery.created_at;
            match DELIVERY_BACKOFF.delay(attempts + 1, age, id.get()) {
                Some(delay) => {
                    let run_at = now + wish.map_or(delay, bounded_wish);
                    let detail = truncate_chars(detail, DETAIL_LENGTH);
                    let kept = (attempts + 1, *rendition);
                    deliveries::postpone(tx, id, run_at, kept, detail).await?;
                    return Ok(());
                }
                None => (DeliveryOutcome::GivenUp, detail.as_str()),
            }
        }
    };
    let detail = truncate_chars(detail, DETAIL_LENGTH);
    deliveries::finish(tx, id, now, (outcome, *rendition), detail).await?;
    Ok(())
}

/// What we know of a host, for the administrator.
pub async fn find_host(app: &App, host: &str) -> Result<Option<RemoteHost>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(remote_hosts::find(&mut tx, host).await?)
}

/// How many deliveries came to each end since an instant, and how many wait (`None`).
pub async fn list_tallies(
    app: &App,
    since: DateTime<Utc>,
) -> Result<Vec<(Option<DeliveryOutcome>, i64)>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(deliveries::list_tallies(&mut tx, since).await?)
}

/// Notes that a host gave a sign of life: when it was thought silent, what waits for it leaves at
/// once. To be called for what arrives from it.
pub async fn note_sign_of_life(app: &App, host: &str) -> Result<(), AppError> {
    let mut tx = app.store().read().await?;
    let known = remote_hosts::find(&mut tx, host).await?;
    drop(tx);
    if known.is_some_and(|known| known.health.failing_since.is_some()) {
        let mut tx = app.store().write().await?;
        remote_hosts::wake(&mut tx, host, app.now()).await?;
        app.wake_after(&mut tx, |wake| &wake.deliveries);
        tx.commit().await?;
    }
    Ok(())
}

/// Hosts that should be asked which software they run: those never asked, then those asked more
/// than a day ago.
pub async fn list_hosts_to_ask(app: &App, limit: i64) -> Result<Vec<String>, AppError> {
    let now = app.now();
    let mut tx = app.store().read().await?;
    Ok(remote_hosts::list_unchecked_since(&mut tx, now - SOFTWARE_AGE, now, limit).await?)
}

/// Whether a host must be asked which software it runs before something that depends on it leaves.
pub fn must_be_asked(app: &App, host: &RemoteHost) -> bool {
    host.software.is_none()
        && host
            .software_checked_at
            .is_none_or(|checked| app.now() - checked >= SOFTWARE_RETRY)
}

/// Keeps what a host said it runs; `None` when it did not say.
pub async fn save_software(app: &App, host: &str, software: Option<&str>) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    remote_hosts::save_software(&mut tx, host, software, app.now()).await?;
    tx.commit().await?;
    Ok(())
}
