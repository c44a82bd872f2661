//! Actors, ours and remote.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{instant, micros, word},
};
use crate::domain::{
    federation::{Actor, ActorKind, ActorRole},
    ids::ActorId,
};

/// Columns of [`ActorRow`], in its order; also used by joins that show an author.
macro_rules! actor_columns {
    () => {
        "actors.id, actors.uri, actors.kind, actors.role, actors.handle, actors.host, actors.name,
        actors.summary, actors.url, actors.inbox, actors.shared_inbox, actors.followers,
        actors.key_id, actors.public_key, actors.is_indexable, actors.created_at,
        actors.updated_at, actors.fetched_at, actors.gone_at"
    };
}
pub(super) use actor_columns;

#[derive(sqlx::FromRow)]
pub(super) struct ActorRow {
    id: ActorId,
    uri: String,
    kind: String,
    role: Option<String>,
    handle: String,
    host: String,
    name: String,
    summary: String,
    url: String,
    inbox: String,
    shared_inbox: Option<String>,
    followers: Option<String>,
    key_id: Option<String>,
    public_key: Option<String>,
    is_indexable: bool,
    created_at: Micros,
    updated_at: Micros,
    fetched_at: Option<Micros>,
    gone_at: Option<Micros>,
}

impl TryFrom<ActorRow> for Actor {
    type Error = StoreError;

    fn try_from(row: ActorRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            uri: row.uri,
            kind: word(ActorKind::parse(&row.kind), "actors.kind")?,
            role: row
                .role
                .map(|role| word(ActorRole::parse(&role), "actors.role"))
                .transpose()?,
            handle: row.handle,
            host: row.host,
            name: row.name,
            summary: row.summary,
            url: row.url,
            inbox: row.inbox,
            shared_inbox: row.shared_inbox,
            followers: row.followers,
            key_id: row.key_id,
            public_key: row.public_key,
            is_indexable: row.is_indexable,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            fetched_at: instant(row.fetched_at),
            gone_at: instant(row.gone_at),
        })
    }
}

/// Adds an actor of ours. `sealed_key` is its private key, sealed; absent while it is being made.
pub async fn insert_local(
    tx: &mut Write,
    actor: &Actor,
    sealed_key: Option<&str>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO actors
            (id, uri, kind, role, handle, host, name, summary, url, inbox, shared_inbox,
             followers, key_id, public_key, private_key, is_indexable, created_at, updated_at)
        VALUES
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(actor.id)
            .bind(&actor.uri)
            .bind(actor.kind.as_str())
            .bind(actor.role.map(ActorRole::as_str))
            .bind(&actor.handle)
            .bind(&actor.host)
            .bind(&actor.name)
            .bind(&actor.summary)
            .bind(&actor.url)
            .bind(&actor.inbox)
            .bind(&actor.shared_inbox)
            .bind(&actor.followers)
            .bind(&actor.key_id)
            .bind(&actor.public_key)
            .bind(sealed_key)
            .bind(actor.is_indexable)
            .bind(Micros::from(actor.created_at))
            .bind(Micros::from(actor.updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps what a remote actor says of itself, and gives its id: the one it had, or `actor.id`.
///
/// Never touches an actor of ours.
pub async fn save_remote(tx: &mut Write, actor: &Actor) -> Result<Option<ActorId>, StoreError> {
    const SQL: &str = "
        INSERT INTO actors
            (id, uri, kind, handle, host, name, summary, url, inbox, shared_inbox, followers,
             key_id, public_key, is_indexable, created_at, updated_at, fetched_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        ON CONFLICT (uri) DO UPDATE SET
            kind = excluded.kind, handle = excluded.handle, name = excluded.name,
            summary = excluded.summary, url = excluded.url, inbox = excluded.inbox,
            shared_inbox = excluded.shared_inbox, followers = excluded.followers,
            key_id = excluded.key_id, public_key = excluded.public_key,
            is_indexable = excluded.is_indexable, updated_at = excluded.updated_at,
            fetched_at = excluded.fetched_at, gone_at = NULL
        WHERE actors.role IS NULL
        RETURNING id";

    let row: Option<(ActorId,)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(actor.id)
            .bind(&actor.uri)
            .bind(actor.kind.as_str())
            .bind(&actor.handle)
            .bind(&actor.host)
            .bind(&actor.name)
            .bind(&actor.summary)
            .bind(&actor.url)
            .bind(&actor.inbox)
            .bind(&actor.shared_inbox)
            .bind(&actor.followers)
            .bind(&actor.key_id)
            .bind(&actor.public_key)
            .bind(actor.is_indexable)
            .bind(Micros::from(actor.created_at))
            .bind(Micros::from(actor.updated_at))
            .bind(micros(actor.fetched_at))
            .fetch_optional(conn)
            .await
    })?;
    Ok(row.map(|(id,)| id))
}

/// The actor with this row id.
pub async fn find(tx: &mut Read, id: ActorId) -> Result<Option<Actor>, StoreError> {
    const SQL: &str = concat!("SELECT ", actor_columns!(), " FROM actors WHERE id = $1");

    let row: Option<ActorRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Actor::try_from).transpose()
}

/// The actor with this ActivityPub id.
pub async fn find_by_uri(tx: &mut Read, uri: &str) -> Result<Option<Actor>, StoreError> {
    const SQL: &str = concat!("SELECT ", actor_columns!(), " FROM actors WHERE uri = $1");

    let row: Option<ActorRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(uri)
        .fetch_optional(conn)
        .await)?;
    row.map(Actor::try_from).transpose()
}

