//! Replies from the fediverse.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    actors::{ActorRow, actor_columns},
    values::word,
};
use crate::domain::{
    federation::{Comment, CommentState},
    ids::{AccountId, ActorId, AdId, CommentId, OrganisationId, PostId},
};

/// Columns of [`CommentRow`], in its order; those of the author come before, under the names of
/// their table.
macro_rules! comment_columns {
    () => {
        concat!(
            "comments.id AS comment_id, comments.ad_id, comments.post_id,
            comments.uri AS comment_uri, comments.url AS comment_url, comments.in_reply_to,
            comments.content, comments.state, comments.published_at,
            comments.updated_at AS comment_updated_at, comments.received_at, ",
            actor_columns!()
        )
    };
}

#[derive(sqlx::FromRow)]
struct CommentRow {
    comment_id: CommentId,
    ad_id: AdId,
    post_id: PostId,
    comment_uri: String,
    comment_url: String,
    in_reply_to: String,
    content: String,
    state: String,
    published_at: Micros,
    comment_updated_at: Micros,
    received_at: Micros,
    #[sqlx(flatten)]
    actor: ActorRow,
}

impl TryFrom<CommentRow> for Comment {
    type Error = StoreError;

    fn try_from(row: CommentRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.comment_id,
            ad_id: row.ad_id,
            post_id: row.post_id,
            actor: row.actor.try_into()?,
            uri: row.comment_uri,
            url: row.comment_url,
            in_reply_to: row.in_reply_to,
            content: row.content,
            state: word(CommentState::parse(&row.state), "comments.state")?,
            published_at: row.published_at.into(),
            updated_at: row.comment_updated_at.into(),
            received_at: row.received_at.into(),
        })
    }
}

/// Adds a reply. `false` when its id is already there: nothing changes then.
pub async fn insert(tx: &mut Write, comment: &Comment) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO comments
            (id, ad_id, post_id, actor_id, uri, url, in_reply_to, content, state, published_at,
             updated_at, received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (uri) DO NOTHING";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(comment.id)
            .bind(comment.ad_id)
            .bind(comment.post_id)
            .bind(comment.actor.id)
            .bind(&comment.uri)
            .bind(&comment.url)
            .bind(&comment.in_reply_to)
            .bind(&comment.content)
            .bind(comment.state.as_str())
            .bind(Micros::from(comment.published_at))
            .bind(Micros::from(comment.updated_at))
            .bind(Micros::from(comment.received_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// The reply with this row id.
pub async fn find(tx: &mut Read, id: CommentId) -> Result<Option<Comment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        comment_columns!(),
        " FROM comments JOIN actors ON actors.id = comments.actor_id WHERE comments.id = $1"
    );

    let row: Option<CommentRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Comment::try_from).transpose()
}

/// The reply with this `ActivityPub` id.
pub async fn find_by_uri(tx: &mut Read, uri: &str) -> Result<Option<Comment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        comment_columns!(),
        " FROM comments JOIN actors ON actors.id = comments.actor_id WHERE comments.uri = $1"
    );

    let row: Option<CommentRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(uri)
        .fetch_optional(conn)
        .await)?;
    row.map(Comment::try_from).transpose()
}

/// Replaces what a reply says, and where it stands.
pub async fn edit(
    tx: &mut Write,
    id: CommentId,
    content: &str,
    state: CommentState,
    updated_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE comments SET content = $2, state = $3, updated_at = $4 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(content)
            .bind(state.as_str())
            .bind(Micros::from(updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Notes a decision on what a reply says since `updated_at`. `false` when its author edited or
/// deleted it meanwhile.
pub async fn decide(
    tx: &mut Write,
    (id, updated_at): (CommentId, DateTime<Utc>),
    state: CommentState,
    account: AccountId,
    decided_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE comments SET state = $2, decided_by = $3, decided_at = $4
        WHERE id = $1 AND updated_at = $5 AND state <> 'deleted'";

    let rows = on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(state.as_str())
            .bind(account)
            .bind(Micros::from(decided_at))
            .bind(Micros::from(updated_at))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows > 0)
}

/// Erases what a reply said. Its id stays, so that a late copy does not bring it back.
pub async fn erase(
    tx: &mut Write,
    id: CommentId,
    deleted_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE comments SET state = 'deleted', content = '', updated_at = $2 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(deleted_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Erases everything an actor wrote.
pub async fn erase_by_actor(
    tx: &mut Write,
    actor: ActorId,
    deleted_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE comments SET state = 'deleted', content = '', updated_at = $2
        WHERE actor_id = $1 AND state <> 'deleted'";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(actor)
            .bind(Micros::from(deleted_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The replies to an ad in this state, the oldest first, after a cursor.
pub async fn list_by_ad(
    tx: &mut Read,
    ad: AdId,
    state: CommentState,
    after: Option<CommentId>,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        comment_columns!(),
        " FROM comments JOIN actors ON actors.id = comments.actor_id
        WHERE comments.ad_id = $1 AND comments.state = $2 AND comments.id > $3
        ORDER BY comments.id LIMIT $4"
    );

    let rows: Vec<CommentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(ad)
            .bind(state.as_str())
            .bind(after.map_or(0, CommentId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Comment::try_from).collect()
}

/// The replies that wait, to the ads of an organisation or (`None`) to all, the oldest first,
/// after a cursor.
pub async fn list_pending(
    tx: &mut Read,
    organisation: Option<OrganisationId>,
    after: Option<CommentId>,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        comment_columns!(),
        " FROM comments
        JOIN actors ON actors.id = comments.actor_id
        JOIN ads ON ads.id = comments.ad_id
        WHERE comments.state = 'pending' AND ($1 IS NULL OR ads.organisation_id = $1)
          AND comments.id > $2
        ORDER BY comments.id LIMIT $3"
    );

    let rows: Vec<CommentRow> = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(organisation)
            .bind(after.map_or(0, CommentId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Comment::try_from).collect()
}

/// How many replies to an ad are in this state.
pub async fn count_by_ad(tx: &mut Read, ad: AdId, state: CommentState) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM comments WHERE ad_id = $1 AND state = $2";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(ad)
            .bind(state.as_str())
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}

/// How many replies of an actor to an ad wait.
pub async fn count_pending_of(tx: &mut Read, ad: AdId, actor: ActorId) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM comments WHERE ad_id = $1 AND actor_id = $2 AND state = 'pending'";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(ad)
        .bind(actor)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}

/// How many replies to an ad were received since an instant.
pub async fn count_received_since(
    tx: &mut Read,
    ad: AdId,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM comments WHERE ad_id = $1 AND received_at >= $2";

    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(SQL)
            .bind(ad)
            .bind(Micros::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(count)
}

/// How many replies wait under the ads of the organisations of an account.
pub async fn count_pending_for(tx: &mut Read, account: AccountId) -> Result<i64, StoreError> {
    const SQL: &str = "
        SELECT COUNT(*) FROM comments
        JOIN ads ON ads.id = comments.ad_id
        JOIN memberships ON memberships.organisation_id = ads.organisation_id
        WHERE comments.state = 'pending' AND memberships.account_id = $1";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(account)
        .fetch_one(conn)
        .await)?;
    Ok(count)
}
