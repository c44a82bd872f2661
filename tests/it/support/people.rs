//! People and organisations of a story, made through the use cases that pages call.

use std::sync::LazyLock;

use emancipasso::{
    app::{
        Who,
        accounts::{self, NewAccount},
        actors,
        ads::{
            publication::{self, Submission},
            reading, review,
            review::Decision,
            writing,
        },
        organisations,
    },
    domain::{
        account::Role,
        ad::{Ad, AdInput},
        ids::{AdId, OrganisationId},
        organisation::OrganisationInput,
        slug::Slug,
    },
    federation::keys::RsaKeyPair,
};

use super::Instance;

/// One key pair for every actor of a test run: making one takes a tenth of a second.
static KEY_PAIR: LazyLock<(String, String)> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate().unwrap();
    (pair.public_key_pem().unwrap(), pair.to_pkcs8_pem().unwrap())
});

/// An association and the person who acts for it.
pub struct Association {
    pub id: OrganisationId,
    pub who: Who,
}

impl Instance {
    /// Gives every actor that waits its key pair, and keeps a few more ready.
    pub async fn make_keys(&self) {
        for _ in 0..8 {
            actors::add_key_pair(&self.app, &KEY_PAIR.0, &KEY_PAIR.1)
                .await
                .unwrap();
        }
    }

    /// Somebody who signs in with a browser.
    pub async fn person(&self, name: &str, role: Role) -> Who {
        let email = format!("{}@example.org", Slug::from_title(name, 60));
        let new = NewAccount {
            email: &email,
            name,
            role,
            locale: "fr",
        };
        let account = accounts::create(&self.app, &Who::System, new)
            .await
            .unwrap();
        Who::Person(Box::new(account))
    }

    /// An association in Brest, and its administrator.
    pub async fn association(&self, name: &str) -> Association {
        let who = self.person(name, Role::Member).await;
        let input = OrganisationInput {
            kind: "association".into(),
            legal_form: "association-1901".into(),
            name: name.into(),
            commune: "29019".into(),
            ..OrganisationInput::default()
        };
        let organisation = organisations::create(&self.app, &who, &input)
            .await
            .unwrap();
        Association {
            id: organisation.id,
            who,
        }
    }

    /// Publishes an ad for an association, a moderator helping where one must.
    pub async fn publish(&self, association: &Association, input: &AdInput) -> Ad {
        self.make_keys().await;
        let app = &self.app;
        let id = writing::create(app, &association.who, association.id, input)
            .await
            .unwrap();
        if publication::submit(app, &association.who, id, "")
            .await
            .unwrap()
            == Submission::InReview
        {
            let moderator = self
                .person(&format!("moderation-{id}"), Role::Moderator)
                .await;
            review::decide(app, &moderator, id, Decision::Approve)
                .await
                .unwrap();
        }
        self.ad(association, id).await
    }

    /// The ad as it is now.
    pub async fn ad(&self, association: &Association, id: AdId) -> Ad {
        reading::show_workshop(&self.app, &association.who, id)
            .await
            .unwrap()
            .ad
    }
}

/// An ad with everything a reader needs.
pub fn complete_ad(title: &str) -> AdInput {
    AdInput {
        kind: "feature".into(),
        title: title.into(),
        need: "Nos **bénévoles** ont besoin de voir les permanences sur leur téléphone.\n\n## Qui\n\n- douze bénévoles\n- trois salarié·es".into(),
        software: "Paheko".into(),
        licence: "AGPL-3.0-or-later".into(),
        territory: "departement:29".into(),
        budget: "1000-5000".into(),
        deadline: "2027-06-30".into(),
        hashtags: "#libre #agenda".into(),
        ..AdInput::default()
    }
}
