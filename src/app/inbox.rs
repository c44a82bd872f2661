//! What other servers sent, kept until the worker has treated it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::{App, AppError, Who, permissions, sha256_hex},
    domain::{federation::InboxOutcome, ids::InboxItemId, retry::Backoff, text::truncate_chars},
    store::inbox,
};

pub use crate::store::inbox::{ClaimedItem, Tally, Treated};

/// How long a worker may keep an activity before another takes it: longer than the few fetches of
/// a treatment may last.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// Activities that may wait before we ask the others to come back later.
pub const MOST_WAITING: i64 = 20_000;
/// A server that must be asked for something may be down for a while.
const BACKOFF: Backoff = Backoff {
    first: TimeDelta::minutes(1),
    longest: TimeDelta::hours(3),
    give_up_after: TimeDelta::days(2),
};
/// Times an activity is taken before it is given up, whatever the reason: one that kills its
/// worker must not come back for ever.
const MOST_ATTEMPTS: i64 = 30;
/// What is kept of the words about an outcome, in characters.
const DETAIL_LENGTH: usize = 300;
/// Longest page of an administrator's list.
const PAGE: i64 = 100;

/// An activity whose signature was checked.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// Id of the actor whose key signed the request.
    pub signer: &'a str,
    /// Who the activity says acts.
    pub actor: &'a str,
    /// Id of the activity; some have none.
    pub id: Option<&'a str>,
    /// Its `type`.
    pub kind: &'a str,
    /// When its object was last changed, as written: Mobilizon reuses one id for each `Update`.
    pub updated: &'a str,
    /// The document, as received.
    pub body: &'a str,
}

impl Received<'_> {
    /// The same for two copies of one activity. The signer is part of it, so that nobody can make
    /// us take somebody else's activity for a copy.
    fn fingerprint(&self) -> String {
        let of_text = || sha256_hex(self.body.as_bytes());
        let id = self.id.map_or_else(of_text, str::to_owned);
        let parts = [self.signer, self.actor, &id, self.kind, self.updated];
        sha256_hex(parts.join("\n").as_bytes())
    }
}

/// What a use case did with something received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What it says is done.
    Applied,
    /// There was nothing to do, for this reason.
    Nothing(&'static str),
    /// Its sender may not do that, for this reason.
    Refused(&'static str),
}

/// Whether an activity was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    New,
    /// A copy of one that is there already.
    Duplicate,
}

/// Keeps an activity; once this returns, it is not lost.
pub async fn store(app: &App, received: &Received<'_>) -> Result<Stored, AppError> {
    let item = inbox::InboxItem {
        id: app.next_id(),
        fingerprint: received.fingerprint(),
        signer: received.signer.to_owned(),
        kind: received.kind.to_owned(),
        body: received.body.to_owned(),
        received_at: app.now(),
    };
    let mut tx = app.store().write().await?;
    let is_new = inbox::insert(&mut tx, &item).await?;
    app.wake_after(&mut tx, |wake| &wake.inbox);
    tx.commit().await?;
    Ok(if is_new {
        Stored::New
    } else {
        Stored::Duplicate
    })
}

/// How many activities wait, counted up to [`MOST_WAITING`].
pub async fn count_waiting(app: &App) -> Result<i64, AppError> {
    let mut tx = app.store().read().await?;
    Ok(inbox::count_waiting(&mut tx, MOST_WAITING).await?)
}

