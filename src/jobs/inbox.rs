//! Treats the activities received.

use std::{sync::Arc, time::Duration};

use activitypub_federation::config::FederationConfig;

use url::Url;

use super::Worker;
use crate::{
    app::{
        AppError, deliveries,
        inbox::{self, ClaimedItem},
    },
    domain::{authority::authority_of, federation::InboxOutcome},
    federation::{
        activities::{self, Unapplied},
        context::Federation,
    },
};

/// How often the inbox is looked at, beside the signals of this process.
const EVERY: Duration = Duration::from_secs(2);
/// Activities treated before somebody looks whether the process must stop.
const BATCH: i64 = 20;
/// Workers of one process: one server that is slow to answer does not hold up the others.
const COPIES: usize = 4;

/// The worker that treats what was received.
pub fn worker(federation: Arc<FederationConfig<Federation>>) -> Worker {
    Worker::new("inbox", EVERY, move |_| {
        let federation = Arc::clone(&federation);
        async move { process_due(&federation).await }
    })
    .woken_by(|wake| &wake.inbox)
    .in_copies(COPIES)
}

/// Treats what is due, up to a batch; gives how many activities were treated.
pub async fn process_due(federation: &FederationConfig<Federation>) -> Result<usize, AppError> {
    let mut treated = 0;
    for _ in 0..BATCH {
        // one at a time: each has a lease of its own, however slow another server is
        let claimed = inbox::claim_batch(&federation.app, 1).await?;
        let Some(item) = claimed.into_iter().next() else {
            break;
        };
        process(federation, item).await?;
        treated += 1;
    }
    Ok(treated)
}

async fn process(
    federation: &FederationConfig<Federation>,
    item: ClaimedItem,
) -> Result<(), AppError> {
    if inbox::is_hopeless(&item) {
        tracing::error!(item = %item.id, kind = item.kind, "an activity is given up");
        return inbox::finish(
            &federation.app,
            &item,
            InboxOutcome::Failed,
            "taken too often",
        )
        .await;
    }
    // in a task of its own, so that a panic ends this activity and not the worker
    let treatment = tokio::spawn({
        let data = federation.to_request_data();
        let (signer, body) = (item.signer.clone(), item.body.clone());
        async move { activities::treat(&data, &signer, &body).await }
    });
    let app = &federation.app;
    let (outcome, detail) = match treatment.await {
        Ok(Ok(())) => (InboxOutcome::Applied, String::new()),
        Ok(Err(Unapplied::Ignored(reason))) => (InboxOutcome::Ignored, reason.into_owned()),
        Ok(Err(Unapplied::Refused(reason))) => (InboxOutcome::Refused, reason.into_owned()),
        Ok(Err(Unapplied::Later(reason))) => {
            tracing::info!(item = %item.id, kind = item.kind, reason, "an activity waits");
            return inbox::postpone(app, &item, &reason).await;
        }
        Err(error) => {
            tracing::error!(item = %item.id, kind = item.kind, %error, "an activity panicked");
            (InboxOutcome::Failed, "a panic".to_owned())
        }
    };
    tracing::info!(item = %item.id, kind = item.kind, %outcome, detail, "an activity is treated");
    let signer = Url::parse(&item.signer).ok();
    if let Some(host) = signer.as_ref().and_then(authority_of) {
        deliveries::note_sign_of_life(app, &host).await?;
    }
    inbox::finish(app, &item, outcome, &detail).await
}
