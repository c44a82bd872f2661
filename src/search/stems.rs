//! From one folded word to the token that stands for its family.

use std::collections::HashMap;
use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};

use crate::domain::text::fold;

/// Longer runs of letters are not words; their beginning is enough to find them.
const MAX_WORD_LENGTH: usize = 40;

/// The token of a folded word; `None` for a word that means nothing by itself.
pub(super) fn token(word: &str) -> Option<String> {
    let word = word.get(..MAX_WORD_LENGTH).unwrap_or(word);
    let is_lone_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    if is_lone_letter || STOP_WORDS.binary_search(&word).is_ok() {
        return None;
    }
    let singular = word.strip_suffix('s').unwrap_or(word);
    let token = SYNONYMS
        .get(singular)
        .cloned()
        .unwrap_or_else(|| stem(word));
    (!token.is_empty()).then_some(token)
}

/// The French stem of a folded word, folded.
fn stem(word: &str) -> String {
    let rewritten = REWRITTEN_ENDINGS.iter().find_map(|(written, read)| {
        let beginning = word.strip_suffix(written)?;
        Some(format!("{beginning}{read}"))
    });
    let stemmer = Stemmer::new(Algorithm::French);
    let stem = fold(&stemmer.stem(rewritten.as_deref().unwrap_or(word)));
    // The stemmer keeps the plural of « amis », « élus » and « lieux ».
    let singular = stem.trim_end_matches(['s', 'x']);
    let stem = if singular.len() < 3 { &stem } else { singular };
    // « actif » keeps its ending where « active » loses its own.
    match stem.strip_suffix("if") {
        Some(beginning) if !beginning.is_empty() => format!("{beginning}iv"),
        _ => stem.to_owned(),
    }
}

/// Endings, and how the stemmer reads them; the first that fits wins.
///
/// Half of them bring together the two genders that it keeps apart (« traductrice » and
/// « traducteur », « salariée » and « salarié »). The others put back the accents that it needs to
/// see an ending: people type « activite » as well as « activité », and both have one stem.
const REWRITTEN_ENDINGS: [(&str, &str); 16] = [
    ("trices", "teur"),
    ("trice", "teur"),
    ("teuses", "teur"),
    ("teuse", "teur"),
    ("teurs", "teur"),
    ("teur", "teur"),
    ("drices", "deuse"),
    ("drice", "deuse"),
    ("eurs", "euse"),
    ("eur", "euse"),
    ("ees", "es"),
    ("ee", "e"),
    ("ites", "ité"),
    ("ite", "ité"),
    ("ieres", "ière"),
    ("iere", "ière"),
];

/// Words that people use for one another when they seek a service; the first one gives the token.
/// Folded, singular. Words whose stem is the same already need no line.
const SYNONYM_GROUPS: &[&[&str]] = &[
    &["adhesion", "adherent", "adherente", "adherer"],
    &["agenda", "calendrier"],
    &["application", "appli", "app"],
    &["association", "asso"],
    &["benevole", "benevolat"],
    &["comptabilite", "compta"],
    &["courriel", "mail", "email", "messagerie"],
    &["don", "donation", "donateur", "donatrice"],
    &["formation", "formateur", "formatrice"],
    &["gestion", "gerer", "gestionnaire"],
    &["infolettre", "newsletter"],
    &["tous", "toute"],
    &[
        "visioconference",
        "videoconference",
        "webconference",
        "visio",
    ],
];

static SYNONYMS: LazyLock<HashMap<&str, String>> = LazyLock::new(|| {
    let mut synonyms = HashMap::new();
    for group in SYNONYM_GROUPS {
        let Some((first, others)) = group.split_first() else {
            continue;
        };
        synonyms.extend(others.iter().map(|other| (*other, stem(first))));
    }
    synonyms
});

/// Articles, pronouns, prepositions, auxiliaries: folded, sorted. « tous » and « sans » are not
/// among them, they change what a sentence says.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "ai", "aie", "aient", "aies", "ait", "and", "as", "au", "aucun", "aucune", "aujourd", "aura",
    "aurai", "auraient", "aurait", "auras", "aurez", "auriez", "aurions", "aurons", "auront",
    "aussi", "autre", "autres", "aux", "avaient", "avais", "avait", "avant", "avec", "avez",
    "aviez", "avions", "avoir", "avons", "ayant", "ayez", "ayons", "bien", "car", "ce", "ceci",
    "cela", "celle", "celles", "celui", "cependant", "certain", "certaine", "certaines",
    "certains", "ces", "cet", "cette", "ceux", "chez", "ci", "comme", "comment", "dans", "de",
    "depuis", "des", "dessous", "dessus", "deux", "devant", "doit", "doivent", "donc", "dont",
    "du", "elle", "elles", "en", "encore", "entre", "est", "et", "etaient", "etais", "etait",
    "etant", "etes", "etiez", "etions", "etre", "eu", "eux", "faire", "fait", "faut",
    "fois", "for", "fut", "hors", "hui", "ici", "il", "ils", "jamais", "je", "jusqu", "jusque",
    "la", "le", "les", "leur", "leurs", "lors", "lorsqu", "lorsque", "lui", "ma", "mais", "me",
    "meme", "memes", "mes", "moi", "moins", "mon", "ne", "ni", "nos", "notre", "nous", "of", "on",
    "ont", "or", "ou", "par", "parce", "parmi", "pas", "peu", "peut", "peuvent", "plus",
    "plusieurs", "pour", "pourquoi", "pourra", "pouvez", "pouvoir", "pouvons", "pres", "puis",
    "puisqu", "puisque", "qu", "quand", "que", "quel", "quelle", "quelles", "quelqu", "quelque",
    "quelques", "quels", "qui", "quoi", "quoiqu", "sa", "se", "sera", "serai", "seraient",
    "serait", "seras", "serez", "seriez", "serions", "serons", "seront", "ses", "si", "soi",
    "soient", "sois", "soit", "sommes", "son", "sont", "sous", "soyez", "soyons", "suis", "sur",
    "ta", "te", "tel", "telle", "telles", "tels", "tes", "the", "toi", "ton", "tout",
    "tres", "trop", "tu", "un", "une", "unes", "uns", "vers", "voici", "voila", "vont", "vos",
    "votre", "vous",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_folded_sorted_and_lower_case() {
        assert!(STOP_WORDS.is_sorted());
        assert!(STOP_WORDS.iter().all(|word| fold(word) == *word));
    }

    #[test]
    fn no_stop_word_is_a_synonym() {
        for word in SYNONYM_GROUPS.iter().copied().flatten() {
            assert!(token(word).is_some(), "{word}");
        }
    }

    #[test]
    fn both_genders_and_numbers_share_a_token() {
        for family in [
            "developpeur developpeurs developpeuse developpeuses",
            "traducteur traductrices",
            "salarie salariee salaries salariees",
            "actif actives",
            "premier premiere premieres",
            "citoyen citoyennes",
            "hebergeur hebergeuses hebergement heberger heberge",
            "activite activites",
            "ami amis amie amies",
            "lieu lieux",
            "francais francaises",
            "gros grosse",
            "comptabilite comptable compta",
            "mail mails courriels",
        ] {
            let mut tokens: Vec<_> = family.split(' ').map(token).collect();
            tokens.dedup();
            assert_eq!(tokens.len(), 1, "{family}: {tokens:?}");
        }
    }

    #[test]
    fn words_that_only_look_alike_keep_their_own_token() {
        for (one, other) in [
            ("compta", "compte"),
            ("logiciel", "logique"),
            ("libre", "livre"),
        ] {
            assert_ne!(token(one), token(other));
        }
    }
}
