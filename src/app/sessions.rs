//! Browsers that are signed in: opened, used, listed, ended.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Missing, Token, Who, permissions},
    domain::{
        account::{Account, Session},
        ids::SessionId,
    },
    store::{Write, audit, sessions},
};

/// A session ends after this time without a visit.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);
/// A visit is noted when the last one noted is older.
const TOUCH_AFTER: TimeDelta = TimeDelta::hours(1);

/// Opens a session for an account in the transaction that signs it in; the token is for the
/// cookie, only its hash is kept.
pub(crate) async fn open(
    app: &App,
    tx: &mut Write,
    account: &Account,
    user_agent: &str,
) -> Result<Token, AppError> {
    let token = app.new_token()?;
    let now = app.now();
    let session = Session {
        id: app.next_id(),
        user_agent: user_agent.to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + LIFETIME,
    };
    sessions::insert(tx, account.id, &token.hash(), &session).await?;
    Ok(token)
}

/// Who holds a token; a visit pushes the end of its session back.
pub async fn find(app: &App, token: &Token) -> Result<Option<(Account, Session)>, AppError> {
    let now = app.now();
    let mut tx = app.store().read().await?;
    let Some((account, mut session)) = sessions::find_by_token(&mut tx, &token.hash(), now).await?
    else {
        return Ok(None);
    };
    drop(tx);
    if now - session.last_seen_at >= TOUCH_AFTER {
        session.last_seen_at = now;
        session.expires_at = now + LIFETIME;
        let mut tx = app.store().write().await?;
        sessions::touch(
            &mut tx,
            session.id,
            session.last_seen_at,
            session.expires_at,
        )
        .await?;
        tx.commit().await?;
    }
    Ok(Some((account, session)))
}

/// Ends the session of this token; that it had already ended is no failure.
pub async fn end(app: &App, token: &Token) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    sessions::delete_by_token(&mut tx, &token.hash()).await?;
    tx.commit().await?;
    Ok(())
}

/// The browsers in which somebody is signed in, last used first.
pub async fn list(app: &App, who: &Who) -> Result<Vec<Session>, AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut tx = app.store().read().await?;
    Ok(sessions::list_by_account(&mut tx, account.id, app.now()).await?)
}

/// Ends one session of somebody.
pub async fn revoke(app: &App, who: &Who, id: SessionId) -> Result<(), AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut tx = app.store().write().await?;
    if !sessions::delete(&mut tx, account.id, id).await? {
        return Err(AppError::NotFound(Missing::Session));
    }
    app.audit(&mut tx, who, entry("session.revoke", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends every session of somebody but the one in use, and says how many.
pub async fn revoke_others(app: &App, who: &Who, kept: SessionId) -> Result<u64, AppError> {
    let account = permissions::manage_own_account(who)?;
    let mut tx = app.store().write().await?;
    let ended = sessions::delete_others(&mut tx, account.id, kept).await?;
    app.audit(&mut tx, who, entry("session.revoke_others", kept))
        .await?;
    tx.commit().await?;
    Ok(ended)
}

fn entry(action: &str, id: SessionId) -> audit::Entry<'_> {
    audit::Entry {
        action,
        subject_kind: "session",
        subject_id: id.get(),
        detail: "",
    }
}
