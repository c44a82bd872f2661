//! What moderators decide about organisations.

use std::collections::HashMap;

use url::Url;

use super::{entry, find_to_change, name_hash};
use crate::{
    app::{App, AppError, Missing, Who, listing, mails, notices, permissions},
    domain::{
        account::Account,
        email::EmailAddress,
        ids::OrganisationId,
        organisation::{MembershipRole, Organisation, Standing, Verification, VerificationMethod},
        problem::Problem,
        text::{clean_line, count_chars},
    },
    mail::compose,
    store::{Read, Write, audit, memberships, organisations},
};

/// The most organisations on a page, and one that tells whether another follows.
const PAGE: i64 = 101;
/// The most facts read for a page.
const FACTS: i64 = 2000;
/// The most members told by mail.
const PEOPLE_TOLD: i64 = 50;
/// The most characters of a motive.
const MOTIVE_LENGTH: usize = 500;

/// An organisation, with the facts that help to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub organisation: Organisation,
    /// Whether a member has an address at the domain of its web site; `None` without web site.
    pub has_mail_at_website: Option<bool>,
    /// Others with the same RNA number or SIREN: address and name.
    pub namesakes: Vec<(String, String)>,
}

/// Organisations of a standing with the facts that help to decide: those that wait, oldest first;
/// those that are verified, newest first. `after` is the last one already seen.
pub async fn list_candidates(
    app: &App,
    who: &Who,
    standing: Standing,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Candidate>, AppError> {
    permissions::verify_organisation(who)?;
    let limit = limit.clamp(1, PAGE);
    let mut tx = app.store().read().await?;
    let found = match standing {
        Standing::Unverified => organisations::list_unverified(&mut tx, after, limit).await?,
        Standing::Verified => organisations::list_verified(&mut tx, after, limit).await?,
    };
    gather_facts(&mut tx, standing, found).await
}

/// One organisation with the facts that help to decide.
pub async fn show_candidate(app: &App, who: &Who, slug: &str) -> Result<Candidate, AppError> {
    permissions::verify_organisation(who)?;
    let mut tx = app.store().read().await?;
    let organisation = super::find(&mut tx, slug).await?;
    let standing = match organisation.verification {
        Some(_) => Standing::Verified,
        None => Standing::Unverified,
    };
    let candidates = gather_facts(&mut tx, standing, vec![organisation]).await?;
    candidates
        .into_iter()
        .next()
        .ok_or(AppError::NotFound(Missing::Organisation))
}

/// Two queries, however many organisations there are.
async fn gather_facts(
    tx: &mut Read,
    standing: Standing,
    found: Vec<Organisation>,
) -> Result<Vec<Candidate>, AppError> {
    let ids = || found.iter().map(|organisation| organisation.id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
        return Ok(Vec::new());
    };
    let mut domains: HashMap<OrganisationId, Vec<String>> = HashMap::new();
    for (id, address) in memberships::list_addresses(tx, standing, first, last, FACTS).await? {
        if let Ok(address) = EmailAddress::parse(&address) {
            domains.entry(id).or_default().push(address.domain().into());
        }
    }
    let mut namesakes: HashMap<OrganisationId, Vec<(String, String)>> = HashMap::new();
    for namesake in organisations::list_namesakes(tx, standing, first, last, FACTS).await? {
        namesakes
            .entry(namesake.organisation_id)
            .or_default()
            .push((namesake.slug, namesake.name));
    }
    Ok(found
        .into_iter()
        .map(|organisation| {
            let domains = domains.remove(&organisation.id).unwrap_or_default();
            Candidate {
                has_mail_at_website: has_mail_at(organisation.website.as_deref(), &domains),
                namesakes: namesakes.remove(&organisation.id).unwrap_or_default(),
                organisation,
            }
        })
        .collect())
}

/// Marks an organisation as verified, under its present name, and tells its administrators. A
/// moderator who belongs to it must leave that to another.
pub async fn verify(
    app: &App,
    who: &Who,
    slug: &str,
    method: VerificationMethod,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut organisation = find_to_judge(&mut tx, who, slug).await?;
    if organisation.verification.is_some() {
        return Err(AppError::conflict("Cette organisation est déjà vérifiée."));
    }
    organisation.verification = Some(Verification {
        verified_at: app.now(),
        verified_by: who.signed_in()?.id,
        method,
        name_hash: name_hash(&organisation.name),
    });
    organisations::update(&mut tx, &organisation).await?;
    listing::note_verification(app, &mut tx, organisation.id, None).await?;
    let detail = method.as_str();
    let entry = entry("organisation.verify", organisation.id);
    app.audit(&mut tx, who, audit::Entry { detail, ..entry })
        .await?;
    tell_verified(app, &mut tx, &organisation).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the mark back, with a motive that stays in the audit log and is told to the
/// administrators.
pub async fn withdraw_verification(
    app: &App,
    who: &Who,
    slug: &str,
    motive: &str,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let mut organisation = find_to_judge(&mut tx, who, slug).await?;
    let motive = clean_line(motive);
    if motive.is_empty() || count_chars(&motive) > MOTIVE_LENGTH {
        let problem = Problem::new("Dites pourquoi, en {most} caractères au plus.");
        return Err(AppError::field(
            "motive",
            problem.with("most", MOTIVE_LENGTH),
        ));
    }
    if organisation.verification.take().is_none() {
        return Err(AppError::conflict("Cette organisation n’est pas vérifiée."));
    }
    organisations::update(&mut tx, &organisation).await?;
    listing::note_verification(app, &mut tx, organisation.id, Some(app.now())).await?;
    let detail = motive.as_str();
    let entry = entry("organisation.withdraw-verification", organisation.id);
    app.audit(&mut tx, who, audit::Entry { detail, ..entry })
        .await?;
    tell_withdrawn(app, &mut tx, &organisation, &motive).await?;
    tx.commit().await?;
    Ok(())
}

async fn find_to_judge(tx: &mut Write, who: &Who, slug: &str) -> Result<Organisation, AppError> {
    let (organisation, role) = find_to_change(tx, who, slug).await?;
    permissions::judge_organisation(who, role)?;
    Ok(organisation)
}

async fn tell_verified(
    app: &App,
    tx: &mut Write,
    organisation: &Organisation,
) -> Result<(), AppError> {
    let link = notices::link(app, &format!("/organisations/{}", organisation.slug))?;
    for account in list_administrators(tx, organisation.id).await? {
        let message = compose::organisation_verified(
            notices::texts_of(&account),
            &compose::OrganisationVerified {
                to: &account.email,
                site: notices::site(app),
                organisation: &organisation.name,
                link: &link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

async fn tell_withdrawn(
    app: &App,
    tx: &mut Write,
    organisation: &Organisation,
    motive: &str,
) -> Result<(), AppError> {
    let desk = format!("/compte/organisations/{}", organisation.slug);
    let link = notices::link(app, &desk)?;
    for account in list_administrators(tx, organisation.id).await? {
        let message = compose::verification_withdrawn(
            notices::texts_of(&account),
            &compose::VerificationWithdrawn {
                to: &account.email,
                site: notices::site(app),
                organisation: &organisation.name,
                motive,
                contact: &app.config().instance.contact_email,
                link: &link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// Those to whom decisions about the organisation are told.
async fn list_administrators(
    tx: &mut Read,
    organisation: OrganisationId,
) -> Result<Vec<Account>, AppError> {
    let mut administrators = Vec::new();
    for account in memberships::list_accounts(tx, organisation, PEOPLE_TOLD).await? {
        let role = memberships::find_role(tx, organisation, account.id).await?;
        if role == Some(MembershipRole::Administrator) {
            administrators.push(account);
        }
    }
    Ok(administrators)
}

/// Whether one of the domains is that of the site, `www.` left aside.
fn has_mail_at(website: Option<&str>, domains: &[String]) -> Option<bool> {
    let url = Url::parse(website?).ok()?;
    let host = url.domain()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    Some(domains.iter().any(|domain| domain == host))
}
