//! Recommendations, what they said before, and what is proposed in their place.

mod amendments;
mod statements;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub use amendments::{delete_amendment, find_amendment, list_amendments, save_amendment};
pub use statements::{list_statements, list_statements_by_id};

use super::{
    Micros, Read, StoreError, Write,
    values::{from_json, instant, micros, to_json, word},
};
use crate::domain::{
    ids::{AccompanimentId, HostId, OrganisationId, RecommendationId, RevisionId},
    recommendation::{Answers, Recommendation, RecommendationState},
};

/// Columns of [`RecommendationRow`].
macro_rules! recommendation_columns {
    () => {
        "recommendations.id, recommendations.accompaniment_id, recommendations.host_id,
         recommendations.organisation_id, recommendations.number, recommendations.state,
         recommendations.answers, recommendations.author_name, recommendations.author_role,
         recommendations.interest, recommendations.would_take_call, recommendations.version,
         recommendations.created_at, recommendations.updated_at, recommendations.submitted_at,
         recommendations.published_at, recommendations.expires_at, recommendations.withdrawn_at,
         recommendations.withdrawal_motive, recommendations.annulled_at, recommendations.reply,
         recommendations.replied_at, recommendations.uri"
    };
}

#[derive(sqlx::FromRow)]
struct RecommendationRow {
    id: RecommendationId,
    accompaniment_id: AccompanimentId,
    host_id: HostId,
    organisation_id: OrganisationId,
    number: Option<i64>,
    state: String,
    answers: String,
    author_name: String,
    author_role: String,
    interest: String,
    would_take_call: bool,
    version: i64,
    created_at: Micros,
    updated_at: Micros,
    submitted_at: Option<Micros>,
    published_at: Option<Micros>,
    expires_at: Option<Micros>,
    withdrawn_at: Option<Micros>,
    withdrawal_motive: String,
    annulled_at: Option<Micros>,
    reply: String,
    replied_at: Option<Micros>,
    uri: Option<String>,
}

impl TryFrom<RecommendationRow> for Recommendation {
    type Error = StoreError;

    fn try_from(row: RecommendationRow) -> Result<Self, StoreError> {
        let state = RecommendationState::parse(&row.state);
        Ok(Self {
            id: row.id,
            accompaniment_id: row.accompaniment_id,
            host_id: row.host_id,
            organisation_id: row.organisation_id,
            number: row.number,
            state: word(state, "recommendations.state")?,
            answers: from_json(&row.answers, "recommendations.answers")?,
            author_name: row.author_name,
            author_role: row.author_role,
            interest: row.interest,
            would_take_call: row.would_take_call,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            submitted_at: instant(row.submitted_at),
            published_at: instant(row.published_at),
            expires_at: instant(row.expires_at),
            withdrawn_at: instant(row.withdrawn_at),
            withdrawal_motive: row.withdrawal_motive,
            annulled_at: instant(row.annulled_at),
            reply: row.reply,
            replied_at: instant(row.replied_at),
            uri: row.uri,
        })
    }
}

fn all(rows: Vec<RecommendationRow>) -> Result<Vec<Recommendation>, StoreError> {
    rows.into_iter().map(Recommendation::try_from).collect()
}

/// Adds a recommendation.
///
/// # Errors
/// [`StoreError::Conflict`] when its accompaniment has one already.
pub async fn insert(tx: &mut Write, it: &Recommendation) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO recommendations
            (id, accompaniment_id, host_id, organisation_id, number, state, answers, author_name,
             author_role, interest, would_take_call, version, created_at, updated_at,
             submitted_at, review_reminders, published_at, expires_at, withdrawn_at,
             withdrawal_motive, annulled_at, reply, replied_at, uri)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, $17,
                $18, $19, $20, $21, $22, $23)";

    let answers = to_json(&it.answers, "recommendations.answers")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(it.id)
            .bind(it.accompaniment_id)
            .bind(it.host_id)
            .bind(it.organisation_id)
            .bind(it.number)
            .bind(it.state.as_str())
            .bind(&answers)
            .bind(&it.author_name)
            .bind(&it.author_role)
            .bind(&it.interest)
            .bind(it.would_take_call)
            .bind(it.version)
            .bind(Micros::from(it.created_at))
            .bind(Micros::from(it.updated_at))
            .bind(micros(it.submitted_at))
            .bind(micros(it.published_at))
            .bind(micros(it.expires_at))
            .bind(micros(it.withdrawn_at))
            .bind(&it.withdrawal_motive)
            .bind(micros(it.annulled_at))
            .bind(&it.reply)
            .bind(micros(it.replied_at))
            .bind(&it.uri)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps a recommendation as it is now: [`lock`] it first. `version` is written as it is: it grows
