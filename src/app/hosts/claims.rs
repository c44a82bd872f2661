//! A structure takes over the profile that was imported about it.

use chrono::TimeDelta;

use crate::{
    app::{
        App, AppError, Missing, Token, Who, mails, notices, permissions,
        purpose_links::{self, Purpose},
    },
    domain::{
        email::EmailAddress,
        host::Host,
        ids::HostId,
        organisation::{MembershipRole, Organisation},
        purpose_link::LinkPurpose,
    },
    locales::{Locale, Texts},
    mail::compose::{self, HostImported},
    store::{Write, hosts, memberships},
};

use super::{entry, keep, organisation_of};

/// How long the link of the mail works.
const LINK_TTL: TimeDelta = TimeDelta::days(180);

/// An imported profile, as the person who was told sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimable {
    pub host: Host,
    pub organisation: Organisation,
    /// Where the mail went.
    pub email: String,
}

/// Tells the contact of an imported profile that it exists, with the link that takes it over.
pub(super) async fn tell(
    app: &App,
    tx: &mut Write,
    host: &Host,
    organisation: &Organisation,
    email: &EmailAddress,
) -> Result<(), AppError> {
    hosts::set_unclaimed_email(tx, host.id, email.as_str()).await?;
    let wanted = Purpose {
        purpose: LinkPurpose::Claim,
        subject: host.id.get(),
        email: email.as_str(),
        ttl: LINK_TTL,
    };
    let token = purpose_links::create(app, tx, wanted).await?;
    let link = notices::link(app, &purpose_links::path(LinkPurpose::Claim, &token))?;
    let mail = HostImported {
        to: email.as_str(),
        site: notices::site(app),
        name: &organisation.name,
        link: &link,
    };
    let message = compose::host_imported(Texts::of(Locale::Fr), &mail);
    mails::enqueue(app, tx, &message).await?;
    Ok(())
}

/// What a link to take a profile over opens.
///
/// # Errors
/// `NotFound(Link)` when it served, is too old, or was never one of ours.
pub async fn look(app: &App, token: &Token) -> Result<Claimable, AppError> {
    let link = purpose_links::open(app, token, LinkPurpose::Claim).await?;
    let mut tx = app.store().read().await?;
    let host = hosts::find(&mut tx, HostId::from(link.subject)).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Link))?;
    Ok(Claimable {
        organisation: organisation_of(&mut tx, &host).await?,
        host,
        email: link.email,
    })
}

/// Takes a profile over, for the account that is signed in: who holds the link was told. They
/// administer the structure.
pub async fn accept(app: &App, who: &Who, token: &Token) -> Result<Host, AppError> {
    let account = permissions::manage_own_account(who)?;
    let link = purpose_links::open(app, token, LinkPurpose::Claim).await?;
    let mut tx = app.store().write().await?;
    let host = hosts::lock(&mut tx, HostId::from(link.subject)).await?;
    let mut host = host.ok_or(AppError::NotFound(Missing::Link))?;
    purpose_links::use_up(app, &mut tx, &link).await?;
    purpose_links::revoke_all(app, &mut tx, LinkPurpose::Claim, link.subject).await?;
    let role = MembershipRole::Administrator;
    let organisation = host.organisation_id;
    memberships::insert(&mut tx, organisation, account.id, role, app.now()).await?;
    host.is_unclaimed = false;
    keep(app, &mut tx, &mut host).await?;
    app.audit(&mut tx, who, entry("host.claim", host.id))
        .await?;
    tx.commit().await?;
    Ok(host)
}
