//! The words of the field: types, parsing, rules, life cycles. No I/O.

#[macro_use]
mod words;
pub mod account;
pub mod ad;
pub mod addresses;
pub mod authority;
pub mod delivery;
pub mod email;
pub mod federation;
pub mod hashtag;
pub mod html;
pub mod identifiers;
pub mod ids;
pub mod licence;
pub mod local_path;
pub mod mail;
pub mod moderation;
pub mod network;
pub mod organisation;
pub mod outbound;
pub mod picture;
pub mod problem;
pub mod retry;
pub mod slug;
pub mod territory;
pub mod text;
