//! Recommendations: written without account, read by two moderators, changed and taken back.

use chrono::TimeDelta;
use emancipasso::{
    app::recommendations::{review, terms},
    domain::account::Role,
};

use crate::support::{
    Engine, Instance, Page,
    pacts::{Structure, WRITTEN, confirm, write},
};

const FORM: &str = "/lien/recommandation";
const PREVIEW: &str = "/lien/recommandation/apercu";
const CHANGE: &str = "/lien/recommandation/changement";
const BUREAU: &str = "bureau@velo.example";
const SLUG: &str = "les-amis-du-velo";

/// A finished accompaniment, its page for the structure, and the link of the invitation.
async fn start(engine: Engine) -> (Instance, Structure, String, String) {
    let instance = Instance::start(engine, "lyon.test").await;
    instance.make_keys().await;
    let structure = Structure::enter(&instance, "Libre Ouest", "libre_ouest").await;
    let declared = structure.declare("Les Amis du vélo", BUREAU).await;
    let own = declared.location().to_owned();
    let link = instance.link_to(BUREAU, "/lien/accompagnement").await;
    confirm(&instance.browser(), &link).await;
    let invitation = instance.link_to(BUREAU, FORM).await;
    (instance, structure, own, invitation)
}

/// The same, published.
async fn publish(engine: Engine) -> (Instance, Structure, String, String) {
    let (instance, structure, own, link) = start(engine).await;
    let sent = write(&instance.browser(), &link).await;
    assert_eq!(sent.status, 303, "{}", sent.html);
    instance.approve_all(SLUG).await;
    let page = instance.browser().get(&link).await;
    assert_eq!(page.text(".badge"), "Publiée", "{}", page.html);
    (instance, structure, own, link)
}

fn assert_kept(page: &Page, action: &str, typed: &[(&str, &str)]) {
    let kept = page.form(action);
    for (name, value) in typed {
        assert!(
            kept.contains(&((*name).into(), (*value).into())),
            "{name}: {kept:?}"
        );
    }
}

