//! Where stories of federation begin: an instance with a published ad, beside another server.

use std::sync::LazyLock;

use activitypub_federation::config::FederationConfig;
use emancipasso::{
    app::{
        Who, actors,
        ads::{
            publication,
            reading::{self, AdPage},
            review, writing,
        },
        comments::moderation,
        inbox, organisations,
    },
    domain::{
        account::{Account, Role},
        ad::AdInput,
        federation::{Comment, Follow, FollowState, InboxOutcome},
        ids::{AccountId, FollowId},
        organisation::OrganisationInput,
    },
    federation::{context::Federation, delivery, inbox::InboxLimits, keys::RsaKeyPair},
    jobs,
    store::{self, Engine, Store, accounts},
};
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::{Instance, Peer, Person};

/// One pair for all our actors and all stories: making one takes a while.
pub(super) static OUR_KEYS: LazyLock<(String, String)> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate().unwrap();
    (pair.public_key_pem().unwrap(), pair.to_pkcs8_pem().unwrap())
});

/// What became of an activity, with words.
pub type Outcome = (InboxOutcome, String);

/// `lyon.test` with one public ad; `social.test`, where Alice and Mallory have an account; and
/// `other.test`.
pub struct Stage {
    pub lyon: Instance,
    pub social: Peer,
    pub other: Peer,
    pub alice: Person,
    pub mallory: Person,
    pub author: Who,
    pub moderator: Who,
    pub number: i64,
    config: FederationConfig<Federation>,
}

impl Stage {
    pub async fn set(engine: Engine) -> Self {
        Self::set_with(engine, InboxLimits::default()).await
    }

    /// With other bounds on what is received.
    pub async fn set_with(engine: Engine, limits: InboxLimits) -> Self {
        let social = Peer::start("social.test").await;
        let other = Peer::start("other.test").await;
        let lyon = Instance::start_beside(engine, "lyon.test", &[&social, &other], limits).await;
        actors::ensure_ours(&lyon.app).await.unwrap();
        let author = add_person(&lyon, 1, "camille@lyon.test", Role::Member).await;
        let moderator = add_person(&lyon, 2, "moderation@lyon.test", Role::Moderator).await;
        let number = publish(&lyon, &author, &moderator).await;
        // for the instance, `annonces` and the ad
        for _ in 0..3 {
            let (public, private) = &*OUR_KEYS;
            actors::add_key_pair(&lyon.app, public, private)
                .await
                .unwrap();
        }
        Self {
            alice: social.person("alice"),
            mallory: social.person("mallory"),
            config: lyon.federation.clone().into_config().await.unwrap(),
            lyon,
            social,
            other,
            author,
            moderator,
            number,
        }
    }

    /// The ad, as readers see it.
    pub async fn ad(&self) -> AdPage {
        reading::show(&self.lyon.app, self.number).await.unwrap()
    }

    /// Id of the ad's actor.
    pub async fn actor(&self) -> String {
        self.ad().await.actor.uri
    }

    /// Id of the ad's announcement.
    pub async fn note(&self) -> String {
        self.ad().await.posts[0].note_uri.clone()
    }

    /// Treats everything that was received.
    pub async fn treat(&self) {
        while jobs::inbox::process_due(&self.config).await.unwrap() > 0 {}
    }

    /// Sends everything that we say.
    pub async fn deliver(&self) {
        while delivery::expand_due(&self.lyon.app).await.unwrap() > 0 {}
        let federation = &self.lyon.federation;
        let dispatcher = delivery::Dispatcher::new(
            self.lyon.app.clone(),
            federation.client.clone(),
            federation.fetcher.clone(),
        );
        dispatcher.deliver_due().await.unwrap();
    }

    /// What became of the last activity of this type, among those treated to the end.
    pub async fn outcome_of(&self, kind: &str) -> Option<Outcome> {
        let mut found = Vec::new();
        for outcome in InboxOutcome::ALL {
            let treated = inbox::list_treated(&self.lyon.app, &self.moderator, *outcome, None);
            found.extend(treated.await.unwrap());
        }
        let last = found.into_iter().filter(|item| item.kind == kind);
        let last = last.max_by_key(|item| item.id);
        last.map(|item| (item.outcome, item.detail))
    }

    /// Posts an activity that must be kept, treats it, and gives what became of it.
    pub async fn receive(&self, from: &Person, activity: &serde_json::Value) -> Outcome {
        let answer = from.post(&self.lyon, activity).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        self.treat().await;
        let kind = activity["type"].as_str().unwrap();
        self.outcome_of(kind).await.unwrap()
    }

