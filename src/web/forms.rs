//! Forms that come back: whether they are ours, what they hold, what is wrong with them.
//!
//! Two checks come before anything else. Every request that may change something must come from
//! our own pages, as the browser says with `Sec-Fetch-Site` and `Origin` ([`refuse_foreign`]), and
//! every form carries a token made for this browser ([`CsrfForm`], [`CsrfMultipart`]).

use askama::Template;
use axum::{
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request, State,
        multipart::MultipartError,
        rejection::{BytesRejection, RawFormRejection},
    },
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
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
/// The most bytes of a form without file.
pub const MAX_FORM: usize = 64 * 1024;
/// The most mebibytes of a form with a picture; larger than the largest picture that is accepted.
pub const MAX_UPLOAD_MIB: u64 = 10;
/// The most fields of a form.
const MAX_FIELDS: usize = 500;

/// The limit to put on a route that takes [`CsrfMultipart`].
pub fn upload_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_UPLOAD_MIB as usize * 1024 * 1024)
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

    async fn from_request(request: Request, web: &Web) -> Result<Self, WebError> {
        let (parts, body) = request.into_parts();
        let visit = Visit::of(&parts)?;
        let request = Request::from_parts(parts, body);
        let axum::extract::RawForm(body) = axum::extract::RawForm::from_request(request, web)
            .await
            .map_err(unreadable_form)?;
        let mut fields: Vec<(String, String)> = form_urlencoded::parse(&body)
            .take(MAX_FIELDS)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let token = take_token(&mut fields);
        let form = Form::from_pairs(fields);
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

fn unreadable_form(rejection: RawFormRejection) -> WebError {
    match rejection {
        RawFormRejection::BytesRejection(rejection) => unreadable_body(&rejection),
        _ => Problem::BadRequest(String::new()).into(),
    }
}

fn unreadable_body(rejection: &BytesRejection) -> WebError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem::BadRequest(String::new()).into(),
    }
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
    pub content: Bytes,
}

/// The same as [`CsrfForm`], for forms with files (`enctype="multipart/form-data"`). Put
/// [`upload_limit`] on the route.
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
        let (parts, body) = request.into_parts();
        let visit = Visit::of(&parts)?;
        let request = Request::from_parts(parts, body);
        let mut multipart = Multipart::from_request(request, web)
            .await
            .map_err(|_| Problem::BadRequest(String::new()))?;
        // the token comes first, so that nothing else of a foreign form is read
        match multipart.next_field().await.map_err(unreadable_part)? {
            Some(field) if field.name() == Some(TOKEN_FIELD) => {
                let token = field.text().await.map_err(unreadable_part)?;
                if !visit.is_own_form(&token) {
                    return Err(Problem::StaleForm.into());
                }
            }
            _ => return Err(Problem::StaleForm.into()),
        }
        let mut fields = Vec::new();
        let mut files = Vec::new();
        while let Some(field) = multipart.next_field().await.map_err(unreadable_part)? {
            let Some(name) = field.name().map(str::to_owned) else {
                continue;
            };
            if fields.len() + files.len() >= MAX_FIELDS {
                return Err(Problem::BadRequest(String::new()).into());
            }
            if field.file_name().is_none() {
                fields.push((name, field.text().await.map_err(unreadable_part)?));
                continue;
            }
            let content = field.bytes().await.map_err(unreadable_part)?;
            if !content.is_empty() {
                files.push(SentFile {
                    field: name,
                    content,
                });
            }
        }
        Ok(Self {
            form: Form::from_pairs(fields),
            files,
        })
    }
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

/// A form whose token is too old, with everything that was typed and a fresh token.
#[derive(Template)]
#[template(path = "forms/resend.html")]
pub struct ResendPage {
    page: Page,
    fields: Vec<(String, String)>,
}

impl ResendPage {
    /// Passwords are not sent back.
    ///
    /// # Errors
    /// When the machine has no source of randomness.
    pub fn new(visitor: &Visitor, form: &Form) -> Result<Self, AppError> {
        let title = visitor.t.tr("Confirmez l’envoi de ce formulaire");
        Ok(Self {
            page: visitor.page_with_form(title)?.unlisted(),
            fields: form
                .pairs()
                .filter(|(name, _)| !name.starts_with("password"))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }
}
