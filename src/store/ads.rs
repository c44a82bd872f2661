//! Classified ads.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{from_json, instant, micros, to_json, word},
};
use crate::domain::{
    ad::{Ad, AdContent, AdKind, AdState, Budget},
    ids::{AccountId, ActorId, AdId, MediaId, OrganisationId, RevisionId},
    licence::Licence,
    slug::Slug,
    territory::Territory,
};

/// Columns of [`AdRow`], in its order.
macro_rules! ad_columns {
    () => {
        "ads.id, ads.number, ads.slug, ads.organisation_id, ads.created_by, ads.actor_id, ads.kind,
        ads.state, ads.title, ads.need, ads.software, ads.ticket_url, ads.licence, ads.territory,
        ads.budget, ads.deadline, ads.image_id, ads.hashtags, ads.outcome, ads.version,
        ads.created_at, ads.updated_at, ads.submitted_at, ads.published_at, ads.expires_at,
        ads.reminded_at, ads.ended_at"
    };
}
pub(super) use ad_columns;

/// The states for which `AdState::is_active` says yes; a test holds them to it.
macro_rules! active_states {
    () => {
        "('open', 'gathering', 'agreed', 'in-development')"
    };
}
pub(super) use active_states;

/// The public states for which it says no.
macro_rules! ended_states {
    () => {
        "('delivered', 'closed', 'expired')"
    };
}
pub(super) use ended_states;

#[derive(sqlx::FromRow)]
pub(super) struct AdRow {
    id: AdId,
    number: Option<i64>,
    slug: Option<String>,
    organisation_id: OrganisationId,
    created_by: AccountId,
    actor_id: Option<ActorId>,
    kind: String,
    state: String,
    title: String,
    need: String,
    software: String,
    ticket_url: Option<String>,
    licence: Option<String>,
    territory: String,
    budget: String,
    deadline: Option<String>,
    image_id: Option<MediaId>,
    hashtags: String,
    outcome: String,
    version: i64,
    created_at: Micros,
    updated_at: Micros,
    submitted_at: Option<Micros>,
    published_at: Option<Micros>,
    expires_at: Option<Micros>,
    reminded_at: Option<Micros>,
    ended_at: Option<Micros>,
}

impl TryFrom<AdRow> for Ad {
    type Error = StoreError;

    fn try_from(row: AdRow) -> Result<Self, StoreError> {
        let licence = row
            .licence
            .map(|id| word(Licence::parse(&id).ok(), "ads.licence"))
            .transpose()?;
        let deadline = row
            .deadline
            .map(|day| word(day.parse::<NaiveDate>().ok(), "ads.deadline"))
            .transpose()?;
        let slug = row
            .slug
            .map(|slug| word(Slug::parse(&slug).ok(), "ads.slug"))
            .transpose()?;
        Ok(Self {
            id: row.id,
            number: row.number,
            slug,
            organisation_id: row.organisation_id,
            created_by: row.created_by,
            actor_id: row.actor_id,
            state: word(AdState::parse(&row.state), "ads.state")?,
            content: AdContent {
                kind: word(AdKind::parse(&row.kind), "ads.kind")?,
                title: row.title,
                need: row.need,
                software: row.software,
                ticket_url: row.ticket_url,
                licence,
                territory: word(Territory::parse(&row.territory).ok(), "ads.territory")?,
                budget: word(Budget::parse(&row.budget), "ads.budget")?,
                deadline,
                hashtags: from_json(&row.hashtags, "ads.hashtags")?,
            },
            image_id: row.image_id,
            outcome: row.outcome,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            submitted_at: instant(row.submitted_at),
            published_at: instant(row.published_at),
            expires_at: instant(row.expires_at),
            reminded_at: instant(row.reminded_at),
            ended_at: instant(row.ended_at),
        })
    }
}

