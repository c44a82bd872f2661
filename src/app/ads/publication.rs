//! The first time readers see an ad.

use crate::{
    app::{
        App, AppError, Who,
        actors::{self as our_actors, NewActor},
        outbox, permissions,
    },
    domain::{
        ad::{self, Ad, AdState, Completeness, FIRST_ADS_REVIEWED},
        addresses::{ADS_HANDLE, ADS_PATH, ActorAddresses},
        federation::{Actor, ActorKind, ActorRole, Post, PostKind, PostSubject},
        ids::{AdId, ReviewId},
        moderation::ReviewStep,
        outbound::Outbound,
        slug::Slug,
    },
    store::{Read, Write, actors, ad_reviews, ads, counters, posts},
};

use super::{find_to_change, indexing, writing::entry};

/// Most characters of the readable part of an address.
const SLUG_LENGTH: usize = 60;

/// What became of a request for publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    /// A moderator will decide.
    InReview,
    /// Readers see it now.
    Published,
}

/// Asks for publication. The first ads of an organisation wait for a moderator.
///
/// `answer` goes with it when the ad was refused before; it may be empty.
pub async fn submit(app: &App, who: &Who, id: AdId, answer: &str) -> Result<Submission, AppError> {
    let author = who.signed_in()?.id;
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    if !matches!(ad.state, AdState::Draft | AdState::Refused) {
        return Err(AppError::conflict("Cette annonce est déjà envoyée."));
    }
    ad.content = ad
        .content
        .to_input()
        .check(app.today(), Completeness::Publication)
        .map_err(AppError::Invalid)?;
    let now = app.now();
    ad.submitted_at = Some(now);
    ad.updated_at = now;
    let step = if ad.state == AdState::Refused {
        ReviewStep::Answered
    } else {
        ReviewStep::Submitted
    };
    let review: ReviewId = app.next_id();
    let words = crate::domain::text::clean_text(answer);
    ad_reviews::insert(&mut tx, review, ad.id, author, (step, &words), now).await?;
    let submission = if is_reviewed_first(&mut tx, &ad).await? {
        ad.state = AdState::InReview;
        ads::update(&mut tx, &ad).await?;
        super::review::tell_moderators(app, &mut tx, &ad).await?;
        Submission::InReview
    } else {
        publish(app, &mut tx, &mut ad).await?;
        Submission::Published
    };
    app.audit(&mut tx, who, entry("ad.submit", id)).await?;
    tx.commit().await?;
    Ok(submission)
}

/// Whether a moderator decides on an ad before readers see it: the first ads of an organisation, and
/// those that were refused (invariant 6).
pub(super) async fn is_reviewed_first(tx: &mut Read, ad: &Ad) -> Result<bool, AppError> {
    let published_before = ads::count_published(tx, ad.organisation_id).await?;
    Ok(published_before < FIRST_ADS_REVIEWED || ad.state == AdState::Refused)
}

/// Makes an ad public: number, address, actor, announcement in its followers' timelines.
pub(super) async fn publish(app: &App, tx: &mut Write, ad: &mut Ad) -> Result<(), AppError> {
    let now = app.now();
    let number = counters::take(tx, counters::Counter::Ad).await?;
    let slug = Slug::from_title(&ad.content.title, SLUG_LENGTH);
    let address = format!("{number}-{slug}");
    let handle = ad::handle_of(number);
    let actor = our_actors::create(
        app,
        tx,
        &NewActor {
            role: ActorRole::Ad,
            kind: ActorKind::Group,
            handle: &handle,
            path: &format!("{ADS_PATH}/{address}"),
            name: &ad.content.title,
        },
    )
    .await?;
    ad.number = Some(number);
    ad.slug = Some(slug);
    ad.actor_id = Some(actor.id);
    ad.state = AdState::Open;
    ad.published_at = Some(now);
    ad.expires_at = Some(ad::expiry_of(now));
    ad.updated_at = now;
    ads::update(tx, ad).await?;
    indexing::refresh(tx, ad).await?;
    announce(app, tx, ad, &actor).await
}

/// The first post of an ad, said by the ad itself and shown by the `annonces` actor.
async fn announce(app: &App, tx: &mut Write, ad: &Ad, actor: &Actor) -> Result<(), AppError> {
    let now = app.now();
    let addresses = ActorAddresses::new(actor.uri.as_str());
    let announcement = Post {
        id: app.next_id(),
        actor_id: actor.id,
        subject: PostSubject::Ad(ad.id),
        kind: PostKind::Announcement,
        number: 0,
        note_uri: addresses.note(0),
        article_uri: Some(addresses.article(0)),
        published_at: now,
        updated_at: now,
        deleted_at: None,
    };
    posts::insert(tx, &announcement).await?;
    let post = announcement.id;
    outbox::enqueue(app, tx, actor, Outbound::Create { post }).await?;
    let everything = actors::find_local_by_handle(tx, ADS_HANDLE)
        .await?
        .ok_or_else(|| AppError::internal("the actor of new ads is missing"))?;
    outbox::enqueue(app, tx, &everything, Outbound::Announce { post }).await?;
    Ok(())
}
