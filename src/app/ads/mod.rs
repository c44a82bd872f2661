//! Classified ads.
//!
//! Everything that changes an ad lives in one of these files: [`writing`] (drafts, edits,
//! pictures), [`review`] (the moderators), [`publication`] (the first time readers see it),
//! [`life`] (milestones, renewal, the end), [`terms`] (reminders and expiry). [`indexing`] keeps the
//! words under which readers find it. [`reading`] is what pages, feeds, the API and federation show;
//! it is the only place that decides what is public. [`members`] is what an organisation reads of
//! its own ads.

pub mod indexing;
pub mod life;
pub mod members;
pub mod publication;
pub mod reading;
pub mod review;
pub mod terms;
pub mod writing;

#[cfg(test)]
mod tests;

use crate::{
    app::{App, AppError, Missing, Who},
    domain::{
        ad::Ad,
        federation::{Actor, Post},
        ids::AdId,
        organisation::MembershipRole,
        outbound::Outbound,
    },
    store::{Read, Write, actors, ads, memberships, posts},
};

/// The most posts that one ad has: its announcement and its milestones.
pub(crate) const POSTS_OF_AN_AD: i64 = 500;

/// The ad, and what this person is in its organisation.
async fn find_with_role(
    tx: &mut Read,
    who: &Who,
    id: AdId,
) -> Result<(Ad, Option<MembershipRole>), AppError> {
    let ad = ads::find(tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Ad))?;
    let role = match who.account_id() {
        Some(account) => memberships::find_role(tx, ad.organisation_id, account).await?,
        None => None,
    };
    Ok((ad, role))
}

/// The same, for who is about to change the ad: nobody else changes it meanwhile. Without the lock,
/// a milestone told while somebody withdraws the ad would stay, and be sent after the farewell.
async fn find_to_change(
    tx: &mut Write,
    who: &Who,
    id: AdId,
) -> Result<(Ad, Option<MembershipRole>), AppError> {
    ads::lock(tx, id).await?;
    find_with_role(tx, who, id).await
}

/// The actor of a published ad.
async fn actor_of(tx: &mut Read, ad: &Ad) -> Result<Actor, AppError> {
    let id = ad
        .actor_id
        .ok_or_else(|| AppError::internal("a published ad has no actor"))?;
    actors::find(tx, id)
        .await?
        .ok_or_else(|| AppError::internal("the actor of an ad is missing"))
}

/// Tells other servers that a published ad changed: its profile, and its announcement.
async fn announce_change(app: &App, tx: &mut Write, ad: &Ad) -> Result<(), AppError> {
    let actor = actor_of(tx, ad).await?;
    // other servers ignore an edit that is not newer than what they have
    let now = app
        .now()
        .max(actor.updated_at + chrono::TimeDelta::milliseconds(1));
    actors::rename_local(tx, actor.id, &ad.content.title, now).await?;
    super::outbox::enqueue(app, tx, &actor, Outbound::UpdateActor).await?;
    if let Some(announcement) = announcement_of(tx, ad.id).await? {
        let touched = now.max(announcement.updated_at + chrono::TimeDelta::seconds(1));
        posts::touch(tx, announcement.id, touched).await?;
        super::outbox::enqueue(
            app,
            tx,
            &actor,
            Outbound::Update {
                post: announcement.id,
            },
        )
        .await?;
    }
    Ok(())
}

/// The first post of an ad.
async fn announcement_of(tx: &mut Read, ad: AdId) -> Result<Option<Post>, AppError> {
    Ok(posts::list_by_ad(tx, ad, 1).await?.into_iter().next())
}
