//! What members of an organisation read of their own ads.

use chrono::{DateTime, Utc};

use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::{
        ad::{Ad, AdContent},
        ids::AdId,
        moderation::Review,
        organisation::Organisation,
    },
    store::{ads, memberships, organisations},
};

use super::{
    find_with_role, publication,
    reading::{self, Workshop},
    review,
};

/// Edits shown at once.
const EDITS: i64 = 100;
/// Ads of somebody that are shown at once.
const OWN_ADS: i64 = 50;

/// The organisation for which somebody is about to write an ad.
pub async fn find_author(app: &App, who: &Who, slug: &str) -> Result<Organisation, AppError> {
    let author = who.signed_in()?.id;
    let mut tx = app.store().read().await?;
    let organisation = organisations::find_by_slug(&mut tx, slug)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let role = memberships::find_role(&mut tx, organisation.id, author).await?;
    permissions::write_ad(who, role)?;
    Ok(organisation)
}

/// The workshop of an ad, for somebody about to change it.
pub async fn open(app: &App, who: &Who, id: AdId) -> Result<Workshop, AppError> {
    who.signed_in()?;
    let workshop = reading::show_workshop(app, who, id).await?;
    permissions::write_ad(who, workshop.role)?;
    Ok(workshop)
}

/// The ads of every organisation that somebody acts for, with its name; last changed first.
pub async fn list_own(app: &App, who: &Who) -> Result<Vec<(Ad, String)>, AppError> {
    let account = who.signed_in()?.id;
    let mut tx = app.store().read().await?;
    Ok(ads::list_by_member(&mut tx, account, OWN_ADS).await?)
}

/// One edit of an ad that readers could see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub edited_at: DateTime<Utc>,
    /// Name of who made it.
    pub author: String,
    pub before: AdContent,
    pub after: AdContent,
}

/// The edits of an ad since readers see it, the last one first.
pub async fn list_edits(app: &App, who: &Who, id: AdId) -> Result<Vec<Edit>, AppError> {
    let mut tx = app.store().read().await?;
    let (ad, role) = find_with_role(&mut tx, who, id).await?;
    permissions::see_unpublished_ad(who, role)?;
    let mut after = ad.content;
    let mut edits = Vec::new();
    for revision in ads::list_revisions(&mut tx, id, EDITS).await? {
        edits.push(Edit {
            edited_at: revision.replaced_at,
            author: revision.author,
            before: revision.content.clone(),
            after: std::mem::replace(&mut after, revision.content),
        });
    }
    Ok(edits)
}

/// An ad as its members work on it.
#[derive(Clone, Debug)]
pub struct Bench {
    pub workshop: Workshop,
    /// What its organisation and the moderators told each other, the oldest first.
    pub conversation: Vec<Review>,
    /// Whether a moderator reads it before readers do, once its publication is asked for.
    pub is_reviewed_first: bool,
}

/// What the page of an ad shows to its members.
pub async fn show(app: &App, who: &Who, id: AdId) -> Result<Bench, AppError> {
    who.signed_in()?;
    let workshop = reading::show_workshop(app, who, id).await?;
    let conversation = review::conversation(app, who, id).await?;
    let mut tx = app.store().read().await?;
    Ok(Bench {
        is_reviewed_first: publication::is_reviewed_first(&mut tx, &workshop.ad).await?,
        workshop,
        conversation,
    })
}
