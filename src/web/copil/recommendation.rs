//! One recommendation in front of a moderator, with the facts that help to decide.

use askama::Template;
use axum::{
    Router,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use super::sheet::{self, Answer, LinkLine, Side};
use crate::{
    app::{
        AppError, Missing,
        permissions::Involvement,
        recommendations::review::{self, Outcome, ReviewFile},
    },
    domain::{
        ids::RecommendationId,
        problem::Problem,
        recommendation::{APPROVALS, RecommendationState},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{Badge, Fact, TimelineEntry},
        errors,
        form::{FieldErrors, Form},
        forms::{self, CsrfForm},
        page::{Link, Page, Tone},
        paths,
    },
};

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::COPIL_RECOMMENDATION, get(show).post(decide))
        .route(paths::COPIL_LINKS, post(set_aside))
        .route(paths::COPIL_RECUSAL, post(recuse))
        .route(paths::COPIL_ANNULMENT, post(annul))
}

/// `/copil/recommandations/{id}`
#[derive(Debug, Template)]
#[template(path = "copil/recommendation.html")]
pub struct ReviewPage {
    /// The layout.
    pub page: Page,
    pub state: Badge,
    pub approvals: String,
    /// What this moderator may do.
    pub judging: Judging,
    /// What keeps the next approval from being possible, in words.
    pub obstacles: Vec<String>,
    /// Whether the association must be verified before the second approval.
    pub needs_verification: bool,
    /// Version of the words that wait.
    pub version: i64,
    /// What is written, or proposed in its place.
    pub answers: Vec<Answer>,
    /// What is published, when new words are proposed.
    pub published: Vec<Answer>,
    /// Who signs.
    pub signature: String,
    pub accompaniment: Vec<Fact>,
    pub is_founding: bool,
    pub structure: Side,
    pub association: Side,
    pub links: Vec<LinkLine>,
    pub earlier: Vec<Link>,
    pub steps: Vec<TimelineEntry>,
    /// Where forms are sent.
    pub actions: Actions,
    /// `decision`, `version`, `motive`; `recusal`; `annulment`; `link` and one motive each.
    pub form: Form,
}

/// Where forms are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    pub decide: String,
    pub set_aside: String,
    pub recuse: String,
    pub annul: String,
}

/// What a moderator may do about a recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judging {
    /// Decide.
    Open,
    /// Refuse only: they approved it, another must too.
    Approved,
    /// Nothing, for this reason.
    Kept(Involvement),
    /// Annul it: it is published.
    Published,
    /// Nothing: a decision was made.
    Done,
}

impl ReviewPage {
    fn new(visitor: &Visitor, file: &ReviewFile, form: Form) -> Result<Self, AppError> {
        let t = visitor.t;
        let facts = &file.facts;
        let it = &facts.recommendation;
        let names = [
            ("association", facts.association.organisation.name.as_str()),
            ("host", facts.structure.organisation.name.as_str()),
        ];
        let page = visitor
            .page_with_form(t.trf("{association} recommande {host}", names))?
            .under(
                t.tr("Recommandations et structures à étudier"),
                paths::COPIL,
            )
            .unlisted();
        let proposed = facts.amendment.as_ref();
        let content = proposed.map_or_else(|| it.content(), |it| it.content.clone());
        let id = it.id.to_string();
        let at = |path| paths::at(path, [&id]);
        Ok(Self {
            page: if form.errors.is_empty() {
                page
            } else {
                page.with_errors()
            },
            state: state_badge(t, file),
            approvals: t.trf(
                "{n} approbation sur {needed}",
                [
                    ("n", t.number(file.approvals)),
                    ("needed", t.number(APPROVALS)),
                ],
            ),
            judging: judging(file),
            obstacles: obstacles(t, file),
            needs_verification: facts.association.organisation.verification.is_none(),
            version: facts.version(),
            answers: sheet::answers(t, &content.answers),
            published: proposed.map_or_else(Vec::new, |_| sheet::answers(t, &it.answers)),
            signature: format!("{}, {}", content.author_name, content.author_role),
            accompaniment: sheet::accompaniment(t, &facts.accompaniment),
            is_founding: facts.accompaniment.is_founding,
            structure: sheet::side(t, &facts.structure),
            association: sheet::side(t, &facts.association),
            links: sheet::links(t, facts),
            earlier: sheet::earlier(t, facts),
            steps: sheet::steps(t, facts),
            actions: Actions {
                decide: at(paths::COPIL_RECOMMENDATION),
                set_aside: at(paths::COPIL_LINKS),
                recuse: at(paths::COPIL_RECUSAL),
                annul: at(paths::COPIL_ANNULMENT),
            },
            form,
        })
    }

