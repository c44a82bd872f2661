//! Follows between actors.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    actors::{ActorRow, actor_columns},
    values::word,
};
use crate::domain::{
    federation::{Actor, Follow, FollowState},
    ids::{ActorId, FollowId},
};

#[derive(sqlx::FromRow)]
struct FollowRow {
    id: FollowId,
    follower_id: ActorId,
    followed_id: ActorId,
    activity_uri: String,
    state: String,
}

impl TryFrom<FollowRow> for Follow {
    type Error = StoreError;

    fn try_from(row: FollowRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            follower_id: row.follower_id,
            followed_id: row.followed_id,
            activity_uri: row.activity_uri,
            state: word(FollowState::parse(&row.state), "follows.state")?,
        })
    }
}

/// Keeps a follow. A repeated one takes the id of its last activity, which an `Undo` will name.
pub async fn save(
    tx: &mut Write,
    follow: &Follow,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO follows (id, follower_id, followed_id, activity_uri, state, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (follower_id, followed_id) DO UPDATE SET
            activity_uri = excluded.activity_uri, state = excluded.state";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(follow.id)
            .bind(follow.follower_id)
            .bind(follow.followed_id)
            .bind(&follow.activity_uri)
            .bind(follow.state.as_str())
            .bind(Micros::from(created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The follow between two actors.
pub async fn find(
    tx: &mut Read,
    follower: ActorId,
    followed: ActorId,
) -> Result<Option<Follow>, StoreError> {
    const SQL: &str = "
        SELECT id, follower_id, followed_id, activity_uri, state
        FROM follows WHERE follower_id = $1 AND followed_id = $2";

    let row: Option<FollowRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(follower)
            .bind(followed)
            .fetch_optional(conn)
            .await
    })?;
    row.map(Follow::try_from).transpose()
}

/// The follow that this activity made.
pub async fn find_by_activity(tx: &mut Read, activity: &str) -> Result<Option<Follow>, StoreError> {
    const SQL: &str = "
        SELECT id, follower_id, followed_id, activity_uri, state
        FROM follows WHERE activity_uri = $1 ORDER BY id LIMIT 1";

    let row: Option<FollowRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(activity)
        .fetch_optional(conn)
        .await)?;
    row.map(Follow::try_from).transpose()
}

/// Notes that a follow was accepted.
pub async fn accept(tx: &mut Write, id: FollowId) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE follows SET state = 'accepted' WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Forgets the follow between two actors; whether there was one.
pub async fn delete(
    tx: &mut Write,
    follower: ActorId,
    followed: ActorId,
) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM follows WHERE follower_id = $1 AND followed_id = $2";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(follower)
            .bind(followed)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Forgets everything that one actor follows.
pub async fn delete_by_follower(tx: &mut Write, follower: ActorId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM follows WHERE follower_id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(follower)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Forgets everything that one actor follows, and everybody who follows it.
pub async fn delete_by_actor(tx: &mut Write, actor: ActorId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM follows WHERE follower_id = $1 OR followed_id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(actor)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Who follows a remote actor among our own actors, in the order of their follows.
pub async fn list_local_followers(
    tx: &mut Read,
    followed: ActorId,
    limit: i64,
) -> Result<Vec<Actor>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        actor_columns!(),
        " FROM follows JOIN actors ON actors.id = follows.follower_id
        WHERE follows.followed_id = $1 AND actors.role IS NOT NULL
        ORDER BY follows.id LIMIT $2"
    );

    let rows: Vec<ActorRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(followed)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Actor::try_from).collect()
}

/// How many follow an actor.
pub async fn count_followers(tx: &mut Read, followed: ActorId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM follows WHERE followed_id = $1 AND state = 'accepted'";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(followed)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// How many an actor follows.
pub async fn count_following(tx: &mut Read, follower: ActorId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM follows WHERE follower_id = $1 AND state = 'accepted'";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(follower)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// Followers of an actor, the most recent first, before a cursor.
pub async fn list_followers(
    tx: &mut Read,
    followed: ActorId,
    before: Option<FollowId>,
    limit: i64,
) -> Result<Vec<(FollowId, Actor)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT follows.id AS follow_id, ",
        actor_columns!(),
        " FROM follows JOIN actors ON actors.id = follows.follower_id
        WHERE follows.followed_id = $1 AND follows.state = 'accepted'
          AND follows.id < $2
        ORDER BY follows.id DESC
        LIMIT $3"
    );

    #[derive(sqlx::FromRow)]
    struct Row {
        follow_id: FollowId,
        #[sqlx(flatten)]
        actor: ActorRow,
    }

    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(followed)
            .bind(before.map_or(i64::MAX, FollowId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|row| Ok((row.follow_id, row.actor.try_into()?)))
        .collect()
}
