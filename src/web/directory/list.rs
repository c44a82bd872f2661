//! `/annuaire`: the structures that associations recommend, with search and filters that stand in
//! the address.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
    routing::get,
};

use super::{address, cards::HostCard, comparison, map::Map, query_of};
use crate::{
    app::{
        AppError,
        directory::{self, COMPARED, Entry, Listing, Search},
    },
    domain::{
        addresses::DIRECTORY_HANDLE,
        directory::{Facet, LITTLE_HOURS},
        host::{
            AssociationSize, DIRECTORY_PATH, HostRole, LineKind, PriceBracket, PriceModel, Public,
        },
        problem::Problems,
        territory::{self, Territory},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::list::{CountedChoice, RegionChoices},
        components::Pagination,
        error_pages::Problem,
        errors,
        form::Form,
        forms,
        page::Page,
        paths,
    },
};

/// Routes of the list.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::DIRECTORY, get(list))
}

/// One filter with its choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetField {
    /// What stands in the address.
    pub name: &'static str,
    pub label: &'static str,
    /// The choice that filters nothing.
    pub blank: &'static str,
    pub choices: Vec<CountedChoice>,
}

/// `/annuaire`
#[derive(Debug, Template)]
#[template(path = "directory/list.html")]
pub struct DirectoryPage {
    page: Page,
    form: Form,
    cards: Vec<HostCard>,
    total: i64,
    pages: Pagination,
    /// Filters that everybody needs.
    first: Vec<FacetField>,
    /// The others, in a fold.
    more: Vec<FacetField>,
    /// Whether one of the others is in use.
    is_more_open: bool,
    regions: Vec<RegionChoices>,
    map: Map,
    is_filtered: bool,
    /// The list without filters, the shortlist kept.
    all_url: String,
    /// Structures that work from afar and pass the other filters, when nothing is found here.
    remote_url: String,
    shortlist: Vec<HostCard>,
    /// The comparison of the shortlist; empty below two.
    compare_url: String,
    feed_url: String,
    csv_url: String,
    json_url: String,
    embed_url: String,
    follow_url: String,
    handle: String,
    little_hours: i64,
}

