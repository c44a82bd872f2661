//! The free licence under which an ad's result will be published.
//!
//! Free means on the list of the Open Source Initiative or of the Free Software Foundation, as the
//! SPDX licence list records it.

use std::fmt;

use serde::{Deserialize, Serialize};
use spdx::flags::{IS_DEPRECATED, IS_FSF_LIBRE, IS_OSI_APPROVED};
use spdx::identifiers::LICENSES;

/// Why a text is not the identifier of a free licence that we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenceRefused {
    /// Nothing was given.
    #[error("no licence")]
    Empty,
    /// Not an identifier of the SPDX list. Holds the beginning of what was given.
    #[error("{0:?} is not on the SPDX list")]
    Unknown(String),
    /// A licence that neither the OSI nor the FSF calls free.
    #[error("{id} is not a free licence")]
    NotFree {
        /// The SPDX identifier.
        id: &'static str,
    },
    /// An identifier that SPDX has withdrawn.
    #[error("{id} is deprecated")]
    Deprecated {
        /// The SPDX identifier.
        id: &'static str,
        /// The identifier that replaced it, where there is one.
        use_instead: Option<&'static str>,
    },
}

/// A free licence, named by its SPDX identifier.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Licence(&'static spdx::License);

impl Licence {
    /// Reads an SPDX identifier; case does not matter.
    pub fn parse(typed: &str) -> Result<Self, LicenceRefused> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(LicenceRefused::Empty);
        }
        let mut listed = LICENSES.iter();
        let found = listed.find(|licence| licence.name.eq_ignore_ascii_case(typed));
        let Some(found) = found else {
            return Err(LicenceRefused::Unknown(typed.chars().take(60).collect()));
        };
        let id = found.name;
        if found.flags & IS_DEPRECATED != 0 {
            let use_instead = find_replacement(id);
            return Err(LicenceRefused::Deprecated { id, use_instead });
        }
        if found.flags & (IS_OSI_APPROVED | IS_FSF_LIBRE) == 0 {
            return Err(LicenceRefused::NotFree { id });
        }
        Ok(Self(found))
    }

    /// The SPDX identifier: `AGPL-3.0-or-later`.
    pub fn id(self) -> &'static str {
        self.0.name
    }

    /// The full name, in English: `GNU Affero General Public License v3.0 or later`.
    #[expect(
        clippy::misnamed_getters,
        reason = "SPDX calls the identifier its name"
    )]
    pub fn name(self) -> &'static str {
        self.0.full_name
    }

    /// The page of SPDX that holds the text of the licence.
    pub fn url(self) -> String {
        format!("https://spdx.org/licenses/{}.html", self.id())
    }
}

/// `GPL-3.0` was split into `GPL-3.0-only` and `GPL-3.0-or-later`: the second one keeps the door
/// open, and is what the FSF advises.
fn find_replacement(deprecated: &str) -> Option<&'static str> {
    let base = deprecated.trim_end_matches('+');
    spdx::gnu_license_id(base, true).map(|replacement| replacement.name)
}

