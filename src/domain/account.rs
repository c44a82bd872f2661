//! People who sign in.

use chrono::{DateTime, Utc};

use super::{
    ids::{AccountId, ApiTokenId, SessionId},
    problem::Problem,
};

words! {
    /// What somebody may do on the whole instance.
    pub enum Role {
        /// Acts for their own organisations only.
        Member => "member",
        /// Decides on ads, organisations, comments and reports.
        Moderator => "moderator",
        /// Moderates, and settles the instance itself.
        Administrator => "administrator",
    }
}

words! {
    /// What a key of the JSON API allows. A scope never gives more than its account may do.
    pub enum Scope {
        OrganisationsRead => "organisations:read",
        OrganisationsWrite => "organisations:write",
        AdsRead => "ads:read",
        AdsWrite => "ads:write",
        CommentsWrite => "comments:write",
        AccompanimentsRead => "accompaniments:read",
        AccompanimentsWrite => "accompaniments:write",
        HostsRead => "hosts:read",
        HostsWrite => "hosts:write",
        ModerationWrite => "moderation:write",
    }
}

impl Scope {
    /// Whether holding this scope is enough where `wanted` is: what writes also reads.
    pub fn covers(self, wanted: Self) -> bool {
        self == wanted
            || matches!(
                (self, wanted),
                (Self::OrganisationsWrite, Self::OrganisationsRead)
                    | (Self::AdsWrite, Self::AdsRead)
                    | (Self::AccompanimentsWrite, Self::AccompanimentsRead)
                    | (Self::HostsWrite, Self::HostsRead)
            )
    }
}

/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// Folded to lower case; never shown to others.
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Language of their mails: `fr` or `en`.
    pub locale: String,
    pub has_password: bool,
    pub created_at: DateTime<Utc>,
    pub suspended_at: Option<DateTime<Utc>>,
}

/// One browser that is signed in, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A key of the JSON API; the secret itself is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The name of a person, as typed: 1 to 80 characters on one line.
pub fn parse_name(typed: &str) -> Result<String, Problem> {
    let name = super::text::clean_line(typed);
    match name.chars().count() {
        0 => Err(Problem::new(
            "Indiquez votre nom, ou celui que les autres connaissent.",
        )),
        1..=80 => Ok(name),
        _ => Err(Problem::new(
            "Ce nom est trop long : 80 caractères au plus.",
        )),
    }
}

/// The name of a key, which tells its owner what uses it: 1 to 80 characters on one line.
pub fn parse_token_name(typed: &str) -> Result<String, Problem> {
    let name = super::text::clean_line(typed);
    match name.chars().count() {
        0 => Err(Problem::new(
            "Donnez un nom à cette clé, pour vous souvenir de ce qui s’en sert.",
        )),
        1..=80 => Ok(name),
        _ => Err(Problem::new(
            "Ce nom est trop long : 80 caractères au plus.",
        )),
    }
}

/// The scopes of a key, from their words; at least one.
pub fn parse_scopes<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Vec<Scope>, Problem> {
    let mut scopes = Vec::new();
    for word in words {
        let scope = Scope::parse(word).ok_or_else(|| {
            Problem::new("« {word} » n’est pas un droit connu.").with("word", word)
        })?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(Problem::new("Choisissez au moins un droit."));
    }
    Ok(scopes)
}

/// The least and the most characters of a password. No rule of composition: length is what
/// protects (NIST SP 800-63B §5.1.1).
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 12..=200;

/// Checks a password typed twice.
pub fn check_password(password: &str, again: &str) -> Result<(), Problem> {
    let length = password.chars().count();
    if !PASSWORD_LENGTH.contains(&length) {
        return Err(Problem::new("Choisissez une phrase de {least} caractères ou plus, facile à retenir pour vous seul·e.")
            .with("least", PASSWORD_LENGTH.start()));
    }
    if password != again {
        return Err(Problem::new("Les deux saisies sont différentes."));
    }
    Ok(())
}
