//! What can go wrong with the database.

/// Failure of a store function. `Display` is for logs.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another row already holds this value, or another writer was faster.
    #[error("conflict")]
    Conflict,
    /// A stored value that this version cannot read.
    #[error("unreadable value in column {column}")]
    Corrupt {
        /// Table and column.
        column: &'static str,
    },
    /// The database itself.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// The migrations.
    #[error("migrations: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Conflict,
            _ => Self::Database(error),
        }
    }
}
