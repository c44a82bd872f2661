//! The territories of France: communes, départements, régions, and the area that a host or an ad
//! covers.
//!
//! The data is embedded (see `territory/LICENCE.md`) and read once, on first use; everything
//! borrows from the text of the binary. Postal codes are resolved through communes, never from
//! their first digits: some cross a département, and Corsica shares `20`.

use std::cmp::Reverse;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::text::fold;

/// A région, or an overseas collectivity that stands at the same level.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Code of INSEE, two or three characters.
    pub code: &'static str,
    /// Name, as people write it.
    pub name: &'static str,
}

/// A département, or an overseas collectivity that stands at the same level.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Departement {
    /// Code of INSEE, two or three characters: `01`, `2A`, `971`.
    pub code: &'static str,
    /// Name, as people write it.
    pub name: &'static str,
    /// The région it belongs to.
    pub region: &'static Region,
}

/// A present commune.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Commune {
    /// Code of INSEE, five characters; not the postal code.
    pub code: &'static str,
    /// Name, as people write it.
    pub name: &'static str,
    /// The département it belongs to.
    pub departement: &'static Departement,
    /// Number of inhabitants, 0 when the source gives none.
    pub population: u32,
    postal_codes: &'static str,
}

impl Commune {
    /// Its postal codes: none for a few uninhabited lands, about twenty for a large city.
    pub fn postal_codes(&self) -> impl Iterator<Item = &'static str> {
        self.postal_codes.split_ascii_whitespace()
    }

    /// The région it belongs to.
    pub fn region(&self) -> &'static Region {
        self.departement.region
    }
}

/// The régions, sorted by code.
pub fn regions() -> &'static [Region] {
    &REGIONS
}

/// The départements, sorted by code as text: Corsica stands between `29` and `30`.
pub fn departements() -> &'static [Departement] {
    &DEPARTEMENTS
}

/// The région with this INSEE code.
pub fn find_region(code: &str) -> Option<&'static Region> {
    regions().iter().find(|region| region.code == code)
}

/// The département with this INSEE code.
pub fn find_departement(code: &str) -> Option<&'static Departement> {
    departements()
        .iter()
        .find(|departement| departement.code == code)
}

/// The commune with this INSEE code.
pub fn find_commune(code: &str) -> Option<&'static Commune> {
    let communes = &GAZETTEER.communes;
    let index = communes.binary_search_by(|commune| commune.code.cmp(code));
    communes.get(index.ok()?)
}

/// The communes served by a postal code, by INSEE code. Unknown codes have none.
pub fn communes_with_postal_code(postal_code: &str) -> Vec<&'static Commune> {
    let Some(wanted) = postal_number(postal_code.trim()) else {
        return Vec::new();
    };
    let all = &GAZETTEER.by_postal_code;
    let start = all.partition_point(|(code, _)| *code < wanted);
    all.iter()
        .skip(start)
        .take_while(|(code, _)| *code == wanted)
        .filter_map(|(_, commune)| GAZETTEER.communes.get(usize::from(*commune)))
        .collect()
}

/// The communes whose name begins with what was typed, or whose postal code does; the most
/// populous first, `limit` at most.
///
/// Accents, case, hyphens, a leading article (« Le Havre ») and « St » for « Saint » do not
/// matter. An empty text suggests nothing.
pub fn suggest_communes(typed: &str, limit: usize) -> Vec<&'static Commune> {
    let typed = typed.trim();
    let mut found = if typed.starts_with(|c: char| c.is_ascii_digit()) {
        GAZETTEER.with_postal_prefix(typed)
    } else {
        GAZETTEER.with_name_prefix(&name_key(typed))
    };
    found.sort_unstable_by_key(|commune| (Reverse(commune.population), commune.code));
    found.dedup();
    found.truncate(limit);
    found
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    rows(include_str!("territory/regions.tsv"))
        .map(|[code, name]| Region { code, name })
        .collect()
});

static DEPARTEMENTS: LazyLock<Vec<Departement>> = LazyLock::new(|| {
    rows(include_str!("territory/departements.tsv"))
        .filter_map(|[code, name, region]| {
            let region = find_region(region)?;
            Some(Departement { code, name, region })
        })
        .collect()
});

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::load);

