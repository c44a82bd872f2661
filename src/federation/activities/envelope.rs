//! What every activity says: who does what.

use serde_json::Value;
use url::Url;

use crate::{
    app::sha256_hex,
    federation::{json, reading::web_address},
};

/// Longest `type` kept, in bytes.
const LONGEST_KIND: usize = 64;

/// Why a document is not an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("the document is not an object")]
    NotAnObject,
    #[error("the activity has no type")]
    NoType,
    #[error("the activity has no actor that is a web address")]
    NoActor,
}

/// The outside of an activity.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Its id; made from its text when it has none (`Leave` of Mobilizon, `Delete` of `GoToSocial`).
    pub id: Url,
    /// Whether the id is its own.
    pub has_own_id: bool,
    /// Its type: the first that we know, when there are several.
    pub kind: String,
    pub actor: Url,
    /// The whole document, an object.
    pub document: Value,
}

impl Envelope {
    /// Reads the outside of an activity.
    pub fn read(document: Value) -> Result<Self, Malformed> {
        if !document.is_object() {
            return Err(Malformed::NotAnObject);
        }
        let kind = json::types_of(&document)
            .find(|kind| super::Verb::parse(kind).is_some())
            .or_else(|| json::types_of(&document).next())
            .filter(|kind| !kind.is_empty() && kind.len() <= LONGEST_KIND)
            .ok_or(Malformed::NoType)?
            .to_owned();
        let actor = document
            .get("actor")
            .and_then(json::id_of)
            .and_then(web_address)
            .ok_or(Malformed::NoActor)?;
        let own_id = document
            .get("id")
            .and_then(Value::as_str)
            .and_then(web_address);
        let has_own_id = own_id.is_some();
        let id = own_id.unwrap_or_else(|| {
            let mut id = actor.clone();
            let hash = sha256_hex(document.to_string().as_bytes());
            id.set_fragment(Some(&format!("{kind}-{hash}")));
            id
        });
        Ok(Self {
            id,
            has_own_id,
            kind,
            actor,
            document,
        })
    }

    /// The id of what it is about, when that is one thing with an id.
    pub fn object_id(&self) -> Option<&str> {
        self.document.get("object").and_then(json::id_of)
    }

    /// Whether it is about its own actor: a profile that changes, an account that goes.
    pub fn is_about_its_actor(&self) -> bool {
        self.object_id() == Some(self.actor.as_str())
    }

    /// When its object, or else itself, was last changed, as written; empty when it does not say.
    pub fn updated(&self) -> &str {
        let of_object = json::values_of(&self.document, "object")
            .first()
            .and_then(|object| json::text(object, "updated"));
        of_object
            .or_else(|| json::text(&self.document, "updated"))
            .unwrap_or_default()
    }
}
