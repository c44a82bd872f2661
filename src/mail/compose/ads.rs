use chrono::{DateTime, Utc};
use url::Url;

use super::{Action, Block, Letter, Message, Site};
use crate::locales::Texts;

/// Why somebody who follows an ad of their own receives these mails.
fn reason(texts: Texts, site: Site<'_>) -> String {
    texts.trf(
        "Vous recevez ce message parce que vous gérez cette annonce sur {site}.",
        [("site", site.name)],
    )
}

/// An ad waits for a moderator.
#[derive(Debug, Clone, Copy)]
pub struct AdReceived<'a> {
    /// A person who manages the ad.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The title of the ad.
    pub title: &'a str,
    /// The page where it can be read again and corrected.
    pub link: &'a Url,
}

/// The receipt of an ad that will be reviewed.
pub fn ad_received(texts: Texts, mail: &AdReceived<'_>) -> Message {
    let title = [("title", mail.title)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Annonce bien reçue : {title}", title),
        before: vec![
            texts
                .trf("Nous avons bien reçu votre annonce « {title} ».", title)
                .into(),
            texts
                .tr("L’équipe de modération relit les deux premières annonces de chaque organisation. Vous recevrez un message dès sa décision.")
                .into(),
        ],
        action: Action {
            label: texts.tr("Relire mon annonce"),
            link: mail.link,
        },
        after: vec![texts.tr("Vous pouvez encore la corriger en attendant.").into()],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// An ad is public.
#[derive(Debug, Clone, Copy)]
pub struct AdPublished<'a> {
    /// A person who manages the ad.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The title of the ad.
    pub title: &'a str,
    /// What people search for on their own account to follow the ad: `@annonce-12@exemple.fr`.
    pub handle: &'a str,
    /// The public address of the ad.
    pub link: &'a Url,
}

/// The news that an ad is public, and how to make it known.
pub fn ad_published(texts: Texts, mail: &AdPublished<'_>) -> Message {
    let title = [("title", mail.title)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Votre annonce est en ligne : {title}", title),
        before: vec![
            texts
                .trf("Votre annonce « {title} » est en ligne.", title)
                .into(),
        ],
        action: Action {
            label: texts.tr("Voir l’annonce"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Cette adresse est publique : envoyez-la à vos membres et à vos partenaires.")
                .into(),
            texts
                .trf(
                    "Pour suivre l’annonce depuis Mastodon ou Mobilizon, il suffit de chercher {handle} et de s’abonner.",
                    [("handle", mail.handle)],
                )
                .into(),
        ],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// A moderator refused an ad.
#[derive(Debug, Clone, Copy)]
pub struct AdRefused<'a> {
    /// A person who manages the ad.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The title of the ad.
    pub title: &'a str,
    /// The motive, as the moderator wrote it.
    pub motive: &'a str,
    /// The page where the ad is corrected, or the decision contested.
    pub link: &'a Url,
}

/// The refusal of an ad, its motive and what can be done.
pub fn ad_refused(texts: Texts, mail: &AdRefused<'_>) -> Message {
    let title = [("title", mail.title)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Votre annonce n’a pas été publiée : {title}", title),
        before: vec![
            texts
                .trf(
                    "L’équipe de modération n’a pas publié votre annonce « {title} ». Voici pourquoi :",
                    title,
                )
                .into(),
            Block::quote(mail.motive),
        ],
        action: Action {
            label: texts.tr("Corriger ou répondre"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Vous pouvez corriger l’annonce et la proposer à nouveau. Vous pouvez aussi contester cette décision : une autre personne l’examinera.")
                .into(),
            texts.tr("Rien de ce que vous avez écrit n’est perdu.").into(),
        ],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// Which of the two reminders before an ad expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// 30 days before.
    First,
    /// 7 days before.
    Last,
}

impl Reminder {
    /// How long before the end it is sent, in days.
    pub const fn days_before(self) -> u64 {
        match self {
            Self::First => 30,
            Self::Last => 7,
        }
    }
}

/// An ad comes to its end.
#[derive(Debug, Clone, Copy)]
pub struct AdExpiring<'a> {
    /// A person who manages the ad.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The title of the ad.
    pub title: &'a str,
    /// Which reminder this is.
    pub reminder: Reminder,
    /// When the ad expires.
    pub expires: DateTime<Utc>,
    /// The link that prolongs the ad.
    pub link: &'a Url,
}

/// The reminder that an ad expires, with the link that prolongs it.
pub fn ad_expiring(texts: Texts, mail: &AdExpiring<'_>) -> Message {
    let date = texts.date(mail.expires);
    let facts = [("title", mail.title), ("date", date.as_str())];
    let mut after = vec![
        texts
            .tr("Si le besoin n’existe plus, vous n’avez rien à faire : l’annonce quittera la liste à cette date.")
            .into(),
    ];
    if mail.reminder == Reminder::Last {
        after.push(texts.tr("Ceci est le dernier rappel.").into());
    }
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Votre annonce prend fin le {date} : {title}", facts),
        before: vec![
            texts
                .trf("Votre annonce « {title} » prend fin le {date}.", facts)
                .into(),
            texts
                .tr("Si vous cherchez toujours, prolongez-la de six mois.")
                .into(),
        ],
        action: Action {
            label: texts.tr("Prolonger l’annonce"),
            link: mail.link,
        },
        after,
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// An ad has expired.
#[derive(Debug, Clone, Copy)]
pub struct AdExpired<'a> {
    /// A person who manages the ad.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The title of the ad.
    pub title: &'a str,
    /// The page that asks for the outcome, without sign-in.
    pub link: &'a Url,
}

/// The end of an ad, and the question of what came of it.
pub fn ad_expired(texts: Texts, mail: &AdExpired<'_>) -> Message {
    let title = [("title", mail.title)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Qu’est devenue votre annonce ? {title}", title),
        before: vec![
            texts
                .trf("Votre annonce « {title} » a pris fin.", title)
                .into(),
            texts
                .tr("Avez-vous trouvé une solution ? Deux mots suffisent. Ils aident les associations qui ont le même besoin.")
                .into(),
        ],
        action: Action {
            label: texts.tr("Dire ce qu’elle est devenue"),
            link: mail.link,
        },
        after: vec![texts.tr("Vous n’avez pas besoin de vous connecter.").into()],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}
