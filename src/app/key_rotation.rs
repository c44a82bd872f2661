//! Other keys for an actor of ours: as a precaution, or because somebody may have read the former
//! ones.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Missing, Who, host_actors, outbox, proof_keys},
    domain::{
        federation::{Actor, ActorRole},
        outbound::Outbound,
    },
    store::{Write, actors, audit, host_actors as documents, proof_keys as stored},
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

/// Replaces every key of the actor with this handle, and tells the servers that know it, in a message
/// that the former key signs. Gives how many documents are signed anew.
pub async fn rotate(
    app: &App,
    handle: &str,
    pair: &RsaPair<'_>,
    why: Rotation,
) -> Result<usize, AppError> {
    let sealed = app
        .secrets()
        .seal(pair.private_pem)
        .ok_or_else(|| AppError::internal("a private key cannot be sealed"))?;
    let mut tx = app.store().write().await?;
    let actor = actors::find_local_by_handle(&mut tx, handle)
        .await?
        .filter(|actor| actor.gone_at.is_none())
        .ok_or(AppError::NotFound(Missing::Actor))?;
    actors::rotate_keys(&mut tx, actor.id, pair.public_pem, &sealed).await?;
    let again = if actor.role.is_some_and(ActorRole::states) {
        replace_proof_key(app, &mut tx, &actor, why).await?
    } else {
        0
    };
    // other servers ignore an edit that is not newer than what they have
    let now = app.now().max(actor.updated_at + TimeDelta::seconds(1));
    actors::rename_local(&mut tx, actor.id, &actor.name, now).await?;
    outbox::enqueue(app, &mut tx, &actor, Outbound::UpdateKeys).await?;
    let entry = audit::Entry {
        action: match why {
            Rotation::Precaution => "keys.rotate",
            Rotation::Compromised => "keys.revoke",
        },
        subject_kind: "actor",
        subject_id: actor.id.get(),
        detail: "",
    };
    app.audit(&mut tx, &Who::System, entry).await?;
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
