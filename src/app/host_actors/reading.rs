//! What other servers read of structures, of their offers, and of recommendations.

use crate::{
    app::{App, AppError, Missing},
    domain::{
        accompaniment::Accompaniment,
        addresses,
        federation::{Actor, ActorRole, Post, PostSubject},
        host::{Host, HostProfile, Offer},
        ids::{HostId, PostId, RecommendationId},
        organisation::Organisation,
        recommendation::{Recommendation, RecommendationState},
    },
    store::{
        Read, accompaniments, actors, host_actors as stored, host_fields, host_offers, hosts,
        organisations, posts, recommendations,
    },
};

pub use crate::store::host_actors::{Entry, Listed, Statements};

/// A structure, as its actor describes it.
#[derive(Clone, Debug)]
pub struct HostPage {
    pub host: Host,
    /// Who is behind it.
    pub organisation: Organisation,
    pub profile: HostProfile,
    pub offers: Vec<Offer>,
    /// Recommendations that it acknowledges.
    pub recommendation_count: i64,
}

/// A recommendation, with everything that its document says.
#[derive(Clone, Debug)]
pub struct Statement {
    pub recommendation: Recommendation,
    /// The association.
    pub organisation: Organisation,
    /// Its actor, which owns the recommendation.
    pub author: Actor,
    pub host: Host,
    /// The actor of the structure.
    pub structure: Actor,
    pub accompaniment: Accompaniment,
    /// The exact signed document, once it was read.
    pub document: Option<String>,
}

