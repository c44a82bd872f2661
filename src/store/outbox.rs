//! What our actors say to other servers, waiting to be turned into deliveries.

use chrono::{DateTime, Utc};

use super::{
    Engine, Micros, Read, StoreError, Write,
    values::{from_json, to_json, word},
};
use crate::domain::{
    delivery::Walk,
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
            (id, actor_id, uri, event, post_id, stands, created_at, walk_cursor, run_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $7)";

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
          AND o.id < $2
        ORDER BY o.id DESC LIMIT $3";

    let rows: Vec<OutboxRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(actor)
            .bind(before.map_or(i64::MAX, ActivityId::get))
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

/// An activity that is being turned into deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedActivity {
    pub activity: OutboxActivity,
    /// The bytes that every server gets, once they are made.
    pub note_body: Option<String>,
    /// The bytes that Mobilizon gets.
    pub article_body: Option<String>,
    /// Where the walk through the recipients stands; `None` before it begins.
    pub walk: Option<Walk>,
    /// The last recipient already turned into a delivery.
    pub position: i64,
}

#[derive(sqlx::FromRow)]
struct ClaimedRow {
    #[sqlx(flatten)]
    activity: OutboxRow,
    note_body: Option<String>,
    article_body: Option<String>,
    walk: Option<String>,
    walk_cursor: i64,
}

impl TryFrom<ClaimedRow> for ClaimedActivity {
    type Error = StoreError;

    fn try_from(row: ClaimedRow) -> Result<Self, StoreError> {
        let walk = row
            .walk
            .map(|text| word(Walk::parse(&text), "outbox_activities.walk"));
        Ok(Self {
            activity: row.activity.try_into()?,
            note_body: row.note_body,
            article_body: row.article_body,
            walk: walk.transpose()?,
            position: row.walk_cursor,
        })
    }
}

/// Takes the activity that has waited longest to be turned into deliveries, until `lease_end`.
/// When a worker dies, others may take it again after that.
pub async fn claim_due(
    tx: &mut Write,
    now: DateTime<Utc>,
    lease_end: DateTime<Utc>,
) -> Result<Option<ClaimedActivity>, StoreError> {
    // SQLite has one writer: nobody else takes rows meanwhile
    const SQLITE: &str = "
        UPDATE outbox_activities SET locked_until = $1
        WHERE id = (
            SELECT id FROM outbox_activities
            WHERE expanded_at IS NULL AND run_at <= $2
              AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY run_at, id LIMIT 1)
        RETURNING id, actor_id, uri, event, created_at, note_body, article_body, walk, walk_cursor";
    const POSTGRES: &str = "
        WITH due AS MATERIALIZED (
            SELECT id AS due_id FROM outbox_activities
            WHERE expanded_at IS NULL AND run_at <= $2
              AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY run_at, id LIMIT 1
            FOR UPDATE SKIP LOCKED)
        UPDATE outbox_activities SET locked_until = $1
        FROM due WHERE id = due_id
        RETURNING id, actor_id, uri, event, created_at, note_body, article_body, walk, walk_cursor";

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let row: Option<ClaimedRow> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(Micros::from(lease_end))
            .bind(Micros::from(now))
            .fetch_optional(conn)
            .await
    })?;
    row.map(ClaimedActivity::try_from).transpose()
}

/// Keeps the bytes of an activity and begins the walk through its recipients. `false` when
/// somebody else did: theirs stay.
pub async fn begin_walk(tx: &mut Write, claimed: &ClaimedActivity) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE outbox_activities SET note_body = $2, article_body = $3, walk = $4
        WHERE id = $1 AND walk IS NULL AND expanded_at IS NULL";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(claimed.activity.id)
            .bind(&claimed.note_body)
            .bind(&claimed.article_body)
            .bind(claimed.walk.map(Walk::as_str))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Moves the walk on and keeps the lease. `false` when somebody else moved it meanwhile.
pub async fn move_walk(
    tx: &mut Write,
    claimed: &ClaimedActivity,
    (walk, position): (Walk, i64),
    lease_end: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE outbox_activities SET walk = $4, walk_cursor = $5, locked_until = $6
        WHERE id = $1 AND walk = $2 AND walk_cursor = $3 AND expanded_at IS NULL";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(claimed.activity.id)
            .bind(claimed.walk.map(Walk::as_str))
            .bind(claimed.position)
            .bind(walk.as_str())
            .bind(position)
            .bind(Micros::from(lease_end))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Notes that every recipient of an activity has its delivery.
pub async fn finish(
    tx: &mut Write,
    id: ActivityId,
    expanded_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE outbox_activities SET expanded_at = $2, locked_until = NULL WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(expanded_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Gives an activity back, to go on at `run_at`.
pub async fn postpone(
    tx: &mut Write,
    id: ActivityId,
    run_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE outbox_activities SET run_at = $2, locked_until = NULL WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(run_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}
