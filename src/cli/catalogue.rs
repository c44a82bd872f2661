//! `catalogue`: larger public lists of programs and of what they replace.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;

use super::explain;
use crate::{
    app::{App, Who, catalogue},
    domain::catalogue::lists::ListFormat,
};

/// The largest list that is read, in bytes.
const MOST_BYTES: u64 = 20 * 1024 * 1024;

/// What can be done with the catalogue.
#[derive(Debug, Subcommand)]
pub enum CatalogueCommand {
    /// Add the programs and the tools of a public list; importing it again brings it up to date.
    Import {
        /// Which list it is.
        #[arg(long, value_parser = parse_format, value_name = "FORMAT",
              help = "degooglisons, awesome-selfhosted, yunohost or awesome-privacy")]
        format: ListFormat,
        /// The list, as JSON.
        file: PathBuf,
    },
}

fn parse_format(word: &str) -> Result<ListFormat, String> {
    ListFormat::parse(word).ok_or_else(|| {
        let known: Vec<&str> = ListFormat::ALL.iter().map(|it| it.as_str()).collect();
        format!("it is none of {}", known.join(", "))
    })
}

/// Runs it.
pub async fn run(app: &App, command: CatalogueCommand) -> anyhow::Result<()> {
    let CatalogueCommand::Import { format, file } = command;
    let size =
        std::fs::metadata(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    anyhow::ensure!(
        size.len() <= MOST_BYTES,
        "{} is larger than {} MiB",
        file.display(),
        MOST_BYTES / 1024 / 1024
    );
    let json = std::fs::read_to_string(&file)
        .with_context(|| format!("{} cannot be read as text", file.display()))?;
    let imported = catalogue::import(app, &Who::System, format, &json)
        .await
        .map_err(explain)?;
    eprintln!(
        "{} programs and {} tools; {} entries left out (no name, no address, or not free).",
        imported.software, imported.tools, imported.skipped
    );
    Ok(())
}
