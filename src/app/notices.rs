//! What mails have in common: the site they come from, the links they carry, who wants them.

use url::Url;

use crate::{
    app::{App, AppError, Missing},
    domain::{account::Account, ids::AccountId},
    locales::{Locale, Texts},
    mail::compose::Site,
    store::{accounts, notices},
};

/// What a link that stops notices is signed for.
const STOP: &str = "stop-notices";

/// The texts in the language of an account.
pub(crate) fn texts_of(account: &Account) -> Texts {
    Texts::of(Locale::from_tag(&account.locale).unwrap_or(Locale::Fr))
}

/// The site, as mails name it.
pub(crate) fn site(app: &App) -> Site<'_> {
    Site {
        name: &app.config().instance.name,
        url: app.config().public_url.as_url(),
    }
}

/// One of our addresses, as mails carry it.
pub(crate) fn link(app: &App, path: &str) -> Result<Url, AppError> {
    Url::parse(&app.url(path)).map_err(AppError::internal)
}

/// The link that stops the notices of an account, without signing in.
pub(crate) fn stop_link(app: &App, account: AccountId) -> Result<Url, AppError> {
    let mark = app.secrets().sign(STOP, &account.to_string());
    link(app, &format!("/courriels/arret/{account}/{mark}"))
}

/// The account that a link to stop notices was made for.
fn account_of_stop_link(app: &App, account: &str, mark: &str) -> Result<AccountId, AppError> {
    let missing = AppError::NotFound(Missing::Link);
    if !app.secrets().is_signed(STOP, account, mark) {
        return Err(missing);
    }
    AccountId::parse(account).ok_or(missing)
}

/// Checks a link to stop notices, before its page asks for confirmation.
pub async fn check_stop_link(app: &App, account: &str, mark: &str) -> Result<(), AppError> {
    let id = account_of_stop_link(app, account, mark)?;
    let mut tx = app.store().read().await?;
    accounts::find(&mut tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Link))?;
    Ok(())
}

/// Stops the notices of an account: what it does not need to act upon. Links to sign in, decisions
/// about its own ads and their terms still come.
pub async fn stop(app: &App, account: &str, mark: &str) -> Result<(), AppError> {
    let id = account_of_stop_link(app, account, mark)?;
    let mut tx = app.store().write().await?;
    if !notices::stop(&mut tx, id).await? {
        return Err(AppError::NotFound(Missing::Link));
    }
    tx.commit().await?;
    Ok(())
}
