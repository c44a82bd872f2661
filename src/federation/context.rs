//! What everything in `federation` shares: the instance, and the way to other servers.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use activitypub_federation::config::FederationConfig;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    fetch::{Document, FetchError, FetchLimits, Fetched, Fetcher},
    http_client::{ClientError, ClientSettings, RemoteClient},
    inbox::{InboxGate, InboxLimits},
    keys::{KeyError, SigningKey},
    signers::SignerDesk,
};
use crate::app::{App, AppError, actors};

/// How an instance talks to other servers, beside its settings.
#[derive(Clone, Debug, Default)]
pub struct FederationOptions {
    /// Names that are not looked up, with their address; port 0 keeps the port of the URL.
    /// Laboratories and tests; the rule on addresses holds for them too.
    pub static_hosts: BTreeMap<String, SocketAddr>,
    /// Bounds of what is read from others.
    pub fetch: FetchLimits,
    /// Bounds of what is received.
    pub inbox: InboxLimits,
}

/// Why federation cannot start.
#[derive(Debug, thiserror::Error)]
pub enum FederationError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the public address cannot be used: {0}")]
    PublicUrl(#[from] url::ParseError),
    #[error("the federation library cannot be set up: {0}")]
    Library(String),
}

/// The instance as other servers meet it. Cheap to clone.
#[derive(Clone)]
pub struct Federation {
    pub app: App,
    /// The one client of remote servers, shared by reading and delivery.
    pub client: RemoteClient,
    pub fetcher: Fetcher,
    shared: Arc<Shared>,
}

struct Shared {
    instance_key: OnceCell<SigningKey>,
    signers: SignerDesk,
    gate: InboxGate,
}

/// Why the instance actor cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum InstanceKeyError {
    #[error("the key of the instance is still being made")]
    NotReady,
    #[error(transparent)]
    App(#[from] AppError),
    #[error("the key of the instance cannot be read: {0}")]
    Unreadable(#[from] KeyError),
}

/// Why a document of another server was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Key(#[from] InstanceKeyError),
}

impl ReadError {
    /// Whether it may succeed later without anybody doing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_retryable(),
            Self::Key(_) => true,
        }
    }

    /// Whether what was asked for is no more (FEP-4f05).
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Fetch(FetchError::Gone | FetchError::NotFound))
    }
}

impl Federation {
    /// With the settings of the instance.
    pub fn new(app: App) -> Result<Self, FederationError> {
        Self::with_options(app, FederationOptions::default())
    }

    /// With other bounds, or names of a laboratory.
    pub fn with_options(app: App, options: FederationOptions) -> Result<Self, FederationError> {
        let settings = ClientSettings {
            static_hosts: options.static_hosts,
            ..ClientSettings::of(app.config())?
        };
        let client = RemoteClient::build(&settings)?;
        Ok(Self {
            app,
            fetcher: Fetcher::new(client.clone(), options.fetch),
            client,
            shared: Arc::new(Shared {
                instance_key: OnceCell::new(),
                signers: SignerDesk::new(&options.inbox),
                gate: InboxGate::new(&options.inbox),
            }),
        })
    }

    /// What the federation library hands to our handlers of activities.
    ///
    /// Its own client and queue stay unused: only [`Fetcher`] reads from other servers, only
    /// delivery posts to them.
    pub async fn into_config(self) -> Result<FederationConfig<Self>, FederationError> {
        FederationConfig::builder()
            .domain(self.app.config().public_url.authority())
            .app_data(self)
            .build()
            .await
            .map_err(|error| FederationError::Library(error.to_string()))
    }

    /// The key of the instance actor, which signs what we read from others.
    pub async fn instance_key(&self) -> Result<&SigningKey, InstanceKeyError> {
        self.shared
            .instance_key
            .get_or_try_init(|| async {
                let instance = actors::find_instance(&self.app).await?;
                let instance = instance.ok_or(InstanceKeyError::NotReady)?;
                let private = actors::private_key(&self.app, instance.id).await?;
                let (Some(key_id), Some(private)) = (instance.key_id, private) else {
                    return Err(InstanceKeyError::NotReady);
                };
                let key_id = Url::parse(&key_id).map_err(|_| KeyError::Unreadable)?;
                Ok(SigningKey::from_pkcs8_pem(key_id, &private)?)
            })
            .await
    }

    /// Reads a document of another server, signed by the instance actor.
    pub async fn read(&self, url: &Url) -> Result<Document, ReadError> {
        let key = self.instance_key().await?;
        let now = self.app.now();
        let fetched = self
            .fetcher
            .fetch_document(url, Some(key), None, now)
            .await?;
        match fetched {
            Fetched::Document(document) => Ok(document),
            Fetched::NotModified => Err(FetchError::NotActivityPub("no document").into()),
        }
    }

    /// Whether an address is one of ours.
    pub fn is_ours(&self, address: &str) -> bool {
        self.app.config().public_url.path_of(address).is_some()
    }

    pub(super) fn signers(&self) -> &SignerDesk {
        &self.shared.signers
    }

    pub(super) fn gate(&self) -> &InboxGate {
        &self.shared.gate
    }
}

impl std::fmt::Debug for Federation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Federation").finish_non_exhaustive()
    }
}
