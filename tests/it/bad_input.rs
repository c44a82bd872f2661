//! Bad input at the forms of people: each mistake is named beside its field, and nothing typed is
//! lost. What servers send is in `inbox`, `forged` and `signatures`; expired links and forms of
//! other sites are in `sign_in` and `http`; pictures in `workshop`.

use emancipasso::domain::{account::Role, ad::AdInput};

use crate::support::{
    Engine, Instance,
    users::{User, complete},
};

const NEW: &str = "/compte/annonces/nouvelle";

/// What may be typed into the form of an ad and cannot be kept: the field, and the value.
fn mistakes() -> Vec<(&'static str, String)> {
    vec![
        ("title", "Un agenda ".repeat(40)),
        ("need", "Nous recopions tout à la main. ".repeat(2_000)),
        ("ticket_url", "javascript:alert(1)".into()),
        ("ticket_url", "ftp://forge.example/1".into()),
        ("ticket_url", "file:///etc/passwd".into()),
        ("deadline", "31/02/2027".into()),
        ("deadline", "2027-06-30' OR 1=1 --".into()),
        (
            "hashtags",
            "#un #deux #trois #quatre #cinq #six #sept #huit #neuf #dix #onze".into(),
        ),
    ]
}

on_both_engines! {
    async fn each_mistake_in_an_ad_is_named_and_nothing_typed_is_lost(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let camille = User::enter(&instance, "camille@asso.example", Role::Member).await;
        camille.add_association(&instance, "Les Ami·es du vélo").await;
        let form = camille.browser.get(NEW).await;
        let title = complete().title;
        for (field, value) in mistakes() {
            let mut typed = vec![
                ("kind", "feature"),
                ("title", title.as_str()),
                ("software", "Paheko"),
                (field, value.as_str()),
            ];
            if field == "title" {
                typed.remove(1);
            }
            let refused = camille.browser.submit(&form, NEW, &typed).await;
            assert_eq!(refused.status, 422, "{field}: {value:.40}");
            let named = refused.attributes("#error-summary a", "href");
            assert_eq!(named, [format!("#{field}")], "{value:.40}");
            assert!(refused.has(&format!("#{field}-error")), "{field}: {value:.40}");
            let again = refused.form(NEW);
            for (name, value) in typed {
                let kept = again.iter().any(|(at, kept)| at == name && kept.trim() == value.trim());
                assert!(kept, "{field}: {name} is lost in {again:?}");
            }
        }
    }

    async fn hostile_markup_in_a_need_reaches_no_reader(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let camille = User::enter(&instance, "camille@asso.example", Role::Member).await;
        let dominique = User::enter(&instance, "dominique@lyon.test", Role::Moderator).await;
        let velo = camille.add_association(&instance, "<b onclick=x>Vélo</b>").await;
        let app = &instance.app;
        let input = AdInput {
            title: "<script>alert(1)</script> et \"><img src=x>".into(),
            need: "Bonjour <script>alert(2)</script> <img src=x onerror=alert(3)>\n\n\
                   [oui](javascript:alert(4)) <a href=\"data:text/html,x\" style=\"x\">non</a>\n\n\
                   <iframe src=//evil.example></iframe><svg onload=alert(5)>"
                .into(),
            ..complete()
        };
        let id = emancipasso::app::ads::writing::create(app, &camille.who, velo.id, &input)
            .await
            .unwrap();
        camille.submit_and_approve(&instance, id, &dominique).await;
        let page = instance.browser().visit("/annonces/1").await;
        assert_eq!(page.status, 200);
        assert!(page.text("h1").contains("<script>alert(1)</script>"), "shown as it was typed");
        for harmful in ["main script", "main iframe", "main img", "main svg[onload]", "main [onclick]", "main [onerror]", "main [style]"] {
            assert!(!page.has(harmful), "{harmful}");
        }
        for link in page.attributes("a", "href") {
            let is_harmless = link.starts_with(['/', '#', '?']) || link.starts_with("http");
            assert!(is_harmless || link.starts_with("mailto:"), "{link}");
        }
    }
}

#[tokio::test]
async fn no_address_leads_out_of_the_site_or_makes_it_fail() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let browser = instance.browser();
    for path in [
        "/annonces/..%2F..%2Fsecret.key",
        "/annonces/%00",
        "/annonces/1-%FF%FE",
        "/annonces/99999999999999999999",
        "/annonces/-1",
        "/annonces/1%20OR%201=1",
        "/organisations/..%2Fcompte",
        "/organisations/%27%3B%20DROP%20TABLE%20ads",
        "/static/..%2F..%2Fsecret.key",
        "/federation/..%2Fsecret.key",
        "/.well-known/../secret.key",
        "/%2E%2E/%2E%2E/etc/passwd",
    ] {
        let page = browser.get(path).await;
        assert!(matches!(page.status, 400 | 404), "{path}: {}", page.status);
        assert!(!page.text("h1").is_empty(), "{path}");
    }
    for query in [
        "q=%00",
        "q=%FF",
        "page=-1",
        "apres=%27",
        "departement=../69",
    ] {
        let status = browser.get(&format!("/annonces?{query}")).await.status;
        assert!(
            matches!(status, 200 | 303 | 400 | 404 | 422),
            "{query}: {status}"
        );
    }
}
