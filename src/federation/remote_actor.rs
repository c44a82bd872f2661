//! Actors of other servers, as their documents describe them.

use activitypub_federation::{
    config::Data,
    traits::{Actor as ActorTrait, Object},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{
    activities::Unapplied,
    context::Federation,
    json,
    keys::PublicKey,
    reading::{page_of, read_instant, web_address},
};
use crate::{
    app::remote_actors::{self, RemoteProfile},
    domain::{
        authority::authority_of,
        federation::{Actor, ActorKind},
    },
};

/// Most keys and aliases of one actor looked at.
const MOST_ENTRIES: usize = 16;

/// Why a document does not describe an actor we can talk with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidActor {
    #[error("not an actor")]
    NotAnActor,
    #[error("an actor without inbox")]
    NoInbox,
    #[error("an actor with an unusable id")]
    BadId,
}

/// What a remote actor says of itself. Only what it says about itself: the document comes from its
/// own origin.
#[derive(Debug, Clone)]
pub struct ActorDocument {
    pub id: Url,
    /// `publicKey`, one or several.
    pub keys: Vec<KeyEntry>,
    /// Other ids of the same person, for a `Move`.
    pub also_known_as: Vec<String>,
    profile: RemoteProfile,
}

/// One entry of `publicKey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    pub id: String,
    /// Absent when the entry is only the address of the key.
    pub pem: Option<String>,
}

impl ActorDocument {
    /// Reads the document of an actor: one of the five types, an id, an inbox. Everything else may
    /// be missing, as on actors of servers.
    pub fn read(value: &Value) -> Result<Self, InvalidActor> {
        let kind = json::types_of(value).find_map(ActorKind::parse);
        let kind = kind.ok_or(InvalidActor::NotAnActor)?;
        let id = json::id_of(value).and_then(web_address);
        let id = id.ok_or(InvalidActor::BadId)?;
        let host = authority_of(&id).ok_or(InvalidActor::BadId)?;
        let address = |property: &str| {
            let found = json::values_of(value, property).first()?;
            web_address(json::id_of(found)?).map(String::from)
        };
        let inbox = address("inbox").ok_or(InvalidActor::NoInbox)?;
        let shared_inbox = value
            .get("endpoints")
            .and_then(|endpoints| json::text(endpoints, "sharedInbox"))
            .and_then(web_address)
            .map(String::from);
        let handle = json::text(value, "preferredUsername")
            .map(str::trim)
            .filter(|handle| !handle.is_empty())
            .unwrap_or(&host)
            .to_owned();
        let text = |property: &str| json::text(value, property).unwrap_or_default().to_owned();
        let is_indexable = value
            .get("indexable")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        let profile = RemoteProfile {
            kind,
            handle,
            host,
            name: text("name"),
            summary: text("summary"),
            url: page_of(value, &id),
            inbox,
            shared_inbox,
            followers: address("followers"),
            key_id: None,
            public_key: None,
            is_indexable,
            updated_at: read_instant(value, "updated"),
            uri: id.to_string(),
        };
        Ok(Self {
            keys: read_keys(value, &id),
            also_known_as: json::values_of(value, "alsoKnownAs")
                .iter()
                .filter_map(json::id_of)
                .take(MOST_ENTRIES)
                .map(str::to_owned)
                .collect(),
            profile,
            id,
        })
    }

    /// The key with this id, when the actor publishes it and we can read it.
    pub fn find_key(&self, key_id: &str) -> Option<PublicKey> {
        let entry = self.keys.iter().find(|entry| entry.id == key_id)?;
        PublicKey::from_pem(entry.pem.as_deref()?).ok()
    }

    /// Whether the actor says that this key is one of its own.
    pub fn lists_key(&self, key_id: &str) -> bool {
        self.keys.iter().any(|entry| entry.id == key_id)
    }

    /// The first key that we can read.
    fn first_key(&self) -> Option<(String, PublicKey)> {
        self.keys.iter().find_map(|entry| {
            let key = PublicKey::from_pem(entry.pem.as_deref()?).ok()?;
            Some((entry.id.clone(), key))
        })
    }

    /// What is kept, with the key that signs for the actor: the one given, else the first.
    pub fn into_profile(self, key: Option<(String, PublicKey)>) -> RemoteProfile {
        let key = key.or_else(|| self.first_key());
        let (key_id, public_key) = key.map(|(id, key)| (id, key.to_spki_pem())).unzip();
        RemoteProfile {
            key_id,
            public_key,
            ..self.profile
        }
    }
}

