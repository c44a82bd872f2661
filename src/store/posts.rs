//! What our actors said in public.

use chrono::{DateTime, Utc};

use super::{
    Micros, Read, StoreError, Write,
    values::{instant, word},
};
use crate::domain::{
    federation::{Post, PostKind, PostSubject},
    ids::{ActorId, AdId, PostId, RecommendationId},
};

macro_rules! post_columns {
    () => {
        "id, actor_id, ad_id, recommendation_id, kind, number, note_uri, article_uri, published_at, updated_at, deleted_at"
    };
}

#[derive(sqlx::FromRow)]
struct PostRow {
    id: PostId,
    actor_id: ActorId,
    ad_id: Option<AdId>,
    recommendation_id: Option<RecommendationId>,
    kind: String,
    number: i64,
    note_uri: String,
    article_uri: Option<String>,
    published_at: Micros,
    updated_at: Micros,
    deleted_at: Option<Micros>,
}

impl TryFrom<PostRow> for Post {
    type Error = StoreError;

    fn try_from(row: PostRow) -> Result<Self, StoreError> {
        let subject = match (row.ad_id, row.recommendation_id) {
            (Some(ad), None) => Some(PostSubject::Ad(ad)),
            (None, Some(recommendation)) => Some(PostSubject::Recommendation(recommendation)),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            actor_id: row.actor_id,
            subject: word(subject, "posts.ad_id")?,
            kind: word(PostKind::parse(&row.kind), "posts.kind")?,
            number: row.number,
            note_uri: row.note_uri,
            article_uri: row.article_uri,
            published_at: row.published_at.into(),
            updated_at: row.updated_at.into(),
            deleted_at: instant(row.deleted_at),
        })
    }
}

/// Adds a post.
pub async fn insert(tx: &mut Write, post: &Post) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO posts
            (id, actor_id, ad_id, recommendation_id, kind, number, note_uri, article_uri,
             published_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(post.id)
            .bind(post.actor_id)
            .bind(post.subject.ad())
            .bind(post.subject.recommendation())
            .bind(post.kind.as_str())
            .bind(post.number)
            .bind(&post.note_uri)
            .bind(&post.article_uri)
            .bind(Micros::from(post.published_at))
            .bind(Micros::from(post.updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The post with this row id.
pub async fn find(tx: &mut Read, id: PostId) -> Result<Option<Post>, StoreError> {
    const SQL: &str = concat!("SELECT ", post_columns!(), " FROM posts WHERE id = $1");

    let row: Option<PostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Post::try_from).transpose()
}

/// The post whose `Note` or `Article` has this id.
pub async fn find_by_uri(tx: &mut Read, uri: &str) -> Result<Option<Post>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        post_columns!(),
        " FROM posts WHERE note_uri = $1 OR article_uri = $1"
    );

    let row: Option<PostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(uri)
        .fetch_optional(conn)
        .await)?;
    row.map(Post::try_from).transpose()
}

/// The posts of an ad in order, withdrawn ones included. An ad has few: the announcement and its
/// milestones.
pub async fn list_by_ad(tx: &mut Read, ad: AdId, limit: i64) -> Result<Vec<Post>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        post_columns!(),
        " FROM posts WHERE ad_id = $1 ORDER BY number LIMIT $2"
    );

    let rows: Vec<PostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(ad)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Post::try_from).collect()
}

/// The post that tells a recommendation, withdrawn or not.
pub async fn find_by_recommendation(
    tx: &mut Read,
    id: RecommendationId,
) -> Result<Option<Post>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        post_columns!(),
        " FROM posts WHERE recommendation_id = $1 ORDER BY number LIMIT 1"
    );

    let row: Option<PostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(id)
        .fetch_optional(conn)
        .await)?;
    row.map(Post::try_from).transpose()
}

/// The last posts of an actor that are there, in two renditions, the most recent first.
pub async fn list_announcements(
    tx: &mut Read,
    actor: ActorId,
    limit: i64,
) -> Result<Vec<Post>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        post_columns!(),
        " FROM posts
          WHERE actor_id = $1 AND kind = 'announcement' AND deleted_at IS NULL
          ORDER BY id DESC LIMIT $2"
    );

    let rows: Vec<PostRow> = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(actor)
        .bind(limit)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(Post::try_from).collect()
}

/// The number the next post of an ad will have.
pub async fn next_number(tx: &mut Read, ad: AdId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COALESCE(MAX(number) + 1, 0) FROM posts WHERE ad_id = $1";

    let (number,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL)
        .bind(ad)
        .fetch_one(conn)
        .await)?;
    Ok(number)
}

/// Notes that a post changed.
pub async fn touch(
    tx: &mut Write,
    id: PostId,
    updated_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE posts SET updated_at = $2 WHERE id = $1";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(id)
            .bind(Micros::from(updated_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// Withdraws a post; its ids answer 410 from now on.
pub async fn delete(
    tx: &mut Write,
    id: PostId,
    deleted_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE posts SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL";

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

/// Withdraws every post of an ad; their ids answer 410 from now on.
pub async fn delete_by_ad(
    tx: &mut Write,
    ad: AdId,
    deleted_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE posts SET deleted_at = $2 WHERE ad_id = $1 AND deleted_at IS NULL";

    on!(tx, |conn| {
        sqlx::query(SQL)
            .bind(ad)
            .bind(Micros::from(deleted_at))
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// How many posts the instance shows, for NodeInfo.
pub async fn count(tx: &mut Read) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM posts WHERE deleted_at IS NULL";

    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(SQL).fetch_one(conn).await)?;
    Ok(count)
}
