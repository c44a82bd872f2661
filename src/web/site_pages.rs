//! Pages that tell what the site is: home, project, legal notices, rules, site map.

mod routes;

use askama::Template;

pub use routes::routes;

use super::components::AdCard;
use super::page::Page;

/// Who answers for the site, as the law asks (LCEN, article 1-1 since 2024, formerly 6 III).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// Name of the organisation or of the person.
    pub name: String,
    /// Legal form and registration: « association loi 1901, RNA W751234567 »; may be empty.
    pub registration: String,
    /// Postal address, lines separated by `\n`.
    pub address: String,
    /// Address to write to; may be empty.
    pub email: String,
    /// The path of the form to write to the team with, when there is no address.
    pub form: String,
    /// Telephone number; may be empty.
    pub phone: String,
    /// Who directs the publication.
    pub director: String,
    /// Who hosts the site: name, address and telephone number, lines separated by `\n`.
    pub host: String,
}

impl Publisher {
    fn address_lines(&self) -> impl Iterator<Item = &str> {
        self.address.lines().filter(|line| !line.trim().is_empty())
    }

    fn host_lines(&self) -> impl Iterator<Item = &str> {
        self.host.lines().filter(|line| !line.trim().is_empty())
    }
}

/// How long things are kept. The jobs that delete use the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days after which an unused session ends.
    pub session_days: u64,
    /// Minutes for which a sign-in link works.
    pub sign_in_link_minutes: u64,
    /// Days for which a sign-in link is kept after that.
    pub dead_link_days: u64,
    /// Days for which an invitation can be accepted.
    pub invitation_days: u64,
    /// Days for which the trace of finished work is kept: mails, exchanges with other sites,
    /// invitations that ended.
    pub record_days: u64,
}

/// `/`
#[derive(Debug, Template)]
#[template(path = "site_pages/home.html")]
pub struct HomePage {
    /// The layout.
    pub page: Page,
    /// The latest ads, at most six.
    pub latest: Vec<AdCard>,
    /// How many ads can still be answered.
    pub active_count: i64,
    /// How many were delivered.
    pub delivered_count: i64,
}

/// `/projet`
#[derive(Debug, Template)]
#[template(path = "site_pages/about.html")]
pub struct AboutPage {
    /// The layout.
    pub page: Page,
    /// The version of the software.
    pub version: &'static str,
    /// Where its source code is (AGPL-3.0, section 13); empty when it is given on demand.
    pub source_url: String,
}

/// `/mentions-legales`
#[derive(Debug, Template)]
#[template(path = "site_pages/legal.html")]
pub struct LegalPage {
    /// The layout.
    pub page: Page,
    /// Who answers for the site.
    pub publisher: Publisher,
}

/// `/vie-privee`
#[derive(Debug, Template)]
#[template(path = "site_pages/privacy.html")]
pub struct PrivacyPage {
    /// The layout.
    pub page: Page,
    /// Who answers for the site.
    pub publisher: Publisher,
    /// How long things are kept.
    pub retention: Retention,
}

/// `/accessibilite`
#[derive(Debug, Template)]
#[template(path = "site_pages/accessibility.html")]
pub struct AccessibilityPage {
    /// The layout.
    pub page: Page,
    /// Who answers for the site.
    pub publisher: Publisher,
}

/// `/plan-du-site`
#[derive(Debug, Template)]
#[template(path = "site_pages/site_map.html")]
pub struct SiteMapPage {
    /// The layout.
    pub page: Page,
}

/// `/moderation`
#[derive(Debug, Template)]
#[template(path = "site_pages/moderation_rules.html")]
pub struct ModerationRulesPage {
    /// The layout.
    pub page: Page,
    /// Who answers for the site.
    pub publisher: Publisher,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use scraper::{Html, Selector};

    use super::*;
    use crate::locales::Locale;
    use crate::web::error_pages::{ErrorPage, Problem};
    use crate::web::page::{SignedIn, Site};

    fn page(locale: Locale, path: &str, title: &str) -> Page {
        let site = Site {
            name: "Site <b>&</b> Cie".into(),
            public_url: "https://asso.example".into(),
            accent: None,
            logo: None,
        };
        Page::new(Arc::new(site), locale, path).titled(title)
    }