fn read_keys(value: &Value, actor: &Url) -> Vec<KeyEntry> {
    json::values_of(value, "publicKey")
        .iter()
        .filter(|entry| {
            // a key that says it is somebody else's is not this actor's
            entry
                .get("owner")
                .and_then(json::id_of)
                .is_none_or(|owner| owner == actor.as_str())
        })
        .filter_map(|entry| {
            Some(KeyEntry {
                id: json::id_of(entry)?.to_owned(),
                pem: json::text(entry, "publicKeyPem").map(str::to_owned),
            })
        })
        .take(MOST_ENTRIES)
        .collect()
}

/// A remote actor that we know.
#[derive(Debug, Clone)]
pub struct RemoteActor {
    id: Url,
    inbox: Url,
    pub actor: Actor,
}

impl TryFrom<Actor> for RemoteActor {
    type Error = Unapplied;

    fn try_from(actor: Actor) -> Result<Self, Unapplied> {
        let parse = |address: &str| {
            Url::parse(address).map_err(|_| Unapplied::Refused("an unusable address".into()))
        };
        Ok(Self {
            id: parse(&actor.uri)?,
            inbox: parse(&actor.inbox)?,
            actor,
        })
    }
}

#[async_trait]
impl Object for RemoteActor {
    type DataType = Federation;
    type Kind = Value;
    type Error = Unapplied;

    fn id(&self) -> &Url {
        &self.id
    }

    fn last_refreshed_at(&self) -> Option<DateTime<Utc>> {
        self.actor.fetched_at
    }

    async fn read_from_id(id: Url, data: &Data<Federation>) -> Result<Option<Self>, Unapplied> {
        let actor = remote_actors::find(&data.app, id.as_str()).await?;
        actor.map(Self::try_from).transpose()
    }

    fn is_deleted(&self) -> bool {
        self.actor.gone_at.is_some()
    }

    async fn into_json(self, _: &Data<Federation>) -> Result<Value, Unapplied> {
        Err(Unapplied::Refused(
            "actors of other servers are served by their own".into(),
        ))
    }

    async fn verify(
        document: &Value,
        expected: &Url,
        _: &Data<Federation>,
    ) -> Result<(), Unapplied> {
        let id = json::id_of(document).unwrap_or_default();
        if json::have_same_origin(id, expected.as_str()) {
            Ok(())
        } else {
            Err(Unapplied::Refused("an actor of another origin".into()))
        }
    }

    async fn from_json(document: Value, data: &Data<Federation>) -> Result<Self, Unapplied> {
        let document = ActorDocument::read(&document)
            .map_err(|error| Unapplied::Refused(error.to_string().into()))?;
        let actor = remote_actors::save(&data.app, document.into_profile(None)).await?;
        actor.try_into()
    }
}

impl ActorTrait for RemoteActor {
    fn public_key_pem(&self) -> &str {
        self.actor.public_key.as_deref().unwrap_or_default()
    }

    fn private_key_pem(&self) -> Option<String> {
        None
    }

    fn inbox(&self) -> Url {
        self.inbox.clone()
    }

    fn shared_inbox(&self) -> Option<Url> {
        self.actor.shared_inbox.as_deref()?.parse().ok()
    }
}

impl Federation {
    /// The remote actor with this id: known, or read from its origin now.
    pub async fn find_or_read_actor(&self, id: &Url) -> Result<Actor, Unapplied> {
        match remote_actors::find(&self.app, id.as_str()).await? {
            Some(actor) => Ok(actor),
            None => self.read_actor(id).await,
        }
    }

    /// Reads a remote actor from its origin, and keeps what it says.
    pub async fn read_actor(&self, id: &Url) -> Result<Actor, Unapplied> {
        let document = self.read_actor_document(id).await?;
        let profile = document.into_profile(None);
        Ok(remote_actors::save(&self.app, profile).await?)
    }

    /// Reads the document of a remote actor from its origin.
    pub async fn read_actor_document(&self, id: &Url) -> Result<ActorDocument, Unapplied> {
        if self.is_ours(id.as_str()) {
            return Err(Unapplied::Refused(
                "an actor of ours, from elsewhere".into(),
            ));
        }
        let document = self.read(id).await?;
        let document = ActorDocument::read(&document.value)
            .map_err(|error| Unapplied::Refused(error.to_string().into()))?;
        if document.id == *id {
            Ok(document)
        } else {
            Err(Unapplied::Refused("an actor under another id".into()))
        }
    }
}
