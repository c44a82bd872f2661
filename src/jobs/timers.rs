//! What comes with time, once an hour.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Worker;
use crate::app::{
    App, AppError,
    ads::terms,
    hosts::{capacity, confirmation},
    housekeeping, listing,
    recommendations::{review, terms as validity},
};

/// How often.
const EVERY: Duration = Duration::from_hours(1);

/// Does a bounded part of the work; gives how much it did. Running it twice does no harm: several
/// processes may share a database.
type Timer = for<'a> fn(&'a App) -> BoxFuture<'a, Result<u64, AppError>>;

/// Everything that comes with time. Add yours here.
const TIMERS: &[(&str, Timer)] = &[
    ("delete-expired", |app| {
        Box::pin(housekeeping::delete_expired(app))
    }),
    ("remind-of-terms", |app| Box::pin(terms::remind(app))),
    ("remind-of-recommendations", |app| {
        Box::pin(validity::remind(app))
    }),
    ("expire-ads", |app| Box::pin(terms::expire(app))),
    ("settle-listings", |app| Box::pin(listing::settle_due(app))),
    ("remind-of-reviews", |app| Box::pin(review::remind(app))),
    ("confirm-hosts", |app| Box::pin(confirmation::ask_due(app))),
    ("ask-capacity", |app| Box::pin(capacity::ask_due(app))),
    ("reopen-hosts", |app| Box::pin(capacity::reopen_due(app))),
];

/// The worker of everything that comes with time.
pub fn worker() -> Worker {
    Worker::new("timers", EVERY, |app| async move { run_once(&app).await })
}

/// Does a part of everything that is due; gives how much was done. One that fails does not hold
/// the others back.
pub async fn run_once(app: &App) -> Result<usize, AppError> {
    let mut done = 0;
    let mut failure = None;
    for (name, timer) in TIMERS {
        match timer(app).await {
            Ok(count) => done += usize::try_from(count).unwrap_or(usize::MAX),
            Err(error) => {
                tracing::error!(timer = name, %error, "a timer failed");
                failure = Some(error);
            }
        }
    }
    failure.map_or(Ok(done), Err)
}
