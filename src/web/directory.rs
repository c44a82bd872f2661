//! The directory: list and map, pages of structures, comparison, feeds, exports, blocks for other
//! sites.

pub mod cards;
pub mod compare;
pub mod embed;
pub mod export;
pub mod feed;
pub mod fields;
pub mod list;
pub mod map;
pub mod recommendations;
pub mod show;

use axum::Router;
use url::form_urlencoded;

use super::{Web, paths};
use crate::{app::directory::Search, domain::directory::Facet};

/// The licence of what the directory gives to take away.
pub const LICENCE_NAME: &str = "Licence Ouverte 2.0";
/// Where that licence is read.
pub const LICENCE_URL: &str = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/";

/// Routes of the directory.
pub fn routes() -> Router<Web> {
    Router::new()
        .merge(list::routes())
        .merge(compare::routes())
        .merge(feed::routes())
        .merge(export::routes())
        .merge(embed::routes())
        .merge(show::routes())
}

/// A search as it stands in an address, without what is empty.
pub fn query_of(search: &Search) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    };
    add("q", &search.q);
    for facet in Facet::ALL {
        add(facet.as_str(), search.value(*facet));
    }
    add("selection", &search.selection);
    add("after", &search.after);
    add("before", &search.before);
    query.finish()
}

/// The address of a list for this search.
pub fn address(path: &str, search: &Search) -> String {
    match query_of(search).as_str() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The address of the comparison of some structures.
pub fn comparison(handles: &[String]) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("structures", &handles.join(","))
        .finish();
    format!("{}?{query}", paths::COMPARISON)
}
