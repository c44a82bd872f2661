//! Our own actors: how they come to be, and the keys that sign for them.

use crate::{
    app::{
        App, AppError, Missing,
        ads::reading::{self as ads_reading, AdPage},
        host_actors::{self, HostPage},
        proof_keys,
    },
    domain::{
        addresses::{
            ADS_HANDLE, ADS_PATH, ActorAddresses, DIRECTORY_HANDLE, INSTANCE_HANDLE, INSTANCE_PATH,
            SHARED_INBOX_PATH,
        },
        federation::{Actor, ActorKind, ActorRole, Post},
        host::DIRECTORY_PATH,
        ids::{ActivityId, ActorId, FollowId, PostId, SpareKeyId},
        organisation::Organisation,
        proof_key::ProofKey,
    },
    store::{
        Write, actors, ads, follows, outbox, posts, proof_keys as stored_proof_keys, spare_keys,
    },
};

pub use crate::store::outbox::OutboxActivity;

/// Key pairs kept ready, so that a burst of publications never waits for one.
pub const SPARE_KEYS: i64 = 16;

/// An actor of ours that is about to exist.
#[derive(Debug)]
pub(crate) struct NewActor<'a> {
    pub role: ActorRole,
    pub kind: ActorKind,
    pub handle: &'a str,
    /// Path of its page, which is its id.
    pub path: &'a str,
    pub name: &'a str,
}

/// Adds one of our actors, with a spare key pair when there is one; otherwise the key worker makes
/// it, and nobody waits meanwhile.
pub(crate) async fn create(
    app: &App,
    tx: &mut Write,
    new: &NewActor<'_>,
) -> Result<Actor, AppError> {
    let uri = app.url(new.path);
    let addresses = ActorAddresses::new(uri.as_str());
    let spare = spare_keys::take(tx).await?;
    let (public_key, sealed_key) = match spare {
        Some(pair) => (Some(pair.public_key), Some(pair.private_key)),
        None => (None, None),
    };
    let now = app.now();
    let actor = Actor {
        id: app.next_id(),
        kind: new.kind,
        role: Some(new.role),
        handle: new.handle.to_owned(),
        host: app.config().public_url.authority().to_owned(),
        name: new.name.to_owned(),
        summary: String::new(),
        url: uri.clone(),
        inbox: addresses.inbox(),
        shared_inbox: Some(app.url(SHARED_INBOX_PATH)),
        followers: Some(addresses.followers()),
        key_id: Some(addresses.key_id()),
        public_key,
        is_indexable: true,
        created_at: now,
        updated_at: now,
        fetched_at: None,
        gone_at: None,
        uri,
    };
    actors::insert_local(tx, &actor, sealed_key.as_deref()).await?;
    if new.role.states() {
        proof_keys::add(app, tx, actor.id).await?;
    }
    app.wake_after(tx, |wake| &wake.keys);
    Ok(actor)
}

