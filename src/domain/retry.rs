//! When to try again what did not work.

use chrono::TimeDelta;

/// Delays that double from the first to the longest, until it is time to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second attempt.
    pub first: TimeDelta,
    /// Never longer than this, spreading left aside.
    pub longest: TimeDelta,
    /// Counted from the moment the work was queued.
    pub give_up_after: TimeDelta,
}

impl Backoff {
    /// How long to wait after `attempts` failures of work that was queued `age` ago; `None` when
    /// it is time to give up.
    ///
    /// Up to a quarter is added, which depends on `id`: what failed together does not come back
    /// together, and a test can still tell when.
    pub fn delay(&self, attempts: i64, age: TimeDelta, id: i64) -> Option<TimeDelta> {
        if age >= self.give_up_after {
            return None;
        }
        // 2^20 minutes is two years: far above any longest delay
        let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 20)).unwrap_or(0);
        let delay = self
            .first
            .checked_mul(1 << doublings)
            .unwrap_or(self.longest)
            .min(self.longest);
        Some(delay + delay / 400 * percent(id, attempts))
    }
}

/// A number from 0 to 99, well spread over consecutive ids (Knuth's multiplicative hash).
fn percent(id: i64, attempts: i64) -> i32 {
    let mixed = id
        .wrapping_add(attempts)
        .cast_unsigned()
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    i32::try_from((mixed >> 32) % 100).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff {
        first: TimeDelta::minutes(1),
        longest: TimeDelta::hours(6),
        give_up_after: TimeDelta::days(3),
    };

    proptest! {
        #[test]
        fn a_delay_doubles_up_to_the_longest_and_spreads_by_a_quarter(
            attempts in 1_i64..200,
            id in any::<i64>(),
        ) {
            let delay = BACKOFF.delay(attempts, TimeDelta::zero(), id).unwrap();
            let minutes = if attempts > 9 { 360 } else { 1_i64 << (attempts - 1) };
            let plain = TimeDelta::minutes(minutes.min(360));
            prop_assert!(delay >= plain && delay <= plain + plain / 4, "{delay}");
        }

        #[test]
        fn odd_numbers_of_attempts_never_panic(attempts in any::<i64>(), id in any::<i64>()) {
            prop_assert!(BACKOFF.delay(attempts, TimeDelta::zero(), id).is_some());
        }
    }

    #[test]
    fn it_gives_up_when_the_work_is_too_old() {
        let almost = TimeDelta::days(3) - TimeDelta::seconds(1);
        assert!(BACKOFF.delay(15, almost, 7).is_some());
        assert_eq!(BACKOFF.delay(15, TimeDelta::days(3), 7), None);
    }

    #[test]
    fn works_that_fail_together_come_back_apart() {
        let delays: std::collections::HashSet<_> = (0..50)
            .map(|id| BACKOFF.delay(5, TimeDelta::zero(), id))
            .collect();
        assert!(delays.len() > 25, "{}", delays.len());
    }
}
