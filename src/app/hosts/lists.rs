//! Profiles made from a list: a table of structures that moderators already know.
//!
//! They are drafts that nobody reads until their structure takes them over; its contact is told.

use std::collections::HashMap;

use crate::{
    app::{App, AppError, Who, organisations as orgs, permissions},
    domain::{
        email::EmailAddress,
        host::{HostInput, HostProfile, HostRole, LinkInput, check_url},
        identifiers::{Rna, Siren},
        organisation::{LegalForm, NAME_LENGTH, Organisation, OrganisationKind},
        problem::Problem,
        territory,
        text::{clean_line, count_chars, decode, fold},
    },
    store::{Write, hosts, organisations},
};

use super::{claims, entry, writing};

/// The most lines of a table.
const MOST_LINES: usize = 2_000;

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1, the heading included.
    pub number: u64,
    pub outcome: Outcome,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A profile was made, at this handle; whether its contact was told.
    Made { handle: String, is_told: bool },
    /// An organisation of this name or number is already here.
    Known(String),
    /// It cannot be read.
    Wrong(Problem),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Column {
    Name,
    Website,
    Email,
    Presentation,
    PostalCode,
    Rna,
    Siren,
    Software,
    Roles,
}

impl Column {
    /// The column of a heading, folded.
    fn of(heading: &str) -> Option<Self> {
        Some(match heading {
            "nom" | "name" | "structure" | "organisation" => Self::Name,
            "site" | "site web" | "website" | "url" => Self::Website,
            "courriel" | "email" | "e-mail" | "mail" | "contact" => Self::Email,
            "presentation" | "description" => Self::Presentation,
            "code postal" | "code_postal" | "postal_code" | "cp" => Self::PostalCode,
            "rna" => Self::Rna,
            "siren" | "siret" => Self::Siren,
            "logiciels" | "software" => Self::Software,
            "roles" | "role" => Self::Roles,
            _ => return None,
        })
    }
}

/// Makes a draft profile for each line of a table (CSV with a heading; `;`, `,` or tabs; UTF-8 or
/// what French spreadsheets write), and tells its contact. A line that is wrong, or whose structure
/// is here already, costs nothing to the others.
///
/// # Errors
/// `Invalid`, about `file`, when there is no heading with a name.
pub async fn import(app: &App, who: &Who, content: &[u8]) -> Result<Vec<Line>, AppError> {
    permissions::import_hosts(who)?;
    let rows = read_table(content).map_err(|problem| AppError::field("file", problem))?;
    let mut lines = Vec::with_capacity(rows.len());
    for (number, row) in rows {
        let outcome = match row.and_then(|row| Candidate::read(app, &row)) {
            Ok(candidate) => make(app, who, candidate).await?,
            Err(problem) => Outcome::Wrong(problem),
        };
        lines.push(Line { number, outcome });
    }
    Ok(lines)
}

type Row = HashMap<Column, String>;

