use url::Url;

use super::{Action, Block, Letter, Message, Site};
use crate::locales::Texts;

/// Replies to an ad that nobody has accepted or set aside yet: one, or those of a day.
#[derive(Debug, Clone, Copy)]
pub struct RepliesWaiting<'a> {
    /// A person who manages the ad.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The title of the ad.
    pub title: &'a str,
    /// The replies to show, oldest first. Few and short: the rest is read on the page.
    pub replies: &'a [ReplyExcerpt<'a>],
    /// How many wait in all.
    pub waiting: u64,
    /// The page where they are accepted or set aside.
    pub link: &'a Url,
    /// The link that stops these mails.
    pub unsubscribe: &'a Url,
}

/// The beginning of a reply.
#[derive(Debug, Clone, Copy)]
pub struct ReplyExcerpt<'a> {
    /// The displayed name of its author.
    pub author: &'a str,
    /// Where it was written, when not here: `mastodon.exemple`.
    pub origin: Option<&'a str>,
    /// Plain text.
    pub text: &'a str,
}

/// The replies that wait for a decision.
pub fn replies_waiting(texts: Texts, mail: &RepliesWaiting<'_>) -> Message {
    let mut before = vec![
        texts
            .trf(
                "Du nouveau sous votre annonce « {title} » :",
                [("title", mail.title)],
            )
            .into(),
    ];
    before.extend(mail.replies.iter().map(|reply| quote(texts, reply)));
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trn(
            "{n} réponse attend votre accord",
            "{n} réponses attendent votre accord",
            mail.waiting,
        ),
        before,
        action: Action {
            label: texts.tr("Lire et décider"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Aucune réponse ne s’affiche sous l’annonce sans votre accord.")
                .into(),
        ],
        reason: texts.trf(
            "Vous recevez ce message parce que vous gérez cette annonce sur {site}.",
            [("site", mail.site.name)],
        ),
        list_unsubscribe: Some(mail.unsubscribe),
    }
    .write()
}

fn quote(texts: Texts, reply: &ReplyExcerpt<'_>) -> Block {
    let from = match reply.origin {
        Some(origin) => texts.trf(
            "{author}, depuis {origin}",
            [("author", reply.author), ("origin", origin)],
        ),
        None => reply.author.to_owned(),
    };
    Block::Quote {
        text: reply.text.to_owned(),
        from: Some(from),
    }
}
