//! Keys of the JSON API: made, listed, used, revoked.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Missing, Token, Who, accounts, permissions},
    domain::{
        account::{Account, ApiToken, parse_scopes, parse_token_name},
        ids::ApiTokenId,
        problem::Problems,
    },
    store::{api_tokens, audit},
};

/// A use is noted when the last one noted is older.
const TOUCH_AFTER: TimeDelta = TimeDelta::minutes(5);

/// A key to make.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// What uses it.
    pub name: &'a str,
    /// Words of [`crate::domain::account::Scope`].
    pub scopes: Vec<&'a str>,
}

/// Makes a key for somebody; its secret is given here and never again.
pub async fn create(app: &App, who: &Who, new: NewToken<'_>) -> Result<Token, AppError> {
    let account = permissions::manage_own_account(who)?;
    insert(app, who, account, new).await
}

/// Makes a key for the account of an address, from the command line.
pub async fn create_for(
    app: &App,
    who: &Who,
    email: &str,
    new: NewToken<'_>,
) -> Result<Token, AppError> {
    let account = accounts::find_by_email(app, who, email).await?;
    insert(app, who, &account, new).await
}

async fn insert(
    app: &App,
    who: &Who,
    account: &Account,
    new: NewToken<'_>,
) -> Result<Token, AppError> {
    let mut problems = Problems::new();
    let name = problems.check("name", parse_token_name(new.name));
    let scopes = problems.check("scopes", parse_scopes(new.scopes));
    let (name, scopes) = problems.or(name.zip(scopes)).map_err(AppError::Invalid)?;
    let secret = app.new_token()?;
    let token = ApiToken {
        id: app.next_id(),
        name,
        scopes,
        created_at: app.now(),
        last_used_at: None,
    };
    let mut tx = app.store().write().await?;
    api_tokens::insert(&mut tx, account.id, &secret.hash(), &token).await?;
    app.audit(&mut tx, who, entry("api_token.create", token.id))
        .await?;
    tx.commit().await?;
    Ok(secret)
}

/// Who holds a key: its account, within its scopes. `None` when it is unknown or revoked.
pub async fn find(app: &App, secret: &Token) -> Result<Option<Who>, AppError> {
    let now = app.now();
    let mut tx = app.store().read().await?;
    let Some((account, token)) = api_tokens::find_by_token(&mut tx, &secret.hash()).await? else {
        return Ok(None);
    };
    drop(tx);
    if token
        .last_used_at
        .is_none_or(|last| now - last >= TOUCH_AFTER)
    {
        let mut tx = app.store().write().await?;
        api_tokens::touch(&mut tx, token.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Who::Program {
        account: Box::new(account),
        scopes: token.scopes,
    }))
}

/// The keys of somebody, newest first.
pub async fn list(app: &App, who: &Who) -> Result<Vec<ApiToken>, AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut tx = app.store().read().await?;
    Ok(api_tokens::list_by_account(&mut tx, account.id).await?)
}

/// Revokes a key of somebody: it stops working at once.
pub async fn revoke(app: &App, who: &Who, id: ApiTokenId) -> Result<(), AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut tx = app.store().write().await?;
    if !api_tokens::revoke(&mut tx, account.id, id, app.now()).await? {
        return Err(AppError::NotFound(Missing::Page));
    }
    app.audit(&mut tx, who, entry("api_token.revoke", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

fn entry(action: &str, id: ApiTokenId) -> audit::Entry<'_> {
    audit::Entry {
        action,
        subject_kind: "api_token",
        subject_id: id.get(),
        detail: "",
    }
}
