use chrono::{DateTime, Utc};
use url::Url;

use super::{Action, Letter, Message, Site};
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
