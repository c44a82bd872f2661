//! Structures: the profile that an organisation writes about what it hosts and whom it accompanies.
//!
//! * [`writing`] and [`offers`]: what the structure says; [`submission`] and [`review`]: how
//!   moderators decide; [`confirmation`] and [`capacity`]: what it is asked with time;
//! * [`import`], [`lists`] and [`claims`]: profiles that come from elsewhere; [`export`]: ours, as
//!   others read them.
//!
//! Whether a structure is in the directory is decided elsewhere: whatever changes here is told to
//! [`facts_changed`].

pub mod capacity;
pub mod claims;
pub mod confirmation;
pub mod export;
pub mod import;
pub mod lists;
mod mailing;
pub mod offers;
pub mod review;
pub mod submission;
pub mod writing;

use crate::{
    app::{App, AppError, Missing, Who, host_actors, listing, permissions},
    domain::{
        host::{Host, HostReview, HostStep, Offer, SourcedProfile},
        ids::{HostId, OrganisationId},
        organisation::{MembershipRole, Organisation},
        problem::Problems,
    },
    store::{
        Read, Write, audit, host_fields, host_offers, host_reviews, hosts, memberships,
        organisations,
    },
};

/// Steps of a conversation that are shown.
const STEPS_SHOWN: i64 = 100;
/// The most structures of one person.
const OWN_HOSTS: i64 = 50;

/// A structure as its members work on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    pub host: Host,
    pub organisation: Organisation,
    /// `None` for a moderator who is no member.
    pub role: Option<MembershipRole>,
    pub sourced: SourcedProfile,
    pub offers: Vec<Offer>,
    /// What the structure and the moderators told each other; moderators have no name there.
    pub conversation: Vec<HostReview>,
    /// What is missing before moderators can look at it.
    pub missing: Problems,
}

/// The id of the structure at this address, whether readers see it or not.
pub async fn find_id(app: &App, handle: &str) -> Result<HostId, AppError> {
    let mut tx = app.store().read().await?;
    let host = hosts::find_by_handle(&mut tx, handle).await?;
    Ok(host.ok_or(AppError::NotFound(Missing::Host))?.id)
}

/// The structure of an organisation, if it has one.
pub async fn find_of_organisation(
    app: &App,
    who: &Who,
    organisation: OrganisationId,
) -> Result<Option<Host>, AppError> {
    let mut tx = app.store().read().await?;
    let role = role_in(&mut tx, who, organisation).await?;
    permissions::see_host(who, role)?;
    Ok(hosts::find_by_organisation(&mut tx, organisation).await?)
}

/// The structures of somebody's organisations, with the names of these.
pub async fn list_own(app: &App, who: &Who) -> Result<Vec<(Host, String)>, AppError> {
    permissions::list_own_organisations(who)?;
    let account = who.signed_in()?.id;
    let mut tx = app.store().read().await?;
    Ok(hosts::list_by_member(&mut tx, account, OWN_HOSTS).await?)
}

/// A structure, for its members and for moderators.
pub async fn open(app: &App, who: &Who, id: HostId) -> Result<Desk, AppError> {
    let mut tx = app.store().read().await?;
    let (host, role) = find_with_role(&mut tx, who, id).await?;
    permissions::see_host(who, role)?;
    let organisation = organisation_of(&mut tx, &host).await?;
    let sourced = host_fields::read_profile(&mut tx, id).await?;
    let offers = host_offers::list(&mut tx, id).await?;
    let mut conversation = host_reviews::list_by_host(&mut tx, id, STEPS_SHOWN).await?;
    for step in &mut conversation {
        if is_of_moderators(step.step) {
            step.author.clear();
        }
    }
    Ok(Desk {
        missing: submission::missing(&sourced.profile, &offers),
        host,
        organisation,
        role,
        sourced,
        offers,
        conversation,
    })
}

const fn is_of_moderators(step: HostStep) -> bool {
    matches!(
        step,
        HostStep::Accepted | HostStep::Refused | HostStep::Suspended | HostStep::Restored
    )
}

async fn role_in(
    tx: &mut Read,
    who: &Who,
    organisation: OrganisationId,
) -> Result<Option<MembershipRole>, AppError> {
    match who.account_id() {
        Some(account) => Ok(memberships::find_role(tx, organisation, account).await?),
        None => Ok(None),
    }
}

/// The structure, and what this person is in its organisation.
async fn find_with_role(
    tx: &mut Read,
    who: &Who,
    id: HostId,
) -> Result<(Host, Option<MembershipRole>), AppError> {
    let host = hosts::find(tx, id).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Host))?;
    let role = role_in(tx, who, host.organisation_id).await?;
    Ok((host, role))
}

/// The same, and nobody else changes it until the transaction ends.
async fn lock_with_role(
    tx: &mut Write,
    who: &Who,
    id: HostId,
) -> Result<(Host, Option<MembershipRole>), AppError> {
    let host = hosts::lock(tx, id).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Host))?;
    let role = role_in(tx, who, host.organisation_id).await?;
    Ok((host, role))
}

async fn organisation_of(tx: &mut Read, host: &Host) -> Result<Organisation, AppError> {
    organisations::find(tx, host.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))
}

/// Keeps a change of a structure, and has whatever depends on it follow: the directory, its pages
/// elsewhere.
async fn keep(app: &App, tx: &mut Write, host: &mut Host) -> Result<(), AppError> {
    host.version += 1;
    host.updated_at = app.now();
    hosts::update(tx, host).await?;
    facts_changed(app, tx, host.id).await
}

/// Has the listing rule asked again, then tells other sites that a structure changed.
async fn facts_changed(app: &App, tx: &mut Write, id: HostId) -> Result<(), AppError> {
    listing::settle(app, tx, id).await?;
    match hosts::find(tx, id).await? {
        Some(host) => host_actors::host_changed(app, tx, &host).await,
        None => Ok(()),
    }
}

/// Adds a step to the conversation with the moderators.
async fn tell_step(
    app: &App,
    tx: &mut Write,
    who: &Who,
    host: HostId,
    step: (HostStep, &str),
) -> Result<(), AppError> {
    let id = app.next_id();
    host_reviews::insert(tx, id, host, who.account_id(), step, app.now()).await?;
    Ok(())
}

fn entry(action: &'static str, host: HostId) -> audit::Entry<'static> {
    audit::Entry {
        action,
        subject_kind: "host",
        subject_id: host.get(),
        detail: "",
    }
}
