//! Organisations: their form, their members, their verification.

use emancipasso::{
    app::{
        Who,
        accounts::{self, NewAccount},
    },
    domain::account::Role,
};

use crate::support::{Browser, Engine, Instance, Page};

const NEW: &str = "/compte/organisations/nouvelle";

/// Adds an association of Lyon.
async fn add(browser: &Browser, name: &str) -> Page {
    let form = browser.get(&format!("{NEW}?type=association")).await;
    let typed = [
        ("name", name),
        ("legal_form", "association-1901"),
        ("postal_code", "69001"),
    ];
    let answer = browser.submit(&form, NEW, &typed).await;
    browser.follow(answer).await
}

async fn moderator_of(instance: &Instance) -> Browser {
    let account = NewAccount {
        email: "dominique@asso.example",
        name: "Dominique",
        role: Role::Moderator,
        locale: "fr",
    };
    let made = accounts::create(&instance.app, &Who::System, account).await;
    let made = made.unwrap();
    instance.signed_in(&made.email, &made.name).await
}

/// The path of the last link to an invitation sent by mail.
async fn invitation_path(instance: &Instance) -> String {
    let mails = instance.mails().await;
    let text = &mails.last().unwrap().text;
    let (_, rest) = text.split_once("/invitation?").unwrap();
    format!("/invitation?{}", rest.split_whitespace().next().unwrap())
}

