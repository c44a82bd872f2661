//! What the directory keeps of the structures in it: facets, and the words they are found under.

use std::collections::BTreeSet;

use crate::{
    app::{App, AppError, Missing},
    domain::{
        directory::{self, Surroundings},
        host::{Host, HostProfile, Offer},
        html::{Markdown, plain_text},
        ids::HostId,
        territory::Territory,
    },
    search,
    store::{
        Read, Write, catalogue, directory as stored, host_fields, host_offers, hosts, organisations,
    },
};

/// Structures looked at before somebody asks whether the process must stop.
const BATCH: i64 = 50;

/// A structure is in the directory: keeps what it is found by, as it is now.
pub(crate) async fn show(app: &App, tx: &mut Write, host: &Host) -> Result<(), AppError> {
    let organisation = organisations::find(tx, host.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let profile = host_fields::read_profile(tx, host.id).await?.profile;
    let offers = host_offers::list(tx, host.id).await?;
    let software = software_of(&profile, &offers);
    let replaced = catalogue::list_replaced_by(tx, &software).await?;
    let around = Surroundings {
        tools: replaced.iter().map(|(slug, _)| slug.clone()).collect(),
        volunteer_hours: stored::list_volunteer_hours(tx, host.id).await?,
    };
    let facets = directory::facets(host, &profile, &offers, &around, app.today());
    let mut words = vec![organisation.name, host.handle.clone()];
    words.extend(words_of(&profile, &offers));
    words.extend(replaced.into_iter().map(|(_, name)| name));
    words.extend(names_of(tx, &software).await?);
    let tokens = search::tokens(&words.join("\n")).join(" ");
    Ok(stored::show(tx, host.id, &facets, &tokens).await?)
}

/// A structure is in the directory no more: forgets what it was found by.
pub(crate) async fn hide(_app: &App, tx: &mut Write, host: &Host) -> Result<(), AppError> {
    Ok(stored::hide(tx, host.id).await?)
}

/// Brings what is kept of a structure up to date with what it says now, and with whether it is in
/// the directory.
async fn refresh(app: &App, tx: &mut Write, id: HostId) -> Result<(), AppError> {
    match hosts::find(tx, id).await? {
        Some(host) if host.listing.standing.is_in_directory() => show(app, tx, &host).await,
        Some(host) => hide(app, tx, &host).await,
        None => Ok(()),
    }
}

/// Does so for some of the structures of which older rules made what is kept, gives how many. To be
/// called again until it gives 0.
pub async fn refresh_outdated(app: &App) -> Result<usize, AppError> {
    let mut tx = app.store().read().await?;
    let outdated = stored::list_outdated(&mut tx, BATCH).await?;
    drop(tx);
    for id in &outdated {
        let mut tx = app.store().write().await?;
        // locked first: what is changed meanwhile must not be covered by what was read before
        hosts::lock(&mut tx, *id).await?;
        refresh(app, &mut tx, *id).await?;
        tx.commit().await?;
    }
    Ok(outdated.len())
}

/// The programs that a structure proposes, in its profile or in an offer, each once.
pub(super) fn software_of(profile: &HostProfile, offers: &[Offer]) -> Vec<String> {
    let of_offers = offers.iter().flat_map(|offer| &offer.software);
    let all: BTreeSet<&String> = profile.software.iter().chain(of_offers).collect();
    all.into_iter().cloned().collect()
}

fn words_of(profile: &HostProfile, offers: &[Offer]) -> Vec<String> {
    let mut words = vec![read(&profile.presentation), read(&profile.course)];
    words.extend(profile.services.iter().map(|service| service.label.clone()));
    words.extend(profile.territories.iter().map(|place| match place {
        Territory::Everywhere => String::new(),
        Territory::Region(_) | Territory::Departement(_) => place.label(),
    }));
    words.extend(profile.memberships.iter().map(|it| it.name.clone()));
    for offer in offers {
        words.push(offer.name.clone());
        words.push(read(&offer.description));
    }
    words
}

fn read(markdown: &str) -> String {
    plain_text(&Markdown::new(markdown).page_html())
}

async fn names_of(tx: &mut Read, software: &[String]) -> Result<Vec<String>, AppError> {
    let slugs: Vec<&str> = software.iter().map(String::as_str).collect();
    let programs = catalogue::list_software(tx, &slugs).await?;
    Ok(programs.into_iter().map(|program| program.name).collect())
}
