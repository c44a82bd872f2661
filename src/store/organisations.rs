//! Organisations.

use chrono::{DateTime, Utc};

use super::{
    Engine, Micros, Read, StoreError, Write,
    values::{instant, micros, word},
};
use crate::domain::{
    ids::{AccountId, OrganisationId},
    organisation::{
        LegalForm, Organisation, OrganisationKind, Standing, Verification, VerificationMethod,
    },
};

/// Columns of [`OrganisationRow`], wherever organisations are joined.
macro_rules! organisation_columns {
    () => {
        "organisations.id AS organisation_id, organisations.slug, organisations.name,
         organisations.kind, organisations.legal_form, organisations.rna, organisations.siren,
         organisations.siret, organisations.commune_code, organisations.departement_code,
         organisations.region_code, organisations.website,
         organisations.created_at AS organisation_created_at, organisations.updated_at,
         organisations.verified_at, organisations.verified_by,
         organisations.verification_method, organisations.verified_name_hash"
    };
}
pub(super) use organisation_columns;

#[derive(sqlx::FromRow)]
pub(super) struct OrganisationRow {
    organisation_id: OrganisationId,
    slug: String,
    name: String,
    kind: String,
    legal_form: String,
    rna: Option<String>,
    siren: Option<String>,
    siret: Option<String>,
    commune_code: Option<String>,
    departement_code: Option<String>,
    region_code: Option<String>,
    website: Option<String>,
    organisation_created_at: Micros,
    updated_at: Micros,
    verified_at: Option<Micros>,
    verified_by: Option<AccountId>,
    verification_method: Option<String>,
    verified_name_hash: Option<String>,
}

impl TryFrom<OrganisationRow> for Organisation {
    type Error = StoreError;

    fn try_from(row: OrganisationRow) -> Result<Self, StoreError> {
        let verification = instant(row.verified_at)
            .map(|verified_at| {
                let method = row
                    .verification_method
                    .as_deref()
                    .and_then(VerificationMethod::parse);
                Ok::<_, StoreError>(Verification {
                    verified_at,
                    verified_by: word(row.verified_by, "organisations.verified_by")?,
                    method: word(method, "organisations.verification_method")?,
                    name_hash: word(row.verified_name_hash, "organisations.verified_name_hash")?,
                })
            })
            .transpose()?;
        Ok(Self {
            id: row.organisation_id,
            slug: row.slug,
            name: row.name,
            kind: word(OrganisationKind::parse(&row.kind), "organisations.kind")?,
            legal_form: word(
                LegalForm::parse(&row.legal_form),
                "organisations.legal_form",
            )?,
            rna: row.rna,
            siren: row.siren,
            siret: row.siret,
            commune_code: row.commune_code,
            departement_code: row.departement_code,
            region_code: row.region_code,
            website: row.website,
            created_at: row.organisation_created_at.into(),
            updated_at: row.updated_at.into(),
            verification,
        })
    }
}

pub(super) fn organisations(rows: Vec<OrganisationRow>) -> Result<Vec<Organisation>, StoreError> {
    rows.into_iter().map(Organisation::try_from).collect()
}

