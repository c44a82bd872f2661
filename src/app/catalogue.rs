//! The catalogue: what the project ships, what a site imports, what readers see.

use std::collections::BTreeMap;

use crate::{
    app::{App, AppError, Missing, Who, permissions, sha256_hex},
    domain::{
        ad::ListedAd,
        catalogue::{
            self, OWN_ORIGIN, Software, Tool,
            lists::{self, ListFormat},
        },
        ids::{SoftwareId, ToolId},
        problem::Problem,
    },
    search::Query,
    store::{
        Write,
        ad_listing::{self, AdFilter, Position},
        catalogue as stored,
        catalogue::Replacement,
        directory,
        directory::Entry,
    },
};

/// The most entries of a catalogue that a page or a form shows.
const MOST: i64 = 3_000;
/// Structures and ads under a tool.
const SHOWN: i64 = 6;

/// Copies what the project ships into the database when it changed since the last time. What was
/// imported stays as it is.
pub(crate) async fn sync(app: &App) -> Result<(), AppError> {
    let digest = sha256_hex(catalogue::embedded_text().as_bytes());
    let mark = digest.get(..15).unwrap_or_default();
    let stamp = i64::from_str_radix(mark, 16).map_err(AppError::internal)?;
    let mut tx = app.store().read().await?;
    let known = stored::find_stamp(&mut tx).await?;
    drop(tx);
    if known == Some(stamp) {
        return Ok(());
    }
    let own = catalogue::embedded();
    let mut tx = app.store().write().await?;
    stored::delete_replacements(&mut tx, OWN_ORIGIN).await?;
    save(app, &mut tx, &own.software, &own.tools, OWN_ORIGIN).await?;
    delete_dropped(&mut tx, own).await?;
    stored::set_stamp(&mut tx, stamp).await?;
    refresh_directory(app, &mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes what the project shipped once and ships no more.
async fn delete_dropped(tx: &mut Write, own: &catalogue::Catalogue) -> Result<(), AppError> {
    for (slug, id, origin) in stored::list_software_keys(tx).await? {
        let is_shipped = own.software.iter().any(|it| it.slug == slug);
        if origin == OWN_ORIGIN && !is_shipped {
            stored::delete_software(tx, id).await?;
        }
    }
    for (slug, id, origin) in stored::list_tool_keys(tx).await? {
        let is_shipped = own.tools.iter().any(|it| it.slug == slug);
        if origin == OWN_ORIGIN && !is_shipped {
            stored::delete_tool(tx, id).await?;
        }
    }
    Ok(())
}

async fn save(
    app: &App,
    tx: &mut Write,
    software: &[Software],
    tools: &[Tool],
    origin: &str,
) -> Result<(), AppError> {
    let programs: Vec<_> = software.iter().map(|it| (app.next_id(), it)).collect();
    stored::save_software(tx, &programs, origin).await?;
    let rows: Vec<_> = tools.iter().map(|it| (app.next_id(), it)).collect();
    stored::save_tools(tx, &rows, origin).await?;

    let software_ids = stored::list_software_keys(tx).await?;
    let software_ids: BTreeMap<String, SoftwareId> = software_ids
        .into_iter()
        .map(|(slug, id, _)| (slug, id))
        .collect();
    let tool_ids = stored::list_tool_keys(tx).await?;
    let tool_ids: BTreeMap<String, ToolId> = tool_ids
        .into_iter()
        .map(|(slug, id, _)| (slug, id))
        .collect();
    let mut replacements = Vec::new();
    for tool in tools {
        let Some(tool_id) = tool_ids.get(&tool.slug) else {
            continue;
        };
        for (rank, alternative) in (0..).zip(&tool.alternatives) {
            if let Some(software_id) = software_ids.get(&alternative.software) {
                replacements.push(Replacement {
                    tool: *tool_id,
                    software: *software_id,
                    note: alternative.note.clone(),
                    rank,
                });
            }
        }
    }
    stored::add_replacements(tx, &replacements).await?;
    Ok(())
}

/// Structures are found by the tools that their programs replace: that is worked out anew.
async fn refresh_directory(app: &App, tx: &mut Write) -> Result<(), AppError> {
    directory::mark_all_outdated(tx).await?;
    app.wake_after(tx, |wake| &wake.index);
    Ok(())
}

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Programs of the list.
    pub software: usize,
    /// Tools of the list.
    pub tools: usize,
    /// Entries left out: without a name or an address, or not free.
    pub skipped: usize,
}

/// Adds the programs and tools of a public list. What the project ships, and what came from another
/// list, is completed with new ways from tools to programs and not otherwise changed; importing the
/// same list again brings it up to date.
pub async fn import(
    app: &App,
    who: &Who,
    format: ListFormat,
    json: &str,
) -> Result<Imported, AppError> {
    permissions::act_as_system(who)?;
    let list = lists::read(format, json, app.today()).map_err(|error| {
        let problem = Problem::new("Ce fichier n’est pas une liste au format {format} : {error}")
            .with("format", format)
            .with("error", error);
        AppError::field("file", problem)
    })?;
    let mut tx = app.store().write().await?;
    save(app, &mut tx, &list.software, &list.tools, format.as_str()).await?;
    refresh_directory(app, &mut tx).await?;
    tx.commit().await?;
    Ok(Imported {
        software: list.software.len(),
        tools: list.tools.len(),
        skipped: list.skipped,
    })
}

/// Slugs and names of programs, for forms that ask which ones.
pub async fn list_software_names(app: &App) -> Result<Vec<(String, String)>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(stored::list_software_names(&mut tx, MOST).await?)
}

