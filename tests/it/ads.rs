//! The ads that everybody reads: list, page, feed, pictures, home.

use atom_syndication::Feed;
use chrono::TimeDelta;
use emancipasso::{
    app::ads::{
        life::{self, MilestoneInput},
        publication,
        review::{self, Decision},
        writing,
    },
    domain::{
        account::Role,
        ad::AdInput,
        picture::{AltText, PictureLimits, reencode},
    },
};
use reqwest::{
    Method,
    header::{ACCEPT, HeaderMap, HeaderValue},
};

use crate::support::{
    Browser, Engine, Instance, Page,
    people::{Association, complete_ad as ad},
};

/// What Mastodon sends.
const ACTIVITY: &str = "application/activity+json, application/ld+json";

async fn start(engine: Engine) -> (Instance, Association) {
    let instance = Instance::start(engine, "lyon.test").await;
    let association = instance.association("Les Amis du vélo").await;
    (instance, association)
}

fn titles(page: &Page) -> Vec<String> {
    page.texts(".board h3")
}

async fn titles_at(browser: &Browser, path: &str) -> Vec<String> {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}");
    titles(&page)
}

/// `12` in « Bretagne, toute la région (12) ».
fn count_in(page: &Page, select: &str, value: &str) -> String {
    let option = page.text(&format!("#{select} option[value='{value}']"));
    let (_, count) = option.rsplit_once('(').unwrap();
    count.trim_end_matches(')').to_owned()
}