/// The communes and their two indexes, which hold positions in `communes`.
struct Gazetteer {
    communes: Vec<Commune>,
    by_postal_code: Vec<(u32, u16)>,
    by_name: Vec<(Box<str>, u16)>,
}

impl Gazetteer {
    fn load() -> Self {
        let communes: Vec<Commune> = rows(include_str!("territory/communes.tsv"))
            .filter_map(|[code, name, departement, postal_codes, population]| {
                Some(Commune {
                    code,
                    name,
                    departement: find_departement(departement)?,
                    population: population.parse().ok()?,
                    postal_codes,
                })
            })
            .collect();
        let mut by_postal_code = Vec::new();
        let mut by_name = Vec::new();
        for (position, commune) in (0_u16..).zip(&communes) {
            let codes = commune.postal_codes().filter_map(postal_number);
            by_postal_code.extend(codes.map(|code| (code, position)));
            let key = name_key(commune.name);
            if let Some(short) = without_article(&key) {
                by_name.push((short.into(), position));
            }
            by_name.push((key.into(), position));
        }
        by_postal_code.sort_unstable();
        by_name.sort_unstable();
        Self {
            communes,
            by_postal_code,
            by_name,
        }
    }

    fn with_name_prefix(&self, prefix: &str) -> Vec<&Commune> {
        if prefix.is_empty() {
            return Vec::new();
        }
        let start = self.by_name.partition_point(|(key, _)| &**key < prefix);
        self.by_name
            .iter()
            .skip(start)
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter_map(|(_, position)| self.communes.get(usize::from(*position)))
            .collect()
    }

    fn with_postal_prefix(&self, prefix: &str) -> Vec<&Commune> {
        let missing = 5_usize.saturating_sub(prefix.len());
        let Some(from) = postal_number(&format!("{prefix}{}", "0".repeat(missing))) else {
            return Vec::new();
        };
        let Some(to) = postal_number(&format!("{prefix}{}", "9".repeat(missing))) else {
            return Vec::new();
        };
        let start = self
            .by_postal_code
            .partition_point(|(code, _)| *code < from);
        self.by_postal_code
            .iter()
            .skip(start)
            .take_while(|(code, _)| *code <= to)
            .filter_map(|(_, position)| self.communes.get(usize::from(*position)))
            .collect()
    }
}

/// The lines of an embedded table that have exactly `N` columns; a test checks that all do.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table
        .lines()
        .filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
}

fn postal_number(code: &str) -> Option<u32> {
    let is_postal = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_postal.then(|| code.parse().ok()).flatten()
}

/// A name for comparison: folded, words separated by one space, « St » opened.
fn name_key(name: &str) -> String {
    let folded = fold(name);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| match word {
            "st" => "saint",
            "ste" => "sainte",
            _ => word,
        });
    words.collect::<Vec<_>>().join(" ")
}

fn without_article(key: &str) -> Option<&str> {
    let (first, rest) = key.split_once(' ')?;
    matches!(first, "l" | "le" | "la" | "les").then_some(rest)
}

/// The code of a région that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionCode(&'static str);

impl RegionCode {
    /// Reads the code of a région; `None` when no région has it.
    pub fn parse(code: &str) -> Option<Self> {
        find_region(code).map(|region| Self(region.code))
    }

    /// The code, two or three characters.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// The code of a département that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DepartementCode(&'static str);

impl DepartementCode {
    /// Reads the code of a département; `None` when no département has it.
    pub fn parse(code: &str) -> Option<Self> {
        find_departement(code).map(|departement| Self(departement.code))
    }

