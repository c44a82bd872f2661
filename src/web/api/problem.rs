//! Failures as programs read them: problem documents (RFC 9457).
//!
//! `type` and the names of fields are stable; sentences are for people, in their language.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ROOT;
use crate::{
    app::AppError,
    domain::problem::{Problem as Sentence, Problems},
    locales::Texts,
    web::{Visit, WebError, error_pages::Problem, forms},
};

/// The media type of problem documents.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Declares the kinds of failures: name in `type`, status, summary in the `OpenAPI` document.
macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident => $name:literal, $status:ident, $summary:literal;)+) => {
        /// A kind of failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            $($(#[$meta])* $kind),+
        }

        impl Kind {
            /// Every kind.
            pub(super) const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The last part of its `type`.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }

            /// Its status.
            pub(super) const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status),+ }
            }

            /// What the `OpenAPI` document says of it.
            pub(super) const fn summary(self) -> &'static str {
                match self { $(Self::$kind => $summary),+ }
            }
        }
    };
}

kinds! {
    Malformed => "malformed", BAD_REQUEST, "The request does not have the shape that this document describes";
    Unauthenticated => "unauthenticated", UNAUTHORIZED, "No key, or a key that is unknown or revoked";
    Forbidden => "forbidden", FORBIDDEN, "The key or its account may not";
    NotFound => "not-found", NOT_FOUND, "Nothing there, or nothing that the key may know of";
    MethodNotAllowed => "method-not-allowed", METHOD_NOT_ALLOWED, "This address does not answer to this method";
    Conflict => "conflict", CONFLICT, "Somebody else was faster, or it is too late";
    Gone => "gone", GONE, "It was there until `since`";
    TooLarge => "too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UnsupportedMediaType => "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body is of another media type";
    Misdirected => "misdirected", MISDIRECTED_REQUEST, "The instance does not answer under this name";
    Invalid => "invalid", UNPROCESSABLE_ENTITY, "A value is refused: `errors` says which and why";
    TooMany => "too-many-requests", TOO_MANY_REQUESTS, "Too many requests: `Retry-After` says when to try again";
    Internal => "internal", INTERNAL_SERVER_ERROR, "Our fault: quote `request_id` to the administrator";
    Unavailable => "unavailable", SERVICE_UNAVAILABLE, "The instance took too long or is stopping";
}

impl Kind {
    /// Its `type`: the same on every instance, and a page of each (RFC 9457 §3.1.1).
    pub(super) fn uri(self) -> String {
        format!("{ROOT}/problems/{}", self.name())
    }

    /// Its title.
    pub(super) fn title(self, t: Texts) -> &'static str {
        match self {
            Self::Malformed => t.tr("Demande mal formée"),
            Self::Unauthenticated => t.tr("Clé d’accès absente ou inconnue"),
            Self::Forbidden => t.tr("Accès réservé"),
            Self::NotFound => t.tr("Rien à cette adresse"),
            Self::MethodNotAllowed => t.tr("Méthode refusée"),
            Self::Conflict => t.tr("Trop tard"),
            Self::Gone => t.tr("Retiré"),
            Self::TooLarge => t.tr("Envoi trop lourd"),
            Self::UnsupportedMediaType => t.tr("Format refusé"),
            Self::Misdirected => t.tr("Mauvaise adresse"),
            Self::Invalid => t.tr("Valeurs refusées"),
            Self::TooMany => t.tr("Un peu de patience"),
            Self::Internal => t.tr("Panne de notre côté"),
            Self::Unavailable => t.tr("De retour dans un instant"),
        }
    }

    /// What it means, when there is nothing more precise to say.
    pub(super) fn explanation(self, t: Texts) -> &'static str {
        match self {
            Self::Malformed => {
                t.tr("La demande n’a pas la forme décrite par /api/v1/openapi.json.")
            }
            Self::Unauthenticated => {
                t.tr("Envoyez une clé d’accès : « Authorization : Bearer CLÉ ».")
            }
            Self::Forbidden => t.tr("Cette clé d’accès ne permet pas cette action."),
            Self::NotFound => {
                t.tr("Rien n’existe à cette adresse, ou rien que cette clé d’accès puisse voir.")
            }
            Self::MethodNotAllowed => t.tr("Cette adresse ne répond pas à cette méthode."),
            Self::Conflict => t.tr("L’état actuel ne permet pas cette action."),
            Self::Gone => t.tr("Ce qui se trouvait à cette adresse a été retiré."),
            Self::TooLarge => t.tr("Ce qui a été envoyé est trop lourd."),
            Self::UnsupportedMediaType => {
                t.tr("Ce qui a été envoyé n’est pas d’un format accepté ici.")
            }
            Self::Misdirected => t.tr("Ce site ne répond pas sous ce nom."),
            Self::Invalid => t.tr("Une ou plusieurs valeurs sont refusées."),
            Self::TooMany => {
                t.tr("Trop de demandes : attendez le nombre de secondes de Retry-After.")
            }
            Self::Internal => t.tr(
                "Une erreur s’est produite. Elle ne vient pas de vous, et elle est enregistrée.",
            ),
            Self::Unavailable => {
                t.tr("La réponse a pris trop de temps. Essayez encore un peu plus tard.")
            }
        }
    }
}

