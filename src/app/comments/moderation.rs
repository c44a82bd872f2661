//! What the organisation of an ad, and moderators, do with replies: read, accept, refuse.

use chrono::{DateTime, Utc};

use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::{
        ad::Ad,
        federation::{Comment, CommentState},
        ids::{AdId, CommentId, OrganisationId},
        problem::Problem,
    },
    locales::mark,
    store::{Read, ads, audit, comments, memberships},
};

/// Replies of a page.
pub const PAGE: i64 = 50;

/// Replies in the order they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub comments: Vec<Comment>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<CommentId>,
}

impl Page {
    /// From one reply more than a page holds.
    fn new(mut comments: Vec<Comment>) -> Self {
        let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let has_more = comments.len() > size;
        comments.truncate(size);
        let next = comments.last().filter(|_| has_more).map(|last| last.id);
        Self { comments, next }
    }
}

/// What everybody reads below an ad: the accepted replies. Nothing of an ad that is not public.
pub async fn list_public(app: &App, ad: AdId, after: Option<CommentId>) -> Result<Page, AppError> {
    let mut tx = app.store().read().await?;
    let ad = ads::find(&mut tx, ad).await?;
    let ad = ad
        .filter(|ad| ad.state.is_public())
        .ok_or(AppError::NotFound(Missing::Ad))?;
    let accepted = CommentState::Accepted;
    let found = comments::list_by_ad(&mut tx, ad.id, accepted, after, PAGE + 1).await?;
    Ok(Page::new(found))
}

/// The replies to one ad that wait, for its organisation and for moderators, the oldest first.
pub async fn list_pending_for_ad(
    app: &App,
    who: &Who,
    ad: AdId,
    after: Option<CommentId>,
) -> Result<Page, AppError> {
    let account = who.signed_in()?.id;
    let mut tx = app.store().read().await?;
    let ad = find_ad(&mut tx, ad).await?;
    let role = memberships::find_role(&mut tx, ad.organisation_id, account).await?;
    permissions::decide_comment(who, role)?;
    let pending = CommentState::Pending;
    let found = comments::list_by_ad(&mut tx, ad.id, pending, after, PAGE + 1).await?;
    Ok(Page::new(found))
}

/// The replies to an ad in this state, after one of them: the accepted ones of a public ad for
/// everybody, others for those who decide. What its author deleted is never listed.
pub async fn list_of_ad(
    app: &App,
    who: &Who,
    ad: AdId,
    state: CommentState,
    after: Option<CommentId>,
    limit: i64,
) -> Result<Vec<Comment>, AppError> {
    let mut tx = app.store().read().await?;
    let ad = find_ad(&mut tx, ad).await?;
    if state != CommentState::Accepted || !ad.state.is_public() {
        let role = match who.account_id() {
            Some(account) => memberships::find_role(&mut tx, ad.organisation_id, account).await?,
            None => None,
        };
        permissions::decide_comment(who, role)?;
    }
    if state == CommentState::Deleted {
        return Ok(Vec::new());
    }
    Ok(comments::list_by_ad(&mut tx, ad.id, state, after, limit).await?)
}

/// The replies that wait for a decision, to all the ads of an organisation.
pub async fn list_pending_for_organisation(
    app: &App,
    who: &Who,
    organisation: OrganisationId,
    after: Option<CommentId>,
) -> Result<Page, AppError> {
    let mut tx = app.store().read().await?;
    let role = match who.account_id() {
        Some(account) => memberships::find_role(&mut tx, organisation, account).await?,
        None => None,
    };
    permissions::decide_comment(who, role)?;
    let found = comments::list_pending(&mut tx, Some(organisation), after, PAGE + 1).await?;
    Ok(Page::new(found))
}

/// The replies that wait for a decision, to all ads: for moderators.
pub async fn list_pending(
    app: &App,
    who: &Who,
    after: Option<CommentId>,
) -> Result<Page, AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().read().await?;
    let found = comments::list_pending(&mut tx, None, after, PAGE + 1).await?;
    Ok(Page::new(found))
}

/// A decision about a reply; it can be changed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Everybody reads it below the ad.
    Accept,
    /// Nobody does. Its author is not told.
    Refuse,
}

/// Somebody of the organisation, or a moderator, accepts or refuses a reply.
///
/// `read` is the [`Comment::updated_at`] of what they read: nobody accepts words that the author
/// put in its place since. `None` decides on whatever the reply says now.
///
/// # Errors
/// `Conflict` when the author edited it since; `Gone` when they deleted it.
pub async fn decide(
    app: &App,
    who: &Who,
    id: CommentId,
    decision: Decision,
    read: Option<DateTime<Utc>>,
) -> Result<(), AppError> {
    const EDITED: AppError = AppError::Conflict(Problem::new(mark(
        "Cette réponse vient d’être modifiée par la personne qui l’a écrite. Relisez-la avant de décider.",
    )));
    let mut tx = app.store().write().await?;
    let comment = comments::find(&mut tx, id).await?;
    let comment = comment.ok_or(AppError::NotFound(Missing::Comment))?;
    let ad = find_ad(&mut tx, comment.ad_id).await?;
    let account = who.signed_in()?.id;
    let role = memberships::find_role(&mut tx, ad.organisation_id, account).await?;
    permissions::decide_comment(who, role)?;
    let (state, action) = match decision {
        Decision::Accept => (CommentState::Accepted, "comment.accept"),
        Decision::Refuse => (CommentState::Refused, "comment.refuse"),
    };
    if comment.state == CommentState::Deleted {
        return Err(AppError::Gone {
            what: Missing::Comment,
            since: comment.updated_at,
        });
    }
    let decided_on = (id, read.unwrap_or(comment.updated_at));
    if !comments::decide(&mut tx, decided_on, state, account, app.now()).await? {
        return Err(EDITED);
    }
    let entry = audit::Entry {
        action,
        subject_kind: "comment",
        subject_id: id.get(),
        detail: "",
    };
    app.audit(&mut tx, who, entry).await?;
    tx.commit().await?;
    Ok(())
}

async fn find_ad(tx: &mut Read, id: AdId) -> Result<Ad, AppError> {
    let ad = ads::find(tx, id).await?;
    ad.ok_or(AppError::NotFound(Missing::Ad))
}
