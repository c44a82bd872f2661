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
        INSERT INTO outbox_activities (id, actor_id, uri, event, created_at, follower_cursor)
        VALUES ($1, $2, $3, $4, $5, 0)";

    let event = to_json(&activity.event, "outbox_activities.event")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(activity.id)
            .bind(activity.actor_id)
            .bind(&activity.uri)
            .bind(&event)
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