on_both_engines! {
    async fn filters_stay_in_the_address_and_count_what_they_show(engine: Engine) {
        let (instance, velo) = start(engine).await;
        let software = |title: &str, territory: &str| AdInput {
            kind: "software".into(),
            territory: territory.into(),
            ..ad(title)
        };
        instance.publish(&velo, &software("Tenir un agenda à plusieurs", "departement:29")).await;
        instance.publish(&velo, &software("Prêter du matériel entre nous", "region:53")).await;
        instance.publish(&velo, &ad("Imprimer des badges de bénévoles")).await;
        instance.publish(&velo, &software("Voter à distance en assemblée", "everywhere")).await;
        instance.publish(&velo, &software("Inscrire les enfants au camp", "departement:69")).await;
        let browser = instance.browser();

        let page = browser.get("/annonces?kind=software&territory=departement%3A29").await;
        assert_eq!(
            titles(&page),
            ["Voter à distance en assemblée", "Prêter du matériel entre nous", "Tenir un agenda à plusieurs"],
            "the latest first; what is for the région and for everybody is for the département too"
        );
        assert_eq!(page.attributes("#kind option[selected]", "value"), ["software"]);
        assert_eq!(page.attributes("#territory option[selected]", "value"), ["departement:29"]);
        assert_eq!(count_in(&page, "kind", "software"), "3");
        assert_eq!(count_in(&page, "kind", "feature"), "1", "a filter does not narrow itself");
        assert_eq!(count_in(&page, "kind", "accompaniment"), "0");
        assert_eq!(count_in(&page, "territory", "departement:29"), "3");
        assert_eq!(count_in(&page, "territory", "region:53"), "3");
        assert_eq!(count_in(&page, "territory", "departement:69"), "2");
        assert_eq!(count_in(&page, "territory", "region:84"), "2");
        let english = page.attributes("footer a[hreflang=en]", "href").remove(0);
        assert_eq!(english, "/annonces?kind=software&territory=departement%3A29&lang=en");
    }

    async fn a_filter_that_does_not_exist_is_named_and_nothing_else_is_lost(engine: Engine) {
        let (instance, velo) = start(engine).await;
        instance.publish(&velo, &ad("Imprimer des badges de bénévoles")).await;
        let browser = instance.browser();
        for (field, value) in [
            ("kind", "voiture"),
            ("territory", "departement:99"),
            ("status", "perdue"),
            ("licence", "Proprietary"),
            ("tag", "a-b"),
            ("after", "demain"),
            ("before", "1"),
        ] {
            let page = browser.get(&format!("/annonces?q=badges&{field}={value}")).await;
            assert_eq!(page.status, 422, "{field}");
            assert_eq!(page.texts("#error-summary li").len(), 1, "{field}");
            assert_eq!(page.attributes("#q", "value"), ["badges"], "{field}");
            assert_eq!(titles(&page), ["Imprimer des badges de bénévoles"], "{field}");
        }
        let page = browser.get("/annonces?kind=voiture&status=perdue").await;
        assert_eq!(page.texts("#error-summary li").len(), 2, "all at once");
    }

    async fn a_hashtag_is_found_however_it_is_written_and_nothing_like_it_is(engine: Engine) {
        let (instance, velo) = start(engine).await;
        instance.publish(&velo, &AdInput { hashtags: "#Élections".into(), ..ad("Voter à distance en assemblée") }).await;
        instance.publish(&velo, &AdInput { hashtags: "#election".into(), ..ad("Compter les voix des membres") }).await;
        let browser = instance.browser();
        for tag in ["elections", "%C3%89lections", "ELECTIONS"] {
            assert_eq!(titles_at(&browser, &format!("/annonces?tag={tag}")).await, ["Voter à distance en assemblée"], "{tag}");
        }
        assert!(titles_at(&browser, "/annonces?tag=e_ections").await.is_empty(), "no joker");
        let page = browser.get("/annonces/1-voter-a-distance-en-assemblee").await;
        let link = page.attributes("a[rel=tag]", "href").remove(0);
        assert_eq!(titles_at(&browser, &link).await, ["Voter à distance en assemblée"]);
    }

    async fn pages_follow_one_another_both_ways_while_ads_are_added(engine: Engine) {
        let (instance, velo) = start(engine).await;
        for number in 1..=45 {
            instance.publish(&velo, &ad(&format!("Besoin numéro {number} de l’association"))).await;
            instance.advance(TimeDelta::seconds(1));
        }
        let browser = instance.browser();
        let mut page = browser.get("/annonces?kind=feature").await;
        let mut forwards = vec![titles(&page)];
        assert!(!page.has("a[rel=prev]"));
        while let Some(next) = page.attributes("a[rel=next]", "href").pop() {
            instance.publish(&velo, &ad("Besoin arrivé entre deux pages")).await;
            instance.advance(TimeDelta::seconds(1));
            page = browser.get(&next).await;
            forwards.push(titles(&page));
        }
        let lengths: Vec<_> = forwards.iter().map(Vec::len).collect();
        assert_eq!(lengths, [20, 20, 5]);
        let expected: Vec<String> = (1..=45).rev().map(|n| format!("Besoin numéro {n} de l’association")).collect();
        assert_eq!(forwards.concat(), expected, "each once, in order");

        let previous = page.attributes("a[rel=prev]", "href").remove(0);
        let page = browser.get(&previous).await;
        assert_eq!(titles(&page), forwards[1]);
        let first = browser.get(&page.attributes("a[rel=prev]", "href")[0]).await;
        assert_eq!(titles(&first), forwards[0]);
        assert!(first.has("a[rel=prev]"), "two ads came above");
    }

    async fn inclusive_accented_and_plural_words_find_the_same_ads(engine: Engine) {
        let (instance, velo) = start(engine).await;
        let cases: serde_json::Value =
            serde_json::from_str(include_str!("../fixtures/ecriture-inclusive.json")).unwrap();
        let cases: Vec<(String, Vec<String>)> = serde_json::from_value(cases["cas"].clone()).unwrap();
        assert!(!cases.is_empty());
        for (number, (written, _)) in cases.iter().enumerate() {
            instance.publish(&velo, &ad(&format!("Réunir les {written} du groupe {number}"))).await;
        }
        instance.publish(&velo, &ad("Gérer le cœur de métier : les œuvres et les élèves")).await;
        let browser = instance.browser();
        for (number, (written, forms)) in cases.iter().enumerate() {
            let title = format!("Réunir les {written} du groupe {number}");
            for form in forms.iter().chain([written]) {
                let query = url::form_urlencoded::byte_serialize(form.as_bytes()).collect::<String>();
                let found = titles_at(&browser, &format!("/annonces?q={query}")).await;
                assert!(found.contains(&title), "{form} finds {written}: {found:?}");
            }
        }
        for query in ["coeur", "C%C5%92UR", "oeuvre", "eleve", "%C3%89l%C3%A8ves", "metiers"] {
            let found = titles_at(&browser, &format!("/annonces?q={query}")).await;
            assert_eq!(found, ["Gérer le cœur de métier : les œuvres et les élèves"], "{query}");
        }
        assert!(titles_at(&browser, "/annonces?q=inexistant").await.is_empty());
    }

    async fn an_ad_tells_its_life_from_publication_to_outcome(engine: Engine) {
        let (instance, velo) = start(engine).await;
        let id = instance.publish(&velo, &ad("Imprimer des badges de bénévoles")).await.id;
        instance.advance(TimeDelta::days(10));
        for (kind, text) in [("gathering", "Deux associations nous rejoignent.\n<b>Enfin</b>"), ("delivered", "Le module est publié.")] {
            let input = MilestoneInput { kind: kind.into(), text: text.into(), ..MilestoneInput::default() };
            life::add_milestone(&instance.app, &velo.who, id, &input).await.unwrap();
            instance.advance(TimeDelta::days(5));
        }
        life::tell_outcome(&instance.app, &velo.who, id, "Tout le monde s’en sert.").await.unwrap();

        let page = instance.browser().get("/annonces/1-imprimer-des-badges-de-benevoles").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.text("h1"), "Imprimer des badges de bénévoles");
        assert_eq!(page.text("article .prose strong"), "bénévoles");
        assert_eq!(
            page.texts(".timeline h3"),
            ["Le résultat est livré", "Le regroupement commence", "L’annonce est publiée"]
        );
        assert_eq!(page.texts(".timeline time").last().unwrap(), "22 novembre 2026");
        assert!(page.html.contains("&lt;b&gt;Enfin&lt;/b&gt;"), "plain text stays plain");
        assert!(page.text(".callout.success").contains("Tout le monde s’en sert."));
        assert_eq!(page.text("#handle"), "@annonce_1@lyon.test");
        assert!(!page.has(".stats"), "no count is shown before there is one");
        assert_eq!(
            page.attributes("link[rel=alternate][type='application/activity+json']", "href"),
            ["http://lyon.test/annonces/1-imprimer-des-badges-de-benevoles"]
        );
        assert_eq!(page.attributes("meta[property='og:type']", "content"), ["article"]);
        assert!(titles_at(&instance.browser(), "/annonces").await.is_empty(), "it ended");
        assert_eq!(titles_at(&instance.browser(), "/annonces?status=ended").await.len(), 1);
    }

    async fn an_ad_has_one_address_and_none_before_nor_after(engine: Engine) {
        let (instance, velo) = start(engine).await;
        let draft = writing::create(&instance.app, &velo.who, velo.id, &ad("Un brouillon que personne ne lit")).await.unwrap();
        let id = instance.publish(&velo, &ad("Imprimer des badges de bénévoles")).await.id;
        let browser = instance.browser();
        let right = "/annonces/1-imprimer-des-badges-de-benevoles";
        for other in ["/annonces/1", "/annonces/1-", "/annonces/1-un-autre-titre", "/annonces/01-imprimer-des-badges-de-benevoles"] {
            let moved = browser.get(other).await;
            assert_eq!((moved.status, moved.location()), (301, right), "{other}");
        }
        for absent in [
            "/annonces/2".to_owned(),
            format!("/annonces/{draft}"),
            "/annonces/brouillon".to_owned(),
            "/annonces/99999999999999999999".to_owned(),
        ] {
            assert_eq!(browser.get(&absent).await.status, 404, "{absent}");
        }
        instance.advance(TimeDelta::days(3));
        life::withdraw(&instance.app, &velo.who, id).await.unwrap();
        let notice = browser.get(right).await;
        assert_eq!(notice.status, 410);
        assert!(notice.text("main").contains("25 novembre 2026"), "{}", notice.text("main"));
        assert!(!notice.html.contains("badges de bénévoles"), "nothing of it is left");
        assert!(titles_at(&browser, "/annonces?status=all").await.is_empty());
    }

    async fn a_browser_gets_a_page_and_a_server_a_document_at_the_same_address(engine: Engine) {
        let (instance, velo) = start(engine).await;
        instance.publish(&velo, &ad("Imprimer des badges de bénévoles")).await;
        let browser = instance.browser();
        for path in ["/annonces", "/annonces/1-imprimer-des-badges-de-benevoles"] {
            let page = browser.get(path).await;
            assert!(page.header("content-type").starts_with("text/html"), "{path}");
            let varies = |page: &Page| page.headers.get_all("vary").iter().any(|names| {
                names.to_str().unwrap().to_lowercase().split(',').any(|name| name.trim() == "accept")
            });
            assert!(varies(&page), "{path}");
            let accept = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(ACTIVITY))]);
            let document = browser.send(browser.request(Method::GET, path).headers(accept)).await;
            assert_eq!(document.status, 200, "{path}: {}", document.html);
            assert!(document.header("content-type").starts_with("application/activity+json"), "{path}");
            assert!(varies(&document), "{path}");
        }
    }
}

