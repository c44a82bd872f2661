//! The two small documents by which servers are found and recognised: `WebFinger` (RFC 7033) and
//! `NodeInfo`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{Answer, FetchError, Fetcher, Question, is_activity_type};
use crate::federation::{addresses::AddressPolicy, json};

/// Most links read of one answer; the longest seen in the wild has a dozen.
const MOST_LINKS: usize = 64;

/// Longest software name or version kept, in characters.
const LONGEST_SOFTWARE_TEXT: usize = 64;

/// Beginning of the relation of every `NodeInfo` 2 link.
const NODE_INFO_2: &str = "http://nodeinfo.diaspora.software/ns/schema/2.";

/// What `WebFinger` says of an account. The caller checks that `subject` leads back to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jrd {
    /// The account, in the form its own server prefers; `acct:name@host`.
    pub subject: String,
    /// Other addresses of the same account.
    pub aliases: Vec<String>,
    /// What the account is linked to.
    pub links: Vec<JrdLink>,
}

/// One link of a [`Jrd`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JrdLink {
    /// The relation: `self`, `http://ostatus.org/schema/1.0/subscribe`…
    pub rel: String,
    /// Media type of what is linked.
    pub media_type: Option<String>,
    /// The address, exactly as written: it is compared with actor ids.
    pub href: Option<String>,
    /// An address with a `{uri}` to fill in.
    pub template: Option<String>,
}

/// What a server says it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInfo {
    /// Name of the software, in lower case: `mastodon`, `mobilizon`… At most 64 characters.
    pub software_name: String,
    /// Its version, at most 64 characters.
    pub software_version: String,
}

impl Jrd {
    /// The id of the actor: the `self` link whose type is that of an `ActivityPub` document.
    pub fn actor_id(&self) -> Option<&str> {
        self.links
            .iter()
            .filter(|link| link.rel == "self")
            .filter(|link| link.media_type.as_deref().is_some_and(is_activity_type))
            .find_map(|link| link.href.as_deref())
    }

    fn read(value: &Value) -> Result<Self, FetchError> {
        let subject = json::text(value, "subject");
        Ok(Self {
            subject: subject
                .ok_or(FetchError::NotDiscovery("no subject"))?
                .to_owned(),
            aliases: json::values_of(value, "aliases")
                .iter()
                .filter_map(Value::as_str)
                .take(MOST_LINKS)
                .map(str::to_owned)
                .collect(),
            links: json::values_of(value, "links")
                .iter()
                .filter_map(JrdLink::read)
                .take(MOST_LINKS)
                .collect(),
        })
    }
}

impl JrdLink {
    fn read(value: &Value) -> Option<Self> {
        let property = |name: &str| json::text(value, name).map(str::to_owned);
        Some(Self {
            rel: property("rel")?,
            media_type: property("type"),
            href: property("href"),
            template: property("template"),
        })
    }
}

impl Fetcher {
    /// Asks `WebFinger` who `resource` is: `acct:name@host`, `@name@host`, `name@host`, or the
    /// address of an actor. It is asked of the host that `resource` names.
    ///
    /// Unsigned, since discovery comes before keys. A host allowed without encryption is asked
    /// without.
    pub async fn fetch_jrd(&self, resource: &str, now: DateTime<Utc>) -> Result<Jrd, FetchError> {
        let url = self.jrd_address(resource)?;
        let question = Question {
            accept: "application/jrd+json, application/json",
            signer: None,
            etag: None,
            now,
            is_expected: |media_type| {
                is_essence(media_type, &["application/jrd+json", "application/json"])
            },
        };
        let value = self.in_time(self.read_value(&url, &question)).await?;
        Jrd::read(&value)
    }

