//! Comparing a profile with a `ChatonsInfos` file, and taking what one wants of it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{editing::readable, find, open, page_below, to_desk};
use crate::{
    app::{
        AppError,
        hosts::{
            self, Desk,
            import::{self, Preview, Taking},
        },
    },
    domain::{
        host::{HostField, HostProfile},
        problem::{Problem, Problems},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::view::paragraphs,
        errors,
        form::Form,
        forms::{self, CsrfForm, CsrfMultipart, FileContent},
        page::{Page, Tone},
        paths,
    },
};

/// What is sent for a field that one takes.
const TAKE: &str = "theirs";

pub(super) fn routes() -> Router<Web> {
    let choice = Router::new().route(paths::HOST_IMPORT_CHOICE, post(take));
    Router::new()
        .route(paths::HOST_IMPORT, get(show).post(compare))
        .layer(forms::upload_limit())
        .merge(choice)
}

/// `/compte/structure/{handle}/import`
#[derive(Debug, Template)]
#[template(path = "hosts/import.html")]
pub struct ImportPage {
    pub page: Page,
    /// `url`, `file`.
    pub form: Form,
    pub action: String,
}

impl ImportPage {
    fn new(visitor: &Visitor, desk: &Desk, form: Form) -> Result<Self, AppError> {
        let title = visitor.t.tr("Reprendre un fichier ChatonsInfos");
        Ok(Self {
            page: page_below(visitor, desk, title)?,
            form,
            action: paths::at(paths::HOST_IMPORT, [&desk.host.handle]),
        })
    }
}

/// What differs, field by field.
#[derive(Debug, Template)]
#[template(path = "hosts/preview.html")]
pub struct PreviewPage {
    pub page: Page,
    pub action: String,
    /// Where one gives another file.
    pub back: String,
    /// Name of the structure in the file.
    pub name: String,
    /// Where it was read; empty for a file that was sent.
    pub url: String,
    pub version: String,
    /// The profile of the file, as JSON that comes back.
    pub theirs: String,
    pub rows: Vec<DifferenceRow>,
    /// What was left out of the file.
    pub warnings: Vec<String>,
}

/// A field that differs.
#[derive(Debug)]
pub struct DifferenceRow {
    /// The field of the choice.
    pub field: &'static str,
    pub name: &'static str,
    /// HTML made of plain text; empty when the profile says nothing.
    pub mine: String,
    /// HTML made of plain text.
    pub theirs: String,
    /// Whether the profile says nothing: the file is then proposed.
    pub is_new: bool,
}

impl PreviewPage {
    fn new(visitor: &Visitor, preview: &Preview) -> Result<Self, AppError> {
        let t = visitor.t;
        let handle = &preview.desk.host.handle;
        let theirs = serde_json::to_string(&preview.theirs).map_err(AppError::internal)?;
        let warnings = preview.warnings.iter();
        Ok(Self {
            page: page_below(visitor, &preview.desk, t.tr("Comparer avec le fichier"))?,
            action: paths::at(paths::HOST_IMPORT_CHOICE, [handle]),
            back: paths::at(paths::HOST_IMPORT, [handle]),
            name: preview.name.clone(),
            url: preview.url.clone().unwrap_or_default(),
            version: preview.desk.host.version.to_string(),
            theirs,
            rows: rows(t, preview),
            warnings: warnings.map(|it| forms::sentence(t, it)).collect(),
        })
    }
}

fn rows(t: Texts, preview: &Preview) -> Vec<DifferenceRow> {
    let mine = readable(t, &preview.desk.sourced.profile);
    let theirs = readable(t, &preview.theirs);
    let all = HostField::ALL.iter().zip(mine.into_iter().zip(theirs));
    all.filter_map(|(field, ((name, mine), (_, theirs)))| {
        let mut differences = preview.differences.iter();
        let difference = differences.find(|it| it.field == *field)?;
        Some(DifferenceRow {
            field: field.as_str(),
            name,
            mine: paragraphs(&mine),
            theirs: paragraphs(&theirs),
            is_new: difference.is_new,
        })
    })
    .collect()
}

/// `GET /compte/structure/{handle}/import`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
) -> Result<Response, WebError> {
    let desk = open(&web, &visitor, &handle).await?;
    let known = desk.host.import_url.clone().unwrap_or_default();
    let form = Form::default().with("url", known);
    errors::shown(&ImportPage::new(&visitor, &desk, form)?)
}

/// `POST /compte/structure/{handle}/import`; changes nothing.
async fn compare(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    sent: CsrfMultipart,
) -> Result<Response, WebError> {
    match preview(&web, &visitor, &handle, &sent).await {
        Ok(preview) => errors::shown(&PreviewPage::new(&visitor, &preview)?),
        Err(error) => {
            let form = sent.form.refused(forms::mistakes(visitor.t, error)?);
            let desk = open(&web, &visitor, &handle).await?;
            let mut page = ImportPage::new(&visitor, &desk, form)?;
            page.page.has_errors = true;
            errors::refused(&page)
        }
    }
}

async fn preview(
    web: &Web,
    visitor: &Visitor,
    handle: &str,
    sent: &CsrfMultipart,
) -> Result<Preview, AppError> {
    let (app, who) = (&web.app, &visitor.who);
    let account = who.signed_in()?.id;
    let id = hosts::find_id(app, handle).await?;
    match sent.file("file").map(|file| &file.content) {
        Some(FileContent::Whole(content)) if content.len() <= import::FILE_LENGTH => {
            import::preview_file(app, who, id, content).await
        }
        Some(_) => {
            let problem = Problem::new("Ce fichier est trop lourd : 64 Ko au plus.");
            Err(AppError::field("file", problem))
        }
        None => {
            web.limits.files_by_account.take(account)?;
            let url = sent.form.value("url");
            import::preview_url(app, web.files.as_ref(), who, id, url).await
        }
    }
}

/// `POST /compte/structure/{handle}/import/choix`
async fn take(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let taking = taking_of(&form).map_err(AppError::Invalid)?;
    let is_nothing = taking.fields.is_empty();
    if !is_nothing {
        import::take(&web.app, &visitor.who, id, &taking).await?;
    }
    let t = visitor.t;
    let text = if is_nothing {
        t.tr("Rien n’a changé : vous avez tout gardé.")
    } else {
        t.tr("C’est repris. Chaque information dit d’où elle vient.")
    };
    visitor.flash(Tone::Success, text);
    Ok(to_desk(&handle))
}

fn taking_of(form: &Form) -> Result<Taking, Problems> {
    let theirs: Option<HostProfile> = serde_json::from_str(form.value("theirs")).ok();
    let theirs = theirs.ok_or_else(|| {
        let problem = Problem::new("Ce formulaire est incomplet : comparez de nouveau.");
        Problems::one("theirs", problem)
    })?;
    let fields = HostField::ALL.iter().copied();
    let url = Some(form.value("url")).filter(|url| !url.is_empty());
    Ok(Taking {
        version: form.value("version").parse().unwrap_or_default(),
        fields: fields
            .filter(|field| form.is_chosen(field.as_str(), TAKE))
            .collect(),
        theirs,
        url: url.map(str::to_owned),
    })
}
