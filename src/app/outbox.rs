//! What our actors say to other servers, noted in the transaction of the change itself.

use crate::{
    app::{App, AppError},
    domain::{addresses::ActorAddresses, federation::Actor, ids::ActivityId, outbound::Outbound},
    store::{Write, outbox},
};

/// Notes that an actor of ours says something; the delivery worker does the rest.
///
/// The row is part of the caller's transaction: it is sent if and only if the change is kept. The
/// worker wakes up then.
pub(crate) async fn enqueue(
    app: &App,
    tx: &mut Write,
    actor: &Actor,
    event: Outbound,
) -> Result<ActivityId, AppError> {
    let id: ActivityId = app.next_id();
    let activity = outbox::OutboxActivity {
        id,
        actor_id: actor.id,
        uri: ActorAddresses::new(actor.uri.as_str()).activity(id),
        event,
        created_at: app.now(),
    };
    outbox::insert(tx, &activity).await?;
    app.wake_after(tx, |wake| &wake.outbox);
    Ok(id)
}
