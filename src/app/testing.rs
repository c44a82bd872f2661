//! Instances for tests of use cases.

use chrono::{DateTime, Utc};

use super::{App, Clock};
use crate::{config::Settings, store::testing::on_each_engine};

/// When the stories begin: 2026-11-22T12:00:00Z.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

/// Plays a story on a fresh instance, on each engine. Its clock is moved by hand.
pub(crate) async fn on_each_app(story: impl AsyncFn(App)) {
    on_each_engine(async |database| {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Settings {
            public_url: "https://annonces.example".into(),
            data_dir: directory.path().join("data").display().to_string(),
            database_url: format!("sqlite:{}", directory.path().join("unused.db").display()),
            ..Settings::default()
        }
        .check()
        .unwrap();
        config.database = database;
        let app = App::start(config, Clock::manual(noon())).await.unwrap();
        story(app.clone()).await;
        app.stop().await;
    })
    .await;
}
