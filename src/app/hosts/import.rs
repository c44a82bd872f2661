//! What a structure already says elsewhere, in `ChatonsInfos` files: read, compared with its profile,
//! and taken field by field. Nothing is taken by itself.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use url::Url;

use crate::{
    app::{App, AppError, Who, permissions},
    domain::{
        chatonsinfos::{Properties, Statement, read_organisation, read_service},
        host::{Host, HostField, HostInput, HostProfile},
        ids::HostId,
        problem::Problem,
    },
    store::host_fields,
};

use super::{
    Desk, entry, keep, lock_with_role, open,
    writing::{self, check_editable, check_still_complete, check_version},
};

pub use crate::domain::chatonsinfos::FILE_LENGTH;

/// How long all the files of one structure may take.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);

/// Reads text files of the web, guarded as every request to a place that somebody else named.
#[async_trait]
pub trait PublicFiles: Send + Sync {
    /// The content of a text file, [`crate::domain::chatonsinfos::FILE_LENGTH`] bytes at most.
    async fn fetch_text(&self, url: &Url, now: DateTime<Utc>) -> Result<Vec<u8>, NoFile>;
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFile {
    #[error("this address may not be asked")]
    Forbidden,
    #[error("there is nothing at this address")]
    NotFound,
    #[error("it is not a text file")]
    NotText,
    #[error("it is too large")]
    TooLarge,
    #[error("no answer in time")]
    NoAnswer,
}

impl From<NoFile> for Problem {
    fn from(reason: NoFile) -> Self {
        Self::new(match reason {
            NoFile::Forbidden => {
                "Nous ne lisons pas cette adresse : elle commence par https:// et mène à un site public."
            }
            NoFile::NotFound => "Il n’y a pas de fichier à cette adresse.",
            NoFile::NotText => "Cette adresse ne mène pas à un fichier texte.",
            NoFile::TooLarge => "Ce fichier est trop lourd : 64 Ko au plus.",
            NoFile::NoAnswer => "Ce site n’a pas répondu. Réessayez dans quelques minutes.",
        })
    }
}

/// A field that says something else in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub field: HostField,
    /// Whether the profile says nothing yet.
    pub is_new: bool,
}

/// What could be taken from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub desk: Desk,
    /// Name of the structure in the file.
    pub name: String,
    /// The fields that differ, in the order of a profile.
    pub differences: Vec<Difference>,
    /// What the profile would say if everything was taken.
    pub theirs: HostProfile,
    /// What was left out of the file.
    pub warnings: Vec<Problem>,
    /// Where it was read; `None` for a file that was sent.
    pub url: Option<String>,
}

/// Reads the file at an address, and those of the services that it names.
///
/// # Errors
/// `Invalid`, about `url`, when it cannot be read.
pub async fn preview_url(
    app: &App,
    files: &dyn PublicFiles,
    who: &Who,
    id: HostId,
    typed: &str,
) -> Result<Preview, AppError> {
    let desk = open_to_write(app, who, id).await?;
    let url = check_address(typed)?;
    let mut statement = fetch_statement(files, &url, app.now(), app.today())
        .await
        .map_err(|problem| AppError::field("url", problem))?;
    fetch_services(app, files, &url, &mut statement).await;
    Ok(compare(desk, statement, Some(url.into())))
}

/// Reads a file that was sent.
///
/// # Errors
/// `Invalid`, about `file`, when it is not one.
pub async fn preview_file(
    app: &App,
    who: &Who,
    id: HostId,
    content: &[u8],
) -> Result<Preview, AppError> {
    let desk = open_to_write(app, who, id).await?;
    let statement = read_organisation(&Properties::read(content), app.today())
        .map_err(|reason| AppError::field("file", reason.into()))?;
    Ok(compare(desk, statement, None))
}

async fn open_to_write(app: &App, who: &Who, id: HostId) -> Result<Desk, AppError> {
    let desk = open(app, who, id).await?;
    permissions::write_host(who, desk.role)?;
    check_editable(&desk.host)?;
    Ok(desk)
}

