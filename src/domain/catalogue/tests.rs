use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::{licence::Licence, slug::Slug};

/// Characters of a sentence shown on one line.
const LINE: usize = 160;

#[test]
fn the_embedded_catalogue_has_what_the_project_promises() {
    let catalogue = read(USES, SOFTWARE, TOOLS).unwrap();
    assert!(
        catalogue.tools.len() >= 60,
        "{} tools",
        catalogue.tools.len()
    );
    assert!(
        catalogue.software.len() >= 120,
        "{} programs",
        catalogue.software.len()
    );
    assert!(
        catalogue
            .tools
            .iter()
            .all(|tool| !tool.alternatives.is_empty())
    );
}

#[test]
fn slugs_are_unique_sorted_and_part_of_addresses() {
    let catalogue = embedded();
    let uses: Vec<_> = catalogue.uses.iter().map(|it| &it.slug).collect();
    let software: Vec<_> = catalogue.software.iter().map(|it| &it.slug).collect();
    let tools: Vec<_> = catalogue.tools.iter().map(|it| &it.slug).collect();
    assert!(software.is_sorted() && tools.is_sorted());
    for slugs in [uses, software, tools] {
        for slug in &slugs {
            assert!(Slug::parse(slug).is_ok(), "{slug}");
        }
        assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), slugs.len());
    }
}

#[test]
fn every_reference_leads_to_an_entry() {
    let catalogue = embedded();
    let software: BTreeSet<&str> = catalogue
        .software
        .iter()
        .map(|it| it.slug.as_str())
        .collect();
    for program in &catalogue.software {
        assert!(!program.uses.is_empty(), "{}", program.slug);
        assert!(
            program.uses.iter().all(|slug| find_use(slug).is_some()),
            "{}",
            program.slug
        );
    }
    for tool in &catalogue.tools {
        assert!(!tool.uses.is_empty(), "{}", tool.slug);
        assert!(
            tool.uses.iter().all(|slug| find_use(slug).is_some()),
            "{}",
            tool.slug
        );
        let named: Vec<&str> = tool
            .alternatives
            .iter()
            .map(|it| it.software.as_str())
            .collect();
        assert!(
            named.iter().all(|slug| software.contains(slug)),
            "{}",
            tool.slug
        );
        let distinct: BTreeSet<_> = named.iter().collect();
        assert_eq!(distinct.len(), named.len(), "{}", tool.slug);
    }
}

#[test]
fn every_licence_is_free_and_every_address_is_secure() {
    for program in &embedded().software {
        assert!(Licence::parse(&program.licence).is_ok(), "{}", program.slug);
        assert!(program.website.starts_with("https://"), "{}", program.slug);
        let source = program.source.as_deref().unwrap();
        assert!(source.starts_with("https://"), "{}", program.slug);
        assert!(!program.from.is_empty(), "{} has no source", program.slug);
    }
}

#[test]
fn every_sentence_is_there_and_fits_on_a_line() {
    let mut sentences: BTreeMap<&str, &str> = BTreeMap::new();
    let catalogue = embedded();
    for program in &catalogue.software {
        sentences.insert(&program.description, &program.slug);
    }
    for tool in &catalogue.tools {
        sentences.insert(&tool.description, &tool.slug);
        sentences.insert(&tool.why, &tool.slug);
        for alternative in &tool.alternatives {
            sentences.insert(&alternative.note, &tool.slug);
        }
    }
    for (sentence, slug) in sentences {
        let length = sentence.chars().count();
        assert!((1..=LINE).contains(&length), "{slug}: {sentence}");
    }
}