    /// The code, two or three characters.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// A text is not the storage form of a territory, or names one that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a territory")]
pub struct InvalidTerritory(String);

/// Where something is offered or sought.
///
/// Stored and exchanged as `everywhere`, `region:84` or `departement:69`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Territory {
    /// The whole country, or at a distance.
    Everywhere,
    /// One région.
    Region(RegionCode),
    /// One département.
    Departement(DepartementCode),
}

impl Territory {
    /// Every territory that concerns somebody who looks for this one: itself, what contains it,
    /// what it contains.
    pub fn around(self) -> Vec<Self> {
        std::iter::once(Self::Everywhere)
            .chain(
                regions()
                    .iter()
                    .map(|region| Self::Region(RegionCode(region.code))),
            )
            .chain(
                departements()
                    .iter()
                    .map(|place| Self::Departement(DepartementCode(place.code))),
            )
            .filter(|other| other.contains(self) || self.contains(*other))
            .collect()
    }

    /// Reads the storage form.
    pub fn parse(stored: &str) -> Result<Self, InvalidTerritory> {
        let parsed = match stored.split_once(':') {
            None if stored == "everywhere" => Some(Self::Everywhere),
            Some(("region", code)) => RegionCode::parse(code).map(Self::Region),
            Some(("departement", code)) => DepartementCode::parse(code).map(Self::Departement),
            _ => None,
        };
        parsed.ok_or_else(|| InvalidTerritory(stored.chars().take(40).collect()))
    }

    /// The name to show, in French: « Partout », « Bretagne », « Finistère (29) ».
    pub fn label(self) -> String {
        match self {
            Self::Everywhere => "Partout".to_owned(),
            Self::Region(code) => find_region(code.0)
                .map_or(code.0, |found| found.name)
                .to_owned(),
            Self::Departement(DepartementCode(code)) => {
                let name = find_departement(code).map_or(code, |found| found.name);
                format!("{name} ({code})")
            }
        }
    }

    /// Whether `other` lies entirely within this territory.
    pub fn contains(self, other: Self) -> bool {
        match (self, other) {
            (Self::Everywhere, _) => true,
            (Self::Region(_), Self::Departement(_)) => other.parent() == Some(self),
            _ => self == other,
        }
    }

    /// The next larger territory; `None` for everywhere.
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::Everywhere => None,
            Self::Region(_) => Some(Self::Everywhere),
            Self::Departement(code) => find_departement(code.0).map(|found| found.region.into()),
        }
    }
}

impl From<&'static Region> for Territory {
    fn from(region: &'static Region) -> Self {
        Self::Region(RegionCode(region.code))
    }
}

impl From<&'static Departement> for Territory {
    fn from(departement: &'static Departement) -> Self {
        Self::Departement(DepartementCode(departement.code))
    }
}

impl From<&'static Commune> for Territory {
    /// The département of the commune: no territory is smaller.
    fn from(commune: &'static Commune) -> Self {
        commune.departement.into()
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("everywhere"),
            Self::Region(code) => write!(f, "region:{}", code.0),
            Self::Departement(code) => write!(f, "departement:{}", code.0),
        }
    }
}

impl TryFrom<String> for Territory {
    type Error = InvalidTerritory;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        Self::parse(&stored)
    }
}

impl From<Territory> for String {
    fn from(territory: Territory) -> Self {
        territory.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(communes: &[&Commune]) -> Vec<&'static str> {
        communes.iter().map(|commune| commune.name).collect()
    }

    #[test]
    fn every_line_of_the_tables_is_loaded_and_sorted() {
        assert_eq!(
            regions().len(),
            include_str!("territory/regions.tsv").lines().count()
        );
        assert_eq!(
            departements().len(),
            include_str!("territory/departements.tsv").lines().count()
        );
        let communes = &GAZETTEER.communes;
        assert_eq!(
            communes.len(),
            include_str!("territory/communes.tsv").lines().count()
        );
        assert!(communes.len() < usize::from(u16::MAX), "positions must fit");
        assert!(communes.is_sorted_by_key(|commune| commune.code));
        assert!(departements().is_sorted_by_key(|departement| departement.code));
    }

    #[test]
    fn a_commune_leads_to_its_departement_and_its_region() {
        let brest = find_commune("29019").unwrap();
        assert_eq!(
            (brest.name, brest.departement.name, brest.region().name),
            ("Brest", "Finistère", "Bretagne")
        );
        assert!(brest.postal_codes().any(|code| code == "29200"));
        let ajaccio = find_commune("2A004").unwrap();
        assert_eq!(Territory::from(ajaccio).to_string(), "departement:2A");
        assert_eq!(find_commune("99999"), None);
    }

