//! Structures, without their fields and offers.

use chrono::{DateTime, Utc};

use super::{
    Engine, Micros, Read, StoreError, Write,
    values::{instant, micros, word},
};
use crate::domain::{
    host::{Capacity, Host, HostState, Listing},
    ids::{ActorId, HostId, OrganisationId},
    listing::Standing,
};

/// Columns of [`HostRow`], wherever hosts are joined.
macro_rules! host_columns {
    () => {
        "hosts.id AS host_id, hosts.organisation_id AS host_organisation_id,
         hosts.handle AS host_handle, hosts.actor_id AS host_actor_id, hosts.state AS host_state,
         hosts.capacity, hosts.capacity_from, hosts.capacity_said_at,
         hosts.version AS host_version, hosts.created_at AS host_created_at,
         hosts.updated_at AS host_updated_at, hosts.submitted_at AS host_submitted_at,
         hosts.confirmed_at AS host_confirmed_at, hosts.suspended_at AS host_suspended_at,
         hosts.suspension_motive, hosts.unclaimed_email, hosts.claimed_at, hosts.import_url,
         hosts.listing, hosts.counted, hosts.listed_since, hosts.unlisted_at, hosts.settle_at"
    };
}

#[derive(sqlx::FromRow)]
pub(super) struct HostRow {
    host_id: HostId,
    host_organisation_id: OrganisationId,
    host_handle: String,
    host_actor_id: Option<ActorId>,
    host_state: String,
    capacity: String,
    capacity_from: Option<String>,
    capacity_said_at: Option<Micros>,
    host_version: i64,
    host_created_at: Micros,
    host_updated_at: Micros,
    host_submitted_at: Option<Micros>,
    host_confirmed_at: Option<Micros>,
    host_suspended_at: Option<Micros>,
    suspension_motive: String,
    unclaimed_email: Option<String>,
    claimed_at: Option<Micros>,
    import_url: Option<String>,
    listing: String,
    counted: i64,
    listed_since: Option<Micros>,
    unlisted_at: Option<Micros>,
    settle_at: Option<Micros>,
}

impl TryFrom<HostRow> for Host {
    type Error = StoreError;

    fn try_from(row: HostRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.host_id,
            organisation_id: row.host_organisation_id,
            handle: row.host_handle,
            actor_id: row.host_actor_id,
            state: word(HostState::parse(&row.host_state), "hosts.state")?,
            capacity: word(Capacity::parse(&row.capacity), "hosts.capacity")?,
            capacity_from: row.capacity_from,
            capacity_said_at: instant(row.capacity_said_at),
            version: row.host_version,
            created_at: row.host_created_at.into(),
            updated_at: row.host_updated_at.into(),
            submitted_at: instant(row.host_submitted_at),
            confirmed_at: instant(row.host_confirmed_at),
            suspended_at: instant(row.host_suspended_at),
            suspension_motive: row.suspension_motive,
            is_unclaimed: row.unclaimed_email.is_some() && row.claimed_at.is_none(),
            import_url: row.import_url,
            listing: Listing {
                standing: word(Standing::parse(&row.listing), "hosts.listing")?,
                counted: row.counted,
                listed_since: instant(row.listed_since),
                unlisted_at: instant(row.unlisted_at),
                settle_at: instant(row.settle_at),
            },
        })
    }
}

