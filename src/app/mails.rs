//! The outbox of mails.
//!
//! A use case queues a mail in its own transaction; a worker sends it. A crash between the sending
//! and its record sends the mail again, with the same Message-ID, which is made from its number
//! here: the reader's mail program shows one. Losing a mail is not possible.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError},
    domain::{
        ids::MailId,
        mail::{MAIL_BACKOFF, MailOutcome},
        text::truncate_chars,
    },
    mail::{Message, SendError},
    store::{Write, mails},
};

/// How long a worker may keep a mail before another takes it. A sending is cut well before.
const LEASE: TimeDelta = TimeDelta::minutes(8);
/// What is kept of the words of a relay, in characters.
const DETAIL_LENGTH: usize = 300;

/// A mail that a worker has taken and must answer for with [`record_outcome`].
#[derive(Clone, Debug)]
pub struct Taken {
    claimed: mails::Claimed,
    /// What to send.
    pub message: Message,
}

impl Taken {
    /// Its number, from which its Message-ID is made.
    pub fn id(&self) -> MailId {
        self.claimed.id
    }
}

/// Queues a mail in the transaction of what it tells. The worker wakes up when that is kept.
pub(crate) async fn enqueue(
    app: &App,
    tx: &mut Write,
    message: &Message,
) -> Result<MailId, AppError> {
    let id = app.next_id();
    let json = serde_json::to_string(message).map_err(AppError::internal)?;
    mails::insert(tx, id, &message.to, &json, app.now()).await?;
    app.wake_after(tx, |wake| &wake.mail);
    Ok(id)
}

/// Takes the next mail that is due.
///
/// One at a time: each sending has a lease of its own, however slow the relay is.
pub async fn claim_next(app: &App) -> Result<Option<Taken>, AppError> {
    let now = app.now();
    let mut tx = app.store().write().await?;
    let taken = loop {
        let claimed = mails::claim_batch(&mut tx, now, now + LEASE, 1).await?;
        let Some(claimed) = claimed.into_iter().next() else {
            break None;
        };
        match serde_json::from_str(&claimed.message) {
            Ok(message) => break Some(Taken { claimed, message }),
            Err(error) => {
                tracing::error!(mail = %claimed.id, %error, "unreadable mail");
                let outcome = MailOutcome::Unreadable;
                mails::finish(&mut tx, &claimed, now, outcome, "").await?;
            }
        }
    };
    tx.commit().await?;
    Ok(taken)
}

/// Records what became of a mail: sent; to be tried again; or not wanted at this address, which
/// the account of that address then shows.
pub async fn record_outcome(
    app: &App,
    taken: &Taken,
    sent: Result<(), SendError>,
) -> Result<(), AppError> {
    let now = app.now();
    let Taken { claimed, message } = taken;
    let mut tx = app.store().write().await?;
    match sent {
        Ok(()) => {
            mails::finish(&mut tx, claimed, now, MailOutcome::Sent, "").await?;
            mails::mark_address_accepted(&mut tx, &message.to).await?;
        }
        Err(SendError::Permanent { reason }) => {
            let detail = truncate_chars(&reason, DETAIL_LENGTH);
            mails::finish(&mut tx, claimed, now, MailOutcome::Refused, detail).await?;
            mails::mark_address_refused(&mut tx, &message.to, now).await?;
        }
        Err(SendError::Temporary { reason }) => {
            let detail = truncate_chars(&reason, DETAIL_LENGTH);
            let age = now - claimed.created_at;
            match MAIL_BACKOFF.delay(claimed.attempts, age, claimed.id.get()) {
                Some(delay) => {
                    mails::postpone(&mut tx, claimed, now + delay, detail).await?;
                }
                None => {
                    mails::finish(&mut tx, claimed, now, MailOutcome::GivenUp, detail).await?;
                }
            }
        }
    }
    tx.commit().await?;
    Ok(())
}
