//! The directory that readers see: search, filters with their counts, neutral order, pages of
//! structures, feeds and exports. Who is in it was decided before ([`crate::app::listing`]).

pub mod host_page;
pub mod indexing;

use chrono::NaiveDate;

pub(crate) use indexing::{hide, show};

use crate::{
    app::{App, AppError, sha256_hex},
    domain::{
        directory::{self, Order},
        host::{AssociationSize, HostRole, LineKind, PriceBracket, PriceModel, Public},
        ids::HostId,
        problem::{Problem, Problems},
        slug::Slug,
        territory::Territory,
        text::truncate_chars,
    },
    search::Query,
    store::{
        catalogue,
        directory::{self as stored, Cursor, Facet, Filter, Position},
    },
};

pub use crate::store::directory::Entry;

/// Structures on one page of the list.
pub const PAGE_SIZE: i64 = 20;
/// Structures read at once by an export.
pub const EXPORT_BATCH: i64 = 200;
/// The most structures of a shortlist.
pub const SHORTLIST: usize = 12;
/// The most structures of a comparison.
pub const COMPARED: usize = 4;
/// The most names of a filter.
const NAMES: i64 = 3_000;

/// What a reader is looking for, as it stands in the address of the list. An empty filter lets
/// everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct Search {
    /// Free text.
    pub q: String,
    /// `region:84`, `departement:69`: structures that go there.
    pub territory: String,
    pub line: String,
    pub tool: String,
    pub software: String,
    pub price: String,
    pub cost: String,
    pub capacity: String,
    pub collective: String,
    pub role: String,
    pub public: String,
    pub size: String,
    pub remote: String,
    pub time: String,
    #[serde(rename = "all-in-one")]
    pub all_in_one: String,
    /// Names of accounts of the structures kept aside, between commas.
    pub selection: String,
    /// Place in the list, as given by [`Listing::next`].
    pub after: String,
    /// Place in the list, as given by [`Listing::previous`].
    pub before: String,
}

impl Search {
    /// What stands in the address for a facet.
    pub fn value(&self, facet: Facet) -> &str {
        match facet {
            Facet::Territory => &self.territory,
            Facet::Line => &self.line,
            Facet::Software => &self.software,
            Facet::Tool => &self.tool,
            Facet::Price => &self.price,
            Facet::Cost => &self.cost,
            Facet::Capacity => &self.capacity,
            Facet::Collective => &self.collective,
            Facet::Role => &self.role,
            Facet::Public => &self.public,
            Facet::Size => &self.size,
            Facet::Remote => &self.remote,
            Facet::Time => &self.time,
            Facet::AllInOne => &self.all_in_one,
        }
    }

    /// The same search with another value for a facet, from its first page.
    #[must_use]
    pub fn with(&self, facet: Facet, value: impl Into<String>) -> Self {
        let mut search = self.first_page();
        let field = match facet {
            Facet::Territory => &mut search.territory,
            Facet::Line => &mut search.line,
            Facet::Software => &mut search.software,
            Facet::Tool => &mut search.tool,
            Facet::Price => &mut search.price,
            Facet::Cost => &mut search.cost,
            Facet::Capacity => &mut search.capacity,
            Facet::Collective => &mut search.collective,
            Facet::Role => &mut search.role,
            Facet::Public => &mut search.public,
            Facet::Size => &mut search.size,
            Facet::Remote => &mut search.remote,
            Facet::Time => &mut search.time,
            Facet::AllInOne => &mut search.all_in_one,
        };
        *field = value.into();
        search
    }

    /// The same search, from its first page.
    #[must_use]
    pub fn first_page(&self) -> Self {
        Self {
            after: String::new(),
            before: String::new(),
            ..self.clone()
        }
    }

    /// The same list of structures to keep aside, without any filter.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        Self {
            selection: self.selection.clone(),
            ..Self::default()
        }
    }

    /// Whether anything narrows the list.
    pub fn is_filtered(&self) -> bool {
        self.first_page() != self.unfiltered()
    }

    /// The structures kept aside, each once, in the order they were chosen.
    pub fn shortlist(&self) -> Vec<String> {
        let mut handles: Vec<String> = Vec::new();
        for handle in self.selection.split(',') {
            let is_new = !handles.iter().any(|known| known == handle);
            if is_new && crate::domain::host::is_handle(handle) && handles.len() < SHORTLIST {
                handles.push(handle.to_owned());
            }
        }
        handles
    }
}

/// One page of the list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub entries: Vec<Entry>,
    /// Place of the page before, when there is one.
    pub previous: Option<String>,
    /// Place of the page after, when there is one.
    pub next: Option<String>,
    /// How many structures the search finds in all.
    pub total: i64,
    /// Every facet but the territory, with how many structures each of its values shows.
    pub facets: Vec<(Facet, Vec<(String, i64)>)>,
    /// Régions, each followed by its départements, with how many structures they show.
    pub territories: Vec<(Territory, i64)>,
    /// Names of the programs, tools and collectives that facets hold, by slug.
    pub names: Names,
    /// Structures kept aside, as far as they are in the directory.
    pub shortlist: Vec<Entry>,
}

