//! The conversation between a structure and the moderators.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write, values::word};
use crate::domain::{
    host::{HostReview, HostStep},
    ids::{AccountId, HostId, ReviewId},
};

#[derive(sqlx::FromRow)]
struct ReviewRow {
    id: ReviewId,
    step: String,
    motive: String,
    author: Option<String>,
    created_at: Micros,
}

impl TryFrom<ReviewRow> for HostReview {
    type Error = StoreError;

    fn try_from(row: ReviewRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            step: word(HostStep::parse(&row.step), "host_reviews.step")?,
            motive: row.motive,
            author: row.author.unwrap_or_default(),
            created_at: row.created_at.into(),
        })
    }
}

/// Adds a step; no account for the system.
pub async fn insert(
    tx: &mut Write,
    id: ReviewId,
    host: HostId,
    account: Option<AccountId>,
    (step, motive): (HostStep, &str),
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO host_reviews (id, host_id, account_id, step, motive, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(host)
            .bind(account)
            .bind(step.as_str())
            .bind(motive)
            .bind(Micros::from(created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The steps of a structure, the oldest first.
pub async fn list_by_host(
    tx: &mut Read,
    host: HostId,
    limit: i64,
) -> Result<Vec<HostReview>, StoreError> {
    const SQL: &str = "
        SELECT host_reviews.id, host_reviews.step, host_reviews.motive, accounts.name AS author,
               host_reviews.created_at
        FROM host_reviews LEFT JOIN accounts ON accounts.id = host_reviews.account_id
        WHERE host_reviews.host_id = $1 ORDER BY host_reviews.id LIMIT $2";

    let rows: Vec<ReviewRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(host)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(HostReview::try_from).collect()
}
