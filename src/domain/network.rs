//! Names of remote hosts in settings.

/// Which hosts a setting names: one host on any port, one host and port, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// `*`
    Any,
    /// `localhost`, `10.0.0.2`, `[::1]`
    Host(String),
    /// `localhost:8000`
    Authority(String),
}

impl HostPattern {
    /// Reads one entry of a setting.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text == "*" {
            return Some(Self::Any);
        }
        let url = url::Url::parse(&format!("http://{text}/")).ok()?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url
            .host_str()
            .filter(|_| is_bare && url.username().is_empty())?;
        Some(
            match text
                .rsplit_once(':')
                .filter(|(before, _)| !before.is_empty() && !text.ends_with(']'))
            {
                Some((_, port)) => Self::Authority(format!("{host}:{port}")),
                None => Self::Host(host.to_owned()),
            },
        )
    }

    /// Whether it names the host of this address.
    pub fn matches(&self, url: &url::Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        match self {
            Self::Any => true,
            Self::Host(named) => named == host,
            Self::Authority(named) => url
                .port_or_known_default()
                .is_some_and(|port| *named == format!("{host}:{port}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, address: &str) -> bool {
        HostPattern::parse(pattern)
            .unwrap()
            .matches(&address.parse().unwrap())
    }

    #[test]
    fn a_host_without_port_names_all_its_ports() {
        assert!(matches("localhost", "http://localhost:8000/x"));
        assert!(matches("[::1]", "http://[::1]:3000/"));
        assert!(!matches("localhost", "http://localhost.example/"));
    }

    #[test]
    fn a_host_with_a_port_names_that_one_only() {
        assert!(matches("lyon.test:81", "http://lyon.test:81/"));
        assert!(matches("lyon.test:80", "http://lyon.test/"));
        assert!(!matches("lyon.test:81", "http://lyon.test/"));
    }

    #[test]
    fn what_is_not_a_host_is_refused() {
        for bad in ["", "a/b", "http://x", "u@x", "a b"] {
            assert_eq!(HostPattern::parse(bad), None, "{bad}");
        }
    }
}
