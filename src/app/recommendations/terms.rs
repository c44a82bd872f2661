//! The term of recommendations: a reminder to say that they are still true. Run by a timer. What
//! happens at the term itself is the listing's business.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Who, mails, notices},
    domain::recommendation::EXPIRY_REMINDER_DAYS,
    mail::compose,
    store::recommendations,
};

use super::{find, writing::list_author_contacts};

/// Recommendations handled in one transaction.
const BATCH: i64 = 20;

/// Reminds the authors of recommendations that end soon; how many were handled.
pub async fn remind(app: &App) -> Result<u64, AppError> {
    let now = app.now();
    let before = now + TimeDelta::days(EXPIRY_REMINDER_DAYS);
    let mut tx = app.store().write().await?;
    let due = recommendations::list_to_remind(&mut tx, now, before, BATCH).await?;
    let count = u64::try_from(due.len()).unwrap_or(u64::MAX);
    for recommendation in due {
        let (case, _) = find(&mut tx, &Who::System, recommendation.id).await?;
        let expires = recommendation.expires_at.unwrap_or(now);
        for contact in list_author_contacts(app, &mut tx, &case).await? {
            let message = compose::recommendation_expiring(
                contact.texts,
                &compose::RecommendationExpiring {
                    to: &contact.email,
                    site: notices::site(app),
                    structure: &case.parties.structure.name,
                    expires,
                    link: &contact.link,
                },
            );
            mails::enqueue(app, &mut tx, &message).await?;
        }
        recommendations::mark_expiry_reminded(&mut tx, recommendation.id, now).await?;
    }
    tx.commit().await?;
    Ok(count)
}
