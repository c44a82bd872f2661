//! Public lists of programs and of what they replace, in the shapes that projects publish.
//!
//! Only facts are taken: names, addresses, licences, which tool leads to which program. Their
//! sentences and their selection stay theirs (see the licences in `catalogue/README.md`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Alternative, Software, Tool};
use crate::domain::{
    licence::Licence,
    slug::Slug,
    text::{clean_line, fold, truncate_chars},
};

words! {
    /// A public list that can be imported.
    pub enum ListFormat {
        /// Services of the Dégooglisons Internet campaign.
        Degooglisons => "degooglisons",
        /// `awesome-selfhosted-data`.
        AwesomeSelfhosted => "awesome-selfhosted",
        /// Applications of `YunoHost`.
        Yunohost => "yunohost",
        /// Awesome Privacy.
        AwesomePrivacy => "awesome-privacy",
    }
}

/// What a list holds, in the shape of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    pub software: Vec<Software>,
    pub tools: Vec<Tool>,
    /// Entries left out: without a name or an address, or not free.
    pub skipped: usize,
}

/// A list cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("this is not a list of {format}: {source}")]
pub struct UnreadableList {
    format: ListFormat,
    source: serde_json::Error,
}

/// Reads a list, as JSON; `checked_on` is the day of the import.
///
/// # Errors
/// When the text is not JSON, or has another shape.
pub fn read(format: ListFormat, json: &str, checked_on: NaiveDate) -> Result<List, UnreadableList> {
    let mut gathering = Gathering::new(checked_on);
    let read = match format {
        ListFormat::Degooglisons => {
            serde_json::from_str(json).map(|it| degooglisons(&mut gathering, it))
        }
        ListFormat::AwesomeSelfhosted => {
            serde_json::from_str(json).map(|it| selfhosted(&mut gathering, it))
        }
        ListFormat::Yunohost => serde_json::from_str(json).map(|it| yunohost(&mut gathering, it)),
        ListFormat::AwesomePrivacy => {
            serde_json::from_str(json).map(|it| privacy(&mut gathering, it))
        }
    };
    read.map_err(|source| UnreadableList { format, source })?;
    Ok(gathering.into_list())
}

/// Characters of a name and of an address.
const NAME_LENGTH: usize = 100;
const ADDRESS_LENGTH: usize = 500;

/// A program as a list tells it.
#[derive(Default)]
struct Program<'a> {
    name: &'a str,
    website: &'a str,
    source: Option<&'a str>,
    licence: &'a str,
}

/// What was read so far: each program and each tool once, by slug.
struct Gathering {
    checked_on: NaiveDate,
    software: BTreeMap<String, Software>,
    tools: BTreeMap<String, Tool>,
    skipped: usize,
}

impl Gathering {
    fn new(checked_on: NaiveDate) -> Self {
        Self {
            checked_on,
            software: BTreeMap::new(),
            tools: BTreeMap::new(),
            skipped: 0,
        }
    }

    /// Adds a program and gives its slug.
    fn program(&mut self, program: &Program<'_>) -> Option<String> {
        let (Some((slug, name)), Some(website)) = (named(program.name), address(program.website))
        else {
            self.skipped += 1;
            return None;
        };
        let found = self
            .software
            .entry(slug.clone())
            .or_insert_with(|| Software {
                slug: slug.clone(),
                name,
                description: String::new(),
                uses: Vec::new(),
                licence: String::new(),
                website,
                source: None,
                aliases: Vec::new(),
                from: Vec::new(),
                checked_on: self.checked_on,
            });
        if found.licence.is_empty() {
            program.licence.clone_into(&mut found.licence);
        }
        found.source = found.source.take().or(program.source.and_then(address));
        Some(slug)
    }

    /// Says that a program can take the place of a tool.
    fn replaces(&mut self, tool: &str, software: &str) {
        let Some((slug, name)) = named(tool) else {
            self.skipped += 1;
            return;
        };
        let tool = self.tools.entry(slug.clone()).or_insert_with(|| Tool {
            slug,
            name,
            company: String::new(),
            aliases: Vec::new(),
            uses: Vec::new(),
            description: String::new(),
            why: String::new(),
            checked_on: self.checked_on,
            alternatives: Vec::new(),
        });
        if !tool.alternatives.iter().any(|it| it.software == software) {
            tool.alternatives.push(Alternative {
                software: software.to_owned(),
                note: String::new(),
            });
        }
    }

    fn into_list(self) -> List {
        // some lists name free programs among what is replaced
        let free: BTreeSet<String> = self.software.keys().cloned().collect();
        List {
            software: self.software.into_values().collect(),
            tools: self
                .tools
                .into_values()
                .filter(|tool| !free.contains(&tool.slug))
                .collect(),
            skipped: self.skipped,
        }
    }
}

