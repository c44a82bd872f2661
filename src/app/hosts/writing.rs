//! What a structure says of itself.

use crate::{
    app::{App, AppError, Missing, Who, host_actors, permissions},
    domain::{
        host::{
            Capacity, Host, HostField, HostInput, HostProfile, HostState, Listing, Source, Sourced,
        },
        ids::{HostId, OrganisationId},
        listing::Standing,
        problem::Problem,
        slug::{Handle, InvalidHandle},
    },
    locales::mark,
    store::{Read, Write, host_fields, hosts, organisations},
};

use super::{entry, keep, lock_with_role, role_in};

/// A handle that would be the address of the form of a new profile.
const NEW: &str = "nouvelle";
/// How many namesakes get a number.
const NAMESAKES: u32 = 50;

const CHANGED_MEANWHILE: &str = mark(
    "Cette fiche a été modifiée entre-temps, peut-être par une autre personne de votre structure. Rechargez la page avant de recommencer.",
);

/// Proposes a free handle, made from the name of the organisation.
pub async fn propose_handle(
    app: &App,
    who: &Who,
    organisation: OrganisationId,
) -> Result<String, AppError> {
    let mut tx = app.store().read().await?;
    let role = role_in(&mut tx, who, organisation).await?;
    permissions::see_host(who, role)?;
    let found = organisations::find(&mut tx, organisation).await?;
    let name = found.ok_or(AppError::NotFound(Missing::Organisation))?.name;
    free_handle(&mut tx, &name).await
}

/// The first free handle for a name: `chaton`, `chaton_2`…
pub(super) async fn free_handle(tx: &mut Read, name: &str) -> Result<String, AppError> {
    let base = Handle::from_name(name).to_string();
    for number in 1..=NAMESAKES {
        let handle = match number {
            1 => base.clone(),
            _ => {
                let tail = format!("_{number}");
                let room = Handle::MAX_LENGTH - tail.len();
                let head: String = base.chars().take(room).collect();
                format!("{}{tail}", head.trim_end_matches('_'))
            }
        };
        if is_free(tx, &handle).await? {
            return Ok(handle);
        }
    }
    Ok(String::new())
}

async fn is_free(tx: &mut Read, handle: &str) -> Result<bool, AppError> {
    let is_taken = handle == NEW
        || hosts::find_by_handle(tx, handle).await?.is_some()
        || !host_actors::is_handle_free(tx, handle).await?;
    Ok(!is_taken)
}

/// Starts the profile of an organisation. The handle is chosen once.
///
/// # Errors
/// `Conflict` when the organisation has a profile; `Invalid` for the handle.
pub async fn create(
    app: &App,
    who: &Who,
    organisation: OrganisationId,
    handle: &str,
) -> Result<Host, AppError> {
    let mut tx = app.store().write().await?;
    let role = role_in(&mut tx, who, organisation).await?;
    permissions::write_host(who, role)?;
    organisations::lock(&mut tx, organisation).await?;
    if hosts::find_by_organisation(&mut tx, organisation)
        .await?
        .is_some()
    {
        return Err(AppError::conflict("Cette organisation a déjà une fiche."));
    }
    let handle = check_handle(&mut tx, handle).await?;
    let host = draft(app, organisation, handle);
    hosts::insert(&mut tx, &host).await?;
    app.audit(&mut tx, who, entry("host.create", host.id))
        .await?;
    tx.commit().await?;
    Ok(host)
}

/// A profile that begins.
pub(super) fn draft(app: &App, organisation: OrganisationId, handle: String) -> Host {
    let now = app.now();
    Host {
        id: app.next_id(),
        organisation_id: organisation,
        handle,
        actor_id: None,
        state: HostState::Draft,
        capacity: Capacity::Open,
        capacity_from: None,
        capacity_said_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
        submitted_at: None,
        confirmed_at: None,
        suspended_at: None,
        suspension_motive: String::new(),
        is_unclaimed: false,
        import_url: None,
        listing: Listing {
            standing: Standing::Unlisted,
            counted: 0,
            listed_since: None,
            unlisted_at: None,
            settle_at: None,
        },
    }
}

