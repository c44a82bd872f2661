//! Integrity proofs: `eddsa-jcs-2022` on whole documents (FEP-8b32; W3C Data Integrity EdDSA
//! Cryptosuites §3.3).
//!
//! A document is checked on the very JSON that was received, and everything that is believed of it
//! is read from that same value. What comes out is "valid for this key": whose key it is, and
//! whether that somebody may say it, is for the reader to ask ([`keys`]).

pub mod keys;

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::keys::PublicKey;
use crate::domain::multikey::{self, Multikey};

/// The one algorithm we write and read.
pub const CRYPTOSUITE: &str = "eddsa-jcs-2022";
/// Its type.
const PROOF_TYPE: &str = "DataIntegrityProof";
/// The one purpose that a statement has.
const PURPOSE: &str = "assertionMethod";
/// Integers beyond are rounded by some readers and refused by others (I-JSON, RFC 7493 §2.2).
const LARGEST_INTEGER: u64 = 1 << 53;
/// Bytes of an Ed25519 signature.
const SIGNATURE_LENGTH: usize = 64;

/// Why a proof does not hold, or cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("the document is not an object")]
    NotAnObject,
    #[error("the document has no proof")]
    NoProof,
    /// A chain or a set of proofs; FEP-8b32 knows one.
    #[error("the document has several proofs")]
    SeveralProofs,
    #[error("the proof is of a kind that is not known here")]
    UnknownKind,
    #[error("the proof was made for another purpose than a statement")]
    WrongPurpose,
    #[error("the proof is malformed")]
    Malformed,
    #[error("the document does not begin with the context of its proof")]
    OtherContext,
    /// Readers would not agree on what was signed.
    #[error("the document holds a number that readers do not all read alike")]
    UnsafeNumber,
    #[error("the key did not sign this document")]
    WrongSignature,
    #[error("the key is not an Ed25519 key")]
    WrongKey,
}

/// The private key that signs documents of one actor.
pub struct ProofSigner {
    method: String,
    pair: Ed25519KeyPair,
}

impl ProofSigner {
    /// From the id of the key and its seed of 32 bytes.
    pub fn from_seed(method: impl Into<String>, seed: &[u8]) -> Result<Self, ProofError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| ProofError::WrongKey)?;
        Ok(Self {
            method: method.into(),
            pair,
        })
    }

    /// The public half.
    pub fn public_key(&self) -> Result<Multikey, ProofError> {
        let raw = self.pair.public_key().as_ref();
        let raw = raw.try_into().map_err(|_| ProofError::WrongKey)?;
        Ok(Multikey::Ed25519(raw))
    }
}

impl std::fmt::Debug for ProofSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProofSigner({})", self.method)
    }
}

/// Adds a proof to a document that has none.
pub fn sign(
    mut document: Value,
    signer: &ProofSigner,
    created: DateTime<Utc>,
) -> Result<Value, ProofError> {
    let members = document.as_object_mut().ok_or(ProofError::NotAnObject)?;
    if members.contains_key("proof") {
        return Err(ProofError::SeveralProofs);
    }
    let mut options = Map::new();
    if let Some(context) = members.get("@context") {
        options.insert("@context".into(), context.clone());
    }
    for (name, value) in [
        ("type", PROOF_TYPE),
        ("cryptosuite", CRYPTOSUITE),
        ("verificationMethod", signer.method.as_str()),
        ("proofPurpose", PURPOSE),
        (
            "created",
            &created.to_rfc3339_opts(SecondsFormat::Secs, true),
        ),
    ] {
        options.insert(name.into(), json!(value));
    }
    let message = message(members, &options)?;
    let signature = signer.pair.sign(&message);
    options.insert(
        "proofValue".into(),
        json!(multikey::encode(signature.as_ref())),
    );
    members.insert("proof".into(), Value::Object(options));
    Ok(document)
}

/// The proof of a document, read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Id of the key that is said to have made it.
    pub method: String,
    pub created: Option<DateTime<Utc>>,
    pub expires: Option<DateTime<Utc>>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// What a proof shows: the document says what it said when the holder of this key signed it. Not
/// whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidFor {
    pub key: Multikey,
    /// Id of the key.
    pub method: String,
    pub created: Option<DateTime<Utc>>,
    pub expires: Option<DateTime<Utc>>,
}

