//! The Ed25519 keys with which our actors sign what they state. Making one costs nothing, so an
//! actor has its own from the first instant.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    app::{App, AppError},
    domain::{ids::ActorId, multikey::Multikey, proof_key::ProofKey},
    store::{Write, proof_keys},
};

/// Gives an actor of ours the key that signs for it from now on.
pub(crate) async fn add(app: &App, tx: &mut Write, actor: ActorId) -> Result<(), AppError> {
    let seed = app.secrets().new_seed();
    let seed = seed.ok_or_else(|| AppError::internal("no source of randomness"))?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(AppError::internal)?;
    let raw = pair.public_key().as_ref().try_into();
    let raw = raw.map_err(AppError::internal)?;
    let sealed = app.secrets().seal(&URL_SAFE_NO_PAD.encode(seed));
    let sealed = sealed.ok_or_else(|| AppError::internal("a private key cannot be sealed"))?;
    let key = ProofKey {
        id: app.next_id(),
        actor_id: actor,
        fragment: ProofKey::fragment_of(proof_keys::count(tx, actor).await?),
        public_key: Multikey::Ed25519(raw).to_string(),
        created_at: app.now(),
        retired_at: None,
    };
    proof_keys::insert(tx, &key, &sealed).await?;
    Ok(())
}

/// The key that signs for an actor, with its seed of 32 bytes; `None` for one that states nothing.
pub async fn find_signing(
    app: &App,
    actor: ActorId,
) -> Result<Option<(ProofKey, Vec<u8>)>, AppError> {
    let mut tx = app.store().read().await?;
    let keys = proof_keys::list(&mut tx, actor).await?;
    let Some(key) = keys.into_iter().find(|key| key.retired_at.is_none()) else {
        return Ok(None);
    };
    let Some(sealed) = proof_keys::find_sealed_seed(&mut tx, key.id).await? else {
        return Ok(None);
    };
    let seed = app.secrets().unseal(&sealed);
    let seed = seed.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let seed =
        seed.ok_or_else(|| AppError::internal("a private key was sealed with another key file"))?;
    Ok(Some((key, seed)))
}
