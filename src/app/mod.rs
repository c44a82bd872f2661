//! Use cases, one function each: permission → rule → write → enqueue → commit.
//!
//! Pages, the JSON API, the command line and federation all call these same functions. Nothing
//! here knows HTTP or ActivityPub documents, and no transaction stays open across the network.

mod clock;
mod computing;
mod error;
mod passwords;
mod secrets;

pub mod accompaniments;
pub mod accounts;
pub mod actors;
pub mod ads;
pub mod api_tokens;
pub mod catalogue;
pub mod comments;
pub mod decisions;
pub mod deliveries;
pub mod diagnosis;
pub mod directory;
pub mod domain_policies;
pub mod expansion;
pub mod figures;
pub mod follows;
pub mod host_actors;
pub mod hosts;
pub mod housekeeping;
pub mod inbox;
pub mod invitations;
pub mod key_rotation;
pub mod listing;
pub mod mails;
pub mod media;
pub mod mediations;
pub mod memberships;
pub mod moderation;
pub mod notices;
pub mod organisations;
pub mod outbox;
pub mod permissions;
pub mod pictures;
pub mod proof_keys;
pub mod purpose_links;
pub mod reactions;
pub mod recommendations;
pub mod remote_actors;
pub mod remote_follow;
pub mod reports;
pub mod sessions;
pub mod sign_in;
pub mod subjects;
pub mod undo;
pub mod verification;

#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use tokio::sync::Notify;

pub use clock::Clock;
pub use error::{AppError, Missing};
pub use permissions::Who;
pub use secrets::sha256_hex;
pub use secrets::{KeyFileError, Secrets, Token};

use crate::{
    config::Config,
    domain::ids::{AuditId, Ids},
    store::{Store, StoreError, Write, ad_listing, audit, counters, directory as directory_index},
};

/// The running instance: its database, its settings, its clock, its secrets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Instance>);

#[derive(Debug)]
struct Instance {
    config: Config,
    store: Store,
    clock: Clock,
    ids: Ids,
    secrets: Secrets,
    wake: Wake,
}

/// Signals to the workers that something was just queued; they also look by themselves.
#[derive(Debug, Default)]
pub struct Wake {
    /// An activity was received.
    pub inbox: Notify,
    /// One of our actors says something.
    pub outbox: Notify,
    /// Something is to be delivered, or a place is free to deliver it.
    pub deliveries: Notify,
    /// A host was met for the first time.
    pub hosts: Notify,
    /// A mail is to be sent.
    pub mail: Notify,
    /// A spare key pair was taken.
    pub keys: Notify,
    /// What the search index holds of some ads is out of date.
    pub index: Notify,
}

/// Why an instance cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the data directory {path} cannot be used: {source}")]
    DataDir {
        path: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    #[error("the actors of the instance cannot be made: {0}")]
    Actors(#[source] Box<AppError>),
    #[error("the catalogue cannot be copied into the database: {0}")]
    Catalogue(#[source] Box<AppError>),
}

impl App {
    /// Opens the data directory and the database, migrates it, and takes a node number.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, StartError> {
        let directory = config.data_dir.clone();
        for path in [
            directory.clone(),
            directory.join("media"),
            directory.join("mails"),
        ] {
            std::fs::create_dir_all(&path).map_err(|source| StartError::DataDir {
                path: path.display().to_string(),
                source,
            })?;
        }
        let secrets = Secrets::open_or_create(&directory.join("secret.key"))?;
        let store = Store::connect(&config.database).await?;
        store.migrate().await?;
        ad_listing::prepare(&store).await?;
        directory_index::prepare(&store).await?;
        let mut tx = store.write().await?;
        let node = counters::take(&mut tx, counters::Counter::Node).await?;
        tx.commit().await?;
        let app = Self(Arc::new(Instance {
            config,
            store,
            clock,
            ids: Ids::new(u64::try_from(node).unwrap_or_default()),
            secrets,
            wake: Wake::default(),
        }));
        actors::ensure_ours(&app)
            .await
            .map_err(|error| StartError::Actors(Box::new(error)))?;
        catalogue::sync(&app)
            .await
            .map_err(|error| StartError::Catalogue(Box::new(error)))?;
        Ok(app)
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The time. Nothing else in the program asks the system for it.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Today (UTC), for dates that people type.
    pub fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }

    /// The clock itself, for tests and demonstrations that move it.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Random tokens, keyed hashes, sealed values.
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Signals to the workers.
    pub fn wake(&self) -> &Wake {
        &self.0.wake
    }

    /// Wakes a worker once the transaction that queued its work is kept.
    pub(crate) fn wake_after(&self, tx: &mut Write, signal: fn(&Wake) -> &Notify) {
        let app = self.clone();
        tx.after_commit(move || signal(app.wake()).notify_one());
    }

    /// Where pictures are kept.
    pub fn media_dir(&self) -> std::path::PathBuf {
        self.0.config.data_dir.join("media")
    }

    /// The address of one of our paths, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        self.0.config.public_url.join(path)
    }

    /// Whether the database answers.
    pub async fn check_ready(&self) -> Result<(), AppError> {
        self.0.store.read().await?;
        Ok(())
    }

    /// Closes the database. Work in progress is lost, work committed is not.
    pub async fn stop(&self) {
        self.0.store.close().await;
    }

    /// A new identifier.
    pub(crate) fn next_id<Id: From<i64>>(&self) -> Id {
        self.0.ids.next(self.now())
    }

    /// A new random token, for a link or a cookie.
    pub(crate) fn new_token(&self) -> Result<Token, AppError> {
        let token = self.0.secrets.new_token();
        token.ok_or_else(|| AppError::internal("no source of randomness"))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// Writes a line of the audit log in the transaction of what it tells.
    pub(crate) async fn audit(
        &self,
        tx: &mut Write,
        who: &Who,
        entry: audit::Entry<'_>,
    ) -> Result<(), AppError> {
        let id: AuditId = self.next_id();
        audit::insert(tx, id, self.now(), who.account_id(), entry).await?;
        Ok(())
    }
}
