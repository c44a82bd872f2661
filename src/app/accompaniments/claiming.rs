//! Taking over an association that was only known by its address.

use crate::{
    app::{App, AppError, Missing, Who, organisations as orgs, permissions},
    domain::{
        ids::OrganisationId,
        organisation::{MembershipRole, Organisation},
    },
    store::{accompaniments, memberships, organisations},
};

/// The most associations proposed at once.
const PROPOSED: i64 = 20;

/// Associations that nobody acts for, and that were written to at the address of this account: it
/// was proved by a link sent there.
pub async fn list(app: &App, who: &Who) -> Result<Vec<Organisation>, AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut tx = app.store().read().await?;
    let ids = accompaniments::list_unclaimed_by_address(&mut tx, &account.email, PROPOSED).await?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(organisations::find(&mut tx, id).await?);
    }
    Ok(found)
}

/// Takes one of them over: the account administers it.
///
/// # Errors
/// `NotFound` when it is not one of [`list`]: somebody else may have been faster.
pub async fn claim(app: &App, who: &Who, id: OrganisationId) -> Result<Organisation, AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut tx = app.store().write().await?;
    organisations::lock(&mut tx, id).await?;
    let missing = AppError::NotFound(Missing::Organisation);
    let own = accompaniments::list_unclaimed_by_address(&mut tx, &account.email, PROPOSED).await?;
    if !own.contains(&id) {
        return Err(missing);
    }
    let organisation = organisations::find(&mut tx, id).await?.ok_or(missing)?;
    let role = MembershipRole::Administrator;
    memberships::insert(&mut tx, id, account.id, role, app.now()).await?;
    app.audit(&mut tx, who, orgs::entry("organisation.claim", id))
        .await?;
    tx.commit().await?;
    Ok(organisation)
}
