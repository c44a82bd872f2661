//! Markup: from the Markdown that people type here, and from the HTML that other software sends.
//!
//! Whatever comes out of this module may be shown as it is. Two steps make it so: a rewriting that
//! only lets known elements through, well nested and not too deep, so that all that follows takes
//! a time proportional to the size of the text; then `ammonia`, which has the last word on safety.

mod markdown;
mod remote;
mod tokens;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Tag, TagEnd};
use url::Url;

pub use markdown::Markdown;
pub use remote::{plain_text, sanitise_remote};

use super::text::{count_chars, truncate_chars};

/// What links say of themselves: the address of our page is not passed on, and what a user
/// recommends is not recommended by the service.
const LINK_REL: &str = "nofollow noopener noreferrer ugc";

/// Elements that our pages take from Markdown.
const PAGE_TAGS: [&str; 14] = [
    "p",
    "br",
    "strong",
    "em",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "h3",
    "h4",
    "h5",
];

/// Elements that Mastodon keeps and that we write.
const WIRE_TAGS: [&str; 11] = [
    "p",
    "br",
    "strong",
    "em",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
];

/// Elements kept in what other software sends.
const REMOTE_TAGS: [&str; 17] = [
    "p",
    "br",
    "strong",
    "em",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "span",
    "b",
    "i",
    "u",
    "s",
    "del",
];

/// Classes kept on the links and spans of remote texts: mentions, hashtags, shortened addresses.
const REMOTE_CLASSES: [&str; 6] = [
    "mention",
    "hashtag",
    "invisible",
    "ellipsis",
    "u-url",
    "h-card",
];

static PAGE: LazyLock<Builder<'static>> =
    LazyLock::new(|| builder(&PAGE_TAGS, &["http", "https", "mailto"], &[]));
static WIRE: LazyLock<Builder<'static>> =
    LazyLock::new(|| builder(&WIRE_TAGS, &["http", "https", "mailto"], &[]));
static REMOTE: LazyLock<Builder<'static>> =
    LazyLock::new(|| builder(&REMOTE_TAGS, &["http", "https"], &REMOTE_CLASSES));

fn builder(
    tags: &[&'static str],
    schemes: &[&'static str],
    classes: &[&'static str],
) -> Builder<'static> {
    let classes: HashSet<&'static str> = classes.iter().copied().collect();
    let mut builder = Builder::empty();
    builder
        .tags(tags.iter().copied().collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .allowed_classes(HashMap::from([("a", classes.clone()), ("span", classes)]))
        .url_schemes(schemes.iter().copied().collect())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(LINK_REL));
    builder
}

/// Whether an address may stand in a link: absolute, of the web.
fn is_web_address(address: &str) -> bool {
    Url::parse(address)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

/// A plain text of several lines as paragraphs.
pub fn paragraphs(text: &str) -> String {
    let mut events = Vec::new();
    for block in text.split("\n\n").map(str::trim) {
        if block.is_empty() {
            continue;
        }
        events.push(Event::Start(Tag::Paragraph));
        for (number, line) in block.lines().enumerate() {
            if number > 0 {
                events.push(Event::HardBreak);
            }
            events.push(Event::Text(line.into()));
        }
        events.push(Event::End(TagEnd::Paragraph));
    }
    let mut html = String::with_capacity(text.len() + 16);
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    html
}

/// The beginning of a text on one line, `max_chars` characters at most, cut between two words and
/// ended by « … » when something is left out.
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if count_chars(&line) <= max_chars {
        return line;
    }
    let Some(room) = max_chars.checked_sub(1) else {
        return String::new();
    };
    let beginning = truncate_chars(&line, room);
    let ends_a_word = line
        .get(beginning.len()..)
        .is_some_and(|rest| rest.starts_with(' '));
    let kept = match beginning.rfind(' ') {
        Some(end) if !ends_a_word => beginning.get(..end).unwrap_or(beginning),
        _ => beginning,
    };
    let kept =
        kept.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '…'));
    format!("{kept}…")
}

#[cfg(test)]
mod tests;
