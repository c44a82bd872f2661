//! The files that pages need, embedded in the binary: style, script, icons, logo.
//!
//! The address of a file carries a digest of its content, so browsers keep it for a year and
//! still see every new version at once.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// One year, in seconds, and never asked again meanwhile.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// For an address without its digest, which may change.
const ONE_HOUR: &str = "public, max-age=3600";

/// An embedded file.
pub struct StaticFile {
    /// Its name under `/static/`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub content: &'static [u8],
    /// The first 12 hexadecimal digits of its SHA-256 digest.
    pub digest: String,
}

const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";

/// Every embedded file.
pub static FILES: LazyLock<Vec<StaticFile>> = LazyLock::new(|| {
    vec![
        file(
            "style.css",
            "text/css; charset=utf-8",
            include_bytes!("static/style.css"),
        ),
        file(
            "directory.css",
            "text/css; charset=utf-8",
            include_bytes!("static/directory.css"),
        ),
        file(
            "app.js",
            "text/javascript; charset=utf-8",
            include_bytes!("static/app.js"),
        ),
        file(
            "communes.js",
            "text/javascript; charset=utf-8",
            include_bytes!("static/communes.js"),
        ),
        file("icons.svg", SVG, include_bytes!("static/icons.svg")),
        file("logo.svg", SVG, include_bytes!("static/logo.svg")),
        file("logo.png", PNG, include_bytes!("static/logo.png")),
        file("favicon.png", PNG, include_bytes!("static/favicon.png")),
    ]
});

fn file(name: &'static str, media_type: &'static str, content: &'static [u8]) -> StaticFile {
    StaticFile {
        name,
        media_type,
        content,
        digest: short_digest(content),
    }
}

/// The first 12 hexadecimal digits of a SHA-256 digest.
fn short_digest(content: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, content);
    digest
        .as_ref()
        .iter()
        .take(6)
        .fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The address of an embedded file; a name that does not exist gives an address that answers 404.
pub fn url(name: &str) -> String {
    match FILES.iter().find(|file| file.name == name) {
        Some(file) => format!("/static/{name}?v={}", file.digest),
        None => format!("/static/{name}"),
    }
}

/// Routes of the embedded files; `theme` is the style sheet of the site's colour (`theme::style_sheet`).
pub fn router<S: Clone + Send + Sync + 'static>(theme: Option<String>) -> Router<S> {
    Router::new()
        .route("/static/{name}", get(show_file))
        .route(
            "/favicon.ico",
            get(|headers: HeaderMap| async move { answer("favicon.png", None, &headers) }),
        )
        .route(
            "/theme.css",
            get(move |headers: HeaderMap| async move { answer_theme(theme.as_deref(), &headers) }),
        )
}

async fn show_file(
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&name, query.as_deref(), &headers)
}

fn answer(name: &str, query: Option<&str>, headers: &HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_current = query.and_then(|q| q.strip_prefix("v=")) == Some(file.digest.as_str());
    let lifetime = if is_current { FOREVER } else { ONE_HOUR };
    cached(
        file.content.into(),
        file.media_type,
        &file.digest,
        lifetime,
        headers,
    )
}

fn answer_theme(theme: Option<&str>, headers: &HeaderMap) -> Response {
    let content = theme.unwrap_or_default();
    let digest = short_digest(content.as_bytes());
    cached(
        content.to_owned().into(),
        "text/css; charset=utf-8",
        &digest,
        ONE_HOUR,
        headers,
    )
}

/// A response that a browser may keep; 304 when it already has this content (RFC 9110 §13.1.2).
fn cached(
    content: axum::body::Body,
    media_type: &'static str,
    digest: &str,
    lifetime: &'static str,
    headers: &HeaderMap,
) -> Response {
    let tag = format!("\"{digest}\"");
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| {
            known.split(',').any(|one| {
                let one = one.trim();
                one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
            })
        });
    let caching = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, lifetime.to_owned()),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, media_type)], content).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn an_address_with_its_digest_is_kept_for_a_year_and_another_is_not() {
        let (path, query) = url("style.css")
            .split_once('?')
            .map(|(p, q)| (p.to_owned(), q.to_owned()))
            .unwrap();
        assert_eq!(path, "/static/style.css");
        let current = answer("style.css", Some(&query), &HeaderMap::new());
        assert_eq!(current.headers()[header::CACHE_CONTROL], FOREVER);
        assert_eq!(
            current.headers()[header::CONTENT_TYPE],
            "text/css; charset=utf-8"
        );
        let old = answer("style.css", Some("v=000000000000"), &HeaderMap::new());
        assert_eq!(old.headers()[header::CACHE_CONTROL], ONE_HOUR);
    }

    #[test]
    fn a_browser_that_has_the_file_is_told_so() {
        let tag = answer("logo.png", None, &HeaderMap::new()).headers()[header::ETAG].clone();
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(
            answer("logo.png", None, &headers).status(),
            StatusCode::NOT_MODIFIED
        );
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
        assert_eq!(answer("logo.png", None, &headers).status(), StatusCode::OK);
    }

    #[test]
    fn no_name_leads_out_of_the_embedded_files() {
        for name in ["", "absent.css", "../Cargo.toml", "style.css/"] {
            assert_eq!(
                answer(name, None, &HeaderMap::new()).status(),
                StatusCode::NOT_FOUND,
                "{name}"
            );
        }
    }

    #[test]
    fn every_icon_that_pages_name_is_in_the_sprite() {
        let sprite = include_str!("static/icons.svg");
        let templates = crate::web::tests::template_sources();
        let mut named = 0;
        for (file, source) in templates {
            for part in source.split("icon(\"").skip(1) {
                let name = part.split('"').next().unwrap_or_default();
                named += 1;
                assert!(
                    sprite.contains(&format!("<symbol id=\"{name}\"")),
                    "{file} names {name}"
                );
            }
        }
        assert!(named > 10, "the scan finds icons");
    }

    #[test]
    fn style_and_script_stay_light_and_ask_nothing_of_others() {
        let style = include_str!("static/style.css");
        let script = include_str!("static/app.js");
        assert!(style.len() < 40_000, "style.css: {} bytes", style.len());
        assert!(script.len() <= 3_072, "app.js: {} bytes", script.len());
        for source in [style, script] {
            assert!(
                !source.contains("//") || !source.contains("http"),
                "an absolute address"
            );
            assert!(!source.contains("@import"));
        }
    }
}
