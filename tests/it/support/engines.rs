//! The two databases.

use std::{path::Path, thread};

use emancipasso::store::{DatabaseUrl, Engine};
use sqlx::{Connection, PgConnection};

/// Tells the same stories on both databases: each `async fn name(engine: Engine) { … }` becomes
/// the tests `name::sqlite` and `name::postgres`.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn story($engine: Engine) $body

            #[tokio::test]
            async fn sqlite() {
                story(Engine::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                if crate::support::is_available(Engine::Postgres) {
                    story(Engine::Postgres).await;
                }
            }
        }
    )+};
}

const POSTGRES: &str = "TEST_POSTGRES_URL";

/// Whether stories can be told on this database; says so when not.
pub fn is_available(engine: Engine) -> bool {
    let available = engine == Engine::Sqlite || std::env::var(POSTGRES).is_ok();
    if !available {
        println!("skipped: {POSTGRES} is not set");
    }
    available
}

/// An empty database of an instance, gone when dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    schema: Option<String>,
}

impl Database {
    /// SQLite in a directory; on PostgreSQL, a schema of its own.
    pub async fn create(engine: Engine, directory: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self {
                url: format!("sqlite:{}", directory.join("test.sqlite").display()),
                schema: None,
            },
            Engine::Postgres => {
                let server = std::env::var(POSTGRES).unwrap();
                let schema = format!("test_{}", uuid::Uuid::new_v4().simple());
                execute(&server, &format!("CREATE SCHEMA {schema}")).await;
                let mark = if server.contains('?') { '&' } else { '?' };
                Self {
                    url: format!("{server}{mark}options[search_path]={schema}"),
                    schema: Some(schema),
                }
            }
        }
    }

    pub fn url(&self) -> DatabaseUrl {
        self.url.parse().unwrap()
    }

    pub fn url_text(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(schema) = self.schema.take() else {
            return;
        };
        let server = std::env::var(POSTGRES).unwrap();
        // the runtime of the test is already ending
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let statement = format!("DROP SCHEMA {schema} CASCADE");
            runtime.unwrap().block_on(execute(&server, &statement));
        });
        let _ = dropping.join();
    }
}

async fn execute(server: &str, statement: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
