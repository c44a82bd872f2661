//! The page of an ad for its members: where it stands, what can be done, how it reads.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};

use super::{AdPath, to_workshop, writing};
use crate::{
    app::{
        AppError,
        ads::{
            life::{self, MilestoneInput},
            members::{self, Bench},
            publication::{self, Submission},
        },
    },
    domain::{
        ad::{Ad, AdState, Milestone, MilestoneKind},
        ids::AdId,
        moderation::{Review, ReviewStep},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        ads::{
            state_badge,
            summary::title_of,
            view::{AdView, paragraphs},
        },
        components::{Badge, Choice, Fact, TimelineEntry, When},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::WORKSHOP, get(show))
        .route(paths::AD_PUBLICATION, post(submit))
        .route(paths::AD_MILESTONES, post(add_milestone))
        .route(paths::AD_RENEWAL, post(renew))
}

/// `/compte/annonces/{id}`
#[derive(Debug, Template)]
#[template(path = "workshop/page.html")]
pub struct WorkshopPage {
    /// The layout.
    pub page: Page,
    /// Id of the ad.
    pub id: String,
    /// The organisation that publishes.
    pub organisation: String,
    /// Where the ad stands.
    pub state: AdState,
    /// The same, in words.
    pub badge: Badge,
    /// What the reader may do.
    pub rights: Rights,
    /// Whether a moderator reads it first.
    pub is_reviewed_first: bool,
    /// How readers see it.
    pub view: AdView,
    /// Dates, and where readers find it.
    pub facts: Vec<Fact>,
    /// What came of it; empty when nobody told.
    pub outcome: String,
    /// Whether it ended.
    pub is_ended: bool,
    /// Until when readers see it as open.
    pub expires: Option<When>,
    /// What the organisation and the moderators told each other.
    pub conversation: Vec<TimelineEntry>,
    /// What happened, latest first.
    pub milestones: Vec<TimelineEntry>,
    /// Replies that wait.
    pub waiting: u64,
    /// `kind`, `reached_on`, `text`.
    pub milestone: Form,
    /// What may be told now.
    pub steps: Vec<Choice>,
}

/// What a reader of the page may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// A member: everything that the state allows.
    Write,
    /// A moderator: nothing here.
    Read,
}

impl WorkshopPage {
    fn new(visitor: &Visitor, bench: &Bench, milestone: Form) -> Result<Self, AppError> {
        let t = visitor.t;
        let workshop = &bench.workshop;
        let ad = &workshop.ad;
        let milestones = workshop.milestones.iter().rev();
        let page = visitor.page_with_form(title_of(t, ad))?;
        Ok(Self {
            page: page.under(t.tr("Mon espace"), paths::ACCOUNT).unlisted(),
            id: ad.id.to_string(),
            organisation: workshop.organisation.name.clone(),
            state: ad.state,
            badge: state_badge(t, ad.state),
            rights: match workshop.role {
                Some(_) => Rights::Write,
                None => Rights::Read,
            },
            is_reviewed_first: bench.is_reviewed_first,
            view: AdView::new(t, &ad.content, workshop.image.as_ref()),
            facts: facts(t, ad),
            outcome: paragraphs(&ad.outcome),
            is_ended: ad.ended_at.is_some() && ad.state.is_public(),
            expires: ad.expires_at.map(|end| When::day(t, end)),
            conversation: conversation(t, &bench.conversation),
            milestones: milestones.map(|step| told(t, step)).collect(),
            waiting: u64::try_from(workshop.pending_comments).unwrap_or_default(),
            milestone,
            steps: steps(t, ad.state),
        })
    }

    /// The address of something that can be done about this ad.
    fn link(&self, route: &str) -> String {
        paths::at(route, [&self.id])
    }

    fn may_write(&self) -> bool {
        self.rights == Rights::Write
    }

    fn may_edit(&self) -> bool {
        self.may_write() && self.state.is_editable()
    }

    fn may_submit(&self) -> bool {
        self.may_write() && matches!(self.state, AdState::Draft | AdState::Refused)
    }

    fn may_renew(&self) -> bool {
        self.may_write() && (self.state.is_active() || self.state == AdState::Expired)
    }

    fn may_close(&self) -> bool {
        self.may_write() && MilestoneKind::Closed.may_follow(self.state)
    }

    fn may_withdraw(&self) -> bool {
        self.may_write() && self.state.may_become(AdState::Withdrawn)
    }
}

/// The steps that may be told from this state; closing has a page of its own.
fn steps(t: Texts, state: AdState) -> Vec<Choice> {
    MilestoneKind::ALL
        .iter()
        .filter(|kind| **kind != MilestoneKind::Closed && kind.may_follow(state))
        .map(|kind| {
            Choice::new(kind.as_str(), t.milestone_kind(*kind))
                .explained(t.milestone_kind_hint(*kind))
        })
        .collect()
}