fn read_table(content: &[u8]) -> Result<Vec<(u64, Result<Row, Problem>)>, Problem> {
    // the reader counts a line late when they end with two characters
    let text = decode(content).replace("\r\n", "\n");
    let heading = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| heading.matches(char::from(delimiter)).count();
    let delimiter = [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b';');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns: Vec<Option<Column>> = match reader.headers() {
        Ok(headings) => headings
            .iter()
            .map(|heading| Column::of(&fold(&clean_line(heading))))
            .collect(),
        Err(_) => Vec::new(),
    };
    if !columns.contains(&Some(Column::Name)) {
        return Err(Problem::new(
            "La première ligne nomme les colonnes, dont « nom ». Les autres : site, courriel, code postal, présentation, rna, siren, logiciels, rôles.",
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        if rows.len() >= MOST_LINES {
            let problem = Problem::new("Cette liste est trop longue : {most} lignes au plus.");
            return Err(problem.with("most", MOST_LINES));
        }
        let line = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
        match record {
            Ok(record) => {
                let values = columns.iter().zip(&record);
                let row = values.filter_map(|(column, value)| Some(((*column)?, value.to_owned())));
                rows.push((line(record.position()), Ok(row.collect())));
            }
            Err(error) => {
                let problem = Problem::new("Cette ligne ne se lit pas.");
                rows.push((line(error.position()), Err(problem)));
            }
        }
    }
    Ok(rows)
}

/// A structure of the table, checked.
struct Candidate {
    organisation: Organisation,
    profile: HostProfile,
    email: Option<EmailAddress>,
}

impl Candidate {
    fn read(app: &App, row: &Row) -> Result<Self, Problem> {
        let value = |column| row.get(&column).map_or("", |value| value.trim());
        let given = |column| Some(value(column)).filter(|value| !value.is_empty());
        let name = clean_line(value(Column::Name));
        if name.is_empty() || count_chars(&name) > NAME_LENGTH {
            return Err(Problem::new(
                "Il manque le nom de la structure, ou il est trop long.",
            ));
        }
        let website = given(Column::Website).map(check_url).transpose()?;
        let email = given(Column::Email).map(EmailAddress::parse).transpose()?;
        let rna = given(Column::Rna).map(Rna::parse).transpose();
        let rna = rna.map_err(|_| Problem::new("Ce numéro RNA n’existe pas."))?;
        let siren = given(Column::Siren).map(siren_of).transpose()?;
        let commune = match given(Column::PostalCode) {
            Some(code) => match territory::communes_with_postal_code(code).as_slice() {
                [] => return Err(Problem::new("Ce code postal n’existe pas.")),
                communes => communes.first().copied(),
            },
            None => None,
        };
        let now = app.now();
        let organisation = Organisation {
            id: app.next_id(),
            slug: String::new(),
            name,
            kind: OrganisationKind::Structure,
            legal_form: LegalForm::Informal,
            rna: rna.map(|rna| rna.as_str().to_owned()),
            siren,
            siret: None,
            commune_code: None,
            departement_code: commune.map(|it| it.departement.code.to_owned()),
            region_code: commune.map(|it| it.region().code.to_owned()),
            website: website.clone(),
            created_at: now,
            updated_at: now,
            verification: None,
        };
        let input = HostInput {
            presentation: value(Column::Presentation).to_owned(),
            roles: roles_of(value(Column::Roles)),
            software: list_of(value(Column::Software)),
            links: website
                .into_iter()
                .map(|url| LinkInput {
                    label: "Site".to_owned(),
                    url,
                })
                .collect(),
            contact_email: email
                .as_ref()
                .map(|email| email.as_str().to_owned())
                .unwrap_or_default(),
            ..HostInput::default()
        };
        let profile = input.check(app.today()).map_err(|problems| {
            let first = problems.iter().next().map(|(_, problem)| problem.clone());
            first.unwrap_or(Problem::new("Cette ligne ne se lit pas."))
        })?;
        Ok(Self {
            organisation,
            profile,
            email,
        })
    }
}

fn siren_of(typed: &str) -> Result<String, Problem> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(9).collect();
    let siren = Siren::parse(&digits).map_err(|_| Problem::new("Ce numéro SIREN n’existe pas."))?;
    Ok(siren.as_str().to_owned())
}

fn list_of(typed: &str) -> Vec<String> {
    typed.split([',', '|', '/']).map(str::to_owned).collect()
}

/// The roles named in a cell, in French or by their words.
fn roles_of(typed: &str) -> Vec<String> {
    let typed = fold(typed);
    let roles = HostRole::ALL.iter().filter(|role| {
        let french = match role {
            HostRole::Hosts => "heberg",
            HostRole::Accompanies => "accompagn",
            HostRole::Trains => "form",
            HostRole::Develops => "developp",
        };
        typed.contains(french) || typed.contains(role.as_str())
    });
    roles.map(|role| role.as_str().to_owned()).collect()
}

/// Each line in a transaction of its own: a long list does not hold up the others.
async fn make(app: &App, who: &Who, candidate: Candidate) -> Result<Outcome, AppError> {
    let Candidate {
        mut organisation,
        profile,
        email,
    } = candidate;
    let mut tx = app.store().write().await?;
    if let Some(known) = find_known(&mut tx, &organisation).await? {
        return Ok(Outcome::Known(known));
    }
    orgs::insert_with_free_slug(&mut tx, &mut organisation).await?;
    let handle = writing::free_handle(&mut tx, &organisation.name).await?;
    if handle.is_empty() {
        return Ok(Outcome::Wrong(Problem::new(
            "Aucun nom de compte n’est libre pour ce nom.",
        )));
    }
    let mut host = writing::draft(app, organisation.id, handle.clone());
    host.is_unclaimed = true;
    hosts::insert(&mut tx, &host).await?;
    let given = profile.differences(&HostProfile::default());
    let origin = writing::imported(app, None);
    writing::write_fields(&mut tx, host.id, &profile, &given, &origin).await?;
    let is_told = match &email {
        Some(email) => match claims::tell(app, &mut tx, &host, &organisation, email).await {
            Ok(()) => true,
            Err(AppError::TooMany(_)) => false,
            Err(error) => return Err(error),
        },
        None => false,
    };
    app.audit(&mut tx, who, entry("host.import-list", host.id))
        .await?;
    tx.commit().await?;
    Ok(Outcome::Made { handle, is_told })
}

/// The name of the organisation that is here already, by number or by address of its page.
async fn find_known(
    tx: &mut Write,
    organisation: &Organisation,
) -> Result<Option<String>, AppError> {
    let (rna, siren) = (organisation.rna.as_deref(), organisation.siren.as_deref());
    let same_number = organisations::list_by_identifiers(tx, rna, siren, 1).await?;
    if let Some(known) = same_number.into_iter().next() {
        return Ok(Some(known.name));
    }
    let slug = orgs::slug_of(&organisation.name);
    let same_name = organisations::find_by_slug(tx, &slug).await?;
    Ok(same_name.map(|known| known.name))
}