/// Makes sure that the actors every instance has exist: the instance itself, and `annonces`.
pub async fn ensure_ours(app: &App) -> Result<(), AppError> {
    let ours = [
        NewActor {
            role: ActorRole::Instance,
            kind: ActorKind::Application,
            handle: INSTANCE_HANDLE,
            path: INSTANCE_PATH,
            name: &app.config().instance.name,
        },
        NewActor {
            role: ActorRole::Ads,
            kind: ActorKind::Group,
            handle: ADS_HANDLE,
            path: ADS_PATH,
            name: "Petites annonces",
        },
        NewActor {
            role: ActorRole::Directory,
            kind: ActorKind::Group,
            handle: DIRECTORY_HANDLE,
            path: DIRECTORY_PATH,
            name: "Annuaire des structures",
        },
    ];
    let mut tx = app.store().write().await?;
    for new in &ours {
        match actors::find_local_by_handle(&mut tx, new.handle).await? {
            None => {
                create(app, &mut tx, new).await?;
            }
            // made before actors had keys for what they state
            Some(known) if new.role.states() => {
                if stored_proof_keys::list(&mut tx, known.id).await?.is_empty() {
                    proof_keys::add(app, &mut tx, known.id).await?;
                }
            }
            Some(_) => {}
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The actor that stands for the whole instance; it signs what we read from others.
pub async fn find_instance(app: &App) -> Result<Option<Actor>, AppError> {
    find_by_handle(app, INSTANCE_HANDLE).await
}

/// One of our actors, by its handle.
pub async fn find_by_handle(app: &App, handle: &str) -> Result<Option<Actor>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(actors::find_local_by_handle(&mut tx, handle).await?)
}

/// An actor by its ActivityPub id.
pub async fn find_by_uri(app: &App, uri: &str) -> Result<Option<Actor>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(actors::find_by_uri(&mut tx, uri).await?)
}

/// The private key of one of our actors (PKCS#8 PEM); `None` while it is being made.
pub async fn private_key(app: &App, id: ActorId) -> Result<Option<String>, AppError> {
    let mut tx = app.store().read().await?;
    let Some(sealed) = actors::find_sealed_key(&mut tx, id).await? else {
        return Ok(None);
    };
    app.secrets()
        .unseal(&sealed)
        .map(Some)
        .ok_or_else(|| AppError::internal("a private key was sealed with another key file"))
}

/// How many key pairs are missing: those of our actors that have none, and the spare ones.
pub async fn count_missing_keys(app: &App) -> Result<i64, AppError> {
    let mut tx = app.store().read().await?;
    let without = actors::list_without_key(&mut tx, SPARE_KEYS).await?;
    let spare = spare_keys::count(&mut tx).await?;
    let waiting = i64::try_from(without.len()).unwrap_or(SPARE_KEYS);
    Ok(waiting + (SPARE_KEYS - spare).max(0))
}

/// Gives a fresh key pair to the actor that has waited longest, or keeps it as a spare one.
pub async fn add_key_pair(app: &App, public_pem: &str, private_pem: &str) -> Result<(), AppError> {
    let sealed = app
        .secrets()
        .seal(private_pem)
        .ok_or_else(|| AppError::internal("a private key cannot be sealed"))?;
    let mut tx = app.store().write().await?;
    match actors::list_without_key(&mut tx, 1).await?.first() {
        Some(actor) => actors::set_keys(&mut tx, *actor, public_pem, &sealed).await?,
        None => {
            let id: SpareKeyId = app.next_id();
            let pair = spare_keys::SpareKey {
                public_key: public_pem.to_owned(),
                private_key: sealed,
            };
            spare_keys::insert(&mut tx, id, &pair, app.now()).await?;
        }
    }
    // deliveries may have waited for this key
    app.wake_after(&mut tx, |wake| &wake.outbox);
    tx.commit().await?;
    Ok(())
}

/// One of our actors, as other servers see it.
#[derive(Clone, Debug)]
pub struct Profile {
    pub actor: Actor,
    pub follower_count: i64,
    pub following_count: i64,
    /// Keys of what it states, the one that signs first.
    pub proof_keys: Vec<ProofKey>,
    /// The ad it stands for.
    pub ad: Option<Box<AdPage>>,
    /// The structure it stands for.
    pub host: Option<Box<HostPage>>,
    /// The organisation it stands for.
    pub organisation: Option<Box<Organisation>>,
}

/// The profile of the actor with this id.
///
/// An actor that was deleted stays readable until its last messages are delivered, since other
/// servers read its key to check them; then it is [`AppError::Gone`].
pub async fn show(app: &App, uri: &str) -> Result<Profile, AppError> {
    let (actor, counts, keys, number) = {
        let mut tx = app.store().read().await?;
        let actor = actors::find_by_uri(&mut tx, uri)
            .await?
            .filter(Actor::is_local)
            .ok_or(AppError::NotFound(Missing::Actor))?;
        if let Some(since) = actor.gone_at {
            return if outbox::has_unsent(&mut tx, actor.id).await? {
                Ok(Profile::bare(actor))
            } else {
                Err(AppError::Gone {
                    what: Missing::Actor,
                    since,
                })
            };
        }
        let followers = follows::count_followers(&mut tx, actor.id).await?;
        let following = follows::count_following(&mut tx, actor.id).await?;
        let number = match actor.role {
            Some(ActorRole::Ad) => ads::find_by_actor(&mut tx, actor.id)
                .await?
                .and_then(|ad| ad.number),
            _ => None,
        };
        let keys = stored_proof_keys::list(&mut tx, actor.id).await?;
        (actor, (followers, following), keys, number)
    };
    let ad = match number {
        Some(number) => Some(Box::new(ads_reading::show(app, number).await?)),
        None => None,
    };
    let host = host_actors::find_host_page(app, &actor).await?;
    let organisation = host_actors::find_organisation_of(app, &actor).await?;
    Ok(Profile {
        follower_count: counts.0,
        following_count: counts.1,
        proof_keys: keys,
        ad,
        host: host.map(Box::new),
        organisation: organisation.map(Box::new),
        ..Profile::bare(actor)
    })
}

impl Profile {
    /// Of an actor of which nothing is left but its keys.
    fn bare(actor: Actor) -> Self {
        Self {
            actor,
            follower_count: 0,
            following_count: 0,
            proof_keys: Vec::new(),
            ad: None,
            host: None,
            organisation: None,
        }
    }
}

/// A page of the followers of one of our actors, the most recent first, with the next cursor.
pub async fn list_followers(
    app: &App,
    actor: ActorId,
    before: Option<FollowId>,
    limit: i64,
) -> Result<(Vec<Actor>, Option<FollowId>), AppError> {
    let mut tx = app.store().read().await?;
    let rows = follows::list_followers(&mut tx, actor, before, limit).await?;
    let next = rows
        .last()
        .filter(|_| i64::try_from(rows.len()).unwrap_or(0) == limit)
        .map(|(follow, _)| *follow);
    Ok((rows.into_iter().map(|(_, actor)| actor).collect(), next))
}

/// The announcement of an ad actor, or the latest announcements shown by `annonces`, with their
/// `Create` or `Announce` activity: what an outbox lists.
pub async fn list_said(
    app: &App,
    actor: &Actor,
    before: Option<ActivityId>,
    limit: i64,
) -> Result<Vec<OutboxActivity>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(outbox::list_standing(&mut tx, actor.id, before, limit).await?)
}

/// How many activities the outbox of an actor lists.
pub async fn count_said(app: &App, actor: ActorId) -> Result<i64, AppError> {
    let mut tx = app.store().read().await?;
    Ok(outbox::count_standing(&mut tx, actor).await?)
}

/// The activity of ours with this id.
pub async fn find_said(app: &App, uri: &str) -> Result<Option<OutboxActivity>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(outbox::find_by_uri(&mut tx, uri).await?)
}

/// The post of ours whose `Note` or `Article` has this id.
pub async fn find_post(app: &App, uri: &str) -> Result<Option<Post>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(posts::find_by_uri(&mut tx, uri).await?)
}

/// The actor with this row id.
pub async fn find(app: &App, id: ActorId) -> Result<Option<Actor>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(actors::find(&mut tx, id).await?)
}

/// The post of ours with this row id, withdrawn or not.
pub async fn find_post_by_id(app: &App, id: PostId) -> Result<Option<Post>, AppError> {
    let mut tx = app.store().read().await?;
    Ok(posts::find(&mut tx, id).await?)
}
