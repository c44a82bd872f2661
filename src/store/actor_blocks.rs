//! Remote actors that block one of ours.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write};
use crate::domain::ids::ActorId;

/// Keeps a block; a repeated one changes nothing but the activity that an `Undo` will name.
pub async fn save(
    tx: &mut Write,
    actor: ActorId,
    blocked: ActorId,
    activity_uri: &str,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO actor_blocks (actor_id, blocked_id, activity_uri, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (actor_id, blocked_id) DO UPDATE SET activity_uri = excluded.activity_uri";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(actor)
            .bind(blocked)
            .bind(activity_uri)
            .bind(Micros::from(created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Forgets a block.
pub async fn delete(tx: &mut Write, actor: ActorId, blocked: ActorId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM actor_blocks WHERE actor_id = $1 AND blocked_id = $2";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(actor)
        .bind(blocked)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Forgets the block that this activity of this actor made; whether there was one.
pub async fn delete_by_activity(
    tx: &mut Write,
    actor: ActorId,
    activity_uri: &str,
) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM actor_blocks WHERE actor_id = $1 AND activity_uri = $2";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(actor)
            .bind(activity_uri)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Forgets every block of an actor.
pub async fn delete_by_actor(tx: &mut Write, actor: ActorId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM actor_blocks WHERE actor_id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(actor)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Whether this actor blocks that one of ours.
pub async fn is_blocking(
    tx: &mut Read,
    actor: ActorId,
    blocked: ActorId,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        SELECT EXISTS (SELECT 1 FROM actor_blocks WHERE actor_id = $1 AND blocked_id = $2)";

    let (found,): (bool,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(actor)
            .bind(blocked)
            .fetch_one(conn)
            .await
    })?;
    Ok(found)
}
