//! Text typed by people: cleaning, lengths in characters, and folding for comparison.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A typed text is too short or too long. Lengths are in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLength {
    /// Fewer than `min` characters.
    #[error("{found} characters, at least {min} expected")]
    TooShort {
        /// The least number of characters accepted.
        min: usize,
        /// How many were given.
        found: usize,
    },
    /// More than `max` characters.
    #[error("{found} characters, at most {max} expected")]
    TooLong {
        /// The greatest number of characters accepted.
        max: usize,
        /// How many were given.
        found: usize,
    },
}

/// A one-line text as typed in a form: no control character, every run of white space becomes one
/// space, nothing around.
///
/// No-break spaces are kept: they are French typography (« Qui ? »).
pub fn clean_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if is_line_end(c) || c == '\t' || c == ' ' => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            _ if is_unwanted(c) => {}
            _ => line.push(c),
        }
    }
    trimmed(line)
}

/// A text of several lines as typed in a form: line ends become `\n`, tabs stay, no other control
/// character, no white space around.
pub fn clean_text(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\t' => cleaned.push('\t'),
            _ if is_line_end(c) => cleaned.push('\n'),
            _ if is_unwanted(c) => {}
            _ => cleaned.push(c),
        }
    }
    trimmed(cleaned)
}

/// The number of characters that a person counts when they read “500 characters at most”.
///
/// Unicode scalar values, as in the `maxlength` that people see, not bytes.
pub fn count_chars(text: &str) -> usize {
    text.chars().count()
}

/// Checks that a text has a number of characters within `limits`.
pub fn check_length(text: &str, limits: RangeInclusive<usize>) -> Result<(), InvalidLength> {
    let found = count_chars(text);
    let (min, max) = limits.into_inner();
    if found < min {
        Err(InvalidLength::TooShort { min, found })
    } else if found > max {
        Err(InvalidLength::TooLong { max, found })
    } else {
        Ok(())
    }
}

/// The beginning of a text, `max` characters at most.
pub fn truncate_chars(text: &str, max: usize) -> &str {
    text.char_indices()
        .nth(max)
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

/// The beginning of a text, `max` bytes at most, never cutting a character.
pub fn truncate_bytes(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

/// A text for comparison: lower case, without accents, ligatures opened (œ → oe), typographic
/// apostrophes made straight. Characters of other alphabets are kept.
///
/// ```
/// use emancipasso::domain::text::fold;
/// assert_eq!(fold("L’Œuvre des Élus"), "l'oeuvre des elus");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            _ if is_combining_mark(c) => {}
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            '’' | '‘' | 'ʼ' | '`' | '′' => folded.push('\''),
            _ => folded.push(c),
        }
    }
    folded
}

/// Removes NUL bytes, which no database column and no XML document takes.
pub fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text file whose encoding nobody tells: UTF-8 or UTF-16 with their mark, UTF-8 without, else what
/// French spreadsheets and old Java programs write (windows-1252, which contains Latin-1).
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(unmarked) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0,
    }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Control characters, and the invisible marks that reverse the reading order of what follows.
fn is_unwanted(c: char) -> bool {
    c.is_control() || matches!(c, '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn trimmed(text: String) -> String {
    let inside = text.trim();
    if inside.len() == text.len() {
        text
    } else {
        inside.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_has_no_control_character_and_single_spaces() {
        assert_eq!(
            clean_line("  Un\0 agenda\r\n\tpartagé \u{202e}ici\u{7}  "),
            "Un agenda partagé ici"
        );
    }

    #[test]
    fn a_line_keeps_the_no_break_spaces_of_french() {
        assert_eq!(clean_line("Qui\u{202f}?"), "Qui\u{202f}?");
    }

    #[test]
    fn a_text_keeps_its_lines_whatever_the_line_ends() {
        assert_eq!(
            clean_text("un\r\ndeux\rtrois\nquatre\u{2028}cinq\0"),
            "un\ndeux\ntrois\nquatre\ncinq"
        );
        assert_eq!(clean_text("un\r\n\r\ndeux\n"), "un\n\ndeux");
    }

    #[test]
    fn lengths_count_characters_and_not_bytes() {
        assert_eq!(check_length("été", 1..=3), Ok(()));
        assert_eq!(
            check_length("été", 1..=2),
            Err(InvalidLength::TooLong { max: 2, found: 3 })
        );
        assert_eq!(
            check_length("", 1..=2),
            Err(InvalidLength::TooShort { min: 1, found: 0 })
        );
    }

    #[test]
    fn truncation_never_cuts_a_character() {
        assert_eq!(truncate_chars("été", 2), "ét");
        assert_eq!(truncate_chars("été", 9), "été");
        assert_eq!(truncate_bytes("été", 4), "ét");
        assert_eq!(truncate_bytes("été", 1), "");
    }

    #[test]
    fn folding_removes_accents_case_and_ligatures() {
        assert_eq!(fold("ÇA ÉVOLUE, l’ŒUVRE"), "ca evolue, l'oeuvre");
        assert_eq!(fold("Lætitia ﬁnit Straße"), "laetitia finit strasse");
        assert_eq!(fold("e\u{301}te\u{301}"), "ete");
    }

    #[test]
    fn a_text_file_is_read_whatever_its_encoding() {
        for bytes in [
            "Été ; œuvre".as_bytes(),
            "\u{feff}Été ; œuvre".as_bytes(),
            b"\xc9t\xe9 ; \x9cuvre",
            b"\xff\xfe\xc9\0t\0\xe9\0 \0;\0 \0\x53\x01u\0v\0r\0e\0",
        ] {
            assert_eq!(decode(bytes), "Été ; œuvre");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(text in any::<String>()) {
            let line = clean_line(&text);
            prop_assert_eq!(clean_line(&line), line.clone());
            let several = clean_text(&text);
            prop_assert_eq!(clean_text(&several), several.clone());
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(!several.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }

        #[test]
        fn folding_twice_changes_nothing_more(text in any::<String>()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
        }
    }
}
