//! The numbers that identify a French association: RNA, SIREN, SIRET.
//!
//! All are optional for our users: associations of Alsace-Moselle have no RNA number, and a small
//! association has no SIREN.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not an RNA number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRna {
    /// Nothing was typed.
    #[error("empty RNA number")]
    Empty,
    /// The first character is not `W`.
    #[error("an RNA number starts with W, not {0:?}")]
    NoLeadingW(char),
    /// Not 10 characters, spaces left out.
    #[error("an RNA number has {} characters, not {found}", Rna::LENGTH)]
    WrongLength {
        /// How many characters were given.
        found: usize,
    },
    /// A character that cannot stand at its position.
    #[error("unexpected {found:?} at position {position} of an RNA number")]
    UnexpectedCharacter {
        /// Counted from 1, spaces left out.
        position: usize,
        /// The character found there.
        found: char,
    },
}

/// A number of the *répertoire national des associations*: `W`, a digit, a digit or a letter
/// (Corsica and overseas), seven digits. It has no checksum.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rna(String);

impl Rna {
    /// Number of characters.
    pub const LENGTH: usize = 10;

    /// Reads a number as people type it: spaces and case do not matter.
    pub fn parse(typed: &str) -> Result<Self, InvalidRna> {
        let code = compact(typed).to_uppercase();
        match code.chars().next() {
            None => return Err(InvalidRna::Empty),
            Some('W') => {}
            Some(other) => return Err(InvalidRna::NoLeadingW(other)),
        }
        for (index, found) in code.chars().enumerate().skip(1).take(Self::LENGTH - 1) {
            let fits = found.is_ascii_digit() || index == 2 && found.is_ascii_uppercase();
            if !fits {
                let position = index + 1;
                return Err(InvalidRna::UnexpectedCharacter { position, found });
            }
        }
        let found = code.chars().count();
        if found != Self::LENGTH {
            return Err(InvalidRna::WrongLength { found });
        }
        Ok(Self(code))
    }

    /// The number in its normal form, `W691234567`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a number of the Sirene register (SIREN or SIRET).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSirene {
    /// Nothing was typed.
    #[error("empty number")]
    Empty,
    /// Something else than a digit or a space.
    #[error("{0:?} is not a digit")]
    NotADigit(char),
    /// Not the expected number of digits: 9 for a SIREN, 14 for a SIRET.
    #[error("{found} digits instead of {expected}")]
    WrongLength {
        /// How many digits such a number has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// The check digit does not match: most often a typing mistake.
    #[error("the check digit does not match")]
    WrongCheckDigit,
}

/// The nine digits that identify an organisation in the Sirene register, with a Luhn check digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siren(String);

impl Siren {
    /// Number of digits.
    pub const LENGTH: usize = 9;

    /// Reads a number as people type it: spaces do not matter.
    pub fn parse(typed: &str) -> Result<Self, InvalidSirene> {
        let digits = digits(typed, Self::LENGTH)?;
        if has_luhn_check(&digits) {
            Ok(Self(digits))
        } else {
            Err(InvalidSirene::WrongCheckDigit)
        }
    }

    /// The nine digits, without space.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The fourteen digits that identify one establishment: the SIREN of its organisation and five
/// digits, the last of which is a Luhn check digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siret(String);

impl Siret {
    /// Number of digits.
    pub const LENGTH: usize = 14;

    /// La Poste has too many establishments for the Luhn rule: the sum of the digits of its
    /// SIRET numbers is a multiple of five.
    const LA_POSTE: &str = "356000000";

    /// Reads a number as people type it: spaces do not matter.
    pub fn parse(typed: &str) -> Result<Self, InvalidSirene> {
        let digits = digits(typed, Self::LENGTH)?;
        let is_checked = has_luhn_check(&digits)
            || digits.starts_with(Self::LA_POSTE) && digit_sum(&digits).is_multiple_of(5);
        if is_checked {
            Ok(Self(digits))
        } else {
            Err(InvalidSirene::WrongCheckDigit)
        }
    }