fn check_address(typed: &str) -> Result<Url, AppError> {
    let typed = typed.trim();
    let whole = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&whole).ok().filter(Url::has_host);
    url.ok_or_else(|| {
        let problem = Problem::new("Donnez l’adresse du fichier, qui commence par https://.");
        AppError::field("url", problem)
    })
}

pub(super) async fn fetch_statement(
    files: &dyn PublicFiles,
    url: &Url,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Statement, Problem> {
    let content = files.fetch_text(url, now).await.map_err(Problem::from)?;
    read_organisation(&Properties::read(&content), today).map_err(Problem::from)
}

/// Adds what the files of services say; one that cannot be read is told, and costs nothing else.
async fn fetch_services(app: &App, files: &dyn PublicFiles, own: &Url, statement: &mut Statement) {
    let end = app.now() + PATIENCE;
    for url in statement.services.clone() {
        // a file that names itself as one of its services
        if url == *own {
            continue;
        }
        let in_time = app.now() < end;
        let content = if in_time {
            files.fetch_text(&url, app.now()).await
        } else {
            Err(NoFile::NoAnswer)
        };
        match content.map(|content| read_service(&Properties::read(&content))) {
            Ok(Some(service)) => statement.add_service(service),
            Ok(None) => {}
            Err(_) => statement.warnings.push(
                Problem::new("Le fichier d’un service n’a pas pu être lu : {address}")
                    .with("address", &url),
            ),
        }
    }
}

fn compare(desk: Desk, statement: Statement, url: Option<String>) -> Preview {
    let mine = &desk.sourced.profile;
    let nothing = HostProfile::default();
    let fields = statement.fields.into_iter();
    let differing = fields.filter(|field| mine.field(*field) != statement.profile.field(*field));
    let differences: Vec<Difference> = differing
        .map(|field| Difference {
            field,
            is_new: mine.field(field) == nothing.field(field),
        })
        .collect();
    let taken: Vec<HostField> = differences.iter().map(|it| it.field).collect();
    Preview {
        theirs: merged(mine, &statement.profile, &taken),
        name: statement.name,
        differences,
        warnings: statement.warnings,
        url,
        desk,
    }
}

/// A profile with some fields of another one.
pub(super) fn merged(mine: &HostProfile, theirs: &HostProfile, taken: &[HostField]) -> HostProfile {
    let fields = HostField::ALL.iter().map(|field| {
        let from = if taken.contains(field) { theirs } else { mine };
        (*field, from.field(*field))
    });
    // both are profiles: each field has a value of its kind
    HostProfile::from_fields(fields).unwrap_or_else(|_| mine.clone())
}

/// What somebody takes from a file that they were shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// The version of the profile that they saw.
    pub version: i64,
    /// The fields that they take.
    pub fields: Vec<HostField>,
    /// What the file says; not trusted.
    pub theirs: HostProfile,
    /// Where it was read.
    pub url: Option<String>,
}

/// Puts fields of a file into a profile. They say where they come from.
pub async fn take(app: &App, who: &Who, id: HostId, taking: &Taking) -> Result<Host, AppError> {
    let mut tx = app.store().write().await?;
    let (mut host, role) = lock_with_role(&mut tx, who, id).await?;
    permissions::write_host(who, role)?;
    check_editable(&host)?;
    check_version(&host, taking.version)?;
    let present = host_fields::read_profile(&mut tx, id).await?.profile;
    let wanted = merged(&present, &taking.theirs, &taking.fields);
    let profile = HostInput::from(&wanted)
        .check(app.today())
        .map_err(AppError::Invalid)?;
    check_still_complete(&host, &profile)?;
    let changed = present.differences(&profile);
    let origin = writing::imported(app, taking.url.as_deref());
    writing::write_fields(&mut tx, id, &profile, &changed, &origin).await?;
    if taking.url.is_some() {
        host.import_url.clone_from(&taking.url);
    }
    keep(app, &mut tx, &mut host).await?;
    app.audit(&mut tx, who, entry("host.import", id)).await?;
    tx.commit().await?;
    Ok(host)
}
