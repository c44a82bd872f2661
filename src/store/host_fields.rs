//! The fields of profiles, each with its source and its dates.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{from_json, word},
};
use crate::domain::{
    host::{HostField, HostProfile, Source, Sourced, SourcedProfile},
    ids::HostId,
};

#[derive(sqlx::FromRow)]
struct FieldRow {
    field: String,
    value: String,
    source: String,
    source_url: Option<String>,
    set_at: Micros,
    confirmed_at: Micros,
}

/// The profile of a structure; fields that were never given are empty.
pub async fn read_profile(tx: &mut Read, id: HostId) -> Result<SourcedProfile, StoreError> {
    const SQL: &str = "
        SELECT field, value, source, source_url, set_at, confirmed_at
        FROM host_fields WHERE host_id = $1";

    let rows: Vec<FieldRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_all(conn)
        .await)?;
    let mut values = Vec::with_capacity(rows.len());
    let mut sources = Vec::with_capacity(rows.len());
    for row in rows {
        let field = word(HostField::parse(&row.field), "host_fields.field")?;
        values.push((field, from_json(&row.value, "host_fields.value")?));
        let source = Sourced {
            value: (),
            source: word(Source::parse(&row.source), "host_fields.source")?,
            source_url: row.source_url,
            set_at: row.set_at.into(),
            confirmed_at: row.confirmed_at.into(),
        };
        sources.push((field, source));
    }
    let profile = HostProfile::from_fields(values).map_err(|_| StoreError::Corrupt {
        column: "host_fields.value",
    })?;
    Ok(SourcedProfile { profile, sources })
}

/// Keeps the value of a field (as [`HostProfile::field`] gives it), its source and its dates.
pub async fn save(
    tx: &mut Write,
    id: HostId,
    field: HostField,
    value: &Sourced<serde_json::Value>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO host_fields (host_id, field, value, source, source_url, set_at, confirmed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (host_id, field) DO UPDATE SET
            value = excluded.value, source = excluded.source, source_url = excluded.source_url,
            set_at = excluded.set_at, confirmed_at = excluded.confirmed_at";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(field.as_str())
            .bind(value.value.to_string())
            .bind(value.source.as_str())
            .bind(&value.source_url)
            .bind(Micros::from(value.set_at))
            .bind(Micros::from(value.confirmed_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Notes that everything was said to be still true.
pub async fn confirm_all(tx: &mut Write, id: HostId, at: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE host_fields SET confirmed_at = $2 WHERE host_id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .bind(Micros::from(at))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}
