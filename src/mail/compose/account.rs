use chrono::{DateTime, Utc};
use url::Url;

use super::{Action, Block, Letter, Message, Site};
use crate::locales::Texts;

/// Somebody asked to sign in.
#[derive(Debug, Clone, Copy)]
pub struct SignInLink<'a> {
    /// The address that was typed.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The single-use link.
    pub link: &'a Url,
    /// How long the link works, in minutes.
    pub minutes: u64,
}

/// The link that signs in its reader, once.
pub fn sign_in_link(texts: Texts, mail: &SignInLink<'_>) -> Message {
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.tr("Votre lien de connexion").to_owned(),
        before: vec![
            texts
                .trf("Vous avez demandé à vous connecter à {site}.", [("site", mail.site.name)])
                .into(),
        ],
        action: Action {
            label: texts.tr("Me connecter"),
            link: mail.link,
        },
        after: vec![
            texts
                .trn(
                    "Ce lien est valable {n} minute. Il ne sert qu’une fois.",
                    "Ce lien est valable {n} minutes. Il ne sert qu’une fois.",
                    mail.minutes,
                )
                .into(),
            texts
                .tr("Si vous n’avez rien demandé, ignorez ce message : sans ce lien, personne ne se connecte à votre place.")
                .into(),
        ],
        reason: texts.trf(
            "Vous recevez ce message parce que votre adresse a été saisie sur {site}.",
            [("site", mail.site.name)],
        ),
        list_unsubscribe: None,
    }
    .write()
}

/// What became of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordNews {
    /// The account had none.
    Added,
    /// Another takes its place.
    Replaced,
    /// Only links sent by mail sign in.
    Removed,
}

/// The password of an account is not what it was.
#[derive(Debug, Clone, Copy)]
pub struct PasswordChanged<'a> {
    /// The address of the account.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// What happened.
    pub news: PasswordNews,
    /// When.
    pub at: DateTime<Utc>,
    /// The page that sets a password.
    pub link: &'a Url,
}

/// The news that a password changed, and what to do for who did not change it.
pub fn password_changed(texts: Texts, mail: &PasswordChanged<'_>) -> Message {
    let date = texts.date_time(mail.at);
    let facts = [("date", date.as_str()), ("site", mail.site.name)];
    let (subject, fact) = match mail.news {
        PasswordNews::Added => (
            texts.tr("Un mot de passe a été ajouté à votre compte"),
            texts.trf("Le {date}, une personne connectée à votre compte sur {site} y a ajouté un mot de passe.", facts),
        ),
        PasswordNews::Replaced => (
            texts.tr("Votre mot de passe a été changé"),
            texts.trf("Le {date}, une personne connectée à votre compte sur {site} en a changé le mot de passe.", facts),
        ),
        PasswordNews::Removed => (
            texts.tr("Votre mot de passe a été retiré"),
            texts.trf("Le {date}, une personne connectée à votre compte sur {site} en a retiré le mot de passe. Il faut maintenant un lien reçu par e-mail pour se connecter.", facts),
        ),
    };
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: subject.to_owned(),
        before: vec![
            fact.into(),
            texts
                .tr("Les autres appareils ont été déconnectés. Si c’est vous, vous n’avez rien à faire.")
                .into(),
        ],
        action: Action {
            label: texts.tr("Choisir un autre mot de passe"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Si ce n’est pas vous, connectez-vous avec un lien reçu par e-mail et choisissez aussitôt un autre mot de passe : tous les autres appareils seront déconnectés. Vérifiez aussi que personne d’autre ne lit vos e-mails.")
                .into(),
        ],
        reason: texts.trf(
            "Vous recevez ce message parce que le mot de passe de votre compte sur {site} a changé.",
            facts,
        ),
        list_unsubscribe: None,
    }
    .write()
}

/// A member invites somebody to act for an organisation.
#[derive(Debug, Clone, Copy)]
pub struct OrganisationInvitation<'a> {
    /// The invited address.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// The name of the organisation.
    pub organisation: &'a str,
    /// The name of the member who invites.
    pub invited_by: &'a str,
    /// The proposed role, named in the language of the mail.
    pub role: &'a str,
    /// Until when it can be accepted.
    pub valid_until: DateTime<Utc>,
    /// The page that accepts or declines, without an account.
    pub link: &'a Url,
}

