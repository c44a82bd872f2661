//! What the administrator decided about whole remote hosts.

use chrono::{DateTime, Utc};

use super::{
    Engine, Micros, Read, StoreError, Write,
    values::{to_json, word},
};
use crate::domain::federation::{DomainPolicy, PolicyLevel};

#[derive(sqlx::FromRow)]
struct PolicyRow {
    host: String,
    level: String,
    public_comment: String,
    private_comment: String,
}

impl TryFrom<PolicyRow> for DomainPolicy {
    type Error = StoreError;

    fn try_from(row: PolicyRow) -> Result<Self, StoreError> {
        Ok(Self {
            host: row.host,
            level: word(PolicyLevel::parse(&row.level), "domain_policies.level")?,
            public_comment: row.public_comment,
            private_comment: row.private_comment,
        })
    }
}

/// Keeps a decision about a host, in place of the one there was.
pub async fn save(
    tx: &mut Write,
    policy: &DomainPolicy,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO domain_policies (host, level, public_comment, private_comment, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (host) DO UPDATE SET
            level = excluded.level, public_comment = excluded.public_comment,
            private_comment = excluded.private_comment";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(&policy.host)
            .bind(policy.level.as_str())
            .bind(&policy.public_comment)
            .bind(&policy.private_comment)
            .bind(Micros::from(created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Forgets the decision about a host; whether there was one.
pub async fn delete(tx: &mut Write, host: &str) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM domain_policies WHERE host = $1";

    let rows = on!(tx, |conn| sqlx::query(SQL)
        .bind(host)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows > 0)
}

/// The decision about this very host, without looking at the domains above it.
pub async fn find(tx: &mut Read, host: &str) -> Result<Option<DomainPolicy>, StoreError> {
    const SQL: &str = "
        SELECT host, level, public_comment, private_comment FROM domain_policies WHERE host = $1";

    let row: Option<PolicyRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(host)
        .fetch_optional(conn)
        .await)?;
    row.map(DomainPolicy::try_from).transpose()
}

/// The decisions about these very hosts, without looking at the domains above them.
pub async fn list_among(tx: &mut Read, hosts: &[&str]) -> Result<Vec<DomainPolicy>, StoreError> {
    const SQLITE: &str = "
        SELECT host, level, public_comment, private_comment FROM domain_policies
        WHERE host IN (SELECT value FROM json_each($1))";
    const POSTGRES: &str = "
        SELECT host, level, public_comment, private_comment FROM domain_policies
        WHERE host IN (SELECT jsonb_array_elements_text($1::jsonb))";

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let hosts = to_json(&hosts, "domain_policies.host")?;
    let rows: Vec<PolicyRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(&hosts)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(DomainPolicy::try_from).collect()
}

/// The decisions in the order of their hosts, after a cursor.
pub async fn list(tx: &mut Read, after: &str, limit: i64) -> Result<Vec<DomainPolicy>, StoreError> {
    const SQL: &str = "
        SELECT host, level, public_comment, private_comment FROM domain_policies
        WHERE host > $1 ORDER BY host LIMIT $2";

    let rows: Vec<PolicyRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(DomainPolicy::try_from).collect()
}
