//! Signed single-purpose links.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{instant, word},
};
use crate::domain::{
    ids::PurposeLinkId,
    purpose_link::{LinkPurpose, PurposeLink},
};

#[derive(sqlx::FromRow)]
struct PurposeLinkRow {
    id: PurposeLinkId,
    purpose: String,
    subject_id: i64,
    email: String,
    created_at: Micros,
    expires_at: Micros,
    used_at: Option<Micros>,
    revoked_at: Option<Micros>,
}

/// A link as it is kept, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub link: PurposeLink,
    pub used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<PurposeLinkRow> for Kept {
    type Error = StoreError;

    fn try_from(row: PurposeLinkRow) -> Result<Self, StoreError> {
        Ok(Self {
            link: PurposeLink {
                id: row.id,
                purpose: word(LinkPurpose::parse(&row.purpose), "purpose_links.purpose")?,
                subject: row.subject_id,
                email: row.email,
                created_at: row.created_at.into(),
                expires_at: row.expires_at.into(),
            },
            used_at: instant(row.used_at),
            revoked_at: instant(row.revoked_at),
        })
    }
}

/// Adds a link; of its secret only the hash is kept.
pub async fn insert(
    tx: &mut Write,
    link: &PurposeLink,
    token_hash: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO purpose_links
            (id, token_hash, purpose, subject_id, email, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(link.id)
            .bind(token_hash)
            .bind(link.purpose.as_str())
            .bind(link.subject)
            .bind(&link.email)
            .bind(Micros::from(link.created_at))
            .bind(Micros::from(link.expires_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The link of a secret, if it serves this purpose, whatever became of it.
pub async fn find(
    tx: &mut Read,
    token_hash: &str,
    purpose: LinkPurpose,
) -> Result<Option<Kept>, StoreError> {
    const SQL: &str = "
        SELECT id, purpose, subject_id, email, created_at, expires_at, used_at, revoked_at
        FROM purpose_links WHERE token_hash = $1 AND purpose = $2";

    let row: Option<PurposeLinkRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(token_hash)
            .bind(purpose.as_str())
            .fetch_optional(conn)
            .await
    })?;
    row.map(Kept::try_from).transpose()
}

/// Uses a link up. `false` when it can no longer be used.
pub async fn use_up(
    tx: &mut Write,
    id: PurposeLinkId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE purpose_links SET used_at = $1
        WHERE id = $2 AND expires_at > $1 AND used_at IS NULL AND revoked_at IS NULL";

    let updated = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(id)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(updated > 0)
}

/// Takes back every link to a subject for a purpose; how many could still be used.
pub async fn revoke_all(
    tx: &mut Write,
    purpose: LinkPurpose,
    subject: i64,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    const SQL: &str = "
        UPDATE purpose_links SET revoked_at = $1
        WHERE purpose = $2 AND subject_id = $3 AND used_at IS NULL AND revoked_at IS NULL";

    let updated = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(purpose.as_str())
            .bind(subject)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(updated)
}

/// Whether a link to this subject can be used now.
pub async fn has_usable(
    tx: &mut Read,
    purpose: LinkPurpose,
    subject: i64,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM purpose_links
        WHERE purpose = $1 AND subject_id = $2 AND expires_at > $3
          AND used_at IS NULL AND revoked_at IS NULL";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(purpose.as_str())
            .bind(subject)
            .bind(Micros::from(now))
            .fetch_one(conn)
            .await
    })?;
    Ok(count > 0)
}

/// How many links were made for an address since an instant.
pub async fn count_to_address(
    tx: &mut Read,
    email: &str,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM purpose_links WHERE email = $1 AND created_at > $2";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(email)
            .bind(Micros::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}
