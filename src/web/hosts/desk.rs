//! The page of a structure for its members: where it stands, what remains to be done, what it says.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{find, open, to_desk, values};
use crate::{
    app::{
        AppError,
        hosts::{
            Desk,
            capacity::{self, CapacityInput},
            confirmation, submission,
        },
    },
    domain::{
        host::{
            Capacity, Host, HostField, HostReview, HostState, HostStep, Offer, SourcedProfile,
            host_path,
        },
        problem::Problems,
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::view::paragraphs,
        components::{Badge, Choice, Fact, TimelineEntry, When},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
    },
};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::HOST_DESK, get(show))
        .route(paths::HOST_SUBMISSION, post(submit))
        .route(paths::HOST_TAKING_BACK, post(take_back))
        .route(paths::HOST_ANSWER, post(answer))
        .route(paths::HOST_CAPACITY, post(say_capacity))
        .route(paths::HOST_CONFIRMATION, post(confirm))
}

/// `/compte/structure/{handle}`
#[derive(Debug, Template)]
#[template(path = "hosts/desk.html")]
pub struct DeskPage {
    pub page: Page,
    pub handle: String,
    pub state: HostState,
    pub badge: Badge,
    /// `false` for a moderator who is no member.
    pub is_member: bool,
    /// What a listing needs, done or not.
    pub steps: Vec<Step>,
    pub facts: Vec<Fact>,
    /// What each field says, and where it comes from.
    pub fields: Vec<FieldEntry>,
    pub offers: Vec<OfferEntry>,
    pub conversation: Vec<TimelineEntry>,
    /// Shown on the public page while it is suspended.
    pub suspension_motive: String,
    /// Whether readers find it in the directory.
    pub is_listed: bool,
    /// `capacity`, `from`; `answer`.
    pub form: Form,
    pub capacities: Vec<Choice>,
}

/// One line of the checklist.
#[derive(Debug)]
pub struct Step {
    pub label: String,
    /// What is missing; empty when it is done.
    pub missing: String,
    /// Where it is done.
    pub href: String,
    /// Where one learns what is missing; empty for nowhere.
    pub help: String,
}

impl Step {
    fn is_done(&self) -> bool {
        self.missing.is_empty()
    }
}

/// A field of the profile.
#[derive(Debug)]
pub struct FieldEntry {
    pub name: &'static str,
    /// HTML made of plain text.
    pub value: String,
    /// Where it comes from and when; empty when it was never given.
    pub source: String,
}

/// An offer in the list.
#[derive(Debug)]
pub struct OfferEntry {
    pub name: String,
    pub href: String,
    /// Its lines, in words.
    pub lines: String,
    pub is_all_in_one: bool,
}

impl DeskPage {
    pub(super) fn new(visitor: &Visitor, desk: &Desk, form: Form) -> Result<Self, AppError> {
        let t = visitor.t;
        let host = &desk.host;
        let page = visitor.page_with_form(desk.organisation.name.clone())?;
        let page = page.under(t.tr("Mon espace"), paths::ACCOUNT).unlisted();
        let capacities = Capacity::ALL.iter();
        Ok(Self {
            handle: host.handle.clone(),
            state: host.state,
            badge: badge_of(t, host),
            is_member: desk.role.is_some(),
            steps: checklist(t, desk),
            facts: facts(t, &page.site.public_url, host),
            fields: fields(t, &desk.sourced),
            offers: desk
                .offers
                .iter()
                .map(|offer| entry(t, host, offer))
                .collect(),
            conversation: conversation(t, &desk.conversation),
            suspension_motive: paragraphs(&host.suspension_motive),
            is_listed: host.listing.standing.is_in_directory(),
            form,
            capacities: capacities
                .map(|it| Choice::new(it.as_str(), t.host_capacity(*it)))
                .collect(),
            page,
        })
    }

    fn link(&self, route: &str) -> String {
        paths::at(route, [&self.handle])
    }

    fn is_complete(&self) -> bool {
        self.steps.iter().all(Step::is_done)
    }

    fn may_submit(&self) -> bool {
        self.is_member && self.state.may_become(HostState::Submitted)
    }

    fn may_edit(&self) -> bool {
        self.is_member && self.state != HostState::Submitted
    }

    fn may_confirm(&self) -> bool {
        self.is_member && matches!(self.state, HostState::Accepted | HostState::Archived)
    }
}

