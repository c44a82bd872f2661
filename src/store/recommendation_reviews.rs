//! What moderators decide about recommendations, step by step, and what waits for them.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{instant, word},
};
use crate::domain::{
    ids::{AccountId, HostId, OrganisationId, RecommendationId, ReviewId},
    recommendation::{CRITERIA_VERSION, RecommendationState, ReviewEntry, ReviewStep},
};

/// Adds a step, under the criteria of today.
pub async fn insert(
    tx: &mut Write,
    recommendation: RecommendationId,
    entry: &ReviewEntry,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO recommendation_reviews
            (id, recommendation_id, account_id, step, motive, version, link, criteria, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(entry.id)
            .bind(recommendation)
            .bind(entry.account_id)
            .bind(entry.step.as_str())
            .bind(&entry.motive)
            .bind(entry.version)
            .bind(&entry.link)
            .bind(CRITERIA_VERSION)
            .bind(Micros::from(entry.created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: ReviewId,
    step: String,
    motive: String,
    version: i64,
    link: String,
    account_id: Option<AccountId>,
    author: Option<String>,
    created_at: Micros,
}

/// The steps of a recommendation, the oldest first.
pub async fn list_by_recommendation(
    tx: &mut Read,
    recommendation: RecommendationId,
    limit: i64,
) -> Result<Vec<ReviewEntry>, StoreError> {
    const SQL: &str = "
        SELECT reviews.id, reviews.step, reviews.motive, reviews.version, reviews.link,
               reviews.account_id, accounts.name AS author, reviews.created_at
        FROM recommendation_reviews reviews
        LEFT JOIN accounts ON accounts.id = reviews.account_id
        WHERE reviews.recommendation_id = $1 ORDER BY reviews.id LIMIT $2";

    let rows: Vec<EntryRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(recommendation)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(ReviewEntry {
                id: row.id,
                step: word(ReviewStep::parse(&row.step), "recommendation_reviews.step")?,
                motive: row.motive,
                version: row.version,
                link: row.link,
                account_id: row.account_id,
                author: row.author.unwrap_or_default(),
                created_at: row.created_at.into(),
            })
        })
        .collect()
}

/// Moderators who approved the words that wait, since these were last sent or refused, who are of
/// neither side today and did not stay out of it.
macro_rules! approvals {
    () => {
        "(SELECT COUNT(DISTINCT approval.account_id)
          FROM recommendation_reviews approval
          WHERE approval.recommendation_id = recommendations.id
            AND approval.step = 'approved'
            AND approval.version = COALESCE(amendments.version, recommendations.version)
            AND NOT EXISTS (
                SELECT 1 FROM recommendation_reviews later
                WHERE later.recommendation_id = recommendations.id AND later.id > approval.id
                  AND (later.step IN ('submitted', 'refused')
                       OR (later.step = 'recused' AND later.account_id = approval.account_id)))
            AND NOT EXISTS (
                SELECT 1 FROM memberships
                WHERE memberships.account_id = approval.account_id
                  AND memberships.organisation_id
                      IN (recommendations.organisation_id, hosts.organisation_id)))"
    };
}

/// A recommendation that waits for moderators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: RecommendationId,
    pub host_id: HostId,
    pub host_name: String,
    pub association: String,
    pub is_author_verified: bool,
    /// The work was done before the instance existed.
    pub is_founding: bool,
    /// Its new words wait; the former ones are public.
    pub is_amendment: bool,
    pub approvals: i64,
    /// Whether this moderator approved the words that wait.
    pub is_approved_by_reader: bool,
    /// Whether this moderator belongs to a side, or stays out of it.
    pub is_recused: bool,
    pub submitted_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    id: RecommendationId,
    host_id: HostId,
    host_name: String,
    association: String,
    is_author_verified: bool,
    is_founding: bool,
    is_amendment: bool,
    approvals: i64,
    is_approved_by_reader: bool,
    is_recused: bool,
    submitted_at: Option<Micros>,
    updated_at: Micros,
}

