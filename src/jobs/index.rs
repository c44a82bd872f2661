//! Keeps the search indexes up to date with its rules, in the background.

use std::time::Duration;

use super::Worker;
use crate::app::{ads, directory};

/// How often, beside the signals of this process: a new version of the rules comes with a start.
const EVERY: Duration = Duration::from_mins(1);

/// The worker.
pub fn worker() -> Worker {
    Worker::new("index", EVERY, |app| async move {
        let ads = ads::indexing::refresh_outdated(&app).await?;
        Ok(ads + directory::indexing::refresh_outdated(&app).await?)
    })
    .woken_by(|wake| &wake.index)
}