/// What slugs are called.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub software: Vec<(String, String)>,
    pub tools: Vec<(String, String)>,
}

impl Names {
    /// The name of a program or of a tool; its slug when the catalogue does not have it.
    pub fn of<'a>(&'a self, facet: Facet, slug: &'a str) -> &'a str {
        let names = match facet {
            Facet::Software => &self.software,
            Facet::Tool => &self.tools,
            _ => return slug,
        };
        let found = names.iter().find(|(known, _)| known == slug);
        found.map_or(slug, |(_, name)| name)
    }
}

/// The list that readers see, in the order of the day.
pub async fn list(app: &App, search: &Search) -> Result<Listing, AppError> {
    let query = Query::parse(&search.q);
    let (filter, order, position) = read_search(search, query.as_ref(), app.today())?;
    let mut tx = app.store().read().await?;
    let mut entries = stored::list(&mut tx, &filter, order, position, PAGE_SIZE + 1).await?;
    let (previous, next) = neighbours(&mut entries, order, position, PAGE_SIZE);
    let mut facets = Vec::new();
    for facet in Facet::ALL.iter().filter(|it| **it != Facet::Territory) {
        facets.push((*facet, stored::count_by(&mut tx, &filter, *facet).await?));
    }
    let territories = stored::count_by(&mut tx, &filter, Facet::Territory).await?;
    let kept = Filter {
        handles: search.shortlist(),
        ..Filter::default()
    };
    let shortlist = if kept.handles.is_empty() {
        Vec::new()
    } else {
        stored::list(&mut tx, &kept, order, Position::First, PAGE_SIZE).await?
    };
    Ok(Listing {
        total: stored::count(&mut tx, &filter).await?,
        entries,
        previous,
        next,
        facets,
        territories: directory::territory_counts(&territories),
        names: names(&mut tx).await?,
        shortlist,
    })
}

async fn names(tx: &mut crate::store::Read) -> Result<Names, AppError> {
    Ok(Names {
        software: catalogue::list_software_names(tx, NAMES).await?,
        tools: catalogue::list_tool_names(tx, NAMES).await?,
    })
}

/// A part of the same list, without its counts, and the place of the part after; `limit` structures
/// at most.
pub async fn list_part(
    app: &App,
    search: &Search,
    limit: i64,
) -> Result<(Vec<Entry>, Option<String>), AppError> {
    let query = Query::parse(&search.q);
    let (filter, order, position) = read_search(search, query.as_ref(), app.today())?;
    let mut tx = app.store().read().await?;
    let mut entries = stored::list(&mut tx, &filter, order, position, limit + 1).await?;
    let (_, next) = neighbours(&mut entries, order, position, limit);
    Ok((entries, next))
}

/// The structures that entered the directory last, for the feed.
pub async fn list_newest(app: &App, search: &Search, limit: i64) -> Result<Vec<Entry>, AppError> {
    let query = Query::parse(&search.q);
    let (filter, ..) = read_search(search, query.as_ref(), app.today())?;
    let mut tx = app.store().read().await?;
    Ok(stored::list_newest(&mut tx, &filter, limit).await?)
}

/// How many structures are in the directory.
pub async fn count(app: &App) -> Result<i64, AppError> {
    let mut tx = app.store().read().await?;
    Ok(stored::count(&mut tx, &Filter::default()).await?)
}

/// What programs and tools are called, for lists without counts.
pub async fn list_names(app: &App) -> Result<Names, AppError> {
    let mut tx = app.store().read().await?;
    names(&mut tx).await
}

/// Some structures of the directory by the names of their accounts, in that order.
pub async fn list_named(app: &App, handles: &[String]) -> Result<Vec<Entry>, AppError> {
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter {
        handles: handles.to_vec(),
        ..Filter::default()
    };
    let order = order_of(app.today());
    let mut tx = app.store().read().await?;
    let mut found = stored::list(&mut tx, &filter, order, Position::First, PAGE_SIZE).await?;
    found.sort_by_key(|entry| handles.iter().position(|handle| *handle == entry.handle));
    Ok(found)
}

/// The order of a day, the same for everybody.
pub fn order_of(day: NaiveDate) -> Order {
    let digest = sha256_hex(day.to_string().as_bytes());
    let half = |range: std::ops::Range<usize>| {
        let digits = digest.get(range).unwrap_or_default();
        u64::from_str_radix(digits, 16).unwrap_or_default()
    };
    Order::drawn(day, (half(0..16), half(16..32)))
}

/// Takes the structure too many off a page, and tells where the pages around it begin.
fn neighbours(
    entries: &mut Vec<Entry>,
    order: Order,
    position: Position,
    limit: i64,
) -> (Option<String>, Option<String>) {
    let has_more = i64::try_from(entries.len()).unwrap_or(i64::MAX) > limit;
    let is_backwards = matches!(position, Position::Before(_));
    if has_more && is_backwards {
        entries.remove(0);
    } else if has_more {
        entries.pop();
    }
    let has_previous = match position {
        Position::First => false,
        Position::After(_) => true,
        Position::Before(_) => has_more,
    };
    let write = |entry: &Entry| format!("{}.{}", order.day.format("%Y%m%d"), entry.id);
    let previous = entries.first().filter(|_| has_previous).map(write);
    let next = entries
        .last()
        .filter(|_| has_more || is_backwards)
        .map(write);
    (previous, next)
}