on_both_engines! {
    async fn the_feed_holds_what_the_list_holds_and_can_be_paged(engine: Engine) {
        let (instance, velo) = start(engine).await;
        for number in 1..=25 {
            instance.publish(&velo, &ad(&format!("Besoin numéro {number} de l’association"))).await;
            instance.advance(TimeDelta::hours(1));
        }
        instance.publish(&velo, &AdInput { kind: "software".into(), ..ad("Un <logiciel> & un agenda") }).await;
        let browser = instance.browser();
        let read = async |path: &str| {
            let page = browser.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert_eq!(page.header("content-type"), "application/atom+xml; charset=utf-8");
            Feed::read_from(page.html.as_bytes()).unwrap()
        };
        let feed = read("/annonces.atom").await;
        assert_eq!(feed.id, "http://lyon.test/annonces.atom");
        assert_eq!(feed.entries.len(), 20);
        let latest = &feed.entries[0];
        assert_eq!(latest.title.as_str(), "Un <logiciel> & un agenda");
        assert!(latest.id.starts_with("http://lyon.test/annonces/26-"), "{}", latest.id);
        assert_eq!(latest.links[0].href, latest.id);
        assert_eq!(latest.authors[0].name, "Les Amis du vélo");
        assert_eq!(latest.categories[0].term, "libre");
        assert_eq!(feed.updated, latest.updated);
        let content = latest.content.as_ref().unwrap();
        assert_eq!(content.content_type.as_deref(), Some("html"));
        assert!(content.value.as_ref().unwrap().contains("<strong>bénévoles</strong>"));

        let link = |feed: &Feed, rel: &str| {
            let found = feed.links.iter().find(|link| link.rel == rel);
            found.map(|link| link.href.clone())
        };
        assert_eq!(link(&feed, "self").unwrap(), "http://lyon.test/annonces.atom");
        let rest = read(&link(&feed, "next").unwrap()).await;
        assert_eq!(rest.entries.len(), 6);
        assert!(link(&rest, "next").is_none());
        let back = read(&link(&rest, "previous").unwrap()).await;
        assert_eq!(back.entries.first().map(|entry| &entry.id), Some(&latest.id));

        let filtered = read("/annonces.atom?kind=software").await;
        assert_eq!(filtered.entries.len(), 1);
        assert_eq!(link(&filtered, "self").unwrap(), "http://lyon.test/annonces.atom?kind=software");
        let page = browser.get("/annonces?kind=software").await;
        assert_eq!(
            page.attributes("link[type='application/atom+xml']", "href"),
            ["/annonces.atom?kind=software"]
        );
    }

    async fn a_picture_is_for_everybody_only_while_a_public_ad_shows_it(engine: Engine) {
        let (instance, velo) = start(engine).await;
        let app = &instance.app;
        let id = writing::create(&instance.app, &velo.who, velo.id, &ad("Imprimer des badges de bénévoles")).await.unwrap();
        let alt = AltText::parse("Trois badges en carton posés sur une table", None).unwrap();
        let picture = reencode(&png(), &PictureLimits::default()).unwrap();
        writing::set_image(app, &velo.who, id, &picture, &alt).await.unwrap();
        let folder = instance.data_dir().join("media");
        let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
        let path = format!("/media/{}", file.file_name().to_str().unwrap());

        let stranger = instance.browser();
        assert_eq!(stranger.get(&path).await.status, 404);
        let other = instance.signed_in("autre@asso.example", "Autre").await;
        assert_eq!(other.get(&path).await.status, 404);
        let member = instance.signed_in("les-amis-du-velo@example.org", "Les Amis du vélo").await;
        let seen = member.get(&path).await;
        assert_eq!((seen.status, seen.header("cache-control")), (200, "private, no-store"));

        publication::submit(app, &velo.who, id, "").await.unwrap();
        let moderator = instance.person("Sacha", Role::Moderator).await;
        review::decide(app, &moderator, id, Decision::Approve).await.unwrap();
        let seen = stranger.get(&path).await;
        assert_eq!(seen.status, 200);
        assert_eq!(seen.header("content-type"), picture.format.media_type());
        assert_eq!(seen.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        let page = stranger.visit("/annonces/1").await;
        assert_eq!(page.attributes("figure img", "alt"), ["Trois badges en carton posés sur une table"]);
        assert_eq!(page.attributes("figure img", "src"), [path.as_str()]);
        assert_eq!(
            page.attributes("meta[property='og:image']", "content"),
            [format!("http://lyon.test{path}")]
        );
        life::withdraw(app, &velo.who, id).await.unwrap();
        assert_eq!(stranger.get(&path).await.status, 404);
    }

    async fn the_home_page_shows_the_latest_ads_and_how_many_there_are(engine: Engine) {
        let (instance, velo) = start(engine).await;
        let browser = instance.browser();
        let page = browser.get("/").await;
        assert_eq!(page.text(".empty h3"), "Le tableau est encore vide");
        for number in 1..=7 {
            instance.publish(&velo, &ad(&format!("Besoin numéro {number} de l’association"))).await;
            instance.advance(TimeDelta::hours(1));
        }
        let page = browser.get("/").await;
        assert_eq!(titles(&page).len(), 6);
        assert_eq!(titles(&page)[0], "Besoin numéro 7 de l’association");
        assert!(page.text("#recentes ~ p, .heading ~ p").starts_with("7 annonces en cours"));
    }
}

/// A small picture.
fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(40, 30, |x, y| {
        image::Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 90])
    })
    .write_to(&mut bytes, image::ImageFormat::Png)
    .unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder_of_pictures() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let browser = instance.browser();
    assert!(instance.data_dir().join("secret.key").exists());
    for path in [
        "/media/..%2Fsecret.key",
        "/media/%2E%2E%2Fsecret.key",
        "/media/..%5Csecret.key",
        "/media/secret.key",
        "/media/",
        "/media/%00",
        "/media/%2Fetc%2Fpasswd",
        "/media//etc/passwd",
    ] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn reading_leaves_no_cookie() {
    let (instance, velo) = start(Engine::Sqlite).await;
    instance
        .publish(&velo, &ad("Imprimer des badges de bénévoles"))
        .await;
    let browser = instance.browser();
    let uri = "http%3A%2F%2Flyon.test%2Fannonces";
    for path in [
        "/",
        "/annonces",
        "/annonces?q=badges&kind=feature",
        "/annonces.atom",
        "/annonces/1",
        "/projet",
        "/mentions-legales",
        "/vie-privee",
        "/accessibilite",
        "/plan-du-site",
        "/moderation",
        &format!("/interagir?uri={uri}"),
    ] {
        let page = browser.visit(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(browser.cookie_names().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_search_for_words_that_say_nothing_asks_for_others() {
    let (instance, velo) = start(Engine::Sqlite).await;
    instance
        .publish(&velo, &ad("Imprimer des badges de bénévoles"))
        .await;
    let page = instance.browser().get("/annonces?q=le+pour+des").await;
    assert_eq!(page.status, 422);
    assert_eq!(page.texts("#error-summary li").len(), 1);
    assert_eq!(page.attributes("#q", "value"), ["le pour des"]);
    assert_eq!(titles(&page).len(), 1);
}
