//! Fresh databases for tests, on both engines.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, PgConnection};
use url::Url;

use super::{DatabaseUrl, Store};

/// Names the PostgreSQL to test on, such as `postgres://postgres@127.0.0.1:5432/postgres`.
const POSTGRES_VARIABLE: &str = "TEST_POSTGRES_URL";

/// Plays a story on an empty SQLite file, then on an empty database of the PostgreSQL that
/// `TEST_POSTGRES_URL` names, if it does. A story that fails leaves its database behind, to be
/// looked at.
pub(crate) async fn on_each_engine(story: impl AsyncFn(DatabaseUrl)) {
    static STORIES: AtomicU32 = AtomicU32::new(0);

    let directory = tempfile::tempdir().unwrap();
    story(DatabaseUrl::Sqlite(directory.path().join("test.db"))).await;

    let Ok(server) = std::env::var(POSTGRES_VARIABLE) else {
        println!("{POSTGRES_VARIABLE} is not set: not played on PostgreSQL");
        return;
    };
    let number = STORIES.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let mut url = Url::parse(&server).unwrap();
    url.set_path(&name);
    run(&server, &format!("DROP DATABASE IF EXISTS {name}")).await;
    run(&server, &format!("CREATE DATABASE {name}")).await;
    story(DatabaseUrl::Postgres(url.into())).await;
    run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// Plays a story of the store alone, on migrated databases.
pub(crate) async fn on_each_store(story: impl AsyncFn(Store)) {
    on_each_engine(async |url| {
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        story(store.clone()).await;
        store.close().await;
    })
    .await;
}

async fn run(server: &str, sql: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
