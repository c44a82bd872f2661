use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use url::{Host, Url};

use super::{Message, SendError, Sender, SetupError, mime};

/// How long the relay may stay silent.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until the connection is open.
    pub connect: Duration,
    /// For each answer, and for the greeting with its TLS handshake and sign-in.
    pub command: Duration,
    /// For the answer to the end of the mail. Giving up here too early doubles mails: RFC 5321
    /// §4.5.3.2.6 asks for patience.
    pub acceptance: Duration,
}

impl Default for Timeouts {
    /// 10 s, 20 s and 2 min.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(20),
            acceptance: Duration::from_mins(2),
        }
    }
}

/// When the connection is encrypted.
enum Encryption {
    Never,
    /// With STARTTLS if the relay offers it.
    Opportunistic(TlsParameters),
    /// With STARTTLS, or not at all.
    Required(TlsParameters),
    /// From the first byte (RFC 8314).
    Implicit(TlsParameters),
}

/// An SMTP relay. One connection is kept between mails.
///
/// The dialogue is led command by command on lettre's connection, rather than by lettre's pooled
/// transport, because only the command tells what a 5xx is about: to `RCPT TO`, this address; to
/// anything else, us. A relay that refuses our sender must not make every recipient invalid.
pub struct Smtp {
    sender: Sender,
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeouts: Timeouts,
    idle: Mutex<Option<AsyncSmtpConnection>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    /// Reads lettre's URL form: `smtps://user:password@host:465` (implicit TLS),
    /// `smtp://user:password@host:587?tls=required` (STARTTLS), `?tls=opportunistic`, or
    /// `smtp://localhost:25` (in clear). A path is the name said in `EHLO`; it defaults to the
    /// domain of the site. `extra_ca_pem` is trusted beside the authorities of the system.
    ///
    /// # Errors
    /// [`SetupError`]; nothing is connected yet.
    pub fn from_url(
        url: &str,
        extra_ca_pem: Option<&[u8]>,
        sender: Sender,
        timeouts: Timeouts,
    ) -> Result<Self, SetupError> {
        let url = Url::parse(url).map_err(|error| SetupError::Url(error.to_string()))?;
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(SetupError::Url("it names no host".to_owned())),
        };
        let (encryption, usual_port) = read_encryption(&url, &host, extra_ca_pem)?;
        let credentials = read_credentials(&url)?;
        let is_private = matches!(
            encryption,
            Encryption::Required(_) | Encryption::Implicit(_)
        ) || is_loopback(&host);
        if credentials.is_some() && !is_private {
            return Err(SetupError::ClearPassword);
        }
        let hello = match url.path().trim_matches('/') {
            "" => sender.domain.clone(),
            name => name.to_owned(),
        };
        Ok(Self {
            sender,
            host,
            port: url.port().unwrap_or(usual_port),
            encryption,
            credentials,
            hello: ClientId::Domain(hello),
            timeouts,
            idle: Mutex::new(None),
        })
    }

    /// Opens a connection, signs in and closes it: what an administrator wants to know first.
    ///
    /// # Errors
    /// Temporary, with what the relay said.
    pub async fn check(&self) -> Result<(), SendError> {
        let connection = self.connect().await?;
        self.close(connection).await;
        Ok(())
    }

    /// Hands a mail to the relay.
    pub(super) async fn send(
        &self,
        id: i64,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<(), SendError> {
        let mail = mime::build(&self.sender, id, message, now)?;
        let to = mail
            .envelope()
            .to()
            .first()
            .ok_or_else(|| SendError::permanent("no recipient"))?;
        let mut connection = match self.take_idle().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let handed = self.hand_over(&mut connection, to, &mail.formatted()).await;
        // After a refusal, who knows at which step the relay is: start afresh next time.
        if handed.is_ok() {
            self.keep_idle(connection);
        } else {
            self.close(connection).await;
        }
        handed
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let patience = self.timeouts.connect + self.timeouts.command;
        within(patience, self.open()).await.map_err(|failure| {
            SendError::temporary(format_args!("{}:{}: {failure}", self.host, self.port))
        })
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let implicit = match &self.encryption {
            Encryption::Implicit(tls) => Some(tls.clone()),
            _ => None,
        };
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(self.timeouts.connect),
            &self.hello,
            implicit,
            None,
        )
        .await?;
        match &self.encryption {
            Encryption::Required(tls) => connection.starttls(tls.clone(), &self.hello).await?,
            Encryption::Opportunistic(tls) if connection.can_starttls() => {
                connection.starttls(tls.clone(), &self.hello).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    /// `MAIL FROM`, `RCPT TO`, `DATA`, the mail.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: &Address,
        mail: &[u8],
    ) -> Result<(), SendError> {
        let patience = self.timeouts.command;
        let mut parameters = Vec::new();
        // The domain is in Punycode, and the mail is ASCII but for this address.
        if !to.user().is_ascii() {
            let relay = connection.server_info();
            if !relay.supports_feature(Extension::SmtpUtfEight) {
                return Err(SendError::permanent(
                    "the part before @ is not ASCII, and the relay does not carry such addresses",
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let from = Mail::new(Some(self.sender.address().clone()), parameters);
        within(patience, connection.command(from))
            .await
            .map_err(SendError::temporary)?;
        let recipient = Rcpt::new(to.clone(), Vec::new());
        within(patience, connection.command(recipient))
            .await
            .map_err(|failure| failure.about_recipient())?;
        within(patience, connection.command(Data))
            .await
            .map_err(SendError::temporary)?;
        within(self.timeouts.acceptance, connection.message(mail))
            .await
            .map_err(|failure| failure.about_content())?;
        Ok(())
    }

    /// The kept connection, if the relay still holds its end.
    async fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        let kept = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let mut connection = kept?;
        let alive = timeout(self.timeouts.command, connection.test_connected()).await;
        alive.unwrap_or(false).then_some(connection)
    }

    fn keep_idle(&self, connection: AsyncSmtpConnection) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
    }

    /// Says `QUIT`, without insisting.
    async fn close(&self, mut connection: AsyncSmtpConnection) {
        let _ = timeout(self.timeouts.command, connection.abort()).await;
    }
}

/// What the URL says of encryption, and the usual port that goes with it.
fn read_encryption(
    url: &Url,
    host: &str,
    extra_ca_pem: Option<&[u8]>,
) -> Result<(Encryption, u16), SetupError> {
    let tls = url
        .query_pairs()
        .find_map(|(key, value)| (key == "tls").then_some(value));
    let parameters = || tls_parameters(host, extra_ca_pem);
    match (url.scheme(), tls.as_deref()) {
        ("smtp", None) => Ok((Encryption::Never, 25)),
        ("smtp", Some("required")) => Ok((Encryption::Required(parameters()?), 587)),
        ("smtp", Some("opportunistic")) => Ok((Encryption::Opportunistic(parameters()?), 587)),
        ("smtps", _) => Ok((Encryption::Implicit(parameters()?), 465)),
        ("smtp", Some(_)) => Err(SetupError::Url(
            "tls is neither required nor opportunistic".to_owned(),
        )),
        (scheme, _) => Err(SetupError::Url(format!(
            "{scheme}:// is neither smtp:// nor smtps://"
        ))),
    }
}

fn tls_parameters(host: &str, extra_ca_pem: Option<&[u8]>) -> Result<TlsParameters, SetupError> {
    let unusable = |error: SmtpError| SetupError::Certificates(error.to_string());
    let mut builder = TlsParametersBuilder::new(host.to_owned());
    if let Some(pem) = extra_ca_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(unusable)?);
    }
    builder.build_rustls().map_err(unusable)
}

fn read_credentials(url: &Url) -> Result<Option<Credentials>, SetupError> {
    let decode = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(String::from)
            .map_err(|_| SetupError::Url("its user or password is not UTF-8".to_owned()))
    };
    url.password()
        .map(|password| Ok(Credentials::new(decode(url.username())?, decode(password)?)))
        .transpose()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Why a step of the dialogue did not succeed.
enum Failure {
    Silence(Duration),
    Smtp(SmtpError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence(patience) => write!(f, "no answer within {patience:?}"),
            Self::Smtp(error) => error.fmt(f),
        }
    }
}

