//! From a [`Message`] to the bytes of RFC 5322.

use std::fmt::Write as _;
use std::time::SystemTime;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use url::Host;

use super::{Message, SendError, Sender};

/// Longest subject, name or reason that we write, in characters.
const MAX_LINE: usize = 300;

/// The address with its domain in ASCII, or nothing when it is no address of a mailbox on a named
/// host. Nothing that could end a header or an SMTP command passes.
pub(super) fn parse_address(address: &str) -> Option<Address> {
    let address = address.trim();
    if address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let (user, domain) = address.rsplit_once('@')?;
    match Host::parse(domain) {
        Ok(Host::Domain(domain)) => Address::new(user, domain).ok(),
        _ => None,
    }
}

/// The host of a URL as it stands in a Message-ID: international labels in Punycode, addresses as
/// literals (RFC 5321 §4.1.3).
pub(super) fn mail_domain(host: &str) -> Option<String> {
    match Host::parse(host).ok()? {
        Host::Domain(name) => Some(name),
        Host::Ipv4(address) => Some(format!("[{address}]")),
        Host::Ipv6(address) => Some(format!("[IPv6:{address}]")),
    }
}

/// White space and control characters folded into single spaces, cut at a reasonable length. The
/// no-break spaces of French stay.
pub(super) fn in_one_line(text: &str) -> String {
    let is_break = |c: char| (c.is_whitespace() && !"\u{a0}\u{202f}".contains(c)) || c.is_control();
    text.split(is_break)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(MAX_LINE)
        .collect()
}

/// The first 64 bits of the SHA-256 of what the mail says and to whom, in hexadecimal.
fn fingerprint(id: i64, message: &Message) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&id.to_be_bytes());
    for part in [&message.to, &message.subject, &message.text] {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    let mut hexadecimal = String::with_capacity(16);
    for byte in context.finish().as_ref().iter().take(8) {
        // Writing to a String cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

/// The mail as it travels: `multipart/alternative`, plain text first. The same row of the outbox
/// makes the same mail each time, but for its `Date`.
///
/// # Errors
/// Permanent when the recipient is no address.
pub(super) fn build(
    sender: &Sender,
    id: i64,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<lettre::Message, SendError> {
    let to = parse_address(&message.to)
        .ok_or_else(|| SendError::permanent("this is not the address of a mailbox"))?;
    // The fingerprint tells apart the rows of two databases that numbered theirs alike.
    let fingerprint = fingerprint(id, message);
    let mut builder = lettre::Message::builder()
        .from(sender.mailbox.clone())
        .to(Mailbox::new(None, to))
        .subject(in_one_line(&message.subject))
        .date(SystemTime::from(now))
        .message_id(Some(format!("<{id}.{fingerprint}@{}>", sender.domain)))
        // RFC 3834: no automatic answer to a machine.
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(url) = &message.list_unsubscribe {
        builder = builder.raw_header(header("List-Unsubscribe", &format!("<{url}>")));
        // RFC 8058 reserves the one-click form to https.
        if url.scheme() == "https" {
            let one_click = "List-Unsubscribe=One-Click";
            builder = builder.raw_header(header("List-Unsubscribe-Post", one_click));
        }
    }
    let body = MultiPart::alternative()
        .boundary(format!("emancipasso-{fingerprint}"))
        .singlepart(SinglePart::plain(message.text.clone()))
        .singlepart(SinglePart::html(message.html.clone()));
    // The sender was checked: what cannot be written is an odd recipient.
    builder.multipart(body).map_err(SendError::permanent)
}

/// A header of printable ASCII without spaces, as URLs serialise, which must not be encoded or
/// folded. Any other character is dropped rather than let a line break in.
fn header(name: &'static str, value: &str) -> HeaderValue {
    let value: String = value.chars().filter(char::is_ascii_graphic).collect();
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.clone(),
        value,
    )
}
