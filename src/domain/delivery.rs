//! How what our actors say reaches other servers: who is walked through, when it is tried again,
//! and when a whole host is left alone.

use chrono::{DateTime, TimeDelta, Utc};

use super::{outbound::Audience, retry::Backoff};

words! {
    /// How the life of a delivery ended.
    pub enum DeliveryOutcome {
        /// The receiver took it.
        Delivered => "delivered",
        /// The receiver does not want it, or its inbox is no more.
        Refused => "refused",
        /// It could not be delivered for too long.
        GivenUp => "given-up",
        /// Nothing was sent: we stopped talking to this host, or have nothing for its software.
        NotSent => "not-sent",
    }
}

words! {
    /// A set of actors that is walked through, chunk by chunk, to find the inboxes.
    pub enum Walk {
        /// One actor, in its own inbox.
        One => "one",
        /// Those who follow the speaker.
        Followers => "followers",
        /// Those who replied or reacted below the ad.
        Participants => "participants",
        /// Servers that follow the instance.
        Peers => "peers",
        /// Every remote actor we know.
        Known => "known",
    }
}

impl Audience {
    /// What is walked through, in order.
    pub const fn walks(self) -> &'static [Walk] {
        match self {
            Self::Followers => &[Walk::Followers],
            Self::Peers => &[Walk::Peers],
            Self::FollowersAndParticipants(_) => &[Walk::Followers, Walk::Participants],
            Self::One(_) => &[Walk::One],
            Self::Everybody => &[Walk::Known],
        }
    }

    /// What is walked through after this walk; the first one after `None`.
    pub fn next_walk(self, after: Option<Walk>) -> Option<Walk> {
        let mut walks = self.walks().iter().copied();
        match after {
            None => walks.next(),
            Some(done) => walks.skip_while(|walk| *walk != done).nth(1),
        }
    }
}

/// Largest activity we send, in bytes: what the most careful servers read.
pub const MOST_BODY_BYTES: usize = 64 * 1024;

/// When a delivery that its receiver could not take is tried again: after a minute, then twice as
/// long each time up to six hours, for three days.
pub const DELIVERY_BACKOFF: Backoff = Backoff {
    first: TimeDelta::minutes(1),
    longest: TimeDelta::hours(6),
    give_up_after: TimeDelta::days(3),
};

/// When a host that does not answer is called again; it is never given up, but see [`PAUSE_AFTER`].
const HOST_BACKOFF: Backoff = Backoff {
    give_up_after: TimeDelta::MAX,
    ..DELIVERY_BACKOFF
};

/// A host that has not answered for so long receives nothing new until it gives a sign of life.
pub const PAUSE_AFTER: TimeDelta = TimeDelta::days(30);

/// Longest wait that a host may ask for.
const LONGEST_WISH: TimeDelta = TimeDelta::days(1);

/// Whether a host answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostHealth {
    /// Failures since its last answer.
    pub failures: i64,
    /// The first of them.
    pub failing_since: Option<DateTime<Utc>>,
    /// Nothing is delivered before.
    pub retry_at: Option<DateTime<Utc>>,
}

/// What a host was found to be when something was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostNews {
    /// Nothing was sent.
    Unknown,
    /// It answers, whatever it answers.
    Answers,
    /// It answers, and wants to be left alone for a while.
    AsksToWait(TimeDelta),
    /// It does not answer, or says that it cannot; perhaps for how long.
    Fails(Option<TimeDelta>),
}

impl HostHealth {
    /// The health after some news. `seed` spreads the hosts that failed together.
    #[must_use]
    pub fn after(self, news: HostNews, now: DateTime<Utc>, seed: i64) -> Self {
        match news {
            HostNews::Unknown => self,
            HostNews::Answers => Self::default(),
            HostNews::AsksToWait(wait) => Self {
                retry_at: Some(now + bounded_wish(wait)),
                ..Self::default()
            },
            HostNews::Fails(wish) => {
                let failures = self.failures.saturating_add(1);
                let delay = HOST_BACKOFF.delay(failures, TimeDelta::zero(), seed);
                let delay = delay.unwrap_or(HOST_BACKOFF.longest);
                let wish = wish.map_or(TimeDelta::zero(), bounded_wish);
                Self {
                    failures,
                    failing_since: self.failing_since.or(Some(now)),
                    retry_at: Some(now + delay.max(wish)),
                }
            }
        }
    }

    /// Whether the host has been silent for so long that nothing new is meant for it.
    pub fn is_paused(&self, now: DateTime<Utc>) -> bool {
        self.failing_since
            .is_some_and(|since| now - since >= PAUSE_AFTER)
    }
}

/// A wait that a host asks for: at least a minute, so that nobody makes us call without end, and
/// a day at most.
pub fn bounded_wish(wait: TimeDelta) -> TimeDelta {
    wait.clamp(DELIVERY_BACKOFF.first, LONGEST_WISH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PostId;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_348_800, 0).unwrap()
    }

    #[test]
    fn the_walks_of_an_audience_follow_each_other() {
        let audience = Audience::FollowersAndParticipants(PostId::from(1));
        let first = audience.next_walk(None);
        assert_eq!(first, Some(Walk::Followers));
        let second = audience.next_walk(first);
        assert_eq!(second, Some(Walk::Participants));
        assert_eq!(audience.next_walk(second), None);
        assert_eq!(Audience::Everybody.next_walk(Some(Walk::Known)), None);
    }

    #[test]
    fn a_host_that_fails_is_called_less_and_less_and_an_answer_forgets_it() {
        let mut health = HostHealth::default();
        let mut now = noon();
        let mut waits = Vec::new();
        for _ in 0..12 {
            health = health.after(HostNews::Fails(None), now, 7);
            let retry_at = health.retry_at.unwrap();
            waits.push(retry_at - now);
            now = retry_at;
        }
        assert!(waits.is_sorted_by(|a, b| *a <= *b + TimeDelta::hours(2)));
        assert!(waits[0] >= TimeDelta::minutes(1) && waits[0] < TimeDelta::seconds(76));
        assert!(waits[11] >= TimeDelta::hours(6) && waits[11] <= TimeDelta::minutes(450));
        assert_eq!(health.failing_since, Some(noon()));
        assert_eq!(
            health.after(HostNews::Answers, now, 7),
            HostHealth::default()
        );
    }

    #[test]
    fn a_host_that_asks_to_wait_is_not_failing() {
        let wait = TimeDelta::minutes(20);
        let health = HostHealth::default().after(HostNews::AsksToWait(wait), noon(), 7);
        assert_eq!(health.retry_at, Some(noon() + wait));
        assert_eq!((health.failures, health.failing_since), (0, None));
        let month =
            HostHealth::default().after(HostNews::Fails(Some(TimeDelta::days(30))), noon(), 7);
        assert_eq!(month.retry_at, Some(noon() + TimeDelta::days(1)));
    }

    #[test]
    fn a_host_silent_for_thirty_days_is_paused() {
        let health = HostHealth::default().after(HostNews::Fails(None), noon(), 7);
        let almost = noon() + TimeDelta::days(30) - TimeDelta::seconds(1);
        assert!(!health.is_paused(almost));
        assert!(health.is_paused(noon() + TimeDelta::days(30)));
        assert!(!HostHealth::default().is_paused(noon()));
    }
}
