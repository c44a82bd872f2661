//! How often and how much at once each host is asked.
//!
//! One host that is slow, or that makes us fetch a lot, must neither take all our connections nor
//! be flooded by us. What is remembered is bounded: strangers choose the host names.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::{FetchError, FetchLimits};

/// One gate for each host that was asked lately.
pub(super) struct HostGates {
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    concurrent: usize,
    quota: Quota,
    patience: Duration,
    max_hosts: usize,
}

struct Gate {
    places: Arc<Semaphore>,
    rate: DefaultDirectRateLimiter,
}

/// The right to ask a host, until dropped.
pub(super) struct Turn {
    _place: OwnedSemaphorePermit,
    /// Keeps the gate remembered while it is in use.
    _gate: Arc<Gate>,
}

impl HostGates {
    pub(super) fn new(limits: &FetchLimits) -> Self {
        Self {
            gates: Mutex::default(),
            concurrent: limits.concurrent_per_host,
            quota: Quota::per_second(limits.per_host_per_second).allow_burst(limits.burst_per_host),
            patience: limits.patience,
            max_hosts: limits.max_hosts,
        }
    }

    /// Waits for our turn at the host of `url`; [`FetchError::Busy`] when it takes too long.
    pub(super) async fn enter(&self, url: &Url) -> Result<Turn, FetchError> {
        let gate = self.find_or_make(url)?;
        let turn = async {
            let place = Arc::clone(&gate.places).acquire_owned().await;
            gate.rate.until_ready().await;
            place
        };
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(place)) => Ok(Turn {
                _place: place,
                _gate: gate,
            }),
            Ok(Err(_)) | Err(_) => Err(FetchError::Busy),
        }
    }

    fn find_or_make(&self, url: &Url) -> Result<Arc<Gate>, FetchError> {
        let host = url.host_str().unwrap_or_default();
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(host) {
            return Ok(Arc::clone(gate));
        }
        if gates.len() >= self.max_hosts {
            gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        }
        if gates.len() >= self.max_hosts {
            return Err(FetchError::Busy);
        }
        let gate = Arc::new(Gate {
            places: Arc::new(Semaphore::new(self.concurrent)),
            rate: RateLimiter::direct(self.quota),
        });
        gates.insert(host.to_owned(), Arc::clone(&gate));
        Ok(gate)
    }
}

impl fmt::Debug for HostGates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HostGates").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn gates(limits: &FetchLimits) -> HostGates {
        HostGates::new(&FetchLimits {
            patience: Duration::from_millis(30),
            ..limits.clone()
        })
    }

    fn url(host: &str) -> Url {
        format!("https://{host}/").parse().unwrap()
    }

    #[tokio::test]
    async fn a_host_is_asked_by_a_few_at_once() {
        let gates = gates(&FetchLimits {
            concurrent_per_host: 1,
            ..FetchLimits::default()
        });
        let first = gates.enter(&url("a.test")).await.unwrap();
        let refusal = gates.enter(&url("a.test")).await.err();
        assert_eq!(refusal, Some(FetchError::Busy));
        assert!(gates.enter(&url("b.test")).await.is_ok());
        drop(first);
        assert!(gates.enter(&url("a.test")).await.is_ok());
    }

    #[tokio::test]
    async fn a_host_is_not_asked_faster_than_allowed() {
        let gates = gates(&FetchLimits {
            per_host_per_second: NonZeroU32::MIN,
            burst_per_host: NonZeroU32::MIN,
            ..FetchLimits::default()
        });
        assert!(gates.enter(&url("a.test")).await.is_ok());
        let refusal = gates.enter(&url("a.test")).await.err();
        assert_eq!(refusal, Some(FetchError::Busy));
        assert!(gates.enter(&url("b.test")).await.is_ok());
    }

    #[tokio::test]
    async fn hosts_in_use_are_remembered_and_the_others_make_room() {
        let gates = gates(&FetchLimits {
            max_hosts: 2,
            ..FetchLimits::default()
        });
        let kept = gates.enter(&url("a.test")).await.unwrap();
        for index in 0..10 {
            let turn = gates.enter(&url(&format!("host{index}.test"))).await;
            assert!(turn.is_ok());
        }
        assert!(gates.gates.lock().unwrap().contains_key("a.test"));
        assert!(gates.gates.lock().unwrap().len() <= 2);
        let other = gates.enter(&url("b.test")).await.unwrap();
        let refusal = gates.enter(&url("c.test")).await.err();
        assert_eq!(refusal, Some(FetchError::Busy));
        drop((kept, other));
        assert!(gates.enter(&url("c.test")).await.is_ok());
    }
}
