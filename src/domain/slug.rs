//! The names that stand in addresses: slugs of pages and handles of actors.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::fold;

/// A text is not a slug: lower-case ASCII letters and digits, words joined by single hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a slug")]
pub struct InvalidSlug;

/// The readable part of the address of a page, such as `un-agenda-partage`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The longest slug, in characters.
    pub const MAX_LENGTH: usize = 100;

    /// What stands for a title that has no Latin letter nor digit.
    const UNTITLED: &str = "sans-titre";

    /// Makes the slug of a title, `max_length` characters at most, cut between words where it can
    /// be. Never empty.
    pub fn from_title(title: &str, max_length: usize) -> Self {
        let max_length = max_length.clamp(1, Self::MAX_LENGTH);
        let joined = ascii_words(title, '-', max_length);
        if joined.is_empty() {
            return Self(Self::UNTITLED.chars().take(max_length).collect::<String>())
                .without_final_hyphen();
        }
        Self(joined)
    }

    /// Reads a slug, as found in an address.
    pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
        let is_word = |word: &str| {
            let mut bytes = word.bytes();
            !word.is_empty() && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if text.len() <= Self::MAX_LENGTH && text.split('-').all(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSlug)
        }
    }

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn without_final_hyphen(self) -> Self {
        Self(self.0.trim_end_matches('-').to_owned())
    }
}

/// Why a text is not a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHandle {
    /// Nothing was given.
    #[error("empty handle")]
    Empty,
    /// Fewer than 3 characters.
    #[error("{found} characters, at least {} expected", Handle::MIN_LENGTH)]
    TooShort {
        /// How many characters were given.
        found: usize,
    },
    /// More than 30 characters.
    #[error("{found} characters, at most {} expected", Handle::MAX_LENGTH)]
    TooLong {
        /// How many characters were given.
        found: usize,
    },
    /// Something else than a lower-case letter without accent, a digit or `_`.
    #[error("{0:?} cannot stand in a handle")]
    UnexpectedCharacter(char),
}

/// The name of an actor in its federated address, `name` of `@name@domain`: `[a-z0-9_]{3,30}`.
///
/// Chosen once: never changed, never given to another actor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

impl Handle {
    /// The fewest characters.
    pub const MIN_LENGTH: usize = 3;
    /// The most characters.
    pub const MAX_LENGTH: usize = 30;

    /// What stands for, or completes, a name that is too short.
    const FALLBACK: &str = "structure";

