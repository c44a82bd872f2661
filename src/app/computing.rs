//! Heavy computations, away from the threads that answer requests and a few at a time.

use tokio::{sync::Semaphore, task::spawn_blocking};

use super::AppError;

/// Does some work as soon as one of the slots is free.
///
/// The slot goes with the work and not with who asked: a reader who leaves before the end does not
/// make place for more work than the machine can hold.
pub(crate) async fn compute<T: Send + 'static>(
    slots: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    let slot = slots.acquire().await.map_err(AppError::internal)?;
    let done = spawn_blocking(move || {
        let done = work();
        drop(slot);
        done
    });
    done.await.map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_leaves_before_the_end_does_not_free_the_slot_of_work_still_going_on() {
        static SLOTS: Semaphore = Semaphore::const_new(1);
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (finish, is_finished) = mpsc::channel::<()>();
        let reader = tokio::spawn(compute(&SLOTS, move || {
            started.send(()).unwrap();
            // the end comes when the test lets go of its half
            let _ = is_finished.recv();
        }));
        has_started.await.unwrap();
        reader.abort();
        assert!(reader.await.unwrap_err().is_cancelled());
        assert_eq!(SLOTS.available_permits(), 0);

        drop(finish);
        assert_eq!(compute(&SLOTS, || 7).await.unwrap(), 7);
        assert_eq!(SLOTS.available_permits(), 1);
    }
}
