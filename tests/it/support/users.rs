//! People of the stories with their browsers, and what they write.

use emancipasso::{
    app::{
        Who,
        accounts::{self, NewAccount},
        ads::{publication, review, writing},
        organisations,
    },
    domain::{
        account::Role,
        ad::AdInput,
        ids::AdId,
        organisation::{Organisation, OrganisationInput},
    },
};
use reqwest::{Method, header::ORIGIN};

use super::{Browser, Instance, Page};

/// Somebody with their browser.
pub struct User {
    pub browser: Browser,
    pub who: Who,
}

impl User {
    /// Somebody who has just signed in.
    pub async fn enter(instance: &Instance, email: &str, role: Role) -> Self {
        let name = email.split('@').next().unwrap();
        let account = NewAccount {
            email,
            name,
            role,
            locale: "fr",
        };
        let account = accounts::create(&instance.app, &Who::System, account).await;
        Self {
            who: Who::Person(Box::new(account.unwrap())),
            browser: instance.signed_in(email, name).await,
        }
    }

    /// Adds an association of Lyon, which they administer.
    pub async fn add_association(&self, instance: &Instance, name: &str) -> Organisation {
        let input = OrganisationInput {
            kind: "association".into(),
            legal_form: "association-1901".into(),
            name: name.into(),
            postal_code: "69001".into(),
            ..OrganisationInput::default()
        };
        let created = organisations::create(&instance.app, &self.who, &input).await;
        created.unwrap()
    }

    /// A draft of theirs that lacks nothing.
    pub async fn draft(&self, instance: &Instance, organisation: &Organisation) -> AdId {
        writing::create(&instance.app, &self.who, organisation.id, &complete())
            .await
            .unwrap()
    }

    /// An ad of theirs that readers see, accepted by a moderator.
    pub async fn publish(
        &self,
        instance: &Instance,
        organisation: &Organisation,
        moderator: &Self,
    ) -> AdId {
        let id = self.draft(instance, organisation).await;
        let (app, approve) = (&instance.app, review::Decision::Approve);
        publication::submit(app, &self.who, id, "").await.unwrap();
        review::decide(app, &moderator.who, id, approve)
            .await
            .unwrap();
        id
    }

    /// The token that forms of their browser carry.
    pub async fn form_token(&self) -> String {
        let page = self.browser.get("/compte").await;
        page.attributes("input[name=csrf]", "value").remove(0)
    }

    /// Sends the form of a page as a browser does when it has files.
    pub async fn upload(
        &self,
        page: &Page,
        action: &str,
        typed: &[(&str, &str)],
        file: (&str, &[u8]),
    ) -> Page {
        const BOUNDARY: &str = "----------boundary-of-the-story";
        let mut fields = page.form(action);
        fields.retain(|(name, _)| !typed.iter().any(|(typed, _)| typed == name));
        let typed = typed.iter();
        fields.extend(typed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").bytes());
        }
        let (name, content) = file;
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg"
        );
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self.browser.request(Method::POST, action);
        let request = request.header("content-type", kind).body(body);
        self.browser
            .send(request.header(ORIGIN, "http://lyon.test"))
            .await
    }
}

/// An ad that can be published.
pub fn complete() -> AdInput {
    AdInput {
        kind: "feature".into(),
        title: "Agenda partagé pour nos bénévoles".into(),
        need: "Nos bénévoles ont besoin de voir les permanences sur leur téléphone.".into(),
        software: "Paheko".into(),
        licence: "AGPL-3.0-or-later".into(),
        ..AdInput::default()
    }
}
