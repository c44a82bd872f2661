//! The collections of our actors.
//!
//! Each has a right `totalItems` and a `first` page; a page gives at most [`PAGE_SIZE`] items and
//! the cursor of the next one.

use serde::Serialize;
use serde_json::Value;

/// Items on one page.
pub const PAGE_SIZE: i64 = 20;

/// The root of a collection.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whose it is, where others check who may put something in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    attributed_to: Option<String>,
    total_items: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    /// Short collections come whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered_items: Option<Vec<Value>>,
}

impl CollectionDocument {
    /// A collection that fits into one document.
    pub fn whole(id: String, items: Vec<Value>) -> Self {
        Self {
            id,
            kind: "OrderedCollection",
            attributed_to: None,
            total_items: i64::try_from(items.len()).unwrap_or(i64::MAX),
            first: None,
            ordered_items: Some(items),
        }
    }

    /// A collection read page by page.
    pub fn paged(id: String, total_items: i64) -> Self {
        Self {
            first: Some(format!("{id}?page=1")),
            id,
            kind: "OrderedCollection",
            attributed_to: None,
            total_items,
            ordered_items: None,
        }
    }

    /// Names the actor that it belongs to.
    pub fn owned_by(mut self, owner: &str) -> Self {
        self.attributed_to = Some(owner.to_owned());
        self
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    part_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    ordered_items: Vec<Value>,
}

/// Most items on a page of what machines walk through whole.
pub const LARGE_PAGE_SIZE: i64 = 100;

impl PageDocument {
    /// The page of a collection that starts after `before`; `next` is the cursor of the one behind.
    pub fn new(
        collection: &str,
        before: Option<i64>,
        items: Vec<Value>,
        next: Option<i64>,
    ) -> Self {
        let page = |cursor: Option<i64>| match cursor {
            Some(cursor) => format!("{collection}?page=1&before={cursor}"),
            None => format!("{collection}?page=1"),
        };
        Self {
            id: page(before),
            kind: "OrderedCollectionPage",
            part_of: collection.to_owned(),
            next: next.map(|cursor| page(Some(cursor))),
            ordered_items: items,
        }
    }
}
