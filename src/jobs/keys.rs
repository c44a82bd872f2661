//! Makes key pairs ahead of time, so that publishing never waits for one.

use std::time::Duration;

use super::Worker;
use crate::{
    app::{App, AppError, actors},
    federation::keys::{KeyError, RsaKeyPair},
};

/// How often, beside the signals of this process.
const EVERY: Duration = Duration::from_mins(1);

/// The worker.
pub fn worker() -> Worker {
    Worker::new("keys", EVERY, |app| async move { run_once(&app).await })
        .woken_by(|wake| &wake.keys)
}

/// Makes one pair, when one is missing; gives how many were made. One at a time: it takes a tenth
/// of a second of processor, which people who read pages have first.
pub async fn run_once(app: &App) -> Result<usize, AppError> {
    if actors::count_missing_keys(app).await? == 0 {
        return Ok(0);
    }
    let made = tokio::task::spawn_blocking(generate).await;
    let (public, private) = made
        .map_err(AppError::internal)?
        .map_err(AppError::internal)?;
    actors::add_key_pair(app, &public, &private).await?;
    Ok(1)
}

/// The public and the private half, as PEM.
fn generate() -> Result<(String, String), KeyError> {
    let pair = RsaKeyPair::generate()?;
    Ok((pair.public_key_pem()?, pair.to_pkcs8_pem()?))
}
