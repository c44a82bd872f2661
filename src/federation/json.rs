//! Reading remote documents: bounded first, then tolerantly.
//!
//! Peers write the same thing in several shapes (a string or an object, one value or a list).
//! These accessors are how every remote document is read, so that a shape seen once is read
//! everywhere.

use serde_json::Value;
use url::{Origin, Url};

/// Largest document we read, in bytes: 1 MiB, as Mastodon.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Deepest nesting of arrays and objects we read.
pub const MOST_DEPTH: usize = 20;

/// The collection that means everybody, in full (`ActivityPub`, section 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Why bytes are not a document we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// More than [`MOST_BYTES`].
    #[error("the document is too big")]
    TooBig,
    /// Nested deeper than allowed.
    #[error("the document is nested too deeply")]
    TooDeep,
    /// Not JSON, or not UTF-8.
    #[error("the document is not JSON")]
    Malformed,
}

/// Parses a document of at most [`MOST_BYTES`], nested at most `max_depth` deep (usually
/// [`MOST_DEPTH`]; a document without array nor object has depth 0).
///
/// Size and depth are seen on the bytes, before anything is built or any function recurses.
pub fn parse_bounded(bytes: &[u8], max_depth: usize) -> Result<Value, JsonError> {
    if bytes.len() > MOST_BYTES {
        return Err(JsonError::TooBig);
    }
    if is_deeper_than(bytes, max_depth) {
        return Err(JsonError::TooDeep);
    }
    serde_json::from_slice(bytes).map_err(|_| JsonError::Malformed)
}

/// Counts brackets outside of strings. On bytes that are not JSON the answer has no meaning, and
/// does not need one: the parser refuses them next.
fn is_deeper_than(bytes: &[u8], max_depth: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut is_escaped = false;
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max_depth {
            return true;
        }
    }
    false
}

/// The values of a property that may hold one or a list of them. `null` is none.
pub fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}

/// The values of `property`; none when it is absent or `null`.
pub fn values_of<'a>(object: &'a Value, property: &str) -> &'a [Value] {
    object.get(property).map_or(&[], one_or_many)
}

/// The id of what stands here: the string itself, or the `id` of an object; of the only one when
/// it is in a list. Never empty.
pub fn id_of(value: &Value) -> Option<&str> {
    let id = match value {
        Value::String(id) => id.as_str(),
        Value::Object(object) => object.get("id")?.as_str()?,
        Value::Array(values) => match values.as_slice() {
            [Value::Array(_)] => return None,
            [single] => return id_of(single),
            _ => return None,
        },
        _ => return None,
    };
    (!id.is_empty()).then_some(id)
}

/// All the ids that stand here: those of a list, or the only one. Values without id are skipped.
pub fn ids_of(value: &Value) -> impl Iterator<Item = &str> {
    one_or_many(value).iter().filter_map(id_of)
}

/// The text of `property`: a string, the first string of a list, or a JSON-LD `@value`.
pub fn text<'a>(object: &'a Value, property: &str) -> Option<&'a str> {
    values_of(object, property).iter().find_map(|value| {
        let literal = value.get("@value").unwrap_or(value);
        literal.as_str()
    })
}

/// The types of an object, without the `as:` prefix that some write.
pub fn types_of(object: &Value) -> impl Iterator<Item = &str> {
    values_of(object, "type")
        .iter()
        .filter_map(Value::as_str)
        .map(|name| name.strip_prefix("as:").unwrap_or(name))
}

/// Whether one of the types of an object is `name`.
pub fn has_type(object: &Value, name: &str) -> bool {
    types_of(object).any(|each| each == name)
}

/// Whether an id of `to` or `cc` means everybody, in any of its three spellings.
pub fn is_public(id: &str) -> bool {
    matches!(id, PUBLIC | "as:Public" | "Public")
}

/// Host of a web address, in lower case, without its port. `None` for what is not one.
pub fn host_of(id: &str) -> Option<String> {
    web_url(id)?.host_str().map(str::to_owned)
}

/// Scheme, host and port of a web address. `None` for what is not one: two things that are not
/// addresses must never seem to have the same origin.
pub fn origin_of(id: &str) -> Option<Origin> {
    web_url(id).map(|url| url.origin())
}

/// Whether two ids are web addresses of the same scheme, host and port (FEP-fe34).
pub fn have_same_origin(one: &str, other: &str) -> bool {
    origin_of(one).is_some_and(|origin| Some(origin) == origin_of(other))
}

