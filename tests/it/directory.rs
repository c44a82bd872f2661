//! The directory that everybody reads: who is in it at each of its places, filters, neutral order,
//! comparison, blocks for other sites.
//!
//! Rows are written as the use cases of structures and of recommendations write them; the listing
//! rule then decides, as its timer has it do.

use atom_syndication::Feed;
use chrono::TimeDelta;
use emancipasso::{
    app::{Who, listing},
    domain::account::Role,
};
use reqwest::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use serde_json::Value;

use crate::support::{Browser, Engine, Instance, Page};

/// An instance with two moderators.
struct Story {
    instance: Instance,
    moderators: [i64; 2],
}

impl Story {
    async fn start(engine: Engine) -> Self {
        let instance = Instance::start(engine, "lyon.test").await;
        instance.make_keys().await;
        let mut ids = Vec::new();
        for name in ["Alix", "Sacha"] {
            let Who::Person(account) = instance.person(name, Role::Moderator).await else {
                panic!("a person");
            };
            ids.push(account.id.get());
        }
        Self {
            instance,
            moderators: [ids[0], ids[1]],
        }
    }

    fn now(&self) -> i64 {
        self.instance.app.now().timestamp_micros()
    }

    async fn add_organisation(&self, id: i64, kind: &str, name: &str) {
        let (now, moderator) = (self.now(), self.moderators[0]);
        self.instance
            .run_sql(&format!(
                "INSERT INTO organisations
                    (id, slug, name, kind, legal_form, departement_code, created_at, updated_at,
                     verified_at, verified_by, verification_method, verified_name_hash)
                 VALUES ({id}, 'organisation-{id}', '{name}', '{kind}', 'association-1901', '29',
                     {now}, {now}, {now}, {moderator}, 'rna', 'x')"
            ))
            .await;
    }

    /// A structure that moderators accepted, with an offer; nobody recommends it.
    async fn add_structure(&self, id: i64, name: &str, territories: &str, lines: &[&str]) {
        self.add_organisation(id, "structure", name).await;
        let now = self.now();
        let lines: Vec<_> = lines
            .iter()
            .map(|kind| serde_json::json!({"kind": kind}))
            .collect();
        let lines = Value::from(lines);
        let mut sql = format!(
            "INSERT INTO hosts
                (id, organisation_id, handle, state, capacity, version, created_at, updated_at,
                 confirmation_reminders, suspension_motive, listing, counted)
             VALUES ({id}, {id}, 'structure_{id}', 'accepted', 'open', 1, {now}, {now}, 0, '',
                 'unlisted', 0);
             INSERT INTO host_offers
                (id, host_id, number, name, description, lines, software, price_model,
                 price_bracket, created_at, updated_at)
             VALUES ({id}, {id}, 1, 'Partir', 'Nous venons.', '{lines}', '[\"nextcloud\"]',
                 'quotient', 'under-500', {now}, {now});"
        );
        for (field, value) in [
            (
                "presentation",
                format!("\"{name} accompagne les **vélos**.\""),
            ),
            ("territories", territories.to_owned()),
            ("software", "[\"paheko\"]".to_owned()),
            ("roles", "[\"accompanies\"]".to_owned()),
            ("contact-email", "\"secret@structure.example\"".to_owned()),
            (
                "memberships",
                "[{\"collective\": \"chatons\", \"name\": \"CHATONS\"}]".to_owned(),
            ),
            (
                "data",
                "{\"place\": \"À Brest\", \"has_contract\": true}".to_owned(),
            ),
        ] {
            sql.push_str(&format!(
                "INSERT INTO host_fields (host_id, field, value, source, set_at, confirmed_at)
                 VALUES ({id}, '{field}', '{value}', 'typed', {now}, {now});"
            ));
        }
        self.instance.run_sql(&sql).await;
        self.settle(id).await;
    }

