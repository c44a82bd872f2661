//! Every text that people read, in French (the source) and in English.
//!
//! A text is written once, in French, where it is used: `t.tr("Publier l’annonce")`. The English
//! catalogue `en.po` (gettext) is embedded and read once; a text that it lacks is shown in French.
//! `extraction` (tests) keeps the catalogue complete; see `docs/contributing/texts.md`.

mod ad_labels;
mod catalogue;
mod check_labels;
mod copil_labels;
mod dates;
#[cfg(test)]
mod extraction;
mod host_labels;
mod labels;
#[cfg(test)]
mod typography;

use std::fmt::Write as _;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// French, the source language and the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Locale {
    /// Every language, in the order of the language switch.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The language tag (BCP 47) for `<html lang>`, `hreflang` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The name of the language, in that language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
        }
    }

    /// The Open Graph form of the tag (`og:locale`).
    pub fn territory_tag(self) -> &'static str {
        match self {
            Self::Fr => "fr_FR",
            Self::En => "en_GB",
        }
    }

    /// The language named by a tag such as `fr`, `fr-CA` or `EN_us`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|locale| primary.eq_ignore_ascii_case(locale.tag()))
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4); French when the
    /// header names none of ours.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (Self::default(), 0.0_f32);
        for part in header.split(',').take(20) {
            let mut pieces = part.split(';');
            let Some(locale) = pieces.next().and_then(Self::from_tag) else {
                continue;
            };
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if weight > best.1 {
                best = (locale, weight);
            }
        }
        best.0
    }
}

/// The texts of one language: a handle that is free to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Texts {
    /// The language that the texts are in.
    pub locale: Locale,
}

/// A number of things. References count too, because templates pass references.
pub trait Count {
    /// The number, or the largest one when it does not fit.
    fn to_u64(&self) -> u64;
}

/// What databases count with; there is never less than nothing.
impl Count for i64 {
    fn to_u64(&self) -> u64 {
        u64::try_from(*self).unwrap_or_default()
    }
}

impl Count for u64 {
    fn to_u64(&self) -> u64 {
        *self
    }
}

impl Count for u32 {
    fn to_u64(&self) -> u64 {
        u64::from(*self)
    }
}

impl Count for usize {
    fn to_u64(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

impl<T: Count + ?Sized> Count for &T {
    fn to_u64(&self) -> u64 {
        (**self).to_u64()
    }
}

/// Marks a French text that is translated later (`t.tr(SOURCE)`), so that it enters the catalogue.
pub const fn mark(source: &'static str) -> &'static str {
    source
}

impl Texts {
    /// The texts of a language.
    pub const fn of(locale: Locale) -> Self {
        Self { locale }
    }

    /// The text in this language; the French source itself when it has no translation.
    pub fn tr(self, source: &'static str) -> &'static str {
        catalogue::find_text(self.locale, source).unwrap_or(source)
    }

    /// The text with its `{name}` placeholders filled in.
    pub fn trf<'a, V: AsRef<str> + 'a>(
        self,
        source: &'static str,
        values: impl AsRef<[(&'a str, V)]>,
    ) -> String {
        fill(self.tr(source), values.as_ref())
    }

    /// The text for a count; `{n}` is the count, written as numbers are in this language.
    pub fn trn(self, one: &'static str, many: &'static str, n: impl Count) -> String {
        let n = n.to_u64();
        let form = catalogue::find_plural(self.locale, one, n).unwrap_or(
            // French: zero and one are singular.
            if n < 2 { one } else { many },
        );
        fill(form, &[("n", &self.number(n))])
    }

    /// A text that holds simple Markdown (paragraphs, lists, links, emphasis), as HTML.
    pub fn md(self, source: &'static str) -> String {
        self.mdf::<&str>(source, [])
    }

    /// As [`Texts::md`], with `{name}` placeholders. Values are escaped and never read as Markdown.
    pub fn mdf<'a, V: AsRef<str> + 'a>(
        self,
        source: &'static str,
        values: impl AsRef<[(&'a str, V)]>,
    ) -> String {
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(self.tr(source)));
        let escaped: Vec<(&str, String)> = values
            .as_ref()
            .iter()
            .map(|(name, value)| (*name, escape_html(value.as_ref())))
            .collect();
        // A link address has its braces percent-encoded by the Markdown writer.
        fill(&html.replace("%7B", "{").replace("%7D", "}"), &escaped)
    }

    /// A whole number with its thousands grouped: `12 000` (U+202F) in French, `12,000` in English.
    pub fn number(self, n: impl Count) -> String {
        let separator = match self.locale {
            Locale::Fr => '\u{202f}',
            Locale::En => ',',
        };
        let digits = n.to_u64().to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }
}

/// Replaces each `{name}` by its value, in one pass: a value is never searched again.
fn fill<V: AsRef<str>>(text: &str, values: &[(&str, V)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after.split_once('}').and_then(|(name, tail)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, tail))
        });
        if let Some((value, tail)) = found {
            filled.push_str(value.as_ref());
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Texts = Texts::of(Locale::Fr);
    const EN: Texts = Texts::of(Locale::En);

    #[test]
    fn the_language_is_the_one_the_reader_prefers_among_ours() {
        for (header, expected) in [
            ("", Locale::Fr),
            ("en", Locale::En),
            ("de, en;q=0.4, fr;q=0.3", Locale::En),
            ("fr-CA,fr;q=0.9,en;q=0.8", Locale::Fr),
            ("en;q=0, fr;q=0.1", Locale::Fr),
            ("en;q=x", Locale::Fr),
            ("br, *;q=0.5", Locale::Fr),
        ] {
            assert_eq!(Locale::from_accept_language(header), expected, "{header}");
        }
        assert_eq!(Locale::from_tag("EN_us"), Some(Locale::En));
        assert_eq!(Locale::from_tag("english"), None);
    }

    #[test]
    fn an_unknown_text_is_shown_in_french() {
        let source = concat!("Texte ", "sans traduction");
        assert_eq!(EN.tr(source), "Texte sans traduction");
    }

    #[test]
    fn a_placeholder_value_is_never_read_as_a_placeholder() {
        assert_eq!(
            fill(
                "Bonjour {name}, {ville}.",
                &[("name", "{ville}"), ("ville", "Lyon")]
            ),
            "Bonjour {ville}, Lyon."
        );
        assert_eq!(fill::<&str>("{inconnu} { }", &[]), "{inconnu} { }");
    }

    #[test]
    fn thousands_are_grouped_as_each_language_writes_them() {
        assert_eq!(FR.number(12_000_u64), "12\u{202f}000");
        assert_eq!(FR.number(999_u64), "999");
        assert_eq!(EN.number(1_234_567_u64), "1,234,567");
    }

    #[test]
    fn values_in_markdown_texts_are_escaped() {
        let source = "Écrivez à [{name}](mailto:{mail}).";
        assert_eq!(
            FR.mdf(
                source,
                [("name", "<b>*Léa*</b>"), ("mail", "lea@example.org")]
            )
            .trim(),
            "<p>Écrivez à <a href=\"mailto:lea@example.org\">&#60;b&#62;*Léa*&#60;/b&#62;</a>.</p>"
        );
    }
}
