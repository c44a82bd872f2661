//! Pictures; the files themselves are in the data directory.

use chrono::{DateTime, Utc};

use super::{Micros, Read, StoreError, Write};
use crate::domain::{
    ad::Media,
    ids::{MediaId, OrganisationId},
};

#[derive(sqlx::FromRow)]
struct MediaRow {
    id: MediaId,
    organisation_id: OrganisationId,
    file_name: String,
    media_type: String,
    width: i64,
    height: i64,
    alt: String,
}

impl From<MediaRow> for Media {
    fn from(row: MediaRow) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            file_name: row.file_name,
            media_type: row.media_type,
            width: row.width,
            height: row.height,
            alt: row.alt,
        }
    }
}

/// Adds a picture.
pub async fn insert(
    tx: &mut Write,
    media: &Media,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO media
            (id, organisation_id, file_name, media_type, width, height, alt, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(media.id)
            .bind(media.organisation_id)
            .bind(&media.file_name)
            .bind(&media.media_type)
            .bind(media.width)
            .bind(media.height)
            .bind(&media.alt)
            .bind(Micros::from(created_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Says what a picture shows. `false` when it was said with the same words already.
pub async fn describe(tx: &mut Write, id: MediaId, alt: &str) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE media SET alt = $2 WHERE id = $1 AND alt <> $2";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(alt)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// The picture with this row id.
pub async fn find(tx: &mut Read, id: MediaId) -> Result<Option<Media>, StoreError> {
    const SQL: &str = "
        SELECT id, organisation_id, file_name, media_type, width, height, alt
        FROM media WHERE id = $1";

    let row: Option<MediaRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(Media::from))
}

/// The picture kept in this file.
pub async fn find_by_file_name(
    tx: &mut Read,
    file_name: &str,
) -> Result<Option<Media>, StoreError> {
    const SQL: &str = "
        SELECT id, organisation_id, file_name, media_type, width, height, alt
        FROM media WHERE file_name = $1";

    let row: Option<MediaRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(file_name)
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(Media::from))
}
