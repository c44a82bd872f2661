//! Structures: their profile, what moderators decide about it, what they are asked with time, and
//! what comes from elsewhere.

use chrono::TimeDelta;
use emancipasso::{
    app::{
        AppError, Who,
        hosts::{self, capacity, confirmation, lists, review},
        organisations,
    },
    domain::{
        account::Role,
        host::{Host, HostState},
        organisation::{Organisation, OrganisationInput},
    },
    federation::inbox::InboxLimits,
};

use crate::support::{Engine, Instance, Peer, users::User};

const NEW: &str = "/compte/structure/nouvelle";
const DESK: &str = "/compte/structure/le_chaton";

/// What a profile must say, as typed.
const COMPLETE: [(&str, &str); 6] = [
    (
        "presentation",
        "Une association lyonnaise qui héberge et accompagne ses voisines depuis 2016.",
    ),
    ("roles", "accompanies"),
    ("departements", "69, 2a"),
    (
        "course",
        "Trois rencontres avec l’équipe, une migration par étapes, puis deux mois à vos côtés.",
    ),
    ("contact_email", "contact@chaton.example"),
    (
        "memberships",
        "CHATONS ; https://www.chatons.example/nous ; 01/03/2019",
    ),
];

async fn add_structure(instance: &Instance, user: &User, name: &str) -> Organisation {
    let input = OrganisationInput {
        kind: "structure".into(),
        legal_form: "association-1901".into(),
        name: name.into(),
        postal_code: "69001".into(),
        ..OrganisationInput::default()
    };
    let created = organisations::create(&instance.app, &user.who, &input).await;
    created.unwrap()
}

/// `lyon.test`, a member of « Le Chaton », whose profile is started, and a moderator.
async fn start(engine: Engine) -> (Instance, User, User) {
    let instance = Instance::start(engine, "lyon.test").await;
    let (camille, dominique) = people(&instance).await;
    (instance, camille, dominique)
}

async fn people(instance: &Instance) -> (User, User) {
    let camille = User::enter(instance, "camille@chaton.example", Role::Member).await;
    let dominique = User::enter(instance, "dominique@lyon.test", Role::Moderator).await;
    add_structure(instance, &camille, "Le Chaton").await;
    let started = camille.browser.post_form(NEW, &[]).await;
    assert_eq!(started.location(), DESK, "{}", started.html);
    (camille, dominique)
}

async fn fill(camille: &User) {
    let saved = camille
        .browser
        .post_form(&format!("{DESK}/fiche"), &COMPLETE)
        .await;
    assert_eq!(saved.status, 303, "{}", saved.html);
}

async fn add_offer(camille: &User, lines: &[&str]) {
    let path = format!("{DESK}/offres/nouvelle");
    let mut typed = vec![("name", "Quitter Google"), ("price_model", "quotient")];
    typed.extend(lines.iter().map(|line| ("lines", *line)));
    let saved = camille.browser.post_form(&path, &typed).await;
    assert_eq!(saved.status, 303, "{}", saved.html);
}

async fn submit(camille: &User) {
    let desk = camille.browser.get(DESK).await;
    let sent = camille
        .browser
        .submit_first(&desk, &format!("{DESK}/envoi"), &[])
        .await;
    assert_eq!(sent.status, 303, "{}", sent.html);
}

async fn host(instance: &Instance, camille: &User) -> Host {
    let id = hosts::find_id(&instance.app, "le_chaton").await.unwrap();
    hosts::open(&instance.app, &camille.who, id)
        .await
        .unwrap()
        .host
}

/// A structure that moderators accepted.
async fn accepted(engine: Engine) -> (Instance, User, User) {
    let (instance, camille, dominique) = start(engine).await;
    fill(&camille).await;
    add_offer(&camille, &["diagnosis", "hosting"]).await;
    submit(&camille).await;
    let id = host(&instance, &camille).await.id;
    review::decide(&instance.app, &dominique.who, id, review::Decision::Accept)
        .await
        .unwrap();
    (instance, camille, dominique)
}

/// The path of the link of the last mail to an address.
async fn link_to(instance: &Instance, address: &str) -> String {
    let mails = instance.mails().await;
    let mut mails = mails.iter().rev();
    let mail = mails.find(|mail| mail.to == address).unwrap();
    let start = mail.text.find("http://lyon.test/lien/").unwrap();
    let link = mail.text[start..].split_whitespace().next().unwrap();
    link.strip_prefix("http://lyon.test").unwrap().to_owned()
}

