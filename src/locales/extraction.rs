//! Keeps the catalogue in step with the code: every text used in `src/` is in `en.po`, nothing is
//! stale, placeholders agree and French typography is right.
//!
//! `EMANCIPASSO_TEXTS=write cargo test --lib locales::extraction` repairs the typography of the
//! sources in place and rewrites `en.po`; the missing translations are then left to fill in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use polib::message::Message;

use super::{catalogue, typography};

/// What stands before literals that are texts, and how many of them follow. The texts of `Problem`
/// and `AppError` are translated at the edge.
const CALLS: [(&str, usize); 10] = [
    ("tr(", 1),
    ("trf(", 1),
    ("trn(", 2),
    ("md(", 1),
    ("mdf(", 1),
    ("mark(", 1),
    ("Problem::new(", 1),
    ("conflict(", 1),
    ("forbidden(", 1),
    ("explanation: ", 1),
];

/// A literal found in a source file.
struct Literal {
    /// Bytes between the quotes.
    range: Range<usize>,
    text: String,
}

#[derive(Default)]
struct Text {
    plural: Option<String>,
    files: BTreeSet<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Source files that may hold texts, in a stable order.
fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| ["rs", "html", "txt"].iter().any(|known| e == *known))
                // The examples of this file are not texts.
                && !path.ends_with("locales/extraction.rs")
            {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found
}

/// The texts of one file: one entry per call, with one or two literals.
fn calls(source: &str) -> Vec<Vec<Literal>> {
    let mut found = Vec::new();
    for (opening, count) in CALLS {
        for (start, _) in source.match_indices(opening) {
            let line_start = source[..start].rfind('\n').map_or(0, |i| i + 1);
            let before = source[..start].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                || source[line_start..].trim_start().starts_with("//")
            {
                continue;
            }
            let mut literals = Vec::new();
            let mut at = start + opening.len();
            while literals.len() < count {
                let Some(literal) = literal_at(source, at) else {
                    break;
                };
                at = literal.range.end + 1;
                literals.push(literal);
                let rest = source[at..].trim_start();
                at = source.len() - rest.strip_prefix(',').unwrap_or(rest).len();
            }
            if literals.len() == count {
                found.push(literals);
            }
        }
    }
    found
}

/// The string literal that starts at or after `at`, past white space only.
fn literal_at(source: &str, at: usize) -> Option<Literal> {
    let rest = source[at..].trim_start();
    let start = source.len() - rest.strip_prefix('"')?.len();
    let mut text = String::new();
    let mut characters = source[start..].char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => {
                return Some(Literal {
                    range: start..start + offset,
                    text,
                });
            }
            '\\' => match characters.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'u' => {
                    let code: String = characters
                        .by_ref()
                        .map(|(_, c)| c)
                        .skip(1)
                        .take_while(|c| *c != '}')
                        .collect();
                    text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                '\n' => {
                    let mut ahead = characters.clone();
                    while ahead.next().is_some_and(|(_, c)| c.is_whitespace()) {
                        characters.next();
                    }
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    None
}

fn collect() -> BTreeMap<String, Text> {
    let mut texts: BTreeMap<String, Text> = BTreeMap::new();
    for path in sources() {
        let source = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root()).unwrap().display().to_string();
        for literals in calls(&source) {
            let text = texts.entry(literals[0].text.clone()).or_default();
            text.files.insert(file.clone());
            if let Some(plural) = literals.get(1) {
                text.plural = Some(plural.text.clone());
            }
        }
    }
    texts
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| Some(part.split_once('}')?.0))
        .collect()
}

/// What is wrong between the texts in use and the catalogue, one sentence each.
fn mistakes(texts: &BTreeMap<String, Text>) -> Vec<String> {
    let parsed = polib::po_file::parse_from_reader(catalogue::ENGLISH.as_bytes())
        .expect("en.po can be read");
    let mut wrong = Vec::new();
    for (source, text) in texts {
        let files = text.files.iter().cloned().collect::<Vec<_>>().join(", ");
        for form in [Some(source), text.plural.as_ref()].into_iter().flatten() {
            if typography::correct(form) != *form {
                wrong.push(format!(
                    "French typography in {files}: {form:?}, expected {:?}",
                    typography::correct(form)
                ));
            }
        }
        let Some(message) = parsed.find_message(None, source, text.plural.as_deref()) else {
            wrong.push(format!("en.po lacks {source:?} ({files})"));
            continue;
        };
        let forms = message
            .msgstr_plural()
            .cloned()
            .or_else(|_| message.msgstr().map(|s| vec![s.to_owned()]))
            .unwrap();
        if message.is_fuzzy() || forms.iter().any(String::is_empty) {
            wrong.push(format!("en.po does not translate {source:?} ({files})"));
            continue;
        }
        // The singular may spell the count out.
        let last = forms.last().unwrap();
        let expected = placeholders(text.plural.as_ref().unwrap_or(source));
        if placeholders(last) != expected
            || forms.iter().any(|f| !placeholders(f).is_subset(&expected))
        {
            wrong.push(format!(
                "placeholders differ between {source:?} and {last:?}"
            ));
        }
        if forms
            .iter()
            .any(|form| form.contains("...") || form.contains("n't"))
        {
            wrong.push(format!(
                "en.po uses ... or a straight apostrophe in {last:?}"
            ));
        }
    }
    for message in parsed.messages() {
        if !texts.contains_key(message.msgid()) {
            wrong.push(format!(
                "en.po has a text that nothing uses: {:?}",
                message.msgid()
            ));
        }
    }
    wrong
}

