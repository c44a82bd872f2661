//! What other servers write: `Note`, `Article`, `Page`… read as replies.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use crate::{
    app::comments::receiving::{Audience, Reply},
    federation::{
        json,
        reading::{page_of, read_instant, web_address},
    },
};

/// The types that hold a text of somebody. `ChatMessage` is private by nature and is not here.
const TYPES: [&str; 8] = [
    "Note", "Article", "Page", "Question", "Event", "Image", "Video", "Audio",
];

/// Most authors of one text looked at: `PeerTube` names a person and a channel.
const MOST_AUTHORS: usize = 8;

/// A text of a remote actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyDocument {
    pub id: Url,
    /// `attributedTo`; `actor` when that is missing.
    pub authors: Vec<String>,
    pub in_reply_to: Option<String>,
    /// HTML, as sent; empty for a vote in a poll.
    content: String,
    audience: Audience,
    page: String,
    published_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
}

/// Whether an object holds a text of somebody.
pub fn is_text(value: &Value) -> bool {
    TYPES.iter().any(|name| json::has_type(value, name))
}

impl ReplyDocument {
    /// Reads a text; `None` when it is none, or has no id.
    pub fn read(value: &Value) -> Option<Self> {
        if !is_text(value) {
            return None;
        }
        let id = json::id_of(value).and_then(web_address)?;
        let by = |property: &str| -> Vec<String> {
            let values = json::values_of(value, property);
            let ids = values.iter().filter_map(json::id_of);
            ids.take(MOST_AUTHORS).map(str::to_owned).collect()
        };
        let authors = match by("attributedTo") {
            authors if authors.is_empty() => by("actor"),
            authors => authors,
        };
        Some(Self {
            authors,
            in_reply_to: value
                .get("inReplyTo")
                .and_then(json::id_of)
                .map(str::to_owned),
            content: read_content(value),
            audience: read_audience(value),
            page: page_of(value, &id),
            published_at: read_instant(value, "published"),
            updated_at: read_instant(value, "updated"),
            id,
        })
    }

    /// Who wrote it: the first author of the same origin as the text itself (FEP-fe34).
    pub fn author(&self) -> Option<Url> {
        self.authors
            .iter()
            .filter(|author| json::have_same_origin(author, self.id.as_str()))
            .find_map(|author| web_address(author))
    }

    /// Whether this actor wrote it and may tell it: same origin, and named as its author (or
    /// nobody is named).
    pub fn is_told_by(&self, actor: &Url) -> bool {
        self.id.origin() == actor.origin()
            && (self.authors.is_empty() || self.authors.iter().any(|each| each == actor.as_str()))
    }

    /// What the use cases need of it; `None` when it replies to nothing.
    pub fn to_reply(&self) -> Option<Reply> {
        Some(Reply {
            uri: self.id.to_string(),
            url: self.page.clone(),
            in_reply_to: self.in_reply_to.clone()?,
            content: self.content.clone(),
            audience: self.audience,
            published_at: self.published_at,
            updated_at: self.updated_at,
        })
    }
}

fn read_content(value: &Value) -> String {
    if let Some(content) = json::text(value, "content") {
        return content.to_owned();
    }
    let by_language = value.get("contentMap").and_then(Value::as_object);
    let first = by_language.and_then(|map| map.values().find_map(Value::as_str));
    first.unwrap_or_default().to_owned()
}

/// Everybody may read what is addressed to everybody, listed (`to`) or not (`cc`).
fn read_audience(value: &Value) -> Audience {
    let is_private_by_flag = value.get("directMessage").and_then(Value::as_bool) == Some(true);
    let names_everybody = ["to", "cc"].into_iter().any(|property| {
        json::values_of(value, property)
            .iter()
            .filter_map(json::id_of)
            .any(json::is_public)
    });
    if names_everybody && !is_private_by_flag {
        Audience::Public
    } else {
        Audience::Private
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> ReplyDocument {
        ReplyDocument::read(value).unwrap()
    }

    #[test]
    fn each_way_to_name_authors_is_read() {
        let id = "https://p.example/videos/1";
        for attributed in [
            json!("https://p.example/a"),
            json!(["https://p.example/a"]),
            json!([{"type": "Person", "id": "https://p.example/a"}, {"type": "Group", "id": "https://p.example/c"}]),
            json!({"type": "Person", "id": "https://p.example/a"}),
        ] {
            let note = read(&json!({"id": id, "type": "Video", "attributedTo": attributed}));
            assert_eq!(note.author().unwrap().as_str(), "https://p.example/a");
        }
        let event = read(&json!({"id": id, "type": "Event", "actor": "https://p.example/a"}));
        assert_eq!(event.author().unwrap().as_str(), "https://p.example/a");
    }

    #[test]
    fn an_author_of_another_origin_does_not_count() {
        let note = read(&json!({
            "id": "https://evil.example/1", "type": "Note",
            "attributedTo": "https://m.example/users/a",
        }));
        assert_eq!(note.author(), None);
        let victim = "https://m.example/users/a".parse().unwrap();
        assert!(!note.is_told_by(&victim));
    }

    #[test]
    fn only_what_everybody_may_read_is_public() {
        let note = |to: Value, cc: Value| {
            read(&json!({"id": "https://m.example/1", "type": "Note", "to": to, "cc": cc})).audience
        };
        let public = "https://www.w3.org/ns/activitystreams#Public";
        assert_eq!(note(json!(public), Value::Null), Audience::Public);
        assert_eq!(note(json!([]), json!(["as:Public"])), Audience::Public);
        let followers = json!(["https://m.example/users/a/followers"]);
        assert_eq!(note(followers, json!([])), Audience::Private);
        assert_eq!(note(json!(null), json!(null)), Audience::Private);
        let direct = json!({
            "id": "https://m.example/1", "type": "Note", "to": [public], "directMessage": true,
        });
        assert_eq!(read(&direct).audience, Audience::Private);
    }
}
