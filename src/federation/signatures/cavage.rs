//! draft-cavage-http-signatures-12, the scheme that every peer software sends and verifies.
//!
//! The text that is signed is always made by `http-signature-normalization`, for our requests as
//! for theirs. Reading the header is ours, because that crate ignores what it does not
//! understand and takes the time from the system, while we refuse and are given the time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, header};
use http_signature_normalization::Config;
use url::Url;

use super::{
    Claim, MOST_COVERED, ReceivedRequest, SignatureError, SigningError, check_date, check_expiry,
    check_window, dated_headers, digest::digest_header, header_value, host_of, read_key_id,
};
use crate::federation::keys::{KeyKind, SigningKey};

/// What we cover when we post, in the order that Mastodon documents.
const COVERED_BY_POST: [&str; 5] = ["(request-target)", "host", "date", "digest", "content-type"];

/// What we cover when we get.
const COVERED_BY_GET: [&str; 3] = ["(request-target)", "host", "date"];

/// The media type of all we post.
const ACTIVITY_JSON: &str = "application/activity+json";

/// Age that `http-signature-normalization` is told to accept: we check times against the clock
/// we are given, it would use the system's.
const ANY_AGE: Duration = Duration::from_hours(200 * 366 * 24);

/// The headers of a signed POST of `body` to `url`: `date`, `digest`, `content-type`
/// (`application/activity+json`) and `signature`. To be sent as they are.
///
/// The host is signed but not among them: HTTP clients send it themselves, as `Host` or as
/// `:authority`, and some servers refuse an HTTP/2 request that has both.
pub fn sign_post(
    key: &SigningKey,
    url: &Url,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<HeaderMap, SigningError> {
    let mut headers = dated_headers(now)?;
    headers.insert("digest", header_value(&digest_header(body))?);
    headers.insert(header::CONTENT_TYPE, header_value(ACTIVITY_JSON)?);
    sign(key, "post", url, &COVERED_BY_POST, headers)
}

/// The headers of a signed GET of `url`: `date`, `accept` and `signature`; the host as in
/// [`sign_post`].
pub fn sign_get(
    key: &SigningKey,
    url: &Url,
    now: DateTime<Utc>,
    accept: &str,
) -> Result<HeaderMap, SigningError> {
    let mut headers = dated_headers(now)?;
    headers.insert(header::ACCEPT, header_value(accept)?);
    sign(key, "get", url, &COVERED_BY_GET, headers)
}

fn sign(
    key: &SigningKey,
    method: &str,
    url: &Url,
    covered: &[&str],
    mut headers: HeaderMap,
) -> Result<HeaderMap, SigningError> {
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut values: BTreeMap<_, _> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    values.insert("host".to_owned(), host_of(url)?);
    let text = normalise(method, &target, covered, values).ok_or(SigningError::Header)?;
    // "rsa-sha256" rather than "hs2019": strictly more servers understand it.
    let signature = format!(
        "keyId=\"{}\",algorithm=\"rsa-sha256\",headers=\"{}\",signature=\"{}\"",
        key.key_id(),
        covered.join(" "),
        key.sign_base64(text.as_bytes())?,
    );
    headers.insert("signature", header_value(&signature)?);
    Ok(headers)
}

/// The text that is signed. `values` holds what each covered name stands for, but the request
/// target; `None` when one is missing.
fn normalise(
    method: &str,
    target: &str,
    covered: &[&str],
    mut values: BTreeMap<String, String>,
) -> Option<String> {
    // The crate makes its text from a signature header. We give it one with the covered names
    // alone: it has no use for the rest, and reads it less strictly than we do.
    let listed = covered.join(" ");
    let header = format!("keyId=\"-\",headers=\"{listed}\",signature=\"-\"");
    values.insert("signature".to_owned(), header);
    Config::new()
        .set_expiration(ANY_AGE)
        .begin_verify(method, target, values)
        .ok()
        .map(|unverified| unverified.signing_string().to_owned())
}

/// What a `Signature` header says.
struct Parameters<'a> {
    key_id: &'a str,
    algorithm: Option<&'a str>,
    /// Lower-cased names, in the order that was signed.
    covered: Vec<String>,
    created: Option<&'a str>,
    expires: Option<&'a str>,
    signature: Vec<u8>,
}

