//! What waits for moderators, and what waits for organisations.

use std::collections::HashMap;

use crate::{
    app::{App, AppError, Who, comments::moderation as replies, permissions, reports},
    domain::{
        account::{Account, Role},
        ad::Ad,
        federation::Comment,
        ids::AdId,
        moderation::{Report, ReportState},
    },
    store::{self, Read, ads, comments, recommendations},
};

/// Ads shown at once.
const ADS: i64 = 50;

/// A reply that waits, with the ad it answers.
#[derive(Clone, Debug)]
pub struct WaitingReply {
    pub comment: Comment,
    pub ad: Ad,
}

/// A report that waits, with what it is about when that is still here.
#[derive(Clone, Debug)]
pub struct WaitingReport {
    pub report: Report,
    pub ad: Option<Ad>,
    pub comment: Option<Comment>,
}

/// Everything that waits for moderators, the oldest first.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Ads to review, with the name of their organisation.
    pub ads: Vec<(Ad, String)>,
    pub reports: Vec<WaitingReport>,
    pub replies: Vec<WaitingReply>,
}

/// The queue of moderation.
pub async fn show_queue(app: &App, who: &Who) -> Result<Queue, AppError> {
    permissions::moderate(who)?;
    let open = reports::list_open(app, who, None).await?;
    let pending = replies::list_pending(app, who, None).await?;
    let mut tx = app.store().read().await?;
    let mut known = HashMap::new();
    let mut reports = Vec::new();
    for report in open {
        reports.push(WaitingReport {
            ad: match report.ad_id {
                Some(id) => find_ad(&mut tx, &mut known, id).await?,
                None => None,
            },
            comment: match report.comment_id {
                Some(id) => comments::find(&mut tx, id).await?,
                None => None,
            },
            report,
        });
    }
    let mut replies = Vec::new();
    for comment in pending.comments {
        let ad = find_ad(&mut tx, &mut known, comment.ad_id).await?;
        replies.extend(ad.map(|ad| WaitingReply { comment, ad }));
    }
    Ok(Queue {
        ads: ads::list_in_review(&mut tx, None, ADS).await?,
        reports,
        replies,
    })
}

/// Several replies answer the same ad: it is read once.
async fn find_ad(
    tx: &mut Read,
    known: &mut HashMap<AdId, Ad>,
    id: AdId,
) -> Result<Option<Ad>, AppError> {
    if let Some(ad) = known.get(&id) {
        return Ok(Some(ad.clone()));
    }
    let found = ads::find(tx, id).await?;
    known.extend(found.clone().map(|ad| (id, ad)));
    Ok(found)
}

/// How much waits for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Replies to the ads of their organisations.
    pub replies: u64,
    /// Ads, recommendations and reports; `None` for who does not moderate.
    pub moderation: Option<u64>,
}

/// How much waits for the owner of an account, shown on every page.
pub async fn count_waiting(app: &App, account: &Account) -> Result<Waiting, AppError> {
    let mut tx = app.store().read().await?;
    let replies = comments::count_pending_for(&mut tx, account.id).await?;
    let moderation = match account.role {
        Role::Member => None,
        Role::Moderator | Role::Administrator => {
            let reports = store::reports::count(&mut tx, ReportState::Open).await?;
            let recommendations = recommendations::count_in_review(&mut tx).await?;
            Some(reports + recommendations + ads::count_in_review(&mut tx).await?)
        }
    };
    Ok(Waiting {
        replies: u64::try_from(replies).unwrap_or_default(),
        moderation: moderation.map(|count| u64::try_from(count).unwrap_or_default()),
    })
}