    /// A finished accompaniment and its recommendation, which two moderators approved.
    async fn recommend(&self, id: i64, structure: i64) {
        self.add_organisation(id, "association", &format!("Association {id}"))
            .await;
        let now = self.now();
        let end = now + TimeDelta::days(1_000).num_microseconds().unwrap();
        let [one, other] = self.moderators;
        self.instance
            .run_sql(&format!(
                "INSERT INTO accompaniments
                    (id, host_id, organisation_id, number, state, declared_by, scope, started_on,
                     ended_on, volunteer_hours, is_founding, created_at, updated_at, host_began_at,
                     association_began_at, host_ended_at, association_ended_at)
                 VALUES ({id}, {structure}, {id}, {id}, 'finished', 'host',
                     '{{\"lines\": [\"diagnosis\"], \"tools_before\": [\"Doodle\"]}}', '2026-01-10',
                     '2026-06-30', 12, FALSE, {now}, {now}, {now}, {now}, {now}, {now});
                 INSERT INTO recommendations
                    (id, accompaniment_id, host_id, organisation_id, number, state, answers,
                     author_name, author_role, interest, would_take_call, version, created_at,
                     updated_at, review_reminders, published_at, expires_at, withdrawal_motive,
                     reply)
                 VALUES ({id}, {id}, {structure}, {id}, 1, 'published',
                     '{{\"can_do_now\": \"Voter <ensemble>.\", \"difficulty\": \"Le temps.\"}}',
                     'Léa', 'trésorière', '', TRUE, 1, {now}, {now}, 0, {now}, {end}, '', '');
                 INSERT INTO recommendation_reviews
                    (id, recommendation_id, account_id, step, motive, version, criteria, created_at)
                 VALUES ({id}0, {id}, {one}, 'approved', '', 1, '2026-11', {now}),
                        ({id}1, {id}, {other}, 'approved', '', 1, '2026-11', {now})"
            ))
            .await;
        self.settle(structure).await;
    }

    async fn withdraw(&self, id: i64, structure: i64) {
        let now = self.now();
        self.instance
            .run_sql(&format!(
                "UPDATE recommendations SET state = 'withdrawn', withdrawn_at = {now} WHERE id = {id}"
            ))
            .await;
        self.settle(structure).await;
    }

    /// Has the rule decide now.
    async fn settle(&self, structure: i64) {
        self.instance
            .run_sql(&format!(
                "UPDATE hosts SET settle_at = 1 WHERE id = {structure}"
            ))
            .await;
        self.settle_due().await;
    }

    async fn settle_due(&self) {
        while listing::settle_due(&self.instance.app).await.unwrap() > 0 {}
    }

    fn browser(&self) -> Browser {
        self.instance.browser()
    }
}

fn names(page: &Page) -> Vec<String> {
    page.texts("#after .host-card h3")
}

async fn names_at(browser: &Browser, path: &str) -> Vec<String> {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.html);
    names(&page)
}

/// Where a structure is to be seen: every place of the directory must give the same answer. A new
/// place, the federated collection for one, is added here.
async fn places(browser: &Browser, handle: &str, name: &str) -> Vec<(&'static str, bool)> {
    let list = browser.get("/annuaire").await;
    let feed = browser.get("/annuaire.atom").await;
    let feed = Feed::read_from(feed.html.as_bytes()).unwrap();
    let api: Value = serde_json::from_str(&browser.get("/api/v1/directory").await.html).unwrap();
    let json: Value = serde_json::from_str(&browser.get("/annuaire.json").await.html).unwrap();
    let holds = |list: &Value| {
        list.as_array()
            .unwrap()
            .iter()
            .any(|it| it["handle"] == handle)
    };
    vec![
        ("list", names(&list).contains(&name.to_owned())),
        (
            "map",
            list.texts(".map-list a")
                .iter()
                .any(|place| place.contains("Finistère")),
        ),
        ("API", holds(&api["items"])),
        (
            "API, alone",
            browser
                .get(&format!("/api/v1/directory/{handle}"))
                .await
                .status
                == 200,
        ),
        (
            "feed",
            feed.entries
                .iter()
                .any(|entry| entry.title.as_str() == name),
        ),
        (
            "CSV",
            browser.get("/annuaire.csv").await.html.contains(name),
        ),
        ("JSON", holds(&json["structures"])),
        (
            "search",
            names_at(browser, "/annuaire?q=velo")
                .await
                .contains(&name.to_owned()),
        ),
        (
            "filter",
            names_at(browser, "/annuaire?tool=google-drive")
                .await
                .contains(&name.to_owned()),
        ),
        (
            "tool",
            browser
                .get("/alternatives/google-drive")
                .await
                .html
                .contains(name),
        ),
        (
            "block",
            browser
                .get("/annuaire/bloc?territoire=departement%3A29")
                .await
                .html
                .contains(name),
        ),
        (
            "card",
            browser
                .get(&format!("/structures/{handle}/carte"))
                .await
                .status
                == 200,
        ),
        (
            "page",
            browser.get(&format!("/structures/{handle}")).await.status == 200,
        ),
    ]
}

