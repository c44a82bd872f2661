//! What every page carries: the site, the language, who is signed in, where we are.
//!
//! Plain values, without a web framework: a template is rendered the same in a test, in the
//! gallery and in a handler. Every template struct has a field `page: Page`, because the layout
//! and the components read it by that name.

use std::sync::Arc;

use super::{paths, static_files, theme::Accent};
use crate::locales::{Locale, Texts};

/// What does not change between two pages of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The name shown in the header and in titles.
    pub name: String,
    /// The public address, without a final slash: `https://example.org`.
    pub public_url: String,
    /// The colour chosen by the administrator; `None` for the colour of the project.
    pub accent: Option<Accent>,
    /// The address of the logo chosen by the administrator; `None` for the logo of the project.
    pub logo: Option<String>,
}

impl SignedIn {
    /// Everything that waits for this person.
    pub fn waiting(&self) -> u64 {
        self.to_answer + self.to_moderate.unwrap_or_default()
    }
}

/// The person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// How the person is called on screen.
    pub name: String,
    /// Number of things that wait for the organisations of the person: replies to accept.
    pub to_answer: u64,
    /// Number of things that wait for a moderator; `None` when the person does not moderate.
    pub to_moderate: Option<u64>,
}

/// How a message is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Success,
    /// Good to know.
    Note,
    /// Something needs care.
    Warning,
    /// It did not work.
    Problem,
}

impl Tone {
    /// The class that styles this tone.
    pub fn class(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }

    /// The icon of this tone, so that colour never says it alone.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Success => "circle-check",
            Self::Note => "info",
            Self::Warning => "triangle-alert",
            Self::Problem => "circle-alert",
        }
    }
}

/// A message about what the person just did, shown once at the top of the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// How it is to be taken.
    pub tone: Tone,
    /// One sentence, already in the language of the reader.
    pub text: String,
}

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it goes.
    pub href: String,
    /// What it says.
    pub label: String,
}

impl Link {
    /// A link from its words and its address.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            label: label.into(),
        }
    }
}

/// Another form of the same content: a feed, the federated document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternate {
    /// Media type: `application/atom+xml`, `application/activity+json`.
    pub media_type: &'static str,
    /// Absolute address, or one that starts with `/`.
    pub href: String,
    /// What it is; empty for machines only.
    pub title: String,
}

/// The picture shown when a page is shared elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareImage {
    /// Absolute address.
    pub url: String,
    /// What is on the picture.
    pub alt: String,
}

/// A page in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Language tag.
    pub tag: &'static str,
    /// Name of the language, in that language.
    pub name: &'static str,
    /// The page in that language.
    pub href: String,
    /// Whether this is the language being read.
    pub is_current: bool,
}

/// A group of links of the footer and of the site map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkGroup {
    /// What the links have in common.
    pub title: &'static str,
    /// The links, in order.
    pub links: Vec<Link>,
}

/// Everything that the layout needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The site.
    pub site: Arc<Site>,
    /// The texts, in the language of the reader.
    pub t: Texts,
    /// The path of this page, without its query: `/annonces`.
    pub path: String,
    /// What of its query is kept when the language changes, without `?`; may be empty.
    pub query: String,
    /// The name of the page, first part of `<title>`; empty for the home page.
    pub title: String,
    /// One sentence for search engines and previews; may be empty.
    pub description: String,
    /// The absolute address that this page wants to be known by.
    pub canonical: String,
    /// Who is signed in.
    pub person: Option<SignedIn>,
    /// The token that every form of this page sends back; empty when nobody needs one.
    pub csrf: String,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The way to this page, home first and this page excluded.
    pub breadcrumbs: Vec<Link>,
    /// Other forms of this page.
    pub alternates: Vec<Alternate>,
    /// The picture for previews elsewhere.
    pub share_image: Option<ShareImage>,
    /// Whether a form of this page was refused: the title then starts with « Erreur ».
    pub has_errors: bool,
    /// Whether search engines may list this page.
    pub is_indexed: bool,
}