async fn count_mails(instance: &Instance, subject: &str) -> usize {
    let mails = instance.mails().await;
    mails
        .iter()
        .filter(|mail| mail.subject.contains(subject))
        .count()
}

on_both_engines! {
    async fn a_profile_is_written_refused_answered_and_accepted(engine: Engine) {
        let (instance, camille, dominique) = start(engine).await;
        let browser = &camille.browser;
        let desk = browser.get(DESK).await;
        assert_eq!(desk.text(".badge"), "Fiche à compléter");
        let lacking = browser.submit_first(&desk, &format!("{DESK}/envoi"), &[]).await;
        assert_eq!(lacking.status, 422);
        assert_eq!(
            lacking.attributes("#error-summary a", "href"),
            ["#presentation", "#roles", "#territories", "#course", "#contact_email", "#offers"]
        );

        let form = browser.get(&format!("{DESK}/fiche")).await;
        let wrong = [("departements", "29, 999"), ("links", "Piège : javascript:alert(1)"), ("presentation", "Nous.")];
        let refused = browser.submit(&form, &format!("{DESK}/fiche"), &wrong).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#territories", "#links"]);
        let kept = refused.form(&format!("{DESK}/fiche"));
        assert!(kept.contains(&("departements".into(), "29, 999".into())), "what was typed comes back");

        fill(&camille).await;
        add_offer(&camille, &["hosting"]).await;
        let desk = browser.get(DESK).await;
        let lacking = browser.submit_first(&desk, &format!("{DESK}/envoi"), &[]).await;
        assert_eq!(lacking.attributes("#error-summary a", "href"), ["#offers"]);
        assert!(lacking.text("#error-summary").contains("ne comprend d’accompagnement"));
        assert!(lacking.attributes("main a", "href").contains(&"/formations".to_owned()));

        add_offer(&camille, &["diagnosis", "hosting"]).await;
        let desk = browser.get(DESK).await;
        assert!(desk.html.contains("Tout-en-un"));
        assert!(desk.html.contains("Écrit par la structure le"));
        submit(&camille).await;
        assert_eq!(browser.get(DESK).await.text(".badge"), "Lue par la modération");
        let frozen = browser.post_form(&format!("{DESK}/fiche"), &[("presentation", "Autre")]).await;
        assert_eq!(frozen.status, 409, "nothing changes while moderators read");
        let told = instance.mails().await;
        assert!(told.iter().any(|mail| mail.to == "dominique@lyon.test" && mail.subject.contains("Le Chaton")));

        let id = host(&instance, &camille).await.id;
        let (app, judge) = (&instance.app, &dominique.who);
        let short = review::decide(app, judge, id, review::Decision::Refuse { motive: "non".into() }).await;
        assert!(matches!(short, Err(AppError::Invalid(_))));
        let motive = "Précisez avec qui se fait la migration.".to_owned();
        review::decide(app, judge, id, review::Decision::Refuse { motive: motive.clone() }).await.unwrap();
        let desk = browser.get(DESK).await;
        assert_eq!(desk.text(".badge"), "À corriger");
        assert!(desk.texts(".timeline .prose").contains(&motive));
        assert!(!desk.html.contains("dominique"), "structures do not learn who decided");
        let answer = [("answer", "Avec deux bénévoles de chez nous.")];
        browser.submit_first(&desk, &format!("{DESK}/envoi"), &answer).await;
        review::decide(app, judge, id, review::Decision::Accept).await.unwrap();
        assert_eq!(browser.get(DESK).await.text(".badge"), "Acceptée");
        assert_eq!(count_mails(&instance, "Fiche acceptée").await, 1);
        let again = review::decide(app, judge, id, review::Decision::Accept).await;
        assert!(matches!(again, Err(AppError::Conflict(_))), "two moderators do not decide twice");
    }

    async fn two_members_who_write_at_once_both_keep_their_words(engine: Engine) {
        let (_instance, camille, _) = start(engine).await;
        let path = format!("{DESK}/fiche");
        let form = camille.browser.get(&path).await;
        let theirs = [("presentation", "Ce que l’autre a écrit.")];
        assert_eq!(camille.browser.submit(&form, &path, &theirs).await.status, 303);

        let mine = [("presentation", "Ce que j’ai écrit."), ("volunteer_time", "Une heure")];
        let conflict = camille.browser.submit(&form, &path, &mine).await;
        assert_eq!(conflict.status, 409);
        assert!(conflict.texts(".changes del").contains(&theirs[0].1.to_owned()));
        assert!(conflict.texts(".changes ins").contains(&mine[0].1.to_owned()));
        let saved = camille.browser.submit(&conflict, &path, &[]).await;
        assert_eq!(saved.status, 303);
        let form = camille.browser.get(&path).await.form(&path);
        assert!(form.contains(&("presentation".into(), mine[0].1.into())));
    }

    async fn a_handle_is_chosen_once_and_belongs_to_one(engine: Engine) {
        let (instance, camille, _) = start(engine).await;
        let again = camille.browser.get(NEW).await;
        assert_eq!(again.location(), DESK, "an organisation has one profile");
        let sacha = User::enter(&instance, "sacha@autre.example", Role::Member).await;
        add_structure(&instance, &sacha, "Le Chaton").await;
        let form = sacha.browser.get(NEW).await;
        assert_eq!(form.attributes("#handle", "value"), ["le_chaton_2"], "a free one is proposed");
        for taken in ["le_chaton", "annonces", "annonce_3", "nouvelle", "Été", "ab"] {
            let refused = sacha.browser.submit(&form, NEW, &[("handle", taken)]).await;
            assert_eq!(refused.status, 422, "{taken}");
            assert_eq!(refused.attributes("#error-summary a", "href"), ["#handle"]);
            assert_eq!(refused.attributes("#handle", "value"), [taken]);
        }
        assert_eq!(sacha.browser.submit(&form, NEW, &[("handle", "chaton_sacha")]).await.status, 303);
    }

    async fn nobody_else_may_do_anything_to_a_structure(engine: Engine) {
        let (instance, camille, dominique) = start(engine).await;
        add_offer(&camille, &["diagnosis"]).await;
        let sacha = User::enter(&instance, "sacha@autre.example", Role::Member).await;
        for page in ["", "/fiche", "/offres/nouvelle", "/offres/1", "/import"] {
            let path = format!("{DESK}{page}");
            assert_eq!(sacha.browser.get(&path).await.status, 403, "GET {page}");
            let anonymous = instance.browser().get(&path).await;
            assert!(anonymous.location().starts_with("/connexion?suite="), "GET {page}");
        }
        let actions = [
            "/fiche", "/offres/nouvelle", "/offres/1", "/offres/1/suppression", "/envoi", "/retour", "/reponse",
            "/disponibilite", "/confirmation",
        ];
        for user in [&sacha, &dominique] {
            let csrf = user.form_token().await;
            for action in actions {
                let sent = [("csrf", csrf.as_str()), ("name", "Autre"), ("price_model", "free"), ("lines", "support"), ("capacity", "full")];
                let answer = user.browser.post(&format!("{DESK}{action}"), &sent).await;
                assert_eq!(answer.status, 403, "POST {action}");
            }
        }
        let id = host(&instance, &camille).await.id;
        let own = review::decide(&instance.app, &camille.who, id, review::Decision::Accept).await;
        assert!(matches!(own, Err(AppError::Forbidden(_))));
    }

    async fn an_offer_is_changed_and_deleted_and_its_number_is_not_given_again(engine: Engine) {
        let (_instance, camille, _) = start(engine).await;
        add_offer(&camille, &["support"]).await;
        add_offer(&camille, &["diagnosis", "funding-help"]).await;
        let path = format!("{DESK}/offres/2");
        let form = camille.browser.get(&path).await;
        assert_eq!(form.attributes("input[name=lines][checked]", "value"), ["diagnosis", "funding-help"]);
        let refused = camille.browser.submit(&form, &path, &[("name", "X")]).await;
        assert_eq!(refused.attributes("#error-summary a", "href"), ["#name"]);
        let edited = [("name", "Diagnostic"), ("note-diagnosis", "une demi-journée")];
        camille.browser.submit(&form, &path, &edited).await;
        let again = camille.browser.get(&path).await;
        assert_eq!(again.attributes("#note-diagnosis", "value"), ["une demi-journée"]);
        camille.browser.submit_first(&again, &format!("{path}/suppression"), &[]).await;
        assert_eq!(camille.browser.get(&path).await.status, 404);
        add_offer(&camille, &["support"]).await;
        assert_eq!(camille.browser.get(&path).await.status, 404);
        assert_eq!(camille.browser.get(&format!("{DESK}/offres/3")).await.status, 200);
    }

    async fn a_suspended_structure_may_answer_and_be_restored(engine: Engine) {
        let (instance, camille, dominique) = accepted(engine).await;
        let id = host(&instance, &camille).await.id;
        let (app, judge) = (&instance.app, &dominique.who);
        review::suspend(app, judge, id, "Plus personne ne répond aux associations.").await.unwrap();
        let desk = camille.browser.get(DESK).await;
        assert_eq!(desk.text(".badge"), "Suspendue");
        assert!(desk.html.contains("Plus personne ne répond"));
        let empty = camille.browser.submit_first(&desk, &format!("{DESK}/reponse"), &[("answer", " ")]).await;
        assert_eq!(empty.status, 422);
        let answer = [("answer", "Notre boîte était pleine, c’est réparé.")];
        camille.browser.submit_first(&desk, &format!("{DESK}/reponse"), &answer).await;
        review::restore(app, judge, id, "La boîte est réparée, merci.").await.unwrap();
        let host = host(&instance, &camille).await;
        assert_eq!((host.state, host.suspended_at, host.suspension_motive.as_str()), (HostState::Accepted, None, ""));
        assert_eq!(count_mails(&instance, "Fiche rétablie").await, 1);
    }

    async fn silence_is_reminded_then_archived_and_one_click_brings_it_back(engine: Engine) {
        let (instance, camille, _) = accepted(engine).await;
        let app = &instance.app;
        assert_eq!(confirmation::ask_due(app).await.unwrap(), 0);
        instance.advance(TimeDelta::days(366));
        for _ in 0..4 {
            assert_eq!(confirmation::ask_due(app).await.unwrap(), 1);
            assert_eq!(confirmation::ask_due(app).await.unwrap(), 0, "once a month");
            instance.advance(TimeDelta::days(31));
        }
        // to the contact and to the member, four times
        assert_eq!(count_mails(&instance, "est-elle à jour").await, 8);
        assert_eq!(confirmation::ask_due(app).await.unwrap(), 1);
        assert_eq!(host(&instance, &camille).await.state, HostState::Archived);
        assert_eq!(count_mails(&instance, "Fiche archivée").await, 2);

        let link = link_to(&instance, "contact@chaton.example").await;
        let reader = instance.browser();
        let ask = reader.get(&link).await;
        assert!(ask.text("h1").contains("est-elle à jour"));
        assert_eq!(host(&instance, &camille).await.state, HostState::Archived, "opening a link changes nothing");
        let done = reader.submit(&ask, "/lien/confirmation", &[]).await;
        assert_eq!(done.status, 200);
        let host = host(&instance, &camille).await;
        assert_eq!((host.state, host.confirmed_at), (HostState::Accepted, Some(app.now())));
        assert!(reader.get(&link).await.html.contains("confirmée pour un an"), "a second click does no harm");
        assert_eq!(reader.submit(&ask, "/lien/confirmation", &[]).await.status, 404);
        assert_eq!(confirmation::ask_due(app).await.unwrap(), 0);
    }

    async fn capacity_is_said_on_the_page_and_ends_with_its_month(engine: Engine) {
        let (instance, camille, _) = accepted(engine).await;
        let path = format!("{DESK}/disponibilite");
        let desk = camille.browser.get(DESK).await;
        for wrong in ["2026-01", "hier", "2040-01"] {
            let typed = [("capacity", "full"), ("from", wrong)];
            let refused = camille.browser.submit_first(&desk, &path, &typed).await;
            assert_eq!(refused.attributes("#error-summary a", "href"), ["#from"], "{wrong}");
        }
        let typed = [("capacity", "full"), ("from", "02/2027")];
        assert_eq!(camille.browser.submit_first(&desk, &path, &typed).await.status, 303);
        let desk = camille.browser.get(DESK).await;
        assert!(desk.text("aside .facts").contains("avant février 2027"), "{}", desk.text("aside .facts"));
        assert_eq!(capacity::reopen_due(&instance.app).await.unwrap(), 0);
        instance.advance(TimeDelta::days(75));
        assert_eq!(capacity::reopen_due(&instance.app).await.unwrap(), 1);
        let host = host(&instance, &camille).await;
        assert_eq!((host.capacity.as_str(), host.capacity_from), ("open", None));
    }

    async fn a_file_of_another_site_is_compared_and_taken_field_by_field(engine: Engine) {
        let chaton = Peer::start("chaton.test").await;
        let instance = Instance::start_beside(engine, "lyon.test", &[&chaton], InboxLimits::default()).await;
        let (camille, _) = people(&instance).await;
        fill(&camille).await;
        chaton.serve_text("/organization.properties", "text/plain", &format!(
            "file.class = organization\norganization.name = Le Chaton\n\
             organization.description = Ce que dit le fichier.\norganization.website = javascript:alert(1)\n\
             organization.legal.url = https://chaton.example/mentions\n\
             subs.nuage = '{}'\nsubs.moi = {}\n",
            chaton.url("/nuage.properties"), chaton.url("/organization.properties"),
        ));
        chaton.serve_text("/nuage.properties", "application/octet-stream",
            "file.class=service\nservice.name=Nuage\nservice.website=https://nuage.chaton.example/\nsoftware.name=Nextcloud");

        let path = format!("{DESK}/import");
        let form = camille.browser.get(&path).await;
        for (typed, why) in [
            ("http://192.168.0.1/", "Nous ne lisons pas"),
            ("file:///etc/passwd", "https://"),
            (&chaton.url("/absent.properties"), "pas de fichier"),
        ] {
            let refused = camille.browser.submit(&form, &path, &[("url", typed)]).await;
            assert_eq!(refused.status, 422, "{typed}");
            assert!(refused.text("#url-error").contains(why), "{typed}: {}", refused.text("#url-error"));
        }
        let url = chaton.url("/organization.properties");
        let preview = camille.browser.submit(&form, &path, &[("url", &url)]).await;
        assert_eq!(preview.status, 200, "{}", preview.html);
        assert_eq!(preview.texts("legend"), ["Présentation", "Logiciels proposés", "Services ouverts aux associations", "Liens"]);
        assert!(preview.text(".callout").contains("organization.website"), "what is left out is told");
        assert_eq!(preview.attributes("#presentation-mine[checked]", "value"), ["mine"], "what we have stays by default");
        assert_eq!(preview.attributes("#software-theirs[checked]", "value"), ["theirs"]);

        let choice = format!("{path}/choix");
        let taken = camille.browser.submit(&preview, &choice, &[]).await;
        assert_eq!(taken.status, 303, "{}", taken.html);
        let desk = camille.browser.get(DESK).await;
        assert!(desk.html.contains("Une association lyonnaise"));
        assert!(!desk.html.contains("Ce que dit le fichier"));
        assert!(desk.html.contains("nextcloud"));
        assert!(desk.html.contains(&format!("Repris de {url}")));
        let stale = camille.browser.submit(&preview, &choice, &[]).await;
        assert_eq!(stale.status, 409, "a preview of an older profile is refused");
    }

    async fn a_list_makes_drafts_that_their_structures_take_over(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let app = &instance.app;
        let csv = "Nom;Site;Courriel;Code postal;Rôles;Logiciels\r\n\
            Café numérique;cafe.example;contact@cafe.example;29200;Hébergement, formation;Nextcloud / Paheko\r\n\
            ;sans-nom.example;;;;\r\n\
            Café numérique;ailleurs.example;;;;\r\n\
            Mauvaise adresse;;pas un courriel;;;\r\n";
        let latin1: Vec<u8> = csv.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let lines = lists::import(app, &Who::System, &latin1).await.unwrap();
        let outcomes: Vec<&str> = lines.iter().map(|line| match &line.outcome {
            lists::Outcome::Made { handle, is_told } => { assert!(*is_told); handle.as_str() }
            lists::Outcome::Known(_) => "known",
            lists::Outcome::Wrong(_) => "wrong",
        }).collect();
        assert_eq!(outcomes, ["cafe_numerique", "wrong", "known", "wrong"]);
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3, 4, 5]);
        let no_heading = lists::import(app, &Who::System, b"1,2,3\n4,5,6").await;
        assert!(matches!(no_heading, Err(AppError::Invalid(_))));
        let member = User::enter(&instance, "sacha@cafe.example", Role::Member).await;
        let refused = lists::import(app, &member.who, &latin1).await;
        assert!(matches!(refused, Err(AppError::Forbidden(_))));

        let link = link_to(&instance, "contact@cafe.example").await;
        let anonymous = instance.browser().get(&link).await;
        assert!(anonymous.text("h1").contains("Café numérique"));
        assert!(anonymous.attributes("main a.button", "href")[0].starts_with("/connexion?suite="));
        let page = member.browser.get(&link).await;
        let taken = member.browser.submit(&page, "/lien/reprise", &[]).await;
        assert_eq!(taken.location(), "/compte/structure/cafe_numerique");
        let desk = member.browser.get(taken.location()).await;
        assert!(desk.html.contains("Repris d’un fichier"));
        assert!(desk.html.contains("paheko"));
        assert_eq!(member.browser.get(&link).await.status, 404, "a link serves once");
    }
}