/// The structure that an actor stands for.
pub async fn find_host_page(app: &App, actor: &Actor) -> Result<Option<HostPage>, AppError> {
    if actor.role != Some(ActorRole::Host) {
        return Ok(None);
    }
    let mut tx = app.store().read().await?;
    let Some(host) = hosts::find_by_actor(&mut tx, actor.id).await? else {
        return Ok(None);
    };
    let organisation = organisations::find(&mut tx, host.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let which = Statements::Of(host.id);
    Ok(Some(HostPage {
        profile: host_fields::read_profile(&mut tx, host.id).await?.profile,
        offers: host_offers::list(&mut tx, host.id).await?,
        recommendation_count: stored::count_statements(&mut tx, which).await?,
        host,
        organisation,
    }))
}

/// A published recommendation by its address; [`AppError::Gone`] once it is withdrawn.
pub async fn show_statement(app: &App, slug: &str, number: i64) -> Result<Statement, AppError> {
    let mut tx = app.store().read().await?;
    let found = recommendations::find_published(&mut tx, slug, number).await?;
    let found = found.ok_or(AppError::NotFound(Missing::Page))?;
    read_statement(app, &mut tx, found).await
}

/// A published recommendation by its row; [`AppError::Gone`] once it is withdrawn.
pub async fn show_statement_by_id(app: &App, id: RecommendationId) -> Result<Statement, AppError> {
    let mut tx = app.store().read().await?;
    let found = recommendations::find(&mut tx, id).await?;
    let found = found.ok_or(AppError::NotFound(Missing::Page))?;
    read_statement(app, &mut tx, found).await
}

async fn read_statement(
    app: &App,
    tx: &mut Read,
    recommendation: Recommendation,
) -> Result<Statement, AppError> {
    match (recommendation.state, recommendation.withdrawn_at) {
        (RecommendationState::Published, _) => {}
        (RecommendationState::Withdrawn, Some(since)) if recommendation.uri.is_some() => {
            return Err(AppError::Gone {
                what: Missing::Page,
                since,
            });
        }
        _ => return Err(AppError::NotFound(Missing::Page)),
    }
    let missing = || AppError::NotFound(Missing::Page);
    let organisation = organisations::find(tx, recommendation.organisation_id)
        .await?
        .ok_or_else(missing)?;
    let author = app.url(&addresses::organisation_path(&organisation.slug));
    let author = actors::find_by_uri(tx, &author)
        .await?
        .ok_or_else(missing)?;
    let host = hosts::find(tx, recommendation.host_id)
        .await?
        .ok_or_else(missing)?;
    let structure = match host.actor_id {
        Some(id) => actors::find(tx, id).await?,
        None => None,
    };
    let accompaniment = accompaniments::find(tx, recommendation.accompaniment_id).await?;
    Ok(Statement {
        document: recommendations::find_document(tx, recommendation.id).await?,
        structure: structure.ok_or_else(missing)?,
        accompaniment: accompaniment.ok_or_else(missing)?,
        recommendation,
        organisation,
        author,
        host,
    })
}

/// Id of a recommendation that was public, and of the actor of its structure; whether it is still
/// there or not.
pub async fn find_withdrawn(
    app: &App,
    id: RecommendationId,
) -> Result<Option<(String, Option<String>)>, AppError> {
    let mut tx = app.store().read().await?;
    let Some(found) = recommendations::find(&mut tx, id).await? else {
        return Ok(None);
    };
    let host = hosts::find(&mut tx, found.host_id).await?;
    let structure = match host.and_then(|host| host.actor_id) {
        Some(actor) => actors::find(&mut tx, actor).await?,
        None => None,
    };
    let structure = structure.map(|actor| actor.uri);
    Ok(found.uri.map(|uri| (uri, structure)))
}

/// What two parties confirmed of an accompaniment; public once a recommendation speaks of it, and
/// for as long as that one is there.
pub async fn show_agreement(app: &App, handle: &str, number: i64) -> Result<Statement, AppError> {
    let recommendation = {
        let mut tx = app.store().read().await?;
        let host = hosts::find_by_handle(&mut tx, handle).await?;
        let host = host.ok_or(AppError::NotFound(Missing::Page))?;
        let found = accompaniments::find_by_number(&mut tx, host.id, number).await?;
        let found = found.ok_or(AppError::NotFound(Missing::Page))?;
        recommendations::find_by_accompaniment(&mut tx, found.id).await?
    };
    let recommendation = recommendation.ok_or(AppError::NotFound(Missing::Page))?;
    show_statement_by_id(app, recommendation.id).await
}

/// What a structure proposes, by its address.
pub async fn show_offer(app: &App, handle: &str, number: i64) -> Result<(Actor, Offer), AppError> {
    let mut tx = app.store().read().await?;
    let missing = || AppError::NotFound(Missing::Page);
    let host = hosts::find_by_handle(&mut tx, handle).await?;
    let host = host.ok_or_else(missing)?;
    let actor = match host.actor_id {
        Some(id) => actors::find(&mut tx, id).await?,
        None => None,
    };
    let actor = actor.ok_or_else(missing)?;
    let offer = host_offers::find(&mut tx, host.id, number).await?;
    Ok((actor, offer.ok_or_else(missing)?))
}

/// A post of a structure with the recommendation that it tells.
pub async fn show_post(app: &App, id: PostId) -> Result<(Post, Statement), AppError> {
    let post = {
        let mut tx = app.store().read().await?;
        posts::find(&mut tx, id).await?
    };
    let post = post.ok_or(AppError::NotFound(Missing::Post))?;
    if let Some(since) = post.deleted_at {
        return Err(AppError::Gone {
            what: Missing::Post,
            since,
        });
    }
    let PostSubject::Recommendation(subject) = post.subject else {
        return Err(AppError::NotFound(Missing::Post));
    };
    let statement = show_statement_by_id(app, subject).await?;
    Ok((post, statement))
}

/// Keeps the signed document of a recommendation, unless one is kept already: every server reads the
/// same bytes. Gives the one that is kept.
pub async fn keep_document(
    app: &App,
    id: RecommendationId,
    document: &str,
) -> Result<Option<String>, AppError> {
    let mut tx = app.store().write().await?;
    let kept = stored::keep_document(&mut tx, id, document).await?;
    tx.commit().await?;
    Ok(kept)
}

/// What the `recommendations` of an actor of ours holds; `None` for an actor that has none.
pub async fn find_statements_of(app: &App, actor: &Actor) -> Result<Option<Statements>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(match actor.role {
        Some(ActorRole::Instance) => Some(Statements::OfInstance),
        Some(ActorRole::Host) => {
            let host = hosts::find_by_actor(&mut tx, actor.id).await?;
            host.map(|host| Statements::Of(host.id))
        }
        Some(ActorRole::Organisation) => {
            let organisation = find_organisation_in(&mut tx, actor).await?;
            organisation.map(|organisation| Statements::By(organisation.id))
        }
        Some(ActorRole::Ads | ActorRole::Ad | ActorRole::Directory) | None => None,
    })
}

