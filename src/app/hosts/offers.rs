//! What a structure proposes.

use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::{
        host::{Host, OFFERS_OF_A_HOST, Offer, OfferContent, OfferInput},
        ids::HostId,
    },
    store::{Write, host_offers},
};

use super::{entry, keep, lock_with_role, writing::check_editable};

/// Adds an offer.
pub async fn add(app: &App, who: &Who, id: HostId, input: &OfferInput) -> Result<Offer, AppError> {
    let mut tx = app.store().write().await?;
    let mut host = lock_to_write(&mut tx, who, id).await?;
    let content = input.check().map_err(AppError::Invalid)?;
    let present = host_offers::list(&mut tx, id).await?.len();
    if i64::try_from(present).unwrap_or(i64::MAX) >= OFFERS_OF_A_HOST {
        return Err(AppError::conflict(
            "Votre structure a déjà vingt offres : réunissez-en, ou supprimez-en une.",
        ));
    }
    let now = app.now();
    let OfferContent {
        name,
        description,
        lines,
        software,
        price_model,
        price_bracket,
    } = content;
    let offer = Offer {
        id: app.next_id(),
        host_id: id,
        number: host_offers::take_number(&mut tx, id).await?,
        name,
        description,
        lines,
        software,
        price_model,
        price_bracket,
        created_at: now,
        updated_at: now,
    };
    host_offers::insert(&mut tx, &offer).await?;
    keep(app, &mut tx, &mut host).await?;
    app.audit(&mut tx, who, entry("host.offer-add", id)).await?;
    tx.commit().await?;
    Ok(offer)
}

/// Rewrites an offer.
pub async fn edit(
    app: &App,
    who: &Who,
    id: HostId,
    number: i64,
    input: &OfferInput,
) -> Result<Offer, AppError> {
    let mut tx = app.store().write().await?;
    let mut host = lock_to_write(&mut tx, who, id).await?;
    let content = input.check().map_err(AppError::Invalid)?;
    let mut offer = find(&mut tx, id, number).await?;
    offer.name = content.name;
    offer.description = content.description;
    offer.lines = content.lines;
    offer.software = content.software;
    offer.price_model = content.price_model;
    offer.price_bracket = content.price_bracket;
    offer.updated_at = app.now();
    host_offers::update(&mut tx, &offer).await?;
    keep(app, &mut tx, &mut host).await?;
    app.audit(&mut tx, who, entry("host.offer-edit", id))
        .await?;
    tx.commit().await?;
    Ok(offer)
}

/// Deletes an offer. A structure whose last accompaniment goes so leaves the directory.
pub async fn delete(app: &App, who: &Who, id: HostId, number: i64) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut host = lock_to_write(&mut tx, who, id).await?;
    let offer = find(&mut tx, id, number).await?;
    host_offers::delete(&mut tx, offer.id).await?;
    keep(app, &mut tx, &mut host).await?;
    app.audit(&mut tx, who, entry("host.offer-delete", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

async fn lock_to_write(tx: &mut Write, who: &Who, id: HostId) -> Result<Host, AppError> {
    let (host, role) = lock_with_role(tx, who, id).await?;
    permissions::write_host(who, role)?;
    check_editable(&host)?;
    Ok(host)
}

async fn find(tx: &mut Write, id: HostId, number: i64) -> Result<Offer, AppError> {
    host_offers::find(tx, id, number)
        .await?
        .ok_or(AppError::NotFound(Missing::Offer))
}
