//! `Tombstone`: what is left of an object that was withdrawn.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::federation::vocabulary::timestamp;

/// A dated notice in place of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TombstoneDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    former_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<String>,
}

impl TombstoneDocument {
    /// In place of the object with this id.
    pub fn new(
        id: impl Into<String>,
        former_type: Option<&'static str>,
        deleted: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            id: id.into(),
            kind: "Tombstone",
            former_type,
            deleted: deleted.map(timestamp),
        }
    }
}
