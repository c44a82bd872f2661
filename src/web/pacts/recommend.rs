//! Writing a recommendation, and what its author does with it afterwards.
//!
//! Every save keeps the draft on our side: a page that is closed, a telephone that stops or a link
//! that is opened elsewhere loses nothing.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::{
    PactPath,
    doors::{self, Asked, Door, Entered, Room},
    labels::{self, Passage},
    page_below,
};
use crate::{
    app::{
        AppError, Who,
        recommendations::{
            amending, appeals, mediation, withdrawing,
            writing::{self, AuthorView, Certification},
        },
    },
    domain::{
        ids::RecommendationId,
        recommendation::{
            AmendmentKind, IdentityInput, RecommendationContent, RecommendationInput,
            RecommendationState, ReviewStep,
        },
    },
    web::{
        Visitor, Web, WebError,
        components::{Badge, TimelineEntry, When},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        sign_in::never_kept,
    },
};

pub(super) fn routes() -> Router<Web> {
    use crate::web::paths;
    Router::new()
        .route(paths::PACT_RECOMMENDATION, get(show_own).post(act_own))
        .route(
            paths::LINK_RECOMMENDATION,
            get(show_linked).post(act_linked),
        )
        .route(paths::PACT_PREVIEW, get(preview_own).post(send_own))
        .route(paths::LINK_PREVIEW, get(preview_linked).post(send_linked))
        .route(paths::PACT_AMENDMENT, get(amendment_own).post(amend_own))
        .route(
            paths::LINK_AMENDMENT,
            get(amendment_linked).post(amend_linked),
        )
}

/// The form: `/lien/recommandation`, `/compte/accompagnements/{id}/recommandation`, and the same
/// for an amendment.
#[derive(Debug, Template)]
#[template(path = "pacts/write.html")]
pub struct WritePage {
    /// The layout.
    pub page: Page,
    /// The fields of `RecommendationInput` and `IdentityInput`, `feedback`, `certified`.
    pub form: Form,
    pub action: String,
    pub token: String,
    pub structure: String,
    /// Whether the identity of the association is asked too.
    pub completes_identity: bool,
    /// Whether it changes what readers see already.
    pub is_amendment: bool,
    /// What moderators said, when they refused.
    pub steps: Vec<TimelineEntry>,
}

/// The text as readers would see it, before it is sent.
#[derive(Debug, Template)]
#[template(path = "pacts/preview.html")]
pub struct PreviewPage {
    /// The layout.
    pub page: Page,
    /// `certified`.
    pub form: Form,
    pub action: String,
    pub token: String,
    /// Where the text is changed.
    pub back: String,
    pub text: Text,
}

/// Where a recommendation stands, once it was sent.
#[derive(Debug, Template)]
#[template(path = "pacts/follow.html")]
pub struct FollowPage {
    /// The layout.
    pub page: Page,
    /// `motive`.
    pub form: Form,
    pub action: String,
    pub token: String,
    pub state: RecommendationState,
    pub badge: Badge,
    pub dates: Vec<(&'static str, When)>,
    pub text: Text,
    /// Its public page; empty before.
    pub public_path: String,
    /// Where its words are changed.
    pub amendment_path: String,
    /// What waits in its place.
    pub waiting: Option<AmendmentKind>,
    /// What was said before, with its dates.
    pub history: Vec<(When, Vec<Passage>)>,
    pub withdrawal_motive: String,
}

/// What a recommendation says, to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub structure: String,
    pub association: String,
    pub author: String,
    pub role: String,
    pub passages: Vec<Passage>,
    /// Empty when there is none.
    pub interest: String,
    pub would_take_call: bool,
}

async fn show_own(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
) -> Result<Response, WebError> {
    show(&web, &visitor, &Door::Account(id)).await
}

async fn show_linked(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    show(&web, &visitor, &Door::Link(asked.jeton)).await
}