/// Takes up to `limit` activities that are due, the oldest first.
pub async fn claim_batch(app: &App, limit: i64) -> Result<Vec<ClaimedItem>, AppError> {
    let now = app.now();
    let mut tx = app.store().write().await?;
    let claimed = inbox::claim_batch(&mut tx, now, now + LEASE, limit).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Whether an activity was taken too often: it kills whoever treats it, before they can put it back.
pub fn is_hopeless(claimed: &ClaimedItem) -> bool {
    claimed.attempts > MOST_ATTEMPTS
}

/// Records what became of an activity.
pub async fn finish(
    app: &App,
    claimed: &ClaimedItem,
    outcome: InboxOutcome,
    detail: &str,
) -> Result<(), AppError> {
    let detail = truncate_chars(detail, DETAIL_LENGTH);
    let mut tx = app.store().write().await?;
    inbox::finish(&mut tx, claimed, app.now(), outcome, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts an activity back until the server that must be asked answers again, or gives it up.
pub async fn postpone(app: &App, claimed: &ClaimedItem, reason: &str) -> Result<(), AppError> {
    let now = app.now();
    let age = now - claimed.received_at;
    let delay = BACKOFF
        .delay(claimed.attempts, age, claimed.id.get())
        .filter(|_| claimed.attempts < MOST_ATTEMPTS);
    let Some(delay) = delay else {
        return finish(app, claimed, InboxOutcome::Failed, reason).await;
    };
    let detail = truncate_chars(reason, DETAIL_LENGTH);
    let mut tx = app.store().write().await?;
    inbox::postpone(&mut tx, claimed, now + delay, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// For the administrator: what became of the activities received since an instant.
pub async fn list_tallies(
    app: &App,
    who: &Who,
    since: DateTime<Utc>,
) -> Result<Vec<Tally>, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(inbox::list_tallies(&mut tx, since, PAGE).await?)
}

/// For the administrator: the activities that came to this end, the most recent first.
pub async fn list_treated(
    app: &App,
    who: &Who,
    outcome: InboxOutcome,
    before: Option<InboxItemId>,
) -> Result<Vec<Treated>, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(inbox::list_treated(&mut tx, outcome, before, PAGE).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::on_each_app;

    const FOLLOW: Received<'_> = Received {
        signer: "https://m.example/users/a",
        actor: "https://m.example/users/a",
        id: Some("https://m.example/1"),
        kind: "Follow",
        updated: "",
        body: "{}",
    };

    #[test]
    fn copies_share_a_fingerprint_and_nothing_else_does() {
        assert_eq!(FOLLOW.fingerprint(), FOLLOW.fingerprint());
        let others = [
            Received {
                signer: "https://evil.example/users/b",
                ..FOLLOW
            },
            Received {
                actor: "https://m.example/users/b",
                ..FOLLOW
            },
            Received {
                id: Some("https://m.example/2"),
                ..FOLLOW
            },
            Received { id: None, ..FOLLOW },
            Received {
                kind: "Update",
                ..FOLLOW
            },
            Received {
                updated: "2026-11-22T12:00:00Z",
                ..FOLLOW
            },
        ];
        let distinct: std::collections::HashSet<String> =
            others.iter().map(Received::fingerprint).collect();
        assert_eq!(distinct.len(), others.len());
        assert!(!distinct.contains(&FOLLOW.fingerprint()));
    }

    #[test]
    fn an_activity_without_id_is_told_apart_by_its_text() {
        let leave = Received { id: None, ..FOLLOW };
        let other = Received {
            body: "{\"a\":1}",
            ..leave
        };
        assert_ne!(leave.fingerprint(), other.fingerprint());
    }

    #[tokio::test]
    async fn a_copy_is_kept_once_and_treated_once() {
        on_each_app(async |app| {
            assert_eq!(store(&app, &FOLLOW).await.unwrap(), Stored::New);
            assert_eq!(store(&app, &FOLLOW).await.unwrap(), Stored::Duplicate);
            let claimed = claim_batch(&app, 10).await.unwrap();
            assert_eq!(claimed.len(), 1);
            assert!(claim_batch(&app, 10).await.unwrap().is_empty(), "leased");
            finish(&app, &claimed[0], InboxOutcome::Applied, "")
                .await
                .unwrap();
            assert_eq!(store(&app, &FOLLOW).await.unwrap(), Stored::Duplicate);
            app.clock().advance(TimeDelta::days(1));
            assert!(claim_batch(&app, 10).await.unwrap().is_empty());
            assert_eq!(count_waiting(&app).await.unwrap(), 0);
        })
        .await;
    }

    #[tokio::test]
    async fn the_work_of_a_dead_worker_is_taken_by_another_who_has_the_last_word() {
        on_each_app(async |app| {
            store(&app, &FOLLOW).await.unwrap();
            let first = claim_batch(&app, 1).await.unwrap();
            app.clock().advance(TimeDelta::minutes(6));
            let second = claim_batch(&app, 1).await.unwrap();
            assert_eq!(second.len(), 1);
            // the first was only slow: what it says does not count any more
            finish(&app, &first[0], InboxOutcome::Failed, "late")
                .await
                .unwrap();
            finish(&app, &second[0], InboxOutcome::Applied, "")
                .await
                .unwrap();
            let mut tx = app.store().read().await.unwrap();
            let tallies = inbox::list_tallies(&mut tx, DateTime::UNIX_EPOCH, 10)
                .await
                .unwrap();
            assert_eq!(
                tallies,
                [Tally {
                    kind: "Follow".into(),
                    outcome: Some(InboxOutcome::Applied),
                    count: 1
                }]
            );
        })
        .await;
    }

    #[tokio::test]
    async fn an_activity_that_kills_whoever_treats_it_is_not_taken_for_ever() {
        on_each_app(async |app| {
            store(&app, &FOLLOW).await.unwrap();
            let mut deaths = 0;
            loop {
                let claimed = claim_batch(&app, 1).await.unwrap();
                if is_hopeless(&claimed[0]) {
                    break;
                }
                deaths += 1;
                app.clock().advance(LEASE);
            }
            assert_eq!(deaths, MOST_ATTEMPTS);
        })
        .await;
    }

    #[tokio::test]
    async fn an_activity_is_tried_again_then_given_up() {
        on_each_app(async |app| {
            store(&app, &FOLLOW).await.unwrap();
            let mut tries = 0;
            for _ in 0..100 {
                for claimed in claim_batch(&app, 10).await.unwrap() {
                    tries += 1;
                    postpone(&app, &claimed, "no connection").await.unwrap();
                }
                app.clock().advance(TimeDelta::hours(1));
            }
            assert!((10..=30).contains(&tries), "{tries}");
            let mut tx = app.store().read().await.unwrap();
            let failed = inbox::list_treated(&mut tx, InboxOutcome::Failed, None, 10)
                .await
                .unwrap();
            assert_eq!(failed.len(), 1);
            assert_eq!(failed[0].detail, "no connection");
        })
        .await;
    }
}
