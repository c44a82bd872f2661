//! What documents of other servers have in common: addresses, instants, pages.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::json;

/// Longest address kept, in bytes.
const LONGEST_ADDRESS: usize = 2_000;

/// An absolute web address without credentials.
pub(super) fn web_address(text: &str) -> Option<Url> {
    if text.len() > LONGEST_ADDRESS {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    (is_web && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// The instant that a property holds, if it is one.
pub(super) fn read_instant(object: &Value, property: &str) -> Option<DateTime<Utc>> {
    let text = json::text(object, property)?;
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.with_timezone(&Utc))
}

/// The page for people of an object: `url`, as a string, a `Link`, or the HTML one of several; the
/// id when there is none on the same server.
pub(super) fn page_of(object: &Value, id: &Url) -> String {
    let is_page = |value: &&Value| match json::text(value, "mediaType") {
        Some(media_type) => media_type.starts_with("text/html"),
        None => true,
    };
    json::values_of(object, "url")
        .iter()
        .filter(is_page)
        .filter_map(|value| value.as_str().or_else(|| json::text(value, "href")))
        .filter_map(web_address)
        .find(|url| url.origin() == id.origin())
        .map_or_else(|| id.to_string(), String::from)
}
