//! `Undo`: somebody elsewhere takes back a follow, a like, a boost or a block.

use url::Url;

use super::{Envelope, Unapplied, settle};
use crate::{
    app::undo::{self, Undone},
    domain::federation::ReactionKind,
    federation::json,
};

/// What is taken back: embedded, or named by its id.
#[derive(Debug, Clone)]
pub struct Undo {
    id: Url,
    actor: Url,
    undone: Undone,
    /// Id of the activity taken back.
    activity: Option<String>,
    /// Who did it, when it is embedded.
    author: Option<String>,
    /// What it was about, when it is embedded.
    target: Option<String>,
}

impl Undo {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        let [object] = json::values_of(&envelope.document, "object") else {
            return Err(Unapplied::ignored("takes back nothing, or several things"));
        };
        let undone = match json::types_of(object).next() {
            None => Undone::Unknown,
            Some("Follow") => Undone::Follow,
            Some("Block") => Undone::Block,
            Some("Like") => Undone::Reaction(ReactionKind::Like),
            Some("Announce") => Undone::Reaction(ReactionKind::Announce),
            Some(_) => return Err(Unapplied::ignored("takes back something of no use here")),
        };
        let member = |name: &str| object.get(name).and_then(json::id_of).map(str::to_owned);
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            undone,
            activity: json::id_of(object).map(str::to_owned),
            author: member("actor"),
            target: member("object"),
        })
    }
}

activity!(Undo, |undo, data| verify {
    match &undo.author {
        Some(author) if author != undo.actor.as_str() => {
            Err(Unapplied::refused("takes back what somebody else did"))
        }
        _ => Ok(()),
    }
} receive {
    let who = data.find_who(&undo.actor).await?;
    let (activity, target) = (undo.activity.as_deref(), undo.target.as_deref());
    settle(undo::receive(&data.app, &who, undo.undone, activity, target).await?)
});