    fn may_approve(&self) -> bool {
        self.judging == Judging::Open && self.obstacles.is_empty()
    }

    fn may_act(&self) -> bool {
        matches!(self.judging, Judging::Open | Judging::Approved)
    }

    fn kept(&self) -> Option<&'static str> {
        let t = self.page.t;
        match self.judging {
            Judging::Kept(Involvement::Party) => Some(t.tr("Vous êtes membre de l’une des deux organisations : une autre personne doit décider.")),
            Judging::Kept(Involvement::Recused) => Some(t.tr("Vous avez choisi de ne pas décider sur cette recommandation.")),
            Judging::Kept(Involvement::Contested) => Some(t.tr("Vous avez pris la décision contestée : une autre personne doit la réexaminer.")),
            _ => None,
        }
    }
}

fn state_badge(t: Texts, file: &ReviewFile) -> Badge {
    let it = &file.facts.recommendation;
    let (tone, icon) = match it.state {
        RecommendationState::Published => (Tone::Success, "circle-check"),
        RecommendationState::Refused | RecommendationState::Withdrawn => {
            (Tone::Warning, "circle-alert")
        }
        RecommendationState::Draft | RecommendationState::InReview => (Tone::Note, "clock"),
    };
    let label = if it.annulled_at.is_some() {
        t.tr("Annulée")
    } else if file.facts.amendment.is_some() {
        t.tr("Publiée, nouveau texte à l’étude")
    } else {
        t.recommendation_standing(it.state)
    };
    Badge {
        tone,
        icon,
        label: label.to_owned(),
    }
}

fn judging(file: &ReviewFile) -> Judging {
    match (file.is_open(), file.involvement) {
        (true, Involvement::Free) if file.is_approved_by_reader => Judging::Approved,
        (true, Involvement::Free) => Judging::Open,
        (false, Involvement::Free)
            if file.facts.recommendation.state == RecommendationState::Published =>
        {
            Judging::Published
        }
        (true, kept) => Judging::Kept(kept),
        (false, _) => Judging::Done,
    }
}

/// The same conditions as `review::approve`, told before somebody tries.
fn obstacles(t: Texts, file: &ReviewFile) -> Vec<String> {
    let facts = &file.facts;
    let mut obstacles = Vec::new();
    if facts.standing_links().next().is_some() {
        obstacles.push(
            t.tr("Un lien entre les deux organisations n’est pas écarté.")
                .to_owned(),
        );
    }
    if !facts.accompaniment.is_finished() {
        obstacles.push(
            t.tr("Les deux organisations n’ont pas encore confirmé la fin de l’accompagnement.")
                .to_owned(),
        );
    }
    let is_last = file.approvals + 1 >= APPROVALS;
    if is_last && facts.association.organisation.verification.is_none() {
        obstacles.push(
            t.tr("L’association n’est pas vérifiée : il le faut avant la seconde approbation.")
                .to_owned(),
        );
    }
    obstacles
}

/// The recommendation named by an address.
struct Named(RecommendationId);

impl FromRequestParts<Web> for Named {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        let missing = AppError::NotFound(Missing::Recommendation);
        let Ok(Path(typed)) = Path::<String>::from_request_parts(parts, web).await else {
            return Err(missing.into());
        };
        Ok(Self(RecommendationId::parse(&typed).ok_or(missing)?))
    }
}

