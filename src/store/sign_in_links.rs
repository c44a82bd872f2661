//! One-time links sent by mail.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write};
use crate::domain::ids::SignInLinkId;

/// A link that can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    pub id: SignInLinkId,
    /// Where it was sent, as it was typed.
    pub email: String,
    /// Hash of the secret of the browser that asked for it.
    pub browser_hash: String,
    /// Where to go once signed in.
    pub next_path: String,
    pub expires_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct SignInLinkRow {
    id: SignInLinkId,
    email: String,
    browser_hash: String,
    next_path: String,
    expires_at: Micros,
}

impl From<SignInLinkRow> for SignInLink {
    fn from(row: SignInLinkRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            browser_hash: row.browser_hash,
            next_path: row.next_path,
            expires_at: row.expires_at.into(),
        }
    }
}

/// Adds a link; only the hash of its token is kept.
pub async fn insert(
    tx: &mut Write,
    link: &SignInLink,
    token_hash: &str,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO sign_in_links
            (id, token_hash, email, browser_hash, next_path, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(link.id)
            .bind(token_hash)
            .bind(&link.email)
            .bind(&link.browser_hash)
            .bind(&link.next_path)
            .bind(Micros::from(created_at))
            .bind(Micros::from(link.expires_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The link of a token, unless it was used or has expired.
pub async fn find_usable(
    tx: &mut Read,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<SignInLink>, StoreError> {
    const SQL: &str = "
        SELECT id, email, browser_hash, next_path, expires_at FROM sign_in_links
        WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";

    let row: Option<SignInLinkRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(token_hash)
            .bind(Micros::from(now))
            .fetch_optional(conn)
            .await
    })?;
    Ok(row.map(SignInLink::from))
}

/// Uses a link up. Whether nobody had used it before.
pub async fn mark_used(
    tx: &mut Write,
    id: SignInLinkId,
    used_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE sign_in_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL";

    let used = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(used_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(used > 0)
}
