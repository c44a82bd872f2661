//! Handlers of the pages that tell what the site is.

use axum::{Router, extract::State, response::Response, routing::get};

use url::form_urlencoded;

use super::{
    AboutPage, AccessibilityPage, HomePage, LegalPage, ModerationRulesPage, PrivacyPage, Publisher,
    Retention, SiteMapPage,
};
use crate::{
    app::{App, ads::reading, housekeeping, invitations, sessions, sign_in},
    web::{Visitor, Web, WebError, ads::cards, errors, page::Page, paths},
};

/// Ads on the home page.
const LATEST: i64 = 6;
/// Where the source code of this version is (AGPL-3.0, section 13).
const SOURCE_URL: &str = env!("CARGO_PKG_REPOSITORY");

/// Routes of the site pages.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::HOME, get(home))
        .route(paths::ABOUT, get(about))
        .route(paths::LEGAL, get(legal))
        .route(paths::PRIVACY, get(privacy))
        .route(paths::ACCESSIBILITY, get(accessibility))
        .route(paths::SITE_MAP, get(site_map))
        .route(paths::MODERATION_RULES, get(moderation_rules))
}

async fn home(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    let overview = reading::show_overview(&web.app, LATEST).await?;
    let t = visitor.t;
    let page = visitor
        .page("")
        .described(web.app.config().instance.description.as_str())
        .also_as(
            "application/atom+xml",
            paths::ADS_FEED,
            t.tr("Nouvelles annonces"),
        );
    errors::shown(&HomePage {
        page,
        latest: cards::cards(t, &overview.latest),
        active_count: overview.active_count,
        delivered_count: overview.delivered_count,
    })
}

async fn about(visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&AboutPage {
        page: titled(&visitor, visitor.t.tr("Le projet")),
        version: env!("CARGO_PKG_VERSION"),
        source_url: SOURCE_URL.to_owned(),
    })
}

async fn legal(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&LegalPage {
        page: titled(&visitor, visitor.t.tr("Mentions légales")),
        publisher: publisher(&web.app),
    })
}

async fn privacy(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&PrivacyPage {
        page: titled(&visitor, visitor.t.tr("Vie privée")),
        publisher: publisher(&web.app),
        retention: retention(),
    })
}

async fn accessibility(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&AccessibilityPage {
        page: titled(&visitor, visitor.t.tr("Accessibilité")),
        publisher: publisher(&web.app),
    })
}

async fn site_map(visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&SiteMapPage {
        page: titled(&visitor, visitor.t.tr("Plan du site")),
    })
}

async fn moderation_rules(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&ModerationRulesPage {
        page: titled(&visitor, visitor.t.tr("Règles de modération")),
        publisher: publisher(&web.app),
    })
}

fn titled(visitor: &Visitor, title: &str) -> Page {
    visitor
        .page(title)
        .under(visitor.t.tr("À propos"), paths::SITE_MAP)
}

/// Who answers for the site, from the settings; the name of the site while they do not say.
fn publisher(app: &App) -> Publisher {
    let instance = &app.config().instance;
    let name = match instance.publisher.trim() {
        "" => &instance.name,
        publisher => publisher,
    };
    let host = format!("{}\n{}", instance.host_name, instance.host_address);
    Publisher {
        name: name.to_owned(),
        registration: String::new(),
        address: instance.publisher_address.clone(),
        email: instance.contact_email.trim().to_owned(),
        form: contact_form(app),
        phone: String::new(),
        director: instance.publication_director.clone(),
        host: host.trim().to_owned(),
    }
}

/// The form of reports, about the site as a whole: whoever has no address to write to uses it.
fn contact_form(app: &App) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("uri", &app.url(paths::ADS))
        .finish();
    format!("{}?{query}", paths::REPORT)
}

fn retention() -> Retention {
    Retention {
        session_days: sessions::LIFETIME.num_days().unsigned_abs(),
        sign_in_link_minutes: sign_in::LINK_LIFETIME.num_minutes().unsigned_abs(),
        dead_link_days: housekeeping::LINKS.num_days().unsigned_abs(),
        invitation_days: invitations::VALIDITY.num_days().unsigned_abs(),
        record_days: housekeeping::RECORDS.num_days().unsigned_abs(),
    }
}
