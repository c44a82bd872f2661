//! Who receives an activity, walked through in chunks: remote actors who are still there and do
//! not block the speaker.

use super::{Read, StoreError};
use crate::domain::ids::{ActorId, PostId};

/// One receiver.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Recipient {
    /// Where the walk stands after this one.
    pub position: i64,
    pub inbox: String,
    pub shared_inbox: Option<String>,
}

/// Who follows an actor, in the order of their follows; positions are ids of follows.
pub async fn list_followers(
    tx: &mut Read,
    speaker: ActorId,
    after: i64,
    limit: i64,
) -> Result<Vec<Recipient>, StoreError> {
    const SQL: &str = "
        SELECT follows.id AS position, actors.inbox, actors.shared_inbox
        FROM follows JOIN actors ON actors.id = follows.follower_id
        WHERE follows.followed_id = $1 AND follows.state = 'accepted' AND follows.id > $2
          AND actors.role IS NULL AND actors.gone_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM actor_blocks
              WHERE actor_blocks.actor_id = actors.id AND actor_blocks.blocked_id = $1)
        ORDER BY follows.id
        LIMIT $3";

    Ok(on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(speaker)
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?)
}

/// Servers that follow the instance: where what machines read goes. Positions are ids of follows.
pub async fn list_peers(
    tx: &mut Read,
    speaker: ActorId,
    after: i64,
    limit: i64,
) -> Result<Vec<Recipient>, StoreError> {
    const SQL: &str = "
        SELECT follows.id AS position, actors.inbox, actors.shared_inbox
        FROM follows
        JOIN actors ON actors.id = follows.follower_id
        JOIN actors AS followed ON followed.id = follows.followed_id
        WHERE followed.role = 'instance' AND follows.state = 'accepted' AND follows.id > $2
          AND actors.kind = 'Application' AND actors.role IS NULL AND actors.gone_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM actor_blocks
              WHERE actor_blocks.actor_id = actors.id AND actor_blocks.blocked_id = $1)
        ORDER BY follows.id
        LIMIT $3";

    Ok(on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(speaker)
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?)
}

/// Who replied or reacted to the ad of a post; positions are ids of actors.
pub async fn list_participants(
    tx: &mut Read,
    speaker: ActorId,
    post: PostId,
    after: i64,
    limit: i64,
) -> Result<Vec<Recipient>, StoreError> {
    const SQL: &str = "
        SELECT actors.id AS position, actors.inbox, actors.shared_inbox
        FROM actors
        WHERE actors.id > $3 AND actors.role IS NULL AND actors.gone_at IS NULL
          AND actors.id IN (
              SELECT comments.actor_id FROM comments
              WHERE comments.ad_id = (SELECT ad_id FROM posts WHERE id = $2)
              UNION
              SELECT reactions.actor_id
              FROM reactions JOIN posts ON posts.id = reactions.post_id
              WHERE posts.id = $2 OR posts.ad_id = (SELECT ad_id FROM posts WHERE id = $2))
          AND NOT EXISTS (
              SELECT 1 FROM actor_blocks
              WHERE actor_blocks.actor_id = actors.id AND actor_blocks.blocked_id = $1)
        ORDER BY actors.id
        LIMIT $4";

    Ok(on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(speaker)
            .bind(post)
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?)
}

/// Every remote actor we know; positions are ids of actors.
pub async fn list_known(
    tx: &mut Read,
    speaker: ActorId,
    after: i64,
    limit: i64,
) -> Result<Vec<Recipient>, StoreError> {
    const SQL: &str = "
        SELECT actors.id AS position, actors.inbox, actors.shared_inbox
        FROM actors
        WHERE actors.id > $2 AND actors.role IS NULL AND actors.gone_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM actor_blocks
              WHERE actor_blocks.actor_id = actors.id AND actor_blocks.blocked_id = $1)
        ORDER BY actors.id
        LIMIT $3";

    Ok(on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(speaker)
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?)
}

/// One remote actor, to be reached in its own inbox.
pub async fn find(
    tx: &mut Read,
    speaker: ActorId,
    actor: ActorId,
) -> Result<Option<Recipient>, StoreError> {
    const SQL: &str = "
        SELECT actors.id AS position, actors.inbox, NULL AS shared_inbox
        FROM actors
        WHERE actors.id = $2 AND actors.role IS NULL AND actors.gone_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM actor_blocks
              WHERE actor_blocks.actor_id = actors.id AND actor_blocks.blocked_id = $1)";

    Ok(on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(speaker)
            .bind(actor)
            .fetch_optional(conn)
            .await
    })?)
}