/// Where a structure stands, in words.
pub(in crate::web) fn badge_of(t: Texts, host: &Host) -> Badge {
    let (tone, icon) = match host.state {
        HostState::Draft => (Tone::Note, "pencil"),
        HostState::Submitted => (Tone::Note, "clock"),
        HostState::Refused => (Tone::Warning, "circle-alert"),
        HostState::Accepted => (Tone::Success, "circle-check"),
        HostState::Suspended => (Tone::Problem, "ban"),
        HostState::Archived => (Tone::Warning, "history"),
    };
    Badge {
        tone,
        icon,
        label: t.host_state(host.state).to_owned(),
    }
}

/// What moderators ask for, in the order in which one does it.
fn checklist(t: Texts, desk: &Desk) -> Vec<Step> {
    let handle = &desk.host.handle;
    let form = paths::at(paths::HOST_FORM, [handle]);
    let steps = [
        ("presentation", t.tr("Présenter la structure")),
        ("roles", t.tr("Dire ce qu’elle fait")),
        ("territories", t.tr("Dire où elle accompagne")),
        (
            "course",
            t.tr("Raconter comment se passe un accompagnement"),
        ),
        (
            "contact_email",
            t.tr("Donner une adresse de contact, jamais affichée"),
        ),
        (
            submission::ACCOMPANIMENT,
            t.tr("Décrire au moins une offre qui comprend un accompagnement"),
        ),
    ];
    let step = |(field, label): (&str, &str)| {
        let is_offer = field == submission::ACCOMPANIMENT;
        let missing = missing_of(t, &desk.missing, field);
        Step {
            label: label.to_owned(),
            help: if is_offer && !missing.is_empty() && !desk.offers.is_empty() {
                paths::TRAININGS.to_owned()
            } else {
                String::new()
            },
            missing,
            href: if is_offer {
                paths::at(paths::NEW_OFFER, [handle])
            } else {
                format!("{form}#{field}")
            },
        }
    };
    steps.into_iter().map(step).collect()
}

fn missing_of(t: Texts, missing: &Problems, field: &str) -> String {
    let mut missing = missing.iter();
    let found = missing.find(|(known, _)| *known == field);
    found
        .map(|(_, problem)| forms::sentence(t, problem))
        .unwrap_or_default()
}

fn facts(t: Texts, site: &str, host: &Host) -> Vec<Fact> {
    let authority = site.split_once("://").map_or(site, |(_, rest)| rest);
    let account = format!("@{}@{authority}", host.handle);
    let mut facts = vec![
        Fact::new(t.tr("Nom de compte"), account),
        Fact::new(t.tr("Commencée le"), t.date(host.created_at)),
    ];
    let dates = [
        (t.tr("Envoyée le"), host.submitted_at),
        (t.tr("Confirmée le"), host.confirmed_at),
        (t.tr("Dans l’annuaire depuis le"), host.listing.listed_since),
    ];
    for (name, instant) in dates {
        facts.extend(instant.map(|instant| Fact::new(name, t.date(instant))));
    }
    facts.push(Fact::new(t.tr("Disponibilité"), capacity_in_words(t, host)));
    if host.listing.standing.is_in_directory() {
        facts.push(Fact::linked(
            t.tr("Page publique"),
            t.tr("Voir la page de la structure"),
            host_path(&host.handle),
        ));
    }
    facts
}

/// « Ne prend pas de nouvelle demande, jusqu’en mars 2027 », and since when that is known.
pub(super) fn capacity_in_words(t: Texts, host: &Host) -> String {
    let said = match month_of(host.capacity_from.as_deref()) {
        Some(month) => t.trf(
            "Ne prend pas de nouvelle demande avant {month}",
            [("month", t.month(month))],
        ),
        None => t.host_capacity(host.capacity).to_owned(),
    };
    match host.capacity_said_at {
        Some(at) => t.trf(
            "{capacity} (dit le {date})",
            [("capacity", said), ("date", t.date(at))],
        ),
        None => said,
    }
}

fn month_of(month: Option<&str>) -> Option<chrono::NaiveDate> {
    let first = format!("{}-01", month?);
    first.parse().ok()
}

pub(in crate::web) fn fields(t: Texts, sourced: &SourcedProfile) -> Vec<FieldEntry> {
    let entries = HostField::ALL.iter().map(|field| FieldEntry {
        name: t.host_field(*field),
        value: paragraphs(&values::value_of(t, &sourced.profile, *field)),
        source: sourced
            .source_of(*field)
            .map(|source| values::source_of(t, source))
            .unwrap_or_default(),
    });
    entries.collect()
}

fn entry(t: Texts, host: &Host, offer: &Offer) -> OfferEntry {
    let lines = offer.lines.iter().map(|line| t.line_kind(line.kind));
    OfferEntry {
        name: offer.name.clone(),
        href: paths::at(paths::OFFER, [&host.handle, &offer.number.to_string()]),
        lines: lines.collect::<Vec<_>>().join(", "),
        is_all_in_one: offer.is_all_in_one(),
    }
}

