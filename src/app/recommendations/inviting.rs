//! Inviting an association to recommend the structure that accompanied it.

use chrono::TimeDelta;

use crate::{
    app::{
        App, AppError, Missing, Who,
        accompaniments::{self as pacts, declaring::is_unclaimed, parties::Parties},
        mails, notices, permissions, purpose_links,
    },
    domain::{
        accompaniment::{Accompaniment, Party},
        ids::{AccompanimentId, RecommendationId},
        purpose_link::LinkPurpose,
        recommendation::{Answers, Recommendation, RecommendationState},
    },
    mail::compose,
    store::{Write, accompaniments, purpose_links as links, recommendations},
};

use super::{Case, entry, writing::list_author_contacts};

/// Between two invitations to the same association.
const PAUSE: TimeDelta = TimeDelta::days(3);

/// Invites the association, once both sides confirmed the end.
pub(crate) async fn invite_author(
    app: &App,
    tx: &mut Write,
    accompaniment: &Accompaniment,
    parties: &Parties,
) -> Result<(), AppError> {
    let recommendation = find_or_begin(app, tx, accompaniment).await?;
    let case = Case {
        recommendation,
        accompaniment: accompaniment.clone(),
        parties: parties.clone(),
    };
    send(app, tx, &case).await
}

/// The draft about an accompaniment, begun if need be.
pub(super) async fn find_or_begin(
    app: &App,
    tx: &mut Write,
    accompaniment: &Accompaniment,
) -> Result<Recommendation, AppError> {
    if let Some(found) = recommendations::find_by_accompaniment(tx, accompaniment.id).await? {
        return Ok(found);
    }
    let now = app.now();
    let draft = Recommendation {
        id: app.next_id(),
        accompaniment_id: accompaniment.id,
        host_id: accompaniment.host_id,
        organisation_id: accompaniment.organisation_id,
        number: None,
        state: RecommendationState::Draft,
        answers: Answers::default(),
        author_name: String::new(),
        author_role: String::new(),
        interest: String::new(),
        would_take_call: false,
        version: 1,
        created_at: now,
        updated_at: now,
        submitted_at: None,
        published_at: None,
        expires_at: None,
        withdrawn_at: None,
        withdrawal_motive: String::new(),
        annulled_at: None,
        reply: String::new(),
        replied_at: None,
        uri: None,
    };
    recommendations::insert(tx, &draft).await?;
    Ok(draft)
}

async fn send(app: &App, tx: &mut Write, case: &Case) -> Result<(), AppError> {
    for contact in list_author_contacts(app, tx, case).await? {
        let message = compose::recommendation_invitation(
            contact.texts,
            &compose::RecommendationInvitation {
                to: &contact.email,
                site: notices::site(app),
                structure: &case.parties.structure.name,
                association: &case.parties.association.name,
                link: &contact.link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// Begins, or goes on with, the recommendation of an accompaniment for the members of its
/// association.
///
/// # Errors
/// `Conflict` until both sides confirmed the end.
pub async fn begin(
    app: &App,
    who: &Who,
    id: AccompanimentId,
) -> Result<RecommendationId, AppError> {
    let mut tx = app.store().write().await?;
    let (accompaniment, _, sides) = pacts::lock(&mut tx, who, id).await?;
    match permissions::act_as_party(who, &accompaniment, sides)? {
        Party::Association => {}
        Party::Host => {
            return Err(AppError::forbidden(
                "Seule l’association peut écrire la recommandation.",
            ));
        }
    }
    check_finished(&accompaniment)?;
    let draft = find_or_begin(app, &mut tx, &accompaniment).await?;
    tx.commit().await?;
    Ok(draft.id)
}

fn check_finished(accompaniment: &Accompaniment) -> Result<(), AppError> {
    if accompaniment.is_finished() {
        Ok(())
    } else {
        Err(AppError::conflict(
            "La recommandation s’écrit une fois que les deux organisations ont confirmé la fin de l’accompagnement.",
        ))
    }
}

/// Sends the invitation again, for the structure, at the address that the accompaniment has. The
/// former link stops working.
///
/// # Errors
/// `TooMany` within three days of the last one; `Conflict` once the association wrote.
pub async fn invite_again(app: &App, who: &Who, id: AccompanimentId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (accompaniment, parties, sides) = pacts::lock(&mut tx, who, id).await?;
    permissions::act_as_party(who, &accompaniment, sides)?;
    check_finished(&accompaniment)?;
    let recommendation = find_or_begin(app, &mut tx, &accompaniment).await?;
    if recommendation.state != RecommendationState::Draft {
        return Err(AppError::conflict(
            "L’association a déjà écrit sa recommandation.",
        ));
    }
    let wait = accompaniment.updated_at + PAUSE - app.now();
    if wait > TimeDelta::zero() {
        return Err(AppError::TooMany(wait));
    }
    let subject = recommendation.id.get();
    purpose_links::revoke_all(app, &mut tx, LinkPurpose::Recommendation, subject).await?;
    let mut touched = accompaniment.clone();
    touched.updated_at = app.now();
    accompaniments::update(&mut tx, &touched).await?;
    let action = entry("recommendation.invite", recommendation.id);
    let case = Case {
        recommendation,
        accompaniment,
        parties,
    };
    send(app, &mut tx, &case).await?;
    app.audit(&mut tx, who, action).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the invitation sent by mail back: it went to a wrong address. Members of an association
/// that is known here can write all the same.
///
/// # Errors
/// `NotFound` when none can be used any more; `Conflict` once the association wrote.
pub async fn take_back(app: &App, who: &Who, id: AccompanimentId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (accompaniment, _, sides) = pacts::lock(&mut tx, who, id).await?;
    permissions::act_as_party(who, &accompaniment, sides)?;
    let missing = AppError::NotFound(Missing::Invitation);
    let found = recommendations::find_by_accompaniment(&mut tx, id).await?;
    let recommendation = found.ok_or(missing)?;
    if recommendation.state != RecommendationState::Draft {
        return Err(AppError::conflict(
            "L’association a déjà écrit sa recommandation.",
        ));
    }
    let subject = recommendation.id.get();
    let purpose = LinkPurpose::Recommendation;
    let has_address = is_unclaimed(&mut tx, accompaniment.organisation_id).await?
        && links::has_usable(&mut tx, purpose, subject, app.now()).await?;
    if !has_address {
        return Err(AppError::NotFound(Missing::Invitation));
    }
    purpose_links::revoke_all(app, &mut tx, purpose, subject).await?;
    let action = entry("recommendation.take-invitation-back", recommendation.id);
    app.audit(&mut tx, who, action).await?;
    tx.commit().await?;
    Ok(())
}

/// The accompaniment that a recommendation is about.
pub async fn find_accompaniment(
    app: &App,
    id: RecommendationId,
) -> Result<AccompanimentId, AppError> {
    let mut tx = app.store().read().await?;
    let found = recommendations::find(&mut tx, id).await?;
    found
        .map(|it| it.accompaniment_id)
        .ok_or(AppError::NotFound(Missing::Recommendation))
}

/// What was written about an accompaniment.
pub async fn find_recommendation(
    app: &App,
    id: AccompanimentId,
) -> Result<RecommendationId, AppError> {
    let mut tx = app.store().read().await?;
    let found = recommendations::find_by_accompaniment(&mut tx, id).await?;
    found
        .map(|it| it.id)
        .ok_or(AppError::NotFound(Missing::Recommendation))
}