/// `GET /annuaire`
async fn list(
    State(web): State<Web>,
    visitor: Visitor,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, WebError> {
    let Query(search) = search.map_err(|_| Problem::BadRequest(String::new()))?;
    match directory::list(&web.app, &search).await {
        Ok(listing) => errors::shown(&DirectoryPage::new(
            &web, &visitor, &search, &search, listing,
        )),
        Err(AppError::Invalid(problems)) => {
            let corrected = without(&search, &problems);
            let listing = directory::list(&web.app, &corrected).await?;
            let mut page = DirectoryPage::new(&web, &visitor, &search, &corrected, listing);
            page.page = page.page.with_errors();
            page.is_more_open = true;
            page.form = page.form.refused(forms::field_errors(visitor.t, &problems));
            errors::refused(&page)
        }
        Err(error) => Err(error.into()),
    }
}

/// The same search without the filters that do not exist.
fn without(search: &Search, problems: &Problems) -> Search {
    let mut corrected = search.clone();
    for (field, _) in problems.iter() {
        match Facet::parse(field) {
            Some(facet) => {
                let (after, before) = (corrected.after.clone(), corrected.before.clone());
                corrected = corrected.with(facet, "");
                (corrected.after, corrected.before) = (after, before);
            }
            None if field == "q" => corrected.q.clear(),
            None => corrected = corrected.first_page(),
        }
    }
    corrected
}

impl DirectoryPage {
    /// `typed` fills the form, `search` is what the listing answers.
    fn new(
        web: &Web,
        visitor: &Visitor,
        typed: &Search,
        search: &Search,
        listing: Listing,
    ) -> Self {
        let t = visitor.t;
        let feed_url = address(paths::DIRECTORY_FEED, &search.first_page());
        let shortlist = cards(t, search, &listing.shortlist, &listing);
        let kept: Vec<String> = shortlist.iter().map(|card| card.handle.clone()).collect();
        let compared: Vec<String> = kept.iter().take(COMPARED).cloned().collect();
        let more = more_fields(t, search, &listing);
        Self {
            page: page(visitor, search, &feed_url),
            form: form_of(typed),
            cards: cards(t, search, &listing.entries, &listing),
            total: listing.total,
            pages: pagination(search, &listing),
            first: first_fields(t, search, &listing),
            is_more_open: MORE.iter().any(|facet| !search.value(*facet).is_empty()),
            more,
            regions: regions(t, &listing),
            map: Map::new(t, search, &listing),
            is_filtered: search.is_filtered(),
            all_url: address(DIRECTORY_PATH, &search.unfiltered()),
            remote_url: address(
                DIRECTORY_PATH,
                &search.with(Facet::Territory, "").with(Facet::Remote, "yes"),
            ),
            compare_url: if compared.len() > 1 {
                comparison(&compared)
            } else {
                String::new()
            },
            shortlist,
            csv_url: address(paths::DIRECTORY_CSV, &search.first_page()),
            json_url: address(paths::DIRECTORY_JSON, &search.first_page()),
            embed_url: match search.territory.as_str() {
                "" => String::new(),
                place => format!("{}?territoire={place}", paths::DIRECTORY_BLOCK),
            },
            feed_url,
            follow_url: paths::interact_with(&web.app.url(DIRECTORY_PATH)),
            handle: format!(
                "@{DIRECTORY_HANDLE}@{}",
                web.app.config().public_url.authority()
            ),
            little_hours: LITTLE_HOURS,
        }
    }
}

/// Filters in the fold.
const MORE: [Facet; 10] = [
    Facet::Software,
    Facet::Cost,
    Facet::Time,
    Facet::Remote,
    Facet::AllInOne,
    Facet::Collective,
    Facet::Role,
    Facet::Public,
    Facet::Size,
    Facet::Capacity,
];

fn page(visitor: &Visitor, search: &Search, feed_url: &str) -> Page {
    let t = visitor.t;
    let page = visitor
        .page(t.tr("Annuaire des structures"))
        .described(t.tr("Les structures qui accompagnent des associations vers le logiciel libre, recommandées par des associations qu’elles ont accompagnées."))
        .keeping(&query_of(search))
        .also_as("application/activity+json", DIRECTORY_PATH, "")
        .also_as("application/atom+xml", feed_url, t.tr("Nouvelles structures"));
    // search engines list the whole, not every way to cut it
    if *search == Search::default() {
        page
    } else {
        page.unlisted()
    }
}

fn form_of(typed: &Search) -> Form {
    let form = Form::default()
        .with("q", typed.q.as_str())
        .with("selection", typed.selection.as_str());
    Facet::ALL.iter().fold(form, |form, facet| {
        form.with(facet.as_str(), typed.value(*facet))
    })
}

/// Cards with what keeps them aside or puts them back.
fn cards(t: Texts, search: &Search, entries: &[Entry], listing: &Listing) -> Vec<HostCard> {
    let kept = search.shortlist();
    let card = |entry: &Entry| {
        let mut card = HostCard::new(t, entry, &listing.names);
        card.is_kept = kept.contains(&entry.handle);
        let mut selection: Vec<&str> = kept.iter().map(String::as_str).collect();
        if card.is_kept {
            selection.retain(|handle| *handle != entry.handle);
        } else {
            selection.push(&entry.handle);
        }
        let changed = Search {
            selection: selection.join(","),
            ..search.clone()
        };
        card.keep_url = format!("{}#{}", address(DIRECTORY_PATH, &changed), entry.handle);
        card
    };
    entries.iter().map(card).collect()
}

fn pagination(search: &Search, listing: &Listing) -> Pagination {
    let previous = listing.previous.as_ref().map(|place| Search {
        before: place.clone(),
        ..search.first_page()
    });
    let next = listing.next.as_ref().map(|place| Search {
        after: place.clone(),
        ..search.first_page()
    });
    Pagination {
        previous: previous.map(|search| address(DIRECTORY_PATH, &search)),
        next: next.map(|search| address(DIRECTORY_PATH, &search)),
    }
}

fn counted(t: Texts, value: impl Into<String>, words: &str, count: i64) -> CountedChoice {
    CountedChoice {
        value: value.into(),
        label: format!("{words} ({})", t.number(count)),
    }
}

/// The counts of a facet.
fn counts_of(listing: &Listing, facet: Facet) -> &[(String, i64)] {
    let found = listing.facets.iter().find(|(known, _)| *known == facet);
    found.map_or(&[], |(_, counts)| counts.as_slice())
}

/// The choices of a closed list: all of them, in its order.
fn closed<T: Copy + 'static>(
    t: Texts,
    listing: &Listing,
    facet: Facet,
    all: &[T],
    (word, label): (fn(T) -> &'static str, fn(Texts, T) -> &'static str),
) -> Vec<CountedChoice> {
    let counts = counts_of(listing, facet);
    let choice = |value: &T| {
        let word = word(*value);
        let found = counts.iter().find(|(known, _)| known == word);
        counted(
            t,
            word,
            label(t, *value),
            found.map_or(0, |(_, count)| *count),
        )
    };
    all.iter().map(choice).collect()
}

