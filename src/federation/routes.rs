//! What other servers read from us.
//!
//! [`documents`] are ActivityStreams documents at the addresses of pages; the server asks for them
//! when the `Accept` header does. [`endpoints`] have addresses of their own.

use axum::{
    Json, Router,
    extract::{OriginalUri, Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

mod statements;

use super::{
    actors::{ActorDocument, MOBILIZON_COLLECTIONS},
    collections::{CollectionDocument, PAGE_SIZE, PageDocument},
    errors::DocumentError,
    nodeinfo::{self, SchemaVersion},
    objects::{article::ArticleDocument, note::NoteDocument, tombstone::TombstoneDocument},
    outgoing,
    vocabulary::{ACTIVITY_JSON, actor_context, plain_context, post_context},
    webfinger::{self, ResourceDocument},
};
use crate::{
    app::{App, AppError, Missing, actors, ads::reading, host_actors},
    domain::{
        addresses::{ADS_PATH, INSTANCE_PATH},
        federation::{Actor, Post, PostSubject},
        host::DIRECTORY_PATH,
        ids::FollowId,
        outbound::Outbound,
    },
};

/// Documents at the addresses of pages.
pub fn documents(app: App) -> Router {
    Router::new()
        .route(ADS_PATH, get(actor))
        .route("/annonces/{address}", get(actor))
        .route(DIRECTORY_PATH, get(actor))
        .route("/structures/{handle}", get(actor))
        .route("/organisations/{slug}", get(actor))
        .merge(statements::documents())
        .with_state(app)
}

/// Documents with an address of their own, and the discovery of all of them.
pub fn endpoints(app: App) -> Router {
    let mut router = Router::new()
        .route("/.well-known/webfinger", get(find_resource))
        .route("/.well-known/host-meta", get(host_meta))
        .route("/.well-known/nodeinfo", get(node_info_links))
        .route("/nodeinfo/{version}", get(node_info))
        .route(INSTANCE_PATH, get(actor))
        .route("/annonces/{address}/notes/{number}", get(post))
        .route("/annonces/{address}/articles/{number}", get(post))
        .route("/structures/{handle}/notes/{number}", get(post))
        .route("/structures/{handle}/articles/{number}", get(post))
        .merge(statements::endpoints());
    for root in ACTOR_PATHS {
        router = router
            .route(&format!("{root}/followers"), get(followers))
            .route(&format!("{root}/following"), get(following))
            .route(&format!("{root}/outbox"), get(outbox))
            .route(&format!("{root}/featured"), get(featured))
            .route(&format!("{root}/moderators"), get(moderators))
            .route(&format!("{root}/activities/{{id}}"), get(activity));
        for name in MOBILIZON_COLLECTIONS {
            router = router.route(&format!("{root}/{name}"), get(mobilizon_collection));
        }
    }
    router.with_state(app)
}

/// Where our actors are.
const ACTOR_PATHS: [&str; 6] = [
    INSTANCE_PATH,
    ADS_PATH,
    "/annonces/{address}",
    DIRECTORY_PATH,
    "/structures/{handle}",
    "/organisations/{slug}",
];

/// A document under its `@context`.
#[derive(Serialize)]
struct InContext<T> {
    #[serde(rename = "@context")]
    context: Value,
    #[serde(flatten)]
    document: T,
}

fn document<T: Serialize>(context: Value, document: T) -> Response {
    with_status(StatusCode::OK, context, document)
}

fn with_status<T: Serialize>(status: StatusCode, context: Value, document: T) -> Response {
    let headers = [
        (header::CONTENT_TYPE, ACTIVITY_JSON),
        (header::VARY, "Accept"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    let mut response = (status, Json(InContext { context, document })).into_response();
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    response
}

fn gone(id: String, since: chrono::DateTime<chrono::Utc>) -> Response {
    with_status(
        StatusCode::GONE,
        plain_context(),
        TombstoneDocument::new(id, None, Some(since)),
    )
}

async fn actor(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, DocumentError> {
    let id = app.url(uri.path());
    match actors::show(&app, &id).await {
        Ok(profile) => {
            let document_of = ActorDocument::new(&app, &profile).ok_or(DocumentError::NotReady)?;
            Ok(document(actor_context(), document_of))
        }
        Err(AppError::Gone { since, .. }) => Ok(gone(id, since)),
        Err(error) => Err(error.into()),
    }
}

/// The actor that a collection belongs to.
async fn owner(app: &App, uri: &OriginalUri) -> Result<(Actor, String), AppError> {
    let collection = app.url(uri.path());
    let (owner, _) = collection
        .rsplit_once('/')
        .ok_or(AppError::NotFound(Missing::Page))?;
    let profile = actors::show(app, owner).await?;
    Ok((profile.actor, collection))
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    page: Option<String>,
    before: Option<i64>,
}

async fn followers(
    State(app): State<App>,
    uri: OriginalUri,
    Query(query): Query<PageQuery>,
) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    let profile = actors::show(&app, &owner.uri).await?;
    if query.page.is_none() {
        return Ok(document(
            plain_context(),
            CollectionDocument::paged(id, profile.follower_count),
        ));
    }
    let before = query.before.map(Into::into);
    let (rows, next) = actors::list_followers(&app, owner.id, before, PAGE_SIZE).await?;
    let items = rows.into_iter().map(|actor| json!(actor.uri)).collect();
    let page = PageDocument::new(&id, query.before, items, next.map(FollowId::get));
    Ok(document(plain_context(), page))
}

async fn following(State(app): State<App>, uri: OriginalUri) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    let profile = actors::show(&app, &owner.uri).await?;
    Ok(document(
        plain_context(),
        CollectionDocument::paged(id, profile.following_count),
    ))
}

async fn outbox(
    State(app): State<App>,
    uri: OriginalUri,
    Query(query): Query<PageQuery>,
) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    if query.page.is_none() {
        let total = actors::count_said(&app, owner.id).await?;
        return Ok(document(
            plain_context(),
            CollectionDocument::paged(id, total),
        ));
    }
    let before = query.before.map(Into::into);
    let said = actors::list_said(&app, &owner, before, PAGE_SIZE).await?;
    let next = said
        .last()
        .filter(|_| i64::try_from(said.len()).unwrap_or(0) == PAGE_SIZE)
        .map(|activity| activity.id.get());
    let mut items = Vec::with_capacity(said.len());
    for activity in &said {
        // Mobilizon is who reads outboxes, and it reads articles
        let rendered = outgoing::render(&app, activity).await?;
        items.extend(
            rendered
                .and_then(|rendered| rendered.article.or(rendered.note))
                .map(without_context),
        );
    }
    Ok(document(
        post_context(),
        PageDocument::new(&id, query.before, items, next),
    ))
}

fn without_context(mut activity: Value) -> Value {
    if let Value::Object(members) = &mut activity {
        members.remove("@context");
    }
    activity
}

/// Posts pinned, or given to Mobilizon at once.
const MOST_PINS: i64 = 5;

/// The pins: the announcement of an ad, the last recommendations of a structure, which Mastodon and
/// `GoToSocial` read on discovery.
async fn featured(State(app): State<App>, uri: OriginalUri) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    let pins = host_actors::list_announcements(&app, &owner, MOST_PINS).await?;
    let items = pins.iter().map(|post| json!(post.note_uri)).collect();
    Ok(document(
        plain_context(),
        CollectionDocument::whole(id, items),
    ))
}

async fn moderators(State(app): State<App>, uri: OriginalUri) -> Result<Response, DocumentError> {
    let (_, id) = owner(&app, &uri).await?;
    let items = vec![json!(app.url(INSTANCE_PATH))];
    Ok(document(
        plain_context(),
        CollectionDocument::whole(id, items),
    ))
}

/// The collections that Mobilizon walks through: `posts` has the articles, `members` the instance,
/// the others are empty.
async fn mobilizon_collection(
    State(app): State<App>,
    uri: OriginalUri,
) -> Result<Response, DocumentError> {
    let (owner, id) = owner(&app, &uri).await?;
    let items = match id.rsplit('/').next() {
        Some("posts") => articles(&app, &owner).await?,
        Some("members") => vec![json!({
            "id": format!("{id}/1"),
            "type": "Member",
            "actor": app.url(INSTANCE_PATH),
            "object": owner.uri,
            "role": "administrator",
        })],
        _ => Vec::new(),
    };
    Ok(document(
        post_context(),
        CollectionDocument::whole(id, items),
    ))
}

async fn articles(app: &App, owner: &Actor) -> Result<Vec<Value>, AppError> {
    let public_url = &app.config().public_url;
    let mut articles = Vec::new();
    for post in host_actors::list_announcements(app, owner, PAGE_SIZE).await? {
        articles.extend(match post.subject {
            PostSubject::Ad(_) => {
                let (post, page) = reading::show_post(app, post.id).await?;
                ArticleDocument::new(&post, &page, public_url)
            }
            PostSubject::Recommendation(_) => {
                let (post, statement) = host_actors::show_post(app, post.id).await?;
                ArticleDocument::of_recommendation(&post, &statement, public_url)
            }
        });
    }
    let documents = articles.into_iter().map(serde_json::to_value);
    documents
        .map(|article| article.map_err(AppError::internal))
        .collect()
}

async fn post(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, DocumentError> {
    let id = app.url(uri.path());
    let post = actors::find_post(&app, &id)
        .await?
        .ok_or(AppError::NotFound(Missing::Post))?;
    let is_article = post.article_uri.as_deref() == Some(id.as_str());
    match find_renditions(&app, &post).await {
        Ok((_, Some(article))) if is_article => Ok(document(post_context(), article)),
        Ok((Some(note), _)) if !is_article => Ok(document(post_context(), note)),
        Ok(_) => Err(AppError::NotFound(Missing::Post).into()),
        Err(AppError::Gone { since, .. }) => Ok(gone(id, since)),
        Err(error) => Err(error.into()),
    }
}

/// A post in its two renditions.
async fn find_renditions(
    app: &App,
    post: &Post,
) -> Result<(Option<NoteDocument>, Option<ArticleDocument>), AppError> {
    let public_url = &app.config().public_url;
    Ok(match post.subject {
        PostSubject::Ad(_) => {
            let (post, page) = reading::show_post(app, post.id).await?;
            let note = NoteDocument::new(&post, &page, public_url);
            (note, ArticleDocument::new(&post, &page, public_url))
        }
        PostSubject::Recommendation(_) => {
            let (post, statement) = host_actors::show_post(app, post.id).await?;
            let note = NoteDocument::of_recommendation(&post, &statement);
            let article = ArticleDocument::of_recommendation(&post, &statement, public_url);
            (note, article)
        }
    })
}

/// Activities that speak to everybody can be read again; answers to one actor cannot.
async fn activity(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, DocumentError> {
    let id = app.url(uri.path());
    let activity = actors::find_said(&app, &id)
        .await?
        .ok_or(AppError::NotFound(Missing::Page))?;
    if !matches!(
        activity.event,
        Outbound::Create { .. }
            | Outbound::Update { .. }
            | Outbound::Announce { .. }
            | Outbound::Recommend { .. }
            | Outbound::AmendRecommendation { .. }
            | Outbound::WithdrawRecommendation { .. }
            | Outbound::Add { .. }
            | Outbound::Remove { .. }
    ) {
        return Err(AppError::NotFound(Missing::Page).into());
    }
    let rendered = outgoing::render(&app, &activity).await?;
    let body = rendered
        .and_then(|rendered| rendered.note)
        .ok_or(AppError::Gone {
            what: Missing::Post,
            since: activity.created_at,
        });
    match body {
        Ok(mut body) => {
            let context = body
                .as_object_mut()
                .and_then(|members| members.remove("@context"))
                .unwrap_or_else(plain_context);
            Ok(document(context, body))
        }
        Err(AppError::Gone { since, .. }) => Ok(gone(id, since)),
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
struct ResourceQuery {
    resource: Option<String>,
}

/// Anybody's script may ask: Mastodon's helper for remote interactions runs in the browser.
const ANYBODY: (header::HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

async fn find_resource(
    State(app): State<App>,
    Query(query): Query<ResourceQuery>,
) -> Result<Response, DocumentError> {
    let resource = query.resource.ok_or(DocumentError::Malformed(
        "The resource parameter is missing.",
    ))?;
    let actor = webfinger::find(&app, resource.trim())
        .await?
        .ok_or(AppError::NotFound(Missing::Actor))?;
    let headers = [(header::CONTENT_TYPE, "application/jrd+json"), ANYBODY];
    Ok((headers, Json(ResourceDocument::new(&app, &actor))).into_response())
}

async fn host_meta(State(app): State<App>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/xrd+xml; charset=utf-8"),
        ANYBODY,
    ];
    (headers, webfinger::host_meta(&app)).into_response()
}

async fn node_info_links(State(app): State<App>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json"), ANYBODY],
        Json(nodeinfo::links(&app)),
    )
        .into_response()
}

async fn node_info(
    State(app): State<App>,
    Path(version): Path<String>,
) -> Result<Response, DocumentError> {
    let version = SchemaVersion::parse(&version).ok_or(AppError::NotFound(Missing::Page))?;
    let document = nodeinfo::document(&app, version).await?;
    let headers = [
        (header::CONTENT_TYPE, version.media_type()),
        (ANYBODY.0, ANYBODY.1.to_owned()),
    ];
    Ok((headers, Json(document)).into_response())
}
