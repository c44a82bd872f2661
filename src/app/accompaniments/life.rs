//! What each side says of an accompaniment: that it took place, that it ended, that it did not.

use crate::{
    app::{App, AppError, Who, mails, notices, permissions, recommendations},
    domain::{
        accompaniment::{Accompaniment, Party, parse_day},
        ids::AccompanimentId,
        problem::Problem,
    },
    mail::compose::{self, AccompanimentNews},
    store::{Write, accompaniments},
};

use super::{
    entry, lock,
    parties::{self, Parties},
};

/// What a side says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement<'a> {
    /// It took place; and it ended, when it was declared as over.
    Confirm,
    /// It did not take place.
    Decline,
    /// It ended on this day, as typed; empty to agree with what the other side said.
    End(&'a str),
    /// It stopped without result.
    Abandon,
}

/// Says something of an accompaniment for one of its sides, and tells the other side.
///
/// # Errors
/// `Conflict` when it is too late to say it; `Invalid` for the field `ended_on`.
pub async fn state(
    app: &App,
    who: &Who,
    id: AccompanimentId,
    statement: Statement<'_>,
) -> Result<Accompaniment, AppError> {
    let mut tx = app.store().write().await?;
    let (mut accompaniment, parties, sides) = lock(&mut tx, who, id).await?;
    let party = permissions::act_as_party(who, &accompaniment, sides)?;
    let now = app.now();
    let news = match statement {
        Statement::Confirm => {
            accompaniment
                .confirm(party, now)
                .map_err(AppError::Conflict)?;
            AccompanimentNews::Confirmed
        }
        Statement::Decline => {
            accompaniment
                .decline(party, now)
                .map_err(AppError::Conflict)?;
            AccompanimentNews::Declined
        }
        Statement::End(typed) => {
            end(app, &mut accompaniment, party, typed)?;
            AccompanimentNews::Ended
        }
        Statement::Abandon => {
            accompaniment.abandon(now).map_err(AppError::Conflict)?;
            AccompanimentNews::Abandoned
        }
    };
    accompaniments::update(&mut tx, &accompaniment).await?;
    if accompaniment.is_finished() {
        finish(app, &mut tx, &accompaniment, &parties, party).await?;
    } else {
        tell(app, &mut tx, &accompaniment, &parties, (party, news)).await?;
    }
    let action = match statement {
        Statement::Confirm => "accompaniment.confirm",
        Statement::Decline => "accompaniment.decline",
        Statement::End(_) => "accompaniment.end",
        Statement::Abandon => "accompaniment.abandon",
    };
    app.audit(&mut tx, who, entry(action, id)).await?;
    tx.commit().await?;
    Ok(accompaniment)
}

fn end(
    app: &App,
    accompaniment: &mut Accompaniment,
    party: Party,
    typed: &str,
) -> Result<(), AppError> {
    if !accompaniment.may_be_ended_by(party) {
        return Err(AppError::conflict(
            "Cet accompagnement n’est pas en cours, ou vous avez déjà confirmé sa fin.",
        ));
    }
    let day = if typed.trim().is_empty() {
        accompaniment.ended_on.ok_or(Problem::new(
            "Indiquez quand l’accompagnement s’est terminé, par exemple 30/06/2026.",
        ))
    } else {
        parse_day(typed)
    };
    day.and_then(|day| accompaniment.end(party, day, app.today(), app.now()))
        .map_err(|problem| AppError::field("ended_on", problem))
}

/// Both sides confirmed the end: the structure knows, and the association is invited to write.
async fn finish(
    app: &App,
    tx: &mut Write,
    accompaniment: &Accompaniment,
    parties: &Parties,
    by: Party,
) -> Result<(), AppError> {
    if by == Party::Association {
        let news = (by, AccompanimentNews::Finished);
        tell(app, tx, accompaniment, parties, news).await?;
    }
    recommendations::inviting::invite_author(app, tx, accompaniment, parties).await
}

/// Tells the other side.
async fn tell(
    app: &App,
    tx: &mut Write,
    accompaniment: &Accompaniment,
    parties: &Parties,
    (by, news): (Party, AccompanimentNews),
) -> Result<(), AppError> {
    for contact in parties::list_contacts(app, tx, accompaniment, by.other()).await? {
        let message = compose::accompaniment_news(
            contact.texts,
            &compose::AccompanimentNewsMail {
                to: &contact.email,
                site: notices::site(app),
                news,
                by: &parties.organisation(by).name,
                ended_on: accompaniment.ended_on,
                link: &contact.link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}
