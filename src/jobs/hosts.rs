//! Asks the hosts of our followers which software they run, so that each gets what it shows best.

use std::time::Duration;

use super::Worker;
use crate::federation::{delivery::ask_hosts, fetch::Fetcher};

/// How often, beside the signals of this process.
const EVERY: Duration = Duration::from_mins(5);

/// The worker.
pub fn worker(fetcher: Fetcher) -> Worker {
    Worker::new("hosts", EVERY, move |app| {
        let fetcher = fetcher.clone();
        async move { ask_hosts(&app, &fetcher).await }
    })
    .woken_by(|wake| &wake.hosts)
}
