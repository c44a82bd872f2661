//! Whether a request wants a page or an ActivityPub document (ActivityPub §3.2).

use axum::http::{HeaderMap, Method, header};

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    Page,
    Document,
}

/// A page, unless the request reads and its `Accept` names an ActivityPub media type without
/// preferring HTML. `*/*` and an absent header get a page.
pub fn wanted(method: &Method, headers: &HeaderMap) -> Representation {
    if !method.is_safe() {
        return Representation::Page;
    }
    let (mut document, mut page) = (0, 0);
    let accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok());
    for range in accepted.flat_map(|line| line.split(',')) {
        let (kind, weight) = kind_and_weight(range);
        if is_document(kind.as_bytes()) {
            document = document.max(weight);
        } else if kind.eq_ignore_ascii_case("text/html") {
            page = page.max(weight);
        }
    }
    if document > 0 && document >= page {
        Representation::Document
    } else {
        Representation::Page
    }
}

/// Whether a media type, with or without parameters, is one of ActivityPub documents.
pub fn is_document(kind: &[u8]) -> bool {
    let bare = kind
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    bare.eq_ignore_ascii_case(b"application/activity+json")
        || bare.eq_ignore_ascii_case(b"application/ld+json")
}

/// A media range and its weight in thousandths (RFC 9110 §12.4.2); 1000 when it has none.
fn kind_and_weight(range: &str) -> (&str, u16) {
    let mut parts = range.split(';');
    let kind = parts.next().unwrap_or_default().trim();
    let weight = parts
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(1000, |(_, weight)| thousandths(weight.trim()));
    (kind, weight)
}

fn thousandths(weight: &str) -> u16 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{whole}{fraction:0<3}");
    match digits.parse::<u16>() {
        Ok(weight) if fraction.len() <= 3 => weight.min(1000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(accept: &'static str) -> Representation {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        wanted(&Method::GET, &headers)
    }

    #[test]
    fn what_servers_send_gets_a_document() {
        for accept in [
            "application/activity+json",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            "application/activity+json, application/ld+json",
            "application/activity+json, text/html;q=0.1",
            "Application/Activity+JSON;q=0.5",
            "application/activity+json, text/html",
            "text/html;q=0.5, application/ld+json;q=0.9",
        ] {
            assert_eq!(of(accept), Representation::Document, "{accept}");
        }
    }

    #[test]
    fn what_browsers_send_gets_a_page() {
        for accept in [
            "*/*",
            "",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html, application/activity+json;q=0.9",
            "application/activity+json;q=0",
            "application/json",
            "application/activity+jsonx",
            "application/activity+json;q=a",
        ] {
            assert_eq!(of(accept), Representation::Page, "{accept}");
        }
        assert_eq!(
            wanted(&Method::GET, &HeaderMap::new()),
            Representation::Page
        );
    }

    #[test]
    fn only_reading_is_negotiated() {
        let headers = HeaderMap::from_iter([(
            header::ACCEPT,
            HeaderValue::from_static("application/activity+json"),
        )]);
        assert_eq!(wanted(&Method::POST, &headers), Representation::Page);
        assert_eq!(wanted(&Method::HEAD, &headers), Representation::Document);
    }
}
