//! Structures as programs of their members see them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, hosts::Desk},
    domain::{
        host::{
            Capacity, HostField, HostInput, HostState, LineInput, Offer, OfferInput, PriceBracket,
            PriceModel, Source, host_path,
        },
        ids::{HostId, OrganisationId},
        listing::Standing,
    },
};

/// A structure, as its members see it.
#[derive(Serialize, ToSchema)]
pub(super) struct HostView {
    id: HostId,
    organisation: OrganisationId,
    #[schema(example = "Le Chaton")]
    organisation_name: String,
    #[schema(example = "le_chaton")]
    handle: String,
    /// Its page, which readers see once it is in the directory.
    #[schema(example = "https://lyon.example/structures/le_chaton")]
    url: String,
    state: HostState,
    /// Whether it is in the directory.
    listing: Standing,
    capacity: Capacity,
    /// Month from which it takes requests again.
    #[schema(example = "2027-03")]
    capacity_from: Option<String>,
    /// Grows at each change; an update names the one that it was made from.
    version: i64,
    profile: HostInput,
    /// Where the fields that were given come from.
    sources: Vec<SourceView>,
    offers: Vec<OfferView>,
    /// What is missing before it can be submitted, by field.
    #[schema(example = json!(["course", "offers"]))]
    missing: Vec<&'static str>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    confirmed_at: Option<DateTime<Utc>>,
    capacity_said_at: Option<DateTime<Utc>>,
}

/// Where the value of a field comes from.
#[derive(Serialize, ToSchema)]
struct SourceView {
    field: HostField,
    source: Source,
    /// Of the file it was read from.
    url: Option<String>,
    set_at: DateTime<Utc>,
    confirmed_at: DateTime<Utc>,
}

/// What a structure proposes.
#[derive(Serialize, ToSchema)]
pub(super) struct OfferView {
    /// Position in its address.
    number: i64,
    name: String,
    /// Markdown.
    description: String,
    lines: Vec<LineInput>,
    /// Slugs of programs of the catalogue.
    software: Vec<String>,
    price_model: PriceModel,
    price_bracket: PriceBracket,
    /// Hosting and accompaniment in one offer.
    is_all_in_one: bool,
    updated_at: DateTime<Utc>,
}

impl HostView {
    pub(super) fn new(app: &App, desk: &Desk) -> Self {
        let host = &desk.host;
        let sources = desk.sourced.sources.iter();
        Self {
            id: host.id,
            organisation: host.organisation_id,
            organisation_name: desk.organisation.name.clone(),
            handle: host.handle.clone(),
            url: app.url(&host_path(&host.handle)),
            state: host.state,
            listing: host.listing.standing,
            capacity: host.capacity,
            capacity_from: host.capacity_from.clone(),
            version: host.version,
            profile: HostInput::from(&desk.sourced.profile),
            sources: sources
                .map(|(field, source)| SourceView {
                    field: *field,
                    source: source.source,
                    url: source.source_url.clone(),
                    set_at: source.set_at,
                    confirmed_at: source.confirmed_at,
                })
                .collect(),
            offers: desk.offers.iter().map(OfferView::from).collect(),
            missing: desk.missing.iter().map(|(field, _)| field).collect(),
            created_at: host.created_at,
            updated_at: host.updated_at,
            submitted_at: host.submitted_at,
            confirmed_at: host.confirmed_at,
            capacity_said_at: host.capacity_said_at,
        }
    }
}

impl From<&Offer> for OfferView {
    fn from(offer: &Offer) -> Self {
        let input = OfferInput::from(offer);
        Self {
            number: offer.number,
            name: input.name,
            description: input.description,
            lines: input.lines,
            software: input.software,
            price_model: offer.price_model,
            price_bracket: offer.price_bracket,
            is_all_in_one: offer.is_all_in_one(),
            updated_at: offer.updated_at,
        }
    }
}
