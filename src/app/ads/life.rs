//! What happens to a published ad: milestones, renewal, the end.

use chrono::NaiveDate;

use crate::{
    app::{App, AppError, Who, outbox, permissions},
    domain::{
        ad::{self, Ad, AdState, Milestone, MilestoneKind},
        addresses::{ADS_HANDLE, ActorAddresses},
        federation::{Post, PostKind, PostSubject},
        ids::{AdId, MilestoneId},
        outbound::Outbound,
        problem::{Problem, Problems},
        text::clean_text,
    },
    store::{Write, actors, ads, milestones, outbox as stored, posts},
};

use super::{
    POSTS_OF_AN_AD, actor_of, announce_change, announcement_of, find_to_change, indexing,
    writing::entry,
};

/// Characters of the text of a milestone.
const TEXT_LENGTH: std::ops::RangeInclusive<usize> = 10..=2_000;

/// A milestone as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MilestoneInput {
    pub kind: String,
    /// `YYYY-MM-DD` or `DD/MM/YYYY`; empty for today.
    pub reached_on: String,
    pub text: String,
}

impl MilestoneInput {
    fn check(
        &self,
        ad: &Ad,
        today: NaiveDate,
    ) -> Result<(MilestoneKind, NaiveDate, String), AppError> {
        let mut problems = Problems::new();
        let kind = problems.check("kind", check_kind(&self.kind, ad.state));
        let reached_on = problems.check("reached_on", check_day(&self.reached_on, ad, today));
        let text = problems.check("text", check_text(&self.text));
        let checked = (|| Some((kind?, reached_on?, text?)))();
        problems.or(checked).map_err(AppError::Invalid)
    }
}

fn check_kind(typed: &str, state: AdState) -> Result<MilestoneKind, Problem> {
    let kind = MilestoneKind::parse(typed).ok_or(Problem::new("Choisissez ce qui s’est passé."))?;
    match kind.state() {
        Some(next) if !state.may_become(next) => Err(Problem::new(
            "Cette étape ne peut pas suivre l’état actuel de l’annonce.",
        )),
        None if !state.is_active() => Err(Problem::new(
            "Cette annonce est terminée : il n’est plus possible d’y ajouter une nouvelle.",
        )),
        _ => Ok(kind),
    }
}

fn check_day(typed: &str, ad: &Ad, today: NaiveDate) -> Result<NaiveDate, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(today);
    }
    let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(typed, "%d/%m/%Y"))
        .map_err(|_| Problem::new("Cette date ne se lit pas. Exemple : 31/12/2027."))?;
    if day > today {
        return Err(Problem::new("Cette date n’est pas encore passée."));
    }
    if ad
        .published_at
        .is_some_and(|published| day < published.date_naive())
    {
        return Err(Problem::new(
            "Cette date précède la publication de l’annonce.",
        ));
    }
    Ok(day)
}

fn check_text(typed: &str) -> Result<String, Problem> {
    let text = clean_text(typed);
    if TEXT_LENGTH.contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(
        Problem::new("Racontez cette étape en {least} à {most} caractères.")
            .with("least", TEXT_LENGTH.start())
            .with("most", TEXT_LENGTH.end()),
    )
}

/// Tells a dated step; it may open a new state. Followers receive it as a reply to the ad.
pub async fn add_milestone(
    app: &App,
    who: &Who,
    id: AdId,
    input: &MilestoneInput,
) -> Result<MilestoneId, AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    let (kind, reached_on, text) = input.check(&ad, app.today())?;
    let milestone = tell(app, &mut tx, who, &ad, (kind, reached_on, text)).await?;
    if let Some(state) = kind.state() {
        enter(app, &mut tx, &mut ad, state).await?;
    }
    app.audit(&mut tx, who, entry("ad.milestone", id)).await?;
    tx.commit().await?;
    Ok(milestone)
}

async fn tell(
    app: &App,
    tx: &mut Write,
    who: &Who,
    ad: &Ad,
    (kind, reached_on, text): (MilestoneKind, NaiveDate, String),
) -> Result<MilestoneId, AppError> {
    let now = app.now();
    let actor = actor_of(tx, ad).await?;
    let number = posts::next_number(tx, ad.id).await?;
    if number >= POSTS_OF_AN_AD {
        return Err(AppError::conflict(
            "Cette annonce a déjà trop d’étapes pour en recevoir une autre.",
        ));
    }
    let post = Post {
        id: app.next_id(),
        actor_id: actor.id,
        subject: PostSubject::Ad(ad.id),
        kind: PostKind::Milestone,
        number,
        note_uri: ActorAddresses::new(actor.uri.as_str()).note(number),
        article_uri: None,
        published_at: now,
        updated_at: now,
        deleted_at: None,
    };
    posts::insert(tx, &post).await?;
    let milestone = Milestone {
        id: app.next_id(),
        ad_id: ad.id,
        post_id: post.id,
        kind,
        reached_on,
        text,
        created_at: now,
    };
    milestones::insert(tx, &milestone, who.signed_in()?.id).await?;
    outbox::enqueue(app, tx, &actor, Outbound::Create { post: post.id }).await?;
    Ok(milestone.id)
}