    /// The fourteen digits, without space.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation that this establishment belongs to.
    ///
    /// Its check digit is not looked at: the register itself gave it.
    pub fn siren(&self) -> Siren {
        Siren(self.0.chars().take(Siren::LENGTH).collect())
    }
}

/// What was typed without any white space, the no-break ones included.
fn compact(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).collect()
}

fn digits(typed: &str, expected: usize) -> Result<String, InvalidSirene> {
    let digits = compact(typed);
    if digits.is_empty() {
        return Err(InvalidSirene::Empty);
    }
    if let Some(other) = digits.chars().find(|c| !c.is_ascii_digit()) {
        return Err(InvalidSirene::NotADigit(other));
    }
    let found = digits.len();
    if found != expected {
        return Err(InvalidSirene::WrongLength { expected, found });
    }
    Ok(digits)
}

/// Luhn: every second digit from the right counts double, the digits of all are summed, and the
/// sum is a multiple of ten.
fn has_luhn_check(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(rank, digit)| match rank % 2 {
            0 => digit,
            _ if digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn digit_sum(digits: &str) -> u32 {
    digits.chars().filter_map(|c| c.to_digit(10)).sum()
}

macro_rules! text_conversions {
    ($($number:ident, $error:ident;)+) => {$(
        impl fmt::Display for $number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $number {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$number> for String {
            fn from(number: $number) -> Self {
                number.0
            }
        }
    )+};
}

text_conversions! {
    Rna, InvalidRna;
    Siren, InvalidSirene;
    Siret, InvalidSirene;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_rna_number_is_read_whatever_its_spaces_and_case() {
        let rna = Rna::parse(" w69\u{a0}1 234 567 ").unwrap();
        assert_eq!(rna.as_str(), "W691234567");
        assert_eq!(Rna::parse("W2A1234567").unwrap().to_string(), "W2A1234567");
    }

    #[test]
    fn a_wrong_rna_number_says_what_to_fix() {
        assert_eq!(Rna::parse("  "), Err(InvalidRna::Empty));
        assert_eq!(Rna::parse("691234567"), Err(InvalidRna::NoLeadingW('6')));
        assert_eq!(
            Rna::parse("W69123456"),
            Err(InvalidRna::WrongLength { found: 9 })
        );
        assert_eq!(
            Rna::parse("W6912345678"),
            Err(InvalidRna::WrongLength { found: 11 })
        );
        assert_eq!(
            Rna::parse("WA91234567"),
            Err(InvalidRna::UnexpectedCharacter {
                position: 2,
                found: 'A'
            })
        );
        assert_eq!(
            Rna::parse("W69O234567"),
            Err(InvalidRna::UnexpectedCharacter {
                position: 4,
                found: 'O'
            })
        );
    }

    #[test]
    fn siren_numbers_have_a_luhn_check_digit() {
        for valid in ["732829320", "732 829 320", "784608663", "500715776"] {
            assert!(Siren::parse(valid).is_ok(), "{valid}");
        }
        assert_eq!(
            Siren::parse("732829321"),
            Err(InvalidSirene::WrongCheckDigit)
        );
    }

    #[test]
    fn a_wrong_sirene_number_says_what_to_fix() {
        assert_eq!(Siren::parse(""), Err(InvalidSirene::Empty));
        assert_eq!(
            Siren::parse("73282932O"),
            Err(InvalidSirene::NotADigit('O'))
        );
        assert_eq!(
            Siret::parse("732829320"),
            Err(InvalidSirene::WrongLength {
                expected: 14,
                found: 9
            })
        );
    }

    #[test]
    fn a_siret_number_gives_its_siren() {
        let siret = Siret::parse("732 829 320 00074").unwrap();
        assert_eq!(siret.as_str(), "73282932000074");
        assert_eq!(siret.siren(), Siren::parse("732829320").unwrap());
    }

    #[test]
    fn la_poste_has_its_own_siret_rule() {
        assert!(!has_luhn_check("35600000049837"));
        assert!(Siret::parse("35600000049837").is_ok());
        assert!(Siret::parse("35600000000048").is_ok());
        assert_eq!(
            Siret::parse("35600000049838"),
            Err(InvalidSirene::WrongCheckDigit)
        );
    }

    #[test]
    fn numbers_are_plain_strings_in_json() {
        let siren: Siren = serde_json::from_str("\"732 829 320\"").unwrap();
        assert_eq!(serde_json::to_string(&siren).unwrap(), "\"732829320\"");
        assert!(serde_json::from_str::<Rna>("\"X\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in any::<String>()) {
            let _ = Siren::parse(&text);
            let _ = Siret::parse(&text);
            if let Ok(rna) = Rna::parse(&text) {
                prop_assert_eq!(Rna::parse(rna.as_str()), Ok(rna.clone()));
            }
        }

        #[test]
        fn every_well_shaped_rna_number_is_accepted(rna in "W[0-9][A-Z0-9][0-9]{7}") {
            let parsed = Rna::parse(&rna).unwrap();
            prop_assert_eq!(parsed.as_str(), rna.as_str());
        }

        #[test]
        fn changing_one_digit_of_a_siren_breaks_it(
            siren in "[0-9]{9}".prop_filter("Luhn", |digits| has_luhn_check(digits)),
            position in 0_usize..9,
            shift in 1_u32..10,
        ) {
            let changed: String = siren
                .chars()
                .enumerate()
                .map(|(index, c)| {
                    let digit = c.to_digit(10).unwrap();
                    let digit = if index == position { (digit + shift) % 10 } else { digit };
                    char::from_digit(digit, 10).unwrap()
                })
                .collect();
            prop_assert_eq!(Siren::parse(&changed), Err(InvalidSirene::WrongCheckDigit));
        }
    }
}