    /// Reads a text file that somebody published: only over `https`, unless its host may be asked
    /// without encryption.
    pub async fn fetch_text_file(
        &self,
        url: &Url,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, FetchError> {
        let question = Question {
            accept: "text/plain, text/x-java-properties, text/*;q=0.8, application/octet-stream;q=0.5",
            signer: None,
            etag: None,
            now,
            // servers that do not know the extension say that it is bytes
            is_expected: |media_type| {
                media_type.is_empty()
                    || media_type
                        .trim_start()
                        .to_ascii_lowercase()
                        .starts_with("text/")
                        && !is_essence(media_type, &["text/html"])
                    || is_essence(media_type, &["application/octet-stream"])
            },
        };
        let answer = self.in_time(self.follow(url, &question)).await?;
        match answer {
            Answer::Body { bytes, .. } => Ok(bytes),
            Answer::NotModified => Err(FetchError::Status(http::StatusCode::NOT_MODIFIED)),
        }
    }

    /// Asks a host (`host` or `host:port`) which software it runs.
    pub async fn fetch_node_info(
        &self,
        host: &str,
        now: DateTime<Utc>,
    ) -> Result<NodeInfo, FetchError> {
        let mut index = self.root_of(host)?;
        index.set_path("/.well-known/nodeinfo");
        let question = Question {
            accept: "application/json, application/jrd+json",
            signer: None,
            etag: None,
            now,
            // The index is a JRD, which some servers (Fedify) say.
            is_expected: |media_type| {
                is_essence(media_type, &["application/json", "application/jrd+json"])
            },
        };
        self.in_time(async {
            let links = self.read_value(&index, &question).await?;
            let href = find_node_info_link(&links);
            let href = href.ok_or(FetchError::NotDiscovery("no NodeInfo 2 link"))?;
            let url = index
                .join(href)
                .map_err(|_| FetchError::NotDiscovery("the NodeInfo link is no address"))?;
            NodeInfo::read(&self.read_value(&url, &question).await?)
        })
        .await
    }

    /// The rule on addresses.
    pub fn policy(&self) -> &AddressPolicy {
        self.client.policy()
    }

    /// Reads a bounded JSON document that has no id of its own.
    async fn read_value(&self, url: &Url, question: &Question<'_>) -> Result<Value, FetchError> {
        let Answer::Body { bytes, .. } = self.follow(url, question).await? else {
            return Err(FetchError::NotDiscovery("no document"));
        };
        Ok(json::parse_bounded(&bytes, json::MOST_DEPTH)?)
    }

    /// Where to ask about `resource`.
    fn jrd_address(&self, resource: &str) -> Result<Url, FetchError> {
        let is_address = resource.starts_with("https://") || resource.starts_with("http://");
        let (mut url, resource) = if is_address {
            let mut url = Url::parse(resource)
                .map_err(|_| FetchError::NotDiscovery("not an account nor an address"))?;
            url.set_fragment(None);
            let resource = url.to_string();
            (url, resource)
        } else {
            let account = resource.strip_prefix("acct:").unwrap_or(resource);
            let account = account.strip_prefix('@').unwrap_or(account);
            let (name, host) = account
                .rsplit_once('@')
                .filter(|(name, _)| !name.is_empty())
                .ok_or(FetchError::NotDiscovery("not an account nor an address"))?;
            (self.root_of(host)?, format!("acct:{name}@{host}"))
        };
        url.set_path("/.well-known/webfinger");
        url.query_pairs_mut()
            .clear()
            .append_pair("resource", &resource);
        Ok(url)
    }

    /// The root of a host: `https`, unless it is allowed without encryption.
    pub fn root_of(&self, host: &str) -> Result<Url, FetchError> {
        const REFUSAL: FetchError = FetchError::NotDiscovery("not a host name");
        let root = |scheme: &str| Url::parse(&format!("{scheme}://{host}/")).map_err(|_| REFUSAL);
        let plain = root("http")?;
        if host.contains(['/', '?', '#', '@', '\\']) || plain.path() != "/" {
            return Err(REFUSAL);
        }
        match self.client.policy().check_url(&plain) {
            Ok(()) => Ok(plain),
            Err(_) => root("https"),
        }
    }
}

impl NodeInfo {
    fn read(value: &Value) -> Result<Self, FetchError> {
        let software = value.get("software");
        let property = |name: &str| {
            let text = software.and_then(|software| json::text(software, name))?;
            Some(text.chars().take(LONGEST_SOFTWARE_TEXT).collect::<String>())
        };
        let name = property("name").ok_or(FetchError::NotDiscovery("no software name"))?;
        Ok(Self {
            software_name: name.to_lowercase(),
            software_version: property("version").unwrap_or_default(),
        })
    }
}

/// The link to the latest `NodeInfo` 2 document.
fn find_node_info_link(index: &Value) -> Option<&str> {
    json::values_of(index, "links")
        .iter()
        .filter_map(|link| {
            let version = json::text(link, "rel")?.strip_prefix(NODE_INFO_2)?;
            Some((version, json::text(link, "href")?))
        })
        .max_by_key(|(version, _)| *version)
        .map(|(_, href)| href)
}

/// Whether a `Content-Type`, without its parameters, is one of `expected`.
fn is_essence(media_type: &str, expected: &[&str]) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    expected
        .iter()
        .any(|each| each.eq_ignore_ascii_case(essence))
}