fn web_url(id: &str) -> Option<Url> {
    let url = Url::parse(id).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn depth_is_counted_outside_of_strings() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse_bounded(nested(20).as_bytes(), 20).is_ok());
        let refusal = parse_bounded(nested(21).as_bytes(), 20);
        assert_eq!(refusal, Err(JsonError::TooDeep));
        let brackets = json!({"a\"[[[": "[[[[\\", "b": "\"{{{{"}).to_string();
        assert!(parse_bounded(brackets.as_bytes(), 1).is_ok());
    }

    #[test]
    fn a_flood_of_brackets_is_refused_without_recursing() {
        let flood = "[{\"a\":".repeat(MOST_BYTES / 6);
        let refusal = parse_bounded(flood.as_bytes(), MOST_DEPTH);
        assert_eq!(refusal, Err(JsonError::TooDeep));
    }

    #[test]
    fn size_is_bounded() {
        let exact = format!("\"{}\"", "a".repeat(MOST_BYTES - 2));
        assert!(parse_bounded(exact.as_bytes(), 0).is_ok());
        let larger = format!(" {exact}");
        let refusal = parse_bounded(larger.as_bytes(), 0);
        assert_eq!(refusal, Err(JsonError::TooBig));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for bytes in [&b""[..], b"{", b"{}{}", b"\"\xff\"", b"<html>", b"]]]["] {
            assert_eq!(parse_bounded(bytes, 20), Err(JsonError::Malformed));
        }
    }

    #[test]
    fn ids_are_found_in_each_shape() {
        let id = "https://peer.test/1";
        for value in [
            json!(id),
            json!({"id": id}),
            json!([id]),
            json!([{"id": id, "type": "Note"}]),
        ] {
            assert_eq!(id_of(&value), Some(id), "{value}");
        }
        for value in [
            json!(null),
            json!(""),
            json!([id, id]),
            json!([[id]]),
            json!({"id": [id]}),
            json!(1),
        ] {
            assert_eq!(id_of(&value), None, "{value}");
        }
        let list = json!([id, {"id": "https://peer.test/2"}, 3, null]);
        let ids: Vec<_> = ids_of(&list).collect();
        assert_eq!(ids, [id, "https://peer.test/2"]);
    }

    #[test]
    fn text_and_types_are_found_in_each_shape() {
        let object = json!({
            "name": "Framasoft",
            "summary": ["a", "b"],
            "content": {"@value": "c", "@language": "fr"},
            "type": ["as:Note", "Article"],
            "empty": null,
        });
        assert_eq!(text(&object, "name"), Some("Framasoft"));
        assert_eq!(text(&object, "summary"), Some("a"));
        assert_eq!(text(&object, "content"), Some("c"));
        assert_eq!(text(&object, "empty"), None);
        assert_eq!(text(&object, "absent"), None);
        assert!(has_type(&object, "Note") && has_type(&object, "Article"));
        assert_eq!(types_of(&json!({"type": "Note"})).count(), 1);
        assert_eq!(types_of(&json!("Note")).count(), 0);
    }

    #[test]
    fn everybody_has_three_spellings() {
        assert!([PUBLIC, "as:Public", "Public"].into_iter().all(is_public));
        assert!(!is_public("https://peer.test/users/a/followers"));
    }

    #[test]
    fn origins_compare_scheme_host_and_port() {
        assert!(have_same_origin(
            "https://PEER.test/a",
            "https://peer.test:443/b"
        ));
        assert!(!have_same_origin(
            "https://peer.test/a",
            "http://peer.test/a"
        ));
        assert!(!have_same_origin(
            "https://peer.test/a",
            "https://peer.test:8443/a"
        ));
        assert!(!have_same_origin(
            "https://peer.test/a",
            "https://peer.test.evil.test/a"
        ));
        assert!(!have_same_origin("urn:a", "urn:a"));
        assert_eq!(
            host_of("https://PEER.test:8443/a"),
            Some("peer.test".into())
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 5, |inner| {
            let key = prop_oneof![
                Just("id".to_owned()),
                Just("type".to_owned()),
                "[a-z@]{1,6}"
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn depth_of(value: &Value) -> usize {
        match value {
            Value::Array(values) => 1 + values.iter().map(depth_of).max().unwrap_or(0),
            Value::Object(object) => 1 + object.values().map(depth_of).max().unwrap_or(0),
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn what_fits_is_read_whole_and_what_does_not_is_refused(value in any_json()) {
            let (bytes, depth) = (value.to_string().into_bytes(), depth_of(&value));
            prop_assert_eq!(parse_bounded(&bytes, depth), Ok(value));
            if depth > 0 {
                prop_assert_eq!(parse_bounded(&bytes, depth - 1), Err(JsonError::TooDeep));
            }
        }

        #[test]
        fn no_value_makes_an_accessor_panic(value in any_json()) {
            let _ = (id_of(&value), text(&value, "id"), types_of(&value).count());
            prop_assert!(ids_of(&value).all(|id| !id.is_empty()));
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_bounded(&bytes, 3);
        }
    }
}
