//! RFC 9421, HTTP Message Signatures: what Mastodon and Fedify send, first or at a second try.
//!
//! Structured fields are read and written by `sfv`. The field must be in canonical form (but for
//! spaces), so that what we verify is what was sent and a label or parameter cannot be repeated.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, header};
use sfv::{DictSerializer, Dictionary, InnerList, ListEntry, ListSerializer, Parser};
use url::Url;

use super::{
    Claim, MOST_COVERED, ReceivedRequest, SignatureError, SigningError, check_date, check_expiry,
    check_window, dated_headers, digest::content_digest_header, header_value, read_key_id,
};
use crate::federation::keys::{KeyKind, SigningKey};

/// The headers of a signed POST of `body` to `url`, for the peers that refuse the draft:
/// `date`, `content-type`, `content-digest`, `signature-input` and `signature`; the host as in
/// [`super::sign_post`].
pub fn sign_post(
    key: &SigningKey,
    url: &Url,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<HeaderMap, SigningError> {
    let digest = content_digest_header(body);
    let parameters = format!(
        "(\"@method\" \"@target-uri\" \"content-digest\");created={};keyid=\"{}\";alg=\"rsa-v1_5-sha256\"",
        now.timestamp(),
        key.key_id(),
    );
    let mut target = url.clone();
    target.set_fragment(None);
    let base = format!(
        "\"@method\": POST\n\"@target-uri\": {target}\n\"content-digest\": {digest}\n\"@signature-params\": {parameters}"
    );
    let signature = key.sign_base64(base.as_bytes())?;
    let mut headers = dated_headers(now)?;
    headers.insert(
        header::CONTENT_TYPE,
        header_value("application/activity+json")?,
    );
    headers.insert("content-digest", header_value(&digest)?);
    headers.insert(
        "signature-input",
        header_value(&format!("sig1={parameters}"))?,
    );
    headers.insert("signature", header_value(&format!("sig1=:{signature}:"))?);
    Ok(headers)
}

/// The part of [`super::precheck`] that is special to this scheme. The host is already known to
/// be ours. With several signatures, the first acceptable one is the claim.
pub(super) fn precheck(
    request: &ReceivedRequest<'_>,
    input: &str,
    signatures: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Claim, SignatureError> {
    let inputs = read_canonical(input)?;
    let signatures: Dictionary = Parser::new(signatures)
        .parse()
        .map_err(|_| SignatureError::Malformed("signature"))?;
    let mut refusal = SignatureError::Missing;
    for (label, entry) in &inputs {
        let signature = match signatures.get(label.as_str()) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
            _ => None,
        };
        let (ListEntry::InnerList(parameters), Some(signature)) = (entry, signature) else {
            refusal = SignatureError::Malformed("signature");
            continue;
        };
        match read_claim(request, parameters, signature, body, now) {
            Ok(claim) => return Ok(claim),
            Err(reason) => refusal = reason,
        }
    }
    Err(refusal)
}

/// Reads `Signature-Input`, which must be written the one way RFC 9651 serialises it.
fn read_canonical(input: &str) -> Result<Dictionary, SignatureError> {
    let unreadable = SignatureError::Malformed("signature-input");
    let inputs: Dictionary = Parser::new(input).parse().map_err(|_| unreadable)?;
    let mut serializer = DictSerializer::new();
    serializer.members(&inputs);
    let is_blank = |c: &char| matches!(c, ' ' | '\t');
    let canonical = serializer.finish().unwrap_or_default();
    let canonical = canonical.chars().filter(|c| !is_blank(c));
    if canonical.eq(input.chars().filter(|c| !is_blank(c))) {
        Ok(inputs)
    } else {
        Err(unreadable)
    }
}

fn read_claim(
    request: &ReceivedRequest<'_>,
    parameters: &InnerList,
    signature: &[u8],
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Claim, SignatureError> {
    let covered = read_components(parameters)?;
    check_coverage(request, &covered, body)?;
    check_times(request, parameters, &covered, now)?;
    let key_id = text_parameter(parameters, "keyid")?;
    let key_id = key_id.ok_or(SignatureError::Malformed("keyid"))?;
    let kind = match text_parameter(parameters, "alg")? {
        None => None,
        Some("rsa-v1_5-sha256") => Some(KeyKind::Rsa),
        Some("ed25519") => Some(KeyKind::Ed25519),
        Some(_) => return Err(SignatureError::Algorithm),
    };
    Ok(Claim {
        key_id: read_key_id(key_id)?,
        kind,
        candidates: vec![signature_base(request, parameters, &covered)?],
        signature: signature.to_vec(),
    })
}

/// The names of the covered components; those with parameters (`;req`, `;key`…) are refused,
/// nobody sends them.
fn read_components(parameters: &InnerList) -> Result<Vec<&str>, SignatureError> {
    let covered: Vec<&str> = parameters
        .items
        .iter()
        .filter(|item| item.params.is_empty())
        .filter_map(|item| Some(item.bare_item.as_string()?.as_str()))
        .collect();
    let distinct = covered.iter().collect::<BTreeSet<_>>().len();
    if distinct == parameters.items.len() && distinct <= MOST_COVERED {
        Ok(covered)
    } else {
        Err(SignatureError::Malformed("components"))
    }
}

/// A signature that leaves one of these out could be used again for another request.
fn check_coverage(
    request: &ReceivedRequest<'_>,
    covered: &[&str],
    body: &[u8],
) -> Result<(), SignatureError> {
    let covers = |name: &str| covered.contains(&name);
    if !covers("@method") {
        return Err(SignatureError::Uncovered("@method"));
    }
    let covers_path = covers("@path") || covers("@request-target");
    let covers_host = covers("@authority") || covers("host");
    let covers_target = covers("@target-uri") || (covers_host && covers_path);
    if !covers_target {
        return Err(SignatureError::Uncovered("@target-uri"));
    }
    if request.speaks_for_body(body) && !covers("content-digest") {
        return Err(SignatureError::Uncovered("content-digest"));
    }
    Ok(())
}

/// `created` (always covered, being a parameter) or a covered `date`; each that is there must be
/// inside the window.
fn check_times(
    request: &ReceivedRequest<'_>,
    parameters: &InnerList,
    covered: &[&str],
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    let created = seconds_parameter(parameters, "created")?;
    let is_dated = covered.contains(&"date");
    if is_dated {
        check_date(request, now)?;
    }
    match created {
        Some(created) => check_window(created, now)?,
        None if is_dated => {}
        None => return Err(SignatureError::Uncovered("created")),
    }
    match seconds_parameter(parameters, "expires")? {
        Some(expires) => check_expiry(expires, now),
        None => Ok(()),
    }
}

fn text_parameter<'a>(
    parameters: &'a InnerList,
    name: &'static str,
) -> Result<Option<&'a str>, SignatureError> {
    let Some(value) = parameters.params.get(name) else {
        return Ok(None);
    };
    let text = value.as_string().ok_or(SignatureError::Malformed(name))?;
    Ok(Some(text.as_str()))
}

