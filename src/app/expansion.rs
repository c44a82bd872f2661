//! Turning what our actors say into one delivery per inbox.
//!
//! The bytes are made once and kept, then the recipients are walked through in chunks. A chunk is
//! one transaction: its deliveries and the place where the walk stands. So an actor with millions
//! of followers costs little memory, a crash resumes at the last chunk, and no inbox is served
//! twice.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::TimeDelta;
use url::Url;

use crate::{
    app::{App, AppError, domain_policies},
    domain::{
        authority::authority_of,
        delivery::{MOST_BODY_BYTES, Walk},
        federation::Rendition,
        outbound::Audience,
    },
    store::{
        Read,
        deliveries::{self, NewDelivery},
        outbox::{self, ClaimedActivity},
        recipients::{self, Recipient},
        remote_hosts::{self, RemoteHost},
    },
};

pub use crate::store::outbox::OutboxActivity;

/// Recipients per transaction.
const CHUNK: i64 = 1_000;
/// How long a worker may keep an activity before another takes it; each chunk begins it anew.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How long after a failure of our own an activity is tried again.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// The software that shows a `Note` only as a comment.
const MOBILIZON: &str = "mobilizon";

/// An activity taken by a worker.
#[derive(Debug)]
pub struct Expanding(ClaimedActivity);

/// The bytes of an activity, as every server gets them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bodies {
    /// For everybody; `None` when there is nothing to tell them.
    pub note: Option<String>,
    /// For Mobilizon; `None` when there is nothing to tell it.
    pub article: Option<String>,
}

/// Whether recipients are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remaining {
    Some,
    None,
}

impl Expanding {
    /// What is said.
    pub fn activity(&self) -> &OutboxActivity {
        &self.0.activity
    }

    /// Whether its bytes are still to be made.
    pub fn is_new(&self) -> bool {
        self.0.walk.is_none()
    }

    fn audience(&self) -> Audience {
        self.0.activity.event.audience()
    }
}

/// Takes the activity that has waited longest.
pub async fn claim_next(app: &App) -> Result<Option<Expanding>, AppError> {
    let now = app.now();
    let mut tx = app.store().write().await?;
    let claimed = outbox::claim_due(&mut tx, now, now + LEASE).await?;
    tx.commit().await?;
    Ok(claimed.map(Expanding))
}

/// Keeps the bytes of an activity, for good. Those too big for other servers are left out, which
/// only a mistake of ours can cause.
pub async fn keep_bodies(
    app: &App,
    mut expanding: Expanding,
    bodies: Bodies,
) -> Result<Option<Expanding>, AppError> {
    let claimed = &mut expanding.0;
    claimed.note_body = bodies.note.filter(|body| fits(claimed, body));
    claimed.article_body = bodies.article.filter(|body| fits(claimed, body));
    let mut tx = app.store().write().await?;
    if claimed.note_body.is_none() && claimed.article_body.is_none() {
        outbox::finish(&mut tx, claimed.activity.id, app.now()).await?;
        tx.commit().await?;
        return Ok(None);
    }
    claimed.walk = claimed.activity.event.audience().next_walk(None);
    let is_ours = outbox::begin_walk(&mut tx, claimed).await?;
    tx.commit().await?;
    Ok(is_ours.then_some(expanding))
}

fn fits(claimed: &ClaimedActivity, body: &str) -> bool {
    let size = body.len();
    if size >= MOST_BODY_BYTES {
        tracing::error!(activity = claimed.activity.uri, size, "too big to be sent");
    }
    size < MOST_BODY_BYTES
}

/// Makes the deliveries of one chunk of recipients.
pub async fn expand_chunk(app: &App, expanding: &mut Expanding) -> Result<Remaining, AppError> {
    let now = app.now();
    let claimed = &expanding.0;
    let Some(walk) = claimed.walk else {
        return Ok(Remaining::None);
    };
    let mut tx = app.store().write().await?;
    let found = list_recipients(&mut tx, claimed, walk).await?;
    let is_last = found.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
    let position = found.last().map_or(claimed.position, |last| last.position);
    let plan = plan_deliveries(app, &mut tx, claimed, &found).await?;
    let hosts: BTreeSet<&str> = plan.rows.iter().map(|row| row.host.as_str()).collect();
    let hosts: Vec<&str> = hosts.into_iter().collect();
    deliveries::insert_batch(&mut tx, claimed.activity.id, &plan.rows, now).await?;
    remote_hosts::add_work(&mut tx, &hosts, now).await?;

    let next = if is_last {
        let next = expanding.audience().next_walk(Some(walk));
        next.map(|walk| (walk, 0))
    } else {
        Some((walk, position))
    };
    let place = next.unwrap_or((walk, position));
    if !outbox::move_walk(&mut tx, claimed, place, now + LEASE).await? {
        // somebody else goes on with it; nothing of ours is kept
        return Ok(Remaining::None);
    }
    if next.is_none() {
        outbox::finish(&mut tx, claimed.activity.id, now).await?;
    }
    app.wake_after(&mut tx, |wake| &wake.deliveries);
    if plan.has_unknown_hosts {
        app.wake_after(&mut tx, |wake| &wake.hosts);
    }
    tx.commit().await?;
    (expanding.0.walk, expanding.0.position) = (Some(place.0), place.1);
    Ok(match next {
        Some(_) => Remaining::Some,
        None => Remaining::None,
    })
}

