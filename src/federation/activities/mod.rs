//! Activities received, one file each: the document, what is verified of it, what it does.
//!
//! An activity is chosen by its `type`, never by its shape. Documents are read tolerantly: a
//! string, an object, a list or `null` anywhere, unknown members ignored, the id optional.
//! `verify` looks at the document and at origins only; `receive` calls one use case, which asks
//! whether the sender may do that.

/// Declares what every activity has in common for the federation library.
macro_rules! activity {
    ($name:ident, |$activity:ident, $data:ident| verify $verify:block receive $receive:block) => {
        #[async_trait::async_trait]
        impl activitypub_federation::traits::Activity for $name {
            type DataType = $crate::federation::context::Federation;
            type Error = $crate::federation::activities::Unapplied;

            fn id(&self) -> &url::Url {
                &self.id
            }

            fn actor(&self) -> &url::Url {
                &self.actor
            }

            async fn verify(
                &self,
                $data: &activitypub_federation::config::Data<Self::DataType>,
            ) -> Result<(), Self::Error> {
                let $activity = self;
                let _ = $data;
                $crate::federation::activities::verify_origin(&self.id, &self.actor)?;
                $verify
            }

            async fn receive(
                self,
                $data: &activitypub_federation::config::Data<Self::DataType>,
            ) -> Result<(), Self::Error> {
                let $activity = self;
                $receive
            }
        }
    };
}
pub mod accept;
pub mod add;
pub mod announce;
pub mod block;
pub mod create;
pub mod delete;
mod envelope;
pub mod flag;
pub mod follow;
pub mod like;
pub mod move_actor;
pub mod reject;
pub mod remove;
mod statement;
pub mod undo;
pub mod update;

use std::borrow::Cow;

use activitypub_federation::{config::Data, traits::Activity};
use serde_json::Value;
use url::Url;

pub use envelope::{Envelope, Malformed};

use super::{
    context::{Federation, ReadError},
    json,
    objects::reply::ReplyDocument,
};
use crate::app::{AppError, Who, comments, inbox::Effect};

/// Why an activity was not applied.
#[derive(Debug, thiserror::Error)]
pub enum Unapplied {
    /// Nothing to do with it here.
    #[error("{0}")]
    Ignored(Cow<'static, str>),
    /// Its sender may not do that, or it cannot be believed.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// It may be possible later: another server, or ours, does not answer now.
    #[error("{0}")]
    Later(String),
}

impl Unapplied {
    fn ignored(reason: &'static str) -> Self {
        Self::Ignored(reason.into())
    }

    fn refused(reason: &'static str) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<AppError> for Unapplied {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Internal(_) | AppError::TooMany(_) => Self::Later(error.to_string()),
            AppError::NotFound(_) | AppError::Gone { .. } | AppError::Conflict(_) => {
                Self::Ignored(error.to_string().into())
            }
            AppError::Unauthenticated | AppError::Forbidden(_) | AppError::Invalid(_) => {
                Self::Refused(error.to_string().into())
            }
        }
    }
}

impl From<ReadError> for Unapplied {
    fn from(error: ReadError) -> Self {
        if error.is_retryable() {
            Self::Later(error.to_string())
        } else if error.is_gone() {
            Self::Ignored(error.to_string().into())
        } else {
            Self::Refused(error.to_string().into())
        }
    }
}

/// What the use case did, in the terms of the federation library.
fn settle(effect: Effect) -> Result<(), Unapplied> {
    match effect {
        Effect::Applied => Ok(()),
        Effect::Nothing(reason) => Err(Unapplied::ignored(reason)),
        Effect::Refused(reason) => Err(Unapplied::refused(reason)),
    }
}

/// The activities that do something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    Accept,
    Add,
    Announce,
    Block,
    Create,
    Delete,
    Flag,
    Follow,
    Like,
    Move,
    Reject,
    Remove,
    Undo,
    Update,
}

impl Verb {
    /// The verb of a `type`; `None` for everything that is not for us.
    pub fn parse(kind: &str) -> Option<Self> {
        Some(match kind {
            "Accept" => Self::Accept,
            "Add" => Self::Add,
            "Announce" => Self::Announce,
            "Block" => Self::Block,
            "Create" => Self::Create,
            "Delete" => Self::Delete,
            "Flag" => Self::Flag,
            "Follow" => Self::Follow,
            "Like" => Self::Like,
            "Move" => Self::Move,
            "Reject" => Self::Reject,
            "Remove" => Self::Remove,
            "Undo" => Self::Undo,
            "Update" => Self::Update,
            _ => return None,
        })
    }
}

/// An activity, read.
#[derive(Debug, Clone)]
pub enum Inbound {
    Accept(accept::Accept),
    Add(add::Add),
    Announce(announce::Announce),
    Block(block::Block),
    Create(create::Create),
    Delete(delete::Delete),
    Flag(flag::Flag),
    Follow(follow::Follow),
    Like(like::Like),
    Move(move_actor::Move),
    Reject(reject::Reject),
    Remove(remove::Remove),
    Undo(undo::Undo),
    Update(update::Update),
}

