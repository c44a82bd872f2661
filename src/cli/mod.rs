//! The command line.
//!
//! What a command gives goes to the standard output; everything else, logs included, to the standard
//! error stream. Exit codes: 0 done, 1 failed, 2 the command line or the settings are wrong (and
//! nothing was created).

mod accounts;
mod catalogue;
mod demo;
mod doctor;
mod hosts;
mod init;
mod keys;
mod verify;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use crate::{
    app::{App, AppError, Clock, Missing},
    config::{Config, InvalidConfig, LogFormat, Settings},
    domain::problem::Problem,
    locales::{Locale, Texts},
    running::{self, Running},
    server, telemetry,
    web::api,
};

/// Read when it is there and no other file is named.
const DEFAULT_FILE: &str = "emancipasso.toml";

/// Where associations say what they need from free software, on the fediverse.
#[derive(Debug, Parser)]
#[command(name = "emancipasso", version, arg_required_else_help = true)]
struct CommandLine {
    /// Settings file; `config.example.toml` explains every key.
    #[arg(long, global = true, env = "EMANCIPASSO_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer on the address of the settings, and do the work behind.
    Serve,
    /// Start two sites that federate, with sample content, and print their addresses.
    Demo(demo::Options),
    /// Write a settings file, asking for what is not given, and make the first administrator.
    Init(Box<init::Answers>),
    /// Bring the tables of the database to the form this version knows.
    Migrate,
    /// Accounts of people.
    #[command(subcommand)]
    Account(accounts::AccountCommand),
    /// Keys of the JSON API.
    #[command(subcommand)]
    Token(accounts::TokenCommand),
    /// Profiles of structures.
    #[command(subcommand)]
    Hosts(hosts::HostsCommand),
    /// The catalogue of free programs and of the tools that they replace.
    #[command(subcommand)]
    Catalogue(catalogue::CatalogueCommand),
    /// Keys of our actors.
    #[command(subcommand)]
    Keys(keys::KeyCommand),
    /// Say whether a recommendation of any site would count here, and why.
    Verify {
        /// Address of the recommendation.
        url: String,
    },
    /// Print what the JSON API can do, as an `OpenAPI` document.
    Openapi,
    /// Say what is wrong, what it implies and what to do.
    Doctor,
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(line)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            let is_about_settings = error.downcast_ref::<InvalidConfig>().is_some();
            if is_about_settings {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

async fn run(line: CommandLine) -> anyhow::Result<ExitCode> {
    match line.command {
        Command::Serve => serve(&read_config(line.config)?).await?,
        Command::Demo(options) => demo::run(&options).await?,
        Command::Init(answers) => {
            let file = line.config.unwrap_or_else(|| DEFAULT_FILE.into());
            init::run(&file, *answers).await?;
        }
        Command::Migrate => {
            open(&read_config(line.config)?).await?.stop().await;
            eprintln!("The tables are up to date.");
        }
        Command::Account(command) => {
            let app = open(&read_config(line.config)?).await?;
            accounts::account(&app, command).await?;
            app.stop().await;
        }
        Command::Token(command) => {
            let app = open(&read_config(line.config)?).await?;
            accounts::token(&app, command).await?;
            app.stop().await;
        }
        Command::Hosts(command) => {
            let app = open(&read_config(line.config)?).await?;
            hosts::hosts(&app, command).await?;
            app.stop().await;
        }
        Command::Catalogue(command) => {
            let app = open(&read_config(line.config)?).await?;
            catalogue::run(&app, command).await?;
            app.stop().await;
        }
        Command::Keys(command) => {
            let app = open(&read_config(line.config)?).await?;
            keys::run(&app, command).await?;
            app.stop().await;
        }
        Command::Verify { url } => {
            let app = open(&read_config(line.config)?).await?;
            let code = verify::run(&app, &url).await;
            app.stop().await;
            return code;
        }
        Command::Openapi => writeln!(io::stdout(), "{}", api::document().to_pretty_json()?)?,
        Command::Doctor => return Ok(doctor::run(&read_config(line.config)?).await),
    }
    Ok(ExitCode::SUCCESS)
}

fn read_config(named: Option<PathBuf>) -> Result<Config, InvalidConfig> {
    let default = PathBuf::from(DEFAULT_FILE);
    let file = named.or_else(|| default.is_file().then_some(default));
    Settings::read(file.as_deref(), environment())?.check()
}

/// The environment, as far as it is text.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Opens the instance for a command that does one thing; only warnings are logged.
async fn open(config: &Config) -> anyhow::Result<App> {
    telemetry::start("warn", LogFormat::Text)?;
    Ok(App::start(config.clone(), Clock::system()).await?)
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    telemetry::start(&config.log, config.log_format)?;
    // refused before anything is created
    running::mail_transport(config)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", config.listen))?;
    let app = App::start(config.clone(), Clock::system()).await?;
    if config.smtp_url.is_none() {
        let directory = config.data_dir.join("mails");
        tracing::warn!(
            "without smtp_url, mails are written into {}",
            directory.display()
        );
    }
    let running = Running::start(app, listener).await?;
    tracing::info!(address = %config.listen, public_url = %config.public_url, "listening");
    server::asked_to_stop().await;
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// The failure of a use case, in words for who typed the command.
fn explain(error: AppError) -> anyhow::Error {
    let texts = Texts::of(Locale::En);
    let say = |problem: &Problem| texts.trf(problem.text, &problem.values);
    match &error {
        AppError::Invalid(problems) => {
            let lines: Vec<_> = problems
                .iter()
                .map(|(field, problem)| format!("{field}: {}", say(problem)))
                .collect();
            anyhow::anyhow!("{}", lines.join("\n"))
        }
        AppError::Conflict(problem) | AppError::Forbidden(problem) => {
            anyhow::anyhow!("{}", say(problem))
        }
        AppError::NotFound(Missing::Actor) => anyhow::anyhow!("No actor has this name."),
        AppError::NotFound(Missing::Account) => anyhow::anyhow!("No account has this address."),
        _ => error.into(),
    }
}
