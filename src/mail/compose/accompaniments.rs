use chrono::{DateTime, NaiveDate, Utc};
use url::Url;

use super::{Action, Block, Letter, Message, Site};
use crate::locales::Texts;

/// Why people of both sides receive these mails.
fn reason(texts: Texts, site: Site<'_>) -> String {
    texts.trf(
        "Vous recevez ce message parce qu’un accompagnement de votre organisation est suivi sur {site}.",
        [("site", site.name)],
    )
}

fn no_account(texts: Texts) -> Block {
    texts
        .tr("Vous n’avez pas besoin de compte. Ce lien est personnel : ne le transmettez qu’à une personne de votre organisation.")
        .into()
}

/// One side declared an accompaniment.
#[derive(Debug, Clone, Copy)]
pub struct AccompanimentDeclared<'a> {
    /// Somebody of the other side.
    pub to: &'a str,
    pub site: Site<'a>,
    /// The organisation that declared it.
    pub declared_by: &'a str,
    pub started_on: NaiveDate,
    pub ended_on: Option<NaiveDate>,
    /// What was done, as they describe it; may be empty.
    pub text: &'a str,
    /// The page that confirms it.
    pub link: &'a Url,
}

/// The question whether an accompaniment took place.
pub fn accompaniment_declared(texts: Texts, mail: &AccompanimentDeclared<'_>) -> Message {
    let start = texts.day(mail.started_on);
    let fact = match mail.ended_on {
        Some(end) => texts.trf(
            "{organisation} indique un accompagnement avec vous, du {start} au {end}.",
            [
                ("organisation", mail.declared_by),
                ("start", &start),
                ("end", &texts.day(end)),
            ],
        ),
        None => texts.trf(
            "{organisation} indique un accompagnement avec vous, commencé le {start}.",
            [("organisation", mail.declared_by), ("start", &start)],
        ),
    };
    let mut before = vec![fact.into()];
    if !mail.text.is_empty() {
        before.push(Block::quote(mail.text));
    }
    before.push(
        texts
            .tr("Est-ce exact ? Rien n’est public : votre réponse sert seulement à le savoir.")
            .into(),
    );
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf(
            "Un accompagnement avec {organisation} : est-ce exact ?",
            [("organisation", mail.declared_by)],
        ),
        before,
        action: Action {
            label: texts.tr("Confirmer, ou dire que c’est faux"),
            link: mail.link,
        },
        after: vec![no_account(texts)],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// What the other side said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccompanimentNews {
    /// It took place.
    Confirmed,
    /// It did not.
    Declined,
    /// It ended: the reader is asked to confirm.
    Ended,
    /// Both sides confirmed the end.
    Finished,
    /// It stopped without result.
    Abandoned,
}

/// The other side said something.
#[derive(Debug, Clone, Copy)]
pub struct AccompanimentNewsMail<'a> {
    pub to: &'a str,
    pub site: Site<'a>,
    pub news: AccompanimentNews,
    /// The organisation that said it.
    pub by: &'a str,
    pub ended_on: Option<NaiveDate>,
    /// Its page.
    pub link: &'a Url,
}

/// What the other side said of an accompaniment.
pub fn accompaniment_news(texts: Texts, mail: &AccompanimentNewsMail<'_>) -> Message {
    let end = mail.ended_on.map(|day| texts.day(day)).unwrap_or_default();
    let names = [("organisation", mail.by), ("end", end.as_str())];
    let (subject, fact, label) = match mail.news {
        AccompanimentNews::Confirmed => (
            texts.trf("{organisation} confirme l’accompagnement", names),
            texts.trf("{organisation} confirme que l’accompagnement a lieu. Le moment venu, dites ici qu’il est terminé.", names),
            texts.tr("Voir l’accompagnement"),
        ),
        AccompanimentNews::Declined => (
            texts.trf("{organisation} ne reconnaît pas l’accompagnement", names),
            texts.trf("{organisation} répond que cet accompagnement n’a pas eu lieu. Rien n’en sera montré.", names),
            texts.tr("Voir l’accompagnement"),
        ),
        AccompanimentNews::Ended => (
            texts.trf("L’accompagnement avec {organisation} est-il terminé ?", names),
            texts.trf("{organisation} indique que l’accompagnement s’est terminé le {end}. Est-ce exact ?", names),
            texts.tr("Confirmer la fin"),
        ),
        AccompanimentNews::Finished => (
            texts.trf("{organisation} confirme la fin de l’accompagnement", names),
            texts.trf("{organisation} confirme que l’accompagnement est terminé depuis le {end}. Nous l’invitons à écrire une recommandation.", names),
            texts.tr("Voir l’accompagnement"),
        ),
        AccompanimentNews::Abandoned => (
            texts.trf("L’accompagnement avec {organisation} s’arrête", names),
            texts.trf("{organisation} indique que l’accompagnement s’est arrêté sans aboutir. Rien n’en sera montré.", names),
            texts.tr("Voir l’accompagnement"),
        ),
    };
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject,
        before: vec![fact.into()],
        action: Action {
            label,
            link: mail.link,
        },
        after: Vec::new(),
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// An association may recommend the structure that accompanied it.
#[derive(Debug, Clone, Copy)]
pub struct RecommendationInvitation<'a> {
    pub to: &'a str,
    pub site: Site<'a>,
    pub structure: &'a str,
    pub association: &'a str,
    /// The form.
    pub link: &'a Url,
}

