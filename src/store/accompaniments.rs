//! Accompaniments.

use chrono::NaiveDate;

use super::{
    Micros, Read, StoreError, Write,
    values::{from_json, instant, micros, to_json, word},
};
use crate::domain::{
    accompaniment::{Accompaniment, AccompanimentState, Confirmations, Party},
    host::PriceBracket,
    ids::{AccompanimentId, AccountId, HostId, OrganisationId},
};

/// Columns of [`AccompanimentRow`].
macro_rules! accompaniment_columns {
    () => {
        "accompaniments.id, accompaniments.host_id, accompaniments.organisation_id,
         accompaniments.number, accompaniments.state, accompaniments.declared_by,
         accompaniments.host_email, accompaniments.association_email, accompaniments.scope,
         accompaniments.started_on, accompaniments.ended_on, accompaniments.volunteer_hours,
         accompaniments.cost_bracket, accompaniments.is_founding, accompaniments.created_at,
         accompaniments.updated_at, accompaniments.host_began_at,
         accompaniments.association_began_at, accompaniments.host_ended_at,
         accompaniments.association_ended_at"
    };
}

#[derive(sqlx::FromRow)]
struct AccompanimentRow {
    id: AccompanimentId,
    host_id: HostId,
    organisation_id: OrganisationId,
    number: i64,
    state: String,
    declared_by: String,
    host_email: Option<String>,
    association_email: Option<String>,
    scope: String,
    started_on: String,
    ended_on: Option<String>,
    volunteer_hours: Option<i64>,
    cost_bracket: Option<String>,
    is_founding: bool,
    created_at: Micros,
    updated_at: Micros,
    host_began_at: Option<Micros>,
    association_began_at: Option<Micros>,
    host_ended_at: Option<Micros>,
    association_ended_at: Option<Micros>,
}

fn day(text: &str, column: &'static str) -> Result<NaiveDate, StoreError> {
    word(text.parse().ok(), column)
}

impl TryFrom<AccompanimentRow> for Accompaniment {
    type Error = StoreError;

    fn try_from(row: AccompanimentRow) -> Result<Self, StoreError> {
        let state = AccompanimentState::parse(&row.state);
        let ended_on = row.ended_on.as_deref();
        let cost = row.cost_bracket.as_deref();
        Ok(Self {
            id: row.id,
            host_id: row.host_id,
            organisation_id: row.organisation_id,
            number: row.number,
            state: word(state, "accompaniments.state")?,
            declared_by: word(Party::parse(&row.declared_by), "accompaniments.declared_by")?,
            host_email: row.host_email,
            association_email: row.association_email,
            scope: from_json(&row.scope, "accompaniments.scope")?,
            started_on: day(&row.started_on, "accompaniments.started_on")?,
            ended_on: ended_on
                .map(|text| day(text, "accompaniments.ended_on"))
                .transpose()?,
            volunteer_hours: row.volunteer_hours,
            cost_bracket: cost
                .map(|text| word(PriceBracket::parse(text), "accompaniments.cost_bracket"))
                .transpose()?,
            is_founding: row.is_founding,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            began: Confirmations {
                host: instant(row.host_began_at),
                association: instant(row.association_began_at),
            },
            ended: Confirmations {
                host: instant(row.host_ended_at),
                association: instant(row.association_ended_at),
            },
        })
    }
}

fn all(rows: Vec<AccompanimentRow>) -> Result<Vec<Accompaniment>, StoreError> {
    rows.into_iter().map(Accompaniment::try_from).collect()
}

/// Adds an accompaniment.
///
/// # Errors
/// [`StoreError::Conflict`] when its number was taken meanwhile.
pub async fn insert(tx: &mut Write, it: &Accompaniment) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO accompaniments
            (id, host_id, organisation_id, number, state, declared_by, host_email,
             association_email, scope, started_on, ended_on, volunteer_hours, cost_bracket,
             is_founding, created_at, updated_at, host_began_at, association_began_at,
             host_ended_at, association_ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20)";

    let scope = to_json(&it.scope, "accompaniments.scope")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(it.id)
            .bind(it.host_id)
            .bind(it.organisation_id)
            .bind(it.number)
            .bind(it.state.as_str())
            .bind(it.declared_by.as_str())
            .bind(&it.host_email)
            .bind(&it.association_email)
            .bind(&scope)
            .bind(it.started_on.to_string())
            .bind(it.ended_on.map(|day| day.to_string()))
            .bind(it.volunteer_hours)
            .bind(it.cost_bracket.map(PriceBracket::as_str))
            .bind(it.is_founding)
            .bind(Micros::from(it.created_at))
            .bind(Micros::from(it.updated_at))
            .bind(micros(it.began.host))
            .bind(micros(it.began.association))
            .bind(micros(it.ended.host))
            .bind(micros(it.ended.association))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps an accompaniment as it is now. Its parties, its number and who declared it do not change.
pub async fn update(tx: &mut Write, it: &Accompaniment) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE accompaniments SET
            state = $2, host_email = $3, association_email = $4, scope = $5, started_on = $6,
            ended_on = $7, volunteer_hours = $8, cost_bracket = $9, is_founding = $10,
            updated_at = $11, host_began_at = $12, association_began_at = $13,
            host_ended_at = $14, association_ended_at = $15,
            closed_at = COALESCE(closed_at, $16)
        WHERE id = $1";

    let scope = to_json(&it.scope, "accompaniments.scope")?;
    let is_closed = !matches!(
        it.state,
        AccompanimentState::Proposed | AccompanimentState::Ongoing
    );
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(it.id)
            .bind(it.state.as_str())
            .bind(&it.host_email)
            .bind(&it.association_email)
            .bind(&scope)
            .bind(it.started_on.to_string())
            .bind(it.ended_on.map(|day| day.to_string()))
            .bind(it.volunteer_hours)
            .bind(it.cost_bracket.map(PriceBracket::as_str))
            .bind(it.is_founding)
            .bind(Micros::from(it.updated_at))
            .bind(micros(it.began.host))
            .bind(micros(it.began.association))
            .bind(micros(it.ended.host))
            .bind(micros(it.ended.association))
            .bind(is_closed.then_some(Micros::from(it.updated_at)))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The accompaniment with this id.
