//! Activities received from other servers, waiting for the worker.

use chrono::{DateTime, Utc};

use super::{Engine, Micros, Read, StoreError, Write, values::word};
use crate::domain::{federation::InboxOutcome, ids::InboxItemId};

/// An activity received, whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    pub id: InboxItemId,
    /// The same for two copies of one activity.
    pub fingerprint: String,
    /// Id of the actor whose key signed the request.
    pub signer: String,
    /// The `type` of the activity.
    pub kind: String,
    /// The document, as received.
    pub body: String,
    pub received_at: DateTime<Utc>,
}

/// An activity that a worker has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedItem {
    pub id: InboxItemId,
    pub signer: String,
    pub kind: String,
    pub body: String,
    pub received_at: DateTime<Utc>,
    /// How many times it was taken, this time included. It also tells two takers apart.
    pub attempts: i64,
}

#[derive(sqlx::FromRow)]
struct ClaimedRow {
    id: InboxItemId,
    signer: String,
    kind: String,
    body: String,
    received_at: Micros,
    attempts: i64,
}

impl From<ClaimedRow> for ClaimedItem {
    fn from(row: ClaimedRow) -> Self {
        Self {
            id: row.id,
            signer: row.signer,
            kind: row.kind,
            body: row.body,
            received_at: row.received_at.into(),
            attempts: row.attempts,
        }
    }
}

/// Keeps an activity, due at once. `false` when the same one is already there, treated or not.
pub async fn insert(tx: &mut Write, item: &InboxItem) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO inbox_items (id, fingerprint, signer, kind, body, received_at, attempts, run_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, $6)
        ON CONFLICT (fingerprint) DO NOTHING";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(item.id)
            .bind(&item.fingerprint)
            .bind(&item.signer)
            .bind(&item.kind)
            .bind(&item.body)
            .bind(Micros::from(item.received_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Takes up to `limit` activities that are due, oldest first, until `lease_end`. When a worker
/// dies, others may take them again after that.
pub async fn claim_batch(
    tx: &mut Write,
    now: DateTime<Utc>,
    lease_end: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ClaimedItem>, StoreError> {
    // SQLite has one writer: nobody else takes rows meanwhile
    const SQLITE: &str = "
        UPDATE inbox_items SET locked_until = $1, attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM inbox_items
            WHERE done_at IS NULL AND run_at <= $2
              AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY run_at, id LIMIT $3)
        RETURNING id, signer, kind, body, received_at, attempts";
    const POSTGRES: &str = "
        WITH due AS MATERIALIZED (
            SELECT id FROM inbox_items
            WHERE done_at IS NULL AND run_at <= $2
              AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY run_at, id LIMIT $3
            FOR UPDATE SKIP LOCKED)
        UPDATE inbox_items SET locked_until = $1, attempts = inbox_items.attempts + 1
        FROM due WHERE inbox_items.id = due.id
        RETURNING inbox_items.id, inbox_items.signer, inbox_items.kind, inbox_items.body,
                  inbox_items.received_at, inbox_items.attempts";

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let rows: Vec<ClaimedRow> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(Micros::from(lease_end))
            .bind(Micros::from(now))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    let mut claimed: Vec<ClaimedItem> = rows.into_iter().map(ClaimedItem::from).collect();
    // RETURNING promises no order
    claimed.sort_by_key(|item| item.id);
    Ok(claimed)
}

/// Ends the life of an activity. `false` when somebody else has taken it since.
pub async fn finish(
    tx: &mut Write,
    claimed: &ClaimedItem,
    now: DateTime<Utc>,
    outcome: InboxOutcome,
    detail: &str,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE inbox_items SET done_at = $1, outcome = $2, detail = $3, locked_until = NULL
        WHERE id = $4 AND attempts = $5 AND done_at IS NULL";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(outcome.as_str())
            .bind(detail)
            .bind(claimed.id)
            .bind(claimed.attempts)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Puts an activity back, to be tried again at `run_at`. `false` when somebody else has taken it
/// since.
pub async fn postpone(
    tx: &mut Write,
    claimed: &ClaimedItem,
    run_at: DateTime<Utc>,
    detail: &str,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE inbox_items SET run_at = $1, detail = $2, locked_until = NULL
        WHERE id = $3 AND attempts = $4 AND done_at IS NULL";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(run_at))
            .bind(detail)
            .bind(claimed.id)
            .bind(claimed.attempts)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// How many activities wait, counted up to `limit`.
pub async fn count_waiting(tx: &mut Read, limit: i64) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM (SELECT 1 FROM inbox_items WHERE done_at IS NULL LIMIT $1) AS waiting";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(limit)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// How many activities of one type came to one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub kind: String,
    /// `None` while they wait.
    pub outcome: Option<InboxOutcome>,
    pub count: i64,
}

/// What became of the activities received since an instant, the most frequent first.
pub async fn list_tallies(
    tx: &mut Read,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Tally>, StoreError> {
    const SQL: &str = "
        SELECT kind, outcome, COUNT(*) FROM inbox_items
        WHERE received_at >= $1
        GROUP BY kind, outcome
        ORDER BY COUNT(*) DESC, kind, outcome
        LIMIT $2";

    let rows: Vec<(String, Option<String>, i64)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(since))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|(kind, outcome, count)| {
            let outcome = outcome
                .map(|outcome| word(InboxOutcome::parse(&outcome), "inbox_items.outcome"))
                .transpose()?;
            Ok(Tally {
                kind,
                outcome,
                count,
            })
        })
        .collect()
}

/// An activity that was not applied, for the administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Treated {
    pub id: InboxItemId,
    pub signer: String,
    pub kind: String,
    pub outcome: InboxOutcome,
    pub detail: String,
}

/// The activities that came to this end, the most recent first, before a cursor.
pub async fn list_treated(
    tx: &mut Read,
    outcome: InboxOutcome,
    before: Option<InboxItemId>,
    limit: i64,
) -> Result<Vec<Treated>, StoreError> {
    const SQL: &str = "
        SELECT id, signer, kind, COALESCE(detail, '') FROM inbox_items
        WHERE done_at IS NOT NULL AND outcome = $1 AND id < $2
        ORDER BY id DESC
        LIMIT $3";

    let rows: Vec<(InboxItemId, String, String, String)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(outcome.as_str())
            .bind(before.map_or(i64::MAX, InboxItemId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, signer, kind, detail)| Treated {
            id,
            signer,
            kind,
            outcome,
            detail,
        })
        .collect())
}
