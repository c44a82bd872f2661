//! `/alternatives`: from a proprietary tool to free programs, to structures that propose them, to ads.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

use super::{
    Visitor, Web, WebError,
    ads::cards,
    components::AdCard,
    directory::{address, cards::HostCard},
    errors,
    page::{Link, Page},
    paths,
};
use crate::{
    app::{
        catalogue::{self, ToolPage},
        directory::{self, Search},
    },
    domain::{
        catalogue::{Tool, embedded, find_use, tool_path},
        directory::Facet,
        host::DIRECTORY_PATH,
        licence::Licence,
    },
    locales::Texts,
};

/// Routes of the catalogue.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::CATALOGUE, get(list))
        .route(paths::TOOL, get(show))
}

/// Tools that serve one use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseGroup {
    pub anchor: String,
    pub name: String,
    pub question: String,
    /// Each with its sentence.
    pub tools: Vec<(Link, String)>,
}

/// `/alternatives`
#[derive(Debug, Template)]
#[template(path = "catalogue/list.html")]
pub struct CataloguePage {
    page: Page,
    groups: Vec<UseGroup>,
}

/// A program that can take the place of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramView {
    pub name: String,
    pub description: String,
    /// What fits and what differs; empty when nobody wrote it yet.
    pub note: String,
    /// Its licence, with where it is read.
    pub licence: Link,
    pub website: String,
    pub source: String,
    /// Structures that propose it.
    pub structures_url: String,
    /// « Vérifié le 22 novembre 2026 », with where the facts come from.
    pub checked: String,
}

/// `/alternatives/{outil}`
#[derive(Debug, Template)]
#[template(path = "catalogue/tool.html")]
pub struct AlternativesPage {
    page: Page,
    tool: Tool,
    uses: Vec<Link>,
    programs: Vec<ProgramView>,
    structures: Vec<HostCard>,
    structure_count: i64,
    structures_url: String,
    ads: Vec<AdCard>,
}

/// `GET /alternatives`
async fn list(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    let tools = catalogue::list_tools(&web.app).await?;
    let t = visitor.t;
    errors::shown(&CataloguePage {
        page: visitor
            .page(t.tr("Par quoi remplacer vos outils ?"))
            .described(t.tr("Les outils propriétaires que les associations utilisent, et les logiciels libres qui peuvent les remplacer.")),
        groups: groups(t, &tools),
    })
}

/// Tools under each of their uses; imported ones that have none come last.
fn groups(t: Texts, tools: &[Tool]) -> Vec<UseGroup> {
    let line = |tool: &Tool| {
        let link = Link::new(tool.name.as_str(), tool_path(&tool.slug));
        (link, tool.description.clone())
    };
    let of_use = |slug: &str| {
        tools
            .iter()
            .filter(|tool| tool.uses.iter().any(|it| it == slug))
            .map(line)
            .collect()
    };
    let mut groups: Vec<UseGroup> = embedded()
        .uses
        .iter()
        .map(|it| UseGroup {
            anchor: it.slug.clone(),
            name: it.name.clone(),
            question: it.question.clone(),
            tools: of_use(&it.slug),
        })
        .collect();
    groups.push(UseGroup {
        anchor: "autres".to_owned(),
        name: t.tr("Autres outils").to_owned(),
        question: String::new(),
        tools: tools
            .iter()
            .filter(|tool| tool.uses.is_empty())
            .map(line)
            .collect(),
    });
    groups.retain(|group| !group.tools.is_empty());
    groups
}

/// `GET /alternatives/{outil}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let found = catalogue::show_tool(&web.app, &slug).await?;
    let names = directory::list_names(&web.app).await?;
    let t = visitor.t;
    let ToolPage { tool, .. } = &found;
    let uses = tool.uses.iter().filter_map(|slug| find_use(slug));
    errors::shown(&AlternativesPage {
        page: visitor
            .page(t.trf("Remplacer {tool}", [("tool", tool.name.as_str())]))
            .described(tool.description.as_str())
            .under(t.tr("Par quoi remplacer vos outils ?"), paths::CATALOGUE),
        uses: uses
            .map(|it| {
                Link::new(
                    it.name.as_str(),
                    format!("{}#{}", paths::CATALOGUE, it.slug),
                )
            })
            .collect(),
        programs: programs(t, &found),
        structures: found
            .structures
            .iter()
            .map(|it| HostCard::new(t, it, &names))
            .collect(),
        structure_count: found.structure_count,
        structures_url: address(DIRECTORY_PATH, &Search::default().with(Facet::Tool, slug)),
        ads: cards::cards(t, &found.ads),
        tool: found.tool,
    })
}

fn programs(t: Texts, found: &ToolPage) -> Vec<ProgramView> {
    let view = |(program, note): &(crate::domain::catalogue::Software, String)| ProgramView {
        name: program.name.clone(),
        description: program.description.clone(),
        note: note.clone(),
        licence: match Licence::parse(&program.licence) {
            Ok(licence) => Link::new(licence.id(), licence.url()),
            Err(_) => Link::new(t.tr("licence à vérifier"), ""),
        },
        website: program.website.clone(),
        source: program.source.clone().unwrap_or_default(),
        structures_url: address(
            DIRECTORY_PATH,
            &Search::default().with(Facet::Software, program.slug.as_str()),
        ),
        checked: t.trf(
            "Vérifié le {date} ({origin})",
            [
                ("date", t.day(program.checked_on)),
                ("origin", program.from.join(", ")),
            ],
        ),
    };
    found.software.iter().map(view).collect()
}