/// Checks every filter; all the mistakes at once. Pages go on in the order of the day on which the
/// first one was read.
fn read_search<'a>(
    search: &Search,
    query: Option<&'a Query>,
    today: NaiveDate,
) -> Result<(Filter<'a>, Order, Position), AppError> {
    let mut problems = Problems::new();
    if query.is_none() && !search.q.trim().is_empty() {
        problems.add(
            "q",
            Problem::new("Ces mots sont trop courants pour une recherche. Ajoutez-en un autre."),
        );
    }
    let mut chosen = Vec::new();
    for facet in Facet::ALL {
        let value = search.value(*facet);
        if value.is_empty() {
            continue;
        }
        let read = read_value(*facet, value).ok_or_else(|| {
            Problem::new("« {value} » n’existe pas dans ce filtre. Choisissez dans la liste.")
                .with("value", truncate_chars(value, 60))
        });
        chosen.extend(problems.check(facet.as_str(), read).map(|it| (*facet, it)));
    }
    let place = problems.check(
        "after",
        read_position(search, today).ok_or(Problem::new(
            "Cette page de la liste n’existe pas. Reprenez depuis le début.",
        )),
    );
    let checked = place.map(|(order, position)| {
        let filter = Filter {
            query,
            chosen,
            handles: Vec::new(),
        };
        (filter, order, position)
    });
    problems.or(checked).map_err(AppError::Invalid)
}

/// The stored values that a filter lets through; `None` when it is not one.
fn read_value(facet: Facet, value: &str) -> Option<Vec<String>> {
    let is_one = match facet {
        Facet::Territory => {
            return Territory::parse(value).ok().map(directory::serving);
        }
        Facet::Line => LineKind::parse(value).is_some(),
        Facet::Price => PriceModel::parse(value).is_some(),
        Facet::Cost => PriceBracket::parse(value).is_some(),
        Facet::Role => HostRole::parse(value).is_some(),
        Facet::Public => Public::parse(value).is_some(),
        Facet::Size => AssociationSize::parse(value).is_some(),
        Facet::Capacity => matches!(value, "open" | "later" | "full"),
        Facet::Remote | Facet::AllInOne => value == "yes",
        Facet::Time => value == "little",
        // of an open list: what no structure has shows none
        Facet::Software | Facet::Tool | Facet::Collective => Slug::parse(value).is_ok(),
    };
    is_one.then(|| vec![value.to_owned()])
}

fn read_position(search: &Search, today: NaiveDate) -> Option<(Order, Position)> {
    let parse = |text: &str| {
        let (day, id) = text.split_once('.')?;
        let order = order_of(NaiveDate::parse_from_str(day, "%Y%m%d").ok()?);
        let id = HostId::parse(id)?;
        let place = order.place(id.get());
        Some((order, Cursor { place, id }))
    };
    match (search.after.as_str(), search.before.as_str()) {
        ("", "") => Some((order_of(today), Position::First)),
        (after, "") => parse(after).map(|(order, cursor)| (order, Position::After(cursor))),
        ("", before) => parse(before).map(|(order, cursor)| (order, Position::Before(cursor))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    #[test]
    fn every_filter_is_checked_and_every_mistake_told_at_once() {
        for facet in Facet::ALL {
            let search = Search::default().with(*facet, "Voiture volante");
            assert_eq!(search.value(*facet), "Voiture volante");
            let Err(AppError::Invalid(problems)) = read_search(&search, None, day()) else {
                panic!("{facet} lets anything through");
            };
            let fields: Vec<_> = problems.iter().map(|(field, _)| field).collect();
            assert_eq!(fields, [facet.as_str()]);
        }
        let search = Search {
            line: "x".into(),
            price: "y".into(),
            after: "demain".into(),
            ..Search::default()
        };
        let Err(AppError::Invalid(problems)) = read_search(&search, None, day()) else {
            panic!("lets anything through");
        };
        assert_eq!(problems.iter().count(), 3);
    }

    #[test]
    fn filters_have_the_same_names_in_addresses_and_in_messages() {
        for facet in Facet::ALL {
            let json = serde_json::to_value(Search::default().with(*facet, "x")).unwrap();
            assert_eq!(json[facet.as_str()], "x", "{facet}");
        }
    }

    #[test]
    fn a_shortlist_holds_each_structure_once_and_nothing_else() {
        let search = Search {
            selection: "chaton,<b>,chaton,,le_lac".into(),
            ..Search::default()
        };
        assert_eq!(search.shortlist(), ["chaton", "le_lac"]);
        assert!(!search.is_filtered());
        assert!(search.with(Facet::Remote, "yes").is_filtered());
    }

    #[test]
    fn the_order_changes_each_day_and_is_the_same_for_everybody() {
        let today = order_of(day());
        assert_eq!(today, order_of(day()));
        assert_ne!(today.factor, order_of(day().succ_opt().unwrap()).factor);
    }
}