async fn within<T>(
    patience: Duration,
    step: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, Failure> {
    match timeout(patience, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Failure::Smtp(error)),
        Err(_) => Err(Failure::Silence(patience)),
    }
}

impl Failure {
    /// The reply code and text, if the relay refused for good.
    fn refusal(&self) -> Option<(u16, String)> {
        match self {
            Self::Smtp(error) if error.is_permanent() => {
                Some((error.status()?.into(), error.to_string()))
            }
            _ => None,
        }
    }

    /// The verdict on an answer to `RCPT TO`. Without an enhanced status, the codes that name the
    /// mailbox count (RFC 5321 §4.2.3, RFC 7504); a relay that will not relay speaks of us.
    fn about_recipient(&self) -> SendError {
        let is_dead = self.refusal().is_some_and(|(code, text)| {
            enhanced_status(&text).map_or_else(
                || {
                    matches!(code, 521 | 550 | 551 | 553 | 556)
                        && !text.to_ascii_lowercase().contains("relay")
                },
                is_about_mailbox,
            )
        });
        if is_dead {
            SendError::permanent(self)
        } else {
            SendError::temporary(self)
        }
    }

    /// The verdict on an answer to the mail itself: about the content, unless it says otherwise.
    fn about_content(&self) -> SendError {
        match self.refusal().and_then(|(_, text)| enhanced_status(&text)) {
            Some(status) if is_about_mailbox(status) => SendError::permanent(self),
            _ => SendError::temporary(self),
        }
    }
}

/// The subject and detail of an enhanced status such as `5.1.1` (RFC 3463) in a refusal.
fn enhanced_status(text: &str) -> Option<(u16, u16)> {
    text.split_whitespace().find_map(|word| {
        let (subject, detail) = word.strip_prefix("5.")?.split_once('.')?;
        Some((subject.parse().ok()?, detail.parse().ok()?))
    })
}

/// RFC 3463 §3.2 and §3.3: bad destination address, or mailbox disabled. 5.1.7 and 5.1.8 are about
/// the sender, 5.7.x about policies, 5.2.2 about a mailbox that is full today.
fn is_about_mailbox((subject, detail): (u16, u16)) -> bool {
    (subject == 1 && detail != 7 && detail != 8) || (subject, detail) == (2, 1)
}
