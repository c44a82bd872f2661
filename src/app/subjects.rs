//! What people act on from elsewhere, or report: our actors, what they said, accepted replies.

use crate::{
    app::{App, AppError, Missing, actors, ads::reading},
    domain::federation::{ActorRole, CommentState},
    store::{ads, comments},
};

/// Something with an id, and the page that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its id, which is also what one searches for elsewhere.
    pub uri: String,
    /// Title of the ad, or name of the actor.
    pub title: String,
    /// The path of its page.
    pub path: String,
    pub kind: SubjectKind,
}

/// What kind of thing it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// One followed by its handle, `@annonce_12@host`.
    Actor { handle: String },
    /// One answered, liked or shared.
    Post,
}

/// What stands at an address of ours, or was accepted under an ad of ours.
pub async fn find(app: &App, uri: &str) -> Result<Subject, AppError> {
    if let Some(number) = number_of_reply(app, uri).await? {
        return subject_of_post(app, uri, number).await;
    }
    if let Some(post) = actors::find_post(app, uri).await? {
        let (_, page) = reading::show_post(app, post.id).await?;
        let number = page.ad.number.ok_or(AppError::NotFound(Missing::Ad))?;
        return subject_of_post(app, uri, number).await;
    }
    let profile = actors::show(app, uri).await?;
    let path = match (profile.actor.role, app.config().public_url.path_of(uri)) {
        (Some(ActorRole::Ad | ActorRole::Ads), Some(path)) => path.to_owned(),
        _ => "/".to_owned(),
    };
    Ok(Subject {
        uri: profile.actor.uri.clone(),
        title: profile.actor.name.clone(),
        path,
        kind: SubjectKind::Actor {
            handle: profile.actor.address(),
        },
    })
}

/// The number of the ad under which this reply of another server is shown.
async fn number_of_reply(app: &App, uri: &str) -> Result<Option<i64>, AppError> {
    let mut tx = app.store().read().await?;
    let Some(comment) = comments::find_by_uri(&mut tx, uri).await? else {
        return Ok(None);
    };
    if comment.state != CommentState::Accepted {
        return Ok(None);
    }
    let ad = ads::find(&mut tx, comment.ad_id).await?;
    Ok(ad.and_then(|ad| ad.number))
}

async fn subject_of_post(app: &App, uri: &str, number: i64) -> Result<Subject, AppError> {
    let page = reading::show(app, number).await?;
    let path = app.config().public_url.path_of(&page.actor.uri);
    Ok(Subject {
        uri: uri.to_owned(),
        title: page.ad.content.title.clone(),
        path: path.unwrap_or("/").to_owned(),
        kind: SubjectKind::Post,
    })
}
