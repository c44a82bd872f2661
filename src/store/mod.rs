//! All the SQL, one file per noun, for SQLite and for PostgreSQL with one text.
//!
//! * [`Store::read`] gives a consistent view, [`Store::write`] a transaction that must be committed.
//!   Only use cases (`app`) open them.
//! * `find_…` gives an `Option`, `list_…` a page with a limit, everything else acts on rows.
//! * No rule of the domain lives here: a `WHERE` holds who and which, not whether it is allowed.
//! * Instants are [`Micros`], ids are bound as integers, words of the domain by their stable word.

mod connection;
mod error;
mod values;

#[macro_use]
mod macros;

pub mod accompaniments;
pub mod accounts;
pub mod actor_blocks;
pub mod actors;
pub mod ad_listing;
pub mod ad_reviews;
pub mod ads;
pub mod api_tokens;
pub mod audit;
pub mod call_requests;
pub mod catalogue;
pub mod comments;
pub mod counters;
pub mod deliveries;
pub mod directory;
pub mod domain_policies;
pub mod figures;
pub mod follows;
pub mod health;
pub mod host_actors;
pub mod host_fields;
pub mod host_offers;
pub mod host_reviews;
pub mod hosts;
pub mod inbox;
pub mod invitations;
pub mod leases;
pub mod listing;
pub mod mails;
pub mod media;
pub mod mediations;
pub mod memberships;
pub mod milestones;
pub mod notices;
pub mod organisations;
pub mod outbox;
pub mod posts;
pub mod proof_keys;
pub mod public_decisions;
pub mod purpose_links;
pub mod reactions;
pub mod recipients;
pub mod recommendation_reviews;
pub mod recommendations;
pub mod remote_hosts;
pub mod reports;
pub mod retention;
pub mod sessions;
pub mod sign_in_links;
pub mod spare_keys;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use connection::{DatabaseUrl, Engine, InvalidDatabaseUrl, Read, Store, Write};
pub use error::StoreError;
pub use values::Micros;

use connection::Connection;
