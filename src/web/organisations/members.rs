//! Members of an organisation: invited, given a role, removed.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use crate::{
    app::{
        AppError, Missing, invitations, memberships,
        organisations::{self, Workshop},
    },
    domain::{
        ids::{AccountId, InvitationId},
        organisation::{Invitation, Member, MembershipRole},
        problem::{Problem, Problems},
    },
    locales::Texts,
    web::{
        Visitor, Web, WebError,
        components::{Choice, When},
        errors,
        form::Form,
        forms::{self, CsrfForm},
        page::{Page, Tone},
        paths,
    },
};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(paths::MEMBERS, get(show).post(invite))
        .route(paths::MEMBER_ROLE, post(change_role))
        .route(paths::MEMBER_REMOVAL, post(remove))
        .route(paths::INVITATION_REMOVAL, post(revoke))
}

/// A member, with what can be done about them.
#[derive(Debug)]
pub struct MemberLine {
    /// Id of the element that asks for confirmation.
    pub anchor: String,
    pub name: String,
    pub role: &'static str,
    pub since: When,
    pub is_self: bool,
    pub is_mail_refused: bool,
    pub role_action: String,
    /// The other role, and its name.
    pub other_role: MembershipRole,
    pub other_role_name: &'static str,
    pub removal_action: String,
}

/// An invitation that waits for its answer.
#[derive(Debug)]
pub struct InvitationLine {
    pub email: String,
    pub role: &'static str,
    pub until: When,
    pub removal_action: String,
}

/// `/compte/organisations/{slug}/membres`
#[derive(Debug, Template)]
#[template(path = "organisations/members.html")]
pub struct MembersPage {
    pub page: Page,
    /// `email`, `role`.
    pub form: Form,
    pub action: String,
    pub roles: Vec<Choice>,
    pub members: Vec<MemberLine>,
    pub invitations: Vec<InvitationLine>,
    pub is_administrator: bool,
    pub has_single_administrator: bool,
}

/// `GET /compte/organisations/{slug}/membres`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let workshop = organisations::show_workshop(&web.app, &visitor.who, &slug).await?;
    let form = Form::default().with("role", MembershipRole::Editor.as_str());
    errors::shown(&members_page(&visitor, workshop, form)?)
}

