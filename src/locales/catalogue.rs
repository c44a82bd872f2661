//! The embedded gettext catalogues, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Locale;

/// The English catalogue as it is embedded.
pub(super) const ENGLISH: &str = include_str!("en.po");

struct Catalogue {
    texts: HashMap<String, String>,
    /// Singular source to its plural forms, in gettext order.
    plurals: HashMap<String, Vec<String>>,
}

static EN: LazyLock<Catalogue> = LazyLock::new(|| read(ENGLISH));

/// Reads a catalogue; entries that are empty or marked fuzzy are left out.
/// A catalogue that cannot be read is empty (people then read French); a test keeps that from shipping.
fn read(source: &str) -> Catalogue {
    let mut catalogue = Catalogue {
        texts: HashMap::new(),
        plurals: HashMap::new(),
    };
    let Ok(parsed) = polib::po_file::parse_from_reader(source.as_bytes()) else {
        return catalogue;
    };
    for message in parsed
        .messages()
        .filter(|m| m.is_translated() && !m.is_fuzzy())
    {
        let source = message.msgid().to_owned();
        if let Ok(forms) = message.msgstr_plural() {
            // A plural entry also answers for its first form alone.
            catalogue.plurals.insert(source, forms.clone());
        } else if let Ok(text) = message.msgstr() {
            catalogue.texts.insert(source, text.to_owned());
        }
    }
    catalogue
}

/// The translation of a text; `None` for the source language and for what is not translated.
pub(super) fn find_text(locale: Locale, source: &str) -> Option<&'static str> {
    match locale {
        Locale::Fr => None,
        Locale::En => EN.texts.get(source).map(String::as_str),
    }
}

/// The translated plural form for a count.
pub(super) fn find_plural(locale: Locale, source: &str, n: u64) -> Option<&'static str> {
    match locale {
        Locale::Fr => None,
        // nplurals=2; plural=(n != 1);
        Locale::En => EN
            .plurals
            .get(source)?
            .get(usize::from(n != 1))
            .map(String::as_str),
    }
}
