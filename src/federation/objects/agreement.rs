//! `Agreement` (FEP-0837): what both parties of an accompaniment confirmed. Public, and no more than
//! what a recommendation needs to be believed: who, for whom, when, that it is finished.

use serde::Serialize;

use super::recommendation::midnight;
use crate::{
    app::host_actors::Statement,
    domain::{addresses, authority::PublicUrl},
    federation::vocabulary::{PUBLIC, timestamp},
};

/// An agreement on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgreementDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    attributed_to: String,
    name: String,
    published: String,
    updated: String,
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    stipulates: CommitmentDocument,
    to: Vec<String>,
    cc: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct CommitmentDocument {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    provider: String,
    receiver: String,
    resource_quantity: MeasureDocument,
    finished: bool,
}

/// A quantity. Amounts are strings: readers round numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeasureDocument {
    has_unit: &'static str,
    has_numerical_value: &'static str,
}

/// One, of anything.
pub(super) const ONE: MeasureDocument = MeasureDocument {
    has_unit: "one",
    has_numerical_value: "1",
};

/// Id of the agreement behind a recommendation.
pub fn address(statement: &Statement, public_url: &PublicUrl) -> String {
    let number = statement.accompaniment.number;
    public_url.join(&addresses::agreement_path(&statement.host.handle, number))
}

impl AgreementDocument {
    /// The agreement behind a recommendation.
    pub fn new(statement: &Statement, public_url: &PublicUrl) -> Self {
        let id = address(statement, public_url);
        let accompaniment = &statement.accompaniment;
        Self {
            kind: "Agreement",
            attributed_to: statement.structure.uri.clone(),
            name: format!("Accompagnement de {}", statement.author.name),
            published: timestamp(accompaniment.created_at),
            updated: timestamp(accompaniment.updated_at),
            start_time: timestamp(midnight(accompaniment.started_on)),
            end_time: accompaniment.ended_on.map(midnight).map(timestamp),
            stipulates: CommitmentDocument {
                id: format!("{id}#primary"),
                kind: "Commitment",
                provider: statement.structure.uri.clone(),
                receiver: statement.author.uri.clone(),
                resource_quantity: ONE,
                finished: accompaniment.is_finished(),
            },
            id,
            to: vec![PUBLIC.to_owned()],
            cc: vec![statement.author.uri.clone()],
        }
    }
}
