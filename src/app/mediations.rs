//! What associations tell to mediation rather than in public: read by moderators only, and by none
//! that belongs to either side.

use crate::{
    app::{App, AppError, Missing, Who, mails, notices, permissions},
    domain::{
        ids::{AccompanimentId, MediationId},
        recommendation::Mediation,
    },
    mail::compose::{self, QueueItem, QueuedKind},
    store::{Write, accompaniments, audit, mediations, notices as told, organisations},
};

pub use mediations::Told;

/// The most messages shown at once.
const SHOWN: i64 = 100;
/// People told by mail of one event.
const PEOPLE_TOLD: i64 = 50;
/// Path of the page where they are read.
pub const PATH: &str = "/copil/mediations";

/// What nobody handled yet, the oldest first, except what is about an organisation of the reader.
pub async fn list_waiting(app: &App, who: &Who) -> Result<Vec<Told>, AppError> {
    permissions::moderate(who)?;
    let reader = who.signed_in()?.id;
    let mut tx = app.store().read().await?;
    Ok(mediations::list_waiting(&mut tx, reader, SHOWN).await?)
}

/// Notes that somebody took care of a message: it leaves the list.
pub async fn close(app: &App, who: &Who, id: MediationId) -> Result<(), AppError> {
    permissions::moderate(who)?;
    let reader = who.signed_in()?.id;
    let mut tx = app.store().write().await?;
    let mine = mediations::list_waiting(&mut tx, reader, SHOWN).await?;
    if !mine.iter().any(|told| told.mediation.id == id)
        || !mediations::mark_handled(&mut tx, id, reader, app.now()).await?
    {
        return Err(AppError::NotFound(Missing::Mediation));
    }
    let entry = audit::Entry {
        action: "mediation.close",
        subject_kind: "mediation",
        subject_id: id.get(),
        detail: "",
    };
    app.audit(&mut tx, who, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells moderators that a message waits, without a word of it.
pub(crate) async fn tell_moderators(
    app: &App,
    tx: &mut Write,
    mediation: &Mediation,
) -> Result<(), AppError> {
    let name = name_of_association(tx, mediation.accompaniment_id).await?;
    let link = notices::link(app, PATH)?;
    for moderator in told::list_moderators(tx, PEOPLE_TOLD).await? {
        let message = compose::queue_item(
            notices::texts_of(&moderator),
            &QueueItem {
                to: &moderator.email,
                site: notices::site(app),
                kind: QueuedKind::Mediation,
                title: &name,
                organisation: &name,
                link: &link,
                unsubscribe: &notices::stop_link(app, moderator.id)?,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

async fn name_of_association(
    tx: &mut Write,
    accompaniment: AccompanimentId,
) -> Result<String, AppError> {
    let accompaniment = accompaniments::find(tx, accompaniment)
        .await?
        .ok_or(AppError::NotFound(Missing::Accompaniment))?;
    let organisation = organisations::find(tx, accompaniment.organisation_id).await?;
    Ok(organisation.map_or_else(String::new, |organisation| organisation.name))
}
