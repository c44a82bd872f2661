//! The map of départements, drawn by us, with as many structures as each filter would show.

use std::sync::LazyLock;

use serde::Deserialize;

use super::address;
use crate::{
    app::directory::{Listing, Search},
    domain::{
        directory::Facet,
        host::DIRECTORY_PATH,
        territory::{self, Territory},
    },
    locales::Texts,
};

/// Outlines (`map-licence.md` tells where they come from).
#[derive(Deserialize)]
struct Outlines {
    departements: Vec<Outline>,
}

#[derive(Deserialize)]
struct Outline {
    code: String,
    /// SVG path data.
    d: String,
    /// Where its number is written.
    cx: i32,
    cy: i32,
}

static OUTLINES: LazyLock<Outlines> = LazyLock::new(|| {
    serde_json::from_str(include_str!("map.json")).unwrap_or(Outlines {
        departements: Vec::new(),
    })
});

/// Boxes of overseas territories, below the outlines: how many in a row, and their sizes in the
/// unit of the drawing.
const BOXES: usize = 5;
const BOX_WIDTH: i32 = 220;
const BOX_HEIGHT: i32 = 62;
const BOX_TOP: i32 = 1_065;

/// A place of the map and of the list beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// SVG path data; empty for a box.
    pub outline: &'static str,
    pub x: i32,
    pub y: i32,
    /// « Ain (01) ».
    pub name: String,
    pub short_name: &'static str,
    pub count: i64,
    /// « 3 structures ».
    pub words: String,
    /// The list of this place.
    pub url: String,
    /// `m0` to `m3`, by how many there are.
    pub class: &'static str,
    pub is_chosen: bool,
}

/// The map and the list that says the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map {
    /// Places with an outline.
    pub drawn: Vec<Place>,
    /// Overseas, each in its box.
    pub boxes: Vec<Place>,
    /// Height of the drawing.
    pub height: i32,
}

impl Map {
    /// The map of what a search finds.
    pub fn new(t: Texts, search: &Search, listing: &Listing) -> Self {
        let mut map = Self::default();
        for (territory, count) in &listing.territories {
            let Territory::Departement(code) = territory else {
                continue;
            };
            let Some(departement) = territory::find_departement(code.as_str()) else {
                continue;
            };
            let value = territory.to_string();
            let outline = OUTLINES
                .departements
                .iter()
                .find(|it| it.code == code.as_str());
            let place = Place {
                outline: outline.map_or("", |it| it.d.as_str()),
                x: outline.map_or(0, |it| it.cx),
                y: outline.map_or(0, |it| it.cy),
                name: territory.label(),
                short_name: departement.name,
                count: *count,
                words: t.trn("{n} structure", "{n} structures", *count),
                url: address(
                    DIRECTORY_PATH,
                    &search.with(Facet::Territory, value.as_str()),
                ),
                class: match count {
                    0 => "m0",
                    1..=2 => "m1",
                    3..=9 => "m2",
                    _ => "m3",
                },
                is_chosen: search.territory == value,
            };
            if place.outline.is_empty() {
                map.boxes.push(place);
            } else {
                map.drawn.push(place);
            }
        }
        map.place_boxes();
        map
    }

    fn place_boxes(&mut self) {
        for (number, place) in self.boxes.iter_mut().enumerate() {
            let column = i32::try_from(number % BOXES).unwrap_or_default();
            let row = i32::try_from(number / BOXES).unwrap_or_default();
            place.x = column * BOX_WIDTH;
            place.y = BOX_TOP + row * (BOX_HEIGHT + 10);
        }
        let rows = i32::try_from(self.boxes.len().div_ceil(BOXES)).unwrap_or_default();
        self.height = BOX_TOP + rows * (BOX_HEIGHT + 10);
    }

    /// Every place where somebody goes, in the order of the codes.
    pub fn served(&self) -> impl Iterator<Item = &Place> {
        self.drawn
            .iter()
            .chain(&self.boxes)
            .filter(|place| place.count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::directory, locales::Locale};

    #[test]
    fn every_departement_has_an_outline_or_a_box() {
        let listing = Listing {
            territories: directory::territory_counts(&[("region:53".into(), 3)]),
            ..Listing::default()
        };
        let map = Map::new(Texts::of(Locale::Fr), &Search::default(), &listing);
        assert_eq!(map.drawn.len(), 96);
        assert_eq!(
            map.drawn.len() + map.boxes.len(),
            territory::departements().len()
        );
        let served: Vec<_> = map.served().map(|place| place.short_name).collect();
        assert_eq!(
            served,
            ["Côtes-d’Armor", "Finistère", "Ille-et-Vilaine", "Morbihan"]
        );
    }
}
