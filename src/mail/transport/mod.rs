//! Carries mails out: to an SMTP relay, or into a directory when there is none.

mod files;
mod mime;
mod smtp;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::Mailbox;
use thiserror::Error;

pub use files::Files;
pub use smtp::{Smtp, Timeouts};

use super::Message;

/// Who writes: the `From` of every mail, and the domain of every Message-ID.
#[derive(Debug, Clone)]
pub struct Sender {
    mailbox: Mailbox,
    domain: String,
}

impl Sender {
    /// `name` and `address` make the `From` header; `host` is that of the site's URL, without its
    /// port. In a laboratory without names, the address may be at that host.
    ///
    /// # Errors
    /// [`SetupError::Sender`] if the address is none, or if its local part is not ASCII: few relays
    /// carry such senders. [`SetupError::Host`] if the host is none.
    pub fn new(name: &str, address: &str, host: &str) -> Result<Self, SetupError> {
        let domain = mime::mail_domain(host).ok_or_else(|| SetupError::Host(host.to_owned()))?;
        let here = || Address::new(address.strip_suffix(host)?.strip_suffix('@')?, host).ok();
        let address = mime::parse_address(address)
            .or_else(here)
            .filter(|address| address.user().is_ascii())
            .ok_or_else(|| SetupError::Sender(address.to_owned()))?;
        let name = Some(mime::in_one_line(name)).filter(|name| !name.is_empty());
        Ok(Self {
            mailbox: Mailbox::new(name, address),
            domain,
        })
    }

    fn address(&self) -> &Address {
        &self.mailbox.email
    }
}

/// What is wrong with the configuration of mails, in a sentence that says what to do.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The address that mails come from cannot be used.
    #[error("the sender of mails, {0:?}, is not a usable address: write annonces@example.org")]
    Sender(String),
    /// The site has no host to make Message-IDs from.
    #[error("mails need the host of the site, and {0:?} is none")]
    Host(String),
    /// The SMTP URL cannot be read. It may hold a password: it is never repeated.
    #[error(
        "the SMTP URL cannot be read ({0}): write smtps://user:password@host:465, \
         smtp://user:password@host:587?tls=required or smtp://localhost:25"
    )]
    Url(String),
    /// A password would cross the network in clear.
    #[error("the SMTP URL would send a password unencrypted: use smtps:// or add ?tls=required")]
    ClearPassword,
    /// A certificate, of the extra file or of the system, cannot be used.
    #[error("the certificates for SMTP cannot be used: {0}")]
    Certificates(String),
}

/// Why a mail was not carried.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SendError {
    /// The network, the relay, its opinion of us or of this content: to be tried again later,
    /// a bounded number of times.
    #[error("not sent for now: {reason}")]
    Temporary {
        /// What happened, in one line, for administrators.
        reason: String,
    },
    /// This address receives no mail: it is of no use to try it again.
    #[error("the address is refused: {reason}")]
    Permanent {
        /// What happened, in one line, for administrators.
        reason: String,
    },
}

impl SendError {
    fn temporary(reason: impl fmt::Display) -> Self {
        Self::Temporary {
            reason: mime::in_one_line(&reason.to_string()),
        }
    }

    fn permanent(reason: impl fmt::Display) -> Self {
        Self::Permanent {
            reason: mime::in_one_line(&reason.to_string()),
        }
    }
}

/// The way out of this site.
#[derive(Debug)]
pub enum Transport {
    /// An SMTP relay.
    Smtp(Box<Smtp>),
    /// A directory of `.eml` files, for sites and tests without SMTP.
    Files(Files),
}

impl Transport {
    /// A transport to the relay that a URL names, in lettre's form; see [`Smtp::from_url`].
    ///
    /// # Errors
    /// [`SetupError`]; nothing is connected yet.
    pub fn smtp(
        url: &str,
        extra_ca_pem: Option<&[u8]>,
        sender: Sender,
    ) -> Result<Self, SetupError> {
        let smtp = Smtp::from_url(url, extra_ca_pem, sender, Timeouts::default())?;
        Ok(Self::Smtp(Box::new(smtp)))
    }

    /// A transport that writes into a directory, created when the first mail is.
    pub fn files(directory: impl Into<PathBuf>, sender: Sender) -> Self {
        Self::Files(Files::new(directory.into(), sender))
    }

    /// Sends a mail. `id` is its number in the outbox: the Message-ID and the name of the file
    /// derive from it, so that sending twice after a crash makes recognisably one mail.
    ///
    /// # Errors
    /// [`SendError`]: temporary when another try may help, permanent when the address is dead.
    pub async fn send(
        &self,
        id: i64,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<(), SendError> {
        match self {
            Self::Smtp(smtp) => smtp.send(id, message, now).await,
            Self::Files(files) => files.send(id, message, now).await,
        }
    }
}
