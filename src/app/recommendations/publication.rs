//! A recommendation becomes public, changes, or is annulled: everything that follows from it, in
//! the transaction of the decision.

use chrono::TimeDelta;

use super::{facts::Facts, review::Outcome};
use crate::{
    app::{App, AppError, Missing, decisions, host_actors, listing, mails, notices, purpose_links},
    domain::{
        account::Account,
        decision::{PublicDecision, Subject},
        purpose_link::LinkPurpose,
        recommendation::{AmendmentKind, Recommendation, RecommendationState, expiry_of},
    },
    locales::{Locale, Texts},
    mail::compose::{self, Reader, RecommendationDecided, Verdict},
    store::{Write, memberships, organisations, recommendations},
};

/// People of each side told by mail.
const PEOPLE_TOLD: i64 = 50;
/// How long the link of an author without account works.
const AUTHOR_LINK: TimeDelta = TimeDelta::days(366);
/// Path of the published criteria.
pub const CRITERIA_PATH: &str = "/annuaire/criteres";

/// Path of the public page of a recommendation, and end of its id for other sites.
pub fn path(organisation: &str, number: i64) -> String {
    format!("/organisations/{organisation}/recommandations/{number}")
}

/// Publishes what two moderators approved: a recommendation, or its new words.
///
/// # Errors
/// `Conflict` when the association is not verified.
pub(super) async fn publish(
    app: &App,
    tx: &mut Write,
    mut facts: Facts,
) -> Result<Outcome, AppError> {
    // the mark must not be lost meanwhile
    organisations::lock(tx, facts.recommendation.organisation_id).await?;
    facts.association.organisation = organisations::find(tx, facts.recommendation.organisation_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    if facts.association.organisation.verification.is_none() {
        return Err(AppError::conflict(
            "Vérifiez d’abord l’association : la seconde approbation publie la recommandation.",
        ));
    }
    if facts.amendment.is_some() {
        amend(app, tx, facts).await
    } else {
        publish_first(app, tx, facts).await
    }
}

async fn publish_first(app: &App, tx: &mut Write, mut facts: Facts) -> Result<Outcome, AppError> {
    let now = app.now();
    let organisation = &facts.association.organisation;
    let number = recommendations::next_number(tx, organisation.id).await?;
    let it = &mut facts.recommendation;
    it.number = Some(number);
    it.uri = Some(app.url(&path(&organisation.slug, number)));
    it.state = RecommendationState::Published;
    it.published_at = Some(now);
    it.expires_at = Some(term(app));
    it.updated_at = now;
    recommendations::update(tx, it).await?;
    host_actors::recommendation_published(app, tx, it).await?;
    listing::settle(app, tx, it.host_id).await?;
    let subject = Subject::Recommendation(it.id);
    let decision = PublicDecision::RecommendationPublished;
    decisions::record(app, tx, subject, decision, "").await?;
    tell(app, tx, &facts, Told::Both, Verdict::Published).await?;
    Ok(Outcome::Published)
}

/// What is said before stays readable; a renewal begins a new term.
async fn amend(app: &App, tx: &mut Write, mut facts: Facts) -> Result<Outcome, AppError> {
    let Some(amendment) = facts.amendment.take() else {
        return Err(AppError::internal("nothing was proposed"));
    };
    let now = app.now();
    let it = &mut facts.recommendation;
    if it.answers != amendment.content.answers {
        let revision = app.next_id();
        recommendations::insert_revision(tx, revision, it.id, &it.answers, now).await?;
    }
    it.version = amendment.version;
    it.apply(amendment.content, now);
    if amendment.kind == AmendmentKind::Renewal {
        it.expires_at = Some(term(app));
    }
    recommendations::update(tx, it).await?;
    recommendations::delete_amendment(tx, it.id).await?;
    host_actors::recommendation_amended(app, tx, it).await?;
    listing::settle(app, tx, it.host_id).await?;
    let subject = Subject::Recommendation(it.id);
    let decision = PublicDecision::RecommendationAmended;
    decisions::record(app, tx, subject, decision, "").await?;
    tell(app, tx, &facts, Told::Both, Verdict::Amended).await?;
    Ok(Outcome::Amended)
}

/// When what is published now stops counting.
fn term(app: &App) -> chrono::DateTime<chrono::Utc> {
    let months = app.config().directory.recommendation_validity_months;
    expiry_of(app.now(), months)
}

/// Annuls what should never have counted. Its page stays as a dated notice.
pub(super) async fn annul(
    app: &App,
    tx: &mut Write,
    mut facts: Facts,
    motive: &str,
) -> Result<(), AppError> {
    let now = app.now();
    let it = &mut facts.recommendation;
    it.state = RecommendationState::Withdrawn;
    it.annulled_at = Some(now);
    it.withdrawn_at = Some(now);
    it.updated_at = now;
    recommendations::update(tx, it).await?;
    recommendations::delete_amendment(tx, it.id).await?;
    host_actors::recommendation_withdrawn(app, tx, it).await?;
    listing::settle(app, tx, it.host_id).await?;
    let subject = Subject::Recommendation(it.id);
    let decision = PublicDecision::RecommendationAnnulled;
    decisions::record(app, tx, subject, decision, motive).await?;
    tell(app, tx, &facts, Told::Both, Verdict::Annulled(motive)).await
}

/// Who is told of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Author,
    Both,
}

