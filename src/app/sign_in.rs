//! Signing in: with a link sent by mail, or with a password for those who set one.
//!
//! Nothing here tells whether an address is known: a link is sent to any address, and opens an
//! account at its first use when there is none.

use chrono::TimeDelta;
use url::Url;

use crate::{
    app::{App, AppError, Missing, Token, Who, accounts, mails, passwords, sessions},
    domain::{
        account::{Account, Role, parse_name},
        email::EmailAddress,
        local_path::LocalPath,
        problem::Problem,
    },
    locales::{Locale, Texts},
    mail::compose,
    store::{self, audit, sign_in_links},
};

/// How long a link works.
pub const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// Page of a link; its token stands in the query, which is not logged.
pub const LINK_PATH: &str = "/connexion/lien";
/// The parameter that holds the token.
pub const TOKEN_PARAMETER: &str = "jeton";

/// A link to send.
#[derive(Clone, Debug)]
pub struct AskLink<'a> {
    /// As typed.
    pub email: &'a str,
    /// The secret of the browser that asks.
    pub browser: &'a Token,
    /// Where to go once signed in.
    pub next: Option<&'a LocalPath>,
    /// Language of the mail.
    pub locale: Locale,
}

/// Reads an address as typed, before it is counted by limits.
pub fn parse_email(typed: &str) -> Result<EmailAddress, AppError> {
    EmailAddress::parse(typed).map_err(|reason| AppError::field("email", reason.into()))
}

/// Sends a link that signs in, whether or not the address has an account.
pub async fn ask_link(app: &App, ask: AskLink<'_>) -> Result<(), AppError> {
    let email = parse_email(ask.email)?;
    let token = app.new_token()?;
    let now = app.now();
    let link = sign_in_links::SignInLink {
        id: app.next_id(),
        email: email.as_str().to_owned(),
        browser_hash: ask.browser.hash(),
        next_path: ask.next.map_or_else(String::new, ToString::to_string),
        expires_at: now + LINK_LIFETIME,
    };
    let mut address = Url::parse(&app.url(LINK_PATH)).map_err(AppError::internal)?;
    address
        .query_pairs_mut()
        .append_pair(TOKEN_PARAMETER, token.expose());
    let home = Url::parse(&app.url("/")).map_err(AppError::internal)?;
    let message = compose::sign_in_link(
        Texts::of(ask.locale),
        &compose::SignInLink {
            to: email.as_str(),
            site: compose::Site {
                name: &app.config().instance.name,
                url: &home,
            },
            link: &address,
            minutes: LINK_LIFETIME.num_minutes().unsigned_abs(),
        },
    );
    let mut tx = app.store().write().await?;
    sign_in_links::insert(&mut tx, &link, &token.hash(), now).await?;
    mails::enqueue(app, &mut tx, &message).await?;
    tx.commit().await?;
    Ok(())
}

/// Which browser opens a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// The one that asked for it.
    Same,
    /// Another one: its reader must say that they asked.
    Other,
}

/// A link before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedLink {
    /// Where it was sent.
    pub email: String,
    pub browser: Browser,
    /// Whether the address has no account yet.
    pub is_new: bool,
    /// Where to go once signed in.
    pub next: Option<LocalPath>,
}

/// What a link would do; opening it does not use it, since scanners of mails open links too.
pub async fn find_link(
    app: &App,
    token: &Token,
    browser: Option<&Token>,
) -> Result<OpenedLink, AppError> {
    let mut tx = app.store().read().await?;
    let link = sign_in_links::find_usable(&mut tx, &token.hash(), app.now())
        .await?
        .ok_or(AppError::NotFound(Missing::Link))?;
    let email = parse_email(&link.email)?;
    let account = store::accounts::find_by_email(&mut tx, &email.key()).await?;
    Ok(OpenedLink {
        browser: browser_of(&link, browser),
        is_new: account.is_none(),
        next: LocalPath::parse(&link.next_path),
        email: link.email,
    })
}

fn browser_of(link: &sign_in_links::SignInLink, browser: Option<&Token>) -> Browser {
    match browser {
        Some(secret) if secret.hash() == link.browser_hash => Browser::Same,
        _ => Browser::Other,
    }
}

/// Whether the reader said that they asked for the link themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    Given,
    Missing,
}

