//! Where to go next on our own site.

use std::fmt;

/// A path of this site, with its query, that came from outside and is safe to redirect to: it can
/// neither lead to another site nor split a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// The most bytes that are kept.
    pub const MAX_LENGTH: usize = 500;

    /// Reads a path; `None` for anything that a browser could take for another site.
    pub fn parse(text: &str) -> Option<Self> {
        let is_local = text.starts_with('/')
            // browsers read // and /\ as the beginning of a host
            && !text.starts_with("//")
            && !text.contains('\\')
            && text.len() <= Self::MAX_LENGTH
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_local.then(|| Self(text.to_owned()))
    }

    /// The path and its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn a_path_of_ours_is_kept_with_its_query() {
        for path in ["/", "/annonces?q=caf%C3%A9&page=2", "/compte/cles"] {
            assert_eq!(LocalPath::parse(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        for path in [
            "",
            "annonces",
            "//evil.example",
            "/\\evil.example",
            "\\/evil",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x=y",
            "javascript:alert(1)",
            "/é",
        ] {
            assert_eq!(LocalPath::parse(path), None, "{path:?}");
        }
        assert_eq!(LocalPath::parse(&format!("/{}", "a".repeat(500))), None);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_on_our_origin(text in "[/\\\\a-z.:@?#%\t\r ]{0,12}") {
            if let Some(path) = LocalPath::parse(&text) {
                let base = Url::parse("https://ours.example/connexion").unwrap();
                let target = base.join(path.as_str()).unwrap();
                prop_assert_eq!(target.origin(), base.origin());
            }
        }
    }
}
