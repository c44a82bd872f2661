//! People who sign in: their account, their profile, their password.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Missing, Who, mails, notices, passwords, permissions},
    domain::{
        account::{Account, Role, Session, check_password, parse_name},
        email::EmailAddress,
        problem::{Problem, Problems},
    },
    locales::mark,
    mail::compose::{self, PasswordNews},
    store::{StoreError, Write, accounts, audit, sessions},
};

/// A session this young may replace the password without giving it: its owner has just proved to
/// hold the mailbox.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// The page that sets a password.
pub const PASSWORD_PATH: &str = "/compte/mot-de-passe";

/// An account to make for somebody.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    pub email: &'a str,
    pub name: &'a str,
    pub role: Role,
    /// Language of their mails: `fr` or `en`.
    pub locale: &'a str,
}

/// Makes an account, from the command line. Its owner signs in with a link sent to the address.
pub async fn create(app: &App, who: &Who, new: NewAccount<'_>) -> Result<Account, AppError> {
    permissions::act_as_system(who)?;
    let mut problems = Problems::new();
    let email = EmailAddress::parse(new.email).map_err(Problem::from);
    let email = problems.check("email", email);
    let name = problems.check("name", parse_name(new.name));
    let (email, name) = problems.or(email.zip(name)).map_err(AppError::Invalid)?;
    let account = Account {
        id: app.next_id(),
        email: email.key(),
        name,
        role: new.role,
        locale: new.locale.to_owned(),
        has_password: false,
        created_at: app.now(),
        suspended_at: None,
    };
    let mut tx = app.store().write().await?;
    insert(app, &mut tx, who, &account).await?;
    tx.commit().await?;
    Ok(account)
}

/// Adds an account in the transaction that needs it.
pub(crate) async fn insert(
    app: &App,
    tx: &mut Write,
    who: &Who,
    account: &Account,
) -> Result<(), AppError> {
    accounts::insert(tx, account)
        .await
        .map_err(|error| match error {
            StoreError::Conflict => AppError::conflict("Un compte existe déjà avec cette adresse."),
            error => error.into(),
        })?;
    app.audit(tx, who, entry("account.create", account)).await
}

/// The account of an address, for the command line.
pub async fn find_by_email(app: &App, who: &Who, email: &str) -> Result<Account, AppError> {
    permissions::act_as_system(who)?;
    let email =
        EmailAddress::parse(email).map_err(|reason| AppError::field("email", reason.into()))?;
    let mut tx = app.store().read().await?;
    accounts::find_by_email(&mut tx, &email.key())
        .await?
        .ok_or(AppError::NotFound(Missing::Account))
}

/// Changes how somebody is called, and the language of their mails.
pub async fn update_profile(
    app: &App,
    who: &Who,
    name: &str,
    locale: &str,
) -> Result<(), AppError> {
    let account = permissions::manage_own_account(who)?;
    let name = parse_name(name).map_err(|problem| AppError::field("name", problem))?;
    let locale = match locale {
        "fr" | "en" => locale,
        _ => {
            let problem = Problem::new("Choisissez une langue de la liste.");
            return Err(AppError::field("locale", problem));
        }
    };
    let mut tx = app.store().write().await?;
    accounts::update_profile(&mut tx, account.id, &name, locale).await?;
    app.audit(&mut tx, who, entry("account.update", account))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// A password to set. Whoever holds the mailbox may replace one they forgot.
#[derive(Clone, Debug)]
pub struct NewPassword<'a> {
    /// The one in use; not needed when there is none, nor just after signing in.
    pub current: &'a str,
    pub password: &'a str,
    pub again: &'a str,
}

/// Whether the password in use must be given to replace it.
pub fn must_give_password(app: &App, account: &Account, session: &Session) -> bool {
    account.has_password && app.now() - session.created_at > FRESH
}

/// Sets or replaces the password of somebody, signs their other browsers out, and tells them by
/// mail.
pub async fn set_password(
    app: &App,
    who: &Who,
    session: &Session,
    new: NewPassword<'_>,
) -> Result<(), AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut problems = Problems::new();
    if !is_allowed(app, account, session, new.current).await? {
        problems.add("password_current", Problem::new(WRONG_CURRENT));
    }
    let checked = check_password(new.password, new.again);
    let checked = problems.check("password_new", checked);
    problems.or(checked).map_err(AppError::Invalid)?;
    let hash = passwords::hash(new.password.to_owned()).await?;
    keep_password(app, who, account, session, Some(&hash)).await
}

/// Takes the password of somebody away: only links sent by mail sign them in from then on. Their
/// other browsers are signed out, and a mail tells them.
pub async fn remove_password(
    app: &App,
    who: &Who,
    session: &Session,
    current: &str,
) -> Result<(), AppError> {
    let account = permissions::manage_own_account(who)?;
    if !is_allowed(app, account, session, current).await? {
        return Err(AppError::field(
            "password_current",
            Problem::new(WRONG_CURRENT),
        ));
    }
    keep_password(app, who, account, session, None).await
}

const WRONG_CURRENT: &str = mark(
    "Ce n’est pas votre mot de passe actuel. Si vous l’avez oublié, déconnectez-vous puis revenez avec un lien reçu par e-mail.",
);

async fn is_allowed(
    app: &App,
    account: &Account,
    session: &Session,
    current: &str,
) -> Result<bool, AppError> {
    if !must_give_password(app, account, session) {
        return Ok(true);
    }
    let mut tx = app.store().read().await?;
    let hash = accounts::find_password_hash(&mut tx, account.id).await?;
    drop(tx);
    passwords::is_right(hash, current.to_owned()).await
}

async fn keep_password(
    app: &App,
    who: &Who,
    account: &Account,
    session: &Session,
    hash: Option<&str>,
) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    accounts::set_password_hash(&mut tx, account.id, hash).await?;
    sessions::delete_others(&mut tx, account.id, session.id).await?;
    app.audit(&mut tx, who, entry("account.set_password", account))
        .await?;
    let news = match hash {
        None => PasswordNews::Removed,
        Some(_) if account.has_password => PasswordNews::Replaced,
        Some(_) => PasswordNews::Added,
    };
    tell_password_changed(app, &mut tx, account, news).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell_password_changed(
    app: &App,
    tx: &mut Write,
    account: &Account,
    news: PasswordNews,
) -> Result<(), AppError> {
    let message = compose::password_changed(
        notices::texts_of(account),
        &compose::PasswordChanged {
            to: &account.email,
            site: notices::site(app),
            news,
            at: app.now(),
            link: &notices::link(app, PASSWORD_PATH)?,
        },
    );
    mails::enqueue(app, tx, &message).await?;
    Ok(())
}

fn entry<'a>(action: &'a str, account: &Account) -> audit::Entry<'a> {
    audit::Entry {
        action,
        subject_kind: "account",
        subject_id: account.id.get(),
        detail: "",
    }
}
