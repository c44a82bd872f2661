//! The words under which readers find an ad.

use crate::{
    app::{App, AppError, Missing},
    domain::{ad::Ad, ids::OrganisationId},
    search,
    store::{Write, ad_listing, ads, directory, organisations},
};

/// Ads indexed again before somebody looks whether the process must stop.
const BATCH: i64 = 50;

/// Puts what readers may find of an ad into the search index, or takes it out.
pub(super) async fn refresh(tx: &mut Write, ad: &Ad) -> Result<(), AppError> {
    if !ad.state.is_public() {
        return Ok(ad_listing::remove(tx, ad.id).await?);
    }
    let organisation = organisations::find(tx, ad.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let mut tokens = search::tokens(&ad.content.searchable_text(&organisation.name));
    let hashtags = ad.content.hashtags.iter();
    tokens.extend(hashtags.map(|tag| search::hashtag_token(&tag.key())));
    Ok(ad_listing::index(tx, ad.id, &tokens.join(" ")).await?)
}

/// Has the ads and the structure of an organisation indexed again soon: its name, which is among
/// their words, changed.
pub(crate) async fn refresh_soon(
    app: &App,
    tx: &mut Write,
    organisation: OrganisationId,
) -> Result<(), AppError> {
    ad_listing::mark_outdated(tx, organisation).await?;
    directory::mark_outdated(tx, organisation).await?;
    app.wake_after(tx, |wake| &wake.index);
    Ok(())
}

/// Indexes again some of the ads whose words are out of date, after a new version of the rules for
/// example; gives how many. To be called again until it gives 0.
pub async fn refresh_outdated(app: &App) -> Result<usize, AppError> {
    let mut tx = app.store().read().await?;
    let outdated = ad_listing::list_outdated(&mut tx, BATCH).await?;
    drop(tx);
    for id in &outdated {
        // one transaction each: nobody waits for the writer, nor for the lock of another ad
        let mut tx = app.store().write().await?;
        // locked first: an edit made meanwhile must not be covered by the words of before
        ads::lock(&mut tx, *id).await?;
        if let Some(ad) = ads::find(&mut tx, *id).await? {
            refresh(&mut tx, &ad).await?;
        }
        tx.commit().await?;
    }
    Ok(outdated.len())
}
