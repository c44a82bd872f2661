//! Key pairs made ahead of time, so that publishing never waits for one.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write};
use crate::domain::ids::SpareKeyId;

/// A key pair that no actor has yet.
#[derive(Debug, sqlx::FromRow)]
pub struct SpareKey {
    /// SPKI PEM.
    pub public_key: String,
    /// PKCS#8 PEM, sealed.
    pub private_key: String,
}

/// How many there are.
pub async fn count(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM spare_keys";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// Adds one.
pub async fn insert(
    tx: &mut Write,
    id: SpareKeyId,
    key: &SpareKey,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO spare_keys (id, public_key, private_key, created_at)
        VALUES ($1, $2, $3, $4)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(&key.public_key)
            .bind(&key.private_key)
            .bind(Micros::from(created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Takes one for an actor; no other actor ever gets it.
pub async fn take(tx: &mut Write) -> Result<Option<SpareKey>, StoreError> {
    // concurrent takers on PostgreSQL must not wait for the same row
    const POSTGRES: &str = "
        DELETE FROM spare_keys
        WHERE id = (SELECT id FROM spare_keys ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING public_key, private_key";
    const SQLITE: &str = "
        DELETE FROM spare_keys
        WHERE id = (SELECT id FROM spare_keys ORDER BY id LIMIT 1)
        RETURNING public_key, private_key";

    let sql = match tx.engine() {
        super::Engine::Postgres => POSTGRES,
        super::Engine::Sqlite => SQLITE,
    };
    Ok(on!(tx, |conn| sqlx::query_as(sql)
        .fetch_optional(conn)
        .await)?)
}