/// A link to use.
#[derive(Clone, Debug)]
pub struct UseLink<'a> {
    pub token: &'a Token,
    /// The secret of the browser that uses it.
    pub browser: Option<&'a Token>,
    /// Needed in another browser than the one that asked.
    pub confirmation: Confirmation,
    /// How the person is called; needed when the address has no account yet.
    pub name: &'a str,
    /// Language of the account, when it is made.
    pub locale: Locale,
    pub user_agent: &'a str,
}

/// Somebody who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// For the cookie.
    pub session: Token,
    pub account: Account,
    /// Where to go.
    pub next: Option<LocalPath>,
}

/// Uses a link: signs in, and makes the account at the first time.
///
/// # Errors
/// `NotFound(Link)` when it was used or is too old; nothing is used up by any failure.
pub async fn use_link(app: &App, command: UseLink<'_>) -> Result<SignedIn, AppError> {
    let now = app.now();
    let mut tx = app.store().write().await?;
    let link = sign_in_links::find_usable(&mut tx, &command.token.hash(), now)
        .await?
        .ok_or(AppError::NotFound(Missing::Link))?;
    if browser_of(&link, command.browser) == Browser::Other
        && command.confirmation == Confirmation::Missing
    {
        return Err(AppError::field(
            "confirmation",
            Problem::new("Confirmez que c’est bien vous qui avez demandé ce lien."),
        ));
    }
    if !sign_in_links::mark_used(&mut tx, link.id, now).await? {
        return Err(AppError::NotFound(Missing::Link));
    }
    let email = parse_email(&link.email)?;
    let account = match store::accounts::find_by_email(&mut tx, &email.key()).await? {
        Some(account) => account,
        None => {
            let account = new_account(app, &email, &command)?;
            accounts::insert(app, &mut tx, &Who::Anonymous, &account).await?;
            account
        }
    };
    let session = open_session(app, &mut tx, &account, command.user_agent).await?;
    tx.commit().await?;
    Ok(SignedIn {
        session,
        account,
        next: LocalPath::parse(&link.next_path),
    })
}

fn new_account(
    app: &App,
    email: &EmailAddress,
    command: &UseLink<'_>,
) -> Result<Account, AppError> {
    Ok(Account {
        id: app.next_id(),
        email: email.key(),
        name: parse_name(command.name).map_err(|problem| AppError::field("name", problem))?,
        role: Role::Member,
        locale: command.locale.tag().to_owned(),
        has_password: false,
        created_at: app.now(),
        suspended_at: None,
    })
}

/// A password to sign in with.
#[derive(Clone, Debug)]
pub struct UsePassword<'a> {
    /// As typed.
    pub email: &'a str,
    pub password: &'a str,
    pub user_agent: &'a str,
}

/// Signs in with a password. The answer is the same, in the same time, whether the address is
/// unknown, has no password, or has another one.
pub async fn use_password(app: &App, command: UsePassword<'_>) -> Result<SignedIn, AppError> {
    let email = parse_email(command.email)?;
    let mut tx = app.store().read().await?;
    let account = store::accounts::find_by_email(&mut tx, &email.key()).await?;
    let hash = match &account {
        Some(account) => store::accounts::find_password_hash(&mut tx, account.id).await?,
        None => None,
    };
    drop(tx);
    let is_right = passwords::is_right(hash, command.password.to_owned()).await?;
    let Some(account) = account.filter(|_| is_right) else {
        return Err(AppError::field(
            "password",
            Problem::new(
                "Cette adresse et ce mot de passe ne vont pas ensemble. Vous pouvez demander un lien de connexion.",
            ),
        ));
    };
    let mut tx = app.store().write().await?;
    let session = open_session(app, &mut tx, &account, command.user_agent).await?;
    tx.commit().await?;
    Ok(SignedIn {
        session,
        account,
        next: None,
    })
}

async fn open_session(
    app: &App,
    tx: &mut store::Write,
    account: &Account,
    user_agent: &str,
) -> Result<Token, AppError> {
    let who = Who::Person(Box::new(account.clone()));
    // a suspended account is told so, and only to who proved to own it
    who.signed_in()?;
    let session = sessions::open(app, tx, account, user_agent).await?;
    let entry = audit::Entry {
        action: "account.sign_in",
        subject_kind: "account",
        subject_id: account.id.get(),
        detail: "",
    };
    app.audit(tx, &who, entry).await?;
    Ok(session)
}
