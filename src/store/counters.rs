//! Numbers that are handed out once: ad numbers, node numbers.

use super::{StoreError, Write};

/// A counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Numbers of ads, seen in their addresses.
    Ad,
    /// Numbers of server processes, part of the identifiers they make.
    Node,
}

impl Counter {
    const fn name(self) -> &'static str {
        match self {
            Self::Ad => "ad_number",
            Self::Node => "node",
        }
    }
}

/// Takes the next number of a counter, from 1.
pub async fn take(tx: &mut Write, counter: Counter) -> Result<i64, StoreError> {
    const SQL: &str = "
        UPDATE counters SET value = value + 1
        WHERE name = $1
        RETURNING value";

    let (value,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(counter.name())
            .fetch_one(conn)
            .await
    })?;
    Ok(value)
}
