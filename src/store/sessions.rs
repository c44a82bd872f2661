//! Browsers that are signed in.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    accounts::{AccountRow, account_columns},
};
use crate::domain::{
    account::{Account, Session},
    ids::{AccountId, SessionId},
};

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: SessionId,
    user_agent: String,
    created_at: Micros,
    last_seen_at: Micros,
    expires_at: Micros,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            user_agent: row.user_agent,
            created_at: row.created_at.into(),
            last_seen_at: row.last_seen_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

/// A session with its account.
#[derive(sqlx::FromRow)]
struct SignedInRow {
    #[sqlx(flatten)]
    session: SessionRow,
    #[sqlx(flatten)]
    account: AccountRow,
}

/// The most sessions that are shown to their owner.
const LIST_LIMIT: i64 = 100;

/// Adds a session.
pub async fn insert(
    tx: &mut Write,
    account_id: AccountId,
    token_hash: &str,
    session: &Session,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO sessions
            (id, token_hash, account_id, user_agent, created_at, last_seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(session.id)
            .bind(token_hash)
            .bind(account_id)
            .bind(&session.user_agent)
            .bind(Micros::from(session.created_at))
            .bind(Micros::from(session.last_seen_at))
            .bind(Micros::from(session.expires_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The session of a token and its account, unless it has expired.
pub async fn find_by_token(
    tx: &mut Read,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<(Account, Session)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT sessions.id, sessions.user_agent, sessions.created_at, sessions.last_seen_at,
                sessions.expires_at, ",
        account_columns!(),
        " FROM sessions JOIN accounts ON accounts.id = sessions.account_id
          WHERE sessions.token_hash = $1 AND sessions.expires_at > $2"
    );

    let row: Option<SignedInRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(token_hash)
            .bind(Micros::from(now))
            .fetch_optional(conn)
            .await
    })?;
    row.map(|row| Ok((row.account.try_into()?, row.session.into())))
        .transpose()
}

/// Notes that a session was used.
pub async fn touch(
    tx: &mut Write,
    id: SessionId,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(last_seen_at))
            .bind(Micros::from(expires_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The sessions of an account that have not expired, last used first; 100 at most.
pub async fn list_by_account(
    tx: &mut Read,
    account_id: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<Session>, StoreError> {
    const SQL: &str = "
        SELECT id, user_agent, created_at, last_seen_at, expires_at
        FROM sessions WHERE account_id = $1 AND expires_at > $2
        ORDER BY last_seen_at DESC, id DESC LIMIT $3";

    let rows: Vec<SessionRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(account_id)
            .bind(Micros::from(now))
            .bind(LIST_LIMIT)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(Session::from).collect())
}

/// Ends the session of a token. Whether there was one.
pub async fn delete_by_token(tx: &mut Write, token_hash: &str) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM sessions WHERE token_hash = $1";

    let ended = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(token_hash)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(ended > 0)
}

/// Ends one session of an account. Whether there was one.
pub async fn delete(
    tx: &mut Write,
    account_id: AccountId,
    id: SessionId,
) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM sessions WHERE account_id = $1 AND id = $2";

    let ended = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(account_id)
            .bind(id)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(ended > 0)
}

/// Ends every session of an account but one, and says how many.
pub async fn delete_others(
    tx: &mut Write,
    account_id: AccountId,
    kept: SessionId,
) -> Result<u64, StoreError> {
    const SQL: &str = "DELETE FROM sessions WHERE account_id = $1 AND id <> $2";

    Ok(on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(account_id)
            .bind(kept)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}