impl Inbound {
    /// Reads an activity by its type.
    pub fn read(envelope: &Envelope) -> Result<Self, Unapplied> {
        let verb = Verb::parse(&envelope.kind);
        Ok(match verb.ok_or(Unapplied::ignored("of no use here"))? {
            Verb::Accept => Self::Accept(accept::Accept::read(envelope)?),
            Verb::Add => Self::Add(add::Add::read(envelope)?),
            Verb::Announce => Self::Announce(announce::Announce::read(envelope)?),
            Verb::Block => Self::Block(block::Block::read(envelope)?),
            Verb::Create => Self::Create(create::Create::read(envelope)?),
            Verb::Delete => Self::Delete(delete::Delete::read(envelope)?),
            Verb::Flag => Self::Flag(flag::Flag::read(envelope)?),
            Verb::Follow => Self::Follow(follow::Follow::read(envelope)?),
            Verb::Like => Self::Like(like::Like::read(envelope)?),
            Verb::Move => Self::Move(move_actor::Move::read(envelope)?),
            Verb::Reject => Self::Reject(reject::Reject::read(envelope)?),
            Verb::Remove => Self::Remove(remove::Remove::read(envelope)?),
            Verb::Undo => Self::Undo(undo::Undo::read(envelope)?),
            Verb::Update => Self::Update(update::Update::read(envelope)?),
        })
    }

    /// Verifies the activity, then does what it says. Its actor signed it.
    pub async fn run(self, data: &Data<Federation>) -> Result<(), Unapplied> {
        match self {
            Self::Accept(activity) => run(activity, data).await,
            Self::Add(activity) => run(activity, data).await,
            Self::Announce(activity) => run(activity, data).await,
            Self::Block(activity) => run(activity, data).await,
            Self::Create(activity) => run(activity, data).await,
            Self::Delete(activity) => run(activity, data).await,
            Self::Flag(activity) => run(activity, data).await,
            Self::Follow(activity) => run(activity, data).await,
            Self::Like(activity) => run(activity, data).await,
            Self::Move(activity) => run(activity, data).await,
            Self::Reject(activity) => run(activity, data).await,
            Self::Remove(activity) => run(activity, data).await,
            Self::Undo(activity) => run(activity, data).await,
            Self::Update(activity) => run(activity, data).await,
        }
    }

    /// Takes an activity that somebody else than its actor signed: a hint, nothing more. What it is
    /// about is read from its own origin, when we hold what it replies to.
    async fn run_forwarded(self, data: &Data<Federation>) -> Result<(), Unapplied> {
        match self {
            Self::Create(create::Create { object, .. })
            | Self::Update(update::Update { object, .. }) => object.read_again(None, data).await,
            Self::Delete(delete) => delete.check_at_origin(data).await,
            _ => Err(Unapplied::ignored("not signed by who acts")),
        }
    }
}

async fn run<A>(activity: A, data: &Data<Federation>) -> Result<(), Unapplied>
where
    A: Activity<DataType = Federation, Error = Unapplied>,
{
    activity.verify(data).await?;
    activity.receive(data).await
}

/// Treats an activity whose request `signer` signed, from its text to its effect.
pub async fn treat(data: &Data<Federation>, signer: &str, body: &str) -> Result<(), Unapplied> {
    let document = json::parse_bounded(body.as_bytes(), json::MOST_DEPTH)
        .map_err(|error| Unapplied::Refused(error.to_string().into()))?;
    let envelope =
        Envelope::read(document).map_err(|error| Unapplied::Refused(error.to_string().into()))?;
    let inbound = Inbound::read(&envelope)?;
    if envelope.actor.as_str() == signer {
        inbound.run(data).await
    } else {
        inbound.run_forwarded(data).await
    }
}

/// An id belongs to whom its origin belongs to (FEP-fe34).
fn verify_origin(id: &Url, actor: &Url) -> Result<(), Unapplied> {
    if id.origin() == actor.origin() {
        Ok(())
    } else {
        Err(Unapplied::refused("an id of another origin than its actor"))
    }
}

/// What is sound and not for us: only what peers say changes anything here.
const NOT_A_PEER: &str = "from a site that is not a peer";

/// A collection belongs to whom its address hangs below (FEP-fe34): nobody else puts something in it.
fn verify_collection(target: &str, actor: &Url, data: &Data<Federation>) -> Result<(), Unapplied> {
    if data.is_ours(target) {
        return Err(Unapplied::refused("a collection of ours, from elsewhere"));
    }
    let rest = target.strip_prefix(actor.as_str());
    if rest.is_some_and(|rest| rest.starts_with(['/', '?', '#'])) {
        Ok(())
    } else {
        Err(Unapplied::refused("a collection of somebody else"))
    }
}

