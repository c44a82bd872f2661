//! What structures, organisations and recommendations are on the wire: their actors, and the lists
//! that other servers walk through.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write};
use crate::domain::ids::{ActorId, HostId, OrganisationId, RecommendationId};

/// Notes which actor stands for a structure.
pub async fn set_actor(tx: &mut Write, host: HostId, actor: ActorId) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE hosts SET actor_id = $2 WHERE id = $1 AND actor_id IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(host)
            .bind(actor)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Whether an actor of ours or a structure has this handle, now or before.
pub async fn is_handle_taken(tx: &mut Read, handle: &str) -> Result<bool, StoreError> {
    const SQL: &str = "
        SELECT EXISTS (SELECT 1 FROM actors WHERE handle = $1 AND role IS NOT NULL)
            OR EXISTS (SELECT 1 FROM hosts WHERE handle = $1)";

    let (taken,): (bool,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(handle)
        .fetch_one(conn)
        .await)?;
    Ok(taken)
}

/// Which recommendations a collection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statements {
    /// Those that the instance vouches for: all.
    OfInstance,
    /// Those that an organisation made.
    By(OrganisationId),
    /// Those that a structure acknowledges.
    Of(HostId),
}

impl Statements {
    /// What `$1` stands for.
    fn owner(self) -> i64 {
        match self {
            Self::OfInstance => 0,
            Self::By(organisation) => organisation.get(),
            Self::Of(host) => host.get(),
        }
    }
}

/// A published recommendation, as collections list it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    pub id: RecommendationId,
    pub uri: String,
}

/// Published recommendations, the most recent first.
pub async fn list_statements(
    tx: &mut Read,
    which: Statements,
    before: Option<RecommendationId>,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    const OF_INSTANCE: &str = "
        SELECT id, uri FROM recommendations
        WHERE state = 'published' AND id > $1 AND id < $2
        ORDER BY id DESC LIMIT $3";
    const BY: &str = "
        SELECT id, uri FROM recommendations
        WHERE state = 'published' AND organisation_id = $1 AND id < $2
        ORDER BY id DESC LIMIT $3";
    const OF: &str = "
        SELECT id, uri FROM recommendations
        WHERE state = 'published' AND host_id = $1 AND id < $2
        ORDER BY id DESC LIMIT $3";

    let sql = match which {
        Statements::OfInstance => OF_INSTANCE,
        Statements::By(_) => BY,
        Statements::Of(_) => OF,
    };
    Ok(on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(which.owner())
            .bind(before.map_or(i64::MAX, RecommendationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?)
}

/// How many of these there are.
pub async fn count_statements(tx: &mut Read, which: Statements) -> Result<i64, StoreError> {
    const OF_INSTANCE: &str =
        "SELECT COUNT(*) FROM recommendations WHERE state = 'published' AND id > $1";
    const BY: &str =
        "SELECT COUNT(*) FROM recommendations WHERE state = 'published' AND organisation_id = $1";
    const OF: &str =
        "SELECT COUNT(*) FROM recommendations WHERE state = 'published' AND host_id = $1";

    let sql = match which {
        Statements::OfInstance => OF_INSTANCE,
        Statements::By(_) => BY,
        Statements::Of(_) => OF,
    };
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(sql)
        .bind(which.owner())
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// A structure in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub host: HostId,
    /// Id of its actor.
    pub actor: String,
    pub since: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: HostId,
    uri: String,
    listed_since: Option<Micros>,
    updated_at: Micros,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Self {
            host: row.id,
            actor: row.uri,
            since: row.listed_since.unwrap_or(row.updated_at).into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// Structures in the directory, the newest profile first.
pub async fn list_directory(
    tx: &mut Read,
    before: Option<HostId>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    const SQL: &str = "
        SELECT hosts.id, actors.uri, hosts.listed_since, hosts.updated_at
        FROM hosts JOIN actors ON actors.id = hosts.actor_id
        WHERE hosts.listing IN ('listed', 'notice') AND hosts.id < $1
        ORDER BY hosts.id DESC LIMIT $2";

    let rows: Vec<EntryRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(before.map_or(i64::MAX, HostId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// The place of one structure in the directory, while it is there.
pub async fn find_entry(tx: &mut Read, host: HostId) -> Result<Option<Entry>, StoreError> {
    const SQL: &str = "
        SELECT hosts.id, actors.uri, hosts.listed_since, hosts.updated_at
        FROM hosts JOIN actors ON actors.id = hosts.actor_id
        WHERE hosts.listing IN ('listed', 'notice') AND hosts.id = $1";

    let row: Option<EntryRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(host)
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(Entry::from))
}

/// How many structures are in the directory.
pub async fn count_directory(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM hosts
        WHERE listing IN ('listed', 'notice') AND actor_id IS NOT NULL";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// Forgets the signed documents of an organisation, so that they are signed anew; gives their
/// recommendations.
pub async fn forget_documents(
    tx: &mut Write,
    organisation: OrganisationId,
) -> Result<Vec<RecommendationId>, StoreError> {
    const SQL: &str = "
        UPDATE recommendations SET document = NULL
        WHERE organisation_id = $1 AND state = 'published'
        RETURNING id";

    let rows: Vec<(RecommendationId,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(organisation)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Keeps the signed document of a recommendation, unless another is kept already; gives the one
/// that is.
pub async fn keep_document(
    tx: &mut Write,
    id: RecommendationId,
    document: &str,
) -> Result<Option<String>, StoreError> {
    const SQL: &str = "
        UPDATE recommendations SET document = COALESCE(document, $2)
        WHERE id = $1 AND state = 'published'
        RETURNING document";

    let row: Option<(Option<String>,)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(id)
            .bind(document)
            .fetch_optional(conn)
            .await
    })?;
    Ok(row.and_then(|(document,)| document))
}