impl PartialEq for Licence {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Licence {}

impl fmt::Debug for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Licence({})", self.id())
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl TryFrom<String> for Licence {
    type Error = LicenceRefused;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Licence> for String {
    fn from(licence: Licence) -> Self {
        licence.id().to_owned()
    }
}

/// A licence that forms propose, with one French sentence for people who do not know licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommonLicence {
    /// The SPDX identifier.
    pub id: &'static str,
    /// What choosing it means, in French.
    pub explanation: &'static str,
}

/// The licences that forms propose, the advised one first.
pub const COMMON: &[CommonLicence] = &[
    CommonLicence {
        id: "AGPL-3.0-or-later",
        explanation: "Recommandée : tout le monde peut réutiliser le logiciel, et les améliorations restent libres, même en ligne.",
    },
    CommonLicence {
        id: "GPL-3.0-or-later",
        explanation: "Les copies modifiées que l’on distribue restent libres.",
    },
    CommonLicence {
        id: "LGPL-3.0-or-later",
        explanation: "Pour une bibliothèque : elle reste libre, mais peut servir dans tout logiciel.",
    },
    CommonLicence {
        id: "EUPL-1.2",
        explanation: "Licence de l’Union européenne, valable en français ; les améliorations restent libres.",
    },
    CommonLicence {
        id: "CECILL-2.1",
        explanation: "Licence de droit français, compatible avec la GPL.",
    },
    CommonLicence {
        id: "MPL-2.0",
        explanation: "Chaque fichier modifié reste libre ; le reste du logiciel peut ne pas l’être.",
    },
    CommonLicence {
        id: "Apache-2.0",
        explanation: "Réutilisation sans condition de partage, avec une protection contre les brevets.",
    },
    CommonLicence {
        id: "MIT",
        explanation: "Réutilisation sans condition de partage ; il suffit de citer les auteurs et autrices.",
    },
    CommonLicence {
        id: "BSD-3-Clause",
        explanation: "Proche de MIT, sans permettre d’utiliser votre nom pour la publicité.",
    },
    CommonLicence {
        id: "CC-BY-SA-4.0",
        explanation: "Pour une documentation ou une formation : citer, et partager de la même manière.",
    },
    CommonLicence {
        id: "CC-BY-4.0",
        explanation: "Pour une documentation ou une formation : il suffit de citer.",
    },
    CommonLicence {
        id: "CC0-1.0",
        explanation: "Vous renoncez à vos droits : c’est presque le domaine public.",
    },
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn free_licences_are_read_whatever_their_case() {
        assert_eq!(
            Licence::parse(" agpl-3.0-OR-later ").unwrap().id(),
            "AGPL-3.0-or-later"
        );
        let mit = Licence::parse("mit").unwrap();
        assert_eq!((mit.id(), mit.name()), ("MIT", "MIT License"));
        assert!(
            Licence::parse("CC-BY-SA-4.0").is_ok(),
            "on the list of the FSF only"
        );
    }

    #[test]
    fn what_is_not_a_free_licence_is_refused_with_its_reason() {
        assert_eq!(Licence::parse("  "), Err(LicenceRefused::Empty));
        assert_eq!(
            Licence::parse("licence maison"),
            Err(LicenceRefused::Unknown("licence maison".to_owned()))
        );
        assert_eq!(
            Licence::parse("cc-by-nc-4.0"),
            Err(LicenceRefused::NotFree { id: "CC-BY-NC-4.0" })
        );
    }

    #[test]
    fn withdrawn_identifiers_name_their_replacement() {
        for id in ["GPL-3.0", "GPL-3.0+"] {
            assert_eq!(
                Licence::parse(id),
                Err(LicenceRefused::Deprecated {
                    id,
                    use_instead: Some("GPL-3.0-or-later")
                })
            );
        }
        assert_eq!(
            Licence::parse("eCos-2.0"),
            Err(LicenceRefused::Deprecated {
                id: "eCos-2.0",
                use_instead: None
            })
        );
    }

    #[test]
    fn every_proposed_licence_is_accepted_as_written_and_explained() {
        assert_eq!(COMMON.first().unwrap().id, "AGPL-3.0-or-later");
        for common in COMMON {
            assert_eq!(Licence::parse(common.id).unwrap().id(), common.id);
            assert!(common.explanation.ends_with('.'));
        }
    }

    #[test]
    fn every_identifier_of_the_list_is_accepted_or_refused_under_its_own_name() {
        for listed in LICENSES {
            match Licence::parse(listed.name) {
                Ok(licence) => assert_eq!(licence.id(), listed.name),
                Err(LicenceRefused::NotFree { id } | LicenceRefused::Deprecated { id, .. }) => {
                    assert_eq!(id, listed.name);
                }
                Err(other) => panic!("{}: {other}", listed.name),
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in any::<String>()) {
            if let Ok(licence) = Licence::parse(&text) {
                prop_assert!(licence.id().eq_ignore_ascii_case(text.trim()));
            }
        }
    }
}
