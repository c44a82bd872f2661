//! Keys of the JSON API.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    accounts::{AccountRow, account_columns},
    values::{instant, word},
};
use crate::domain::{
    account::{Account, ApiToken, Scope},
    ids::{AccountId, ApiTokenId},
};

#[derive(sqlx::FromRow)]
struct ApiTokenRow {
    id: ApiTokenId,
    token_name: String,
    scopes: String,
    created_at: Micros,
    last_used_at: Option<Micros>,
}

impl TryFrom<ApiTokenRow> for ApiToken {
    type Error = StoreError;

    fn try_from(row: ApiTokenRow) -> Result<Self, StoreError> {
        let scopes = row.scopes.split_ascii_whitespace();
        Ok(Self {
            id: row.id,
            name: row.token_name,
            scopes: scopes
                .map(|scope| word(Scope::parse(scope), "api_tokens.scopes"))
                .collect::<Result<_, _>>()?,
            created_at: row.created_at.into(),
            last_used_at: instant(row.last_used_at),
        })
    }
}

/// A key with its account.
#[derive(sqlx::FromRow)]
struct HeldRow {
    #[sqlx(flatten)]
    token: ApiTokenRow,
    #[sqlx(flatten)]
    account: AccountRow,
}

/// The most keys that are shown to their owner.
const LIST_LIMIT: i64 = 100;

/// Adds a key; only the hash of its secret is kept.
pub async fn insert(
    tx: &mut Write,
    account_id: AccountId,
    token_hash: &str,
    token: &ApiToken,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO api_tokens (id, account_id, name, token_hash, scopes, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";

    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(token.id)
            .bind(account_id)
            .bind(&token.name)
            .bind(token_hash)
            .bind(scopes.join(" "))
            .bind(Micros::from(token.created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The key of a secret and its account, unless it was revoked.
pub async fn find_by_token(
    tx: &mut Read,
    token_hash: &str,
) -> Result<Option<(Account, ApiToken)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT api_tokens.id, api_tokens.name AS token_name, api_tokens.scopes,
                api_tokens.created_at, api_tokens.last_used_at, ",
        account_columns!(),
        " FROM api_tokens JOIN accounts ON accounts.id = api_tokens.account_id
          WHERE api_tokens.token_hash = $1 AND api_tokens.revoked_at IS NULL"
    );

    let row: Option<HeldRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(token_hash)
            .fetch_optional(conn)
            .await
    })?;
    row.map(|row| Ok((row.account.try_into()?, row.token.try_into()?)))
        .transpose()
}

/// Notes that a key was used.
pub async fn touch(
    tx: &mut Write,
    id: ApiTokenId,
    last_used_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(last_used_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The keys of an account that were not revoked, newest first; 100 at most.
pub async fn list_by_account(
    tx: &mut Read,
    account_id: AccountId,
) -> Result<Vec<ApiToken>, StoreError> {
    const SQL: &str = "
        SELECT id, name AS token_name, scopes, created_at, last_used_at
        FROM api_tokens WHERE account_id = $1 AND revoked_at IS NULL
        ORDER BY id DESC LIMIT $2";

    let rows: Vec<ApiTokenRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(account_id)
            .bind(LIST_LIMIT)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(ApiToken::try_from).collect()
}

/// Revokes a key of an account. Whether there was one.
pub async fn revoke(
    tx: &mut Write,
    account_id: AccountId,
    id: ApiTokenId,
    revoked_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE api_tokens SET revoked_at = $3
        WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL";

    let revoked = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(account_id)
            .bind(id)
            .bind(Micros::from(revoked_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(revoked > 0)
}