    /// Reads a handle, as typed or as found in an address. Only white space around is forgiven: a
    /// handle is chosen for good, so nothing is corrected silently.
    pub fn parse(text: &str) -> Result<Self, InvalidHandle> {
        let text = text.trim();
        let unexpected = |c: &char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_');
        if let Some(c) = text.chars().find(unexpected) {
            return Err(InvalidHandle::UnexpectedCharacter(c));
        }
        match text.len() {
            0 => Err(InvalidHandle::Empty),
            found if found < Self::MIN_LENGTH => Err(InvalidHandle::TooShort { found }),
            found if found > Self::MAX_LENGTH => Err(InvalidHandle::TooLong { found }),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// Proposes a handle from the name of a person or an organisation: « Les Œuvres d’Été » gives
    /// `les_oeuvres_d_ete`.
    pub fn from_name(name: &str) -> Self {
        let joined = ascii_words(name, '_', Self::MAX_LENGTH);
        match joined.len() {
            0 => Self(Self::FALLBACK.to_owned()),
            length if length < Self::MIN_LENGTH => Self(format!("{}_{joined}", Self::FALLBACK)),
            _ => Self(joined),
        }
    }

    /// The handle, without `@`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The words of a text in ASCII, joined by `joiner`, `max_length` bytes at most: whole words, and
/// the beginning of the first one when it alone is too long.
fn ascii_words(text: &str, joiner: char, max_length: usize) -> String {
    let folded = fold(text);
    let mut words = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut joined: String = words
        .next()
        .unwrap_or("")
        .chars()
        .take(max_length)
        .collect();
    for word in words {
        if joined.len() + 1 + word.len() > max_length {
            break;
        }
        joined.push(joiner);
        joined.push_str(word);
    }
    joined
}

macro_rules! text_conversions {
    ($($name:ident, $error:ident;)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    )+};
}

text_conversions! {
    Slug, InvalidSlug;
    Handle, InvalidHandle;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_becomes_plain_words_joined_by_hyphens() {
        for (title, slug) in [
            (
                "Un agenda partagé pour l’été !",
                "un-agenda-partage-pour-l-ete",
            ),
            ("Œuvres & Lætitia", "oeuvres-laetitia"),
            ("  — Salarié·es : 100 % libres — ", "salarie-es-100-libres"),
        ] {
            assert_eq!(Slug::from_title(title, 80).as_str(), slug);
        }
    }

    #[test]
    fn a_long_title_is_cut_between_words() {
        assert_eq!(
            Slug::from_title("gestion des adhésions", 15).as_str(),
            "gestion-des"
        );
        assert_eq!(
            Slug::from_title("anticonstitutionnellement", 8).as_str(),
            "anticons"
        );
    }

    #[test]
    fn a_title_without_latin_letter_still_has_a_slug() {
        assert_eq!(Slug::from_title("日本語 🙂", 80).as_str(), "sans-titre");
        assert_eq!(Slug::from_title("", 5).as_str(), "sans");
    }

    #[test]
    fn what_is_not_a_slug_is_refused() {
        for wrong in [
            "",
            "-a",
            "a-",
            "a--b",
            "É",
            "A",
            "a b",
            "a/b",
            &"a".repeat(101),
        ] {
            assert_eq!(Slug::parse(wrong), Err(InvalidSlug), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_handle_says_what_to_fix() {
        assert_eq!(Handle::parse(" asso_42 ").unwrap().as_str(), "asso_42");
        assert_eq!(Handle::parse(""), Err(InvalidHandle::Empty));
        assert_eq!(
            Handle::parse("ab"),
            Err(InvalidHandle::TooShort { found: 2 })
        );
        assert_eq!(
            Handle::parse(&"a".repeat(31)),
            Err(InvalidHandle::TooLong { found: 31 })
        );
        for (text, wrong) in [("asso-42", '-'), ("Asso", 'A'), ("été", 'é'), ("a b", ' ')] {
            assert_eq!(
                Handle::parse(text),
                Err(InvalidHandle::UnexpectedCharacter(wrong))
            );
        }
    }

    #[test]
    fn a_name_proposes_a_handle() {
        assert_eq!(
            Handle::from_name("Les Œuvres d’Été").as_str(),
            "les_oeuvres_d_ete"
        );
        assert_eq!(Handle::from_name("O²").as_str(), "structure_o2");
        assert_eq!(Handle::from_name("🙂").as_str(), "structure");
    }

    proptest! {
        #[test]
        fn every_title_gives_a_slug_that_can_be_read_back(
            title in any::<String>(),
            max_length in 0_usize..200,
        ) {
            let slug = Slug::from_title(&title, max_length);
            prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
            prop_assert!(slug.as_str().len() <= max_length.clamp(1, Slug::MAX_LENGTH));
        }

        #[test]
        fn every_name_gives_a_handle_that_can_be_read_back(name in any::<String>()) {
            let handle = Handle::from_name(&name);
            prop_assert_eq!(Handle::parse(handle.as_str()), Ok(handle.clone()));
        }

        #[test]
        fn a_handle_is_read_exactly_when_it_has_the_shape(text in "[a-z0-9_A-Zé-]{0,34}") {
            let fits = (3..=30).contains(&text.chars().count())
                && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
            prop_assert_eq!(Handle::parse(&text).is_ok(), fits);
        }
    }
}
