//! The public list of ads: search, filters with their counts, stable pages.
//!
//! The index is the one thing that differs between the engines: FTS5 on SQLite, `tsvector` on
//! PostgreSQL. Both index the same tokens, made by [`crate::search`], so both find the same ads.

use sqlx::AssertSqlSafe;

use super::{
    Engine, Micros, Read, Store, StoreError, Write,
    ads::{NamedRow, ad_columns},
};
use crate::{
    domain::{
        ad::{Ad, AdKind},
        ids::{AdId, OrganisationId},
    },
    search::Query,
};

/// Which ads to show. An absent filter lets everything through.
#[derive(Clone, Debug, Default)]
pub struct AdFilter<'a> {
    pub query: Option<&'a Query>,
    pub kind: Option<AdKind>,
    /// Only ads that can still be answered.
    pub status: Status,
    /// Storage forms of the territories that are wanted, between bars: `|everywhere|region:53|`.
    pub territories: Option<String>,
    /// SPDX identifier.
    pub licence: Option<&'a str>,
    /// Key of a hashtag.
    pub hashtag: Option<&'a str>,
    pub organisation: Option<OrganisationId>,
}

/// Which part of their life ads are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// They can still be answered.
    #[default]
    Active,
    /// They ended.
    Ended,
    /// Both.
    All,
}

/// Where a page of the list starts: after the ad published at this instant with this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub published_at: Micros,
    pub id: AdId,
}

const ACTIVE: &str = "'open', 'gathering', 'agreed', 'in-development'";
const ENDED: &str = "'delivered', 'closed', 'expired'";

/// Makes the search index when it is absent. It is not part of the migrations, whose text is the
/// same for both engines.
pub async fn prepare(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    let statements: &[&'static str] = match tx.engine() {
        Engine::Sqlite => &["
            CREATE VIRTUAL TABLE IF NOT EXISTS ad_search
            USING fts5 (tokens, content='', contentless_delete=1)"],
        Engine::Postgres => &[
            "CREATE TABLE IF NOT EXISTS ad_search (
                ad_id BIGINT PRIMARY KEY REFERENCES ads (id) ON DELETE CASCADE,
                tokens TSVECTOR NOT NULL)",
            "CREATE INDEX IF NOT EXISTS ad_search_tokens ON ad_search USING gin (tokens)",
        ],
    };
    for sql in statements {
        on!(tx, |conn| sqlx::query(*sql).execute(conn).await.map(|_| ()))?;
    }
    tx.commit().await
}

/// Puts an ad into the index, or replaces what the index holds of it.
pub async fn index(tx: &mut Write, ad: AdId, tokens: &str) -> Result<(), StoreError> {
    match tx.engine() {
        Engine::Sqlite => {
            remove(tx, ad).await?;
            const SQL: &str = "INSERT INTO ad_search (rowid, tokens) VALUES ($1, $2)";
            on!(tx, |conn| sqlx::query(SQL)
                .bind(ad)
                .bind(tokens)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Engine::Postgres => {
            const SQL: &str = "
                INSERT INTO ad_search (ad_id, tokens) VALUES ($1, to_tsvector('simple', $2))
                ON CONFLICT (ad_id) DO UPDATE SET tokens = excluded.tokens";
            on!(tx, |conn| sqlx::query(SQL)
                .bind(ad)
                .bind(tokens)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
    }
    Ok(())
}

/// Takes an ad out of the index.
pub async fn remove(tx: &mut Write, ad: AdId) -> Result<(), StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => "DELETE FROM ad_search WHERE rowid = $1",
        Engine::Postgres => "DELETE FROM ad_search WHERE ad_id = $1",
    };
    on!(tx, |conn| sqlx::query(sql)
        .bind(ad)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// One page of the list, the most recently published first, with the name of each organisation.
pub async fn list(
    tx: &mut Read,
    filter: &AdFilter<'_>,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<(Ad, String)>, StoreError> {
    let mut clause = Clause::new(tx.engine(), filter, Facet::None);
    if let Some(cursor) = after {
        let at = clause.bind(Value::Number(cursor.published_at.0));
        let id = clause.bind(Value::Number(cursor.id.get()));
        clause.and(&format!("(ads.published_at, ads.id) < ({at}, {id})"));
    }
    let limit = clause.bind(Value::Number(limit));
    let sql = format!(
        "SELECT {}, organisations.name AS organisation_name
         FROM ads JOIN organisations ON organisations.id = ads.organisation_id
         WHERE {} ORDER BY ads.published_at DESC, ads.id DESC LIMIT {limit}",
        ad_columns!(),
        clause.sql,
    );
    let rows: Vec<NamedRow> = on!(tx, |conn| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql.as_str()));
        for value in &clause.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query.fetch_all(conn).await
    })?;
    rows.into_iter().map(NamedRow::into_pair).collect()
}

/// A group of choices whose counts are shown; its own filter does not narrow them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    None,
    Kind,
    Territory,
    State,
}

