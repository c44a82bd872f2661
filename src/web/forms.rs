//! Forms that come back: whether they are ours, what they hold, what is wrong with them.
//!
//! Two checks come before anything else. Every request that may change something must come from
//! our own pages, as the browser says with `Sec-Fetch-Site` and `Origin` ([`refuse_foreign`]), and
//! every form carries a token made for this browser ([`CsrfForm`], [`CsrfMultipart`]).

use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt as _;
use url::form_urlencoded;

use super::{
    Web, WebError,
    error_pages::Problem,
    form::{FieldErrors, Form},
    page::Page,
    visitor::{Visit, Visitor},
};
use crate::{
    app::AppError,
    domain::problem::{Problem as DomainProblem, Problems},
    locales::Texts,
};

/// The field that holds the token, first in every form (`ui::csrf()`).
const TOKEN_FIELD: &str = "csrf";
/// The most bytes of a form without file: five answers of 2,000 characters, as browsers encode them.
pub const MAX_FORM: usize = 256 * 1024;
/// The most mebibytes of a form with a picture. Much more than [`MAX_FILE`]: what is typed beside a
/// picture that is too heavy must still be read, so that it comes back.
pub const MAX_UPLOAD_MIB: u64 = 40;
/// The same, in bytes.
const MAX_UPLOAD: usize = 40 * 1024 * 1024;
/// The most bytes kept of one file.
pub const MAX_FILE: usize = 8 * 1024 * 1024;
/// The most fields of a form.
const MAX_FIELDS: usize = 500;

/// The limit to put on a route that takes [`CsrfMultipart`].
pub fn upload_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_UPLOAD)
}

/// Refuses what another site makes a browser send.
pub async fn refuse_foreign(State(web): State<Web>, request: Request, next: Next) -> Response {
    if !request.method().is_safe() && is_foreign(request.headers(), &web) {
        return WebError::Request(Problem::ForeignForm).into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap, web: &Web) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("unreadable"))
    };
    let site = text("sec-fetch-site");
    let origin = text(header::ORIGIN.as_str());
    site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
        || origin.is_some_and(|origin| origin != web.site.public_url)
}

/// A form that this browser got from us, with everything that was typed.
#[derive(Debug)]
pub struct CsrfForm(pub Form);

impl FromRequest<Web> for CsrfForm {
    type Rejection = WebError;

    async fn from_request(request: Request, _: &Web) -> Result<Self, WebError> {
        let (parts, body) = request.into_parts();
        let visit = Visit::of(&parts)?;
        let kind = parts.headers.get(header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-")) {
            return Err(Problem::BadRequest(String::new()).into());
        }
        let body = read_form(body).await?;
        let mut fields: Vec<(String, String)> = form_urlencoded::parse(&body)
            .take(MAX_FIELDS)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let token = take_token(&mut fields);
        let form = visit.keep(Form::from_pairs(fields));
        if visit.is_own_form(&token) {
            Ok(Self(form))
        } else {
            Err(WebError::StaleForm(form))
        }
    }
}

fn take_token(fields: &mut Vec<(String, String)>) -> String {
    let found = fields.iter().position(|(name, _)| name == TOKEN_FIELD);
    found.map_or_else(String::new, |position| fields.remove(position).1)
}

/// Reads a form to its end, even when it is too long: a browser whose connection is closed while it
/// still sends shows no page of ours.
async fn read_form(body: Body) -> Result<Vec<u8>, WebError> {
    let mut kept = Some(Vec::new());
    let mut length = 0;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Problem::BadRequest(String::new()))?;
        length += piece.len();
        if length > MAX_UPLOAD {
            break;
        }
        kept = kept.and_then(|mut read: Vec<u8>| {
            read.extend_from_slice(&piece);
            (read.len() <= MAX_FORM).then_some(read)
        });
    }
    kept.filter(|_| length <= MAX_FORM)
        .ok_or_else(|| Problem::TooMuchText.into())
}

fn too_large() -> WebError {
    let limit_mib = MAX_UPLOAD_MIB;
    Problem::TooLarge { limit_mib }.into()
}

/// A file of a form.
#[derive(Clone, Debug)]
pub struct SentFile {
    /// The field.
    pub field: String,
    /// What it holds. Its name and its media type are whatever the sender says: they are ignored.
    pub content: FileContent,
}

/// What was sent as a file.
#[derive(Clone, Debug)]
pub enum FileContent {
    /// All of it.
    Whole(Bytes),
    /// More than [`MAX_FILE`]: nothing of it is kept.
    TooHeavy,
}

/// The same as [`CsrfForm`], for forms with files (`enctype="multipart/form-data"`). Put
/// [`upload_limit`] on the route.
///
/// What was typed survives whatever is wrong with a file. The same form without files, as
/// [`ResendPage`] sends it, is read too.
#[derive(Debug)]
pub struct CsrfMultipart {
    /// What was typed.
    pub form: Form,
    /// The files that are not empty.
    pub files: Vec<SentFile>,
}