fn facts(t: Texts, ad: &Ad) -> Vec<Fact> {
    let mut facts = vec![Fact::new(t.tr("Commencée le"), t.date(ad.created_at))];
    let dates = [
        (t.tr("Proposée le"), ad.submitted_at),
        (t.tr("Publiée le"), ad.published_at),
        (t.tr("Terminée le"), ad.ended_at),
    ];
    for (name, instant) in dates {
        facts.extend(instant.map(|instant| Fact::new(name, t.date(instant))));
    }
    if ad.state.is_active() {
        let end = ad
            .expires_at
            .map(|end| Fact::new(t.tr("Visible jusqu’au"), t.date(end)));
        facts.extend(end);
    }
    if let Some(address) = ad.address() {
        let path = format!("{}/{address}", paths::ADS);
        facts.push(Fact::linked(
            t.tr("Page publique"),
            t.tr("Voir l’annonce publiée"),
            path,
        ));
    }
    facts
}

/// What the organisation and the moderators told each other, the oldest first.
pub fn conversation(t: Texts, steps: &[Review]) -> Vec<TimelineEntry> {
    let entry = |step: &Review| {
        let author = match step.author.as_str() {
            "" => t.tr("la modération"),
            name => name,
        };
        let by = [("author", author)];
        let (icon, title) = match step.step {
            ReviewStep::Submitted => (
                "arrow-right",
                t.trf("Publication demandée par {author}", by),
            ),
            ReviewStep::Approved => ("circle-check", t.trf("Acceptée par {author}", by)),
            ReviewStep::Refused => ("circle-alert", t.trf("Refusée par {author}", by)),
            ReviewStep::Answered => ("message-circle", t.trf("Nouvelle demande de {author}", by)),
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

fn told(t: Texts, milestone: &Milestone) -> TimelineEntry {
    let icon = match milestone.kind {
        MilestoneKind::News => "megaphone",
        MilestoneKind::Gathering => "users",
        MilestoneKind::Agreed => "handshake",
        MilestoneKind::InDevelopment => "code",
        MilestoneKind::Delivered => "circle-check",
        MilestoneKind::Closed => "x",
    };
    TimelineEntry {
        when: When {
            machine: milestone.reached_on.to_string(),
            text: t.day(milestone.reached_on),
        },
        title: t.milestone_kind(milestone.kind).to_owned(),
        html: paragraphs(&milestone.text),
        icon,
        anchor: String::new(),
    }
}

/// `GET /compte/annonces/{id}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
) -> Result<Response, WebError> {
    let bench = members::show(&web.app, &visitor.who, id).await?;
    errors::shown(&WorkshopPage::new(&visitor, &bench, Form::default())?)
}

/// `POST /compte/annonces/{id}/publication`
async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    match publication::submit(&web.app, &visitor.who, id, form.value("answer")).await {
        Ok(submission) => {
            visitor.flash(Tone::Success, submitted(visitor.t, submission));
            Ok(to_workshop(id))
        }
        Err(AppError::Invalid(problems)) => {
            writing::show_incomplete(&web, &visitor, id, &problems).await
        }
        Err(error) => Err(error.into()),
    }
}

fn submitted(t: Texts, submission: Submission) -> &'static str {
    match submission {
        Submission::InReview => t.tr(
            "C’est envoyé. Vous recevrez la réponse de la modération par courriel, sous 72 heures.",
        ),
        Submission::Published => t.tr("Votre annonce est publiée."),
    }
}

/// `POST /compte/annonces/{id}/etapes`
async fn add_milestone(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    match life::add_milestone(&web.app, &visitor.who, id, &milestone_of(&form)).await {
        Ok(_) => {
            visitor.flash(
                Tone::Success,
                visitor
                    .t
                    .tr("C’est publié sur l’annonce, et envoyé à celles et ceux qui la suivent."),
            );
            Ok(to_workshop(id))
        }
        Err(error) => {
            let errors = forms::mistakes(visitor.t, error)?;
            show_refused_milestone(&web, &visitor, id, form.refused(errors)).await
        }
    }
}

fn milestone_of(form: &Form) -> MilestoneInput {
    MilestoneInput {
        kind: form.value("kind").to_owned(),
        reached_on: form.value("reached_on").to_owned(),
        text: form.value("text").to_owned(),
    }
}

async fn show_refused_milestone(
    web: &Web,
    visitor: &Visitor,
    id: AdId,
    form: Form,
) -> Result<Response, WebError> {
    let bench = members::show(&web.app, &visitor.who, id).await?;
    let mut page = WorkshopPage::new(visitor, &bench, form)?;
    page.page.has_errors = true;
    errors::refused(&page)
}

/// `POST /compte/annonces/{id}/prolongation`
async fn renew(
    State(web): State<Web>,
    visitor: Visitor,
    AdPath(id): AdPath,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    life::renew(&web.app, &visitor.who, id).await?;
    visitor.flash(
        Tone::Success,
        visitor
            .t
            .tr("Votre annonce reste visible six mois de plus."),
    );
    Ok(to_workshop(id))
}
