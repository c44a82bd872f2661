//! Mails: their texts, and the transport that carries them.
//!
//! [`compose`] writes a [`Message`] in the language of its reader; the outbox keeps it; the worker
//! hands it to a [`Transport`]. Nothing here reads or writes the database.

pub mod compose;
mod message;
pub mod transport;

pub use message::Message;
pub use transport::{SendError, Sender, Transport};
