//! The directory: what structures are found by, and in which order they are shown.
//!
//! Who is in it is another question, which [`super::listing`] answers.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    host::{Capacity, Host, HostProfile, Offer},
    territory::{self, DepartementCode, RegionCode, Territory},
};

words! {
    /// A group of filters.
    pub enum Facet {
        /// Where a structure goes.
        Territory => "territory",
        /// A line of one of its offers.
        Line => "line",
        /// A free program that it proposes.
        Software => "software",
        /// A tool that one of those programs replaces.
        Tool => "tool",
        /// How its price is made.
        Price => "price",
        /// What an accompaniment costs.
        Cost => "cost",
        /// Whether it takes requests: `open`, `later` (it says from which month), `full`.
        Capacity => "capacity",
        Collective => "collective",
        Role => "role",
        Public => "public",
        Size => "size",
        /// `yes` when it also accompanies from afar.
        Remote => "remote",
        /// `little` when what it did took its associations little time.
        Time => "time",
        /// `yes` when one offer has hosting and accompaniment.
        AllInOne => "all-in-one",
    }
}

/// Version of the facets. Raise it with any change of what [`facets`] answers: what is kept of each
/// structure is then made again in the background.
pub const VERSION: i64 = 1;

/// Hours of volunteers below which an accompaniment took little time (promise P28).
pub const LITTLE_HOURS: i64 = 20;

/// What is known of a structure beside its profile and its offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Slugs of the tools that its programs replace.
    pub tools: Vec<String>,
    /// Hours that volunteers gave to accompaniments which were recommended, where they are known.
    pub volunteer_hours: Vec<i64>,
}

/// What a structure is found by, each value once.
pub fn facets(
    host: &Host,
    profile: &HostProfile,
    offers: &[Offer],
    around: &Surroundings,
    today: NaiveDate,
) -> Vec<(Facet, String)> {
    let mut found = BTreeSet::new();
    let mut add = |facet: Facet, values: Vec<String>| {
        found.extend(values.into_iter().map(|value| (facet, value)));
    };
    add(Facet::Territory, territory_values(&profile.territories));
    let lines = offers.iter().flat_map(|offer| &offer.lines);
    add(
        Facet::Line,
        lines.map(|line| line.kind.to_string()).collect(),
    );
    let software = profile.software.iter();
    let software = software.chain(offers.iter().flat_map(|offer| &offer.software));
    add(Facet::Software, software.cloned().collect());
    add(Facet::Tool, around.tools.clone());
    let models = profile.price_model.into_iter();
    let models = models.chain(offers.iter().map(|offer| offer.price_model));
    add(Facet::Price, models.map(|it| it.to_string()).collect());
    let costs = profile.price_bracket.into_iter();
    let costs = costs.chain(offers.iter().map(|offer| offer.price_bracket));
    add(Facet::Cost, costs.map(|it| it.to_string()).collect());
    add(Facet::Capacity, vec![capacity_value(host).to_owned()]);
    let current = profile.memberships.iter();
    let current = current.filter(|it| it.until.is_none_or(|until| today <= until));
    add(
        Facet::Collective,
        current.map(|it| it.collective.clone()).collect(),
    );
    add(
        Facet::Role,
        profile.roles.iter().map(ToString::to_string).collect(),
    );
    add(
        Facet::Public,
        profile.publics.iter().map(ToString::to_string).collect(),
    );
    add(
        Facet::Size,
        profile.sizes.iter().map(ToString::to_string).collect(),
    );
    if profile.remote {
        add(Facet::Remote, vec!["yes".to_owned()]);
    }
    if takes_little_time(&around.volunteer_hours) {
        add(Facet::Time, vec!["little".to_owned()]);
    }
    if offers.iter().any(Offer::is_all_in_one) {
        add(Facet::AllInOne, vec!["yes".to_owned()]);
    }
    found.into_iter().collect()
}

fn capacity_value(host: &Host) -> &'static str {
    match (host.capacity, &host.capacity_from) {
        (Capacity::Open, _) => "open",
        (Capacity::Full, Some(_)) => "later",
        (Capacity::Full, None) => "full",
    }
}

