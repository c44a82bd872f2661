//! `Flag`: another server reports something of ours.

use url::Url;

use super::{Envelope, Unapplied, settle};
use crate::{
    app::reports::{self, Flagged},
    domain::authority::authority_of,
    federation::json,
};

/// Most ids of a report read.
const MOST_OBJECTS: usize = 100;

/// A report: an account and texts, and why.
#[derive(Debug, Clone)]
pub struct Flag {
    id: Url,
    actor: Url,
    content: String,
    objects: Vec<String>,
}

impl Flag {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        let objects: Vec<String> = json::values_of(&envelope.document, "object")
            .iter()
            .filter_map(json::id_of)
            .take(MOST_OBJECTS)
            .map(str::to_owned)
            .collect();
        if objects.is_empty() {
            return Err(Unapplied::ignored("reports nothing that has an id"));
        }
        // Lemmy gives its reason in `summary`
        let content = json::text(&envelope.document, "content")
            .or_else(|| json::text(&envelope.document, "summary"));
        Ok(Self {
            id: envelope.id.clone(),
            actor: envelope.actor.clone(),
            content: content.unwrap_or_default().to_owned(),
            objects,
        })
    }
}

activity!(Flag, |flag, data| verify {
    let _ = flag;
    Ok(())
} receive {
    let who = data.find_who(&flag.actor).await?;
    let host = authority_of(&flag.actor).unwrap_or_default();
    let flagged = Flagged {
        activity: flag.id.to_string(),
        host,
        content: flag.content,
        objects: flag.objects,
    };
    settle(reports::receive(&data.app, &who, flagged).await?)
});
