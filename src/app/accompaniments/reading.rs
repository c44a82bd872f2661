//! What both sides, and moderators, see of an accompaniment.

use crate::{
    app::{App, AppError, Who, permissions},
    domain::{
        accompaniment::{Accompaniment, Party},
        ids::AccompanimentId,
        purpose_link::LinkPurpose,
        recommendation::Recommendation,
    },
    store::{accompaniments, purpose_links, recommendations},
};

use super::{
    find,
    parties::{self, Parties},
};

pub use accompaniments::Named;

/// An accompaniment, as somebody sees it.
#[derive(Clone, Debug)]
pub struct AccompanimentView {
    pub accompaniment: Accompaniment,
    pub parties: Parties,
    /// For whom the reader acts; `None` for who may only look: a moderator, or somebody on both
    /// sides.
    pub party: Option<Party>,
    /// What came of it: everything for the association, and once readers see it for the structure.
    pub recommendation: Option<Recommendation>,
    /// Whether an invitation to recommend can be used now.
    pub is_invited: bool,
}

/// An accompaniment, for its sides and for moderators.
pub async fn show(
    app: &App,
    who: &Who,
    id: AccompanimentId,
) -> Result<AccompanimentView, AppError> {
    let mut tx = app.store().read().await?;
    let (accompaniment, parties, sides) = find(&mut tx, who, id).await?;
    permissions::see_accompaniment(who, &accompaniment, sides)?;
    let party = permissions::act_as_party(who, &accompaniment, sides).ok();
    let found = recommendations::find_by_accompaniment(&mut tx, id).await?;
    let is_invited = match &found {
        Some(it) if it.is_being_written() => {
            let purpose = LinkPurpose::Recommendation;
            purpose_links::has_usable(&mut tx, purpose, it.id.get(), app.now()).await?
        }
        _ => false,
    };
    // a structure does not read what its association has not published
    let may_read = |it: &Recommendation| {
        party != Some(Party::Host) || it.is_public() || it.withdrawn_at.is_some()
    };
    let recommendation = found.filter(may_read);
    Ok(AccompanimentView {
        accompaniment,
        parties,
        party,
        recommendation,
        is_invited,
    })
}

/// The accompaniments of one's organisations, on either side, the most recently declared first.
pub async fn list_own(
    app: &App,
    who: &Who,
    before: Option<AccompanimentId>,
    limit: i64,
) -> Result<Vec<Named>, AppError> {
    let account = permissions::list_own_accompaniments(who)?.id;
    let mut tx = app.store().read().await?;
    Ok(accompaniments::list_by_member(&mut tx, account, before, limit.clamp(1, 101)).await?)
}

/// Whether somebody who is signed in belongs to the other side than the one a link was made for: it
/// was forwarded by mistake, or worse, and must not be used.
pub async fn is_of_other_side(
    app: &App,
    signed_in: &Who,
    id: AccompanimentId,
    party: Party,
) -> Result<bool, AppError> {
    let mut tx = app.store().read().await?;
    let (_, parties, _) = find(&mut tx, &Who::Anonymous, id).await?;
    let sides = parties::find_sides(&mut tx, signed_in, &parties).await?;
    Ok(match party {
        Party::Host => sides.association.is_some(),
        Party::Association => sides.host.is_some(),
    })
}
