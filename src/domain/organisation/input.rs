//! What somebody types about an organisation, and what it must be.

use url::Url;

use super::{LegalForm, OrganisationKind};
use crate::domain::{
    identifiers::{InvalidRna, InvalidSirene, Rna, Siren, Siret},
    problem::{Problem, Problems},
    territory::{self, Commune},
    text::{clean_line, count_chars},
};

/// The most characters of a name.
pub const NAME_LENGTH: usize = 120;
/// The most characters of the address of a site.
const WEBSITE_LENGTH: usize = 300;

/// A form as it was typed. The names of the fields are those of the problems.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct OrganisationInput {
    /// A word of [`OrganisationKind`].
    pub kind: String,
    /// A word of [`LegalForm`].
    pub legal_form: String,
    pub name: String,
    /// RNA number, or nothing.
    pub rna: String,
    /// SIREN or SIRET, or nothing.
    pub siren: String,
    /// INSEE code of a commune; may be left out when the postal code has only one commune.
    pub commune: String,
    /// May be left out when the commune is given.
    pub postal_code: String,
    /// With or without `https://`, or nothing.
    pub website: String,
}

/// What can be kept about an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationContent {
    pub kind: OrganisationKind,
    pub legal_form: LegalForm,
    pub name: String,
    pub rna: Option<Rna>,
    pub siren: Option<Siren>,
    /// Its establishment; `siren` is then that of the establishment.
    pub siret: Option<Siret>,
    pub commune: &'static Commune,
    pub website: Option<String>,
}

impl OrganisationInput {
    /// Reads every field, and tells all that is wrong at once.
    pub fn check(&self) -> Result<OrganisationContent, Problems> {
        let mut problems = Problems::new();
        let kind = problems.check("kind", parse_kind(&self.kind));
        let legal_form = problems.check("legal_form", parse_legal_form(&self.legal_form, kind));
        let name = problems.check("name", parse_name(&self.name));
        let rna = problems.check("rna", parse_rna(&self.rna));
        let numbers = problems.check("siren", parse_siren(&self.siren));
        let commune = match self.commune() {
            Ok(commune) => Some(commune),
            Err((field, problem)) => {
                problems.add(field, problem);
                None
            }
        };
        let website = problems.check("website", parse_website(&self.website));
        let content = (|| {
            let (siren, siret) = numbers?;
            Some(OrganisationContent {
                kind: kind?,
                legal_form: legal_form?,
                name: name?,
                rna: rna?,
                siren,
                siret,
                commune: commune?,
                website: website?,
            })
        })();
        problems.or(content)
    }

    /// The commune, when what was typed names one; else the field to correct.
    ///
    /// Without script, people type a postal code, and choose only if it has several communes.
    /// A commune that does not have the postal code was chosen before the code was corrected.
    fn commune(&self) -> Result<&'static Commune, (&'static str, Problem)> {
        let postal_code: String = self
            .postal_code
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        let chosen = territory::find_commune(self.commune.trim()).filter(|commune| {
            postal_code.is_empty() || commune.postal_codes().any(|code| code == postal_code)
        });
        if let Some(commune) = chosen {
            return Ok(commune);
        }
        if postal_code.is_empty() {
            let problem = Problem::new("Indiquez le code postal du siège, par exemple 69001.");
            return Err(("postal_code", problem));
        }
        match *territory::communes_with_postal_code(&postal_code) {
            [commune] => Ok(commune),
            [] => Err((
                "postal_code",
                Problem::new("Aucune commune n’a le code postal {code} : vérifiez-le.")
                    .with("code", postal_code),
            )),
            [..] => Err((
                "commune",
                Problem::new("Plusieurs communes ont ce code postal : choisissez la vôtre."),
            )),
        }
    }
}

fn parse_kind(typed: &str) -> Result<OrganisationKind, Problem> {
    OrganisationKind::parse(typed).ok_or(Problem::new(
        "Choisissez au nom de qui vous venez : une association ou une structure.",
    ))
}

