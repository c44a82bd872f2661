//! The facts that tell whether an instance can work. Nothing is created, nothing is changed.

use std::{fs, io, path::Path};

use chrono::TimeDelta;

use crate::{
    app::{Clock, KeyFileError, Secrets},
    config::Config,
    store::{DatabaseUrl, Store, StoreError, health},
};

pub use crate::store::health::Queue;

/// The state of the key file.
#[derive(Debug)]
pub enum KeyFile {
    Good,
    /// None yet: the first start makes it.
    Absent,
    /// Others than its owner can read it.
    Exposed,
    Unusable(KeyFileError),
}

/// The state of the database.
#[derive(Debug)]
pub enum Database {
    /// No file yet: the first start makes it.
    Absent,
    Unreachable(StoreError),
    /// It lacks so many migrations.
    Behind(i64),
    /// It was made by a later version.
    Ahead,
    Good {
        /// How far its clock is ahead of ours; `None` when it has none of its own.
        clock_ahead: Option<TimeDelta>,
        queues: Vec<Queue>,
    },
}

/// Whether the data directory exists and can be written.
pub fn check_data_dir(directory: &Path) -> io::Result<()> {
    let probe = directory.join(".emancipasso-doctor");
    fs::write(&probe, b"")?;
    fs::remove_file(&probe)
}

/// Looks at the key file.
pub fn examine_key_file(directory: &Path) -> KeyFile {
    let path = directory.join("secret.key");
    if !path.exists() {
        return KeyFile::Absent;
    }
    if let Err(error) = Secrets::open_or_create(&path) {
        return KeyFile::Unusable(error);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let others = fs::metadata(&path).map_or(0, |file| file.permissions().mode() & 0o077);
        if others != 0 {
            return KeyFile::Exposed;
        }
    }
    KeyFile::Good
}

/// Looks at the database.
pub async fn examine_database(config: &Config, clock: &Clock) -> Database {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return Database::Absent;
    }
    match examine(config, clock).await {
        Ok(state) => state,
        Err(error) => Database::Unreachable(error),
    }
}

async fn examine(config: &Config, clock: &Clock) -> Result<Database, StoreError> {
    let store = Store::connect(&config.database).await?;
    let mut tx = store.read().await?;
    let missing = Store::known_migrations() - health::count_migrations(&mut tx).await?;
    let state = match missing {
        0 => Database::Good {
            clock_ahead: health::read_clock(&mut tx)
                .await?
                .map(|theirs| theirs - clock.now()),
            queues: health::list_queues(&mut tx).await?,
        },
        missing if missing > 0 => Database::Behind(missing),
        _ => Database::Ahead,
    };
    drop(tx);
    store.close().await;
    Ok(state)
}
