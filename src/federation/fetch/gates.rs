//! How often and how much at once each host is asked.
//!
//! One host that is slow, or that makes us fetch a lot, must neither take all our connections nor
//! be flooded by us; one that did not answer in time is left alone for a moment, so that what waits
//! for others does not wait for it again and again. What is remembered is bounded: strangers choose the host names.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
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
    respite: TimeDelta,
    max_hosts: usize,
}

struct Gate {
    /// When its host may be asked again, after it did not answer.
    opens_at: Mutex<Option<DateTime<Utc>>>,
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
            respite: limits.respite,
            max_hosts: limits.max_hosts,
        }
    }

    /// Waits for our turn at the host of `url`; [`FetchError::Busy`] when it takes too long, or when
    /// this host is left alone.
    pub(super) async fn enter(&self, url: &Url, now: DateTime<Utc>) -> Result<Turn, FetchError> {
        let gate = self.find_or_make(url)?;
        let opens_at = *gate.opens_at.lock().unwrap_or_else(PoisonError::into_inner);
        if opens_at.is_some_and(|opens_at| now < opens_at) {
            return Err(FetchError::Busy);
        }
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

    /// Leaves the host of `url` alone for a moment: it did not answer in time.
    pub(super) fn close(&self, url: &Url, now: DateTime<Utc>) {
        if let Ok(gate) = self.find_or_make(url) {
            let mut opens_at = gate.opens_at.lock().unwrap_or_else(PoisonError::into_inner);
            *opens_at = Some(now + self.respite);
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
            opens_at: Mutex::default(),
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

    fn noon() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
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
        let first = gates.enter(&url("a.test"), noon()).await.unwrap();
        let refusal = gates.enter(&url("a.test"), noon()).await.err();
        assert_eq!(refusal, Some(FetchError::Busy));
        assert!(gates.enter(&url("b.test"), noon()).await.is_ok());
        drop(first);
        assert!(gates.enter(&url("a.test"), noon()).await.is_ok());
    }

    #[tokio::test]
    async fn a_host_that_did_not_answer_is_left_alone_for_a_moment() {
        let gates = gates(&FetchLimits::default());
        gates.close(&url("slow.test"), noon());
        let refusal = gates.enter(&url("slow.test"), noon()).await.err();
        assert_eq!(refusal, Some(FetchError::Busy));
        assert!(gates.enter(&url("b.test"), noon()).await.is_ok());
        let later = noon() + TimeDelta::seconds(30);
        assert!(gates.enter(&url("slow.test"), later).await.is_ok());
    }

    #[tokio::test]
    async fn a_host_is_not_asked_faster_than_allowed() {
        let gates = gates(&FetchLimits {
            per_host_per_second: NonZeroU32::MIN,
            burst_per_host: NonZeroU32::MIN,
            ..FetchLimits::default()
        });
        assert!(gates.enter(&url("a.test"), noon()).await.is_ok());
        let refusal = gates.enter(&url("a.test"), noon()).await.err();
        assert_eq!(refusal, Some(FetchError::Busy));
        assert!(gates.enter(&url("b.test"), noon()).await.is_ok());
    }

    #[tokio::test]
    async fn hosts_in_use_are_remembered_and_the_others_make_room() {
        let gates = gates(&FetchLimits {
            max_hosts: 2,
            ..FetchLimits::default()
        });
        let kept = gates.enter(&url("a.test"), noon()).await.unwrap();
        for index in 0..10 {
            let turn = gates
                .enter(&url(&format!("host{index}.test")), noon())
                .await;
            assert!(turn.is_ok());
        }
        assert!(gates.gates.lock().unwrap().contains_key("a.test"));
        assert!(gates.gates.lock().unwrap().len() <= 2);
        let other = gates.enter(&url("b.test"), noon()).await.unwrap();
        let refusal = gates.enter(&url("c.test"), noon()).await.err();
        assert_eq!(refusal, Some(FetchError::Busy));
        drop((kept, other));
        assert!(gates.enter(&url("c.test"), noon()).await.is_ok());
    }
}
