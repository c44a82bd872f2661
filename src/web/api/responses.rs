//! The failures that operations declare, by what an operation needs.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{Content, Header, Ref, RefOr, Response, ResponseBuilder},
};

use super::problem::{Kind, MEDIA_TYPE};

/// Declares a group of failures.
macro_rules! refusals {
    ($($(#[$meta:meta])* $name:ident => [$($kind:ident),+];)+) => {$(
        $(#[$meta])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                [$(Kind::$kind),+].into_iter().map(response).collect()
            }
        }
    )+};
}

refusals! {
    /// Whatever the operation.
    Always => [Malformed, Unauthenticated, TooMany, Internal, Unavailable];
    /// It needs a key.
    WithKey => [Forbidden];
    /// Its path names something.
    WithName => [NotFound];
    /// It judges values.
    WithValues => [Invalid];
    /// It reads a body.
    WithBody => [TooLarge, UnsupportedMediaType, Invalid];
    /// The state of things may refuse it.
    WithState => [Conflict];
    /// What it names may have been withdrawn.
    WithEnd => [Gone];
}

fn response(kind: Kind) -> (String, RefOr<Response>) {
    let problem = Content::new(Some(Ref::from_schema_name("ProblemDocument")));
    let builder = ResponseBuilder::new()
        .description(kind.summary())
        .content(MEDIA_TYPE, problem);
    let builder = match kind {
        Kind::Unauthenticated => builder.header("WWW-Authenticate", Header::default()),
        Kind::TooMany => builder.header("Retry-After", Header::default()),
        _ => builder,
    };
    (kind.status().as_u16().to_string(), builder.build().into())
}
