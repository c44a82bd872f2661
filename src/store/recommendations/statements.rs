//! The facts that the listing rule asks of each recommendation.

use crate::{
    domain::{
        ids::{HostId, OrganisationId, RecommendationId},
        listing::Statement,
    },
    store::{Micros, Read, StoreError, values::instant},
};

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, as the rule wants them"
)]
#[derive(sqlx::FromRow)]
struct StatementRow {
    id: RecommendationId,
    organisation_id: OrganisationId,
    is_author_verified: bool,
    has_link: bool,
    is_finished: bool,
    approvals: i64,
    published_at: Option<Micros>,
    expires_at: Option<Micros>,
    withdrawn_at: Option<Micros>,
    verification_lost_at: Option<Micros>,
    is_annulled: bool,
}

/// Every recommendation of a structure that was ever published, as facts for the listing rule.
///
/// Approvals are those of the words that readers see: of different moderators, who did not withdraw
/// from the case and were members of neither side when they approved. The link is the one that the
/// author declared, until a moderator set it aside: links that are detected are set aside before
/// the publication.
pub async fn list_statements_by_id(
    tx: &mut Read,
    host: HostId,
) -> Result<Vec<(RecommendationId, Statement)>, StoreError> {
    const SQL: &str = "
        SELECT recommendations.id, recommendations.organisation_id,
            association.verified_at IS NOT NULL AS is_author_verified,
            (recommendations.interest <> '' AND NOT EXISTS (
                SELECT 1 FROM recommendation_reviews aside
                WHERE aside.recommendation_id = recommendations.id
                  AND aside.step = 'link-set-aside')) AS has_link,
            (accompaniments.state = 'finished'
                AND accompaniments.host_began_at IS NOT NULL
                AND accompaniments.association_began_at IS NOT NULL
                AND accompaniments.host_ended_at IS NOT NULL
                AND accompaniments.association_ended_at IS NOT NULL) AS is_finished,
            (SELECT COUNT(DISTINCT approval.account_id) FROM recommendation_reviews approval
             WHERE approval.recommendation_id = recommendations.id
               AND approval.step = 'approved'
               AND approval.version = recommendations.version
               AND NOT EXISTS (
                   SELECT 1 FROM recommendation_reviews recusal
                   WHERE recusal.recommendation_id = recommendations.id
                     AND recusal.step = 'recused'
                     AND recusal.account_id = approval.account_id)
               AND NOT EXISTS (
                   SELECT 1 FROM memberships
                   WHERE memberships.account_id = approval.account_id
                     AND memberships.organisation_id
                         IN (recommendations.organisation_id, hosts.organisation_id)
                     AND memberships.created_at <= approval.created_at)) AS approvals,
            recommendations.published_at, recommendations.expires_at,
            recommendations.withdrawn_at, association.verification_lost_at,
            recommendations.annulled_at IS NOT NULL AS is_annulled
        FROM recommendations
        JOIN hosts ON hosts.id = recommendations.host_id
        JOIN organisations association ON association.id = recommendations.organisation_id
        JOIN accompaniments ON accompaniments.id = recommendations.accompaniment_id
        WHERE recommendations.host_id = $1 AND recommendations.published_at IS NOT NULL
        ORDER BY recommendations.id";

    let rows: Vec<StatementRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(host).fetch_all(conn).await
    })?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let statement = Statement {
                author: row.organisation_id,
                is_author_verified: row.is_author_verified,
                has_link: row.has_link,
                is_finished: row.is_finished,
                approvals: usize::try_from(row.approvals).unwrap_or_default(),
                published_at: instant(row.published_at),
                expires_at: instant(row.expires_at),
                withdrawn_at: instant(row.withdrawn_at),
                verification_lost_at: instant(row.verification_lost_at),
                is_annulled: row.is_annulled,
            };
            (row.id, statement)
        })
        .collect())
}

/// The same, without their ids.
pub async fn list_statements(tx: &mut Read, host: HostId) -> Result<Vec<Statement>, StoreError> {
    let found = list_statements_by_id(tx, host).await?;
    Ok(found.into_iter().map(|(_, statement)| statement).collect())
}