/// Recommendations that wait, as one moderator sees them: by age, after one of them.
pub async fn list_waiting(
    tx: &mut Read,
    reader: AccountId,
    after: Option<RecommendationId>,
    limit: i64,
) -> Result<Vec<Waiting>, StoreError> {
    const SQL: &str = concat!(
        "SELECT recommendations.id, recommendations.host_id, structures.name AS host_name,
                organisations.name AS association,
                organisations.verified_at IS NOT NULL AS is_author_verified,
                accompaniments.is_founding,
                amendments.version IS NOT NULL AS is_amendment, ",
        approvals!(),
        " AS approvals,
                EXISTS (SELECT 1 FROM recommendation_reviews mine
                        WHERE mine.recommendation_id = recommendations.id
                          AND mine.account_id = $1 AND mine.step = 'approved'
                          AND mine.version
                              = COALESCE(amendments.version, recommendations.version))
                    AS is_approved_by_reader,
                (EXISTS (SELECT 1 FROM recommendation_reviews mine
                         WHERE mine.recommendation_id = recommendations.id
                           AND mine.account_id = $1 AND mine.step = 'recused')
                 OR EXISTS (SELECT 1 FROM memberships
                            WHERE memberships.account_id = $1 AND memberships.organisation_id
                              IN (recommendations.organisation_id, hosts.organisation_id)))
                    AS is_recused,
                COALESCE(amendments.submitted_at, recommendations.submitted_at) AS submitted_at,
                recommendations.updated_at
         FROM recommendations
         LEFT JOIN recommendation_amendments amendments
           ON amendments.recommendation_id = recommendations.id
         JOIN hosts ON hosts.id = recommendations.host_id
         JOIN organisations structures ON structures.id = hosts.organisation_id
         JOIN organisations ON organisations.id = recommendations.organisation_id
         JOIN accompaniments ON accompaniments.id = recommendations.accompaniment_id
         WHERE (recommendations.state = $2 OR amendments.version IS NOT NULL)
           AND recommendations.id > $3
         ORDER BY recommendations.id LIMIT $4"
    );

    let rows: Vec<WaitingRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(reader)
            .bind(RecommendationState::InReview.as_str())
            .bind(after.map_or(0, RecommendationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|row| Waiting {
            id: row.id,
            host_id: row.host_id,
            host_name: row.host_name,
            association: row.association,
            is_author_verified: row.is_author_verified,
            is_founding: row.is_founding,
            is_amendment: row.is_amendment,
            approvals: row.approvals,
            is_approved_by_reader: row.is_approved_by_reader,
            is_recused: row.is_recused,
            submitted_at: instant(row.submitted_at).unwrap_or_else(|| row.updated_at.into()),
        })
        .collect())
}

/// Another recommendation of the same association for the same structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub id: RecommendationId,
    pub state: RecommendationState,
    pub created_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub is_annulled: bool,
}

#[derive(sqlx::FromRow)]
struct EarlierRow {
    id: RecommendationId,
    state: String,
    created_at: Micros,
    published_at: Option<Micros>,
    is_annulled: bool,
}

/// Those, the oldest first, without the one that is looked at and without drafts.
pub async fn list_of_pair(
    tx: &mut Read,
    (host, association): (HostId, OrganisationId),
    except: RecommendationId,
    limit: i64,
) -> Result<Vec<Earlier>, StoreError> {
    const SQL: &str = "
        SELECT id, state, created_at, published_at, annulled_at IS NOT NULL AS is_annulled
        FROM recommendations
        WHERE host_id = $1 AND organisation_id = $2 AND id <> $3 AND state <> $4
        ORDER BY id LIMIT $5";

    let rows: Vec<EarlierRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(host)
            .bind(association)
            .bind(except)
            .bind(RecommendationState::Draft.as_str())
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(Earlier {
                id: row.id,
                state: word(
                    RecommendationState::parse(&row.state),
                    "recommendations.state",
                )?,
                created_at: row.created_at.into(),
                published_at: instant(row.published_at),
                is_annulled: row.is_annulled,
            })
        })
        .collect()
}

/// Starts the reminders of moderators again.
pub async fn reset_reminders(
    tx: &mut Write,
    recommendation: RecommendationId,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE recommendations SET review_reminders = 0 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(recommendation)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Recommendations that wait since before an instant and of which moderators were reminded fewer
/// than so many times, with the names of the association and of the structure.
pub async fn list_to_remind(
    tx: &mut Write,
    before: DateTime<Utc>,
    reminders: i64,
    limit: i64,
) -> Result<Vec<(RecommendationId, String, String)>, StoreError> {
    const SQL: &str = "
        SELECT recommendations.id, organisations.name, structures.name
        FROM recommendations
        JOIN hosts ON hosts.id = recommendations.host_id
        JOIN organisations structures ON structures.id = hosts.organisation_id
        JOIN organisations ON organisations.id = recommendations.organisation_id
        LEFT JOIN recommendation_amendments amendments
          ON amendments.recommendation_id = recommendations.id
        WHERE (recommendations.state = $1 OR amendments.version IS NOT NULL)
          AND COALESCE(amendments.submitted_at, recommendations.submitted_at) <= $2
          AND recommendations.review_reminders < $3
        ORDER BY recommendations.id LIMIT $4";

    let rows: Vec<(RecommendationId, String, String)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(RecommendationState::InReview.as_str())
            .bind(Micros::from(before))
            .bind(reminders)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows)
}

/// Takes a reminder: `false` when another process took it first.
pub async fn take_reminder(
    tx: &mut Write,
    recommendation: RecommendationId,
    count: i64,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE recommendations SET review_reminders = $1
        WHERE id = $2 AND review_reminders < $1";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(count)
            .bind(recommendation)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}
