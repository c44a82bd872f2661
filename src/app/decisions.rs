//! The public log: every decision about structures and recommendations, without personal data.

use crate::{
    app::{App, AppError},
    domain::{
        decision::{LoggedDecision, PublicDecision, Subject},
        ids::DecisionId,
        recommendation::CRITERIA_VERSION,
    },
    store::{Write, public_decisions},
};

pub use public_decisions::Line;

/// The most lines on a page, and one that tells whether another follows.
const PAGE: i64 = 101;

/// Writes a line in the transaction of what it tells. `motive` is read by everybody: it holds no
/// personal data, and may be empty.
pub(crate) async fn record(
    app: &App,
    tx: &mut Write,
    subject: Subject,
    decision: PublicDecision,
    motive: &str,
) -> Result<(), AppError> {
    let line = LoggedDecision {
        id: app.next_id(),
        subject,
        decision,
        motive: motive.to_owned(),
        criteria: CRITERIA_VERSION.to_owned(),
        decided_at: app.now(),
    };
    public_decisions::insert(tx, &line).await?;
    Ok(())
}

/// The log, the latest first, before one of its lines; `limit` at most. Anybody may read it.
pub async fn list(
    app: &App,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<Line>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(public_decisions::list(&mut tx, before, limit.clamp(1, PAGE)).await?)
}
