//! The signed-in area of a person: profile, password, sessions, keys.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use super::{
    Visitor, Web, WebError,
    ads::summary::AdSummary,
    components::{Choice, When},
    errors,
    form::Form,
    forms::{self, CsrfForm},
    page::{Link, Page, Tone},
    paths,
    sign_in::never_kept,
};
use crate::{
    app::{
        AppError, Missing, accounts,
        accounts::NewPassword,
        ads::members,
        api_tokens::{self, NewToken},
        organisations, permissions, sessions,
    },
    domain::{
        account::{ApiToken, PASSWORD_LENGTH, Scope, Session},
        ids::{ApiTokenId, SessionId},
        organisation::Membership,
    },
    locales::{Locale, Texts},
};

/// Organisations shown to somebody; more than anybody can act for.
const ORGANISATIONS: i64 = 50;

/// The routes of this file.
pub fn routes() -> Router<Web> {
    Router::new()
        .route(paths::ACCOUNT, get(show_dashboard))
        .route(paths::PROFILE, get(show_profile).post(save_profile))
        .route(paths::PASSWORD, get(show_password).post(save_password))
        .route(paths::PASSWORD_REMOVAL, post(remove_password))
        .route(paths::SESSIONS, get(show_sessions))
        .route(paths::OTHER_SESSIONS, post(end_other_sessions))
        .route(paths::SESSION, post(end_session))
        .route(paths::API_TOKENS, get(show_tokens).post(create_token))
        .route(paths::API_TOKEN, post(revoke_token))
}

/// `/compte`
#[derive(Debug, Template)]
#[template(path = "account/dashboard.html")]
pub struct DashboardPage {
    /// The layout.
    pub page: Page,
    /// The ads of their organisations, last changed first.
    pub ads: Vec<AdSummary>,
    /// The organisations that the person acts for, with their role.
    pub organisations: Vec<(Link, &'static str)>,
}

/// `/compte/profil`
#[derive(Debug, Template)]
#[template(path = "account/profile.html")]
pub struct ProfilePage {
    /// The layout.
    pub page: Page,
    /// `name`, `locale`.
    pub form: Form,
    /// Their mail address.
    pub email: String,
    /// The languages of mails.
    pub locales: Vec<Choice>,
}

/// `/compte/mot-de-passe`
#[derive(Debug, Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage {
    /// The layout.
    pub page: Page,
    /// `password_current`, `password_new`, `password_again`.
    pub form: Form,
    /// Whether there is one to take away.
    pub has_password: bool,
    /// Whether the one in use must be given.
    pub asks_current: bool,
    /// What a good one looks like.
    pub advice: String,
}

/// `/compte/sessions`
#[derive(Debug, Template)]
#[template(path = "account/sessions.html")]
pub struct SessionsPage {
    /// The layout.
    pub page: Page,
    /// Last used first.
    pub sessions: Vec<SessionLine>,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// What it is: « Firefox, Linux ».
    pub label: String,
    /// When it signed in.
    pub opened: When,
    /// When it was last seen.
    pub seen: When,
    /// Whether it is the one that shows the page.
    pub is_current: bool,
    /// Where to sign it out.
    pub action: String,
}

/// `/compte/cles`
#[derive(Debug, Template)]
#[template(path = "account/api_tokens.html")]
pub struct ApiTokensPage {
    /// The layout.
    pub page: Page,
    /// `name`, `scopes`.
    pub form: Form,
    /// What a key may allow.
    pub scopes: Vec<Choice>,
    /// Newest first.
    pub tokens: Vec<ApiTokenLine>,
    /// The secret of a key just made; shown this once.
    pub secret: Option<String>,
}

/// A key of the JSON API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenLine {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub scopes: String,
    /// When it was made.
    pub created: When,
    /// When it was last used.
    pub used: Option<When>,
    /// Where to revoke it.
    pub action: String,
}

/// A page of the area, with the way to it.
fn page(visitor: &Visitor, title: &'static str) -> Result<Page, AppError> {
    permissions::manage_own_account(&visitor.who)?;
    let page = visitor.page_with_form(title)?;
    Ok(page
        .under(visitor.t.tr("Mon espace"), paths::ACCOUNT)
        .unlisted())
}

/// The session of who reads.
fn session(visitor: &Visitor) -> Result<&Session, AppError> {
    visitor.session.as_ref().ok_or(AppError::Unauthenticated)
}

async fn show_dashboard(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    permissions::manage_own_account(&visitor.who)?;
    let ads = members::list_own(&web.app, &visitor.who).await?;
    let own = organisations::list_own(&web.app, &visitor.who, None, ORGANISATIONS).await?;
    let page = visitor
        .page_with_form(visitor.t.tr("Mon espace"))?
        .unlisted();
    let line = |Membership { organisation, role }| {
        let desk = paths::at(paths::ORGANISATION_DESK, [&organisation.slug]);
        let role = visitor.t.membership_role(role);
        (Link::new(organisation.name, desk), role)
    };
    errors::shown(&DashboardPage {
        page,
        ads: ads
            .iter()
            .map(|(ad, name)| AdSummary::new(visitor.t, ad).of(name))
            .collect(),
        organisations: own.into_iter().map(line).collect(),
    })
}

