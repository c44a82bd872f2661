//! Settings: one TOML file, then the environment. Checked and typed; every mistake is one sentence.

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Profile,
    providers::{Format, Serialized, Toml},
    value::{Dict, Map, Value},
};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{authority::PublicUrl, network::HostPattern, recommendation::VALIDITY_MONTHS},
    store::DatabaseUrl,
};

/// Prefix of the environment: `EMANCIPASSO_PUBLIC_URL`, `EMANCIPASSO_FEDERATION_ALLOW_HTTP`…
pub const ENVIRONMENT_PREFIX: &str = "EMANCIPASSO_";

/// Months during which a recommendation may count: a year, to ten.
const VALIDITY_RANGE: std::ops::RangeInclusive<u32> = 12..=120;

/// Everything an administrator may set, as written; `config.example.toml` documents each key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub public_url: String,
    pub listen: String,
    pub database_url: String,
    pub data_dir: String,
    pub smtp_url: String,
    pub smtp_url_file: String,
    pub mail_from: String,
    pub trusted_proxies: Vec<String>,
    pub log: String,
    pub log_format: String,
    pub instance: InstanceSettings,
    pub directory: DirectorySettings,
    pub federation: FederationSettings,
}

/// Who answers for the instance, and how it looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceSettings {
    pub name: String,
    pub description: String,
    pub accent: String,
    pub publisher: String,
    pub publisher_address: String,
    pub publication_director: String,
    pub host_name: String,
    pub host_address: String,
    pub contact_email: String,
}

/// How the directory is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectorySettings {
    /// Months during which a recommendation counts.
    pub recommendation_validity_months: u32,
    /// Slug of the organisation that runs this site, when it is a structure itself: what is said of
    /// it here does not count here. Empty when it is none.
    pub operator: String,
}

/// What is allowed towards other servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FederationSettings {
    pub allow_private_networks: Vec<String>,
    pub allow_http: Vec<String>,
    pub extra_ca_file: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            listen: "127.0.0.1:8080".into(),
            database_url: String::new(),
            data_dir: "data".into(),
            smtp_url: String::new(),
            smtp_url_file: String::new(),
            mail_from: String::new(),
            trusted_proxies: vec!["127.0.0.0/8".into(), "::1/128".into()],
            log: "info".into(),
            log_format: "text".into(),
            instance: InstanceSettings {
                name: "Emancip’Asso".into(),
                description: "Les associations y publient leurs besoins en logiciels libres."
                    .into(),
                accent: "#8a4b08".into(),
                publisher: String::new(),
                publisher_address: String::new(),
                publication_director: String::new(),
                host_name: String::new(),
                host_address: String::new(),
                contact_email: String::new(),
            },
            directory: DirectorySettings {
                recommendation_validity_months: VALIDITY_MONTHS,
                operator: String::new(),
            },
            federation: FederationSettings {
                allow_private_networks: Vec::new(),
                allow_http: Vec::new(),
                extra_ca_file: String::new(),
            },
        }
    }
}

/// Settings that passed every check.
#[derive(Clone, Debug)]
pub struct Config {
    pub public_url: PublicUrl,
    pub listen: SocketAddr,
    pub database: DatabaseUrl,
    pub data_dir: PathBuf,
    /// `None`: mails are written as files.
    pub smtp_url: Option<Secret>,
    /// Address that mails come from.
    pub mail_from: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    pub log: String,
    pub log_format: LogFormat,
    pub instance: InstanceSettings,
    pub directory: DirectorySettings,
    pub federation: FederationConfig,
}

