//! Whole instances in one process: real HTTP, real databases, a clock moved by hand.
//!
//! Stories of [`on_both_engines!`] run on SQLite, and on PostgreSQL too when `TEST_POSTGRES_URL`
//! names a server on which databases may be made.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a story that cannot go on fails, with the line where it stopped"
)]

#[macro_use]
mod support;

mod accompaniments;
mod account;
mod ads;
mod api;
mod architecture;
mod command_line;
mod directory;
mod documents;
mod fixtures;
mod forged;
mod host_actors;
mod hosts;
mod http;
mod inbox;
mod interact;
mod moderation;
mod organisations;
mod receiving;
mod recommendations;
mod reports;
mod restart;
mod sign_in;
mod site_pages;
mod verify;
mod vocabulary;
mod workshop;