/// What the structure and the moderators told each other, the oldest first.
pub fn conversation(t: Texts, steps: &[HostReview]) -> Vec<TimelineEntry> {
    let entry = |step: &HostReview| {
        let author = match step.author.as_str() {
            "" => t.tr("la modération"),
            name => name,
        };
        let by = [("author", author)];
        let (icon, title) = match step.step {
            HostStep::Submitted => ("arrow-right", t.trf("Envoyée par {author}", by)),
            HostStep::TakenBack => ("arrow-left", t.trf("Reprise par {author}", by)),
            HostStep::Accepted => ("circle-check", t.trf("Acceptée par {author}", by)),
            HostStep::Refused => ("circle-alert", t.trf("Refusée par {author}", by)),
            HostStep::Answered => ("message-circle", t.trf("Réponse de {author}", by)),
            HostStep::Suspended => ("ban", t.trf("Suspendue par {author}", by)),
            HostStep::Restored => ("circle-check", t.tr("Rétablie").to_owned()),
            HostStep::Archived => ("history", t.tr("Archivée, sans nouvelles").to_owned()),
        };
        TimelineEntry {
            when: When::moment(t, step.created_at),
            title,
            html: paragraphs(&step.motive),
            icon,
            anchor: String::new(),
        }
    };
    steps.iter().map(entry).collect()
}

/// The forms of the page, as they are before anything is typed.
fn forms_of(desk: &Desk) -> Form {
    Form::default()
        .with("capacity", desk.host.capacity.as_str())
        .with("from", desk.host.capacity_from.clone().unwrap_or_default())
}

/// `GET /compte/structure/{handle}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
) -> Result<Response, WebError> {
    let desk = open(&web, &visitor, &handle).await?;
    let form = forms_of(&desk);
    errors::shown(&DeskPage::new(&visitor, &desk, form)?)
}

/// What happened, or the page again with what is wrong.
async fn done(
    web: &Web,
    visitor: &Visitor,
    handle: &str,
    form: Form,
    outcome: Result<&'static str, AppError>,
) -> Result<Response, WebError> {
    match outcome {
        Ok(text) => {
            visitor.flash(Tone::Success, text);
            Ok(to_desk(handle))
        }
        Err(error) => {
            let mistakes = forms::mistakes(visitor.t, error)?;
            let desk = open(web, visitor, handle).await?;
            let mut page = DeskPage::new(visitor, &desk, form.refused(mistakes))?;
            page.page.has_errors = true;
            errors::refused(&page)
        }
    }
}

/// `POST /compte/structure/{handle}/envoi`
async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let sent = submission::submit(&web.app, &visitor.who, id, form.value("answer")).await;
    let text = visitor
        .t
        .tr("C’est envoyé. Vous recevrez la réponse de la modération par courriel.");
    done(&web, &visitor, &handle, form, sent.map(|()| text)).await
}

/// `POST /compte/structure/{handle}/retour`
async fn take_back(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let taken = submission::take_back(&web.app, &visitor.who, id).await;
    let text = visitor.t.tr("Vous pouvez de nouveau modifier la fiche.");
    done(&web, &visitor, &handle, form, taken.map(|()| text)).await
}

/// `POST /compte/structure/{handle}/reponse`
async fn answer(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let sent = submission::answer(&web.app, &visitor.who, id, form.value("answer")).await;
    let text = visitor.t.tr("Votre réponse est envoyée à la modération.");
    done(&web, &visitor, &handle, form, sent.map(|()| text)).await
}

/// `POST /compte/structure/{handle}/disponibilite`
async fn say_capacity(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let said = capacity::say(&web.app, &visitor.who, id, &capacity_of(&form)).await;
    let text = visitor.t.tr("C’est noté. Merci !");
    done(&web, &visitor, &handle, form, said.map(|_| text)).await
}

/// What was typed about capacity.
pub(super) fn capacity_of(form: &Form) -> CapacityInput {
    CapacityInput {
        capacity: form.value("capacity").to_owned(),
        from: form.value("from").to_owned(),
    }
}

/// `POST /compte/structure/{handle}/confirmation`
async fn confirm(
    State(web): State<Web>,
    visitor: Visitor,
    Path(handle): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let id = find(&web, &visitor, &handle).await?;
    let confirmed = confirmation::confirm(&web.app, &visitor.who, id).await;
    let text = visitor.t.tr("C’est noté : tout est à jour. Merci !");
    done(&web, &visitor, &handle, form, confirmed.map(|()| text)).await
}
