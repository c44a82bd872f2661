//! The draft of a recommendation, and its sending to moderators.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::{
        App, AppError, Who,
        accompaniments::{self as pacts, declaring::is_unclaimed, parties::Contact},
        notices, permissions,
        purpose_links::{self, Purpose},
    },
    domain::{
        ad::Completeness,
        ids::RecommendationId,
        organisation::Organisation,
        problem::{Problem, Problems},
        purpose_link::LinkPurpose,
        recommendation::{
            Amendment, Answers, IdentityContent, IdentityInput, Recommendation,
            RecommendationInput, RecommendationState, ReviewEntry, ReviewStep,
        },
    },
    locales::{Locale, Texts},
    store::{Read, Write, memberships, organisations, recommendation_reviews, recommendations},
};

use super::{Case, entry, find, lock, review};

/// How long the link of an author works: to write, then to follow what was published until its
/// term and after the reminder.
const LINK_LIFETIME: TimeDelta = TimeDelta::days(4 * 366);
/// People told by mail of one event.
const PEOPLE_TOLD: i64 = 50;
/// Former texts shown.
const REVISIONS: i64 = 50;
/// Steps of the review shown.
const STEPS: i64 = 100;

/// A recommendation, as its author sees it.
#[derive(Clone, Debug)]
pub struct AuthorView {
    pub case: Case,
    /// Whether nobody acts for the association here: its identity is then completed with the text.
    pub completes_identity: bool,
    /// What it said before, and until when; the last one first.
    pub history: Vec<(DateTime<Utc>, Answers)>,
    /// What waits for moderators in the place of what is published.
    pub amendment: Option<Amendment>,
    /// The conversation with moderators, who have no name there.
    pub steps: Vec<ReviewEntry>,
}

/// A recommendation, for its author.
pub async fn show(app: &App, who: &Who, id: RecommendationId) -> Result<AuthorView, AppError> {
    let mut tx = app.store().read().await?;
    let (case, sides) = find(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    let association = &case.parties.association;
    let completes_identity =
        association.verification.is_none() && is_unclaimed(&mut tx, association.id).await?;
    let mut steps = recommendation_reviews::list_by_recommendation(&mut tx, id, STEPS).await?;
    steps.retain(|it| {
        matches!(
            it.step,
            ReviewStep::Submitted | ReviewStep::Refused | ReviewStep::Appealed
        )
    });
    for step in &mut steps {
        step.author.clear();
        step.account_id = None;
    }
    Ok(AuthorView {
        history: recommendations::list_revisions(&mut tx, id, REVISIONS).await?,
        amendment: recommendations::find_amendment(&mut tx, id).await?,
        completes_identity,
        steps,
        case,
    })
}

/// Keeps what was typed so far. What is sound is kept even when something else is wrong: nothing
/// typed is lost.
///
/// # Errors
/// `Invalid` with what is wrong; `Conflict` when it can no longer be written.
pub async fn save(
    app: &App,
    who: &Who,
    id: RecommendationId,
    input: &RecommendationInput,
    identity: Option<&IdentityInput>,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut case, sides) = lock(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    if !case.recommendation.is_being_written() {
        return Err(AppError::conflict(
            "Ce texte est déjà parti : il ne peut plus être modifié ici.",
        ));
    }
    let mut problems = Problems::new();
    match input.check(Completeness::Draft) {
        Ok(content) => {
            // an approval is of a version: other words are another one
            if case.recommendation.state == RecommendationState::Refused
                && content != case.recommendation.content()
            {
                case.recommendation.version = recommendations::next_version(&mut tx, id).await?;
            }
            case.recommendation.apply(content, app.now());
            recommendations::update(&mut tx, &case.recommendation).await?;
        }
        Err(found) => add_all(&mut problems, &found),
    }
    if let Some(identity) = identity {
        match identity.check() {
            Ok(content) => {
                complete_identity(app, &mut tx, &case.parties.association, content).await?;
            }
            Err(found) => add_all(&mut problems, &found),
        }
    }
    tx.commit().await?;
    problems.or(Some(())).map_err(AppError::Invalid)
}

fn add_all(problems: &mut Problems, found: &Problems) {
    for (field, problem) in found.iter() {
        problems.add(field, problem.clone());
    }
}

/// Writes the name and the numbers of an association that nobody acts for here.
async fn complete_identity(
    app: &App,
    tx: &mut Write,
    association: &Organisation,
    content: IdentityContent,
) -> Result<(), AppError> {
    let is_open = association.verification.is_none() && is_unclaimed(tx, association.id).await?;
    if !is_open {
        return Ok(());
    }
    let completed = Organisation {
        name: content.name,
        rna: content.rna,
        siren: content.siren,
        siret: content.siret,
        updated_at: app.now(),
        ..association.clone()
    };
    organisations::update(tx, &completed).await?;
    Ok(())
}

/// Whether the author certifies that the text is their association's, and that it says every link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certification {
    Given,
    Missing,
}

