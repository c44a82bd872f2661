//! Following or answering from one's own account, elsewhere: where to send the visitor.
//!
//! Another server says with WebFinger which of its pages opens what somebody found here (FEP-3b86,
//! and the older « subscribe » template). When it says nothing, the visitor copies an address.

use std::net::IpAddr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::{
    app::{
        App, AppError,
        subjects::{Subject, SubjectKind},
    },
    domain::{authority::authority_of, problem::Problem},
};

/// What other servers tell about themselves, for visitors of ours.
#[async_trait]
pub trait RemoteDirectory: Send + Sync {
    /// The pages that open things for this account (`name@host`, or the address of its page).
    async fn list_templates(
        &self,
        account: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Template>, NoTemplate>;

    /// Name of the software of a host, in lower case; `None` when it does not say.
    async fn find_software(&self, host: &str, now: DateTime<Utc>) -> Option<String>;

    /// Where the pages of a host begin: `https://host/`.
    fn root_of(&self, host: &str) -> Option<Url>;

    /// Whether visitors may be sent to this address.
    fn is_allowed(&self, url: &Url) -> bool;
}

/// A page of another server that opens things, with a mark to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its relation in WebFinger.
    pub rel: String,
    /// `https://host/page?uri={uri}`.
    pub template: String,
}

/// Why another server gave no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTemplate {
    /// It answers, and knows nobody of this name.
    Unknown,
    /// It does not answer, or not in a way that we understand.
    NoAnswer,
}

/// Where the visitor goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// A page of the host that they named, or of one below or above it.
    Home(Url),
    /// A page of another host, which theirs named.
    Elsewhere(Url),
    /// Their site has no such page: they search for the address there.
    Copy { host: String },
}

/// Software whose page is known though it may not tell it for a bare domain.
const MASTODON_FAMILY: [&str; 5] = ["mastodon", "hometown", "glitchsoc", "kmyblue", "fedibird"];
const MOBILIZON: &str = "mobilizon";

/// Relations of WebFinger that open what somebody follows, the best first, with their mark.
const TO_FOLLOW: [(&str, &str); 3] = [
    ("https://w3id.org/fep/3b86/Follow", "{object}"),
    ("https://w3id.org/fep/3b86/Object", "{object}"),
    ("http://ostatus.org/schema/1.0/subscribe", "{uri}"),
];

/// The characters that stay as they are in a value of a query (RFC 3986 §2.3).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Finds the page of the visitor's own site that opens a subject. `typed` is their address
/// (`@name@host`, or that of their page) or the domain of their site.
pub async fn lead(
    app: &App,
    directory: &dyn RemoteDirectory,
    subject: &Subject,
    typed: &str,
) -> Result<Lead, AppError> {
    let home = Home::parse(typed).ok_or_else(|| problem(Problem::new(
        "Écrivez votre adresse, par exemple @camille@mastodon.example, ou le nom de votre site, par exemple mastodon.example.",
    )))?;
    let now = app.now();
    let templates = match directory.list_templates(&home.account, now).await {
        Ok(templates) => templates,
        // many sites know nobody of the name of their domain
        Err(_) if home.is_bare => Vec::new(),
        Err(NoTemplate::Unknown) => {
            return Err(problem(
                Problem::new("{host} ne connaît pas cette adresse. Vérifiez son orthographe.")
                    .with("host", &home.host),
            ));
        }
        Err(NoTemplate::NoAnswer) => return Err(no_answer(&home.host)),
    };
    let kinds = match subject.kind {
        SubjectKind::Actor { .. } => &TO_FOLLOW[..],
        // a post is opened, not followed
        SubjectKind::Post => TO_FOLLOW.get(1..).unwrap_or_default(),
    };
    let told = kinds.iter().find_map(|(rel, mark)| {
        let mut matching = templates.iter().filter(|known| known.rel == *rel);
        matching.find_map(|known| fill(&known.template, mark, &subject.uri))
    });
    let url = match told {
        Some(url) => Some(url),
        None => known_page(app, directory, &home, &subject.uri).await?,
    };
    Ok(match url.filter(|url| directory.is_allowed(url)) {
        Some(url) if is_near(&url, &home.host) => Lead::Home(url),
        Some(url) => Lead::Elsewhere(url),
        None => Lead::Copy { host: home.host },
    })
}

/// The page that servers of this software have without saying so.
async fn known_page(
    app: &App,
    directory: &dyn RemoteDirectory,
    home: &Home,
    uri: &str,
) -> Result<Option<Url>, AppError> {
    let Some(software) = directory.find_software(&home.host, app.now()).await else {
        return if home.is_bare {
            Err(no_answer(&home.host))
        } else {
            Ok(None)
        };
    };
    let page = match software.as_str() {
        MOBILIZON => "interact",
        name if MASTODON_FAMILY.contains(&name) => "authorize_interaction",
        _ => return Ok(None),
    };
    let root = directory.root_of(&home.host);
    Ok(root.and_then(|root| fill(&format!("{root}{page}?uri={{uri}}"), "{uri}", uri)))
}

fn no_answer(host: &str) -> AppError {
    problem(
        Problem::new("{host} ne répond pas. Vérifiez son nom, ou cherchez l’adresse ci-dessous depuis votre compte.")
            .with("host", host),
    )
}

fn problem(problem: Problem) -> AppError {
    AppError::field("account", problem)
}

