//! The public list of ads: search, filters with their counts, stable pages.
//!
//! The index is the one thing that differs between the engines: FTS5 on SQLite, `tsvector` on
//! PostgreSQL. Both index the same tokens, made by [`crate::search`], so both find the same ads.
//! Each ad carries the [`search::VERSION`] that made its tokens; those of older rules are listed by
//! [`list_outdated`].

use sqlx::AssertSqlSafe;

use super::{
    Engine, Micros, Read, Store, StoreError, Write,
    ads::{AdRow, active_states, ad_columns, ended_states},
};
use crate::{
    domain::{
        ad::{AdKind, ListedAd},
        ids::{AdId, OrganisationId},
    },
    search::{self, Query},
};

/// Which ads to show. An absent filter lets everything through.
#[derive(Clone, Debug, Default)]
pub struct AdFilter<'a> {
    pub query: Option<&'a Query>,
    pub kind: Option<AdKind>,
    pub status: Status,
    /// Storage forms of the territories that are wanted, between bars: `|everywhere|region:53|`.
    pub territories: Option<String>,
    /// SPDX identifier.
    pub licence: Option<&'a str>,
    /// Token of a hashtag in the index.
    pub hashtag: Option<String>,
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

/// A place in the list: the ad published at this instant with this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub published_at: Micros,
    pub id: AdId,
}

/// Which page of the list. Pages hang on ads, not on counts: what is published meanwhile moves
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The most recent ads.
    First,
    /// Those that come after this place.
    After(Cursor),
    /// Those that come just before this place.
    Before(Cursor),
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    ad: AdRow,
    organisation_name: String,
    follower_count: i64,
    comment_count: i64,
}

impl TryFrom<ListedRow> for ListedAd {
    type Error = StoreError;

    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        Ok(Self {
            ad: row.ad.try_into()?,
            organisation: row.organisation_name,
            follower_count: row.follower_count,
            comment_count: row.comment_count,
        })
    }
}

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
            const SQL: &str = "INSERT INTO ad_search (rowid, tokens) VALUES ($1, $2)";
            erase(tx, ad).await?;
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
    mark_up_to_date(tx, ad).await
}

/// Takes an ad out of the index.
pub async fn remove(tx: &mut Write, ad: AdId) -> Result<(), StoreError> {
    erase(tx, ad).await?;
    mark_up_to_date(tx, ad).await
}

async fn erase(tx: &mut Write, ad: AdId) -> Result<(), StoreError> {
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

async fn mark_up_to_date(tx: &mut Write, ad: AdId) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE ads SET search_version = $2 WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(ad)
        .bind(search::VERSION)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Notes that what the index holds of the ads of an organisation is to be made again: the name of
/// the organisation is among their words.
pub async fn mark_outdated(tx: &mut Write, organisation: OrganisationId) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE ads SET search_version = 0
        WHERE organisation_id = $1 AND published_at IS NOT NULL";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(organisation)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Ads of which the index holds what older rules made, or nothing yet.
pub async fn list_outdated(tx: &mut Read, limit: i64) -> Result<Vec<AdId>, StoreError> {
    const SQL: &str = "
        SELECT id FROM ads WHERE published_at IS NOT NULL AND search_version < $1
        ORDER BY search_version, id LIMIT $2";

    let rows: Vec<(AdId,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(search::VERSION)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// One page of the list, always the most recently published first.
pub async fn list(
    tx: &mut Read,
    filter: &AdFilter<'_>,
    position: Position,
    limit: i64,
) -> Result<Vec<ListedAd>, StoreError> {
    let mut clause = Clause::new(tx.engine(), filter, Facet::None);
    if tx.engine() == Engine::Sqlite {
        // the sign keeps SQLite on the index that is in this order: it would sort all that is public
        clause.sql.insert(0, '+');
    }
    let order = match position {
        Position::First | Position::After(_) => "DESC",
        Position::Before(_) => "ASC",
    };
    match position {
        Position::First => {}
        Position::After(cursor) => clause.beyond("<", cursor),
        Position::Before(cursor) => clause.beyond(">", cursor),
    }
    let limit = clause.bind(Value::Number(limit));
    let sql = format!(
        "SELECT {}, organisations.name AS organisation_name,
            (SELECT COUNT(*) FROM follows
             WHERE follows.followed_id = ads.actor_id AND follows.state = 'accepted')
                AS follower_count,
            (SELECT COUNT(*) FROM comments
             WHERE comments.ad_id = ads.id AND comments.state = 'accepted') AS comment_count
         FROM ads JOIN organisations ON organisations.id = ads.organisation_id
         WHERE {} ORDER BY ads.published_at {order}, ads.id {order} LIMIT {limit}",
        ad_columns!(),
        clause.sql,
    );
    let mut rows: Vec<ListedRow> = on!(tx, |conn| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql.as_str()));
        for value in &clause.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query.fetch_all(conn).await
    })?;
    if matches!(position, Position::Before(_)) {
        rows.reverse();
    }
    rows.into_iter().map(ListedAd::try_from).collect()
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
            (Status::All, _) | (_, Facet::State) => concat!(
                "(ads.state IN ",
                active_states!(),
                " OR ads.state IN ",
                ended_states!(),
                ")"
            ),
            (Status::Active, _) => concat!("ads.state IN ", active_states!()),
            (Status::Ended, _) => concat!("ads.state IN ", ended_states!()),
        };
        let mut clause = Self {
            sql: states.to_owned(),
            values: Vec::new(),
        };
        clause.matching(engine, filter);
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
        clause
    }

    fn matching(&mut self, engine: Engine, filter: &AdFilter<'_>) {
        let terms = filter.query.map(Query::terms).unwrap_or_default();
        let words = terms.iter().map(|term| (term.stem(), term.may_be_prefix()));
        let words = words.chain(filter.hashtag.iter().map(|token| (token.as_str(), false)));
        let text = match_text(engine, words);
        if text.is_empty() {
            return;
        }
        let place = self.bind(Value::Text(text));
        self.and(&match engine {
            Engine::Sqlite => format!(
                "ads.id IN (SELECT rowid FROM ad_search WHERE ad_search MATCH {place})"
            ),
            Engine::Postgres => format!(
                "ads.id IN (SELECT ad_id FROM ad_search WHERE tokens @@ to_tsquery('simple', {place}))"
            ),
        });
    }

    fn beyond(&mut self, comparison: &str, cursor: Cursor) {
        let at = self.bind(Value::Number(cursor.published_at.0));
        let id = self.bind(Value::Number(cursor.id.get()));
        self.and(&format!(
            "(ads.published_at, ads.id) {comparison} ({at}, {id})"
        ));
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

/// The query of a search index, for words that must all be there, each with whether it may be the
/// beginning of one. They hold letters and digits only, so neither syntax can be abused.
pub(super) fn match_text<'a>(
    engine: Engine,
    words: impl Iterator<Item = (&'a str, bool)>,
) -> String {
    let (quote, star, and) = match engine {
        Engine::Sqlite => ('"', "*", " AND "),
        Engine::Postgres => ('\'', ":*", " & "),
    };
    let words: Vec<String> = words
        .map(|(word, may_be_prefix)| {
            let end = if may_be_prefix { star } else { "" };
            format!("{quote}{word}{quote}{end}")
        })
        .collect();
    words.join(and)
}
