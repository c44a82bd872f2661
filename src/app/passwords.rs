//! Passwords: argon2id, computed away from the threads that answer requests.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::app::{AppError, computing::compute};

/// Computations at the same time: each takes 19 MiB (OWASP's choice, the default of the crate).
static SLOTS: Semaphore = Semaphore::const_new(4);

/// What is compared when there is no password, so that the answer takes as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("personne").ok());

/// The hash to keep, in PHC form.
pub(crate) async fn hash(password: String) -> Result<String, AppError> {
    compute(&SLOTS, move || hash_now(&password)).await?
}

/// Whether a password is the one that was hashed; takes as long when there is no hash.
pub(crate) async fn is_right(hash: Option<String>, password: String) -> Result<bool, AppError> {
    compute(&SLOTS, move || {
        let (hash, somebody) = match (hash, &*NOBODY) {
            (Some(hash), _) => (hash, true),
            (None, Some(nobody)) => (nobody.clone(), false),
            (None, None) => return false,
        };
        let is_right = PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        });
        is_right && somebody
    })
    .await
}

fn hash_now(password: &str) -> Result<String, AppError> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| AppError::internal(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_password_is_right() {
        let kept = hash("trois petits chats noirs".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        let is = async |hash: Option<&String>, password: &str| {
            is_right(hash.cloned(), password.to_owned()).await.unwrap()
        };
        assert!(is(Some(&kept), "trois petits chats noirs").await);
        assert!(!is(Some(&kept), "trois petits chats gris").await);
        assert!(!is(Some(&"damaged".to_owned()), "trois petits chats noirs").await);
        assert!(!is(None, "personne").await, "nobody has no password");
    }
}