/// Gives an activity back unfinished, behind the others.
pub async fn give_back(app: &App, expanding: &Expanding) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    outbox::postpone(&mut tx, expanding.0.activity.id, app.now()).await?;
    app.wake_after(&mut tx, |wake| &wake.outbox);
    tx.commit().await?;
    Ok(())
}

/// Puts an activity aside for a minute, after a failure of our own.
pub async fn postpone(app: &App, expanding: &Expanding) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    outbox::postpone(&mut tx, expanding.0.activity.id, app.now() + PAUSE).await?;
    tx.commit().await?;
    Ok(())
}

async fn list_recipients(
    tx: &mut Read,
    claimed: &ClaimedActivity,
    walk: Walk,
) -> Result<Vec<Recipient>, AppError> {
    let OutboxActivity {
        actor_id: speaker,
        event,
        ..
    } = &claimed.activity;
    let after = claimed.position;
    Ok(match (walk, event.audience()) {
        (Walk::One, Audience::One(actor)) => recipients::find(tx, *speaker, actor)
            .await?
            .into_iter()
            .collect(),
        (Walk::Participants, Audience::FollowersAndParticipants(post)) => {
            recipients::list_participants(tx, *speaker, post, after, CHUNK).await?
        }
        (Walk::Peers, _) => recipients::list_peers(tx, *speaker, after, CHUNK).await?,
        (Walk::Known, _) => recipients::list_known(tx, *speaker, after, CHUNK).await?,
        (Walk::Followers, _) => recipients::list_followers(tx, *speaker, after, CHUNK).await?,
        // an audience never asks for another walk than its own
        (Walk::One | Walk::Participants, _) => Vec::new(),
    })
}

/// The deliveries of a chunk.
struct Plan {
    rows: Vec<NewDelivery>,
    has_unknown_hosts: bool,
}

async fn plan_deliveries(
    app: &App,
    tx: &mut Read,
    claimed: &ClaimedActivity,
    found: &[Recipient],
) -> Result<Plan, AppError> {
    let ours = app.config().public_url.authority();
    let inboxes: BTreeMap<&str, String> = found
        .iter()
        .map(|one| one.shared_inbox.as_deref().unwrap_or(&one.inbox))
        .filter_map(|inbox| Some((inbox, authority_of(&Url::parse(inbox).ok()?)?)))
        .filter(|(_, host)| host != ours)
        .collect();
    let names: HashSet<&str> = inboxes.values().map(String::as_str).collect();
    let known = find_known(tx, &names).await?;
    let suspended = domain_policies::list_suspended(tx, &names).await?;
    let mut plan = Plan {
        rows: Vec::with_capacity(inboxes.len()),
        has_unknown_hosts: false,
    };
    for (inbox, host) in &inboxes {
        let facts = known.get(host.as_str());
        let is_paused = facts.is_some_and(|facts| facts.health.is_paused(app.now()));
        if is_paused || suspended.contains(host.as_str()) {
            continue;
        }
        plan.has_unknown_hosts |= facts.is_none_or(|facts| facts.software_checked_at.is_none());
        let software = facts.and_then(|facts| facts.software.as_deref());
        let note = claimed.note_body.as_deref();
        let article = claimed.article_body.as_deref();
        let rendition = match Choice::new(note, article, software) {
            Choice::Nothing => continue,
            Choice::Rendition(rendition) => Some(rendition),
            Choice::Later => None,
        };
        plan.rows.push(NewDelivery {
            id: app.next_id(),
            inbox: (*inbox).to_owned(),
            host: host.clone(),
            rendition,
        });
    }
    Ok(plan)
}

/// What a host gets.
enum Choice {
    Nothing,
    Rendition(Rendition),
    /// It depends on a software that is not known yet.
    Later,
}

impl Choice {
    fn new(note: Option<&str>, article: Option<&str>, software: Option<&str>) -> Self {
        if note == article {
            return Self::Rendition(Rendition::Note);
        }
        let Some(software) = software else {
            return Self::Later;
        };
        let rendition = rendition_for(software);
        let body = match rendition {
            Rendition::Note => note,
            Rendition::Article => article,
        };
        body.map_or(Self::Nothing, |_| Self::Rendition(rendition))
    }
}

/// The rendition that a software shows best.
pub fn rendition_for(software: &str) -> Rendition {
    if software == MOBILIZON {
        Rendition::Article
    } else {
        Rendition::Note
    }
}

async fn find_known(
    tx: &mut Read,
    hosts: &HashSet<&str>,
) -> Result<HashMap<String, RemoteHost>, AppError> {
    let hosts: Vec<&str> = hosts.iter().copied().collect();
    let found = remote_hosts::list_among(tx, &hosts).await?;
    Ok(found
        .into_iter()
        .map(|facts| (facts.host.clone(), facts))
        .collect())
}
