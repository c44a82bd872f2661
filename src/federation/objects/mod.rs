//! The documents of what our actors say, one file per object; conversion never sends. [`reply`] is
//! what others say, read.

pub mod article;
pub mod note;
pub mod reply;
pub mod tombstone;

pub(super) mod text;

use serde::Serialize;

use crate::{
    app::ads::reading::AdPage,
    domain::{
        addresses,
        authority::PublicUrl,
        federation::{Post, PostKind},
    },
};

/// A hashtag in `tag`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HashtagDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    /// With its `#`.
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

fn hashtags(page: &AdPage, public_url: &PublicUrl) -> Vec<HashtagDocument> {
    page.ad
        .content
        .hashtags
        .iter()
        .map(|tag| HashtagDocument {
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