/// `GET /copil/recommandations/{id}`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Named(id): Named,
) -> Result<Response, WebError> {
    visitor.who.signed_in()?;
    let file = review::show(&web.app, &visitor.who, id).await?;
    errors::shown(&ReviewPage::new(&visitor, &file, Form::default())?)
}

/// `POST /copil/recommandations/{id}`
async fn decide(
    State(web): State<Web>,
    visitor: Visitor,
    Named(id): Named,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let done = apply(&web, &visitor, id, &form).await;
    answer(&web, &visitor, id, (form, "motive"), done).await
}

async fn apply(
    web: &Web,
    visitor: &Visitor,
    id: RecommendationId,
    form: &Form,
) -> Result<&'static str, AppError> {
    let t = visitor.t;
    // an address without version is for no words at all
    let version = form.value("version").parse().unwrap_or_default();
    match form.value("decision") {
        "approve" => Ok(
            match review::approve(&web.app, &visitor.who, id, version).await? {
                Outcome::Noted => {
                    t.tr("Votre approbation est notée. Une autre personne doit approuver aussi.")
                }
                Outcome::Published => {
                    t.tr("La recommandation est publiée. Les deux organisations sont prévenues.")
                }
                Outcome::Amended => {
                    t.tr("Le nouveau texte est publié. Les deux organisations sont prévenues.")
                }
            },
        ),
        "refuse" => {
            let motive = form.value("motive");
            review::refuse(&web.app, &visitor.who, id, version, motive).await?;
            Ok(t.tr("La recommandation est refusée. L’association reçoit vos explications."))
        }
        _ => Err(AppError::field(
            "decision",
            Problem::new("Choisissez d’approuver ou de refuser."),
        )),
    }
}

/// `POST /copil/recommandations/{id}/liens`
async fn set_aside(
    State(web): State<Web>,
    visitor: Visitor,
    Named(id): Named,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let field = form.value("field").to_owned();
    let (link, motive) = (form.value("link"), form.value(&field));
    let done = review::set_aside(&web.app, &visitor.who, id, link, motive).await;
    let done = done.map(|()| visitor.t.tr("Le lien est écarté, avec vos raisons."));
    answer(&web, &visitor, id, (form, &field), done).await
}

/// `POST /copil/recommandations/{id}/recusation`
async fn recuse(
    State(web): State<Web>,
    visitor: Visitor,
    Named(id): Named,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let done = review::recuse(&web.app, &visitor.who, id, form.value("recusal")).await;
    let done = done.map(|()| visitor.t.tr("C’est noté : d’autres personnes décideront."));
    answer(&web, &visitor, id, (form, "recusal"), done).await
}

/// `POST /copil/recommandations/{id}/annulation`
async fn annul(
    State(web): State<Web>,
    visitor: Visitor,
    Named(id): Named,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let done = review::annul(&web.app, &visitor.who, id, form.value("annulment")).await;
    let done = done.map(|()| {
        visitor
            .t
            .tr("La recommandation est annulée. Les deux organisations sont prévenues.")
    });
    answer(&web, &visitor, id, (form, "annulment"), done).await
}

/// Back to the same page with a sentence; or the page again with what is wrong beside its field.
async fn answer(
    web: &Web,
    visitor: &Visitor,
    id: RecommendationId,
    (form, field): (Form, &str),
    done: Result<&'static str, AppError>,
) -> Result<Response, WebError> {
    match done {
        Ok(said) => {
            visitor.flash(Tone::Success, said);
            Ok(Redirect::to(&review::path(id)).into_response())
        }
        Err(error) => {
            let mistakes = beside(&forms::mistakes(visitor.t, error)?, field);
            let file = review::show(&web.app, &visitor.who, id).await?;
            let page = ReviewPage::new(visitor, &file, form.refused(mistakes))?;
            errors::refused(&page)
        }
    }
}

/// The page has several motives; each form names its own.
pub(super) fn beside(mistakes: &FieldErrors, field: &str) -> FieldErrors {
    let mut renamed = FieldErrors::default();
    for (name, message) in mistakes.all() {
        let name = if name == "motive" { field } else { name };
        renamed.add(name, message);
    }
    renamed
}
