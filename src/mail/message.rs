use serde::{Deserialize, Serialize};
use url::Url;

/// A mail as it waits in the outbox: plain text, no encoding, no header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The address of the only recipient.
    pub to: String,
    /// The subject, in Unicode.
    pub subject: String,
    /// The plain-text rendition.
    pub text: String,
    /// The HTML rendition: a whole document that refers to nothing outside itself.
    pub html: String,
    /// Where one request, without sign-in, stops mails of this kind (RFC 2369, RFC 8058).
    pub list_unsubscribe: Option<Url>,
}
