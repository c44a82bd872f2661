//! Links between a structure and the association that recommends it: what may make a
//! recommendation worth less than it looks (product, invariants 2 and 3).
//!
//! A link is no proof of anything. It is shown to moderators, who refuse, or set it aside and say
//! why.

use std::collections::BTreeSet;

use url::Url;

use crate::domain::ids::AccountId;

words! {
    /// What both sides have in common.
    pub enum LinkKind {
        /// The author states an interest.
        Declared => "declared",
        /// The same person acts for both.
        SamePerson => "same-person",
        /// One address acts for both, without account.
        SameAddress => "same-address",
        /// Addresses at the same domain, which is no public provider.
        SameMailDomain => "same-mail-domain",
        /// The same RNA number or SIREN.
        SameNumber => "same-number",
        SameWebsite => "same-website",
    }
}

/// A link, and what tells it from another of its kind: a domain, a number, an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    pub kind: LinkKind,
    /// Never an address of somebody.
    pub detail: String,
}

impl Link {
    fn new(kind: LinkKind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, detail }
    }

    /// How a link is named in a form and in the conversation.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind, self.detail)
    }
}

/// What is known of one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Accounts that act for it.
    pub people: Vec<AccountId>,
    /// Their addresses, and the one it uses without account; in lower case.
    pub addresses: Vec<String>,
    pub rna: Option<String>,
    pub siren: Option<String>,
    pub website: Option<String>,
}

/// Domains of mail and of pages that anybody may use: sharing one means nothing. The large French
/// providers, the large foreign ones, and platforms where associations keep a page.
const SHARED_DOMAINS: [&str; 50] = [
    "aol.com",
    "assoconnect.com",
    "bbox.fr",
    "blogspot.com",
    "disroot.org",
    "e.email",
    "ecomail.fr",
    "facebook.com",
    "fastmail.com",
    "framasite.org",
    "free.fr",
    "gandi.net",
    "github.io",
    "gmail.com",
    "gmx.com",
    "gmx.fr",
    "googlemail.com",
    "helloasso.com",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "ik.me",
    "instagram.com",
    "laposte.net",
    "lilo.org",
    "linkedin.com",
    "live.com",
    "live.fr",
    "mailbox.org",
    "mailo.com",
    "me.com",
    "murena.io",
    "netcourrier.com",
    "neuf.fr",
    "numericable.fr",
    "orange.fr",
    "outlook.com",
    "outlook.fr",
    "pm.me",
    "posteo.net",
    "proton.me",
    "protonmail.com",
    "riseup.net",
    "sfr.fr",
    "tuta.com",
    "wanadoo.fr",
    "yahoo.com",
    "yahoo.fr",
    "ymail.com",
    "zaclys.net",
];

/// Whether anybody may have an address or a page at this domain.
pub fn is_shared_domain(domain: &str) -> bool {
    SHARED_DOMAINS.binary_search(&domain).is_ok()
}

/// What both sides have in common, in the order of [`LinkKind`]; `interest` is what the author
/// declares, empty for nothing.
pub fn detect(host: &Side, association: &Side, interest: &str) -> Vec<Link> {
    let mut links = BTreeSet::new();
    if !interest.trim().is_empty() {
        links.insert(Link::new(LinkKind::Declared, ""));
    }
    for person in common(&host.people, &association.people) {
        links.insert(Link::new(LinkKind::SamePerson, person.to_string()));
    }
    for address in common(&host.addresses, &association.addresses) {
        let domain = domain_of(&address).unwrap_or_default();
        links.insert(Link::new(LinkKind::SameAddress, domain));
    }
    let domains = |side: &Side| -> Vec<String> {
        let domains = side.addresses.iter().filter_map(|it| domain_of(it));
        domains.map(str::to_owned).collect()
    };
    for domain in common(&domains(host), &domains(association)) {
        if !is_shared_domain(&domain) {
            links.insert(Link::new(LinkKind::SameMailDomain, domain));
        }
    }
    for (one, other) in [
        (&host.rna, &association.rna),
        (&host.siren, &association.siren),
    ] {
        if let (Some(one), Some(other)) = (one, other)
            && one == other
        {
            links.insert(Link::new(LinkKind::SameNumber, one));
        }
    }
    let site = |side: &Side| side.website.as_deref().and_then(site_of);
    if let (Some(one), Some(other)) = (site(host), site(association))
        && one == other
        && !is_shared_domain(&one)
    {
        links.insert(Link::new(LinkKind::SameWebsite, one));
    }
    links.into_iter().collect()
}

fn common<T: Ord + Clone>(one: &[T], other: &[T]) -> Vec<T> {
    let one: BTreeSet<_> = one.iter().collect();
    let other: BTreeSet<_> = other.iter().collect();
    one.intersection(&other).map(|it| (*it).clone()).collect()
}

fn domain_of(address: &str) -> Option<&str> {
    address.split_once('@').map(|(_, domain)| domain)
}

/// The host of a web site, `www.` left aside.
fn site_of(website: &str) -> Option<String> {
    let url = Url::parse(website).ok()?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(person: i64, address: &str, website: &str) -> Side {
        Side {
            people: vec![person.into()],
            addresses: vec![address.to_owned()],
            website: Some(website.to_owned()),
            ..Side::default()
        }
    }

    fn keys(host: &Side, association: &Side, interest: &str) -> Vec<String> {
        let links = detect(host, association, interest);
        links.iter().map(Link::key).collect()
    }

    #[test]
    fn sides_that_share_nothing_have_no_link() {
        let host = side(1, "a@hote.example", "https://hote.example/");
        let association = side(2, "b@asso.example", "https://asso.example/");
        assert_eq!(keys(&host, &association, " "), [""; 0]);
    }

    #[test]
    fn each_thing_in_common_is_a_link() {
        let host = Side {
            rna: Some("W691234567".into()),
            siren: Some("732829320".into()),
            ..side(1, "a@toile.example", "https://www.toile.example/nous")
        };
        let association = Side {
            people: vec![2.into(), 1.into()],
            addresses: vec!["a@toile.example".into(), "b@toile.example".into()],
            rna: host.rna.clone(),
            siren: host.siren.clone(),
            website: Some("http://toile.example".into()),
        };
        assert_eq!(
            keys(&host, &association, "Je suis salarié de la structure."),
            [
                "declared:",
                "same-person:1",
                "same-address:toile.example",
                "same-mail-domain:toile.example",
                "same-number:732829320",
                "same-number:W691234567",
                "same-website:toile.example",
            ]
        );
    }

    #[test]
    fn what_anybody_may_use_is_no_link() {
        for provider in ["gmail.com", "laposte.net", "yahoo.com", "riseup.net"] {
            let host = side(1, &format!("a@{provider}"), "https://facebook.com/un");
            let association = side(2, &format!("b@{provider}"), "https://www.facebook.com/deux");
            assert_eq!(keys(&host, &association, ""), [""; 0], "{provider}");
        }
    }

    #[test]
    fn shared_domains_are_in_order_for_the_search() {
        assert!(SHARED_DOMAINS.is_sorted());
    }
}
