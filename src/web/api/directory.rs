//! The directory for programs. No key is needed.

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Named, Params},
    paging::{Listed, PageParams, Paging},
    responses::{Always, WithEnd, WithName, WithValues},
};
use crate::{
    app::{
        App,
        directory::{
            self, Entry, Names, Search,
            host_page::{self, HostPage, Recommended},
        },
    },
    domain::{
        directory::Facet,
        host::{
            AssociationSize, Capacity, HostField, HostRole, LineKind, PriceBracket, PriceModel,
            Public, host_path,
        },
        listing::Standing,
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(search_directory))
        .routes(routes!(read_structure))
}

/// What a reader is looking for: the parameters of the page `/annuaire`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DirectoryParams {
    /// Words; accents, plurals and inclusive writing do not matter.
    #[serde(default)]
    #[param(example = "messagerie")]
    q: String,
    /// `region:84` or `departement:69`: structures that go there.
    #[serde(default)]
    #[param(example = "departement:69")]
    territory: String,
    /// A line of one of their offers.
    #[param(value_type = LineKind, inline, required = false)]
    line: Option<LineKind>,
    /// Slug of a program of the catalogue.
    #[serde(default)]
    #[param(example = "nextcloud")]
    software: String,
    /// Slug of a tool of the catalogue that one of their programs replaces.
    #[serde(default)]
    #[param(example = "google-drive")]
    tool: String,
    #[param(value_type = PriceModel, inline, required = false)]
    price: Option<PriceModel>,
    #[param(value_type = PriceBracket, inline, required = false)]
    cost: Option<PriceBracket>,
    /// Slug of a collective that they belong to.
    #[serde(default)]
    #[param(example = "chatons")]
    collective: String,
    #[param(value_type = HostRole, inline, required = false)]
    role: Option<HostRole>,
    #[param(value_type = Public, inline, required = false)]
    public: Option<Public>,
    #[param(value_type = AssociationSize, inline, required = false)]
    size: Option<AssociationSize>,
    /// `open`, `later` or `full`.
    #[serde(default)]
    #[param(example = "open")]
    capacity: String,
    /// `yes`: those that accompany from afar.
    #[serde(default)]
    #[param(example = "yes")]
    remote: String,
    /// `little`: those whose accompaniments took little time of volunteers.
    #[serde(default)]
    #[param(example = "little")]
    time: String,
}

impl DirectoryParams {
    fn search(self, after: &str) -> Search {
        let choices = [
            (Facet::Territory, self.territory),
            (Facet::Line, word(self.line.map(LineKind::as_str))),
            (Facet::Software, self.software),
            (Facet::Tool, self.tool),
            (Facet::Price, word(self.price.map(PriceModel::as_str))),
            (Facet::Cost, word(self.cost.map(PriceBracket::as_str))),
            (Facet::Collective, self.collective),
            (Facet::Role, word(self.role.map(HostRole::as_str))),
            (Facet::Public, word(self.public.map(Public::as_str))),
            (Facet::Size, word(self.size.map(AssociationSize::as_str))),
            (Facet::Capacity, self.capacity),
            (Facet::Remote, self.remote),
            (Facet::Time, self.time),
        ];
        let empty = Search {
            q: self.q,
            ..Search::default()
        };
        let search = choices
            .into_iter()
            .fold(empty, |search, (facet, value)| search.with(facet, value));
        Search {
            after: after.to_owned(),
            ..search
        }
    }
}

fn word(word: Option<&'static str>) -> String {
    word.unwrap_or_default().to_owned()
}