/// The slug and the name of an entry.
fn named(name: &str) -> Option<(String, String)> {
    let name = truncate_chars(&clean_line(name), NAME_LENGTH).to_owned();
    let has_letters = fold(&name).contains(|c: char| c.is_ascii_alphanumeric());
    has_letters.then(|| (Slug::from_title(&name, 60).as_str().to_owned(), name))
}

/// An address that a page may link to.
fn address(text: &str) -> Option<String> {
    let url = url::Url::parse(text.trim()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    (is_web && url.as_str().len() <= ADDRESS_LENGTH).then(|| url.to_string())
}

/// The first licence that is free; empty when none is.
fn free_licence(licences: &[String]) -> &'static str {
    let mut free = licences.iter().filter_map(|id| Licence::parse(id).ok());
    free.next().map_or("", Licence::id)
}

#[derive(Deserialize)]
struct Degooglisons {
    services: Vec<DegooglisonsService>,
}

#[derive(Deserialize)]
struct DegooglisonsService {
    #[serde(default)]
    proprietaires: Vec<String>,
    #[serde(default)]
    logiciel: Option<NamedLink>,
    #[serde(default)]
    alternatives_a_installer: Vec<NamedLink>,
}

#[derive(Deserialize)]
struct NamedLink {
    #[serde(default)]
    nom: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

fn degooglisons(gathering: &mut Gathering, list: Degooglisons) {
    for service in list.services {
        let programs = service
            .logiciel
            .iter()
            .chain(&service.alternatives_a_installer);
        let slugs: Vec<String> = programs
            .filter_map(|link| {
                gathering.program(&Program {
                    name: link.nom.as_deref().unwrap_or_default(),
                    website: link.url.as_deref().unwrap_or_default(),
                    ..Program::default()
                })
            })
            .collect();
        for tool in &service.proprietaires {
            for slug in &slugs {
                gathering.replaces(tool, slug);
            }
        }
    }
}

#[derive(Deserialize)]
struct Selfhosted {
    software: Vec<SelfhostedProgram>,
}

#[derive(Deserialize)]
struct SelfhostedProgram {
    name: String,
    website_url: String,
    #[serde(default)]
    source_code_url: Option<String>,
    #[serde(default)]
    licenses: Vec<String>,
    #[serde(default)]
    archived: Option<bool>,
}

fn selfhosted(gathering: &mut Gathering, list: Selfhosted) {
    for program in &list.software {
        let licence = free_licence(&program.licenses);
        if licence.is_empty() || program.archived == Some(true) {
            gathering.skipped += 1;
            continue;
        }
        gathering.program(&Program {
            name: &program.name,
            website: &program.website_url,
            source: program.source_code_url.as_deref(),
            licence,
        });
    }
}

#[derive(Deserialize)]
struct Yunohost {
    apps: Vec<YunohostApp>,
}

#[derive(Deserialize)]
struct YunohostApp {
    id: String,
    url: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    antifeatures: Vec<String>,
    #[serde(default)]
    potential_alternative_to: Vec<String>,
}

fn yunohost(gathering: &mut Gathering, list: Yunohost) {
    for app in &list.apps {
        let is_free = !app
            .antifeatures
            .iter()
            .any(|it| it == "non-free-assets" || it == "not-totally-free-upstream");
        if app.state != "working" || !is_free {
            gathering.skipped += 1;
            continue;
        }
        let name = capitalised(&app.id.replace(['_', '-'], " "));
        let added = gathering.program(&Program {
            name: &name,
            website: &app.url,
            ..Program::default()
        });
        let Some(slug) = added else { continue };
        for tool in &app.potential_alternative_to {
            gathering.replaces(tool, &slug);
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[derive(Deserialize)]
struct Privacy {
    sections: Vec<PrivacySection>,
}

#[derive(Deserialize)]
struct PrivacySection {
    #[serde(default, rename = "alternativeTo")]
    alternative_to: Option<Vec<String>>,
    #[serde(default)]
    services: Vec<PrivacyService>,
}

#[derive(Deserialize)]
struct PrivacyService {
    name: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default, rename = "openSource")]
    open_source: Option<bool>,
    #[serde(default)]
    github: Option<String>,
}

fn privacy(gathering: &mut Gathering, list: Privacy) {
    for section in list.sections {
        for service in &section.services {
            let is_open = service.open_source.unwrap_or(service.github.is_some());
            if !is_open {
                gathering.skipped += 1;
                continue;
            }
            let source = service
                .github
                .as_deref()
                .map(|path| format!("https://github.com/{path}"));
            let added = gathering.program(&Program {
                name: &service.name,
                website: service.url.as_deref().unwrap_or_default(),
                source: source.as_deref(),
                licence: "",
            });
            let Some(slug) = added else { continue };
            for tool in section.alternative_to.iter().flatten() {
                gathering.replaces(tool, &slug);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn slugs(tool: &Tool) -> Vec<&str> {
        tool.alternatives
            .iter()
            .map(|it| it.software.as_str())
            .collect()
    }

    #[test]
    fn a_service_leads_from_each_of_its_owners_to_each_of_its_programs() {
        let json = r#"{"services": [{
            "proprietaires": ["Doodle", "  "],
            "logiciel": {"nom": "Framadate", "url": "https://framadate.example"},
            "alternatives_a_installer": [
                {"nom": "OpenSondage", "url": "https://sondage.example"},
                {"nom": "Sans adresse", "url": "javascript:alert(1)"}
            ]}]}"#;
        let list = read(ListFormat::Degooglisons, json, day()).unwrap();
        assert_eq!(list.tools.len(), 1);
        assert_eq!(slugs(&list.tools[0]), ["framadate", "opensondage"]);
        assert_eq!(
            list.skipped, 3,
            "an address that is none, and an owner without name for each program"
        );
    }

    #[test]
    fn a_program_is_taken_only_with_a_free_licence() {
        let json = r#"{"software": [
            {"name": "Libre", "website_url": "https://libre.example", "licenses": ["MIT"]},
            {"name": "Fermé", "website_url": "https://ferme.example", "licenses": ["⊘ Proprietary"]},
            {"name": "Fini", "website_url": "https://fini.example", "licenses": ["MIT"], "archived": true}
        ]}"#;
        let list = read(ListFormat::AwesomeSelfhosted, json, day()).unwrap();
        let found: Vec<_> = list
            .software
            .iter()
            .map(|it| (it.slug.as_str(), it.licence.as_str()))
            .collect();
        assert_eq!(found, [("libre", "MIT")]);
        assert_eq!(list.skipped, 2);
    }

