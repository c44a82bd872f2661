//! What the instance does for itself: picking up after a crash, deleting what has served.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError},
    store::{
        Engine, leases,
        retention::{self, Perishable},
    },
};

/// Rows deleted per transaction, so that nobody waits long for the writer.
const BATCH: i64 = 500;
/// How long the record of finished work is kept, for the administrator.
pub const RECORDS: TimeDelta = TimeDelta::days(30);
/// How long an expired link can still be explained to who follows it.
pub const LINKS: TimeDelta = TimeDelta::days(1);

/// How long each kind is kept after it ended. The privacy page tells it from the same constants.
const fn retention(perishable: Perishable) -> TimeDelta {
    match perishable {
        Perishable::Sessions => TimeDelta::zero(),
        Perishable::SignInLinks => LINKS,
        Perishable::CallRequests => TimeDelta::zero(),
        Perishable::Invitations
        | Perishable::PurposeLinks
        | Perishable::InboxItems
        | Perishable::Deliveries
        | Perishable::Mails
        | Perishable::OutboxActivities => RECORDS,
    }
}

/// Deletes some of what has served; gives how many rows. To be called again until it gives 0.
pub async fn delete_expired(app: &App) -> Result<u64, AppError> {
    let mut deleted = 0;
    for perishable in Perishable::ALL {
        let before = app.now() - retention(perishable);
        let mut tx = app.store().write().await?;
        deleted += retention::delete_batch(&mut tx, perishable, before, BATCH).await?;
        tx.commit().await?;
    }
    Ok(deleted)
}

/// Takes back the work that a killed process had taken, when nobody else can be at it: a SQLite
/// file has one server. On PostgreSQL several servers may share the work, so leases run out by
/// themselves.
///
/// To be called once, before the workers start.
pub async fn resume_work(app: &App) -> Result<(), AppError> {
    if app.store().engine() == Engine::Sqlite {
        let mut tx = app.store().write().await?;
        let released = leases::release_all(&mut tx).await?;
        tx.commit().await?;
        if released > 0 {
            tracing::info!(released, "picked up the work of a process that was killed");
        }
    }
    Ok(())
}
