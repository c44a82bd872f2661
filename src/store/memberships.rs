//! Who acts for which organisation.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    accounts::{AccountRow, account_columns},
    organisations::{OrganisationRow, organisation_columns},
    values::word,
};
use crate::domain::{
    account::Account,
    ids::{AccountId, OrganisationId},
    organisation::{Member, Membership, MembershipRole, Organisation, Standing},
};

fn role(stored: &str) -> Result<MembershipRole, StoreError> {
    word(MembershipRole::parse(stored), "memberships.role")
}

/// Adds a member. `false` when they are one already; nothing is then changed.
pub async fn insert(
    tx: &mut Write,
    organisation: OrganisationId,
    account: AccountId,
    role: MembershipRole,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO memberships (organisation_id, account_id, role, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (organisation_id, account_id) DO NOTHING";

    let inserted = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(organisation)
            .bind(account)
            .bind(role.as_str())
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(inserted > 0)
}

/// Changes what a member may do.
pub async fn set_role(
    tx: &mut Write,
    organisation: OrganisationId,
    account: AccountId,
    role: MembershipRole,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE memberships SET role = $1 WHERE organisation_id = $2 AND account_id = $3";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(role.as_str())
            .bind(organisation)
            .bind(account)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Removes a member.
pub async fn delete(
    tx: &mut Write,
    organisation: OrganisationId,
    account: AccountId,
) -> Result<(), StoreError> {
    const SQL: &str = "
        DELETE FROM memberships WHERE organisation_id = $1 AND account_id = $2";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(organisation)
            .bind(account)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// What somebody may do for an organisation; `None` for who is no member.
pub async fn find_role(
    tx: &mut Read,
    organisation: OrganisationId,
    account: AccountId,
) -> Result<Option<MembershipRole>, StoreError> {
    const SQL: &str = "
        SELECT role FROM memberships WHERE organisation_id = $1 AND account_id = $2";

    let found: Option<(String,)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(account)
            .fetch_optional(conn)
            .await
    })?;
    found.map(|(stored,)| role(&stored)).transpose()
}

/// How many administrators an organisation has whose account is not suspended.
pub async fn count_administrators(
    tx: &mut Read,
    organisation: OrganisationId,
) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM memberships
        JOIN accounts ON accounts.id = memberships.account_id
        WHERE memberships.organisation_id = $1 AND memberships.role = $2
          AND accounts.suspended_at IS NULL";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(MembershipRole::Administrator.as_str())
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    account_id: AccountId,
    name: String,
    role: String,
    created_at: Micros,
    is_mail_refused: bool,
}

/// The members of an organisation, those who came first before the others.
pub async fn list_members(
    tx: &mut Read,
    organisation: OrganisationId,
    limit: i64,
) -> Result<Vec<Member>, StoreError> {
    const SQL: &str = "
        SELECT accounts.id AS account_id, accounts.name, memberships.role, memberships.created_at,
               accounts.mail_refused_at IS NOT NULL AS is_mail_refused
        FROM memberships JOIN accounts ON accounts.id = memberships.account_id
        WHERE memberships.organisation_id = $1
        ORDER BY memberships.created_at, accounts.id LIMIT $2";

    let rows: Vec<MemberRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(Member {
                account_id: row.account_id,
                name: row.name,
                role: role(&row.role)?,
                since: row.created_at.into(),
                is_mail_refused: row.is_mail_refused,
            })
        })
        .collect()
}

/// The accounts that act for an organisation and can still sign in, oldest member first: those to
/// write to.
pub async fn list_accounts(
    tx: &mut Read,
    organisation: OrganisationId,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!(),
        " FROM memberships JOIN accounts ON accounts.id = memberships.account_id
         WHERE memberships.organisation_id = $1 AND accounts.suspended_at IS NULL
         ORDER BY memberships.created_at, accounts.id LIMIT $2"
    );

    let rows: Vec<AccountRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Account::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    membership_role: String,
    #[sqlx(flatten)]
    organisation: OrganisationRow,
}

/// The organisations that somebody acts for, by id, after one of them.
pub async fn list_of_account(
    tx: &mut Read,
    account: AccountId,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Membership>, StoreError> {
    const SQL: &str = concat!(
        "SELECT memberships.role AS membership_role, ",
        organisation_columns!(),
        " FROM memberships JOIN organisations ON organisations.id = memberships.organisation_id
         WHERE memberships.account_id = $1 AND memberships.organisation_id > $2
         ORDER BY memberships.organisation_id LIMIT $3"
    );

    let rows: Vec<MembershipRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(account)
            .bind(after.map_or(0, OrganisationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(Membership {
                organisation: Organisation::try_from(row.organisation)?,
                role: role(&row.membership_role)?,
            })
        })
        .collect()
}

/// Organisations of this standing between two ids, both included, with the address of each of
/// their members.
pub async fn list_addresses(
    tx: &mut Read,
    standing: Standing,
    first: OrganisationId,
    last: OrganisationId,
    limit: i64,
) -> Result<Vec<(OrganisationId, String)>, StoreError> {
    const SQL: &str = "
        SELECT memberships.organisation_id, accounts.email
        FROM memberships
        JOIN accounts ON accounts.id = memberships.account_id
        JOIN organisations ON organisations.id = memberships.organisation_id
        WHERE memberships.organisation_id BETWEEN $1 AND $2
          AND (organisations.verified_at IS NOT NULL) = $3
        ORDER BY memberships.organisation_id, accounts.id LIMIT $4";

    let rows: Vec<(OrganisationId, String)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(first)
            .bind(last)
            .bind(standing == Standing::Verified)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows)
}
