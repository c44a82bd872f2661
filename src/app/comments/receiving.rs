//! What authors of replies do: write, edit, delete.

use chrono::{DateTime, Utc};

use super::notice;
use crate::{
    app::{App, AppError, Who, domain_policies, inbox::Effect, permissions},
    domain::{
        ad::Ad,
        federation::{Actor, Comment, CommentState, PolicyLevel},
        html::{plain_text, sanitise_remote},
        ids::{ActorId, PostId},
    },
    store::{Read, Write, actors, ads, comments, posts},
};

/// Replies of one actor to one ad that may wait at the same time.
const MOST_WAITING: i64 = 20;
/// Longest reply kept, in bytes of HTML.
const CONTENT_LENGTH: usize = 40_000;

/// Who may read a reply, as its author wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, listed or not.
    Public,
    /// Followers, or the persons named: never kept, never shown.
    Private,
}

/// A reply, as its author says it. Texts are as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub uri: String,
    pub url: String,
    pub in_reply_to: String,
    /// HTML.
    pub content: String,
    pub audience: Audience,
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
}

/// Whether this is the id of something of ours that can be replied to: a post, the page of an ad,
/// or a reply that was not refused.
pub async fn is_repliable(app: &App, uri: &str) -> Result<bool, AppError> {
    let mut tx = app.store().read().await?;
    Ok(find_parent(&mut tx, uri).await?.is_some())
}

/// The id of the author of a reply that we hold.
pub async fn find_author(app: &App, uri: &str) -> Result<Option<String>, AppError> {
    let mut tx = app.store().read().await?;
    let comment = comments::find_by_uri(&mut tx, uri).await?;
    Ok(comment
        .filter(|comment| comment.state != CommentState::Deleted)
        .map(|comment| comment.actor.uri))
}

/// A remote actor writes a reply, or edits it.
pub async fn save(app: &App, who: &Who, reply: &Reply) -> Result<Effect, AppError> {
    let author = permissions::act_as_remote(who)?;
    let mut tx = app.store().write().await?;
    let effect = match comments::find_by_uri(&mut tx, &reply.uri).await? {
        Some(comment) => edit(app, &mut tx, author, &comment, reply).await?,
        None => add(app, &mut tx, author, reply).await?,
    };
    if effect == Effect::Applied {
        tx.commit().await?;
    }
    Ok(effect)
}

async fn add(
    app: &App,
    tx: &mut Write,
    author: ActorId,
    reply: &Reply,
) -> Result<Effect, AppError> {
    if reply.audience == Audience::Private {
        return Ok(Effect::Nothing("a private message, not kept"));
    }
    let Some(parent) = find_parent(tx, &reply.in_reply_to).await? else {
        return Ok(Effect::Nothing("not a reply to a post of ours"));
    };
    let Some(actor) = actors::find(tx, author).await? else {
        return Ok(Effect::Nothing("its author is gone"));
    };
    if let Some(refusal) = refuse(tx, &parent.ad, &actor).await? {
        return Ok(Effect::Refused(refusal));
    }
    let content = clean(&reply.content);
    if plain_text(&content).is_empty() {
        return Ok(Effect::Nothing("no text"));
    }
    let now = app.now();
    let published_at = reply.published_at.map_or(now, |at| at.min(now));
    let comment = Comment {
        id: app.next_id(),
        ad_id: parent.ad.id,
        post_id: parent.post,
        actor,
        uri: reply.uri.clone(),
        url: reply.url.clone(),
        in_reply_to: reply.in_reply_to.clone(),
        content,
        state: CommentState::Pending,
        published_at,
        updated_at: reply.updated_at.unwrap_or(published_at),
        received_at: now,
    };
    notice::tell_organisation(app, tx, &parent.ad, &comment).await?;
    if !comments::insert(tx, &comment).await? {
        return Ok(Effect::Nothing("known already"));
    }
    Ok(Effect::Applied)
}

/// Why a reply of this actor to this ad is not wanted.
async fn refuse(tx: &mut Read, ad: &Ad, actor: &Actor) -> Result<Option<&'static str>, AppError> {
    if domain_policies::find_level_in(tx, &actor.host).await? == Some(PolicyLevel::Limit) {
        return Ok(Some("replies of this server are not wanted"));
    }
    let waiting = comments::count_pending_of(tx, ad.id, actor.id).await?;
    Ok((waiting >= MOST_WAITING).then_some("too many replies of this actor wait already"))
}

