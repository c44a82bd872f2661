//! `/annuaire.csv` and `/annuaire.json`: the whole list, or what a search finds, to take away under an
//! open licence. Read and sent part by part: nothing holds the whole directory in memory.

use axum::{
    Router,
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::stream;

use super::{LICENCE_NAME, LICENCE_URL};
use crate::{
    app::{
        AppError,
        directory::{self, EXPORT_BATCH, Entry, Names, Search},
    },
    domain::{directory::Facet, host::host_path},
    web::{Web, WebError, api::directory::StructureView, error_pages::Problem, paths},
};

/// Routes of the exports.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::DIRECTORY_CSV, get(csv))
        .route(paths::DIRECTORY_JSON, get(json))
}

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

/// `GET /annuaire.csv`
async fn csv(
    State(web): State<Web>,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, WebError> {
    export(web, search, Form::Csv).await
}

/// `GET /annuaire.json`
async fn json(
    State(web): State<Web>,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, WebError> {
    export(web, search, Form::Json).await
}

/// What remains to be sent.
enum Step {
    /// A part of the list, and whether it is the first.
    Part(Search, bool),
    End,
}

async fn export(
    web: Web,
    search: Result<Query<Search>, QueryRejection>,
    form: Form,
) -> Result<Response, WebError> {
    let Query(search) = search.map_err(|_| Problem::BadRequest(String::new()))?;
    let names = directory::list_names(&web.app).await?;
    // a mistake in a filter is told before anything is sent
    directory::list_part(&web.app, &search, 1).await?;
    let parts = stream::try_unfold(Step::Part(search, true), move |step| {
        let (web, names) = (web.clone(), names.clone());
        async move {
            let Step::Part(search, is_first) = step else {
                return Ok::<_, AppError>(None);
            };
            let (entries, next) = directory::list_part(&web.app, &search, EXPORT_BATCH).await?;
            let text = part(&web, form, &names, &entries, (is_first, next.is_none()))?;
            let step = match next {
                Some(after) => Step::Part(
                    Search {
                        after,
                        before: String::new(),
                        ..search
                    },
                    false,
                ),
                None => Step::End,
            };
            Ok(Some((text, step)))
        }
    });
    let kind = match form {
        Form::Csv => "text/csv; charset=utf-8; header=present",
        Form::Json => "application/json",
    };
    let link = format!("<{LICENCE_URL}>; rel=\"license\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CACHE_CONTROL, "public, max-age=300".to_owned()),
        (header::LINK, link),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

fn part(
    web: &Web,
    form: Form,
    names: &Names,
    entries: &[Entry],
    (is_first, is_last): (bool, bool),
) -> Result<String, AppError> {
    match form {
        Form::Csv => csv_part(web, names, entries, is_first),
        Form::Json => json_part(web, names, entries, is_first, is_last),
    }
}

fn json_part(
    web: &Web,
    names: &Names,
    entries: &[Entry],
    is_first: bool,
    is_last: bool,
) -> Result<String, AppError> {
    let mut text = String::new();
    if is_first {
        let source =
            serde_json::to_string(&web.app.url(paths::DIRECTORY)).map_err(AppError::internal)?;
        text = format!(
            "{{\"licence\":\"{LICENCE_NAME}\",\"licence_url\":\"{LICENCE_URL}\",\"source\":{source},\"structures\":["
        );
    }
    for (number, entry) in entries.iter().enumerate() {
        if number > 0 || !is_first {
            text.push(',');
        }
        let view = StructureView::new(&web.app, entry, names);
        text.push_str(&serde_json::to_string(&view).map_err(AppError::internal)?);
    }
    if is_last {
        text.push_str("]}\n");
    }
    Ok(text)
}

/// Names of the columns: facets by their names in addresses.
const COLUMNS: [&str; 7] = [
    "nom",
    "adresse",
    "departement_du_siege",
    "recommandations",
    "dans_l_annuaire_depuis",
    "modifiee_le",
    "licence",
];

fn csv_part(
    web: &Web,
    names: &Names,
    entries: &[Entry],
    is_first: bool,
) -> Result<String, AppError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    if is_first {
        let facets = Facet::ALL.iter().map(|facet| facet.as_str());
        writer
            .write_record(COLUMNS.into_iter().chain(facets))
            .map_err(AppError::internal)?;
    }
    for entry in entries {
        let day = |at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map_or_else(String::new, |at| at.date_naive().to_string())
        };
        let mut record = vec![
            plain(&entry.name),
            web.app.url(&host_path(&entry.handle)),
            entry.departement.clone().unwrap_or_default(),
            entry.counted.to_string(),
            day(entry.listed_since),
            day(Some(entry.updated_at)),
            LICENCE_NAME.to_owned(),
        ];
        record.extend(Facet::ALL.iter().map(|facet| {
            let values = entry
                .values(*facet)
                .filter(|value| !value.starts_with("within:"));
            let values: Vec<&str> = values.map(|value| names.of(*facet, value)).collect();
            plain(&values.join("; "))
        }));
        writer.write_record(&record).map_err(AppError::internal)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| AppError::internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(AppError::internal)
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(plain("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(plain("@SUM"), "'@SUM");
        assert_eq!(plain("Le Lac = l’eau"), "Le Lac = l’eau");
    }
}
