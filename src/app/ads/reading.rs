//! What readers, feeds, the API and other servers see of ads. The only place that decides what is
//! public (invariant 5), by asking [`AdState::is_public`].

use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::{
        ad::{Ad, AdKind, AdState, Media, Milestone},
        federation::{Actor, Comment, CommentState, Post, ReactionKind},
        ids::{AdId, OrganisationId, PostId},
        organisation::{MembershipRole, Organisation},
        problem::Problem,
        territory::Territory,
    },
    search::Query,
    store::{
        Micros, Read, actors,
        ad_listing::{self, AdFilter, Cursor, Facet, Status},
        ads, comments, figures, follows, media, milestones, organisations, posts,
    },
};

use super::{POSTS_OF_AN_AD, find_with_role};

/// Ads on one page of the list.
pub const PAGE_SIZE: i64 = 20;
/// Replies shown under an ad at once.
pub const COMMENTS_SHOWN: i64 = 100;

/// A published ad with everything its page shows.
#[derive(Clone, Debug)]
pub struct AdPage {
    pub ad: Ad,
    pub organisation: Organisation,
    pub image: Option<Media>,
    pub actor: Actor,
    pub milestones: Vec<Milestone>,
    pub posts: Vec<Post>,
    /// Accepted replies, the oldest first.
    pub comments: Vec<Comment>,
    pub follower_count: i64,
    pub like_count: i64,
    pub announce_count: i64,
}

/// The public ad with this number.
///
/// A withdrawn one is [`AppError::Gone`] with its date; one that readers never saw does not exist.
pub async fn show(app: &App, number: i64) -> Result<AdPage, AppError> {
    let mut tx = app.store().read().await?;
    let ad = find_public(&mut tx, number).await?;
    let actor_id = ad.actor_id.ok_or(AppError::NotFound(Missing::Ad))?;
    let actor = actors::find(&mut tx, actor_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Actor))?;
    let organisation = organisations::find(&mut tx, ad.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let image = match ad.image_id {
        Some(id) => media::find(&mut tx, id).await?,
        None => None,
    };
    Ok(AdPage {
        milestones: milestones::list_by_ad(&mut tx, ad.id, POSTS_OF_AN_AD).await?,
        posts: posts::list_by_ad(&mut tx, ad.id, POSTS_OF_AN_AD).await?,
        comments: comments::list_by_ad(
            &mut tx,
            ad.id,
            CommentState::Accepted,
            None,
            COMMENTS_SHOWN,
        )
        .await?,
        follower_count: follows::count_followers(&mut tx, actor.id).await?,
        like_count: figures::count_reactions(&mut tx, ad.id, ReactionKind::Like).await?,
        announce_count: figures::count_reactions(&mut tx, ad.id, ReactionKind::Announce).await?,
        ad,
        organisation,
        image,
        actor,
    })
}

async fn find_public(tx: &mut Read, number: i64) -> Result<Ad, AppError> {
    let ad = ads::find_by_number(tx, number)
        .await?
        .ok_or(AppError::NotFound(Missing::Ad))?;
    match ad.state {
        state if state.is_public() => Ok(ad),
        AdState::Withdrawn => Err(AppError::Gone {
            what: Missing::Ad,
            since: ad.ended_at.unwrap_or(ad.updated_at),
        }),
        _ => Err(AppError::NotFound(Missing::Ad)),
    }
}

/// One post with its ad, for the document that other servers read.
pub async fn show_post(app: &App, post: PostId) -> Result<(Post, AdPage), AppError> {
    let (post, number) = {
        let mut tx = app.store().read().await?;
        let post = posts::find(&mut tx, post)
            .await?
            .ok_or(AppError::NotFound(Missing::Post))?;
        if let Some(since) = post.deleted_at {
            return Err(AppError::Gone {
                what: Missing::Post,
                since,
            });
        }
        let ad = ads::find(&mut tx, post.ad_id)
            .await?
            .ok_or(AppError::NotFound(Missing::Ad))?;
        (post, ad.number.ok_or(AppError::NotFound(Missing::Ad))?)
    };
    Ok((post, show(app, number).await?))
}

/// An ad as its organisation works on it, and moderators read it.
#[derive(Clone, Debug)]
pub struct Workshop {
    pub ad: Ad,
    pub organisation: Organisation,
    pub image: Option<Media>,
    pub milestones: Vec<Milestone>,
    /// What this person is in the organisation; `None` for a moderator.
    pub role: Option<MembershipRole>,
    pub pending_comments: i64,
}

/// The workshop of an ad.
pub async fn show_workshop(app: &App, who: &Who, id: AdId) -> Result<Workshop, AppError> {
    let mut tx = app.store().read().await?;
    let (ad, role) = find_with_role(&mut tx, who, id).await?;
    permissions::see_unpublished_ad(who, role)?;
    let organisation = organisations::find(&mut tx, ad.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let image = match ad.image_id {
        Some(id) => media::find(&mut tx, id).await?,
        None => None,
    };
    Ok(Workshop {
        milestones: milestones::list_by_ad(&mut tx, id, POSTS_OF_AN_AD).await?,
        pending_comments: comments::count_by_ad(&mut tx, id, CommentState::Pending).await?,
        ad,
        organisation,
        image,
        role,
    })
}

/// Ads of an organisation whatever their state, for its members.
pub async fn list_for_members(
    app: &App,
    who: &Who,
    organisation: OrganisationId,
    before: Option<AdId>,
    limit: i64,
) -> Result<Vec<Ad>, AppError> {
    let mut tx = app.store().read().await?;
    let role = match who.account_id() {
        Some(account) => {
            crate::store::memberships::find_role(&mut tx, organisation, account).await?
        }
        None => None,
    };
    permissions::see_unpublished_ad(who, role)?;
    Ok(ads::list_by_organisation(&mut tx, organisation, before, limit).await?)
}

/// What a reader is looking for, as it stands in the address of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct Search {
    /// Free text.
    pub q: String,
    pub kind: String,
    /// `region:84`, `departement:69`; empty for all.
    pub territory: String,
    /// `active`, `ended`, `all`; empty for active.
    pub status: String,
    pub licence: String,
    pub tag: String,
    /// Cursor of the page, as given by the page before.
    pub after: String,
}

