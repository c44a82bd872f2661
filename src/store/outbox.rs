//! What our actors say to other servers, waiting to be turned into deliveries.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{from_json, to_json},
};
use crate::domain::{
    ids::{ActivityId, ActorId},
    outbound::Outbound,
};

/// An activity of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxActivity {
    pub id: ActivityId,
    pub actor_id: ActorId,
    pub uri: String,
    pub event: Outbound,
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
pub(super) struct OutboxRow {
    id: ActivityId,
    actor_id: ActorId,
    uri: String,
    event: String,
    created_at: Micros,
}

impl TryFrom<OutboxRow> for OutboxActivity {
    type Error = StoreError;

    fn try_from(row: OutboxRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            actor_id: row.actor_id,
            uri: row.uri,
            event: from_json(&row.event, "outbox_activities.event")?,
            created_at: row.created_at.into(),
        })
    }
}

/// Adds an activity, in the transaction of the change that it tells.
pub async fn insert(tx: &mut Write, activity: &OutboxActivity) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO outbox_activities
            (id, actor_id, uri, event, post_id, stands, created_at, follower_cursor)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0)";

    let event = to_json(&activity.event, "outbox_activities.event")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(activity.id)
            .bind(activity.actor_id)
            .bind(&activity.uri)
            .bind(&event)
            .bind(activity.event.post())
            .bind(activity.event.stands())
            .bind(Micros::from(activity.created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The activity with this ActivityPub id.
pub async fn find_by_uri(tx: &mut Read, uri: &str) -> Result<Option<OutboxActivity>, StoreError> {
    const SQL: &str =
        "SELECT id, actor_id, uri, event, created_at FROM outbox_activities WHERE uri = $1";

    let row: Option<OutboxRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(uri)
        .fetch_optional(conn)
        .await)?;
    row.map(OutboxActivity::try_from).transpose()
}

/// The last activity of an actor that told this event.
pub async fn find_by_event(
    tx: &mut Read,
    actor: ActorId,
    event: &Outbound,
) -> Result<Option<OutboxActivity>, StoreError> {
    const SQL: &str = "
        SELECT id, actor_id, uri, event, created_at FROM outbox_activities
        WHERE actor_id = $1 AND event = $2
        ORDER BY id DESC LIMIT 1";

    let event = to_json(event, "outbox_activities.event")?;
    let row: Option<OutboxRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(actor)
            .bind(&event)
            .fetch_optional(conn)
            .await
    })?;
    row.map(OutboxActivity::try_from).transpose()
}

/// What an actor said that still stands: the `Create` of its announcement and the `Announce`s of
/// posts that were not withdrawn; the most recent first, before a cursor.
pub async fn list_standing(
    tx: &mut Read,
    actor: ActorId,
    before: Option<ActivityId>,
    limit: i64,
) -> Result<Vec<OutboxActivity>, StoreError> {
    const SQL: &str = "
        SELECT o.id, o.actor_id, o.uri, o.event, o.created_at
        FROM outbox_activities o JOIN posts ON posts.id = o.post_id
        WHERE o.actor_id = $1 AND o.stands AND posts.kind = 'announcement' AND posts.deleted_at IS NULL
          AND ($2 IS NULL OR o.id < $2)
        ORDER BY o.id DESC LIMIT $3";

    let rows: Vec<OutboxRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(actor)
            .bind(before)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(OutboxActivity::try_from).collect()
}

/// How many of these there are.
pub async fn count_standing(tx: &mut Read, actor: ActorId) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*)
        FROM outbox_activities o JOIN posts ON posts.id = o.post_id
        WHERE o.actor_id = $1 AND o.stands AND posts.kind = 'announcement' AND posts.deleted_at IS NULL";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(actor)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// Whether something this actor said was not delivered to everybody yet.
pub async fn has_unsent(tx: &mut Read, actor: ActorId) -> Result<bool, StoreError> {
    const SQL: &str = "
        SELECT EXISTS (
            SELECT 1 FROM outbox_activities o
            WHERE o.actor_id = $1 AND (
                o.expanded_at IS NULL
                OR EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = o.id AND d.done_at IS NULL)))";

    let (found,): (bool,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(actor)
        .fetch_one(conn)
        .await)?;
    Ok(found)
}