/// Adds an organisation, not verified. `false` when its slug is taken; nothing is then written.
pub async fn insert(tx: &mut Write, organisation: &Organisation) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO organisations
            (id, slug, name, kind, legal_form, rna, siren, siret, commune_code, departement_code,
             region_code, website, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (slug) DO NOTHING";

    let inserted = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(organisation.id)
            .bind(&organisation.slug)
            .bind(&organisation.name)
            .bind(organisation.kind.as_str())
            .bind(organisation.legal_form.as_str())
            .bind(&organisation.rna)
            .bind(&organisation.siren)
            .bind(&organisation.siret)
            .bind(&organisation.commune_code)
            .bind(&organisation.departement_code)
            .bind(&organisation.region_code)
            .bind(&organisation.website)
            .bind(Micros::from(organisation.created_at))
            .bind(Micros::from(organisation.updated_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(inserted > 0)
}

/// Keeps an organisation as it is now, its verification included. Its slug does not change.
pub async fn update(tx: &mut Write, organisation: &Organisation) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE organisations SET
            name = $1, kind = $2, legal_form = $3, rna = $4, siren = $5, siret = $6,
            commune_code = $7, departement_code = $8, region_code = $9, website = $10,
            updated_at = $11, verified_at = $12, verified_by = $13, verification_method = $14,
            verified_name_hash = $15
        WHERE id = $16";

    let verification = organisation.verification.as_ref();
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(&organisation.name)
            .bind(organisation.kind.as_str())
            .bind(organisation.legal_form.as_str())
            .bind(&organisation.rna)
            .bind(&organisation.siren)
            .bind(&organisation.siret)
            .bind(&organisation.commune_code)
            .bind(&organisation.departement_code)
            .bind(&organisation.region_code)
            .bind(&organisation.website)
            .bind(Micros::from(organisation.updated_at))
            .bind(micros(verification.map(|it| it.verified_at)))
            .bind(verification.map(|it| it.verified_by))
            .bind(verification.map(|it| it.method.as_str()))
            .bind(verification.map(|it| it.name_hash.as_str()))
            .bind(organisation.id)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Notes when an organisation lost its mark; `None` once it has it.
pub async fn set_verification_lost(
    tx: &mut Write,
    id: OrganisationId,
    lost_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE organisations SET verification_lost_at = $1 WHERE id = $2";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(micros(lost_at))
            .bind(id)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Lets nobody else change this organisation or its members until the transaction ends.
pub async fn lock(tx: &mut Write, id: OrganisationId) -> Result<(), StoreError> {
    // an update that changes nothing locks the row on both engines
    const SQL: &str = "UPDATE organisations SET updated_at = updated_at WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL).bind(id).execute(conn).await.map(|_| ())
    })?;
    Ok(())
}

/// Lets nobody else give an RNA number or a SIREN to an organisation until the transaction ends.
/// No unique index can say the rule, since branches may share a SIREN.
pub async fn lock_identifiers(tx: &mut Write) -> Result<(), StoreError> {
    // any number will do, as long as nothing else locks it
    const SQL: &str = "SELECT pg_advisory_xact_lock(20261122000100)";

    // SQLite has one writer
    if tx.engine() == Engine::Postgres {
        on!(tx, |conn| sqlx::query(SQL).execute(conn).await.map(|_| ()))?;
    }
    Ok(())
}

/// The organisation with this id.
pub async fn find(tx: &mut Read, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        organisation_columns!(),
        " FROM organisations WHERE id = $1"
    );

    let row: Option<OrganisationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(id).fetch_optional(conn).await
    })?;
    row.map(Organisation::try_from).transpose()
}

/// The organisation at this address.
pub async fn find_by_slug(tx: &mut Read, slug: &str) -> Result<Option<Organisation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        organisation_columns!(),
        " FROM organisations WHERE slug = $1"
    );

    let row: Option<OrganisationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL).bind(slug).fetch_optional(conn).await
    })?;
    row.map(Organisation::try_from).transpose()
}

/// Organisations that have this RNA number or this SIREN, oldest first.
pub async fn list_by_identifiers(
    tx: &mut Read,
    rna: Option<&str>,
    siren: Option<&str>,
    limit: i64,
) -> Result<Vec<Organisation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        organisation_columns!(),
        " FROM organisations WHERE rna = $1 OR siren = $2 ORDER BY id LIMIT $3"
    );

    let rows: Vec<OrganisationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(rna)
            .bind(siren)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    organisations(rows)
}

/// Organisations that nobody has verified, oldest first, after one of them.
pub async fn list_unverified(
    tx: &mut Read,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Organisation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        organisation_columns!(),
        " FROM organisations WHERE verified_at IS NULL AND id > $1 ORDER BY id LIMIT $2"
    );

    let rows: Vec<OrganisationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(after.map_or(0, OrganisationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    organisations(rows)
}

/// Organisations that are verified, newest first, before one of them.
pub async fn list_verified(
    tx: &mut Read,
    before: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Organisation>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        organisation_columns!(),
        " FROM organisations WHERE verified_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2"
    );

    let rows: Vec<OrganisationRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(before.map_or(i64::MAX, OrganisationId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    organisations(rows)
}

/// Another organisation with the same number.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Namesake {
    /// The organisation that was asked about.
    pub organisation_id: OrganisationId,
    pub slug: String,
    pub name: String,
}

/// Those that share the RNA number or the SIREN of one of the organisations whose ids are between
/// `first` and `last`, both included, and that have this standing.
pub async fn list_namesakes(
    tx: &mut Read,
    standing: Standing,
    first: OrganisationId,
    last: OrganisationId,
    limit: i64,
) -> Result<Vec<Namesake>, StoreError> {
    const SQL: &str = "
        SELECT asked.id AS organisation_id, other.slug, other.name
        FROM organisations asked
        JOIN organisations other
          ON other.id <> asked.id AND (other.rna = asked.rna OR other.siren = asked.siren)
        WHERE asked.id BETWEEN $1 AND $2 AND (asked.verified_at IS NOT NULL) = $3
        ORDER BY asked.id, other.id LIMIT $4";

    let rows: Vec<Namesake> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(first)
            .bind(last)
            .bind(standing == Standing::Verified)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(rows)
}
