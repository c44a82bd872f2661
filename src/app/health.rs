//! How far behind the queues are, for who administers the machine.

use crate::{
    app::{App, AppError},
    store::queues::{self, Backlog, Queue},
};

/// The backlog of each queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    pub inbox: Backlog,
    pub deliveries: Backlog,
    pub mails: Backlog,
}

/// Reads it.
pub async fn read(app: &App) -> Result<Health, AppError> {
    let now = app.now();
    let mut tx = app.store().read().await?;
    Ok(Health {
        inbox: queues::measure(&mut tx, Queue::Inbox, now).await?,
        deliveries: queues::measure(&mut tx, Queue::Deliveries, now).await?,
        mails: queues::measure(&mut tx, Queue::Mails, now).await?,
    })
}
