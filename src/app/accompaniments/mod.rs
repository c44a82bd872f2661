//! Accompaniments: declared by one side, confirmed by the other, ended by both.
//!
//! [`declaring`] starts one, [`life`] is what each side says of it, [`reading`] is what both sides
//! and moderators see, [`parties`] who is on which side and how they are written to, [`claiming`]
//! how the people of an association that was only known by its address take it over.

pub mod claiming;
pub mod declaring;
pub mod life;
pub mod parties;
pub mod reading;

use crate::{
    app::{AppError, Missing, Who, permissions::Sides},
    domain::{accompaniment::Accompaniment, ids::AccompanimentId},
    store::{Read, Write, accompaniments, audit::Entry},
};
use parties::Parties;

/// Path of the pages of accompaniments for people with an account.
pub const PATH: &str = "/compte/accompagnements";

/// An accompaniment, its parties, and what somebody is on each side.
async fn find(
    tx: &mut Read,
    who: &Who,
    id: AccompanimentId,
) -> Result<(Accompaniment, Parties, Sides), AppError> {
    let found = accompaniments::find(tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Accompaniment))?;
    let parties = parties::find(tx, &found).await?;
    let sides = parties::find_sides(tx, who, &parties).await?;
    Ok((found, parties, sides))
}

/// The same, which nobody else changes until the transaction ends.
pub(crate) async fn lock(
    tx: &mut Write,
    who: &Who,
    id: AccompanimentId,
) -> Result<(Accompaniment, Parties, Sides), AppError> {
    accompaniments::lock(tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Accompaniment))?;
    find(tx, who, id).await
}

fn entry(action: &'static str, id: AccompanimentId) -> Entry<'static> {
    Entry {
        action,
        subject_kind: "accompaniment",
        subject_id: id.get(),
        detail: "",
    }
}
