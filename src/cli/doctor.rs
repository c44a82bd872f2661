//! `doctor`: what is wrong, what it implies, what to do. Checks what can be checked from here.

use std::{path::Path, process::ExitCode};

use crate::{
    app::{App, Clock},
    config::Config,
    mail::transport::Transport,
    running,
};

/// What a check found.
enum Finding {
    Good(String),
    /// What is wrong, what it implies, what to do.
    Bad { wrong: String, implies: &'static str, advice: &'static str },
    /// Not wrong, but to be known.
    Note(String),
}

/// Runs every check and prints what it found; fails when something is wrong.
pub async fn run(config: &Config) -> ExitCode {
    let mut findings = vec![
        Finding::Good(format!("The settings can be read; the site is {}.", config.public_url)),
        check_directory(&config.data_dir),
        check_identity(config),
        check_scheme(config),
        check_mail(config).await,
    ];
    findings.extend(check_instance(config).await);
    let mut wrong = 0;
    for finding in &findings {
        match finding {
            Finding::Good(text) => println!("✓ {text}"),
            Finding::Note(text) => println!("· {text}"),
            Finding::Bad { wrong: what, implies, advice } => {
                wrong += 1;
                println!("✗ {what}\n  {implies}\n  → {advice}");
            }
        }
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check_directory(directory: &Path) -> Finding {
    let probe = directory.join(".doctor");
    match std::fs::write(&probe, b"") {
        Ok(()) => {
            // left behind it would only be an empty file
            let _ = std::fs::remove_file(&probe);
            Finding::Good(format!("The data directory {} can be written.", directory.display()))
        }
        Err(error) => Finding::Bad {
            wrong: format!("The data directory {} cannot be written: {error}.", directory.display()),
            implies: "The site cannot start.",
            advice: "Make the directory and give it to the account that runs the service.",
        },
    }
}

fn check_identity(config: &Config) -> Finding {
    let instance = &config.instance;
    let missing: Vec<_> = [
        ("publisher", &instance.publisher),
        ("publisher_address", &instance.publisher_address),
        ("host_name", &instance.host_name),
        ("contact_email", &instance.contact_email),
    ]
    .into_iter()
    .filter(|(_, value)| value.is_empty())
    .map(|(key, _)| format!("instance.{key}"))
    .collect();
    if missing.is_empty() {
        return Finding::Good("The legal identity of the site is set.".into());
    }
    Finding::Bad {
        wrong: format!("The legal identity is incomplete: {}.", missing.join(", ")),
        implies: "French law wants it on every site (loi n° 2004-575, article 1-1).",
        advice: "Fill these keys in the settings file.",
    }
}

fn check_scheme(config: &Config) -> Finding {
    if config.public_url.is_plain_http() {
        Finding::Note("The public address is plain http: this is a laboratory, and most servers will refuse it.".into())
    } else {
        Finding::Good("The public address is https.".into())
    }
}

async fn check_mail(config: &Config) -> Finding {
    match running::mail_transport(config) {
        Ok(Transport::Files(_)) => Finding::Note(format!(
            "No mail server is set: mails are written into {}.",
            config.data_dir.join("mails").display()
        )),
        Ok(Transport::Smtp(smtp)) => match smtp.check().await {
            Ok(()) => Finding::Good("The mail server answers and accepts our account.".into()),
            Err(error) => Finding::Bad {
                wrong: format!("The mail server does not answer as it should: {error}."),
                implies: "Nobody can sign in by link; mails wait and are tried again.",
                advice: "Check smtp_url: host, port, account, and tls=required for STARTTLS.",
            },
        },
        Err(error) => Finding::Bad {
            wrong: error.to_string(),
            implies: "The site cannot start.",
            advice: "Correct smtp_url or mail_from.",
        },
    }
}

async fn check_instance(config: &Config) -> Vec<Finding> {
    let app = match App::start(config.clone(), Clock::system()).await {
        Ok(app) => app,
        Err(error) => {
            return vec![Finding::Bad {
                wrong: format!("The instance cannot be opened: {error}."),
                implies: "The site cannot start.",
                advice: "Check database_url, and that the key file of the data directory is the one of this database.",
            }];
        }
    };
    let mut findings = vec![Finding::Good("The database answers and its tables are up to date.".into())];
    match crate::app::health::read(&app).await {
        Ok(health) => findings.extend(queues(&health)),
        Err(error) => findings.push(Finding::Bad {
            wrong: format!("The queues cannot be read: {error}."),
            implies: "Work may be stuck.",
            advice: "Look at the log of the service.",
        }),
    }
    app.stop().await;
    findings
}

fn queues(health: &crate::app::health::Health) -> Vec<Finding> {
    let line = |name: &str, waiting: i64, oldest_minutes: i64| {
        let text = format!("{name}: {waiting} waiting, the oldest due for {oldest_minutes} minutes.");
        if waiting > 0 && oldest_minutes > 60 {
            Finding::Bad {
                wrong: text,
                implies: "Something is sent or shown late.",
                advice: "Is the service running? Its log says what fails.",
            }
        } else {
            Finding::Good(text)
        }
    };
    vec![
        line("Activities received", health.inbox.waiting, health.inbox.late_minutes),
        line("Deliveries", health.deliveries.waiting, health.deliveries.late_minutes),
        line("Mails", health.mails.waiting, health.mails.late_minutes),
    ]
}
