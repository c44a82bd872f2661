//! The outbox of mails.

use chrono::{DateTime, Utc};

use super::{Engine, Micros, StoreError, Write};
use crate::domain::{ids::MailId, mail::MailOutcome};

/// A mail that a worker has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub id: MailId,
    /// JSON of [`crate::mail::Message`].
    pub message: String,
    pub created_at: DateTime<Utc>,
    /// How many times it was taken, this time included. It also tells two takers apart.
    pub attempts: i64,
}

/// Adds a mail, to be sent at once.
pub async fn insert(
    tx: &mut Write,
    id: MailId,
    recipient: &str,
    message: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO mails (id, recipient, message, created_at, attempts, run_at)
        VALUES ($1, $2, $3, $4, 0, $4)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(recipient)
            .bind(message)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Takes up to `limit` mails that are due, oldest first, until `lease_end`. When a worker dies,
/// others may take them again after that.
pub async fn claim_batch(
    tx: &mut Write,
    now: DateTime<Utc>,
    lease_end: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Claimed>, StoreError> {
    // SQLite has one writer: nobody else takes rows meanwhile
    const SQLITE: &str = "
        UPDATE mails SET locked_until = $1, attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM mails
            WHERE done_at IS NULL AND run_at <= $2
              AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY run_at, id LIMIT $3)
        RETURNING id, message, created_at, attempts";
    const POSTGRES: &str = "
        WITH due AS MATERIALIZED (
            SELECT id FROM mails
            WHERE done_at IS NULL AND run_at <= $2
              AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY run_at, id LIMIT $3
            FOR UPDATE SKIP LOCKED)
        UPDATE mails SET locked_until = $1, attempts = mails.attempts + 1
        FROM due WHERE mails.id = due.id
        RETURNING mails.id, mails.message, mails.created_at, mails.attempts";

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let rows: Vec<(MailId, String, Micros, i64)> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(Micros::from(lease_end))
            .bind(Micros::from(now))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    let mut claimed: Vec<Claimed> = rows
        .into_iter()
        .map(|(id, message, created_at, attempts)| Claimed {
            id,
            message,
            created_at: created_at.into(),
            attempts,
        })
        .collect();
    // RETURNING promises no order
    claimed.sort_by_key(|mail| mail.id);
    Ok(claimed)
}

/// Ends the life of a mail and forgets its words, which hold links that open things. `false` when
/// somebody else has taken it since.
pub async fn finish(
    tx: &mut Write,
    claimed: &Claimed,
    now: DateTime<Utc>,
    outcome: MailOutcome,
    detail: &str,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE mails SET
            done_at = $1, outcome = $2, detail = $3, locked_until = NULL, message = ''
        WHERE id = $4 AND attempts = $5 AND done_at IS NULL";

    let updated = on!(tx, |conn| {
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
    Ok(updated > 0)
}

/// Puts a mail back, to be tried again at `run_at`. `false` when somebody else has taken it since.
pub async fn postpone(
    tx: &mut Write,
    claimed: &Claimed,
    run_at: DateTime<Utc>,
    detail: &str,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE mails SET run_at = $1, detail = $2, locked_until = NULL
        WHERE id = $3 AND attempts = $4 AND done_at IS NULL";

    let updated = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(run_at))
            .bind(detail)
            .bind(claimed.id)
            .bind(claimed.attempts)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(updated > 0)
}

/// Notes on the account of an address, if there is one, that its mails are refused.
pub async fn mark_address_refused(
    tx: &mut Write,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE accounts SET mail_refused_at = $1
        WHERE email = $2 AND mail_refused_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(email)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Notes on the account of an address, if there is one, that its mails arrive again.
pub async fn mark_address_accepted(tx: &mut Write, email: &str) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE accounts SET mail_refused_at = NULL
        WHERE email = $1 AND mail_refused_at IS NOT NULL";

    on!(tx, |conn| {
        sqlx::query(SQL).bind(email).execute(conn).await.map(|_| ())
    })?;
    Ok(())
}
