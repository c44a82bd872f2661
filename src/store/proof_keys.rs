//! Ed25519 keys of our actors, which sign what they state.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{instant, micros},
};
use crate::domain::{
    ids::{ActorId, ProofKeyId},
    proof_key::ProofKey,
};

/// Keys of one actor listed: one that signs, and those before it.
const MOST_KEYS: i64 = 16;

#[derive(sqlx::FromRow)]
struct ProofKeyRow {
    id: ProofKeyId,
    actor_id: ActorId,
    fragment: String,
    public_key: String,
    created_at: Micros,
    retired_at: Option<Micros>,
}

impl From<ProofKeyRow> for ProofKey {
    fn from(row: ProofKeyRow) -> Self {
        Self {
            id: row.id,
            actor_id: row.actor_id,
            fragment: row.fragment,
            public_key: row.public_key,
            created_at: row.created_at.into(),
            retired_at: instant(row.retired_at),
        }
    }
}

/// Adds a key, with its sealed seed.
pub async fn insert(tx: &mut Write, key: &ProofKey, sealed_seed: &str) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO proof_keys
            (id, actor_id, fragment, public_key, private_key, created_at, retired_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(key.id)
            .bind(key.actor_id)
            .bind(&key.fragment)
            .bind(&key.public_key)
            .bind(sealed_seed)
            .bind(Micros::from(key.created_at))
            .bind(micros(key.retired_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The keys of an actor that are still to be listed, the one that signs first.
pub async fn list(tx: &mut Read, actor: ActorId) -> Result<Vec<ProofKey>, StoreError> {
    const SQL: &str = "
        SELECT id, actor_id, fragment, public_key, created_at, retired_at
        FROM proof_keys
        WHERE actor_id = $1 AND revoked_at IS NULL
        ORDER BY CASE WHEN retired_at IS NULL THEN 0 ELSE 1 END, id DESC
        LIMIT $2";

    let rows: Vec<ProofKeyRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(actor)
            .bind(MOST_KEYS)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(ProofKey::from).collect())
}

/// How many keys an actor ever had.
pub async fn count(tx: &mut Read, actor: ActorId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM proof_keys WHERE actor_id = $1";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(actor)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// The sealed seed of a key that still signs.
pub async fn find_sealed_seed(tx: &mut Read, id: ProofKeyId) -> Result<Option<String>, StoreError> {
    const SQL: &str = "
        SELECT private_key FROM proof_keys
        WHERE id = $1 AND retired_at IS NULL AND revoked_at IS NULL";

    let row: Option<(String,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(|(seed,)| seed))
}

/// The key signs no more; what it signed still stands.
pub async fn retire(tx: &mut Write, actor: ActorId, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE proof_keys SET retired_at = $2, private_key = ''
        WHERE actor_id = $1 AND retired_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(actor)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// No key that the actor had so far is to be believed any more, whatever it signed.
pub async fn revoke(tx: &mut Write, actor: ActorId, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE proof_keys SET revoked_at = $2, private_key = ''
        WHERE actor_id = $1 AND revoked_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(actor)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}
