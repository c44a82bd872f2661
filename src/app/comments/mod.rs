//! Replies from the fediverse: held until somebody of the organisation, or a moderator, accepts
//! them.
//!
//! * [`receiving`]: what their authors do: write, edit, delete.
//! * [`moderation`]: what the organisation and moderators do: read, accept, refuse.
//!
//! What an author edits is shown only once it was accepted again: an accepted reply must not become
//! something else. What an author deletes, or makes private, is erased at once.

pub mod moderation;
mod notice;
pub mod receiving;
