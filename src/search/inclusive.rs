//! Words of folded text, and the inclusive spellings among them.
//!
//! « salarié·es », « adhérent·e·s », « Référent-e-s », « salarié(e)s » and « salarié.e.s » stand for
//! two words each; a tokeniser that cuts at the point would index « salarie » and « es ». An ending
//! counts only after a word that it can follow, so that « mise-à-jour » or « peut-elle » stay what
//! they are.

/// A word found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A word as written.
    Plain(&'a str),
    /// An inclusive spelling, opened.
    Inclusive {
        /// « salaries », of « salarié·es ».
        masculine: String,
        /// « salariees », of « salarié·es ».
        feminine: String,
    },
}

/// The characters that people put between a word and its endings.
const JOINERS: [char; 12] = [
    '·', '⋅', '•', '‧', '・', '･', '.', '-', '\u{2010}', '(', ')', '/',
];

/// The shortest word that takes an ending.
const MIN_BASE_LENGTH: usize = 3;

/// Singular endings, each with the end of the word it follows and the end of the word it makes.
const ENDINGS: &[(&str, &[(&str, &str)])] = &[
    ("e", &[("", "e")]),
    ("ne", &[("n", "nne")]),
    ("nne", &[("n", "nne")]),
    ("enne", &[("en", "enne")]),
    ("ienne", &[("ien", "ienne")]),
    ("onne", &[("on", "onne")]),
    ("te", &[("t", "tte"), ("s", "te")]),
    ("ette", &[("et", "ette")]),
    ("le", &[("l", "lle")]),
    ("lle", &[("l", "lle")]),
    (
        "elle",
        &[
            ("el", "elle"),
            ("eau", "elle"),
            ("eaux", "elle"),
            ("eux", "elle"),
        ],
    ),
    ("ale", &[("al", "ale"), ("aux", "ale")]),
    ("re", &[("er", "ere")]),
    ("ere", &[("er", "ere")]),
    ("iere", &[("ier", "iere")]),
    ("se", &[("eur", "euse"), ("x", "se"), ("s", "sse")]),
    ("euse", &[("eur", "euse"), ("eux", "euse")]),
    ("ice", &[("eur", "rice")]),
    ("rice", &[("eur", "rice")]),
    ("trice", &[("eur", "rice")]),
    ("ve", &[("f", "ve")]),
    ("ive", &[("if", "ive")]),
    ("sse", &[("e", "esse")]),
    ("esse", &[("e", "esse")]),
    ("ine", &[("ain", "ine"), ("in", "ine")]),
    ("oise", &[("ois", "oise")]),
    ("aise", &[("ais", "aise")]),
];

/// Reads the words of a folded text in order. Linear.
pub(super) fn read_words(folded: &str) -> impl Iterator<Item = Word<'_>> {
    let mut segments = segments(folded).peekable();
    std::iter::from_fn(move || {
        let base = segments.next()?.text;
        let opened = segments
            .next_if(|next| next.is_joined && has_ending(base, next.text))
            .map(|ending| {
                let plural = segments.next_if(|next| next.is_joined && next.text == "s");
                open(base, ending.text, plural.is_some())
            });
        Some(opened.unwrap_or(Word::Plain(base)))
    })
}

/// A run of letters and digits, and whether only a joiner stands between it and the one before.
struct Segment<'a> {
    text: &'a str,
    is_joined: bool,
}

fn segments(folded: &str) -> impl Iterator<Item = Segment<'_>> {
    let mut rest = folded;
    std::iter::from_fn(move || {
        let start = rest.find(|c: char| c.is_ascii_alphanumeric())?;
        let (gap, after) = rest.split_at(start);
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(after.len());
        let (text, after) = after.split_at(end);
        rest = after;
        Some(Segment {
            text,
            is_joined: is_joiner(gap),
        })
    })
}

fn is_joiner(gap: &str) -> bool {
    let mut chars = gap.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => JOINERS.contains(&only),
        _ => gap == ")(",
    }
}

fn has_ending(base: &str, ending: &str) -> bool {
    base.len() >= MIN_BASE_LENGTH
        && base.bytes().all(|b| b.is_ascii_lowercase())
        && (ending == "s" || join(base, singular(ending)).is_some())
}

fn open<'a>(base: &'a str, ending: &str, has_plural: bool) -> Word<'a> {
    if ending == "s" {
        return Word::Inclusive {
            masculine: base.to_owned(),
            feminine: format!("{base}s"),
        };
    }
    let feminine = join(base, singular(ending)).unwrap_or_default();
    if has_plural || singular(ending) != ending {
        let mut masculine = base.to_owned();
        if !base.ends_with(['s', 'x']) {
            masculine.push('s');
        }
        Word::Inclusive {
            masculine,
            feminine: feminine + "s",
        }
    } else {
        Word::Inclusive {
            masculine: base.to_owned(),
            feminine,
        }
    }
}

fn singular(ending: &str) -> &str {
    ending.strip_suffix('s').unwrap_or(ending)
}

fn join(base: &str, ending: &str) -> Option<String> {
    let (_, rules) = ENDINGS.iter().find(|(known, _)| *known == ending)?;
    rules.iter().find_map(|(removed, added)| {
        let kept = base.strip_suffix(removed)?;
        Some(format!("{kept}{added}"))
    })
}
