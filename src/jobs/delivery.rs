//! Says to other servers what our actors say.

use std::time::Duration;

use super::Worker;
use crate::federation::delivery::{Dispatcher, expand_due};

/// How often, beside the signals of this process: other processes may queue too.
const EVERY: Duration = Duration::from_secs(1);
/// Two, so that an actor with millions of followers does not hold the others back.
const EXPANDERS: usize = 2;

/// The worker that turns what is said into deliveries.
pub fn expander() -> Worker {
    Worker::new("expand", EVERY, |app| async move { expand_due(&app).await })
        .woken_by(|wake| &wake.outbox)
        .in_copies(EXPANDERS)
}

/// The worker that makes the deliveries. After it has stopped, [`Dispatcher::finish`] waits for
/// those under way.
pub fn deliverer(dispatcher: Dispatcher) -> Worker {
    Worker::new("deliver", EVERY, move |_| {
        let dispatcher = dispatcher.clone();
        async move { dispatcher.start_due().await }
    })
    .woken_by(|wake| &wake.deliveries)
}
