//! What structures and organisations say to other servers: their actors, what enters the directory
//! and leaves it, what is recommended, acknowledged, vouched for and taken back.
//!
//! Each function notes it in the transaction of the change itself, after the change is written.

mod reading;

pub use reading::{
    Entry, HostPage, Statement, Statements, count_directory, count_statements, find_entry,
    find_host_page, find_organisation_of, find_statements_of, find_withdrawn, keep_document,
    list_announcements, list_directory, list_statements, show_agreement, show_offer, show_post,
    show_statement, show_statement_by_id,
};

pub(crate) use reading::find_organisation_in;

use chrono::TimeDelta;

use crate::{
    app::{
        App, AppError, Missing,
        actors::{self as our_actors, NewActor},
        outbox,
    },
    domain::{
        addresses::{self, ActorAddresses, DIRECTORY_HANDLE, INSTANCE_HANDLE, INSTANCE_PATH},
        federation::{Actor, ActorKind, ActorRole, Post, PostKind, PostSubject},
        host::{self, Host},
        ids::{HostId, OrganisationId},
        organisation::Organisation,
        outbound::{Listed, Outbound},
        recommendation::Recommendation,
    },
    store::{
        Read, Write, actors, host_actors as stored, hosts, organisations, outbox as said, posts,
        recommendations,
    },
};

/// Longest handle.
const HANDLE_LENGTH: usize = 30;
/// Names that people would take for the site itself.
const RESERVED: [&str; 10] = [
    "admin",
    "administration",
    "annonce",
    "annonces",
    "annuaire",
    "emancipasso",
    "formations",
    "moderation",
    "relay",
    "support",
];

/// Whether a structure may take this handle: no actor of ours ever had it.
pub(crate) async fn is_handle_free(tx: &mut Read, handle: &str) -> Result<bool, AppError> {
    let is_ours = RESERVED.contains(&handle) || handle.starts_with("annonce_");
    Ok(!is_ours && !stored::is_handle_taken(tx, handle).await?)
}

/// A structure enters the directory. Its actor is made if it never was.
pub(crate) async fn enter_directory(
    app: &App,
    tx: &mut Write,
    host: &mut Host,
) -> Result<(), AppError> {
    actor_of_host(app, tx, host).await?;
    let event = Outbound::Add {
        object: entry_address(app, host.id),
        to: Listed::Directory,
    };
    say_as(app, tx, INSTANCE_HANDLE, event).await
}

/// A structure leaves the directory. Its actor stays: who follows it goes on following it.
pub(crate) async fn leave_directory(
    app: &App,
    tx: &mut Write,
    host: &mut Host,
) -> Result<(), AppError> {
    actor_of_host(app, tx, host).await?;
    let event = Outbound::Remove {
        object: entry_address(app, host.id),
        from: Listed::Directory,
    };
    say_as(app, tx, INSTANCE_HANDLE, event).await
}

/// Id of the place of a structure in the directory.
pub fn entry_address(app: &App, host: HostId) -> String {
    let instance = ActorAddresses::new(app.url(INSTANCE_PATH));
    format!("{}/{host}", instance.collection(Listed::Directory.as_str()))
}

/// The profile of a structure changed, its name or its offers. Nothing is said of one that has no
/// actor yet.
pub(crate) async fn host_changed(app: &App, tx: &mut Write, host: &Host) -> Result<(), AppError> {
    let Some(id) = host.actor_id else {
        return Ok(());
    };
    let organisation = find_organisation(tx, host.organisation_id).await?;
    let actor = actors::find(tx, id).await?;
    let actor = actor.ok_or(AppError::NotFound(Missing::Actor))?;
    update_actor(app, tx, &actor, &organisation.name).await
}

/// An organisation that recommends in public changed: its name, or what is known of it.
pub(crate) async fn organisation_changed(
    app: &App,
    tx: &mut Write,
    organisation: &Organisation,
) -> Result<(), AppError> {
    let uri = app.url(&addresses::organisation_path(&organisation.slug));
    if let Some(actor) = actors::find_by_uri(tx, &uri).await? {
        update_actor(app, tx, &actor, &organisation.name).await?;
    }
    if let Some(host) = hosts::find_by_organisation(tx, organisation.id).await? {
        host_changed(app, tx, &host).await?;
    }
    Ok(())
}

