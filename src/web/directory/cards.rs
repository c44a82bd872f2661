//! A structure in a list.

use crate::{
    app::directory::{Entry, Names},
    domain::{
        directory::Facet,
        host::{self, Capacity, HostRole, LineKind, PriceModel},
        html::{Markdown, excerpt, plain_text},
        territory::{Territory, find_region},
    },
    locales::Texts,
    web::{components::Badge, page::Tone},
};

/// Characters of the presentation on a card.
const EXCERPT_LENGTH: usize = 200;
/// Programs named on a card.
const PROGRAMS: usize = 5;

/// A structure in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostCard {
    pub url: String,
    pub handle: String,
    pub name: String,
    pub capacity: Badge,
    pub roles: String,
    pub place: String,
    pub excerpt: String,
    /// Lines of its offers.
    pub lines: Vec<&'static str>,
    /// Names of some of its programs.
    pub software: String,
    pub price: String,
    /// « Recommandée par 2 associations ».
    pub counted: String,
    pub is_all_in_one: bool,
    /// Whether its last recommendation ended: it is on notice.
    pub is_on_notice: bool,
    /// Keeps it aside, or puts it back; empty where there is no shortlist.
    pub keep_url: String,
    pub is_kept: bool,
}

impl HostCard {
    /// The card of a structure.
    pub fn new(t: Texts, entry: &Entry, names: &Names) -> Self {
        let software: Vec<&str> = entry
            .values(Facet::Software)
            .take(PROGRAMS)
            .map(|slug| names.of(Facet::Software, slug))
            .collect();
        Self {
            url: host::host_path(&entry.handle),
            handle: entry.handle.clone(),
            name: entry.name.clone(),
            capacity: capacity_badge(t, entry.capacity, entry.capacity_from.as_deref()),
            roles: words(
                entry
                    .values(Facet::Role)
                    .filter_map(HostRole::parse)
                    .map(|it| t.host_role(it)),
            ),
            place: place(t, entry),
            excerpt: in_short(&entry.presentation, EXCERPT_LENGTH),
            lines: entry
                .values(Facet::Line)
                .filter_map(LineKind::parse)
                .map(|kind| t.line_kind(kind))
                .collect(),
            software: software.join(", "),
            price: words(
                entry
                    .values(Facet::Price)
                    .filter_map(PriceModel::parse)
                    .map(|it| t.price_model(it)),
            ),
            counted: counted(t, entry.counted),
            is_all_in_one: entry.values(Facet::AllInOne).next().is_some(),
            is_on_notice: entry.counted == 0,
            keep_url: String::new(),
            is_kept: false,
        }
    }
}

fn words(values: impl Iterator<Item = &'static str>) -> String {
    values.collect::<Vec<_>>().join(" · ")
}

/// « Recommandée par 2 associations ».
pub fn counted(t: Texts, count: i64) -> String {
    t.trn(
        "Recommandée par {n} association",
        "Recommandée par {n} associations",
        count,
    )
}

/// The first words of a text, without markup.
pub fn in_short(markdown: &str, max_chars: usize) -> String {
    excerpt(&plain_text(&Markdown::new(markdown).page_html()), max_chars)
}

/// Where a structure goes, in words.
pub fn place(t: Texts, entry: &Entry) -> String {
    let territories = entry
        .values(Facet::Territory)
        .filter_map(|value| Territory::parse(value).ok());
    let mut places: Vec<String> = territories.map(|it| served(t, it)).collect();
    if entry.values(Facet::Remote).next().is_some() {
        places.push(t.tr("À distance").to_owned());
    }
    places.join(", ")
}

/// A place where a structure goes.
pub fn served(t: Texts, territory: Territory) -> String {
    match territory {
        Territory::Everywhere => t.tr("Partout en France").to_owned(),
        Territory::Region(code) => {
            find_region(code.as_str()).map_or_else(String::new, |region| region.name.to_owned())
        }
        Territory::Departement(_) => territory.label(),
    }
}

/// Whether a structure takes requests.
pub fn capacity_badge(t: Texts, capacity: Capacity, from: Option<&str>) -> Badge {
    let (tone, icon, label) = match (capacity, from) {
        (Capacity::Open, _) => (
            Tone::Success,
            "circle-check",
            t.tr("Prend de nouvelles demandes").to_owned(),
        ),
        (Capacity::Full, Some(month)) => (
            Tone::Warning,
            "clock",
            t.trf(
                "Demandes à partir de {month}",
                [("month", month_in_words(t, month))],
            ),
        ),
        (Capacity::Full, None) => (
            Tone::Warning,
            "clock",
            t.tr("Complète pour le moment").to_owned(),
        ),
    };
    Badge { tone, icon, label }
}

/// « janvier 2027 » for `2027-01`.
fn month_in_words(t: Texts, month: &str) -> String {
    let first = format!("{month}-01").parse();
    first.map_or_else(
        |_| month.to_owned(),
        |day| {
            let whole = t.day(day);
            // without the number of the day
            whole
                .split_once('\u{a0}')
                .map_or(whole.clone(), |(_, rest)| rest.to_owned())
        },
    )
}
