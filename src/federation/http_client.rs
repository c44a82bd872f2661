//! The one HTTP client that calls remote servers, for reading and for delivery.
//!
//! It refuses addresses that are not public when it connects, after the name is resolved, so that
//! a name cannot lead somewhere else between the check and the call. It follows no redirect: who
//! calls checks and signs each step. It ignores proxies of the environment, behind which none of
//! these checks would hold.

use std::{
    collections::BTreeMap, error::Error, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration,
};

use http::Method;
use reqwest::{
    Certificate, Client, RequestBuilder, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use url::Url;

use super::addresses::{AddressPolicy, RefusedAddress};
use crate::config::Config;

/// How the client is built.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Our public address, named in `User-Agent` so that administrators know who calls.
    pub public_url: Url,
    /// Which addresses may be called.
    pub policy: AddressPolicy,
    /// PEM file of certificate authorities trusted besides those of the system (which
    /// `SSL_CERT_FILE` may replace): an intranet's, a laboratory's.
    pub extra_ca_file: Option<PathBuf>,
    /// Names that are not looked up, with their address; port 0 keeps the port of the URL. The
    /// policy holds for them too.
    pub static_hosts: BTreeMap<String, SocketAddr>,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a whole answer.
    pub total_timeout: Duration,
}

impl ClientSettings {
    /// What a public server uses: public addresses over https only, 5 s to connect, 10 s in all.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            policy: AddressPolicy::default(),
            extra_ca_file: None,
            static_hosts: BTreeMap::new(),
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(10),
        }
    }

    /// What the settings of an instance allow.
    ///
    /// # Errors
    /// When the public address cannot be read as a URL, which checked settings exclude.
    pub fn of(config: &Config) -> Result<Self, url::ParseError> {
        let allowed = &config.federation;
        Ok(Self {
            policy: AddressPolicy {
                allow_private_networks: allowed.allow_private_networks.clone(),
                allow_http: allowed.allow_http.clone(),
            },
            extra_ca_file: allowed.extra_ca_file.clone(),
            ..Self::new(Url::parse(&config.public_url.join("/"))?)
        })
    }
}

/// Why the client could not be built. Met at start only.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file of certificate authorities cannot be read.
    #[error("cannot read the certificate authorities of {path}")]
    UnreadableAuthorities {
        /// The file named in the settings.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file holds no certificate.
    #[error("{0} holds no certificate")]
    NoAuthority(PathBuf),
    /// TLS or the client itself cannot be set up.
    #[error("cannot set up the HTTP client")]
    Setup(#[from] reqwest::Error),
}

/// Why an exchange with a remote server did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The address may not be called.
    #[error(transparent)]
    Refused(#[from] RefusedAddress),
    /// No answer, or no whole answer, in the time allowed.
    #[error("no answer in time")]
    Timeout,
    /// The body is larger than allowed.
    #[error("the answer is too big")]
    TooBig,
    /// The connection could not be made or was lost; for logs, without address nor content.
    #[error("no connection: {0}")]
    Failed(String),
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        if let Some(refused) = find_refusal(&error) {
            return Self::Refused(refused);
        }
        if error.is_timeout() {
            return Self::Timeout;
        }
        let mut reasons = Vec::new();
        let mut cause = error.source();
        while let Some(inner) = cause {
            reasons.push(inner.to_string());
            cause = inner.source();
        }
        Self::Failed(reasons.join(": "))
    }
}

/// The refusal of our resolver, somewhere among the causes of an error.
fn find_refusal(error: &reqwest::Error) -> Option<RefusedAddress> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<RefusedAddress>() {
            return Some(refused.clone());
        }
        cause = inner.source();
    }
    None
}

/// The client, with the rule on addresses that every call passes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RemoteClient {
    client: Client,
    policy: Arc<AddressPolicy>,
}

impl RemoteClient {
    /// Builds the client; once, at start.
    pub fn build(settings: &ClientSettings) -> Result<Self, ClientError> {
        let policy = Arc::new(settings.policy.clone());
        let resolver = GuardedResolver {
            policy: Arc::clone(&policy),
            static_hosts: settings
                .static_hosts
                .iter()
                .map(|(name, address)| (name.to_ascii_lowercase(), *address))
                .collect(),
        };
        let client = Client::builder()
            .user_agent(user_agent(&settings.public_url))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.total_timeout)
            .pool_max_idle_per_host(4)
            .dns_resolver(Arc::new(resolver))
            .tls_certs_merge(read_authorities(settings)?)
            .build()?;
        Ok(Self { client, policy })
    }

    /// Begins a request to a remote server, if its address may be called.
    pub fn request(&self, method: Method, url: &Url) -> Result<RequestBuilder, RefusedAddress> {
        self.policy.check_url(url)?;
        Ok(self.client.request(method, url.clone()))
    }

    /// The rule on addresses.
    pub fn policy(&self) -> &AddressPolicy {
        &self.policy
    }
}

