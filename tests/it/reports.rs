//! What readers report, without account.

use chrono::TimeDelta;
use emancipasso::{app::reports, domain::account::Role};

use crate::support::{Engine, Instance, people::complete_ad as ad};

const FORM: &str =
    "/signaler?uri=http%3A%2F%2Flyon.test%2Fannonces%2F1-imprimer-des-badges-de-benevoles";
const TYPED: [(&str, &str); 2] = [("reason", "off-topic"), ("text", "Ceci est une publicité.")];

async fn start(engine: Engine) -> Instance {
    let instance = Instance::start(engine, "lyon.test").await;
    let association = instance.association("Les Amis du vélo").await;
    instance
        .publish(&association, &ad("Imprimer des badges de bénévoles"))
        .await;
    instance
}

async fn contents(instance: &Instance) -> Vec<String> {
    let moderator = instance.person("Dominique", Role::Moderator).await;
    let open = reports::list_open(&instance.app, &moderator, None)
        .await
        .unwrap();
    open.into_iter().map(|report| report.content).collect()
}

on_both_engines! {
    async fn a_reader_reports_an_ad_and_moderators_read_it(engine: Engine) {
        let instance = start(engine).await;
        let browser = instance.browser();
        let page = browser.get("/annonces/1-imprimer-des-badges-de-benevoles").await;
        let link = page.attributes(".report a", "href").remove(0);
        assert_eq!(link, FORM);
        let form = browser.get(&link).await;
        assert!(form.text("main").contains("Imprimer des badges de bénévoles"));

        instance.advance(TimeDelta::seconds(20));
        let refused = browser.submit(&form, "/signaler", &[("text", "court")]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.texts("#error-summary li").len(), 2);
        assert_eq!(refused.text("textarea"), "court");

        let sent = browser.submit(&refused, "/signaler", &TYPED).await;
        assert_eq!(sent.location(), "/annonces/1-imprimer-des-badges-de-benevoles");
        let page = browser.follow(sent).await;
        assert!(page.text("#flash").starts_with("Merci"));
        let contents = contents(&instance).await;
        assert_eq!(contents, ["C’est de la publicité, ou hors sujet.\n\nCeci est une publicité."]);
    }
}

#[tokio::test]
async fn a_form_sent_at_once_is_shown_again_with_what_was_typed() {
    let instance = start(Engine::Sqlite).await;
    let browser = instance.browser();
    let form = browser.get(FORM).await;
    let refused = browser.submit(&form, "/signaler", &TYPED).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.text("textarea"), "Ceci est une publicité.");
    instance.advance(TimeDelta::seconds(5));
    let sent = browser.submit(&refused, "/signaler", &[]).await;
    assert_eq!(sent.status, 303);
    assert_eq!(contents(&instance).await.len(), 1);
}

#[tokio::test]
async fn who_fills_the_hidden_field_is_thanked_and_nothing_is_kept() {
    let instance = start(Engine::Sqlite).await;
    let browser = instance.browser();
    let form = browser.get(FORM).await;
    instance.advance(TimeDelta::seconds(20));
    let trapped = [TYPED[0], TYPED[1], ("website", "https://spam.example")];
    let sent = browser.submit(&form, "/signaler", &trapped).await;
    assert_eq!(sent.status, 303);
    assert!(contents(&instance).await.is_empty());
}

#[tokio::test]
async fn only_what_is_shown_here_is_reported_and_not_without_end() {
    let instance = start(Engine::Sqlite).await;
    let browser = instance.browser();
    for uri in [
        "",
        "https%3A%2F%2Fevil.test%2F",
        "http%3A%2F%2Flyon.test%2Fannonces%2F2-autre",
    ] {
        assert_eq!(
            browser.get(&format!("/signaler?uri={uri}")).await.status,
            404,
            "{uri}"
        );
    }
    let form = browser.get(FORM).await;
    instance.advance(TimeDelta::seconds(20));
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(browser.submit(&form, "/signaler", &TYPED).await.status);
    }
    assert_eq!(statuses.pop(), Some(429));
    assert!(statuses.iter().all(|status| *status == 303));
}
