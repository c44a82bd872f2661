//! Sends the mails of the outbox.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::Worker;
use crate::{
    app::{App, AppError, mails},
    mail::{SendError, Transport},
};

/// How often the outbox is looked at, beside the signals of this process.
const EVERY: Duration = Duration::from_secs(1);
/// Mails sent before somebody looks whether the process must stop.
const BATCH: usize = 20;
/// Longer than a relay may take; shorter than the lease of [`mails::claim_next`].
const PATIENCE: Duration = Duration::from_mins(5);

/// The worker that sends mails.
pub fn worker(transport: Arc<Transport>) -> Worker {
    Worker::new("mails", EVERY, move |app| {
        let transport = Arc::clone(&transport);
        async move { run_once(&app, &transport).await }
    })
    .woken_by(|wake| &wake.mail)
}

/// Sends what is due, up to a batch; gives how many mails were tried.
pub async fn run_once(app: &App, transport: &Transport) -> Result<usize, AppError> {
    let mut tried = 0;
    while tried < BATCH {
        let Some(taken) = mails::claim_next(app).await? else {
            break;
        };
        let sending = transport.send(taken.id().get(), &taken.message, app.now());
        let sent = timeout(PATIENCE, sending).await.unwrap_or_else(|_| {
            Err(SendError::Temporary {
                reason: "the relay did not answer in time".into(),
            })
        });
        if let Err(error) = &sent {
            tracing::warn!(mail = %taken.id(), %error, "a mail was not sent");
        }
        mails::record_outcome(app, &taken, sent).await?;
        tried += 1;
    }
    Ok(tried)
}
