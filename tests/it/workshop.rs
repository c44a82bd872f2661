//! Where members work on their ads: nothing typed is lost, nobody else gets in.

use chrono::TimeDelta;
use emancipasso::{
    app::{
        AppError,
        ads::{reading, writing},
        sessions,
    },
    domain::{account::Role, ad::AdInput, ids::AdId},
};

use crate::support::{
    Engine, Instance,
    users::{User, complete},
};

const NEW: &str = "/compte/annonces/nouvelle";

/// A one-pixel PNG, as any drawing program writes it.
fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_pixel(40, 30, image::Rgb([200, 120, 40]));
    pixels
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn workshop(id: AdId) -> String {
    format!("/compte/annonces/{id}")
}

/// `lyon.test`, a member of an association, and a moderator.
async fn start(engine: Engine) -> (Instance, User, User) {
    let instance = Instance::start(engine, "lyon.test").await;
    let camille = User::enter(&instance, "camille@asso.example", Role::Member).await;
    let dominique = User::enter(&instance, "dominique@lyon.test", Role::Moderator).await;
    (instance, camille, dominique)
}

on_both_engines! {
    async fn an_ad_is_written_refused_answered_and_published(engine: Engine) {
        let (instance, camille, dominique) = start(engine).await;
        let browser = &camille.browser;
        assert!(browser.get(NEW).await.location().starts_with("/compte/organisations/nouvelle"));
        camille.add_association(&instance, "Les Ami·es du vélo").await;

        let form = browser.get(NEW).await;
        let typed = [
            ("kind", "feature"),
            ("title", "Exporter les adhésions"),
            ("need", "Nous recopions tout à la main.\r\n\r\n- chaque mois"),
            ("software", "Garradin"),
            ("licence", "other"),
            ("licence_other", "CC-BY-NC-4.0"),
            ("deadline", "quand vous voulez"),
        ];
        let refused = browser.submit(&form, NEW, &typed).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text("title").starts_with("Erreur"));
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#licence_other", "#deadline"]);
        assert!(refused.text("#licence_other-error").contains("n’est pas une licence libre"));
        let kept = refused.form(NEW);
        for (name, value) in typed {
            let value = value.replace("\r\n", "\n");
            assert!(kept.contains(&(name.into(), value.clone())), "{name}: {value}");
        }

        let corrected = [("licence", "AGPL-3.0-or-later"), ("licence_other", ""), ("deadline", "31/12/2027")];
        let saved = browser.submit(&refused, NEW, &corrected).await;
        assert_eq!(saved.status, 303, "{}", saved.html);
        let path = saved.location().to_owned();
        let page = browser.follow(saved).await;
        assert_eq!(page.text("h1"), "Exporter les adhésions");
        assert_eq!(page.text(".badge"), "Brouillon");
        assert_eq!(page.texts(".panel .prose li"), ["chaque mois"]);
        assert!(page.html.contains("72 heures"));

        let action = format!("{path}/publication");
        let page = browser.submit(&page, &action, &[]).await;
        let page = browser.follow(page).await;
        assert_eq!(page.text(".badge"), "En relecture");
        assert!(!page.has(&format!("form[action='{action}']")));

        let queue = dominique.browser.get("/moderation/file").await;
        let review = queue.attributes(".rows a", "href").remove(0);
        let file = dominique.browser.get(&review).await;
        let short = dominique.browser.submit_first(&file, &review, &[("decision", "refuse"), ("motive", "non")]).await;
        assert_eq!(short.status, 422);
        assert_eq!(short.attributes("#error-summary a", "href"), ["#motive"]);
        let motive = "Dites qui s’en servirait, s’il vous plaît.";
        let refuse = [("decision", "refuse"), ("motive", motive)];
        let done = dominique.browser.submit_first(&file, &review, &refuse).await;
        assert_eq!(done.location(), "/moderation/file");

        let page = browser.get(&path).await;
        assert_eq!(page.text(".badge"), "À corriger");
        assert!(page.texts(".timeline .prose").contains(&motive.to_owned()));
        assert!(!page.html.contains("dominique"), "authors do not learn who decided");
        browser.submit(&page, &action, &[("answer", "Nos douze salarié·es.")]).await;

        let file = dominique.browser.get(&review).await;
        assert!(file.texts(".timeline .prose").contains(&"Nos douze salarié·es.".to_owned()));
        dominique.browser.submit_first(&file, &review, &[("decision", "approve")]).await;
        let page = browser.get(&path).await;
        assert_eq!(page.text(".badge"), "Ouverte");
        assert!(page.attributes("aside a", "href").iter().any(|href| href.starts_with("/annonces/1-exporter")));
        let again = dominique.browser.submit_first(&file, &review, &[("decision", "approve")]).await;
        assert_eq!(again.status, 409, "two moderators do not decide twice");
    }

    async fn a_step_is_told_and_a_withdrawn_ad_leaves_a_notice(engine: Engine) {
        let (instance, camille, dominique) = start(engine).await;
        let velo = camille.add_association(&instance, "Les Ami·es du vélo").await;
        let id = camille.publish(&instance, &velo, &dominique).await;
        let (browser, path) = (&camille.browser, workshop(id));
        let action = format!("{path}/etapes");

        let page = browser.get(&path).await;
        let kinds = page.attributes(&format!("form[action='{action}'] input[name=kind]"), "value");
        assert_eq!(kinds, ["news", "gathering", "agreed", "in-development", "delivered"]);
        let told = [("kind", "agreed"), ("text", "court"), ("reached_on", "31/12/2030")];
        let refused = browser.submit(&page, &action, &told).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#reached_on", "#text"]);
        assert!(refused.form(&action).contains(&("reached_on".into(), "31/12/2030".into())));
        let told = [("kind", "agreed"), ("text", "Nous sommes trois associations."), ("reached_on", "")];
        let page = browser.submit(&page, &action, &told).await;
        let page = browser.follow(page).await;
        assert_eq!(page.text(".badge"), "Accord trouvé");
        let kinds = page.attributes(&format!("form[action='{action}'] input[name=kind]"), "value");
        assert_eq!(kinds, ["news", "gathering", "in-development", "delivered"]);

        let ask = browser.get(&format!("{path}/retrait")).await;
        assert!(ask.text("main").contains("Son adresse reste"));
        let done = browser.post_form(&format!("{path}/retrait"), &[]).await;
        let page = browser.follow(done).await;
        assert_eq!(page.text(".badge"), "Retirée");
        let shown = reading::show(&instance.app, 1).await;
        assert!(matches!(shown, Err(AppError::Gone { .. })), "its address keeps a dated notice");
        let again = browser.submit(&ask, &format!("{path}/retrait"), &[]).await;
        assert_eq!(again.status, 409);
    }

    async fn an_ad_ends_with_words_that_help_others(engine: Engine) {
        let (instance, camille, dominique) = start(engine).await;
        let velo = camille.add_association(&instance, "Les Ami·es du vélo").await;
        let id = camille.publish(&instance, &velo, &dominique).await;
        let (browser, path) = (&camille.browser, workshop(id));

        instance.advance(TimeDelta::days(20));
        let page = browser.get(&path).await;
        let renewed = browser.submit(&page, &format!("{path}/prolongation"), &[]).await;
        assert!(browser.follow(renewed).await.text("aside .facts").contains("12 juin 2027"));

        let closing = format!("{path}/cloture");
        let refused = browser.post_form(&closing, &[("text", "")]).await;
        assert_eq!(refused.status, 422);
        let closed = browser.submit(&refused, &closing, &[("text", "Personne n’a pu répondre.")]).await;
        assert_eq!(browser.follow(closed).await.text(".badge"), "Close sans résultat");
        let told = [("outcome", "Nous utilisons finalement un tableur libre.")];
        browser.post_form(&format!("{path}/bilan"), &told).await;
        let page = browser.get(&path).await;
        assert!(page.html.contains("un tableur libre"));
        let edit = browser.get(&format!("{path}/modifier")).await;
        let saved = browser.submit(&edit, &format!("{path}/modifier"), &[("title", "Autre chose")]).await;
        assert_eq!(saved.status, 409, "what ended is not rewritten");
    }

    async fn two_members_who_edit_at_once_both_keep_their_words(engine: Engine) {
        let (instance, camille, dominique) = start(engine).await;
        let velo = camille.add_association(&instance, "Les Ami·es du vélo").await;
        let id = camille.publish(&instance, &velo, &dominique).await;
        let action = format!("{}/modifier", workshop(id));
        let form = camille.browser.get(&action).await;
        let theirs = AdInput {
            title: "Un agenda que tous·tes peuvent lire".into(),
            ..complete()
        };
        let version = form.attributes("input[name=version]", "value").remove(0);
        let version = version.parse().unwrap();
        writing::save(&instance.app, &camille.who, id, version, &theirs).await.unwrap();

        let mine = [("title", "Agenda partagé, sur téléphone aussi")];
        let conflict = camille.browser.submit(&form, &action, &mine).await;
        assert_eq!(conflict.status, 409);
        assert_eq!(conflict.text(".changes del"), theirs.title);
        assert_eq!(conflict.text(".changes ins"), mine[0].1);
        assert_eq!(conflict.attributes("input[name=title]", "value"), [mine[0].1]);

        let saved = camille.browser.submit(&conflict, &action, &[]).await;
        assert_eq!(saved.status, 303);
        let history = camille.browser.get(&format!("{}/historique", workshop(id))).await;
        assert_eq!(history.texts("ins"), [mine[0].1, theirs.title.as_str()]);
        assert_eq!(history.texts("del"), [theirs.title.as_str(), complete().title.as_str()]);
    }

    async fn a_picture_is_judged_apart_from_the_words(engine: Engine) {
        let (instance, camille, _) = start(engine).await;
        camille.add_association(&instance, "Les Ami·es du vélo").await;
        let browser = &camille.browser;
        let form = browser.get(NEW).await;
        let typed = [("kind", "software"), ("title", "Un agenda pour nos bénévoles")];

        let hostile = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let refused = camille.upload(&form, NEW, &typed, ("image", hostile)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text("#image-error").contains("SVG"));
        assert!(refused.text(".callout.success").contains("Votre texte est enregistré"));
        let action = refused.attributes("main form", "action").remove(0);
        assert!(action.ends_with("/modifier"), "sending again edits the same draft: {action}");

        let heavy = vec![0; 9 * 1024 * 1024];
        let refused = camille.upload(&refused, &action, &[("alt", "Des vélos")], ("image", &heavy)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text("#image-error").contains("trop lourde"));
        assert_eq!(refused.attributes("input[name=title]", "value"), [typed[1].1]);

        let refused = camille.upload(&refused, &action, &[("alt", "IMG_2034.jpg")], ("image", &picture())).await;
        assert!(refused.text("#alt-error").contains("nom d’un fichier"));
        let saved = camille.upload(&refused, &action, &[("alt", "Des vélos contre un mur")], ("image", &picture())).await;
        assert_eq!(saved.status, 303, "{}", saved.html);
        let page = browser.follow(saved).await;
        assert_eq!(page.attributes(".panel img", "alt"), ["Des vélos contre un mur"]);

        let edit = browser.get(&action).await;
        let saved = browser.submit(&edit, &action, &[("alt", "Deux vélos")]).await;
        let page = browser.follow(saved).await;
        assert_eq!(page.attributes(".panel img", "alt"), ["Deux vélos"]);
        let edit = browser.get(&action).await;
        let saved = browser.submit(&edit, &action, &[("image_remove", "on")]).await;
        assert!(!browser.follow(saved).await.has(".panel img"));
    }

    async fn an_incomplete_draft_is_kept_and_says_what_it_lacks(engine: Engine) {
        let (instance, camille, _) = start(engine).await;
        let velo = camille.add_association(&instance, "Les Ami·es du vélo").await;
        let chorale = camille.add_association(&instance, "Chorale des Canuts").await;
        let browser = &camille.browser;
        let choice = browser.get(NEW).await;
        assert_eq!(choice.texts(".rows a"), [velo.name.as_str(), chorale.name.as_str()]);
        let form = browser.get(&choice.attributes(".rows a", "href")[1]).await;
        let saved = browser.submit(&form, NEW, &[("kind", "software")]).await;
        let path = saved.location().to_owned();
        let page = browser.follow(saved).await;
        assert_eq!(page.text("h1"), "Annonce sans titre");
        assert!(page.html.contains("Chorale des Canuts"));
        let lacking = browser.submit(&page, &format!("{path}/publication"), &[]).await;
        assert_eq!(lacking.status, 422);
        assert_eq!(lacking.attributes("#error-summary a", "href"), ["#title", "#need", "#licence"]);

        browser.post_form(&format!("{path}/suppression"), &[]).await;
        assert_eq!(browser.get(&path).await.status, 404);
    }

    async fn nobody_else_may_do_anything_to_an_ad(engine: Engine) {
        let (instance, camille, dominique) = start(engine).await;
        let velo = camille.add_association(&instance, "Les Ami·es du vélo").await;
        let id = camille.publish(&instance, &velo, &dominique).await;
        let sacha = User::enter(&instance, "sacha@autre.example", Role::Member).await;
        sacha.add_association(&instance, "Une autre association").await;
        let path = workshop(id);
        let readers = ["", "/modifier", "/historique", "/cloture", "/bilan", "/retrait", "/suppression", "/reponses"];
        for page in readers {
            let answer = sacha.browser.get(&format!("{path}{page}")).await;
            assert_eq!(answer.status, 403, "GET {page}");
            let answer = instance.browser().get(&format!("{path}{page}")).await;
            assert!(answer.location().starts_with("/connexion?suite="), "GET {page}");
        }
        let actions = [
            "/modifier", "/publication", "/etapes", "/prolongation", "/cloture", "/bilan", "/retrait", "/suppression",
        ];
        let sachas = sacha.form_token().await;
        let dominiques = dominique.form_token().await;
        for action in actions {
            let action = format!("{path}{action}");
            let sent = |csrf: &str| vec![
                ("csrf", csrf.to_owned()),
                ("kind", "news".to_owned()),
                ("text", "Quelque chose à raconter.".to_owned()),
                ("outcome", "Quelque chose à raconter.".to_owned()),
            ];
            let answer = sacha.browser.post(&action, &sent(&sachas)).await;
            assert_eq!(answer.status, 403, "POST {action}");
            assert_ne!(answer.text("h1"), "Confirmez l’envoi de ce formulaire", "{action}");
            let answer = dominique.browser.post(&action, &sent(&dominiques)).await;
            assert_eq!(answer.status, 403, "a moderator is no member: POST {action}");
            let answer = sacha.browser.post(&action, &sent(&dominiques)).await;
            assert_eq!(answer.text("h1"), "Confirmez l’envoi de ce formulaire", "{action}");
        }
        let foreign = sacha.browser.post(NEW, &[("csrf", sachas.as_str()), ("organisation", &velo.slug), ("kind", "software")]).await;
        assert_eq!(foreign.status, 403);
        assert_eq!(camille.browser.get(&path).await.text(".badge"), "Ouverte");
    }

    async fn what_was_typed_survives_the_end_of_a_session(engine: Engine) {
        let (instance, camille, _) = start(engine).await;
        camille.add_association(&instance, "Les Ami·es du vélo").await;
        let form = camille.browser.get(NEW).await;
        for session in sessions::list(&instance.app, &camille.who).await.unwrap() {
            sessions::revoke(&instance.app, &camille.who, session.id).await.unwrap();
        }
        let typed = [("kind", "software"), ("title", "Un agenda pour nos bénévoles")];
        let kept = camille.browser.submit(&form, NEW, &typed).await;
        assert_eq!(kept.status, 401);
        assert_eq!(kept.text("h1"), "Connectez-vous, puis envoyez de nouveau");
        assert!(kept.form(NEW).contains(&("title".into(), typed[1].1.into())));

        let other = instance.signed_in("camille@asso.example", "camille").await;
        camille.browser.set_cookie("session", other.cookie("session").as_deref());
        let saved = camille.browser.submit(&kept, NEW, &[]).await;
        assert_eq!(saved.status, 303);
        assert_eq!(camille.browser.follow(saved).await.text("h1"), typed[1].1);
    }
}