/// A recommendation is published: the organisation recommends, the structure acknowledges it and
/// tells its followers, the instance vouches for it.
pub(crate) async fn recommendation_published(
    app: &App,
    tx: &mut Write,
    recommendation: &Recommendation,
) -> Result<(), AppError> {
    let uri = address_of(recommendation)?;
    let organisation = find_organisation(tx, recommendation.organisation_id).await?;
    let mut host = find_host(tx, recommendation).await?;
    let author = actor_of_organisation(app, tx, &organisation).await?;
    let structure = actor_of_host(app, tx, &mut host).await?;
    let event = Outbound::Recommend {
        recommendation: recommendation.id,
    };
    outbox::enqueue(app, tx, &author, event).await?;
    let add = || Outbound::Add {
        object: uri.to_owned(),
        to: Listed::Recommendations,
    };
    outbox::enqueue(app, tx, &structure, add()).await?;
    say_as(app, tx, INSTANCE_HANDLE, add()).await?;
    tell_followers(app, tx, &structure, recommendation).await
}

/// The post of the structure, in two renditions, which `annuaire` shows to its own followers.
async fn tell_followers(
    app: &App,
    tx: &mut Write,
    structure: &Actor,
    recommendation: &Recommendation,
) -> Result<(), AppError> {
    let now = app.now();
    let addresses = ActorAddresses::new(structure.uri.as_str());
    // the place of the recommendation in the whole site: unique, and known before the post is
    let number = recommendation.id.get();
    let post = Post {
        id: app.next_id(),
        actor_id: structure.id,
        subject: PostSubject::Recommendation(recommendation.id),
        kind: PostKind::Announcement,
        number: 0,
        note_uri: addresses.note(number),
        article_uri: Some(addresses.article(number)),
        published_at: now,
        updated_at: now,
        deleted_at: None,
    };
    posts::insert(tx, &post).await?;
    outbox::enqueue(app, tx, structure, Outbound::Create { post: post.id }).await?;
    say_as(
        app,
        tx,
        DIRECTORY_HANDLE,
        Outbound::Announce { post: post.id },
    )
    .await
}

/// New words were approved, or the term was renewed: the document is signed anew.
pub(crate) async fn recommendation_amended(
    app: &App,
    tx: &mut Write,
    recommendation: &Recommendation,
) -> Result<(), AppError> {
    recommendations::set_document(tx, recommendation.id, None).await?;
    let organisation = find_organisation(tx, recommendation.organisation_id).await?;
    let author = actor_of_organisation(app, tx, &organisation).await?;
    let event = Outbound::AmendRecommendation {
        recommendation: recommendation.id,
    };
    outbox::enqueue(app, tx, &author, event).await?;
    let post = posts::find_by_recommendation(tx, recommendation.id).await?;
    let Some(post) = post.filter(|post| post.deleted_at.is_none()) else {
        return Ok(());
    };
    let structure = actors::find(tx, post.actor_id).await?;
    let structure = structure.ok_or(AppError::NotFound(Missing::Actor))?;
    // other servers ignore an edit that is not newer than what they have
    let touched = app.now().max(post.updated_at + TimeDelta::seconds(1));
    posts::touch(tx, post.id, touched).await?;
    outbox::enqueue(app, tx, &structure, Outbound::Update { post: post.id }).await?;
    Ok(())
}

/// A recommendation is withdrawn by its association, or annulled by moderators: everything that was
/// said of it is taken back.
pub(crate) async fn recommendation_withdrawn(
    app: &App,
    tx: &mut Write,
    recommendation: &Recommendation,
) -> Result<(), AppError> {
    // one that never was public leaves nothing to take back
    let Ok(uri) = address_of(recommendation) else {
        return Ok(());
    };
    let organisation = find_organisation(tx, recommendation.organisation_id).await?;
    let mut host = find_host(tx, recommendation).await?;
    let author = actor_of_organisation(app, tx, &organisation).await?;
    let structure = actor_of_host(app, tx, &mut host).await?;
    take_back_post(app, tx, &structure, recommendation).await?;
    let remove = || Outbound::Remove {
        object: uri.to_owned(),
        from: Listed::Recommendations,
    };
    say_as(app, tx, INSTANCE_HANDLE, remove()).await?;
    outbox::enqueue(app, tx, &structure, remove()).await?;
    let event = Outbound::WithdrawRecommendation {
        recommendation: recommendation.id,
    };
    outbox::enqueue(app, tx, &author, event).await?;
    Ok(())
}

