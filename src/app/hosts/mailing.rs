//! Whom a structure's mails go to.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use url::Url;

use crate::{
    app::{
        App, AppError, mails, notices,
        purpose_links::{self, Purpose},
    },
    domain::{
        host::{Host, host_desk_path, host_review_path},
        purpose_link::LinkPurpose,
    },
    locales::{Locale, Texts},
    mail::{
        Message,
        compose::{self, HostDecision, HostDecisionKind, QueueItem, QueuedKind, Site},
    },
    store::{Write, host_fields, memberships, notices as told},
};

use super::organisation_of;

/// People told by mail of one event.
const PEOPLE_TOLD: i64 = 50;

/// Tells moderators that something about a structure waits for them.
pub(super) async fn tell_moderators(
    app: &App,
    tx: &mut Write,
    host: &Host,
    kind: QueuedKind,
) -> Result<(), AppError> {
    let link = notices::link(app, &host_review_path(host.id))?;
    let organisation = organisation_of(tx, host).await?;
    for moderator in told::list_moderators(tx, PEOPLE_TOLD).await? {
        let message = compose::queue_item(
            notices::texts_of(&moderator),
            &QueueItem {
                to: &moderator.email,
                site: notices::site(app),
                kind,
                title: &organisation.name,
                organisation: &organisation.name,
                link: &link,
                unsubscribe: &notices::stop_link(app, moderator.id)?,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// Tells the members of a structure what moderators decided.
pub(super) async fn tell_decision(
    app: &App,
    tx: &mut Write,
    host: &Host,
    kind: HostDecisionKind,
    motive: &str,
) -> Result<(), AppError> {
    let link = notices::link(app, &host_desk_path(&host.handle))?;
    let organisation = organisation_of(tx, host).await?;
    for account in memberships::list_accounts(tx, host.organisation_id, PEOPLE_TOLD).await? {
        let mail = HostDecision {
            to: &account.email,
            site: notices::site(app),
            kind,
            name: &organisation.name,
            motive,
            link: &link,
        };
        let message = compose::host_decision(notices::texts_of(&account), &mail);
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// A question that one click answers, without signing in.
pub(super) struct Question<'a> {
    pub purpose: LinkPurpose,
    /// How long the link can be used.
    pub ttl: TimeDelta,
    /// Writes the mail.
    pub write: &'a (dyn Fn(Texts, Asked<'_>) -> Message + Send + Sync),
}

/// What a question is made of.
pub(super) struct Asked<'a> {
    pub to: &'a str,
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    pub link: &'a Url,
}

/// Asks the contact of a structure and its members, each with a link of their own; links of former
/// questions end.
pub(super) async fn ask(
    app: &App,
    tx: &mut Write,
    host: &Host,
    question: &Question<'_>,
) -> Result<(), AppError> {
    let organisation = organisation_of(tx, host).await?;
    let subject = host.id.get();
    purpose_links::revoke_all(app, tx, question.purpose, subject).await?;
    for (email, texts) in addresses(tx, host).await? {
        let wanted = Purpose {
            purpose: question.purpose,
            subject,
            email: &email,
            ttl: question.ttl,
        };
        let token = match purpose_links::create(app, tx, wanted).await {
            Ok(token) => token,
            // this address gets too many mails today; the others are asked
            Err(AppError::TooMany(_)) => continue,
            Err(error) => return Err(error),
        };
        let link = notices::link(app, &purpose_links::path(question.purpose, &token))?;
        let asked = Asked {
            to: &email,
            site: notices::site(app),
            name: &organisation.name,
            link: &link,
        };
        let message = (question.write)(texts, asked);
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// The contact of a structure and its members, each address once, with their language.
pub(super) async fn addresses(
    tx: &mut Write,
    host: &Host,
) -> Result<BTreeMap<String, Texts>, AppError> {
    let profile = host_fields::read_profile(tx, host.id).await?.profile;
    let mut found = BTreeMap::new();
    if !profile.contact_email.is_empty() {
        found.insert(profile.contact_email.to_lowercase(), Texts::of(Locale::Fr));
    }
    for account in memberships::list_accounts(tx, host.organisation_id, PEOPLE_TOLD).await? {
        found.insert(account.email.clone(), notices::texts_of(&account));
    }
    Ok(found)
}