impl Certification {
    pub(super) fn check(self) -> Result<(), AppError> {
        match self {
            Self::Given => Ok(()),
            Self::Missing => Err(AppError::field(
                "certified",
                Problem::new("Cochez cette case pour envoyer votre recommandation."),
            )),
        }
    }
}

/// What a draft lacks before it can be sent.
pub fn list_missing(recommendation: &Recommendation) -> Problems {
    let input = recommendation.content().to_input();
    match input.check(Completeness::Publication) {
        Ok(_) => Problems::new(),
        Err(problems) => problems,
    }
}

/// Sends a recommendation to moderators. Nothing is public before two of them approve it.
///
/// # Errors
/// `Invalid` with what it lacks; `Conflict` when it was sent already.
pub async fn submit(
    app: &App,
    who: &Who,
    id: RecommendationId,
    certification: Certification,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut case, sides) = lock(&mut tx, who, id).await?;
    permissions::write_recommendation(who, id, sides)?;
    if !case.recommendation.is_being_written() {
        return Err(AppError::conflict(
            "Cette recommandation est déjà envoyée : une équipe la relit.",
        ));
    }
    let lacking = list_missing(&case.recommendation);
    lacking.or(Some(())).map_err(AppError::Invalid)?;
    certification.check()?;
    case.recommendation.state = RecommendationState::InReview;
    case.recommendation.submitted_at = Some(app.now());
    case.recommendation.updated_at = app.now();
    recommendations::update(&mut tx, &case.recommendation).await?;
    let version = case.recommendation.version;
    review::enter(app, &mut tx, who, &case.recommendation, version).await?;
    app.audit(&mut tx, who, entry("recommendation.submit", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The people who write a recommendation: members of the association, with its page; else the
/// address of the accompaniment, with a signed link made for it.
pub(crate) async fn list_author_contacts(
    app: &App,
    tx: &mut Write,
    case: &Case,
) -> Result<Vec<Contact>, AppError> {
    let purpose = LinkPurpose::Recommendation;
    let mut contacts = Vec::new();
    for author in list_authors(tx, case).await? {
        let path = if author.has_account {
            format!("{}/{}/recommandation", pacts::PATH, case.accompaniment.id)
        } else {
            let wanted = Purpose {
                purpose,
                subject: case.recommendation.id.get(),
                email: &author.email,
                ttl: LINK_LIFETIME,
            };
            let token = purpose_links::create(app, tx, wanted).await?;
            purpose_links::path(purpose, &token)
        };
        contacts.push(Contact {
            email: author.email,
            texts: author.texts,
            link: notices::link(app, &path)?,
        });
    }
    Ok(contacts)
}

/// Somebody who writes a recommendation.
pub(super) struct Author {
    pub(super) email: String,
    pub(super) texts: Texts,
    has_account: bool,
}

/// The addresses of the people who write a recommendation.
pub(super) async fn list_authors(tx: &mut Read, case: &Case) -> Result<Vec<Author>, AppError> {
    let organisation = case.recommendation.organisation_id;
    let accounts = memberships::list_accounts(tx, organisation, PEOPLE_TOLD).await?;
    if accounts.is_empty() {
        let email = case.accompaniment.association_email.iter();
        let author = email.map(|email| Author {
            email: email.clone(),
            texts: Texts::of(Locale::Fr),
            has_account: false,
        });
        return Ok(author.collect());
    }
    let authors = accounts.into_iter().map(|account| Author {
        texts: notices::texts_of(&account),
        email: account.email,
        has_account: true,
    });
    Ok(authors.collect())
}
