mod fake_relay;

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use mail_parser::{HeaderName, MessageParser, MimeHeaders as _};
use url::Url;

use self::fake_relay::{FakeRelay, Script};
use super::*;

const LINK: &str = "https://annonces.example/lien?action=publier&jeton=AbC_123-x";

fn sender() -> Sender {
    Sender::new(
        "Annonces d’Émancip’asso",
        "annonces@exémple.fr",
        "annonces.exémple.fr",
    )
    .unwrap()
}

fn message(to: &str) -> Message {
    Message {
        to: to.to_owned(),
        subject: "Votre annonce est en ligne : « Agenda partagé »".to_owned(),
        text: format!("Bonjour,\n\nC’est fait…\n{LINK}\n.\n..\nFrom nous\n"),
        html: format!("<!doctype html><p>C’est fait…<a href=\"{LINK}\">Voir</a>"),
        list_unsubscribe: None,
    }
}

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn impatient() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        command: Duration::from_millis(150),
        acceptance: Duration::from_millis(150),
    }
}

fn patient() -> Timeouts {
    Timeouts::default()
}

fn smtp(url: &str, timeouts: Timeouts) -> Transport {
    Transport::Smtp(Box::new(
        Smtp::from_url(url, None, sender(), timeouts).unwrap(),
    ))
}

async fn send(relay: &FakeRelay, to: &str) -> Result<(), SendError> {
    smtp(&relay.url(""), patient())
        .send(42, &message(to), noon())
        .await
}

fn is_temporary(result: &Result<(), SendError>) -> bool {
    matches!(result, Err(SendError::Temporary { .. }))
}

fn is_permanent(result: &Result<(), SendError>) -> bool {
    matches!(result, Err(SendError::Permanent { .. }))
}

fn built(message: &Message) -> Vec<u8> {
    mime::build(&sender(), 42, message, noon())
        .unwrap()
        .formatted()
}

fn parsed(mail: &[u8]) -> mail_parser::Message<'_> {
    MessageParser::default().parse(mail).unwrap()
}

#[test]
fn a_mail_reads_back_with_both_parts_and_its_headers() {
    let mut original = message("lea@asso.example");
    original.list_unsubscribe =
        Some(Url::parse("https://annonces.example/arreter?jeton=Z").unwrap());
    let bytes = built(&original);
    assert!(bytes.is_ascii());
    let mail = parsed(&bytes);

    assert_eq!(mail.subject(), Some(original.subject.as_str()));
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Annonces d’Émancip’asso"));
    assert_eq!(from.address(), Some("annonces@xn--exmple-cva.fr"));
    assert_eq!(
        mail.to().unwrap().first().unwrap().address(),
        Some("lea@asso.example")
    );
    assert_eq!(mail.date().unwrap().to_timestamp(), noon().timestamp());
    assert!(
        mail.message_id()
            .unwrap()
            .ends_with("@annonces.xn--exmple-cva.fr")
    );
    assert!(mail.message_id().unwrap().starts_with("42."));
    let raw = |name| mail.header_raw(name).map(str::trim);
    assert_eq!(raw("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(
        raw("List-Unsubscribe"),
        Some("<https://annonces.example/arreter?jeton=Z>")
    );
    assert_eq!(
        raw("List-Unsubscribe-Post"),
        Some("List-Unsubscribe=One-Click")
    );

    assert!(mail.content_type().unwrap().is_multipart_alternative());
    assert_eq!((mail.text_body_count(), mail.html_body_count()), (1, 1));
    assert_eq!(
        mail.body_text(0).unwrap().replace("\r\n", "\n"),
        original.text
    );
    assert_eq!(mail.body_html(0).unwrap(), original.html);
}

trait IsAlternative {
    fn is_multipart_alternative(&self) -> bool;
}

impl IsAlternative for mail_parser::ContentType<'_> {
    fn is_multipart_alternative(&self) -> bool {
        self.ctype() == "multipart" && self.subtype() == Some("alternative")
    }
}

#[test]
fn the_same_outbox_row_makes_the_same_mail_again() {
    let again = built(&message("lea@asso.example"));
    assert_eq!(built(&message("lea@asso.example")), again);
    // The same number in another database is another mail.
    let other = built(&message("ana@asso.example"));
    assert_ne!(parsed(&other).message_id(), parsed(&again).message_id());
}

#[test]
fn the_one_click_header_is_for_https_only() {
    let mut laboratory = message("lea@asso.example");
    laboratory.list_unsubscribe = Some(Url::parse("http://localhost:8080/arreter").unwrap());
    let bytes = built(&laboratory);
    let mail = parsed(&bytes);
    assert!(mail.header_raw("List-Unsubscribe").is_some());
    assert!(mail.header_raw("List-Unsubscribe-Post").is_none());
}