    fn publisher() -> Publisher {
        Publisher {
            name: "L’Atelier <script>".into(),
            registration: String::new(),
            address: "1 rue du Lac\n38000 Grenoble".into(),
            email: "contact@asso.example".into(),
            form: "/signaler?uri=x".into(),
            phone: String::new(),
            director: "Camille Martin".into(),
            host: "Un hébergeur".into(),
        }
    }

    /// Every page, rendered in a language.
    fn rendered(locale: Locale) -> Vec<String> {
        let retention = Retention {
            session_days: 30,
            sign_in_link_minutes: 15,
            dead_link_days: 1,
            invitation_days: 7,
            record_days: 30,
        };
        let publisher = publisher();
        vec![
            HomePage {
                page: page(locale, "/", ""),
                latest: Vec::new(),
                active_count: 0,
                delivered_count: 0,
            }
            .render(),
            AboutPage {
                page: page(locale, "/projet", "Projet"),
                version: "1",
                source_url: "https://forge.example".into(),
            }
            .render(),
            LegalPage {
                page: page(locale, "/mentions-legales", "Mentions"),
                publisher: publisher.clone(),
            }
            .render(),
            PrivacyPage {
                page: page(locale, "/vie-privee", "Vie privée"),
                publisher: publisher.clone(),
                retention,
            }
            .render(),
            AccessibilityPage {
                page: page(locale, "/accessibilite", "Accessibilité"),
                publisher: publisher.clone(),
            }
            .render(),
            SiteMapPage {
                page: page(locale, "/plan-du-site", "Plan"),
            }
            .render(),
            ModerationRulesPage {
                page: page(locale, "/moderation", "Règles"),
                publisher,
            }
            .render(),
            ErrorPage::new(page(locale, "/x", ""), &Problem::Internal, "id-42").render(),
        ]
        .into_iter()
        .map(Result::unwrap)
        .collect()
    }

    fn count(html: &Html, selector: &str) -> usize {
        html.select(&Selector::parse(selector).unwrap()).count()
    }

    #[test]
    fn every_page_has_its_landmarks_one_heading_and_unique_ids() {
        for locale in Locale::ALL {
            for source in rendered(locale) {
                let html = Html::parse_document(&source);
                for once in [
                    "html[lang]",
                    "main#contenu",
                    "h1",
                    "a.skip[href='#contenu']",
                    "footer",
                    "#flash[role=status]",
                ] {
                    assert_eq!(count(&html, once), 1, "{once} in {source}");
                }
                let all = Selector::parse("[id]").unwrap();
                let mut seen = HashSet::new();
                for element in html.select(&all) {
                    let id = element.attr("id").unwrap();
                    assert!(seen.insert(id.to_owned()), "{id} twice");
                }
            }
        }
    }

    #[test]
    fn pages_load_nothing_from_another_site() {
        let loads = Selector::parse("[src], link[rel=stylesheet], link[rel=icon], use").unwrap();
        for source in rendered(Locale::Fr) {
            for element in Html::parse_document(&source).select(&loads) {
                let address = element
                    .attr("src")
                    .or_else(|| element.attr("href"))
                    .unwrap();
                assert!(
                    address.starts_with('/') && !address.starts_with("//"),
                    "{address}"
                );
            }
        }
    }

    #[test]
    fn names_from_settings_are_shown_as_text() {
        for source in rendered(Locale::Fr) {
            assert!(
                !source.contains("<b>&") && !source.contains("Atelier <script"),
                "{source}"
            );
        }
    }

    #[test]
    fn the_request_id_of_a_failure_is_shown() {
        let page = ErrorPage::new(page(Locale::Fr, "/x", ""), &Problem::Internal, "id-42");
        assert!(page.render().unwrap().contains("id-42"));
    }

    #[test]
    fn a_moderator_sees_what_waits() {
        let mut page = page(Locale::Fr, "/", "");
        page.person = Some(SignedIn {
            name: "Léa".into(),
            to_answer: 1,
            to_moderate: Some(4),
        });
        page.csrf = "jeton".into();
        let source = HomePage {
            page,
            latest: Vec::new(),
            active_count: 0,
            delivered_count: 0,
        }
        .render()
        .unwrap();
        let html = Html::parse_document(&source);
        assert!(source.contains("5 en attente") && source.contains("4 en attente"));
        assert_eq!(
            count(
                &html,
                "form[action='/deconnexion'] input[name=csrf][value=jeton]"
            ),
            1
        );
        assert_eq!(count(&html, "a[href='/connexion']"), 0);
    }
}
