//! The directory as readers see it: who is in it, filters with their counts, pages in the order of
//! the day.
//!
//! Everything here reads [`IN_DIRECTORY`] and nothing else: page, map, API, feeds, exports and search
//! cannot disagree on who is listed (product, invariant 1).

mod index;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, QueryBuilder};

use super::{
    Engine, Micros, Read, StoreError,
    ad_listing::match_text,
    values::{from_json, instant, word},
};
pub use crate::domain::directory::{Facet, Order};
use crate::{
    domain::{
        directory::PLACES,
        host::Capacity,
        ids::{HostId, RecommendationId},
        listing::Standing,
    },
    search::Query,
};
use chrono::{DateTime, Utc};

pub use index::{
    hide, list_outdated, list_volunteer_hours, mark_all_outdated, mark_outdated, prepare, show,
};

/// Whether a structure is in the directory: the answer of the listing rule, as it was written down.
const IN_DIRECTORY: &str = "hosts.listing IN ('listed', 'notice')";

/// Which structures to show. An absent filter lets everything through.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    pub query: Option<&'a Query>,
    /// Facets, each with the values of which one must be there.
    pub chosen: Vec<(Facet, Vec<String>)>,
    /// Names of accounts of structures; empty for all.
    pub handles: Vec<String>,
}

/// A place in the order of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub place: i64,
    pub id: HostId,
}

/// Which page of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    First,
    After(Cursor),
    Before(Cursor),
}

/// A structure in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: HostId,
    pub handle: String,
    /// Of its organisation.
    pub name: String,
    pub organisation_slug: String,
    /// Of its seat.
    pub departement: Option<String>,
    /// Markdown.
    pub presentation: String,
    pub capacity: Capacity,
    pub capacity_from: Option<String>,
    pub capacity_said_at: Option<DateTime<Utc>>,
    pub standing: Standing,
    /// Recommendations that count.
    pub counted: i64,
    pub listed_since: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    /// What it is found by.
    pub facets: Vec<(Facet, String)>,
}

impl Entry {
    /// The values of a facet.
    pub fn values(&self, facet: Facet) -> impl Iterator<Item = &str> {
        let of_facet = self.facets.iter().filter(move |(found, _)| *found == facet);
        of_facet.map(|(_, value)| value.as_str())
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: HostId,
    handle: String,
    name: String,
    slug: String,
    departement_code: Option<String>,
    presentation: Option<String>,
    capacity: String,
    capacity_from: Option<String>,
    capacity_said_at: Option<Micros>,
    listing: String,
    counted: i64,
    listed_since: Option<Micros>,
    updated_at: Micros,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let presentation = row.presentation.as_deref().unwrap_or("\"\"");
        Ok(Self {
            id: row.id,
            handle: row.handle,
            name: row.name,
            organisation_slug: row.slug,
            departement: row.departement_code,
            presentation: from_json(presentation, "host_fields.value")?,
            capacity: word(Capacity::parse(&row.capacity), "hosts.capacity")?,
            capacity_from: row.capacity_from,
            capacity_said_at: instant(row.capacity_said_at),
            standing: word(Standing::parse(&row.listing), "hosts.listing")?,
            counted: row.counted,
            listed_since: instant(row.listed_since),
            updated_at: row.updated_at.into(),
            facets: Vec::new(),
        })
    }
}

/// Columns of [`EntryRow`], from `hosts`, `organisations` and `presentations`.
const ENTRY: &str = "
    hosts.id, hosts.handle, organisations.name, organisations.slug,
    organisations.departement_code, presentations.value AS presentation, hosts.capacity,
    hosts.capacity_from, hosts.capacity_said_at, hosts.listing, hosts.counted,
    hosts.listed_since, hosts.updated_at";

/// What is joined to `hosts` for [`ENTRY`].
const ENTRY_JOINS: &str = "
    JOIN organisations ON organisations.id = hosts.organisation_id
    LEFT JOIN host_fields presentations
        ON presentations.host_id = hosts.id AND presentations.field = 'presentation'";

