//! What people read when something is not possible: what happened, and what to do next.

use askama::Template;
use chrono::{DateTime, Utc};

use super::page::{Link, Page};
use super::paths;

/// Why a page cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// 400: the request cannot be understood; the sentence says why, and may be empty.
    BadRequest(String),
    /// 403: signed in or not, this person may not; the sentence says why, and may be empty.
    Forbidden(String),
    /// 403: the token of the form is missing, wrong or too old.
    StaleForm,
    /// 403: another site made the browser send this.
    ForeignForm,
    /// 404.
    NotFound,
    /// 405: this address does not answer to this method.
    MethodNotAllowed,
    /// 409: somebody else was faster, or it is too late; the sentence says why.
    Conflict(String),
    /// 410: it was here, and was withdrawn at this instant.
    Gone {
        /// When it was withdrawn.
        withdrawn_at: DateTime<Utc>,
    },
    /// 413: what was sent is too large; the limit in mebibytes.
    TooLarge {
        /// The limit, in mebibytes.
        limit_mib: u64,
    },
    /// 413: more text than a form takes.
    TooMuchText,
    /// 421: this address was asked under a name that is not ours (RFC 9110 §15.5.20).
    Misdirected,
    /// 429: too many requests; seconds to wait.
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 500.
    Internal,
    /// 503: stopped for a moment.
    Unavailable,
}

impl Problem {
    /// The HTTP status code.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::Forbidden(_) | Self::StaleForm | Self::ForeignForm => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict(_) => 409,
            Self::Gone { .. } => 410,
            Self::TooLarge { .. } | Self::TooMuchText => 413,
            Self::Misdirected => 421,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// The page of any problem.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    page: Page,
    icon: &'static str,
    what: String,
    details: String,
    next_step: String,
    links: Vec<Link>,
    code_text: String,
    request_id: String,
}

impl ErrorPage {
    /// The page of a problem. `request_id` is shown, so that people can quote it.
    pub fn new(page: Page, problem: &Problem, request_id: &str) -> Self {
        let words = words(&page, problem);
        let t = page.t;
        let links = match problem {
            Problem::Forbidden(_) if page.person.is_none() => vec![
                Link::new(t.tr("Se connecter"), paths::SIGN_IN),
                Link::new(t.tr("Retour à l’accueil"), paths::HOME),
            ],
            Problem::NotFound | Problem::Gone { .. } => vec![
                Link::new(t.tr("Voir les petites annonces"), paths::ADS),
                Link::new(t.tr("Plan du site"), paths::SITE_MAP),
            ],
            Problem::Misdirected => {
                let public_url = format!("{}/", page.site.public_url);
                vec![Link::new(t.tr("Aller à la bonne adresse"), public_url)]
            }
            _ => vec![Link::new(t.tr("Retour à l’accueil"), paths::HOME)],
        };
        Self {
            page: page.titled(words.title).unlisted(),
            icon: words.icon,
            what: words.what,
            details: words.details,
            next_step: words.next_step.to_owned(),
            links,
            code_text: problem.status().to_string(),
            request_id: request_id.to_owned(),
        }
    }
}

struct Words {
    title: &'static str,
    icon: &'static str,
    what: String,
    details: String,
    next_step: &'static str,
}

