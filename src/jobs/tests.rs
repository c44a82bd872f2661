use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{
    app::testing::on_each_app,
    mail::{Message, SendError, Sender, Transport},
};
use chrono::TimeDelta;

fn message(to: &str) -> Message {
    Message {
        to: to.into(),
        subject: "Bonjour".into(),
        text: "Bonjour.".into(),
        html: "<p>Bonjour.</p>".into(),
        list_unsubscribe: None,
    }
}

async fn enqueue(app: &App, to: &str) {
    let mut tx = app.store().write().await.unwrap();
    crate::app::mails::enqueue(app, &mut tx, &message(to))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn transport_to(directory: &std::path::Path) -> Transport {
    let sender = Sender::new("Annonces", "annonces@example.org", "annonces.example").unwrap();
    Transport::files(directory, sender)
}

fn count_files(directory: &std::path::Path) -> usize {
    std::fs::read_dir(directory).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_mail_is_sent_once() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let transport = transport_to(directory.path());
        enqueue(&app, "camille@example.org").await;
        enqueue(&app, "sacha@example.org").await;
        assert_eq!(mails::run_once(&app, &transport).await.unwrap(), 2);
        assert_eq!(mails::run_once(&app, &transport).await.unwrap(), 0);
        assert_eq!(count_files(directory.path()), 2);
    })
    .await;
}

#[tokio::test]
async fn a_mail_of_an_abandoned_transaction_is_never_sent() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let mut tx = app.store().write().await.unwrap();
        crate::app::mails::enqueue(&app, &mut tx, &message("camille@example.org"))
            .await
            .unwrap();
        drop(tx);
        let tried = mails::run_once(&app, &transport_to(directory.path())).await;
        assert_eq!(tried.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_mail_waits_while_the_relay_is_down_then_leaves() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let blocked = directory.path().join("file");
        std::fs::write(&blocked, "not a directory").unwrap();
        let down = transport_to(&blocked.join("mails"));
        let up = transport_to(&directory.path().join("mails"));
        enqueue(&app, "camille@example.org").await;

        assert_eq!(mails::run_once(&app, &down).await.unwrap(), 1);
        assert_eq!(mails::run_once(&app, &up).await.unwrap(), 0, "too early");
        app.clock().advance(TimeDelta::seconds(76));
        assert_eq!(mails::run_once(&app, &up).await.unwrap(), 1);
        assert_eq!(count_files(&directory.path().join("mails")), 1);
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_cannot_leave_is_given_up_after_three_days() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let blocked = directory.path().join("file");
        std::fs::write(&blocked, "not a directory").unwrap();
        let down = transport_to(&blocked.join("mails"));
        enqueue(&app, "camille@example.org").await;
        let mut tries = 0;
        for _ in 0..200 {
            tries += mails::run_once(&app, &down).await.unwrap();
            app.clock().advance(TimeDelta::minutes(30));
        }
        assert!((10..30).contains(&tries), "{tries} tries");
        let up = transport_to(&directory.path().join("mails"));
        assert_eq!(mails::run_once(&app, &up).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_refused_address_is_not_tried_again() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let transport = transport_to(directory.path());
        enqueue(&app, "not an address").await;
        assert_eq!(mails::run_once(&app, &transport).await.unwrap(), 1);
        app.clock().advance(TimeDelta::days(1));
        assert_eq!(mails::run_once(&app, &transport).await.unwrap(), 0);
        assert_eq!(count_files(directory.path()), 0);
    })
    .await;
}

#[tokio::test]
async fn a_process_killed_after_sending_sends_the_same_mail_again_and_not_another() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let transport = transport_to(directory.path());
        enqueue(&app, "camille@example.org").await;
        // killed between the sending and its record
        let taken = crate::app::mails::claim_next(&app).await.unwrap().unwrap();
        let id = taken.id().get();
        transport.send(id, &taken.message, app.now()).await.unwrap();

        assert_eq!(
            mails::run_once(&app, &transport).await.unwrap(),
            0,
            "leased"
        );
        app.clock().advance(TimeDelta::minutes(8));
        assert_eq!(mails::run_once(&app, &transport).await.unwrap(), 1);
        // the same Message-ID: the directory holds one file
        assert_eq!(count_files(directory.path()), 1);

        // and the first taker, had it only been slow, changes nothing any more
        let late = Err(SendError::Temporary {
            reason: "late".into(),
        });
        crate::app::mails::record_outcome(&app, &taken, late)
            .await
            .unwrap();
        app.clock().advance(TimeDelta::days(1));
        assert_eq!(mails::run_once(&app, &transport).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_has_served_is_deleted_after_a_month() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        enqueue(&app, "camille@example.org").await;
        mails::run_once(&app, &transport_to(directory.path()))
            .await
            .unwrap();
        app.clock().advance(TimeDelta::days(30));
        assert_eq!(timers::run_once(&app).await.unwrap(), 0);
        app.clock().advance(TimeDelta::seconds(1));
        assert_eq!(timers::run_once(&app).await.unwrap(), 1);
        assert_eq!(timers::run_once(&app).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn workers_do_what_is_queued_and_stop_when_told() {
    on_each_app(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let transport = Arc::new(transport_to(directory.path()));
        let workers = Workers::start(&app, [mails::worker(Arc::clone(&transport))]);
        enqueue(&app, "camille@example.org").await;
        let sent = timeout(Duration::from_secs(20), async {
            while count_files(directory.path()) == 0 {
                tokio::task::yield_now().await;
            }
        });
        sent.await.unwrap();
        workers.stop().await;
        enqueue(&app, "sacha@example.org").await;
        assert_eq!(mails::run_once(&app, &transport).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_worker_survives_errors_and_panics() {
    let directory = tempfile::tempdir().unwrap();
    let config = crate::config::Settings {
        public_url: "https://annonces.example".into(),
        data_dir: directory.path().display().to_string(),
        database_url: format!("sqlite:{}", directory.path().join("a.db").display()),
        ..crate::config::Settings::default()
    };
    let app = App::start(config.check().unwrap(), crate::app::Clock::system())
        .await
        .unwrap();
    tokio::time::pause();
    let calls = Arc::new(AtomicUsize::new(0));
    let done = Arc::new(Notify::new());
    let worker = {
        let (calls, done) = (Arc::clone(&calls), Arc::clone(&done));
        Worker::new("test", Duration::from_hours(1), move |_| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            let done = Arc::clone(&done);
            async move {
                match call {
                    0 => Err(AppError::internal("broken")),
                    1 => panic!("a panic, as expected by this test"),
                    2 => Ok(1),
                    _ => {
                        done.notify_one();
                        Ok(0)
                    }
                }
            }
        })
    };
    let workers = Workers::start(&app, [worker]);
    done.notified().await;
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    workers.stop().await;
}
