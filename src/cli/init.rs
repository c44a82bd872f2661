//! `init`: a settings file, and the first administrator.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{DEFAULT_FILE, Failure, explain, open};
use crate::{
    app::{
        Who,
        accounts::{self, NewAccount},
    },
    config::Settings,
    domain::account::Role,
};

/// Each answer can be given here; what is missing is asked on the terminal.
#[derive(Debug, Args)]
pub struct Options {
    /// Address that people see, such as https://annonces.example.
    #[arg(long)]
    public_url: Option<String>,
    /// Name of the site.
    #[arg(long)]
    name: Option<String>,
    /// Who publishes the site (legal identity).
    #[arg(long)]
    publisher: Option<String>,
    /// Where people write to a human.
    #[arg(long)]
    contact_email: Option<String>,
    /// Directory of everything that must be kept.
    #[arg(long, default_value = "/var/lib/emancipasso")]
    data_dir: String,
    /// Mail server; empty to write mails as files.
    #[arg(long)]
    smtp_url: Option<String>,
    /// Name of the first administrator.
    #[arg(long)]
    admin_name: Option<String>,
    /// Address of the first administrator.
    #[arg(long)]
    admin_email: Option<String>,
}

/// Writes the file, then makes the account. Refuses to touch a file that is there.
pub async fn run(file: Option<PathBuf>, options: Options) -> Result<(), Failure> {
    let file = file.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    if file.exists() {
        return Err(anyhow::anyhow!("{} exists already; it is left as it is.", file.display()).into());
    }
    let mut settings = Settings {
        public_url: answer(options.public_url, "Address of the site (https://…)")?,
        data_dir: options.data_dir,
        smtp_url: answer(options.smtp_url, "Mail server (smtp://… or smtps://…, empty for files)")?,
        ..Settings::default()
    };
    settings.instance.name = answer(options.name, "Name of the site")?;
    settings.instance.publisher = answer(options.publisher, "Publisher (legal identity)")?;
    settings.instance.contact_email = answer(options.contact_email, "Contact address, shown publicly")?;
    let config = settings.check().map_err(Failure::Config)?;
    let admin_name = answer(options.admin_name, "Name of the first administrator")?;
    let admin_email = answer(options.admin_email, "Address of the first administrator")?;

    write(&file, &settings)?;
    let app = open(&config).await?;
    let new = NewAccount {
        email: &admin_email,
        name: &admin_name,
        role: Role::Administrator,
        locale: "fr",
    };
    accounts::create(&app, &Who::System, new).await.map_err(explain)?;
    app.stop().await;
    eprintln!("{} is written. Start the site with: emancipasso serve --config {}", file.display(), file.display());
    Ok(())
}

/// The answer given on the command line, or asked on the terminal.
fn answer(given: Option<String>, question: &str) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !io::stdin().is_terminal() {
        bail!("{question}: give it as an option, there is no terminal to ask on.");
    }
    eprint!("{question}: ");
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Only what differs from the defaults, readable by its owner alone: it may hold a password.
fn write(file: &Path, settings: &Settings) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let text = format!(
        "# Settings of emancipasso; config.example.toml explains every key.\n\
         public_url = {}\ndata_dir = {}\nsmtp_url = {}\n\n\
         [instance]\nname = {}\npublisher = {}\ncontact_email = {}\n",
        quoted(&settings.public_url),
        quoted(&settings.data_dir),
        quoted(&settings.smtp_url),
        quoted(&settings.instance.name),
        quoted(&settings.instance.publisher),
        quoted(&settings.instance.contact_email),
    );
    let mut opened =
        options.open(file).with_context(|| format!("{} cannot be written", file.display()))?;
    opened.write_all(text.as_bytes())?;
    Ok(())
}
