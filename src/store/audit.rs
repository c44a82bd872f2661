//! The audit log.

use chrono::{DateTime, Utc};

use super::{Micros, StoreError, Write};
use crate::domain::ids::{AccountId, AuditId};

/// What happened to what.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Dotted name: `ad.publish`.
    pub action: &'a str,
    /// Table of the subject, in the singular.
    pub subject_kind: &'a str,
    pub subject_id: i64,
    /// Words for the administrator, without personal data; may be empty.
    pub detail: &'a str,
}

/// Adds a line.
pub async fn insert(
    tx: &mut Write,
    id: AuditId,
    happened_at: DateTime<Utc>,
    account_id: Option<AccountId>,
    entry: Entry<'_>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO audit_entries
            (id, happened_at, account_id, action, subject_kind, subject_id, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(happened_at))
            .bind(account_id)
            .bind(entry.action)
            .bind(entry.subject_kind)
            .bind(entry.subject_id)
            .bind(entry.detail)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}
