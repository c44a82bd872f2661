//! Keys of actors: ours, which sign, and theirs, which verify.
//!
//! RSA-2048 signs HTTP requests, because it is what every peer software verifies; Ed25519 keys of
//! peers verify RFC 9421 signatures. All the arithmetic is aws-lc-rs. Public keys are written as
//! SPKI PEM (`BEGIN PUBLIC KEY`); PKCS#1 (`BEGIN RSA PUBLIC KEY`) is read too, because Mobilizon
//! and Funkwhale publish it.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{
        ED25519, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use url::Url;

/// Modulus lengths we accept, in bytes: 2048 to 8192 bits.
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// Longest PEM text we look at, in bytes; an 8192-bit key takes about 1500.
const LONGEST_PEM: usize = 16 * 1024;

/// Header of every Ed25519 `SubjectPublicKeyInfo`, followed by the 32 bytes of the key
/// (RFC 8410, section 4: it has no parameter, hence one single form).
const ED25519_SPKI_HEADER: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Why a key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is not one PEM section of the expected kind.
    #[error("not a PEM key")]
    NotPem,
    /// The bytes are no key of a kind we know.
    #[error("not a key of a known kind")]
    Unreadable,
    /// RSA modulus outside 2048 to 8192 bits.
    #[error("RSA keys must have 2048 to 8192 bits")]
    WrongSize,
    /// The cryptographic library failed, for instance for lack of randomness.
    #[error("the cryptographic library failed")]
    Library,
}

/// The private and public RSA keys of one of our actors.
pub struct RsaKeyPair(rsa::KeyPair);

impl RsaKeyPair {
    /// Makes a new 2048-bit pair. Takes about 0.1 s of processor: call it off the async threads.
    pub fn generate() -> Result<Self, KeyError> {
        rsa::KeyPair::generate(rsa::KeySize::Rsa2048)
            .map(Self)
            .map_err(|_| KeyError::Library)
    }

    /// Reads the private key written by [`Self::to_pkcs8_pem`].
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        let section = PemSection::read(pem)?;
        if section.label != "PRIVATE KEY" {
            return Err(KeyError::NotPem);
        }
        let pair = rsa::KeyPair::from_pkcs8(&section.der).map_err(|_| KeyError::Unreadable)?;
        if RSA_MODULUS_BYTES.contains(&pair.public_modulus_len()) {
            Ok(Self(pair))
        } else {
            Err(KeyError::WrongSize)
        }
    }

    /// The private key as PKCS#8 PEM. Secret: encrypt it before it rests anywhere.
    pub fn to_pkcs8_pem(&self) -> Result<String, KeyError> {
        let der: Pkcs8V1Der<'_> = self.0.as_der().map_err(|_| KeyError::Library)?;
        Ok(write_pem("PRIVATE KEY", der.as_ref()))
    }

    /// The public key as SPKI PEM, for `publicKeyPem`.
    pub fn public_key_pem(&self) -> Result<String, KeyError> {
        let der: PublicKeyX509Der<'_> = self
            .0
            .public_key()
            .as_der()
            .map_err(|_| KeyError::Library)?;
        Ok(write_pem("PUBLIC KEY", der.as_ref()))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, the bytes of the signature.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| KeyError::Library)?;
        Ok(signature)
    }
}

impl fmt::Debug for RsaKeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RsaKeyPair(secret)")
    }
}

/// A private key ready to sign, with the id under which peers find its public half.
///
/// Parsing a private key costs 0.2 ms, so this is parsed once; cloning it copies two pointers.
#[derive(Clone)]
pub struct SigningKey {
    key_id: Arc<Url>,
    pair: Arc<RsaKeyPair>,
}

impl SigningKey {
    /// Joins a pair to its id, `<actor>#main-key` for all our actors.
    pub fn new(key_id: Url, pair: RsaKeyPair) -> Self {
        Self {
            key_id: Arc::new(key_id),
            pair: Arc::new(pair),
        }
    }

    /// Reads a PKCS#8 PEM and joins it to its id.
    pub fn from_pkcs8_pem(key_id: Url, pem: &str) -> Result<Self, KeyError> {
        Ok(Self::new(key_id, RsaKeyPair::from_pkcs8_pem(pem)?))
    }

    /// The id sent as `keyId`. Being a parsed URL, it holds no quote and no control character.
    pub fn key_id(&self) -> &str {
        self.key_id.as_str()
    }

