//! Invitations to act for an organisation: a single-use link sent by mail, good for seven days.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::{
        App, AppError, Missing, Token, Who, mails, notices, organisations as orgs, permissions,
        sessions,
    },
    domain::{
        account::{Account, Role, parse_name},
        email::EmailAddress,
        ids::InvitationId,
        organisation::{Invitation, MembershipRole, Organisation},
        problem::Problem,
    },
    mail::compose,
    store::{Read, Write, accounts, invitations, memberships, organisations},
};

/// The page of an invitation; its token stands in the query, which is never logged.
pub const PATH: &str = "/invitation";
/// How long an invitation can be accepted.
pub const VALIDITY: TimeDelta = TimeDelta::days(7);
/// Invitations of one organisation in a day: above, it looks like unwanted mail.
const PER_DAY: i64 = 20;

/// An invitation, as the person invited sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationView {
    pub organisation: Organisation,
    pub role: MembershipRole,
    /// Name of the member who invites.
    pub invited_by: String,
    /// The address invited.
    pub email: String,
    /// Whether this address has an account here.
    pub has_account: bool,
    pub expires_at: DateTime<Utc>,
}

/// Invites somebody by mail. A new invitation replaces the former one to the same address.
pub async fn invite(
    app: &App,
    who: &Who,
    slug: &str,
    email: &str,
    role: MembershipRole,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (organisation, own_role) = orgs::find_to_change(&mut tx, who, slug).await?;
    permissions::manage_organisation(who, own_role)?;
    let inviter = who.signed_in()?;
    let email = EmailAddress::parse(email)
        .map_err(|_| {
            let problem = Problem::new("Indiquez une adresse de courriel, comme nom@exemple.org.");
            AppError::field("email", problem)
        })?
        .key();
    let now = app.now();
    refuse_member(&mut tx, &organisation, &email).await?;
    let since = now - TimeDelta::days(1);
    if invitations::count_since(&mut tx, organisation.id, since).await? >= PER_DAY {
        return Err(AppError::TooMany(TimeDelta::hours(1)));
    }
    invitations::revoke_of_address(&mut tx, organisation.id, &email, now).await?;
    let token = app.new_token()?;
    let invitation = Invitation {
        id: app.next_id(),
        organisation_id: organisation.id,
        email,
        role,
        invited_by: inviter.id,
        created_at: now,
        expires_at: now + VALIDITY,
    };
    invitations::insert(&mut tx, &invitation, &token.hash()).await?;
    let message = write_mail(app, inviter, &organisation, &invitation, &token)?;
    mails::enqueue(app, &mut tx, &message).await?;
    let entry = orgs::entry("invitation.send", organisation.id);
    app.audit(&mut tx, who, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an invitation back.
pub async fn revoke(app: &App, who: &Who, slug: &str, id: InvitationId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (organisation, role) = orgs::find_with_role(&mut tx, who, slug).await?;
    permissions::manage_organisation(who, role)?;
    if !invitations::revoke(&mut tx, organisation.id, id, app.now()).await? {
        return Err(AppError::NotFound(Missing::Invitation));
    }
    let entry = orgs::entry("invitation.revoke", organisation.id);
    app.audit(&mut tx, who, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// What an invitation proposes, for whoever holds its link.
///
/// # Errors
/// `NotFound(Link)` when it was answered, taken back, or is too old.
pub async fn show(app: &App, token: &Token) -> Result<InvitationView, AppError> {
    let mut tx = app.store().read().await?;
    let (invitation, organisation) = find_open(app, &mut tx, token).await?;
    let inviter = accounts::find(&mut tx, invitation.invited_by).await?;
    let invited = accounts::find_by_email(&mut tx, &invitation.email).await?;
    Ok(InvitationView {
        organisation,
        role: invitation.role,
        invited_by: inviter.map(|account| account.name).unwrap_or_default(),
        has_account: invited.is_some(),
        email: invitation.email,
        expires_at: invitation.expires_at,
    })
}

/// Accepts an invitation for the account that is signed in, whatever its address: who holds the
/// link was invited.
pub async fn accept(app: &App, who: &Who, token: &Token) -> Result<Organisation, AppError> {
    let account = permissions::accept_invitation(who)?;
    let mut tx = app.store().write().await?;
    let (invitation, organisation) = find_open(app, &mut tx, token).await?;
    join(app, &mut tx, who, account, &invitation).await?;
    tx.commit().await?;
    Ok(organisation)
}

/// Somebody who accepts an invitation and has no account yet.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// How they are called, as typed.
    pub name: &'a str,
    /// The language of their page.
    pub locale: &'a str,
    /// How their browser names itself.
    pub user_agent: &'a str,
}

/// Accepts an invitation for somebody who has no account yet: the link, sent to their address,
/// proves that it is theirs. They are signed in with the token given back. Who has an account signs
/// in first.
///
/// # Errors
/// `Conflict` when the address has an account; `Invalid` for the name.
pub async fn accept_as_new(
    app: &App,
    token: &Token,
    newcomer: Newcomer<'_>,
) -> Result<(Token, Organisation), AppError> {
    let mut tx = app.store().write().await?;
    let (invitation, organisation) = find_open(app, &mut tx, token).await?;
    let name = parse_name(newcomer.name).map_err(|problem| AppError::field("name", problem))?;
    let account = Account {
        id: app.next_id(),
        email: invitation.email.clone(),
        name,
        role: Role::Member,
        locale: newcomer.locale.to_owned(),
        has_password: false,
        created_at: app.now(),
        suspended_at: None,
    };
    if accounts::find_by_email(&mut tx, &account.email)
        .await?
        .is_some()
    {
        return Err(AppError::conflict(
            "Cette adresse a déjà un compte : connectez-vous, puis acceptez l’invitation.",
        ));
    }
    let who = Who::Person(Box::new(account.clone()));
    crate::app::accounts::insert(app, &mut tx, &who, &account).await?;
    join(app, &mut tx, &who, &account, &invitation).await?;
    let session = sessions::open(app, &mut tx, &account, newcomer.user_agent).await?;
    tx.commit().await?;
    Ok((session, organisation))
}

async fn find_open(
    app: &App,
    tx: &mut Read,
    token: &Token,
) -> Result<(Invitation, Organisation), AppError> {
    let gone = || AppError::NotFound(Missing::Link);
    let invitation = invitations::find_open(tx, &token.hash(), app.now())
        .await?
        .ok_or_else(gone)?;
    let organisation = organisations::find(tx, invitation.organisation_id)
        .await?
        .ok_or_else(gone)?;
    Ok((invitation, organisation))
}

/// Uses the invitation up. A member who accepts one more keeps their role.
async fn join(
    app: &App,
    tx: &mut Write,
    who: &Who,
    account: &Account,
    invitation: &Invitation,
) -> Result<(), AppError> {
    let Invitation {
        organisation_id,
        role,
        ..
    } = *invitation;
    // two clicks at once: the first one wins
    if !invitations::accept(tx, invitation.id, app.now()).await? {
        return Err(AppError::NotFound(Missing::Link));
    }
    memberships::insert(tx, organisation_id, account.id, role, app.now()).await?;
    let entry = orgs::entry("invitation.accept", organisation_id);
    app.audit(tx, who, entry).await
}

async fn refuse_member(
    tx: &mut Read,
    organisation: &Organisation,
    email: &str,
) -> Result<(), AppError> {
    if let Some(account) = accounts::find_by_email(tx, email).await?
        && memberships::find_role(tx, organisation.id, account.id)
            .await?
            .is_some()
    {
        let problem =
            Problem::new("Cette personne est déjà membre : changez son rôle dans la liste.");
        return Err(AppError::field("email", problem));
    }
    Ok(())
}

fn write_mail(
    app: &App,
    inviter: &Account,
    organisation: &Organisation,
    invitation: &Invitation,
    token: &Token,
) -> Result<crate::mail::Message, AppError> {
    // nothing is known of the language of the person invited: that of who invites is likely
    let texts = notices::texts_of(inviter);
    let link = notices::link(app, &format!("{PATH}?jeton={}", token.expose()))?;
    Ok(compose::organisation_invitation(
        texts,
        &compose::OrganisationInvitation {
            to: &invitation.email,
            site: notices::site(app),
            organisation: &organisation.name,
            invited_by: &inviter.name,
            role: texts.membership_role(invitation.role),
            valid_until: invitation.expires_at,
            link: &link,
        },
    ))
}
