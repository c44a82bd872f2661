//! The words we write: `@context` documents and our own terms. `docs/vocabulary.md` explains them.
//!
//! Every extension is mapped inline: no server has to fetch a context of ours, and the one of
//! ActivityStreams comes first as its exact address.

use serde_json::{Value, json};

/// The address that every `@context` begins with.
pub const ACTIVITY_STREAMS: &str = "https://www.w3.org/ns/activitystreams";
/// Words of proofs (FEP-8b32).
const DATA_INTEGRITY: &str = "https://w3id.org/security/data-integrity/v2";
/// The collection of everybody, spelled in full.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// Our own terms.
pub const NAMESPACE: &str = "https://emancipasso.org/ns#";
/// Class of the actor of an ad, given as `additionalType`.
pub const CLASSIFIED_AD: &str = "https://emancipasso.org/ns#ClassifiedAd";
/// Class of the actor of a structure.
pub const HOST: &str = "https://emancipasso.org/ns#Host";
/// Class of the actor of an organisation that recommends.
pub const ASSOCIATION: &str = "https://emancipasso.org/ns#Association";
/// Class of what a structure proposes.
pub const ACCOMPANIMENT_OFFER: &str = "https://emancipasso.org/ns#AccompanimentOffer";
/// What a server that speaks our vocabulary implements (FEP-844e).
pub const CAPABILITY: &str = "https://emancipasso.org/ns#federation-v1";
/// Media type of everything we serve and send.
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// `@context` of an actor.
pub fn actor_context() -> Value {
    json!([
        ACTIVITY_STREAMS,
        "https://w3id.org/security/v1",
        // defines `assertionMethod`
        "https://www.w3.org/ns/did/v1",
        "https://w3id.org/security/multikey/v1",
        {
            "toot": "http://joinmastodon.org/ns#",
            "mz": "https://joinmobilizon.org/ns#",
            "schema": "http://schema.org#",
            "emancipasso": NAMESPACE,
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "discoverable": "toot:discoverable",
            "indexable": "toot:indexable",
            "suspended": "toot:suspended",
            "featured": { "@id": "toot:featured", "@type": "@id" },
            "PropertyValue": "schema:PropertyValue",
            "value": "schema:value",
            "additionalType": { "@id": "http://schema.org/additionalType", "@type": "@id" },
            "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
            "implements": { "@id": "https://w3id.org/fep/844e#implements", "@type": "@id" },
            "openness": { "@id": "mz:openness", "@type": "@id" },
            "memberCount": { "@id": "mz:memberCount", "@type": "schema:Integer" },
            "members": { "@id": "mz:members", "@type": "@id" },
            "resources": { "@id": "mz:resources", "@type": "@id" },
            "posts": { "@id": "mz:posts", "@type": "@id" },
            "todos": { "@id": "mz:todos", "@type": "@id" },
            "discussions": { "@id": "mz:discussions", "@type": "@id" },
            "events": { "@id": "mz:events", "@type": "@id" },
            "sc": "http://schema.org/",
            "areaServed": "sc:areaServed",
            "memberOf": { "@id": "sc:memberOf", "@type": "@id" },
            "makesOffer": { "@id": "sc:makesOffer", "@type": "@id" },
            "provider": { "@id": "sc:provider", "@type": "@id" },
            "identifier": "sc:identifier",
            "propertyID": "sc:propertyID",
            "directory": { "@id": "emancipasso:directory", "@type": "@id" },
            "recommendations": { "@id": "emancipasso:recommendations", "@type": "@id" }
        }
    ])
}

/// `@context` of a recommendation. A list, which its proof repeats exactly.
pub fn recommendation_context() -> Value {
    json!([
        ACTIVITY_STREAMS,
        DATA_INTEGRITY,
        {
            "sc": "http://schema.org/",
            "Recommendation": "sc:Recommendation",
            "itemReviewed": { "@id": "sc:itemReviewed", "@type": "@id" },
            "isBasedOn": { "@id": "sc:isBasedOn", "@type": "@id" },
            "inLanguage": "sc:inLanguage"
        }
    ])
}

/// `@context` of an activity that carries a proof.
pub fn signed_context() -> Value {
    json!([ACTIVITY_STREAMS, DATA_INTEGRITY])
}

/// `@context` of what is left of a recommendation.
pub fn recommendation_tombstone_context() -> Value {
    json!([ACTIVITY_STREAMS, { "Recommendation": "http://schema.org/Recommendation" }])
}

/// `@context` of what two parties agreed on, and of what one proposes (FEP-0837, ValueFlows).
pub fn exchange_context() -> Value {
    json!([
        ACTIVITY_STREAMS,
        DATA_INTEGRITY,
        {
            "vf": "https://w3id.org/valueflows/ont/vf#",
            "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
            "sc": "http://schema.org/",
            "Proposal": "vf:Proposal",
            "Intent": "vf:Intent",
            "Agreement": "vf:Agreement",
            "Commitment": "vf:Commitment",
            "purpose": "vf:purpose",
            "publishes": "vf:publishes",
            "action": "vf:action",
            "resourceQuantity": "vf:resourceQuantity",
            "stipulates": "vf:stipulates",
            "provider": { "@id": "vf:provider", "@type": "@id" },
            "receiver": { "@id": "vf:receiver", "@type": "@id" },
            "finished": "vf:finished",
            "hasUnit": "om2:hasUnit",
            "hasNumericalValue": "om2:hasNumericalValue",
            "additionalType": { "@id": "sc:additionalType", "@type": "@id" },
            "inLanguage": "sc:inLanguage"
        }
    ])
}

/// `@context` of the directory (FEP-7aa9).
pub fn directory_context() -> Value {
    json!([
        ACTIVITY_STREAMS,
        {
            "sc": "http://schema.org/",
            "FeaturedItem": "https://w3id.org/fep/7aa9#FeaturedItem",
            "featuredObject": { "@id": "https://w3id.org/fep/7aa9#featuredObject", "@type": "@id" },
            "isBasedOn": { "@id": "sc:isBasedOn", "@type": "@id" }
        }
    ])
}

/// `@context` of a post, and of the activities that carry one.
pub fn post_context() -> Value {
    json!([
        ACTIVITY_STREAMS,
        {
            "schema": "http://schema.org#",
            "Hashtag": "as:Hashtag",
            "sensitive": "as:sensitive",
            "inLanguage": "schema:inLanguage"
        }
    ])
}

/// `@context` of everything that uses the words of ActivityStreams alone.
pub fn plain_context() -> Value {
    json!(ACTIVITY_STREAMS)
}

/// An instant as ActivityStreams wants it: UTC, to the second, with `Z`.
pub fn timestamp(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
