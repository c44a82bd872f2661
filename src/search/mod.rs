//! One normaliser of French text for both databases.
//!
//! What is indexed and what is sought go through the same rules, so the two engines only
//! compare plain words of `[a-z0-9]` and give the same answers: accents, ligatures and case folded,
//! inclusive spellings opened, words too common to mean anything left out, French endings removed,
//! a few synonyms brought together. The query language of each engine is written by the store, from
//! [`Query::terms`].

mod inclusive;
mod stems;

use std::fmt::Write as _;

use crate::domain::text::{fold, truncate_bytes, truncate_chars};
use inclusive::Word;

/// Version of the rules. Raise it with any change of what [`tokens`] answers: what the index holds
/// of each ad is then made again in the background ([`crate::app::ads::indexing`]).
pub const VERSION: i64 = 1;

/// How much of a document is read, in bytes: more than any text that our forms take.
const MAX_DOCUMENT_BYTES: usize = 200_000;
/// How many tokens a document has at most.
const MAX_TOKENS: usize = 20_000;
/// How much of a query is read, in characters.
const MAX_QUERY_CHARS: usize = 200;
/// How many terms a query has at most: each one costs a look-up.
const MAX_TERMS: usize = 10;
/// The shortest beginning of a word that may stand for the words it begins.
const MIN_PREFIX_LENGTH: usize = 3;

/// The words of a document as they are indexed, in reading order, repetitions kept.
///
/// Each is made of `[a-z0-9]` only. An inclusive spelling gives the tokens of both its forms.
pub fn tokens(text: &str) -> Vec<String> {
    let folded = fold(truncate_bytes(text, MAX_DOCUMENT_BYTES));
    let mut tokens = Vec::new();
    for word in inclusive::read_words(&folded) {
        match word {
            Word::Plain(word) => tokens.extend(stems::token(word)),
            Word::Inclusive {
                masculine,
                feminine,
            } => {
                let masculine = stems::token(&masculine);
                let feminine =
                    stems::token(&feminine).filter(|token| Some(token) != masculine.as_ref());
                tokens.extend(masculine);
                tokens.extend(feminine);
            }
        }
        if tokens.len() >= MAX_TOKENS {
            break;
        }
    }
    tokens.truncate(MAX_TOKENS);
    tokens
}

/// The token that stands for a hashtag, given its key: nothing that people type in a search field
/// gives it, so that a filter finds the hashtag and not the word.
pub fn hashtag_token(key: &str) -> String {
    key.bytes().fold("zzh".to_owned(), |mut token, byte| {
        // writing to a String cannot fail
        let _ = write!(token, "{byte:02x}");
        token
    })
}

/// What someone seeks: documents that have all its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    stem: String,
    may_be_prefix: bool,
}

impl Query {
    /// Reads what was typed in a search field. `None` when no word of it can be sought: nothing
    /// typed, or only words such as « le » and « pour ».
    pub fn parse(typed: &str) -> Option<Self> {
        let folded = fold(truncate_chars(typed, MAX_QUERY_CHARS));
        let mut terms: Vec<Term> = Vec::new();
        for word in inclusive::read_words(&folded) {
            let token = match word {
                Word::Plain(word) => stems::token(word),
                Word::Inclusive { masculine, .. } => stems::token(&masculine),
            };
            let Some(stem) = token else { continue };
            terms.retain(|term| term.stem != stem);
            terms.push(Term {
                stem,
                may_be_prefix: false,
            });
        }
        terms.truncate(MAX_TERMS);
        let last = terms.last_mut()?;
        last.may_be_prefix = last.stem.len() >= MIN_PREFIX_LENGTH;
        Some(Self { terms })
    }

    /// The terms, all of which must be found. Never empty.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
}

impl Term {
    /// The token to seek, of `[a-z0-9]` only: it needs no escaping in any query language.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Whether tokens that only begin with the stem match too: people see answers before they
    /// finish the last word.
    pub fn may_be_prefix(&self) -> bool {
        self.may_be_prefix
    }
}

#[cfg(test)]
mod tests;
