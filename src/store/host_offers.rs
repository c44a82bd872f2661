//! What structures propose. A structure has few offers: [`OFFERS_OF_A_HOST`] at most.

use super::{
    Micros, Read, StoreError, Write,
    values::{from_json, to_json, word},
};
use crate::domain::{
    host::{OFFERS_OF_A_HOST, Offer, PriceBracket, PriceModel},
    ids::{HostId, OfferId},
};

#[derive(sqlx::FromRow)]
struct OfferRow {
    id: OfferId,
    host_id: HostId,
    number: i64,
    name: String,
    description: String,
    lines: String,
    software: String,
    price_model: String,
    price_bracket: String,
    created_at: Micros,
    updated_at: Micros,
}

impl TryFrom<OfferRow> for Offer {
    type Error = StoreError;

    fn try_from(row: OfferRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            host_id: row.host_id,
            number: row.number,
            name: row.name,
            description: row.description,
            lines: from_json(&row.lines, "host_offers.lines")?,
            software: from_json(&row.software, "host_offers.software")?,
            price_model: word(
                PriceModel::parse(&row.price_model),
                "host_offers.price_model",
            )?,
            price_bracket: word(
                PriceBracket::parse(&row.price_bracket),
                "host_offers.price_bracket",
            )?,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

/// Adds an offer.
///
/// # Errors
/// `Conflict` when the number is taken.
pub async fn insert(tx: &mut Write, offer: &Offer) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO host_offers
            (id, host_id, number, name, description, lines, software, price_model, price_bracket,
             created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

    let lines = to_json(&offer.lines, "host_offers.lines")?;
    let software = to_json(&offer.software, "host_offers.software")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(offer.id)
            .bind(offer.host_id)
            .bind(offer.number)
            .bind(&offer.name)
            .bind(&offer.description)
            .bind(&lines)
            .bind(&software)
            .bind(offer.price_model.as_str())
            .bind(offer.price_bracket.as_str())
            .bind(Micros::from(offer.created_at))
            .bind(Micros::from(offer.updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps an offer as it is now; its number does not change.
pub async fn update(tx: &mut Write, offer: &Offer) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE host_offers SET
            name = $2, description = $3, lines = $4, software = $5, price_model = $6,
            price_bracket = $7, updated_at = $8
        WHERE id = $1";

    let lines = to_json(&offer.lines, "host_offers.lines")?;
    let software = to_json(&offer.software, "host_offers.software")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(offer.id)
            .bind(&offer.name)
            .bind(&offer.description)
            .bind(&lines)
            .bind(&software)
            .bind(offer.price_model.as_str())
            .bind(offer.price_bracket.as_str())
            .bind(Micros::from(offer.updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Deletes an offer; its number is never given again.
pub async fn delete(tx: &mut Write, id: OfferId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM host_offers WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The offer of a structure with this number.
pub async fn find(tx: &mut Read, host: HostId, number: i64) -> Result<Option<Offer>, StoreError> {
    const SQL: &str = "
        SELECT id, host_id, number, name, description, lines, software, price_model,
               price_bracket, created_at, updated_at
        FROM host_offers WHERE host_id = $1 AND number = $2";

    let row: Option<OfferRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(host)
        .bind(number)
        .fetch_optional(conn)
        .await)?;
    row.map(Offer::try_from).transpose()
}

/// The offers of a structure, in the order they were made.
pub async fn list(tx: &mut Read, host: HostId) -> Result<Vec<Offer>, StoreError> {
    const SQL: &str = "
        SELECT id, host_id, number, name, description, lines, software, price_model,
               price_bracket, created_at, updated_at
        FROM host_offers WHERE host_id = $1 ORDER BY number LIMIT $2";

    let rows: Vec<OfferRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(host)
        .bind(OFFERS_OF_A_HOST)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Offer::try_from).collect()
}

/// Takes the next number of an offer of this structure, from 1.
pub async fn take_number(tx: &mut Write, host: HostId) -> Result<i64, StoreError> {
    // kept apart from the offers, since those that are deleted must not give their number back
    const SQL: &str = "
        INSERT INTO counters (name, value) VALUES ($1, 1)
        ON CONFLICT (name) DO UPDATE SET value = counters.value + 1
        RETURNING value";

    let (number,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(format!("offers_of_{host}"))
            .fetch_one(conn)
            .await
    })?;
    Ok(number)
}
