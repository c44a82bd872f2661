//! Profiles of structures that the administrator already knows.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;

use super::explain;
use crate::{
    app::{
        App, Who,
        hosts::lists::{self, Outcome},
    },
    locales::{Locale, Texts},
};

#[derive(Debug, Subcommand)]
pub enum HostsCommand {
    /// Make a draft profile for each line of a CSV file, and tell its contact. Nobody sees a draft
    /// before its structure takes it over.
    Import {
        /// A heading names the columns, among them `nom`; `;`, `,` or tabs between them.
        file: PathBuf,
    },
}

pub async fn hosts(app: &App, command: HostsCommand) -> anyhow::Result<()> {
    let HostsCommand::Import { file } = command;
    let content = tokio::fs::read(&file)
        .await
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let lines = lists::import(app, &Who::System, &content)
        .await
        .map_err(explain)?;
    let texts = Texts::of(Locale::En);
    let mut made = 0;
    for line in &lines {
        let number = line.number;
        match &line.outcome {
            Outcome::Made { handle, is_told } => {
                made += 1;
                let told = if *is_told {
                    "its contact is told"
                } else {
                    "nobody is told"
                };
                println!("{number}: {handle}, {told}");
            }
            Outcome::Known(name) => println!("{number}: {name} is already here"),
            Outcome::Wrong(problem) => {
                println!("{number}: {}", texts.trf(problem.text, &problem.values));
            }
        }
    }
    eprintln!("{made} of {} lines made a profile.", lines.len());
    Ok(())
}
