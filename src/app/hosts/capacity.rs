//! Whether a structure takes new requests: asked every month by a mail that one click answers.

use chrono::{Datelike as _, Months, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{App, AppError, Missing, Token, Who, permissions, purpose_links},
    domain::{
        host::{CAPACITY_DAYS, Capacity, Host},
        ids::HostId,
        problem::{Problem, Problems},
        purpose_link::LinkPurpose,
    },
    mail::compose::{self, HostCapacity},
    store::{Write, hosts},
};

use super::{
    entry, keep, lock_with_role,
    mailing::{self, Asked, Question},
    organisation_of,
};

/// Structures handled in one transaction.
const BATCH: i64 = 20;
/// How long the link of a mail works: until after the next one.
const LINK_TTL: TimeDelta = TimeDelta::days(CAPACITY_DAYS + 10);
/// How far ahead a structure may say that it takes requests again.
const MONTHS_AHEAD: u32 = 24;

/// What a structure answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityInput {
    /// `open` or `full`.
    pub capacity: String,
    /// Month (`YYYY-MM`) from which it takes requests again, or nothing; only when it is full.
    #[serde(default)]
    pub from: String,
}

impl CapacityInput {
    fn check(&self, today: NaiveDate) -> Result<(Capacity, Option<String>), Problems> {
        let mut problems = Problems::new();
        let capacity = Capacity::parse(&self.capacity)
            .ok_or(Problem::new("Dites si vous prenez de nouvelles demandes."));
        let capacity = problems.check("capacity", capacity);
        let from = match capacity {
            Some(Capacity::Open) => Some(None),
            _ => problems.check("from", check_month(&self.from, today)),
        };
        let checked = capacity.zip(from);
        problems.or(checked)
    }
}

/// `YYYY-MM` or `MM/YYYY`, after the present month.
fn check_month(typed: &str, today: NaiveDate) -> Result<Option<String>, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let first = NaiveDate::parse_from_str(&format!("{typed}-01"), "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(&format!("01/{typed}"), "%d/%m/%Y"))
        .map_err(|_| Problem::new("Ce mois ne se lit pas. Exemple : 03/2027."))?;
    let latest = today.checked_add_months(Months::new(MONTHS_AHEAD));
    if first <= today {
        return Err(Problem::new("Ce mois est passé ou commencé."));
    }
    if latest.is_some_and(|latest| first > latest) {
        return Err(Problem::new(
            "Ce mois est trop lointain : deux ans au plus.",
        ));
    }
    Ok(Some(month_of(first)))
}

/// `YYYY-MM`.
fn month_of(day: NaiveDate) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// Says, as a member, whether the structure takes new requests.
pub async fn say(
    app: &App,
    who: &Who,
    id: HostId,
    input: &CapacityInput,
) -> Result<Host, AppError> {
    let mut tx = app.store().write().await?;
    let (host, role) = lock_with_role(&mut tx, who, id).await?;
    permissions::write_host(who, role)?;
    let host = note(app, &mut tx, who, host, input).await?;
    tx.commit().await?;
    Ok(host)
}

/// The structure that a link of the monthly mail speaks of, and its name.
///
/// # Errors
/// `NotFound(Link)` when it is too old, or a later mail replaced it.
pub async fn look(app: &App, token: &Token) -> Result<(Host, String), AppError> {
    let link = purpose_links::open(app, token, LinkPurpose::Capacity).await?;
    let mut tx = app.store().read().await?;
    let host = hosts::find(&mut tx, HostId::from(link.subject)).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Link))?;
    let name = organisation_of(&mut tx, &host).await?.name;
    Ok((host, name))
}

/// Answers the monthly mail. The link works until the next mail, so that a mistake can be mended.
pub async fn say_by_link(app: &App, token: &Token, input: &CapacityInput) -> Result<(), AppError> {
    let link = purpose_links::open(app, token, LinkPurpose::Capacity).await?;
    let mut tx = app.store().write().await?;
    let host = hosts::lock(&mut tx, HostId::from(link.subject)).await?;
    let host = host.ok_or(AppError::NotFound(Missing::Link))?;
    note(app, &mut tx, &Who::Anonymous, host, input).await?;
    tx.commit().await?;
    Ok(())
}

async fn note(
    app: &App,
    tx: &mut Write,
    who: &Who,
    mut host: Host,
    input: &CapacityInput,
) -> Result<Host, AppError> {
    let (capacity, from) = input.check(app.today()).map_err(AppError::Invalid)?;
    host.capacity = capacity;
    host.capacity_from = from;
    host.capacity_said_at = Some(app.now());
    keep(app, tx, &mut host).await?;
    app.audit(tx, who, entry("host.capacity", host.id)).await?;
    Ok(host)
}

/// Asks the structures of the directory that said nothing for a month; how many.
pub async fn ask_due(app: &App) -> Result<u64, AppError> {
    let now = app.now();
    let mut tx = app.store().write().await?;
    let before = now - TimeDelta::days(CAPACITY_DAYS);
    let due = hosts::list_capacity_due(&mut tx, before, BATCH).await?;
    let count = u64::try_from(due.len()).unwrap_or(u64::MAX);
    for id in due {
        if let Some(host) = hosts::lock(&mut tx, id).await? {
            ask(app, &mut tx, &host).await?;
        }
    }
    tx.commit().await?;
    Ok(count)
}

async fn ask(app: &App, tx: &mut Write, host: &Host) -> Result<(), AppError> {
    let write = |texts, asked: Asked<'_>| {
        let mail = HostCapacity {
            to: asked.to,
            site: asked.site,
            name: asked.name,
            link: asked.link,
        };
        compose::host_capacity(texts, &mail)
    };
    let question = Question {
        purpose: LinkPurpose::Capacity,
        ttl: LINK_TTL,
        write: &write,
    };
    mailing::ask(app, tx, host, &question).await?;
    hosts::note_capacity_asked(tx, host.id, app.now()).await?;
    Ok(())
}

/// Opens again the structures that were full until a month that has come; how many.
pub async fn reopen_due(app: &App) -> Result<u64, AppError> {
    let mut tx = app.store().write().await?;
    let due = hosts::list_to_reopen(&mut tx, &month_of(app.today()), BATCH).await?;
    let count = u64::try_from(due.len()).unwrap_or(u64::MAX);
    for id in due {
        let Some(mut host) = hosts::lock(&mut tx, id).await? else {
            continue;
        };
        host.capacity = Capacity::Open;
        host.capacity_from = None;
        keep(app, &mut tx, &mut host).await?;
        let entry = entry("host.reopen", id);
        app.audit(&mut tx, &Who::System, entry).await?;
    }
    tx.commit().await?;
    Ok(count)
}
