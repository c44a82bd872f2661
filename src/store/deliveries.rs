//! Activities on their way: one row per activity and inbox.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Engine, Micros, Read, StoreError, Write,
    values::{to_json, word},
};
use crate::domain::{
    delivery::DeliveryOutcome,
    federation::Rendition,
    ids::{ActivityId, ActorId, DeliveryId},
    outbound::Outbound,
};

/// An inbox that is to receive an activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub inbox: String,
    /// Authority of the inbox.
    pub host: String,
    /// `None` when it depends on a software that is not known yet.
    pub rendition: Option<Rendition>,
}

/// A delivery whose time has come, with all that is needed to make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    pub id: DeliveryId,
    pub inbox: String,
    pub rendition: Option<Rendition>,
    pub created_at: DateTime<Utc>,
    /// How many times it failed.
    pub attempts: i64,
    /// Who speaks.
    pub speaker: ActorId,
    /// Id of the key that signs.
    pub key_id: Option<String>,
    /// Its private half, sealed; `None` while it is being made.
    pub sealed_key: Option<String>,
    /// The bytes for every server, when there is something to tell them.
    pub note_body: Option<String>,
    /// The bytes for Mobilizon.
    pub article_body: Option<String>,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    id: DeliveryId,
    inbox: String,
    rendition: Option<String>,
    created_at: Micros,
    attempts: i64,
    speaker: ActorId,
    key_id: Option<String>,
    sealed_key: Option<String>,
    note_body: Option<String>,
    article_body: Option<String>,
}

impl TryFrom<DueRow> for DueDelivery {
    type Error = StoreError;

    fn try_from(row: DueRow) -> Result<Self, StoreError> {
        let rendition = row
            .rendition
            .map(|text| word(Rendition::parse(&text), "deliveries.rendition"));
        Ok(Self {
            id: row.id,
            inbox: row.inbox,
            rendition: rendition.transpose()?,
            created_at: row.created_at.into(),
            attempts: row.attempts,
            speaker: row.speaker,
            key_id: row.key_id,
            sealed_key: row.sealed_key,
            note_body: row.note_body,
            article_body: row.article_body,
        })
    }
}

/// Adds deliveries of an activity, due at once; an inbox that already has one is left as it is.
pub async fn insert_batch(
    tx: &mut Write,
    activity: ActivityId,
    deliveries: &[NewDelivery],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    macro_rules! sql {
        ($rows:literal) => {
            concat!(
                "INSERT INTO deliveries
                    (id, activity_id, inbox, host, rendition, created_at, attempts, run_at) ",
                $rows,
                " ON CONFLICT (activity_id, inbox) DO NOTHING"
            )
        };
    }
    const SQLITE: &str = sql!(
        "SELECT CAST(value->>'id' AS BIGINT), $2, value->>'inbox', value->>'host',
            value->>'rendition', $3, 0, $3
        FROM json_each($1) WHERE true"
    );
    const POSTGRES: &str = sql!(
        "SELECT id, $2, inbox, host, rendition, $3, 0, $3
        FROM jsonb_to_recordset($1::jsonb) AS new(id BIGINT, inbox TEXT, host TEXT, rendition TEXT)"
    );

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let rows = to_json(&deliveries, "deliveries")?;
    on!(tx, |conn| {
        sqlx::query(sql)
            .bind(&rows)
            .bind(activity)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// What is due to a host: what failed least first, so that an activity which a server cannot
/// stand never holds the others back; then in the order it was said.
pub async fn list_due(
    tx: &mut Read,
    host: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DueDelivery>, StoreError> {
    // the sign keeps SQLite on the index that is in this order: it would sort all that waits
    const SQL: &str = "
        SELECT d.id, d.inbox, d.rendition, d.created_at, d.attempts, o.actor_id AS speaker,
               actors.key_id,
               -- servers that know the former key must believe what tells the new one
               CASE WHEN o.event = $4 AND actors.former_private_key IS NOT NULL
                    THEN actors.former_private_key ELSE actors.private_key END AS sealed_key,
               o.note_body, o.article_body
        FROM deliveries d
        JOIN outbox_activities o ON o.id = d.activity_id
        JOIN actors ON actors.id = o.actor_id
        WHERE d.host = $1 AND d.done_at IS NULL AND +d.run_at <= $2
        ORDER BY d.attempts, d.id
        LIMIT $3";

    let rotation = to_json(&Outbound::UpdateKeys, "outbox_activities.event")?;
    let rows: Vec<DueRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(host)
            .bind(Micros::from(now))
            .bind(limit)
            .bind(&rotation)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(DueDelivery::try_from).collect()
}

/// Ends the life of a delivery.
pub async fn finish(
    tx: &mut Write,
    id: DeliveryId,
    now: DateTime<Utc>,
    (outcome, rendition): (DeliveryOutcome, Option<Rendition>),
    detail: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE deliveries SET
            done_at = $2, outcome = $3, detail = $4, attempts = attempts + 1,
            rendition = COALESCE($5, rendition)
        WHERE id = $1 AND done_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(now))
            .bind(outcome.as_str())
            .bind(detail)
            .bind(rendition.map(Rendition::as_str))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Puts a delivery back, to be made at `run_at`, after `attempts` failures.
pub async fn postpone(
    tx: &mut Write,
    id: DeliveryId,
    run_at: DateTime<Utc>,
    (attempts, rendition): (i64, Option<Rendition>),
    detail: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE deliveries SET
            run_at = $2, attempts = $3, detail = $4, rendition = COALESCE($5, rendition)
        WHERE id = $1 AND done_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(run_at))
            .bind(attempts)
            .bind(detail)
            .bind(rendition.map(Rendition::as_str))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Ends all that waits for a host and was made before an instant; gives how many.
pub async fn finish_by_host(
    tx: &mut Write,
    host: &str,
    made_before: DateTime<Utc>,
    now: DateTime<Utc>,
    (outcome, detail): (DeliveryOutcome, &str),
) -> Result<u64, StoreError> {
    const SQL: &str = "
        UPDATE deliveries SET done_at = $3, outcome = $4, detail = $5
        WHERE host = $1 AND done_at IS NULL AND created_at <= $2";

    Ok(on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(host)
            .bind(Micros::from(made_before))
            .bind(Micros::from(now))
            .bind(outcome.as_str())
            .bind(detail)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// How many deliveries came to each end since an instant, and how many wait (`None`).
pub async fn list_tallies(
    tx: &mut Read,
    since: DateTime<Utc>,
) -> Result<Vec<(Option<DeliveryOutcome>, i64)>, StoreError> {
    const SQL: &str = "
        SELECT outcome, COUNT(*) FROM deliveries
        WHERE done_at >= $1 OR done_at IS NULL
        GROUP BY outcome ORDER BY outcome";

    let rows: Vec<(Option<String>, i64)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(since))
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|(outcome, count)| {
            let outcome = outcome
                .map(|text| word(DeliveryOutcome::parse(&text), "deliveries.outcome"))
                .transpose()?;
            Ok((outcome, count))
        })
        .collect()
}
