//! The right of reply of a structure, under what an association says of it.

use crate::{
    app::{App, AppError, Who, mails, notices, permissions},
    domain::{ids::RecommendationId, recommendation::check_reply},
    mail::compose,
    store::{Write, recommendations},
};

use super::{Case, entry, find, lock, writing::list_author_contacts};

/// A recommendation that readers see, for the members of the structure that reply to it.
pub async fn show(app: &App, who: &Who, id: RecommendationId) -> Result<Case, AppError> {
    let mut tx = app.store().read().await?;
    let (case, sides) = find(&mut tx, who, id).await?;
    permissions::reply_to_recommendation(who, sides)?;
    check_open(&case)?;
    Ok(case)
}

/// Writes, changes or (empty) takes away the reply of a structure, in Markdown. Readers see it at
/// once, and the association is told of a first one.
///
/// # Errors
/// `Invalid` for the field `reply`; `Conflict` when the recommendation is not published any more.
pub async fn write(
    app: &App,
    who: &Who,
    id: RecommendationId,
    typed: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut case, sides) = lock(&mut tx, who, id).await?;
    permissions::reply_to_recommendation(who, sides)?;
    check_open(&case)?;
    let reply = check_reply(typed).map_err(|problem| AppError::field("reply", problem))?;
    if reply == case.recommendation.reply {
        return Ok(());
    }
    let is_first = case.recommendation.replied_at.is_none() && !reply.is_empty();
    case.recommendation.replied_at = (!reply.is_empty()).then(|| app.now());
    case.recommendation.reply = reply;
    recommendations::update(&mut tx, &case.recommendation).await?;
    if is_first {
        tell_author(app, &mut tx, &case).await?;
    }
    app.audit(&mut tx, who, entry("recommendation.reply", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

fn check_open(case: &Case) -> Result<(), AppError> {
    if case.recommendation.is_public() {
        Ok(())
    } else {
        Err(AppError::conflict(
            "On ne répond qu’à une recommandation publiée.",
        ))
    }
}

async fn tell_author(app: &App, tx: &mut Write, case: &Case) -> Result<(), AppError> {
    for contact in list_author_contacts(app, tx, case).await? {
        let message = compose::recommendation_replied(
            contact.texts,
            &compose::RecommendationReplied {
                to: &contact.email,
                site: notices::site(app),
                structure: &case.parties.structure.name,
                reply: &case.recommendation.reply,
                link: &contact.link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}
