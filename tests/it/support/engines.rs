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
    /// Its name on the PostgreSQL of the tests.
    name: Option<String>,
}

impl Database {
    /// SQLite in a directory; on PostgreSQL, a database of its own.
    pub async fn create(engine: Engine, directory: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self {
                url: format!("sqlite:{}", directory.join("test.sqlite").display()),
                name: None,
            },
            Engine::Postgres => {
                let server = std::env::var(POSTGRES).unwrap();
                let name = format!("test_{}", uuid::Uuid::new_v4().simple());
                execute(&server, &format!("CREATE DATABASE {name}")).await;
                let mut url = url::Url::parse(&server).unwrap();
                url.set_path(&name);
                Self {
                    url: url.into(),
                    name: Some(name),
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
        let Some(name) = self.name.take() else {
            return;
        };
        let server = std::env::var(POSTGRES).unwrap();
        // a thread of its own: the runtime of the test is ending, with connections still open
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let statement = format!("DROP DATABASE {name} WITH (FORCE)");
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