/// only when the words change, since moderators approve a version. A new request for review starts
/// its reminders again.
pub async fn update(tx: &mut Write, it: &Recommendation) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE recommendations SET
            number = $2, state = $3, answers = $4, author_name = $5, author_role = $6,
            interest = $7, would_take_call = $8, version = $9, updated_at = $10,
            review_reminders = CASE WHEN submitted_at = $11 THEN review_reminders ELSE 0 END,
            submitted_at = $11, published_at = $12,
            expiry_reminded_at = CASE WHEN expires_at = $13 THEN expiry_reminded_at END,
            expires_at = $13, withdrawn_at = $14, withdrawal_motive = $15, annulled_at = $16,
            reply = $17, replied_at = $18, uri = $19
        WHERE id = $1";

    let answers = to_json(&it.answers, "recommendations.answers")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(it.id)
            .bind(it.number)
            .bind(it.state.as_str())
            .bind(&answers)
            .bind(&it.author_name)
            .bind(&it.author_role)
            .bind(&it.interest)
            .bind(it.would_take_call)
            .bind(it.version)
            .bind(Micros::from(it.updated_at))
            .bind(micros(it.submitted_at))
            .bind(micros(it.published_at))
            .bind(micros(it.expires_at))
            .bind(micros(it.withdrawn_at))
            .bind(&it.withdrawal_motive)
            .bind(micros(it.annulled_at))
            .bind(&it.reply)
            .bind(micros(it.replied_at))
            .bind(&it.uri)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The recommendation with this id.
pub async fn find(
    tx: &mut Read,
    id: RecommendationId,
) -> Result<Option<Recommendation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        recommendation_columns!(),
        " FROM recommendations WHERE id = $1"
    );

    let row: Option<RecommendationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    row.map(Recommendation::try_from).transpose()
}

/// The recommendation with this id; nobody else changes it until the transaction ends.
pub async fn lock(
    tx: &mut Write,
    id: RecommendationId,
) -> Result<Option<Recommendation>, StoreError> {
    // an update that changes nothing locks the row on both engines
    const SQL: &str = "UPDATE recommendations SET updated_at = updated_at WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL).bind(id).execute(conn).await.map(|_| ())
    })?;
    find(tx, id).await
}

/// What was written about an accompaniment.
pub async fn find_by_accompaniment(
    tx: &mut Read,
    id: AccompanimentId,
) -> Result<Option<Recommendation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        recommendation_columns!(),
        " FROM recommendations WHERE accompaniment_id = $1"
    );

    let row: Option<RecommendationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    row.map(Recommendation::try_from).transpose()
}

/// What an organisation published under this number, even if it took it back since: its page then
/// says so.
pub async fn find_published(
    tx: &mut Read,
    organisation_slug: &str,
    number: i64,
) -> Result<Option<Recommendation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        recommendation_columns!(),
        " FROM recommendations
          JOIN organisations ON organisations.id = recommendations.organisation_id
          WHERE organisations.slug = $1 AND recommendations.number = $2
            AND recommendations.published_at IS NOT NULL"
    );

    let row: Option<RecommendationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation_slug)
            .bind(number)
            .fetch_optional(conn)
            .await
    })?;
    row.map(Recommendation::try_from).transpose()
}

