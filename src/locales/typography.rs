//! French typography of our own texts (never of what people write): what `extraction` checks and
//! can repair. Rules: U+202F before `; ! ?`, U+00A0 before `:` and inside « », ’ and …

const NARROW: char = '\u{202f}';
const WIDE: char = '\u{a0}';

/// The text with French typography. Addresses (`https://…`, `](/…)`) and times (10:30) are kept.
pub(super) fn correct(text: &str) -> String {
    let text = text.replace("...", "…");
    let characters: Vec<char> = text.chars().collect();
    let mut out: Vec<char> = Vec::with_capacity(characters.len() + 8);
    let mut address_depth = 0_u32;
    for (index, &character) in characters.iter().enumerate() {
        let previous = index
            .checked_sub(1)
            .and_then(|i| characters.get(i))
            .copied();
        let next = characters.get(index + 1).copied();
        // `](` opens the address of a Markdown link, which is not prose.
        if character == '(' && (previous == Some(']') || address_depth > 0) {
            address_depth += 1;
        } else if character == ')' && address_depth > 0 {
            address_depth -= 1;
        }
        if address_depth > 0 || is_in_address(&characters, index) {
            out.push(character);
            continue;
        }
        match character {
            '\'' if is_letter(previous) && is_letter(next) => out.push('’'),
            '⋅' | '•' | '‧' if is_letter(previous) && is_letter(next) => out.push('·'),
            ';' | '!' | '?' if previous.is_some_and(|c| !"!?…(".contains(c)) => {
                put_space(&mut out, NARROW);
                out.push(character);
            }
            ':' if previous.is_some() && next.is_none_or(char::is_whitespace) => {
                put_space(&mut out, WIDE);
                out.push(character);
            }
            '»' | '%' | '€' if previous.is_some() => {
                put_space(&mut out, WIDE);
                out.push(character);
            }
            _ => {
                if previous == Some('«') {
                    put_space(&mut out, WIDE);
                    if character.is_whitespace() {
                        continue;
                    }
                }
                out.push(character);
            }
        }
    }
    out.into_iter().collect()
}

/// Ends the text with exactly one space of the given kind.
fn put_space(out: &mut Vec<char>, space: char) {
    while out.last().is_some_and(|c| c.is_whitespace()) {
        out.pop();
    }
    out.push(space);
}

fn is_letter(character: Option<char>) -> bool {
    character.is_some_and(char::is_alphabetic)
}

/// Whether the word around this position holds a `://` or starts with `mailto:`.
fn is_in_address(characters: &[char], index: usize) -> bool {
    if characters[index].is_whitespace() {
        return false;
    }
    let start = characters[..index]
        .iter()
        .rposition(|c| c.is_whitespace())
        .map_or(0, |i| i + 1);
    let end = characters[index..]
        .iter()
        .position(|c| c.is_whitespace())
        .map_or(characters.len(), |i| index + i);
    let word: String = characters[start..end].iter().collect();
    word.contains("://") || word.starts_with("mailto:")
}

#[test]
fn french_texts_get_their_typographic_spaces() {
    for (written, expected) in [
        ("Comment ça marche ?", "Comment ça marche\u{202f}?"),
        ("Attention!", "Attention\u{202f}!"),
        ("Attention: lisez", "Attention\u{a0}: lisez"),
        (
            "Il dit « bonjour » et part",
            "Il dit «\u{a0}bonjour\u{a0}» et part",
        ),
        ("«oui»", "«\u{a0}oui\u{a0}»"),
        ("l'association", "l’association"),
        ("À suivre...", "À suivre…"),
        ("tous⋅tes", "tous·tes"),
        ("66 %", "66\u{a0}%"),
        ("à 10:30", "à 10:30"),
        ("https://exemple.org/?a=b", "https://exemple.org/?a=b"),
        ("[Lire](/a?b=c) ; fin", "[Lire](/a?b=c)\u{202f}; fin"),
        ("Quoi ?!", "Quoi\u{202f}?!"),
    ] {
        assert_eq!(correct(written), expected);
        assert_eq!(correct(expected), expected, "already right");
    }
}
