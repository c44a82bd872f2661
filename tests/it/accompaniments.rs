//! Accompaniments: declared by one side, confirmed by the other with a link or an account.

use chrono::TimeDelta;
use emancipasso::domain::account::Role;
use reqwest::{Method, header::ORIGIN};

use crate::support::{
    Engine, Instance,
    pacts::{Structure, confirm},
    users::User,
};

const NEW: &str = "/compte/accompagnements/nouveau";
const LINK: &str = "/lien/accompagnement";
const BUREAU: &str = "bureau@velo.example";

async fn start(engine: Engine) -> (Instance, Structure) {
    let instance = Instance::start(engine, "lyon.test").await;
    let structure = Structure::enter(&instance, "Libre Ouest", "libre_ouest").await;
    (instance, structure)
}

on_both_engines! {
    async fn a_wrong_declaration_comes_back_whole_with_both_dates(engine: Engine) {
        let (_instance, structure) = start(engine).await;
        let browser = &structure.user.browser;
        let form = browser.get(NEW).await;
        let typed = [
            ("name", "Les Amis du vélo"),
            ("email", "pas une adresse"),
            ("lines", "migration"),
            ("tools_before", "Google Drive, Gmail"),
            ("started_on", "15/01/2026"),
            ("ended_on", "14/01/2026"),
        ];
        let refused = browser.submit(&form, NEW, &typed).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#ended_on", "#email"]);
        let why = refused.text("#ended_on-error");
        assert!(why.contains("14/01/2026") && why.contains("15/01/2026"), "{why}");
        let kept = refused.form(NEW);
        for (name, value) in typed {
            assert!(kept.contains(&(name.into(), value.into())), "{name}");
        }
    }

    async fn an_association_unknown_here_confirms_without_account(engine: Engine) {
        let (instance, structure) = start(engine).await;
        let declared = structure.declare("Les Amis du vélo", BUREAU).await;
        assert_eq!(declared.status, 303, "{}", declared.html);
        let own = declared.location().to_owned();
        assert_eq!(structure.user.browser.get(&own).await.text(".badge"), "À confirmer");

        let link = instance.link_to(BUREAU, LINK).await;
        let scanner = instance.browser();
        for _ in 0..3 {
            assert_eq!(scanner.get(&link).await.status, 200, "scanners open links");
        }
        assert_eq!(structure.user.browser.get(&own).await.text(".badge"), "À confirmer");

        let monique = instance.browser();
        let page = monique.get(&link).await;
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.text("main").contains("Libre Ouest"));
        let done = confirm(&monique, &link).await;
        assert_eq!(done.status, 303, "{}", done.html);
        assert_eq!(monique.follow(done).await.text(".badge"), "Terminé");
        let again = monique.submit(&page, LINK, &[("action", "confirm")]).await;
        assert_eq!(again.status, 409, "a form sent twice changes nothing more");
        assert_eq!(monique.get(&link).await.text(".badge"), "Terminé", "the link shows the state");
        assert_eq!(structure.user.browser.get(&own).await.text(".badge"), "Terminé");
        instance.link_to(BUREAU, "/lien/recommandation").await;
    }

    async fn an_ongoing_one_is_ended_by_both(engine: Engine) {
        let (instance, structure) = start(engine).await;
        let browser = &structure.user.browser;
        let form = browser.get(NEW).await;
        let typed = [
            ("name", "Chorale"), ("email", BUREAU), ("lines", "support"), ("started_on", "01/02/2026"),
        ];
        let own = browser.submit(&form, NEW, &typed).await.location().to_owned();
        let link = instance.link_to(BUREAU, LINK).await;
        let monique = instance.browser();
        confirm(&monique, &link).await;
        let page = monique.get(&link).await;
        assert_eq!(page.text(".badge"), "En cours");
        let early = [("action", "end"), ("ended_on", "31/01/2026")];
        let refused = monique.submit(&page, LINK, &early).await;
        assert_eq!(refused.status, 422);
        assert!(refused.form(LINK).contains(&("ended_on".into(), "31/01/2026".into())));
        let said = [("ended_on", "01/10/2026")];
        let done = monique.submit(&refused, LINK, &said).await;
        assert_eq!(done.status, 303, "{}", done.html);

        let page = browser.get(&own).await;
        assert!(page.text("main").contains("1ᵉʳ octobre 2026"), "{}", page.text("main"));
        browser.submit(&page, &own, &[]).await;
        assert_eq!(browser.get(&own).await.text(".badge"), "Terminé");
    }

    async fn the_other_side_may_deny_it_and_either_may_give_it_up(engine: Engine) {
        let (instance, structure) = start(engine).await;
        let own = structure.declare("Les Amis du vélo", BUREAU).await.location().to_owned();
        let link = instance.link_to(BUREAU, LINK).await;
        let monique = instance.browser();
        let page = monique.get(&link).await;
        monique.submit(&page, LINK, &[("action", "decline")]).await;
        assert_eq!(monique.get(&link).await.text(".badge"), "Non reconnu");
        let owner = structure.user.browser.get(&own).await;
        assert_eq!(owner.text(".badge"), "Non reconnu");
        let mails = instance.mails().await;
        let told = mails.iter().rev().find(|it| it.to.starts_with("libre_ouest@")).unwrap();
        assert!(told.subject.contains("ne reconnaît pas"), "{}", told.subject);

        let again = structure.declare("Les Amis du vélo", BUREAU).await;
        let own = again.location().to_owned();
        let browser = &structure.user.browser;
        let page = browser.get(&own).await;
        browser.submit(&page, &own, &[("action", "abandon")]).await;
        assert_eq!(browser.get(&own).await.text(".badge"), "Arrêté");
    }

    async fn an_association_declares_and_the_structure_confirms(engine: Engine) {
        let (instance, structure) = start(engine).await;
        let camille = User::enter(&instance, "camille@asso.example", Role::Member).await;
        camille.add_association(&instance, "Chorale des Canuts").await;
        let form = camille.browser.get(NEW).await;
        let typed = [
            ("page", "libre_inconnue"), ("lines", "training-users"),
            ("started_on", "2026-02-01"), ("ended_on", "2026-03-01"), ("is_founding", "on"),
        ];
        let refused = camille.browser.submit(&form, NEW, &typed).await;
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#page"]);
        let right = [("page", "http://lyon.test/structures/libre_ouest")];
        let declared = camille.browser.submit(&refused, NEW, &right).await;
        assert_eq!(declared.status, 303, "{}", declared.html);
        let path = declared.location().to_owned();
        assert_eq!(instance.link_to("libre_ouest@structure.example", &path).await, path);

        let page = structure.user.browser.get(&path).await;
        structure.user.browser.submit(&page, &path, &[("action", "confirm")]).await;
        let page = camille.browser.get(&path).await;
        assert_eq!(page.text(".badge"), "Terminé");
        let twice = camille.browser.submit(&form, NEW, &[typed[1], typed[2], typed[3], right[0]]).await;
        assert_eq!(twice.attributes("#error-summary a", "href"), ["#started_on"]);

        let sacha = User::enter(&instance, "sacha@autre.example", Role::Member).await;
        assert_eq!(sacha.browser.get(&path).await.status, 403);
        let anonymous = instance.browser().get(&path).await;
        assert!(anonymous.location().starts_with("/connexion?suite="));
    }

    async fn nobody_learns_whether_an_address_is_known(engine: Engine) {
        let (instance, structure) = start(engine).await;
        let camille = User::enter(&instance, "camille@asso.example", Role::Member).await;
        camille.add_association(&instance, "Chorale des Canuts").await;
        let browser = &structure.user.browser;
        let words = async |name: &str, email: &str| {
            let declared = structure.declare(name, email).await;
            assert_eq!(declared.status, 303);
            let page = browser.visit(declared.location()).await;
            page.text("main").replace(name, "X")
        };
        let known = words("Chorale des Canuts", "Camille@asso.example").await;
        let unknown = words("Autre chorale", "personne@asso.example").await;
        assert_eq!(known, unknown);
        assert!(!known.contains('@'), "addresses are not shown");
    }

    async fn a_forwarded_a_foreign_and_an_old_link_do_nothing(engine: Engine) {
        let (instance, structure) = start(engine).await;
        structure.declare("Les Amis du vélo", BUREAU).await;
        let link = instance.link_to(BUREAU, LINK).await;

        let theirs = structure.user.browser.get(&link).await;
        assert_eq!(theirs.status, 403, "the structure cannot confirm for the association");

        let monique = instance.browser();
        let page = monique.get(&link).await;
        let mut fields = page.form(LINK);
        fields.push(("action".into(), "confirm".into()));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish();
        let request = monique.request(Method::POST, LINK).header(ORIGIN, "https://ailleurs.example");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(monique.send(request.body(body)).await.status, 403, "another site");
        let stranger = instance.browser();
        let resend = stranger.post(LINK, &fields).await;
        assert_eq!(resend.status, 403, "the form of another browser");
        assert!(resend.html.contains("jeton"), "what was typed comes back: {}", resend.html);

        let token = link.split_once("jeton=").unwrap().1;
        let other = instance.browser().get(&format!("/lien/recommandation?jeton={token}")).await;
        assert_eq!(other.status, 404, "a link has one purpose");
        assert_eq!(instance.browser().get(&format!("{LINK}?jeton=faux")).await.status, 404);

        instance.advance(TimeDelta::days(181));
        let over = monique.get(&link).await;
        assert_eq!(over.status, 410);
        assert!(over.text("main").contains("Sa durée est passée"), "{}", over.html);
        assert_eq!(monique.submit(&page, LINK, &[("action", "confirm")]).await.status, 410);
    }

    async fn the_people_of_an_association_take_it_over_with_the_address_that_was_written_to(engine: Engine) {
        let (instance, structure) = start(engine).await;
        let declared = structure.declare("Les Amis du vélo", BUREAU).await;
        let path = declared.location().to_owned();
        let sacha = User::enter(&instance, "sacha@autre.example", Role::Member).await;
        let list = sacha.browser.get("/compte/accompagnements").await;
        assert!(!list.html.contains("Les Amis du vélo"));
        let monique = User::enter(&instance, BUREAU, Role::Member).await;
        let list = monique.browser.get("/compte/accompagnements").await;
        let action = "/compte/accompagnements/reprise";
        let claimed = monique.browser.submit(&list, action, &[]).await;
        assert_eq!(claimed.location(), "/compte/organisations/les-amis-du-velo/modifier");
        assert_eq!(monique.browser.get(&path).await.status, 200);
        let stolen = list.form(action);
        let stolen: Vec<_> = stolen.into_iter().filter(|(name, _)| name != "csrf").collect();
        let csrf = sacha.form_token().await;
        let mut fields = vec![("csrf".to_owned(), csrf)];
        fields.extend(stolen);
        assert_eq!(sacha.browser.post(action, &fields).await.status, 404);
    }
}
