//! What readers, feeds, the API and other servers see of ads. The only place that decides what is
//! public (invariant 5), by asking [`AdState::is_public`].

use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::{
        ad::{Ad, AdKind, AdState, ListedAd, Media, Milestone},
        federation::{Actor, Comment, CommentState, Post, ReactionKind},
        hashtag::Hashtag,
        ids::{AdId, MilestoneId, OrganisationId, PostId},
        licence::Licence,
        organisation::{MembershipRole, Organisation},
        problem::{Problem, Problems},
        territory::{self, Territory},
        text::truncate_chars,
    },
    search::{self, Query},
    store::{
        Micros, Read, actors,
        ad_listing::{self, AdFilter, Cursor, Facet, Position, Status},
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
        let ad = post.subject.ad().ok_or(AppError::NotFound(Missing::Ad))?;
        let ad = ads::find(&mut tx, ad)
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

/// The milestones of an ad in the order they were told, after one of them: for everybody once the
/// ad is public, for those who work on it before.
pub async fn list_milestones(
    app: &App,
    who: &Who,
    id: AdId,
    after: Option<MilestoneId>,
    limit: i64,
) -> Result<Vec<Milestone>, AppError> {
    let mut tx = app.store().read().await?;
    let (ad, role) = find_with_role(&mut tx, who, id).await?;
    if !ad.state.is_public() {
        permissions::see_unpublished_ad(who, role)?;
    }
    Ok(milestones::list_after(&mut tx, id, after, limit).await?)
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
    /// SPDX identifier.
    pub licence: String,
    /// A hashtag, however it is written.
    pub tag: String,
    /// Place in the list, as given by [`Listing::next`].
    pub after: String,
    /// Place in the list, as given by [`Listing::previous`].
    pub before: String,
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
    pub ads: Vec<ListedAd>,
    /// Place of the page before, when there is one.
    pub previous: Option<String>,
    /// Place of the page after, when there is one.
    pub next: Option<String>,
    /// How many ads the search finds in all.
    pub total: i64,
    pub kinds: Vec<Choice>,
    /// `active`, `ended` and `all`.
    pub statuses: Vec<Choice>,
    /// Each région followed by its départements, by code. An ad for the whole country counts for
    /// all of them, an ad for a région for its départements, and the other way round.
    pub territories: Vec<Choice>,
}

/// The list that readers see: most recently published first, because no other order is neutral
/// towards those who wrote them.
pub async fn list(app: &App, search: &Search) -> Result<Listing, AppError> {
    let query = Query::parse(&search.q);
    let (filter, position) = filter_of(search, query.as_ref())?;
    let mut tx = app.store().read().await?;
    let mut ads = ad_listing::list(&mut tx, &filter, position, PAGE_SIZE + 1).await?;
    let (previous, next) = neighbours(&mut ads, position, PAGE_SIZE);
    let states = ad_listing::count_by(&mut tx, &filter, Facet::State).await?;
    let kinds = ad_listing::count_by(&mut tx, &filter, Facet::Kind).await?;
    let territories = ad_listing::count_by(&mut tx, &filter, Facet::Territory).await?;
    Ok(Listing {
        ads,
        previous,
        next,
        total: ad_listing::count_by(&mut tx, &filter, Facet::None)
            .await?
            .iter()
            .map(|(_, n)| n)
            .sum(),
        kinds: choices(kinds),
        statuses: statuses(&states),
        territories: territory_choices(&territories),
    })
}

/// A part of the same list, without its counts, and the place of the part after; `limit` ads at
/// most.
pub async fn list_part(
    app: &App,
    search: &Search,
    limit: i64,
) -> Result<(Vec<ListedAd>, Option<String>), AppError> {
    let query = Query::parse(&search.q);
    let (filter, position) = filter_of(search, query.as_ref())?;
    if query.is_none() && !search.q.trim().is_empty() {
        return Ok((Vec::new(), None));
    }
    let mut tx = app.store().read().await?;
    let mut ads = ad_listing::list(&mut tx, &filter, position, limit + 1).await?;
    let (_, next) = neighbours(&mut ads, position, limit);
    Ok((ads, next))
}

/// Takes the ad too many off a page, and tells where the pages around it begin.
fn neighbours(
    ads: &mut Vec<ListedAd>,
    position: Position,
    limit: i64,
) -> (Option<String>, Option<String>) {
    let has_more = i64::try_from(ads.len()).unwrap_or(i64::MAX) > limit;
    let is_backwards = matches!(position, Position::Before(_));
    if has_more && is_backwards {
        ads.remove(0);
    } else if has_more {
        ads.pop();
    }
    let has_previous = match position {
        Position::First => false,
        Position::After(_) => true,
        Position::Before(_) => has_more,
    };
    let previous = ads.first().filter(|_| has_previous).and_then(write_cursor);
    let has_next = has_more || is_backwards;
    let next = ads.last().filter(|_| has_next).and_then(write_cursor);
    (previous, next)
}

/// What the home page tells.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The most recent ads that can still be answered.
    pub latest: Vec<ListedAd>,
    /// How many can still be answered.
    pub active_count: i64,
    /// How many were delivered.
    pub delivered_count: i64,
}

/// The beginning of the list, and how many ads there are.
pub async fn show_overview(app: &App, limit: i64) -> Result<Overview, AppError> {
    let mut tx = app.store().read().await?;
    let filter = AdFilter::default();
    let states = ad_listing::count_by(&mut tx, &filter, Facet::State).await?;
    let is_active = |state: AdState| state.is_active();
    Ok(Overview {
        latest: ad_listing::list(&mut tx, &filter, Position::First, limit).await?,
        active_count: count_states(&states, is_active),
        delivered_count: count_states(&states, |state| state == AdState::Delivered),
    })
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
    let ads = ad_listing::list(&mut tx, &filter, Position::First, limit).await?;
    Ok(ads.into_iter().map(|listed| listed.ad).collect())
}