fn parse_legal_form(typed: &str, kind: Option<OrganisationKind>) -> Result<LegalForm, Problem> {
    let form = LegalForm::parse(typed).ok_or(Problem::new("Choisissez une forme juridique."))?;
    match kind {
        Some(kind) if !form.fits(kind) => Err(Problem::new(
            "Cette forme est celle d’une structure, pas d’une association : choisissez-en une autre.",
        )),
        _ => Ok(form),
    }
}

/// The name of an organisation, as typed.
pub fn parse_name(typed: &str) -> Result<String, Problem> {
    let name = clean_line(typed);
    match count_chars(&name) {
        0 | 1 => Err(Problem::new("Indiquez le nom de l’organisation.")),
        length if length > NAME_LENGTH => Err(Problem::new(
            "Ce nom est trop long : {most} caractères au plus.",
        )
        .with("most", NAME_LENGTH)),
        _ if !name.chars().any(char::is_alphanumeric) => {
            Err(Problem::new("Indiquez le nom de l’organisation."))
        }
        _ => Ok(name),
    }
}

pub(in crate::domain) fn parse_rna(typed: &str) -> Result<Option<Rna>, Problem> {
    match Rna::parse(typed) {
        Ok(rna) => Ok(Some(rna)),
        Err(InvalidRna::Empty) => Ok(None),
        Err(InvalidRna::NoLeadingW(_)) => Err(Problem::new(
            "Un numéro RNA commence par W, par exemple W691234567. Pour un numéro à 9 ou 14 chiffres, utilisez le champ SIREN.",
        )),
        Err(InvalidRna::WrongLength { found }) => Err(Problem::new(
            "Un numéro RNA a {length} caractères, celui-ci en a {found} : vérifiez-le sur votre récépissé.",
        )
        .with("length", Rna::LENGTH)
        .with("found", found)),
        Err(InvalidRna::UnexpectedCharacter { position, found }) => Err(Problem::new(
            "Le caractère « {found} », en position {position}, ne peut pas figurer dans un numéro RNA.",
        )
        .with("found", found)
        .with("position", position)),
    }
}

pub(in crate::domain) fn parse_siren(
    typed: &str,
) -> Result<(Option<Siren>, Option<Siret>), Problem> {
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    if digits == Siret::LENGTH {
        let siret = Siret::parse(typed).map_err(|error| siren_problem(&error))?;
        return Ok((Some(siret.siren()), Some(siret)));
    }
    match Siren::parse(typed) {
        Ok(siren) => Ok((Some(siren), None)),
        Err(InvalidSirene::Empty) => Ok((None, None)),
        Err(error) => Err(siren_problem(&error)),
    }
}

fn siren_problem(error: &InvalidSirene) -> Problem {
    match error {
        InvalidSirene::NotADigit(found) => {
            Problem::new("Un numéro SIREN ou SIRET n’a que des chiffres : retirez « {found} ».")
                .with("found", found)
        }
        InvalidSirene::Empty | InvalidSirene::WrongLength { .. } => {
            Problem::new("Un numéro SIREN a 9 chiffres, un SIRET en a 14 : vérifiez celui-ci.")
        }
        InvalidSirene::WrongCheckDigit => {
            Problem::new("Ce numéro n’existe pas : l’un de ses chiffres est sans doute faux.")
        }
    }
}

