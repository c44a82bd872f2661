//! The documents of what our actors say, one file per object; conversion never sends. [`reply`] is
//! what others say, read.

pub mod agreement;
pub mod article;
pub mod listing;
pub mod note;
pub mod offer;
pub mod recommendation;
pub mod reply;
pub mod tombstone;

pub(super) mod text;

use serde::Serialize;

use crate::{
    app::ads::reading::AdPage,
    domain::{
        addresses,
        authority::PublicUrl,
        federation::{Actor, Post, PostKind},
    },
    federation::vocabulary::ACTIVITY_JSON,
};

/// A hashtag in `tag`, or somebody who is mentioned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    /// With its `#` or its `@`.
    name: String,
    href: String,
}

/// A file or a page in `attachment`. Never a `PropertyValue`, which makes Lemmy drop the post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum AttachmentDocument {
    /// The page, from which Mastodon makes its preview card (FEP-8967).
    Link {
        media_type: &'static str,
        href: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        rel: Vec<&'static str>,
    },
    /// A picture, with its alternative text.
    Document {
        media_type: String,
        url: String,
        name: String,
        width: i64,
        height: i64,
    },
}

/// Who is mentioned: the association that recommends.
fn mention(actor: &Actor) -> TagDocument {
    TagDocument {
        kind: "Mention",
        name: actor.address(),
        href: actor.uri.clone(),
    }
}

/// The page, then the same address as data.
fn links_to(statement_uri: &str) -> Vec<AttachmentDocument> {
    vec![
        AttachmentDocument::Link {
            media_type: "text/html",
            href: statement_uri.to_owned(),
            rel: Vec::new(),
        },
        AttachmentDocument::Link {
            media_type: ACTIVITY_JSON,
            href: statement_uri.to_owned(),
            rel: vec!["describedby", "http://schema.org/Recommendation"],
        },
    ]
}

fn hashtags(page: &AdPage, public_url: &PublicUrl) -> Vec<TagDocument> {
    page.ad
        .content
        .hashtags
        .iter()
        .map(|tag| TagDocument {
            kind: "Hashtag",
            name: tag.to_string(),
            href: public_url.join(&addresses::hashtag_path(&tag.key())),
        })
        .collect()
}

/// The picture of an ad goes with its announcement only.
fn picture(page: &AdPage, post: &Post, public_url: &PublicUrl) -> Option<AttachmentDocument> {
    let image = page
        .image
        .as_ref()
        .filter(|_| post.kind == PostKind::Announcement)?;
    Some(AttachmentDocument::Document {
        media_type: image.media_type.clone(),
        url: public_url.join(&addresses::media_path(&image.file_name)),
        name: image.alt.clone(),
        width: image.width,
        height: image.height,
    })
}
