//! Structures, associations and what passes between them, for stories of recommendations.

use emancipasso::{
    app::{Who, accounts, organisations, recommendations::review},
    domain::{
        account::Role,
        ids::RecommendationId,
        organisation::{Organisation, OrganisationInput, VerificationMethod},
    },
};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use super::{Browser, Instance, Page, users::User};

/// A structure, with somebody who acts for it.
pub struct Structure {
    pub user: User,
    pub organisation: Organisation,
}

impl Structure {
    /// A structure that moderators accepted.
    pub async fn enter(instance: &Instance, name: &str, handle: &str) -> Self {
        let user = User::enter(
            instance,
            &format!("{handle}@structure.example"),
            Role::Member,
        )
        .await;
        let input = OrganisationInput {
            kind: "structure".into(),
            legal_form: "association-1901".into(),
            name: name.into(),
            postal_code: "69001".into(),
            ..OrganisationInput::default()
        };
        let organisation = organisations::create(&instance.app, &user.who, &input)
            .await
            .unwrap();
        let id = organisation.id.get();
        instance
            .execute(&format!(
                "INSERT INTO hosts (id, organisation_id, handle, state, capacity, version,
                     created_at, updated_at, confirmation_reminders, suspension_motive, listing,
                     counted)
                 VALUES ({id}, {id}, '{handle}', 'accepted', 'open', 1, 0, 0, 0, '', 'unlisted', 0)"
            ))
            .await;
        Self { user, organisation }
    }

    /// Declares, in the browser, an accompaniment that is over.
    pub async fn declare(&self, association: &str, email: &str) -> Page {
        const NEW: &str = "/compte/accompagnements/nouveau";
        let form = self.user.browser.get(NEW).await;
        let typed = [
            ("name", association),
            ("email", email),
            ("lines", "migration"),
            ("text", "Quitter les outils de Google."),
            ("started_on", "15/01/2026"),
            ("ended_on", "30/06/2026"),
            ("volunteer_hours", "12"),
        ];
        self.user.browser.submit(&form, NEW, &typed).await
    }
}

impl Instance {
    /// Runs one statement behind the use cases.
    pub async fn execute(&self, sql: &str) {
        let statement = sqlx::AssertSqlSafe(sql.to_owned());
        let url = self.database_url();
        if url.starts_with("postgres") {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(statement)
                .execute(&mut connection)
                .await
                .unwrap();
        } else {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            sqlx::raw_sql(statement)
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }

    /// The path of the last link to a page that was sent to an address.
    pub async fn link_to(&self, email: &str, page: &str) -> String {
        let mails = self.mails().await;
        let mail = mails
            .iter()
            .rev()
            .find(|mail| mail.to == email && mail.text.contains(page))
            .unwrap_or_else(|| panic!("no mail to {email} leads to {page}"));
        let at = mail.text.find(page).unwrap();
        mail.text[at..]
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    }

    /// How many mails were sent to an address.
    pub async fn count_mails_to(&self, email: &str) -> usize {
        let mails = self.mails().await;
        mails.iter().filter(|mail| mail.to == email).count()
    }

    /// Two moderators verify the association and approve what waits.
    pub async fn approve_all(&self, association: &str) {
        let one = self.moderator("Dominique").await;
        let two = self.moderator("Andrea").await;
        let verified = organisations::verify(&self.app, &one, association, VerificationMethod::Rna);
        // it may be already
        let _ = verified.await;
        for who in [&one, &two] {
            self.approve(who).await;
        }
    }

    /// A moderator, who may have been here before.
    pub async fn moderator(&self, name: &str) -> Who {
        let email = format!("{}@example.org", name.to_lowercase());
        match accounts::find_by_email(&self.app, &Who::System, &email).await {
            Ok(account) => Who::Person(Box::new(account)),
            Err(_) => self.person(name, Role::Moderator).await,
        }
    }

    /// A moderator approves everything that waits.
    pub async fn approve(&self, who: &Who) {
        for waiting in review::list(&self.app, who, None, 10).await.unwrap() {
            let id: RecommendationId = waiting.id;
            let file = review::show(&self.app, who, id).await.unwrap();
            let version = match &file.facts.amendment {
                Some(amendment) => amendment.version,
                None => file.facts.recommendation.version,
            };
            review::approve(&self.app, who, id, version).await.unwrap();
        }
    }
}

/// A whole recommendation, as typed.
pub const WRITTEN: [(&str, &str); 6] = [
    (
        "can_do_now",
        "Nos douze bénévoles partagent un agenda et leurs fichiers.",
    ),
    (
        "context",
        "Une association de quartier, sans salarié·e, avec Gmail et WhatsApp.",
    ),
    (
        "work_done",
        "Trois ateliers, puis le déménagement des fichiers en une journée.",
    ),
    ("author_name", "Monique B."),
    ("author_role", "présidente"),
    ("would_take_call", "on"),
];

/// Answers « yes » on the page of an accompaniment that a link opens.
pub async fn confirm(browser: &Browser, link: &str) -> Page {
    let page = browser.get(link).await;
    browser
        .submit(&page, "/lien/accompagnement", &[("action", "confirm")])
        .await
}

/// Writes, reads again and sends a recommendation with its link.
pub async fn write(browser: &Browser, link: &str) -> Page {
    let action = "/lien/recommandation";
    let form = browser.get(link).await;
    let mut typed = WRITTEN.to_vec();
    typed.push(("action", "preview"));
    let preview = browser.submit(&form, action, &typed).await;
    let preview = browser.follow(preview).await;
    let action = "/lien/recommandation/apercu";
    browser
        .submit(&preview, action, &[("certified", "on")])
        .await
}