    #[test]
    fn a_postal_code_may_serve_several_communes_of_several_departements() {
        assert_eq!(names(&communes_with_postal_code("29200")), ["Brest"]);
        let crossing = communes_with_postal_code("01410");
        let departements: std::collections::BTreeSet<_> = crossing
            .iter()
            .map(|commune| commune.departement.code)
            .collect();
        assert_eq!(departements.into_iter().collect::<Vec<_>>(), ["01", "39"]);
        assert!(communes_with_postal_code("00000").is_empty());
        assert!(communes_with_postal_code("2920").is_empty());
    }

    #[test]
    fn suggestions_ignore_accents_case_hyphens_and_articles() {
        assert_eq!(names(&suggest_communes("st etienne", 1)), ["Saint-Étienne"]);
        assert_eq!(names(&suggest_communes("HAVRE", 1)), ["Le Havre"]);
        assert_eq!(
            names(&suggest_communes("l'isle d'abeau", 1)),
            ["L’Isle-d’Abeau"]
        );
        assert_eq!(names(&suggest_communes("oeuilly", 5)).len(), 2);
    }

    #[test]
    fn suggestions_put_the_most_populous_first_and_stay_within_the_limit() {
        let found = suggest_communes("saint", 5);
        assert_eq!(found.len(), 5);
        assert!(found.is_sorted_by_key(|commune| Reverse(commune.population)));
        assert!(suggest_communes("", 5).is_empty());
        assert!(suggest_communes("zzzz", 5).is_empty());
    }

    #[test]
    fn suggestions_accept_the_beginning_of_a_postal_code() {
        assert_eq!(names(&suggest_communes("2920", 1)), ["Brest"]);
        assert_eq!(names(&suggest_communes("75011", 2)), ["Paris"]);
        assert!(suggest_communes("2920x", 1).is_empty());
        assert!(suggest_communes("292000", 1).is_empty());
    }

    #[test]
    fn territories_have_a_storage_form_and_a_label() {
        for (stored, label) in [
            ("everywhere", "Partout"),
            ("region:53", "Bretagne"),
            ("departement:29", "Finistère (29)"),
            ("departement:2A", "Corse-du-Sud (2A)"),
        ] {
            let territory = Territory::parse(stored).unwrap();
            assert_eq!(territory.to_string(), stored);
            assert_eq!(territory.label(), label);
            let json = serde_json::to_string(&territory).unwrap();
            assert_eq!(json, format!("\"{stored}\""));
            assert_eq!(serde_json::from_str::<Territory>(&json).unwrap(), territory);
        }
    }

    #[test]
    fn a_territory_that_does_not_exist_is_refused() {
        for wrong in [
            "",
            "Everywhere",
            "region:",
            "region:29",
            "departement:20",
            "commune:29019",
        ] {
            assert_eq!(
                Territory::parse(wrong),
                Err(InvalidTerritory(wrong.to_owned()))
            );
        }
    }

    #[test]
    fn larger_territories_contain_smaller_ones() {
        let parse = |stored| Territory::parse(stored).unwrap();
        let (bretagne, finistere, rhone) = (
            parse("region:53"),
            parse("departement:29"),
            parse("departement:69"),
        );
        assert!(Territory::Everywhere.contains(finistere));
        assert!(bretagne.contains(finistere) && bretagne.contains(bretagne));
        assert!(!bretagne.contains(rhone) && !finistere.contains(bretagne));
        assert!(!bretagne.contains(Territory::Everywhere));
    }

    proptest! {
        #[test]
        fn any_text_is_answered_without_panic(text in any::<String>(), limit in 0_usize..20) {
            let _ = find_commune(&text);
            let _ = communes_with_postal_code(&text);
            let _ = Territory::parse(&text);
            prop_assert!(suggest_communes(&text, limit).len() <= limit);
        }
    }
}
