//! What the listing rule and the committee tell structures and associations.

use chrono::{DateTime, Utc};
use url::Url;

use super::{Action, Block, Letter, Message, Site};
use crate::locales::Texts;

/// Why people of a structure receive these mails.
fn host_reason(texts: Texts, site: Site<'_>) -> String {
    texts.trf(
        "Vous recevez ce message parce que vous gérez cette structure sur {site}.",
        [("site", site.name)],
    )
}

/// Why people of an association receive these mails.
fn author_reason(texts: Texts, site: Site<'_>) -> String {
    texts.trf(
        "Vous recevez ce message parce que votre association a écrit une recommandation sur {site}.",
        [("site", site.name)],
    )
}

/// A structure enters the directory.
#[derive(Debug, Clone, Copy)]
pub struct HostInDirectory<'a> {
    /// A person who manages the structure.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    /// Its public page.
    pub link: &'a Url,
}

/// The news that a structure is in the directory.
pub fn host_in_directory(texts: Texts, mail: &HostInDirectory<'_>) -> Message {
    let name = [("name", mail.name)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{name} figure dans l’annuaire", name),
        before: vec![
            texts
                .trf(
                    "{name} figure maintenant dans l’annuaire : au moins une association la recommande, et deux personnes de la modération ont relu cette recommandation.",
                    name,
                )
                .into(),
        ],
        action: Action {
            label: texts.tr("Voir la page de la structure"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Invitez les autres associations que vous avez accompagnées à raconter leur projet : une recommandation ne compte pas pour toujours.")
                .into(),
        ],
        reason: host_reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// Nothing counts any more for a structure.
#[derive(Debug, Clone, Copy)]
pub struct HostOnNotice<'a> {
    /// A person who manages the structure.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    /// When it leaves the directory.
    pub until: DateTime<Utc>,
    /// Its public page.
    pub link: &'a Url,
}

/// The notice of sixty days.
pub fn host_on_notice(texts: Texts, mail: &HostOnNotice<'_>) -> Message {
    let date = texts.date(mail.until);
    let facts = [("name", mail.name), ("date", date.as_str())];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{name} quitte l’annuaire le {date}", facts),
        before: vec![
            texts
                .trf(
                    "Plus aucune recommandation ne compte pour {name} : la dernière a été retirée, ou son terme est passé.",
                    facts,
                )
                .into(),
            texts
                .trf(
                    "Sans nouvelle recommandation, {name} quitte l’annuaire le {date}.",
                    facts,
                )
                .into(),
        ],
        action: Action {
            label: texts.tr("Voir la page de la structure"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Une association que vous avez accompagnée peut en écrire une en huit minutes, sans créer de compte. Celle dont la recommandation arrive à son terme peut la renouveler.")
                .into(),
        ],
        reason: host_reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// A structure leaves the directory.
#[derive(Debug, Clone, Copy)]
pub struct HostLeaves<'a> {
    /// A person who manages the structure.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    /// Its page, which says so.
    pub link: &'a Url,
}

/// The end of a listing.
pub fn host_leaves(texts: Texts, mail: &HostLeaves<'_>) -> Message {
    let name = [("name", mail.name)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{name} n’est plus dans l’annuaire", name),
        before: vec![
            texts
                .trf(
                    "{name} n’est plus dans l’annuaire : il faut une recommandation qui compte, et une offre qui comprend un accompagnement.",
                    name,
                )
                .into(),
            texts.tr("Sa page reste en ligne et le dit.").into(),
        ],
        action: Action {
            label: texts.tr("Voir la page de la structure"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Elle y revient dès qu’une nouvelle recommandation est acceptée. Rien de ce que vous avez écrit n’est perdu.")
                .into(),
        ],
        reason: host_reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// To whom a decision about a recommendation is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The association that wrote it.
    Author,
    /// The structure that it recommends.
    Host,
}

/// What was decided about a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    Published,
    /// The new words replace the former.
    Amended,
    /// With the motive, as the moderator wrote it.
    Refused(&'a str),
    /// The new words are refused; the former stay.
    AmendmentRefused(&'a str),
    /// It should never have counted.
    Annulled(&'a str),
}

/// A decision about a recommendation.
#[derive(Debug, Clone, Copy)]
pub struct RecommendationDecided<'a> {
    /// A person of one side.
    pub to: &'a str,
    /// Which side.
    pub reader: Reader,
    /// Where.
    pub site: Site<'a>,
    /// Name of the association.
    pub association: &'a str,
    /// Name of the structure.
    pub host: &'a str,
    pub verdict: Verdict<'a>,
    /// Its page, or the page of its author.
    pub link: &'a Url,
}

/// The news of a decision about a recommendation, with its motive and what can be done.
pub fn recommendation_decided(texts: Texts, mail: &RecommendationDecided<'_>) -> Message {
    let names = [("association", mail.association), ("host", mail.host)];
    let (subject, before, label, after) = match mail.verdict {
        Verdict::Published => published(texts, mail.reader, names),
        Verdict::Amended => amended(texts, names),
        Verdict::Refused(motive) => refused(texts, names, motive),
        Verdict::AmendmentRefused(motive) => amendment_refused(texts, names, motive),
        Verdict::Annulled(motive) => annulled(texts, names, motive),
    };
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject,
        before,
        action: Action {
            label,
            link: mail.link,
        },
        after,
        reason: match mail.reader {
            Reader::Author => author_reason(texts, mail.site),
            Reader::Host => host_reason(texts, mail.site),
        },
        list_unsubscribe: None,
    }
    .write()
}

type Names<'a> = [(&'static str, &'a str); 2];
type Parts = (String, Vec<Block>, &'static str, Vec<Block>);

fn published(texts: Texts, reader: Reader, names: Names<'_>) -> Parts {
    let after = match reader {
        Reader::Author => texts.tr(
            "Vous pouvez la corriger, la renouveler ou la retirer à tout moment : son histoire reste visible.",
        ),
        Reader::Host => texts.tr("Vous pouvez y répondre : votre réponse paraît dessous."),
    };
    (
        texts.trf("{association} recommande {host}", names),
        vec![
            texts
                .trf(
                    "La recommandation de {host} par {association} est en ligne : deux personnes de la modération l’ont relue.",
                    names,
                )
                .into(),
        ],
        texts.tr("Lire la recommandation"),
        vec![after.into()],
    )
}

fn amended(texts: Texts, names: Names<'_>) -> Parts {
    (
        texts.trf("La recommandation de {host} par {association} a changé", names),
        vec![
            texts
                .trf(
                    "Le nouveau texte de {association} sur {host} est en ligne. L’ancien reste lisible.",
                    names,
                )
                .into(),
        ],
        texts.tr("Lire la recommandation"),
        Vec::new(),
    )
}

fn refused(texts: Texts, names: Names<'_>, motive: &str) -> Parts {
    (
        texts.trf("Votre recommandation de {host} n’a pas été publiée", names),
        vec![
            texts
                .trf(
                    "L’équipe de modération n’a pas publié la recommandation de {host} par {association}. Voici pourquoi :",
                    names,
                )
                .into(),
            Block::quote(motive),
        ],
        texts.tr("Corriger ou contester"),
        vec![
            texts
                .tr("Vous pouvez la corriger et l’envoyer à nouveau. Vous pouvez aussi contester cette décision : d’autres personnes l’examineront.")
                .into(),
            texts.tr("Rien de ce que vous avez écrit n’est perdu.").into(),
        ],
    )
}

fn amendment_refused(texts: Texts, names: Names<'_>, motive: &str) -> Parts {
    (
        texts.trf("Votre nouveau texte sur {host} n’a pas été publié", names),
        vec![
            texts
                .trf(
                    "L’équipe de modération n’a pas publié le nouveau texte de {association} sur {host}. Le texte précédent reste en ligne. Voici pourquoi :",
                    names,
                )
                .into(),
            Block::quote(motive),
        ],
        texts.tr("Revenir à la recommandation"),
        vec![texts.tr("Vous pouvez proposer un autre texte.").into()],
    )
}

fn annulled(texts: Texts, names: Names<'_>, motive: &str) -> Parts {
    (
        texts.trf("La recommandation de {host} par {association} est annulée", names),
        vec![
            texts
                .trf(
                    "L’équipe de modération a annulé la recommandation de {host} par {association} : elle n’aurait pas dû compter. Voici pourquoi :",
                    names,
                )
                .into(),
            Block::quote(motive),
        ],
        texts.tr("Lire les critères"),
        vec![
            texts
                .tr("Vous pouvez contester cette décision en répondant à ce message : d’autres personnes l’examineront.")
                .into(),
        ],
    )
}

/// A recommendation waits for too long.
#[derive(Debug, Clone, Copy)]
pub struct ReviewOverdue<'a> {
    /// A moderator.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the association.
    pub association: &'a str,
    /// Name of the structure.
    pub host: &'a str,
    /// Since how many days it waits.
    pub days: i64,
    /// Its page in the queue.
    pub link: &'a Url,
    /// The link that stops these mails.
    pub unsubscribe: &'a Url,
}

/// The reminder of a recommendation that waits.
pub fn review_overdue(texts: Texts, mail: &ReviewOverdue<'_>) -> Message {
    let names = [("association", mail.association), ("host", mail.host)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Une recommandation attend : {host}", names),
        before: vec![
            texts.trf("{association} recommande {host}.", names).into(),
            texts
                .trn(
                    "Cette recommandation attend une décision depuis {n} jour.",
                    "Cette recommandation attend une décision depuis {n} jours.",
                    mail.days,
                )
                .into(),
        ],
        action: Action {
            label: texts.tr("Examiner"),
            link: mail.link,
        },
        after: Vec::new(),
        reason: texts.trf(
            "Vous recevez ce message parce que vous modérez {site}.",
            [("site", mail.site.name)],
        ),
        list_unsubscribe: Some(mail.unsubscribe),
    }
    .write()
}
