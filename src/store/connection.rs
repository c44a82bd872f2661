//! The two engines, and the transactions every store function works in.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Readers of SQLite; in WAL mode they never wait for the writer.
const SQLITE_READERS: u32 = 4;
/// Connections of one process to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a request waits for a connection, or for the writer of SQLite.
const WAIT: Duration = Duration::from_secs(10);

/// Which database, and where.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; it is created when absent.
    Sqlite(PathBuf),
    /// A `postgres://…` address, password included.
    Postgres(String),
}

/// Why a database address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseUrl {
    #[error("it begins with neither sqlite: nor postgres://")]
    UnknownEngine,
    #[error("it lacks the path of the file after sqlite:")]
    NoPath,
    #[error("it cannot be read as an address of PostgreSQL")]
    Postgres,
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(InvalidDatabaseUrl::NoPath),
                _ => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(InvalidDatabaseUrl::UnknownEngine);
        }
        PgConnectOptions::from_str(text).map_err(|_| InvalidDatabaseUrl::Postgres)?;
        Ok(Self::Postgres(text.to_owned()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            // the address may hold a password
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

/// Name of the engine, for people and for the two texts of a query that must differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The database of an instance.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Pools,
}

#[derive(Clone, Debug)]
enum Pools {
    /// One writer: SQLite has one anyway, and waiting in our pool is fair where its lock is not.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// A view of the database as it was when it was opened, whatever others write meanwhile; dropping
/// it ends it. (Inside a [`Write`], on PostgreSQL, each query sees what others committed before it:
/// lock first what a decision depends on.)
#[derive(Debug)]
pub struct Read(Connection);

/// A read view that may also write; nothing is kept unless [`Write::commit`] is called.
pub struct Write {
    read: Read,
    after_commit: Vec<AfterCommit>,
}

/// What is done as soon as a transaction is kept.
type AfterCommit = Box<dyn FnOnce() + Send + Sync>;

#[derive(Debug)]
pub(super) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Store {
    /// Opens the database, without changing it except that an absent SQLite file is created.
    pub async fn connect(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let pools = match url {
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .journal_mode(SqliteJournalMode::Wal)
                    // what we answered 202 or 303 for survives a power cut
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(WAIT)
                    .foreign_keys(true)
                    .pragma("temp_store", "memory");
                let writer = SqlitePoolOptions::new()
                    .max_connections(1)
                    .min_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .acquire_timeout(WAIT)
                    .connect_with(
                        options
                            .clone()
                            .create_if_missing(true)
                            .optimize_on_close(true, None),
                    )
                    .await?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(SQLITE_READERS)
                    .acquire_timeout(WAIT)
                    .connect_with(options.read_only(true))
                    .await?;
                Pools::Sqlite { readers, writer }
            }
            DatabaseUrl::Postgres(url) => {
                let options = PgConnectOptions::from_str(url)?.application_name("emancipasso");
                Pools::Postgres(
                    PgPoolOptions::new()
                        .max_connections(POSTGRES_CONNECTIONS)
                        .acquire_timeout(WAIT)
                        .connect_with(options)
                        .await?,
                )
            }
        };
        Ok(Self { pools })
    }

    /// Brings the tables to the form this version knows. Safe to run again, and by several
    /// processes at once.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => MIGRATIONS.run(writer).await?,
            Pools::Postgres(pool) => MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// How many migrations this version knows.
    pub fn known_migrations() -> i64 {
        i64::try_from(MIGRATIONS.iter().count()).unwrap_or(i64::MAX)
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        match &self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Opens a read view.
    pub async fn read(&self) -> Result<Read, StoreError> {
        let connection = match self.pools.clone() {
            Pools::Sqlite { readers, .. } => {
                Connection::Sqlite(uncancelled(async move { readers.begin().await }).await?)
            }
            Pools::Postgres(pool) => {
                const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Connection::Postgres(
                    uncancelled(async move { pool.begin_with(BEGIN).await }).await?,
                )
            }
        };
        Ok(Read(connection))
    }

    /// Opens a transaction that may write.
    ///
    /// SQLite takes its lock here and not at the first write, since a view that became stale
    /// could not be upgraded.
    pub async fn write(&self) -> Result<Write, StoreError> {
        let connection = match self.pools.clone() {
            Pools::Sqlite { writer, .. } => Connection::Sqlite(
                uncancelled(async move { writer.begin_with("BEGIN IMMEDIATE").await }).await?,
            ),
            Pools::Postgres(pool) => {
                Connection::Postgres(uncancelled(async move { pool.begin().await }).await?)
            }
        };
        Ok(Write {
            read: Read(connection),
            after_commit: Vec::new(),
        })
    }

    /// Closes every connection; SQLite folds its journal into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Lets the opening of a transaction finish even when the request that wanted it is gone.
///
/// With sqlx 0.9.0 a `begin` dropped halfway leaves the pooled connection inside a transaction,
/// and what the next request writes on it vanishes (transact-rs/sqlx#4385). This is the only
/// place that opens transactions.
async fn uncancelled<T: Send + 'static>(
    begin: impl Future<Output = Result<T, sqlx::Error>> + Send + 'static,
) -> Result<T, sqlx::Error> {
    match tokio::spawn(begin).await {
        Ok(outcome) => outcome,
        Err(_) => Err(sqlx::Error::WorkerCrashed),
    }
}

impl Read {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.0
    }

    /// Which engine the view is of.
    pub fn engine(&self) -> Engine {
        match &self.0 {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) => Engine::Postgres,
        }
    }
}

impl Write {
    /// Keeps everything that was written, then does what [`Self::after_commit`] asked for.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.read.0 {
            Connection::Sqlite(transaction) => transaction.commit().await?,
            Connection::Postgres(transaction) => transaction.commit().await?,
        }
        for act in self.after_commit {
            act();
        }
        Ok(())
    }

    /// Has something done once the transaction is kept, and not at all when it is not: waking the
    /// worker of a row that was just queued. Must be quick and must not fail.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + Sync + 'static) {
        self.after_commit.push(Box::new(act));
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Write").field(&self.read).finish()
    }
}

impl Deref for Write {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.read
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.read
    }
}
