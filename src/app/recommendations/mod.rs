//! Recommendations: what an association says of the structure that accompanied it.
//!
//! By their authors: [`inviting`] asks an association to write, [`writing`] is its draft and its
//! sending, [`amending`] what it changes afterwards, [`withdrawing`] how it takes it back,
//! [`mediation`] what it tells in private instead, [`terms`] the reminder before the end. By others:
//! [`reply`] is the structure's right of reply, [`calls`] how peers talk to one another.
//!
//! By moderators: [`facts`] is what they need to know, [`review`] what they decide, [`appeals`] how
//! a refusal is contested, [`publication`] what follows from a decision.

pub mod amending;
pub mod appeals;
pub mod calls;
pub mod facts;
pub mod inviting;
pub mod mediation;
pub mod publication;
pub mod reply;
pub mod review;
pub mod terms;
pub mod withdrawing;
pub mod writing;

use crate::{
    app::{
        AppError, Missing, Who,
        accompaniments::parties::{self, Parties},
        permissions::Sides,
    },
    domain::{accompaniment::Accompaniment, ids::RecommendationId, recommendation::Recommendation},
    store::{Read, Write, accompaniments, audit::Entry, recommendations},
};

/// A recommendation with what it is about.
#[derive(Clone, Debug)]
pub struct Case {
    pub recommendation: Recommendation,
    pub accompaniment: Accompaniment,
    pub parties: Parties,
}

/// A recommendation with what it is about, and what somebody is on each side.
async fn find(tx: &mut Read, who: &Who, id: RecommendationId) -> Result<(Case, Sides), AppError> {
    let missing = || AppError::NotFound(Missing::Recommendation);
    let recommendation = recommendations::find(tx, id).await?.ok_or_else(missing)?;
    let accompaniment = accompaniments::find(tx, recommendation.accompaniment_id)
        .await?
        .ok_or_else(missing)?;
    let parties = parties::find(tx, &accompaniment).await?;
    let sides = parties::find_sides(tx, who, &parties).await?;
    let case = Case {
        recommendation,
        accompaniment,
        parties,
    };
    Ok((case, sides))
}

/// The same, which nobody else changes until the transaction ends.
async fn lock(tx: &mut Write, who: &Who, id: RecommendationId) -> Result<(Case, Sides), AppError> {
    recommendations::lock(tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Recommendation))?;
    find(tx, who, id).await
}

fn entry(action: &'static str, id: RecommendationId) -> Entry<'static> {
    Entry {
        action,
        subject_kind: "recommendation",
        subject_id: id.get(),
        detail: "",
    }
}