/// Why the API does not take a request. What pages refuse as well is a [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key is unknown, revoked or unreadable.
    BadKey,
    /// A parameter that the operation does not know.
    UnknownParameter(String),
    /// The part of the body, or the parameter, that does not have the expected shape.
    Field(String),
    /// The body is not JSON.
    NotJson,
    /// The body stopped before its end.
    Unreadable,
    /// The body is larger than this.
    TooLarge {
        /// In kibibytes.
        limit_kib: usize,
    },
    /// The body is of another media type than these.
    MediaType(&'static str),
}

impl From<Refusal> for WebError {
    fn from(refusal: Refusal) -> Self {
        Self::Api(refusal)
    }
}

impl Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::BadKey => Kind::Unauthenticated,
            Self::TooLarge { .. } => Kind::TooLarge,
            Self::MediaType(_) => Kind::UnsupportedMediaType,
            Self::UnknownParameter(_) | Self::Field(_) | Self::NotJson | Self::Unreadable => {
                Kind::Malformed
            }
        }
    }

    /// Its status.
    pub(in crate::web) fn status(&self) -> u16 {
        self.kind().status().as_u16()
    }

    fn told(&self, t: Texts) -> Told {
        let told = Told::new(self.kind());
        match self {
            Self::BadKey => {
                told.saying(t.tr("Cette clé d’accès est inconnue, ou elle a été révoquée."))
            }
            Self::UnknownParameter(name) => {
                told.about(name, t.tr("Ce paramètre n’existe pas pour cette adresse."))
            }
            Self::Field(path) => told.about(
                path,
                t.tr("Cette valeur manque, est de trop, ou n’a pas la forme attendue."),
            ),
            Self::NotJson => told.saying(t.tr("Ce qui a été envoyé n’est pas du JSON.")),
            Self::Unreadable => told.saying(t.tr("L’envoi s’est arrêté avant sa fin.")),
            Self::TooLarge { limit_kib } => told.saying(&t.trf(
                "Ce qui a été envoyé dépasse {limit} Kio.",
                [("limit", limit_kib.to_string())],
            )),
            Self::MediaType(expected) => told.saying(&t.trf(
                "Envoyez {expected}, et dites-le avec Content-Type.",
                [("expected", expected)],
            )),
        }
    }
}

/// A failure (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProblemDocument {
    /// The kind of failure: the same on every instance.
    #[schema(example = "/api/v1/problems/invalid")]
    r#type: String,
    /// The kind, in words.
    #[schema(example = "Valeurs refusées")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened this time, in words.
    #[schema(example = "Une ou plusieurs valeurs sont refusées.")]
    detail: String,
    /// What is wrong with which value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    since: Option<DateTime<Utc>>,
    /// Number of the request, when the fault is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
}

/// What is wrong with a value.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FieldProblem {
    /// The field of the body, or the parameter; `.` when it is the body as a whole.
    #[schema(example = "licence")]
    field: String,
    /// What to correct, in words.
    #[schema(example = "« CC-BY-NC-4.0 » n’est pas une licence libre.")]
    detail: String,
}

