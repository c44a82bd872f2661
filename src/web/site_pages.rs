//! Pages that tell what the site is: home, project, legal notices, rules, site map.

use askama::Template;

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
    /// Address to write to.
    pub email: String,
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
    /// Days for which sent mails are kept.
    pub sent_mail_days: u64,
    /// Days for which technical logs, with addresses of computers, are kept.
    pub log_days: u64,
    /// Months for which decisions of moderation are kept.
    pub moderation_months: u64,
}

/// `/`
#[derive(Debug, Template)]
#[template(path = "site_pages/home.html")]
pub struct HomePage {
    /// The layout.
    pub page: Page,
    /// The latest ads, at most six.
    pub latest: Vec<AdCard>,
}

/// `/projet`
#[derive(Debug, Template)]
#[template(path = "site_pages/about.html")]
pub struct AboutPage {
    /// The layout.
    pub page: Page,
    /// The version of the software.
    pub version: &'static str,
    /// Where its source code is (AGPL-3.0, section 13).
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