/// How many ads each choice of a facet would show, with the other filters as they are.
pub async fn count_by(
    tx: &mut Read,
    filter: &AdFilter<'_>,
    facet: Facet,
) -> Result<Vec<(String, i64)>, StoreError> {
    let clause = Clause::new(tx.engine(), filter, facet);
    let column = match facet {
        Facet::None => "''",
        Facet::Kind => "ads.kind",
        Facet::Territory => "ads.territory",
        Facet::State => "ads.state",
    };
    // by position: '' alone cannot be named in GROUP BY on PostgreSQL
    let sql = format!(
        "SELECT {column} AS choice, COUNT(*) AS ads FROM ads WHERE {} GROUP BY 1 ORDER BY 1",
        clause.sql
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
    fn new(engine: Engine, filter: &AdFilter<'_>, free: Facet) -> Self {
        let states = match (filter.status, free) {
            (Status::All, _) | (_, Facet::State) => format!("{ACTIVE}, {ENDED}"),
            (Status::Active, _) => ACTIVE.to_owned(),
            (Status::Ended, _) => ENDED.to_owned(),
        };
        let mut clause = Self {
            sql: format!("ads.state IN ({states})"),
            values: Vec::new(),
        };
        if let Some(query) = filter.query {
            clause.matching(engine, query);
        }
        if let Some(kind) = filter.kind.filter(|_| free != Facet::Kind) {
            clause.equals("ads.kind", kind.as_str());
        }
        if let Some(licence) = filter.licence {
            clause.equals("ads.licence", licence);
        }
        if let Some(organisation) = filter.organisation {
            let place = clause.bind(Value::Number(organisation.get()));
            clause.and(&format!("ads.organisation_id = {place}"));
        }
        if let Some(territories) = filter
            .territories
            .as_ref()
            .filter(|_| free != Facet::Territory)
        {
            let place = clause.bind(Value::Text(territories.clone()));
            clause.and(&format!("{place} LIKE '%|' || ads.territory || '|%'"));
        }
        if let Some(hashtag) = filter.hashtag {
            // hashtags are a JSON array of words without quotes or % in them
            let place = clause.bind(Value::Text(format!("%\"{hashtag}\"%")));
            clause.and(&format!("lower(ads.hashtags) LIKE {place}"));
        }
        clause
    }

    /// Every term must match; terms hold letters and digits only, so neither syntax can be abused.
    fn matching(&mut self, engine: Engine, query: &Query) {
        let terms = query.terms().iter();
        match engine {
            Engine::Sqlite => {
                let text: Vec<String> = terms
                    .map(|term| {
                        format!(
                            "\"{}\"{}",
                            term.stem(),
                            if term.may_be_prefix() { "*" } else { "" }
                        )
                    })
                    .collect();
                let place = self.bind(Value::Text(text.join(" AND ")));
                self.and(&format!(
                    "ads.id IN (SELECT rowid FROM ad_search WHERE ad_search MATCH {place})"
                ));
            }
            Engine::Postgres => {
                let text: Vec<String> = terms
                    .map(|term| {
                        format!(
                            "'{}'{}",
                            term.stem(),
                            if term.may_be_prefix() { ":*" } else { "" }
                        )
                    })
                    .collect();
                let place = self.bind(Value::Text(text.join(" & ")));
                self.and(&format!(
                    "ads.id IN (SELECT ad_id FROM ad_search WHERE tokens @@ to_tsquery('simple', {place}))"
                ));
            }
        }
    }

    fn equals(&mut self, column: &str, value: &str) {
        let place = self.bind(Value::Text(value.to_owned()));
        self.and(&format!("{column} = {place}"));
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
