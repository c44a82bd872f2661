//! `Article`: the rendition for Mobilizon, which shows a Group's `Article` as one of its posts and a
//! `Note` only as a comment. It wants `actor` and `attributedTo` to differ, and no `null` anywhere.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{AttachmentDocument, TagDocument, hashtags, links_to, mention, picture, text};
use crate::{
    app::{ads::reading::AdPage, host_actors::Statement},
    domain::{addresses::INSTANCE_PATH, authority::PublicUrl, federation::Post},
    federation::vocabulary::{PUBLIC, timestamp},
};

/// The announcement of an ad as Mobilizon reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArticleDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The instance; Mobilizon files the post under the Group only when it is somebody else.
    actor: String,
    /// The Group: the actor of the ad.
    attributed_to: String,
    to: Vec<String>,
    cc: Vec<String>,
    name: String,
    /// At most 400 characters, complete by itself.
    summary: String,
    content: String,
    content_map: BTreeMap<&'static str, String>,
    in_language: &'static str,
    published: String,
    updated: String,
    url: String,
    tag: Vec<TagDocument>,
    attachment: Vec<AttachmentDocument>,
}

impl ArticleDocument {
    /// The `Article` of an announcement; other posts have none.
    pub fn new(post: &Post, page: &AdPage, public_url: &PublicUrl) -> Option<Self> {
        let id = post.article_uri.clone()?;
        let tag = hashtags(page, public_url);
        let links: Vec<(String, String)> = tag
            .iter()
            .map(|tag| (tag.name.clone(), tag.href.clone()))
            .collect();
        let content = text::announcement(page, &links);
        Some(Self {
            id,
            kind: "Article",
            actor: public_url.join(INSTANCE_PATH),
            attributed_to: page.actor.uri.clone(),
            to: vec![PUBLIC.to_owned()],
            cc: page.actor.followers.iter().cloned().collect(),
            name: page.ad.content.title.clone(),
            summary: text::summary(page),
            content_map: BTreeMap::from([("fr", content.clone())]),
            content,
            in_language: "fr",
            published: timestamp(post.published_at),
            updated: timestamp(post.updated_at),
            url: page.actor.url.clone(),
            tag,
            attachment: picture(page, post, public_url).into_iter().collect(),
        })
    }

    /// The `Article` with which a structure tells that it is recommended.
    pub fn of_recommendation(
        post: &Post,
        statement: &Statement,
        public_url: &PublicUrl,
    ) -> Option<Self> {
        let url = statement.recommendation.uri.clone()?;
        let content = text::recommendation_post(statement);
        let structure = &statement.structure;
        Some(Self {
            id: post.article_uri.clone()?,
            kind: "Article",
            actor: public_url.join(INSTANCE_PATH),
            attributed_to: structure.uri.clone(),
            to: vec![PUBLIC.to_owned()],
            cc: structure.followers.iter().cloned().collect(),
            name: text::recommendation_title(statement),
            summary: text::recommendation_summary(statement),
            content_map: BTreeMap::from([("fr", content.clone())]),
            content,
            in_language: "fr",
            published: timestamp(post.published_at),
            updated: timestamp(post.updated_at),
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
