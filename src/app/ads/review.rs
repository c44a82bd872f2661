//! What moderators decide about ads.

use url::Url;

use crate::{
    app::{App, AppError, Missing, Who, mails, notices, permissions},
    domain::{
        account::Account,
        ad::{Ad, AdState, Media},
        addresses,
        html::Markdown,
        ids::{AdId, ReviewId},
        moderation::{Review, ReviewStep},
        organisation::{Member, Organisation},
        problem::Problem,
        text::clean_text,
    },
    mail::{
        Message,
        compose::{self, AdPublished, AdRefused, QueueItem, QueuedKind},
    },
    store::{Write, ad_reviews, ads, media, memberships, notices as told, organisations},
};

use super::{find_to_change, find_with_role, publication, writing::entry};

/// Characters of a motive: enough to be useful to who reads it.
const MOTIVE_LENGTH: std::ops::RangeInclusive<usize> = 10..=2_000;
/// Steps of a conversation that are shown.
const STEPS_SHOWN: i64 = 100;
/// People told by mail of one event.
const PEOPLE_TOLD: i64 = 50;
/// Ads with the same text that are shown.
const COPIES_SHOWN: i64 = 10;

/// What a moderator decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Approve,
    /// With words that the author can use.
    Refuse {
        motive: String,
    },
}

/// Everything a moderator needs to decide.
#[derive(Clone, Debug)]
pub struct ReviewFile {
    pub ad: Ad,
    pub organisation: Organisation,
    pub members: Vec<Member>,
    /// Ads of this organisation that readers have seen.
    pub published_before: i64,
    pub steps: Vec<Review>,
    pub image: Option<Media>,
    /// Addresses that the text leads to.
    pub links: Vec<Url>,
    /// Other ads that say exactly the same, with the name of their organisation.
    pub copies: Vec<(Ad, String)>,
    /// Whether this moderator belongs to the organisation and cannot decide.
    pub is_recused: bool,
}

/// Ads that wait, the oldest first.
pub async fn list(
    app: &App,
    who: &Who,
    after: Option<AdId>,
    limit: i64,
) -> Result<Vec<(Ad, String)>, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(ads::list_in_review(&mut tx, after, limit).await?)
}

/// How many ads wait.
pub async fn count(app: &App, who: &Who) -> Result<i64, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    Ok(ads::count_in_review(&mut tx).await?)
}

/// The file of one ad.
pub async fn show(app: &App, who: &Who, id: AdId) -> Result<ReviewFile, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    let (ad, role) = find_with_role(&mut tx, who, id).await?;
    let organisation = organisations::find(&mut tx, ad.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    Ok(ReviewFile {
        members: memberships::list_members(&mut tx, organisation.id, PEOPLE_TOLD).await?,
        published_before: ads::count_published(&mut tx, organisation.id).await?,
        steps: ad_reviews::list_by_ad(&mut tx, id, STEPS_SHOWN).await?,
        image: match ad.image_id {
            Some(id) => media::find(&mut tx, id).await?,
            None => None,
        },
        links: links_of(&ad),
        copies: ads::list_with_same_need(&mut tx, &ad, COPIES_SHOWN).await?,
        is_recused: role.is_some(),
        ad,
        organisation,
    })
}

/// Where the text of an ad leads, its upstream ticket included.
fn links_of(ad: &Ad) -> Vec<Url> {
    let ticket = ad.content.ticket_url.as_deref();
    let ticket = ticket.and_then(|address| Url::parse(address).ok());
    let mut links = Markdown::new(&ad.content.need).links();
    links.extend(ticket);
    links
}

/// The conversation about one ad, as its organisation reads it: moderators have no name there.
pub async fn conversation(app: &App, who: &Who, id: AdId) -> Result<Vec<Review>, AppError> {
    let mut tx = app.store().read().await?;
    let (_, role) = find_with_role(&mut tx, who, id).await?;
    permissions::see_unpublished_ad(who, role)?;
    let mut steps = ad_reviews::list_by_ad(&mut tx, id, STEPS_SHOWN).await?;
    for step in &mut steps {
        if matches!(step.step, ReviewStep::Approved | ReviewStep::Refused) {
            step.author.clear();
        }
    }
    Ok(steps)
}

