//! What becomes of the mails we send.

use chrono::TimeDelta;

use super::retry::Backoff;

words! {
    /// How the life of a mail ended.
    pub enum MailOutcome {
        /// The relay took it.
        Sent => "sent",
        /// The address receives no mail.
        Refused => "refused",
        /// It could not be sent for too long.
        GivenUp => "given-up",
        /// This version cannot read the row.
        Unreadable => "unreadable",
    }
}

/// When a mail that could not be sent is tried again: after a minute, then twice as long each
/// time up to six hours, for three days.
pub const MAIL_BACKOFF: Backoff = Backoff {
    first: TimeDelta::minutes(1),
    longest: TimeDelta::hours(6),
    give_up_after: TimeDelta::days(3),
};