/// An integer of at most 15 digits, by the grammar of structured fields.
fn seconds_parameter(
    parameters: &InnerList,
    name: &'static str,
) -> Result<Option<i64>, SignatureError> {
    let Some(value) = parameters.params.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_integer().ok_or(SignatureError::Malformed(name))?;
    Ok(Some(i64::from(seconds)))
}

/// The signature base (RFC 9421, section 2.5).
fn signature_base(
    request: &ReceivedRequest<'_>,
    parameters: &InnerList,
    covered: &[&str],
) -> Result<String, SignatureError> {
    let mut lines = Vec::with_capacity(covered.len() + 1);
    for name in covered {
        lines.push(format!("\"{name}\": {}", component(request, name)?));
    }
    let mut serializer = ListSerializer::new();
    let mut list = serializer.inner_list();
    list.items(&parameters.items);
    let _ = list.finish().parameters(&parameters.params);
    let parameters = serializer.finish().unwrap_or_default();
    lines.push(format!("\"@signature-params\": {parameters}"));
    Ok(lines.join("\n"))
}

/// The value of one component (RFC 9421, sections 2.1 and 2.2).
fn component(request: &ReceivedRequest<'_>, name: &str) -> Result<String, SignatureError> {
    let target = request.path_and_query();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(match name {
        "@method" => request.method.as_str().to_owned(),
        "@target-uri" => format!("{}://{}{target}", request.scheme, authority(request)?),
        "@authority" => authority(request)?,
        "@scheme" => request.scheme.as_str().to_owned(),
        "@path" => path.to_owned(),
        "@query" => format!("?{query}"),
        "@request-target" => target.to_owned(),
        "host" => request.authority()?.to_owned(),
        name if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            return Err(SignatureError::Malformed("components"));
        }
        name if HeaderName::from_bytes(name.as_bytes()).is_ok() => request
            .joined(name)?
            .ok_or(SignatureError::Malformed("a covered header is absent"))?,
        _ => return Err(SignatureError::Malformed("components")),
    })
}

/// Host in lower case, without the port when it is the scheme's own (RFC 9421, section 2.2.3).
fn authority(request: &ReceivedRequest<'_>) -> Result<String, SignatureError> {
    let authority = request.authority()?.to_ascii_lowercase();
    let default_port = match request.scheme.as_str() {
        "http" => ":80",
        _ => ":443",
    };
    Ok(authority
        .strip_suffix(default_port)
        .map_or(authority.clone(), str::to_owned))
}

/// The signature base of the only entry of a `Signature-Input`, without the rules of ours.
#[cfg(test)]
pub(super) fn base_for_test(request: &ReceivedRequest<'_>, input: &str) -> String {
    let inputs = read_canonical(input).unwrap();
    let Some((_, ListEntry::InnerList(parameters))) = inputs.first() else {
        panic!("no signature in {input}");
    };
    let covered = read_components(parameters).unwrap();
    signature_base(request, parameters, &covered).unwrap()
}