#[test]
fn nothing_that_people_type_can_add_a_header_or_a_part() {
    let injection = "Bonjour\r\nBcc: victime@asso.example\r\n\r\n<script>";
    let mut hostile = message("lea@asso.example");
    hostile.subject = injection.to_owned();
    hostile.text = format!("--emancipasso\r\nContent-Type: text/html\r\n\r\n{injection}");
    let sender = Sender::new(injection, "annonces@asso.example", "asso.example").unwrap();
    let bytes = mime::build(&sender, 1, &hostile, noon())
        .unwrap()
        .formatted();
    let mail = parsed(&bytes);
    assert!(mail.bcc().is_none());
    assert_eq!(
        mail.subject(),
        Some("Bonjour Bcc: victime@asso.example <script>")
    );
    assert_eq!((mail.text_body_count(), mail.html_body_count()), (1, 1));
    assert!(mail.header(HeaderName::Other("Bcc".into())).is_none());
}

#[test]
fn what_is_no_address_is_refused_for_good() {
    let refused = [
        "",
        "lea",
        "lea@",
        "@asso.example",
        "lea@asso.example\r\nRCPT TO:<x@y.example>",
        "lea@asso.example, ana@asso.example",
        "Léa <lea@asso.example>",
        "lea@asso.example>",
        "lea @asso.example",
        "\"lea\r\n\"@asso.example",
        "lea@127.0.0.1",
        "lea@[::1]",
    ];
    for to in refused {
        let built = mime::build(&sender(), 1, &message(to), noon()).map(|_| ());
        assert!(is_permanent(&built), "{to:?}");
    }
}

#[tokio::test]
async fn an_accepted_mail_arrives_as_it_was_built() {
    let relay = FakeRelay::start(Script::default()).await;
    send(&relay, "lea@asso.example").await.unwrap();
    let delivered = relay.delivered();
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].from, "annonces@xn--exmple-cva.fr");
    assert_eq!(delivered[0].to, "lea@asso.example");
    // The final dot stands on a line of its own, hence one more line end.
    let expected = [&built(&message("lea@asso.example"))[..], b"\r\n"].concat();
    assert!(
        delivered[0].mail == expected,
        "{}",
        delivered[0].mail.escape_ascii()
    );
    let mail = parsed(&delivered[0].mail);
    assert!(mail.body_text(0).unwrap().contains(LINK));
    assert!(mail.body_html(0).unwrap().contains(LINK));
}

#[tokio::test]
async fn a_refused_recipient_is_permanent_and_a_postponed_one_is_not() {
    let answers = [
        ("450 4.2.0 Greylisted, come back", false),
        ("451 Try again later", false),
        ("550 No such user", true),
        ("550 5.1.1 No such user", true),
        (
            "550-5.1.1 The account that you tried to reach\r\n550 5.1.1 does not exist",
            true,
        ),
        ("553 Mailbox name not allowed", true),
        ("556 5.1.10 Recipient has null MX", true),
        ("550 5.2.1 Mailbox disabled", true),
        // About us, or about today.
        ("552 5.2.2 Mailbox full", false),
        ("554 5.7.1 Relay access denied", false),
        ("550 5.7.1 Your network is blocked", false),
        ("550 relay not permitted, authentication required", false),
        ("530 5.7.0 Must issue a STARTTLS command first", false),
        ("554 Transaction failed", false),
    ];
    for (answer, expected) in answers {
        let relay = FakeRelay::start(Script {
            recipient: answer,
            ..Script::default()
        })
        .await;
        let result = send(&relay, "lea@asso.example").await;
        assert_eq!(is_permanent(&result), expected, "{answer}: {result:?}");
        assert_eq!(is_temporary(&result), !expected, "{answer}: {result:?}");
        assert_eq!(relay.delivered().len(), 0);
    }
}

#[tokio::test]
async fn a_5xx_to_any_other_command_says_nothing_of_the_address() {
    let ok = Script::default();
    let scripts = [
        Script {
            greeting: "554 No SMTP service here",
            ..ok
        },
        Script {
            sender: "550 Sender rejected",
            ..ok
        },
        Script {
            sender: "553 5.1.8 Sender domain not found",
            ..ok
        },
        Script {
            data: "554 No valid recipients",
            ..ok
        },
        Script {
            acceptance: "550 Looks like spam",
            ..ok
        },
        Script {
            acceptance: "554 5.7.1 Message rejected",
            ..ok
        },
        Script {
            greeting: "hello?",
            ..ok
        },
    ];
    for script in scripts {
        let relay = FakeRelay::start(script).await;
        let result = send(&relay, "lea@asso.example").await;
        assert!(is_temporary(&result), "{script:?}: {result:?}");
    }
    // Some relays look at the recipient late.
    let late = Script {
        acceptance: "550 5.1.1 No such user",
        ..ok
    };
    let result = send(&FakeRelay::start(late).await, "lea@asso.example").await;
    assert!(is_permanent(&result), "{result:?}");
}

