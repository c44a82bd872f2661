//! Refusals that are contested: somebody else looks at them again.

use super::{
    facts::find_sides,
    review::{check_motive, entry, tell_moderators},
};
use crate::{
    app::{App, AppError, Missing, Who, decisions, permissions},
    domain::{
        decision::{PublicDecision, Subject},
        ids::RecommendationId,
        recommendation::{RecommendationState, ReviewEntry, ReviewStep},
    },
    mail::compose::QueuedKind,
    store::{recommendation_reviews, recommendations},
};

/// Steps of a review that are read.
const STEPS: i64 = 500;

/// Contests a refusal, with words for who decides next: the recommendation waits again, for other
/// moderators than those who refused it. Once for each version of the text.
///
/// # Errors
/// `Conflict` when it is not refused, or when this refusal was contested already.
pub async fn appeal(
    app: &App,
    who: &Who,
    id: RecommendationId,
    words: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut recommendation = recommendations::lock(&mut tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Recommendation))?;
    let sides = find_sides(&mut tx, who, &recommendation).await?;
    permissions::write_recommendation(who, id, sides)?;
    if recommendation.state != RecommendationState::Refused {
        return Err(AppError::conflict(
            "Cette recommandation n’est pas refusée.",
        ));
    }
    let version = recommendation.version;
    let steps = recommendation_reviews::list_by_recommendation(&mut tx, id, STEPS).await?;
    let is_contested =
        |entry: &ReviewEntry| entry.step == ReviewStep::Appealed && entry.version == version;
    if steps.iter().any(is_contested) {
        return Err(AppError::conflict(
            "Cette décision a déjà été réexaminée. Vous pouvez changer le texte et l’envoyer à nouveau.",
        ));
    }
    let step = ReviewEntry {
        id: app.next_id(),
        step: ReviewStep::Appealed,
        motive: check_motive(words)?,
        version,
        link: String::new(),
        account_id: who.account_id(),
        author: String::new(),
        created_at: app.now(),
    };
    recommendation_reviews::insert(&mut tx, id, &step).await?;
    recommendation.state = RecommendationState::InReview;
    recommendation.submitted_at = Some(app.now());
    recommendation.updated_at = app.now();
    recommendations::update(&mut tx, &recommendation).await?;
    recommendation_reviews::reset_reminders(&mut tx, id).await?;
    let subject = Subject::Recommendation(id);
    let decision = PublicDecision::RecommendationAppealed;
    decisions::record(app, &mut tx, subject, decision, "").await?;
    tell_moderators(app, &mut tx, &recommendation, QueuedKind::Appeal).await?;
    app.audit(&mut tx, who, entry("recommendation.appeal", id))
        .await?;
    tx.commit().await?;
    Ok(())
}