/// The part of [`super::precheck`] that is special to this scheme. The host is already known to
/// be ours.
pub(super) fn precheck(
    request: &ReceivedRequest<'_>,
    header: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Claim, SignatureError> {
    let parameters = Parameters::read(header)?;
    let kind = accepted_kind(parameters.algorithm)?;
    parameters.check_coverage(request, body)?;
    parameters.check_times(request, now)?;
    let values = parameters.covered_values(request, body)?;
    let covered: Vec<&str> = parameters.covered.iter().map(String::as_str).collect();
    let candidates = possible_targets(request)
        .map(|target| normalise(request.method.as_str(), target, &covered, values.clone()))
        .collect::<Option<Vec<_>>>()
        .ok_or(SignatureError::Malformed("a covered header is absent"))?;
    Ok(Claim {
        key_id: read_key_id(parameters.key_id)?,
        kind,
        candidates,
        signature: parameters.signature,
    })
}

/// The label says RSA, or leaves the choice to the key (`hs2019`, or nothing).
fn accepted_kind(algorithm: Option<&str>) -> Result<Option<KeyKind>, SignatureError> {
    match algorithm.map(str::to_ascii_lowercase).as_deref() {
        Some("rsa-sha256") => Ok(Some(KeyKind::Rsa)),
        Some("hs2019") | None => Ok(None),
        Some(_) => Err(SignatureError::Algorithm),
    }
}

/// The path with its query, then without: Mitra and Mobilizon never sign the query, `GoToSocial`
/// leaves it out at its second try.
fn possible_targets<'a>(request: &'a ReceivedRequest<'_>) -> impl Iterator<Item = &'a str> {
    let full = request.path_and_query();
    let path = full.split_once('?').map(|(path, _)| path);
    std::iter::once(full).chain(path)
}

impl<'a> Parameters<'a> {
    fn read(header: &'a str) -> Result<Self, SignatureError> {
        let fields = read_fields(header)?;
        let required = |name: &'static str| {
            let value = fields.get(name).copied();
            value.ok_or(SignatureError::Malformed(name))
        };
        let covered: Vec<String> = fields
            .get("headers")
            .copied()
            .unwrap_or("date")
            .split_ascii_whitespace()
            .map(str::to_ascii_lowercase)
            .collect();
        if covered.len() > MOST_COVERED {
            return Err(SignatureError::Malformed("too many headers"));
        }
        if covered.iter().collect::<BTreeSet<_>>().len() != covered.len() {
            return Err(SignatureError::Malformed("header listed twice"));
        }
        Ok(Self {
            key_id: required("keyId")?,
            algorithm: fields.get("algorithm").copied(),
            covered,
            created: fields.get("created").copied(),
            expires: fields.get("expires").copied(),
            signature: BASE64
                .decode(required("signature")?)
                .map_err(|_| SignatureError::Malformed("signature"))?,
        })
    }

    fn covers(&self, name: &str) -> bool {
        self.covered.iter().any(|covered| covered == name)
    }

    /// A signature that leaves one of these out could be used again for another request.
    fn check_coverage(
        &self,
        request: &ReceivedRequest<'_>,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        for name in ["(request-target)", "host"] {
            if !self.covers(name) {
                return Err(SignatureError::Uncovered(name));
            }
        }
        if !self.covers("date") && !self.covers("(created)") {
            return Err(SignatureError::Uncovered("date or (created)"));
        }
        if request.speaks_for_body(body) && !self.covers("digest") {
            return Err(SignatureError::Uncovered("digest"));
        }
        Ok(())
    }

    /// Every time that is covered or stated must be inside the window.
    fn check_times(
        &self,
        request: &ReceivedRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), SignatureError> {
        if self.covers("date") {
            check_date(request, now)?;
        }
        if let Some(created) = self.created {
            check_window(read_seconds(created)?, now)?;
        }
        if let Some(expires) = self.expires {
            check_expiry(read_seconds(expires)?, now)?;
        }
        Ok(())
    }

    /// What each covered name stands for, but the request target.
    fn covered_values(
        &self,
        request: &ReceivedRequest<'_>,
        body: &[u8],
    ) -> Result<BTreeMap<String, String>, SignatureError> {
        const ABSENT: SignatureError = SignatureError::Malformed("a covered header is absent");
        let mut values = BTreeMap::new();
        for name in &self.covered {
            let value = match name.as_str() {
                "(request-target)" => continue,
                "(created)" => self.created.ok_or(ABSENT)?.to_owned(),
                "(expires)" => self.expires.ok_or(ABSENT)?.to_owned(),
                // A signature cannot cover itself, and proxies add their own credentials.
                "signature" | "authorization" => {
                    return Err(SignatureError::Malformed("header that cannot be covered"));
                }
                // HTTP/2 carries the host elsewhere.
                "host" => request.authority()?.to_owned(),
                // Mobilizon covers it, and proxies take it away.
                "content-length" => match request.joined(name)? {
                    Some(length) => length,
                    None => body.len().to_string(),
                },
                name if HeaderName::from_bytes(name.as_bytes()).is_ok() => {
                    request.joined(name)?.ok_or(ABSENT)?
                }
                _ => return Err(SignatureError::Malformed("header name")),
            };
            values.insert(name.clone(), value);
        }
        Ok(values)
    }
}

/// Seconds since 1970, in digits only, and few enough that no arithmetic can overflow.
fn read_seconds(text: &str) -> Result<i64, SignatureError> {
    const UNREADABLE: SignatureError = SignatureError::Malformed("created or expires");
    if text.len() > 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UNREADABLE);
    }
    text.parse().map_err(|_| UNREADABLE)
}

/// Splits `name="value",name=value`; white space around commas is allowed, repeated names are
/// not. Values have no escapes in this draft: a quote ends them.
fn read_fields(header: &str) -> Result<BTreeMap<&str, &str>, SignatureError> {
    const UNREADABLE: SignatureError = SignatureError::Malformed("parameters");
    let mut fields = BTreeMap::new();
    let mut rest = header.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or(UNREADABLE)?;
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(UNREADABLE)?,
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(UNREADABLE);
        }
        if fields.insert(name, value.trim()).is_some() {
            return Err(SignatureError::Malformed("repeated parameter"));
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return Err(UNREADABLE),
        };
    }
    Ok(fields)
}