fn profile_page(visitor: &Visitor, form: Form) -> Result<ProfilePage, AppError> {
    let account = permissions::manage_own_account(&visitor.who)?;
    Ok(ProfilePage {
        page: page(visitor, visitor.t.tr("Mon profil"))?,
        form,
        email: account.email.clone(),
        locales: Locale::ALL
            .iter()
            .map(|locale| Choice::new(locale.tag(), locale.name()))
            .collect(),
    })
}

async fn show_profile(visitor: Visitor) -> Result<Response, WebError> {
    let account = permissions::manage_own_account(&visitor.who)?;
    let form = Form::default()
        .with("name", &account.name)
        .with("locale", &account.locale);
    errors::shown(&profile_page(&visitor, form)?)
}

async fn save_profile(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let saved = accounts::update_profile(
        &web.app,
        &visitor.who,
        form.value("name"),
        form.value("locale"),
    );
    if let Err(error) = saved.await {
        let form = form.refused(forms::mistakes(visitor.t, error)?);
        let mut refused = profile_page(&visitor, form)?;
        refused.page = refused.page.with_errors();
        return errors::refused(&refused);
    }
    visitor.flash(Tone::Success, visitor.t.tr("Votre profil est enregistré."));
    Ok(Redirect::to(paths::PROFILE).into_response())
}

fn password_page(web: &Web, visitor: &Visitor, form: Form) -> Result<PasswordPage, AppError> {
    let account = permissions::manage_own_account(&visitor.who)?;
    let t = visitor.t;
    let least = PASSWORD_LENGTH.start().to_string();
    Ok(PasswordPage {
        page: page(visitor, t.tr("Mon mot de passe"))?,
        form,
        has_password: account.has_password,
        asks_current: accounts::must_give_password(&web.app, account, session(visitor)?),
        advice: t.trf(
            "Choisissez une phrase de {least} caractères ou plus, que vous n’utilisez nulle part ailleurs.",
            [("least", &least)],
        ),
    })
}

async fn show_password(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&password_page(&web, &visitor, Form::default())?)
}

async fn save_password(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let who = &visitor.who;
    take_password_budget(&web, &visitor)?;
    let new = NewPassword {
        current: form.value("password_current"),
        password: form.value("password_new"),
        again: form.value("password_again"),
    };
    if let Err(error) = accounts::set_password(&web.app, who, session(&visitor)?, new).await {
        return refuse_password(&web, &visitor, form, error);
    }
    let t = visitor.t;
    visitor.flash(
        Tone::Success,
        t.tr("Votre mot de passe est enregistré. Vos autres appareils sont déconnectés."),
    );
    Ok(Redirect::to(paths::PASSWORD).into_response())
}

async fn remove_password(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    take_password_budget(&web, &visitor)?;
    let current = form.value("password_current");
    let removed = accounts::remove_password(&web.app, &visitor.who, session(&visitor)?, current);
    if let Err(error) = removed.await {
        return refuse_password(&web, &visitor, form, error);
    }
    visitor.flash(
        Tone::Success,
        visitor.t.tr(
            "Votre mot de passe est retiré. Vous vous connecterez avec un lien reçu par e-mail.",
        ),
    );
    Ok(Redirect::to(paths::PASSWORD).into_response())
}

/// Guessing the password in use is counted as signing in with it is.
fn take_password_budget(web: &Web, visitor: &Visitor) -> Result<(), AppError> {
    let account = permissions::manage_own_account(&visitor.who)?;
    web.limits.passwords_by_email.take(&account.email)
}

fn refuse_password(
    web: &Web,
    visitor: &Visitor,
    form: Form,
    error: AppError,
) -> Result<Response, WebError> {
    let form = form.refused(forms::mistakes(visitor.t, error)?);
    let mut refused = password_page(web, visitor, form)?;
    refused.page = refused.page.with_errors();
    errors::refused(&refused)
}

async fn show_sessions(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    let listed = sessions::list(&web.app, &visitor.who).await?;
    let current = session(&visitor)?.id;
    let lines = listed.into_iter().map(|session| {
        let is_current = session.id == current;
        session_line(&visitor, session, is_current)
    });
    errors::shown(&SessionsPage {
        page: page(&visitor, visitor.t.tr("Mes appareils connectés"))?,
        sessions: lines.collect(),
    })
}

fn session_line(visitor: &Visitor, session: Session, is_current: bool) -> SessionLine {
    let t = visitor.t;
    SessionLine {
        label: name_of_browser(t, &session.user_agent),
        opened: When::moment(t, session.created_at),
        seen: When::ago(t, visitor.now(), session.last_seen_at),
        is_current,
        action: paths::SESSION.replace("{id}", &session.id.to_string()),
    }
}

