//! The catalogue: from proprietary tools to the free programs that can take their place.
//!
//! Three data files are embedded (`catalogue/README.md` tells their keys); [`lists`] reads the larger
//! public lists that a site may import beside them.

pub mod lists;

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

/// What the project ships, in the order of its files.
#[derive(Debug, PartialEq, Eq)]
pub struct Catalogue {
    pub uses: Vec<Use>,
    pub software: Vec<Software>,
    pub tools: Vec<Tool>,
}

/// Something that associations do with programs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    pub slug: String,
    pub name: String,
    /// Name of a Lucide icon.
    pub icon: String,
    /// As somebody would ask it.
    pub question: String,
}

/// A free program.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    pub slug: String,
    pub name: String,
    /// One French line; empty for an imported program that nobody described yet.
    pub description: String,
    /// Slugs of uses, the main one first.
    pub uses: Vec<String>,
    /// SPDX identifier; empty when an imported list does not tell it.
    pub licence: String,
    pub website: String,
    /// Where its code is.
    pub source: Option<String>,
    /// Other names that people type.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where these facts come from.
    #[serde(default)]
    pub from: Vec<String>,
    pub checked_on: NaiveDate,
}

/// A proprietary tool.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub slug: String,
    pub name: String,
    pub company: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub uses: Vec<String>,
    pub description: String,
    /// What is at stake in leaving it.
    pub why: String,
    pub checked_on: NaiveDate,
    /// The best fit first.
    pub alternatives: Vec<Alternative>,
}

/// A free program that can take the place of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Its slug.
    pub software: String,
    /// What fits and what differs; empty when imported.
    #[serde(default)]
    pub note: String,
}

/// Where a row of the catalogue comes from: what the project ships, or the name of a list.
pub const OWN_ORIGIN: &str = "emancipasso";
/// Path of the catalogue.
pub const CATALOGUE_PATH: &str = "/alternatives";

const SOFTWARE: &str = include_str!("catalogue/software.toml");
const TOOLS: &str = include_str!("catalogue/tools.toml");
const USES: &str = include_str!("catalogue/uses.toml");

/// Path of the page of a tool.
pub fn tool_path(slug: &str) -> String {
    format!("{CATALOGUE_PATH}/{slug}")
}

/// The text of the embedded files, of which a digest tells whether they changed.
pub fn embedded_text() -> String {
    [USES, SOFTWARE, TOOLS].concat()
}

/// What the project ships.
pub fn embedded() -> &'static Catalogue {
    #[expect(
        clippy::expect_used,
        reason = "the files are part of the program; a test reads them"
    )]
    static EMBEDDED: LazyLock<Catalogue> =
        LazyLock::new(|| read(USES, SOFTWARE, TOOLS).expect("the embedded catalogue is readable"));
    &EMBEDDED
}

/// The use with this slug.
pub fn find_use(slug: &str) -> Option<&'static Use> {
    embedded().uses.iter().find(|it| it.slug == slug)
}

fn read(uses: &str, software: &str, tools: &str) -> Result<Catalogue, toml::de::Error> {
    #[derive(Deserialize)]
    struct Uses {
        r#use: Vec<Use>,
    }
    #[derive(Deserialize)]
    struct Programs {
        software: Vec<Software>,
    }
    #[derive(Deserialize)]
    struct Tools {
        tool: Vec<Tool>,
    }
    Ok(Catalogue {
        uses: toml::from_str::<Uses>(uses)?.r#use,
        software: toml::from_str::<Programs>(software)?.software,
        tools: toml::from_str::<Tools>(tools)?.tool,
    })
}

#[cfg(test)]
mod tests;
