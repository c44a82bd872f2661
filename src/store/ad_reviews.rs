//! The conversation between the author of an ad and the moderators.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write, values::word};
use crate::domain::{
    ids::{AccountId, AdId, ReviewId},
    moderation::{Review, ReviewStep},
};

#[derive(sqlx::FromRow)]
struct ReviewRow {
    id: ReviewId,
    step: String,
    motive: String,
    author: String,
    created_at: Micros,
}

impl TryFrom<ReviewRow> for Review {
    type Error = StoreError;

    fn try_from(row: ReviewRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            step: word(ReviewStep::parse(&row.step), "ad_reviews.step")?,
            motive: row.motive,
            author: row.author,
            created_at: row.created_at.into(),
        })
    }
}

/// Adds a step.
pub async fn insert(
    tx: &mut Write,
    id: ReviewId,
    ad: AdId,
    account: AccountId,
    (step, motive): (ReviewStep, &str),
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO ad_reviews (id, ad_id, account_id, step, motive, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(ad)
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

/// The steps of an ad, the oldest first.
pub async fn list_by_ad(tx: &mut Read, ad: AdId, limit: i64) -> Result<Vec<Review>, StoreError> {
    const SQL: &str = "
        SELECT ad_reviews.id, ad_reviews.step, ad_reviews.motive, accounts.name AS author,
               ad_reviews.created_at
        FROM ad_reviews JOIN accounts ON accounts.id = ad_reviews.account_id
        WHERE ad_reviews.ad_id = $1 ORDER BY ad_reviews.id LIMIT $2";

    let rows: Vec<ReviewRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(ad)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Review::try_from).collect()
}
