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

fn reply(t: Texts, comment: &federation::Comment, depth: u8) -> Reply {
    let author = &comment.actor;
    let name = match author.name.trim() {
        "" => author.handle.as_str(),
        name => name,
    };
    Reply {
        comment: Comment {
            anchor: addresses::comment_anchor(comment.id),
            author: name.to_owned(),
            author_url: web_address(&author.url),
            origin: t.trf(
                "{address}, depuis {host}",
                [
                    ("address", author.address().as_str()),
                    ("host", author.host.as_str()),
                ],
            ),
            original_url: web_address(&comment.url),
            written: When::moment(t, comment.published_at),
            is_edited: comment.updated_at > comment.published_at,
            is_from_publisher: false,
            html: comment.content.clone(),
            depth,
        },
        answer_url: paths::interact_with(&comment.uri),
        report_url: paths::report(&comment.uri),
    }
}

/// An address that a browser may open, or nothing: it was written by another server.
fn web_address(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => address.to_owned(),
        _ => String::new(),
    }
}