impl FromRequest<Web> for CsrfMultipart {
    type Rejection = WebError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, WebError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-")) {
            let CsrfForm(form) = CsrfForm::from_request(request, web).await?;
            let files = Vec::new();
            return Ok(Self { form, files });
        }
        let (parts, body) = request.into_parts();
        let visit = Visit::of(&parts)?;
        let request = Request::from_parts(parts, body);
        let mut multipart = Multipart::from_request(request, web)
            .await
            .map_err(|_| Problem::BadRequest(String::new()))?;
        let (mut fields, files) = read_parts(&mut multipart).await?;
        let token = take_token(&mut fields);
        let form = visit.keep(Form::from_pairs(fields));
        if visit.is_own_form(&token) {
            Ok(Self { form, files })
        } else {
            Err(WebError::StaleForm(form))
        }
    }
}

type Fields = Vec<(String, String)>;

async fn read_parts(multipart: &mut Multipart) -> Result<(Fields, Vec<SentFile>), WebError> {
    let mut fields = Vec::new();
    let mut files = Vec::new();
    let mut room = MAX_FORM;
    while let Some(part) = multipart.next_field().await.map_err(unreadable_part)? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        if fields.len() + files.len() >= MAX_FIELDS {
            return Err(Problem::BadRequest(String::new()).into());
        }
        if part.file_name().is_none() {
            let text = read_part(part, room).await?.ok_or_else(too_large)?;
            room -= text.len();
            fields.push((name, String::from_utf8_lossy(&text).into_owned()));
            continue;
        }
        let content = match read_part(part, MAX_FILE).await? {
            Some(content) if content.is_empty() => continue,
            Some(content) => FileContent::Whole(content.into()),
            None => FileContent::TooHeavy,
        };
        let field = name;
        files.push(SentFile { field, content });
    }
    Ok((fields, files))
}

/// Reads a part to its end; `None` when it has more than `most` bytes.
async fn read_part(mut part: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, WebError> {
    let mut content = Some(Vec::new());
    while let Some(piece) = part.chunk().await.map_err(unreadable_part)? {
        content = content.and_then(|mut read: Vec<u8>| {
            read.extend_from_slice(&piece);
            (read.len() <= most).then_some(read)
        });
    }
    Ok(content)
}

impl CsrfMultipart {
    /// The file of a field.
    pub fn file(&self, field: &str) -> Option<&SentFile> {
        self.files.iter().find(|file| file.field == field)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn unreadable_part(error: MultipartError) -> WebError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem::BadRequest(String::new()).into(),
    }
}

/// What is wrong, as a sentence in the language of the reader.
pub fn sentence(t: Texts, problem: &DomainProblem) -> String {
    let values: Vec<(&str, &str)> = problem
        .values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    t.trf(problem.text, &values)
}

/// Everything that is wrong with a form, beside its fields.
pub fn field_errors(t: Texts, problems: &Problems) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (field, problem) in problems.iter() {
        errors.add(field, sentence(t, problem));
    }
    errors
}

/// Splits the failure of a use case: the mistakes to show beside the fields, or anything else.
///
/// # Errors
/// The failure itself, when it is not about what was typed.
pub fn mistakes(t: Texts, error: AppError) -> Result<FieldErrors, WebError> {
    match error {
        AppError::Invalid(problems) => Ok(field_errors(t, &problems)),
        other => Err(other.into()),
    }
}

/// A form that could not be taken for its sender's, with everything that was typed and a fresh
/// token.
#[derive(Template)]
#[template(path = "forms/resend.html")]
pub struct ResendPage {
    page: Page,
    fields: Vec<(String, String)>,
    reason: Resending,
}

/// Why a form has to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resending {
    /// Its token is too old.
    Stale,
    /// Whoever sent it is not signed in any more.
    SignedOut,
}

impl ResendPage {
    /// Passwords are not sent back.
    ///
    /// # Errors
    /// When the machine has no source of randomness.
    pub fn new(visitor: &Visitor, form: &Form, reason: Resending) -> Result<Self, AppError> {
        let title = match reason {
            Resending::Stale => visitor.t.tr("Confirmez l’envoi de ce formulaire"),
            Resending::SignedOut => visitor.t.tr("Connectez-vous, puis envoyez de nouveau"),
        };
        Ok(Self {
            page: visitor.page_with_form(title)?.unlisted(),
            fields: form
                .pairs()
                .filter(|(name, _)| !name.starts_with("password"))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            reason,
        })
    }

    fn is_signed_out(&self) -> bool {
        self.reason == Resending::SignedOut
    }
}
