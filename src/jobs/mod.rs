//! Work done in the background: what was queued, and what comes with time.
//!
//! A [`Worker`] is a function that does one batch and tells how much it did. It is called again
//! until nothing is left, then waits for a signal or for its turn. Work is claimed in the database
//! with a lease, so that a killed process loses nothing and several processes can share it.
//! Tests call the same functions (`mails::run_once`, `timers::run_once`) by hand.

pub mod delivery;
pub mod hosts;
pub mod inbox;
pub mod index;
pub mod keys;
pub mod mails;
pub mod timers;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::app::{App, AppError, Wake};

/// After an error or a panic: first wait.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// After errors without end: longest wait.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Does one batch; gives how many pieces of work it did, 0 when nothing was due.
type Batch = Arc<dyn Fn(App) -> BoxFuture<'static, Result<usize, AppError>> + Send + Sync>;

/// One kind of background work.
#[derive(Clone)]
pub struct Worker {
    name: &'static str,
    /// How long it waits at most before it looks again.
    every: Duration,
    /// What wakes it before.
    signal: Option<fn(&Wake) -> &Notify>,
    /// How many run at once in this process.
    copies: usize,
    batch: Batch,
}

impl Worker {
    /// Work that looks for something to do `every` so often.
    pub fn new<Run, Done>(name: &'static str, every: Duration, run: Run) -> Self
    where
        Run: Fn(App) -> Done + Send + Sync + 'static,
        Done: Future<Output = Result<usize, AppError>> + Send + 'static,
    {
        Self {
            name,
            every,
            signal: None,
            copies: 1,
            batch: Arc::new(move |app| Box::pin(run(app))),
        }
    }

    /// Also wakes at a signal.
    #[must_use]
    pub fn woken_by(mut self, signal: fn(&Wake) -> &Notify) -> Self {
        self.signal = Some(signal);
        self
    }

    /// Runs several times at once in this process.
    #[must_use]
    pub fn in_copies(mut self, copies: usize) -> Self {
        self.copies = copies;
        self
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.name)
            .field("every", &self.every)
            .field("copies", &self.copies)
            .finish_non_exhaustive()
    }
}

/// The workers of a running process.
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts them. Must be called inside the runtime.
    pub fn start(app: &App, workers: impl IntoIterator<Item = Worker>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for worker in workers {
            for _ in 0..worker.copies {
                tasks.spawn(work(app.clone(), worker.clone(), stopped.clone()));
            }
        }
        Self { stop, tasks }
    }

    /// Lets each finish the batch it is at, then ends.
    pub async fn stop(mut self) {
        // nobody listens any more when there is no worker
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// How a batch ended.
enum Ended {
    Empty,
    Busy,
    Failed,
}

async fn work(app: App, worker: Worker, mut stopped: watch::Receiver<bool>) {
    let mut pause = FIRST_PAUSE;
    while !*stopped.borrow() {
        match run_batch(&app, &worker).await {
            Ended::Busy => pause = FIRST_PAUSE,
            Ended::Empty => {
                pause = FIRST_PAUSE;
                let due = wait(&app, &worker);
                tokio::select! {
                    () = due => {}
                    _ = stopped.changed() => {}
                }
            }
            Ended::Failed => {
                tokio::select! {
                    () = sleep(pause) => {}
                    _ = stopped.changed() => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// In a task of its own, so that a panic ends the batch and not the worker.
async fn run_batch(app: &App, worker: &Worker) -> Ended {
    match tokio::spawn((worker.batch)(app.clone())).await {
        Ok(Ok(0)) => Ended::Empty,
        Ok(Ok(_)) => Ended::Busy,
        Ok(Err(error)) => {
            tracing::error!(worker = worker.name, %error, "a batch failed");
            Ended::Failed
        }
        Err(error) => {
            tracing::error!(worker = worker.name, %error, "a batch panicked");
            Ended::Failed
        }
    }
}

async fn wait(app: &App, worker: &Worker) {
    match worker.signal {
        // whether the signal or the delay came first, it is time to look
        Some(signal) => {
            let _ = timeout(worker.every, signal(app.wake()).notified()).await;
        }
        None => sleep(worker.every).await,
    }
}

#[cfg(test)]
mod tests;