/// Adds an ad.
pub async fn insert(tx: &mut Write, ad: &Ad) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO ads
            (id, organisation_id, created_by, kind, state, title, need, software, ticket_url,
             licence, territory, budget, deadline, image_id, hashtags, outcome, version,
             created_at, updated_at)
        VALUES
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

    let content = &ad.content;
    let hashtags = to_json(&content.hashtags, "ads.hashtags")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(ad.id)
            .bind(ad.organisation_id)
            .bind(ad.created_by)
            .bind(content.kind.as_str())
            .bind(ad.state.as_str())
            .bind(&content.title)
            .bind(&content.need)
            .bind(&content.software)
            .bind(&content.ticket_url)
            .bind(content.licence.map(Licence::id))
            .bind(content.territory.to_string())
            .bind(content.budget.as_str())
            .bind(content.deadline.map(|day| day.to_string()))
            .bind(ad.image_id)
            .bind(&hashtags)
            .bind(&ad.outcome)
            .bind(ad.version)
            .bind(Micros::from(ad.created_at))
            .bind(Micros::from(ad.updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Keeps an ad as it is now, if nobody changed it since `ad.version`, which then grows by one.
///
/// What never changes once given (number, slug, actor, organisation, author) is written too: the
/// use case decides.
pub async fn update(tx: &mut Write, ad: &Ad) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE ads SET
            number = $3, slug = $4, actor_id = $5, kind = $6, state = $7, title = $8, need = $9,
            software = $10, ticket_url = $11, licence = $12, territory = $13, budget = $14,
            deadline = $15, image_id = $16, hashtags = $17, outcome = $18, updated_at = $19,
            submitted_at = $20, published_at = $21, expires_at = $22, reminded_at = $23,
            ended_at = $24, version = version + 1
        WHERE id = $1 AND version = $2";

    let content = &ad.content;
    let hashtags = to_json(&content.hashtags, "ads.hashtags")?;
    let changed = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(ad.id)
            .bind(ad.version)
            .bind(ad.number)
            .bind(ad.slug.as_ref().map(Slug::as_str))
            .bind(ad.actor_id)
            .bind(content.kind.as_str())
            .bind(ad.state.as_str())
            .bind(&content.title)
            .bind(&content.need)
            .bind(&content.software)
            .bind(&content.ticket_url)
            .bind(content.licence.map(Licence::id))
            .bind(content.territory.to_string())
            .bind(content.budget.as_str())
            .bind(content.deadline.map(|day| day.to_string()))
            .bind(ad.image_id)
            .bind(&hashtags)
            .bind(&ad.outcome)
            .bind(Micros::from(ad.updated_at))
            .bind(micros(ad.submitted_at))
            .bind(micros(ad.published_at))
            .bind(micros(ad.expires_at))
            .bind(micros(ad.reminded_at))
            .bind(micros(ad.ended_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    if changed == 0 {
        Err(StoreError::Conflict)
    } else {
        Ok(())
    }
}

/// Lets nobody else change this ad until the transaction ends: what is read of it from then on is
/// what it is.
pub async fn lock(tx: &mut Write, id: AdId) -> Result<(), StoreError> {
    // an update that changes nothing locks the row on both engines
    const SQL: &str = "UPDATE ads SET version = version WHERE id = $1";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// The ad with this row id.
pub async fn find(tx: &mut Read, id: AdId) -> Result<Option<Ad>, StoreError> {
    const SQL: &str = concat!("SELECT ", ad_columns!(), " FROM ads WHERE id = $1");

    let row: Option<AdRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Ad::try_from).transpose()
}

/// The ad with this public number.
pub async fn find_by_number(tx: &mut Read, number: i64) -> Result<Option<Ad>, StoreError> {
    const SQL: &str = concat!("SELECT ", ad_columns!(), " FROM ads WHERE number = $1");

    let row: Option<AdRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(number)
        .fetch_optional(conn)
        .await)?;
    row.map(Ad::try_from).transpose()
}

/// The ad that this actor stands for.
pub async fn find_by_actor(tx: &mut Read, actor: ActorId) -> Result<Option<Ad>, StoreError> {
    const SQL: &str = concat!("SELECT ", ad_columns!(), " FROM ads WHERE actor_id = $1");

    let row: Option<AdRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(actor)
        .fetch_optional(conn)
        .await)?;
    row.map(Ad::try_from).transpose()
}

/// The states of the ads that show this picture.
pub async fn list_states_by_image(
    tx: &mut Read,
    image: MediaId,
) -> Result<Vec<AdState>, StoreError> {
    const SQL: &str = "SELECT state FROM ads WHERE image_id = $1";

    let rows: Vec<(String,)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(image)
        .fetch_all(conn)
        .await)?;
    rows.iter()
        .map(|(state,)| word(AdState::parse(state), "ads.state"))
        .collect()
}

/// Ads of an organisation whatever their state, the most recent first, before a cursor.
pub async fn list_by_organisation(
    tx: &mut Read,
    organisation: OrganisationId,
    before: Option<AdId>,
    limit: i64,
) -> Result<Vec<Ad>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        ad_columns!(),
        " FROM ads
        WHERE organisation_id = $1 AND id < $2
        ORDER BY id DESC LIMIT $3"
    );

    let rows: Vec<AdRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(before.map_or(i64::MAX, AdId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Ad::try_from).collect()
}

/// How many ads of an organisation were ever accepted for publication.
pub async fn count_published(
    tx: &mut Read,
    organisation: OrganisationId,
) -> Result<i64, StoreError> {
    const SQL: &str =
        "SELECT COUNT(*) FROM ads WHERE organisation_id = $1 AND published_at IS NOT NULL";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(organisation)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// Ads waiting for a moderator, the oldest request first, with the name of their organisation.
pub async fn list_in_review(
    tx: &mut Read,
    after: Option<AdId>,
    limit: i64,
) -> Result<Vec<(Ad, String)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        ad_columns!(),
        ", organisations.name AS organisation_name
        FROM ads JOIN organisations ON organisations.id = ads.organisation_id
        WHERE ads.state = 'in-review' AND ads.id > $1
        ORDER BY ads.id LIMIT $2"
    );

    let rows: Vec<NamedRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(after.map_or(0, AdId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(NamedRow::into_pair).collect()
}

/// How many ads wait for a moderator.
pub async fn count_in_review(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM ads WHERE state = 'in-review'";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}

/// An ad with the name of its organisation.
#[derive(sqlx::FromRow)]
pub(super) struct NamedRow {
    #[sqlx(flatten)]
    ad: AdRow,
    organisation_name: String,
}

impl NamedRow {
    pub(super) fn into_pair(self) -> Result<(Ad, String), StoreError> {
        Ok((self.ad.try_into()?, self.organisation_name))
    }
}

/// Active ads whose term ends before an instant, the first to end first.
pub async fn list_expiring(
    tx: &mut Read,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Ad>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        ad_columns!(),
        " FROM ads
        WHERE expires_at <= $1 AND state IN ",
        active_states!(),
        " ORDER BY expires_at, id LIMIT $2"
    );

    let rows: Vec<AdRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(before))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Ad::try_from).collect()
}

