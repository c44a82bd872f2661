//! `Reject`: one of our follows is turned away, or ended by who was followed.

use url::Url;

use super::{Envelope, Unapplied, settle};
use crate::{
    app::follows::{self, Answer},
    federation::json,
};

/// An answer to a `Follow` of ours, embedded or named by its id.
#[derive(Debug, Clone)]
pub struct Reject {
    id: Url,
    actor: Url,
    follow: String,
    /// Who follows, when the `Follow` is embedded.
    follower: Option<String>,
    /// Who is followed, when the `Follow` is embedded.
    followed: Option<String>,
}

impl Reject {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        let object = json::values_of(&envelope.document, "object").first();
        let object = object.ok_or(Unapplied::ignored("an answer to nothing"))?;
        let is_other = json::types_of(object).next().is_some() && !json::has_type(object, "Follow");
        if is_other {
            return Err(Unapplied::ignored(
                "an answer to something else than a follow",
            ));
        }
        let member = |name: &str| object.get(name).and_then(json::id_of).map(str::to_owned);
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            follow: json::id_of(object).unwrap_or_default().to_owned(),
            follower: member("actor"),
            followed: member("object"),
        })
    }
}

activity!(Reject, |answer, data| verify {
    match &answer.followed {
        Some(followed) if followed != answer.actor.as_str() => {
            Err(Unapplied::refused("an answer to a follow of somebody else"))
        }
        _ => Ok(()),
    }
} receive {
    let who = data.find_who(&answer.actor).await?;
    let follow = Some(answer.follow.as_str()).filter(|id| !id.is_empty());
    let follower = answer.follower.as_deref();
    settle(follows::receive_answer(&data.app, &who, Answer::Rejected, follow, follower).await?)
});
