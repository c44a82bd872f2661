//! What moderators do about recommendations, and what everybody can read of it.

use emancipasso::{
    app::organisations,
    domain::{
        account::Role,
        organisation::{Organisation, OrganisationInput, VerificationMethod},
    },
};

use crate::support::{Engine, Instance, Page, structures::Submitted, users::User};

const MOTIVE: &str = "Le texte nomme une personne : retirez son nom.";

struct Story {
    instance: Instance,
    camille: User,
    robin: User,
    dominique: User,
    claude: User,
    structure: Organisation,
    submitted: Submitted,
}

impl Story {
    async fn begin(engine: Engine) -> Self {
        let instance = Instance::start(engine, "lyon.test").await;
        let camille = User::enter(&instance, "camille@velo.example", Role::Member).await;
        let robin = User::enter(&instance, "robin@toile.example", Role::Member).await;
        let dominique = User::enter(&instance, "dominique@lyon.test", Role::Moderator).await;
        let claude = User::enter(&instance, "claude@ailleurs.test", Role::Moderator).await;
        let association = camille
            .add_association(&instance, "Les Ami·es du vélo")
            .await;
        let input = OrganisationInput {
            kind: "structure".into(),
            legal_form: "cooperative".into(),
            name: "La Toile libre".into(),
            postal_code: "69001".into(),
            ..OrganisationInput::default()
        };
        let structure = organisations::create(&instance.app, &robin.who, &input)
            .await
            .unwrap();
        let submitted = instance
            .submit_recommendation(&structure, &association)
            .await;
        instance.make_keys().await;
        Self {
            instance,
            camille,
            robin,
            dominique,
            claude,
            structure,
            submitted,
        }
    }

    fn path(&self) -> String {
        format!("/copil/recommandations/{}", self.submitted.id)
    }

    async fn verify(&self) {
        let method = VerificationMethod::Rna;
        let slug = "les-ami-es-du-velo";
        organisations::verify(&self.instance.app, &self.dominique.who, slug, method)
            .await
            .unwrap();
    }

    async fn approve(&self, moderator: &User) -> Page {
        let page = moderator.browser.get(&self.path()).await;
        let typed = [("decision", "approve"), ("version", "1")];
        let answer = moderator
            .browser
            .submit_first(&page, &self.path(), &typed)
            .await;
        moderator.browser.follow(answer).await
    }
}

