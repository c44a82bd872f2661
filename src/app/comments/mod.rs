//! Replies from the fediverse: held until somebody of the organisation, or a moderator, accepts
//! them.
//!
//! * [`receiving`]: what their authors do: write, edit, delete.
//! * [`moderation`]: what the organisation and moderators do: read, accept, refuse.
//! * [`sharing`]: what the followers of the ad are shown of it.
//!
//! What an author edits is shown only once it was accepted again: an accepted reply must not become
//! something else. What an author deletes, or makes private, is erased at once.

pub mod moderation;
mod notice;
pub mod receiving;
mod sharing;

use crate::{
    app::{App, AppError},
    domain::{federation::Comment, ids::CommentId},
    store::comments,
};

/// A reply, whatever its state.
pub async fn find(app: &App, id: CommentId) -> Result<Option<Comment>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(comments::find(&mut tx, id).await?)
}
