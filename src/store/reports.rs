//! Reports, from other servers and from readers.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{from_json, to_json, word},
};
use crate::domain::{
    ids::{AccountId, AdId, CommentId, ReportId},
    moderation::{Report, ReportState},
};

#[derive(sqlx::FromRow)]
struct ReportRow {
    id: ReportId,
    host: Option<String>,
    content: String,
    objects: String,
    ad_id: Option<AdId>,
    comment_id: Option<CommentId>,
    state: String,
    received_at: Micros,
}

impl TryFrom<ReportRow> for Report {
    type Error = StoreError;

    fn try_from(row: ReportRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            host: row.host,
            content: row.content,
            objects: from_json(&row.objects, "reports.objects")?,
            ad_id: row.ad_id,
            comment_id: row.comment_id,
            state: word(ReportState::parse(&row.state), "reports.state")?,
            received_at: row.received_at.into(),
        })
    }
}

/// Adds a report; `activity_uri` is the `Flag`, absent for a reader's. `false` when this activity
/// already made one.
pub async fn insert(
    tx: &mut Write,
    report: &Report,
    activity_uri: Option<&str>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO reports
            (id, host, content, objects, ad_id, comment_id, activity_uri, state, received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (activity_uri) DO NOTHING";

    let objects = to_json(&report.objects, "reports.objects")?;
    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(report.id)
            .bind(&report.host)
            .bind(&report.content)
            .bind(&objects)
            .bind(report.ad_id)
            .bind(report.comment_id)
            .bind(activity_uri)
            .bind(report.state.as_str())
            .bind(Micros::from(report.received_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// The report with this id.
pub async fn find(tx: &mut Read, id: ReportId) -> Result<Option<Report>, StoreError> {
    const SQL: &str = "
        SELECT id, host, content, objects, ad_id, comment_id, state, received_at
        FROM reports WHERE id = $1";

    let row: Option<ReportRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Report::try_from).transpose()
}

/// The reports in this state, the oldest first, after a cursor.
pub async fn list(
    tx: &mut Read,
    state: ReportState,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<Report>, StoreError> {
    const SQL: &str = "
        SELECT id, host, content, objects, ad_id, comment_id, state, received_at
        FROM reports
        WHERE state = $1 AND id > $2
        ORDER BY id LIMIT $3";

    let rows: Vec<ReportRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(state.as_str())
            .bind(after.map_or(0, ReportId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Report::try_from).collect()
}

/// How many reports are in this state.
pub async fn count(tx: &mut Read, state: ReportState) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM reports WHERE state = $1";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(state.as_str())
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// Notes what a moderator decided. `false` when the report was no longer open.
pub async fn close(
    tx: &mut Write,
    id: ReportId,
    state: ReportState,
    account: AccountId,
    handled_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE reports SET state = $2, handled_by = $3, handled_at = $4
        WHERE id = $1 AND state = 'open'";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(state.as_str())
            .bind(account)
            .bind(Micros::from(handled_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}