/// What is allowed towards other servers, typed.
#[derive(Clone, Debug, Default)]
pub struct FederationConfig {
    pub allow_private_networks: Vec<IpNet>,
    pub allow_http: Vec<HostPattern>,
    pub extra_ca_file: Option<PathBuf>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// A value that must not appear in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Marks a value as secret.
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Everything wrong with the settings: one clear sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidConfig(pub Vec<String>);

impl From<figment::Error> for InvalidConfig {
    fn from(error: figment::Error) -> Self {
        Self(
            error
                .into_iter()
                .map(|mistake| sentence_of(&mistake))
                .collect(),
        )
    }
}

impl Settings {
    /// Reads the file (when there is one), then the environment, which wins.
    pub fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, InvalidConfig> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(path) = file {
            if !path.is_file() {
                return Err(InvalidConfig(vec![format!(
                    "The configuration file {} does not exist.",
                    path.display()
                )]));
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        let overrides = Environment::read(environment)?;
        figment
            .merge(overrides)
            .extract()
            .map_err(InvalidConfig::from)
    }

    /// Reads the text of a file, without the environment.
    pub fn parse(text: &str) -> Result<Self, InvalidConfig> {
        Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::string(text))
            .extract()
            .map_err(InvalidConfig::from)
    }

    /// Checks every value; nothing is created.
    pub fn check(&self) -> Result<Config, InvalidConfig> {
        let mut mistakes = Vec::new();
        let public_url = note(
            &mut mistakes,
            "public_url",
            "the address people see, such as https://annonces.example",
            PublicUrl::parse(&self.public_url),
        );
        let listen = note(
            &mut mistakes,
            "listen",
            "an address and a port, such as 127.0.0.1:8080",
            self.listen.parse::<SocketAddr>(),
        );
        let data_dir = PathBuf::from(&self.data_dir);
        if self.data_dir.is_empty() {
            mistakes
                .push("data_dir is empty; give the directory that holds what must be kept.".into());
        }
        let database_url = if self.database_url.is_empty() {
            format!("sqlite:{}", data_dir.join("emancipasso.sqlite").display())
        } else {
            self.database_url.clone()
        };
        let database = note(
            &mut mistakes,
            "database_url",
            "sqlite:PATH or postgres://…",
            database_url.parse::<DatabaseUrl>(),
        );
        let smtp_url = self.check_smtp(&mut mistakes);
        let trusted_proxies = list(
            &mut mistakes,
            "trusted_proxies",
            "a network, such as 127.0.0.0/8",
            &self.trusted_proxies,
            parse_network,
        );
        let log_format = self.check_log_format(&mut mistakes);
        self.check_accent(&mut mistakes);
        self.check_directory(&mut mistakes);
        let federation = self.check_federation(&mut mistakes);
        self.check_mail_from(&mut mistakes);
        match (public_url, listen, database) {
            (Some(public_url), Some(listen), Some(database)) if mistakes.is_empty() => Ok(Config {
                mail_from: self.mail_from_or_default(&public_url),
                public_url,
                listen,
                database,
                data_dir,
                smtp_url,
                trusted_proxies,
                log: self.log.clone(),
                log_format,
                instance: self.instance.clone(),
                directory: self.directory.clone(),
                federation,
            }),
            _ => Err(InvalidConfig(mistakes)),
        }
    }

