//! Members of organisations. There is always an administrator left.
//!
//! Everything is read under the lock of the organisation: two administrators who remove each other
//! at the same time must not both succeed.

use crate::{
    app::{App, AppError, Missing, Who, organisations as orgs, permissions},
    domain::{
        ids::{AccountId, OrganisationId},
        organisation::MembershipRole,
    },
    locales::mark,
    store::{Write, invitations, memberships},
};

const LAST_ADMINISTRATOR: &str = mark(
    "Il faut au moins une personne pour administrer l’organisation : confiez d’abord ce rôle à quelqu’un d’autre.",
);

/// Changes what a member may do.
///
/// # Errors
/// `Conflict` when nobody would be left to administer the organisation.
pub async fn change_role(
    app: &App,
    who: &Who,
    slug: &str,
    member: AccountId,
    role: MembershipRole,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (organisation, own_role) = orgs::find_to_change(&mut tx, who, slug).await?;
    permissions::manage_organisation(who, own_role)?;
    let present = find_role(&mut tx, organisation.id, member).await?;
    if present == role {
        return Ok(());
    }
    if present == MembershipRole::Administrator {
        dismiss_administrator(app, &mut tx, organisation.id, member).await?;
    }
    memberships::set_role(&mut tx, organisation.id, member, role).await?;
    let entry = orgs::entry("membership.change-role", organisation.id);
    app.audit(&mut tx, who, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a member; somebody who removes themselves leaves.
///
/// # Errors
/// `Conflict` when nobody would be left to administer the organisation.
pub async fn remove(app: &App, who: &Who, slug: &str, member: AccountId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (organisation, own_role) = orgs::find_to_change(&mut tx, who, slug).await?;
    let action = if who.account_id() == Some(member) {
        permissions::leave_organisation(who, own_role)?;
        "membership.leave"
    } else {
        permissions::manage_organisation(who, own_role)?;
        "membership.remove"
    };
    if find_role(&mut tx, organisation.id, member).await? == MembershipRole::Administrator {
        dismiss_administrator(app, &mut tx, organisation.id, member).await?;
    }
    memberships::delete(&mut tx, organisation.id, member).await?;
    app.audit(&mut tx, who, orgs::entry(action, organisation.id))
        .await?;
    tx.commit().await?;
    Ok(())
}

async fn find_role(
    tx: &mut Write,
    organisation: OrganisationId,
    member: AccountId,
) -> Result<MembershipRole, AppError> {
    memberships::find_role(tx, organisation, member)
        .await?
        .ok_or(AppError::NotFound(Missing::Account))
}

/// Somebody will not administer the organisation any more: others must be left to do it, and the
/// invitations that they sent must not bring them back.
async fn dismiss_administrator(
    app: &App,
    tx: &mut Write,
    organisation: OrganisationId,
    administrator: AccountId,
) -> Result<(), AppError> {
    if memberships::count_administrators(tx, organisation).await? < 2 {
        return Err(AppError::conflict(LAST_ADMINISTRATOR));
    }
    Ok(invitations::revoke_of_inviter(tx, organisation, administrator, app.now()).await?)
}