/// The invitation to recommend.
pub fn recommendation_invitation(texts: Texts, mail: &RecommendationInvitation<'_>) -> Message {
    let names = [
        ("structure", mail.structure),
        ("association", mail.association),
    ];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Recommandez-vous {structure} ?", names),
        before: vec![
            texts
                .trf("{structure} a accompagné {association}. C’est terminé, et vous l’avez confirmé.", names)
                .into(),
            texts
                .tr("Recommandez-vous cette structure ? Six questions, huit minutes, depuis un téléphone. Votre brouillon est gardé. Votre réponse aide les associations qui cherchent de l’aide.")
                .into(),
        ],
        action: Action {
            label: texts.tr("Écrire la recommandation"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Cela s’est mal passé ? La même page permet de le dire à la médiation, sans rien publier.")
                .into(),
            no_account(texts),
        ],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// A recommendation ends soon.
#[derive(Debug, Clone, Copy)]
pub struct RecommendationExpiring<'a> {
    pub to: &'a str,
    pub site: Site<'a>,
    pub structure: &'a str,
    pub expires: DateTime<Utc>,
    /// The page that says that it is still true.
    pub link: &'a Url,
}

/// The reminder that a recommendation ends.
pub fn recommendation_expiring(texts: Texts, mail: &RecommendationExpiring<'_>) -> Message {
    let date = texts.date(mail.expires);
    let facts = [("structure", mail.structure), ("date", date.as_str())];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Recommandez-vous toujours {structure} ?", facts),
        before: vec![
            texts
                .trf("Votre recommandation de {structure} cesse de compter le {date}.", facts)
                .into(),
            texts
                .tr("Si elle est toujours vraie, un bouton suffit pour la prolonger. Une équipe la relit.")
                .into(),
        ],
        action: Action {
            label: texts.tr("Dire qu’elle est toujours vraie"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Sinon, vous n’avez rien à faire. Vous pouvez aussi changer le texte, ou le retirer.")
                .into(),
        ],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// A structure replied to a recommendation.
#[derive(Debug, Clone, Copy)]
pub struct RecommendationReplied<'a> {
    pub to: &'a str,
    pub site: Site<'a>,
    pub structure: &'a str,
    /// Markdown, as typed.
    pub reply: &'a str,
    pub link: &'a Url,
}

/// The reply of a structure.
pub fn recommendation_replied(texts: Texts, mail: &RecommendationReplied<'_>) -> Message {
    let names = [("structure", mail.structure)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{structure} répond à votre recommandation", names),
        before: vec![
            texts
                .trf("{structure} a répondu sous votre recommandation :", names)
                .into(),
            Block::quote(mail.reply),
        ],
        action: Action {
            label: texts.tr("Voir ma recommandation"),
            link: mail.link,
        },
        after: Vec::new(),
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// An association took its recommendation back.
#[derive(Debug, Clone, Copy)]
pub struct RecommendationWithdrawn<'a> {
    /// Somebody of the structure.
    pub to: &'a str,
    pub site: Site<'a>,
    pub association: &'a str,
    /// What its page says instead.
    pub motive: &'a str,
    pub link: &'a Url,
}

/// The news that a recommendation is withdrawn.
pub fn recommendation_withdrawn(texts: Texts, mail: &RecommendationWithdrawn<'_>) -> Message {
    let names = [("association", mail.association)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{association} retire sa recommandation", names),
        before: vec![
            texts
                .trf("{association} a retiré sa recommandation, avec ces mots :", names)
                .into(),
            Block::quote(mail.motive),
        ],
        action: Action {
            label: texts.tr("Voir l’accompagnement"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Elle ne compte plus pour votre présence dans l’annuaire. Si c’était la dernière, un autre message vous dit ce qui suit.")
                .into(),
        ],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// Somebody asks to talk about a recommendation.
#[derive(Debug, Clone, Copy)]
pub struct CallRequestMail<'a> {
    /// Somebody of the association that recommends.
    pub to: &'a str,
    pub site: Site<'a>,
    /// Who asks, and for which association.
    pub name: &'a str,
    pub organisation: &'a str,
    /// What is recommended.
    pub structure: &'a str,
    pub message: &'a str,
    /// The page that answers.
    pub link: &'a Url,
}

/// The request of a peer.
pub fn call_request(texts: Texts, mail: &CallRequestMail<'_>) -> Message {
    let names = [
        ("name", mail.name),
        ("organisation", mail.organisation),
        ("structure", mail.structure),
    ];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{organisation} aimerait vous parler de {structure}", names),
        before: vec![
            texts
                .trf("Vous recommandez {structure}, et vous acceptez d’en parler. {name}, de {organisation}, vous écrit :", names)
                .into(),
            Block::quote(mail.message),
        ],
        action: Action {
            label: texts.tr("Répondre"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Votre adresse n’est pas montrée : vous choisissez ce que vous donnez dans votre réponse. Vous pouvez aussi ne pas répondre.")
                .into(),
        ],
        reason: reason(texts, mail.site),
        list_unsubscribe: None,
    }
    .write()
}

/// The association answered.
#[derive(Debug, Clone, Copy)]
pub struct CallAnswer<'a> {
    /// Who asked.
    pub to: &'a str,
    pub site: Site<'a>,
    pub association: &'a str,
    pub answer: &'a str,
    /// The recommendation.
    pub link: &'a Url,
}

/// The answer to a request to talk.
pub fn call_answer(texts: Texts, mail: &CallAnswer<'_>) -> Message {
    let names = [("association", mail.association)];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{association} vous répond", names),
        before: vec![
            texts
                .trf("{association} répond à votre demande :", names)
                .into(),
            Block::quote(mail.answer),
        ],
        action: Action {
            label: texts.tr("Relire sa recommandation"),
            link: mail.link,
        },
        after: Vec::new(),
        reason: texts.trf(
            "Vous recevez ce message parce que vous avez écrit à cette association depuis {site}.",
            [("site", mail.site.name)],
        ),
        list_unsubscribe: None,
    }
    .write()
}
