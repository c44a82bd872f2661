//! Logs: lines on standard error, as text or JSON, without personal data.
//!
//! What is logged about a request is its number, method, path, status and time (`server`); secrets
//! and names stand in queries and bodies, which are not.

use std::io;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{InvalidConfig, LogFormat};

/// Starts logging. `filter` is a level, or a filter such as `info,emancipasso=debug`. Without
/// effect when the process already logs.
///
/// # Errors
/// When `filter` cannot be read.
pub fn start(filter: &str, format: LogFormat) -> Result<(), InvalidConfig> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        let mistake =
            format!("log is {filter:?}, which is no filter ({error}); give a level, such as info.");
        InvalidConfig(vec![mistake])
    })?;
    let lines = fmt::layer().with_writer(io::stderr).with_target(true);
    let registry = tracing_subscriber::registry().with(filter);
    // it fails only when a subscriber is already there, as when instances share a process
    let _ = match format {
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(lines.json()).try_init(),
    };
    Ok(())
}
