//! What an administrator wants to know of the database itself.

use chrono::{DateTime, Utc};

use super::{Engine, Micros, Read, StoreError};

/// Work that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its table.
    pub name: &'static str,
    /// How many pieces of work are not done.
    pub waiting: i64,
    /// Since when the oldest of them could have been done.
    pub due_since: Option<DateTime<Utc>>,
}

/// How many migrations were applied; 0 when the database is empty.
pub async fn count_migrations(tx: &mut Read) -> Result<i64, StoreError> {
    const SQLITE: &str = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    const POSTGRES: &str = "SELECT COUNT(*) FROM pg_tables WHERE tablename = '_sqlx_migrations' AND schemaname = current_schema()";
    const SQL: &str = "SELECT COUNT(*) FROM _sqlx_migrations WHERE success";

    let table = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let (tables,): (i64,) = on!(tx, |conn| sqlx::query_as(table).fetch_one(conn).await)?;
    if tables == 0 {
        return Ok(0);
    }
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// The time by the clock of the database; `None` when it has none of its own.
pub async fn read_clock(tx: &mut Read) -> Result<Option<DateTime<Utc>>, StoreError> {
    const POSTGRES: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

    if tx.engine() == Engine::Sqlite {
        return Ok(None);
    }
    let (now,): (Micros,) = on!(tx, |conn| sqlx::query_as(POSTGRES).fetch_one(conn).await)?;
    Ok(Some(now.into()))
}

/// The state of every queue.
pub async fn list_queues(tx: &mut Read) -> Result<Vec<Queue>, StoreError> {
    const QUEUES: [(&str, &str); 4] = [
        (
            "mails",
            "SELECT COUNT(*), MIN(run_at) FROM mails WHERE done_at IS NULL",
        ),
        (
            "inbox_items",
            "SELECT COUNT(*), MIN(run_at) FROM inbox_items WHERE done_at IS NULL",
        ),
        (
            "outbox_activities",
            "SELECT COUNT(*), MIN(run_at) FROM outbox_activities WHERE expanded_at IS NULL",
        ),
        (
            "deliveries",
            "SELECT COUNT(*), MIN(run_at) FROM deliveries WHERE done_at IS NULL",
        ),
    ];

    let mut queues = Vec::new();
    for (name, sql) in QUEUES {
        let (waiting, due_since): (i64, Option<Micros>) =
            on!(tx, |conn| sqlx::query_as(sql).fetch_one(conn).await)?;
        queues.push(Queue {
            name,
            waiting,
            due_since: due_since.map(DateTime::from),
        });
    }
    Ok(queues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, testing::on_each_engine};

    #[tokio::test]
    async fn an_empty_database_is_told_from_one_that_is_up_to_date() {
        on_each_engine(async |url| {
            let store = Store::connect(&url).await.unwrap();
            let mut tx = store.read().await.unwrap();
            assert_eq!(count_migrations(&mut tx).await.unwrap(), 0);
            drop(tx);
            store.migrate().await.unwrap();
            let mut tx = store.read().await.unwrap();
            assert_eq!(
                count_migrations(&mut tx).await.unwrap(),
                Store::known_migrations()
            );
            let queues = list_queues(&mut tx).await.unwrap();
            assert!(
                queues
                    .iter()
                    .all(|queue| queue.waiting == 0 && queue.due_since.is_none())
            );
            assert_eq!(
                read_clock(&mut tx).await.unwrap().is_some(),
                tx.engine() == Engine::Postgres
            );
            drop(tx);
            store.close().await;
        })
        .await;
    }
}