#[expect(clippy::too_many_lines, reason = "one arm for each problem")]
fn words(page: &Page, problem: &Problem) -> Words {
    let t = page.t;
    let (title, icon, what, next_step): (_, _, String, _) = match problem {
        Problem::BadRequest(_) => (
            t.tr("Demande incomprise"),
            "circle-alert",
            t.tr("Nous n’avons pas compris ce qui nous a été envoyé.").into(),
            t.tr("Revenez à la page précédente et essayez encore."),
        ),
        Problem::Forbidden(_) => (
            t.tr("Accès réservé"),
            "ban",
            t.tr("Cette page ou cette action n’est pas ouverte à tout le monde.").into(),
            t.tr("Connectez-vous avec un compte qui y a droit, ou demandez à une personne qui administre votre organisation."),
        ),
        Problem::StaleForm => (
            t.tr("Formulaire trop ancien"),
            "clock",
            t.tr("Ce formulaire est resté ouvert trop longtemps, ou dans un autre onglet. Rien n’a été enregistré.").into(),
            t.tr("Revenez à la page précédente, rechargez-la et envoyez de nouveau. Votre navigateur garde en général ce que vous aviez écrit."),
        ),
        Problem::ForeignForm => (
            t.tr("Envoi refusé"),
            "ban",
            t.tr("Cette demande a été préparée par un autre site, pas par nos pages. Rien n’a été enregistré.").into(),
            t.tr("Si vous vouliez vraiment faire cela, ouvrez la page sur ce site et envoyez de nouveau."),
        ),
        Problem::Conflict(_) => (
            t.tr("La situation a changé"),
            "clock",
            t.tr("Ce que vous demandez n’est plus possible en l’état. Rien n’a été enregistré.").into(),
            t.tr("Revenez à la page précédente et rechargez-la pour voir où les choses en sont."),
        ),
        Problem::NotFound => (
            t.tr("Page introuvable"),
            "search",
            t.tr("Il n’y a rien à cette adresse.").into(),
            t.tr("Vérifiez l’adresse. Vous pouvez aussi chercher dans les petites annonces."),
        ),
        Problem::MethodNotAllowed => (
            t.tr("Action impossible"),
            "ban",
            t.tr("Cette adresse ne permet pas cette action.").into(),
            t.tr("Revenez à la page précédente et utilisez ses boutons."),
        ),
        Problem::Gone { withdrawn_at } => (
            t.tr("Contenu retiré"),
            "file-text",
            t.trf("Ce contenu a été retiré le {date}.", [("date", &t.date(*withdrawn_at))]),
            t.tr("D’autres annonces parlent peut-être du même besoin."),
        ),
        Problem::TooLarge { limit_mib } => (
            t.tr("Envoi trop lourd"),
            "upload",
            t.trf("Ce que vous envoyez dépasse {limit} Mo.", [("limit", &t.number(*limit_mib))]),
            t.tr("Choisissez une image plus légère, puis envoyez de nouveau."),
        ),
        Problem::TooMuchText => (
            t.tr("Texte trop long"),
            "file-text",
            t.tr("Ce que vous envoyez est trop long pour ce formulaire.").to_owned(),
            t.tr("Revenez en arrière : ce que vous avez écrit s’y trouve encore. Raccourcissez-le, puis envoyez de nouveau."),
        ),
        Problem::Misdirected => (
            t.tr("Mauvaise adresse"),
            "external-link",
            t.tr("Ce site ne répond pas sous ce nom.").into(),
            t.tr("Utilisez son adresse officielle."),
        ),
        Problem::TooMany { retry_after } => (
            t.tr("Un peu de patience"),
            "clock",
            t.tr("Trop de demandes sont arrivées depuis votre connexion.").into(),
            wait(page, *retry_after),
        ),
        Problem::Internal => (
            t.tr("Panne de notre côté"),
            "life-buoy",
            t.tr("Une erreur s’est produite. Elle ne vient pas de vous, et elle est enregistrée.").into(),
            t.tr("Essayez encore dans quelques minutes. Si la panne dure, écrivez-nous en donnant la référence ci-dessous."),
        ),
        Problem::Unavailable => (
            t.tr("De retour dans un instant"),
            "settings",
            t.tr("Le site est arrêté quelques minutes pour son entretien.").into(),
            t.tr("Rechargez la page un peu plus tard. Rien n’est perdu."),
        ),
    };
    let details = match problem {
        Problem::BadRequest(reason) | Problem::Forbidden(reason) | Problem::Conflict(reason) => {
            reason.clone()
        }
        Problem::TooMany { retry_after } if *retry_after > 0 => t.trn(
            "Délai : {n} seconde.",
            "Délai : {n} secondes.",
            *retry_after,
        ),
        _ => String::new(),
    };
    Words {
        title,
        icon,
        what,
        details,
        next_step,
    }
}

fn wait(page: &Page, seconds: u64) -> &'static str {
    if seconds <= 60 {
        page.t.tr("Attendez une minute, puis essayez encore.")
    } else {
        page.t.tr("Attendez un peu, puis essayez encore.")
    }
}
