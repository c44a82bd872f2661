use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Whether a document is an answer, as both engines decide it: every term is among its tokens, or
/// begins one of them when it may.
fn finds(query: &str, document: &str) -> bool {
    let tokens = tokens(document);
    let matches = |term: &Term| {
        tokens.iter().any(|token| {
            token == term.stem() || term.may_be_prefix() && token.starts_with(term.stem())
        })
    };
    Query::parse(query).is_some_and(|query| query.terms().iter().all(matches))
}

/// As [`finds`], without the help of the prefix.
fn finds_whole_words(query: &str, document: &str) -> bool {
    let tokens = tokens(document);
    let query = Query::parse(query).expect("a query");
    query
        .terms()
        .iter()
        .all(|term| tokens.iter().any(|token| token == term.stem()))
}

/// Each inclusive spelling with the two words that it stands for.
fn inclusive_cases() -> Vec<(String, Vec<String>)> {
    let file = include_str!("../../tests/fixtures/ecriture-inclusive.json");
    let file: Value = serde_json::from_str(file).expect("JSON");
    serde_json::from_value(file["cas"].clone()).expect("pairs")
}

#[test]
fn either_word_finds_the_inclusive_spelling_and_the_other_way_round() {
    let cases = inclusive_cases();
    assert!(cases.len() > 10);
    for (inclusive, words) in cases {
        for word in words {
            assert!(
                finds_whole_words(&word, &inclusive),
                "{word} in {inclusive}"
            );
            assert!(
                finds_whole_words(&inclusive, &word),
                "{inclusive} in {word}"
            );
        }
    }
}

#[test]
fn hyphens_points_slashes_and_brackets_write_inclusive_words_too() {
    for (inclusive, words) in [
        ("Référent-e-s", ["référents", "référentes"]),
        ("salarié(e)s", ["salariés", "salariées"]),
        ("salarié(es)", ["salariés", "salariées"]),
        ("adhérent(e)(s)", ["adhérents", "adhérentes"]),
        ("salarié.e.s", ["salariés", "salariées"]),
        ("salarié/e/s", ["salariés", "salariées"]),
        ("tous-tes", ["tous", "toutes"]),
        ("développeur-se-s", ["développeurs", "développeuses"]),
        ("animateur.rice", ["animateur", "animatrice"]),
        ("trésorier·ère", ["trésorier", "trésorière"]),
        ("nouveaux·elles", ["nouveaux", "nouvelles"]),
        ("heureux·ses", ["heureux", "heureuses"]),
        ("association(s)", ["association", "associations"]),
    ] {
        for word in words {
            assert!(
                finds_whole_words(word, inclusive),
                "{word} in {inclusive}: {:?}",
                tokens(inclusive)
            );
        }
    }
}

#[test]
fn words_with_hyphens_and_points_that_are_not_inclusive_stay_whole() {
    for (text, words) in [
        ("mise-à-jour", vec!["mise", "jour"]),
        ("rendez-vous", vec!["rendez"]),
        ("peut-elle", vec![]),
        ("framasoft.org", vec!["framasoft", "org"]),
        ("peertube.es", vec!["peertube"]),
        ("Fin.Les autres", vec!["fin"]),
        ("e-mail", vec!["courriel"]),
    ] {
        for word in words {
            assert!(
                finds_whole_words(word, text),
                "{word} in {text}: {:?}",
                tokens(text)
            );
        }
    }
    assert_eq!(tokens("donne-les"), tokens("donne"));
}

#[test]
fn accents_case_ligatures_and_apostrophes_do_not_matter() {
    for (query, document) in [
        ("oeuvre", "L’Œuvre des élus"),
        ("ŒUVRES", "une oeuvre"),
        ("elu", "L’Œuvre des Élus"),
        ("evenement", "Gérer des événements"),
        ("l'activite", "nos activités"),
        ("numérique", "NUMERIQUE"),
    ] {
        assert!(finds_whole_words(query, document), "{query} in {document}");
    }
}

#[test]
fn plural_synonyms_and_families_of_words_are_found() {
    for (query, document) in [
        ("hébergeur", "Hébergement de sites"),
        ("adhérents", "gérer les adhésions"),
        ("compta", "un logiciel de comptabilité"),
        ("e-mail", "une messagerie"),
        ("mails", "Courriel"),
        ("journaux", "un journal"),
        ("sites associatifs", "Le site de l’association"),
    ] {
        assert!(finds_whole_words(query, document), "{query} in {document}");
    }
}

#[test]
fn only_the_last_word_may_be_a_beginning() {
    assert!(finds("logiciel compta", "logiciels de comptabilité"));
    assert!(finds("agenda parta", "un agenda partagé"));
    assert!(!finds("parta agenda", "un agenda partagé"));
    let query = Query::parse("agenda le ag").unwrap();
    let shapes: Vec<_> = query.terms().iter().map(Term::may_be_prefix).collect();
    assert_eq!(shapes, [false, false], "two letters begin too many words");
}

#[test]
fn words_that_mean_nothing_alone_are_left_out() {
    assert_eq!(Query::parse("  "), None);
    assert_eq!(Query::parse("le de pour l’ !"), None);
    assert_eq!(Query::parse("日本語"), None);
    let query = Query::parse("un logiciel pour les associations").unwrap();
    assert_eq!(query.terms().len(), 2);
}

#[test]
fn a_word_sought_twice_counts_once() {
    let query = Query::parse("logiciels agenda logiciel").unwrap();
    let stems: Vec<_> = query.terms().iter().map(Term::stem).collect();
    assert_eq!(stems.len(), 2);
    assert!(
        query.terms()[1].may_be_prefix(),
        "the word typed last stays last"
    );
}

#[test]
fn huge_documents_and_queries_are_cut() {
    assert_eq!(tokens(&"libre ".repeat(1_000_000)).len(), MAX_TOKENS);
    assert_eq!(tokens(&"é".repeat(1_000_000)).len(), 1);
    assert!(tokens(&"·e".repeat(1_000_000)).len() <= MAX_TOKENS);
    let many: Vec<String> = (0..100).map(|number| format!("a{number}")).collect();
    assert_eq!(
        Query::parse(&many.join(" ")).unwrap().terms().len(),
        MAX_TERMS
    );
}

proptest! {
    #[test]
    fn tokens_are_plain_words(text in any::<String>()) {
        for token in tokens(&text) {
            prop_assert!(!token.is_empty());
            prop_assert!(token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{}", token);
        }
    }

    #[test]
    fn letters_joined_in_any_way_are_read_without_panic(text in "[a-zé·.()/-]{0,40}") {
        let _ = Query::parse(&text);
        let _ = tokens(&text);
    }

    #[test]
    fn a_text_finds_itself(text in "([a-zA-Zéèœ]{1,12}[ ’,·]){1,8}") {
        if Query::parse(&text).is_some() {
            prop_assert!(finds_whole_words(&text, &text));
        }
    }

    #[test]
    fn accents_never_change_the_tokens(text in "([a-zéèàçœ]{1,14} ){1,6}") {
        prop_assert_eq!(tokens(&text), tokens(&fold(&text)));
    }
}