/// Recommendations of a structure that readers see, the most recently started first, before a
/// cursor. Those whose term is over are among them: time alone tells.
pub async fn list_published_by_host(
    tx: &mut Read,
    host: HostId,
    before: Option<RecommendationId>,
    limit: i64,
) -> Result<Vec<Recommendation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        recommendation_columns!(),
        " FROM recommendations
          WHERE host_id = $1 AND state = 'published' AND annulled_at IS NULL AND id < $2
          ORDER BY id DESC LIMIT $3"
    );

    let rows: Vec<RecommendationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(host)
            .bind(before.map_or(i64::MAX, RecommendationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    all(rows)
}

/// Recommendations that wait for moderators, the oldest first, after a cursor. Published ones that
/// are amended are in [`list_amendments`].
pub async fn list_in_review(
    tx: &mut Read,
    after: Option<RecommendationId>,
    limit: i64,
) -> Result<Vec<Recommendation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        recommendation_columns!(),
        " FROM recommendations WHERE state = 'in-review' AND id > $1 ORDER BY id LIMIT $2"
    );

    let rows: Vec<RecommendationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(after.map_or(0, RecommendationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    all(rows)
}

/// How many recommendations wait for moderators, amendments included.
pub async fn count_in_review(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT (SELECT COUNT(*) FROM recommendations WHERE state = 'in-review')
             + (SELECT COUNT(*) FROM recommendation_amendments)";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// The number of the next recommendation of an organisation. Lock the organisation first.
pub async fn next_number(tx: &mut Read, organisation: OrganisationId) -> Result<i64, StoreError> {
    const SQL: &str =
        "SELECT COALESCE(MAX(number), 0) FROM recommendations WHERE organisation_id = $1";

    let (last,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(organisation).fetch_one(conn).await
    })?;
    Ok(last + 1)
}

/// A version that no words of this recommendation had: an approval is of a version, and must never
/// count for other words than those that were read.
pub async fn next_version(tx: &mut Read, id: RecommendationId) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT MAX(version) FROM (
            SELECT version FROM recommendations WHERE id = $1
            UNION ALL SELECT version FROM recommendation_reviews WHERE recommendation_id = $1
            UNION ALL SELECT version FROM recommendation_amendments WHERE recommendation_id = $1
        ) versions";

    let (last,): (Option<i64>,) = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_one(conn).await
    })?;
    Ok(last.unwrap_or_default() + 1)
}

/// Published recommendations that end before an instant and whose authors were not reminded.
pub async fn list_to_remind(
    tx: &mut Read,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Recommendation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        recommendation_columns!(),
        " FROM recommendations
          WHERE expires_at > $1 AND expires_at <= $2 AND state = 'published'
            AND annulled_at IS NULL AND expiry_reminded_at IS NULL
          ORDER BY expires_at, id LIMIT $3"
    );

    let rows: Vec<RecommendationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(now))
            .bind(Micros::from(before))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    all(rows)
}

/// Notes that the author was told that the term comes.
pub async fn mark_expiry_reminded(
    tx: &mut Write,
    id: RecommendationId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE recommendations SET expiry_reminded_at = $2 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(now))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps the exact signed document of a recommendation; `None` once it is withdrawn.
pub async fn set_document(
    tx: &mut Write,
    id: RecommendationId,
    document: Option<&str>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE recommendations SET document = $2 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(document)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The exact signed document of a recommendation.
pub async fn find_document(
    tx: &mut Read,
    id: RecommendationId,
) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT document FROM recommendations WHERE id = $1";

    let row: Option<(Option<String>,)> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    Ok(row.and_then(|(document,)| document))
}

/// Keeps what a recommendation said before a change.
pub async fn insert_revision(
    tx: &mut Write,
    id: RevisionId,
    recommendation: RecommendationId,
    replaced: &Answers,
    replaced_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO recommendation_revisions (id, recommendation_id, answers, replaced_at)
        VALUES ($1, $2, $3, $4)";

    let answers = to_json(replaced, "recommendation_revisions.answers")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(recommendation)
            .bind(&answers)
            .bind(Micros::from(replaced_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// What a recommendation said before its changes, and until when; the last one first.
pub async fn list_revisions(
    tx: &mut Read,
    recommendation: RecommendationId,
    limit: i64,
) -> Result<Vec<(DateTime<Utc>, Answers)>, StoreError> {
    const SQL: &str = "
        SELECT replaced_at, answers FROM recommendation_revisions
        WHERE recommendation_id = $1 ORDER BY id DESC LIMIT $2";

    let rows: Vec<(Micros, String)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(recommendation)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|(at, answers)| {
            let answers = from_json(&answers, "recommendation_revisions.answers")?;
            Ok((at.into(), answers))
        })
        .collect()
}