/// Reads the body of an answer, at most `max_bytes` of it after decompression. What is larger is
/// not read further.
pub async fn read_body(
    mut response: Response,
    max_bytes: usize,
) -> Result<Vec<u8>, TransportError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > max_bytes as u64 {
        return Err(TransportError::TooBig);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max_bytes {
            return Err(TransportError::TooBig);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn user_agent(public_url: &Url) -> String {
    let public_url = public_url.as_str().trim_end_matches('/');
    format!("emancipasso/{} (+{public_url})", env!("CARGO_PKG_VERSION"))
}

fn read_authorities(settings: &ClientSettings) -> Result<Vec<Certificate>, ClientError> {
    let Some(path) = &settings.extra_ca_file else {
        return Ok(Vec::new());
    };
    let pem = std::fs::read(path).map_err(|source| ClientError::UnreadableAuthorities {
        path: path.clone(),
        source,
    })?;
    let certificates = Certificate::from_pem_bundle(&pem)?;
    if certificates.is_empty() {
        return Err(ClientError::NoAuthority(path.clone()));
    }
    Ok(certificates)
}

/// Resolves names as the system does, and keeps only the addresses that may be called.
struct GuardedResolver {
    policy: Arc<AddressPolicy>,
    static_hosts: BTreeMap<String, SocketAddr>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        let name = name.as_str().to_ascii_lowercase();
        let known = self.static_hosts.get(&name).copied();
        Box::pin(async move {
            let found: Vec<SocketAddr> = match known {
                Some(address) => vec![address],
                None => tokio::net::lookup_host((name, 0)).await?.collect(),
            };
            let mut refusal = RefusedAddress::Unknown;
            let mut allowed = Vec::with_capacity(found.len());
            for address in found {
                match policy.check_ip(address.ip()) {
                    Ok(()) => allowed.push(address),
                    Err(reason) => refusal = reason,
                }
            }
            if allowed.is_empty() {
                return Err(refusal.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ClientSettings {
        ClientSettings::new("https://ours.test/".parse().unwrap())
    }

    async fn resolve(policy: AddressPolicy, name: &str, ip: &str) -> Result<usize, String> {
        let resolver = GuardedResolver {
            policy: Arc::new(policy),
            static_hosts: [(name.to_owned(), SocketAddr::new(ip.parse().unwrap(), 0))].into(),
        };
        let addresses = resolver.resolve(name.parse().unwrap()).await;
        addresses.map(Iterator::count).map_err(|e| e.to_string())
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_refused_when_connecting() {
        let strict = AddressPolicy::default();
        let refusal = resolve(strict.clone(), "peer.test", "10.0.0.1").await;
        assert_eq!(refusal, Err("10.0.0.1 is not a public address".to_owned()));
        assert_eq!(resolve(strict, "peer.test", "1.1.1.1").await, Ok(1));
        let open = AddressPolicy {
            allow_private_networks: vec!["10.0.0.0/8".parse().unwrap()],
            ..AddressPolicy::default()
        };
        assert_eq!(resolve(open, "peer.test", "10.0.0.1").await, Ok(1));
    }

    #[tokio::test]
    async fn the_names_of_this_machine_are_refused() {
        let client = RemoteClient::build(&settings()).unwrap();
        let url = "https://localhost/".parse().unwrap();
        let error = client.request(Method::GET, &url).unwrap().send().await;
        let error = TransportError::from(error.unwrap_err());
        assert!(matches!(error, TransportError::Refused(_)), "{error:?}");
    }

    #[test]
    fn we_say_who_calls() {
        let agent = user_agent(&"https://ours.test/".parse().unwrap());
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(agent, format!("emancipasso/{version} (+https://ours.test)"));
    }

    #[test]
    fn a_file_without_certificate_is_refused_at_start() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        std::fs::write(&file, "nothing").unwrap();
        let with_file = |path: PathBuf| ClientSettings {
            extra_ca_file: Some(path),
            ..settings()
        };
        let error = RemoteClient::build(&with_file(file)).unwrap_err();
        assert!(matches!(error, ClientError::NoAuthority(_)));
        let error = RemoteClient::build(&with_file(directory.path().join("absent.pem")));
        let error = error.unwrap_err();
        assert!(matches!(error, ClientError::UnreadableAuthorities { .. }));
    }
}