async fn edit(
    app: &App,
    tx: &mut Write,
    author: ActorId,
    comment: &Comment,
    reply: &Reply,
) -> Result<Effect, AppError> {
    if comment.actor.id != author {
        return Ok(Effect::Refused("somebody else's reply"));
    }
    if comment.state == CommentState::Deleted {
        return Ok(Effect::Nothing("deleted already"));
    }
    if reply.audience == Audience::Private {
        comments::erase(tx, comment.id, app.now()).await?;
        return Ok(Effect::Applied);
    }
    let updated_at = reply.updated_at.unwrap_or(app.now());
    if updated_at <= comment.updated_at {
        return Ok(Effect::Nothing("known already"));
    }
    let content = clean(&reply.content);
    if content == comment.content {
        return Ok(Effect::Nothing("nothing changed"));
    }
    let state = match comment.state {
        CommentState::Refused => CommentState::Refused,
        _ => CommentState::Pending,
    };
    comments::edit(tx, comment.id, &content, state, updated_at).await?;
    Ok(Effect::Applied)
}

/// A remote actor deletes a reply of its own.
pub async fn delete(app: &App, who: &Who, uri: &str) -> Result<Effect, AppError> {
    let author = permissions::act_as_remote(who)?;
    let mut tx = app.store().write().await?;
    match comments::find_by_uri(&mut tx, uri).await? {
        None => return Ok(Effect::Nothing("nothing of that id here")),
        Some(comment) if comment.actor.id != author => {
            return Ok(Effect::Refused("somebody else's reply"));
        }
        Some(comment) => comments::erase(&mut tx, comment.id, app.now()).await?,
    }
    tx.commit().await?;
    Ok(Effect::Applied)
}

/// The server of a reply says that it is no more (FEP-4f05), whoever deleted it there.
pub async fn delete_gone(app: &App, uri: &str) -> Result<Effect, AppError> {
    let mut tx = app.store().write().await?;
    let Some(comment) = comments::find_by_uri(&mut tx, uri).await? else {
        return Ok(Effect::Nothing("nothing of that id here"));
    };
    comments::erase(&mut tx, comment.id, app.now()).await?;
    tx.commit().await?;
    Ok(Effect::Applied)
}

fn clean(html: &str) -> String {
    let clean = sanitise_remote(html);
    if clean.len() <= CONTENT_LENGTH {
        return clean;
    }
    // cutting markup in the middle would break it: the text alone, cut
    let text = plain_text(&clean);
    let text = crate::domain::text::truncate_bytes(&text, CONTENT_LENGTH / 2);
    sanitise_remote(&text.replace('&', "&amp;").replace('<', "&lt;"))
}

/// What a reply is about.
struct Parent {
    ad: Ad,
    post: PostId,
}

async fn find_parent(tx: &mut Read, uri: &str) -> Result<Option<Parent>, AppError> {
    let post = match posts::find_by_uri(tx, uri).await? {
        // only below ads there is a conversation
        Some(post) => post.subject.ad().map(|ad| (ad, post.id)),
        None => find_thread(tx, uri).await?,
    };
    let Some((ad, post)) = post else {
        return Ok(None);
    };
    let post_is_there = posts::find(tx, post)
        .await?
        .is_some_and(|post| post.deleted_at.is_none());
    let ad = ads::find(tx, ad).await?.filter(|ad| ad.state.is_public());
    Ok(ad.filter(|_| post_is_there).map(|ad| Parent { ad, post }))
}

/// The ad and the post that the page of an ad, or another reply, leads to.
async fn find_thread(
    tx: &mut Read,
    uri: &str,
) -> Result<Option<(crate::domain::ids::AdId, PostId)>, AppError> {
    if let Some(comment) = comments::find_by_uri(tx, uri).await? {
        let is_wanted = matches!(
            comment.state,
            CommentState::Pending | CommentState::Accepted
        );
        return Ok(is_wanted.then_some((comment.ad_id, comment.post_id)));
    }
    let Some(actor) = actors::find_by_uri(tx, uri).await? else {
        return Ok(None);
    };
    let Some(ad) = ads::find_by_actor(tx, actor.id).await? else {
        return Ok(None);
    };
    let announcement = posts::list_by_ad(tx, ad.id, 1).await?;
    Ok(announcement.first().map(|post| (ad.id, post.id)))
}