    /// The pair itself, to publish its public half.
    pub fn pair(&self) -> &RsaKeyPair {
        &self.pair
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, as base64.
    pub fn sign_base64(&self, message: &[u8]) -> Result<String, KeyError> {
        self.pair.sign(message).map(|bytes| BASE64.encode(bytes))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.key_id)
    }
}

/// The algorithm family of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Verifies RSASSA-PKCS1-v1_5 with SHA-256.
    Rsa,
    /// Verifies Ed25519.
    Ed25519,
}

/// The public key of a remote actor, parsed and checked.
#[derive(Clone)]
pub struct PublicKey {
    kind: KeyKind,
    spki: Arc<[u8]>,
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// Reads `publicKeyPem`: RSA as SPKI or PKCS#1, or Ed25519 as SPKI.
    ///
    /// Line breaks may be missing or of any kind: peers differ, and base64 has one meaning.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let section = PemSection::read(pem)?;
        if !matches!(section.label, "PUBLIC KEY" | "RSA PUBLIC KEY") {
            return Err(KeyError::NotPem);
        }
        match section.der.strip_prefix(&ED25519_SPKI_HEADER) {
            Some(raw) => Self::from_ed25519_bytes(raw),
            None => Self::from_rsa_der(&section.der),
        }
    }

    /// Takes the 32 bytes of an Ed25519 key, as a Multikey (FEP-521a) carries them.
    pub fn from_ed25519_bytes(raw: &[u8]) -> Result<Self, KeyError> {
        let parsed = ParsedPublicKey::new(&ED25519, raw).map_err(|_| KeyError::Unreadable)?;
        Ok(Self {
            kind: KeyKind::Ed25519,
            spki: [&ED25519_SPKI_HEADER, raw].concat().into(),
            parsed,
        })
    }

    /// `der` is an SPKI or a PKCS#1 `RSAPublicKey`; what is kept is always the SPKI.
    fn from_rsa_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = rsa::PublicKey::from_der(der).map_err(|_| KeyError::Unreadable)?;
        if !RSA_MODULUS_BYTES.contains(&key.modulus_len()) {
            return Err(KeyError::WrongSize);
        }
        let spki: PublicKeyX509Der<'_> = key.as_der().map_err(|_| KeyError::Unreadable)?;
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki.as_ref())
            .map_err(|_| KeyError::Unreadable)?;
        Ok(Self {
            kind: KeyKind::Rsa,
            spki: spki.as_ref().into(),
            parsed,
        })
    }

    /// Which algorithm this key verifies.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key as SPKI PEM, the one form in which we keep keys.
    pub fn to_spki_pem(&self) -> String {
        write_pem("PUBLIC KEY", &self.spki)
    }

    /// Whether `signature` over `message` was made by the private half of this key.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({:?})", self.kind)
    }
}

/// One PEM section (RFC 7468), its base64 decoded.
struct PemSection<'a> {
    label: &'a str,
    der: Vec<u8>,
}

impl<'a> PemSection<'a> {
    /// Reads the only section of `text`; anything before or after it but white space is refused.
    fn read(text: &'a str) -> Result<Self, KeyError> {
        if text.len() > LONGEST_PEM {
            return Err(KeyError::NotPem);
        }
        Self::split(text.trim())
            .and_then(|(label, body)| {
                let base64: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                let der = BASE64.decode(base64).ok()?;
                Some(Self { label, der })
            })
            .ok_or(KeyError::NotPem)
    }