/// Adds a structure.
///
/// # Errors
/// `Conflict` when its organisation has one, or its handle is taken.
pub async fn insert(tx: &mut Write, host: &Host) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO hosts
            (id, organisation_id, handle, actor_id, state, capacity, capacity_from,
             capacity_said_at, version, created_at, updated_at, submitted_at, confirmed_at,
             confirmation_reminders, suspended_at, suspension_motive, unclaimed_email, import_url,
             listing, listed_since, unlisted_at, counted, settle_at)
        VALUES
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16, $17, $18,
             $19, $20, $21, $22)";

    let listing = &host.listing;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(host.id)
            .bind(host.organisation_id)
            .bind(&host.handle)
            .bind(host.actor_id)
            .bind(host.state.as_str())
            .bind(host.capacity.as_str())
            .bind(&host.capacity_from)
            .bind(micros(host.capacity_said_at))
            .bind(host.version)
            .bind(Micros::from(host.created_at))
            .bind(Micros::from(host.updated_at))
            .bind(micros(host.submitted_at))
            .bind(micros(host.confirmed_at))
            .bind(micros(host.suspended_at))
            .bind(&host.suspension_motive)
            .bind(host.is_unclaimed.then_some(""))
            .bind(&host.import_url)
            .bind(listing.standing.as_str())
            .bind(micros(listing.listed_since))
            .bind(micros(listing.unlisted_at))
            .bind(listing.counted)
            .bind(micros(listing.settle_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps a structure as it is now, its version included: take it with [`lock`] first. Its
/// organisation and its handle do not change.
pub async fn update(tx: &mut Write, host: &Host) -> Result<(), StoreError> {
    // a standing of notice ends when it is to be settled again
    const SQL: &str = "
        UPDATE hosts SET
            actor_id = $2, state = $3, capacity = $4, capacity_from = $5, capacity_said_at = $6,
            version = $7, updated_at = $8, submitted_at = $9, confirmed_at = $10,
            suspended_at = $11, suspension_motive = $12, import_url = $13, listing = $14,
            listed_since = $15, unlisted_at = $16, counted = $17, settle_at = $18,
            notice_until = CASE WHEN $14 = 'notice' THEN $18 ELSE NULL END,
            claimed_at = CASE WHEN unclaimed_email IS NULL OR $19 THEN NULL
                              ELSE COALESCE(claimed_at, $8) END
        WHERE id = $1";

    let listing = &host.listing;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(host.id)
            .bind(host.actor_id)
            .bind(host.state.as_str())
            .bind(host.capacity.as_str())
            .bind(&host.capacity_from)
            .bind(micros(host.capacity_said_at))
            .bind(host.version)
            .bind(Micros::from(host.updated_at))
            .bind(micros(host.submitted_at))
            .bind(micros(host.confirmed_at))
            .bind(micros(host.suspended_at))
            .bind(&host.suspension_motive)
            .bind(&host.import_url)
            .bind(listing.standing.as_str())
            .bind(micros(listing.listed_since))
            .bind(micros(listing.unlisted_at))
            .bind(listing.counted)
            .bind(micros(listing.settle_at))
            .bind(host.is_unclaimed)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The structure with this id.
pub async fn find(tx: &mut Read, id: HostId) -> Result<Option<Host>, StoreError> {
    const SQL: &str = concat!("SELECT ", host_columns!(), " FROM hosts WHERE id = $1");

    let row: Option<HostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Host::try_from).transpose()
}

/// The structure at this address.
pub async fn find_by_handle(tx: &mut Read, handle: &str) -> Result<Option<Host>, StoreError> {
    const SQL: &str = concat!("SELECT ", host_columns!(), " FROM hosts WHERE handle = $1");

    let row: Option<HostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(handle)
        .fetch_optional(conn)
        .await)?;
    row.map(Host::try_from).transpose()
}

/// The structure of an organisation.
pub async fn find_by_organisation(
    tx: &mut Read,
    id: OrganisationId,
) -> Result<Option<Host>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        host_columns!(),
        " FROM hosts WHERE organisation_id = $1"
    );

    let row: Option<HostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Host::try_from).transpose()
}

/// The structure that this actor stands for.
pub async fn find_by_actor(tx: &mut Read, id: ActorId) -> Result<Option<Host>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        host_columns!(),
        " FROM hosts WHERE actor_id = $1"
    );

    let row: Option<HostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Host::try_from).transpose()
}

/// The structure with this id, which nobody else changes until the transaction ends.
pub async fn lock(tx: &mut Write, id: HostId) -> Result<Option<Host>, StoreError> {
    // SQLite has one writer, which holds its lock since the transaction began
    const SQLITE: &str = concat!("SELECT ", host_columns!(), " FROM hosts WHERE id = $1");
    const POSTGRES: &str = concat!(
        "SELECT ",
        host_columns!(),
        " FROM hosts WHERE id = $1 FOR UPDATE"
    );

    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let row: Option<HostRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Host::try_from).transpose()
}

/// A structure with the name of its organisation.
#[derive(sqlx::FromRow)]
struct NamedRow {
    #[sqlx(flatten)]
    host: HostRow,
    organisation_name: String,
}

impl NamedRow {
    fn into_pair(self) -> Result<(Host, String), StoreError> {
        Ok((self.host.try_into()?, self.organisation_name))
    }
}