/// One choice of a filter, and how many ads it would show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub count: i64,
}

/// One page of the list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// With the name of each organisation.
    pub ads: Vec<(Ad, String)>,
    /// Cursor of the next page, when there is one.
    pub next: Option<String>,
    /// How many ads the search finds in all.
    pub total: i64,
    pub kinds: Vec<Choice>,
    /// Départements, regions and « everywhere » that ads were written for.
    pub territories: Vec<Choice>,
}

/// The list that readers see: most recently published first, because no other order is neutral
/// towards those who wrote them.
pub async fn list(app: &App, search: &Search) -> Result<Listing, AppError> {
    let query = Query::parse(&search.q);
    if query.is_none() && !search.q.trim().is_empty() {
        // nothing but words that mean nothing by themselves
        return Ok(Listing::default());
    }
    let filter = filter_of(search, query.as_ref())?;
    let after = match search.after.as_str() {
        "" => None,
        text => Some(parse_cursor(text).ok_or(AppError::NotFound(Missing::Page))?),
    };
    let mut tx = app.store().read().await?;
    let mut ads = ad_listing::list(&mut tx, &filter, after, PAGE_SIZE + 1).await?;
    let has_more = i64::try_from(ads.len()).unwrap_or(i64::MAX) > PAGE_SIZE;
    if has_more {
        ads.pop();
    }
    let next = ads
        .last()
        .filter(|_| has_more)
        .and_then(|(ad, _)| write_cursor(ad));
    let total = ad_listing::count_by(&mut tx, &filter, Facet::None)
        .await?
        .iter()
        .map(|(_, n)| n)
        .sum();
    Ok(Listing {
        ads,
        next,
        total,
        kinds: choices(ad_listing::count_by(&mut tx, &filter, Facet::Kind).await?),
        territories: choices(ad_listing::count_by(&mut tx, &filter, Facet::Territory).await?),
    })
}

/// The most recent public ads, whatever they are.
pub async fn list_latest(app: &App, limit: i64) -> Result<Vec<(Ad, String)>, AppError> {
    let mut tx = app.store().read().await?;
    let filter = AdFilter {
        status: Status::Active,
        ..AdFilter::default()
    };
    Ok(ad_listing::list(&mut tx, &filter, None, limit).await?)
}

/// Public ads of one organisation, the most recent first.
pub async fn list_public_of(
    app: &App,
    organisation: OrganisationId,
    limit: i64,
) -> Result<Vec<Ad>, AppError> {
    let mut tx = app.store().read().await?;
    let filter = AdFilter {
        status: Status::All,
        organisation: Some(organisation),
        ..AdFilter::default()
    };
    let ads = ad_listing::list(&mut tx, &filter, None, limit).await?;
    Ok(ads.into_iter().map(|(ad, _)| ad).collect())
}

fn choices(counts: Vec<(String, i64)>) -> Vec<Choice> {
    counts
        .into_iter()
        .map(|(value, count)| Choice { value, count })
        .collect()
}

fn filter_of<'a>(search: &'a Search, query: Option<&'a Query>) -> Result<AdFilter<'a>, AppError> {
    let unknown = |field| {
        AppError::field(
            field,
            Problem::new("Ce filtre n’existe pas. Choisissez-le dans la liste."),
        )
    };
    let kind = match search.kind.as_str() {
        "" => None,
        word => Some(AdKind::parse(word).ok_or_else(|| unknown("kind"))?),
    };
    let territories = match search.territory.as_str() {
        "" => None,
        text => Some(codes_around(
            Territory::parse(text).map_err(|_| unknown("territory"))?,
        )),
    };
    let status = match search.status.as_str() {
        "" | "active" => Status::Active,
        "ended" => Status::Ended,
        "all" => Status::All,
        _ => return Err(unknown("status")),
    };
    Ok(AdFilter {
        query,
        kind,
        status,
        territories,
        licence: Some(search.licence.as_str()).filter(|id| !id.is_empty()),
        hashtag: Some(search.tag.as_str()).filter(|tag| is_hashtag_key(tag)),
        organisation: None,
    })
}

fn is_hashtag_key(tag: &str) -> bool {
    !tag.is_empty() && tag.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The storage forms of the territories around one, between bars.
fn codes_around(wanted: Territory) -> String {
    let codes: Vec<String> = wanted.around().iter().map(ToString::to_string).collect();
    format!("|{}|", codes.join("|"))
}

fn write_cursor(ad: &Ad) -> Option<String> {
    let published = ad.published_at?.timestamp_micros();
    Some(format!("{published}-{}", ad.id))
}

fn parse_cursor(text: &str) -> Option<Cursor> {
    let (published, id) = text.split_once('-')?;
    Some(Cursor {
        published_at: Micros(published.parse().ok()?),
        id: AdId::parse(id)?,
    })
}
