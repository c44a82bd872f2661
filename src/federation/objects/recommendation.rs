//! `Recommendation` (schema.org): what an association says of the structure that accompanied it,
//! with a proof that anybody can check. No stars: that it is there says it all.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::text;
use crate::{
    app::{
        App, AppError,
        host_actors::{self, Statement},
        proof_keys,
    },
    domain::{
        addresses::{ActorAddresses, INSTANCE_PATH},
        authority::PublicUrl,
        federation::Actor,
    },
    federation::{
        objects::agreement,
        proofs::{self, ProofSigner},
        vocabulary::{PUBLIC, recommendation_context, timestamp},
    },
};

/// A recommendation on the wire, before it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecommendationDocument {
    #[serde(rename = "@context")]
    at_context: Value,
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    attributed_to: String,
    item_reviewed: String,
    /// What both parties confirmed of the accompaniment.
    context: String,
    name: String,
    content: String,
    content_map: BTreeMap<&'static str, String>,
    in_language: &'static str,
    url: String,
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    to: Vec<String>,
    cc: Vec<String>,
}

impl RecommendationDocument {
    /// The document of a recommendation, as its words stand now; `None` when it was never published.
    pub fn new(statement: &Statement, public_url: &PublicUrl) -> Option<Self> {
        let Statement {
            recommendation,
            author,
            structure,
            accompaniment,
            ..
        } = statement;
        let published = recommendation.published_at?;
        let uri = recommendation.uri.clone()?;
        let content = text::recommendation(&recommendation.answers);
        let instance = ActorAddresses::new(public_url.join(INSTANCE_PATH));
        let updated = recommendation.updated_at;
        Some(Self {
            at_context: recommendation_context(),
            kind: "Recommendation",
            attributed_to: author.uri.clone(),
            item_reviewed: structure.uri.clone(),
            context: agreement::address(statement, public_url),
            name: format!("{} recommande {}", author.name, structure.name),
            content_map: BTreeMap::from([("fr", content.clone())]),
            content,
            in_language: "fr",
            url: uri.clone(),
            id: uri,
            start_time: timestamp(midnight(accompaniment.started_on)),
            end_time: accompaniment.ended_on.map(midnight).map(timestamp),
            published: timestamp(published),
            updated: (updated > published).then(|| timestamp(updated)),
            to: vec![PUBLIC.to_owned()],
            cc: vec![structure.uri.clone(), instance.followers()],
        })
    }
}

/// The first instant of a day.
pub(super) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The signed document of a recommendation: the one that is kept, or else made now and kept, so that
/// every server reads the same bytes.
pub async fn find_signed(app: &App, statement: &Statement) -> Result<Value, AppError> {
    if let Some(kept) = &statement.document {
        return serde_json::from_str(kept).map_err(AppError::internal);
    }
    let document = RecommendationDocument::new(statement, &app.config().public_url);
    let document = document.ok_or_else(|| AppError::internal("not a public recommendation"))?;
    let document = serde_json::to_value(document).map_err(AppError::internal)?;
    let signer = signer_of(app, &statement.author).await?;
    let signed = proofs::sign(document, &signer, app.now()).map_err(AppError::internal)?;
    let id = statement.recommendation.id;
    let kept = host_actors::keep_document(app, id, &signed.to_string()).await?;
    match kept {
        Some(kept) => serde_json::from_str(&kept).map_err(AppError::internal),
        // withdrawn at this very moment
        None => Ok(signed),
    }
}

/// What signs for one of our actors.
pub async fn signer_of(app: &App, actor: &Actor) -> Result<ProofSigner, AppError> {
    let key = proof_keys::find_signing(app, actor.id).await?;
    let (key, seed) = key.ok_or_else(|| AppError::internal("an actor has no key for proofs"))?;
    ProofSigner::from_seed(key.address(&actor.uri), &seed).map_err(AppError::internal)
}
