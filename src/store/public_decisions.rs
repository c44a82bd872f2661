//! The public log of decisions.

use super::{Micros, Read, StoreError, Write, values::word};
use crate::domain::{
    decision::{LoggedDecision, PublicDecision, Subject},
    ids::DecisionId,
};

/// Adds a line.
pub async fn insert(tx: &mut Write, decision: &LoggedDecision) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO public_decisions
            (id, subject_kind, subject_id, decision, motive, criteria, decided_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    let (kind, id) = decision.subject.to_parts();
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(decision.id)
            .bind(kind)
            .bind(id)
            .bind(decision.decision.as_str())
            .bind(&decision.motive)
            .bind(&decision.criteria)
            .bind(Micros::from(decision.decided_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// A line, with what readers may know of its subject: nothing of what was never public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub decision: LoggedDecision,
    /// Handle and name of the structure; there once it was in the directory.
    pub host: Option<(String, String)>,
    /// Slug and name of the association, and the number of its recommendation; there once that was
    /// published.
    pub recommendation: Option<(String, String, i64)>,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    id: DecisionId,
    subject_kind: String,
    subject_id: i64,
    decision: String,
    motive: String,
    criteria: String,
    decided_at: Micros,
    handle: Option<String>,
    host_name: Option<String>,
    slug: Option<String>,
    association: Option<String>,
    number: Option<i64>,
}

impl TryFrom<LineRow> for Line {
    type Error = StoreError;

    fn try_from(row: LineRow) -> Result<Self, StoreError> {
        let subject = Subject::from_parts(&row.subject_kind, row.subject_id);
        Ok(Self {
            decision: LoggedDecision {
                id: row.id,
                subject: word(subject, "public_decisions.subject_kind")?,
                decision: word(
                    PublicDecision::parse(&row.decision),
                    "public_decisions.decision",
                )?,
                motive: row.motive,
                criteria: row.criteria,
                decided_at: row.decided_at.into(),
            },
            host: row.handle.zip(row.host_name),
            recommendation: (|| Some((row.slug?, row.association?, row.number?)))(),
        })
    }
}

/// The log, the latest first, before one of its lines.
pub async fn list(
    tx: &mut Read,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    const SQL: &str = "
        SELECT public_decisions.id, public_decisions.subject_kind, public_decisions.subject_id,
               public_decisions.decision, public_decisions.motive, public_decisions.criteria,
               public_decisions.decided_at, hosts.handle, structures.name AS host_name,
               organisations.slug, organisations.name AS association, recommendations.number
        FROM public_decisions
        LEFT JOIN recommendations
          ON public_decisions.subject_kind = 'recommendation'
         AND recommendations.id = public_decisions.subject_id
        LEFT JOIN organisations
          ON organisations.id = recommendations.organisation_id
         AND recommendations.number IS NOT NULL
        LEFT JOIN hosts
          ON hosts.id = CASE public_decisions.subject_kind
                        WHEN 'host' THEN public_decisions.subject_id
                        ELSE recommendations.host_id END
         AND (hosts.listed_since IS NOT NULL OR hosts.unlisted_at IS NOT NULL)
        LEFT JOIN organisations structures ON structures.id = hosts.organisation_id
        WHERE public_decisions.id < $1
        ORDER BY public_decisions.id DESC LIMIT $2";

    let rows: Vec<LineRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(before.map_or(i64::MAX, DecisionId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Line::try_from).collect()
}