/// What a document says of one failure.
struct Told {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldProblem>,
    since: Option<DateTime<Utc>>,
}

impl Told {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            since: None,
        }
    }

    fn saying(mut self, detail: &str) -> Self {
        self.detail = Some(detail.to_owned());
        self
    }

    fn about(mut self, field: &str, detail: &str) -> Self {
        self.errors.push(FieldProblem {
            field: field.to_owned(),
            detail: detail.to_owned(),
        });
        self
    }

    fn with_errors(mut self, problems: &Problems, t: Texts) -> Self {
        for (field, problem) in problems.iter() {
            self = self.about(field, &forms::sentence(t, problem));
        }
        self
    }

    fn since(mut self, instant: DateTime<Utc>) -> Self {
        self.since = Some(instant);
        self
    }
}

fn tell(error: &WebError, t: Texts) -> Told {
    let sentence = |problem: &Sentence| forms::sentence(t, problem);
    match error {
        WebError::Api(refusal) => refusal.told(t),
        WebError::StaleForm(_) => Told::new(Kind::Forbidden),
        WebError::Request(problem) => tell_request(problem),
        WebError::App(error) => match error {
            AppError::NotFound(_) => Told::new(Kind::NotFound),
            AppError::Gone { since, .. } => Told::new(Kind::Gone).since(*since),
            AppError::Conflict(why) => Told::new(Kind::Conflict).saying(&sentence(why)),
            AppError::Forbidden(why) => Told::new(Kind::Forbidden).saying(&sentence(why)),
            AppError::Unauthenticated => Told::new(Kind::Unauthenticated),
            AppError::Invalid(problems) => Told::new(Kind::Invalid).with_errors(problems, t),
            AppError::TooMany(_) => Told::new(Kind::TooMany),
            AppError::Internal(_) => Told::new(Kind::Internal),
        },
    }
}

fn tell_request(problem: &Problem) -> Told {
    match problem {
        Problem::BadRequest(_) => Told::new(Kind::Malformed),
        Problem::Forbidden(_) | Problem::StaleForm | Problem::ForeignForm => {
            Told::new(Kind::Forbidden)
        }
        Problem::NotFound => Told::new(Kind::NotFound),
        Problem::MethodNotAllowed => Told::new(Kind::MethodNotAllowed),
        Problem::Conflict(_) => Told::new(Kind::Conflict),
        Problem::Gone { withdrawn_at } => Told::new(Kind::Gone).since(*withdrawn_at),
        Problem::TooLarge { .. } | Problem::TooMuchText => Told::new(Kind::TooLarge),
        Problem::Misdirected => Told::new(Kind::Misdirected),
        Problem::TooMany { .. } => Told::new(Kind::TooMany),
        Problem::Internal => Told::new(Kind::Internal),
        Problem::Unavailable => Told::new(Kind::Unavailable),
    }
}

/// The problem document of a failure, in place of its page; headers are kept.
pub(in crate::web) fn render(visit: &Visit, response: Response, error: &WebError) -> Response {
    let t = visit.accepted_texts();
    let told = tell(error, t);
    let kind = told.kind;
    let document = ProblemDocument {
        r#type: kind.uri(),
        title: kind.title(t),
        status: kind.status().as_u16(),
        detail: told
            .detail
            .unwrap_or_else(|| kind.explanation(t).to_owned()),
        errors: told.errors,
        since: told.since,
        request_id: (kind == Kind::Internal).then(|| visit.request_id().to_owned()),
    };
    let (mut parts, _) = response.into_parts();
    let headers = &mut parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(t.locale.tag()),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if kind == Kind::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, challenge(error));
    }
    // every field is a text, a number or a list of texts: it always becomes JSON
    let body = serde_json::to_vec(&document).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

/// How to authenticate (RFC 6750 §3).
fn challenge(error: &WebError) -> HeaderValue {
    HeaderValue::from_static(match error {
        WebError::Api(_) => "Bearer realm=\"emancipasso\", error=\"invalid_token\"",
        _ => "Bearer realm=\"emancipasso\"",
    })
}
