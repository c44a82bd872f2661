//! `emancipasso init`: writes a file of settings, from flags and from answers on a terminal.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};

use anyhow::{Context, bail};
use clap::Args;

use super::{environment, explain, open};
use crate::{
    app::{
        Who,
        accounts::{self, NewAccount},
    },
    config::{Config, Settings},
    domain::account::Role,
    locales::Locale,
    running,
};

/// The file that explains every key; the one that is written keeps its words.
const EXAMPLE: &str = include_str!("../../config.example.toml");

/// What `init` wants to know. What is not given is asked when standard input is a terminal.
#[derive(Debug, Default, Args)]
pub(super) struct Answers {
    /// Address that people see, such as <https://annonces.example>
    #[arg(long)]
    public_url: Option<String>,
    /// Name of the site
    #[arg(long)]
    name: Option<String>,
    /// Publisher of the site: name of the organisation or of the person
    #[arg(long)]
    publisher: Option<String>,
    /// Address of the publisher
    #[arg(long)]
    publisher_address: Option<String>,
    /// Director of publication
    #[arg(long)]
    publication_director: Option<String>,
    /// Company that hosts the machine
    #[arg(long)]
    host_name: Option<String>,
    /// Address of the company that hosts the machine
    #[arg(long)]
    host_address: Option<String>,
    /// Address where people write to a human
    #[arg(long)]
    contact_email: Option<String>,
    /// Mail server: `smtps://user:password@host`, or `smtp://host:587?tls=required`
    #[arg(long)]
    smtp_url: Option<String>,
    /// Directory of everything that must be kept
    #[arg(long, default_value = "/var/lib/emancipasso")]
    data_dir: Option<String>,
    /// Mail address of the first administrator, whose account is made at once
    #[arg(long, requires = "admin_name")]
    admin_email: Option<String>,
    /// Name of the first administrator
    #[arg(long)]
    admin_name: Option<String>,
}

/// A key of the file, what is asked for it, and its value.
struct Question<'a> {
    section: &'static str,
    key: &'static str,
    words: &'static str,
    value: &'a mut Option<String>,
}

/// Writes the file, unless it exists or an answer is wrong.
pub(super) async fn run(path: &Path, mut answers: Answers) -> anyhow::Result<()> {
    if path.exists() {
        bail!("{} exists already; it is left as it is", path.display());
    }
    if io::stdin().is_terminal() {
        ask(&mut answers)?;
    }
    let text = fill(&mut answers)?;
    let settings = Settings::parse(&text)?;
    running::mail_transport(&settings.check()?)?;
    write(path, &text, answers.smtp_url.as_deref())?;
    if let (Some(email), Some(name)) = (&answers.admin_email, &answers.admin_name) {
        // the environment may say where the data are
        let config = Settings::read(Some(path), environment())?.check()?;
        make_administrator(&config, email, name)
            .await
            .context("the settings are written, but the first account is not made")?;
    }
    let path = path.display();
    eprintln!("{path} is written. Start the site with: emancipasso serve --config {path}");
    Ok(())
}

async fn make_administrator(config: &Config, email: &str, name: &str) -> anyhow::Result<()> {
    let app = open(config).await?;
    let new = NewAccount {
        email,
        name,
        role: Role::Administrator,
        locale: Locale::Fr.tag(),
    };
    let made = accounts::create(&app, &Who::System, new).await;
    app.stop().await;
    made.map(|_| ()).map_err(explain)
}

fn questions(answers: &mut Answers) -> Vec<Question<'_>> {
    let question = |section, key, words, value| Question {
        section,
        key,
        words,
        value,
    };
    vec![
        question(
            "",
            "public_url",
            "Address that people see, such as <https://annonces.example> (it never changes)",
            &mut answers.public_url,
        ),
        question(
            "",
            "data_dir",
            "Directory of the data",
            &mut answers.data_dir,
        ),
        question(
            "",
            "smtp_url",
            "Mail server, such as smtps://user:password@mail.example (empty: mails are written as files)",
            &mut answers.smtp_url,
        ),
        question("instance", "name", "Name of the site", &mut answers.name),
        question(
            "instance",
            "publisher",
            "Publisher: name of the organisation or person who answers for the site",
            &mut answers.publisher,
        ),
        question(
            "instance",
            "publisher_address",
            "Address of the publisher",
            &mut answers.publisher_address,
        ),
        question(
            "instance",
            "publication_director",
            "Director of publication",
            &mut answers.publication_director,
        ),
        question(
            "instance",
            "host_name",
            "Company that hosts the machine",
            &mut answers.host_name,
        ),
        question(
            "instance",
            "host_address",
            "Address of that company",
            &mut answers.host_address,
        ),
        question(
            "instance",
            "contact_email",
            "Address where people write to a human",
            &mut answers.contact_email,
        ),
    ]
}

/// Asks for what was not given; an empty answer keeps the default.
fn ask(answers: &mut Answers) -> io::Result<()> {
    for question in questions(answers) {
        if question.value.is_none() {
            *question.value = ask_one(question.words)?;
        }
    }
    if answers.admin_email.is_none() {
        answers.admin_email = ask_one("Mail address of the first administrator (empty: later)")?;
    }
    if answers.admin_email.is_some() && answers.admin_name.is_none() {
        answers.admin_name = ask_one("Name of the first administrator")?;
    }
    Ok(())
}

fn ask_one(words: &str) -> io::Result<Option<String>> {
    eprint!("{words}: ");
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let answer = line.trim();
    Ok((!answer.is_empty()).then(|| answer.to_owned()))
}

/// The explained file, with the answers in place of the defaults.
fn fill(answers: &mut Answers) -> anyhow::Result<String> {
    let questions = questions(answers);
    let mut section = String::new();
    let mut text = String::new();
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
        }
        let key = line.split(" = ").next().unwrap_or_default();
        let answer = questions
            .iter()
            .find(|question| question.section == section && question.key == key)
            .and_then(|question| question.value.as_deref());
        match answer {
            // a JSON string is a TOML string
            Some(answer) => {
                text.push_str(key);
                text.push_str(" = ");
                text.push_str(&serde_json::to_string(answer)?);
                text.push('\n');
            }
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    Ok(text)
}

/// Writes the file, readable by its owner alone when it holds a password.
fn write(path: &Path, text: &str, smtp_url: Option<&str>) -> anyhow::Result<()> {
    let holds_password = smtp_url.is_some_and(|url| url.contains('@'));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if holds_password {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    if holds_password {
        eprintln!(
            "{} holds a password: only you can read it. Let the user of the service read it too, \
             or move the address of the mail server to a file named by smtp_url_file.",
            path.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_take_the_place_of_defaults_and_nothing_else_changes() {
        let mut answers = Answers {
            public_url: Some("https://annonces.example".into()),
            name: Some("L’\"Entraide\" \\ libre".into()),
            ..Answers::default()
        };
        let text = fill(&mut answers).unwrap();
        let settings = Settings::parse(&text).unwrap();
        let mut expected = Settings {
            public_url: "https://annonces.example".into(),
            ..Settings::default()
        };
        expected.instance.name = "L’\"Entraide\" \\ libre".into();
        assert_eq!(settings, expected);
        assert_eq!(text.lines().count(), EXAMPLE.lines().count());
    }

    #[test]
    fn without_answers_the_example_is_kept_whole() {
        assert_eq!(fill(&mut Answers::default()).unwrap(), EXAMPLE);
    }
}