/// Tells what was decided.
pub(super) async fn tell(
    app: &App,
    tx: &mut Write,
    facts: &Facts,
    told: Told,
    verdict: Verdict<'_>,
) -> Result<(), AppError> {
    let association =
        memberships::list_accounts(tx, facts.association.organisation.id, PEOPLE_TOLD);
    let association = association.await?;
    for account in &association {
        let place = place(app, facts, verdict, &author_path(&facts.recommendation));
        let to = (account.email.as_str(), notices::texts_of(account));
        send(app, tx, facts, (to, Reader::Author, verdict), &place).await?;
    }
    tell_author_without_account(app, tx, facts, &association, verdict).await?;
    if told == Told::Both {
        let host = facts.structure.organisation.id;
        for account in memberships::list_accounts(tx, host, PEOPLE_TOLD).await? {
            let place = place(app, facts, verdict, CRITERIA_PATH);
            let to = (account.email.as_str(), notices::texts_of(&account));
            send(app, tx, facts, (to, Reader::Host, verdict), &place).await?;
        }
    }
    Ok(())
}

/// Whoever wrote by invitation reads the decision by mail, and acts with a new link.
async fn tell_author_without_account(
    app: &App,
    tx: &mut Write,
    facts: &Facts,
    members: &[Account],
    verdict: Verdict<'_>,
) -> Result<(), AppError> {
    let Some(email) = facts.accompaniment.association_email.as_deref() else {
        return Ok(());
    };
    if members
        .iter()
        .any(|account| account.email.eq_ignore_ascii_case(email))
    {
        return Ok(());
    }
    let secret = purpose_links::create(
        app,
        tx,
        purpose_links::Purpose {
            purpose: LinkPurpose::Recommendation,
            subject: facts.recommendation.id.get(),
            email,
            ttl: AUTHOR_LINK,
        },
    )
    .await?;
    let own = purpose_links::path(LinkPurpose::Recommendation, &secret);
    let place = place(app, facts, verdict, &own);
    let to = (email, Texts::of(Locale::Fr));
    send(app, tx, facts, (to, Reader::Author, verdict), &place).await
}

/// Where a mail leads: to the public page when there is one, else to what the reader can do.
fn place(app: &App, facts: &Facts, verdict: Verdict<'_>, own: &str) -> String {
    match (verdict, &facts.recommendation.uri) {
        (Verdict::Published | Verdict::Amended, Some(uri)) => uri.clone(),
        (Verdict::Annulled(_), _) => app.url(CRITERIA_PATH),
        _ => app.url(own),
    }
}

async fn send(
    app: &App,
    tx: &mut Write,
    facts: &Facts,
    ((to, texts), reader, verdict): ((&str, Texts), Reader, Verdict<'_>),
    place: &str,
) -> Result<(), AppError> {
    let link = url::Url::parse(place).map_err(AppError::internal)?;
    let message = compose::recommendation_decided(
        texts,
        &RecommendationDecided {
            to,
            reader,
            site: notices::site(app),
            association: &facts.association.organisation.name,
            host: &facts.structure.organisation.name,
            verdict,
            link: &link,
        },
    );
    mails::enqueue(app, tx, &message).await?;
    Ok(())
}

/// Path of the page where members of the association follow a recommendation.
fn author_path(recommendation: &Recommendation) -> String {
    format!(
        "/compte/accompagnements/{}/recommandation",
        recommendation.accompaniment_id
    )
}
