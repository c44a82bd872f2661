//! How much the instance is used, as NodeInfo tells it.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError},
    store::{figures, posts},
};

/// Counts of accounts and posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    pub accounts: i64,
    /// Seen in the last 30 days.
    pub accounts_active_month: i64,
    /// Seen in the last 180 days.
    pub accounts_active_half_year: i64,
    pub posts: i64,
}

/// Reads them.
pub async fn read(app: &App) -> Result<Figures, AppError> {
    let mut tx = app.store().read().await?;
    let now = app.now();
    Ok(Figures {
        accounts: figures::count_accounts(&mut tx).await?,
        accounts_active_month: figures::count_accounts_seen_since(
            &mut tx,
            now - TimeDelta::days(30),
        )
        .await?,
        accounts_active_half_year: figures::count_accounts_seen_since(
            &mut tx,
            now - TimeDelta::days(180),
        )
        .await?,
        posts: posts::count(&mut tx).await?,
    })
}