impl Page {
    /// A page at a path, read by nobody in particular.
    pub fn new(site: Arc<Site>, locale: Locale, path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            canonical: format!("{}{path}", site.public_url),
            site,
            t: Texts::of(locale),
            path,
            query: String::new(),
            title: String::new(),
            description: String::new(),
            person: None,
            csrf: String::new(),
            flash: None,
            breadcrumbs: Vec::new(),
            alternates: Vec::new(),
            share_image: None,
            has_errors: false,
            is_indexed: true,
        }
    }

    /// Names the page. Use the same words as its `h1`.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Describes the page in one sentence.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Keeps this query in the address of the page: its filters, what it is about. Never a secret.
    #[must_use]
    pub fn keeping(mut self, query: &str) -> Self {
        if !query.is_empty() {
            query.clone_into(&mut self.query);
            self.canonical = format!("{}{}?{query}", self.site.public_url, self.path);
        }
        self
    }

    /// Adds a step to the way to this page; home is added by itself before the first.
    #[must_use]
    pub fn under(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        if self.breadcrumbs.is_empty() {
            let home = Link::new(self.t.tr("Accueil"), paths::HOME);
            self.breadcrumbs.push(home);
        }
        self.breadcrumbs.push(Link::new(label, href));
        self
    }

    /// Declares another form of this page.
    #[must_use]
    pub fn also_as(
        mut self,
        media_type: &'static str,
        href: impl Into<String>,
        title: impl Into<String>,
    ) -> Self {
        self.alternates.push(Alternate {
            media_type,
            href: href.into(),
            title: title.into(),
        });
        self
    }

    /// Says that a form of this page was refused.
    #[must_use]
    pub fn with_errors(mut self) -> Self {
        self.has_errors = true;
        self
    }

    /// Keeps the page out of search engines.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.is_indexed = false;
        self
    }

    /// The whole `<title>`: « Erreur : Page – Site ».
    pub fn full_title(&self) -> String {
        let mut title = String::new();
        if self.has_errors {
            title.push_str(self.t.tr("Erreur : "));
        }
        if !self.title.is_empty() {
            title.push_str(&self.title);
            title.push_str(" – ");
        }
        title + &self.site.name
    }

    /// The address of a file of `src/web/static`, which changes when the file changes.
    pub fn asset(&self, name: &str) -> String {
        static_files::url(name)
    }

    /// The address of the logo.
    pub fn logo(&self) -> String {
        self.site
            .logo
            .clone()
            .unwrap_or_else(|| self.asset("logo.svg"))
    }

    /// This page in every language, for the switch.
    pub fn languages(&self) -> Vec<Language> {
        Locale::ALL
            .into_iter()
            .map(|locale| Language {
                tag: locale.tag(),
                name: locale.name(),
                href: match self.query.as_str() {
                    "" => format!("{}?lang={}", self.path, locale.tag()),
                    query => format!("{}?{query}&lang={}", self.path, locale.tag()),
                },
                is_current: locale == self.t.locale,
            })
            .collect()
    }

    /// Whether a link leads to this page or to a page above it.
    pub fn is_within(&self, href: &str) -> bool {
        self.path == href
            || (href != paths::HOME
                && self
                    .path
                    .strip_prefix(href)
                    .is_some_and(|rest| rest.starts_with('/')))
    }

    /// The links of the main menu.
    pub fn menu(&self) -> Vec<Link> {
        let t = self.t;
        vec![
            Link::new(t.tr("Accueil"), paths::HOME),
            Link::new(t.tr("Annuaire"), paths::DIRECTORY),
            Link::new(t.tr("Petites annonces"), paths::ADS),
            Link::new(t.tr("Le projet"), paths::ABOUT),
        ]
    }

    /// The links of the footer and of the site map.
    pub fn link_groups(&self) -> Vec<LinkGroup> {
        let t = self.t;
        let mine = if self.person.is_some() {
            vec![Link::new(t.tr("Mon espace"), paths::ACCOUNT)]
        } else {
            vec![
                Link::new(t.tr("Se connecter"), paths::SIGN_IN),
                Link::new(t.tr("Créer un compte"), paths::SIGN_UP),
            ]
        };
        let mut ads = vec![
            Link::new(t.tr("Toutes les annonces"), paths::ADS),
            Link::new(t.tr("Publier un besoin"), paths::NEW_AD),
        ];
        ads.extend(mine);
        vec![
            LinkGroup {
                title: t.tr("Trouver de l’aide"),
                links: vec![
                    Link::new(t.tr("Annuaire des structures"), paths::DIRECTORY),
                    Link::new(t.tr("Par quoi remplacer vos outils ?"), paths::CATALOGUE),
                    Link::new(t.tr("Critères de l’annuaire"), paths::CRITERIA),
                    Link::new(t.tr("Journal des décisions"), paths::PUBLIC_LOG),
                ],
            },
            LinkGroup {
                title: t.tr("Petites annonces"),
                links: ads,
            },
            LinkGroup {
                title: t.tr("À propos"),
                links: vec![
                    Link::new(t.tr("Le projet"), paths::ABOUT),
                    Link::new(t.tr("Règles de modération"), paths::MODERATION_RULES),
                    Link::new(t.tr("Critères de l’annuaire"), paths::CRITERIA),
                    Link::new(t.tr("Journal des décisions"), paths::PUBLIC_LOG),
                    Link::new(t.tr("Plan du site"), paths::SITE_MAP),
                ],
            },
            LinkGroup {
                title: t.tr("Vos droits"),
                links: vec![
                    Link::new(t.tr("Mentions légales"), paths::LEGAL),
                    Link::new(t.tr("Vie privée"), paths::PRIVACY),
                    Link::new(t.tr("Accessibilité : non conforme"), paths::ACCESSIBILITY),
                ],
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str) -> Page {
        let site = Site {
            name: "Emancip’Asso".into(),
            public_url: "https://asso.example".into(),
            accent: None,
            logo: None,
        };
        Page::new(Arc::new(site), Locale::Fr, path)
    }

    #[test]
    fn a_refused_form_is_announced_in_the_title() {
        let page = page("/annonces/nouvelle")
            .titled("Publier un besoin")
            .with_errors();
        assert_eq!(
            page.full_title(),
            "Erreur\u{a0}: Publier un besoin – Emancip’Asso"
        );
    }

    #[test]
    fn the_menu_marks_the_section_but_home_only_on_home() {
        let page = page("/annonces/12-un-besoin");
        assert!(page.is_within("/annonces"));
        assert!(!page.is_within("/"));
        assert!(!page.is_within("/annonces/1"));
    }

    #[test]
    fn breadcrumbs_start_at_home() {
        let page = page("/annonces/12").under("Petites annonces", "/annonces");
        assert_eq!(page.breadcrumbs.first(), Some(&Link::new("Accueil", "/")));
        assert_eq!(page.breadcrumbs.len(), 2);
    }
}
