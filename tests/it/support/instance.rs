//! A whole instance, served on a port of loopback.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use emancipasso::{
    app::{
        App, Clock, Token,
        sign_in::{self, AskLink, Confirmation, UseLink},
    },
    config::{Config, Settings},
    federation::{
        context::{Federation, FederationOptions},
        inbox::InboxLimits,
    },
    locales::Locale,
    mail::Message,
    running::Running,
    server,
    store::{DatabaseUrl, Engine},
};
use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{Browser, Peer, engines::Database};

/// Domains of the instances of a story and where they listen.
pub type Names = Arc<BTreeMap<String, SocketAddr>>;

/// An instance that listens; stopped when dropped.
///
/// Its public address is `http://DOMAIN`, without port, as in production; browsers of the story
/// resolve the domain to the port it really listens on. No worker runs: stories step them.
pub struct Instance {
    pub app: App,
    pub federation: Federation,
    pub domain: String,
    names: Names,
    serving: JoinHandle<std::io::Result<()>>,
    stop: Option<oneshot::Sender<()>>,
    database: Database,
    directory: TempDir,
}

impl Instance {
    /// One instance.
    pub async fn start(engine: Engine, domain: &str) -> Self {
        Self::start_with(engine, domain, |_| {}).await
    }

    /// One instance whose settings differ from those of a laboratory.
    pub async fn start_with(engine: Engine, domain: &str, adjust: impl Fn(&mut Settings)) -> Self {
        let [instance] = Self::start_all(engine, [domain], adjust).await;
        instance
    }

    /// Several instances that know one another by name.
    pub async fn start_all<const N: usize>(
        engine: Engine,
        domains: [&str; N],
        adjust: impl Fn(&mut Settings),
    ) -> [Self; N] {
        let mut listeners = Vec::new();
        let mut names = BTreeMap::new();
        for domain in domains {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            names.insert(domain.to_owned(), listener.local_addr().unwrap());
            listeners.push((domain, listener));
        }
        let names = Arc::new(names);
        let mut instances = Vec::new();
        for (domain, listener) in listeners {
            let limits = InboxLimits::default();
            let names = Arc::clone(&names);
            let instance = Self::serve(engine, domain, listener, names, &adjust, limits);
            instances.push(instance.await);
        }
        instances.try_into().ok().unwrap()
    }

    /// One instance that knows other servers by name, with bounds of its own on what it receives.
    pub async fn start_beside(
        engine: Engine,
        domain: &str,
        peers: &[&Peer],
        limits: InboxLimits,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut names: BTreeMap<String, SocketAddr> = peers
            .iter()
            .map(|peer| (peer.domain.clone(), peer.address))
            .collect();
        names.insert(domain.to_owned(), listener.local_addr().unwrap());
        Self::serve(engine, domain, listener, Arc::new(names), &|_| {}, limits).await
    }

    async fn serve(
        engine: Engine,
        domain: &str,
        listener: TcpListener,
        names: Names,
        adjust: &impl Fn(&mut Settings),
        limits: InboxLimits,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::create(engine, directory.path()).await;
        let mut settings = laboratory(domain, directory.path());
        adjust(&mut settings);
        let config = Config {
            database: database.url(),
            ..settings.check().unwrap()
        };
        let app = App::start(config, Clock::manual(start_of_stories()))
            .await
            .unwrap();
        let options = FederationOptions {
            static_hosts: names.as_ref().clone(),
            inbox: limits,
            ..FederationOptions::default()
        };
        let federation = Federation::with_options(app.clone(), options).unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server::serve(federation.clone(), listener, async move {
            let _ = stopped.await;
        }));
        Self {
            app,
            federation,
            domain: domain.to_owned(),
            names,
            serving,
            stop: Some(stop),
            database,
            directory,
        }
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url(""), &self.names)
    }

    /// A browser in which somebody is signed in; their account is made if need be.
    pub async fn signed_in(&self, email: &str, name: &str) -> Browser {
        let browser = self.browser();
        let secret = Token::from_text("a browser of the story");
        let ask = AskLink {
            email,
            browser: &secret,
            next: None,
            locale: Locale::Fr,
        };
        sign_in::ask_link(&self.app, ask).await.unwrap();
        let mails = self.mails().await;
        let (_, rest) = mails.last().unwrap().text.split_once("?jeton=").unwrap();
        let token = Token::from_text(rest.split_whitespace().next().unwrap());
        let command = UseLink {
            token: &token,
            browser: Some(&secret),
            confirmation: Confirmation::Missing,
            name,
            locale: Locale::Fr,
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        };
        let signed_in = sign_in::use_link(&self.app, command).await.unwrap();
        browser.set_cookie("session", Some(signed_in.session.expose()));
        browser
    }

    /// The public address of a path.
    pub fn url(&self, path: &str) -> String {
        self.app.url(path)
    }

    /// Its database, for stories that look behind the use cases.
    pub fn database_url(&self) -> &str {
        self.database.url_text()
    }

    /// Where it really listens.
    pub fn address(&self) -> SocketAddr {
        self.names[&self.domain]
    }

    /// Every domain of the story, with its address.
    pub fn names(&self) -> Names {
        Arc::clone(&self.names)
    }

    /// Where it keeps its files.
    pub fn data_dir(&self) -> &Path {
        self.directory.path()
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        self.app.clock().advance(by);
    }

    /// Writes rows that no use case of a story makes.
    pub async fn run_sql(&self, statements: &str) {
        let statements = sqlx::AssertSqlSafe(statements.to_owned());
        let url = self.database.url_text();
        match self.app.config().database {
            DatabaseUrl::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(url).await.unwrap();
                sqlx::raw_sql(statements)
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
            DatabaseUrl::Postgres(_) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(statements)
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
        }
    }

    /// Every mail queued so far, oldest first.
    pub async fn mails(&self) -> Vec<Message> {
        const SQL: &str = "SELECT message FROM mails ORDER BY id";
        let url = self.database.url_text();
        let rows: Vec<(String,)> = match self.app.config().database {
            DatabaseUrl::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(url).await.unwrap();
                sqlx::query_as(SQL).fetch_all(&mut connection).await
            }
            DatabaseUrl::Postgres(_) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query_as(SQL).fetch_all(&mut connection).await
            }
        }
        .unwrap();
        rows.iter()
            .map(|(json,)| serde_json::from_str(json).unwrap())
            .collect()
    }

    /// Starts it whole, workers included, on the database and the files of a process that was
    /// killed, at the same moment.
    pub async fn start_after_kill(&self) -> (App, Running) {
        self.serving.abort();
        self.app.stop().await;
        let clock = Clock::manual(self.app.now());
        let app = App::start(self.app.config().clone(), clock).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = Running::start(app.clone(), listener).await.unwrap();
        (app, running)
    }

    /// Stops as the process does on SIGTERM.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        (&mut self.serving).await.unwrap().unwrap();
        self.app.stop().await;
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Sunday 22 November 2026, 9 in the morning.
pub fn start_of_stories() -> DateTime<Utc> {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

fn laboratory(domain: &str, directory: &Path) -> Settings {
    let mut settings = Settings {
        public_url: format!("http://{domain}"),
        listen: "127.0.0.1:0".into(),
        data_dir: directory.display().to_string(),
        ..Settings::default()
    };
    settings.instance.contact_email = format!("contact@{domain}");
    settings.federation.allow_http = vec!["*".into()];
    settings.federation.allow_private_networks = vec!["127.0.0.0/8".into()];
    settings
}
