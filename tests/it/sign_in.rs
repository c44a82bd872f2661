//! Signing in and out.

use chrono::TimeDelta;
use reqwest::{Method, header::SET_COOKIE};

use crate::support::{Browser, Engine, Instance, Page};

const CAMILLE: &str = "camille@asso.example";

/// The link of the last mail to an address.
async fn last_link(instance: &Instance, email: &str) -> String {
    let mails = instance.mails().await;
    let mail = mails.iter().rev().find(|mail| mail.to == email).unwrap();
    let start = mail.text.find("http://lyon.test/connexion/lien?").unwrap();
    let link = mail.text[start..].split_whitespace().next().unwrap();
    link.to_owned()
}

async fn ask_link(instance: &Instance, browser: &Browser, email: &str) -> String {
    let asked = browser.post_form("/connexion", &[("email", email)]).await;
    assert_eq!(
        asked.location(),
        "/connexion/message-envoye",
        "{}",
        asked.html
    );
    last_link(instance, email).await
}

/// The words of the message that a page shows once.
fn flash(page: &Page) -> String {
    page.text("#flash")
}

on_both_engines! {
    async fn a_new_address_gets_an_account_at_the_first_use_of_its_link(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.browser();
        let asked = browser
            .post_form("/inscription", &[("behalf", "association"), ("email", " Camille@Asso.example ")])
            .await;
        let sent = browser.follow(asked).await;
        assert!(flash(&sent).contains("Camille@asso.example"));

        let page = browser.visit(&last_link(&instance, "Camille@asso.example").await).await;
        assert_eq!(page.text("h1"), "Créer mon compte");
        assert!(!page.has("input[name=behalf]"), "it was said before");
        let refused = browser.submit(&page, "/connexion/lien", &[("name", " ")]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("input[name=name]", "aria-invalid"), ["true"]);
        let done = browser.submit(&refused, "/connexion/lien", &[("name", "Camille Petit")]).await;
        assert_eq!(done.location(), "/compte/organisations/nouvelle?type=association");
        let space = browser.visit("/compte").await;
        assert_eq!(flash(&space), "Bonjour Camille Petit, vous voilà connecté·e.");
        assert!(browser.get("/compte").await.texts("#flash").concat().is_empty(), "shown once");
    }

    async fn a_link_signs_in_once_and_never_again(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in(CAMILLE, "Camille").await;
        let link = ask_link(&instance, &instance.browser(), CAMILLE).await;
        let other = instance.browser();
        // what a scanner of mails does
        for _ in 0..2 {
            assert_eq!(other.get(&link).await.status, 200);
        }
        let page = other.get(&link).await;
        let confirmed = [("confirmation", "on")];
        let done = other.submit(&page, "/connexion/lien", &confirmed).await;
        assert_eq!(done.location(), "/compte");
        let again = instance.browser();
        let over = again.get(&link).await;
        assert_eq!((over.status, over.text("h1").as_str()), (410, "Ce lien ne sert plus"));
        let fields = [("jeton", link.split('=').next_back().unwrap()), ("confirmation", "on")];
        let form = again.get("/connexion").await.form("/connexion");
        let csrf = form.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
        let forced = again.post("/connexion/lien", &[fields[0], fields[1], ("csrf", &csrf)]).await;
        assert_eq!(forced.status, 410);
        assert_eq!(again.cookie("session"), None);
        assert_eq!(browser.get("/compte").await.status, 200, "another browser is not disturbed");
    }

    async fn a_link_is_too_old_after_a_quarter_of_an_hour(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.browser();
        let link = ask_link(&instance, &browser, CAMILLE).await;
        instance.advance(TimeDelta::minutes(14));
        assert_eq!(browser.get(&link).await.status, 200);
        instance.advance(TimeDelta::minutes(2));
        assert_eq!(browser.get(&link).await.status, 410);
    }

    async fn another_browser_must_confirm_that_its_reader_asked(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        instance.signed_in(CAMILLE, "Camille").await;
        let link = ask_link(&instance, &instance.browser(), CAMILLE).await;
        let other = instance.browser();
        let page = other.get(&link).await;
        assert_eq!(page.text(".callout-title"), "Est-ce bien vous ?");
        let refused = other.submit(&page, "/connexion/lien", &[]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(other.cookie("session"), None);
        let done = other.submit(&refused, "/connexion/lien", &[("confirmation", "on")]).await;
        assert_eq!(done.location(), "/compte");
    }

    async fn a_session_ends_after_thirty_days_without_a_visit(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in(CAMILLE, "Camille").await;
        for _ in 0..3 {
            instance.advance(TimeDelta::days(29));
            assert_eq!(browser.get("/compte").await.status, 200);
        }
        instance.advance(TimeDelta::days(31));
        assert_eq!(browser.get("/compte").await.location(), "/connexion?suite=%2Fcompte");
    }

    async fn a_session_that_its_owner_ends_stops_working_everywhere(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let here = instance.signed_in(CAMILLE, "Camille").await;
        let phone = instance.signed_in(CAMILLE, "Camille").await;
        let laptop = instance.signed_in(CAMILLE, "Camille").await;
        let stranger = instance.signed_in("sacha@asso.example", "Sacha").await;

        let page = here.get("/compte/sessions").await;
        let actions = page.attributes("main form[action^='/compte/sessions/']", "action");
        let one = actions.iter().find(|action| !action.ends_with("autres")).unwrap();
        let theirs = stranger.get("/compte/sessions").await;
        let csrf = theirs.attributes("input[name=csrf]", "value").remove(0);
        let stolen = stranger.post(one, &[("csrf", &csrf)]).await;
        assert_eq!(stolen.status, 404, "nobody ends the session of somebody else");

        let ended = here.submit(&page, one, &[]).await;
        assert_eq!(ended.location(), "/compte/sessions");
        let alive = [phone.get("/compte").await.status, laptop.get("/compte").await.status];
        assert_eq!(alive.iter().filter(|status| **status == 200).count(), 1);

        let page = here.get("/compte/sessions").await;
        here.submit(&page, "/compte/sessions/autres", &[]).await;
        for gone in [phone, laptop] {
            assert_eq!(gone.get("/compte").await.status, 303);
        }
        assert_eq!(here.get("/compte").await.status, 200);
        assert_eq!(stranger.get("/compte").await.status, 200);
    }

    async fn signing_out_ends_the_session_and_not_only_its_cookie(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in(CAMILLE, "Camille").await;
        let token = browser.cookie("session").unwrap();
        let page = browser.get("/compte").await;
        let out = browser.submit(&page, "/deconnexion", &[]).await;
        assert_eq!(out.location(), "/");
        assert_eq!(browser.cookie("session"), None);
        browser.set_cookie("session", Some(&token));
        assert_eq!(browser.get("/compte").await.status, 303);
    }

    async fn a_password_signs_in_and_its_change_signs_the_others_out(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let here = instance.signed_in(CAMILLE, "Camille").await;
        let phone = instance.signed_in(CAMILLE, "Camille").await;
        let new = [("password_new", "trois petits chats"), ("password_again", "trois petits chats")];
        let saved = here.post_form("/compte/mot-de-passe", &new).await;
        assert_eq!(saved.location(), "/compte/mot-de-passe", "{}", saved.html);
        assert_eq!(phone.get("/compte").await.status, 303);

        let browser = instance.browser();
        let wrong = browser
            .post_form("/connexion", &[("email", CAMILLE), ("password", "quatre gros chiens")])
            .await;
        assert_eq!(wrong.status, 422);
        let unknown = instance.browser()
            .post_form("/connexion", &[("email", "x@asso.example"), ("password", "quatre gros chiens")])
            .await;
        assert_eq!(wrong.texts(".error"), unknown.texts(".error"), "nothing tells who is known");
        let right = browser
            .post_form("/connexion?suite=/annonces", &[("email", CAMILLE), ("password", "trois petits chats")])
            .await;
        assert_eq!(right.location(), "/annonces");

        instance.advance(TimeDelta::minutes(16));
        let refused = here.post_form("/compte/mot-de-passe", &[
            ("password_current", "faux"),
            ("password_new", "un autre mot de passe"),
            ("password_again", "un autre mot de passe"),
        ]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("[aria-invalid]", "name"), ["password_current"]);
    }
}

async fn start() -> (Instance, Browser) {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let browser = instance.browser();
    (instance, browser)
}

#[tokio::test]
async fn reading_gives_no_cookie_and_a_form_gives_one() {
    let (_instance, browser) = start().await;
    browser.get("/absent").await;
    assert!(browser.cookie_names().is_empty());
    let page = browser.get("/connexion").await;
    assert_eq!(browser.cookie_names(), ["form"]);
    assert!(!page.form("/connexion").is_empty());
}

#[tokio::test]
async fn over_tls_cookies_are_bound_to_our_host_and_out_of_reach_of_scripts() {
    let instance = Instance::start_with(Engine::Sqlite, "lyon.test", |settings| {
        settings.public_url = "https://lyon.test".into();
    })
    .await;
    // the proxy in front of it speaks TLS
    let browser = Browser::new("http://lyon.test", &instance.names());
    let page = browser.get("/connexion").await;
    let line = page.header(SET_COOKIE.as_str());
    assert!(line.starts_with("__Host-form="), "{line}");
    for flag in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(line.contains(flag), "{line}");
    }
    assert!(!line.contains("Domain"), "{line}");
}

