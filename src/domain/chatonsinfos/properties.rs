//! The `.properties` format, as it is found.

use std::collections::BTreeMap;

use crate::domain::text;

/// The most lines of a file that are read.
const MOST_LINES: usize = 2_000;

/// Other spellings of keys, in lower case.
const ALIASES: [(&str, &str); 4] = [
    (
        "organization.socialnetworks.pixelfeld",
        "organization.socialnetworks.pixelfed",
    ),
    ("organization.logo.url", "organization.logo"),
    ("organization.technical.url", "organization.guide.technical"),
    ("organization.funding.tipeee", "organization.funding.tipee"),
];

/// The entries of a file that have a value: keys in lower case, the last value of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    /// Reads a file, whatever it holds: UTF-8 or Latin-1; `=` or `:`; comments that begin with `#`,
    /// `!` or a space; lines that a final `\` continues; values in quotes.
    pub fn read(bytes: &[u8]) -> Self {
        let text = text::decode(bytes);
        let mut entries = BTreeMap::new();
        let mut lines = text.lines().take(MOST_LINES);
        while let Some(line) = lines.next() {
            if line.starts_with(['#', '!']) || line.starts_with(char::is_whitespace) {
                continue;
            }
            let line = continued(line, &mut lines);
            if let Some((key, value)) = entry(&line) {
                entries.insert(key, value);
            }
        }
        Self(entries)
    }

    /// The value of a key, never empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The keys below a prefix that ends with a dot, without it, with their values.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .range(prefix.to_owned()..)
            .map_while(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
    }
}

/// The line with those that continue it.
fn continued<'a>(first: &str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut whole = first.to_owned();
    while is_continued(&whole) {
        whole.pop();
        match lines.next() {
            Some(line) => whole.push_str(line.trim_start()),
            None => break,
        }
    }
    whole
}

/// A final backslash continues a line, unless it is itself escaped.
fn is_continued(line: &str) -> bool {
    let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
    backslashes % 2 == 1
}

/// The key and the value of a line that has both.
fn entry(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(['=', ':'])?;
    let value = unescaped(without_quotes(value.trim()));
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let key = key.trim().to_lowercase();
    let known = ALIASES.iter().find(|(alias, _)| *alias == key);
    let key = known.map_or(key, |(_, name)| (*name).to_owned());
    Some((key, value.to_owned()))
}

/// Without one pair of quotes around.
fn without_quotes(value: &str) -> &str {
    ['\'', '"']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

/// `\n`, `\t`, `\uXXXX`, and any other character after a backslash for itself.
fn unescaped(value: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(value.len());
    let mut rest = value;
    let mut buffer = [0; 2];
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut buffer));
            continue;
        }
        let Some(escaped) = rest.chars().next() else {
            break;
        };
        rest = rest.get(escaped.len_utf8()..).unwrap_or_default();
        let code = rest.get(..4).filter(|_| escaped == 'u');
        let unit = code.and_then(|code| u16::from_str_radix(code, 16).ok());
        match (escaped, unit) {
            ('u', Some(unit)) => {
                units.push(unit);
                rest = rest.get(4..).unwrap_or_default();
            }
            ('n', _) => units.push(u16::from(b'\n')),
            ('t', _) => units.push(u16::from(b'\t')),
            ('r' | 'f', _) => {}
            (other, _) => units.extend_from_slice(other.encode_utf16(&mut buffer)),
        }
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Properties {
        Properties::read(text.as_bytes())
    }

    #[test]
    fn separators_comments_quotes_and_line_ends_do_not_matter() {
        let file = read(
            "\u{feff}# un commentaire\r\n! un autre\r\n  file.ignored = décalé\r\n\r\n\
             A.b=un\r\nc : deux\r\nd = 'https://x.example/a=b'\r\ne=\"trois\"\r\nf =\r\nsans séparateur\r\n",
        );
        assert_eq!(file.get("a.b"), Some("un"));
        assert_eq!(file.get("c"), Some("deux"));
        assert_eq!(file.get("d"), Some("https://x.example/a=b"));
        assert_eq!(file.get("e"), Some("trois"));
        assert_eq!(file.get("f"), None);
        assert_eq!(file.0.len(), 4);
    }

    #[test]
    fn escapes_and_continued_lines_are_opened() {
        let file =
            read("a = l\\'été \\u00e9 \\ud83d\\ude00 \\n fin\\\\\nb = un \\\n   deux\nc = x\\");
        assert_eq!(file.get("a"), Some("l'été é 😀 \n fin\\"));
        assert_eq!(file.get("b"), Some("un deux"));
        assert_eq!(file.get("c"), Some("x"));
    }

    #[test]
    fn latin_1_is_read_when_it_is_not_utf_8() {
        let file = Properties::read(b"organization.name = Caf\xe9 \x80");
        assert_eq!(file.get("organization.name"), Some("Café €"));
    }

    #[test]
    fn old_spellings_lead_to_the_present_key_and_the_last_value_stays() {
        let file = read("organization.socialnetworks.Pixelfeld = un\nk = 1\nK = 2");
        let networks: Vec<_> = file.below("organization.socialnetworks.").collect();
        assert_eq!(networks, [("pixelfed", "un")]);
        assert_eq!(file.get("k"), Some("2"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for (key, value) in &Properties::read(&bytes).0 {
                prop_assert!(!value.trim().is_empty());
                prop_assert_eq!(key.to_lowercase(), key.clone());
            }
        }

        #[test]
        fn any_text_with_escapes_is_read_without_panic(text in "([a-z.]{0,6}[=: ]{0,2}[\\\\unt'\"é0-9a-fA-F😀]{0,12}(\r?\n)?){0,8}") {
            let _ = read(&text);
        }
    }
}
