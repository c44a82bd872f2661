//! The page of an organisation for its members.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

use super::{facts, mark};
use crate::{
    app::{ads, hosts, organisations},
    domain::{
        host::{Host, host_desk_path},
        organisation::{Organisation, OrganisationKind},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::summary::AdSummary,
        components::{Badge, Fact},
        errors,
        page::{Link, Page},
        paths,
    },
};

/// The most ads shown.
const ADS: i64 = 50;

pub(super) fn routes() -> Router<Web> {
    Router::new().route(paths::ORGANISATION_DESK, get(show))
}

/// `/compte/organisations/{slug}`
#[derive(Debug, Template)]
#[template(path = "organisations/desk.html")]
pub struct DeskPage {
    pub page: Page,
    pub slug: String,
    pub mark: Option<Badge>,
    pub facts: Vec<Fact>,
    pub ads: Vec<AdSummary>,
    /// The page of its structure, or the form that starts it.
    pub host: Option<Link>,
    /// Names of its members.
    pub members: Vec<String>,
    pub is_administrator: bool,
    /// Whether one departure would leave nobody to administer it.
    pub has_single_administrator: bool,
}

impl DeskPage {
    fn link(&self, route: &str) -> String {
        paths::at(route, [&self.slug])
    }
}

/// `GET /compte/organisations/{slug}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let workshop = organisations::show_workshop(&web.app, &visitor.who, &slug).await?;
    let id = workshop.organisation.id;
    let found = ads::reading::list_for_members(&web.app, &visitor.who, id, None, ADS).await?;
    let host = hosts::find_of_organisation(&web.app, &visitor.who, id).await?;
    let t = visitor.t;
    let page = visitor
        .page(workshop.organisation.name.clone())
        .under(t.tr("Mon espace"), paths::ACCOUNT)
        .unlisted();
    errors::shown(&DeskPage {
        page,
        mark: mark(t, &workshop.organisation),
        facts: facts(t, &workshop.organisation),
        host: host_link(t, &workshop.organisation, host.as_ref()),
        ads: found.iter().map(|ad| AdSummary::new(t, ad)).collect(),
        is_administrator: workshop.is_administrator(),
        has_single_administrator: workshop.has_single_administrator(),
        members: workshop.members.into_iter().map(|it| it.name).collect(),
        slug,
    })
}

/// Where a structure works on its profile. An association that has none is not asked for one.
fn host_link(t: Texts, organisation: &Organisation, host: Option<&Host>) -> Option<Link> {
    match (host, organisation.kind) {
        (Some(host), _) => Some(Link::new(
            t.tr("Ouvrir la fiche de la structure"),
            host_desk_path(&host.handle),
        )),
        (None, OrganisationKind::Structure) => Some(Link::new(
            t.tr("Présenter la structure dans l’annuaire"),
            format!("{}?organisation={}", paths::NEW_HOST, organisation.slug),
        )),
        (None, OrganisationKind::Association) => None,
    }
}
