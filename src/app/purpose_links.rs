//! Links that let people without account do one thing: sent by mail, good for a time, revocable.
//!
//! Opening a page never uses a link up: scanners of mails open links too. What becomes of a link
//! can be told to whoever holds it ([`look`]); what it allows needs a usable one ([`open`]).

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Missing, Token},
    domain::purpose_link::{LinkPurpose, PurposeLink},
    store::{Write, purpose_links},
};

/// The parameter that holds the secret; queries are never logged.
pub const TOKEN_PARAMETER: &str = "jeton";
/// Links to one address in a day: above, it looks like unwanted mail.
const PER_DAY: i64 = 30;

/// What a link is made for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    pub purpose: LinkPurpose,
    /// Id of what it opens.
    pub subject: i64,
    /// Where it is sent.
    pub email: &'a str,
    /// How long it can be used.
    pub ttl: TimeDelta,
}

/// What became of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    Usable(PurposeLink),
    /// It served.
    Used(PurposeLink),
    Expired(PurposeLink),
    /// Whoever sent it took it back.
    Revoked(PurposeLink),
}

/// The path of the page that a link opens.
pub fn path(purpose: LinkPurpose, token: &Token) -> String {
    let page = match purpose {
        LinkPurpose::HostAccompaniment | LinkPurpose::AssociationAccompaniment => "accompagnement",
        LinkPurpose::Recommendation => "recommandation",
        LinkPurpose::CallAnswer => "appel",
        LinkPurpose::Capacity => "disponibilite",
        LinkPurpose::Confirmation => "confirmation",
        LinkPurpose::Claim => "reprise",
    };
    format!("/lien/{page}?{TOKEN_PARAMETER}={}", token.expose())
}

/// Makes a link; the secret is for the mail, and is not kept.
///
/// # Errors
/// `TooMany` when too many were sent to this address today.
pub(crate) async fn create(
    app: &App,
    tx: &mut Write,
    wanted: Purpose<'_>,
) -> Result<Token, AppError> {
    let now = app.now();
    let since = now - TimeDelta::days(1);
    if purpose_links::count_to_address(tx, wanted.email, since).await? >= PER_DAY {
        return Err(AppError::TooMany(TimeDelta::days(1)));
    }
    let token = app.new_token()?;
    let link = PurposeLink {
        id: app.next_id(),
        purpose: wanted.purpose,
        subject: wanted.subject,
        email: wanted.email.to_owned(),
        created_at: now,
        expires_at: now + wanted.ttl,
    };
    purpose_links::insert(tx, &link, &token.hash()).await?;
    Ok(token)
}

/// What became of a link, for a page that tells it.
///
/// # Errors
/// `NotFound(Link)` when no link of ours for this purpose has this secret.
pub async fn look(app: &App, token: &Token, purpose: LinkPurpose) -> Result<Opened, AppError> {
    let mut tx = app.store().read().await?;
    let kept = purpose_links::find(&mut tx, &token.hash(), purpose)
        .await?
        .ok_or(AppError::NotFound(Missing::Link))?;
    Ok(if kept.revoked_at.is_some() {
        Opened::Revoked(kept.link)
    } else if kept.used_at.is_some() {
        Opened::Used(kept.link)
    } else if kept.link.expires_at <= app.now() {
        Opened::Expired(kept.link)
    } else {
        Opened::Usable(kept.link)
    })
}

/// A link that can be used: neither used, nor expired, nor taken back.
///
/// # Errors
/// `NotFound(Link)` otherwise.
pub async fn open(app: &App, token: &Token, purpose: LinkPurpose) -> Result<PurposeLink, AppError> {
    match look(app, token, purpose).await? {
        Opened::Usable(link) => Ok(link),
        Opened::Used(_) | Opened::Expired(_) | Opened::Revoked(_) => {
            Err(AppError::NotFound(Missing::Link))
        }
    }
}

/// Uses a link up, in the transaction of what it did.
///
/// # Errors
/// `NotFound(Link)` when somebody else was faster.
pub(crate) async fn use_up(app: &App, tx: &mut Write, link: &PurposeLink) -> Result<(), AppError> {
    if purpose_links::use_up(tx, link.id, app.now()).await? {
        Ok(())
    } else {
        Err(AppError::NotFound(Missing::Link))
    }
}

/// Takes back every link to a subject for a purpose; whether one could still be used.
pub(crate) async fn revoke_all(
    app: &App,
    tx: &mut Write,
    purpose: LinkPurpose,
    subject: i64,
) -> Result<bool, AppError> {
    Ok(purpose_links::revoke_all(tx, purpose, subject, app.now()).await? > 0)
}
