//! emancipasso: where French non-profits publish what they need from free software, and ethical
//! hosts answer, on the fediverse.
//!
//! Modules in reading order. Arrows of dependency go one way only:
//! `domain ← store ← app ← { federation, web, cli } ← server` (see `docs/architecture.md`).

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod federation;
pub mod jobs;
pub mod locales;
pub mod mail;
pub mod running;
pub mod search;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod web;
