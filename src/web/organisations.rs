//! Organisations: what everybody sees of them, and what their members do.

mod desk;
mod editing;
mod members;
pub(in crate::web) mod moderation;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

use super::{
    Visitor, Web, WebError,
    components::{Badge, Fact, When},
    errors,
    page::{Page, Tone},
    paths,
};
use crate::{
    app::organisations,
    domain::{organisation::Organisation, territory},
    locales::Texts,
};

/// The routes of organisations.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::ORGANISATION, get(show))
        .merge(desk::routes())
        .merge(editing::routes())
        .merge(members::routes())
        .merge(moderation::routes())
}

/// A public ad, in the list of its organisation.
#[derive(Debug)]
pub struct AdLine {
    pub url: String,
    pub title: String,
    pub when: When,
}

/// `/organisations/{slug}`
#[derive(Debug, Template)]
#[template(path = "organisations/show.html")]
pub struct OrganisationPage {
    pub page: Page,
    pub kind: &'static str,
    pub mark: Option<Badge>,
    pub facts: Vec<Fact>,
    pub ads: Vec<AdLine>,
    /// `false` while only its members and moderators see it.
    pub is_public: bool,
}

/// `GET /organisations/{slug}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let view = organisations::show(&web.app, &visitor.who, &slug).await?;
    let t = visitor.t;
    let organisation = &view.organisation;
    let mut page = visitor
        .page(organisation.name.clone())
        .under(t.tr("Petites annonces"), paths::ADS);
    if !view.is_public {
        page = page.unlisted();
    }
    let ads = view.ads.iter().filter_map(|ad| {
        Some(AdLine {
            url: format!("{}/{}", paths::ADS, ad.address()?),
            title: ad.content.title.clone(),
            when: When::day(t, ad.published_at?),
        })
    });
    errors::shown(&OrganisationPage {
        kind: t.organisation_kind(organisation.kind),
        mark: mark(t, organisation),
        facts: facts(t, organisation),
        ads: ads.collect(),
        is_public: view.is_public,
        page,
    })
}

/// The mark of a verified organisation.
fn mark(t: Texts, organisation: &Organisation) -> Option<Badge> {
    organisation.verification.as_ref().map(|_| Badge {
        tone: Tone::Success,
        icon: "shield-check",
        label: t.tr("Organisation vérifiée").to_owned(),
    })
}

/// What an organisation says of itself, and what was verified.
pub(in crate::web) fn facts(t: Texts, organisation: &Organisation) -> Vec<Fact> {
    let mut facts = vec![Fact::new(
        t.tr("Forme juridique"),
        t.legal_form(organisation.legal_form),
    )];
    if let Some(place) = place(organisation) {
        facts.push(Fact::new(t.tr("Siège"), place));
    }
    if let Some(website) = &organisation.website {
        let shown = website.trim_start_matches("https://").trim_end_matches('/');
        facts.push(Fact::linked(t.tr("Site"), shown, website.clone()));
    }
    if let Some(rna) = &organisation.rna {
        facts.push(Fact::new(t.tr("Numéro RNA"), rna.clone()));
    }
    if let Some(siret) = &organisation.siret {
        facts.push(Fact::new(t.tr("Numéro SIRET"), siret.clone()));
    } else if let Some(siren) = &organisation.siren {
        facts.push(Fact::new(t.tr("Numéro SIREN"), siren.clone()));
    }
    if let Some(verification) = &organisation.verification {
        let sentence = t.trf(
            "Le {date}, {method}",
            [
                ("date", t.date(verification.verified_at)),
                (
                    "method",
                    t.verification_method(verification.method).to_owned(),
                ),
            ],
        );
        facts.push(Fact::new(t.tr("Vérifiée"), sentence));
    }
    facts
}

/// « Lyon (Rhône) ».
fn place(organisation: &Organisation) -> Option<String> {
    let commune = territory::find_commune(organisation.commune_code.as_deref()?)?;
    Some(format!("{} ({})", commune.name, commune.departement.name))
}
