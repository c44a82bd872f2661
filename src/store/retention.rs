//! Deleting what has served.

use chrono::{DateTime, Utc};

use super::{Micros, StoreError, Write};

/// What is not kept for ever. Each has an index on the instant that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Perishable {
    /// By the end of their validity.
    SignInLinks,
    /// By the end of their validity.
    Sessions,
    /// By the end of their validity, answered or not: they hold addresses of people.
    Invitations,
    /// By the end of their validity, used or not: they hold addresses of people.
    PurposeLinks,
    /// By the end of their validity, answered or not: they hold addresses of people.
    CallRequests,
    /// By the instant they were dealt with.
    InboxItems,
    /// By the instant they ended, well or not.
    Deliveries,
    /// By the instant they ended, well or not.
    Mails,
    /// By the instant they had all their deliveries; what an outbox lists is kept, and so is what
    /// is still being delivered.
    OutboxActivities,
}

impl Perishable {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::SignInLinks,
        Self::Sessions,
        Self::Invitations,
        Self::PurposeLinks,
        Self::CallRequests,
        Self::InboxItems,
        Self::Deliveries,
        Self::Mails,
        Self::OutboxActivities,
    ];

    const fn sql(self) -> &'static str {
        match self {
            Self::SignInLinks => {
                "DELETE FROM sign_in_links WHERE id IN
                 (SELECT id FROM sign_in_links WHERE expires_at < $1 LIMIT $2)"
            }
            Self::Sessions => {
                "DELETE FROM sessions WHERE id IN
                 (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2)"
            }
            Self::Invitations => {
                "DELETE FROM invitations WHERE id IN
                 (SELECT id FROM invitations WHERE expires_at < $1 LIMIT $2)"
            }
            Self::PurposeLinks => {
                "DELETE FROM purpose_links WHERE id IN
                 (SELECT id FROM purpose_links WHERE expires_at < $1 LIMIT $2)"
            }
            Self::CallRequests => {
                "DELETE FROM call_requests WHERE id IN
                 (SELECT id FROM call_requests WHERE expires_at < $1 LIMIT $2)"
            }
            Self::InboxItems => {
                "DELETE FROM inbox_items WHERE id IN
                 (SELECT id FROM inbox_items WHERE done_at < $1 LIMIT $2)"
            }
            Self::Deliveries => {
                "DELETE FROM deliveries WHERE id IN
                 (SELECT id FROM deliveries WHERE done_at < $1 LIMIT $2)"
            }
            Self::Mails => {
                "DELETE FROM mails WHERE id IN
                 (SELECT id FROM mails WHERE done_at < $1 LIMIT $2)"
            }
            Self::OutboxActivities => {
                "DELETE FROM outbox_activities WHERE id IN
                 (SELECT o.id FROM outbox_activities o
                  WHERE o.expanded_at < $1 AND NOT o.stands AND NOT EXISTS
                      (SELECT 1 FROM deliveries d
                       WHERE d.activity_id = o.id AND d.done_at IS NULL)
                  LIMIT $2)"
            }
        }
    }
}

/// Deletes up to `limit` rows that ended before an instant; gives how many.
pub async fn delete_batch(
    tx: &mut Write,
    perishable: Perishable,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query(perishable.sql())
            .bind(Micros::from(before))
            .bind(limit)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted)
}
