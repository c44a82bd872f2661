//! `demo`: two sites that federate, with sample content, on loopback and embedded SQLite.
//!
//! The content is told through the use cases that pages call, with a clock that a story moves; then
//! the sites run for real: each follows the new ads of the other, and a visitor on a third server
//! follows, likes and replies.

mod content;
mod story;
mod visitor;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::net::TcpListener;
use url::Url;

use crate::{
    app::{
        App, Clock, Who, actors,
        ads::reading,
        comments::moderation::{Decision, decide, list_pending_for_organisation},
        follows,
    },
    config::{LogFormat, Settings},
    domain::addresses::ADS_PATH,
    federation::context::Federation,
    running::Running,
    server, telemetry,
};
use content::{SITES, SampleSite};
use story::ToldAd;
use visitor::Visitor;

/// How long what was sent may take to arrive before the demonstration says that something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it looks.
const GLANCE: Duration = Duration::from_millis(100);

/// Where the demonstration listens.
#[derive(Debug, Args)]
pub struct Options {
    /// First of three ports of loopback: two sites, and the visitor.
    #[arg(long, default_value_t = 8700)]
    port: u16,
}

/// A site that runs.
struct Site {
    sample: &'static SampleSite,
    app: App,
    running: Running,
    ads: Vec<ToldAd>,
}

/// Runs until it is asked to stop; then everything is thrown away.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    telemetry::start("warn", LogFormat::Text)?;
    let directory = Throwaway::new()?;
    let [first, second] = &SITES;
    // two names, so that a browser does not send the cookie of one site to the other
    let hosts = [("localhost", first), ("127.0.0.1", second)];
    let mut sites = Vec::new();
    for (index, (host, sample)) in (0_u16..).zip(hosts) {
        let port = options
            .port
            .checked_add(index)
            .context("this port is too high")?;
        sites.push(start(sample, host, port, &directory.0).await?);
    }
    let listener = listen(
        options
            .port
            .checked_add(2)
            .context("this port is too high")?,
    )
    .await?;
    let visitor = Visitor::start(listener).await?;

    introduce(&sites).await?;
    for site in &sites {
        visit(&visitor, site).await?;
    }
    print(&sites, &visitor, &directory.0);
    server::asked_to_stop().await;
    for site in sites {
        site.running.stop().await;
    }
    Ok(())
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on; choose another with --port"))
}

async fn start(
    sample: &'static SampleSite,
    host: &str,
    port: u16,
    directory: &Path,
) -> anyhow::Result<Site> {
    let listener = listen(port).await?;
    let config = settings(sample, host, port, directory).check()?;
    let ads = story::tell(&config, sample).await?;
    let app = App::start(config, Clock::system()).await?;
    let running = Running::start(app.clone(), listener).await?;
    Ok(Site {
        sample,
        app,
        running,
        ads,
    })
}

/// A laboratory on loopback: plain http, any peer on loopback.
fn settings(sample: &SampleSite, host: &str, port: u16, directory: &Path) -> Settings {
    let mut settings = Settings {
        public_url: format!("http://{host}:{port}"),
        listen: format!("127.0.0.1:{port}"),
        data_dir: directory.join(port.to_string()).display().to_string(),
        ..Settings::default()
    };
    settings.instance.name = sample.name.into();
    settings.instance.description = sample.description.into();
    settings.instance.accent = sample.accent.into();
    settings.instance.publisher = "Démonstration".into();
    settings.instance.publisher_address = "Sur votre machine".into();
    settings.instance.host_name = "Votre machine".into();
    settings.instance.contact_email = "demo@exemple.example".into();
    settings.federation.allow_http = vec!["*".into()];
    settings.federation.allow_private_networks = vec!["127.0.0.0/8".into(), "::1/128".into()];
    settings
}

/// Each site follows the new ads of the other.
async fn introduce(sites: &[Site]) -> anyhow::Result<()> {
    for site in sites {
        let ours = wait_for("the key of the instance", async || {
            let instance = actors::find_instance(&site.app).await?;
            Ok(instance.filter(|actor| actor.public_key.is_some()))
        })
        .await?;
        let federation = Federation::new(site.app.clone())?;
        for other in sites
            .iter()
            .filter(|other| other.app.url("/") != site.app.url("/"))
        {
            let theirs = Url::parse(&other.app.url(ADS_PATH))?;
            let actor = wait_for("the other site", async || {
                Ok(federation.find_or_read_actor(&theirs).await.ok())
            })
            .await?;
            follows::request(&site.app, &Who::System, &ours, actor.id).await?;
        }
    }
    Ok(())
}

/// The visitor follows every ad of a site, likes it and replies; the first reply is accepted.
async fn visit(visitor: &Visitor, site: &Site) -> anyhow::Result<()> {
    for told in &site.ads {
        let page = wait_for("an ad", async || {
            let page = reading::show(&site.app, told.number).await?;
            Ok(Some(page).filter(|page| page.actor.public_key.is_some()))
        })
        .await?;
        let actor = page.actor.uri.as_str();
        let post = page
            .posts
            .first()
            .context("a published ad has its announcement")?;
        visitor.follow(actor, site.app.now()).await?;
        visitor.like(actor, &post.note_uri, site.app.now()).await?;
        for text in told.sample.replies {
            visitor
                .reply(actor, &post.note_uri, text, site.app.now())
                .await?;
        }
        if told.sample.replies.is_empty() {
            continue;
        }
        let first = wait_for("the replies", async || {
            let pending =
                list_pending_for_organisation(&site.app, &told.author, told.organisation, None)
                    .await?;
            let mut ours = pending
                .comments
                .into_iter()
                .filter(|comment| comment.ad_id == told.id);
            let first = ours.next();
            Ok(first.filter(|_| ours.count() + 1 == told.sample.replies.len()))
        })
        .await?;
        decide(&site.app, &told.author, first.id, Decision::Accept, None).await?;
    }
    Ok(())
}

/// Looks again and again until something is there.
async fn wait_for<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(GLANCE).await;
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => bail!("{what} did not come within {} seconds", PATIENCE.as_secs()),
    }
}

fn print(sites: &[Site], visitor: &Visitor, directory: &Path) {
    println!("Two sites that federate:");
    for site in sites {
        let authority = site.app.config().public_url.authority();
        println!("\n  {}", site.sample.name);
        println!("    {}", site.app.url("/"));
        println!("    to follow from another server: @annonces@{authority}");
        for told in &site.ads {
            println!(
                "      @annonce_{}@{authority}   {}",
                told.number, told.sample.title
            );
        }
        let people: Vec<_> = site
            .sample
            .associations
            .iter()
            .map(|known| known.person.1)
            .collect();
        println!(
            "    to sign in: {}, or {}",
            people.join(", "),
            story::MODERATOR.1
        );
        println!(
            "    their mails: {}",
            site.app.config().data_dir.join("mails").display()
        );
    }
    println!(
        "\n{} follows them, likes them and replies from a third server.",
        visitor.address()
    );
    println!(
        "Servers on loopback are accepted without TLS. Everything is in {}.",
        directory.display()
    );
    println!("Ctrl-C stops, and throws everything away.");
}

/// A directory that goes with the demonstration.
struct Throwaway(PathBuf);

impl Throwaway {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("emancipasso-demo-{}", std::process::id()));
        std::fs::create_dir(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // a leftover in the temporary directory does no harm
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