on_both_engines! {
    async fn two_moderators_publish_from_their_pages_and_the_log_says_so(engine: Engine) {
        let story = Story::begin(engine).await;
        let path = story.path();
        let queue = story.dominique.browser.get("/copil").await;
        assert_eq!(queue.texts(".rows h3"), ["Les Ami·es du vélo recommande La Toile libre"]);
        assert!(queue.text(".rows").contains("0 approbation sur 2"));
        assert!(queue.text(".rows").contains("Association à vérifier"));

        let noted = story.approve(&story.dominique).await;
        assert!(noted.text("#flash").contains("Une autre personne"), "{}", noted.html);
        let waiting = story.claude.browser.get(&path).await;
        assert!(waiting.text(".callout.warning").contains("n’est pas vérifiée"));
        assert!(!waiting.has("input[value=approve]"), "no button that cannot work");
        story.verify().await;
        let published = story.approve(&story.claude).await;
        assert!(published.text("#flash").contains("publiée"), "{}", published.html);
        assert!(published.has("#annuler"), "all that is left is to annul");
        assert!(!story.dominique.browser.get("/copil").await.has(".rows"));

        let log = story.instance.browser().get("/annuaire/journal").await;
        let entries = log.texts(".rows h2");
        assert_eq!(entries, ["Recommandation publiée", "Entrée dans l’annuaire"]);
        let links = log.attributes(".rows a", "href");
        let public = "/organisations/les-ami-es-du-velo/recommandations/1";
        assert!(links.iter().any(|link| link == public), "{links:?}");
        let structure = format!("/structures/{}", story.submitted.handle);
        assert!(links.iter().any(|link| *link == structure), "{links:?}");
        for name in ["Monique", "dominique", "claude", "camille"] {
            assert!(!log.html.contains(name), "no personal data: {name}");
        }
        let feed = story.instance.browser().get("/annuaire/journal.atom").await;
        assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
        assert!(feed.html.contains("Entrée dans l’annuaire : La Toile libre")
            || feed.html.contains("Entrée dans l’annuaire\u{a0}: La Toile libre"), "{}", feed.html);
        let told = story.instance.mails().await;
        for (who, subject) in [
            ("robin@toile.example", "La Toile libre figure dans l’annuaire"),
            ("robin@toile.example", "Les Ami·es du vélo recommande La Toile libre"),
            ("camille@velo.example", "Les Ami·es du vélo recommande La Toile libre"),
        ] {
            assert!(told.iter().any(|it| it.to == who && it.subject == subject), "{who}: {subject}");
        }
    }

    async fn a_refusal_reaches_its_author_and_names_nobody_in_public(engine: Engine) {
        let story = Story::begin(engine).await;
        let (path, browser) = (story.path(), &story.dominique.browser);
        let page = browser.get(&path).await;
        let short = [("decision", "refuse"), ("version", "1"), ("motive", "non")];
        let refused = browser.submit_first(&page, &path, &short).await;
        assert_eq!(refused.status, 422);
        assert!(refused.has("#motive-error"), "beside its field");
        let typed = [("decision", "refuse"), ("version", "1"), ("motive", MOTIVE)];
        let done = browser.submit_first(&page, &path, &typed).await;
        assert_eq!(done.location(), path);
        let told = story.instance.mails().await;
        let mail = told.iter().rfind(|it| it.to == "camille@velo.example").unwrap();
        assert!(mail.text.contains("retirez son nom") && mail.text.contains("contester"));
        assert!(!mail.text.contains("dominique"));
        let log = story.instance.browser().get("/annuaire/journal").await;
        assert_eq!(log.texts(".rows h2"), ["Recommandation refusée"]);
        assert!(!log.has(".rows a") && !log.html.contains("vélo") && !log.html.contains("Toile"));
        assert!(!log.html.contains("retirez son nom"));
    }

    async fn a_member_of_the_structure_moderates_elsewhere(engine: Engine) {
        let story = Story::begin(engine).await;
        let app = &story.instance.app;
        let input = OrganisationInput {
            kind: "structure".into(),
            legal_form: "cooperative".into(),
            name: "Une autre".into(),
            postal_code: "69001".into(),
            ..OrganisationInput::default()
        };
        let own = organisations::create(app, &story.dominique.who, &input).await.unwrap();
        let camille = story.camille.add_association(&story.instance, "Chorale des Canuts").await;
        let other = story.instance.submit_recommendation(&own, &camille).await;
        let path = format!("/copil/recommandations/{}", other.id);
        let page = story.dominique.browser.get(&path).await;
        assert!(page.text(".callout.warning").contains("membre de l’une des deux"));
        assert!(!page.has(&format!("form[action='{path}']")));
        let csrf = story.dominique.form_token().await;
        let sent = [("csrf", csrf.as_str()), ("decision", "approve"), ("version", "1")];
        assert_eq!(story.dominique.browser.post(&path, &sent).await.status, 403);
        assert_eq!(story.structure.slug, "la-toile-libre");
    }

    async fn the_queue_is_for_moderators_and_the_criteria_for_everybody(engine: Engine) {
        let story = Story::begin(engine).await;
        for path in ["/copil", &story.path(), "/copil/mediations"] {
            assert_eq!(story.robin.browser.get(path).await.status, 403, "{path}");
            let stranger = story.instance.browser().get(path).await;
            assert!(stranger.location().starts_with("/connexion"), "{path}");
        }
        assert_eq!(story.dominique.browser.get("/copil/recommandations/7").await.status, 404);
        assert_eq!(story.dominique.browser.get("/copil/recommandations/x").await.status, 404);
        assert!(story.dominique.browser.get("/copil/mediations").await.has(".empty"));
        let reader = story.instance.browser();
        let criteria = reader.get("/annuaire/criteres").await;
        assert_eq!(criteria.status, 200);
        let words = criteria.text(".prose");
        for fact in ["36 mois", "2 personnes différentes", "60 jours"] {
            assert!(words.contains(fact), "{fact} in {words}");
        }
        assert!(reader.cookie_names().is_empty(), "reading sets no cookie");
        assert!(reader.get("/annuaire/journal").await.has(".empty"));
    }

    async fn an_annulment_is_public_with_its_motive_and_takes_the_structure_out(engine: Engine) {
        let story = Story::begin(engine).await;
        story.verify().await;
        story.approve(&story.dominique).await;
        story.approve(&story.claude).await;
        let action = format!("{}/annulation", story.path());
        let browser = &story.claude.browser;
        let page = browser.get(&story.path()).await;
        let motive = "Les deux organisations cachaient un lien.";
        let done = browser.submit_first(&page, &action, &[("annulment", motive)]).await;
        assert_eq!(done.location(), story.path());
        let log = story.instance.browser().get("/annuaire/journal").await;
        assert!(log.text(".rows").contains(motive));
        let entries = log.texts(".rows h2");
        assert!(entries.contains(&"Sortie de l’annuaire".to_owned()), "{entries:?}");
        let again = browser.submit_first(&page, &action, &[("annulment", motive)]).await;
        assert_eq!(again.status, 409);
    }
}
