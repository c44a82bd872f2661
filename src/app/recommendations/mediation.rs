//! What an association tells to mediation rather than in public.

use crate::{
    app::{App, AppError, Who, mediations as queue, permissions},
    domain::{
        ids::RecommendationId,
        recommendation::{Mediation, check_feedback},
    },
    store::mediations,
};

use super::{entry, find};

/// Tells mediation what happened. The structure does not learn of it, and nothing is published; the
/// draft of a recommendation stays as it was.
///
/// # Errors
/// `Invalid` for the field `feedback`.
pub async fn tell(
    app: &App,
    who: &Who,
    id: RecommendationId,
    feedback: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (case, sides) = find(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    let content = check_feedback(feedback).map_err(|it| AppError::field("feedback", it))?;
    let email = match who {
        Who::Holder(link) => link.email.clone(),
        who => who.signed_in()?.email.clone(),
    };
    let told = Mediation {
        id: app.next_id(),
        accompaniment_id: case.accompaniment.id,
        email,
        content,
        created_at: app.now(),
        handled_at: None,
    };
    mediations::insert(&mut tx, &told).await?;
    queue::tell_moderators(app, &mut tx, &told).await?;
    app.audit(&mut tx, who, entry("recommendation.tell-mediation", id))
        .await?;
    tx.commit().await?;
    Ok(())
}