    /// How many activities were kept.
    pub async fn count_kept(&self) -> i64 {
        const SQL: &str = "SELECT COUNT(*) FROM inbox_items";
        let url = self.lyon.database_url();
        let (count,): (i64,) = if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            sqlx::query_as(SQL).fetch_one(&mut connection).await
        } else {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sqlx::query_as(SQL).fetch_one(&mut connection).await
        }
        .unwrap();
        count
    }

    /// The replies that wait.
    pub async fn waiting(&self) -> Vec<Comment> {
        let page = moderation::list_pending(&self.lyon.app, &self.moderator, None);
        page.await.unwrap().comments
    }

    /// Accepts every reply that waits, as the organisation.
    pub async fn accept_all(&self) {
        for comment in self.waiting().await {
            let accept = moderation::Decision::Accept;
            moderation::decide(&self.lyon.app, &self.author, comment.id, accept, None)
                .await
                .unwrap();
        }
    }

    /// One of our actors (`annonces`) asks to follow somebody; gives the id of the request. As
    /// peering will do it.
    pub async fn follow_from_us(&self, person: &Person) -> String {
        let like = person.activity("Like", 99, self.note().await);
        person.post(&self.lyon, &like).await;
        let store = self.store().await;
        let mut tx = store.write().await.unwrap();
        let ours = self.lyon.url("/annonces");
        let ours = store::actors::find_by_uri(&mut tx, &ours)
            .await
            .unwrap()
            .unwrap();
        let theirs = store::actors::find_by_uri(&mut tx, &person.id)
            .await
            .unwrap();
        let request = format!("{}/activities/1", ours.uri);
        let follow = Follow {
            id: FollowId::from(1),
            follower_id: ours.id,
            followed_id: theirs.unwrap().id,
            activity_uri: request.clone(),
            state: FollowState::Pending,
        };
        let now = self.lyon.app.now();
        store::follows::save(&mut tx, &follow, now).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        request
    }

    /// Where our follow of somebody stands.
    pub async fn our_follow_of(&self, person: &Person) -> Option<FollowState> {
        let store = self.store().await;
        let mut tx = store.read().await.unwrap();
        let ours = self.lyon.url("/annonces");
        let ours = store::actors::find_by_uri(&mut tx, &ours)
            .await
            .unwrap()
            .unwrap();
        let theirs = store::actors::find_by_uri(&mut tx, &person.id)
            .await
            .unwrap()?;
        let follow = store::follows::find(&mut tx, ours.id, theirs.id)
            .await
            .unwrap();
        drop(tx);
        store.close().await;
        follow.map(|follow| follow.state)
    }

    async fn store(&self) -> Store {
        Store::connect(&self.lyon.app.config().database)
            .await
            .unwrap()
    }

    /// What readers see of the replies.
    pub async fn shown(&self) -> Vec<String> {
        let comments = self.ad().await.comments;
        comments
            .into_iter()
            .map(|comment| comment.content)
            .collect()
    }
}

pub(super) async fn add_person(instance: &Instance, id: i64, email: &str, role: Role) -> Who {
    let account = Account {
        id: AccountId::from(id),
        email: email.to_owned(),
        name: email.split('@').next().unwrap().to_owned(),
        role,
        locale: "fr".to_owned(),
        has_password: false,
        created_at: instance.app.now(),
        suspended_at: None,
    };
    let store = Store::connect(&instance.app.config().database)
        .await
        .unwrap();
    let mut tx = store.write().await.unwrap();
    accounts::insert(&mut tx, &account).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    Who::Person(Box::new(account))
}

/// An ad that a moderator approved; gives its number.
async fn publish(instance: &Instance, author: &Who, moderator: &Who) -> i64 {
    let app = &instance.app;
    let organisation = OrganisationInput {
        kind: "association".into(),
        legal_form: "association-1901".into(),
        name: "Les Ami·es du vélo".into(),
        postal_code: "69001".into(),
        ..OrganisationInput::default()
    };
    let organisation = organisations::create(app, author, &organisation)
        .await
        .unwrap();
    let input = AdInput {
        kind: "feature".into(),
        title: "Agenda partagé pour nos bénévoles".into(),
        need: "Nos bénévoles ont besoin de voir les permanences sur leur téléphone.".into(),
        software: "Paheko".into(),
        licence: "AGPL-3.0-or-later".into(),
        ..AdInput::default()
    };
    let ad = writing::create(app, author, organisation.id, &input)
        .await
        .unwrap();
    publication::submit(app, author, ad, "").await.unwrap();
    review::decide(app, moderator, ad, review::Decision::Approve)
        .await
        .unwrap();
    let workshop = reading::show_workshop(app, author, ad).await.unwrap();
    workshop.ad.number.unwrap()
}
