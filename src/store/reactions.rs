//! Likes and boosts of our posts, each counted once per actor.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write};
use crate::domain::{
    federation::ReactionKind,
    ids::{ActorId, PostId, ReactionId},
};

/// A like or a boost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    pub id: ReactionId,
    pub post_id: PostId,
    pub actor_id: ActorId,
    pub kind: ReactionKind,
    /// Id of the activity, which an `Undo` will name.
    pub activity_uri: String,
}

/// Keeps a reaction. A repeated one takes the id of its last activity; it still counts once.
pub async fn save(
    tx: &mut Write,
    reaction: &Reaction,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO reactions (id, post_id, actor_id, kind, activity_uri, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (post_id, actor_id, kind) DO UPDATE SET activity_uri = excluded.activity_uri";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(reaction.id)
            .bind(reaction.post_id)
            .bind(reaction.actor_id)
            .bind(reaction.kind.as_str())
            .bind(&reaction.activity_uri)
            .bind(Micros::from(created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Forgets the reaction of an actor to a post; whether there was one.
pub async fn delete(
    tx: &mut Write,
    post: PostId,
    actor: ActorId,
    kind: ReactionKind,
) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM reactions WHERE post_id = $1 AND actor_id = $2 AND kind = $3";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(post)
            .bind(actor)
            .bind(kind.as_str())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Forgets the reaction that this activity of this actor made; whether there was one.
pub async fn delete_by_activity(
    tx: &mut Write,
    actor: ActorId,
    activity_uri: &str,
) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM reactions WHERE actor_id = $1 AND activity_uri = $2";

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

/// Forgets every reaction of an actor.
pub async fn delete_by_actor(tx: &mut Write, actor: ActorId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM reactions WHERE actor_id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(actor)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// How many actors reacted to a post in this way.
pub async fn count(tx: &mut Read, post: PostId, kind: ReactionKind) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM reactions WHERE post_id = $1 AND kind = $2";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(post)
            .bind(kind.as_str())
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}