async fn assert_everywhere(browser: &Browser, is_there: bool, when: &str) {
    for (place, found) in places(browser, "structure_7", "Le Lac").await {
        assert_eq!(found, is_there, "{place}, {when}");
    }
}

on_both_engines! {
    async fn a_structure_is_at_every_place_of_the_directory_or_at_none(engine: Engine) {
        let story = Story::start(engine).await;
        let browser = story.browser();
        story.add_structure(7, "Le Lac", "[\"departement:29\"]", &["diagnosis", "hosting"]).await;
        assert_everywhere(&browser, false, "never recommended").await;
        assert_eq!(browser.get("/structures/structure_7").await.status, 404);

        story.recommend(20, 7).await;
        assert_everywhere(&browser, true, "recommended once").await;

        story.instance.advance(TimeDelta::days(10));
        story.withdraw(20, 7).await;
        assert_everywhere(&browser, true, "on notice").await;
        let page = browser.get("/structures/structure_7").await;
        assert!(page.text("main").contains("arrivées à leur terme"), "{}", page.text("main"));

        story.instance.advance(TimeDelta::days(60));
        story.settle_due().await;
        assert_everywhere(&browser, false, "after the notice").await;
        let notice = browser.get("/structures/structure_7").await;
        assert_eq!(notice.status, 410);
        assert_eq!(notice.text("h1"), "Le Lac");
        assert_eq!(notice.text("main time"), "31 janvier 2027");
        assert!(!notice.html.contains("vélos"), "nothing of its profile is left");

        story.recommend(21, 7).await;
        assert_everywhere(&browser, true, "recommended again").await;
    }

    async fn a_recommendation_that_expires_is_followed_by_a_notice_too(engine: Engine) {
        let story = Story::start(engine).await;
        let browser = story.browser();
        story.add_structure(7, "Le Lac", "[\"departement:29\"]", &["diagnosis"]).await;
        story.recommend(20, 7).await;
        story.instance.advance(TimeDelta::days(1_000));
        story.settle_due().await;
        assert_everywhere(&browser, true, "on notice").await;
        story.instance.advance(TimeDelta::days(60));
        story.settle_due().await;
        assert_everywhere(&browser, false, "after the notice").await;
    }

    async fn a_structure_that_only_hosts_is_never_listed(engine: Engine) {
        let story = Story::start(engine).await;
        story.add_structure(7, "Le Lac", "[\"everywhere\"]", &["hosting", "installation"]).await;
        story.recommend(20, 7).await;
        assert!(names_at(&story.browser(), "/annuaire").await.is_empty());
    }
}

/// `12` in « Bretagne, toute la région (12) ».
fn count_in(page: &Page, select: &str, value: &str) -> String {
    let option = page.text(&format!("#{select} option[value='{value}']"));
    let (_, count) = option.rsplit_once('(').unwrap();
    count.trim_end_matches(')').to_owned()
}

