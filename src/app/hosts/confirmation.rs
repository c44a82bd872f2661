//! Once a year a structure says that its profile is still true, in one click from a mail.
//!
//! Three reminders follow; after the last, silence archives the profile, and the same link brings
//! it back.

use chrono::{Months, TimeDelta};

use crate::{
    app::{
        App, AppError, Missing, Token, Who, permissions,
        purpose_links::{self, Opened},
    },
    domain::{
        host::{
            CONFIRMATION_MONTHS, CONFIRMATION_REMINDER_DAYS, CONFIRMATION_REMINDERS, Host,
            HostState, HostStep,
        },
        ids::HostId,
        purpose_link::LinkPurpose,
    },
    mail::compose::{self, HostArchived, HostConfirmation, Turn},
    store::{Write, host_fields, hosts},
};

use super::{
    entry, keep, lock_with_role,
    mailing::{self, Asked, Question},
    organisation_of, tell_step,
};

/// Structures handled in one transaction.
const BATCH: i64 = 20;
/// How long the link of a mail works: beyond the archiving, which it can undo.
const LINK_TTL: TimeDelta = TimeDelta::days(180);

/// What somebody who holds a link sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmable {
    pub host: Host,
    /// Name of the structure.
    pub name: String,
    /// Whether the link already served.
    pub is_done: bool,
}

/// Says, as a member, that everything is still true. An archived profile comes back.
pub async fn confirm(app: &App, who: &Who, id: HostId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (host, role) = lock_with_role(&mut tx, who, id).await?;
    permissions::write_host(who, role)?;
    if !matches!(host.state, HostState::Accepted | HostState::Archived) {
        return Err(AppError::conflict(
            "Seule une fiche acceptée par la modération se confirme.",
        ));
    }
    note(app, &mut tx, who, host).await?;
    tx.commit().await?;
    Ok(())
}

/// What a link of the yearly mail opens.
///
/// # Errors
/// `NotFound(Link)` when it is too old, or was never one of ours.
pub async fn look(app: &App, token: &Token) -> Result<Confirmable, AppError> {
    let opened = purpose_links::look(app, token, LinkPurpose::Confirmation).await?;
    let (link, is_done) = match opened {
        Opened::Usable(link) => (link, false),
        Opened::Used(link) | Opened::Revoked(link) => (link, true),
        Opened::Expired(_) => return Err(AppError::NotFound(Missing::Link)),
    };
    let mut tx = app.store().read().await?;
    let host = hosts::find(&mut tx, HostId::from(link.subject)).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Link))?;
    let name = organisation_of(&mut tx, &host).await?.name;
    Ok(Confirmable {
        host,
        name,
        is_done,
    })
}

/// Says, with the link of the mail, that everything is still true.
pub async fn confirm_by_link(app: &App, token: &Token) -> Result<(), AppError> {
    let link = purpose_links::open(app, token, LinkPurpose::Confirmation).await?;
    let mut tx = app.store().write().await?;
    let host = hosts::lock(&mut tx, HostId::from(link.subject)).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Link))?;
    if !matches!(host.state, HostState::Accepted | HostState::Archived) {
        return Err(AppError::conflict(
            "Seule une fiche acceptée par la modération se confirme.",
        ));
    }
    purpose_links::use_up(app, &mut tx, &link).await?;
    note(app, &mut tx, &Who::Anonymous, host).await?;
    tx.commit().await?;
    Ok(())
}

async fn note(app: &App, tx: &mut Write, who: &Who, mut host: Host) -> Result<(), AppError> {
    let now = app.now();
    let purpose = LinkPurpose::Confirmation;
    purpose_links::revoke_all(app, tx, purpose, host.id.get()).await?;
    host_fields::confirm_all(tx, host.id, now).await?;
    hosts::note_confirmation_asked(tx, host.id, None).await?;
    host.confirmed_at = Some(now);
    if host.state == HostState::Archived {
        host.state = HostState::Accepted;
        tell_step(app, tx, who, host.id, (HostStep::Restored, "")).await?;
    }
    keep(app, tx, &mut host).await?;
    app.audit(tx, who, entry("host.confirm", host.id)).await
}

/// Asks those who said nothing for a year, or archives those who did not answer the last reminder;
/// how many were handled.
pub async fn ask_due(app: &App) -> Result<u64, AppError> {
    let now = app.now();
    let year_ago = now
        .checked_sub_months(Months::new(CONFIRMATION_MONTHS))
        .unwrap_or(now);
    let asked_before = now - TimeDelta::days(CONFIRMATION_REMINDER_DAYS);
    let mut tx = app.store().write().await?;
    let silent = hosts::list_silent(&mut tx, year_ago, asked_before, BATCH).await?;
    let count = u64::try_from(silent.len()).unwrap_or(u64::MAX);
    for hosts::Silent { id, asked } in silent {
        let Some(host) = hosts::lock(&mut tx, id).await? else {
            continue;
        };
        if asked > CONFIRMATION_REMINDERS {
            archive(app, &mut tx, host).await?;
        } else {
            ask(app, &mut tx, &host, asked).await?;
        }
    }
    tx.commit().await?;
    Ok(count)
}

/// Which time a question is asked.
const fn turn_of(asked: i64) -> Turn {
    match asked {
        0 => Turn::First,
        CONFIRMATION_REMINDERS => Turn::Last,
        _ => Turn::Reminder,
    }
}

async fn ask(app: &App, tx: &mut Write, host: &Host, asked: i64) -> Result<(), AppError> {
    let turn = turn_of(asked);
    let write = |texts, asked: Asked<'_>| {
        let mail = HostConfirmation {
            to: asked.to,
            site: asked.site,
            name: asked.name,
            turn,
            link: asked.link,
        };
        compose::host_confirmation(texts, &mail)
    };
    let question = Question {
        purpose: LinkPurpose::Confirmation,
        ttl: LINK_TTL,
        write: &write,
    };
    mailing::ask(app, tx, host, &question).await?;
    hosts::note_confirmation_asked(tx, host.id, Some(app.now())).await?;
    Ok(())
}

async fn archive(app: &App, tx: &mut Write, mut host: Host) -> Result<(), AppError> {
    host.state = HostState::Archived;
    let step = (HostStep::Archived, "");
    tell_step(app, tx, &Who::System, host.id, step).await?;
    keep(app, tx, &mut host).await?;
    let write = |texts, asked: Asked<'_>| {
        let mail = HostArchived {
            to: asked.to,
            site: asked.site,
            name: asked.name,
            link: asked.link,
        };
        compose::host_archived(texts, &mail)
    };
    let question = Question {
        purpose: LinkPurpose::Confirmation,
        ttl: LINK_TTL,
        write: &write,
    };
    mailing::ask(app, tx, &host, &question).await?;
    app.audit(tx, &Who::System, entry("host.archive", host.id))
        .await
}
