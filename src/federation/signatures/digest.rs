//! Digests of request bodies: `Digest` (RFC 3230), which the draft signatures cover, and
//! `Content-Digest` (RFC 9530), which RFC 9421 signatures cover.

use aws_lc_rs::digest::{self, SHA256, SHA512};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use sfv::{Dictionary, ListEntry, Parser};

use super::SignatureError;

/// The value of the `Digest` header for a body.
pub fn digest_header(body: &[u8]) -> String {
    format!("SHA-256={}", BASE64.encode(digest::digest(&SHA256, body)))
}

/// The value of the `Content-Digest` header for a body.
pub fn content_digest_header(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(digest::digest(&SHA256, body)))
}

/// Checks a `Digest` header. Several algorithms may be listed, their names in any case: there
/// must be a SHA-256, and each one that is there must be right; the others are not looked at.
pub fn check_digest(value: &str, body: &[u8]) -> Result<(), SignatureError> {
    let computed = digest::digest(&SHA256, body);
    let mut listed = value
        .split(',')
        .filter_map(|entry| entry.trim().split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("sha-256"))
        .map(|(_, encoded)| BASE64.decode(encoded.trim()))
        .peekable();
    let is_listed = listed.peek().is_some();
    if is_listed && listed.all(|bytes| bytes.is_ok_and(|bytes| bytes == computed.as_ref())) {
        Ok(())
    } else {
        Err(SignatureError::WrongDigest)
    }
}

/// Checks a `Content-Digest` header: each SHA-256 and SHA-512 must be right, and one be there.
pub fn check_content_digest(value: &str, body: &[u8]) -> Result<(), SignatureError> {
    let fields: Dictionary = Parser::new(value)
        .parse()
        .map_err(|_| SignatureError::WrongDigest)?;
    let mut is_listed = false;
    for (name, algorithm) in [("sha-256", &SHA256), ("sha-512", &SHA512)] {
        let Some(entry) = fields.get(name) else {
            continue;
        };
        let ListEntry::Item(item) = entry else {
            return Err(SignatureError::WrongDigest);
        };
        let computed = digest::digest(algorithm, body);
        if item.bare_item.as_byte_sequence() != Some(computed.as_ref()) {
            return Err(SignatureError::WrongDigest);
        }
        is_listed = true;
    }
    is_listed.then_some(()).ok_or(SignatureError::WrongDigest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REFUSED: Result<(), SignatureError> = Err(SignatureError::WrongDigest);

    #[test]
    fn the_published_digests_of_rfc_9530_are_right() {
        // RFC 9530, appendix D: {"hello": "world"} followed by a line feed.
        let body = b"{\"hello\": \"world\"}\n";
        let value = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
        assert_eq!(content_digest_header(body), value);
        assert_eq!(check_content_digest(value, body), Ok(()));
        let legacy = "sha-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
        assert_eq!(check_digest(legacy, body), Ok(()));
    }

    #[test]
    fn every_sha_256_that_is_listed_must_match() {
        let good = digest_header(b"good");
        let other = digest_header(b"other");
        assert_eq!(
            check_digest(&format!("SHA-512=AAAA,{good}"), b"good"),
            Ok(())
        );
        assert_eq!(check_digest(&format!("{good}, {other}"), b"good"), REFUSED);
        assert_eq!(check_digest(&format!("{other}, {good}"), b"good"), REFUSED);
    }

    #[test]
    fn a_digest_of_no_known_kind_is_refused() {
        assert_eq!(check_digest("MD5=AAAA", b""), REFUSED);
        assert_eq!(check_digest("", b""), REFUSED);
        assert_eq!(check_content_digest("md5=:AAAA:", b""), REFUSED);
        assert_eq!(check_content_digest("sha-256=\"AAAA\"", b""), REFUSED);
        assert_eq!(check_content_digest("sha-256=(:AAAA:)", b""), REFUSED);
    }

    proptest! {
        #[test]
        fn any_body_matches_its_own_digest_and_no_other(
            body in prop::collection::vec(any::<u8>(), 0..200),
            other in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let is_same = body == other;
            prop_assert_eq!(check_digest(&digest_header(&body), &other).is_ok(), is_same);
            let value = content_digest_header(&body);
            prop_assert_eq!(check_content_digest(&value, &other).is_ok(), is_same);
        }

        #[test]
        fn no_header_text_panics(value in any::<String>()) {
            let _ = check_digest(&value, b"");
            let _ = check_content_digest(&value, b"");
        }
    }
}
