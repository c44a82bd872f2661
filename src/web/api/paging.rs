//! Lists, one page after another, by the key of the last item: nothing comes twice while others
//! add items.

use axum::{
    Json,
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderValue, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IntoDeserializer, value},
};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};

use super::{extract::Params, problem::Refusal};
use crate::{
    app::AppError,
    domain::problem::Problem,
    web::{Web, WebError},
};

const DEFAULT_LIMIT: u32 = 20;
const MOST: u32 = 100;

/// Which part of a list to answer.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParams {
    /// `next` of the page before.
    #[param(nullable = false)]
    after: Option<String>,
    /// The most items of a page.
    #[param(minimum = 1, maximum = 100, default = 20, nullable = false)]
    limit: Option<u32>,
}

/// The page that is asked for.
pub(super) struct Paging {
    after: Option<String>,
    limit: u32,
    uri: Uri,
}

impl FromRequestParts<Web> for Paging {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        let Params(params) = Params::<PageParams>::from_request_parts(parts, web).await?;
        let limit = params.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(Refusal::Field("limit".to_owned()).into());
        }
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or_else(|| parts.uri.clone(), |OriginalUri(uri)| uri.clone());
        Ok(Self {
            after: params.after.filter(|after| !after.is_empty()),
            limit,
            uri,
        })
    }
}

impl Paging {
    /// The most items of the page.
    pub(super) fn limit(&self) -> i64 {
        i64::from(self.limit)
    }

    /// How many items to ask for: one more than the page holds tells whether another page follows.
    pub(super) fn limit_and_one(&self) -> i64 {
        self.limit() + 1
    }

    /// The cursor as it was sent; empty for the first page.
    pub(super) fn cursor(&self) -> &str {
        self.after.as_deref().unwrap_or_default()
    }

    /// The id after which the page begins.
    pub(super) fn after<Id: DeserializeOwned>(&self) -> Result<Option<Id>, AppError> {
        let Some(after) = self.after.as_deref() else {
            return Ok(None);
        };
        let text: value::StrDeserializer<'_, value::Error> = after.into_deserializer();
        Id::deserialize(text)
            .map(Some)
            .map_err(|_| unknown_cursor())
    }

    /// The page of what was found, asked with [`Self::limit_and_one`]; `key` is the cursor of an item.
    pub(super) fn listed<T, V>(
        &self,
        mut found: Vec<T>,
        key: impl Fn(&T) -> String,
        show: impl Fn(T) -> V,
    ) -> Listed<V> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).map(key);
        self.page(found.into_iter().map(show).collect(), next)
    }

    /// A page whose next cursor is known.
    pub(super) fn page<V>(&self, items: Vec<V>, next: Option<String>) -> Listed<V> {
        let link = next.as_deref().map(|next| self.link(next));
        Listed { items, next, link }
    }

    /// The address of the next page: this one with another cursor (RFC 8288).
    fn link(&self, next: &str) -> String {
        let query = self.uri.query().unwrap_or_default();
        let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "after");
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others)
            .append_pair("after", next)
            .finish();
        format!("<{}?{query}>; rel=\"next\"", self.uri.path())
    }
}

fn unknown_cursor() -> AppError {
    AppError::field(
        "after",
        Problem::new("Cette page de la liste n’existe pas. Reprenez depuis le début."),
    )
}

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Listed<V> {
    items: Vec<V>,
    /// `after` of the next page; absent from the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
    #[serde(skip)]
    link: Option<String>,
}

impl<V: Serialize> IntoResponse for Listed<V> {
    fn into_response(self) -> Response {
        let link = self.link.as_deref().map(HeaderValue::from_str);
        let mut response = Json(self).into_response();
        if let Some(Ok(link)) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}
