//! How often something may be asked, by address of a computer and by account.
//!
//! Memory is bounded: keys are spread over a fixed number of buckets with a hash that nobody else
//! can predict, so the most that many addresses can do is share a budget by chance.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    time::Duration,
};

use axum::http::HeaderMap;
use chrono::TimeDelta;
use governor::{
    Quota, RateLimiter, clock, middleware::NoOpMiddleware, state::keyed::DashMapStateStore,
};
use ipnet::IpNet;

use crate::app::{AppError, Clock};

/// Buckets of one limit; about 20 MB when all of them are used.
const BUCKETS: u64 = 1 << 18;
/// Once this many buckets are used, those that are full again are forgotten.
const CROWDED: usize = 10_000;
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The clock of the instance, as the limiter wants it.
#[derive(Clone, Debug)]
struct InjectedClock(Clock);

impl clock::Clock for InjectedClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.now().timestamp_micros()).unwrap_or_default())
    }
}

/// One limit: so many times in a period, then one more each time a share of the period passes.
#[derive(Debug)]
pub struct Limit {
    limiter: RateLimiter<u64, DashMapStateStore<u64>, InjectedClock, NoOpMiddleware<Duration>>,
    clock: InjectedClock,
    keys: RandomState,
}

impl Limit {
    fn new(clock: &Clock, times: NonZeroU32, period: Duration) -> Self {
        let clock = InjectedClock(clock.clone());
        let quota = Quota::with_period(period / times.get())
            .unwrap_or(Quota::per_hour(times))
            .allow_burst(times);
        Self {
            limiter: RateLimiter::dashmap_with_clock(quota, clock.clone()),
            clock,
            keys: RandomState::new(),
        }
    }

    /// Counts one more time for a key: an address, an account, a computer.
    ///
    /// # Errors
    /// [`AppError::TooMany`] with the time to wait.
    pub fn take(&self, key: impl Hash) -> Result<(), AppError> {
        if self.limiter.len() > CROWDED {
            self.limiter.retain_recent();
        }
        let bucket = self.keys.hash_one(key) % BUCKETS;
        self.limiter.check_key(&bucket).map_err(|refusal| {
            let wait = refusal.wait_time_from(clock::Clock::now(&self.clock));
            AppError::TooMany(TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1)))
        })
    }
}

/// Every limit of the pages and of the API.
#[derive(Debug)]
pub struct Limits {
    /// Links to sign in with, by mail address: 5 an hour.
    pub links_by_email: Limit,
    /// Links to sign in with, by computer: 20 an hour.
    pub links_by_client: Limit,
    /// Passwords tried, by mail address: 10 in 15 minutes.
    pub passwords_by_email: Limit,
    /// Passwords tried, by computer: 10 in 15 minutes.
    pub passwords_by_client: Limit,
    /// Questions to other servers on behalf of a reader, by computer: 20 in 15 minutes.
    pub leads_by_client: Limit,
    /// Reports of readers, by computer: 10 an hour.
    pub reports_by_client: Limit,
    /// Files of other sites read for the profile of a structure, by account: 20 an hour.
    pub files_by_account: Limit,
    /// Requests to the API, by key: 50 a second over a minute.
    pub api_by_key: Limit,
    /// Requests to the API without a key that we know, by computer: 10 a second over a minute.
    pub api_by_client: Limit,
}

impl Limits {
    /// Nothing counted yet.
    pub fn new(clock: &Clock) -> Self {
        let limit = |times, period| Limit::new(clock, times, period);
        Self {
            links_by_email: limit(FIVE, HOUR),
            links_by_client: limit(TWENTY, HOUR),
            passwords_by_email: limit(TEN, 15 * MINUTE),
            passwords_by_client: limit(TEN, 15 * MINUTE),
            leads_by_client: limit(TWENTY, 15 * MINUTE),
            reports_by_client: limit(TEN, HOUR),
            files_by_account: limit(TWENTY, HOUR),
            api_by_key: limit(THREE_THOUSAND, MINUTE),
            api_by_client: limit(SIX_HUNDRED, MINUTE),
        }
    }
}

const FIVE: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
const TEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const TWENTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
const SIX_HUNDRED: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);
const THREE_THOUSAND: NonZeroU32 = NonZeroU32::MIN.saturating_add(2_999);

/// The computer that asks, as far as limits go: an IPv4 address, or the /64 network of an IPv6
/// address, which one subscriber owns as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// Reads it from the connection, or from `X-Forwarded-For` when the connection comes from a
    /// proxy we trust: the last address there that is not itself such a proxy.
    pub fn of(peer: SocketAddr, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> Self {
        let is_trusted = |address: &IpAddr| trusted_proxies.iter().any(|net| net.contains(address));
        let mut client = peer.ip().to_canonical();
        let lines: Vec<_> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|line| line.to_str().ok())
            .collect();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !is_trusted(&client) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
        }
        Self::network(client)
    }

    fn network(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use chrono::DateTime;

    use super::*;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let trusted = [
            "127.0.0.0/8".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
        ];
        let peer = SocketAddr::new(peer.parse().unwrap(), 1234);
        ClientAddress::of(peer, &headers, &trusted).0.to_string()
    }

    #[test]
    fn a_stranger_cannot_pretend_to_be_somebody_else() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(
            client("127.0.0.1", &["198.51.100.1, 203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(
            client("127.0.0.1", &["198.51.100.1", "203.0.113.9, 10.0.0.3"]),
            "203.0.113.9"
        );
        assert_eq!(client("127.0.0.1", &["nonsense"]), "127.0.0.1");
    }

    #[test]
    fn one_subscriber_is_one_ipv6_network() {
        assert_eq!(
            client("2001:db8:1:2:aaaa::1", &[]),
            client("2001:db8:1:2:bbbb::2", &[])
        );
        assert_ne!(
            client("2001:db8:1:2::1", &[]),
            client("2001:db8:1:3::1", &[])
        );
        assert_eq!(client("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn a_budget_is_spent_told_and_given_back_with_time() {
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let limit = Limit::new(&clock, FIVE, HOUR);
        for _ in 0..5 {
            limit.take("camille@exemple.org").unwrap();
        }
        let Err(AppError::TooMany(wait)) = limit.take("camille@exemple.org") else {
            panic!("the sixth is refused")
        };
        assert_eq!(wait, TimeDelta::minutes(12));
        limit.take("sacha@exemple.org").unwrap();
        clock.advance(TimeDelta::minutes(12));
        limit.take("camille@exemple.org").unwrap();
        assert!(limit.take("camille@exemple.org").is_err());
    }
}
