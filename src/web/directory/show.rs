//! `/structures/{handle}`: one structure.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    cards::{self, capacity_badge},
    fields::{self, FieldView},
    recommendations::RecommendationView,
};
use crate::{
    app::directory::host_page::{self, HostNotice, HostPage, HostView},
    domain::{
        catalogue,
        host::{HostField, Offer, PriceBracket, host_path},
        html::{Markdown, paragraphs},
        ids::RecommendationId,
        territory::Territory,
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{Badge, Fact, When},
        error_pages::Problem,
        errors,
        page::{Link, Page},
        paths,
    },
};

/// Characters of a description for search engines and previews.
const DESCRIPTION_LENGTH: usize = 200;

/// Routes of the page of a structure.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::STRUCTURE, get(show))
}

/// An offer on the page of its structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferView {
    pub anchor: String,
    pub name: String,
    /// Sanitised HTML.
    pub description: String,
    /// Each line with what is said of it.
    pub lines: Vec<(&'static str, String)>,
    pub software: Vec<Link>,
    pub price: String,
    pub is_all_in_one: bool,
}

/// `/structures/{handle}`
#[derive(Debug, Template)]
#[template(path = "directory/show.html")]
pub struct StructurePage {
    page: Page,
    json_ld: String,
    is_preview: bool,
    is_on_notice: bool,
    organisation: Link,
    legal_form: &'static str,
    capacity: Badge,
    /// When the structure last said so; empty when it never did.
    capacity_said: String,
    is_all_in_one: bool,
    counted: String,
    presentation: Option<FieldView>,
    recommendations: Vec<RecommendationView>,
    next_url: String,
    offers: Vec<OfferView>,
    fields: Vec<FieldView>,
    software: Vec<(Link, String)>,
    software_source: String,
    tools: Vec<Link>,
    data: Vec<(&'static str, String)>,
    data_source: String,
    confirmed: Option<When>,
    facts: Vec<Fact>,
    /// Where one follows it from one's own account; empty before it has one.
    follow_url: String,
    handle: String,
    followers: String,
    report_url: String,
    embed_url: String,
}

/// What replaces the page of a structure that left the directory.
#[derive(Debug, Template)]
#[template(path = "directory/notice.html")]
pub struct NoticePage {
    page: Page,
    since: When,
    is_suspended: bool,
    /// Sanitised HTML; empty when there is no motive.
    motive: String,
    follow_url: String,
}

/// Where the recommendations that are shown begin.
#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    avant: String,
}

/// `GET /structures/{handle}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    part: Result<Query<Part>, QueryRejection>,
) -> Result<Response, WebError> {
    let Query(part) = part.map_err(|_| Problem::BadRequest(String::new()))?;
    let before = RecommendationId::parse(&part.avant);
    match host_page::show(&web.app, &visitor.who, &handle, before).await? {
        HostView::Listed(page) => errors::shown(&StructurePage::new(&web, &visitor, &page, false)),
        HostView::Preview(page) => errors::shown(&StructurePage::new(&web, &visitor, &page, true)),
        HostView::Notice(notice) => {
            let page = errors::shown(&NoticePage::new(&visitor, &notice))?;
            Ok((StatusCode::GONE, page).into_response())
        }
    }
}

impl NoticePage {
    fn new(visitor: &Visitor, notice: &HostNotice) -> Self {
        let t = visitor.t;
        let actor = notice.actor.as_ref();
        Self {
            page: visitor
                .page(notice.name.as_str())
                .under(t.tr("Annuaire des structures"), paths::DIRECTORY)
                .unlisted(),
            since: When::day(t, notice.since),
            is_suspended: notice.is_suspended,
            motive: paragraphs(&notice.motive),
            follow_url: actor.map_or_else(String::new, |actor| paths::interact_with(&actor.uri)),
        }
    }
}

impl StructurePage {
    fn new(web: &Web, visitor: &Visitor, shown: &HostPage, is_preview: bool) -> Self {
        let t = visitor.t;
        let HostPage {
            host,
            organisation,
            profile,
            ..
        } = shown;
        let uri = shown.actor.as_ref().map(|actor| actor.uri.as_str());
        let recommendations = shown.recommendations.iter();
        let page = page(visitor, shown, is_preview);
        Self {
            json_ld: json_ld(web, shown, &page),
            is_preview,
            is_on_notice: !is_preview && host.listing.counted == 0,
            organisation: Link::new(
                organisation.name.as_str(),
                paths::at(paths::ORGANISATION, [&organisation.slug]),
            ),
            legal_form: t.legal_form(organisation.legal_form),
            capacity: capacity_badge(t, host.capacity, host.capacity_from.as_deref()),
            capacity_said: host.capacity_said_at.map_or_else(String::new, |at| {
                t.trf("dit par la structure le {date}", [("date", t.date(at))])
            }),
            is_all_in_one: shown.offers.iter().any(Offer::is_all_in_one),
            counted: cards::counted(t, host.listing.counted),
            presentation: fields::view(t, shown, HostField::Presentation),
            recommendations: recommendations
                .map(|it| RecommendationView::new(t, web.app.now(), it))
                .collect(),
            next_url: shown.next.map_or_else(String::new, |id| {
                format!("{}?avant={id}#recommandations", host_path(&host.handle))
            }),
            offers: shown
                .offers
                .iter()
                .map(|offer| offer_view(t, shown, offer))
                .collect(),
            fields: fields::views(t, shown),
            software: software(shown),
            software_source: fields::source(t, shown, HostField::Software).0,
            tools: shown
                .tools
                .iter()
                .map(|(slug, name)| Link::new(name.as_str(), catalogue::tool_path(slug)))
                .collect(),
            data: fields::data_facts(t, &profile.profile.data),
            data_source: fields::source(t, shown, HostField::Data).0,
            confirmed: host.confirmed_at.map(|at| When::day(t, at)),
            facts: facts(t, shown),
            follow_url: uri.map_or_else(String::new, paths::interact_with),
            handle: shown
                .actor
                .as_ref()
                .map_or_else(String::new, crate::domain::federation::Actor::address),
            followers: match shown.follower_count {
                0 => String::new(),
                count => t.trn("{n} personne la suit", "{n} personnes la suivent", count),
            },
            report_url: uri.map_or_else(String::new, paths::report),
            embed_url: if is_preview {
                String::new()
            } else {
                paths::at(paths::STRUCTURE_CARD, [&host.handle])
            },
            page,
        }
    }
}

