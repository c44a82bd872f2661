//! Taking a recommendation back. Nobody has to justify it to anybody, but readers are told why.

use crate::{
    app::{
        App, AppError, Who, accompaniments::parties, host_actors, listing, mails, notices,
        permissions,
    },
    domain::{
        accompaniment::Party,
        ids::RecommendationId,
        recommendation::{RecommendationState, check_motive},
    },
    mail::compose,
    store::{Write, recommendations},
};

use super::{Case, entry, lock};

/// Takes a published recommendation back: its page becomes a dated notice with the motive, and the
/// listing of the structure is settled at once (invariants 1 and 10).
///
/// # Errors
/// `Invalid` for the motive; `Conflict` when it is not published.
pub async fn withdraw(
    app: &App,
    who: &Who,
    id: RecommendationId,
    motive: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut case, sides) = lock(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    if !case.recommendation.is_public() {
        return Err(AppError::conflict(
            "Cette recommandation n’est pas publiée, ou ne l’est plus.",
        ));
    }
    let motive = check_motive(motive).map_err(|problem| AppError::field("motive", problem))?;
    recommendations::delete_amendment(&mut tx, id).await?;
    let now = app.now();
    case.recommendation.state = RecommendationState::Withdrawn;
    case.recommendation.withdrawn_at = Some(now);
    case.recommendation.updated_at = now;
    case.recommendation.withdrawal_motive = motive;
    recommendations::update(&mut tx, &case.recommendation).await?;
    host_actors::recommendation_withdrawn(app, &mut tx, &case.recommendation).await?;
    listing::settle(app, &mut tx, case.recommendation.host_id).await?;
    tell_structure(app, &mut tx, &case).await?;
    app.audit(&mut tx, who, entry("recommendation.withdraw", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a text back from moderators before they decide, to go on writing it.
///
/// # Errors
/// `Conflict` when they are not reading it.
pub async fn take_back(app: &App, who: &Who, id: RecommendationId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut case, sides) = lock(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    let recommendation = &mut case.recommendation;
    if recommendation.state != RecommendationState::InReview {
        return Err(AppError::conflict("Ce texte n’est pas en relecture."));
    }
    recommendation.state = RecommendationState::Draft;
    // approvals of the text that was sent must not count for what it becomes
    recommendation.version = recommendations::next_version(&mut tx, id).await?;
    recommendation.updated_at = app.now();
    recommendations::update(&mut tx, recommendation).await?;
    app.audit(&mut tx, who, entry("recommendation.take-back", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

async fn tell_structure(app: &App, tx: &mut Write, case: &Case) -> Result<(), AppError> {
    let structure = Party::Host;
    for contact in parties::list_contacts(app, tx, &case.accompaniment, structure).await? {
        let message = compose::recommendation_withdrawn(
            contact.texts,
            &compose::RecommendationWithdrawn {
                to: &contact.email,
                site: notices::site(app),
                association: &case.parties.association.name,
                motive: &case.recommendation.withdrawal_motive,
                link: &contact.link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}
