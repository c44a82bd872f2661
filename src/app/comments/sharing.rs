//! What the actor of an ad shows to its followers of the replies: those that were accepted, once,
//! as a group does (FEP-1b12). What is refused or deleted afterwards is taken back.

use crate::{
    app::{App, AppError, outbox},
    domain::{
        federation::{Actor, Comment},
        outbound::Outbound,
    },
    store::{Read, Write, actors, ads, outbox as stored},
};

/// Shows an accepted reply to the followers of its ad, unless they were shown it already.
pub(super) async fn share(app: &App, tx: &mut Write, comment: &Comment) -> Result<(), AppError> {
    if find_standing(tx, comment).await?.is_some() {
        return Ok(());
    }
    let Some(speaker) = find_speaker(tx, comment).await? else {
        return Ok(());
    };
    let event = Outbound::AnnounceReply {
        comment: comment.id,
    };
    outbox::enqueue(app, tx, &speaker, event).await?;
    Ok(())
}

/// Takes a reply back from the followers of its ad, when they were shown it.
pub(super) async fn take_back(
    app: &App,
    tx: &mut Write,
    comment: &Comment,
) -> Result<(), AppError> {
    let Some(announce) = find_standing(tx, comment).await? else {
        return Ok(());
    };
    let Some(speaker) = find_speaker(tx, comment).await? else {
        return Ok(());
    };
    let undo = Outbound::UndoAnnounceReply {
        comment: comment.id,
        announced_by: announce.id,
    };
    outbox::enqueue(app, tx, &speaker, undo).await?;
    Ok(())
}

/// The `Announce` of a reply that was not taken back since.
async fn find_standing(
    tx: &mut Read,
    comment: &Comment,
) -> Result<Option<stored::OutboxActivity>, AppError> {
    let Some(speaker) = find_speaker(tx, comment).await? else {
        return Ok(None);
    };
    let event = Outbound::AnnounceReply {
        comment: comment.id,
    };
    let Some(announce) = stored::find_by_event(tx, speaker.id, &event).await? else {
        return Ok(None);
    };
    let undo = Outbound::UndoAnnounceReply {
        comment: comment.id,
        announced_by: announce.id,
    };
    let undone = stored::find_by_event(tx, speaker.id, &undo).await?;
    Ok(undone.is_none().then_some(announce))
}

/// The actor of the ad that was replied to.
async fn find_speaker(tx: &mut Read, comment: &Comment) -> Result<Option<Actor>, AppError> {
    let ad = ads::find(tx, comment.ad_id).await?;
    let Some(actor) = ad.and_then(|ad| ad.actor_id) else {
        return Ok(None);
    };
    let actor = actors::find(tx, actor).await?;
    Ok(actor.filter(|actor| actor.gone_at.is_none()))
}
