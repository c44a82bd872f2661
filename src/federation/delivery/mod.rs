//! Sending: the only code that posts to other servers.
//!
//! [`expand_due`] turns what our actors say into deliveries. A [`Dispatcher`] makes them: it takes
//! hosts that have something due, gives each a lane of its own, and never waits for one before it
//! serves another. What is sent is signed at that moment with the present key of the speaker.
//!
//! Which rendition a host gets depends on its software. A host is asked when it is first met
//! ([`ask_hosts`]); when something that has two renditions must leave before it answered, it is
//! asked first, in its own lane, and counts as an ordinary server when it does not say.

mod answer;
mod expand;
mod lane;
mod post;
mod signing;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use tokio::{
    sync::{Mutex, Semaphore},
    task::JoinSet,
};

pub use expand::expand_due;
pub use post::{PostError, post_document};

use self::signing::SigningKeys;
use super::{fetch::Fetcher, http_client::RemoteClient};
use crate::app::{App, AppError, deliveries};

/// Hosts served at the same time by one process.
const LANES: usize = 32;

/// Hosts asked which software they run, before somebody looks whether the process must stop.
const HOSTS_ASKED: i64 = 20;

/// Makes the deliveries that are due. Cheap to clone; clones share the places and the keys.
#[derive(Clone)]
pub struct Dispatcher(Arc<Courier>);

/// What every lane needs.
struct Courier {
    app: App,
    client: RemoteClient,
    fetcher: Fetcher,
    keys: SigningKeys,
    places: Arc<Semaphore>,
    /// Lanes that [`Dispatcher::start_due`] began.
    lanes: Mutex<JoinSet<usize>>,
}

impl Dispatcher {
    /// On the client and the fetcher of the process.
    pub fn new(app: App, client: RemoteClient, fetcher: Fetcher) -> Self {
        Self(Arc::new(Courier {
            app,
            client,
            fetcher,
            keys: SigningKeys::default(),
            places: Arc::new(Semaphore::new(LANES)),
            lanes: Mutex::default(),
        }))
    }

    /// Gives a lane to each host that has something due, as long as places are free, and does not
    /// wait for them; gives how many. A lane that ends wakes the worker.
    pub async fn start_due(&self) -> Result<usize, AppError> {
        let mut lanes = self.0.lanes.lock().await;
        while let Some(ended) = lanes.try_join_next() {
            if let Err(error) = ended {
                tracing::error!(%error, "a lane panicked");
            }
        }
        self.open_lanes(&mut lanes).await
    }

    /// Waits for the lanes that [`Self::start_due`] began; for a graceful stop. A lane makes a
    /// dozen deliveries at most.
    pub async fn finish(&self) {
        let mut lanes = self.0.lanes.lock().await;
        while lanes.join_next().await.is_some() {}
    }

    /// Makes everything that is due now, and gives how many deliveries were tried. Dropping it
    /// drops the lanes, as if the process were killed.
    pub async fn deliver_due(&self) -> Result<usize, AppError> {
        let mut lanes = JoinSet::new();
        let mut tried = 0;
        loop {
            let opened = self.open_lanes(&mut lanes).await?;
            match lanes.join_next().await {
                Some(ended) => tried += ended.map_err(AppError::internal)?,
                None if opened == 0 => return Ok(tried),
                None => {}
            }
        }
    }

    async fn open_lanes(&self, lanes: &mut JoinSet<usize>) -> Result<usize, AppError> {
        let places = std::iter::from_fn(|| Arc::clone(&self.0.places).try_acquire_owned().ok());
        let places: Vec<_> = places.take(LANES).collect();
        if places.is_empty() {
            return Ok(0);
        }
        let taken = deliveries::claim_hosts(&self.0.app, places.len()).await?;
        let opened = taken.len();
        for (taken, place) in taken.into_iter().zip(places) {
            let courier = Arc::clone(&self.0);
            lanes.spawn(async move {
                let tried = courier.serve(taken).await;
                drop(place);
                courier.app.wake().deliveries.notify_one();
                tried
            });
        }
        Ok(opened)
    }
}

/// Asks hosts which software they run: those just met, then the others once a day. Gives how many
/// were asked.
pub async fn ask_hosts(app: &App, fetcher: &Fetcher) -> Result<usize, AppError> {
    let hosts = deliveries::list_hosts_to_ask(app, HOSTS_ASKED).await?;
    let answers = hosts
        .iter()
        .map(|host| lane::ask_software(app, fetcher, host));
    let answers = futures_util::future::join_all(answers).await;
    for (host, software) in hosts.iter().zip(&answers) {
        deliveries::save_software(app, host, software.as_deref()).await?;
    }
    Ok(hosts.len())
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Dispatcher").finish_non_exhaustive()
    }
}