/// One page of the list, in the order of a day.
pub async fn list(
    tx: &mut Read,
    filter: &Filter<'_>,
    order: Order,
    position: Position,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let mut clause = Clause::new(tx.engine(), filter, None);
    let factor = clause.bind(Value::Number(order.factor));
    let shift = clause.bind(Value::Number(order.shift));
    let place = format!("((hosts.id % {PLACES}) * {factor} + {shift}) % {PLACES}");
    let direction = match position {
        Position::First | Position::After(_) => "ASC",
        Position::Before(_) => "DESC",
    };
    match position {
        Position::First => {}
        Position::After(cursor) => clause.beyond(&place, ">", cursor),
        Position::Before(cursor) => clause.beyond(&place, "<", cursor),
    }
    let limit = clause.bind(Value::Number(limit));
    // the page is chosen from the index alone; rows are read for what is shown
    let sql = format!(
        "SELECT {ENTRY}
         FROM (SELECT hosts.id AS page_id, {place} AS place FROM hosts
               WHERE {} ORDER BY place {direction}, hosts.id {direction} LIMIT {limit}) page
         JOIN hosts ON hosts.id = page.page_id {ENTRY_JOINS}
         ORDER BY page.place {direction}, hosts.id {direction}",
        clause.sql
    );
    let mut entries = entries(tx, &sql, &clause.values).await?;
    if matches!(position, Position::Before(_)) {
        entries.reverse();
    }
    add_facets(tx, &mut entries).await?;
    Ok(entries)
}

/// The structures that entered the directory last.
pub async fn list_newest(
    tx: &mut Read,
    filter: &Filter<'_>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let mut clause = Clause::new(tx.engine(), filter, None);
    clause.and("hosts.listed_since IS NOT NULL");
    let limit = clause.bind(Value::Number(limit));
    let sql = format!(
        "SELECT {ENTRY} FROM hosts {ENTRY_JOINS}
         WHERE {} ORDER BY hosts.listed_since DESC, hosts.id DESC LIMIT {limit}",
        clause.sql
    );
    let mut entries = entries(tx, &sql, &clause.values).await?;
    add_facets(tx, &mut entries).await?;
    Ok(entries)
}

async fn entries(tx: &mut Read, sql: &str, values: &[Value]) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<EntryRow> = on!(tx, |conn| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        for value in values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query.fetch_all(conn).await
    })?;
    rows.into_iter().map(Entry::try_from).collect()
}

async fn add_facets(tx: &mut Read, entries: &mut [Entry]) -> Result<(), StoreError> {
    const SQL: &str = "SELECT host_id, facet, value FROM host_facets WHERE host_id IN (";

    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<(HostId, String, String)> = on!(tx, |conn| {
        let mut query = QueryBuilder::new(SQL);
        let mut places = query.separated(", ");
        for entry in &*entries {
            places.push_bind(entry.id);
        }
        query.push(") ORDER BY facet, value");
        query.build_query_as().fetch_all(conn).await
    })?;
    let mut by_host: BTreeMap<HostId, Vec<(Facet, String)>> = BTreeMap::new();
    for (host, facet, value) in rows {
        let facet = word(Facet::parse(&facet), "host_facets.facet")?;
        by_host.entry(host).or_default().push((facet, value));
    }
    for entry in entries {
        entry.facets = by_host.remove(&entry.id).unwrap_or_default();
    }
    Ok(())
}

/// How many structures pass a filter.
pub async fn count(tx: &mut Read, filter: &Filter<'_>) -> Result<i64, StoreError> {
    let clause = Clause::new(tx.engine(), filter, None);
    let sql = format!("SELECT COUNT(*) FROM hosts WHERE {}", clause.sql);
    let (count,): (i64,) = on!(tx, |conn| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql.as_str()));
        for value in &clause.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query.fetch_one(conn).await
    })?;
    Ok(count)
}

