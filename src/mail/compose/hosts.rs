use url::Url;

use super::{Action, Block, Letter, Message, Site};
use crate::locales::Texts;

/// Why somebody receives the mails of a structure.
fn reason(texts: Texts, site: Site<'_>) -> String {
    texts.trf(
        "Vous recevez ce message parce que vous représentez cette structure sur {site}.",
        [("site", site.name)],
    )
}

/// What moderators decided about a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostDecisionKind {
    Accepted,
    Refused,
    Suspended,
    Restored,
}

/// A decision about a structure.
#[derive(Debug, Clone, Copy)]
pub struct HostDecision<'a> {
    /// A member of the structure.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// What was decided.
    pub kind: HostDecisionKind,
    /// Name of the structure.
    pub name: &'a str,
    /// The motive, as the moderator wrote it; empty for an acceptance.
    pub motive: &'a str,
    /// The page of the structure for its members.
    pub link: &'a Url,
}

/// What moderators decided, why, and what can be done.
pub fn host_decision(texts: Texts, mail: &HostDecision<'_>) -> Message {
    let name = [("name", mail.name)];
    let (subject, fact, next) = match mail.kind {
        HostDecisionKind::Accepted => (
            texts.trf("Fiche acceptée : {name}", name),
            texts.trf("La modération a accepté la fiche de « {name} ».", name),
            texts.tr("Elle entre dans l’annuaire dès qu’une association que vous avez accompagnée vous recommande. Invitez-en une : elle n’a pas besoin de compte."),
        ),
        HostDecisionKind::Refused => (
            texts.trf("Fiche à corriger : {name}", name),
            texts.trf("La modération n’a pas accepté la fiche de « {name} ». Voici pourquoi :", name),
            texts.tr("Vous pouvez la corriger et l’envoyer de nouveau, ou répondre : une autre personne peut la lire. Rien de ce que vous avez écrit n’est perdu."),
        ),
        HostDecisionKind::Suspended => (
            texts.trf("Fiche suspendue : {name}", name),
            texts.trf("La modération a retiré « {name} » de l’annuaire. Voici pourquoi :", name),
            texts.tr("Vous pouvez répondre : une autre personne lira votre réponse."),
        ),
        HostDecisionKind::Restored => (
            texts.trf("Fiche rétablie : {name}", name),
            texts.trf("La modération a rétabli la fiche de « {name} », avec ces mots :", name),
            texts.tr("Elle est de nouveau dans l’annuaire si une recommandation compte pour elle."),
        ),
    };
    let mut before = vec![fact.into()];
    if !mail.motive.is_empty() {
        before.push(Block::quote(mail.motive));
    }
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject,
        before,
        action: Action {
            label: texts.tr("Ouvrir la fiche"),
            link: mail.link,
        },
        after: vec![next.into()],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// Which time a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    First,
    Reminder,
    Last,
}

/// The yearly question.
#[derive(Debug, Clone, Copy)]
pub struct HostConfirmation<'a> {
    /// The contact of the structure, or a member.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    /// Which time it is asked.
    pub turn: Turn,
    /// The link that confirms, without sign-in.
    pub link: &'a Url,
}

/// The question whether a profile is still true.
pub fn host_confirmation(texts: Texts, mail: &HostConfirmation<'_>) -> Message {
    let name = [("name", mail.name)];
    let subject = match mail.turn {
        Turn::First => texts.trf("La fiche de {name} est-elle à jour ?", name),
        Turn::Reminder => texts.trf("Rappel : la fiche de {name} est-elle à jour ?", name),
        Turn::Last => texts.trf(
            "Dernier rappel : la fiche de {name} est-elle à jour ?",
            name,
        ),
    };
    let mut after = vec![
        texts
            .tr("Si quelque chose a changé, connectez-vous pour le corriger.")
            .into(),
    ];
    if mail.turn == Turn::Last {
        after.push(
            texts
                .tr("Sans réponse dans les trente jours, la fiche quittera l’annuaire. Un clic suffira pour qu’elle y revienne.")
                .into(),
        );
    }
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject,
        before: vec![
            texts
                .trf(
                    "Vous n’avez pas confirmé la fiche de « {name} » depuis un an. Les associations qui la lisent voient cette date.",
                    name,
                )
                .into(),
        ],
        action: Action {
            label: texts.tr("Confirmer que tout est à jour"),
            link: mail.link,
        },
        after,
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// A structure that did not answer.
#[derive(Debug, Clone, Copy)]
pub struct HostArchived<'a> {
    /// The contact of the structure, or a member.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    /// The link that brings it back, without sign-in.
    pub link: &'a Url,
}

/// The news that a profile is archived, and the link that brings it back.
pub fn host_archived(texts: Texts, mail: &HostArchived<'_>) -> Message {
    let name = [("name", mail.name)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Fiche archivée : {name}", name),
        before: vec![
            texts
                .trf("Nous n’avons pas eu de nouvelles de « {name} » depuis un an, malgré nos rappels. Sa fiche a quitté l’annuaire.", name)
                .into(),
            texts.tr("Rien n’est effacé.").into(),
        ],
        action: Action {
            label: texts.tr("Confirmer et revenir"),
            link: mail.link,
        },
        after: Vec::new(),
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// The monthly question.
#[derive(Debug, Clone, Copy)]
pub struct HostCapacity<'a> {
    /// The contact of the structure, or a member.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    /// The page that answers, without sign-in.
    pub link: &'a Url,
}

/// The question whether a structure takes new requests.
pub fn host_capacity(texts: Texts, mail: &HostCapacity<'_>) -> Message {
    let name = [("name", mail.name)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{name} prend-elle de nouvelles demandes ?", name),
        before: vec![
            texts
                .trf("« {name} » peut-elle accompagner de nouvelles associations ce mois-ci ? Oui, non, ou à partir d’un mois que vous choisissez.", name)
                .into(),
        ],
        action: Action {
            label: texts.tr("Répondre en un clic"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Sans réponse, l’annuaire continue d’afficher ce que vous avez dit la dernière fois, avec sa date.")
                .into(),
        ],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// A profile made from public facts.
#[derive(Debug, Clone, Copy)]
pub struct HostImported<'a> {
    /// The contact of the structure.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Name of the structure.
    pub name: &'a str,
    /// The link that takes it over.
    pub link: &'a Url,
}

/// The news that a profile was prepared, and the link that takes it over.
pub fn host_imported(texts: Texts, mail: &HostImported<'_>) -> Message {
    let name = [("name", mail.name)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Une fiche est prête pour {name}", name),
        before: vec![
            texts
                .trf("Nous avons préparé une fiche pour « {name} » à partir d’informations publiques. Personne ne la voit : elle ne paraîtra que si vous la reprenez et la complétez.", name)
                .into(),
        ],
        action: Action {
            label: texts.tr("Reprendre cette fiche"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Si vous n’en voulez pas, vous n’avez rien à faire. Vous pouvez aussi nous demander de l’effacer.")
                .into(),
        ],
        reason: texts.trf(
            "Vous recevez ce message, une seule fois, parce que cette adresse est celle que la structure publie. Le site : {site}.",
            [("site", mail.site.name)],
        ),
        list_unsubscribe: None,
    }
    .write()
}