/// Active ads whose term ends within so many days, and whose organisation was not reminded since
/// these days began; the first to end first. Those whose term is over are left to
/// [`list_expiring`].
pub async fn list_to_remind(
    tx: &mut Read,
    now: DateTime<Utc>,
    days: i64,
    limit: i64,
) -> Result<Vec<Ad>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        ad_columns!(),
        " FROM ads
        WHERE expires_at > $1 AND expires_at <= $1 + $2 AND state IN ",
        active_states!(),
        " AND (reminded_at IS NULL OR reminded_at < expires_at - $2)
        ORDER BY expires_at, id LIMIT $3"
    );

    let window = days.saturating_mul(24 * 3_600 * 1_000_000);
    let rows: Vec<AdRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(Micros::from(now))
            .bind(window)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Ad::try_from).collect()
}

/// Keeps what an ad said before an edit.
pub async fn insert_revision(
    tx: &mut Write,
    id: RevisionId,
    ad: AdId,
    account: AccountId,
    replaced: &AdContent,
    replaced_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO ad_revisions (id, ad_id, account_id, content, replaced_at)
        VALUES ($1, $2, $3, $4, $5)";

    let content = to_json(replaced, "ad_revisions.content")?;
    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(ad)
            .bind(account)
            .bind(&content)
            .bind(Micros::from(replaced_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// What an ad said before an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub replaced_at: DateTime<Utc>,
    /// Name of who replaced it.
    pub author: String,
    pub content: AdContent,
}

/// What an ad said before its edits, the last one first.
pub async fn list_revisions(
    tx: &mut Read,
    ad: AdId,
    limit: i64,
) -> Result<Vec<Revision>, StoreError> {
    const SQL: &str = "
        SELECT ad_revisions.replaced_at, accounts.name, ad_revisions.content
        FROM ad_revisions JOIN accounts ON accounts.id = ad_revisions.account_id
        WHERE ad_revisions.ad_id = $1 ORDER BY ad_revisions.id DESC LIMIT $2";

    let rows: Vec<(Micros, String, String)> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(ad)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter()
        .map(|(at, author, content)| {
            Ok(Revision {
                replaced_at: at.into(),
                author,
                content: from_json(&content, "ad_revisions.content")?,
            })
        })
        .collect()
}

/// Ads of the organisations of an account, whatever their state, last changed first, with the name
/// of their organisation.
pub async fn list_by_member(
    tx: &mut Read,
    account: AccountId,
    limit: i64,
) -> Result<Vec<(Ad, String)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        ad_columns!(),
        ", organisations.name AS organisation_name
        FROM ads
        JOIN organisations ON organisations.id = ads.organisation_id
        JOIN memberships ON memberships.organisation_id = ads.organisation_id
        WHERE memberships.account_id = $1
        ORDER BY ads.updated_at DESC, ads.id DESC LIMIT $2"
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

/// Other ads with exactly the same need, the most recent first, with the name of their
/// organisation.
pub async fn list_with_same_need(
    tx: &mut Read,
    ad: &Ad,
    limit: i64,
) -> Result<Vec<(Ad, String)>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        ad_columns!(),
        ", organisations.name AS organisation_name
        FROM ads JOIN organisations ON organisations.id = ads.organisation_id
        WHERE ads.need = $1 AND ads.id <> $2 AND ads.state <> 'draft'
        ORDER BY ads.id DESC LIMIT $3"
    );

    let rows: Vec<NamedRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(&ad.content.need)
            .bind(ad.id)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(NamedRow::into_pair).collect()
}

/// Deletes an ad that no reader ever saw.
pub async fn delete(tx: &mut Write, id: AdId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM ads WHERE id = $1 AND published_at IS NULL";

    on!(tx, |conn| sqlx::query(SQL)
        .bind(id)
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(is_wanted: impl Fn(AdState) -> bool) -> String {
        let wanted = AdState::ALL.iter().filter(|state| is_wanted(**state));
        let words: Vec<String> = wanted.map(|state| format!("'{state}'")).collect();
        format!("({})", words.join(", "))
    }

    /// Invariant 5: what is public is decided in one place, and SQL only repeats it.
    #[test]
    fn queries_name_the_states_that_the_domain_calls_active_and_ended() {
        assert_eq!(active_states!(), listed(AdState::is_active));
        let has_ended = |state: AdState| state.is_public() && !state.is_active();
        assert_eq!(ended_states!(), listed(has_ended));
    }
}
