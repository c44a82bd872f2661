//! What each mail says. One function per mail: facts in, [`Message`] out.
//!
//! A mail is short, asks for one thing and carries one signed link that does it, so that people
//! who never sign in can still answer. Each text is written once and rendered twice, by
//! `templates/mails/letter.txt` and `letter.html`. Values that people typed are shown as they are:
//! the HTML rendition escapes them, and nothing is read as Markdown.

mod accompaniments;
mod account;
mod ads;
mod decisions;
mod hosts;
mod moderation;
mod replies;
#[cfg(test)]
mod tests;

use askama::Template;
use url::Url;

use super::Message;
use crate::locales::Texts;

pub use accompaniments::{
    AccompanimentDeclared, AccompanimentNews, AccompanimentNewsMail, CallAnswer, CallRequestMail,
    RecommendationExpiring, RecommendationInvitation, RecommendationReplied,
    RecommendationWithdrawn, accompaniment_declared, accompaniment_news, call_answer, call_request,
    recommendation_expiring, recommendation_invitation, recommendation_replied,
    recommendation_withdrawn,
};
pub use account::{
    OrganisationInvitation, OrganisationVerified, PasswordChanged, PasswordNews, SignInLink,
    VerificationWithdrawn, organisation_invitation, organisation_verified, password_changed,
    sign_in_link, verification_withdrawn,
};
pub use ads::{
    AdExpired, AdExpiring, AdPublished, AdReceived, AdRefused, Reminder, ad_expired, ad_expiring,
    ad_published, ad_received, ad_refused,
};
pub use decisions::{
    HostInDirectory, HostLeaves, HostOnNotice, Reader, RecommendationDecided, ReviewOverdue,
    Verdict, host_in_directory, host_leaves, host_on_notice, recommendation_decided,
    review_overdue,
};
pub use hosts::{
    HostArchived, HostCapacity, HostConfirmation, HostDecision, HostDecisionKind, HostImported,
    Turn, host_archived, host_capacity, host_confirmation, host_decision, host_imported,
};
pub use moderation::{QueueItem, QueuedKind, ReportReceived, queue_item, report_received};
pub use replies::{RepliesWaiting, ReplyExcerpt, replies_waiting};

/// The site on whose behalf a mail is written.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Its name, as its pages show it.
    pub name: &'a str,
    /// The address of its home page.
    pub url: &'a Url,
}

/// A passage of a mail.
enum Block {
    /// A paragraph of ours.
    Text(String),
    /// Words of somebody else, kept apart from ours.
    Quote {
        text: String,
        /// Who wrote them, and from where.
        from: Option<String>,
    },
}

impl Block {
    fn quote(text: &str) -> Self {
        Self::Quote {
            text: text.to_owned(),
            from: None,
        }
    }
}

impl From<&str> for Block {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Block {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// The one thing that the mail asks for.
struct Action<'a> {
    /// What the link does: begins with a verb.
    label: &'static str,
    link: &'a Url,
}

/// A mail before it is rendered.
struct Letter<'a> {
    texts: Texts,
    site: Site<'a>,
    to: &'a str,
    subject: String,
    before: Vec<Block>,
    action: Action<'a>,
    after: Vec<Block>,
    /// Why the reader receives it.
    reason: String,
    list_unsubscribe: Option<&'a Url>,
}

#[derive(Template)]
#[template(path = "mails/letter.txt")]
struct TextLetter<'a> {
    texts: Texts,
    site: Site<'a>,
    before: String,
    /// `Publier :`, on the line before the link.
    label: String,
    link: &'a Url,
    after: String,
    reason: &'a str,
}

#[derive(Template)]
#[template(path = "mails/letter.html")]
struct HtmlLetter<'a> {
    texts: Texts,
    site: Site<'a>,
    subject: &'a str,
    before: &'a [Block],
    action: &'a Action<'a>,
    after: &'a [Block],
    reason: &'a str,
    list_unsubscribe: Option<&'a Url>,
}

impl Letter<'_> {
    fn write(self) -> Message {
        let html = HtmlLetter {
            texts: self.texts,
            site: self.site,
            subject: &self.subject,
            before: &self.before,
            action: &self.action,
            after: &self.after,
            reason: &self.reason,
            list_unsubscribe: self.list_unsubscribe,
        };
        let mut reason = self.reason.clone();
        if let Some(link) = self.list_unsubscribe {
            let stop = self.texts.tr("Ne plus recevoir ces messages :");
            reason = format!("{reason}\n{stop} {link}");
        }
        let text = TextLetter {
            texts: self.texts,
            site: self.site,
            before: as_text(&self.before),
            label: (self.texts).trf("{action} :", [("action", self.action.label)]),
            link: self.action.link,
            after: as_text(&self.after),
            reason: &reason,
        };
        Message {
            to: self.to.to_owned(),
            text: render(&text),
            html: render(&html),
            subject: self.subject,
            list_unsubscribe: self.list_unsubscribe.cloned(),
        }
    }
}

/// The passages as plain text, each followed by an empty line; quotes are marked as mails do.
fn as_text(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Text(paragraph) => {
                text.push_str(paragraph);
                text.push('\n');
            }
            Block::Quote { text: quoted, from } => {
                let from = from.as_ref().map(|from| format!("— {from}"));
                for line in quoted.lines().chain(from.as_deref()) {
                    text.push_str("> ");
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        text.push('\n');
    }
    text
}

#[expect(
    clippy::expect_used,
    reason = "writing to a String cannot fail, and these templates call no fallible filter"
)]
fn render(template: &impl Template) -> String {
    template.render().expect("a letter always renders")
}
