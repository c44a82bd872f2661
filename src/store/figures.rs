//! Counts that are shown: to other servers, and under an ad.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError};
use crate::domain::{federation::ReactionKind, ids::AdId};

/// How many accounts there are.
pub async fn count_accounts(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM accounts";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// How many accounts were seen since an instant.
pub async fn count_accounts_seen_since(
    tx: &mut Read,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(DISTINCT account_id) FROM sessions WHERE last_seen_at >= $1";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}

/// How many reactions of a kind the posts of an ad have.
pub async fn count_reactions(
    tx: &mut Read,
    ad: AdId,
    kind: ReactionKind,
) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM reactions JOIN posts ON posts.id = reactions.post_id
        WHERE posts.ad_id = $1 AND reactions.kind = $2";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(ad)
            .bind(kind.as_str())
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}
