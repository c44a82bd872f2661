//! Pages for people, and the JSON API.
//!
//! A page is a struct with a field `page: Page` and a template of the same name;
//! `docs/contributing/pages.md` tells how to write one, `docs/contributing/handlers.md` how to
//! answer with it.

pub mod account;
pub mod ads;
pub mod api;
pub mod catalogue;
pub mod components;
pub mod cookies;
pub mod copil;
pub mod criteria;
pub mod directory;
pub mod error_pages;
pub mod errors;
pub mod form;
pub mod forms;
pub mod hosts;
pub mod interact;
pub mod invitations;
pub mod limits;
pub mod media;
pub mod moderation;
pub mod notices;
pub mod organisations;
pub mod pacts;
pub mod page;
pub mod paths;
pub mod pictures;
pub mod public_log;
pub mod report;
pub mod security_headers;
pub mod sign_in;
pub mod site_pages;
pub mod static_files;
pub mod theme;
pub mod verifier;
pub mod visitor;
pub mod workshop;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};

pub use errors::WebError;
pub use visitor::{Visit, Visitor};

use crate::{
    app::{App, hosts::import::PublicFiles, remote_follow::RemoteDirectory, verification::Witness},
    config::Settings,
};
use error_pages::Problem;
use limits::Limits;
use page::Site;
use theme::Accent;

/// What every handler shares.
#[derive(Clone)]
pub struct Web {
    pub app: App,
    pub limits: Arc<Limits>,
    pub site: Arc<Site>,
    /// What other servers tell, for visitors who have their account there.
    pub directory: Arc<dyn RemoteDirectory>,
    /// Text files that structures publish about themselves.
    pub files: Arc<dyn PublicFiles>,
    /// What other servers say of recommendations.
    pub witness: Arc<dyn Witness>,
}

impl Web {
    /// The pages of an instance.
    pub fn new(
        app: App,
        directory: Arc<dyn RemoteDirectory>,
        files: Arc<dyn PublicFiles>,
        witness: Arc<dyn Witness>,
    ) -> Self {
        let config = app.config();
        let accent = &config.instance.accent;
        let is_default = *accent == Settings::default().instance.accent;
        let site = Site {
            name: config.instance.name.clone(),
            public_url: config.public_url.join(""),
            accent: accent.parse::<Accent>().ok().filter(|_| !is_default),
            logo: None,
        };
        Self {
            limits: Arc::new(Limits::new(app.clock())),
            site: Arc::new(site),
            directory,
            files,
            witness,
            app,
        }
    }
}

/// Every page, and the API. Forms are checked here for all of them; a handler cannot forget it.
pub fn router(web: Web) -> Router {
    let theme = web.site.accent.map(theme::style_sheet);
    Router::new()
        .merge(static_files::router(theme))
        .merge(sign_in::routes())
        .merge(account::routes())
        .merge(organisations::routes())
        .merge(invitations::routes())
        .merge(site_pages::routes())
        .merge(ads::routes())
        .merge(directory::routes())
        .merge(catalogue::routes())
        .merge(interact::routes())
        .merge(verifier::routes())
        .merge(media::routes())
        .merge(report::routes())
        .merge(workshop::routes())
        .merge(hosts::routes())
        .merge(moderation::routes())
        .merge(copil::routes())
        .merge(criteria::routes())
        .merge(public_log::routes())
        .merge(notices::routes())
        .merge(pacts::routes())
        .fallback(async || WebError::from(Problem::NotFound))
        .layer(DefaultBodyLimit::max(forms::MAX_FORM))
        .layer(middleware::from_fn_with_state(
            web.clone(),
            forms::refuse_foreign,
        ))
        .layer(middleware::from_fn(errors::adopt))
        .with_state(web.clone())
        .merge(api::router(web))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    /// Every template and every page module, with its name.
    pub(crate) fn template_sources() -> Vec<(String, String)> {
        fn walk(folder: PathBuf, found: &mut Vec<(String, String)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(path, found);
                } else if path.extension().is_some_and(|e| e == "html") {
                    found.push((
                        path.display().to_string(),
                        std::fs::read_to_string(&path).unwrap(),
                    ));
                }
            }
        }
        let mut found = Vec::new();
        walk(
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/web/templates"),
            &mut found,
        );
        found
    }

    #[test]
    fn templates_hold_no_inline_style_or_script() {
        // Mails carry their own style: programs that read them fetch none.
        for (file, source) in template_sources()
            .into_iter()
            .filter(|(file, _)| !file.contains("/mails/"))
        {
            for forbidden in [
                "style=\"",
                "<style",
                "onclick=",
                "onchange=",
                "onsubmit=",
                "javascript:",
            ] {
                assert!(!source.contains(forbidden), "{file} holds {forbidden}");
            }
            assert_eq!(
                source.matches("<script").count(),
                source.matches("<script type=\"module\" src=").count(),
                "{file}"
            );
        }
    }
}