async fn show(web: &Web, visitor: &Visitor, door: &Door) -> Result<Response, WebError> {
    let (who, id) = match doors::enter_recommendation(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    let view = writing::show(&web.app, &who, id).await?;
    let shown = if view.case.recommendation.is_being_written() {
        errors::shown(&write_page(visitor, door, &view, filled(&view))?)?
    } else {
        errors::shown(&follow_page(visitor, door, view, Form::default())?)?
    };
    Ok(never_kept(shown))
}

async fn act_own(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    act(&web, &visitor, &Door::Account(id), form).await
}

async fn act_linked(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let door = Door::Link(form.value("jeton").to_owned());
    act(&web, &visitor, &door, form).await
}

async fn act(web: &Web, visitor: &Visitor, door: &Door, form: Form) -> Result<Response, WebError> {
    let (who, id) = match doors::enter_recommendation(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    let (app, t) = (&web.app, visitor.t);
    let (result, text, room) = match form.value("action") {
        "renew" => (
            amending::renew(app, &who, id).await,
            t.tr("Merci. Une équipe relit votre recommandation, puis elle compte de nouveau pour toute sa durée."),
            Room::Recommendation,
        ),
        "give-up" => (
            amending::give_up(app, &who, id).await,
            t.tr("Le changement est abandonné. Ce qui est publié reste tel quel."),
            Room::Recommendation,
        ),
        "take-back" => (
            withdrawing::take_back(app, &who, id).await,
            t.tr("Votre texte est de nouveau à vous : changez-le, puis envoyez-le."),
            Room::Recommendation,
        ),
        "withdraw" => (
            withdrawing::withdraw(app, &who, id, form.value("motive")).await,
            t.tr("Votre recommandation est retirée. Sa page dit pourquoi, avec vos mots."),
            Room::Recommendation,
        ),
        "appeal" => (
            appeals::appeal(app, &who, id, form.value("motive")).await,
            t.tr("C’est noté. Une autre personne va relire votre texte."),
            Room::Recommendation,
        ),
        "mediation" => (
            mediation::tell(app, &who, id, form.value("feedback")).await,
            t.tr("Votre message est transmis à la médiation, et à elle seule. Elle vous répondra par courriel."),
            Room::Recommendation,
        ),
        action => {
            let saved = save(web, &who, id, &form).await;
            let room = match action {
                "preview" => Room::Preview,
                _ => Room::Recommendation,
            };
            (saved, t.tr("Votre brouillon est gardé. Vous pouvez revenir avec le même lien."), room)
        }
    };
    match result {
        Ok(()) => {
            if room != Room::Preview {
                visitor.flash(Tone::Success, text);
            }
            Ok(Redirect::to(&door.path(room)).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(t, error)?);
            refuse(web, visitor, door, (who, id), form).await
        }
    }
}

/// What was typed comes back, with what is wrong.
async fn refuse(
    web: &Web,
    visitor: &Visitor,
    door: &Door,
    (who, id): (Who, RecommendationId),
    form: Form,
) -> Result<Response, WebError> {
    let view = writing::show(&web.app, &who, id).await?;
    if view.case.recommendation.is_being_written() {
        let form = match form.value("action") {
            // these forms hold nothing of the draft
            "mediation" | "appeal" => {
                let errors = form.errors.clone();
                let feedback = form.value("feedback").to_owned();
                let motive = form.value("motive").to_owned();
                let kept = filled(&view).with("feedback", feedback);
                kept.with("motive", motive).refused(errors)
            }
            _ => form,
        };
        let mut page = write_page(visitor, door, &view, form)?;
        page.page = page.page.with_errors();
        return errors::refused(&page);
    }
    let mut page = follow_page(visitor, door, view, form)?;
    page.page = page.page.with_errors();
    errors::refused(&page)
}

async fn save(web: &Web, who: &Who, id: RecommendationId, form: &Form) -> Result<(), AppError> {
    // absent from the form of an association that somebody acts for
    let identity = form
        .pairs()
        .any(|(name, _)| name == "rna")
        .then(|| IdentityInput {
            name: form.value("name").to_owned(),
            rna: form.value("rna").to_owned(),
            siren: form.value("siren").to_owned(),
        });
    writing::save(&web.app, who, id, &typed(form), identity.as_ref()).await
}

async fn preview_own(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
) -> Result<Response, WebError> {
    preview(&web, &visitor, &Door::Account(id)).await
}

async fn preview_linked(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    preview(&web, &visitor, &Door::Link(asked.jeton)).await
}

async fn preview(web: &Web, visitor: &Visitor, door: &Door) -> Result<Response, WebError> {
    let (who, id) = match doors::enter_recommendation(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    let view = writing::show(&web.app, &who, id).await?;
    if !view.case.recommendation.is_being_written() {
        return Ok(Redirect::to(&door.path(Room::Recommendation)).into_response());
    }
    let lacking = writing::list_missing(&view.case.recommendation);
    if !lacking.is_empty() {
        let form = filled(&view).refused(forms::field_errors(visitor.t, &lacking));
        let mut page = write_page(visitor, door, &view, form)?;
        page.page = page.page.with_errors();
        return Ok(never_kept(errors::refused(&page)?));
    }
    let page = preview_page(visitor, door, &view, Form::default())?;
    Ok(never_kept(errors::shown(&page)?))
}

async fn send_own(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    send(&web, &visitor, &Door::Account(id), form).await
}

async fn send_linked(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let door = Door::Link(form.value("jeton").to_owned());
    send(&web, &visitor, &door, form).await
}

async fn send(web: &Web, visitor: &Visitor, door: &Door, form: Form) -> Result<Response, WebError> {
    let (who, id) = match doors::enter_recommendation(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    match writing::submit(&web.app, &who, id, certification(&form)).await {
        Ok(()) => {
            let text = visitor
                .t
                .tr("Merci ! Deux personnes vont relire votre recommandation. Vous recevrez leur réponse par courriel.");
            visitor.flash(Tone::Success, text);
            Ok(Redirect::to(&door.path(Room::Recommendation)).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let view = writing::show(&web.app, &who, id).await?;
            let mut page = preview_page(visitor, door, &view, form)?;
            page.page = page.page.with_errors();
            errors::refused(&page)
        }
    }
}

async fn amendment_own(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
) -> Result<Response, WebError> {
    show_amendment(&web, &visitor, &Door::Account(id)).await
}

async fn amendment_linked(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    show_amendment(&web, &visitor, &Door::Link(asked.jeton)).await
}

async fn show_amendment(web: &Web, visitor: &Visitor, door: &Door) -> Result<Response, WebError> {
    let (who, id) = match doors::enter_recommendation(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    let view = writing::show(&web.app, &who, id).await?;
    if !view.case.recommendation.is_public() {
        return Ok(Redirect::to(&door.path(Room::Recommendation)).into_response());
    }
    let content = match &view.amendment {
        Some(amendment) => amendment.content.clone(),
        None => view.case.recommendation.content(),
    };
    let form = with_content(Form::default(), &content);
    let page = amendment_page(visitor, door, &view, form)?;
    Ok(never_kept(errors::shown(&page)?))
}

async fn amend_own(
    State(web): State<Web>,
    visitor: Visitor,
    PactPath(id): PactPath,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    amend(&web, &visitor, &Door::Account(id), form).await
}

async fn amend_linked(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let door = Door::Link(form.value("jeton").to_owned());
    amend(&web, &visitor, &door, form).await
}

async fn amend(
    web: &Web,
    visitor: &Visitor,
    door: &Door,
    form: Form,
) -> Result<Response, WebError> {
    let (who, id) = match doors::enter_recommendation(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    let certification = certification(&form);
    match amending::amend(&web.app, &who, id, &typed(&form), certification).await {
        Ok(()) => {
            let text = visitor.t.tr(
                "Votre changement est envoyé. Le texte publié reste visible jusqu’à la décision.",
            );
            visitor.flash(Tone::Success, text);
            Ok(Redirect::to(&door.path(Room::Recommendation)).into_response())
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let view = writing::show(&web.app, &who, id).await?;
            let mut page = amendment_page(visitor, door, &view, form)?;
            page.page = page.page.with_errors();
            errors::refused(&page)
        }
    }
}

fn certification(form: &Form) -> Certification {
    if form.is_chosen("certified", "on") {
        Certification::Given
    } else {
        Certification::Missing
    }
}

fn typed(form: &Form) -> RecommendationInput {
    let value = |field: &str| form.value(field).to_owned();
    RecommendationInput {
        context: value("context"),
        difficulty: value("difficulty"),
        work_done: value("work_done"),
        can_do_now: value("can_do_now"),
        could_be_better: value("could_be_better"),
        author_name: value("author_name"),
        author_role: value("author_role"),
        interest: value("interest"),
        would_take_call: form.is_chosen("would_take_call", "on"),
    }
}

/// A form filled in with what was kept.
fn filled(view: &AuthorView) -> Form {
    let association = &view.case.parties.association;
    let siren = association.siret.as_ref().or(association.siren.as_ref());
    with_content(Form::default(), &view.case.recommendation.content())
        .with("name", &association.name)
        .with("rna", association.rna.clone().unwrap_or_default())
        .with("siren", siren.cloned().unwrap_or_default())
}

fn with_content(form: Form, content: &RecommendationContent) -> Form {
    let input = content.to_input();
    let form = form
        .with("context", input.context)
        .with("difficulty", input.difficulty)
        .with("work_done", input.work_done)
        .with("can_do_now", input.can_do_now)
        .with("could_be_better", input.could_be_better)
        .with("author_name", input.author_name)
        .with("author_role", input.author_role)
        .with("interest", input.interest);
    if input.would_take_call {
        form.with("would_take_call", "on")
    } else {
        form
    }
}

/// A page behind a door: below the list of accompaniments for who has an account.
fn layout(visitor: &Visitor, door: &Door, title: String) -> Result<Page, AppError> {
    match door {
        Door::Account(_) => {
            let page = page_below(visitor, title)?;
            Ok(page.under(
                visitor.t.tr("Accompagnement"),
                door.path(Room::Accompaniment),
            ))
        }
        Door::Link(_) => Ok(visitor.page_with_form(title)?.unlisted()),
    }
}

fn write_page(
    visitor: &Visitor,
    door: &Door,
    view: &AuthorView,
    form: Form,
) -> Result<WritePage, AppError> {
    let t = visitor.t;
    let structure = view.case.parties.structure.name.clone();
    let title = t.trf("Recommander {structure}", [("structure", &structure)]);
    let is_refused = view.case.recommendation.state == RecommendationState::Refused;
    let steps = view
        .steps
        .iter()
        .filter(|_| is_refused)
        .map(|it| TimelineEntry {
            when: When::day(t, it.created_at),
            title: match it.step {
                ReviewStep::Refused => t.tr("L’équipe de relecture vous répond"),
                ReviewStep::Appealed => t.tr("Vous avez contesté la décision"),
                _ => t.tr("Vous avez envoyé votre texte"),
            }
            .to_owned(),
            html: crate::domain::html::paragraphs(&it.motive),
            icon: "message-circle",
            anchor: String::new(),
        });
    Ok(WritePage {
        page: layout(visitor, door, title)?,
        form,
        action: door.action(Room::Recommendation),
        token: door.token().to_owned(),
        structure,
        completes_identity: view.completes_identity,
        is_amendment: false,
        steps: steps.collect(),
    })
}

fn amendment_page(
    visitor: &Visitor,
    door: &Door,
    view: &AuthorView,
    form: Form,
) -> Result<WritePage, AppError> {
    let t = visitor.t;
    let structure = view.case.parties.structure.name.clone();
    let title = t.trf(
        "Changer la recommandation de {structure}",
        [("structure", &structure)],
    );
    Ok(WritePage {
        page: layout(visitor, door, title)?,
        form,
        action: door.action(Room::Amendment),
        token: door.token().to_owned(),
        structure,
        completes_identity: false,
        is_amendment: true,
        steps: Vec::new(),
    })
}

fn preview_page(
    visitor: &Visitor,
    door: &Door,
    view: &AuthorView,
    form: Form,
) -> Result<PreviewPage, AppError> {
    let title = visitor.t.tr("Relisez avant d’envoyer").to_owned();
    Ok(PreviewPage {
        page: layout(visitor, door, title)?,
        form,
        action: door.action(Room::Preview),
        token: door.token().to_owned(),
        back: door.path(Room::Recommendation),
        text: text(visitor, view),
    })
}

fn follow_page(
    visitor: &Visitor,
    door: &Door,
    view: AuthorView,
    form: Form,
) -> Result<FollowPage, AppError> {
    let t = visitor.t;
    let it = &view.case.recommendation;
    let title = t.trf(
        "Votre recommandation de {structure}",
        [("structure", &view.case.parties.structure.name)],
    );
    let slug = &view.case.parties.association.slug;
    let public_path = it
        .number
        .map(|number| format!("/organisations/{slug}/recommandations/{number}"));
    let history = view
        .history
        .iter()
        .map(|(until, answers)| (When::day(t, *until), labels::passages(t, answers)));
    Ok(FollowPage {
        page: layout(visitor, door, title)?,
        action: door.action(Room::Recommendation),
        token: door.token().to_owned(),
        state: it.state,
        badge: labels::recommendation_badge(t, it),
        dates: labels::dates(t, it),
        text: text(visitor, &view),
        public_path: public_path.unwrap_or_default(),
        amendment_path: door.path(Room::Amendment),
        waiting: view.amendment.as_ref().map(|it| it.kind),
        history: history.collect(),
        withdrawal_motive: it.withdrawal_motive.clone(),
        form,
    })
}

fn text(visitor: &Visitor, view: &AuthorView) -> Text {
    let it = &view.case.recommendation;
    Text {
        structure: view.case.parties.structure.name.clone(),
        association: view.case.parties.association.name.clone(),
        author: it.author_name.clone(),
        role: it.author_role.clone(),
        passages: labels::passages(visitor.t, &it.answers),
        interest: it.interest.clone(),
        would_take_call: it.would_take_call,
    }
}