pub async fn find(tx: &mut Read, id: AccompanimentId) -> Result<Option<Accompaniment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        accompaniment_columns!(),
        " FROM accompaniments WHERE id = $1"
    );

    let row: Option<AccompanimentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    row.map(Accompaniment::try_from).transpose()
}

/// The accompaniment with this id; nobody else changes it until the transaction ends.
pub async fn lock(
    tx: &mut Write,
    id: AccompanimentId,
) -> Result<Option<Accompaniment>, StoreError> {
    // an update that changes nothing locks the row on both engines
    const SQL: &str = "UPDATE accompaniments SET updated_at = updated_at WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL).bind(id).execute(conn).await.map(|_| ())
    })?;
    find(tx, id).await
}

/// The accompaniment at this address of a structure.
pub async fn find_by_number(
    tx: &mut Read,
    host: HostId,
    number: i64,
) -> Result<Option<Accompaniment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        accompaniment_columns!(),
        " FROM accompaniments WHERE host_id = $1 AND number = $2"
    );

    let row: Option<AccompanimentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(host)
            .bind(number)
            .fetch_optional(conn)
            .await
    })?;
    row.map(Accompaniment::try_from).transpose()
}

/// The number of the next accompaniment of a structure. Lock the structure first.
pub async fn next_number(tx: &mut Read, host: HostId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COALESCE(MAX(number), 0) FROM accompaniments WHERE host_id = $1";

    let (last,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(host).fetch_one(conn).await
    })?;
    Ok(last + 1)
}

/// How many accompaniments one side of a structure or of an association declared since an instant.
pub async fn count_declared_since(
    tx: &mut Read,
    host: HostId,
    since: chrono::DateTime<chrono::Utc>,
) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM accompaniments WHERE host_id = $1 AND created_at > $2";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(host)
            .bind(Micros::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}

/// Accompaniments of a structure, the most recently declared first, before a cursor.
pub async fn list_by_host(
    tx: &mut Read,
    host: HostId,
    before: Option<AccompanimentId>,
    limit: i64,
) -> Result<Vec<Accompaniment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        accompaniment_columns!(),
        " FROM accompaniments WHERE host_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    );

    let rows: Vec<AccompanimentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(host)
            .bind(before.map_or(i64::MAX, AccompanimentId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    all(rows)
}

/// Accompaniments of an association, the most recently declared first, before a cursor.
pub async fn list_by_organisation(
    tx: &mut Read,
    organisation: OrganisationId,
    before: Option<AccompanimentId>,
    limit: i64,
) -> Result<Vec<Accompaniment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        accompaniment_columns!(),
        " FROM accompaniments WHERE organisation_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    );

    let rows: Vec<AccompanimentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(before.map_or(i64::MAX, AccompanimentId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    all(rows)
}

/// An accompaniment with the names of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub accompaniment: Accompaniment,
    /// Name of the structure.
    pub host: String,
    /// Name of the association.
    pub association: String,
    /// On which side the account is that asked.
    pub party: Party,
}

#[derive(sqlx::FromRow)]
struct NamedRow {
    #[sqlx(flatten)]
    accompaniment: AccompanimentRow,
    host_name: String,
    association_name: String,
    is_host: bool,
}

/// Accompaniments of the organisations of an account, on either side, the most recently declared
/// first, before a cursor.
pub async fn list_by_member(
    tx: &mut Read,
    account: AccountId,
    before: Option<AccompanimentId>,
    limit: i64,
) -> Result<Vec<Named>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        accompaniment_columns!(),
        ", structure.name AS host_name, association.name AS association_name,
           hosts.organisation_id IN
               (SELECT organisation_id FROM memberships WHERE account_id = $1) AS is_host
         FROM accompaniments
         JOIN hosts ON hosts.id = accompaniments.host_id
         JOIN organisations structure ON structure.id = hosts.organisation_id
         JOIN organisations association ON association.id = accompaniments.organisation_id
         WHERE accompaniments.id < $2
           AND (hosts.organisation_id IN
                   (SELECT organisation_id FROM memberships WHERE account_id = $1)
                OR accompaniments.organisation_id IN
                   (SELECT organisation_id FROM memberships WHERE account_id = $1))
         ORDER BY accompaniments.id DESC LIMIT $3"
    );

    let rows: Vec<NamedRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(account)
            .bind(before.map_or(i64::MAX, AccompanimentId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(Named {
                accompaniment: row.accompaniment.try_into()?,
                host: row.host_name,
                association: row.association_name,
                party: if row.is_host {
                    Party::Host
                } else {
                    Party::Association
                },
            })
        })
        .collect()
}

/// Associations without member that were written to at this address: whoever reads its mails may
/// take them over.
pub async fn list_unclaimed_by_address(
    tx: &mut Read,
    email: &str,
    limit: i64,
) -> Result<Vec<OrganisationId>, StoreError> {
    const SQL: &str = "
        SELECT DISTINCT accompaniments.organisation_id FROM accompaniments
        WHERE accompaniments.association_email = $1
          AND NOT EXISTS (SELECT 1 FROM memberships
                          WHERE memberships.organisation_id = accompaniments.organisation_id)
        ORDER BY accompaniments.organisation_id LIMIT $2";

    let rows: Vec<(OrganisationId,)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(email)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
