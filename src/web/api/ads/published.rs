//! What readers see of ads. No key is needed.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::view::{ListedAdView, PublishedAd};
use crate::{
    app::ads::reading::{self, Search},
    domain::ad::AdKind,
    web::{
        Web, WebError,
        api::{
            extract::{Named, Params},
            paging::{Listed, PageParams, Paging},
            responses::{Always, WithEnd, WithName, WithValues},
        },
    },
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(search_ads))
        .routes(routes!(read_ad))
}

/// What a reader is looking for: the parameters of the page `/annonces`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchParams {
    /// Words; accents, plurals and inclusive writing do not matter.
    #[serde(default)]
    #[param(example = "agenda partagé")]
    q: String,
    #[param(value_type = AdKind, inline, required = false)]
    kind: Option<AdKind>,
    /// `region:84` or `departement:69`: ads for it, around it or within it.
    #[serde(default)]
    #[param(example = "departement:69")]
    territory: String,
    /// Ads that can still be answered when it is left out.
    #[param(value_type = SearchedStatus, inline, required = false)]
    status: Option<SearchedStatus>,
    /// SPDX identifier.
    #[serde(default)]
    #[param(example = "AGPL-3.0-or-later")]
    licence: String,
    /// A hashtag, without `#`.
    #[serde(default)]
    #[param(example = "agenda")]
    tag: String,
}

/// Which part of their life ads are in.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SearchedStatus {
    /// They can still be answered.
    Active,
    /// They ended.
    Ended,
    /// Both.
    All,
}

impl SearchedStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::All => "all",
        }
    }
}

/// Search published ads
///
/// The most recently published first.
#[utoipa::path(
    get,
    path = "/ads",
    operation_id = "searchAds",
    tag = "published ads",
    params(SearchParams, PageParams),
    responses(
        (status = 200, description = "A page of ads", body = Listed<ListedAdView>),
        Always, WithValues
    )
)]
async fn search_ads(
    State(web): State<Web>,
    Params(params): Params<SearchParams>,
    paging: Paging,
) -> Result<Listed<ListedAdView>, WebError> {
    let search = Search {
        q: params.q,
        kind: params
            .kind
            .map(AdKind::as_str)
            .unwrap_or_default()
            .to_owned(),
        territory: params.territory,
        status: params
            .status
            .map(SearchedStatus::as_str)
            .unwrap_or_default()
            .to_owned(),
        licence: params.licence,
        tag: params.tag,
        after: paging.cursor().to_owned(),
        before: String::new(),
    };
    let (ads, next) = reading::list_part(&web.app, &search, paging.limit()).await?;
    let items = ads
        .iter()
        .map(|ad| ListedAdView::new(&web.app, ad))
        .collect();
    Ok(paging.page(items, next))
}

/// Read a published ad
#[utoipa::path(
    get,
    path = "/ads/by-number/{number}",
    operation_id = "readAd",
    tag = "published ads",
    params(("number" = i64, Path, description = "The number of its address", minimum = 1, example = 12)),
    responses(
        (status = 200, description = "The ad", body = PublishedAd),
        Always, WithName, WithEnd
    )
)]
async fn read_ad(
    State(web): State<Web>,
    Named(number): Named<i64>,
) -> Result<Json<PublishedAd>, WebError> {
    let page = reading::show(&web.app, number).await?;
    Ok(Json(PublishedAd::new(&web.app, &page)))
}
