//! `Note`: the rendition for everybody.
//!
//! No `name` and no `summary`: Mastodon and `GoToSocial` turn them into a content warning that hides
//! the text. The first line of the text is its title; the first attachment is the page.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{AttachmentDocument, TagDocument, hashtags, links_to, mention, picture, text};
use crate::{
    app::{ads::reading::AdPage, host_actors::Statement},
    domain::{
        authority::PublicUrl,
        federation::{Post, PostKind},
    },
    federation::vocabulary::{PUBLIC, timestamp},
};

/// A post as everybody reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoteDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    attributed_to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<String>,
    to: Vec<String>,
    cc: Vec<String>,
    published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    url: String,
    content: String,
    content_map: BTreeMap<&'static str, String>,
    sensitive: bool,
    tag: Vec<TagDocument>,
    attachment: Vec<AttachmentDocument>,
}

impl NoteDocument {
    /// The `Note` of a post; `None` when the post tells a milestone that is not there any more.
    pub fn new(post: &Post, page: &AdPage, public_url: &PublicUrl) -> Option<Self> {
        let is_announcement = post.kind == PostKind::Announcement;
        let tag = if is_announcement {
            hashtags(page, public_url)
        } else {
            Vec::new()
        };
        let content = if is_announcement {
            let links: Vec<(String, String)> = tag
                .iter()
                .map(|tag| (tag.name.clone(), tag.href.clone()))
                .collect();
            text::announcement(page, &links)
        } else {
            let milestone = page
                .milestones
                .iter()
                .find(|step| step.post_id == post.id)?;
            text::milestone(page, milestone)
        };
        let mut attachment = vec![AttachmentDocument::Link {
            media_type: "text/html",
            href: page.actor.url.clone(),
            rel: Vec::new(),
        }];
        attachment.extend(picture(page, post, public_url));
        Some(Self {
            id: post.note_uri.clone(),
            kind: "Note",
            attributed_to: page.actor.uri.clone(),
            in_reply_to: in_reply_to(post, page),
            to: vec![PUBLIC.to_owned()],
            cc: page.actor.followers.iter().cloned().collect(),
            published: timestamp(post.published_at),
            // only an edit has one: Mastodon would show a new post as edited
            updated: (post.updated_at > post.published_at).then(|| timestamp(post.updated_at)),
            url: page.actor.url.clone(),
            content_map: BTreeMap::from([("fr", content.clone())]),
            content,
            sensitive: false,
            tag,
            attachment,
        })
    }

    /// The `Note` with which a structure tells its followers that it is recommended.
    pub fn of_recommendation(post: &Post, statement: &Statement) -> Option<Self> {
        let url = statement.recommendation.uri.clone()?;
        let content = text::recommendation_post(statement);
        let structure = &statement.structure;
        Some(Self {
            id: post.note_uri.clone(),
            kind: "Note",
            attributed_to: structure.uri.clone(),
            in_reply_to: None,
            to: vec![PUBLIC.to_owned()],
            cc: structure
                .followers
                .iter()
                .chain([&statement.author.uri])
                .cloned()
                .collect(),
            published: timestamp(post.published_at),
            updated: (post.updated_at > post.published_at).then(|| timestamp(post.updated_at)),
            content_map: BTreeMap::from([("fr", content.clone())]),
            content,
            sensitive: false,
            tag: vec![mention(&statement.author)],
            attachment: links_to(&url),
            url,
        })
    }

    /// To whom it is addressed.
    pub fn audience(&self) -> (&[String], &[String]) {
        (&self.to, &self.cc)
    }
}

/// Milestones answer the announcement, so that they make one thread.
fn in_reply_to(post: &Post, page: &AdPage) -> Option<String> {
    if post.kind == PostKind::Announcement {
        return None;
    }
    page.posts
        .iter()
        .find(|other| other.kind == PostKind::Announcement)
        .map(|announcement| announcement.note_uri.clone())
}
