//! Somebody's browser: it keeps cookies, follows links and sends forms back as they are.

use std::{collections::BTreeMap, sync::Mutex};

use axum_extra::extract::cookie::Cookie;
use reqwest::{
    Client, Method, RequestBuilder,
    header::{ACCEPT, COOKIE, LOCATION, ORIGIN, SET_COOKIE},
    redirect::Policy,
};

use super::{Page, instance::Names};

/// What Firefox sends when somebody opens a page.
const ACCEPT_OF_BROWSERS: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

pub struct Browser {
    http: Client,
    origin: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub fn new(origin: &str, names: &Names) -> Self {
        let mut builder = Client::builder().redirect(Policy::none()).no_proxy();
        for (name, address) in names.iter() {
            builder = builder.resolve(name, *address);
        }
        Self {
            http: builder.build().unwrap(),
            origin: origin.trim_end_matches('/').to_owned(),
            cookies: Mutex::default(),
        }
    }

    /// A request with the cookies of this browser, to be completed and given to [`Self::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix('/') {
            Some(_) => format!("{}{path}", self.origin),
            None => path.to_owned(),
        };
        let request = self
            .http
            .request(method, url)
            .header(ACCEPT, ACCEPT_OF_BROWSERS);
        let cookies = self.cookies.lock().unwrap();
        if cookies.is_empty() {
            return request;
        }
        let pairs: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        request.header(COOKIE, pairs.join("; "))
    }

    /// Sends a request and keeps the cookies of its answer.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        for line in response.headers().get_all(SET_COOKIE) {
            let cookie = Cookie::parse(line.to_str().unwrap().to_owned()).unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if cookie.max_age().is_some_and(|age| age.whole_seconds() == 0) {
                cookies.remove(cookie.name());
            } else {
                cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        Page::read(response).await
    }

    /// Opens an address: a path, or one of ours in full. Redirections are not followed.
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    /// Opens an address and whatever it leads to.
    pub async fn visit(&self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    /// Goes where an answer leads, until it is a page.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            match page.headers.get(LOCATION) {
                Some(target) => {
                    let target = target.to_str().unwrap().to_owned();
                    page = self.get(&target).await;
                }
                None => return page,
            }
        }
        panic!("redirected in circles");
    }

    /// Fills in and sends the form of a page whose address is `action`: its hidden fields and what
    /// it already holds are sent too. Redirections are not followed.
    pub async fn submit(&self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.form(action);
        fields.retain(|(name, _)| !typed.iter().any(|(typed, _)| typed == name));
        let typed = typed.iter();
        fields.extend(typed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &fields).await
    }

    /// As [`Self::submit`], without what the form already holds but its token: for pages with
    /// several forms to the same address.
    pub async fn submit_first(&self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.form(action);
        fields.retain(|(name, _)| name == "csrf");
        let typed = typed.iter();
        fields.extend(typed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &fields).await
    }

    /// Sends fields to an address as a form of this site would.
    pub async fn post<Name: AsRef<str>, Value: AsRef<str>>(
        &self,
        path: &str,
        fields: &[(Name, Value)],
    ) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .request(Method::POST, path)
            .header(ORIGIN, &self.origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        self.send(request).await
    }

    /// Opens a page and sends the form it holds for its own address.
    pub async fn post_form(&self, path: &str, typed: &[(&str, &str)]) -> Page {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let action = path.split('?').next().unwrap();
        self.submit(&page, action, typed).await
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Puts a cookie in place, or takes it away.
    pub fn set_cookie(&self, name: &str, value: Option<&str>) {
        let mut cookies = self.cookies.lock().unwrap();
        match value {
            Some(value) => cookies.insert(name.to_owned(), value.to_owned()),
            None => cookies.remove(name),
        };
    }

    /// The names of every cookie.
    pub fn cookie_names(&self) -> Vec<String> {
        self.cookies.lock().unwrap().keys().cloned().collect()
    }
}
