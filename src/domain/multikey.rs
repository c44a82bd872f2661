//! Public keys as one line of text: Multikey (W3C Controlled Identifiers §2.2.2, FEP-521a).

use std::fmt;

/// Base58-btc of multibase.
const BASE58_BTC: char = 'z';
/// Multicodec prefixes, as variable-length integers.
const ED25519_PUBLIC: [u8; 2] = [0xed, 0x01];
const RSA_PUBLIC: [u8; 2] = [0x85, 0x24];
/// Longest text looked at: an RSA key of 8192 bits takes about 1 400 characters.
const LONGEST: usize = 2_000;

/// A public key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Multikey {
    /// 32 bytes.
    Ed25519([u8; 32]),
    /// PKCS#1 DER.
    Rsa(Vec<u8>),
}

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMultikey {
    #[error("not written in base58-btc")]
    NotBase58,
    #[error("a key of an unknown kind")]
    UnknownKind,
    #[error("an Ed25519 key has 32 bytes")]
    WrongLength,
}

impl Multikey {
    /// Reads `publicKeyMultibase`.
    pub fn parse(text: &str) -> Result<Self, InvalidMultikey> {
        let bytes = decode(text)?;
        if let Some(raw) = bytes.strip_prefix(&ED25519_PUBLIC) {
            let key = raw.try_into();
            return key
                .map(Self::Ed25519)
                .map_err(|_| InvalidMultikey::WrongLength);
        }
        match bytes.strip_prefix(&RSA_PUBLIC) {
            Some(der) if !der.is_empty() => Ok(Self::Rsa(der.to_vec())),
            _ => Err(InvalidMultikey::UnknownKind),
        }
    }
}

impl fmt::Display for Multikey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self {
            Self::Ed25519(raw) => [&ED25519_PUBLIC[..], raw].concat(),
            Self::Rsa(der) => [&RSA_PUBLIC[..], der].concat(),
        };
        f.write_str(&encode(&bytes))
    }
}

impl fmt::Debug for Multikey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Multikey({self})")
    }
}

/// Bytes as multibase base58-btc.
pub fn encode(bytes: &[u8]) -> String {
    format!("{BASE58_BTC}{}", bs58::encode(bytes).into_string())
}

/// The bytes of a multibase base58-btc text.
pub fn decode(text: &str) -> Result<Vec<u8>, InvalidMultikey> {
    let digits = text
        .strip_prefix(BASE58_BTC)
        .filter(|digits| digits.len() <= LONGEST)
        .ok_or(InvalidMultikey::NotBase58)?;
    bs58::decode(digits)
        .into_vec()
        .map_err(|_| InvalidMultikey::NotBase58)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// From FEP-521a (CC0), its two examples.
    const FEP_ED25519: (&str, &str) = (
        "2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6",
        "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    );

    fn bytes_of(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn the_example_of_the_fep_is_read_and_written() {
        let (hex, text) = FEP_ED25519;
        let key = Multikey::parse(text).unwrap();
        assert_eq!(
            key,
            Multikey::Ed25519(bytes_of(hex).try_into().unwrap()),
            "{key:?}"
        );
        assert_eq!(key.to_string(), text);
    }

    #[test]
    fn what_is_not_a_key_is_refused_with_its_reason() {
        let short = encode(&[0xed, 0x01, 1, 2, 3]);
        let secret = encode(&[&[0x80, 0x26][..], &[7; 32]].concat());
        for (text, reason) in [
            ("", InvalidMultikey::NotBase58),
            ("6Mkha", InvalidMultikey::NotBase58),
            ("z0OIl", InvalidMultikey::NotBase58),
            ("u7QE", InvalidMultikey::NotBase58),
            ("z", InvalidMultikey::UnknownKind),
            (short.as_str(), InvalidMultikey::WrongLength),
            (secret.as_str(), InvalidMultikey::UnknownKind),
        ] {
            assert_eq!(Multikey::parse(text), Err(reason), "{text}");
        }
        let flood = format!("z{}", "2".repeat(LONGEST + 1));
        assert_eq!(Multikey::parse(&flood), Err(InvalidMultikey::NotBase58));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(raw in any::<[u8; 32]>(), der in prop::collection::vec(any::<u8>(), 1..300)) {
            for key in [Multikey::Ed25519(raw), Multikey::Rsa(der)] {
                prop_assert_eq!(Multikey::parse(&key.to_string()), Ok(key));
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = Multikey::parse(&text);
            let _ = Multikey::parse(&format!("z{text}"));
        }
    }
}
