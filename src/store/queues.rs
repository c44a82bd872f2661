//! How much work waits.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError};

/// A queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    Inbox,
    Deliveries,
    Mails,
}

/// What waits in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Rows that are due.
    pub waiting: i64,
    /// For how long the oldest of them has been due, in minutes.
    pub late_minutes: i64,
}

/// Measures a queue.
pub async fn measure(
    tx: &mut Read,
    queue: Queue,
    now: DateTime<Utc>,
) -> Result<Backlog, StoreError> {
    let sql = match queue {
        Queue::Inbox => {
            "SELECT COUNT(*), MIN(run_at) FROM inbox_items WHERE done_at IS NULL AND run_at <= $1"
        }
        Queue::Deliveries => {
            "SELECT COUNT(*), MIN(run_at) FROM deliveries WHERE done_at IS NULL AND run_at <= $1"
        }
        Queue::Mails => {
            "SELECT COUNT(*), MIN(run_at) FROM mails WHERE done_at IS NULL AND run_at <= $1"
        }
    };
    let (waiting, oldest): (i64, Option<Micros>) = on!(tx, |conn| {
        sqlx::query_as(sql).bind(Micros::from(now)).fetch_one(conn).await
    })?;
    let late = oldest.map_or(0, |oldest| (now - DateTime::from(oldest)).num_minutes());
    Ok(Backlog { waiting, late_minutes: late })
}
