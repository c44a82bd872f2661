//! Changing a published recommendation: readers see the former words until two moderators approve
//! the new ones.

use crate::{
    app::{App, AppError, Who, permissions},
    domain::{
        ad::Completeness,
        ids::RecommendationId,
        recommendation::{
            Amendment, AmendmentKind, Recommendation, RecommendationContent, RecommendationInput,
        },
    },
    store::{Write, recommendations},
};

use super::{entry, lock, review, writing::Certification};

/// Proposes other words in the place of those that readers see; they replace what waited already.
///
/// # Errors
/// `Invalid` with everything that is wrong at once; `Conflict` when it is not published, or when
/// nothing changes.
pub async fn amend(
    app: &App,
    who: &Who,
    id: RecommendationId,
    input: &RecommendationInput,
    certification: Certification,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (case, sides) = lock(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    check_published(&case.recommendation)?;
    let content = input
        .check(Completeness::Publication)
        .map_err(AppError::Invalid)?;
    certification.check()?;
    if content == case.recommendation.content() {
        return Err(AppError::conflict(
            "Vous n’avez rien changé. Pour dire que ce texte est toujours vrai, utilisez le bouton prévu.",
        ));
    }
    let proposal = (AmendmentKind::Edit, content);
    propose(app, &mut tx, who, &case.recommendation, proposal).await?;
    app.audit(&mut tx, who, entry("recommendation.amend", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Says that what is published is still true: once moderators looked at it, its term begins anew.
///
/// # Errors
/// `Conflict` when it is not published, or when a change waits already.
pub async fn renew(app: &App, who: &Who, id: RecommendationId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (case, sides) = lock(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    check_published(&case.recommendation)?;
    if recommendations::find_amendment(&mut tx, id)
        .await?
        .is_some()
    {
        return Err(AppError::conflict(
            "Un changement attend déjà : une équipe le relit.",
        ));
    }
    let proposal = (AmendmentKind::Renewal, case.recommendation.content());
    propose(app, &mut tx, who, &case.recommendation, proposal).await?;
    app.audit(&mut tx, who, entry("recommendation.renew", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Gives up what waits: what readers see stays as it is.
///
/// # Errors
/// `Conflict` when nothing waits.
pub async fn give_up(app: &App, who: &Who, id: RecommendationId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (_, sides) = lock(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    if recommendations::find_amendment(&mut tx, id)
        .await?
        .is_none()
    {
        return Err(AppError::conflict("Aucun changement n’attend."));
    }
    recommendations::delete_amendment(&mut tx, id).await?;
    app.audit(&mut tx, who, entry("recommendation.give-amendment-up", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

fn check_published(recommendation: &Recommendation) -> Result<(), AppError> {
    if recommendation.is_public() {
        Ok(())
    } else {
        Err(AppError::conflict(
            "Seule une recommandation publiée peut être changée ainsi.",
        ))
    }
}

async fn propose(
    app: &App,
    tx: &mut Write,
    who: &Who,
    recommendation: &Recommendation,
    (kind, content): (AmendmentKind, RecommendationContent),
) -> Result<(), AppError> {
    let id = recommendation.id;
    let amendment = Amendment {
        recommendation_id: id,
        kind,
        version: recommendations::next_version(tx, id).await?,
        content,
        submitted_at: app.now(),
    };
    recommendations::save_amendment(tx, &amendment).await?;
    review::enter(app, tx, who, recommendation, amendment.version).await
}