async fn take_back_post(
    app: &App,
    tx: &mut Write,
    structure: &Actor,
    recommendation: &Recommendation,
) -> Result<(), AppError> {
    let post = posts::find_by_recommendation(tx, recommendation.id).await?;
    let Some(post) = post.filter(|post| post.deleted_at.is_none()) else {
        return Ok(());
    };
    let announcer = find_ours(tx, DIRECTORY_HANDLE).await?;
    let shown = Outbound::Announce { post: post.id };
    if let Some(announce) = said::find_by_event(tx, announcer.id, &shown).await? {
        let undo = Outbound::UndoAnnounce {
            post: post.id,
            announced_by: announce.id,
        };
        outbox::enqueue(app, tx, &announcer, undo).await?;
    }
    outbox::enqueue(app, tx, structure, Outbound::Delete { post: post.id }).await?;
    posts::delete(tx, post.id, app.now()).await?;
    Ok(())
}

/// The actor of a structure, made when it is first spoken of.
async fn actor_of_host(app: &App, tx: &mut Write, host: &mut Host) -> Result<Actor, AppError> {
    if let Some(id) = host.actor_id {
        let actor = actors::find(tx, id).await?;
        return actor.ok_or(AppError::NotFound(Missing::Actor));
    }
    let organisation = find_organisation(tx, host.organisation_id).await?;
    let new = NewActor {
        role: ActorRole::Host,
        kind: ActorKind::Group,
        handle: &host.handle,
        path: &host::host_path(&host.handle),
        name: &organisation.name,
    };
    let actor = our_actors::create(app, tx, &new).await?;
    stored::set_actor(tx, host.id, actor.id).await?;
    host.actor_id = Some(actor.id);
    Ok(actor)
}

/// The actor of an organisation, made when it first recommends.
async fn actor_of_organisation(
    app: &App,
    tx: &mut Write,
    organisation: &Organisation,
) -> Result<Actor, AppError> {
    let path = addresses::organisation_path(&organisation.slug);
    if let Some(actor) = actors::find_by_uri(tx, &app.url(&path)).await? {
        return Ok(actor);
    }
    let new = NewActor {
        role: ActorRole::Organisation,
        kind: ActorKind::Organization,
        handle: &choose_handle(tx, &organisation.slug).await?,
        path: &path,
        name: &organisation.name,
    };
    our_actors::create(app, tx, &new).await
}

/// A free handle made of the slug of an organisation: only what every server takes, 30 characters at
/// most.
async fn choose_handle(tx: &mut Read, slug: &str) -> Result<String, AppError> {
    let base: String = slug
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .take(HANDLE_LENGTH)
        .collect();
    let base = match base.trim_matches('_') {
        base if base.len() < 3 => format!("asso_{base}"),
        base => base.to_owned(),
    };
    let mut handle = base.clone();
    let mut number = 1_u64;
    while !is_handle_free(tx, &handle).await? {
        number += 1;
        let end = format!("_{number}");
        let room = HANDLE_LENGTH.saturating_sub(end.len());
        let kept: String = base.chars().take(room).collect();
        handle = format!("{kept}{end}");
    }
    Ok(handle)
}

async fn update_actor(
    app: &App,
    tx: &mut Write,
    actor: &Actor,
    name: &str,
) -> Result<(), AppError> {
    // other servers ignore an edit that is not newer than what they have
    let now = app.now().max(actor.updated_at + TimeDelta::seconds(1));
    actors::rename_local(tx, actor.id, name, now).await?;
    outbox::enqueue(app, tx, actor, Outbound::UpdateActor).await?;
    Ok(())
}

/// One of the actors that every instance has says something.
async fn say_as(app: &App, tx: &mut Write, handle: &str, event: Outbound) -> Result<(), AppError> {
    let actor = find_ours(tx, handle).await?;
    outbox::enqueue(app, tx, &actor, event).await?;
    Ok(())
}

async fn find_ours(tx: &mut Read, handle: &str) -> Result<Actor, AppError> {
    let actor = actors::find_local_by_handle(tx, handle).await?;
    actor.ok_or_else(|| AppError::internal("an actor that every instance has is missing"))
}

async fn find_organisation(tx: &mut Read, id: OrganisationId) -> Result<Organisation, AppError> {
    let organisation = organisations::find(tx, id).await?;
    organisation.ok_or(AppError::NotFound(Missing::Organisation))
}

async fn find_host(tx: &mut Read, recommendation: &Recommendation) -> Result<Host, AppError> {
    let host = hosts::find(tx, recommendation.host_id).await?;
    host.ok_or(AppError::NotFound(Missing::Page))
}

fn address_of(recommendation: &Recommendation) -> Result<&str, AppError> {
    let uri = recommendation.uri.as_deref();
    uri.ok_or_else(|| AppError::internal("a public recommendation has no address"))
}