/// The actor whose key has this id.
pub async fn find_by_key(tx: &mut Read, key_id: &str) -> Result<Option<Actor>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        actor_columns!(),
        " FROM actors WHERE key_id = $1 ORDER BY id LIMIT 1"
    );

    let row: Option<ActorRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(key_id)
        .fetch_optional(conn)
        .await)?;
    row.map(Actor::try_from).transpose()
}

/// Our actor with this handle.
pub async fn find_local_by_handle(
    tx: &mut Read,
    handle: &str,
) -> Result<Option<Actor>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        actor_columns!(),
        " FROM actors WHERE handle = $1 AND role IS NOT NULL"
    );

    let row: Option<ActorRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(handle)
        .fetch_optional(conn)
        .await)?;
    row.map(Actor::try_from).transpose()
}

/// The sealed private key of one of our actors; `None` while it is being made.
pub async fn find_sealed_key(tx: &mut Read, id: ActorId) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT private_key FROM actors WHERE id = $1";

    let row: Option<(Option<String>,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    Ok(row.and_then(|(key,)| key))
}

/// Our actors that still wait for their key pair, the oldest first.
pub async fn list_without_key(tx: &mut Read, limit: i64) -> Result<Vec<ActorId>, StoreError> {
    const SQL: &str = "
        SELECT id FROM actors
        WHERE role IS NOT NULL AND private_key IS NULL AND gone_at IS NULL
        ORDER BY id LIMIT $1";

    let rows: Vec<(ActorId,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Gives its key pair to an actor of ours that has none yet.
pub async fn set_keys(
    tx: &mut Write,
    id: ActorId,
    public_key: &str,
    sealed_key: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE actors SET public_key = $2, private_key = $3
        WHERE id = $1 AND private_key IS NULL AND role IS NOT NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(public_key)
            .bind(sealed_key)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Gives an actor of ours another key pair. The former private key is kept: it signs the message
/// that tells the new one.
pub async fn rotate_keys(
    tx: &mut Write,
    id: ActorId,
    public_key: &str,
    sealed_key: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE actors
        SET former_private_key = private_key, public_key = $2, private_key = $3
        WHERE id = $1 AND role IS NOT NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(public_key)
            .bind(sealed_key)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps the new name of one of our actors; `updated_at` tells other servers to look again.
pub async fn rename_local(
    tx: &mut Write,
    id: ActorId,
    name: &str,
    updated_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE actors SET name = $2, updated_at = $3 WHERE id = $1 AND role IS NOT NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(name)
            .bind(Micros::from(updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Notes that an actor was deleted. Its row stays, so that its last messages still verify.
pub async fn mark_gone(
    tx: &mut Write,
    id: ActorId,
    gone_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE actors SET gone_at = $2 WHERE id = $1 AND gone_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(gone_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Notes that the remote actors who read this inbox of their own are gone. Nothing happens for an
/// inbox that a whole server shares: what it answers says nothing of one actor.
pub async fn mark_inbox_gone(
    tx: &mut Write,
    inbox: &str,
    gone_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE actors SET gone_at = $2
        WHERE inbox = $1 AND role IS NULL AND gone_at IS NULL
          AND (shared_inbox IS NULL OR shared_inbox <> $1)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(inbox)
            .bind(Micros::from(gone_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}
