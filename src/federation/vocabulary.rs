//! The words we write: `@context` documents and our own terms. `docs/vocabulary.md` explains them.
//!
//! Every extension is mapped inline: no server has to fetch a context of ours, and the one of
//! ActivityStreams comes first as its exact address.

use serde_json::{Value, json};

/// The address that every `@context` begins with.
pub const ACTIVITY_STREAMS: &str = "https://www.w3.org/ns/activitystreams";
/// The collection of everybody, spelled in full (ActivityPub, section 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// Our own terms.
pub const NAMESPACE: &str = "https://emancipasso.org/ns#";
/// Class of the actor of an ad, given as `additionalType`.
pub const CLASSIFIED_AD: &str = "https://emancipasso.org/ns#ClassifiedAd";
/// What a server that speaks our vocabulary implements (FEP-844e).
pub const CAPABILITY: &str = "https://emancipasso.org/ns#federation-v1";
/// Media type of everything we serve and send.
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// `@context` of an actor.
pub fn actor_context() -> Value {
    json!([
        ACTIVITY_STREAMS,
        "https://w3id.org/security/v1",
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
            "events": { "@id": "mz:events", "@type": "@id" }
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
