//! Drafts, edits, pictures.

use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::{
        ad::{Ad, AdContent, AdInput, AdState, Completeness, Media},
        ids::{AdId, MediaId, OrganisationId, RevisionId},
        picture::{AltText, Picture},
        problem::Problem,
    },
    store::{ads, audit::Entry, media, memberships},
};

use super::{announce_change, find_to_change, find_with_role, indexing};

/// Starts an ad for an organisation. Only what is typed must be sound, nothing is required yet.
pub async fn create(
    app: &App,
    who: &Who,
    organisation: OrganisationId,
    input: &AdInput,
) -> Result<AdId, AppError> {
    let author = who.signed_in()?.id;
    let mut tx = app.store().write().await?;
    let role = memberships::find_role(&mut tx, organisation, author).await?;
    permissions::write_ad(who, role)?;
    let content = input
        .check(app.today(), Completeness::Draft)
        .map_err(AppError::Invalid)?;
    let now = app.now();
    let ad = Ad {
        id: app.next_id(),
        number: None,
        slug: None,
        organisation_id: organisation,
        created_by: author,
        actor_id: None,
        state: AdState::Draft,
        content,
        image_id: None,
        outcome: String::new(),
        version: 1,
        created_at: now,
        updated_at: now,
        submitted_at: None,
        published_at: None,
        expires_at: None,
        reminded_at: None,
        ended_at: None,
    };
    ads::insert(&mut tx, &ad).await?;
    app.audit(&mut tx, who, entry("ad.create", ad.id)).await?;
    tx.commit().await?;
    Ok(ad.id)
}

/// Rewrites an ad. `version` is the one the person read: an edit made from an older one is refused
/// rather than undoing somebody else's.
///
/// A published ad must stay complete; what it said before is kept, and its followers are told.
pub async fn save(
    app: &App,
    who: &Who,
    id: AdId,
    version: i64,
    input: &AdInput,
) -> Result<Ad, AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    if !ad.state.is_editable() {
        return Err(AppError::conflict(
            "Cette annonce ne peut plus être modifiée.",
        ));
    }
    if ad.version != version {
        return Err(AppError::conflict(
            "Cette annonce a été modifiée entre-temps, peut-être par une autre personne de votre organisation. Rechargez la page avant de recommencer.",
        ));
    }
    let completeness = if ad.state.is_public() {
        Completeness::Publication
    } else {
        Completeness::Draft
    };
    // a deadline that has passed since may stay as it was
    let today = ad
        .content
        .deadline
        .map_or(app.today(), |day| day.min(app.today()));
    let content = input
        .check(today, completeness)
        .map_err(AppError::Invalid)?;
    if content == ad.content {
        return Ok(ad);
    }
    let replaced = std::mem::replace(&mut ad.content, content);
    keep_edit(app, &mut tx, who, &mut ad, &replaced).await?;
    tx.commit().await?;
    ads_again(app, id).await
}

/// Writes the edit of an ad, with its history and its announcement when it is public.
async fn keep_edit(
    app: &App,
    tx: &mut crate::store::Write,
    who: &Who,
    ad: &mut Ad,
    replaced: &AdContent,
) -> Result<(), AppError> {
    ad.updated_at = app.now();
    ads::update(tx, ad).await?;
    if ad.state.is_public() {
        let id: RevisionId = app.next_id();
        ads::insert_revision(tx, id, ad.id, who.signed_in()?.id, replaced, ad.updated_at).await?;
        announce_change(app, tx, ad).await?;
        indexing::refresh(tx, ad).await?;
    }
    app.audit(tx, who, entry("ad.save", ad.id)).await
}

async fn ads_again(app: &App, id: AdId) -> Result<Ad, AppError> {
    let mut tx = app.store().read().await?;
    ads::find(&mut tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Ad))
}

/// Puts a picture on an ad, already decoded and made again by us, so that nothing of the original
/// file is ever served.
pub async fn set_image(
    app: &App,
    who: &Who,
    id: AdId,
    picture: &Picture,
    alt: &AltText,
) -> Result<(), AppError> {
    check_may_edit(app, who, id).await?;
    let media_id: MediaId = app.next_id();
    let file_name = format!("{media_id}.{}", picture.format.extension());
    // the file first, and outside the transaction: a row never names a file that is not there
    tokio::fs::write(app.media_dir().join(&file_name), &picture.bytes)
        .await
        .map_err(AppError::internal)?;
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    check_editable(&ad)?;
    let image = Media {
        id: media_id,
        organisation_id: ad.organisation_id,
        file_name,
        media_type: picture.format.media_type().to_owned(),
        width: i64::from(picture.width),
        height: i64::from(picture.height),
        alt: alt.as_str().to_owned(),
    };
    media::insert(&mut tx, &image, app.now()).await?;
    ad.image_id = Some(media_id);
    let content = ad.content.clone();
    keep_edit(app, &mut tx, who, &mut ad, &content).await?;
    tx.commit().await?;
    Ok(())
}

/// Says again what the picture of an ad shows, without sending it again.
pub async fn describe_image(app: &App, who: &Who, id: AdId, alt: &AltText) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    check_editable(&ad)?;
    let Some(image) = ad.image_id else {
        return Err(AppError::NotFound(Missing::Media));
    };
    if !media::describe(&mut tx, image, alt.as_str()).await? {
        return Ok(());
    }
    let content = ad.content.clone();
    keep_edit(app, &mut tx, who, &mut ad, &content).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the picture off an ad.
pub async fn remove_image(app: &App, who: &Who, id: AdId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    check_editable(&ad)?;
    if ad.image_id.take().is_none() {
        return Ok(());
    }
    let content = ad.content.clone();
    keep_edit(app, &mut tx, who, &mut ad, &content).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses early, before a file is written for nothing.
async fn check_may_edit(app: &App, who: &Who, id: AdId) -> Result<(), AppError> {
    let mut tx = app.store().read().await?;
    let (ad, role) = find_with_role(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    check_editable(&ad)
}

fn check_editable(ad: &Ad) -> Result<(), AppError> {
    if ad.state.is_editable() {
        Ok(())
    } else {
        Err(AppError::Conflict(Problem::new(
            "Cette annonce ne peut plus être modifiée.",
        )))
    }
}

/// Throws a draft away. What readers have seen is withdrawn instead, never deleted.
pub async fn delete_draft(app: &App, who: &Who, id: AdId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    if ad.published_at.is_some() || ad.state == AdState::InReview {
        return Err(AppError::conflict("Seul un brouillon peut être supprimé."));
    }
    ads::delete(&mut tx, id).await?;
    app.audit(&mut tx, who, entry("ad.delete_draft", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

pub(super) fn entry(action: &'static str, id: AdId) -> Entry<'static> {
    Entry {
        action,
        subject_kind: "ad",
        subject_id: id.get(),
        detail: "",
    }
}
