//! Talking to an association about what it recommends. Messages are relayed by mail: neither side
//! sees the address of the other, unless it gives it.

use chrono::TimeDelta;

use crate::{
    app::{
        App, AppError, Missing, Who, mails, notices, permissions,
        purpose_links::{self, Purpose},
    },
    domain::{
        ids::CallRequestId,
        purpose_link::{LinkPurpose, PurposeLink},
        recommendation::{CallInput, CallRequest, Recommendation, check_feedback},
    },
    locales::{Locale, Texts},
    mail::compose,
    store::{Read, Write, call_requests, recommendations},
};

use super::{Case, find, writing::list_authors};

/// How long a request can be answered; then it is deleted.
const LIFETIME: TimeDelta = TimeDelta::days(60);
/// Requests about one recommendation in a week: volunteers answer them.
const PER_RECOMMENDATION: i64 = 5;
/// Requests of one address in a week.
const PER_ADDRESS: i64 = 5;

/// What somebody may ask to talk about: published, and its author would take a call.
pub async fn show(app: &App, slug: &str, number: i64) -> Result<Case, AppError> {
    let mut tx = app.store().read().await?;
    find_open(&mut tx, slug, number).await
}

async fn find_open(tx: &mut Read, slug: &str, number: i64) -> Result<Case, AppError> {
    let missing = || AppError::NotFound(Missing::Recommendation);
    let seen = recommendations::find_published(tx, slug, number)
        .await?
        .filter(|it| it.is_public() && it.would_take_call)
        .ok_or_else(missing)?;
    let (case, _) = find(tx, &Who::Anonymous, seen.id).await?;
    Ok(Case {
        recommendation: seen,
        ..case
    })
}

/// Relays a request to the association. No account is needed.
///
/// # Errors
/// `Invalid` with everything that is wrong at once; `TooMany` when its volunteers were asked enough.
pub async fn ask(app: &App, slug: &str, number: i64, input: &CallInput) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let case = find_open(&mut tx, slug, number).await?;
    let now = app.now();
    let term = (now, now + LIFETIME);
    let request = input
        .check(app.next_id(), case.recommendation.id, term)
        .map_err(AppError::Invalid)?;
    let week = TimeDelta::days(7);
    let id = case.recommendation.id;
    let (about, from) = call_requests::count_since(&mut tx, id, &request.email, now - week).await?;
    if about >= PER_RECOMMENDATION || from >= PER_ADDRESS {
        return Err(AppError::TooMany(week));
    }
    call_requests::insert(&mut tx, &request).await?;
    relay(app, &mut tx, &case, &request).await?;
    tx.commit().await?;
    Ok(())
}

async fn relay(
    app: &App,
    tx: &mut Write,
    case: &Case,
    request: &CallRequest,
) -> Result<(), AppError> {
    for author in list_authors(tx, case).await? {
        let wanted = Purpose {
            purpose: LinkPurpose::CallAnswer,
            subject: request.id.get(),
            email: &author.email,
            ttl: LIFETIME,
        };
        let token = purpose_links::create(app, tx, wanted).await?;
        let link = notices::link(app, &purpose_links::path(LinkPurpose::CallAnswer, &token))?;
        let message = compose::call_request(
            author.texts,
            &compose::CallRequestMail {
                to: &author.email,
                site: notices::site(app),
                name: &request.name,
                organisation: &request.organisation,
                structure: &case.parties.structure.name,
                message: &request.message,
                link: &link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// A request, for whoever holds the link to answer it.
pub async fn show_request(app: &App, link: &PurposeLink) -> Result<CallRequest, AppError> {
    let mut tx = app.store().read().await?;
    let id = CallRequestId::from(link.subject);
    call_requests::find(&mut tx, id)
        .await?
        .filter(|request| request.expires_at > app.now())
        .ok_or(AppError::NotFound(Missing::Link))
}

/// Relays the answer of the association, once.
///
/// # Errors
/// `Invalid` for the field `answer`; `Conflict` when it was answered.
pub async fn answer(app: &App, who: &Who, id: CallRequestId, typed: &str) -> Result<(), AppError> {
    permissions::answer_call(who, id)?;
    let mut tx = app.store().write().await?;
    let missing = || AppError::NotFound(Missing::Link);
    let request = call_requests::find(&mut tx, id)
        .await?
        .filter(|request| request.expires_at > app.now())
        .ok_or_else(missing)?;
    let answer = check_feedback(typed).map_err(|_| {
        let problem = crate::domain::problem::Problem::new(
            "Écrivez quelques mots : comment et quand vous parler, ou pourquoi ce n’est pas possible.",
        );
        AppError::field("answer", problem)
    })?;
    if !call_requests::mark_answered(&mut tx, id, app.now()).await? {
        return Err(AppError::conflict("Cette demande a déjà une réponse."));
    }
    let (case, _) = find(&mut tx, who, request.recommendation_id).await?;
    let home = notices::link(app, &path_of(&case.recommendation, &case))?;
    let message = compose::call_answer(
        Texts::of(Locale::Fr),
        &compose::CallAnswer {
            to: &request.email,
            site: notices::site(app),
            association: &case.parties.association.name,
            answer: &answer,
            link: &home,
        },
    );
    mails::enqueue(app, &mut tx, &message).await?;
    tx.commit().await?;
    Ok(())
}

/// The path of the page of a published recommendation.
fn path_of(recommendation: &Recommendation, case: &Case) -> String {
    let slug = &case.parties.association.slug;
    match recommendation.number {
        Some(number) => format!("/organisations/{slug}/recommandations/{number}"),
        None => format!("/organisations/{slug}"),
    }
}