#[tokio::test]
async fn the_answer_is_the_same_whether_or_not_an_address_is_known() {
    let (instance, _) = start().await;
    instance.signed_in(CAMILLE, "Camille").await;
    let mut answers = Vec::new();
    for email in [CAMILLE, "nobody@asso.example"] {
        let browser = instance.browser();
        let asked = browser.post_form("/connexion", &[("email", email)]).await;
        let page = browser.follow(asked).await;
        answers.push(page.text("main"));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn an_address_that_cannot_be_one_is_explained_and_kept() {
    let (instance, browser) = start().await;
    let page = browser
        .post_form("/connexion", &[("email", "camille@asso")])
        .await;
    assert_eq!(page.status, 422);
    assert!(
        page.text("title").starts_with("Erreur"),
        "{}",
        page.text("title")
    );
    assert_eq!(
        page.attributes("input[name=email]", "value"),
        ["camille@asso"]
    );
    assert!(instance.mails().await.is_empty());
}

#[tokio::test]
async fn signing_in_leads_back_to_the_page_that_needed_it_and_nowhere_else() {
    let (instance, browser) = start().await;
    instance.signed_in(CAMILLE, "Camille").await;
    let wanted = browser.get("/compte/cles").await;
    assert_eq!(wanted.location(), "/connexion?suite=%2Fcompte%2Fcles");
    let asked = browser
        .post_form(wanted.location(), &[("email", CAMILLE)])
        .await;
    assert_eq!(asked.status, 303);
    let page = browser.get(&last_link(&instance, CAMILLE).await).await;
    let done = browser.submit(&page, "/connexion/lien", &[]).await;
    assert_eq!(done.location(), "/compte/cles");

    for evil in [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "/%09/evil.test",
    ] {
        let browser = instance.browser();
        let page = browser.get("/connexion").await;
        browser
            .submit(&page, "/connexion", &[("email", CAMILLE), ("suite", evil)])
            .await;
        let page = browser.get(&last_link(&instance, CAMILLE).await).await;
        let done = browser.submit(&page, "/connexion/lien", &[]).await;
        let target = done.location();
        assert!(
            target == "/compte" || target == "/%09/evil.test",
            "{evil} → {target}"
        );
        instance.advance(TimeDelta::hours(1));
    }
}

#[tokio::test]
async fn a_form_without_its_token_is_shown_again_with_what_was_typed() {
    let (instance, browser) = start().await;
    let stale = browser
        .post("/connexion", &[("email", CAMILLE), ("csrf", "x.y")])
        .await;
    assert_eq!(stale.status, 403);
    assert!(instance.mails().await.is_empty(), "nothing was done");
    let sent = browser.submit(&stale, "/connexion", &[]).await;
    assert_eq!(sent.location(), "/connexion/message-envoye");
    assert_eq!(instance.mails().await.len(), 1);
}

#[tokio::test]
async fn a_form_of_another_browser_is_refused() {
    let (instance, browser) = start().await;
    let theirs = instance
        .browser()
        .get("/connexion")
        .await
        .form("/connexion");
    browser.get("/connexion").await;
    let refused = browser.post("/connexion", &theirs).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn the_token_of_a_form_never_comes_twice() {
    let (_instance, browser) = start().await;
    let tokens: Vec<_> = [
        browser.get("/connexion").await,
        browser.get("/connexion").await,
    ]
    .iter()
    .map(|page| page.attributes("main input[name=csrf]", "value").remove(0))
    .collect();
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn an_oversized_form_is_refused_with_a_page() {
    let (_instance, browser) = start().await;
    let page = browser
        .post("/connexion", &[("email", "a".repeat(300_000))])
        .await;
    assert_eq!(
        (page.status, page.text("h1").as_str()),
        (413, "Texte trop long")
    );
}

#[tokio::test]
async fn the_sixth_link_in_an_hour_waits() {
    let (instance, browser) = start().await;
    for _ in 0..5 {
        ask_link(&instance, &browser, CAMILLE).await;
    }
    let refused = browser
        .post_form("/connexion", &[("email", "CAMILLE@asso.example")])
        .await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), "720");
    assert_eq!(refused.text("h1"), "Un peu de patience");
    ask_link(&instance, &browser, "sacha@asso.example").await;
    instance.advance(TimeDelta::minutes(12));
    ask_link(&instance, &browser, CAMILLE).await;
}

#[tokio::test]
async fn one_computer_asks_for_twenty_links_an_hour() {
    let (instance, browser) = start().await;
    let page = browser.get("/connexion").await;
    let ask = async |number: usize, client: &str| {
        let mut fields = page.form("/connexion");
        fields.retain(|(name, _)| name != "email");
        fields.push(("email".into(), format!("a{number}@asso.example")));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = browser
            .request(Method::POST, "/connexion")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-for", format!("192.0.2.250, {client}"))
            .body(body);
        browser.send(request).await.status
    };
    for number in 0..20 {
        assert_eq!(ask(number, "203.0.113.9").await, 303);
    }
    assert_eq!(ask(20, "203.0.113.9").await, 429);
    assert_eq!(
        ask(21, "203.0.113.10").await,
        303,
        "another computer is not held back"
    );
    drop(instance);
}

#[tokio::test]
async fn the_eleventh_password_waits() {
    let (_instance, browser) = start().await;
    let typed = [("email", CAMILLE), ("password", "au hasard, encore")];
    for _ in 0..10 {
        assert_eq!(browser.post_form("/connexion", &typed).await.status, 422);
    }
    assert_eq!(browser.post_form("/connexion", &typed).await.status, 429);
}

#[tokio::test]
async fn a_page_of_the_account_is_not_for_strangers() {
    let (_instance, browser) = start().await;
    for path in [
        "/compte",
        "/compte/profil",
        "/compte/mot-de-passe",
        "/compte/sessions",
        "/compte/cles",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 303, "{path}");
        assert!(page.location().starts_with("/connexion?suite="), "{path}");
    }
}
