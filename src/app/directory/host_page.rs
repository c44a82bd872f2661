//! The page of a structure, for readers and for those who may see it before.

use chrono::{DateTime, Utc};

use super::indexing::software_of;
use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::{
        accompaniment::Accompaniment,
        catalogue::Software,
        federation::Actor,
        host::{Host, HostState, Offer, SourcedProfile},
        ids::RecommendationId,
        organisation::Organisation,
        recommendation::{Answers, Recommendation},
    },
    store::{
        Read, accompaniments, actors, catalogue, directory as stored, follows, host_fields,
        host_offers, hosts, memberships, organisations, recommendations,
    },
};

/// Recommendations on one page.
pub const RECOMMENDATIONS: i64 = 20;
/// Former words of a recommendation that are shown.
const REVISIONS: i64 = 20;

/// What somebody sees at the address of a structure.
#[derive(Clone, Debug)]
pub enum HostView {
    /// It is in the directory.
    Listed(Box<HostPage>),
    /// It is not, and its members and the moderators see what its page would be.
    Preview(Box<HostPage>),
    /// It was, and is not any more.
    Notice(Box<HostNotice>),
}

/// A structure that left the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostNotice {
    /// Of its organisation.
    pub name: String,
    pub handle: String,
    pub since: DateTime<Utc>,
    /// Why moderators took it out; empty when its recommendations ended.
    pub motive: String,
    /// Whether moderators took it out.
    pub is_suspended: bool,
    /// Its account, which can still be followed.
    pub actor: Option<Actor>,
}

/// A structure with everything its page shows.
#[derive(Clone, Debug)]
pub struct HostPage {
    pub host: Host,
    pub organisation: Organisation,
    pub profile: SourcedProfile,
    pub offers: Vec<Offer>,
    /// The programs it proposes, as far as the catalogue has them.
    pub software: Vec<Software>,
    /// Slugs and names of the tools that they replace.
    pub tools: Vec<(String, String)>,
    /// Published recommendations, the latest first.
    pub recommendations: Vec<Recommended>,
    /// Where those that follow begin.
    pub next: Option<RecommendationId>,
    /// There once it was in the directory.
    pub actor: Option<Actor>,
    pub follower_count: i64,
}

/// A published recommendation with what stands around it.
#[derive(Clone, Debug)]
pub struct Recommended {
    pub recommendation: Recommendation,
    /// The association.
    pub author: Organisation,
    pub accompaniment: Accompaniment,
    /// What it said before, the latest first, with when that was replaced.
    pub revisions: Vec<(DateTime<Utc>, Answers)>,
}

/// The page of the structure with this handle.
///
/// One that was never in the directory does not exist for readers; one that left it has a notice.
pub async fn show(
    app: &App,
    who: &Who,
    handle: &str,
    before: Option<RecommendationId>,
) -> Result<HostView, AppError> {
    let mut tx = app.store().read().await?;
    let host = hosts::find_by_handle(&mut tx, handle)
        .await?
        .ok_or(AppError::NotFound(Missing::Host))?;
    if host.listing.standing.is_in_directory() {
        let page = read_page(&mut tx, host, before).await?;
        return Ok(HostView::Listed(Box::new(page)));
    }
    if may_preview(&mut tx, who, &host).await? {
        let page = read_page(&mut tx, host, before).await?;
        return Ok(HostView::Preview(Box::new(page)));
    }
    let Some(since) = host.listing.unlisted_at else {
        return Err(AppError::NotFound(Missing::Host));
    };
    let organisation = find_organisation(&mut tx, &host).await?;
    let is_suspended = host.state == HostState::Suspended;
    Ok(HostView::Notice(Box::new(HostNotice {
        name: organisation.name,
        since,
        is_suspended,
        actor: find_actor(&mut tx, &host).await?,
        motive: host.suspension_motive.clone(),
        handle: host.handle,
    })))
}