    /// The label and what stands between the two boundaries.
    fn split(text: &'a str) -> Option<(&'a str, &'a str)> {
        let (label, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----")?;
        let (body, end) = rest.split_once("-----END ")?;
        (end.strip_suffix("-----")? == label).then_some((label, body))
    }
}

/// Writes a PEM section with lines of 64 characters (RFC 7468).
fn write_pem(label: &str, der: &[u8]) -> String {
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (index, character) in BASE64.encode(der).chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem + &format!("\n-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pkcs1_pem(pair: &RsaKeyPair) -> String {
        // aws-lc-rs gives the PKCS#1 form of a public key as its plain bytes.
        write_pem("RSA PUBLIC KEY", pair.0.public_key().as_ref())
    }

    #[test]
    fn a_pair_written_and_read_again_signs_for_the_same_public_key() {
        let pair = RsaKeyPair::generate().unwrap();
        let again = RsaKeyPair::from_pkcs8_pem(&pair.to_pkcs8_pem().unwrap()).unwrap();
        let public = PublicKey::from_pem(&pair.public_key_pem().unwrap()).unwrap();
        let signature = again.sign(b"hello").unwrap();
        assert!(public.has_signed(b"hello", &signature));
        assert!(!public.has_signed(b"hellO", &signature));
    }

    #[test]
    fn our_pem_is_read_by_another_implementation() {
        // The federation crate parses keys with an unrelated library, which also wraps at 64.
        let pem = RsaKeyPair::generate().unwrap().public_key_pem().unwrap();
        assert!(pem.lines().all(|line| line.len() <= 64));
        let theirs = activitypub_federation::http_signatures::generate_actor_keypair().unwrap();
        RsaKeyPair::from_pkcs8_pem(&theirs.private_key).unwrap();
        let key = PublicKey::from_pem(&theirs.public_key).unwrap();
        assert_eq!(key.to_spki_pem(), theirs.public_key);
    }

    #[test]
    fn pkcs1_is_converted_to_spki() {
        let pair = RsaKeyPair::generate().unwrap();
        let key = PublicKey::from_pem(&pkcs1_pem(&pair)).unwrap();
        assert_eq!(key.to_spki_pem(), pair.public_key_pem().unwrap());
    }

    #[test]
    fn line_breaks_do_not_matter() {
        let pem = RsaKeyPair::generate().unwrap().public_key_pem().unwrap();
        for variant in [
            pem.replace('\n', "\r\n"),
            pem.replace('\n', ""),
            format!("\n  {pem}\n\n"),
        ] {
            assert_eq!(PublicKey::from_pem(&variant).unwrap().to_spki_pem(), pem);
        }
    }

    #[test]
    fn keys_of_1024_bits_are_refused() {
        // A public key of that size, made once with another tool.
        let pem = "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDjaMPq8zZfKJua/TowiKVTJoB8\n74QoSmC7latt6adwHG7EN8NHtZq9+1YxyJwk/kmAT3uUEnmeBhuCD+G2FPTk1F1M\nlU7V/1WpOyPnmoVNKTLvJ+29Yw5OrIz2ESdVbFD+Pdl630IkkjPesKwzIeYy9N5F\n8Xo9A9YR/nWoEs2u9wIDAQAB\n-----END PUBLIC KEY-----\n";
        assert_eq!(PublicKey::from_pem(pem).unwrap_err(), KeyError::WrongSize);
    }

    #[test]
    fn an_ed25519_key_is_read_raw_and_as_pem() {
        use aws_lc_rs::signature::Ed25519KeyPair;
        let pair = Ed25519KeyPair::generate().unwrap();
        let raw = PublicKey::from_ed25519_bytes(pair.public_key().as_ref()).unwrap();
        let key = PublicKey::from_pem(&raw.to_spki_pem()).unwrap();
        assert_eq!(key.kind(), KeyKind::Ed25519);
        assert!(key.has_signed(b"hello", pair.sign(b"hello").as_ref()));
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        assert_eq!(raw.to_spki_pem(), write_pem("PUBLIC KEY", spki.as_ref()));
    }

    #[test]
    fn a_private_key_is_never_taken_for_a_public_one() {
        let pair = RsaKeyPair::generate().unwrap();
        let pem = pair.to_pkcs8_pem().unwrap();
        assert_eq!(PublicKey::from_pem(&pem).unwrap_err(), KeyError::NotPem);
        let disguised = pem.replace("PRIVATE KEY", "PUBLIC KEY");
        assert!(PublicKey::from_pem(&disguised).is_err());
    }

    #[test]
    fn debug_output_shows_nothing_secret() {
        let pair = RsaKeyPair::generate().unwrap();
        let secret = pair.to_pkcs8_pem().unwrap();
        let key = SigningKey::new("https://ours.test/a#main-key".parse().unwrap(), pair);
        let shown = format!("{key:?} {:?}", key.pair());
        assert_eq!(
            shown,
            "SigningKey(https://ours.test/a#main-key) RsaKeyPair(secret)"
        );
        assert!(
            !secret
                .lines()
                .any(|line| line.len() > 20 && shown.contains(line))
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = PublicKey::from_pem(&text);
            let _ = PublicKey::from_pem(&format!("-----BEGIN PUBLIC KEY-----{text}-----END PUBLIC KEY-----"));
        }

        #[test]
        fn no_der_makes_the_reader_panic(der in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = PublicKey::from_pem(&write_pem("RSA PUBLIC KEY", &der));
        }
    }
}
