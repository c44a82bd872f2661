//! The JSON API, as programs use it.

mod accompaniments;
mod answers;
mod errors;
mod hosts;
mod life;
mod lists;

use emancipasso::{
    app::{
        Who,
        accounts::{self, NewAccount},
        api_tokens::{self, NewToken},
    },
    domain::account::Role,
};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use crate::support::{Browser, Engine, Instance};

const EVERY_SCOPE: [&str; 10] = [
    "accompaniments:read",
    "accompaniments:write",
    "organisations:read",
    "organisations:write",
    "ads:read",
    "ads:write",
    "comments:write",
    "hosts:read",
    "hosts:write",
    "moderation:write",
];

/// A program, with its key or without.
struct Program {
    http: Browser,
    key: Option<String>,
}

/// What it received.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    json: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// What it holds; panics when the status is another.
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json
    }

    /// Checks that it is a problem document of this kind, and gives it.
    fn expect_problem(self, status: u16, kind: &str) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        assert_eq!(self.json["status"], status, "{self:?}");
        assert_eq!(
            self.json["type"],
            format!("/api/v1/problems/{kind}"),
            "{self:?}"
        );
        self.expect(status)
    }
}

impl Program {
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        self.send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, &format!("/api/v1{path}"));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        let page = self.http.send(request).await;
        Answer {
            status: page.status,
            json: match page.html.as_str() {
                "" => Value::Null,
                text => serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}")),
            },
            headers: page.headers,
        }
    }
}

impl Instance {
    /// A program without key.
    fn stranger(&self) -> Program {
        Program {
            http: self.browser(),
            key: None,
        }
    }

    /// A program that holds a key of somebody, who gets an account the first time.
    async fn program(&self, name: &str, role: Role, scopes: &[&str]) -> Program {
        let email = format!("{name}@example.org");
        let account = NewAccount {
            email: &email,
            name,
            role,
            locale: "fr",
        };
        if accounts::find_by_email(&self.app, &Who::System, &email)
            .await
            .is_err()
        {
            accounts::create(&self.app, &Who::System, account)
                .await
                .unwrap();
        }
        let new = NewToken {
            name: "essais",
            scopes: scopes.to_vec(),
        };
        let key = api_tokens::create_for(&self.app, &Who::System, &email, new)
            .await
            .unwrap();
        Program {
            http: self.browser(),
            key: Some(key.expose().to_owned()),
        }
    }
}

fn organisation(name: &str) -> Value {
    json!({
        "kind": "association",
        "legal_form": "association-1901",
        "name": name,
        "postal_code": "29200",
    })
}

fn ad(title: &str) -> Value {
    json!({
        "kind": "software",
        "title": title,
        "need": "Nous animons **douze ateliers** par mois et cherchons un agenda libre.",
        "licence": "AGPL-3.0-or-later",
        "territory": "departement:29",
        "hashtags": ["agenda", "#libre"],
    })
}

/// An offer that includes accompaniment.
fn offer() -> Value {
    json!({
        "name": "Quitter Google ensemble",
        "lines": [{"kind": "hosting"}, {"kind": "migration", "note": "en trois étapes"}],
        "software": ["Nextcloud"],
        "price_model": "quotient",
    })
}

/// An association, the program of its administrator and that of a moderator.
struct Story {
    instance: Instance,
    camille: Program,
    moderator: Program,
    organisation: Value,
}

impl Story {
    async fn start(engine: Engine) -> Self {
        let instance = Instance::start(engine, "lyon.test").await;
        let camille = instance
            .program("camille", Role::Member, &EVERY_SCOPE)
            .await;
        let moderator = instance
            .program("dominique", Role::Moderator, &EVERY_SCOPE)
            .await;
        let created = camille
            .post("/organisations", organisation("Les Amis du vélo"))
            .await;
        Self {
            organisation: created.expect(201),
            instance,
            camille,
            moderator,
        }
    }

    fn organisation_id(&self) -> &str {
        self.organisation["id"].as_str().unwrap()
    }

    /// Starts an ad and gives its id.
    async fn draft(&self, title: &str) -> String {
        let path = format!("/ads?organisation={}", self.organisation_id());
        let draft = self.camille.post(&path, ad(title)).await.expect(201);
        draft["id"].as_str().unwrap().to_owned()
    }

    /// Starts the profile of a structure and gives its id.
    async fn host(&self) -> String {
        let path = format!("/hosts?organisation={}", self.organisation_id());
        let draft = self.camille.post(&path, json!({"handle": "velo"})).await;
        draft.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Declares an accompaniment for the structure and gives its id.
    async fn accompaniment(&self) -> String {
        let path = "/accompaniments?organisation=les-amis-du-velo";
        let declared = self.camille.post(path, accompaniment()).await;
        declared.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Starts an ad and makes it public; gives its id and its number.
    async fn publish(&self, title: &str) -> (String, i64) {
        let id = self.draft(title).await;
        let sent = self
            .camille
            .post(&format!("/ads/{id}/publish"), json!({}))
            .await
            .expect(200);
        if sent["status"] == "in-review" {
            let path = format!("/moderation/ads/{id}/decision");
            self.moderator
                .post(&path, json!({"decision": "approve"}))
                .await
                .expect(200);
        }
        let shown = self.camille.get(&format!("/ads/{id}")).await.expect(200);
        (id, shown["number"].as_i64().unwrap())
    }
}

/// An accompaniment of an association that has no page here.
fn accompaniment() -> Value {
    json!({
        "name": "Chorale des Canuts",
        "email": "bureau@chorale.example",
        "lines": ["migration", "support"],
        "tools_before": ["Google Drive"],
        "started_on": "2026-01-15",
        "ended_on": "2026-06-30",
        "volunteer_hours": 12,
        "cost_bracket": "under-500",
    })
}