/// The page of a structure that is in the directory, for programs.
///
/// # Errors
/// [`AppError::Gone`] when it left it, not found when it was never in it.
pub async fn show_listed(app: &App, handle: &str) -> Result<HostPage, AppError> {
    match show(app, &Who::Anonymous, handle, None).await? {
        HostView::Listed(page) | HostView::Preview(page) => Ok(*page),
        HostView::Notice(notice) => Err(AppError::Gone {
            what: Missing::Host,
            since: notice.since,
        }),
    }
}

async fn may_preview(tx: &mut Read, who: &Who, host: &Host) -> Result<bool, AppError> {
    let Some(account) = who.account_id() else {
        return Ok(false);
    };
    let role = memberships::find_role(tx, host.organisation_id, account).await?;
    Ok(permissions::see_organisation(who, role).is_ok())
}

async fn find_organisation(tx: &mut Read, host: &Host) -> Result<Organisation, AppError> {
    organisations::find(tx, host.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))
}

async fn find_actor(tx: &mut Read, host: &Host) -> Result<Option<Actor>, AppError> {
    Ok(match host.actor_id {
        Some(id) => actors::find(tx, id).await?,
        None => None,
    })
}

async fn read_page(
    tx: &mut Read,
    host: Host,
    before: Option<RecommendationId>,
) -> Result<HostPage, AppError> {
    let organisation = find_organisation(tx, &host).await?;
    let profile = host_fields::read_profile(tx, host.id).await?;
    let offers = host_offers::list(tx, host.id).await?;
    let slugs = software_of(&profile.profile, &offers);
    let refs: Vec<&str> = slugs.iter().map(String::as_str).collect();
    let mut found =
        recommendations::list_published_by_host(tx, host.id, before, RECOMMENDATIONS + 1).await?;
    let most = usize::try_from(RECOMMENDATIONS).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| has_more).map(|last| last.id);
    let actor = find_actor(tx, &host).await?;
    let follower_count = match &actor {
        Some(actor) => follows::count_followers(tx, actor.id).await?,
        None => 0,
    };
    let mut recommended = Vec::with_capacity(found.len());
    for recommendation in found {
        recommended.push(complete(tx, recommendation).await?);
    }
    Ok(HostPage {
        software: catalogue::list_software(tx, &refs).await?,
        tools: catalogue::list_replaced_by(tx, &slugs).await?,
        recommendations: recommended,
        host,
        organisation,
        profile,
        offers,
        next,
        actor,
        follower_count,
    })
}

async fn complete(tx: &mut Read, recommendation: Recommendation) -> Result<Recommended, AppError> {
    let author = organisations::find(tx, recommendation.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let accompaniment = accompaniments::find(tx, recommendation.accompaniment_id)
        .await?
        .ok_or(AppError::internal("a recommendation without accompaniment"))?;
    Ok(Recommended {
        revisions: recommendations::list_revisions(tx, recommendation.id, REVISIONS).await?,
        recommendation,
        author,
        accompaniment,
    })
}

/// A recommendation that was just published, with the structure it is about.
#[derive(Clone, Debug)]
pub struct NewRecommendation {
    pub handle: String,
    /// Name of the structure.
    pub structure: String,
    pub recommended: Recommended,
}

/// The recommendations of structures in the directory that were published last.
pub async fn list_newest_recommendations(
    app: &App,
    limit: i64,
) -> Result<Vec<NewRecommendation>, AppError> {
    let mut tx = app.store().read().await?;
    let mut newest = Vec::new();
    for found in stored::list_newest_recommendations(&mut tx, limit).await? {
        let Some(recommendation) = recommendations::find(&mut tx, found.id).await? else {
            continue;
        };
        newest.push(NewRecommendation {
            handle: found.handle,
            structure: found.structure,
            recommended: complete(&mut tx, recommendation).await?,
        });
    }
    Ok(newest)
}