/// A structure of the directory.
#[derive(Serialize, ToSchema)]
pub(in crate::web) struct StructureView {
    /// Name of its account and of its page.
    #[schema(example = "le_lac")]
    handle: String,
    #[schema(example = "https://lyon.example/structures/le_lac")]
    url: String,
    #[schema(example = "Le Lac numérique")]
    name: String,
    /// Markdown.
    presentation: String,
    /// INSEE code of the département of its seat.
    departement: Option<String>,
    standing: Standing,
    /// Associations whose recommendation counts.
    recommendations: i64,
    listed_since: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    capacity: Capacity,
    /// Month (`YYYY-MM`) from which it takes requests again.
    #[schema(example = "2027-03")]
    capacity_from: Option<String>,
    /// Where it goes: `everywhere`, `region:84`, `departement:69`.
    #[schema(example = json!(["departement:69"]))]
    territories: Vec<String>,
    remote: bool,
    roles: Vec<String>,
    /// Lines of its offers.
    lines: Vec<String>,
    software: Vec<NamedSlug>,
    /// Tools that its programs can replace.
    replaces: Vec<NamedSlug>,
    price_models: Vec<String>,
    price_brackets: Vec<String>,
    collectives: Vec<String>,
    publics: Vec<String>,
    sizes: Vec<String>,
    /// Whether one offer has hosting and accompaniment.
    all_in_one: bool,
    /// Whether its accompaniments took little time of volunteers.
    little_volunteer_time: bool,
}

/// An entry of the catalogue.
#[derive(Serialize, ToSchema)]
struct NamedSlug {
    #[schema(example = "nextcloud")]
    slug: String,
    #[schema(example = "Nextcloud")]
    name: String,
}

impl StructureView {
    pub(in crate::web) fn new(app: &App, entry: &Entry, names: &Names) -> Self {
        let values = |facet: Facet| {
            let values = entry.values(facet).filter(|it| !it.starts_with("within:"));
            values.map(str::to_owned).collect::<Vec<_>>()
        };
        let named = |facet: Facet| {
            let slugs = entry.values(facet);
            slugs
                .map(|slug| NamedSlug {
                    slug: slug.to_owned(),
                    name: names.of(facet, slug).to_owned(),
                })
                .collect()
        };
        let has = |facet: Facet| entry.values(facet).next().is_some();
        Self {
            handle: entry.handle.clone(),
            url: app.url(&host_path(&entry.handle)),
            name: entry.name.clone(),
            presentation: entry.presentation.clone(),
            departement: entry.departement.clone(),
            standing: entry.standing,
            recommendations: entry.counted,
            listed_since: entry.listed_since,
            updated_at: entry.updated_at,
            capacity: entry.capacity,
            capacity_from: entry.capacity_from.clone(),
            territories: values(Facet::Territory),
            remote: has(Facet::Remote),
            roles: values(Facet::Role),
            lines: values(Facet::Line),
            software: named(Facet::Software),
            replaces: named(Facet::Tool),
            price_models: values(Facet::Price),
            price_brackets: values(Facet::Cost),
            collectives: values(Facet::Collective),
            publics: values(Facet::Public),
            sizes: values(Facet::Size),
            all_in_one: has(Facet::AllInOne),
            little_volunteer_time: has(Facet::Time),
        }
    }
}

/// Search the directory
///
/// Structures that associations recommend, in an order drawn anew each day, the same for everybody.
/// Under the Licence Ouverte 2.0.
#[utoipa::path(
    get,
    path = "/directory",
    operation_id = "searchDirectory",
    tag = "directory",
    params(DirectoryParams, PageParams),
    responses(
        (status = 200, description = "A page of structures", body = Listed<StructureView>),
        Always, WithValues
    )
)]
async fn search_directory(
    State(web): State<Web>,
    Params(params): Params<DirectoryParams>,
    paging: Paging,
) -> Result<Listed<StructureView>, WebError> {
    let search = params.search(paging.cursor());
    let (entries, next) = directory::list_part(&web.app, &search, paging.limit()).await?;
    let names = directory::list_names(&web.app).await?;
    let items = entries
        .iter()
        .map(|entry| StructureView::new(&web.app, entry, &names))
        .collect();
    Ok(paging.page(items, next))
}

/// A structure with everything its page shows.
#[derive(Serialize, ToSchema)]
struct StructurePageView {
    #[serde(flatten)]
    structure: StructureView,
    /// Markdown: how an accompaniment goes there.
    course: String,
    volunteer_time: String,
    offers: Vec<OfferView>,
    data: DataView,
    /// Fields of the profile, with their source and their dates.
    sources: Vec<SourceView>,
    /// The latest first, twenty at most.
    latest_recommendations: Vec<RecommendationView>,
    /// Its account in the fediverse.
    #[schema(example = "@le_lac@lyon.example")]
    account: Option<String>,
}