/// The id of the only thing that an activity is about.
fn read_target(envelope: &Envelope, property: &str) -> Result<String, Unapplied> {
    let target = envelope.document.get(property).and_then(json::id_of);
    let target = target.ok_or(Unapplied::ignored("about nothing that has an id"))?;
    Ok(target.to_owned())
}

impl Federation {
    /// The remote actor behind an activity, for permissions.
    async fn find_who(&self, actor: &Url) -> Result<Who, Unapplied> {
        let actor = self.find_or_read_actor(actor).await?;
        if actor.gone_at.is_some() {
            return Err(Unapplied::ignored("its actor is gone"));
        }
        Ok(Who::Remote(actor.id))
    }
}

/// What a `Create` or an `Update` is about.
#[derive(Debug, Clone)]
pub enum Told {
    /// A text, embedded.
    Note(Box<ReplyDocument>),
    /// Something that stands elsewhere.
    Id(Url),
    /// An actor, embedded; its id.
    Actor(Url),
    /// A recommendation, embedded.
    Statement(Box<Value>),
    /// Several things at once: votes in a poll.
    Several,
    /// Something that is of no use here.
    Other,
}

impl Told {
    fn read(envelope: &Envelope) -> Self {
        use crate::domain::federation::ActorKind;
        let value = match json::values_of(&envelope.document, "object") {
            [value] => value,
            [] => return Self::Other,
            _ => return Self::Several,
        };
        if let Some(note) = ReplyDocument::read(value) {
            return Self::Note(Box::new(note));
        }
        let Some(id) = json::id_of(value).and_then(super::reading::web_address) else {
            return Self::Other;
        };
        match value {
            Value::String(_) => Self::Id(id),
            _ if statement::is_statement(value) => Self::Statement(Box::new(value.clone())),
            _ if json::types_of(value).any(|kind| ActorKind::parse(kind).is_some()) => {
                Self::Actor(id)
            }
            _ => Self::Other,
        }
    }

    /// Keeps the text that `actor` tells; what is not its own is read from where it belongs.
    async fn receive_from(self, actor: &Url, data: &Data<Federation>) -> Result<(), Unapplied> {
        match self {
            Self::Note(note) if note.is_told_by(actor) => keep(&note, actor, data).await,
            Self::Statement(document) => statement::receive(&document, actor, data).await,
            other => other.read_again(Some(actor), data).await,
        }
    }

    /// Believes nothing but the origin of the text itself, and asks it only when we hold what the
    /// text replies to.
    /// A recommendation is only taken from who acts, when that is known.
    async fn read_again(
        self,
        actor: Option<&Url>,
        data: &Data<Federation>,
    ) -> Result<(), Unapplied> {
        let id = match self {
            Self::Note(note) if is_wanted(&note, data).await? => note.id,
            Self::Id(id) => id,
            Self::Note(_) => return Err(Unapplied::ignored("not a reply to a post of ours")),
            Self::Several => return Err(Unapplied::ignored("several objects: votes")),
            Self::Actor(_) | Self::Statement(_) | Self::Other => {
                return Err(Unapplied::ignored("an object of no use here"));
            }
        };
        if data.is_ours(id.as_str()) {
            return Err(Unapplied::refused("an object of ours, from elsewhere"));
        }
        let document = data.read(&id).await?;
        if let Some(actor) = actor
            && document.id == id
            && statement::is_statement(&document.value)
        {
            return statement::receive(&document.value, actor, data).await;
        }
        let note = ReplyDocument::read(&document.value)
            .filter(|note| note.id == id)
            .ok_or(Unapplied::ignored("an object of no use here"))?;
        let author = note
            .author()
            .ok_or(Unapplied::refused("an object without author of its origin"))?;
        keep(&note, &author, data).await
    }
}

/// Whether a text replies to something of ours, or is a reply that we hold already.
async fn is_wanted(note: &ReplyDocument, data: &Data<Federation>) -> Result<bool, Unapplied> {
    use comments::receiving::{find_author, is_repliable};
    if let Some(parent) = &note.in_reply_to
        && is_repliable(&data.app, parent).await?
    {
        return Ok(true);
    }
    Ok(find_author(&data.app, note.id.as_str()).await?.is_some())
}

/// Keeps a text that `author` is known to have written.
async fn keep(
    note: &ReplyDocument,
    author: &Url,
    data: &Data<Federation>,
) -> Result<(), Unapplied> {
    let reply = note.to_reply().ok_or(Unapplied::ignored("not a reply"))?;
    if !is_wanted(note, data).await? {
        return Err(Unapplied::ignored("not a reply to a post of ours"));
    }
    let who = data.find_who(author).await?;
    settle(comments::receiving::save(&data.app, &who, &reply).await?)
}