fn parse_website(typed: &str) -> Result<Option<String>, Problem> {
    let typed = clean_line(typed);
    if typed.is_empty() {
        return Ok(None);
    }
    let problem = || Problem::new("Indiquez une adresse de site comme https://exemple.org.");
    if count_chars(&typed) > WEBSITE_LENGTH {
        return Err(problem());
    }
    let whole = if typed.contains("://") {
        typed
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&whole).map_err(|_| problem())?;
    let is_site = matches!(url.scheme(), "http" | "https")
        && url.domain().is_some_and(|domain| domain.contains('.'))
        && url.username().is_empty()
        && url.password().is_none();
    if is_site {
        Ok(Some(url.into()))
    } else {
        Err(problem())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> OrganisationInput {
        OrganisationInput {
            kind: "association".into(),
            legal_form: "association-1901".into(),
            name: " Les Amis du  vélo ".into(),
            rna: "w691 234 567".into(),
            siren: "732 829 320".into(),
            commune: "69123".into(),
            postal_code: String::new(),
            website: "Exemple.org/vélo".into(),
        }
    }

    fn fields(problems: &Problems) -> Vec<&'static str> {
        problems.iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_good_form_is_read_and_tidied() {
        let content = typed().check().unwrap();
        assert_eq!(content.name, "Les Amis du vélo");
        assert_eq!(content.rna.unwrap().as_str(), "W691234567");
        assert_eq!(content.siren.unwrap().as_str(), "732829320");
        assert_eq!(content.commune.name, "Lyon");
        assert_eq!(content.commune.departement.code, "69");
        assert_eq!(content.commune.region().name, "Auvergne-Rhône-Alpes");
        assert_eq!(
            content.website.as_deref(),
            Some("https://exemple.org/v%C3%A9lo")
        );
    }

    #[test]
    fn an_association_of_alsace_moselle_needs_no_number() {
        let content = OrganisationInput {
            legal_form: "association-alsace-moselle".into(),
            rna: String::new(),
            siren: String::new(),
            website: String::new(),
            commune: "67482".into(),
            ..typed()
        }
        .check()
        .unwrap();
        assert_eq!(content.rna, None);
        assert_eq!(content.siren, None);
        assert_eq!(content.website, None);
    }

    #[test]
    fn everything_wrong_is_told_at_once_in_the_order_of_the_form() {
        let problems = OrganisationInput::default().check().unwrap_err();
        assert_eq!(
            fields(&problems),
            ["kind", "legal_form", "name", "postal_code"]
        );
        let problems = OrganisationInput {
            name: "…".into(),
            rna: "W12".into(),
            siren: "732829321".into(),
            commune: String::new(),
            postal_code: "00000".into(),
            website: "javascript:alert(1)".into(),
            ..typed()
        }
        .check()
        .unwrap_err();
        assert_eq!(
            fields(&problems),
            ["name", "rna", "siren", "postal_code", "website"]
        );
    }

    #[test]
    fn a_siret_gives_its_siren_and_la_poste_has_its_rule() {
        let with = |siren: &str| OrganisationInput {
            siren: siren.into(),
            ..typed()
        };
        let content = with("356 000 000 49837").check().unwrap();
        assert_eq!(content.siret.unwrap().as_str(), "35600000049837");
        assert_eq!(content.siren.unwrap().as_str(), "356000000");
        assert!(with("35600000049838").check().is_err());
        assert!(with("7328293200007").check().is_err());
    }

    #[test]
    fn a_postal_code_is_enough_when_it_has_one_commune() {
        let with = |commune: &str, postal_code: &str| {
            OrganisationInput {
                commune: commune.into(),
                postal_code: postal_code.into(),
                ..typed()
            }
            .check()
        };
        assert_eq!(with("", "69 001").unwrap().commune.name, "Lyon");
        // 01400 has several communes
        assert_eq!(fields(&with("", "01400").unwrap_err()), ["commune"]);
        let first = territory::communes_with_postal_code("01400")[0];
        assert_eq!(with(first.code, "01400").unwrap().commune, first);
        // the postal code was corrected after the choice
        assert_eq!(with(first.code, "69001").unwrap().commune.name, "Lyon");
    }

    #[test]
    fn an_association_is_not_a_company() {
        let problems = OrganisationInput {
            legal_form: "entreprise".into(),
            ..typed()
        }
        .check()
        .unwrap_err();
        assert_eq!(fields(&problems), ["legal_form"]);
        let structure = OrganisationInput {
            kind: "structure".into(),
            legal_form: "entreprise".into(),
            ..typed()
        };
        assert!(structure.check().is_ok());
    }

    #[test]
    fn a_web_site_is_a_named_host_without_password() {
        for wrong in [
            "ftp://exemple.org",
            "https://user:pass@exemple.org",
            "http://127.0.0.1",
            "localhost",
            "https://",
        ] {
            assert!(parse_website(wrong).is_err(), "{wrong}");
        }
    }
}
