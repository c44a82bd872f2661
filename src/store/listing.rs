//! The answer of the listing rule, and which structures to ask it about.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write, values::micros};
use crate::domain::{
    host::Listing,
    ids::{HostId, OrganisationId},
};

/// Keeps the answer of the rule.
pub async fn save(
    tx: &mut Write,
    host: HostId,
    listing: &Listing,
    notice_until: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE hosts SET
            listing = $1, counted = $2, listed_since = $3, unlisted_at = $4, settle_at = $5,
            notice_until = $6
        WHERE id = $7";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(listing.standing.as_str())
            .bind(listing.counted)
            .bind(micros(listing.listed_since))
            .bind(micros(listing.unlisted_at))
            .bind(micros(listing.settle_at))
            .bind(micros(notice_until))
            .bind(host)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Structures for which time alone may have changed the answer, the longest overdue first.
pub async fn list_due(
    tx: &mut Read,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<HostId>, StoreError> {
    const SQL: &str = "
        SELECT id FROM hosts WHERE settle_at IS NOT NULL AND settle_at <= $1
        ORDER BY settle_at, id LIMIT $2";

    let rows: Vec<(HostId,)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(now))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Structures that an organisation has recommended, by id.
pub async fn list_recommended_by(
    tx: &mut Read,
    organisation: OrganisationId,
    limit: i64,
) -> Result<Vec<HostId>, StoreError> {
    const SQL: &str = "
        SELECT DISTINCT host_id FROM recommendations
        WHERE organisation_id = $1 AND published_at IS NOT NULL
        ORDER BY host_id LIMIT $2";

    let rows: Vec<(HostId,)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
