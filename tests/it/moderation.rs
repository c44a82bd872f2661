//! What moderators see and decide.

use emancipasso::{
    app::ads::{publication, writing},
    domain::{account::Role, ad::AdInput},
};
use reqwest::Method;

use serde_json::json;

use crate::support::{
    Engine, Instance, Stage,
    users::{User, complete},
};

on_both_engines! {
    async fn the_facts_needed_to_decide_are_on_one_page(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let camille = User::enter(&instance, "camille@asso.example", Role::Member).await;
        let dominique = User::enter(&instance, "dominique@lyon.test", Role::Moderator).await;
        let velo = camille.add_association(&instance, "Les Ami·es du vélo").await;
        camille.publish(&instance, &velo, &dominique).await;
        let input = AdInput {
            title: "Le même agenda, encore une fois".into(),
            ..complete()
        };
        let copy = writing::create(&instance.app, &camille.who, velo.id, &input).await.unwrap();
        publication::submit(&instance.app, &camille.who, copy, "").await.unwrap();
        let linked = AdInput {
            title: "Un agenda, avec des liens".into(),
            need: "Voyez [ceci](https://evil.example/a), https://site.example et rien d’autre.".into(),
            ticket_url: "https://forge.example/tickets/12".into(),
            ..complete()
        };
        let other = User::enter(&instance, "sacha@autre.example", Role::Member).await;
        let chorale = other.add_association(&instance, "Chorale des Canuts").await;
        let links = writing::create(&instance.app, &other.who, chorale.id, &linked).await.unwrap();
        publication::submit(&instance.app, &other.who, links, "").await.unwrap();

        let queue = dominique.browser.get("/moderation/file").await;
        assert_eq!(queue.texts(".rows h3"), [input.title.as_str(), linked.title.as_str()]);
        assert!(queue.text(".drop a[href='/moderation/file']").contains('2'), "the menu counts them");

        let file = dominique.browser.get(&format!("/moderation/annonces/{copy}")).await;
        assert!(file.text("aside").contains("1 annonce déjà publiée"));
        assert!(file.text("aside").contains("camille"));
        let copies = file.texts("[aria-labelledby=copies] a");
        assert_eq!(copies, [format!("{} – {}", complete().title, velo.name)]);
        let file = dominique.browser.get(&format!("/moderation/annonces/{links}")).await;
        let hosts = file.texts("[aria-labelledby=liens] strong");
        assert_eq!(hosts, ["evil.example", "forge.example", "site.example"]);
        assert!(!file.has("[aria-labelledby=copies] a"));

        for path in ["/moderation/file".to_owned(), format!("/moderation/annonces/{copy}")] {
            assert_eq!(camille.browser.get(&path).await.status, 403);
            assert!(instance.browser().get(&path).await.location().starts_with("/connexion"));
        }
        let foreign = camille.form_token().await;
        for action in [&format!("/moderation/annonces/{copy}"), "/moderation/reponses/1", "/moderation/signalements/1"] {
            let sent = [("csrf", foreign.as_str()), ("decision", "approve")];
            let answer = dominique.browser.post(action, &sent).await;
            assert_eq!(answer.text("h1"), "Confirmez l’envoi de ce formulaire", "{action}");
        }
    }

    async fn a_moderator_never_decides_for_their_own_organisation(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let dominique = User::enter(&instance, "dominique@lyon.test", Role::Moderator).await;
        let velo = dominique.add_association(&instance, "Les Ami·es du vélo").await;
        let id = dominique.draft(&instance, &velo).await;
        publication::submit(&instance.app, &dominique.who, id, "").await.unwrap();
        let path = format!("/moderation/annonces/{id}");
        let file = dominique.browser.get(&path).await;
        assert!(file.text(".callout.warning").contains("une autre personne"));
        assert!(!file.has(&format!("form[action='{path}']")));
        let csrf = file.attributes("input[name=csrf]", "value").remove(0);
        let approve = [("csrf", csrf.as_str()), ("decision", "approve")];
        assert_eq!(dominique.browser.post(&path, &approve).await.status, 403);
    }

    async fn notices_are_stopped_by_their_link_alone(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let camille = User::enter(&instance, "camille@asso.example", Role::Member).await;
        User::enter(&instance, "dominique@lyon.test", Role::Moderator).await;
        let velo = camille.add_association(&instance, "Les Ami·es du vélo").await;
        let id = camille.draft(&instance, &velo).await;
        publication::submit(&instance.app, &camille.who, id, "").await.unwrap();
        let mut told = instance.mails().await.into_iter().filter_map(|mail| mail.list_unsubscribe);
        let link = told.next_back().unwrap().to_string();

        let reader = instance.browser();
        let page = reader.get(&link).await;
        assert_eq!(page.status, 200);
        assert!(reader.cookie_names().is_empty(), "asking sets no cookie");
        let count = instance.mails().await.len();
        // as mail software sends it: no cookie, no origin, no token (RFC 8058)
        let request = reader.request(Method::POST, &link);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click");
        assert_eq!(reader.send(request).await.status, 200);

        let second = camille.draft(&instance, &velo).await;
        publication::submit(&instance.app, &camille.who, second, "").await.unwrap();
        assert_eq!(instance.mails().await.len(), count, "the only moderator is told nothing more");
        let forged = link.replace(char::is_numeric, "1");
        assert_eq!(reader.get(&forged).await.status, 404);
    }

    async fn a_reply_waits_until_somebody_of_the_organisation_accepts_it(engine: Engine) {
        let stage = Stage::set(engine).await;
        let (alice, note) = (&stage.alice, stage.note().await);
        for (number, words) in [(1, "<p>Nous aussi !</p>"), (2, "<p>Achetez mes <b>montres</b></p>")] {
            let reply = alice.note(number, &note, words);
            let mut create = alice.activity("Create", number, reply.clone());
            create["to"] = reply["to"].clone();
            create["cc"] = reply["cc"].clone();
            stage.receive(alice, &create).await;
        }
        let camille = stage.lyon.signed_in("camille@lyon.test", "camille").await;
        let path = format!("/compte/annonces/{}/reponses", stage.ad().await.ad.id);
        let page = camille.get(&path).await;
        assert_eq!(page.texts(".comment .prose"), ["Nous aussi !", "Achetez mes montres"]);
        assert!(page.text(".comment .origin").contains("depuis social.test"));
        assert!(page.text(".drop a[href='/compte']").contains('2'), "the menu counts them");

        let actions = page.attributes(".comment form", "action");
        let accepted = camille.submit(&page, &actions[0], &[("decision", "accept")]).await;
        assert_eq!(accepted.location(), path);
        let queue = stage.lyon.signed_in("moderation@lyon.test", "moderation").await;
        let page = queue.get("/moderation/file").await;
        let action = page.attributes(".comment form", "action").remove(0);
        let refused = queue.submit(&page, &action, &[("decision", "refuse")]).await;
        assert_eq!(refused.location(), "/moderation/file");
        assert_eq!(stage.shown().await, ["<p>Nous aussi !</p>"]);
        assert!(camille.get(&path).await.has(".empty"));

        let sacha = User::enter(&stage.lyon, "sacha@autre.example", Role::Member).await;
        let csrf = sacha.form_token().await;
        let sent = [("csrf", csrf.as_str()), ("decision", "accept")];
        for action in [&actions[1], &action] {
            assert_eq!(sacha.browser.post(action, &sent).await.status, 403, "{action}");
        }
        let page = queue.get("/moderation/file").await;
        let csrf = page.attributes("input[name=csrf]", "value").remove(0);
        let nonsense = [("csrf", csrf.as_str()), ("decision", "burn")];
        assert_eq!(queue.post(&action, &nonsense).await.status, 422);
    }

    async fn a_report_shows_what_it_is_about_and_is_closed_once(engine: Engine) {
        let stage = Stage::set(engine).await;
        let mut flag = stage.alice.activity("Flag", 1, json!([stage.actor().await, stage.note().await]));
        flag["content"] = json!("Ceci est de la publicité.");
        stage.receive(&stage.alice, &flag).await;
        let queue = stage.lyon.signed_in("moderation@lyon.test", "moderation").await;
        let page = queue.get("/moderation/file").await;
        assert_eq!(page.text(".comment h3"), "Signalement venu de social.test");
        assert_eq!(page.text(".comment .prose"), "Ceci est de la publicité.");
        let ad = page.attributes(".comment li a", "href").remove(0);
        assert_eq!(queue.get(&ad).await.text("h1"), stage.ad().await.ad.content.title);

        let action = page.attributes(".comment form", "action").remove(0);
        let closed = queue.submit(&page, &action, &[("verdict", "dismissed")]).await;
        assert!(!queue.follow(closed).await.has(".comment"));
        let again = queue.submit(&page, &action, &[("verdict", "handled")]).await;
        assert_eq!(again.status, 409);
        let sacha = User::enter(&stage.lyon, "sacha@autre.example", Role::Member).await;
        let csrf = sacha.form_token().await;
        let sent = [("csrf", csrf.as_str()), ("verdict", "handled")];
        assert_eq!(sacha.browser.post(&action, &sent).await.status, 403);
    }
}