/// How many structures hold each value of a facet, with the other filters as they are; its own does
/// not narrow it.
pub async fn count_by(
    tx: &mut Read,
    filter: &Filter<'_>,
    facet: Facet,
) -> Result<Vec<(String, i64)>, StoreError> {
    let mut clause = Clause::new(tx.engine(), filter, Some(facet));
    let is_whole = clause.sql == IN_DIRECTORY;
    let of_facet = clause.bind(Value::Text(facet.as_str().to_owned()));
    // facets are kept of the structures in the directory only, by the transaction that settles
    // it: without another filter they are counted from their index alone, ten times faster
    let narrowed = if is_whole {
        String::new()
    } else {
        format!(
            "AND host_facets.host_id IN (SELECT hosts.id FROM hosts WHERE {})",
            clause.sql
        )
    };
    let sql = format!(
        "SELECT host_facets.value, COUNT(*) AS structures FROM host_facets
         WHERE host_facets.facet = {of_facet} {narrowed}
         GROUP BY host_facets.value ORDER BY host_facets.value"
    );
    Ok(on!(tx, |conn| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql.as_str()));
        for value in &clause.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query.fetch_all(conn).await
    })?)
}

/// The recommendations of structures in the directory that were published last.
pub async fn list_newest_recommendations(
    tx: &mut Read,
    limit: i64,
) -> Result<Vec<NewRecommendation>, StoreError> {
    let sql = format!(
        "SELECT recommendations.id, hosts.handle, structures.name AS structure
         FROM recommendations
         JOIN hosts ON hosts.id = recommendations.host_id
         JOIN organisations structures ON structures.id = hosts.organisation_id
         WHERE recommendations.state = 'published' AND {IN_DIRECTORY}
         ORDER BY recommendations.published_at DESC, recommendations.id DESC LIMIT $1"
    );
    Ok(on!(tx, |conn| {
        sqlx::query_as(AssertSqlSafe(sql.as_str()))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?)
}

/// A recommendation that was just published.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct NewRecommendation {
    pub id: RecommendationId,
    /// Of the structure.
    pub handle: String,
    pub structure: String,
}

enum Value {
    Number(i64),
    Text(String),
}

/// A `WHERE` clause made of literal fragments; every value is bound.
struct Clause {
    sql: String,
    values: Vec<Value>,
}

impl Clause {
    fn new(engine: Engine, filter: &Filter<'_>, free: Option<Facet>) -> Self {
        let mut clause = Self {
            sql: IN_DIRECTORY.to_owned(),
            values: Vec::new(),
        };
        clause.matching(engine, filter);
        for (facet, wanted) in &filter.chosen {
            if Some(*facet) == free {
                continue;
            }
            let facet = clause.bind(Value::Text(facet.as_str().to_owned()));
            let wanted = clause.bind_all(wanted);
            clause.and(&format!(
                "hosts.id IN (SELECT chosen.host_id FROM host_facets chosen
                              WHERE chosen.facet = {facet} AND chosen.value IN ({wanted}))"
            ));
        }
        if !filter.handles.is_empty() {
            let handles = clause.bind_all(&filter.handles);
            clause.and(&format!("hosts.handle IN ({handles})"));
        }
        clause
    }

    fn matching(&mut self, engine: Engine, filter: &Filter<'_>) {
        let terms = filter.query.map(Query::terms).unwrap_or_default();
        if terms.is_empty() {
            return;
        }
        let words = terms.iter().map(|term| (term.stem(), term.may_be_prefix()));
        let place = self.bind(Value::Text(match_text(engine, words)));
        self.and(&match engine {
            Engine::Sqlite => format!(
                "hosts.id IN (SELECT rowid FROM host_search WHERE host_search MATCH {place})"
            ),
            Engine::Postgres => format!(
                "hosts.id IN (SELECT host_id FROM host_search
                              WHERE tokens @@ to_tsquery('simple', {place}))"
            ),
        });
    }

    fn beyond(&mut self, place: &str, comparison: &str, cursor: Cursor) {
        let at = self.bind(Value::Number(cursor.place));
        let id = self.bind(Value::Number(cursor.id.get()));
        self.and(&format!("({place}, hosts.id) {comparison} ({at}, {id})"));
    }

    fn bind_all(&mut self, texts: &[String]) -> String {
        let places: Vec<String> = texts
            .iter()
            .map(|text| self.bind(Value::Text(text.clone())))
            .collect();
        places.join(", ")
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }
}