#[tokio::test]
async fn the_reason_repeats_what_the_relay_said_in_one_line() {
    let script = Script {
        recipient: "450-4.7.1 Greylisted\r\n450 4.7.1 for 60 seconds",
        ..Script::default()
    };
    let relay = FakeRelay::start(script).await;
    let Err(SendError::Temporary { reason }) = send(&relay, "lea@asso.example").await else {
        panic!("greylisting is temporary");
    };
    assert!(
        reason.contains("450") && reason.contains("60 seconds"),
        "{reason}"
    );
    assert!(!reason.contains(['\r', '\n']));
}

#[tokio::test]
async fn an_absent_or_silent_relay_is_temporary() {
    let gone = FakeRelay::start(Script::default()).await.stop();
    let result = smtp(&gone, patient())
        .send(1, &message("lea@asso.example"), noon())
        .await;
    assert!(is_temporary(&result), "{result:?}");

    let ok = Script::default();
    for script in [
        Script {
            greeting: fake_relay::SILENCE,
            ..ok
        },
        Script {
            recipient: fake_relay::SILENCE,
            ..ok
        },
        Script {
            acceptance: fake_relay::SILENCE,
            ..ok
        },
        Script {
            acceptance: fake_relay::HANG_UP,
            ..ok
        },
    ] {
        let relay = FakeRelay::start(script).await;
        let transport = smtp(&relay.url(""), impatient());
        let result = transport
            .send(1, &message("lea@asso.example"), noon())
            .await;
        assert!(is_temporary(&result), "{script:?}: {result:?}");
    }
}

#[tokio::test]
async fn one_connection_carries_several_mails_and_is_replaced_when_it_dies() {
    let relay = FakeRelay::start(Script {
        mails_per_connection: 2,
        ..Script::default()
    })
    .await;
    let transport = smtp(&relay.url(""), patient());
    for id in 1..=5 {
        transport
            .send(id, &message("lea@asso.example"), noon())
            .await
            .unwrap();
    }
    assert_eq!(relay.delivered().len(), 5);
    assert_eq!(relay.connections(), 3);
}

#[tokio::test]
async fn a_refusal_does_not_spoil_the_next_mail() {
    let relay = FakeRelay::start(Script {
        refused: Some("parti@asso.example"),
        ..Script::default()
    })
    .await;
    let transport = smtp(&relay.url(""), patient());
    let result = transport
        .send(1, &message("parti@asso.example"), noon())
        .await;
    assert!(is_permanent(&result), "{result:?}");
    transport
        .send(2, &message("lea@asso.example"), noon())
        .await
        .unwrap();
    assert_eq!(relay.delivered().len(), 1);
}

#[tokio::test]
async fn international_domains_go_everywhere_and_international_names_where_they_can() {
    let plain = FakeRelay::start(Script::default()).await;
    send(&plain, "lea@bücher.example").await.unwrap();
    assert_eq!(plain.delivered()[0].to, "lea@xn--bcher-kva.example");
    let result = send(&plain, "léa@asso.example").await;
    assert!(is_permanent(&result), "{result:?}");

    let modern = FakeRelay::start(Script {
        utf8: true,
        ..Script::default()
    })
    .await;
    send(&modern, "léa@asso.example").await.unwrap();
    assert_eq!(modern.delivered()[0].to, "léa@asso.example");
    let delivered = modern.delivered();
    let mail = parsed(&delivered[0].mail);
    assert_eq!(
        mail.to().unwrap().first().unwrap().address(),
        Some("léa@asso.example")
    );
}