async fn check_handle(tx: &mut Read, typed: &str) -> Result<String, AppError> {
    let wrong = |problem| AppError::field("handle", problem);
    let handle = Handle::parse(typed).map_err(|reason| wrong(handle_problem(reason)))?;
    if !is_free(tx, handle.as_str()).await? {
        let problem =
            Problem::new("Ce nom de compte est déjà pris. Essayez par exemple {example}.");
        let example = free_handle(tx, handle.as_str()).await?;
        return Err(wrong(problem.with("example", example)));
    }
    Ok(handle.to_string())
}

fn handle_problem(reason: InvalidHandle) -> Problem {
    match reason {
        InvalidHandle::Empty => Problem::new("Choisissez le nom de compte de la structure."),
        InvalidHandle::TooShort { .. } => {
            Problem::new("Ce nom est trop court : {least} caractères au moins.")
                .with("least", Handle::MIN_LENGTH)
        }
        InvalidHandle::TooLong { .. } => {
            Problem::new("Ce nom est trop long : {most} caractères au plus.")
                .with("most", Handle::MAX_LENGTH)
        }
        InvalidHandle::UnexpectedCharacter(c) => Problem::new(
            "« {character} » ne peut pas y figurer : des lettres minuscules sans accent, des chiffres et _.",
        )
        .with("character", c),
    }
}

/// Whether its structure may change a profile now: not while moderators read it.
pub(super) fn check_editable(host: &Host) -> Result<(), AppError> {
    match host.state {
        HostState::Submitted => Err(AppError::conflict(
            "La modération lit cette fiche. Reprenez-la d’abord si vous voulez la modifier.",
        )),
        _ => Ok(()),
    }
}

/// Refuses a change made from an older version than the present one.
pub(super) fn check_version(host: &Host, version: i64) -> Result<(), AppError> {
    if host.version == version {
        Ok(())
    } else {
        Err(AppError::conflict(CHANGED_MEANWHILE))
    }
}

/// Rewrites a profile. `version` is the one the person read: a change made from an older one is
/// refused rather than undoing somebody else's. What did not change keeps its source and its dates.
///
/// A profile that moderators accepted must stay complete.
pub async fn save(
    app: &App,
    who: &Who,
    id: HostId,
    version: i64,
    input: &HostInput,
) -> Result<Host, AppError> {
    let mut tx = app.store().write().await?;
    let (mut host, role) = lock_with_role(&mut tx, who, id).await?;
    permissions::write_host(who, role)?;
    check_editable(&host)?;
    check_version(&host, version)?;
    let profile = input.check(app.today()).map_err(AppError::Invalid)?;
    let present = host_fields::read_profile(&mut tx, id).await?;
    let changed = present.profile.differences(&profile);
    check_still_complete(&host, &profile)?;
    if changed.is_empty() {
        return Ok(host);
    }
    let origin = Sourced::typed((), app.now());
    write_fields(&mut tx, id, &profile, &changed, &origin).await?;
    keep(app, &mut tx, &mut host).await?;
    app.audit(&mut tx, who, entry("host.save", id)).await?;
    tx.commit().await?;
    Ok(host)
}

pub(super) fn check_still_complete(host: &Host, profile: &HostProfile) -> Result<(), AppError> {
    let problems = profile.check_complete();
    if host.state == HostState::Accepted && !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    Ok(())
}

/// Writes some fields of a profile, which all come from the same place.
pub(super) async fn write_fields(
    tx: &mut Write,
    id: HostId,
    profile: &HostProfile,
    fields: &[HostField],
    origin: &Sourced<()>,
) -> Result<(), AppError> {
    for field in fields {
        let value = origin.clone().map(|()| profile.field(*field));
        host_fields::save(tx, id, *field, &value).await?;
    }
    Ok(())
}

/// What was read elsewhere, at this address if it has one.
pub(super) fn imported(app: &App, url: Option<&str>) -> Sourced<()> {
    Sourced {
        source: Source::Imported,
        source_url: url.map(str::to_owned),
        ..Sourced::typed((), app.now())
    }
}