impl Proof {
    /// Reads the proof of a document, as received.
    pub fn read(document: &Value) -> Result<Self, ProofError> {
        let members = document.as_object().ok_or(ProofError::NotAnObject)?;
        let proof = match members.get("proof") {
            None | Some(Value::Null) => return Err(ProofError::NoProof),
            Some(Value::Object(proof)) => proof,
            Some(Value::Array(_)) => return Err(ProofError::SeveralProofs),
            Some(_) => return Err(ProofError::Malformed),
        };
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        if text("type") != Some(PROOF_TYPE) || text("cryptosuite") != Some(CRYPTOSUITE) {
            return Err(ProofError::UnknownKind);
        }
        if text("proofPurpose") != Some(PURPOSE) {
            return Err(ProofError::WrongPurpose);
        }
        let signature = text("proofValue")
            .and_then(|value| multikey::decode(value).ok())
            .filter(|bytes| bytes.len() == SIGNATURE_LENGTH)
            .ok_or(ProofError::Malformed)?;
        let mut options = proof.clone();
        options.remove("proofValue");
        Ok(Self {
            method: text("verificationMethod")
                .ok_or(ProofError::Malformed)?
                .to_owned(),
            created: instant(proof, "created")?,
            expires: instant(proof, "expires")?,
            message: message(members, &options)?,
            signature,
        })
    }

    /// Verifies it with a key.
    pub fn verify(&self, key: &Multikey) -> Result<ValidFor, ProofError> {
        let Multikey::Ed25519(raw) = key else {
            return Err(ProofError::WrongKey);
        };
        let public = PublicKey::from_ed25519_bytes(raw).map_err(|_| ProofError::WrongKey)?;
        if !public.has_signed(&self.message, &self.signature) {
            return Err(ProofError::WrongSignature);
        }
        Ok(ValidFor {
            key: key.clone(),
            method: self.method.clone(),
            created: self.created,
            expires: self.expires,
        })
    }
}

/// Reads and verifies the proof of a document.
pub fn verify(document: &Value, key: &Multikey) -> Result<ValidFor, ProofError> {
    Proof::read(document)?.verify(key)
}

/// An instant of the options; one that cannot be read is a mistake, not an absence.
fn instant(options: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, ProofError> {
    let Some(value) = options.get(name) else {
        return Ok(None);
    };
    value
        .as_str()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        .map(|at| Some(at.with_timezone(&Utc)))
        .ok_or(ProofError::Malformed)
}

/// What is signed: the digest of the options, then the digest of the document, each in its
/// canonical form (RFC 8785).
fn message(
    document: &Map<String, Value>,
    options: &Map<String, Value>,
) -> Result<Vec<u8>, ProofError> {
    let mut document = document.clone();
    document.remove("proof");
    // a Linked Data signature, which others may have added
    document.remove("signature");
    if let Some(context) = options.get("@context") {
        let named = document.get("@context").unwrap_or(&Value::Null);
        if !entries(named).starts_with(entries(context)) {
            return Err(ProofError::OtherContext);
        }
        document.insert("@context".into(), context.clone());
    }
    let options = hash(&Value::Object(options.clone()))?;
    let document = hash(&Value::Object(document))?;
    Ok([options, document].concat())
}

/// The entries of an `@context`, whether it is a list or a single one.
fn entries(context: &Value) -> &[Value] {
    match context {
        Value::Array(entries) => entries,
        single => std::slice::from_ref(single),
    }
}

fn hash(value: &Value) -> Result<Vec<u8>, ProofError> {
    if !holds_safe_numbers(value) {
        return Err(ProofError::UnsafeNumber);
    }
    let canonical = serde_json_canonicalizer::to_vec(value).map_err(|_| ProofError::Malformed)?;
    Ok(digest(&SHA256, &canonical).as_ref().to_vec())
}

fn holds_safe_numbers(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_safe(number),
        Value::Array(values) => values.iter().all(holds_safe_numbers),
        Value::Object(members) => members.values().all(holds_safe_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// An integer that does not fit into 64 bits is a float here, hence the bound on both.
fn is_safe(number: &serde_json::Number) -> bool {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), ..) => number <= LARGEST_INTEGER,
        (_, Some(number), _) => number.unsigned_abs() <= LARGEST_INTEGER,
        (_, _, Some(number)) => number.abs() <= LARGEST,
        (None, None, None) => false,
    }
}

#[cfg(test)]
mod tests;
