//! An SMTP relay that answers what a test tells it to.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// An answer that never comes.
pub const SILENCE: &str = "(silence)";
/// No answer: the connection closes.
pub const HANG_UP: &str = "(hang up)";

/// The answers of the relay, each a whole SMTP reply without its last line end.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    pub greeting: &'static str,
    pub sender: &'static str,
    pub recipient: &'static str,
    pub data: &'static str,
    pub acceptance: &'static str,
    /// A recipient that gets a 550 whatever `recipient` says.
    pub refused: Option<&'static str>,
    /// Whether SMTPUTF8 is offered.
    pub utf8: bool,
    /// After how many mails the relay hangs up.
    pub mails_per_connection: usize,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: "220 relay.example ESMTP",
            sender: "250 2.1.0 Ok",
            recipient: "250 2.1.5 Ok",
            data: "354 Go on",
            acceptance: "250 2.0.0 Queued",
            refused: None,
            utf8: false,
            mails_per_connection: usize::MAX,
        }
    }
}

/// A mail that the relay accepted.
#[derive(Debug, Clone)]
pub struct Delivered {
    pub from: String,
    pub to: String,
    pub mail: Vec<u8>,
    pub encrypted: bool,
    pub password: Option<String>,
}

/// A relay on a free port of the loopback, until it is dropped.
pub struct FakeRelay {
    port: u16,
    authority: String,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    delivered: Mutex<Vec<Delivered>>,
}

/// How connections are encrypted.
#[derive(Clone)]
enum Tls {
    Never,
    Start(TlsAcceptor),
    Implicit(TlsAcceptor),
}

impl FakeRelay {
    pub async fn start(script: Script) -> Self {
        Self::listen(script, Tls::Never, String::new()).await
    }

    /// A relay for `localhost` under an authority of its own.
    pub async fn start_tls(script: Script, is_implicit: bool) -> Self {
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .signed_by(&key, &ca)
            .unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let tls = if is_implicit {
            Tls::Implicit(acceptor)
        } else {
            Tls::Start(acceptor)
        };
        Self::listen(script, tls, ca.pem()).await
    }

    async fn listen(script: Script, tls: Tls, authority: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let session = Session::new(script, Arc::clone(&shared));
                tokio::spawn(serve(stream, tls.clone(), session));
            }
        });
        Self {
            port,
            authority,
            seen,
            task,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, query: &str) -> String {
        format!("smtp://127.0.0.1:{}{query}", self.port)
    }

    /// The certificate of the authority, in PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub fn delivered(&self) -> Vec<Delivered> {
        self.seen.delivered.lock().unwrap().clone()
    }

    /// Its address, where nothing listens any more.
    pub fn stop(self) -> String {
        self.url("")
    }
}

impl Drop for FakeRelay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: tokio::net::TcpStream, tls: Tls, mut session: Session) -> io::Result<()> {
    match tls {
        Tls::Never => session.run(BufReader::new(stream), true).await.map(|_| ()),
        Tls::Implicit(acceptor) => {
            session.encrypted = true;
            let stream = acceptor.accept(stream).await?;
            session.run(BufReader::new(stream), true).await.map(|_| ())
        }
        Tls::Start(acceptor) => {
            session.offers_tls = true;
            let Some(stream) = session.run(BufReader::new(stream), true).await? else {
                return Ok(());
            };
            session.encrypted = true;
            session.offers_tls = false;
            let stream = acceptor.accept(stream.into_inner()).await?;
            session.run(BufReader::new(stream), false).await.map(|_| ())
        }
    }
}

struct Session {
    script: Script,
    seen: Arc<Seen>,
    offers_tls: bool,
    encrypted: bool,
    password: Option<String>,
    from: String,
    to: String,
}

impl Session {
    fn new(script: Script, seen: Arc<Seen>) -> Self {
        Self {
            script,
            seen,
            offers_tls: false,
            encrypted: false,
            password: None,
            from: String::new(),
            to: String::new(),
        }
    }

    /// Speaks until the client leaves, or returns the stream when it asks for TLS.
    async fn run<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        mut stream: BufReader<S>,
        greets: bool,
    ) -> io::Result<Option<BufReader<S>>> {
        if greets {
            answer(&mut stream, self.script.greeting).await?;
        }
        let mut mails = 0;
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let command = line.trim_end();
            let reply = if command.starts_with("EHLO") {
                self.features()
            } else if command == "STARTTLS" && self.offers_tls {
                answer(&mut stream, "220 Go ahead").await?;
                return Ok(Some(stream));
            } else if let Some(token) = command.strip_prefix("AUTH PLAIN ") {
                let token = String::from_utf8(BASE64_STANDARD.decode(token).unwrap()).unwrap();
                self.password = token.rsplit('\0').next().map(str::to_owned);
                "235 2.7.0 Welcome".to_owned()
            } else if let Some(from) = command.strip_prefix("MAIL FROM:") {
                self.from = between_brackets(from);
                self.script.sender.to_owned()
            } else if let Some(to) = command.strip_prefix("RCPT TO:") {
                self.to = between_brackets(to);
                match self.script.refused {
                    Some(refused) if self.to == refused => "550 5.1.1 No such user".to_owned(),
                    _ => self.script.recipient.to_owned(),
                }
            } else if command == "DATA" {
                answer(&mut stream, self.script.data).await?;
                if !self.script.data.starts_with('3') {
                    continue;
                }
                self.receive(&mut stream).await?;
                mails += 1;
                self.script.acceptance.to_owned()
            } else if command == "QUIT" {
                "221 Bye".to_owned()
            } else {
                "250 Ok".to_owned()
            };
            answer(&mut stream, &reply).await?;
            if mails == self.script.mails_per_connection {
                return Ok(None);
            }
        }
    }

    fn features(&self) -> String {
        let mut features = vec!["relay.example", "8BITMIME", "AUTH PLAIN LOGIN"];
        if self.offers_tls {
            features.push("STARTTLS");
        }
        if self.script.utf8 {
            features.push("SMTPUTF8");
        }
        let last = features.len() - 1;
        let lines: Vec<String> = features
            .iter()
            .enumerate()
            .map(|(place, feature)| {
                format!("250{}{feature}", if place == last { ' ' } else { '-' })
            })
            .collect();
        lines.join("\r\n")
    }

    /// Reads a mail to its final dot and keeps it if the script accepts it.
    async fn receive<S: AsyncRead + Unpin>(&mut self, stream: &mut BufReader<S>) -> io::Result<()> {
        let mut mail = Vec::new();
        loop {
            let start = mail.len();
            if stream.read_until(b'\n', &mut mail).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if &mail[start..] == b".\r\n" {
                mail.truncate(start);
                break;
            }
            if mail[start] == b'.' {
                mail.remove(start);
            }
        }
        if self.script.acceptance.starts_with('2') {
            self.seen.delivered.lock().unwrap().push(Delivered {
                from: self.from.clone(),
                to: self.to.clone(),
                mail,
                encrypted: self.encrypted,
                password: self.password.clone(),
            });
        }
        Ok(())
    }
}

async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, reply: &str) -> io::Result<()> {
    match reply {
        SILENCE => std::future::pending().await,
        HANG_UP => Err(io::ErrorKind::ConnectionAborted.into()),
        _ => stream.write_all(format!("{reply}\r\n").as_bytes()).await,
    }
}

fn between_brackets(text: &str) -> String {
    let inner = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(text, |(address, _)| address).to_owned()
}
