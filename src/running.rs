//! A running instance: what it answers with, and the workers behind it. The one place that puts all
//! the parts together, for `serve` and for the demonstration.

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::{
    app::{App, AppError, housekeeping},
    config::{Config, InvalidConfig},
    federation::{
        context::{Federation, FederationError},
        delivery::Dispatcher,
    },
    jobs::{self, Workers},
    mail::transport::{Sender, Transport},
    server,
};

/// How long the work in progress may take to end. What is cut is taken up at the next start.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// Why the parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Federation(#[from] FederationError),
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    #[error("the work that was left cannot be taken up: {0}")]
    Work(#[from] AppError),
}

/// A server that answers, and its workers.
pub struct Running {
    app: App,
    dispatcher: Dispatcher,
    workers: Workers,
    serving: JoinHandle<std::io::Result<()>>,
    stop: oneshot::Sender<()>,
}

impl Running {
    /// Starts to answer and to work.
    pub async fn start(app: App, listener: TcpListener) -> Result<Self, RunError> {
        let transport = Arc::new(mail_transport(app.config())?);
        let federation = Federation::new(app.clone())?;
        let dispatcher = Dispatcher::new(
            app.clone(),
            federation.client.clone(),
            federation.fetcher.clone(),
        );
        let inbox = Arc::new(federation.clone().into_config().await?);
        housekeeping::resume_work(&app).await?;
        let workers = Workers::start(
            &app,
            [
                jobs::keys::worker(),
                jobs::inbox::worker(inbox),
                jobs::delivery::expander(),
                jobs::delivery::deliverer(dispatcher.clone()),
                jobs::hosts::worker(federation.fetcher.clone()),
                jobs::mails::worker(transport),
                jobs::index::worker(),
                jobs::timers::worker(),
            ],
        );
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server::serve(federation, listener, async move {
            // a sender that is gone stops the server too
            let _ = stopped.await;
        }));
        Ok(Self {
            app,
            dispatcher,
            workers,
            serving,
            stop,
        })
    }

    /// Lets requests and batches in progress end, then closes the database.
    pub async fn stop(self) {
        // the server may have stopped by itself
        let _ = self.stop.send(());
        if let Ok(Err(error)) = self.serving.await {
            tracing::error!(%error, "the server stopped");
        }
        let ended = async {
            self.workers.stop().await;
            self.dispatcher.finish().await;
        };
        if timeout(STOP_TIMEOUT, ended).await.is_err() {
            tracing::warn!("work in progress is cut; the next start takes it up");
        }
        self.app.stop().await;
    }
}

/// The way out of mails: the relay of the settings, or files in the data directory. Nothing is
/// created nor connected.
///
/// # Errors
/// One sentence that names the setting to correct.
pub fn mail_transport(config: &Config) -> Result<Transport, InvalidConfig> {
    let wrong =
        |key: &str, error: &dyn std::fmt::Display| InvalidConfig(vec![format!("{key}: {error}.")]);
    let host = config.public_url.as_url().host_str().unwrap_or_default();
    let sender = Sender::new(&config.instance.name, &config.mail_from, host)
        .map_err(|error| wrong("mail_from", &error))?;
    let Some(url) = &config.smtp_url else {
        return Ok(Transport::files(config.data_dir.join("mails"), sender));
    };
    let authorities = match &config.federation.extra_ca_file {
        Some(path) => {
            Some(std::fs::read(path).map_err(|error| wrong("federation.extra_ca_file", &error))?)
        }
        None => None,
    };
    Transport::smtp(url.expose(), authorities.as_deref(), sender)
        .map_err(|error| wrong("smtp_url", &error))
}
