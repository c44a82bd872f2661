//! What the directory keeps of the structures in it, to find them: facets and words.

use sqlx::QueryBuilder;

use super::Facet;
use crate::{
    domain::{
        directory,
        ids::{HostId, OrganisationId},
    },
    search,
    store::{Engine, Read, Store, StoreError, Write},
};

/// The rules in use: those of facets and those of words.
const RULES: i64 = directory::VERSION * 1_000 + search::VERSION;
/// Accompaniments of one structure that are looked at.
const MOST_HOURS: i64 = 1_000;

/// Makes the search index when it is absent. It is not part of the migrations, whose text is the
/// same for both engines.
pub async fn prepare(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    let statements: &[&'static str] = match tx.engine() {
        Engine::Sqlite => &["
            CREATE VIRTUAL TABLE IF NOT EXISTS host_search
            USING fts5 (tokens, content='', contentless_delete=1)"],
        Engine::Postgres => &[
            "CREATE TABLE IF NOT EXISTS host_search (
                host_id BIGINT PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
                tokens TSVECTOR NOT NULL)",
            "CREATE INDEX IF NOT EXISTS host_search_tokens ON host_search USING gin (tokens)",
        ],
    };
    for sql in statements {
        on!(tx, |conn| sqlx::query(*sql).execute(conn).await.map(|_| ()))?;
    }
    tx.commit().await
}

/// Keeps what a structure is found by, in the place of what was kept.
pub async fn show(
    tx: &mut Write,
    host: HostId,
    facets: &[(Facet, String)],
    tokens: &str,
) -> Result<(), StoreError> {
    const FACETS: &str = "INSERT INTO host_facets (host_id, facet, value) ";
    const SQLITE: &str = "INSERT INTO host_search (rowid, tokens) VALUES ($1, $2)";
    const POSTGRES: &str = "
        INSERT INTO host_search (host_id, tokens) VALUES ($1, to_tsvector('simple', $2))";

    erase(tx, host).await?;
    if !facets.is_empty() {
        on!(tx, |conn| {
            let mut query = QueryBuilder::new(FACETS);
            query.push_values(facets, |mut row, (facet, value)| {
                row.push_bind(host)
                    .push_bind(facet.as_str())
                    .push_bind(value.as_str());
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    on!(tx, |conn| sqlx::query(sql)
        .bind(host)
        .bind(tokens)
        .execute(conn)
        .await
        .map(|_| ()))?;
    mark(tx, host).await
}

/// Forgets what a structure was found by.
pub async fn hide(tx: &mut Write, host: HostId) -> Result<(), StoreError> {
    erase(tx, host).await?;
    mark(tx, host).await
}

async fn erase(tx: &mut Write, host: HostId) -> Result<(), StoreError> {
    const FACETS: &str = "DELETE FROM host_facets WHERE host_id = $1";

    let words = match tx.engine() {
        Engine::Sqlite => "DELETE FROM host_search WHERE rowid = $1",
        Engine::Postgres => "DELETE FROM host_search WHERE host_id = $1",
    };
    for sql in [FACETS, words] {
        on!(tx, |conn| sqlx::query(sql)
            .bind(host)
            .execute(conn)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

async fn mark(tx: &mut Write, host: HostId) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE hosts SET directory_version = $2 WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(host)
        .bind(RULES)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Notes that what is kept of every structure in the directory is to be made again.
pub async fn mark_all_outdated(tx: &mut Write) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE hosts SET directory_version = 0 WHERE listing <> 'unlisted'";

    on!(tx, |conn| sqlx::query(SQL).execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// The same for the structure of an organisation, whose name is among its words.
pub async fn mark_outdated(tx: &mut Write, organisation: OrganisationId) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE hosts SET directory_version = 0
        WHERE organisation_id = $1 AND listing <> 'unlisted'";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(organisation)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Structures in the directory of which is kept what older rules made, or nothing yet.
pub async fn list_outdated(tx: &mut Read, limit: i64) -> Result<Vec<HostId>, StoreError> {
    const SQL: &str = "
        SELECT id FROM hosts WHERE listing <> 'unlisted' AND directory_version < $1
        ORDER BY directory_version, id LIMIT $2";

    let rows: Vec<(HostId,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(RULES)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Hours that volunteers gave to accompaniments of a structure which were recommended, where they
/// are known.
pub async fn list_volunteer_hours(tx: &mut Read, host: HostId) -> Result<Vec<i64>, StoreError> {
    const SQL: &str = "
        SELECT accompaniments.volunteer_hours
        FROM recommendations
        JOIN accompaniments ON accompaniments.id = recommendations.accompaniment_id
        WHERE recommendations.host_id = $1 AND recommendations.state = 'published'
          AND accompaniments.volunteer_hours IS NOT NULL
        ORDER BY recommendations.published_at DESC LIMIT $2";

    let rows: Vec<(i64,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(host)
        .bind(MOST_HOURS)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(hours,)| hours).collect())
}
