//! Random tokens, keyed hashes and sealed values, all derived from one key file.
//!
//! The file `secret.key` of the data directory holds 32 random bytes. With a copy of the database
//! alone nobody can sign in, forge a form or use the private keys of our actors.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, RandomizedNonceKey},
    constant_time, digest, hkdf, hmac, rand,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Length of the key file and of every key made from it.
const KEY_LENGTH: usize = 32;
/// Random bytes in a token: 256 bits.
const TOKEN_LENGTH: usize = 32;

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("the key file {path} cannot be read or made: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the key file {path} does not hold a key; restore it from a backup")]
    NotAKey { path: PathBuf },
}

/// A random secret that somebody holds: in a link, in a cookie, in a program.
///
/// Only its hash is stored, so a copy of the database opens nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Reads a token that came back.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself, for the link or the cookie.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored: SHA-256 in hexadecimal. A token is random, so no salt is needed.
    pub fn hash(&self) -> String {
        sha256_hex(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let hash = digest::digest(&digest::SHA256, bytes);
    hash.as_ref()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // writing to a String cannot fail
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Keys derived from the key file, one per use.
pub struct Secrets {
    forms: hmac::Key,
    links: hmac::Key,
    sealing: RandomizedNonceKey,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Reads the key file, or makes it, readable by its owner alone.
    pub fn open_or_create(path: &Path) -> Result<Self, KeyFileError> {
        let file_error = |source| KeyFileError::File {
            path: path.to_owned(),
            source,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path).map_err(file_error)?;
                fs::read_to_string(path).map_err(file_error)?
            }
            Err(error) => return Err(file_error(error)),
        };
        URL_SAFE_NO_PAD
            .decode(text.trim())
            .ok()
            .and_then(|master| Self::derive(&master))
            .ok_or_else(|| KeyFileError::NotAKey {
                path: path.to_owned(),
            })
    }

    fn derive(master: &[u8]) -> Option<Self> {
        if master.len() != KEY_LENGTH {
            return None;
        }
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"emancipasso").extract(master);
        let expand = |purpose: &[u8]| -> Option<[u8; KEY_LENGTH]> {
            let mut key = [0; KEY_LENGTH];
            extracted
                .expand(&[purpose], hkdf::HKDF_SHA256)
                .ok()?
                .fill(&mut key)
                .ok()?;
            Some(key)
        };
        Some(Self {
            forms: hmac::Key::new(hmac::HMAC_SHA256, &expand(b"forms")?),
            links: hmac::Key::new(hmac::HMAC_SHA256, &expand(b"links")?),
            sealing: RandomizedNonceKey::new(&AES_256_GCM, &expand(b"sealing")?).ok()?,
        })
    }

    /// A new random token of 256 bits.
    pub fn new_token(&self) -> Option<Token> {
        let mut bytes = [0; TOKEN_LENGTH];
        rand::fill(&mut bytes).ok()?;
        Some(Token(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The seed of a new Ed25519 key pair.
    pub fn new_seed(&self) -> Option<[u8; KEY_LENGTH]> {
        let mut seed = [0; KEY_LENGTH];
        rand::fill(&mut seed).ok()?;
        Some(seed)
    }

    /// The value that every form of a browser carries, made from the secret in its cookie.
    pub fn form_token(&self, cookie: &Token) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.forms, cookie.expose().as_bytes()))
    }

    /// Whether a form was made by us for this browser. Takes the same time whatever was sent.
    pub fn is_form_token(&self, cookie: &Token, sent: &str) -> bool {
        constant_time::verify_slices_are_equal(self.form_token(cookie).as_bytes(), sent.as_bytes())
            .is_ok()
    }

    /// The mark of a link that serves one purpose for one subject, for as long as the key file is.
    pub fn sign(&self, purpose: &str, subject: &str) -> String {
        // no purpose holds a line end, so two pairs never give the same text
        let text = format!("{purpose}\n{subject}");
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.links, text.as_bytes()))
    }

    /// Whether a link carries the mark of this purpose and subject.
    pub fn is_signed(&self, purpose: &str, subject: &str, mark: &str) -> bool {
        constant_time::verify_slices_are_equal(
            self.sign(purpose, subject).as_bytes(),
            mark.as_bytes(),
        )
        .is_ok()
    }

    /// Encrypts a value kept in the database (AES-256-GCM, random nonce in front, base64url).
    pub fn seal(&self, plain: &str) -> Option<String> {
        let mut sealed = plain.as_bytes().to_vec();
        let nonce = self
            .sealing
            .seal_in_place_append_tag(Aad::empty(), &mut sealed)
            .ok()?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut sealed);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Decrypts what [`Self::seal`] made; `None` when it was changed or sealed with another file.
    pub fn unseal(&self, sealed: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, ciphertext) = bytes.split_at_checked(aws_lc_rs::aead::NONCE_LEN)?;
        let nonce = aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = ciphertext.to_vec();
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::empty(), &mut buffer)
            .ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

fn create(path: &Path) -> io::Result<()> {
    let mut master = [0; KEY_LENGTH];
    rand::fill(&mut master).map_err(|_| io::Error::other("no random source"))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(master))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_file_opens_what_it_sealed_and_another_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let one = Secrets::open_or_create(&directory.path().join("one")).unwrap();
        let sealed = one.seal("clé privée").unwrap();
        let again = Secrets::open_or_create(&directory.path().join("one")).unwrap();
        assert_eq!(again.unseal(&sealed).as_deref(), Some("clé privée"));
        let other = Secrets::open_or_create(&directory.path().join("two")).unwrap();
        assert_eq!(other.unseal(&sealed), None);
        assert_eq!(again.unseal("pas scellé"), None);
    }

    #[test]
    fn a_form_of_another_browser_is_recognised() {
        let directory = tempfile::tempdir().unwrap();
        let secrets = Secrets::open_or_create(&directory.path().join("key")).unwrap();
        let (mine, theirs) = (secrets.new_token().unwrap(), secrets.new_token().unwrap());
        assert!(secrets.is_form_token(&mine, &secrets.form_token(&mine)));
        assert!(!secrets.is_form_token(&mine, &secrets.form_token(&theirs)));
        assert!(!secrets.is_form_token(&mine, ""));
    }

    #[test]
    fn a_damaged_key_file_is_told_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write(&path, "court").unwrap();
        assert!(matches!(
            Secrets::open_or_create(&path),
            Err(KeyFileError::NotAKey { .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "court");
    }
}
