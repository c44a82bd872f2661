//! What moderators do about the directory: recommendations, structures, messages to mediation.

pub mod host;
pub mod mediations;
pub mod queue;
pub mod recommendation;
mod sheet;

use axum::Router;

use super::Web;

/// The routes of this folder.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(queue::routes())
        .merge(recommendation::routes())
        .merge(host::routes())
        .merge(mediations::routes())
}
