//! Dates as people write them, in the time of Paris.

use chrono::{DateTime, Datelike as _, Duration, FixedOffset, NaiveDate, Timelike as _, Utc};

use super::{Locale, Texts};

const FRENCH_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Texts {
    /// The day in full, in Paris: « 22 novembre 2026 », « 1ᵉʳ mai 2026 », "22 November 2026".
    pub fn date(self, instant: DateTime<Utc>) -> String {
        self.day(in_paris(instant).date_naive())
    }

    /// The month of a day: « mars 2027 », "March 2027".
    pub fn month(self, day: NaiveDate) -> String {
        format!("{}\u{a0}{}", self.month_name(day), day.year())
    }

    fn month_name(self, day: NaiveDate) -> &'static str {
        let months = match self.locale {
            Locale::Fr => FRENCH_MONTHS,
            Locale::En => ENGLISH_MONTHS,
        };
        let number = usize::try_from(day.month0()).unwrap_or_default();
        months.get(number).copied().unwrap_or_default()
    }

    /// A calendar day in full, whatever the time zone.
    pub fn day(self, day: NaiveDate) -> String {
        let month = self.month_name(day);
        let number = match (self.locale, day.day()) {
            (Locale::Fr, 1) => "1ᵉʳ".to_owned(),
            (_, number) => number.to_string(),
        };
        format!("{number}\u{a0}{month}\u{a0}{}", day.year())
    }

    /// The day and the time in Paris: « 22 novembre 2026 à 14 h 05 », "22 November 2026, 14:05".
    pub fn date_time(self, instant: DateTime<Utc>) -> String {
        let local = in_paris(instant);
        let day = self.day(local.date_naive());
        let (hour, minute) = (local.hour(), local.minute());
        match self.locale {
            Locale::Fr => format!("{day} à {hour}\u{a0}h\u{a0}{minute:02}"),
            Locale::En => format!("{day}, {hour:02}:{minute:02}"),
        }
    }

    /// How long ago (or in how long): « il y a 3 heures », « dans 2 jours »; beyond 30 days, the date.
    pub fn relative(self, now: DateTime<Utc>, then: DateTime<Utc>) -> String {
        let distance = now - then;
        let minutes = distance.num_minutes().unsigned_abs();
        if minutes >= 30 * 24 * 60 {
            return match self.locale {
                Locale::Fr => format!("le {}", self.date(then)),
                Locale::En => format!("on {}", self.date(then)),
            };
        }
        let (hours, days) = (minutes / 60, minutes / (24 * 60));
        match (distance >= Duration::zero(), days, hours, minutes) {
            (_, 0, 0, 0) => self.tr("à l’instant").to_owned(),
            (true, 0, 0, n) => self.trn("il y a {n} minute", "il y a {n} minutes", n),
            (true, 0, n, _) => self.trn("il y a {n} heure", "il y a {n} heures", n),
            (true, n, ..) => self.trn("il y a {n} jour", "il y a {n} jours", n),
            (false, 0, 0, n) => self.trn("dans {n} minute", "dans {n} minutes", n),
            (false, 0, n, _) => self.trn("dans {n} heure", "dans {n} heures", n),
            (false, n, ..) => self.trn("dans {n} jour", "dans {n} jours", n),
        }
    }
}

const WINTER: FixedOffset = east(1);
const SUMMER: FixedOffset = east(2);

/// A constant offset of whole hours; evaluated while compiling, so a mistake cannot run.
const fn east(hours: i32) -> FixedOffset {
    match FixedOffset::east_opt(hours * 3600) {
        Some(offset) => offset,
        None => panic!("an offset is less than a day"),
    }
}

/// The same instant on a clock in metropolitan France.
///
/// Summer time (+2 h) lasts from the last Sunday of March to the last Sunday of October, both at
/// 01:00 UTC (directive 2000/84/EC); the rest of the year is +1 h. Days before 1996 are not handled.
fn in_paris(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    let is_summer = last_sunday_at_one(instant.year(), 3)
        .zip(last_sunday_at_one(instant.year(), 10))
        .is_some_and(|(start, end)| start <= instant && instant < end);
    let offset = if is_summer { SUMMER } else { WINTER };
    instant.with_timezone(&offset)
}

/// 01:00 UTC on the last Sunday of a month that has 31 days.
fn last_sunday_at_one(year: i32, month: u32) -> Option<DateTime<Utc>> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    let sunday = last - Duration::days(i64::from(last.weekday().num_days_from_sunday()));
    Some(sunday.and_hms_opt(1, 0, 0)?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Texts = Texts::of(Locale::Fr);
    const EN: Texts = Texts::of(Locale::En);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_written_in_full() {
        assert_eq!(
            FR.date(at("2026-11-22T10:00:00Z")),
            "22\u{a0}novembre\u{a0}2026"
        );
        assert_eq!(
            FR.date(at("2026-05-01T10:00:00Z")),
            "1ᵉʳ\u{a0}mai\u{a0}2026"
        );
        assert_eq!(
            EN.date(at("2026-08-03T10:00:00Z")),
            "3\u{a0}August\u{a0}2026"
        );
    }

    #[test]
    fn times_follow_the_clock_of_paris_across_both_changes() {
        for (instant, expected) in [
            ("2026-03-29T00:59:59Z", "1\u{a0}h\u{a0}59"),
            ("2026-03-29T01:00:00Z", "3\u{a0}h\u{a0}00"),
            ("2026-10-25T00:59:59Z", "2\u{a0}h\u{a0}59"),
            ("2026-10-25T01:00:00Z", "2\u{a0}h\u{a0}00"),
            ("2026-12-31T22:30:00Z", "23\u{a0}h\u{a0}30"),
        ] {
            assert!(
                FR.date_time(at(instant)).ends_with(expected),
                "{instant}: {}",
                FR.date_time(at(instant))
            );
        }
        assert_eq!(
            FR.date(at("2026-12-31T23:30:00Z")),
            "1ᵉʳ\u{a0}janvier\u{a0}2027"
        );
        assert_eq!(
            EN.date_time(at("2026-07-14T07:05:00Z")),
            "14\u{a0}July\u{a0}2026, 09:05"
        );
    }

    #[test]
    fn distances_in_time_are_said_in_words() {
        let now = at("2026-11-22T12:00:00Z");
        for (then, french, english) in [
            ("2026-11-22T11:59:40Z", "à l’instant", "just now"),
            ("2026-11-22T11:59:00Z", "il y a 1 minute", "1 minute ago"),
            ("2026-11-22T09:00:00Z", "il y a 3 heures", "3 hours ago"),
            ("2026-11-24T13:00:00Z", "dans 2 jours", "in 2 days"),
            (
                "2026-09-01T12:00:00Z",
                "le 1ᵉʳ\u{a0}septembre\u{a0}2026",
                "on 1\u{a0}September\u{a0}2026",
            ),
        ] {
            assert_eq!(FR.relative(now, at(then)), french);
            assert_eq!(EN.relative(now, at(then)), english);
        }
    }
}