/// Enters a state, with the dates that go with it, and tells other servers.
async fn enter(app: &App, tx: &mut Write, ad: &mut Ad, state: AdState) -> Result<(), AppError> {
    let now = app.now();
    ad.state = state;
    ad.updated_at = now;
    ad.ended_at = (!state.is_active()).then_some(now);
    if state == AdState::Open {
        ad.expires_at = Some(ad::expiry_of(now));
        ad.reminded_at = None;
    }
    ads::update(tx, ad).await?;
    // what was read is one version behind what is stored now
    ad.version += 1;
    indexing::refresh(tx, ad).await?;
    announce_change(app, tx, ad).await
}

/// Gives an ad six more months, before or after its term.
pub async fn renew(app: &App, who: &Who, id: AdId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    match ad.state {
        AdState::Expired => enter(app, &mut tx, &mut ad, AdState::Open).await?,
        state if state.is_active() => {
            ad.expires_at = Some(ad::expiry_of(app.now()));
            ad.reminded_at = None;
            ad.updated_at = app.now();
            ads::update(&mut tx, &ad).await?;
        }
        _ => return Err(AppError::conflict("Cette annonce est terminée.")),
    }
    app.audit(&mut tx, who, entry("ad.renew", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells what came of an ad that ended.
pub async fn tell_outcome(app: &App, who: &Who, id: AdId, outcome: &str) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    if ad.ended_at.is_none() || !ad.state.is_public() {
        return Err(AppError::conflict("Cette annonce n’est pas terminée."));
    }
    ad.outcome = check_text(outcome).map_err(|problem| AppError::field("outcome", problem))?;
    ad.updated_at = app.now();
    ads::update(&mut tx, &ad).await?;
    announce_change(app, &mut tx, &ad).await?;
    app.audit(&mut tx, who, entry("ad.outcome", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a published ad back. Its page becomes a dated notice, its posts and its actor are deleted
/// everywhere they went (invariant 10).
pub async fn withdraw(app: &App, who: &Who, id: AdId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut ad, role) = find_to_change(&mut tx, who, id).await?;
    permissions::write_ad(who, role)?;
    if !ad.state.may_become(AdState::Withdrawn) {
        return Err(AppError::conflict(
            "Seule une annonce publiée peut être retirée.",
        ));
    }
    let now = app.now();
    let actor = actor_of(&mut tx, &ad).await?;
    take_back_announce(app, &mut tx, &ad).await?;
    for post in posts::list_by_ad(&mut tx, id, POSTS_OF_AN_AD).await? {
        if post.deleted_at.is_none() {
            outbox::enqueue(app, &mut tx, &actor, Outbound::Delete { post: post.id }).await?;
        }
    }
    outbox::enqueue(app, &mut tx, &actor, Outbound::DeleteActor).await?;
    posts::delete_by_ad(&mut tx, id, now).await?;
    actors::mark_gone(&mut tx, actor.id, now).await?;
    ad.state = AdState::Withdrawn;
    ad.ended_at = Some(now);
    ad.updated_at = now;
    ads::update(&mut tx, &ad).await?;
    indexing::refresh(&mut tx, &ad).await?;
    app.audit(&mut tx, who, entry("ad.withdraw", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes back what the `annonces` actor showed to its followers.
async fn take_back_announce(app: &App, tx: &mut Write, ad: &Ad) -> Result<(), AppError> {
    let Some(announcement) = announcement_of(tx, ad.id).await? else {
        return Ok(());
    };
    let Some(everything) = actors::find_local_by_handle(tx, ADS_HANDLE).await? else {
        return Ok(());
    };
    let said = Outbound::Announce {
        post: announcement.id,
    };
    if let Some(announce) = stored::find_by_event(tx, everything.id, &said).await? {
        let undo = Outbound::UndoAnnounce {
            post: announcement.id,
            announced_by: announce.id,
        };
        outbox::enqueue(app, tx, &everything, undo).await?;
    }
    Ok(())
}
