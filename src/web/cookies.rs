//! What browsers keep for us, and under which flags.
//!
//! A reader who only reads gets none. `__Host-` binds a cookie to our exact host and to TLS; a
//! laboratory on plain http gets the same names without it, since browsers would refuse them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::CookieJar;
use chrono::TimeDelta;

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CookieName {
    /// The token of somebody signed in.
    Session,
    /// The secret of a browser whose reader is not signed in and fills in a form.
    Form,
    /// A message for the next page, sealed.
    Flash,
    /// The language that the reader chose.
    Language,
}

impl CookieName {
    const fn secure(self) -> &'static str {
        match self {
            Self::Session => "__Host-session",
            Self::Form => "__Host-form",
            Self::Flash => "__Host-flash",
            Self::Language => "__Host-language",
        }
    }

    const fn plain(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Form => "form",
            Self::Flash => "flash",
            Self::Language => "language",
        }
    }
}

/// How the instance is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tls,
    /// A laboratory.
    PlainHttp,
}

/// The cookies of one request, and what its answer changes about them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cookies {
    sent: CookieJar,
    transport: Transport,
    changes: Arc<Mutex<BTreeMap<CookieName, Change>>>,
}

#[derive(Clone, Debug)]
enum Change {
    Set { value: String, lifetime: TimeDelta },
    Remove,
}

impl Cookies {
    /// Reads what the browser sent.
    pub fn read(headers: &HeaderMap, transport: Transport) -> Self {
        Self {
            sent: CookieJar::from_headers(headers),
            transport,
            changes: Arc::default(),
        }
    }

    fn name(&self, cookie: CookieName) -> &'static str {
        match self.transport {
            Transport::Tls => cookie.secure(),
            Transport::PlainHttp => cookie.plain(),
        }
    }

    fn with_changes<T>(&self, act: impl FnOnce(&mut BTreeMap<CookieName, Change>) -> T) -> T {
        // nothing panics while the lock is held, and a map is valid whatever happened
        act(&mut self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The value, as it will be once this request is answered.
    pub fn get(&self, cookie: CookieName) -> Option<String> {
        self.with_changes(|changes| match changes.get(&cookie) {
            Some(Change::Set { value, .. }) => Some(value.clone()),
            Some(Change::Remove) => None,
            None => self
                .sent
                .get(self.name(cookie))
                .map(|sent| sent.value().to_owned()),
        })
    }

    /// Gives the browser a value to keep: letters, digits, `-`, `_` and `.` only.
    pub fn set(&self, cookie: CookieName, value: impl Into<String>, lifetime: TimeDelta) {
        let value = value.into();
        self.with_changes(|changes| changes.insert(cookie, Change::Set { value, lifetime }));
    }

    /// Makes the browser forget a value.
    pub fn remove(&self, cookie: CookieName) {
        if self.get(cookie).is_some() {
            self.with_changes(|changes| changes.insert(cookie, Change::Remove));
        }
    }

    /// Tells the browser what changed.
    pub fn write(&self, headers: &mut HeaderMap) {
        let flags = match self.transport {
            Transport::Tls => "; Path=/; HttpOnly; SameSite=Lax; Secure",
            Transport::PlainHttp => "; Path=/; HttpOnly; SameSite=Lax",
        };
        self.with_changes(|changes| {
            for (cookie, change) in changes.iter() {
                let name = self.name(*cookie);
                let line = match change {
                    Change::Set { value, lifetime } => {
                        format!("{name}={value}; Max-Age={}{flags}", lifetime.num_seconds())
                    }
                    Change::Remove => format!("{name}=; Max-Age=0{flags}"),
                };
                if let Ok(line) = HeaderValue::from_str(&line) {
                    headers.append(header::SET_COOKIE, line);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))])
    }

    #[test]
    fn over_tls_only_the_names_bound_to_our_host_count() {
        let cookies = Cookies::read(&sent("session=theirs; __Host-session=ours"), Transport::Tls);
        assert_eq!(cookies.get(CookieName::Session).as_deref(), Some("ours"));
        let cookies = Cookies::read(&sent("session=theirs"), Transport::Tls);
        assert_eq!(cookies.get(CookieName::Session), None);
    }

    #[test]
    fn a_cookie_has_every_flag() {
        let cookies = Cookies::read(&HeaderMap::new(), Transport::Tls);
        cookies.set(CookieName::Session, "abc", TimeDelta::days(30));
        let mut headers = HeaderMap::new();
        cookies.write(&mut headers);
        assert_eq!(
            headers[header::SET_COOKIE],
            "__Host-session=abc; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn nothing_is_removed_that_was_not_there() {
        let cookies = Cookies::read(&HeaderMap::new(), Transport::Tls);
        cookies.remove(CookieName::Flash);
        let mut headers = HeaderMap::new();
        cookies.write(&mut headers);
        assert!(headers.is_empty());
        let cookies = Cookies::read(&sent("__Host-flash=x"), Transport::Tls);
        cookies.remove(CookieName::Flash);
        assert_eq!(cookies.get(CookieName::Flash), None);
    }
}
