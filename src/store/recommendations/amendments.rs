//! What is proposed in the place of a published recommendation.

use crate::{
    domain::{
        ids::RecommendationId,
        recommendation::{Amendment, AmendmentKind, RecommendationContent},
    },
    store::{
        Micros, Read, StoreError, Write,
        values::{from_json, to_json, word},
    },
};

/// Columns of [`AmendmentRow`].
macro_rules! amendment_columns {
    () => {
        "recommendation_id, kind, version, answers, author_name, author_role, interest,
         would_take_call, submitted_at"
    };
}

#[derive(sqlx::FromRow)]
struct AmendmentRow {
    recommendation_id: RecommendationId,
    kind: String,
    version: i64,
    answers: String,
    author_name: String,
    author_role: String,
    interest: String,
    would_take_call: bool,
    submitted_at: Micros,
}

impl TryFrom<AmendmentRow> for Amendment {
    type Error = StoreError;

    fn try_from(row: AmendmentRow) -> Result<Self, StoreError> {
        Ok(Self {
            recommendation_id: row.recommendation_id,
            kind: word(
                AmendmentKind::parse(&row.kind),
                "recommendation_amendments.kind",
            )?,
            version: row.version,
            content: RecommendationContent {
                answers: from_json(&row.answers, "recommendation_amendments.answers")?,
                author_name: row.author_name,
                author_role: row.author_role,
                interest: row.interest,
                would_take_call: row.would_take_call,
            },
            submitted_at: row.submitted_at.into(),
        })
    }
}

/// Proposes an amendment, in the place of the one that waited, if there was one.
pub async fn save_amendment(tx: &mut Write, it: &Amendment) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO recommendation_amendments
            (recommendation_id, kind, version, answers, author_name, author_role, interest,
             would_take_call, submitted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (recommendation_id) DO UPDATE SET
            kind = excluded.kind, version = excluded.version, answers = excluded.answers,
            author_name = excluded.author_name, author_role = excluded.author_role,
            interest = excluded.interest, would_take_call = excluded.would_take_call,
            submitted_at = excluded.submitted_at";

    let answers = to_json(&it.content.answers, "recommendation_amendments.answers")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(it.recommendation_id)
            .bind(it.kind.as_str())
            .bind(it.version)
            .bind(&answers)
            .bind(&it.content.author_name)
            .bind(&it.content.author_role)
            .bind(&it.content.interest)
            .bind(it.content.would_take_call)
            .bind(Micros::from(it.submitted_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// What waits for moderators in the place of a recommendation.
pub async fn find_amendment(
    tx: &mut Read,
    id: RecommendationId,
) -> Result<Option<Amendment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        amendment_columns!(),
        " FROM recommendation_amendments WHERE recommendation_id = $1"
    );

    let row: Option<AmendmentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    row.map(Amendment::try_from).transpose()
}

/// Amendments that wait for moderators, by recommendation, after one of them.
pub async fn list_amendments(
    tx: &mut Read,
    after: Option<RecommendationId>,
    limit: i64,
) -> Result<Vec<Amendment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        amendment_columns!(),
        " FROM recommendation_amendments WHERE recommendation_id > $1
          ORDER BY recommendation_id LIMIT $2"
    );

    let rows: Vec<AmendmentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(after.map_or(0, RecommendationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Amendment::try_from).collect()
}

/// Removes what waited, once it is accepted, refused or given up.
pub async fn delete_amendment(tx: &mut Write, id: RecommendationId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM recommendation_amendments WHERE recommendation_id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL).bind(id).execute(conn).await.map(|_| ())
    })?;
    Ok(())
}
