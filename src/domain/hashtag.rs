//! Hashtags, by the rule of Mastodon: letters with their accents, digits and `_`, at least one
//! letter, no hyphen.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::text::fold;

/// Why a typed word is not a hashtag. Every variant holds the word as typed, shortened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHashtag {
    /// Several words: « agenda partagé » or « agenda-partagé ».
    #[error("{word:?} is several words")]
    SeveralWords {
        /// The word as typed.
        word: String,
        /// The same words in one hashtag: `agendaPartagé`.
        suggestion: Option<Hashtag>,
    },
    /// A character that no hashtag holds.
    #[error("{found:?} cannot stand in a hashtag ({word:?})")]
    UnexpectedCharacter {
        /// The word as typed.
        word: String,
        /// The character.
        found: char,
    },
    /// Digits and `_` only: other software does not make it a link.
    #[error("{word:?} has no letter")]
    NoLetter {
        /// The word as typed.
        word: String,
    },
    /// More than 50 characters.
    #[error("{word:?} is longer than {} characters", Hashtag::MAX_LENGTH)]
    TooLong {
        /// The beginning of the word.
        word: String,
    },
    /// More hashtags than an ad may have. Holds the first one too many.
    #[error("more than {} hashtags, from {word:?} on", Hashtag::MAX_COUNT)]
    TooMany {
        /// The first hashtag that does not fit.
        word: String,
    },
}

/// A hashtag without its `#`, as the author wrote it.
///
/// Two hashtags that differ by case or accents only are the same one on the fediverse: compare
/// [`Hashtag::key`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hashtag(String);

impl Hashtag {
    /// The most characters, `#` not counted.
    pub const MAX_LENGTH: usize = 50;
    /// The most hashtags of one list.
    pub const MAX_COUNT: usize = 8;

    /// Reads one hashtag, with or without its `#`.
    pub fn parse(typed: &str) -> Result<Self, InvalidHashtag> {
        let name: String = bare(typed).nfc().collect();
        if let Some(found) = name.chars().find(|c| !is_allowed(*c)) {
            return Err(match found {
                _ if found.is_whitespace() || found == '-' || found == '‑' => {
                    let word = shortened(typed);
                    let suggestion = joined_words(&name);
                    InvalidHashtag::SeveralWords { word, suggestion }
                }
                _ => {
                    let word = shortened(typed);
                    InvalidHashtag::UnexpectedCharacter { word, found }
                }
            });
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(InvalidHashtag::NoLetter {
                word: shortened(typed),
            });
        }
        if name.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidHashtag::TooLong {
                word: shortened(typed),
            });
        }
        Ok(Self(name))
    }

    /// Reads a list as people type it, `#libre, agenda` or `#libre #agenda`: at most
    /// [`Hashtag::MAX_COUNT`], repetitions left out.
    pub fn parse_list(typed: &str) -> Result<Vec<Self>, InvalidHashtag> {
        let mut hashtags: Vec<Self> = Vec::new();
        for word in words(typed) {
            let hashtag = Self::parse(word)?;
            if hashtags.iter().any(|known| known.key() == hashtag.key()) {
                continue;
            }
            if hashtags.len() == Self::MAX_COUNT {
                return Err(InvalidHashtag::TooMany { word: hashtag.0 });
            }
            hashtags.push(hashtag);
        }
        Ok(hashtags)
    }

    /// The hashtag as written, without `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hashtag in lower case and without accents, which identifies it everywhere.
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// Commas, semicolons and line ends separate hashtags, and so does a `#`.
fn words(typed: &str) -> impl Iterator<Item = &str> {
    typed
        .split([',', ';', '\n', '#', '＃'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

fn bare(typed: &str) -> &str {
    typed.trim().trim_start_matches(['#', '＃']).trim()
}

fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `agenda partagé` → `agendaPartagé`: capitals let screen readers tell the words apart.
fn joined_words(name: &str) -> Option<Hashtag> {
    let mut joined = String::new();
    for word in name.split(|c| !is_allowed(c)) {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if !joined.is_empty() => joined.extend(first.to_uppercase()),
            Some(first) => joined.push(first),
            None => continue,
        }
        joined.extend(letters);
    }
    Hashtag::parse(&joined).ok()
}

fn shortened(typed: &str) -> String {
    bare(typed).chars().take(Hashtag::MAX_LENGTH).collect()
}

impl fmt::Display for Hashtag {
    /// With its `#`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl TryFrom<String> for Hashtag {
    type Error = InvalidHashtag;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Hashtag> for String {
    fn from(hashtag: Hashtag) -> Self {
        hashtag.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(typed: &str) -> Vec<String> {
        let parsed = Hashtag::parse_list(typed).unwrap();
        parsed.into_iter().map(String::from).collect()
    }

    #[test]
    fn a_list_is_read_with_or_without_signs_and_commas() {
        assert_eq!(
            list("#libre, Été2026;\nlogiciel_libre"),
            ["libre", "Été2026", "logiciel_libre"]
        );
        assert_eq!(list("#libre #agenda#asso"), ["libre", "agenda", "asso"]);
        assert!(list(" , # ;").is_empty());
    }

    #[test]
    fn repetitions_are_left_out_whatever_their_case_and_accents() {
        assert_eq!(list("Été, ETE, e\u{301}te\u{301}, été"), ["Été"]);
    }

    #[test]
    fn an_error_names_the_word_and_proposes_another() {
        assert_eq!(
            Hashtag::parse_list("#libre, agenda partagé"),
            Err(InvalidHashtag::SeveralWords {
                word: "agenda partagé".to_owned(),
                suggestion: Some(Hashtag("agendaPartagé".to_owned())),
            })
        );
        assert_eq!(
            Hashtag::parse("#logiciel-libre"),
            Err(InvalidHashtag::SeveralWords {
                word: "logiciel-libre".to_owned(),
                suggestion: Some(Hashtag("logicielLibre".to_owned())),
            })
        );
        assert_eq!(
            Hashtag::parse("c’est"),
            Err(InvalidHashtag::UnexpectedCharacter {
                word: "c’est".to_owned(),
                found: '’'
            })
        );
        assert_eq!(
            Hashtag::parse("2026_"),
            Err(InvalidHashtag::NoLetter {
                word: "2026_".to_owned()
            })
        );
    }

    #[test]
    fn lists_and_hashtags_have_a_limit() {
        let eight = "a1,a2,a3,a4,a5,a6,a7,a8";
        assert_eq!(list(eight).len(), Hashtag::MAX_COUNT);
        assert_eq!(
            Hashtag::parse_list(&format!("{eight},A8,a9")),
            Err(InvalidHashtag::TooMany {
                word: "a9".to_owned()
            })
        );
        assert!(Hashtag::parse(&"é".repeat(50)).is_ok());
        assert_eq!(
            Hashtag::parse(&"é".repeat(51)),
            Err(InvalidHashtag::TooLong {
                word: "é".repeat(50)
            })
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in any::<String>()) {
            let _ = Hashtag::parse_list(&text);
            if let Ok(hashtag) = Hashtag::parse(&text) {
                prop_assert_eq!(Hashtag::parse(&hashtag.to_string()), Ok(hashtag.clone()));
            }
        }
    }
}
