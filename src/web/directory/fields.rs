//! What a structure says of itself, each field with its source and its dates.

use crate::{
    app::directory::host_page::HostPage,
    domain::{
        host::{DataFacts, HostField, HostLink, Membership, PriceBracket, Source},
        html::Markdown,
    },
    locales::Texts,
    web::{directory::cards::served, page::Link},
};

/// One field of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    pub name: &'static str,
    /// Sanitised HTML; empty when the field is a list.
    pub html: String,
    /// Items, with where they lead when they do.
    pub items: Vec<Link>,
    /// « Écrit par la structure le 3 mai 2026, confirmé le 22 novembre 2026. »
    pub source: String,
    /// The file it was read from; empty when it was typed.
    pub source_url: String,
}

/// The fields that have something to say, in the order of a first reading.
pub fn views(t: Texts, page: &HostPage) -> Vec<FieldView> {
    const ORDER: [HostField; 12] = [
        HostField::Course,
        HostField::VolunteerTime,
        HostField::PriceModel,
        HostField::PriceBracket,
        HostField::Territories,
        HostField::Remote,
        HostField::Services,
        HostField::Publics,
        HostField::Sizes,
        HostField::Roles,
        HostField::Memberships,
        HostField::Links,
    ];
    ORDER
        .iter()
        .filter_map(|field| view(t, page, *field))
        .collect()
}

/// One field, when it says something.
pub fn view(t: Texts, page: &HostPage, field: HostField) -> Option<FieldView> {
    let (html, items) = content(t, page, field);
    if html.is_empty() && items.is_empty() {
        return None;
    }
    let (source, source_url) = source(t, page, field);
    Some(FieldView {
        name: t.host_field(field),
        html,
        items,
        source,
        source_url,
    })
}

fn content(t: Texts, page: &HostPage, field: HostField) -> (String, Vec<Link>) {
    let profile = &page.profile.profile;
    let words = |words: Vec<&'static str>| {
        (
            String::new(),
            words.into_iter().map(|it| Link::new(it, "")).collect(),
        )
    };
    match field {
        HostField::Presentation => (Markdown::new(&profile.presentation).page_html(), Vec::new()),
        HostField::Course => (Markdown::new(&profile.course).page_html(), Vec::new()),
        HostField::VolunteerTime => (
            Markdown::new(&profile.volunteer_time).page_html(),
            Vec::new(),
        ),
        HostField::PriceModel => words(
            profile
                .price_model
                .iter()
                .map(|it| t.price_model(*it))
                .collect(),
        ),
        HostField::PriceBracket => words(
            profile
                .price_bracket
                .iter()
                .filter(|it| **it != PriceBracket::Unknown)
                .map(|it| t.price_bracket(*it))
                .collect(),
        ),
        HostField::Territories => (
            String::new(),
            profile
                .territories
                .iter()
                .map(|it| Link::new(served(t, *it), ""))
                .collect(),
        ),
        HostField::Remote => words(if profile.remote {
            vec![t.tr("Oui")]
        } else {
            Vec::new()
        }),
        HostField::Publics => words(
            profile
                .publics
                .iter()
                .map(|it| t.host_public(*it))
                .collect(),
        ),
        HostField::Sizes => words(
            profile
                .sizes
                .iter()
                .map(|it| t.association_size(*it))
                .collect(),
        ),
        HostField::Roles => words(profile.roles.iter().map(|it| t.host_role(*it)).collect()),
        HostField::Services => (String::new(), profile.services.iter().map(link).collect()),
        HostField::Links => (String::new(), profile.links.iter().map(link).collect()),
        HostField::Memberships => (
            String::new(),
            profile
                .memberships
                .iter()
                .map(|it| membership(t, it))
                .collect(),
        ),
        HostField::Software | HostField::Data | HostField::ContactEmail => {
            (String::new(), Vec::new())
        }
    }
}

fn link(link: &HostLink) -> Link {
    Link::new(link.label.clone(), web_address(&link.url))
}

/// An address that may be linked to; nothing for another.
fn web_address(url: &str) -> String {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web {
        url.to_owned()
    } else {
        String::new()
    }
}

fn membership(t: Texts, it: &Membership) -> Link {
    let label = match (it.since, it.until) {
        (Some(since), Some(until)) => t.trf(
            "{name}, du {since} au {until}",
            [
                ("name", it.name.clone()),
                ("since", t.day(since)),
                ("until", t.day(until)),
            ],
        ),
        (Some(since), None) => t.trf(
            "{name}, depuis le {since}",
            [("name", it.name.clone()), ("since", t.day(since))],
        ),
        (None, Some(until)) => t.trf(
            "{name}, jusqu’au {until}",
            [("name", it.name.clone()), ("until", t.day(until))],
        ),
        (None, None) => it.name.clone(),
    };
    Link::new(label, web_address(it.url.as_deref().unwrap_or_default()))
}

/// Where a field comes from and since when it is known to be true, in a sentence.
pub fn source(t: Texts, page: &HostPage, field: HostField) -> (String, String) {
    let Some(source) = page.profile.source_of(field) else {
        return (String::new(), String::new());
    };
    let dates = [
        ("set", t.date(source.set_at)),
        ("confirmed", t.date(source.confirmed_at)),
    ];
    let is_confirmed = source.confirmed_at > source.set_at;
    let sentence = match (source.source, is_confirmed) {
        (Source::Typed, true) => t.trf(
            "Écrit par la structure le {set}, confirmé le {confirmed}.",
            dates,
        ),
        (Source::Typed, false) => t.trf("Écrit par la structure le {set}.", dates),
        (Source::Imported, true) => t.trf(
            "Repris de son fichier public le {set}, confirmé le {confirmed}.",
            dates,
        ),
        (Source::Imported, false) => t.trf("Repris de son fichier public le {set}.", dates),
    };
    let url = source.source_url.as_deref().unwrap_or_default();
    (sentence, web_address(url))
}

/// What becomes of an association's data, question by question (promise P20).
pub fn data_facts(t: Texts, data: &DataFacts) -> Vec<(&'static str, String)> {
    let said = |text: &str| match text.trim() {
        "" => t.tr("Non précisé").to_owned(),
        text => text.to_owned(),
    };
    let answer = |answer: Option<bool>| match answer {
        Some(true) => t.tr("Oui"),
        Some(false) => t.tr("Non"),
        None => t.tr("Non précisé"),
    };
    vec![
        (t.tr("Où sont les machines ?"), said(&data.place)),
        (t.tr("Qui les administre ?"), said(&data.administered_by)),
        (
            t.tr("Qui d’autre traite ces données ?"),
            said(&data.subprocessors),
        ),
        (
            t.tr("Un contrat sur les données personnelles est-il possible ?"),
            answer(data.has_contract).to_owned(),
        ),
        (
            t.tr("Peut-on repartir avec toutes ses données ?"),
            answer(data.has_export).to_owned(),
        ),
    ]
}
