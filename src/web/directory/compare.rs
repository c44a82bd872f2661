//! `/annuaire/comparer`: up to four structures side by side.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{
    cards::{self, capacity_badge},
    fields,
};
use crate::{
    app::{
        AppError,
        directory::{
            COMPARED, Search,
            host_page::{self, HostPage},
        },
    },
    domain::host::{HostField, host_path},
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        error_pages::Problem,
        errors,
        page::{Link, Page},
        paths,
    },
};

/// Routes of the comparison.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::COMPARISON, get(compare))
}

/// Which structures.
#[derive(Debug, Deserialize)]
struct Chosen {
    /// Names of their accounts, between commas.
    #[serde(default)]
    structures: String,
}

/// One question, with the answer of each structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub question: String,
    pub answers: Vec<String>,
}

/// `/annuaire/comparer`
#[derive(Debug, Template)]
#[template(path = "directory/compare.html")]
pub struct ComparisonPage {
    page: Page,
    structures: Vec<Link>,
    rows: Vec<Row>,
    /// The list, with the same structures kept aside.
    list_url: String,
}

/// `GET /annuaire/comparer`
async fn compare(
    State(web): State<Web>,
    visitor: Visitor,
    chosen: Result<Query<Chosen>, QueryRejection>,
) -> Result<Response, WebError> {
    let Query(chosen) = chosen.map_err(|_| Problem::BadRequest(String::new()))?;
    let search = Search {
        selection: chosen.structures,
        ..Search::default()
    };
    let mut compared = Vec::new();
    for handle in search.shortlist().iter().take(COMPARED) {
        match host_page::show_listed(&web.app, handle).await {
            Ok(page) => compared.push(page),
            // it left the directory since it was kept aside
            Err(AppError::NotFound(_) | AppError::Gone { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let t = visitor.t;
    errors::shown(&ComparisonPage {
        page: visitor
            .page(t.tr("Comparer des structures"))
            .under(t.tr("Annuaire des structures"), paths::DIRECTORY)
            .unlisted(),
        structures: compared
            .iter()
            .map(|it| Link::new(it.organisation.name.as_str(), host_path(&it.host.handle)))
            .collect(),
        rows: rows(t, &compared),
        list_url: super::address(paths::DIRECTORY, &search),
    })
}

fn rows(t: Texts, compared: &[HostPage]) -> Vec<Row> {
    const FIELDS: [HostField; 8] = [
        HostField::Territories,
        HostField::Remote,
        HostField::PriceModel,
        HostField::PriceBracket,
        HostField::VolunteerTime,
        HostField::Publics,
        HostField::Sizes,
        HostField::Memberships,
    ];
    let row = |question: &str, answer: &dyn Fn(&HostPage) -> String| Row {
        question: question.to_owned(),
        answers: compared.iter().map(answer).collect(),
    };
    let mut rows = vec![
        row(t.tr("Recommandations"), &|it| {
            cards::counted(t, it.host.listing.counted)
        }),
        row(t.tr("Disponibilité"), &|it| {
            capacity_badge(t, it.host.capacity, it.host.capacity_from.as_deref()).label
        }),
        row(t.tr("Accompagnements proposés"), &|it| lines(t, it)),
        row(t.tr("Logiciels proposés"), &|it| {
            let names: Vec<&str> = it.software.iter().map(|it| it.name.as_str()).collect();
            names.join(", ")
        }),
    ];
    rows.extend(
        FIELDS
            .iter()
            .map(|field| row(t.host_field(*field), &|it| field_in_words(t, it, *field))),
    );
    let questions = fields::data_facts(t, &crate::domain::host::DataFacts::default());
    for (number, (question, _)) in questions.into_iter().enumerate() {
        rows.push(row(question, &|it| {
            let facts = fields::data_facts(t, &it.profile.profile.data);
            facts
                .into_iter()
                .nth(number)
                .map_or_else(String::new, |(_, answer)| answer)
        }));
    }
    for row in &mut rows {
        for answer in &mut row.answers {
            if answer.is_empty() {
                t.tr("Non précisé").clone_into(answer);
            }
        }
    }
    rows
}

fn lines(t: Texts, page: &HostPage) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in page.offers.iter().flat_map(|offer| &offer.lines) {
        let words = t.line_kind(line.kind);
        if !lines.contains(&words) {
            lines.push(words);
        }
    }
    lines.join(", ")
}

fn field_in_words(t: Texts, page: &HostPage, field: HostField) -> String {
    let Some(view) = fields::view(t, page, field) else {
        return String::new();
    };
    if view.items.is_empty() {
        return crate::domain::html::plain_text(&view.html);
    }
    let items: Vec<&str> = view.items.iter().map(|it| it.label.as_str()).collect();
    items.join(", ")
}
