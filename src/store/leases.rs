//! Leases of work that a dead process had taken.

use super::{StoreError, Write};

/// Gives back all work that somebody had taken, whoever it was: only when nobody else works on
/// this database.
pub async fn release_all(tx: &mut Write) -> Result<u64, StoreError> {
    const SQL: [&str; 4] = [
        "UPDATE inbox_items SET locked_until = NULL WHERE locked_until IS NOT NULL AND done_at IS NULL",
        "UPDATE outbox_activities SET locked_until = NULL WHERE locked_until IS NOT NULL AND expanded_at IS NULL",
        "UPDATE remote_hosts SET locked_until = NULL WHERE locked_until IS NOT NULL",
        "UPDATE mails SET locked_until = NULL WHERE locked_until IS NOT NULL AND done_at IS NULL",
    ];

    let mut released = 0;
    for sql in SQL {
        released += on!(tx, |conn| {
            sqlx::query(sql)
                .execute(conn)
                .await
                .map(|done| done.rows_affected())
        })?;
    }
    Ok(released)
}
