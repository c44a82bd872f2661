//! `Proposal` (FEP-0837): what a structure proposes to associations.

use std::collections::BTreeMap;

use serde::Serialize;

use super::agreement::{MeasureDocument, ONE};
use crate::{
    domain::{
        addresses::ActorAddresses, authority::PublicUrl, federation::Actor, host::Offer,
        html::Markdown,
    },
    federation::vocabulary::{ACCOMPANIMENT_OFFER, PUBLIC, timestamp},
};

/// An offer on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it includes accompaniment.
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_type: Option<&'static str>,
    purpose: &'static str,
    attributed_to: String,
    name: String,
    content: String,
    content_map: BTreeMap<&'static str, String>,
    in_language: &'static str,
    published: String,
    updated: String,
    publishes: IntentDocument,
    to: Vec<String>,
    cc: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct IntentDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    action: &'static str,
    provider: String,
    resource_quantity: MeasureDocument,
}

/// Id of an offer, given its actor.
pub fn address(actor: &Actor, offer: &Offer, public_url: &PublicUrl) -> String {
    let handle = &actor.handle;
    public_url.join(&crate::domain::addresses::offer_path(handle, offer.number))
}

impl OfferDocument {
    /// An offer of the structure behind an actor.
    pub fn new(actor: &Actor, offer: &Offer, public_url: &PublicUrl) -> Self {
        let id = address(actor, offer, public_url);
        let content = Markdown::new(&offer.description).wire_html();
        Self {
            kind: "Proposal",
            additional_type: offer.accompanies().then_some(ACCOMPANIMENT_OFFER),
            purpose: "offer",
            attributed_to: actor.uri.clone(),
            name: offer.name.clone(),
            content_map: BTreeMap::from([("fr", content.clone())]),
            content,
            in_language: "fr",
            published: timestamp(offer.created_at),
            updated: timestamp(offer.updated_at),
            publishes: IntentDocument {
                id: format!("{id}#primary"),
                kind: "Intent",
                action: "deliverService",
                provider: actor.uri.clone(),
                resource_quantity: ONE,
            },
            id,
            to: vec![PUBLIC.to_owned()],
            cc: vec![ActorAddresses::new(actor.uri.as_str()).followers()],
        }
    }
}