/// Whether at least half of what was done took few hours of volunteers.
fn takes_little_time(hours: &[i64]) -> bool {
    let few = hours.iter().filter(|hours| **hours <= LITTLE_HOURS).count();
    few > 0 && few * 2 >= hours.len()
}

/// The storage forms of where a structure goes, none within another, and `within:REGION` for a
/// région of which it covers a part only: with that every count is a sum of disjoint groups.
fn territory_values(territories: &[Territory]) -> Vec<String> {
    let largest: BTreeSet<Territory> = territories
        .iter()
        .filter(|it| {
            !territories
                .iter()
                .any(|other| other != *it && other.contains(**it))
        })
        .copied()
        .collect();
    let mut values = BTreeSet::new();
    for territory in largest {
        values.insert(territory.to_string());
        if let Some(region) = region_of(territory) {
            values.insert(format!("within:{}", region.as_str()));
        }
    }
    values.into_iter().collect()
}

fn region_of(territory: Territory) -> Option<RegionCode> {
    match territory {
        Territory::Everywhere | Territory::Region(_) => None,
        Territory::Departement(code) => {
            RegionCode::parse(territory::find_departement(code.as_str())?.region.code)
        }
    }
}

/// The values of [`Facet::Territory`] that serve somebody who looks for this territory. Structures
/// that go everywhere serve each of them; those of one département serve its région in part.
pub fn serving(wanted: Territory) -> Vec<String> {
    let mut values = vec![Territory::Everywhere.to_string()];
    match wanted {
        Territory::Everywhere => {}
        Territory::Region(code) => {
            values.push(wanted.to_string());
            values.push(format!("within:{}", code.as_str()));
        }
        Territory::Departement(_) => {
            values.extend(region_of(wanted).map(|region| Territory::Region(region).to_string()));
            values.push(wanted.to_string());
        }
    }
    values
}

/// How many structures each région and each département would show, from how many hold each value.
/// Régions in the order of their codes, each followed by its départements.
pub fn territory_counts(counts: &[(String, i64)]) -> Vec<(Territory, i64)> {
    let shown = |wanted: Territory| {
        let values = serving(wanted);
        let of_value = counts.iter().filter(|(value, _)| values.contains(value));
        (wanted, of_value.map(|(_, count)| count).sum())
    };
    let mut shown_by = Vec::new();
    for region in territory::regions() {
        shown_by.extend(RegionCode::parse(region.code).map(|code| shown(Territory::Region(code))));
        let within = territory::departements().iter();
        let within = within.filter(|place| place.region == region);
        shown_by.extend(
            within
                .filter_map(|place| DepartementCode::parse(place.code))
                .map(|code| shown(Territory::Departement(code))),
        );
    }
    shown_by
}

/// The prime below which places in the order are drawn.
pub const PLACES: i64 = 2_147_483_647;

/// The order of one day: the structure `id` has the place `(id mod p · factor + shift) mod p`.
///
/// With both numbers drawn anew each day, any two structures are as likely to come one before the
/// other (the family of functions is pairwise independent: Carter and Wegman, 1979). The same sum
/// gives the same result on both databases, whose integers have 64 bits: no product here has more
/// than 62.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub day: NaiveDate,
    /// From 1 to [`PLACES`] - 1.
    pub factor: i64,
    /// From 0 to [`PLACES`] - 1.
    pub shift: i64,
}

impl Order {
    /// The order of a day, drawn from 16 bytes of a digest of it.
    pub fn drawn(day: NaiveDate, (first, second): (u64, u64)) -> Self {
        let below = |drawn: u64, bound: i64| {
            i64::try_from(drawn % bound.unsigned_abs()).unwrap_or_default()
        };
        Self {
            day,
            factor: 1 + below(first, PLACES - 1),
            shift: below(second, PLACES),
        }
    }

    /// The place of a structure.
    pub const fn place(&self, id: i64) -> i64 {
        ((id % PLACES) * self.factor + self.shift) % PLACES
    }
}

#[cfg(test)]
mod tests;
