//! Recommendations that other sites send: checked before anything else, since everybody could write
//! one in the name of an association.

use activitypub_federation::config::Data;
use serde_json::Value;
use url::Url;

use super::{NOT_A_PEER, Unapplied};
use crate::federation::{
    context::Federation,
    json,
    proofs::keys::{self, NotStated},
};

/// Whether a document is a recommendation.
pub(super) fn is_statement(value: &Value) -> bool {
    value.is_object() && json::has_type(value, "Recommendation")
}

/// Checks a recommendation that `actor` told, embedded or read from its origin. One that is sound is
/// ignored all the same, unless its site is a peer.
pub(super) async fn receive(
    document: &Value,
    actor: &Url,
    data: &Data<Federation>,
) -> Result<(), Unapplied> {
    let member = |name: &str| document.get(name).and_then(json::id_of);
    let id = json::id_of(document).ok_or(Unapplied::refused("a recommendation without id"))?;
    let author = member("attributedTo").unwrap_or_default();
    if author != actor.as_str() {
        return Err(Unapplied::refused("a recommendation of somebody else"));
    }
    if !json::have_same_origin(id, author) {
        return Err(Unapplied::refused(
            "a recommendation of another origin than its author",
        ));
    }
    if member("itemReviewed") == Some(author) {
        return Err(Unapplied::refused("recommends itself"));
    }
    let author = data.read(actor).await?;
    match keys::check(document, &author.value, data.app.now()) {
        Ok(_) => Err(Unapplied::ignored(NOT_A_PEER)),
        Err(flaw) => Err(refuse(flaw)),
    }
}

fn refuse(flaw: NotStated) -> Unapplied {
    Unapplied::Refused(flaw.to_string().into())
}