/// What a structure proposes.
#[derive(Serialize, ToSchema)]
struct OfferView {
    #[schema(example = 1)]
    number: i64,
    name: String,
    /// Markdown.
    description: String,
    lines: Vec<LineKind>,
    /// Slugs of programs.
    software: Vec<String>,
    price_model: PriceModel,
    price_bracket: PriceBracket,
}

/// What becomes of an association's data; null when it is not said.
#[derive(Serialize, ToSchema)]
struct DataView {
    place: String,
    administered_by: String,
    subprocessors: String,
    has_contract: Option<bool>,
    has_export: Option<bool>,
}

/// Where a field comes from, and since when it is known to be true.
#[derive(Serialize, ToSchema)]
struct SourceView {
    field: HostField,
    /// `typed` or `imported`.
    #[schema(example = "typed")]
    source: String,
    source_url: Option<String>,
    set_at: DateTime<Utc>,
    confirmed_at: DateTime<Utc>,
}

/// What an association says of a structure.
#[derive(Serialize, ToSchema)]
struct RecommendationView {
    /// Its signed document.
    uri: Option<String>,
    organisation: String,
    context: String,
    difficulty: String,
    work_done: String,
    can_do_now: String,
    could_be_better: String,
    started_on: NaiveDate,
    ended_on: Option<NaiveDate>,
    volunteer_hours: Option<i64>,
    published_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// Reply of the structure, Markdown.
    reply: String,
}

impl From<Recommended> for RecommendationView {
    fn from(it: Recommended) -> Self {
        let answers = it.recommendation.answers;
        Self {
            uri: it.recommendation.uri,
            organisation: it.author.name,
            context: answers.context,
            difficulty: answers.difficulty,
            work_done: answers.work_done,
            can_do_now: answers.can_do_now,
            could_be_better: answers.could_be_better,
            started_on: it.accompaniment.started_on,
            ended_on: it.accompaniment.ended_on,
            volunteer_hours: it.accompaniment.volunteer_hours,
            published_at: it.recommendation.published_at,
            expires_at: it.recommendation.expires_at,
            reply: it.recommendation.reply,
        }
    }
}

/// Read a structure of the directory
#[utoipa::path(
    get,
    path = "/directory/{handle}",
    operation_id = "readStructure",
    tag = "directory",
    params(("handle" = String, Path, description = "The name of its account", example = "le_lac")),
    responses(
        (status = 200, description = "The structure", body = StructurePageView),
        Always, WithName, WithEnd
    )
)]
async fn read_structure(
    State(web): State<Web>,
    Named(handle): Named<String>,
) -> Result<Json<StructurePageView>, WebError> {
    let page = host_page::show_listed(&web.app, &handle).await?;
    let entries = directory::list_named(&web.app, &[handle]).await?;
    let entry = entries
        .first()
        .ok_or(crate::app::AppError::NotFound(crate::app::Missing::Host))?;
    let names = directory::list_names(&web.app).await?;
    let structure = StructureView::new(&web.app, entry, &names);
    Ok(Json(view(structure, page)))
}

fn view(structure: StructureView, page: HostPage) -> StructurePageView {
    let profile = page.profile.profile;
    let sources = page.profile.sources.into_iter();
    StructurePageView {
        structure,
        course: profile.course,
        volunteer_time: profile.volunteer_time,
        offers: page
            .offers
            .into_iter()
            .map(|offer| OfferView {
                number: offer.number,
                name: offer.name,
                description: offer.description,
                lines: offer.lines.iter().map(|line| line.kind).collect(),
                software: offer.software,
                price_model: offer.price_model,
                price_bracket: offer.price_bracket,
            })
            .collect(),
        data: DataView {
            place: profile.data.place,
            administered_by: profile.data.administered_by,
            subprocessors: profile.data.subprocessors,
            has_contract: profile.data.has_contract,
            has_export: profile.data.has_export,
        },
        sources: sources
            // its contact is relayed, never shown
            .filter(|(field, _)| *field != HostField::ContactEmail)
            .map(|(field, source)| SourceView {
                field,
                source: source.source.as_str().to_owned(),
                source_url: source.source_url,
                set_at: source.set_at,
                confirmed_at: source.confirmed_at,
            })
            .collect(),
        latest_recommendations: page.recommendations.into_iter().map(Into::into).collect(),
        account: page.actor.map(|actor| actor.address()),
    }
}