/// The choices of an open list: those that some structure has, and the one in use, by name.
fn open(t: Texts, search: &Search, listing: &Listing, facet: Facet) -> Vec<CountedChoice> {
    let mut found: Vec<(String, String, i64)> = counts_of(listing, facet)
        .iter()
        .map(|(slug, count)| (name_of(t, listing, facet, slug), slug.clone(), *count))
        .collect();
    let chosen = search.value(facet);
    if !chosen.is_empty() && !found.iter().any(|(_, slug, _)| slug == chosen) {
        found.push((name_of(t, listing, facet, chosen), chosen.to_owned(), 0));
    }
    found.sort_by_key(|(name, ..)| crate::domain::text::fold(name));
    found
        .into_iter()
        .map(|(name, slug, count)| counted(t, slug, &name, count))
        .collect()
}

fn name_of(t: Texts, listing: &Listing, facet: Facet, slug: &str) -> String {
    match (facet, slug) {
        (Facet::Collective, "chatons") => t.tr("CHATONS").to_owned(),
        _ => listing.names.of(facet, slug).to_owned(),
    }
}

/// The one choice of a filter that is on or off.
fn only(t: Texts, listing: &Listing, facet: Facet, value: &str, words: &str) -> Vec<CountedChoice> {
    let found = counts_of(listing, facet)
        .iter()
        .find(|(known, _)| known == value);
    vec![counted(
        t,
        value,
        words,
        found.map_or(0, |(_, count)| *count),
    )]
}

fn first_fields(t: Texts, search: &Search, listing: &Listing) -> Vec<FacetField> {
    vec![
        FacetField {
            name: Facet::Line.as_str(),
            label: t.tr("De quoi avez-vous besoin ?"),
            blank: t.tr("Tous les accompagnements"),
            choices: closed(
                t,
                listing,
                Facet::Line,
                LineKind::ALL,
                (LineKind::as_str, Texts::line_kind),
            ),
        },
        FacetField {
            name: Facet::Tool.as_str(),
            label: t.tr("Quel outil voulez-vous quitter ?"),
            blank: t.tr("Tous les outils"),
            choices: open(t, search, listing, Facet::Tool),
        },
        FacetField {
            name: Facet::Price.as_str(),
            label: t.tr("Prix"),
            blank: t.tr("Tous les prix"),
            choices: closed(
                t,
                listing,
                Facet::Price,
                PriceModel::ALL,
                (PriceModel::as_str, Texts::price_model),
            ),
        },
    ]
}