/// The invitation to act for an organisation.
pub fn organisation_invitation(texts: Texts, mail: &OrganisationInvitation<'_>) -> Message {
    let names = [
        ("person", mail.invited_by),
        ("organisation", mail.organisation),
    ];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("{person} vous invite à rejoindre {organisation}", names),
        before: vec![
            texts
                .trf(
                    "{person} vous invite à agir pour {organisation} sur {site}.",
                    [
                        ("person", mail.invited_by),
                        ("organisation", mail.organisation),
                        ("site", mail.site.name),
                    ],
                )
                .into(),
            texts
                .trf("Rôle proposé : {role}.", [("role", mail.role)])
                .into(),
        ],
        action: Action {
            label: texts.tr("Voir l’invitation"),
            link: mail.link,
        },
        after: vec![
            texts
                .trf(
                    "L’invitation est valable jusqu’au {date}. Vous pouvez l’accepter, la refuser ou l’ignorer.",
                    [("date", &texts.date(mail.valid_until))],
                )
                .into(),
        ],
        reason: texts.trf(
            "Vous recevez ce message car {person} a donné votre adresse pour vous inviter.",
            names,
        ),
        list_unsubscribe: None,
    }
    .write()
}

/// A moderator verified an organisation.
#[derive(Debug, Clone, Copy)]
pub struct OrganisationVerified<'a> {
    /// An administrator of the organisation.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Its name, as it was verified.
    pub organisation: &'a str,
    /// Its page.
    pub link: &'a Url,
}

/// The news that the organisation is verified.
pub fn organisation_verified(texts: Texts, mail: &OrganisationVerified<'_>) -> Message {
    let names = [
        ("organisation", mail.organisation),
        ("site", mail.site.name),
    ];
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Organisation vérifiée : {organisation}", names),
        before: vec![
            texts
                .trf("L’équipe de modération a vérifié {organisation}.", names)
                .into(),
            texts
                .tr("La mention « organisation vérifiée » s’affiche maintenant sur sa page et sur ses annonces.")
                .into(),
        ],
        action: Action {
            label: texts.tr("Voir la page de l’organisation"),
            link: mail.link,
        },
        after: vec![
            texts
                .tr("Si vous changez le nom de l’organisation, une nouvelle vérification sera nécessaire.")
                .into(),
        ],
        reason: texts.trf(
            "Vous recevez ce message parce que vous administrez {organisation} sur {site}.",
            names,
        ),
        list_unsubscribe: None,
    }
    .write()
}

/// A moderator took the verification of an organisation back.
#[derive(Debug, Clone, Copy)]
pub struct VerificationWithdrawn<'a> {
    /// An administrator of the organisation.
    pub to: &'a str,
    /// Where.
    pub site: Site<'a>,
    /// Its name.
    pub organisation: &'a str,
    /// What the moderator gives as a reason.
    pub motive: &'a str,
    /// Where people write to a human; may be empty.
    pub contact: &'a str,
    /// Where its members change it.
    pub link: &'a Url,
}

/// The news that the organisation is not verified any more, and why.
pub fn verification_withdrawn(texts: Texts, mail: &VerificationWithdrawn<'_>) -> Message {
    let names = [
        ("organisation", mail.organisation),
        ("site", mail.site.name),
    ];
    let mut after = vec![
        texts
            .tr("La mention « organisation vérifiée » ne s’affiche plus sur sa page ni sur ses annonces. Ses annonces restent en ligne.")
            .into(),
        texts
            .tr("Si quelque chose est inexact, corrigez-le : l’équipe pourra vérifier l’organisation à nouveau.")
            .into(),
    ];
    if !mail.contact.is_empty() {
        let contact = [("email", mail.contact)];
        let contest = texts.trf(
            "Pour contester cette décision ou envoyer un justificatif, écrivez à {email}.",
            contact,
        );
        after.push(contest.into());
    }
    Letter {
        texts,
        site: mail.site,
        to: mail.to,
        subject: texts.trf("Vérification retirée : {organisation}", names),
        before: vec![
            texts
                .trf(
                    "L’équipe de modération a retiré la vérification de {organisation}. Voici pourquoi :",
                    names,
                )
                .into(),
            Block::quote(mail.motive),
        ],
        action: Action {
            label: texts.tr("Voir ou corriger l’organisation"),
            link: mail.link,
        },
        after,
        reason: texts.trf(
            "Vous recevez ce message parce que vous administrez {organisation} sur {site}.",
            names,
        ),
        list_unsubscribe: None,
    }
    .write()
}