/// `POST /compte/organisations/{slug}/membres`: invites somebody.
async fn invite(
    State(web): State<Web>,
    visitor: Visitor,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let email = form.value("email");
    let invited = match role_of(&form) {
        Ok(role) => invitations::invite(&web.app, &visitor.who, &slug, email, role).await,
        Err(error) => Err(error),
    };
    match invited {
        Ok(()) => {
            let text = visitor.t.trf(
                "L’invitation part vers {email}. Elle est valable sept jours.",
                [("email", email)],
            );
            visitor.flash(Tone::Success, text);
            Ok(to_members(&slug))
        }
        Err(error) => {
            let workshop = organisations::show_workshop(&web.app, &visitor.who, &slug).await?;
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = members_page(&visitor, workshop, form)?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

/// `POST /compte/organisations/{slug}/membres/{account}/role`
async fn change_role(
    State(web): State<Web>,
    visitor: Visitor,
    Path((slug, account)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let (account, role) = (account_of(&account)?, role_of(&form)?);
    let changed = memberships::change_role(&web.app, &visitor.who, &slug, account, role).await;
    tell(&visitor, changed, visitor.t.tr("Le rôle est changé."))?;
    Ok(to_members(&slug))
}

/// `POST /compte/organisations/{slug}/membres/{account}/retrait`
async fn remove(
    State(web): State<Web>,
    visitor: Visitor,
    Path((slug, account)): Path<(String, String)>,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    let account = account_of(&account)?;
    let is_self = visitor.who.account_id() == Some(account);
    let removed = memberships::remove(&web.app, &visitor.who, &slug, account).await;
    let has_left = is_self && removed.is_ok();
    let t = visitor.t;
    let text = if is_self {
        t.tr("Vous avez quitté l’organisation.")
    } else {
        t.tr("Cette personne n’est plus membre.")
    };
    tell(&visitor, removed, text)?;
    Ok(if has_left {
        Redirect::to(paths::ACCOUNT).into_response()
    } else {
        to_members(&slug)
    })
}

/// `POST /compte/organisations/{slug}/invitations/{id}/retrait`
async fn revoke(
    State(web): State<Web>,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    let id = InvitationId::parse(&id).ok_or(AppError::NotFound(Missing::Invitation))?;
    invitations::revoke(&web.app, &visitor.who, &slug, id).await?;
    visitor.flash(Tone::Success, visitor.t.tr("L’invitation est annulée."));
    Ok(to_members(&slug))
}

/// Leaves a sentence for the next page: success, or what stood in the way.
fn tell(visitor: &Visitor, done: Result<(), AppError>, success: &str) -> Result<(), WebError> {
    match done {
        Ok(()) => visitor.flash(Tone::Success, success),
        Err(AppError::Conflict(problem)) => {
            visitor.flash(Tone::Problem, forms::sentence(visitor.t, &problem));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn to_members(slug: &str) -> Response {
    Redirect::to(&paths::at(paths::MEMBERS, [slug])).into_response()
}

fn account_of(text: &str) -> Result<AccountId, AppError> {
    AccountId::parse(text).ok_or(AppError::NotFound(Missing::Account))
}

fn role_of(form: &Form) -> Result<MembershipRole, AppError> {
    MembershipRole::parse(form.value("role")).ok_or_else(|| {
        let problem = Problem::new("Choisissez un rôle.");
        AppError::Invalid(Problems::one("role", problem))
    })
}

fn members_page(
    visitor: &Visitor,
    workshop: Workshop,
    form: Form,
) -> Result<MembersPage, WebError> {
    let t = visitor.t;
    let organisation = &workshop.organisation;
    let slug = organisation.slug.as_str();
    let desk = paths::at(paths::ORGANISATION_DESK, [slug]);
    let page = visitor.page_with_form(t.tr("Membres"))?;
    let own = visitor.who.account_id();
    Ok(MembersPage {
        page: page
            .under(t.tr("Mon espace"), paths::ACCOUNT)
            .under(organisation.name.clone(), desk)
            .unlisted(),
        form,
        action: paths::at(paths::MEMBERS, [slug]),
        roles: MembershipRole::ALL
            .iter()
            .map(|role| {
                Choice::new(role.as_str(), t.membership_role(*role))
                    .explained(t.membership_role_hint(*role))
            })
            .collect(),
        is_administrator: workshop.is_administrator(),
        has_single_administrator: workshop.has_single_administrator(),
        members: workshop
            .members
            .iter()
            .map(|member| line(t, slug, member, own == Some(member.account_id)))
            .collect(),
        invitations: workshop
            .invitations
            .into_iter()
            .map(|invitation| invitation_line(t, slug, invitation))
            .collect(),
    })
}

fn line(t: Texts, slug: &str, member: &Member, is_self: bool) -> MemberLine {
    let id = member.account_id.to_string();
    let other_role = match member.role {
        MembershipRole::Administrator => MembershipRole::Editor,
        MembershipRole::Editor => MembershipRole::Administrator,
    };
    MemberLine {
        name: member.name.clone(),
        role: t.membership_role(member.role),
        since: When::day(t, member.since),
        is_self,
        is_mail_refused: member.is_mail_refused,
        role_action: paths::at(paths::MEMBER_ROLE, [slug, &id]),
        other_role,
        other_role_name: t.membership_role(other_role),
        removal_action: paths::at(paths::MEMBER_REMOVAL, [slug, &id]),
        anchor: format!("retrait-{id}"),
    }
}

fn invitation_line(t: Texts, slug: &str, invitation: Invitation) -> InvitationLine {
    let id = invitation.id.to_string();
    InvitationLine {
        email: invitation.email,
        role: t.membership_role(invitation.role),
        until: When::day(t, invitation.expires_at),
        removal_action: paths::at(paths::INVITATION_REMOVAL, [slug, &id]),
    }
}
