use url::Url;

use super::{Action, Block, Letter, Message, Site};
use crate::locales::Texts;

/// Why moderators receive these mails.
fn reason(texts: Texts, site: Site<'_>) -> String {
    texts.trf(
        "Vous recevez ce message parce que vous modérez {site}.",
        [("site", site.name)],
    )
}

/// What waits for a moderator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueuedKind {
    /// An ad before its publication.
    Ad,
    /// An organisation that asks to be verified.
    Verification,
    /// An answer to a refusal.
    Appeal,
    /// A recommendation before its publication.
    Recommendation,
    /// Something told to mediation rather than in public.
    Mediation,
    /// The profile of a structure that asks to be in the directory.
    Host,
}

/// Something entered the moderation queue.
#[derive(Debug, Clone, Copy)]
pub struct QueueItem<'a> {
    /// A moderator.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// What it is.
    pub kind: QueuedKind,
    /// The title of the ad, the name of the organisation, or that of the structure.
    pub title: &'a str,
    /// The organisation that submitted it.
    pub organisation: &'a str,
    /// Its page in the queue.
    pub link: &'a Url,
    /// The link that stops these mails.
    pub unsubscribe: &'a Url,
}

/// The notice that something waits for a moderator.
pub fn queue_item(texts: Texts, mail: &QueueItem<'_>) -> Message {
    let names = [("title", mail.title), ("organisation", mail.organisation)];
    let (subject, fact) = match mail.kind {
        QueuedKind::Ad => (
            texts.trf("Annonce à relire : {title}", names),
            texts.trf("{organisation} propose une annonce : « {title} ».", names),
        ),
        QueuedKind::Verification => (
            texts.trf("Organisation à vérifier : {title}", names),
            texts.trf("{organisation} demande sa vérification.", names),
        ),
        QueuedKind::Appeal => (
            texts.trf("Décision contestée : {title}", names),
            texts.trf("{organisation} conteste le refus de « {title} ».", names),
        ),
        QueuedKind::Host => (
            texts.trf("Structure à lire : {title}", names),
            texts.trf("{organisation} demande à entrer dans l’annuaire.", names),
        ),
        QueuedKind::Recommendation => (
            texts.trf("Recommandation à relire : {title}", names),
            texts.trf("{organisation} recommande {title}.", names),
        ),
        QueuedKind::Mediation => (
            texts.tr("Un message pour la médiation").to_owned(),
            texts.trf("{organisation} a écrit à la médiation.", names),
        ),
    };
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject,
        before: vec![fact.into()],
        action: Action {
            label: texts.tr("Examiner"),
            link: mail.link,
        },
        after: Vec::new(),
        reason: reason(texts, mail.site),
        list_unsubscribe: Some(mail.unsubscribe),
    }
    .write()
}

/// Somebody reported something.
#[derive(Debug, Clone, Copy)]
pub struct ReportReceived<'a> {
    /// A moderator.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// What is reported, named so that it can be recognised.
    pub about: &'a str,
    /// What the person wrote; may be empty.
    pub text: &'a str,
    /// Where the report comes from, when not from here: `mastodon.exemple`.
    pub origin: Option<&'a str>,
    /// Its page in the queue.
    pub link: &'a Url,
}

/// The notice of a report. It does not name its author.
pub fn report_received(texts: Texts, mail: &ReportReceived<'_>) -> Message {
    let about = [("about", mail.about)];
    let mut before: Vec<Block> = vec![match mail.origin {
        Some(origin) => texts
            .trf(
                "Une personne a signalé « {about} » depuis {origin}.",
                [("about", mail.about), ("origin", origin)],
            )
            .into(),
        None => texts
            .trf("Une personne a signalé « {about} ».", about)
            .into(),
    }];
    if !mail.text.trim().is_empty() {
        before.push(Block::quote(mail.text));
    }
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Signalement : {about}", about),
        before,
        action: Action {
            label: texts.tr("Examiner le signalement"),
            link: mail.link,
        },
        after: Vec::new(),
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}
