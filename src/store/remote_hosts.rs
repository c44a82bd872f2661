//! Remote hosts: which software they run, whether they answer, and when they are to be called.

use chrono::{DateTime, Utc};

use super::{
    Engine, Micros, Read, StoreError, Write,
    values::{instant, micros, to_json},
};
use crate::domain::delivery::HostHealth;

/// What we know of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteHost {
    /// Authority: host, and port when it is not the default of the scheme.
    pub host: String,
    /// In lower case, when it is known.
    pub software: Option<String>,
    /// When it was last asked which software it runs, whatever it answered.
    pub software_checked_at: Option<DateTime<Utc>>,
    pub health: HostHealth,
    pub last_success_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct HostRow {
    host: String,
    software: Option<String>,
    software_checked_at: Option<Micros>,
    failures: i64,
    failing_since: Option<Micros>,
    retry_at: Option<Micros>,
    last_success_at: Option<Micros>,
    last_error: Option<String>,
}

impl From<HostRow> for RemoteHost {
    fn from(row: HostRow) -> Self {
        Self {
            host: row.host,
            software: row.software,
            software_checked_at: instant(row.software_checked_at),
            health: HostHealth {
                failures: row.failures,
                failing_since: instant(row.failing_since),
                retry_at: instant(row.retry_at),
            },
            last_success_at: instant(row.last_success_at),
            last_error: row.last_error,
        }
    }
}

/// Columns of [`HostRow`].
macro_rules! host_columns {
    () => {
        "remote_hosts.host, remote_hosts.software, remote_hosts.software_checked_at,
        remote_hosts.failures, remote_hosts.failing_since, remote_hosts.retry_at,
        remote_hosts.last_success_at, remote_hosts.last_error"
    };
}

/// What we know of a host, if we ever had something for it.
pub async fn find(tx: &mut Read, host: &str) -> Result<Option<RemoteHost>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        host_columns!(),
        " FROM remote_hosts WHERE host = $1"
    );

    let row: Option<HostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(host)
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(RemoteHost::from))
}

/// What we know of several hosts.
pub async fn list_among(tx: &mut Read, hosts: &[&str]) -> Result<Vec<RemoteHost>, StoreError> {
    const SQLITE: &str = concat!(
        "SELECT ",
        host_columns!(),
        " FROM remote_hosts WHERE host IN (SELECT value FROM json_each($1))"
    );
    const POSTGRES: &str = concat!(
        "SELECT ",
        host_columns!(),
        " FROM remote_hosts WHERE host IN (SELECT jsonb_array_elements_text($1::jsonb))"
    );

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let hosts = to_json(&hosts, "remote_hosts.host")?;
    let rows: Vec<HostRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(&hosts)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(RemoteHost::from).collect())
}

