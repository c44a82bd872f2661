//! Who wants mails that ask for nothing urgent.

use super::{
    Read, StoreError, Write,
    accounts::{AccountRow, account_columns},
};
use crate::domain::{account::Account, ids::AccountId};

/// Moderators who want to be told, the oldest first.
pub async fn list_moderators(tx: &mut Read, limit: i64) -> Result<Vec<Account>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!(),
        " FROM accounts
        WHERE accounts.role IN ('moderator', 'administrator') AND accounts.has_notices
          AND accounts.mail_refused_at IS NULL AND accounts.suspended_at IS NULL
        ORDER BY accounts.id LIMIT $1"
    );

    let rows: Vec<AccountRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Account::try_from).collect()
}

/// Whether an account wants them.
pub async fn is_wanted(tx: &mut Read, account: AccountId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT has_notices FROM accounts WHERE id = $1";

    let row: Option<(bool,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(account)
        .fetch_optional(conn)
        .await)?;
    Ok(row.is_some_and(|(wanted,)| wanted))
}

/// Stops them; whether the account exists.
pub async fn stop(tx: &mut Write, account: AccountId) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE accounts SET has_notices = FALSE WHERE id = $1";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(account)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}
