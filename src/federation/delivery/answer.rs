//! What the answer to a delivery means: for this delivery, and for its host.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode, header};

use crate::{
    app::deliveries::Attempt,
    domain::delivery::HostNews,
    federation::{addresses::RefusedAddress, fetch::read_retry_after, http_client::TransportError},
};

/// What became of a delivery, and what it says of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub attempt: Attempt,
    pub news: HostNews,
}

impl Verdict {
    fn new(attempt: Attempt, news: HostNews) -> Self {
        Self { attempt, news }
    }

    /// Nothing was sent.
    pub(super) fn unsent(attempt: Attempt) -> Self {
        Self::new(attempt, HostNews::Unknown)
    }

    /// The host answered.
    ///
    /// 2xx is a success. What cannot change by itself is final: redirects, which nobody follows on
    /// POST, and 4xx, except those that may pass: 401 (the peer could not check our signature
    /// yet), 408, 429. The rest is tried again. 502, 503, 504 and the statuses of proxies above
    /// 520 speak for the whole host, and so does 429; other errors for this activity only, since a
    /// server may fail on one and take the next.
    pub(super) fn of_answer(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Self {
        let words = status.to_string();
        let wish = headers
            .get(header::RETRY_AFTER)
            .and_then(|value| read_retry_after(value.to_str().ok()?, now))
            .map(time_delta);
        match status.as_u16() {
            200..=299 => Self::new(Attempt::Delivered, HostNews::Answers),
            429 => {
                let wait = wish.unwrap_or(TimeDelta::minutes(5));
                Self::new(Attempt::HostUnable(words), HostNews::AsksToWait(wait))
            }
            401 | 408 => Self::new(Attempt::Later(words, wish), HostNews::Answers),
            410 => Self::new(Attempt::Gone(words), HostNews::Answers),
            300..=399 => {
                let words =
                    format!("{words}: the inbox has moved, and says where only by redirect");
                Self::new(Attempt::Refused(words), HostNews::Answers)
            }
            400..=499 => Self::new(Attempt::Refused(words), HostNews::Answers),
            502..=504 | 520..=599 => Self::new(Attempt::HostUnable(words), HostNews::Fails(wish)),
            _ => Self::new(Attempt::Later(words, wish), HostNews::Answers),
        }
    }

    /// The host did not answer. A name, a network or a certificate may be repaired; an address
    /// that may not be called stays so.
    pub(super) fn of_failure(error: &TransportError) -> Self {
        match error {
            TransportError::Refused(reason) if *reason != RefusedAddress::Unknown => {
                Self::of_refusal(reason)
            }
            error => Self::new(
                Attempt::HostUnable(error.to_string()),
                HostNews::Fails(None),
            ),
        }
    }

    /// We do not call this address.
    pub(super) fn of_refusal(reason: &RefusedAddress) -> Self {
        Self::unsent(Attempt::Refused(reason.to_string()))
    }
}

fn time_delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn verdict(status: u16, retry_after: Option<&'static str>) -> Verdict {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        }
        Verdict::of_answer(StatusCode::from_u16(status).unwrap(), &headers, now())
    }

    /// Conformance 52: which answers end a delivery, and which do not.
    #[test]
    fn only_what_cannot_change_is_final() {
        for status in [200, 202, 204] {
            assert_eq!(
                verdict(status, None).attempt,
                Attempt::Delivered,
                "{status}"
            );
        }
        for status in [301, 302, 307, 308, 400, 403, 404, 405, 406, 413, 421, 451] {
            let attempt = verdict(status, None).attempt;
            assert!(matches!(attempt, Attempt::Refused(_)), "{status}");
        }
        assert!(matches!(verdict(410, None).attempt, Attempt::Gone(_)));
        for status in [401, 408, 500, 501, 507] {
            let attempt = verdict(status, None).attempt;
            assert!(matches!(attempt, Attempt::Later(_, None)), "{status}");
        }
        for status in [429, 502, 503, 504, 522, 530] {
            let attempt = verdict(status, None).attempt;
            assert!(matches!(attempt, Attempt::HostUnable(_)), "{status}");
        }
    }

    /// Conformance 52: `Retry-After` in both forms.
    #[test]
    fn the_wish_of_the_host_is_heard() {
        let minutes = |count| Some(TimeDelta::minutes(count));
        let in_ten = Some("Sun, 01 Mar 2026 12:10:00 GMT");
        assert_eq!(verdict(503, in_ten).news, HostNews::Fails(minutes(10)));
        assert_eq!(
            verdict(429, Some("120")).news,
            HostNews::AsksToWait(TimeDelta::minutes(2))
        );
        assert!(matches!(
            verdict(500, Some("180")).attempt,
            Attempt::Later(_, wish) if wish == minutes(3)
        ));
        assert_eq!(verdict(503, Some("soon")).news, HostNews::Fails(None));
    }

    /// Conformance 67: names, TLS and the network may be repaired.
    #[test]
    fn what_may_be_repaired_is_tried_again() {
        for error in [
            TransportError::Timeout,
            TransportError::Failed("certificate expired".to_owned()),
            TransportError::Refused(RefusedAddress::Unknown),
        ] {
            let verdict = Verdict::of_failure(&error);
            assert!(matches!(verdict.attempt, Attempt::HostUnable(_)), "{error}");
            assert_eq!(verdict.news, HostNews::Fails(None));
        }
        let private = RefusedAddress::NotPublic("10.0.0.1".parse().unwrap());
        let verdict = Verdict::of_failure(&TransportError::Refused(private));
        assert!(matches!(verdict.attempt, Attempt::Refused(_)));
    }
}