/// Notes that something is to be delivered to these hosts: at once, or as soon as they may be
/// called. Hosts that are new become known.
///
/// `hosts` are sorted, so that two processes which do this at the same time do not wait for each
/// other in a circle.
pub async fn add_work(
    tx: &mut Write,
    hosts: &[&str],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    macro_rules! sql {
        ($names:literal) => {
            concat!(
                "INSERT INTO remote_hosts (host, failures, due_at) ",
                $names,
                " ON CONFLICT (host) DO UPDATE SET due_at = CASE
                    WHEN remote_hosts.due_at <= $2 THEN remote_hosts.due_at
                    WHEN remote_hosts.retry_at > $2 THEN remote_hosts.retry_at
                    ELSE $2 END"
            )
        };
    }
    const SQLITE: &str = sql!("SELECT value, 0, $2 FROM json_each($1) WHERE true");
    const POSTGRES: &str =
        sql!("SELECT name, 0, $2 FROM jsonb_array_elements_text($1::jsonb) name");

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let hosts = to_json(&hosts, "remote_hosts.host")?;
    on!(tx, |conn| {
        sqlx::query(sql)
            .bind(&hosts)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Takes up to `limit` hosts to which something is due, those that wait longest first, until
/// `lease_end`. When a worker dies, others may take them again after that.
pub async fn claim_due(
    tx: &mut Write,
    now: DateTime<Utc>,
    lease_end: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<RemoteHost>, StoreError> {
    // SQLite has one writer: nobody else takes rows meanwhile
    const SQLITE: &str = concat!(
        "UPDATE remote_hosts SET locked_until = $1
        WHERE host IN (
            SELECT host FROM remote_hosts
            WHERE due_at <= $2 AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY due_at LIMIT $3)
        RETURNING ",
        host_columns!()
    );
    const POSTGRES: &str = concat!(
        "WITH due AS MATERIALIZED (
            SELECT host FROM remote_hosts
            WHERE due_at <= $2 AND (locked_until IS NULL OR locked_until <= $2)
            ORDER BY due_at LIMIT $3
            FOR UPDATE SKIP LOCKED)
        UPDATE remote_hosts SET locked_until = $1
        FROM due WHERE remote_hosts.host = due.host
        RETURNING ",
        host_columns!()
    );

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let rows: Vec<HostRow> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(Micros::from(lease_end))
            .bind(Micros::from(now))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(RemoteHost::from).collect())
}

/// Waits until nobody else is adding work for this host, so that [`release`] sees all of it.
pub async fn lock(tx: &mut Write, host: &str) -> Result<(), StoreError> {
    // on SQLite the transaction holds the only lock there is
    if tx.engine() == Engine::Postgres {
        const SQL: &str = "SELECT host FROM remote_hosts WHERE host = $1 FOR UPDATE";
        let _: Option<(String,)> = on!(tx, |conn| sqlx::query_as(SQL)
            .bind(host)
            .fetch_optional(conn)
            .await)?;
    }
    Ok(())
}

/// Gives a host back with what was learnt of it; it is due again when its next delivery is.
/// `false` when the lease ran out and somebody else has taken it.
pub async fn release(
    tx: &mut Write,
    host: &RemoteHost,
    lease_end: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE remote_hosts SET
            locked_until = NULL, failures = $3, failing_since = $4, retry_at = $5,
            last_success_at = $6, last_error = $7,
            due_at = (
                SELECT CASE WHEN MIN(run_at) < $5 THEN $5 ELSE MIN(run_at) END
                FROM deliveries WHERE deliveries.host = $1 AND done_at IS NULL)
        WHERE host = $1 AND locked_until = $2";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(&host.host)
            .bind(Micros::from(lease_end))
            .bind(host.health.failures)
            .bind(micros(host.health.failing_since))
            .bind(micros(host.health.retry_at))
            .bind(micros(host.last_success_at))
            .bind(&host.last_error)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Lets a host be called at once, because it gave a sign of life.
pub async fn wake(tx: &mut Write, host: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE remote_hosts SET
            failing_since = NULL, retry_at = NULL,
            due_at = CASE WHEN due_at > $2 THEN $2 ELSE due_at END
        WHERE host = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(host)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps what a host said it runs. `None` keeps what was known: it did not answer this time.
pub async fn save_software(
    tx: &mut Write,
    host: &str,
    software: Option<&str>,
    checked_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO remote_hosts (host, failures, software, software_checked_at)
        VALUES ($1, 0, $2, $3)
        ON CONFLICT (host) DO UPDATE SET
            software = COALESCE(excluded.software, remote_hosts.software),
            software_checked_at = excluded.software_checked_at";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(host)
            .bind(software)
            .bind(Micros::from(checked_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Hosts that were not asked which software they run since an instant, except those that do not
/// answer now: those never asked first.
pub async fn list_unchecked_since(
    tx: &mut Read,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    const SQL: &str = "
        SELECT host FROM remote_hosts
        WHERE (software_checked_at IS NULL OR software_checked_at < $1)
          AND (retry_at IS NULL OR retry_at <= $2)
        ORDER BY COALESCE(software_checked_at, 0), host
        LIMIT $3";

    let rows: Vec<(String,)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(since))
            .bind(Micros::from(now))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(|(host,)| host).collect())
}
