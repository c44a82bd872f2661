//! `/annonces`: every public ad, with search and filters that stand in the address.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
    routing::get,
};
use url::form_urlencoded;

use super::cards;
use crate::{
    app::{
        AppError,
        ads::reading::{self, Listing, Search},
    },
    domain::{
        addresses::{ADS_HANDLE, ADS_PATH},
        problem::Problems,
        territory::{self, Territory},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{AdCard, Pagination},
        error_pages::Problem,
        errors,
        form::Form,
        forms,
        page::{Link, Page},
        paths,
    },
};

/// Routes of the list.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::ADS, get(list))
}

/// A choice of a filter with the number of ads it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedChoice {
    /// What stands in the address.
    pub value: String,
    /// The words, with the count.
    pub label: String,
}

/// A région with its départements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionChoices {
    /// Name of the région.
    pub name: &'static str,
    /// The whole région, then each département.
    pub choices: Vec<CountedChoice>,
}

/// `/annonces`
#[derive(Debug, Template)]
#[template(path = "ads/list.html")]
pub struct AdsPage {
    page: Page,
    form: Form,
    ads: Vec<AdCard>,
    /// How many ads the search finds.
    total: i64,
    pages: Pagination,
    kinds: Vec<CountedChoice>,
    statuses: Vec<CountedChoice>,
    regions: Vec<RegionChoices>,
    /// Filters that no field shows, each with the address without it.
    chips: Vec<Link>,
    /// Whether anything narrows the list.
    is_filtered: bool,
    /// Ended ads that the same search would show; 0 when they are shown already.
    ended_count: i64,
    /// The list with the ended ads too.
    all_url: String,
    feed_url: String,
    follow_url: String,
    handle: String,
}

/// `GET /annonces`
async fn list(
    State(web): State<Web>,
    visitor: Visitor,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, WebError> {
    let Query(search) = search.map_err(|_| Problem::BadRequest(String::new()))?;
    match reading::list(&web.app, &search).await {
        Ok(listing) => errors::shown(&AdsPage::new(&web, &visitor, &search, &search, listing)),
        Err(AppError::Invalid(problems)) => {
            let corrected = without(&search, &problems);
            let listing = reading::list(&web.app, &corrected).await?;
            let mut page = AdsPage::new(&web, &visitor, &search, &corrected, listing);
            page.page = page.page.with_errors();
            page.form = page.form.refused(forms::field_errors(visitor.t, &problems));
            errors::refused(&page)
        }
        Err(error) => Err(error.into()),
    }
}

/// The same search without the filters that do not exist.
fn without(search: &Search, problems: &Problems) -> Search {
    let mut search = search.clone();
    for (field, _) in problems.iter() {
        match field {
            "q" => search.q.clear(),
            "kind" => search.kind.clear(),
            "territory" => search.territory.clear(),
            "status" => search.status.clear(),
            "licence" => search.licence.clear(),
            "tag" => search.tag.clear(),
            _ => {
                search.after.clear();
                search.before.clear();
            }
        }
    }
    search
}

impl AdsPage {
    /// `typed` fills the form, `search` is what the listing answers.
    fn new(
        web: &Web,
        visitor: &Visitor,
        typed: &Search,
        search: &Search,
        listing: Listing,
    ) -> Self {
        let t = visitor.t;
        let feed_url = address(paths::ADS_FEED, &first_page(search));
        let handle = format!("@{ADS_HANDLE}@{}", web.app.config().public_url.authority());
        let is_filtered = first_page(search) != Search::default();
        let all = Search {
            status: "all".into(),
            ..first_page(search)
        };
        let ended_count = match search.status.as_str() {
            "" | "active" => count_of(&listing, "ended"),
            _ => 0,
        };
        Self {
            page: page(visitor, search, &feed_url),
            form: form_of(typed, search),
            ads: cards::cards(t, &listing.ads),
            total: listing.total,
            pages: pagination(search, &listing),
            kinds: kinds(t, &listing),
            statuses: statuses(t, &listing),
            regions: regions(t, &listing),
            chips: chips(t, search),
            is_filtered,
            ended_count,
            all_url: address(ADS_PATH, &all),
            feed_url,
            follow_url: paths::interact_with(&web.app.url(ADS_PATH)),
            handle,
        }
    }
}

fn page(visitor: &Visitor, search: &Search, feed_url: &str) -> Page {
    let t = visitor.t;
    let page = visitor
        .page(t.tr("Petites annonces"))
        .described(t.tr("Les besoins en logiciels libres que des associations publient : lisez, suivez, répondez, rejoignez."))
        .keeping(&query_of(search))
        .also_as("application/activity+json", ADS_PATH, "")
        .also_as("application/atom+xml", feed_url, t.tr("Nouvelles annonces"));
    // search engines list the whole, not every way to cut it
    if *search == Search::default() {
        page
    } else {
        page.unlisted()
    }
}

/// What was typed; a filter without field that does not exist is left out, nobody could correct it.
fn form_of(typed: &Search, search: &Search) -> Form {
    [
        ("q", &typed.q),
        ("kind", &typed.kind),
        ("territory", &typed.territory),
        ("status", &typed.status),
        ("licence", &search.licence),
        ("tag", &search.tag),
    ]
    .into_iter()
    .fold(Form::default(), |form, (field, value)| {
        form.with(field, value.as_str())
    })
}

/// The same search, from its first page.
fn first_page(search: &Search) -> Search {
    Search {
        after: String::new(),
        before: String::new(),
        ..search.clone()
    }
}

/// The search as it stands in an address, without what is empty.
pub fn query_of(search: &Search) -> String {
    let pairs = [
        ("q", &search.q),
        ("kind", &search.kind),
        ("territory", &search.territory),
        ("status", &search.status),
        ("licence", &search.licence),
        ("tag", &search.tag),
        ("after", &search.after),
        ("before", &search.before),
    ];
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()))
        .finish()
}