on_both_engines! {
    async fn an_invitation_becomes_a_published_recommendation_without_account(engine: Engine) {
        let (instance, structure, own, link) = start(engine).await;
        let phone = instance.browser();
        let form = phone.get(&link).await;
        assert_eq!(form.status, 200);
        assert_eq!(form.header("cache-control"), "no-store");
        let few = [WRITTEN[0], ("rna", "691234567"), ("action", "save")];
        let refused = phone.submit(&form, FORM, &few).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#rna"]);
        assert_kept(&refused, FORM, &[WRITTEN[0], ("rna", "691234567")]);
        let elsewhere = instance.browser().get(&link).await;
        assert_kept(&elsewhere, FORM, &[WRITTEN[0]]);

        let identity = [("rna", "W691234567"), ("action", "preview")];
        let lacking = phone.submit(&refused, FORM, &identity).await;
        let lacking = phone.follow(lacking).await;
        assert_eq!(lacking.status, 422);
        let wanted = ["#context", "#work_done", "#author_name", "#author_role"];
        assert_eq!(lacking.attributes("#error-summary a", "href"), wanted);

        let mut typed = WRITTEN.to_vec();
        typed.push(("action", "preview"));
        let preview = phone.submit(&lacking, FORM, &typed).await;
        let preview = phone.follow(preview).await;
        assert_eq!(preview.texts(".prose h3")[0], "Ce que nous pouvons faire maintenant");
        let unsure = phone.submit(&preview, PREVIEW, &[]).await;
        assert_eq!(unsure.status, 422);
        assert_eq!(unsure.attributes("#error-summary a", "href"), ["#certified"]);
        let seen = structure.user.browser.get(&own).await;
        assert!(!seen.html.contains("douze bénévoles"), "a structure does not read a draft");
        let sent = phone.submit(&unsure, PREVIEW, &[("certified", "on")]).await;
        let page = phone.follow(sent).await;
        assert_eq!(page.text(".badge"), "En relecture");

        let again = instance.browser().get(&link).await;
        assert_eq!(again.text(".badge"), "En relecture", "the link shows the state");
        let twice = phone.submit(&preview, PREVIEW, &[("certified", "on")]).await;
        assert_eq!(twice.status, 409);
        let late = phone.submit(&form, FORM, &[WRITTEN[0], ("action", "save")]).await;
        assert_eq!(late.status, 409);

        instance.approve_all(SLUG).await;
        let page = phone.get(&link).await;
        assert_eq!(page.text(".badge"), "Publiée", "{}", page.html);
        let owner = structure.user.browser.get(&own).await;
        let public = format!("/organisations/{SLUG}/recommandations/1");
        assert!(owner.attributes("main a", "href").contains(&public));
    }

    async fn what_is_too_large_is_refused_and_the_draft_stays(engine: Engine) {
        let (instance, _, _, link) = start(engine).await;
        let phone = instance.browser();
        let form = phone.get(&link).await;
        phone.submit(&form, FORM, &[WRITTEN[0], ("action", "save")]).await;
        let long = "é".repeat(2_100);
        let typed = [WRITTEN[0], WRITTEN[1], ("work_done", long.as_str()), ("action", "save")];
        let refused = phone.submit(&form, FORM, &typed).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text("#work_done-error").contains("2000"));
        assert_kept(&refused, FORM, &[("work_done", long.as_str()), WRITTEN[1]]);
        let heavy = "a".repeat(5 * 1024 * 1024);
        let refused = phone.submit(&form, FORM, &[("context", heavy.as_str()), ("action", "save")]).await;
        assert_eq!(refused.status, 413);
        assert!(refused.text("main").contains("trop long"), "{}", refused.text("main"));
        assert_kept(&phone.get(&link).await, FORM, &[WRITTEN[0]]);
    }

    async fn an_invitation_taken_back_says_so_and_a_new_one_works(engine: Engine) {
        let (instance, structure, own, link) = start(engine).await;
        let browser = &structure.user.browser;
        let page = browser.get(&own).await;
        let done = browser.submit(&page, &own, &[("action", "take-back")]).await;
        assert_eq!(done.status, 303, "{}", done.html);
        let over = instance.browser().get(&link).await;
        assert_eq!(over.status, 410);
        assert!(over.text("main").contains("l’a retiré"), "{}", over.text("main"));

        let soon = browser.submit(&page, &own, &[("action", "invite")]).await;
        assert_eq!(soon.status, 429, "not a mail per click");
        instance.advance(TimeDelta::days(4));
        browser.submit(&browser.get(&own).await, &own, &[("action", "invite")]).await;
        let fresh = instance.link_to(BUREAU, FORM).await;
        assert_ne!(fresh, link);
        assert_eq!(instance.browser().get(&fresh).await.status, 200);
        assert_eq!(browser.get(&fresh).await.status, 403, "forwarded to the structure");
    }

    async fn new_words_wait_while_the_former_ones_are_read(engine: Engine) {
        let (instance, structure, own, link) = publish(engine).await;
        let phone = instance.browser();
        let change = link.replace(FORM, CHANGE);
        let form = phone.get(&change).await;
        let nothing = phone.submit(&form, CHANGE, &[("certified", "on")]).await;
        assert_eq!(nothing.status, 409);
        let new = [("can_do_now", "Nous formons maintenant les associations voisines."), ("certified", "on")];
        let sent = phone.submit(&form, CHANGE, &new).await;
        assert_eq!(sent.status, 303, "{}", sent.html);
        let page = phone.get(&link).await;
        assert_eq!(page.text(".badge"), "Publiée");
        assert!(page.text(".panel").contains("douze bénévoles"), "the former words are read");
        assert!(page.text("main").contains("Votre changement est en relecture"));

        instance.approve_all(SLUG).await;
        let page = phone.get(&link).await;
        assert!(page.text(".panel").contains("associations voisines"));
        assert!(page.text("main details").contains("douze bénévoles"), "the history shows both");

        let reply = format!("{own}/reponse");
        let form = structure.user.browser.get(&reply).await;
        let typed = [("reply", "Merci ! <script>alert(1)</script> **À bientôt**")];
        let done = structure.user.browser.submit(&form, &reply, &typed).await;
        assert_eq!(done.status, 303, "{}", done.html);
        let mails = instance.mails().await;
        let told = mails.iter().rev().find(|mail| mail.to == BUREAU).unwrap();
        assert!(told.subject.contains("répond à votre recommandation"));
        assert!(!told.html.contains("<script>"));
    }

    async fn a_refused_text_is_corrected_and_read_again_from_the_start(engine: Engine) {
        let (instance, _, _, link) = start(engine).await;
        let phone = instance.browser();
        write(&phone, &link).await;
        let moderator = instance.person("Dominique", Role::Moderator).await;
        let id = review::list(&instance.app, &moderator, None, 1).await.unwrap()[0].id;
        let motive = "Dites ce que la structure a fait.";
        review::refuse(&instance.app, &moderator, id, 1, motive).await.unwrap();
        let page = phone.get(&link).await;
        assert!(page.texts(".timeline .prose").contains(&motive.to_owned()));
        assert!(!page.html.contains("Dominique"), "moderators have no name here");
        assert_kept(&page, FORM, &[WRITTEN[0]]);
        let typed = [("work_done", "Cinq ateliers, puis le déménagement."), ("action", "preview")];
        let preview = phone.submit(&page, FORM, &typed).await;
        let preview = phone.follow(preview).await;
        phone.submit(&preview, PREVIEW, &[("certified", "on")]).await;
        let file = review::show(&instance.app, &moderator, id).await.unwrap();
        assert_eq!((file.facts.recommendation.version, file.approvals), (2, 0));
    }

    async fn what_is_withdrawn_leaves_a_motive(engine: Engine) {
        let (instance, structure, own, link) = publish(engine).await;
        let phone = instance.browser();
        let page = phone.get(&link).await;
        let refused = phone.submit(&page, FORM, &[("action", "withdraw"), ("motive", "non")]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#motive"]);
        let motive = "Nous avons quitté cette structure.";
        let done = phone.submit(&refused, FORM, &[("action", "withdraw"), ("motive", motive)]).await;
        let page = phone.follow(done).await;
        assert_eq!(page.text(".badge"), "Retirée");
        assert_eq!(page.text("blockquote"), motive);
        let again = phone.submit(&refused, FORM, &[("action", "withdraw"), ("motive", motive)]).await;
        assert_eq!(again.status, 409);
        let reply = structure.user.browser.get(&format!("{own}/reponse")).await;
        assert_eq!(reply.status, 409, "one replies to what is read");
        let mails = instance.mails().await;
        let told = mails.iter().rev().find(|mail| mail.to.starts_with("libre_ouest@")).unwrap();
        assert!(told.text.contains(motive) || told.subject.contains("annuaire"), "{}", told.text);
    }

    async fn an_author_is_reminded_and_one_click_renews(engine: Engine) {
        let (instance, _, _, link) = publish(engine).await;
        assert_eq!(terms::remind(&instance.app).await.unwrap(), 0);
        instance.advance(TimeDelta::days(36 * 30 - 30));
        assert_eq!(terms::remind(&instance.app).await.unwrap(), 1);
        assert_eq!(terms::remind(&instance.app).await.unwrap(), 0, "once");
        let mails = instance.mails().await;
        let told = mails.iter().rev().find(|mail| mail.to == BUREAU).unwrap();
        assert!(told.subject.contains("toujours"), "{}", told.subject);
        let fresh = instance.link_to(BUREAU, FORM).await;
        assert_ne!(fresh, link);
        let phone = instance.browser();
        let before = phone.get(&fresh).await.texts(".facts dd");
        let page = phone.get(&fresh).await;
        let done = phone.submit(&page, FORM, &[("action", "renew")]).await;
        assert_eq!(done.status, 303, "{}", done.html);
        assert_eq!(phone.submit(&page, FORM, &[("action", "renew")]).await.status, 409);
        instance.approve_all(SLUG).await;
        let after = phone.get(&fresh).await.texts(".facts dd");
        assert_eq!(before[0], after[0], "first published");
        assert_ne!(before[1], after[1], "a new term");
    }

    async fn a_peer_asks_to_talk_and_no_address_is_shown(engine: Engine) {
        let (instance, _, _, _) = publish(engine).await;
        let path = format!("/organisations/{SLUG}/recommandations/1/appel");
        let peer = instance.browser();
        let form = peer.get(&path).await;
        assert_eq!(form.status, 200);
        assert!(!form.html.contains(BUREAU));
        let typed = [
            ("name", "Farid"), ("organisation", "Chorale des Canuts"),
            ("email", "farid@chorale.example"), ("message", "Combien de temps cela vous a-t-il pris ?"),
        ];
        let sent = peer.submit(&form, &path, &typed).await;
        assert_eq!(sent.status, 303, "{}", sent.html);
        let link = instance.link_to(BUREAU, "/lien/appel").await;
        let mails = instance.mails().await;
        let relayed = mails.iter().rev().find(|mail| mail.to == BUREAU).unwrap();
        assert!(!relayed.text.contains("farid@chorale.example"), "{}", relayed.text);

        let monique = instance.browser();
        let page = monique.get(&link).await;
        let done = monique.submit(&page, "/lien/appel", &[("answer", "Trois mois, appelez-nous au local.")]).await;
        assert_eq!(done.status, 303, "{}", done.html);
        let mails = instance.mails().await;
        let answer = mails.last().unwrap();
        assert_eq!(answer.to, "farid@chorale.example");
        assert!(answer.text.contains("Trois mois") && !answer.text.contains(BUREAU));
        assert_eq!(monique.get(&link).await.status, 410, "answered once");
        let again = monique.submit(&page, "/lien/appel", &[("answer", "Encore une fois bonjour.")]).await;
        assert_eq!(again.status, 409);

        for _ in 0..4 {
            peer.submit(&form, &path, &typed).await;
        }
        let refused = peer.submit(&form, &path, &typed).await;
        assert_eq!(refused.status, 429, "volunteers are not flooded");
    }

    async fn what_is_told_to_mediation_is_not_published_nor_shown_to_the_structure(engine: Engine) {
        let (instance, structure, own, link) = start(engine).await;
        instance.person("Dominique", Role::Moderator).await;
        let phone = instance.browser();
        let form = phone.get(&link).await;
        phone.submit(&form, FORM, &[WRITTEN[0], ("action", "save")]).await;
        let secret = "La migration a perdu nos contacts.";
        let before = instance.count_mails_to("libre_ouest@structure.example").await;
        let done = phone.post(FORM, &[
            ("csrf", form.attributes("input[name=csrf]", "value")[0].as_str()),
            ("jeton", link.split_once("jeton=").unwrap().1),
            ("action", "mediation"),
            ("feedback", secret),
        ]).await;
        assert_eq!(done.status, 303, "{}", done.html);
        assert_kept(&phone.get(&link).await, FORM, &[WRITTEN[0]]);
        assert!(!structure.user.browser.get(&own).await.html.contains(secret));
        assert_eq!(instance.count_mails_to("libre_ouest@structure.example").await, before);
        let mails = instance.mails().await;
        let told = mails.last().unwrap();
        assert_eq!(told.to, "dominique@example.org");
        assert!(!told.text.contains(secret), "a mail tells that a message waits, not what it says");
    }
}
