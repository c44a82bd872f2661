//! What associations tell to mediation rather than in public.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write, values::instant};
use crate::domain::{
    ids::{AccompanimentId, AccountId, MediationId},
    recommendation::Mediation,
};

#[derive(sqlx::FromRow)]
struct MediationRow {
    id: MediationId,
    accompaniment_id: AccompanimentId,
    email: String,
    content: String,
    created_at: Micros,
    handled_at: Option<Micros>,
}

impl From<MediationRow> for Mediation {
    fn from(row: MediationRow) -> Self {
        Self {
            id: row.id,
            accompaniment_id: row.accompaniment_id,
            email: row.email,
            content: row.content,
            created_at: row.created_at.into(),
            handled_at: instant(row.handled_at),
        }
    }
}

/// Keeps what was told.
pub async fn insert(tx: &mut Write, mediation: &Mediation) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO mediations (id, accompaniment_id, email, content, created_at)
        VALUES ($1, $2, $3, $4, $5)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(mediation.id)
            .bind(mediation.accompaniment_id)
            .bind(&mediation.email)
            .bind(&mediation.content)
            .bind(Micros::from(mediation.created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Something told, with the names of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub mediation: Mediation,
    pub association: String,
    pub host_name: String,
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    #[sqlx(flatten)]
    mediation: MediationRow,
    association: String,
    host_name: String,
}

/// What nobody handled yet, the oldest first, except what is about an organisation of the reader.
pub async fn list_waiting(
    tx: &mut Read,
    reader: AccountId,
    limit: i64,
) -> Result<Vec<Told>, StoreError> {
    const SQL: &str = "
        SELECT mediations.id, mediations.accompaniment_id, mediations.email, mediations.content,
               mediations.created_at, mediations.handled_at, organisations.name AS association,
               structures.name AS host_name
        FROM mediations
        JOIN accompaniments ON accompaniments.id = mediations.accompaniment_id
        JOIN organisations ON organisations.id = accompaniments.organisation_id
        JOIN hosts ON hosts.id = accompaniments.host_id
        JOIN organisations structures ON structures.id = hosts.organisation_id
        WHERE mediations.handled_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM memberships
              WHERE memberships.account_id = $1 AND memberships.organisation_id
                IN (accompaniments.organisation_id, hosts.organisation_id))
        ORDER BY mediations.id LIMIT $2";

    let rows: Vec<ToldRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(reader)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|row| Told {
            mediation: row.mediation.into(),
            association: row.association,
            host_name: row.host_name,
        })
        .collect())
}

/// How much waits for mediation.
pub async fn count_waiting(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM mediations WHERE handled_at IS NULL";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// Notes who handled it; `false` when it was done, or never told.
pub async fn mark_handled(
    tx: &mut Write,
    id: MediationId,
    by: AccountId,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE mediations SET handled_by = $1, handled_at = $2
        WHERE id = $3 AND handled_at IS NULL";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(by)
            .bind(Micros::from(at))
            .bind(id)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}
