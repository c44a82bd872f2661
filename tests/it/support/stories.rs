//! People, associations and ads, made through the use cases.

use emancipasso::{
    app::{
        App, Who, accounts,
        ads::{
            publication::{self, Submission},
            review::{self, Decision},
            writing,
        },
        organisations,
    },
    domain::{
        account::Role,
        ad::AdInput,
        ids::{AdId, OrganisationId},
        organisation::OrganisationInput,
    },
};

/// Somebody with an account.
pub async fn add_person(app: &App, name: &str, role: Role) -> Who {
    let new = accounts::NewAccount {
        email: &format!("{}@asso.example", name.to_lowercase()),
        name,
        role,
        locale: "fr",
    };
    let account = accounts::create(app, &Who::System, new).await.unwrap();
    Who::Person(Box::new(account))
}

/// An association that publishes, with a moderator at hand.
pub struct Association {
    app: App,
    pub id: OrganisationId,
    pub member: Who,
    moderator: Who,
}

impl Association {
    /// An association of Brest, and Camille who administers it.
    pub async fn found(app: &App, name: &str) -> Self {
        let member = add_person(app, "Camille", Role::Member).await;
        let moderator = add_person(app, "Sacha", Role::Moderator).await;
        let input = OrganisationInput {
            kind: "association".into(),
            legal_form: "association-1901".into(),
            name: name.into(),
            commune: "29019".into(),
            ..OrganisationInput::default()
        };
        let organisation = organisations::create(app, &member, &input).await.unwrap();
        Self {
            app: app.clone(),
            id: organisation.id,
            member,
            moderator,
        }
    }

    /// A draft.
    pub async fn draft(&self, input: &AdInput) -> AdId {
        writing::create(&self.app, &self.member, self.id, input)
            .await
            .unwrap()
    }

    /// Makes a draft public, with the agreement of a moderator when it takes one.
    pub async fn publish_draft(&self, id: AdId) {
        let submission = publication::submit(&self.app, &self.member, id, "").await;
        if submission.unwrap() == Submission::InReview {
            review::decide(&self.app, &self.moderator, id, Decision::Approve)
                .await
                .unwrap();
        }
    }

    /// A public ad.
    pub async fn publish(&self, input: &AdInput) -> AdId {
        let id = self.draft(input).await;
        self.publish_draft(id).await;
        id
    }
}

/// An ad that can be published.
pub fn ad(title: &str) -> AdInput {
    AdInput {
        kind: "feature".into(),
        title: title.into(),
        need: "Nos bénévoles veulent voir les permanences sur leur **téléphone**.".into(),
        software: "Paheko".into(),
        licence: "AGPL-3.0-or-later".into(),
        territory: "departement:29".into(),
        hashtags: "#libre".into(),
        ..AdInput::default()
    }
}
