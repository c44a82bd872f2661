//! What pages about ads have in common.

pub mod cards;
pub mod changes;
pub mod feed;
pub mod list;
pub mod replies;
pub mod show;
pub mod story;
pub mod summary;
pub mod view;

use axum::Router;

use super::{Web, components::Badge, page::Tone};
use crate::{
    domain::ad::{AdKind, AdState},
    locales::Texts,
};

/// Routes of the pages about ads that everybody reads.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(list::routes())
        .merge(feed::routes())
        .merge(show::routes())
}

/// What kind of need an ad is, with its icon.
pub fn kind_badge(t: Texts, kind: AdKind) -> Badge {
    let icon = match kind {
        AdKind::Software => "package",
        AdKind::Feature => "puzzle",
        AdKind::Accompaniment => "life-buoy",
    };
    Badge {
        tone: Tone::Note,
        icon,
        label: t.ad_kind(kind).to_owned(),
    }
}

/// Where an ad stands, with its icon.
pub fn state_badge(t: Texts, state: AdState) -> Badge {
    let (tone, icon) = match state {
        AdState::Draft => (Tone::Note, "pencil"),
        AdState::InReview => (Tone::Warning, "clock"),
        AdState::Refused => (Tone::Problem, "circle-alert"),
        AdState::Open => (Tone::Success, "megaphone"),
        AdState::Gathering => (Tone::Success, "users"),
        AdState::Agreed => (Tone::Success, "handshake"),
        AdState::InDevelopment => (Tone::Success, "code"),
        AdState::Delivered => (Tone::Success, "circle-check"),
        AdState::Closed => (Tone::Note, "x"),
        AdState::Expired => (Tone::Warning, "clock"),
        AdState::Withdrawn => (Tone::Note, "ban"),
    };
    Badge {
        tone,
        icon,
        label: t.ad_state(state).to_owned(),
    }
}
