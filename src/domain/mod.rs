//! The words of the field: types, parsing, rules, life cycles. No I/O.

pub mod email;
pub mod hashtag;
pub mod identifiers;
pub mod licence;
pub mod picture;
pub mod slug;
pub mod territory;
pub mod text;