/// Structures that wait for a moderator, the oldest request first, with their names.
pub async fn list_submitted(
    tx: &mut Read,
    after: Option<HostId>,
    limit: i64,
) -> Result<Vec<(Host, String)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        host_columns!(),
        ", organisations.name AS organisation_name
        FROM hosts JOIN organisations ON organisations.id = hosts.organisation_id
        WHERE hosts.state = 'submitted' AND hosts.id > $1
        ORDER BY hosts.id LIMIT $2"
    );

    let rows: Vec<NamedRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(after.map_or(0, HostId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(NamedRow::into_pair).collect()
}

/// How many structures wait for a moderator.
pub async fn count_submitted(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM hosts WHERE state = 'submitted'";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// Structures of the organisations of an account, with their names.
pub async fn list_by_member(
    tx: &mut Read,
    account: crate::domain::ids::AccountId,
    limit: i64,
) -> Result<Vec<(Host, String)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        host_columns!(),
        ", organisations.name AS organisation_name
        FROM hosts
        JOIN organisations ON organisations.id = hosts.organisation_id
        JOIN memberships ON memberships.organisation_id = hosts.organisation_id
        WHERE memberships.account_id = $1
        ORDER BY hosts.id LIMIT $2"
    );

    let rows: Vec<NamedRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(account)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(NamedRow::into_pair).collect()
}

/// Structures whose standing time alone may have changed, the first due first.
pub async fn list_to_settle(
    tx: &mut Read,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<HostId>, StoreError> {
    const SQL: &str = "SELECT id FROM hosts WHERE settle_at <= $1 ORDER BY settle_at, id LIMIT $2";

    let rows: Vec<(HostId,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(Micros::from(now))
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Notes when a moderator let a structure become a candidate; only the first time counts.
pub async fn note_accepted(
    tx: &mut Write,
    id: HostId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE hosts SET accepted_at = COALESCE(accepted_at, $2) WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .bind(Micros::from(at))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A structure that the yearly question waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    pub id: HostId,
    /// How often it was asked since it last confirmed.
    pub asked: i64,
}

/// Accepted structures that confirmed nothing since `confirmed_before`, and were not asked since
/// `asked_before`; the longest silent first.
pub async fn list_silent(
    tx: &mut Read,
    confirmed_before: DateTime<Utc>,
    asked_before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Silent>, StoreError> {
    const SQL: &str = "
        SELECT id, confirmation_reminders FROM hosts
        WHERE state = 'accepted' AND confirmed_at <= $1
          AND (confirmation_asked_at IS NULL OR confirmation_asked_at <= $2)
        ORDER BY confirmed_at, id LIMIT $3";

    let rows: Vec<(HostId, i64)> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(confirmed_before))
            .bind(Micros::from(asked_before))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, asked)| Silent { id, asked })
        .collect())
}

/// Notes that the yearly question was asked once more; `None` once it was answered.
pub async fn note_confirmation_asked(
    tx: &mut Write,
    id: HostId,
    at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE hosts SET
            confirmation_asked_at = $2,
            confirmation_reminders =
                CASE WHEN $2 IS NULL THEN 0 ELSE confirmation_reminders + 1 END
        WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .bind(micros(at))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Structures of the directory that said nothing of their capacity since `before` and were not
/// asked since.
pub async fn list_capacity_due(
    tx: &mut Read,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<HostId>, StoreError> {
    const SQL: &str = "
        SELECT id FROM hosts
        WHERE listing IN ('listed', 'notice')
          AND (capacity_said_at IS NULL OR capacity_said_at <= $1)
          AND (capacity_asked_at IS NULL OR capacity_asked_at <= $1)
        ORDER BY id LIMIT $2";

    let rows: Vec<(HostId,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(Micros::from(before))
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Notes when a structure was asked about its capacity.
pub async fn note_capacity_asked(
    tx: &mut Write,
    id: HostId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE hosts SET capacity_asked_at = $2 WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .bind(Micros::from(at))
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Structures that are full until a month (`YYYY-MM`) that has come.
pub async fn list_to_reopen(
    tx: &mut Read,
    month: &str,
    limit: i64,
) -> Result<Vec<HostId>, StoreError> {
    const SQL: &str = "
        SELECT id FROM hosts
        WHERE capacity = 'full' AND capacity_from <= $1
        ORDER BY id LIMIT $2";

    let rows: Vec<(HostId,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(month)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Where the contact of an imported profile was told; `None` when it has no address, or was never
/// imported.
pub async fn find_unclaimed_email(tx: &mut Read, id: HostId) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT unclaimed_email FROM hosts WHERE id = $1";

    let row: Option<(Option<String>,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    Ok(row
        .and_then(|(email,)| email)
        .filter(|email| !email.is_empty()))
}

/// Keeps where the contact of an imported profile was told.
pub async fn set_unclaimed_email(
    tx: &mut Write,
    id: HostId,
    email: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE hosts SET unclaimed_email = $2 WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .bind(email)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