/// Decides on an ad, and tells its author.
pub async fn decide(app: &App, who: &Who, id: AdId, decision: Decision) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::review_ad(who, role)?;
    if ad.state != AdState::InReview {
        return Err(AppError::conflict(
            "Une décision a déjà été prise sur cette annonce.",
        ));
    }
    let (step, motive) = match &decision {
        Decision::Approve => (ReviewStep::Approved, String::new()),
        Decision::Refuse { motive } => (ReviewStep::Refused, check_motive(motive)?),
    };
    let now = app.now();
    let review: ReviewId = app.next_id();
    let moderator = who.signed_in()?.id;
    ad_reviews::insert(&mut tx, review, id, moderator, (step, &motive), now).await?;
    match step {
        ReviewStep::Refused => {
            ad.state = AdState::Refused;
            ad.updated_at = now;
            ads::update(&mut tx, &ad).await?;
        }
        _ => publication::publish(app, &mut tx, &mut ad).await?,
    }
    tell_organisation(app, &mut tx, &ad, &motive).await?;
    app.audit(&mut tx, who, entry(audit_action(step), id))
        .await?;
    tx.commit().await?;
    Ok(())
}

const fn audit_action(step: ReviewStep) -> &'static str {
    match step {
        ReviewStep::Refused => "ad.refuse",
        _ => "ad.approve",
    }
}

fn check_motive(typed: &str) -> Result<String, AppError> {
    let motive = clean_text(typed);
    if MOTIVE_LENGTH.contains(&motive.chars().count()) {
        return Ok(motive);
    }
    Err(AppError::field(
        "motive",
        Problem::new("Expliquez ce qui empêche la publication, en {least} à {most} caractères : l’association lira ces mots.")
            .with("least", MOTIVE_LENGTH.start())
            .with("most", MOTIVE_LENGTH.end()),
    ))
}

/// Tells moderators that an ad waits for them.
pub(super) async fn tell_moderators(app: &App, tx: &mut Write, ad: &Ad) -> Result<(), AppError> {
    let link = notices::link(app, &addresses::ad_review_path(ad.id))?;
    let organisation = organisations::find(tx, ad.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    for moderator in told::list_moderators(tx, PEOPLE_TOLD).await? {
        let message = compose::queue_item(
            notices::texts_of(&moderator),
            &QueueItem {
                to: &moderator.email,
                site: notices::site(app),
                kind: QueuedKind::Ad,
                title: &ad.content.title,
                organisation: &organisation.name,
                link: &link,
                unsubscribe: &notices::stop_link(app, moderator.id)?,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// Tells everybody of the organisation what was decided.
async fn tell_organisation(
    app: &App,
    tx: &mut Write,
    ad: &Ad,
    motive: &str,
) -> Result<(), AppError> {
    for account in memberships::list_accounts(tx, ad.organisation_id, PEOPLE_TOLD).await? {
        let message = decision_mail(app, ad, &account, motive)?;
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

fn decision_mail(app: &App, ad: &Ad, account: &Account, motive: &str) -> Result<Message, AppError> {
    let texts = notices::texts_of(account);
    let site = notices::site(app);
    let title = &ad.content.title;
    Ok(match (ad.address(), ad.handle()) {
        (Some(address), Some(handle)) => {
            let handle = format!("@{handle}@{}", app.config().public_url.authority());
            let link = notices::link(app, &format!("{}/{address}", addresses::ADS_PATH))?;
            let mail = AdPublished {
                to: &account.email,
                site,
                title,
                handle: &handle,
                link: &link,
            };
            compose::ad_published(texts, &mail)
        }
        _ => {
            let link = notices::link(app, &addresses::ad_workshop_path(ad.id))?;
            let mail = AdRefused {
                to: &account.email,
                site,
                title,
                motive,
                link: &link,
            };
            compose::ad_refused(texts, &mail)
        }
    })
}
