//! `/annonces/{number}-{slug}`: one ad.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{cards, kind_badge, replies, state_badge, story};
use crate::{
    app::{
        AppError, Missing,
        ads::reading::{self, AdPage},
    },
    domain::{
        ad::Ad,
        addresses::{self, ADS_PATH},
        html::{Markdown, paragraphs},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::list,
        components::{Badge, Fact, Picture, Strip, TimelineEntry, When},
        errors,
        page::{Link, Page, ShareImage},
        paths,
    },
};

/// Characters of a description for search engines and previews.
const DESCRIPTION_LENGTH: usize = 200;

/// Routes of the page of an ad.
pub fn routes() -> Router<Web> {
    Router::new().route("/annonces/{address}", get(show))
}

/// `/annonces/{number}-{slug}`
#[derive(Debug, Template)]
#[template(path = "ads/show.html")]
pub struct ShowPage {
    page: Page,
    kind: Badge,
    state: Badge,
    organisation: String,
    is_verified: bool,
    published: When,
    /// The need, as sanitised HTML.
    need: String,
    image: Option<Picture>,
    facts: Vec<Fact>,
    hashtags: Vec<Link>,
    /// What came of it, as sanitised HTML; empty until it is told.
    outcome: String,
    steps: Vec<TimelineEntry>,
    comments: Vec<replies::Reply>,
    counts: Vec<Strip>,
    /// `@annonce_12@host`
    handle: String,
    follow_url: String,
    report_url: String,
    is_active: bool,
}

/// `GET /annonces/{address}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(address): Path<String>,
) -> Result<Response, WebError> {
    let number = number_of(&address).ok_or(AppError::NotFound(Missing::Ad))?;
    let ad_page = reading::show(&web.app, number).await?;
    match ad_page.ad.address() {
        Some(right) if right != address => Ok(moved(&format!("{ADS_PATH}/{right}"))),
        _ => errors::shown(&ShowPage::new(&web, &visitor, ad_page)),
    }
}

/// The number of an ad in the last part of its address, whatever words follow it.
fn number_of(address: &str) -> Option<i64> {
    let (number, _) = address.split_once('-').unwrap_or((address, ""));
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| is_number)
}

/// 301: links that were written with another title find the page, and browsers remember it.
fn moved(path: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, path)]).into_response()
}

impl ShowPage {
    fn new(web: &Web, visitor: &Visitor, ad_page: AdPage) -> Self {
        let t = visitor.t;
        let AdPage {
            ad,
            organisation,
            actor,
            ..
        } = &ad_page;
        let published_at = ad.published_at.unwrap_or(ad.created_at);
        Self {
            page: page(web, visitor, &ad_page),
            kind: kind_badge(t, ad.content.kind),
            state: state_badge(t, ad.state),
            organisation: organisation.name.clone(),
            is_verified: organisation.verification.is_some(),
            published: When::day(t, published_at),
            need: Markdown::new(&ad.content.need).page_html(),
            image: picture(&ad_page),
            facts: facts(t, &ad_page),
            hashtags: hashtags(ad),
            outcome: paragraphs(&ad.outcome),
            steps: story::timeline(t, &ad_page),
            comments: replies::thread(t, &ad_page),
            counts: counts(t, &ad_page),
            handle: actor.address(),
            follow_url: paths::interact_with(&actor.uri),
            report_url: paths::report(&actor.uri),
            is_active: ad.state.is_active(),
        }
    }
}

fn page(web: &Web, visitor: &Visitor, ad_page: &AdPage) -> Page {
    let t = visitor.t;
    let AdPage { ad, actor, .. } = ad_page;
    let mut page = visitor
        .page(ad.content.title.as_str())
        .described(cards::need_in_short(&ad.content.need, DESCRIPTION_LENGTH))
        .under(t.tr("Petites annonces"), paths::ADS)
        .also_as("application/activity+json", actor.uri.as_str(), "")
        .also_as(
            "application/atom+xml",
            paths::ADS_FEED,
            t.tr("Nouvelles annonces"),
        );
    page.share_image = ad_page.image.as_ref().map(|image| ShareImage {
        url: web.app.url(&addresses::media_path(&image.file_name)),
        alt: image.alt.clone(),
    });
    page
}

fn picture(ad_page: &AdPage) -> Option<Picture> {
    let image = ad_page.image.as_ref()?;
    Some(Picture {
        url: addresses::media_path(&image.file_name),
        alt: image.alt.clone(),
        width: u32::try_from(image.width).ok()?,
        height: u32::try_from(image.height).ok()?,
    })
}

fn facts(t: Texts, ad_page: &AdPage) -> Vec<Fact> {
    let AdPage {
        ad, organisation, ..
    } = ad_page;
    let content = &ad.content;
    let mut facts = vec![Fact::linked(
        t.tr("Publiée par"),
        &organisation.name,
        paths::at(paths::ORGANISATION, [&organisation.slug]),
    )];
    if !content.software.is_empty() {
        facts.push(Fact::new(t.tr("Logiciel concerné"), &content.software));
    }
    if let Some(ticket) = &content.ticket_url {
        facts.push(Fact::linked(
            t.tr("Discussion du projet"),
            host_of(ticket),
            ticket,
        ));
    }
    facts.push(Fact::new(t.tr("Où ?"), t.territory(content.territory)));
    facts.push(Fact::new(t.tr("Budget"), t.budget(content.budget)));
    if let Some(day) = content.deadline {
        facts.push(Fact::new(t.tr("Pour quand ?"), t.day(day)));
    }
    if let Some(licence) = content.licence {
        let name = t.tr("Licence libre du résultat");
        facts.push(Fact::linked(name, licence.id(), licence.url()));
    }
    if let Some(end) = ad.expires_at.filter(|_| ad.state.is_active()) {
        facts.push(Fact::new(t.tr("En ligne jusqu’au"), t.date(end)));
    }
    facts
}

/// The host of an address, which says where a link leads.
fn host_of(address: &str) -> String {
    let host = url::Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| address.to_owned())
}

fn hashtags(ad: &Ad) -> Vec<Link> {
    let link = |tag: &crate::domain::hashtag::Hashtag| {
        let search = reading::Search {
            tag: tag.as_str().to_owned(),
            status: "all".to_owned(),
            ..reading::Search::default()
        };
        Link::new(
            format!("#{}", tag.as_str()),
            list::address(ADS_PATH, &search),
        )
    };
    ad.content.hashtags.iter().map(link).collect()
}

/// How many follow, like and share it, in words; nothing for nobody.
fn counts(t: Texts, ad_page: &AdPage) -> Vec<Strip> {
    let (followers, likes, shares) = (
        ad_page.follower_count,
        ad_page.like_count,
        ad_page.announce_count,
    );
    [
        (
            followers,
            t.trn("personne la suit", "personnes la suivent", followers),
        ),
        (likes, t.trn("personne l’aime", "personnes l’aiment", likes)),
        (
            shares,
            t.trn("personne l’a partagée", "personnes l’ont partagée", shares),
        ),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| Strip::new(t.number(count), words))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_read_whatever_words_follow_it() {
        assert_eq!(number_of("12-agenda"), Some(12));
        assert_eq!(number_of("12"), Some(12));
        assert_eq!(number_of("12-"), Some(12));
        for address in [
            "",
            "-12",
            "+12-a",
            "douze",
            "12a",
            "99999999999999999999-a",
            " 1",
        ] {
            assert_eq!(number_of(address), None, "{address}");
        }
    }
}