/// A template with its mark filled in, unless the mark could change where it leads.
fn fill(template: &str, mark: &str, uri: &str) -> Option<Url> {
    let value = utf8_percent_encode(uri, VALUE).to_string();
    if !template.contains(mark) {
        return None;
    }
    let filled = Url::parse(&template.replace(mark, &value)).ok()?;
    let empty = Url::parse(&template.replace(mark, "")).ok()?;
    let has_no_name = filled.username().is_empty() && filled.password().is_none();
    let stays = filled.origin() == empty.origin() && filled.host().is_some();
    (stays && has_no_name).then_some(filled)
}

/// Whether a page is on the host that the visitor named, or one is below the other.
fn is_near(url: &Url, host: &str) -> bool {
    let Some(authority) = authority_of(url) else {
        return false;
    };
    let is_below = |below: &str, above: &str| {
        above.contains('.')
            && below
                .strip_suffix(above)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    authority == host || is_below(&authority, host) || is_below(host, &authority)
}

/// Where the visitor has their account.
#[derive(Debug, PartialEq, Eq)]
struct Home {
    /// What WebFinger is asked about.
    account: String,
    /// Host, and port when it is not the usual one.
    host: String,
    /// Whether only a domain was typed.
    is_bare: bool,
}

impl Home {
    fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim().trim_start_matches("acct:");
        let typed = typed.strip_prefix('@').unwrap_or(typed);
        if typed.len() > 300 || typed.contains(char::is_whitespace) {
            return None;
        }
        if typed.starts_with("https://") || typed.starts_with("http://") {
            let url = Url::parse(typed).ok()?;
            let host = host_of(&authority_of(&url)?)?;
            return Some(match url.path() {
                "/" => Self::bare(host),
                _ => Self {
                    account: typed.to_owned(),
                    host,
                    is_bare: false,
                },
            });
        }
        match typed.rsplit_once('@') {
            Some((name, host)) if !name.is_empty() && !name.contains('@') => {
                let host = host_of(host)?;
                Some(Self {
                    account: format!("{name}@{host}"),
                    host,
                    is_bare: false,
                })
            }
            Some(_) => None,
            None => host_of(typed.trim_end_matches('/')).map(Self::bare),
        }
    }

    /// Servers that stand for a whole domain answer to its name.
    fn bare(host: String) -> Self {
        Self {
            account: format!("{host}@{host}"),
            host,
            is_bare: true,
        }
    }
}

/// A host with its port, as browsers write it; `None` for a word that is no public name.
fn host_of(typed: &str) -> Option<String> {
    let url = Url::parse(&format!("https://{typed}/")).ok()?;
    let is_host = url.path() == "/"
        && url.username().is_empty()
        && url.query().is_none()
        && url.fragment().is_none();
    let name = url.host_str()?;
    let is_name = name.contains('.') || name == "localhost" || name.parse::<IpAddr>().is_ok();
    (is_host && is_name).then(|| authority_of(&url)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(typed: &str) -> Option<(String, String)> {
        Home::parse(typed).map(|home| (home.account, home.host))
    }

    #[test]
    fn addresses_are_read_as_people_type_them() {
        let camille = Some(("camille@social.example".into(), "social.example".into()));
        for typed in [
            "@camille@social.example",
            "camille@social.example",
            " acct:camille@Social.Example ",
        ] {
            assert_eq!(home(typed), camille, "{typed}");
        }
        let domain = Some((
            "social.example@social.example".into(),
            "social.example".into(),
        ));
        for typed in [
            "social.example",
            "https://social.example",
            "SOCIAL.example/",
        ] {
            assert_eq!(home(typed), domain, "{typed}");
        }
        assert_eq!(
            home("https://social.example/@camille"),
            Some((
                "https://social.example/@camille".into(),
                "social.example".into()
            ))
        );
        assert_eq!(
            home("a@social.example:8443"),
            Some(("a@social.example:8443".into(), "social.example:8443".into()))
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "",
            "camille",
            "@camille",
            "camille@",
            "@@social.example",
            "camille@social.example/path",
            "camille@social example",
            "javascript:alert(1)",
            "social.example?x",
            "social.example#x",
        ] {
            assert_eq!(home(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_template_is_filled_without_leaving_its_host() {
        let uri = "https://lyon.example/annonces/1-a?b=c&d#e";
        assert_eq!(
            fill("https://social.example/open?uri={uri}", "{uri}", uri)
                .unwrap()
                .as_str(),
            "https://social.example/open?uri=https%3A%2F%2Flyon.example%2Fannonces%2F1-a%3Fb%3Dc%26d%23e"
        );
        for template in [
            "https://{uri}/",
            "https://social.example{uri}/",
            "https://{uri}@social.example/",
            "{uri}",
            "https://social.example/open",
            "data:text/html,{uri}",
        ] {
            assert_eq!(fill(template, "{uri}", uri), None, "{template}");
        }
    }

    #[test]
    fn only_the_host_itself_and_its_family_are_home() {
        let near = |url: &str, host: &str| is_near(&Url::parse(url).unwrap(), host);
        assert!(near("https://social.example/a", "social.example"));
        assert!(near("https://www.social.example/a", "social.example"));
        assert!(near("https://example.org/a", "social.example.org"));
        assert!(!near("https://social.example:8443/a", "social.example"));
        assert!(!near("https://evilsocial.example/a", "social.example"));
        assert!(!near("https://other.example/a", "social.example"));
    }
}
