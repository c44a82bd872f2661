//! A process that is killed while it works, and the one that is started after it.

use std::{fs, path::Path, time::Duration};

use chrono::TimeDelta;
use emancipasso::{
    app::{
        Token, deliveries, inbox, mails,
        sign_in::{self, AskLink},
    },
    federation::{delivery, inbox::InboxLimits},
    jobs,
    locales::Locale,
};
use serde_json::Value;
use tokio::{task, time::timeout};

use crate::support::{Engine, Instance, Peer, Person, is_available};

/// Longer than any lease.
const LATER: TimeDelta = TimeDelta::minutes(10);

/// An instance that a follower is waiting for, and a server that keeps what it is sent.
struct Story {
    lyon: Instance,
    social: Peer,
    alice: Person,
    bob: Person,
}

impl Story {
    /// A process had taken a mail to Camille, the answer to Alice and the request of Bob when it
    /// was killed.
    async fn killed_at_work(engine: Engine) -> Self {
        let social = Peer::start_without_name().await;
        let (alice, bob) = (social.person("alice"), social.person("bob"));
        let limits = InboxLimits::default();
        let lyon = Instance::start_beside(engine, "lyon.test", &[], limits).await;
        lyon.make_keys().await;
        let story = Self {
            lyon,
            social,
            alice,
            bob,
        };
        let app = &story.lyon.app;
        story.follow(&story.alice).await;
        let federation = story.lyon.federation.clone().into_config().await.unwrap();
        assert_eq!(jobs::inbox::process_due(&federation).await.unwrap(), 1);
        assert_eq!(delivery::expand_due(app).await.unwrap(), 1);
        story.follow(&story.bob).await;
        story.write_to("camille@example.org").await;

        let mail = mails::claim_next(app).await.unwrap().unwrap();
        assert_eq!(mail.message.to, "camille@example.org");
        let hosts = deliveries::claim_hosts(app, 10).await.unwrap();
        assert_eq!(hosts.len(), 1);
        let items = inbox::claim_batch(app, 10).await.unwrap();
        assert_eq!(items.len(), 1);
        story
    }

    async fn follow(&self, person: &Person) {
        let follow = person.activity("Follow", 1, self.lyon.url("/annonces"));
        let answer = person.post(&self.lyon, &follow).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    async fn write_to(&self, email: &str) {
        let ask = AskLink {
            email,
            browser: &Token::from_text("a browser of the story"),
            next: None,
            locale: Locale::Fr,
        };
        sign_in::ask_link(&self.lyon.app, ask).await.unwrap();
    }

    fn answers_to(&self, person: &Person) -> Vec<Value> {
        let path = person.id.strip_prefix(&self.social.url("")).unwrap();
        self.social.received(&format!("{path}/inbox"))
    }

    fn mails(&self) -> Vec<String> {
        read_mails(&self.lyon.data_dir().join("mails"))
    }

    /// Waits until everything that was taken by the killed process is done.
    async fn everything_leaves(&self) {
        until(|| {
            self.mails().len() == 1
                && self.answers_to(&self.alice).len() == 1
                && self.answers_to(&self.bob).len() == 1
        })
        .await;
        assert!(self.mails()[0].contains("To: camille@example.org"));
        for person in [&self.alice, &self.bob] {
            let answer = self.answers_to(person).remove(0);
            assert_eq!(answer["type"], "Accept");
            assert_eq!(answer["object"]["actor"], person.id);
        }
    }
}

fn read_mails(directory: &Path) -> Vec<String> {
    let paths = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

/// Lets the workers work until this holds.
async fn until(holds: impl Fn() -> bool) {
    let watching = async {
        while !holds() {
            task::yield_now().await;
        }
    };
    let seen = timeout(Duration::from_secs(20), watching).await;
    seen.expect("the workers did not do it");
}

/// A SQLite file has one server: what the one before had taken is nobody's.
#[tokio::test]
async fn on_sqlite_the_next_process_takes_up_the_work_at_once() {
    let story = Story::killed_at_work(Engine::Sqlite).await;
    let (_, running) = story.lyon.start_after_kill().await;
    story.everything_leaves().await;
    running.stop().await;
}

/// Another server may be at it: its lease is respected, and runs out by itself.
#[tokio::test]
async fn on_postgres_the_next_process_waits_for_the_lease_of_the_other() {
    if !is_available(Engine::Postgres) {
        return;
    }
    let story = Story::killed_at_work(Engine::Postgres).await;
    story.write_to("dominique@example.org").await;
    let (app, running) = story.lyon.start_after_kill().await;
    // the mail to Camille is older: it would have left first
    until(|| !story.mails().is_empty()).await;
    assert!(story.mails()[0].contains("To: dominique@example.org"));
    assert_eq!(story.mails().len(), 1);
    assert_eq!(story.answers_to(&story.alice), [] as [Value; 0]);
    for mail in fs::read_dir(story.lyon.data_dir().join("mails")).unwrap() {
        fs::remove_file(mail.unwrap().path()).unwrap();
    }
    app.clock().advance(LATER);
    story.everything_leaves().await;
    running.stop().await;
}
