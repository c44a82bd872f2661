//! What the site says of itself.

use chrono::{DateTime, TimeDelta, Utc};
use emancipasso::{
    jobs::{mails, timers},
    mail::{Sender, Transport},
};

use crate::support::{Engine, Instance, Page};

/// The numbers that a line of the privacy page gives, in the order they are written.
fn durations(page: &Page, data: &str) -> Vec<i64> {
    let lines = page.texts("tbody tr");
    let line = lines.iter().find(|line| line.contains(data)).unwrap();
    line.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().unwrap())
        .collect()
}

/// Sets the clock just before an instant, where nothing is deleted, then after it; gives how many
/// rows are.
async fn deleted_at(instance: &Instance, instant: DateTime<Utc>) -> u64 {
    instance.advance(instant - instance.app.now());
    assert_eq!(timers::run_once(&instance.app).await.unwrap(), 0);
    instance.advance(TimeDelta::seconds(1));
    u64::try_from(timers::run_once(&instance.app).await.unwrap()).unwrap()
}

on_both_engines! {
    async fn what_the_privacy_page_says_of_durations_is_what_happens(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.browser();
        let page = browser.get("/vie-privee").await;
        let camille = [("email", "camille@asso.example")];
        assert_eq!(browser.post_form("/connexion", &camille).await.status, 303);
        let asked = instance.app.now();
        let sender = Sender::new("Annonces", "annonces@lyon.test", "lyon.test").unwrap();
        let transport = Transport::files(instance.data_dir().join("mails"), sender);
        assert_eq!(mails::run_once(&instance.app, &transport).await.unwrap(), 1);

        let link = durations(&page, "liens de connexion");
        let over = asked + TimeDelta::minutes(link[0]) + TimeDelta::days(link[1]);
        assert_eq!(deleted_at(&instance, over).await, 1);
        let mail = durations(&page, "courriels envoyés");
        assert_eq!(deleted_at(&instance, asked + TimeDelta::days(mail[0])).await, 1);

        let signed_in = instance.signed_in("camille@asso.example", "Camille").await;
        let session = TimeDelta::days(durations(&page, "Votre session")[0]);
        for _ in 0..2 {
            instance.advance(session - TimeDelta::seconds(1));
            assert_eq!(signed_in.get("/compte").await.status, 200, "a visit prolongs it");
        }
        instance.advance(session);
        assert_eq!(signed_in.get("/compte").await.status, 303);
    }
}

const PAGES: [&str; 4] = [
    "/moderation",
    "/mentions-legales",
    "/vie-privee",
    "/accessibilite",
];

#[tokio::test]
async fn without_address_of_contact_people_are_led_to_the_form_of_reports() {
    let silent = |settings: &mut emancipasso::config::Settings| {
        settings.instance.contact_email = String::new();
    };
    let instance = Instance::start_with(Engine::Sqlite, "lyon.test", silent).await;
    let browser = instance.browser();
    for path in PAGES {
        let page = browser.get(path).await;
        assert!(!page.html.contains("mailto:"), "{path}");
        let links = page.attributes("main a[href^='/signaler']", "href");
        assert!(!links.is_empty(), "{path}");
        for link in links {
            let form = browser.get(&link).await;
            assert_eq!(form.status, 200, "{path}: {link}");
            assert!(form.has("form[action='/signaler'] textarea"));
        }
    }
}

#[tokio::test]
async fn the_address_of_contact_is_given_where_people_need_it() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    for path in PAGES {
        let page = instance.browser().get(path).await;
        assert!(
            page.has("main a[href='mailto:contact@lyon.test']"),
            "{path}"
        );
        assert!(!page.has("main a[href^='/signaler']"), "{path}");
    }
}
