//! Mails: their texts, and the transport that carries them.
