//! What both engines must do alike, and the traps where they would not.

use std::{task::Poll, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use super::{
    Engine, Store, StoreError, Write, audit, counters,
    testing::{on_each_engine, on_each_store},
};
use crate::domain::ids::AuditId;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

async fn add_audit(tx: &mut Write, id: i64, detail: &str) -> Result<(), StoreError> {
    let entry = audit::Entry {
        action: "test",
        subject_kind: "test",
        subject_id: id,
        detail,
    };
    audit::insert(tx, AuditId::from(id), noon(), None, entry).await
}

/// Reads one value, whatever the engine.
macro_rules! value {
    ($tx:expr, $type:ty, $sql:expr $(, $bind:expr)*) => {{
        let found: Result<($type,), sqlx::Error> = on!($tx, |conn| {
            sqlx::query_as($sql)$(.bind($bind))*.fetch_one(conn).await
        });
        found.map(|(value,)| value)
    }};
}

async fn count_audits(store: &Store) -> i64 {
    let mut tx = store.read().await.unwrap();
    value!(tx, i64, "SELECT COUNT(*) FROM audit_entries").unwrap()
}

#[tokio::test]
async fn what_is_not_committed_is_not_kept() {
    on_each_store(async |store| {
        let mut tx = store.write().await.unwrap();
        add_audit(&mut tx, 1, "").await.unwrap();
        drop(tx);
        assert_eq!(count_audits(&store).await, 0);

        let mut tx = store.write().await.unwrap();
        add_audit(&mut tx, 1, "").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count_audits(&store).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_follows_a_commit_is_done_only_when_it_is_kept() {
    on_each_store(async |store| {
        let signal = std::sync::Arc::new(Notify::new());
        let wake = |tx: &mut Write| {
            let signal = std::sync::Arc::clone(&signal);
            tx.after_commit(move || signal.notify_one());
        };
        let mut tx = store.write().await.unwrap();
        wake(&mut tx);
        drop(tx);
        let woken = tokio::time::timeout(Duration::ZERO, signal.notified()).await;
        assert!(woken.is_err());

        let mut tx = store.write().await.unwrap();
        wake(&mut tx);
        tx.commit().await.unwrap();
        signal.notified().await;
    })
    .await;
}

#[tokio::test]
async fn a_read_view_does_not_see_what_is_written_after_it_was_opened() {
    on_each_store(async |store| {
        const COUNT: &str = "SELECT COUNT(*) FROM audit_entries";
        let mut view = store.read().await.unwrap();
        assert_eq!(value!(view, i64, COUNT).unwrap(), 0);
        let mut tx = store.write().await.unwrap();
        add_audit(&mut tx, 1, "").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(value!(view, i64, COUNT).unwrap(), 0);
        drop(view);
        assert_eq!(count_audits(&store).await, 1);
    })
    .await;
}

/// Drops a future that is not ready after it went on `steps` times, as a server does when its
/// reader goes away; tells whether it was dropped.
async fn cut_after(steps: usize, work: impl Future) -> bool {
    let mut work = std::pin::pin!(work);
    let mut left = steps;
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(false),
        Poll::Pending if left == 0 => Poll::Ready(true),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn count_idle_transactions(store: &Store) -> i64 {
    let mut tx = store.read().await.unwrap();
    value!(
        tx,
        i64,
        "SELECT COUNT(*) FROM pg_stat_activity
         WHERE datname = current_database() AND state LIKE 'idle in transaction%'
           AND pid <> pg_backend_pid()"
    )
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_opening_never_leaves_a_connection_inside_a_transaction() {
    on_each_engine(async |url| {
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        let mut cancelled = 0;
        for round in 0..200 {
            let was_cut = cut_after(round % 4, store.write()).await;
            cancelled += i32::from(was_cut);
        }
        assert!(cancelled >= 20, "{cancelled} of 200 were cancelled");

        let other = Store::connect(&url).await.unwrap();
        if store.engine() == Engine::Postgres {
            let settled = tokio::time::timeout(Duration::from_secs(10), async {
                while count_idle_transactions(&other).await > 0 {}
            });
            assert!(settled.await.is_ok(), "a connection stays in a transaction");
        }
        // more writes than the pool has connections, each seen by another pool
        for id in 1..=20 {
            let mut tx = store.write().await.unwrap();
            add_audit(&mut tx, id, "").await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(count_audits(&other).await, id);
        }
        other.close().await;
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn numbers_are_handed_out_once_even_to_those_who_ask_together() {
    on_each_store(async |store| {
        let takers: Vec<_> = (0..10)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut tx = store.write().await.unwrap();
                    let number = counters::take(&mut tx, counters::Counter::Ad).await;
                    tx.commit().await.unwrap();
                    number.unwrap()
                })
            })
            .collect();
        let mut numbers = Vec::new();
        for taker in takers {
            numbers.push(taker.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_second_row_with_the_same_key_is_a_conflict() {
    on_each_store(async |store| {
        let mut tx = store.write().await.unwrap();
        add_audit(&mut tx, 1, "").await.unwrap();
        let again = add_audit(&mut tx, 1, "").await;
        assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a_sum_must_be_cast_to_be_read_on_both_engines() {
    on_each_store(async |store| {
        let mut tx = store.read().await.unwrap();
        let cast = value!(tx, i64, "SELECT CAST(SUM(value) AS BIGINT) FROM counters");
        assert_eq!(cast.unwrap(), 0);
        // the trap: PostgreSQL gives a NUMERIC
        let plain = value!(tx, i64, "SELECT SUM(value) FROM counters");
        assert_eq!(plain.is_err(), store.engine() == Engine::Postgres);
    })
    .await;
}

#[tokio::test]
async fn a_nul_byte_never_reaches_a_column() {
    on_each_store(async |store| {
        let typed = "avant\0après";
        let mut tx = store.write().await.unwrap();
        let raw = add_audit(&mut tx, 1, typed).await;
        // the trap: one engine refuses, and its transaction is lost
        assert_eq!(raw.is_err(), store.engine() == Engine::Postgres);
        drop(tx);

        // what every typed text goes through
        let cleaned = crate::domain::text::clean_line(typed);
        let mut tx = store.write().await.unwrap();
        add_audit(&mut tx, 1, &cleaned).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count_audits(&store).await, 1);
    })
    .await;
}

#[tokio::test]
async fn case_and_accents_are_folded_by_us_since_the_engines_differ() {
    on_each_store(async |store| {
        let is_postgres = store.engine() == Engine::Postgres;
        let mut tx = store.read().await.unwrap();
        // the traps: ASCII only on one, by locale or not at all on the other
        let like = value!(tx, bool, "SELECT 'ABC' LIKE 'abc'");
        assert_eq!(like.unwrap(), !is_postgres);
        let lower = value!(tx, String, "SELECT lower('É')");
        assert!(is_postgres || lower.unwrap() == "É");

        // what we do instead: fold in Rust, compare the folded forms
        let folded = crate::domain::text::fold("École");
        let found = value!(tx, bool, "SELECT $1 LIKE 'ecol%'", folded.as_str());
        assert!(found.unwrap());
    })
    .await;
}

#[tokio::test]
async fn mails_are_claimed_oldest_first_whatever_order_they_come_back_in() {
    on_each_store(async |store| {
        let ids = [5_i64, 3, 9, 1, 7];
        let mut tx = store.write().await.unwrap();
        for id in ids {
            let at = noon() + TimeDelta::seconds(id);
            super::mails::insert(&mut tx, id.into(), "a@example.org", "{}", at)
                .await
                .unwrap();
        }
        let now = noon() + TimeDelta::minutes(1);
        let lease_end = now + TimeDelta::minutes(8);
        let claimed = super::mails::claim_batch(&mut tx, now, lease_end, 4)
            .await
            .unwrap();
        let claimed: Vec<i64> = claimed.iter().map(|mail| mail.id.get()).collect();
        assert_eq!(claimed, [1, 3, 5, 7]);
        let rest = super::mails::claim_batch(&mut tx, now, lease_end, 4)
            .await
            .unwrap();
        assert_eq!(
            rest.iter().map(|mail| mail.id.get()).collect::<Vec<_>>(),
            [9]
        );
    })
    .await;
}
