//! The term of ads: two reminders, then expiry. Run by a timer.

use crate::{
    app::{App, AppError, Who, mails, notices},
    domain::{
        ad::{Ad, AdState, REMINDER_DAYS},
        addresses,
    },
    mail::compose::{self, AdExpired, AdExpiring, Reminder},
    store::{Write, ads, memberships},
};

use super::{announce_change, indexing, writing::entry};

/// Ads handled in one transaction.
const BATCH: i64 = 20;
/// People told by mail about one ad.
const PEOPLE_TOLD: i64 = 50;

/// Reminds the organisations whose ads end soon; how many ads were handled.
pub async fn remind(app: &App) -> Result<u64, AppError> {
    let mut reminded = 0;
    for (days, reminder) in REMINDER_DAYS
        .into_iter()
        .zip([Reminder::First, Reminder::Last])
    {
        let mut tx = app.store().write().await?;
        let due = ads::list_to_remind(&mut tx, app.now(), days, BATCH).await?;
        for mut ad in due {
            tell(app, &mut tx, &ad, Term::EndsSoon(reminder)).await?;
            ad.reminded_at = Some(app.now());
            ads::update(&mut tx, &ad).await?;
            reminded += 1;
        }
        tx.commit().await?;
    }
    Ok(reminded)
}

/// Ends the ads whose term is over; how many.
pub async fn expire(app: &App) -> Result<u64, AppError> {
    let mut tx = app.store().write().await?;
    let now = app.now();
    let due = ads::list_expiring(&mut tx, now, BATCH).await?;
    let count = u64::try_from(due.len()).unwrap_or(u64::MAX);
    for mut ad in due {
        ad.state = AdState::Expired;
        ad.ended_at = Some(now);
        ad.updated_at = now;
        ads::update(&mut tx, &ad).await?;
        indexing::refresh(&mut tx, &ad).await?;
        announce_change(app, &mut tx, &ad).await?;
        tell(app, &mut tx, &ad, Term::Ended).await?;
        app.audit(&mut tx, &Who::System, entry("ad.expire", ad.id))
            .await?;
    }
    tx.commit().await?;
    Ok(count)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    EndsSoon(Reminder),
    Ended,
}

async fn tell(app: &App, tx: &mut Write, ad: &Ad, term: Term) -> Result<(), AppError> {
    let link = notices::link(app, &addresses::ad_workshop_path(ad.id))?;
    let site = notices::site(app);
    let title = &ad.content.title;
    let expires = ad.expires_at.unwrap_or_else(|| app.now());
    for account in memberships::list_accounts(tx, ad.organisation_id, PEOPLE_TOLD).await? {
        let texts = notices::texts_of(&account);
        let to = &account.email;
        let message = match term {
            Term::EndsSoon(reminder) => compose::ad_expiring(
                texts,
                &AdExpiring {
                    to,
                    site,
                    title,
                    reminder,
                    expires,
                    link: &link,
                },
            ),
            Term::Ended => compose::ad_expired(
                texts,
                &AdExpired {
                    to,
                    site,
                    title,
                    link: &link,
                },
            ),
        };
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}
