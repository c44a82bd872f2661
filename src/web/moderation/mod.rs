//! What moderators do: decide on ads, on replies and on reports.

pub mod ad;
pub mod queue;
pub mod replies;

use axum::Router;

use super::Web;

/// The routes of this folder.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(ad::routes())
        .merge(queue::routes())
        .merge(replies::routes())
}