on_both_engines! {
    async fn filters_stay_in_the_address_and_count_what_they_show(engine: Engine) {
        let story = Story::start(engine).await;
        story.add_structure(7, "Le Lac", "[\"departement:29\"]", &["diagnosis", "hosting"]).await;
        story.add_structure(8, "La Mer", "[\"region:53\", \"departement:22\"]", &["support"]).await;
        story.add_structure(9, "Le Ciel", "[\"everywhere\"]", &["diagnosis"]).await;
        story.add_structure(10, "La Ville", "[\"departement:69\"]", &["diagnosis"]).await;
        for structure in 7..=10 {
            story.recommend(structure + 20, structure).await;
        }
        let browser = story.browser();
        let page = browser.get("/annuaire?territory=departement%3A29&line=diagnosis").await;
        let mut found = names(&page);
        found.sort();
        assert_eq!(found, ["Le Ciel", "Le Lac"]);
        assert_eq!(count_in(&page, "line", "diagnosis"), "2");
        assert_eq!(count_in(&page, "line", "support"), "1", "a filter does not narrow itself");
        assert_eq!(count_in(&page, "territory", "departement:29"), "2");
        assert_eq!(count_in(&page, "territory", "region:53"), "2");
        assert_eq!(count_in(&page, "territory", "departement:69"), "2");
        assert_eq!(count_in(&page, "tool", "google-drive"), "2");
        assert_eq!(count_in(&page, "collective", "chatons"), "2");
        assert_eq!(count_in(&page, "time", "little"), "2");
        assert_eq!(count_in(&page, "all-in-one", "yes"), "1");
        assert_eq!(page.attributes("#line option[selected]", "value"), ["diagnosis"]);
        let english = page.attributes("footer a[hreflang=en]", "href").remove(0);
        assert_eq!(english, "/annuaire?territory=departement%3A29&line=diagnosis&lang=en");

        let wrong = browser.get("/annuaire?line=magie&price=free").await;
        assert_eq!(wrong.status, 422);
        assert_eq!(wrong.texts("#error-summary li").len(), 1);
        assert_eq!(wrong.attributes("#price option[selected]", "value"), ["free"]);
    }

    async fn the_order_is_that_of_the_day_and_pages_follow_one_another_in_it(engine: Engine) {
        let story = Story::start(engine).await;
        let mut expected = Vec::new();
        for id in 100..145 {
            let name = format!("Structure {id}");
            story.add_structure(id, &name, "[\"everywhere\"]", &["support"]).await;
            story.recommend(id + 100, id).await;
            expected.push(name);
        }
        let browser = story.browser();
        let mut page = browser.get("/annuaire").await;
        let today = names(&page);
        let mut read = vec![today.clone()];
        while let Some(next) = page.attributes("a[rel=next]", "href").pop() {
            // a page asked after midnight goes on in the order in which the first was read
            story.instance.advance(TimeDelta::hours(20));
            page = browser.get(&next).await;
            read.push(names(&page));
        }
        assert_eq!(read.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
        let previous = browser.get(&page.attributes("a[rel=prev]", "href")[0]).await;
        assert_eq!(names(&previous), read[1]);
        let mut all = read.concat();
        assert_ne!(all, expected, "the order of ids is no order");
        all.sort();
        assert_eq!(all, expected, "each once");
        assert_ne!(names_at(&browser, "/annuaire").await, today, "another day");
        let csv = browser.get("/annuaire.csv").await;
        assert_eq!(csv.html.lines().count(), 46);
    }

    async fn the_page_of_a_structure_tells_who_recommends_it_and_hides_its_address(engine: Engine) {
        let story = Story::start(engine).await;
        story.add_structure(7, "Le Lac", "[\"departement:29\"]", &["diagnosis", "hosting"]).await;
        story.recommend(20, 7).await;
        let browser = story.browser();
        let page = browser.get("/structures/structure_7").await;
        assert_eq!(page.text("h1"), "Le Lac");
        assert_eq!(page.text(".recommendation h3"), "Association 20");
        assert_eq!(page.text(".recommendation .now"), "Voter <ensemble>.");
        assert!(page.text("main").contains("Écrit par la structure le 22 novembre 2026."));
        assert!(page.text("main").contains("À Brest"));
        assert!(page.text(".note-top").contains("Tout-en-un"));
        assert!(!page.html.contains("secret@"), "the contact is relayed");
        let json = page.text("script[type='application/ld+json']");
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["@type"], &json["name"]), (&"Organization".into(), &"Le Lac".into()));
        assert!(browser.cookie_names().is_empty(), "no cookie for readers");
        let api = browser.get("/api/v1/directory/structure_7").await;
        assert!(!api.html.contains("secret@") && !api.html.contains("contact-email"));
        let feed = browser.get("/annuaire/recommandations.atom").await;
        let feed = Feed::read_from(feed.html.as_bytes()).unwrap();
        assert_eq!(feed.entries[0].title.as_str(), "Association 20 recommande Le Lac");
    }

    async fn structures_are_kept_aside_and_compared_without_account_nor_cookie(engine: Engine) {
        let story = Story::start(engine).await;
        for id in 7..=9 {
            story.add_structure(id, &format!("Structure {id}"), "[\"everywhere\"]", &["support"]).await;
            story.recommend(id + 20, id).await;
        }
        let browser = story.browser();
        let mut page = browser.get("/annuaire?line=support").await;
        for id in [9, 7] {
            let keep = page.attributes(&format!("#structure_{id} .host-keep a"), "href").remove(0);
            let (path, _) = keep.split_once('#').unwrap();
            assert!(path.contains("line=support"), "the search stays: {path}");
            page = browser.get(path).await;
        }
        let compare = page.attributes("[aria-labelledby=selection-titre] .button", "href").remove(0);
        let page = browser.get(&compare).await;
        let mut compared = page.texts("thead th a");
        compared.sort();
        assert_eq!(compared, ["Structure 7", "Structure 9"]);
        assert!(page.texts("tbody th").len() > 10);
        assert!(browser.cookie_names().is_empty());
        let alone = browser.get("/annuaire/comparer?structures=inconnue,%3Cb%3E").await;
        assert_eq!(alone.status, 200);
        assert!(alone.has(".empty"));
    }

    async fn other_sites_may_frame_a_card_and_a_block_and_nothing_else(engine: Engine) {
        let story = Story::start(engine).await;
        story.add_structure(7, "Le Lac", "[\"departement:29\"]", &["diagnosis"]).await;
        story.recommend(20, 7).await;
        let browser = story.browser();
        for (path, may_be_framed) in [
            ("/structures/structure_7/carte", true),
            ("/annuaire/bloc?territoire=departement%3A29", true),
            ("/annuaire", false),
            ("/structures/structure_7", false),
        ] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert_eq!(policy.ends_with("frame-ancestors *"), may_be_framed, "{path}");
            assert_eq!(page.headers.contains_key(X_FRAME_OPTIONS), !may_be_framed, "{path}");
            assert!(may_be_framed != page.has("script[src]"), "{path}: no script in a frame");
            assert!(!page.headers.contains_key("set-cookie"), "{path}");
        }
    }

    async fn the_catalogue_leads_from_a_tool_to_programs_with_their_licence(engine: Engine) {
        let story = Story::start(engine).await;
        let browser = story.browser();
        let page = browser.get("/alternatives").await;
        assert!(page.attributes(".links a", "href").iter().any(|it| it == "/alternatives/google-drive"));
        let page = browser.get("/alternatives/google-drive").await;
        assert!(page.texts(".rows h3").contains(&"Nextcloud".to_owned()));
        assert!(page.text(".rows").contains("AGPL-3.0"));
        assert_eq!(browser.get("/alternatives/inconnu").await.status, 404);
    }
}