#[tokio::test]
async fn encryption_uses_the_extra_authority_and_never_falls_back() {
    for query in [
        "smtp://…?tls=required",
        "smtp://…?tls=opportunistic",
        "smtps://…",
    ] {
        let relay = FakeRelay::start_tls(Script::default(), query.starts_with("smtps")).await;
        let url = query.replace(
            '…',
            &format!("annonces:s%C3%A9same@localhost:{}", relay.port()),
        );
        let trusted = |pem| {
            Smtp::from_url(&url, pem, sender(), patient()).map(|s| Transport::Smtp(Box::new(s)))
        };

        let known = trusted(Some(relay.authority().as_bytes())).unwrap();
        known
            .send(1, &message("lea@asso.example"), noon())
            .await
            .unwrap();
        assert!(relay.delivered()[0].encrypted, "{query}");
        assert_eq!(
            relay.delivered()[0].password.as_deref(),
            Some("sésame"),
            "{query}"
        );

        let unknown = trusted(None)
            .unwrap()
            .send(2, &message("lea@asso.example"), noon())
            .await;
        assert!(is_temporary(&unknown), "{query}: {unknown:?}");
        assert_eq!(relay.delivered().len(), 1, "{query}");
    }

    let clear = FakeRelay::start(Script::default()).await;
    let transport = smtp(&clear.url("?tls=required"), patient());
    let result = transport
        .send(1, &message("lea@asso.example"), noon())
        .await;
    assert!(is_temporary(&result), "{result:?}");
    assert_eq!(clear.delivered().len(), 0);
}

#[tokio::test]
async fn a_check_signs_in_and_sends_nothing() {
    let relay = FakeRelay::start(Script::default()).await;
    let smtp = Smtp::from_url(&relay.url(""), None, sender(), patient()).unwrap();
    smtp.check().await.unwrap();
    assert_eq!((relay.connections(), relay.delivered().len()), (1, 0));
}

#[test]
fn a_wrong_url_is_explained_and_never_repeats_the_password() {
    let urls = [
        "smtp.example.org",
        "http://annonces:secret@smtp.example.org",
        "smtp://annonces:secret@smtp.example.org:587?tls=yes",
        "smtp://annonces:secret@smtp.example.org:99999",
        "smtp://annonces:secret@smtp.example.org",
        "smtp://annonces:secret@smtp.example.org?tls=opportunistic",
        "smtps://annonces:secret%FF@smtp.example.org",
        "smtp:///",
    ];
    for url in urls {
        let error = Smtp::from_url(url, None, sender(), patient())
            .expect_err(url)
            .to_string();
        assert!(!error.contains("secret"), "{error}");
        assert!(error.contains("smtps://"), "{error}");
    }
    // To oneself, a password may travel in clear.
    for url in [
        "smtp://a:b@localhost",
        "smtp://a:b@127.0.0.1",
        "smtp://a:b@[::1]:2525",
    ] {
        Smtp::from_url(url, None, sender(), patient()).expect(url);
    }
}

#[test]
fn a_laboratory_may_have_no_name() {
    for (host, domain) in [("localhost", "localhost"), ("127.0.0.1", "[127.0.0.1]")] {
        let address = format!("ne-pas-repondre@{host}");
        let sender = Sender::new("Annonces", &address, host).expect(host);
        let mail = mime::build(&sender, 42, &message("lea@asso.example"), noon()).unwrap();
        let bytes = mail.formatted();
        assert!(
            parsed(&bytes)
                .message_id()
                .unwrap()
                .ends_with(&format!("@{domain}"))
        );
        assert_eq!(sender.address().to_string(), address);
    }
}

#[test]
fn a_sender_is_checked_once() {
    let mistakes = [
        ("annonces", "asso.example"),
        ("é@asso.example", "asso.example"),
        ("a@192.0.2.7", "127.0.0.1"),
        ("a@asso.example", "localhost:8080"),
    ];
    for (address, domain) in mistakes {
        assert!(
            Sender::new("Annonces", address, domain).is_err(),
            "{address} {domain}"
        );
    }
}

#[tokio::test]
async fn a_file_is_private_whole_and_written_once_per_outbox_row() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("mails");
    let transport = Transport::files(&directory, sender());
    let mail = message("lea@asso.example");
    transport.send(42, &mail, noon()).await.unwrap();
    transport.send(4, &mail, noon()).await.unwrap();
    // The same row, sent again an hour later.
    let later = noon() + chrono::TimeDelta::hours(1);
    transport.send(42, &mail, later).await.unwrap();

    let mut names: Vec<String> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let end = "votre-annonce-est-en-ligne-agenda-partag.eml";
    assert_eq!(
        names,
        [
            format!("20261122T120000-4-{end}"),
            format!("20261122T120000-42-{end}")
        ]
    );

    let path = directory.join(&names[1]);
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777,
        0o700
    );
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(
        parsed(&bytes).date().unwrap().to_timestamp(),
        later.timestamp()
    );
    assert!(parsed(&bytes).body_text(0).unwrap().contains(LINK));
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_temporary() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("mails");
    std::fs::write(&file, "not a directory").unwrap();
    let result = Transport::files(file, sender())
        .send(1, &message("lea@asso.example"), noon())
        .await;
    assert!(is_temporary(&result), "{result:?}");
}
