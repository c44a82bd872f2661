//! Other keys for an actor of ours: as a precaution, or because somebody may have read the former
//! ones.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Missing, Who, host_actors, outbox, permissions, proof_keys},
    domain::{
        federation::{Actor, ActorRole},
        outbound::Outbound,
    },
    store::{Write, actors, audit, host_actors as documents, outbox as told, proof_keys as stored},
};

/// Why keys are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// What the former key signed still stands.
    Precaution,
    /// The former key may be known to others: nothing that it signed is to be believed.
    Compromised,
}

/// A new RSA pair, as PEM: SPKI and PKCS#8.
#[derive(Debug)]
pub struct RsaPair<'a> {
    pub public_pem: &'a str,
    pub private_pem: &'a str,
}

/// Replaces every key of the actor with this handle, and tells its followers. Gives how many documents
/// are signed anew.
///
/// The message that tells it is signed with the old key, and so is all that leaves for a host before
/// it: careful servers refuse a key that they were not told by the one before.
///
/// # Errors
/// `NotFound` for a handle that is not ours, `Internal` while its first key is being made.
pub async fn rotate(
    app: &App,
    who: &Who,
    handle: &str,
    pair: &RsaPair<'_>,
    why: Rotation,
) -> Result<usize, AppError> {
    permissions::act_as_system(who)?;
    let sealed = app
        .secrets()
        .seal(pair.private_pem)
        .ok_or_else(|| AppError::internal("a private key cannot be sealed"))?;
    let mut tx = app.store().write().await?;
    let actor = actors::find_local_by_handle(&mut tx, handle)
        .await?
        .filter(|actor| actor.gone_at.is_none())
        .ok_or(AppError::NotFound(Missing::Actor))?;
    let Some(old) = actors::find_sealed_key(&mut tx, actor.id).await? else {
        return Err(AppError::internal("its first key is still being made"));
    };
    // other servers ignore an edit that is not newer than what they have
    let now = app.now().max(actor.updated_at + TimeDelta::seconds(1));
    actors::change_keys(&mut tx, actor.id, pair.public_pem, &sealed, now).await?;
    let again = if actor.role.is_some_and(ActorRole::states) {
        replace_proof_key(app, &mut tx, &actor, why).await?
    } else {
        0
    };
    let update = outbox::enqueue(app, &mut tx, &actor, Outbound::UpdateActor).await?;
    told::keep_old_key(&mut tx, update, &old).await?;
    let entry = audit::Entry {
        action: match why {
            Rotation::Precaution => "keys.rotate",
            Rotation::Compromised => "keys.revoke",
        },
        subject_kind: "actor",
        subject_id: actor.id.get(),
        detail: "",
    };
    app.audit(&mut tx, who, entry).await?;
    tx.commit().await?;
    Ok(again)
}

async fn replace_proof_key(
    app: &App,
    tx: &mut Write,
    actor: &Actor,
    why: Rotation,
) -> Result<usize, AppError> {
    let now = app.now();
    match why {
        Rotation::Precaution => stored::retire(tx, actor.id, now).await?,
        Rotation::Compromised => stored::revoke(tx, actor.id, now).await?,
    }
    proof_keys::add(app, tx, actor.id).await?;
    let organisation = host_actors::find_organisation_in(tx, actor).await?;
    let Some(organisation) = organisation.filter(|_| why == Rotation::Compromised) else {
        return Ok(0);
    };
    let signed = documents::forget_documents(tx, organisation.id).await?;
    for recommendation in &signed {
        let event = Outbound::AmendRecommendation {
            recommendation: *recommendation,
        };
        outbox::enqueue(app, tx, actor, event).await?;
    }
    Ok(signed.len())
}