    fn check_log_format(&self, mistakes: &mut Vec<String>) -> LogFormat {
        match self.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                mistakes.push(format!("log_format is {other:?}; give text or json."));
                LogFormat::Text
            }
        }
    }

    fn check_directory(&self, mistakes: &mut Vec<String>) {
        let months = self.directory.recommendation_validity_months;
        if !VALIDITY_RANGE.contains(&months) {
            mistakes.push(format!(
                "directory.recommendation_validity_months is {months}; give a number from {} to {}.",
                VALIDITY_RANGE.start(),
                VALIDITY_RANGE.end()
            ));
        }
    }

    fn check_accent(&self, mistakes: &mut Vec<String>) {
        if !is_colour(&self.instance.accent) {
            mistakes.push(format!(
                "instance.accent is {:?}; give a colour, such as #8a4b08.",
                self.instance.accent
            ));
        }
    }

    fn check_mail_from(&self, mistakes: &mut Vec<String>) {
        if !self.mail_from.is_empty() && !self.mail_from.contains('@') {
            mistakes.push(format!(
                "mail_from is {:?}; give a mail address.",
                self.mail_from
            ));
        }
    }

    fn mail_from_or_default(&self, public_url: &PublicUrl) -> String {
        if self.mail_from.is_empty() {
            let host = public_url.authority().split(':').next().unwrap_or_default();
            format!("ne-pas-repondre@{host}")
        } else {
            self.mail_from.clone()
        }
    }

    fn check_smtp(&self, mistakes: &mut Vec<String>) -> Option<Secret> {
        let url = if self.smtp_url_file.is_empty() {
            self.smtp_url.clone()
        } else {
            match std::fs::read_to_string(&self.smtp_url_file) {
                Ok(text) => text.trim().to_owned(),
                Err(error) => {
                    mistakes.push(format!("smtp_url_file cannot be read: {error}."));
                    return None;
                }
            }
        };
        if url.is_empty() {
            return None;
        }
        if !url.starts_with("smtp://") && !url.starts_with("smtps://") {
            mistakes.push("smtp_url must begin with smtp:// or smtps://.".into());
            return None;
        }
        Some(Secret::new(url))
    }

    fn check_federation(&self, mistakes: &mut Vec<String>) -> FederationConfig {
        let settings = &self.federation;
        let extra_ca_file =
            (!settings.extra_ca_file.is_empty()).then(|| PathBuf::from(&settings.extra_ca_file));
        if let Some(path) = extra_ca_file.as_ref().filter(|path| !path.is_file()) {
            mistakes.push(format!(
                "federation.extra_ca_file names {}, which does not exist.",
                path.display()
            ));
        }
        FederationConfig {
            allow_private_networks: list(
                mistakes,
                "federation.allow_private_networks",
                "a network, such as 10.0.0.0/8",
                &settings.allow_private_networks,
                parse_network,
            ),
            allow_http: list(
                mistakes,
                "federation.allow_http",
                "a host, a host:port, or *",
                &settings.allow_http,
                HostPattern::parse,
            ),
            extra_ca_file,
        }
    }
}

fn parse_network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn note<T, E: fmt::Display>(
    mistakes: &mut Vec<String>,
    key: &str,
    expected: &str,
    result: Result<T, E>,
) -> Option<T> {
    result
        .map_err(|error| mistakes.push(format!("{key}: {error}; give {expected}.")))
        .ok()
}

fn list<T>(
    mistakes: &mut Vec<String>,
    key: &str,
    expected: &str,
    items: &[String],
    parse: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    items
        .iter()
        .filter_map(|item| {
            let parsed = parse(item.trim());
            if parsed.is_none() {
                mistakes.push(format!("{key} holds {item:?}; give {expected}."));
            }
            parsed
        })
        .collect()
}

fn sentence_of(mistake: &figment::Error) -> String {
    let key = mistake.path.join(".");
    let place = mistake
        .metadata
        .as_ref()
        .map_or_else(String::new, |metadata| match &metadata.source {
            Some(source) => format!(" (in {source})"),
            None => format!(" (in {})", metadata.name),
        });
    if key.is_empty() {
        format!("{}{place}.", mistake.kind)
    } else {
        format!("{key}: {}{place}.", mistake.kind)
    }
}

/// The keys of the environment, matched against the known ones: `EMANCIPASSO_` then the key in
/// capitals, its sections joined by `_`. Lists are separated by commas.
#[derive(Debug)]
struct Environment(Dict);

impl Environment {
    fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, InvalidConfig> {
        let keys = known_keys();
        let mut values = Dict::new();
        let mut mistakes = Vec::new();
        for (name, text) in variables {
            let Some(suffix) = name.strip_prefix(ENVIRONMENT_PREFIX) else {
                continue;
            };
            if OTHER_VARIABLES.contains(&suffix) {
                continue;
            }
            match keys.get(suffix) {
                Some((path, shape)) => insert(&mut values, path, shape.read(&text)),
                None => mistakes.push(format!(
                    "The environment variable {name} is not a known setting."
                )),
            }
        }
        if mistakes.is_empty() {
            Ok(Self(values))
        } else {
            Err(InvalidConfig(mistakes))
        }
    }
}

/// Variables with our prefix that are not settings.
const OTHER_VARIABLES: &[&str] = &["CONFIG", "BIN"];

#[derive(Clone, Copy, Debug)]
enum Shape {
    Text,
    List,
}

impl Shape {
    fn read(self, text: &str) -> Value {
        match self {
            Self::Text => Value::from(text),
            Self::List => Value::from(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(Value::from)
                    .collect::<Vec<_>>(),
            ),
        }
    }
}

