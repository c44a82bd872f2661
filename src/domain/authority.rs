//! The public address of the instance.

use std::fmt;

use url::Url;

/// The origin under which the instance is known: scheme, host and port, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: Url,
    authority: String,
}

/// Why a public address cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicUrl {
    #[error("it is not an address such as https://exemple.org")]
    Malformed,
    #[error("its scheme must be https (or http in a laboratory)")]
    Scheme,
    #[error("it must be a bare address, without path, query, name or password")]
    NotAnOrigin,
}

impl PublicUrl {
    /// Reads an address such as `https://annonces.example` or `http://localhost:8000`.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidPublicUrl::Malformed)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(InvalidPublicUrl::Scheme);
        }
        let is_bare = matches!(url.path(), "/" | "")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_bare {
            return Err(InvalidPublicUrl::NotAnOrigin);
        }
        let authority = authority_of(&url).ok_or(InvalidPublicUrl::Malformed)?;
        Ok(Self { url, authority })
    }

    /// Host, and port when it is not the default of the scheme: what follows `@` in a handle.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The address of the home page.
    pub fn as_url(&self) -> &Url {
        &self.url
    }

    /// Whether the instance is reached without TLS: a laboratory.
    pub fn is_plain_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// The address of a path, which begins with `/`.
    pub fn join(&self, path: &str) -> String {
        let origin = self.url.as_str().trim_end_matches('/');
        format!("{origin}{path}")
    }

    /// The path (with its query) of one of our own addresses, `None` when it is somebody else's.
    pub fn path_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let origin = self.url.as_str().trim_end_matches('/');
        let path = address.strip_prefix(origin)?;
        match path {
            "" => Some("/"),
            _ if path.starts_with('/') => Some(path),
            _ => None,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

/// Host of an address, with its port when that is not the default of the scheme.
pub fn authority_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_port_keeps_it_in_handles() {
        let lab = PublicUrl::parse("http://localhost:8000/").unwrap();
        assert_eq!(lab.authority(), "localhost:8000");
        assert_eq!(lab.join("/annonces"), "http://localhost:8000/annonces");
        assert_eq!(
            PublicUrl::parse("https://a.example:443")
                .unwrap()
                .authority(),
            "a.example"
        );
    }

    #[test]
    fn only_our_own_addresses_have_a_path() {
        let ours = PublicUrl::parse("https://a.example").unwrap();
        assert_eq!(ours.path_of("https://a.example/x?y=1"), Some("/x?y=1"));
        assert_eq!(ours.path_of("https://a.example"), Some("/"));
        assert_eq!(ours.path_of("https://a.example.evil/x"), None);
        assert_eq!(ours.path_of("http://a.example/x"), None);
    }

    #[test]
    fn an_address_with_more_than_an_origin_is_refused() {
        for bad in [
            "https://a.example/x",
            "https://u@a.example",
            "ftp://a.example",
            "a.example",
        ] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