/// Repairs the French typography of every literal, in the source files themselves.
fn repair_sources() {
    for path in sources() {
        let mut source = fs::read_to_string(&path).unwrap();
        let mut literals: Vec<Literal> = calls(&source).into_iter().flatten().collect();
        literals.sort_by_key(|literal| std::cmp::Reverse(literal.range.start));
        literals.dedup_by_key(|literal| literal.range.start);
        let mut changed = false;
        for literal in literals {
            let corrected = typography::correct(&literal.text);
            if corrected != literal.text {
                let escaped = corrected
                    .replace('\\', "\\\\")
                    .replace('"', "\\\"")
                    .replace('\n', "\\n");
                source.replace_range(literal.range, &escaped);
                changed = true;
            }
        }
        if changed {
            fs::write(&path, source).unwrap();
        }
    }
}

/// Rewrites `en.po`: translations are kept, new texts are empty, unused ones go.
fn rewrite_catalogue(texts: &BTreeMap<String, Text>) {
    let path = root().join("src/locales/en.po");
    let current = fs::read_to_string(&path).unwrap();
    let old = polib::po_file::parse_from_reader(current.as_bytes()).expect("en.po can be read");
    // A translation survives the repair of its source's typography.
    let known: BTreeMap<String, &dyn polib::message::MessageView> = old
        .messages()
        .map(|message| (typography::correct(message.msgid()), message))
        .collect();
    let mut new = polib::catalog::Catalog::new(old.metadata.clone());
    for (source, text) in texts {
        let kept = known.get(source);
        let files = text.files.iter().cloned().collect::<Vec<_>>().join("\n");
        let message = if let Some(plural) = &text.plural {
            let forms = kept
                .and_then(|m| m.msgstr_plural().ok().cloned())
                .unwrap_or_else(|| vec![String::new(); 2]);
            Message::build_plural()
                .with_msgid(source.clone())
                .with_msgid_plural(plural.clone())
                .with_msgstr_plural(forms)
                .with_source(files)
                .done()
        } else {
            let form = kept.and_then(|m| m.msgstr().ok()).unwrap_or_default();
            Message::build_singular()
                .with_msgid(source.clone())
                .with_msgstr(form.to_owned())
                .with_source(files)
                .done()
        };
        new.append_or_update(message);
    }
    polib::po_file::write_to_file(&new, &path).unwrap();
}

#[test]
fn every_text_in_use_is_translated_and_well_written() {
    if std::env::var("EMANCIPASSO_TEXTS").is_ok_and(|value| value == "write") {
        repair_sources();
        rewrite_catalogue(&collect());
        println!(
            "sources repaired and src/locales/en.po rewritten: translate the empty entries, then test again"
        );
        return;
    }
    let wrong = mistakes(&collect());
    assert!(
        wrong.is_empty(),
        "{} mistakes in texts (docs/contributing/texts.md):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn literals_are_read_as_the_compiler_reads_them() {
    let source = r#"a.tr("un \"mot\" \u{ab}"); str("non"); t.trn("{n} un",
        "{n} plusieurs", 2); t.tr(variable); mark("x \
        y")"#;
    let found: Vec<Vec<String>> = calls(source)
        .into_iter()
        .map(|c| c.into_iter().map(|l| l.text).collect())
        .collect();
    assert_eq!(
        found,
        [
            vec!["un \"mot\" «"],
            vec!["{n} un", "{n} plusieurs"],
            vec!["x y"]
        ]
    );
}

/// Pages hold no text of their own: every word goes through the catalogue.
#[test]
fn templates_hold_no_word_outside_the_catalogue() {
    let mut wrong = Vec::new();
    for path in sources()
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "html"))
    {
        let source = fs::read_to_string(&path).unwrap();
        for (number, line) in visible_text(&source).lines().enumerate() {
            let words = without_attributes(line).replace("&nbsp;", "");
            if words.chars().filter(|c| c.is_alphabetic()).count() > 1 {
                wrong.push(format!(
                    "{}:{}: {}",
                    path.display(),
                    number + 1,
                    words.trim()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "words outside t.tr:\n{}",
        wrong.join("\n")
    );
}

/// The template without tags, expressions and comments; lines keep their numbers.
fn visible_text(source: &str) -> String {
    let mut text = String::new();
    let mut rest = source;
    let skips = [
        ("{#", "#}"),
        ("{%", "%}"),
        ("{{", "}}"),
        ("<!--", "-->"),
        ("<", ">"),
    ];
    'next: while !rest.is_empty() {
        for (open, close) in skips {
            if rest.starts_with(open) {
                // Inside a tag, an expression may hold `>`: it is skipped as an expression.
                let end = end_of(rest, open, close);
                text.extend(rest[..end].chars().filter(|c| *c == '\n'));
                rest = &rest[end..];
                continue 'next;
            }
        }
        let first = rest.chars().next().unwrap();
        text.push(first);
        rest = &rest[first.len_utf8()..];
    }
    text
}

/// The line without `name="value"`, which a macro may write for the tag that calls it.
fn without_attributes(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("=\"") {
        let name = before.rfind(char::is_whitespace).map_or(0, |i| i + 1);
        kept.push_str(&before[..name]);
        rest = after.split_once('"').map_or("", |(_, tail)| tail);
    }
    kept + rest
}

fn end_of(rest: &str, open: &str, close: &str) -> usize {
    if open != "<" {
        return rest.find(close).map_or(rest.len(), |i| i + close.len());
    }
    let mut at = 1;
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with('>') {
            return at + 1;
        }
        at += match (here.starts_with("{{"), here.starts_with("{%")) {
            (true, _) => here.find("}}").map_or(here.len(), |i| i + 2),
            (_, true) => here.find("%}").map_or(here.len(), |i| i + 2),
            _ => here.chars().next().map_or(1, char::len_utf8),
        };
    }
    rest.len()
}