/// The address of a list for this search.
pub fn address(path: &str, search: &Search) -> String {
    match query_of(search).as_str() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The addresses of the pages around this one.
pub fn pagination(search: &Search, listing: &Listing) -> Pagination {
    let previous = listing.previous.as_ref().map(|place| Search {
        before: place.clone(),
        ..first_page(search)
    });
    let next = listing.next.as_ref().map(|place| Search {
        after: place.clone(),
        ..first_page(search)
    });
    Pagination {
        previous: previous.map(|search| address(ADS_PATH, &search)),
        next: next.map(|search| address(ADS_PATH, &search)),
    }
}

fn chips(t: Texts, search: &Search) -> Vec<Link> {
    let mut chips = Vec::new();
    if !search.tag.is_empty() {
        let without = Search {
            tag: String::new(),
            ..first_page(search)
        };
        let label = t.trf("Mot-clé : #{tag}", [("tag", search.tag.as_str())]);
        chips.push(Link::new(label, address(ADS_PATH, &without)));
    }
    if !search.licence.is_empty() {
        let without = Search {
            licence: String::new(),
            ..first_page(search)
        };
        let label = t.trf(
            "Licence : {licence}",
            [("licence", search.licence.as_str())],
        );
        chips.push(Link::new(label, address(ADS_PATH, &without)));
    }
    chips
}

fn counted(t: Texts, value: impl Into<String>, words: &str, count: i64) -> CountedChoice {
    CountedChoice {
        value: value.into(),
        label: format!("{words} ({})", t.number(count)),
    }
}

fn count_of(listing: &Listing, status: &str) -> i64 {
    let mut statuses = listing.statuses.iter();
    statuses
        .find(|choice| choice.value == status)
        .map_or(0, |choice| choice.count)
}

fn kinds(t: Texts, listing: &Listing) -> Vec<CountedChoice> {
    use crate::domain::ad::AdKind;
    let count = |kind: &AdKind| {
        let mut kinds = listing.kinds.iter();
        kinds
            .find(|choice| choice.value == kind.as_str())
            .map_or(0, |choice| choice.count)
    };
    AdKind::ALL
        .iter()
        .map(|kind| counted(t, kind.as_str(), t.ad_kind(*kind), count(kind)))
        .collect()
}

fn statuses(t: Texts, listing: &Listing) -> Vec<CountedChoice> {
    // the first is what an address without status shows
    [
        ("", "active", t.tr("En cours")),
        ("ended", "ended", t.tr("Terminées")),
        ("all", "all", t.tr("Toutes")),
    ]
    .into_iter()
    .map(|(value, status, words)| counted(t, value, words, count_of(listing, status)))
    .collect()
}

fn regions(t: Texts, listing: &Listing) -> Vec<RegionChoices> {
    let mut regions: Vec<RegionChoices> = Vec::new();
    for choice in &listing.territories {
        match Territory::parse(&choice.value) {
            Ok(Territory::Region(code)) => {
                let name = territory::find_region(code.as_str()).map_or("", |found| found.name);
                let whole = t.trf("{region}, toute la région", [("region", name)]);
                regions.push(RegionChoices {
                    name,
                    choices: vec![counted(t, &choice.value, &whole, choice.count)],
                });
            }
            Ok(place @ Territory::Departement(_)) => {
                let words = place.label();
                let departement = counted(t, &choice.value, &words, choice.count);
                if let Some(region) = regions.last_mut() {
                    region.choices.push(departement);
                }
            }
            _ => {}
        }
    }
    regions
}
