//! Requests to talk to an association about what it recommends.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write, values::instant};
use crate::domain::{
    ids::{CallRequestId, RecommendationId},
    recommendation::CallRequest,
};

#[derive(sqlx::FromRow)]
struct CallRequestRow {
    id: CallRequestId,
    recommendation_id: RecommendationId,
    name: String,
    organisation: String,
    email: String,
    message: String,
    created_at: Micros,
    expires_at: Micros,
    answered_at: Option<Micros>,
}

impl From<CallRequestRow> for CallRequest {
    fn from(row: CallRequestRow) -> Self {
        Self {
            id: row.id,
            recommendation_id: row.recommendation_id,
            name: row.name,
            organisation: row.organisation,
            email: row.email,
            message: row.message,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
            answered_at: instant(row.answered_at),
        }
    }
}

/// Adds a request.
pub async fn insert(tx: &mut Write, it: &CallRequest) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO call_requests
            (id, recommendation_id, name, organisation, email, message, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(it.id)
            .bind(it.recommendation_id)
            .bind(&it.name)
            .bind(&it.organisation)
            .bind(&it.email)
            .bind(&it.message)
            .bind(Micros::from(it.created_at))
            .bind(Micros::from(it.expires_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The request with this id.
pub async fn find(tx: &mut Read, id: CallRequestId) -> Result<Option<CallRequest>, StoreError> {
    const SQL: &str = "
        SELECT id, recommendation_id, name, organisation, email, message, created_at, expires_at,
               answered_at
        FROM call_requests WHERE id = $1";

    let row: Option<CallRequestRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    Ok(row.map(CallRequest::from))
}

/// Notes that the association answered. `false` when it did already.
pub async fn mark_answered(
    tx: &mut Write,
    id: CallRequestId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE call_requests SET answered_at = $2 WHERE id = $1 AND answered_at IS NULL";

    let updated = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(updated > 0)
}

/// How many requests were made since an instant: about this recommendation, and from this address.
pub async fn count_since(
    tx: &mut Read,
    recommendation: RecommendationId,
    email: &str,
    since: DateTime<Utc>,
) -> Result<(i64, i64), StoreError> {
    const SQL: &str = "
        SELECT (SELECT COUNT(*) FROM call_requests
                WHERE recommendation_id = $1 AND created_at > $3),
               (SELECT COUNT(*) FROM call_requests WHERE email = $2 AND created_at > $3)";

    let counts: (i64, i64) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(recommendation)
            .bind(email)
            .bind(Micros::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(counts)
}