fn choices(counts: Vec<(String, i64)>) -> Vec<Choice> {
    counts
        .into_iter()
        .map(|(value, count)| Choice { value, count })
        .collect()
}

fn count_states(states: &[(String, i64)], is_wanted: impl Fn(AdState) -> bool) -> i64 {
    let wanted = states
        .iter()
        .filter(|(state, _)| AdState::parse(state).is_some_and(&is_wanted));
    wanted.map(|(_, count)| count).sum()
}

fn statuses(states: &[(String, i64)]) -> Vec<Choice> {
    let choice = |value: &str, is_wanted: fn(AdState) -> bool| Choice {
        value: value.to_owned(),
        count: count_states(states, is_wanted),
    };
    vec![
        choice("active", AdState::is_active),
        choice("ended", |state| !state.is_active()),
        choice("all", |_| true),
    ]
}

/// From how many ads were written for each territory to how many each filter shows.
fn territory_choices(counts: &[(String, i64)]) -> Vec<Choice> {
    let written_for = |territory: Territory| {
        let stored = territory.to_string();
        let found = counts.iter().find(|(value, _)| *value == stored);
        found.map_or(0, |(_, count)| *count)
    };
    let everywhere = written_for(Territory::Everywhere);
    let mut choices = Vec::new();
    for region in territory::regions() {
        let around = everywhere + written_for(region.into());
        let within = territory::departements()
            .iter()
            .filter(|place| place.region == region);
        let mut below = Vec::new();
        for departement in within {
            let own = written_for(departement.into());
            below.push((Territory::from(departement), own));
        }
        let total = around + below.iter().map(|(_, own)| own).sum::<i64>();
        let choice = |territory: Territory, count| Choice {
            value: territory.to_string(),
            count,
        };
        choices.push(choice(region.into(), total));
        choices.extend(
            below
                .into_iter()
                .map(|(territory, own)| choice(territory, around + own)),
        );
    }
    choices
}

/// Checks every filter; all the mistakes at once.
fn filter_of<'a>(
    search: &'a Search,
    query: Option<&'a Query>,
) -> Result<(AdFilter<'a>, Position), AppError> {
    let unknown = |value: &str| {
        Problem::new("« {value} » n’existe pas dans ce filtre. Choisissez dans la liste.")
            .with("value", truncate_chars(value, 60))
    };
    let mut problems = Problems::new();
    if query.is_none() && !search.q.trim().is_empty() {
        problems.add(
            "q",
            Problem::new("Ces mots sont trop courants pour une recherche. Ajoutez-en un autre."),
        );
    }
    let kind = problems.check(
        "kind",
        read(&search.kind, AdKind::parse).ok_or_else(|| unknown(&search.kind)),
    );
    let territory = problems.check(
        "territory",
        read(&search.territory, |text| Territory::parse(text).ok())
            .ok_or_else(|| unknown(&search.territory)),
    );
    let status = problems.check(
        "status",
        read_status(&search.status).ok_or_else(|| unknown(&search.status)),
    );
    let licence = read(&search.licence, |text| Licence::parse(text).ok());
    let licence = problems.check(
        "licence",
        licence.ok_or(Problem::new(
            "Cette licence n’est pas dans notre liste de licences libres.",
        )),
    );
    let tag = read(&search.tag, |text| Hashtag::parse(text).ok());
    let tag = problems.check(
        "tag",
        tag.ok_or(Problem::new(
            "Ce mot-clé ne peut pas exister : des lettres, des chiffres ou _, sans espace ni tiret.",
        )),
    );
    let position = problems.check(
        "after",
        read_position(search).ok_or(Problem::new(
            "Cette page de la liste n’existe pas. Reprenez depuis le début.",
        )),
    );
    let checked = (|| {
        let filter = AdFilter {
            query,
            kind: kind?,
            status: status?,
            territories: territory?.map(codes_around),
            licence: licence?.map(Licence::id),
            hashtag: tag?.map(|tag| search::hashtag_token(&tag.key())),
            organisation: None,
        };
        Some((filter, position?))
    })();
    problems.or(checked).map_err(AppError::Invalid)
}

/// A filter that may be empty; `None` when it is not one.
fn read<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        "" => Some(None),
        text => parse(text).map(Some),
    }
}

fn read_status(text: &str) -> Option<Status> {
    match text {
        "" | "active" => Some(Status::Active),
        "ended" => Some(Status::Ended),
        "all" => Some(Status::All),
        _ => None,
    }
}

/// The storage forms of the territories around one, between bars.
fn codes_around(wanted: Territory) -> String {
    let codes: Vec<String> = wanted.around().iter().map(ToString::to_string).collect();
    format!("|{}|", codes.join("|"))
}

fn write_cursor(listed: &ListedAd) -> Option<String> {
    let published = listed.ad.published_at?.timestamp_micros();
    Some(format!("{published}-{}", listed.ad.id))
}

fn read_position(search: &Search) -> Option<Position> {
    match (search.after.as_str(), search.before.as_str()) {
        ("", "") => Some(Position::First),
        (after, "") => parse_cursor(after).map(Position::After),
        ("", before) => parse_cursor(before).map(Position::Before),
        _ => None,
    }
}

fn parse_cursor(text: &str) -> Option<Cursor> {
    let (published, id) = text.split_once('-')?;
    Some(Cursor {
        published_at: Micros(published.parse().ok()?),
        id: AdId::parse(id)?,
    })
}
