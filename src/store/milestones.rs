//! Dated steps in the life of ads.

use chrono::NaiveDate;

use super::{Micros, Read, StoreError, Write, values::word};
use crate::domain::{
    ad::{Milestone, MilestoneKind},
    ids::{AccountId, AdId, MilestoneId, PostId},
};

#[derive(sqlx::FromRow)]
struct MilestoneRow {
    id: MilestoneId,
    ad_id: AdId,
    post_id: PostId,
    kind: String,
    reached_on: String,
    text: String,
    created_at: Micros,
}

impl TryFrom<MilestoneRow> for Milestone {
    type Error = StoreError;

    fn try_from(row: MilestoneRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            ad_id: row.ad_id,
            post_id: row.post_id,
            kind: word(MilestoneKind::parse(&row.kind), "milestones.kind")?,
            reached_on: word(
                row.reached_on.parse::<NaiveDate>().ok(),
                "milestones.reached_on",
            )?,
            text: row.text,
            created_at: row.created_at.into(),
        })
    }
}

/// Adds a milestone.
pub async fn insert(
    tx: &mut Write,
    milestone: &Milestone,
    account: AccountId,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO milestones (id, ad_id, account_id, post_id, kind, reached_on, text, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(milestone.id)
            .bind(milestone.ad_id)
            .bind(account)
            .bind(milestone.post_id)
            .bind(milestone.kind.as_str())
            .bind(milestone.reached_on.to_string())
            .bind(&milestone.text)
            .bind(Micros::from(milestone.created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The milestones of an ad, the oldest first.
pub async fn list_by_ad(tx: &mut Read, ad: AdId, limit: i64) -> Result<Vec<Milestone>, StoreError> {
    const SQL: &str = "
        SELECT id, ad_id, post_id, kind, reached_on, text, created_at
        FROM milestones WHERE ad_id = $1 ORDER BY reached_on, id LIMIT $2";

    let rows: Vec<MilestoneRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(ad)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Milestone::try_from).collect()
}

/// The milestones of an ad in the order they were told, after a cursor.
pub async fn list_after(
    tx: &mut Read,
    ad: AdId,
    after: Option<MilestoneId>,
    limit: i64,
) -> Result<Vec<Milestone>, StoreError> {
    const SQL: &str = "
        SELECT id, ad_id, post_id, kind, reached_on, text, created_at
        FROM milestones WHERE ad_id = $1 AND id > $2 ORDER BY id LIMIT $3";

    let rows: Vec<MilestoneRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(ad)
        .bind(after.map_or(0, MilestoneId::get))
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Milestone::try_from).collect()
}

/// The milestone that this post tells.
pub async fn find_by_post(tx: &mut Read, post: PostId) -> Result<Option<Milestone>, StoreError> {
    const SQL: &str = "
        SELECT id, ad_id, post_id, kind, reached_on, text, created_at
        FROM milestones WHERE post_id = $1";

    let row: Option<MilestoneRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(post)
        .fetch_optional(conn)
        .await)?;
    row.map(Milestone::try_from).transpose()
}