/// A browser and a system, as far as the first words that it says of itself tell.
fn name_of_browser(t: Texts, user_agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => t.tr("Navigateur inconnu").to_owned(),
    }
}

async fn end_session(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    let id = SessionId::parse(&id).ok_or(AppError::NotFound(Missing::Session))?;
    sessions::revoke(&web.app, &visitor.who, id).await?;
    visitor.flash(Tone::Success, visitor.t.tr("Cet appareil est déconnecté."));
    Ok(Redirect::to(paths::SESSIONS).into_response())
}

async fn end_other_sessions(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    let ended = sessions::revoke_others(&web.app, &visitor.who, session(&visitor)?.id).await?;
    let told = visitor.t.trn(
        "{n} autre appareil déconnecté.",
        "{n} autres appareils déconnectés.",
        ended,
    );
    visitor.flash(Tone::Success, told);
    Ok(Redirect::to(paths::SESSIONS).into_response())
}

async fn tokens_page(web: &Web, visitor: &Visitor, form: Form) -> Result<ApiTokensPage, AppError> {
    let t = visitor.t;
    let tokens = api_tokens::list(&web.app, &visitor.who).await?;
    Ok(ApiTokensPage {
        page: page(visitor, t.tr("Mes clés d’accès"))?,
        form,
        scopes: Scope::ALL
            .iter()
            .map(|scope| Choice::new(scope.as_str(), scope_label(t, *scope)))
            .collect(),
        tokens: tokens
            .into_iter()
            .map(|token| token_line(visitor, &token))
            .collect(),
        secret: None,
    })
}

fn token_line(visitor: &Visitor, token: &ApiToken) -> ApiTokenLine {
    let t = visitor.t;
    let scopes: Vec<_> = token
        .scopes
        .iter()
        .map(|scope| scope_label(t, *scope))
        .collect();
    ApiTokenLine {
        name: token.name.clone(),
        scopes: scopes.join(", "),
        created: When::day(t, token.created_at),
        used: token.last_used_at.map(|at| When::ago(t, visitor.now(), at)),
        action: paths::API_TOKEN.replace("{id}", &token.id.to_string()),
    }
}

fn scope_label(t: Texts, scope: Scope) -> &'static str {
    match scope {
        Scope::OrganisationsRead => t.tr("lire vos organisations"),
        Scope::OrganisationsWrite => t.tr("modifier vos organisations"),
        Scope::AdsRead => t.tr("lire vos annonces, même non publiées"),
        Scope::AdsWrite => t.tr("écrire et publier vos annonces"),
        Scope::CommentsWrite => t.tr("accepter ou refuser des réponses"),
        Scope::AccompanimentsRead => t.tr("lire vos accompagnements et vos recommandations"),
        Scope::AccompanimentsWrite => {
            t.tr("déclarer et confirmer des accompagnements, écrire des recommandations")
        }
        Scope::HostsRead => t.tr("lire la fiche de vos structures, même non publiée"),
        Scope::HostsWrite => t.tr("écrire la fiche de vos structures"),
        Scope::ModerationWrite => t.tr("modérer, si vous en avez le droit"),
    }
}

async fn show_tokens(State(web): State<Web>, visitor: Visitor) -> Result<Response, WebError> {
    errors::shown(&tokens_page(&web, &visitor, Form::default()).await?)
}

/// The secret is on the answer itself and not after a redirection: it is kept nowhere.
async fn create_token(
    State(web): State<Web>,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> Result<Response, WebError> {
    let new = NewToken {
        name: form.value("name"),
        scopes: form.values("scopes").collect(),
    };
    match api_tokens::create(&web.app, &visitor.who, new).await {
        Ok(secret) => {
            let mut shown = tokens_page(&web, &visitor, Form::default()).await?;
            shown.secret = Some(secret.expose().to_owned());
            Ok(never_kept(errors::shown(&shown)?))
        }
        Err(error) => {
            let form = form.refused(forms::mistakes(visitor.t, error)?);
            let mut refused = tokens_page(&web, &visitor, form).await?;
            refused.page = refused.page.with_errors();
            errors::refused(&refused)
        }
    }
}

async fn revoke_token(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> Result<Response, WebError> {
    let id = ApiTokenId::parse(&id).ok_or(AppError::NotFound(Missing::Page))?;
    api_tokens::revoke(&web.app, &visitor.who, id).await?;
    visitor.flash(Tone::Success, visitor.t.tr("Cette clé ne fonctionne plus."));
    Ok(Redirect::to(paths::API_TOKENS).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_its_owner_knows_it() {
        let t = Texts::of(Locale::Fr);
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            ("curl/8.0", "Navigateur inconnu"),
            ("", "Navigateur inconnu"),
        ] {
            assert_eq!(name_of_browser(t, user_agent), name);
        }
    }
}
