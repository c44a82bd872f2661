//! `emancipasso doctor`: what is wrong, what it implies, what to do. Changes nothing.

use std::{process::ExitCode, time::Duration};

use chrono::TimeDelta;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use url::Url;

use crate::{
    app::{
        Clock,
        diagnosis::{self, Database, KeyFile, Queue},
    },
    config::Config,
    domain::addresses::INSTANCE_PATH,
    federation::{
        fetch::{FetchLimits, Fetched, Fetcher},
        http_client::{ClientSettings, RemoteClient},
    },
    mail::Transport,
    running,
};

/// The longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(15);
/// Clocks further apart make signatures and leases wrong.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(30);
/// Work that has been due for longer is not being done.
const QUEUE_TOLERANCE: TimeDelta = TimeDelta::minutes(15);

/// What a check found.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    Good(String),
    /// It works, and should be looked at.
    Doubtful(Advice),
    /// It does not work.
    Broken(Advice),
}

#[derive(Debug, PartialEq, Eq)]
struct Advice {
    what: String,
    implies: &'static str,
    remedy: String,
}

fn good(what: impl Into<String>) -> Finding {
    Finding::Good(what.into())
}

fn advice(what: impl Into<String>, implies: &'static str, remedy: impl Into<String>) -> Advice {
    Advice {
        what: what.into(),
        implies,
        remedy: remedy.into(),
    }
}

