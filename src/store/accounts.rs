//! People who sign in.

use super::{
    Micros, Read, StoreError, Write,
    values::{instant, word},
};
use crate::domain::{
    account::{Account, Role},
    ids::AccountId,
};

#[derive(sqlx::FromRow)]
pub(super) struct AccountRow {
    account_id: AccountId,
    email: String,
    name: String,
    role: String,
    locale: String,
    has_password: bool,
    account_created_at: Micros,
    suspended_at: Option<Micros>,
}

/// The columns of [`AccountRow`], wherever accounts are joined.
macro_rules! account_columns {
    () => {
        "accounts.id AS account_id, accounts.email, accounts.name, accounts.role, accounts.locale,
         accounts.password_hash IS NOT NULL AS has_password,
         accounts.created_at AS account_created_at, accounts.suspended_at"
    };
}
pub(super) use account_columns;

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.account_id,
            email: row.email,
            name: row.name,
            role: word(Role::parse(&row.role), "accounts.role")?,
            locale: row.locale,
            has_password: row.has_password,
            created_at: row.account_created_at.into(),
            suspended_at: instant(row.suspended_at),
        })
    }
}

/// Adds an account, without password.
///
/// # Errors
/// [`StoreError::Conflict`] when the address already has one.
pub async fn insert(tx: &mut Write, account: &Account) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO accounts (id, email, name, role, locale, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(account.id)
            .bind(&account.email)
            .bind(&account.name)
            .bind(account.role.as_str())
            .bind(&account.locale)
            .bind(Micros::from(account.created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The account of an address, folded to lower case.
pub async fn find_by_email(tx: &mut Read, email: &str) -> Result<Option<Account>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!(),
        " FROM accounts WHERE accounts.email = $1"
    );

    let row: Option<AccountRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(email).fetch_optional(conn).await
    })?;
    row.map(Account::try_from).transpose()
}

/// The account with this id.
pub async fn find(tx: &mut Read, id: AccountId) -> Result<Option<Account>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!(),
        " FROM accounts WHERE accounts.id = $1"
    );

    let row: Option<AccountRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    row.map(Account::try_from).transpose()
}

/// The hash of the password of an account, in PHC form; `None` when it has none.
pub async fn find_password_hash(
    tx: &mut Read,
    id: AccountId,
) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT password_hash FROM accounts WHERE id = $1";

    let row: Option<(Option<String>,)> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    Ok(row.and_then(|(hash,)| hash))
}

/// Replaces the password of an account; `None` takes it away.
pub async fn set_password_hash(
    tx: &mut Write,
    id: AccountId,
    hash: Option<&str>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE accounts SET password_hash = $2 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(hash)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Changes how somebody is called, and the language of their mails.
pub async fn update_profile(
    tx: &mut Write,
    id: AccountId,
    name: &str,
    locale: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE accounts SET name = $2, locale = $3 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(name)
            .bind(locale)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}
