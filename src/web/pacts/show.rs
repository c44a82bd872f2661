//! The page of an accompaniment, for both sides, with an account or with a link.

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
    labels, page_below,
};
use crate::{
    app::{
        AppError,
        accompaniments::{
            declaring, life,
            life::Statement,
            reading::{self, AccompanimentView},
        },
        recommendations::inviting,
    },
    domain::{
        accompaniment::{Accompaniment, AccompanimentState, Party},
        recommendation::RecommendationState,
    },
    web::{
        Visitor, Web, WebError,
        components::{Badge, Fact},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
        sign_in::never_kept,
    },
};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::PACT, get(show_own).post(act_own))
        .route(paths::LINK_PACT, get(show_linked).post(act_linked))
}

/// `/compte/accompagnements/{id}` and `/lien/accompagnement`
#[derive(Debug, Template)]
#[template(path = "pacts/show.html")]
pub struct PactPage {
    /// The layout.
    pub page: Page,
    /// `ended_on`.
    pub form: Form,
    /// Where its forms are sent, and the secret they carry; empty with an account.
    pub action: String,
    pub token: String,
    pub badge: Badge,
    pub facts: Vec<Fact>,
    /// What was done, in the words of who declared it.
    pub text: String,
    pub state: AccompanimentState,
    /// Name of the other side.
    pub other: String,
    /// What the reader is asked.
    pub next: Next,
    pub may_abandon: bool,
    pub may_invite: bool,
    pub is_invited: bool,
    /// The day that the other side said; empty when it said none.
    pub said_end: String,
    /// Where what came of it stands.
    pub recommendation: Option<Badge>,
    /// Its public page; empty before.
    pub public_path: String,
    /// Where the association writes; empty for others.
    pub writing_path: String,
    /// Where the structure replies; empty for others.
    pub reply_path: String,
}

/// What one side is asked of an accompaniment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Whether it took place.
    Confirm,
    /// Whether it ended.
    End,
    /// To wait for the other side, which can be reminded.
    Wait,
    Nothing,
}

impl Next {
    fn of(it: &Accompaniment, party: Option<Party>) -> Self {
        match party {
            Some(party) if it.may_be_confirmed_by(party) => Self::Confirm,
            Some(party) if it.may_be_ended_by(party) => Self::End,
            Some(party) if it.may_be_confirmed_by(party.other()) => Self::Wait,
            _ => Self::Nothing,
        }
    }
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
    let (who, id) = match doors::enter_accompaniment(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    let view = reading::show(&web.app, &who, id).await?;
    let page = page(visitor, door, view, Form::default())?;
    Ok(never_kept(errors::shown(&page)?))
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
    let (who, id) = match doors::enter_accompaniment(web, visitor, door).await? {
        Entered::In(entered) => entered,
        Entered::Over(over) => return doors::show_over(visitor, &over),
    };
    let (app, t) = (&web.app, visitor.t);
    let statement = match form.value("action") {
        "remind" => {
            declaring::remind(app, &who, id).await?;
            return Ok(done(visitor, door, t.tr("Le courriel est renvoyé.")));
        }
        "invite" => {
            inviting::invite_again(app, &who, id).await?;
            return Ok(done(visitor, door, t.tr("L’invitation est envoyée.")));
        }
        "take-back" => {
            inviting::take_back(app, &who, id).await?;
            let text = t.tr("L’invitation est retirée : son lien ne s’ouvre plus.");
            return Ok(done(visitor, door, text));
        }
        "decline" => Statement::Decline,
        "end" => Statement::End(form.value("ended_on")),
        "abandon" => Statement::Abandon,
        _ => Statement::Confirm,
    };
    match life::state(app, &who, id, statement).await {
        Ok(accompaniment) => {
            let text = if accompaniment.is_finished() {
                t.tr("Merci. Les deux organisations ont confirmé la fin.")
            } else {
                t.tr("Merci, c’est noté. L’autre organisation le sait.")
            };
            Ok(done(visitor, door, text))
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(t, error)?);
            let view = reading::show(app, &who, id).await?;
            let mut refused = page(visitor, door, view, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

fn done(visitor: &Visitor, door: &Door, text: &str) -> Response {
    visitor.flash(Tone::Success, text);
    Redirect::to(&door.path(Room::Accompaniment)).into_response()
}

fn page(
    visitor: &Visitor,
    door: &Door,
    view: AccompanimentView,
    form: Form,
) -> Result<PactPage, AppError> {
    let t = visitor.t;
    let AccompanimentView {
        accompaniment: it,
        parties,
        party,
        recommendation,
        is_invited,
    } = view;
    let other = parties.organisation(party.unwrap_or(Party::Association).other());
    let title = t.trf(
        "Accompagnement avec {organisation}",
        [("organisation", other.name.as_str())],
    );
    let layout = match door {
        Door::Account(_) => page_below(visitor, title)?,
        Door::Link(_) => visitor.page_with_form(title)?.unlisted(),
    };
    let is = |wanted| party == Some(wanted);
    let said_end = party
        .and_then(|party| it.ended.of(party.other()))
        .and(it.ended_on)
        .filter(|_| it.state == AccompanimentState::Ongoing);
    let is_draft = recommendation
        .as_ref()
        .is_none_or(|it| it.state == RecommendationState::Draft);
    let public_path = recommendation
        .as_ref()
        .filter(|it| it.is_public())
        .and_then(|it| it.number)
        .map(|number| {
            let slug = &parties.association.slug;
            format!("/organisations/{slug}/recommandations/{number}")
        });
    let writing_path = match door {
        Door::Account(_) if is(Party::Association) && it.is_finished() => {
            door.path(Room::Recommendation)
        }
        _ => String::new(),
    };
    let reply_path = match door {
        Door::Account(id) if is(Party::Host) && public_path.is_some() => {
            paths::at(paths::PACT_REPLY, [&id.to_string()])
        }
        _ => String::new(),
    };
    Ok(PactPage {
        page: layout,
        form,
        action: door.action(Room::Accompaniment),
        token: door.token().to_owned(),
        badge: labels::state_badge(t, it.state),
        facts: labels::facts(t, &it, &parties.structure.name, &parties.association.name),
        text: it.scope.text.clone(),
        state: it.state,
        next: Next::of(&it, party),
        may_abandon: party.is_some() && it.may_be_abandoned(),
        may_invite: is(Party::Host) && it.is_finished() && is_draft,
        is_invited: is(Party::Host) && is_invited,
        said_end: said_end.map(|day| t.day(day)).unwrap_or_default(),
        recommendation: recommendation
            .as_ref()
            .map(|it| labels::recommendation_badge(t, it)),
        public_path: public_path.unwrap_or_default(),
        writing_path,
        reply_path,
        other: other.name.clone(),
    })
}
