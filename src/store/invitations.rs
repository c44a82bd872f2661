//! Invitations to act for an organisation.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write, values::word};
use crate::domain::{
    ids::{AccountId, InvitationId, OrganisationId},
    organisation::{Invitation, MembershipRole},
};

#[derive(sqlx::FromRow)]
struct InvitationRow {
    id: InvitationId,
    organisation_id: OrganisationId,
    email: String,
    role: String,
    invited_by: AccountId,
    created_at: Micros,
    expires_at: Micros,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StoreError;

    fn try_from(row: InvitationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            organisation_id: row.organisation_id,
            email: row.email,
            role: word(MembershipRole::parse(&row.role), "invitations.role")?,
            invited_by: row.invited_by,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
        })
    }
}

/// Adds an invitation; of its token only the hash is kept.
pub async fn insert(
    tx: &mut Write,
    invitation: &Invitation,
    token_hash: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO invitations
            (id, organisation_id, email, role, token_hash, invited_by, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(invitation.id)
            .bind(invitation.organisation_id)
            .bind(&invitation.email)
            .bind(invitation.role.as_str())
            .bind(token_hash)
            .bind(invitation.invited_by)
            .bind(Micros::from(invitation.created_at))
            .bind(Micros::from(invitation.expires_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The invitation of a token, if it can still be answered.
pub async fn find_open(
    tx: &mut Read,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Invitation>, StoreError> {
    const SQL: &str = "
        SELECT id, organisation_id, email, role, invited_by, created_at, expires_at
        FROM invitations
        WHERE token_hash = $1 AND expires_at > $2 AND accepted_at IS NULL AND revoked_at IS NULL";

    let row: Option<InvitationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(token_hash)
            .bind(Micros::from(now))
            .fetch_optional(conn)
            .await
    })?;
    row.map(Invitation::try_from).transpose()
}

/// The invitations of an organisation that can still be answered, oldest first.
pub async fn list_open(
    tx: &mut Read,
    organisation: OrganisationId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Invitation>, StoreError> {
    const SQL: &str = "
        SELECT id, organisation_id, email, role, invited_by, created_at, expires_at
        FROM invitations
        WHERE organisation_id = $1 AND expires_at > $2
          AND accepted_at IS NULL AND revoked_at IS NULL
        ORDER BY id LIMIT $3";

    let rows: Vec<InvitationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(Micros::from(now))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// How many invitations an organisation made since an instant, answered or not.
pub async fn count_since(
    tx: &mut Read,
    organisation: OrganisationId,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM invitations WHERE organisation_id = $1 AND created_at > $2";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(Micros::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}

/// Uses an invitation up. `false` when it can no longer be answered.
pub async fn accept(
    tx: &mut Write,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE invitations SET accepted_at = $1
        WHERE id = $2 AND expires_at > $1 AND accepted_at IS NULL AND revoked_at IS NULL";

    let updated = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(id)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(updated > 0)
}

/// Takes an invitation of an organisation back. `false` when it can no longer be answered anyway.
pub async fn revoke(
    tx: &mut Write,
    organisation: OrganisationId,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE invitations SET revoked_at = $1
        WHERE id = $2 AND organisation_id = $3
          AND expires_at > $1 AND accepted_at IS NULL AND revoked_at IS NULL";

    let updated = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(id)
            .bind(organisation)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(updated > 0)
}

/// Takes back the invitations of an organisation to an address: a new one replaces them.
pub async fn revoke_of_address(
    tx: &mut Write,
    organisation: OrganisationId,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE invitations SET revoked_at = $1
        WHERE organisation_id = $2 AND email = $3
          AND accepted_at IS NULL AND revoked_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(organisation)
            .bind(email)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Takes back the invitations that somebody made in the name of an organisation.
pub async fn revoke_of_inviter(
    tx: &mut Write,
    organisation: OrganisationId,
    inviter: AccountId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE invitations SET revoked_at = $1
        WHERE organisation_id = $2 AND invited_by = $3
          AND accepted_at IS NULL AND revoked_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(Micros::from(now))
            .bind(organisation)
            .bind(inviter)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}
