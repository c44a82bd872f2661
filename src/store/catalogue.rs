//! Free programs, the proprietary tools that they replace, and which replaces which.

use chrono::NaiveDate;
use sqlx::QueryBuilder;

use super::{
    Read, StoreError, Write,
    values::{from_json, to_json},
};
use crate::domain::{
    catalogue::{Alternative, Software, Tool},
    ids::{SoftwareId, ToolId},
};

/// Rows written by one statement: SQLite takes 32,766 values.
const ROWS: usize = 500;

#[derive(sqlx::FromRow)]
struct SoftwareRow {
    slug: String,
    name: String,
    description: String,
    licence: String,
    website: String,
    source_url: Option<String>,
    aliases: String,
    uses: String,
    origin: String,
    checked_on: String,
}

impl TryFrom<SoftwareRow> for Software {
    type Error = StoreError;

    fn try_from(row: SoftwareRow) -> Result<Self, StoreError> {
        Ok(Self {
            slug: row.slug,
            name: row.name,
            description: row.description,
            uses: from_json(&row.uses, "software.uses")?,
            licence: row.licence,
            website: row.website,
            source: row.source_url,
            aliases: from_json(&row.aliases, "software.aliases")?,
            from: vec![row.origin],
            checked_on: day(&row.checked_on, "software.checked_on")?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ToolRow {
    slug: String,
    name: String,
    company: String,
    description: String,
    why: String,
    aliases: String,
    uses: String,
    checked_on: String,
}

impl TryFrom<ToolRow> for Tool {
    type Error = StoreError;

    fn try_from(row: ToolRow) -> Result<Self, StoreError> {
        Ok(Self {
            slug: row.slug,
            name: row.name,
            company: row.company,
            aliases: from_json(&row.aliases, "tools.aliases")?,
            uses: from_json(&row.uses, "tools.uses")?,
            description: row.description,
            why: row.why,
            checked_on: day(&row.checked_on, "tools.checked_on")?,
            alternatives: Vec::new(),
        })
    }
}

fn day(text: &str, column: &'static str) -> Result<NaiveDate, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { column })
}

/// Adds programs, or changes those of the same origin; a row of another origin stays as it is.
pub async fn save_software(
    tx: &mut Write,
    programs: &[(SoftwareId, &Software)],
    origin: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO software
            (id, slug, name, description, licence, website, source_url, aliases, uses, origin,
             checked_on) ";
    const CHANGE: &str = "
        ON CONFLICT (slug) DO UPDATE SET
            name = excluded.name, description = excluded.description,
            licence = excluded.licence, website = excluded.website,
            source_url = excluded.source_url, aliases = excluded.aliases, uses = excluded.uses,
            checked_on = excluded.checked_on
        WHERE software.origin = excluded.origin";

    for chunk in programs.chunks(ROWS) {
        let mut rows = Vec::with_capacity(chunk.len());
        for (id, program) in chunk {
            let aliases = to_json(&program.aliases, "software.aliases")?;
            let uses = to_json(&program.uses, "software.uses")?;
            rows.push((*id, *program, aliases, uses));
        }
        on!(tx, |conn| {
            let mut query = QueryBuilder::new(SQL);
            query.push_values(&rows, |mut row, (id, program, aliases, uses)| {
                row.push_bind(*id)
                    .push_bind(program.slug.as_str())
                    .push_bind(program.name.as_str())
                    .push_bind(program.description.as_str())
                    .push_bind(program.licence.as_str())
                    .push_bind(program.website.as_str())
                    .push_bind(program.source.as_deref())
                    .push_bind(aliases.as_str())
                    .push_bind(uses.as_str())
                    .push_bind(origin)
                    .push_bind(program.checked_on.to_string());
            });
            query.push(CHANGE);
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Adds tools without their alternatives, or changes those of the same origin; a row of another
/// origin stays as it is.
pub async fn save_tools(
    tx: &mut Write,
    tools: &[(ToolId, &Tool)],
    origin: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO tools
            (id, slug, name, company, description, why, aliases, uses, origin, checked_on) ";
    const CHANGE: &str = "
        ON CONFLICT (slug) DO UPDATE SET
            name = excluded.name, company = excluded.company,
            description = excluded.description, why = excluded.why, aliases = excluded.aliases,
            uses = excluded.uses, checked_on = excluded.checked_on
        WHERE tools.origin = excluded.origin";

    for chunk in tools.chunks(ROWS) {
        let mut rows = Vec::with_capacity(chunk.len());
        for (id, tool) in chunk {
            let aliases = to_json(&tool.aliases, "tools.aliases")?;
            let uses = to_json(&tool.uses, "tools.uses")?;
            rows.push((*id, *tool, aliases, uses));
        }
        on!(tx, |conn| {
            let mut query = QueryBuilder::new(SQL);
            query.push_values(&rows, |mut row, (id, tool, aliases, uses)| {
                row.push_bind(*id)
                    .push_bind(tool.slug.as_str())
                    .push_bind(tool.name.as_str())
                    .push_bind(tool.company.as_str())
                    .push_bind(tool.description.as_str())
                    .push_bind(tool.why.as_str())
                    .push_bind(aliases.as_str())
                    .push_bind(uses.as_str())
                    .push_bind(origin)
                    .push_bind(tool.checked_on.to_string());
            });
            query.push(CHANGE);
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// One way from a tool to a program; `rank` 0 is the best fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    pub tool: ToolId,
    pub software: SoftwareId,
    pub note: String,
    pub rank: i64,
}

/// Adds replacements; one that exists keeps its note and its rank.
pub async fn add_replacements(
    tx: &mut Write,
    replacements: &[Replacement],
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO alternatives (tool_id, software_id, note, rank) ";
    const KEEP: &str = " ON CONFLICT (tool_id, software_id) DO NOTHING";

    for chunk in replacements.chunks(ROWS) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::new(SQL);
            query.push_values(chunk, |mut row, it| {
                row.push_bind(it.tool)
                    .push_bind(it.software)
                    .push_bind(it.note.as_str())
                    .push_bind(it.rank);
            });
            query.push(KEEP);
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Takes away the replacements of the tools of an origin that lead to a program of that origin.
pub async fn delete_replacements(tx: &mut Write, origin: &str) -> Result<(), StoreError> {
    const SQL: &str = "
        DELETE FROM alternatives
        WHERE tool_id IN (SELECT id FROM tools WHERE origin = $1)
          AND software_id IN (SELECT id FROM software WHERE origin = $1)";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(origin)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Takes away a program and the ways to it.
pub async fn delete_software(tx: &mut Write, id: SoftwareId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM software WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Takes away a tool and the ways from it.
pub async fn delete_tool(tx: &mut Write, id: ToolId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM tools WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The slug, the id and the origin of every program.
pub async fn list_software_keys(
    tx: &mut Read,
) -> Result<Vec<(String, SoftwareId, String)>, StoreError> {
    const SQL: &str = "SELECT slug, id, origin FROM software ORDER BY slug";

    Ok(on!(tx, |conn| sqlx::query_as(SQL).fetch_all(conn).await)?)
}

/// The slug, the id and the origin of every tool.
pub async fn list_tool_keys(tx: &mut Read) -> Result<Vec<(String, ToolId, String)>, StoreError> {
    const SQL: &str = "SELECT slug, id, origin FROM tools ORDER BY slug";

    Ok(on!(tx, |conn| sqlx::query_as(SQL).fetch_all(conn).await)?)
}

/// Every tool by name, without its alternatives: some hundreds.
pub async fn list_tools(tx: &mut Read, limit: i64) -> Result<Vec<Tool>, StoreError> {
    const SQL: &str = "
        SELECT slug, name, company, description, why, aliases, uses, checked_on
        FROM tools ORDER BY name, id LIMIT $1";

    let rows: Vec<ToolRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Tool::try_from).collect()
}

/// The tool with this slug, with its alternatives, the best fit first.
pub async fn find_tool(tx: &mut Read, slug: &str) -> Result<Option<Tool>, StoreError> {
    const SQL: &str = "
        SELECT slug, name, company, description, why, aliases, uses, checked_on
        FROM tools WHERE slug = $1";
    const ALTERNATIVES: &str = "
        SELECT software.slug, alternatives.note
        FROM tools
        JOIN alternatives ON alternatives.tool_id = tools.id
        JOIN software ON software.id = alternatives.software_id
        WHERE tools.slug = $1
        ORDER BY alternatives.rank, software.name, software.id";

    let row: Option<ToolRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(slug)
        .fetch_optional(conn)
        .await)?;
    let Some(row) = row else { return Ok(None) };
    let pairs: Vec<(String, String)> = on!(tx, |conn| sqlx::query_as(ALTERNATIVES)
        .bind(slug)
        .fetch_all(conn)
        .await)?;
    let mut tool = Tool::try_from(row)?;
    tool.alternatives = pairs
        .into_iter()
        .map(|(software, note)| Alternative { software, note })
        .collect();
    Ok(Some(tool))
}

/// The programs with these slugs, by name; slugs that nothing has are left out.
pub async fn list_software(tx: &mut Read, slugs: &[&str]) -> Result<Vec<Software>, StoreError> {
    const SQL: &str = "
        SELECT slug, name, description, licence, website, source_url, aliases, uses, origin,
            checked_on
        FROM software WHERE slug IN (";

    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<SoftwareRow> = on!(tx, |conn| {
        let mut query = QueryBuilder::new(SQL);
        let mut places = query.separated(", ");
        for slug in slugs {
            places.push_bind(*slug);
        }
        query.push(") ORDER BY name, id");
        query.build_query_as().fetch_all(conn).await
    })?;
    rows.into_iter().map(Software::try_from).collect()
}

/// Slugs and names of every program, by name: for forms.
pub async fn list_software_names(
    tx: &mut Read,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    const SQL: &str = "SELECT slug, name FROM software ORDER BY name, id LIMIT $1";

    Ok(on!(tx, |conn| sqlx::query_as(SQL)
        .bind(limit)
        .fetch_all(conn)
        .await)?)
}

/// Slugs and names of every tool, by name: for filters.
pub async fn list_tool_names(
    tx: &mut Read,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    const SQL: &str = "SELECT slug, name FROM tools ORDER BY name, id LIMIT $1";

    Ok(on!(tx, |conn| sqlx::query_as(SQL)
        .bind(limit)
        .fetch_all(conn)
        .await)?)
}

/// Slugs and names of the tools that these programs can replace, each once.
pub async fn list_replaced_by(
    tx: &mut Read,
    software: &[String],
) -> Result<Vec<(String, String)>, StoreError> {
    const SQL: &str = "
        SELECT DISTINCT tools.slug, tools.name
        FROM software
        JOIN alternatives ON alternatives.software_id = software.id
        JOIN tools ON tools.id = alternatives.tool_id
        WHERE software.slug IN (";

    if software.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(tx, |conn| {
        let mut query = QueryBuilder::new(SQL);
        let mut places = query.separated(", ");
        for slug in software {
            places.push_bind(slug.as_str());
        }
        query.push(") ORDER BY tools.slug");
        query.build_query_as().fetch_all(conn).await
    })?)
}

const STAMP: &str = "catalogue";

/// The mark of the embedded files that were copied last; `None` before the first time.
pub async fn find_stamp(tx: &mut Read) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "SELECT value FROM counters WHERE name = $1";

    let row: Option<(i64,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(STAMP)
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(|(value,)| value))
}

/// Notes which embedded files were copied.
pub async fn set_stamp(tx: &mut Write, stamp: i64) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO counters (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(STAMP)
        .bind(stamp)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}