fn page(visitor: &Visitor, shown: &HostPage, is_preview: bool) -> Page {
    let t = visitor.t;
    let presentation = &shown.profile.profile.presentation;
    let mut page = visitor
        .page(shown.organisation.name.as_str())
        .described(cards::in_short(presentation, DESCRIPTION_LENGTH))
        .under(t.tr("Annuaire des structures"), paths::DIRECTORY)
        .also_as(
            "application/atom+xml",
            paths::RECOMMENDATIONS_FEED,
            t.tr("Nouvelles recommandations"),
        );
    if let Some(actor) = &shown.actor {
        page = page.also_as("application/activity+json", actor.uri.as_str(), "");
    }
    if is_preview { page.unlisted() } else { page }
}

fn offer_view(t: Texts, shown: &HostPage, offer: &Offer) -> OfferView {
    let named = shown
        .software
        .iter()
        .filter(|it| offer.software.contains(&it.slug));
    let bracket = Some(offer.price_bracket).filter(|it| *it != PriceBracket::Unknown);
    let mut price = t.price_model(offer.price_model).to_owned();
    if let Some(bracket) = bracket {
        price = format!("{price} · {}", t.price_bracket(bracket));
    }
    OfferView {
        anchor: format!("offre-{}", offer.number),
        name: offer.name.clone(),
        description: Markdown::new(&offer.description).page_html(),
        lines: offer
            .lines
            .iter()
            .map(|line| (t.line_kind(line.kind), line.note.clone()))
            .collect(),
        software: named
            .map(|it| Link::new(it.name.as_str(), it.website.as_str()))
            .collect(),
        price,
        is_all_in_one: offer.is_all_in_one(),
    }
}

/// Programs with their sentence; those that the catalogue does not have by their slug.
fn software(shown: &HostPage) -> Vec<(Link, String)> {
    let known = shown.software.iter();
    let mut all: Vec<(Link, String)> = known
        .map(|it| {
            (
                Link::new(it.name.as_str(), it.website.as_str()),
                it.description.clone(),
            )
        })
        .collect();
    let unknown = shown.profile.profile.software.iter();
    all.extend(
        unknown
            .filter(|slug| !shown.software.iter().any(|it| it.slug == **slug))
            .map(|slug| (Link::new(slug.as_str(), ""), String::new())),
    );
    all
}

fn facts(t: Texts, shown: &HostPage) -> Vec<Fact> {
    let organisation = &shown.organisation;
    let mut facts = Vec::new();
    if let Some(website) = &organisation.website {
        let name = website.trim_start_matches("https://").trim_end_matches('/');
        facts.push(Fact::linked(t.tr("Site"), name, website.as_str()));
    }
    let seat = organisation.departement_code.as_deref();
    if let Some(place) = seat.and_then(|code| Territory::parse(&format!("departement:{code}")).ok())
    {
        facts.push(Fact::new(t.tr("Siège"), place.label()));
    }
    if let Some(since) = shown.host.listing.listed_since {
        facts.push(Fact::new(t.tr("Dans l’annuaire depuis"), t.date(since)));
    }
    facts
}

/// The structure for search engines (schema.org), safe inside a `script` element.
fn json_ld(web: &Web, shown: &HostPage, page: &Page) -> String {
    let offers = shown.offers.iter().map(|offer| {
        json!({
            "@type": "Offer",
            "name": offer.name,
            "url": format!("{}#offre-{}", page.canonical, offer.number),
        })
    });
    let areas = shown.profile.profile.territories.iter();
    let areas: Vec<String> = areas.map(|it| cards::served(page.t, *it)).collect();
    let memberships = shown.profile.profile.memberships.iter();
    let member_of = memberships
        .filter(|it| it.until.is_none_or(|until| web.app.today() <= until))
        .map(|it| json!({"@type": "Organization", "name": it.name}));
    let document = json!({
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": web.app.url(&host_path(&shown.host.handle)),
        "name": shown.organisation.name,
        "url": page.canonical,
        "description": page.description,
        "sameAs": shown.organisation.website,
        "areaServed": areas,
        "memberOf": member_of.collect::<Vec<_>>(),
        "makesOffer": offers.collect::<Vec<_>>(),
    });
    let text = document.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/ld+json\">{text}</script>")
}