/// The organisation that an actor of ours stands for.
pub async fn find_organisation_of(
    app: &App,
    actor: &Actor,
) -> Result<Option<Organisation>, AppError> {
    let mut tx = app.store().read().await?;
    find_organisation_in(&mut tx, actor).await
}

/// The same, inside a transaction.
pub(crate) async fn find_organisation_in(
    tx: &mut Read,
    actor: &Actor,
) -> Result<Option<Organisation>, AppError> {
    if actor.role != Some(ActorRole::Organisation) {
        return Ok(None);
    }
    let slug = actor.uri.rsplit('/').next().unwrap_or_default();
    Ok(organisations::find_by_slug(tx, slug).await?)
}

/// Published recommendations, the most recent first, before a cursor.
pub async fn list_statements(
    app: &App,
    which: Statements,
    before: Option<RecommendationId>,
    limit: i64,
) -> Result<Vec<Listed>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(stored::list_statements(&mut tx, which, before, limit).await?)
}

/// How many of these there are.
pub async fn count_statements(app: &App, which: Statements) -> Result<i64, AppError> {
    let mut tx = app.store().read().await?;
    Ok(stored::count_statements(&mut tx, which).await?)
}

/// Structures in the directory, the most recently made first, before a cursor; each with the
/// recommendations that justify it.
pub async fn list_directory(
    app: &App,
    before: Option<HostId>,
    limit: i64,
) -> Result<Vec<(Entry, Vec<String>)>, AppError> {
    let mut tx = app.store().read().await?;
    let mut listed = Vec::new();
    for entry in stored::list_directory(&mut tx, before, limit).await? {
        let reasons = list_reasons(&mut tx, entry.host).await?;
        listed.push((entry, reasons));
    }
    Ok(listed)
}

/// The place of a structure in the directory, while it is there.
pub async fn find_entry(app: &App, host: HostId) -> Result<Option<(Entry, Vec<String>)>, AppError> {
    let mut tx = app.store().read().await?;
    match stored::find_entry(&mut tx, host).await? {
        Some(entry) => Ok(Some((entry, list_reasons(&mut tx, host).await?))),
        None => Ok(None),
    }
}

/// Recommendations named for one structure of the directory.
const MOST_REASONS: i64 = 20;

async fn list_reasons(tx: &mut Read, host: HostId) -> Result<Vec<String>, AppError> {
    let which = Statements::Of(host);
    let statements = stored::list_statements(tx, which, None, MOST_REASONS).await?;
    Ok(statements.into_iter().map(|it| it.uri).collect())
}

/// How many structures are in the directory.
pub async fn count_directory(app: &App) -> Result<i64, AppError> {
    let mut tx = app.store().read().await?;
    Ok(stored::count_directory(&mut tx).await?)
}

/// The last posts of an actor that are there, the most recent first.
pub async fn list_announcements(
    app: &App,
    actor: &Actor,
    limit: i64,
) -> Result<Vec<Post>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(posts::list_announcements(&mut tx, actor.id, limit).await?)
}
