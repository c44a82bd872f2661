//! The mail that tells an organisation of a reply that waits.

use chrono::{NaiveTime, TimeZone, Utc};

use crate::{
    app::{App, AppError, mails, notices},
    domain::{
        ad::Ad,
        addresses::ad_workshop_path,
        federation::{Comment, CommentState},
        html::plain_text,
        text::truncate_chars,
    },
    mail::compose::{self, RepliesWaiting, ReplyExcerpt},
    store::{Write, comments, memberships, notices as wanted},
};

/// More than the members of an organisation who are told.
const PEOPLE_TOLD: i64 = 50;
/// How much of a reply the mail shows, in characters.
const EXCERPT: usize = 280;

/// Tells the members of the organisation that a reply waits: the first of the day for an ad, so
/// that a lively ad does not fill their mailboxes. Those who stopped such mails get none.
///
/// Called before the reply is kept.
pub(super) async fn tell_organisation(
    app: &App,
    tx: &mut Write,
    ad: &Ad,
    reply: &Comment,
) -> Result<(), AppError> {
    let midnight = Utc.from_utc_datetime(&app.today().and_time(NaiveTime::MIN));
    if comments::count_received_since(tx, ad.id, midnight).await? > 0 {
        return Ok(());
    }
    let waiting = comments::count_by_ad(tx, ad.id, CommentState::Pending).await? + 1;
    let link = notices::link(app, &ad_workshop_path(ad.id))?;
    let text = plain_text(&reply.content);
    let author = match reply.actor.name.as_str() {
        "" => &reply.actor.handle,
        name => name,
    };
    let excerpt = ReplyExcerpt {
        author,
        origin: Some(&reply.actor.host),
        text: truncate_chars(&text, EXCERPT),
    };
    for account in memberships::list_accounts(tx, ad.organisation_id, PEOPLE_TOLD).await? {
        if !wanted::is_wanted(tx, account.id).await? {
            continue;
        }
        let mail = RepliesWaiting {
            to: &account.email,
            site: notices::site(app),
            title: &ad.content.title,
            replies: std::slice::from_ref(&excerpt),
            waiting: u64::try_from(waiting).unwrap_or(1),
            link: &link,
            unsubscribe: &notices::stop_link(app, account.id)?,
        };
        let message = compose::replies_waiting(notices::texts_of(&account), &mail);
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}
