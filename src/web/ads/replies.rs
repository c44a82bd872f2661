//! The accepted replies under an ad, in the order of the conversation.

use std::collections::{HashMap, HashSet};

use crate::{
    app::ads::reading::AdPage,
    domain::{addresses, federation},
    locales::Texts,
    web::{
        components::{Comment, When},
        paths,
    },
};

/// Replies deeper than this are shown at this depth.
const MAX_DEPTH: u8 = 2;

/// A reply with what a reader may do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What is shown.
    pub comment: Comment,
    /// Where to answer it from one's own account.
    pub answer_url: String,
    /// Where to report it.
    pub report_url: String,
}

/// Each reply is followed by its answers; the oldest come first.
pub fn thread(t: Texts, ad_page: &AdPage) -> Vec<Reply> {
    let comments = &ad_page.comments;
    let known: HashSet<&str> = comments
        .iter()
        .map(|comment| comment.uri.as_str())
        .collect();
    let mut answers: HashMap<&str, Vec<&federation::Comment>> = HashMap::new();
    let mut pending = Vec::new();
    for comment in comments.iter().rev() {
        let parent = comment.in_reply_to.as_str();
        // a reply to itself, or to something that is not shown, begins a conversation
        if known.contains(parent) && parent != comment.uri {
            answers.entry(parent).or_default().push(comment);
        } else {
            pending.push((comment, 0));
        }
    }
    let mut thread = Vec::with_capacity(comments.len());
    while let Some((comment, depth)) = pending.pop() {
        thread.push(reply(t, comment, depth));
        let below = answers.remove(comment.uri.as_str()).unwrap_or_default();
        let depth = (depth + 1).min(MAX_DEPTH);
        pending.extend(below.into_iter().map(|answer| (answer, depth)));
    }
    thread
}

fn reply(t: Texts, stored: &federation::Comment, depth: u8) -> Reply {
    Reply {
        comment: Comment {
            depth,
            ..comment(t, stored)
        },
        answer_url: paths::interact_with(&stored.uri),
        report_url: paths::report(&stored.uri),
    }
}

/// A reply as every page shows it; at the first level of the conversation.
pub fn comment(t: Texts, stored: &federation::Comment) -> Comment {
    let author = &stored.actor;
    let name = match author.name.trim() {
        "" => author.handle.as_str(),
        name => name,
    };
    let values = [("address", author.address()), ("host", author.host.clone())];
    Comment {
        anchor: addresses::comment_anchor(stored.id),
        author: name.to_owned(),
        author_url: web_address(&author.url),
        origin: t.trf("{address}, depuis {host}", values),
        original_url: web_address(&stored.url),
        written: When::moment(t, stored.published_at),
        is_edited: stored.updated_at > stored.published_at,
        is_from_publisher: false,
        html: stored.content.clone(),
        depth: 0,
    }
}

/// An address that a browser may open, or nothing: it was written by another server.
fn web_address(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => address.to_owned(),
        _ => String::new(),
    }
}