/// Every key of [`Settings`] by the name of its variable.
fn known_keys() -> BTreeMap<String, (Vec<String>, Shape)> {
    fn walk(
        value: &serde_json::Value,
        path: &mut Vec<String>,
        keys: &mut BTreeMap<String, (Vec<String>, Shape)>,
    ) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, member) in members {
                    path.push(name.clone());
                    walk(member, path, keys);
                    path.pop();
                }
            }
            other => {
                let shape = if other.is_array() {
                    Shape::List
                } else {
                    Shape::Text
                };
                keys.insert(path.join("_").to_uppercase(), (path.clone(), shape));
            }
        }
    }
    let mut keys = BTreeMap::new();
    if let Ok(defaults) = serde_json::to_value(Settings::default()) {
        walk(&defaults, &mut Vec::new(), &mut keys);
    }
    keys
}

fn insert(values: &mut Dict, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            values.insert(name.clone(), value);
        }
        [section, rest @ ..] => {
            let entry = values
                .entry(section.clone())
                .or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, inner) = entry {
                insert(inner, rest, value);
            }
        }
    }
}

impl figment::Provider for Environment {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named("the environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_example_file_shows_every_key_with_its_default() {
        let example: toml::Value = toml::from_str(include_str!("../config.example.toml")).unwrap();
        let defaults = toml::Value::try_from(Settings::default()).unwrap();
        assert_eq!(example, defaults);
    }

    #[test]
    fn the_environment_wins_over_the_file_and_reaches_every_section() {
        let settings = Settings::read(
            None,
            environment(&[
                ("EMANCIPASSO_PUBLIC_URL", "http://localhost:8000"),
                (
                    "EMANCIPASSO_FEDERATION_ALLOW_HTTP",
                    "localhost, lyon.test:81",
                ),
                ("EMANCIPASSO_INSTANCE_NAME", "Ici"),
                ("PATH", "/bin"),
            ]),
        )
        .unwrap();
        assert_eq!(settings.public_url, "http://localhost:8000");
        assert_eq!(
            settings.federation.allow_http,
            ["localhost", "lyon.test:81"]
        );
        assert_eq!(settings.instance.name, "Ici");
        let config = settings.check().unwrap();
        assert_eq!(config.public_url.authority(), "localhost:8000");
        assert_eq!(config.mail_from, "ne-pas-repondre@localhost");
    }

    #[test]
    fn each_mistake_is_one_sentence_that_names_its_key() {
        let settings = Settings {
            public_url: "annonces.example".into(),
            listen: "8080".into(),
            database_url: "mysql://x".into(),
            smtp_url: "mail.example".into(),
            federation: FederationSettings {
                allow_private_networks: vec!["ten".into()],
                ..Settings::default().federation
            },
            ..Settings::default()
        };
        let InvalidConfig(mistakes) = settings.check().unwrap_err();
        let keys: Vec<_> = mistakes
            .iter()
            .filter_map(|m| m.split([':', ' ']).next())
            .collect();
        assert_eq!(
            keys,
            [
                "public_url",
                "listen",
                "database_url",
                "smtp_url",
                "federation.allow_private_networks"
            ]
        );
    }

    #[test]
    fn an_unknown_key_is_refused_wherever_it_stands() {
        let unknown =
            Settings::read(None, environment(&[("EMANCIPASSO_PUBLIK_URL", "x")])).unwrap_err();
        assert!(unknown.to_string().contains("EMANCIPASSO_PUBLIK_URL"));
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("e.toml");
        std::fs::write(&file, "publik_url = \"x\"\n").unwrap();
        let unknown = Settings::read(Some(&file), Vec::new()).unwrap_err();
        assert!(unknown.to_string().contains("publik_url"), "{unknown}");
    }

    #[test]
    fn secrets_stay_out_of_debug_output() {
        let settings = Settings {
            public_url: "https://a.example".into(),
            smtp_url: "smtps://user:hunter2@mail.example".into(),
            database_url: "postgres://u:hunter2@db/x".into(),
            ..Settings::default()
        };
        assert!(!format!("{:?}", settings.check().unwrap()).contains("hunter2"));
    }
}