    #[test]
    fn a_free_program_is_not_a_tool_to_leave() {
        let json = r#"{"apps": [
            {"id": "dokuwiki", "url": "https://a.example", "state": "working", "potential_alternative_to": ["Notion", "Mediawiki"]},
            {"id": "mediawiki", "url": "https://b.example", "state": "working"},
            {"id": "casse", "url": "https://c.example", "state": "notworking", "potential_alternative_to": ["Notion"]}
        ]}"#;
        let list = read(ListFormat::Yunohost, json, day()).unwrap();
        let tools: Vec<_> = list.tools.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(tools, ["Notion"]);
        assert_eq!(slugs(&list.tools[0]), ["dokuwiki"]);
    }

    #[test]
    fn a_service_whose_code_is_closed_is_left_out() {
        let json = r#"{"sections": [{"alternativeTo": ["LastPass"], "services": [
            {"name": "Ouvert", "url": "https://a.example", "github": "a/b"},
            {"name": "Fermé", "url": "https://b.example", "openSource": false, "github": "c/d"},
            {"name": "On ne sait", "url": "https://c.example"}
        ]}]}"#;
        let list = read(ListFormat::AwesomePrivacy, json, day()).unwrap();
        assert_eq!(slugs(&list.tools[0]), ["ouvert"]);
        assert_eq!(
            list.software[0].source.as_deref(),
            Some("https://github.com/a/b")
        );
        assert_eq!(list.skipped, 2);
    }

    #[test]
    fn another_shape_is_refused_by_name() {
        for format in ListFormat::ALL {
            let error = read(*format, "[]", day()).unwrap_err();
            assert!(error.to_string().contains(format.as_str()), "{error}");
        }
    }

    /// Real lists, when somebody put them beside the repository.
    #[test]
    fn real_lists_are_read_whole() {
        for (format, file, least) in [
            (
                ListFormat::Degooglisons,
                "alternatives-degooglisons.json",
                40,
            ),
            (
                ListFormat::AwesomeSelfhosted,
                "logiciels-awesome-selfhosted.json",
                1_000,
            ),
            (ListFormat::Yunohost, "alternatives-yunohost.json", 400),
            (
                ListFormat::AwesomePrivacy,
                "alternatives-awesome-privacy.json",
                150,
            ),
        ] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../shared/data")
                .join(file);
            let Ok(json) = std::fs::read_to_string(&path) else {
                println!("{} is absent: skipped", path.display());
                continue;
            };
            let list = read(format, &json, day()).unwrap();
            assert!(
                list.software.len() >= least,
                "{file}: {}",
                list.software.len()
            );
            let has_tools = format != ListFormat::AwesomeSelfhosted;
            assert_eq!(!list.tools.is_empty(), has_tools, "{file}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_without_panic(text in any::<String>()) {
            for format in ListFormat::ALL {
                let _ = read(*format, &text, day());
            }
            let _ = named(&text);
            let _ = address(&text);
        }
    }
}