/// Checks everything and prints it; 1 when something is broken.
pub(super) async fn run(config: &Config) -> ExitCode {
    let mut findings = check_settings(config);
    findings.push(check_data_dir(config));
    findings.push(check_key_file(config));
    findings.extend(check_database(config).await);
    findings.push(check_mail(config).await);
    findings.extend(check_address(config).await);
    for finding in &findings {
        print(finding);
    }
    if findings
        .iter()
        .any(|finding| matches!(finding, Finding::Broken(_)))
    {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn print(finding: &Finding) {
    let (mark, advice) = match finding {
        Finding::Good(what) => {
            println!("ok       {what}");
            return;
        }
        Finding::Doubtful(advice) => ("doubtful", advice),
        Finding::Broken(advice) => ("BROKEN  ", advice),
    };
    println!("{mark} {}", advice.what);
    println!("         it implies: {}", advice.implies);
    println!("         what to do: {}", advice.remedy);
}

fn check_settings(config: &Config) -> Vec<Finding> {
    let mut findings = vec![good(format!(
        "settings: every value can be used, as {}",
        config.public_url
    ))];
    if config.public_url.is_plain_http() {
        findings.push(Finding::Doubtful(advice(
            "settings: public_url begins with http:",
            "cookies, mails and signatures can be read on the way; other servers refuse to speak to it",
            "outside of a laboratory, give an https: address before anything is published",
        )));
    }
    let identity = [
        ("publisher", &config.instance.publisher),
        ("publisher_address", &config.instance.publisher_address),
        (
            "publication_director",
            &config.instance.publication_director,
        ),
        ("host_name", &config.instance.host_name),
        ("host_address", &config.instance.host_address),
        ("contact_email", &config.instance.contact_email),
    ];
    let missing: Vec<_> = identity
        .iter()
        .filter(|(_, value)| value.trim().is_empty())
        .map(|(key, _)| format!("instance.{key}"))
        .collect();
    if !missing.is_empty() {
        findings.push(Finding::Doubtful(advice(
            format!("settings: the legal identity lacks {}", missing.join(", ")),
            "a public site without it breaks the law (loi n° 2004-575, article 1-1)",
            "fill these keys in before opening the site to the public",
        )));
    }
    if !config.federation.allow_private_networks.is_empty()
        || !config.federation.allow_http.is_empty()
    {
        findings.push(Finding::Doubtful(advice(
            "settings: federation allows private networks or plain http",
            "a hostile server could make this one read from its own network",
            "outside of a laboratory, empty federation.allow_private_networks and federation.allow_http",
        )));
    }
    findings
}

fn check_data_dir(config: &Config) -> Finding {
    let shown = config.data_dir.display();
    match diagnosis::check_data_dir(&config.data_dir) {
        Ok(()) => good(format!("data directory: {shown} can be written")),
        Err(error) => Finding::Broken(advice(
            format!("data directory: {shown} cannot be written: {error}"),
            "the site cannot start, or cannot keep pictures and mails",
            "create it, and give it to the user that runs the service",
        )),
    }
}

fn check_key_file(config: &Config) -> Finding {
    match diagnosis::examine_key_file(&config.data_dir) {
        KeyFile::Good => good("key file: readable, by its owner alone"),
        KeyFile::Absent => Finding::Doubtful(advice(
            "key file: none yet",
            "the first start makes one; if this site already ran, its keys are lost and links, forms and signatures no longer work",
            "on a site that already ran, restore secret.key from a backup",
        )),
        KeyFile::Exposed => Finding::Broken(advice(
            "key file: other users of this machine can read it",
            "they can sign in as anybody and speak for every ad",
            format!("chmod 600 {}", config.data_dir.join("secret.key").display()),
        )),
        KeyFile::Unusable(error) => Finding::Broken(advice(
            format!("key file: {error}"),
            "the site cannot start",
            "restore secret.key from a backup",
        )),
    }
}

async fn check_database(config: &Config) -> Vec<Finding> {
    let clock = Clock::system();
    match diagnosis::examine_database(config, &clock).await {
        Database::Good {
            clock_ahead,
            queues,
        } => {
            let mut findings = vec![good("database: reachable and up to date")];
            findings.extend(clock_ahead.map(check_clock));
            findings.extend(queues.iter().map(|queue| check_queue(queue, &clock)));
            findings
        }
        Database::Absent => vec![Finding::Doubtful(advice(
            "database: no file yet",
            "the first start makes it",
            "nothing, unless the site already ran: then check data_dir and database_url",
        ))],
        Database::Behind(missing) => vec![Finding::Doubtful(advice(
            format!("database: {missing} migrations are missing"),
            "the next start applies them",
            "back up, then run emancipasso migrate",
        ))],
        Database::Ahead => vec![Finding::Broken(advice(
            "database: a later version of emancipasso made it",
            "this version cannot start on it",
            "install that version, or restore a backup",
        ))],
        Database::Unreachable(error) => vec![Finding::Broken(advice(
            format!("database: {error}"),
            "the site cannot work",
            "check database_url, that the database runs, and who may connect to it",
        ))],
    }
}

fn check_clock(ahead: TimeDelta) -> Finding {
    if ahead.abs() <= CLOCK_TOLERANCE {
        return good("clock: the same here and at the database");
    }
    Finding::Broken(advice(
        format!(
            "clock: {} s away from the clock of the database",
            ahead.num_seconds().abs()
        ),
        "one of the two is wrong; other servers refuse signatures whose time is wrong",
        "synchronise the clocks of both machines (timedatectl set-ntp true)",
    ))
}

fn check_queue(queue: &Queue, clock: &Clock) -> Finding {
    let late = queue
        .due_since
        .map(|since| clock.now() - since)
        .filter(|late| *late > QUEUE_TOLERANCE);
    match late {
        None => good(format!("queue {}: {} waiting", queue.name, queue.waiting)),
        Some(late) => Finding::Broken(advice(
            format!(
                "queue {}: {} waiting, {} minutes late",
                queue.name,
                queue.waiting,
                late.num_minutes()
            ),
            "mails and messages to other servers are not going out",
            "check that the service runs, then look at its log",
        )),
    }
}

async fn check_mail(config: &Config) -> Finding {
    let transport = match running::mail_transport(config) {
        Ok(transport) => transport,
        Err(error) => {
            return Finding::Broken(advice(
                format!("mail: {error}"),
                "the site cannot start",
                "correct this setting",
            ));
        }
    };
    let Transport::Smtp(smtp) = transport else {
        return Finding::Doubtful(advice(
            format!(
                "mail: no smtp_url, mails are written to {}",
                config.data_dir.join("mails").display()
            ),
            "nobody receives the links to sign in with",
            "set smtp_url",
        ));
    };
    match timeout(PATIENCE, smtp.check()).await {
        Ok(Ok(())) => good("mail: the server answers and accepts our name and password"),
        outcome => {
            let reason = match outcome {
                Ok(Err(error)) => error.to_string(),
                _ => "no answer".to_owned(),
            };
            Finding::Broken(advice(
                format!("mail: {reason}"),
                "nobody receives the links to sign in with; mails wait for better days",
                "check smtp_url, and that this machine may reach the mail server",
            ))
        }
    }
}

/// Whether the service runs, answers to its name, and can be reached from outside as others do.
async fn check_address(config: &Config) -> Vec<Finding> {
    let listen = config.listen;
    let authority = config.public_url.authority();
    let Ok(Some(status)) = timeout(PATIENCE, ask_locally(config)).await else {
        return vec![Finding::Doubtful(advice(
            format!("service: nothing answers on {listen}"),
            "the site is stopped; how it is reached from outside was not checked",
            "start it, then run this command again",
        ))];
    };
    if status == 503 {
        return vec![Finding::Doubtful(advice(
            format!("service: it answers 503 on {listen}: it is starting"),
            "the keys of its actors are being made, which takes some seconds at the first start",
            "run this command again in a minute; if it stays so, look at the log",
        ))];
    }
    if status != 200 {
        return vec![Finding::Broken(advice(
            format!("service: what listens on {listen} answers {status} to the name {authority}"),
            "it is another program, or an instance with other settings",
            "check listen and public_url, and restart the service",
        ))];
    }
    vec![
        good(format!(
            "service: it answers on {listen} to the name {authority}"
        )),
        check_loop(config).await,
    ]
}

/// The status that the service gives for its own document under its own name.
async fn ask_locally(config: &Config) -> Option<u16> {
    let mut stream = TcpStream::connect(config.listen).await.ok()?;
    let request = format!(
        "GET {INSTANCE_PATH} HTTP/1.1\r\nHost: {}\r\nAccept: application/activity+json\r\nConnection: close\r\n\r\n",
        config.public_url.authority()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.take(64).read_to_end(&mut answer).await.ok()?;
    let line = String::from_utf8_lossy(&answer);
    line.split(' ').nth(1)?.parse().ok()
}

/// Reads our own document by the public address: names, TLS, proxy and `Host` on the way.
async fn check_loop(config: &Config) -> Finding {
    match read_ourselves(config).await {
        Ok(()) => good("public address: it leads here, and Host passes"),
        Err(reason) => Finding::Broken(advice(
            format!("public address: {reason}"),
            "people or other servers cannot reach the site, unless only this machine cannot (a router may refuse its own address)",
            "check the name, the certificate, and that the proxy passes the Host header unchanged",
        )),
    }
}

async fn read_ourselves(config: &Config) -> Result<(), String> {
    let address =
        Url::parse(&config.public_url.join(INSTANCE_PATH)).map_err(|error| error.to_string())?;
    let settings = ClientSettings::of(config).map_err(|error| error.to_string())?;
    let client = RemoteClient::build(&settings).map_err(|error| error.to_string())?;
    let fetcher = Fetcher::new(client, FetchLimits::default());
    let now = Clock::system().now();
    match fetcher.fetch_document(&address, None, None, now).await {
        Ok(Fetched::Document(document)) if document.id == address => Ok(()),
        Ok(_) => Err(format!("{address} gives the document of somebody else")),
        Err(error) => Err(format!("{address} cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_far_apart_and_late_queues_are_broken() {
        assert!(matches!(
            check_clock(TimeDelta::seconds(-29)),
            Finding::Good(_)
        ));
        assert!(matches!(
            check_clock(TimeDelta::seconds(-31)),
            Finding::Broken(_)
        ));
        let clock = Clock::system();
        let queue = |minutes| Queue {
            name: "mails",
            waiting: 3,
            due_since: Some(clock.now() - TimeDelta::minutes(minutes)),
        };
        assert!(matches!(check_queue(&queue(10), &clock), Finding::Good(_)));
        assert!(matches!(
            check_queue(&queue(20), &clock),
            Finding::Broken(_)
        ));
    }
}