on_both_engines! {
    async fn an_association_is_added_after_mistakes_and_nothing_typed_is_lost(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in("camille@asso.example", "Camille").await;

        let question = browser.get(NEW).await;
        assert_eq!(question.attributes("input[name=type]", "value"), ["association", "structure"]);
        assert_eq!(browser.get(&format!("{NEW}?type=")).await.status, 422);

        let form = browser.get(&format!("{NEW}?type=association")).await;
        assert!(form.has("div[hidden] select[name=commune]"), "no postal code yet");
        let typed = [
            ("name", "Les Amis du vélo"),
            ("legal_form", "association-1901"),
            ("postal_code", "01400"),
            ("rna", "W12"),
        ];
        let refused = browser.submit(&form, NEW, &typed).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("input[name=name]", "value"), ["Les Amis du vélo"]);
        assert_eq!(refused.attributes("input[name=rna]", "value"), ["W12"]);
        assert_eq!(
            refused.attributes("#error-summary a", "href"),
            ["#rna", "#commune"]
        );
        assert!(!refused.has("div[hidden] select[name=commune]"));
        let communes = refused.attributes("select[name=commune] option", "value");
        assert!(communes.len() > 2, "{communes:?}");

        let corrected = [("rna", "W011234567"), ("commune", communes[1].as_str())];
        let saved = browser.submit(&refused, NEW, &corrected).await;
        assert_eq!(saved.status, 303);
        assert_eq!(saved.location(), "/compte/organisations/les-amis-du-velo");
        let desk = browser.follow(saved).await;
        assert_eq!(desk.text("h1"), "Les Amis du vélo");
        assert!(desk.html.contains("seul·e à administrer"));
        assert!(desk.html.contains("W011234567"));
        let links = browser.get("/compte").await.attributes("main a", "href");
        assert!(links.contains(&"/compte/organisations/les-amis-du-velo".to_owned()));
    }

    async fn a_member_joins_by_mail_and_the_last_administrator_cannot_leave(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in("camille@asso.example", "Camille").await;
        add(&browser, "Les Amis").await;
        let members = "/compte/organisations/les-amis/membres";

        let page = browser.get(members).await;
        let wrong = browser.submit(&page, members, &[("email", "sacha")]).await;
        assert_eq!(wrong.status, 422);
        assert_eq!(wrong.attributes("input[name=email]", "value"), ["sacha"]);
        let email = [("email", "sacha@asso.example")];
        let sent = browser.submit(&wrong, members, &email).await;
        let page = browser.follow(sent).await;
        assert!(page.html.contains("sacha@asso.example"));

        let leave = page.attributes("form[action$='/retrait']", "action").remove(0);
        let stays = browser.submit(&page, &leave, &[]).await;
        let page = browser.follow(stays).await;
        assert!(page.text(".callout.problem").contains("au moins une personne"));

        let path = invitation_path(&instance).await;
        let newcomer = instance.browser();
        let invitation = newcomer.get(&path).await;
        assert_eq!(invitation.text("h1"), "Rejoindre Les Amis");
        let nameless = newcomer.submit(&invitation, "/invitation", &[]).await;
        assert_eq!(nameless.status, 422);
        let joined = newcomer.submit(&nameless, "/invitation", &[("name", "Sacha")]).await;
        let desk = newcomer.follow(joined).await;
        assert_eq!(desk.text("h1"), "Les Amis");
        assert_eq!(newcomer.get(&path).await.status, 404, "the link works once");
        // an editor manages nobody
        let page = newcomer.get(members).await;
        assert!(!page.has("input[name=email]"));
        assert_eq!(newcomer.get("/compte/organisations/les-amis/modifier").await.status, 403);
    }

    async fn a_moderator_verifies_and_the_public_page_says_how(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in("camille@asso.example", "Camille").await;
        add(&browser, "Les Amis").await;
        let reader = instance.browser();
        assert_eq!(reader.get("/organisations/les-amis").await.status, 404);
        assert_eq!(browser.get("/moderation/organisations").await.status, 403);

        let moderator = moderator_of(&instance).await;
        let queue = moderator.get("/moderation/organisations").await;
        let link = queue.attributes("main li h2 a", "href").remove(0);
        let page = moderator.get(&link).await;
        let verify = format!("{link}/verification");
        assert_eq!(moderator.submit(&page, &verify, &[]).await.status, 422);
        let done = moderator.submit(&page, &verify, &[("method", "website")]).await;
        let page = moderator.follow(done).await;
        assert!(instance.mails().await.last().unwrap().subject.contains("Les Amis"));

        let seen = reader.get("/organisations/les-amis").await;
        assert_eq!(seen.status, 200);
        assert_eq!(seen.text(".badge"), "Organisation vérifiée");
        assert!(seen.text(".facts").contains("par un courriel au nom de son site"));
        assert!(seen.header("set-cookie").is_empty());

        let withdraw = format!("{verify}/retrait");
        let mute = moderator.submit(&page, &withdraw, &[]).await;
        assert_eq!(mute.status, 422);
        let motive = [("motive", "Le récépissé est celui d’une autre.")];
        assert_eq!(moderator.submit(&mute, &withdraw, &motive).await.status, 303);
        assert_eq!(reader.get("/organisations/les-amis").await.status, 404);
        let mails = instance.mails().await;
        let told = mails.last().unwrap();
        assert_eq!(told.to, "camille@asso.example");
        assert!(told.text.contains("> Le récépissé est celui d’une autre."), "{}", told.text);
        assert!(told.text.contains("contact@lyon.test"));
        let (_, link) = told.text.split_once("http://lyon.test/compte/").unwrap();
        let desk = format!("/compte/{}", link.split_whitespace().next().unwrap());
        assert_eq!(browser.get(&desk).await.status, 200);
    }
}

#[tokio::test]
async fn communes_are_proposed_by_postal_code_and_by_name() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let browser = instance.browser();
    let names = async |typed: &str| -> Vec<String> {
        let answer = browser.get(&format!("/communes?q={typed}")).await;
        let found: Vec<serde_json::Value> = serde_json::from_str(&answer.html).unwrap();
        let name = |it: &serde_json::Value| it["name"].as_str().unwrap().to_owned();
        found.iter().map(name).collect()
    };
    assert_eq!(names("69001").await, ["Lyon"]);
    assert_eq!(names("saint%20etienne").await[0], "Saint-Étienne");
    assert!(names("").await.is_empty());
    assert!(names("%00%F0%9F%99%82").await.is_empty());
}
