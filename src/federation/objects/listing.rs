//! `FeaturedItem` (FEP-7aa9): the place of a structure in the directory of the instance. It is what
//! the instance says, never the structure.

use serde::Serialize;

use crate::{
    app::{
        App,
        host_actors::{self, Entry},
    },
    federation::vocabulary::timestamp,
};

/// A place in the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListingDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    featured_object: String,
    published: String,
    updated: String,
    /// The recommendations that justify it.
    is_based_on: Vec<String>,
}

impl ListingDocument {
    /// The place of a structure.
    pub fn new(app: &App, entry: &Entry, reasons: Vec<String>) -> Self {
        Self {
            id: host_actors::entry_address(app, entry.host),
            kind: "FeaturedItem",
            featured_object: entry.actor.clone(),
            published: timestamp(entry.since),
            updated: timestamp(entry.updated_at.max(entry.since)),
            is_based_on: reasons,
        }
    }
}
