//! The words of the field: types, parsing, rules, life cycles. No I/O.

pub mod picture;