fn more_fields(t: Texts, search: &Search, listing: &Listing) -> Vec<FacetField> {
    MORE.iter()
        .map(|facet| {
            let (label, blank) = labels(t, *facet);
            FacetField {
                name: facet.as_str(),
                label,
                blank,
                choices: choices(t, search, listing, *facet),
            }
        })
        .collect()
}

fn choices(t: Texts, search: &Search, listing: &Listing, facet: Facet) -> Vec<CountedChoice> {
    match facet {
        Facet::Cost => closed(
            t,
            listing,
            facet,
            PriceBracket::ALL,
            (PriceBracket::as_str, Texts::price_bracket),
        ),
        Facet::Role => closed(
            t,
            listing,
            facet,
            HostRole::ALL,
            (HostRole::as_str, Texts::host_role),
        ),
        Facet::Public => closed(
            t,
            listing,
            facet,
            Public::ALL,
            (Public::as_str, Texts::host_public),
        ),
        Facet::Size => closed(
            t,
            listing,
            facet,
            AssociationSize::ALL,
            (AssociationSize::as_str, Texts::association_size),
        ),
        Facet::Time => only(t, listing, facet, "little", t.tr("Peu de temps bénévole")),
        Facet::Remote => only(t, listing, facet, "yes", t.tr("À distance")),
        Facet::AllInOne => only(
            t,
            listing,
            facet,
            "yes",
            t.tr("Tout-en-un : hébergement et accompagnement"),
        ),
        Facet::Capacity => [
            ("open", t.tr("Prend de nouvelles demandes")),
            ("later", t.tr("Plus tard, à partir d’un mois annoncé")),
            ("full", t.tr("Complète pour le moment")),
        ]
        .into_iter()
        .flat_map(|(value, words)| only(t, listing, facet, value, words))
        .collect(),
        _ => open(t, search, listing, facet),
    }
}

fn labels(t: Texts, facet: Facet) -> (&'static str, &'static str) {
    match facet {
        Facet::Software => (t.tr("Logiciel proposé"), t.tr("Tous les logiciels")),
        Facet::Cost => (t.tr("Coût d’un accompagnement"), t.tr("Tous les coûts")),
        Facet::Time => (t.tr("Votre temps"), t.tr("Peu importe")),
        Facet::Remote => (t.tr("Comment ?"), t.tr("Sur place ou à distance")),
        Facet::AllInOne => (t.tr("Offre"), t.tr("Toutes les offres")),
        Facet::Collective => (t.tr("Membre de"), t.tr("Tous les collectifs, ou aucun")),
        Facet::Role => (t.tr("Ce que fait la structure"), t.tr("Tous les métiers")),
        Facet::Public => (t.tr("Votre domaine"), t.tr("Tous les domaines")),
        Facet::Size => (
            t.tr("Taille de votre association"),
            t.tr("Toutes les tailles"),
        ),
        _ => (t.tr("Disponibilité"), t.tr("Disponible ou non")),
    }
}

fn regions(t: Texts, listing: &Listing) -> Vec<RegionChoices> {
    let mut regions: Vec<RegionChoices> = Vec::new();
    for (place, count) in &listing.territories {
        match place {
            Territory::Region(code) => {
                let name = territory::find_region(code.as_str()).map_or("", |found| found.name);
                let whole = t.trf("{region}, toute la région", [("region", name)]);
                regions.push(RegionChoices {
                    name,
                    choices: vec![counted(t, place.to_string(), &whole, *count)],
                });
            }
            Territory::Departement(_) => {
                let departement = counted(t, place.to_string(), &place.label(), *count);
                if let Some(region) = regions.last_mut() {
                    region.choices.push(departement);
                }
            }
            Territory::Everywhere => {}
        }
    }
    regions
}
