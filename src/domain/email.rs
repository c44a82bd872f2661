//! E-mail addresses, read so that they can stand in a message header without harm.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Host;

use super::problem::Problem;

/// Why a text is not an e-mail address that we can write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// Nothing was given.
    #[error("empty address")]
    Empty,
    /// More than 254 characters, or more than 64 before the `@` (RFC 5321 §4.5.3.1).
    #[error("address too long")]
    TooLong,
    /// No `@`, or several.
    #[error("an address has one @")]
    NotOneAt,
    /// A character, or a dot, that cannot stand before the `@`.
    #[error("wrong name before the @")]
    WrongLocalPart,
    /// What follows the `@` is not the name of a domain.
    #[error("wrong domain after the @")]
    WrongDomain,
}

impl From<InvalidEmail> for Problem {
    fn from(reason: InvalidEmail) -> Self {
        Self::new(match reason {
            InvalidEmail::Empty => "Indiquez votre adresse e-mail.",
            InvalidEmail::TooLong => "Cette adresse e-mail est trop longue.",
            InvalidEmail::NotOneAt => {
                "Une adresse e-mail contient un seul signe @, comme dans nom@exemple.fr."
            }
            InvalidEmail::WrongLocalPart => {
                "Vérifiez ce qui précède le signe @ : lettres sans accent, chiffres, points et tirets."
            }
            InvalidEmail::WrongDomain => "Vérifiez ce qui suit le signe @, par exemple exemple.fr.",
        })
    }
}

/// An e-mail address: a plain local part (RFC 5321 `Dot-string`) and a domain in lower case,
/// international names as `xn--…`.
///
/// Quoted local parts and literal IP addresses, which nobody types, are refused. The local part
/// keeps its case. There is no `Display`, and `Debug` masks the local part, so that addresses do
/// not slip into logs: say [`EmailAddress::as_str`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The most characters of an address.
    pub const MAX_LENGTH: usize = 254;
    const MAX_LOCAL_LENGTH: usize = 64;

    /// Reads an address as people type or paste it: white space around, `<…>` and `mailto:` do not
    /// matter.
    pub fn parse(typed: &str) -> Result<Self, InvalidEmail> {
        let typed = unwrapped(typed);
        if typed.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        if typed.len() > Self::MAX_LENGTH {
            return Err(InvalidEmail::TooLong);
        }
        let (local, domain) = typed.split_once('@').ok_or(InvalidEmail::NotOneAt)?;
        if domain.contains('@') {
            return Err(InvalidEmail::NotOneAt);
        }
        if local.len() > Self::MAX_LOCAL_LENGTH {
            return Err(InvalidEmail::TooLong);
        }
        if !is_dot_string(local) {
            return Err(InvalidEmail::WrongLocalPart);
        }
        let domain = folded_domain(domain).ok_or(InvalidEmail::WrongDomain)?;
        let address = format!("{local}@{domain}");
        if address.len() > Self::MAX_LENGTH {
            return Err(InvalidEmail::TooLong);
        }
        Ok(Self(address))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain, in lower case.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address in lower case, to find whether someone already has an account: nobody gives
    /// two people addresses that differ by case only.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn unwrapped(typed: &str) -> &str {
    let typed = typed.trim();
    let inside = typed
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(typed);
    match inside.split_at_checked("mailto:".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => rest.trim(),
        _ => inside.trim(),
    }
}

/// RFC 5321 `Dot-string`, in ASCII: atoms joined by single dots.
fn is_dot_string(local: &str) -> bool {
    let is_atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

fn folded_domain(domain: &str) -> Option<String> {
    let is_name = |label: &str| {
        let mut letters = label.chars();
        !label.is_empty() && letters.all(|c| c.is_alphanumeric() || c == '-')
    };
    if !domain.split('.').all(is_name) {
        return None;
    }
    let Ok(Host::Domain(folded)) = Host::parse(domain) else {
        return None;
    };
    let labels_fit = folded
        .split('.')
        .all(|label| label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
    (labels_fit && folded.contains('.')).then_some(folded)
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress(***@{})", self.domain())
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_read_as_people_paste_it() {
        for typed in [
            "Camille.Dupont+asso@Exemple.ORG",
            "  <Camille.Dupont+asso@exemple.org> ",
            "MailTo:Camille.Dupont+asso@exemple.org",
        ] {
            let address = EmailAddress::parse(typed).unwrap();
            assert_eq!(address.as_str(), "Camille.Dupont+asso@exemple.org");
            assert_eq!(address.domain(), "exemple.org");
            assert_eq!(address.key(), "camille.dupont+asso@exemple.org");
        }
    }

    #[test]
    fn an_international_domain_becomes_ascii() {
        let address = EmailAddress::parse("contact@Éducation-populaire.example").unwrap();
        assert_eq!(address.domain(), "xn--ducation-populaire-9vb.example");
    }

    #[test]
    fn a_wrong_address_says_what_to_fix() {
        for (typed, why) in [
            ("", InvalidEmail::Empty),
            ("camille", InvalidEmail::NotOneAt),
            ("a@b@c.org", InvalidEmail::NotOneAt),
            ("@exemple.org", InvalidEmail::WrongLocalPart),
            (".a@exemple.org", InvalidEmail::WrongLocalPart),
            ("a..b@exemple.org", InvalidEmail::WrongLocalPart),
            ("a b@exemple.org", InvalidEmail::WrongLocalPart),
            ("\"a b\"@exemple.org", InvalidEmail::WrongLocalPart),
            ("été@exemple.org", InvalidEmail::WrongLocalPart),
            ("a\r\nBcc: x@exemple.org", InvalidEmail::WrongLocalPart),
            ("a@exemple.org\r\nBcc: x", InvalidEmail::WrongDomain),
            ("a@exemple", InvalidEmail::WrongDomain),
            ("a@exemple.", InvalidEmail::WrongDomain),
            ("a@-exemple.org", InvalidEmail::WrongDomain),
            ("a@[127.0.0.1]", InvalidEmail::WrongDomain),
            ("a@127.0.0.1", InvalidEmail::WrongDomain),
            ("a@ex%65mple.org", InvalidEmail::WrongDomain),
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(why), "{typed:?}");
        }
        let long = format!("{}@exemple.org", "a".repeat(65));
        assert_eq!(EmailAddress::parse(&long), Err(InvalidEmail::TooLong));
        let long = format!("a@{}.org", "a.".repeat(130));
        assert_eq!(EmailAddress::parse(&long), Err(InvalidEmail::TooLong));
    }

    #[test]
    fn debug_output_masks_who_it_is() {
        let address = EmailAddress::parse("camille@exemple.org").unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(***@exemple.org)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in any::<String>()) {
            let _ = EmailAddress::parse(&text);
        }

        #[test]
        fn an_accepted_address_is_one_safe_ascii_word(
            text in "[a-zA-Z0-9.<>@\\r\\n \"é:,;-]{0,12}@[a-zA-Z0-9é.@\\n -]{1,12}\\.org",
        ) {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().bytes().all(|b| b.is_ascii_graphic()));
                prop_assert!(!address.as_str().contains([',', ';', '<', '>', '"', ':']));
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
            }
        }
    }
}