/// Every tool, by name.
pub async fn list_tools(app: &App) -> Result<Vec<Tool>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(stored::list_tools(&mut tx, MOST).await?)
}

/// A tool with what can take its place.
#[derive(Clone, Debug)]
pub struct ToolPage {
    pub tool: Tool,
    /// The programs of its alternatives, in the same order, with what fits and what differs.
    pub software: Vec<(Software, String)>,
    /// Some structures of the directory that propose one of them.
    pub structures: Vec<Entry>,
    /// How many do.
    pub structure_count: i64,
    /// Ads that can still be answered and name the tool.
    pub ads: Vec<ListedAd>,
}

/// From a tool to programs, to structures of the directory that propose them, to open ads.
pub async fn show_tool(app: &App, slug: &str) -> Result<ToolPage, AppError> {
    let mut tx = app.store().read().await?;
    let tool = stored::find_tool(&mut tx, slug)
        .await?
        .ok_or(AppError::NotFound(Missing::Page))?;
    let slugs: Vec<&str> = tool
        .alternatives
        .iter()
        .map(|it| it.software.as_str())
        .collect();
    let mut programs: BTreeMap<String, Software> = stored::list_software(&mut tx, &slugs)
        .await?
        .into_iter()
        .map(|program| (program.slug.clone(), program))
        .collect();
    let software = tool.alternatives.iter().filter_map(|alternative| {
        let program = programs.remove(&alternative.software)?;
        Some((program, alternative.note.clone()))
    });
    let software = software.collect();
    let filter = directory::Filter {
        chosen: vec![(directory::Facet::Tool, vec![slug.to_owned()])],
        ..directory::Filter::default()
    };
    let order = super::directory::order_of(app.today());
    let structures =
        directory::list(&mut tx, &filter, order, directory::Position::First, SHOWN).await?;
    let query = Query::parse(&tool.name);
    let ads = match &query {
        Some(query) => {
            let filter = AdFilter {
                query: Some(query),
                ..AdFilter::default()
            };
            ad_listing::list(&mut tx, &filter, Position::First, SHOWN).await?
        }
        None => Vec::new(),
    };
    Ok(ToolPage {
        structure_count: directory::count(&mut tx, &filter).await?,
        software,
        structures,
        ads,
        tool,
    })
}
