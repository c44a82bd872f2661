//! The binary, as an administrator runs it.

use std::{net::TcpListener, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

struct Machine {
    directory: tempfile::TempDir,
    port: u16,
}

struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Machine {
    fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            directory: tempfile::tempdir().unwrap(),
            port: free.local_addr().unwrap().port(),
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// A command without any setting.
    fn bare(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emancipasso"));
        command
            .args(words)
            .current_dir(self.directory.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// A command with the settings of a laboratory.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.bare(words);
        command
            .env(
                "EMANCIPASSO_PUBLIC_URL",
                format!("http://localhost:{}", self.port),
            )
            .env("EMANCIPASSO_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("EMANCIPASSO_DATA_DIR", self.path("data"))
            .env("EMANCIPASSO_FEDERATION_ALLOW_HTTP", "*")
            .env(
                "EMANCIPASSO_FEDERATION_ALLOW_PRIVATE_NETWORKS",
                "127.0.0.0/8,::1",
            );
        command
    }

    async fn run(&self, words: &[&str]) -> Outcome {
        finish(self.command(words)).await
    }

    /// Starts the service; it is ready when this returns.
    async fn serve(&self) -> Child {
        let mut service = self.command(&["serve"]).spawn().unwrap();
        let mut lines = BufReader::new(service.stderr.take().unwrap()).lines();
        loop {
            let line = lines.next_line().await.unwrap().expect("the service runs");
            if line.contains("listening") {
                break;
            }
        }
        // the rest of the log is read, so that the service never waits for us
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        service
    }
}

async fn finish(mut command: Command) -> Outcome {
    let output = command.output().await.unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn is_empty(directory: &Path) -> bool {
    directory.read_dir().unwrap().next().is_none()
}

#[tokio::test]
async fn wrong_settings_are_one_sentence_each_and_nothing_is_created() {
    let machine = Machine::new();
    for word in ["serve", "migrate", "doctor"] {
        let mut command = machine.bare(&[word]);
        command
            .env("EMANCIPASSO_PUBLIC_URL", "annonces.example")
            .env("EMANCIPASSO_LISTEN", "8080");
        let outcome = finish(command).await;
        assert_eq!(outcome.code, Some(2), "{word}");
        let sentences: Vec<_> = outcome.stderr.lines().collect();
        assert_eq!(sentences.len(), 2, "{}", outcome.stderr);
        assert!(sentences[0].starts_with("public_url: "), "{}", sentences[0]);
        assert!(sentences[1].starts_with("listen: "), "{}", sentences[1]);
        assert_eq!(outcome.stdout, "");
        assert!(is_empty(machine.directory.path()), "{word}");
    }
}

#[tokio::test]
async fn a_setting_that_only_the_service_understands_is_refused_before_anything_is_created() {
    let machine = Machine::new();
    for (key, value) in [
        ("EMANCIPASSO_SMTP_URL", "smtp://user:secret@mail.example"),
        ("EMANCIPASSO_LOG", "info,=="),
        ("EMANCIPASSO_MAIL_FROM", "à@b"),
    ] {
        let mut command = machine.command(&["serve"]);
        command.env(key, value);
        let outcome = finish(command).await;
        assert_eq!(outcome.code, Some(2), "{key}: {}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
        assert!(is_empty(machine.directory.path()), "{key}");
    }
}

#[tokio::test]
async fn init_writes_explained_settings_once_and_makes_the_first_account() {
    let machine = Machine::new();
    let words = [
        "init",
        "--public-url",
        "https://annonces.example",
        "--name",
        "Ici",
        "--data-dir",
        "donnees",
        "--admin-email",
        "admin@asso.example",
        "--admin-name",
        "Camille",
    ];
    let outcome = finish(machine.bare(&words)).await;
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let written = std::fs::read_to_string(machine.path("emancipasso.toml")).unwrap();
    assert!(written.contains("public_url = \"https://annonces.example\"\n"));
    assert!(written.contains("# Address that people and other servers see"));

    let again = finish(machine.bare(&words)).await;
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("exists already"), "{}", again.stderr);
    assert_eq!(
        std::fs::read_to_string(machine.path("emancipasso.toml")).unwrap(),
        written
    );

    let token = [
        "token",
        "create",
        "--email",
        "admin@asso.example",
        "--scopes",
        "ads:read",
    ];
    let made = finish(machine.bare(&token)).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
}

#[tokio::test]
async fn init_with_a_wrong_answer_writes_nothing() {
    let machine = Machine::new();
    let outcome = finish(machine.bare(&["init", "--public-url", "annonces.example"])).await;
    assert_eq!(outcome.code, Some(2));
    assert!(is_empty(machine.directory.path()));
}

#[tokio::test]
async fn the_document_of_the_api_needs_no_setting_and_is_the_one_that_is_served() {
    let machine = Machine::new();
    let printed = finish(machine.bare(&["openapi"])).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let printed: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let served = serde_json::to_value(emancipasso::web::api::document()).unwrap();
    assert_eq!(printed, served);
    assert!(is_empty(machine.directory.path()));
}

#[tokio::test]
async fn a_token_stands_alone_on_standard_output() {
    let machine = Machine::new();
    let account = [
        "account",
        "create",
        "--email",
        "a@asso.example",
        "--name",
        "A",
        "--role",
        "moderator",
    ];
    assert_eq!(machine.run(&account).await.code, Some(0));
    let twice = machine.run(&account).await;
    assert_eq!((twice.code, twice.stdout.as_str()), (Some(1), ""));
    let create = |email, scopes| ["token", "create", "--email", email, "--scopes", scopes];
    let made = machine
        .run(&create("A@asso.example", "ads:read ads:write"))
        .await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let token = made.stdout.strip_suffix('\n').unwrap();
    assert_eq!(token.len(), 43, "{token}");
    assert!(
        token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    for (email, scopes) in [
        ("nobody@asso.example", "ads:read"),
        ("a@asso.example", "ads:fly"),
        ("a@asso.example", ""),
    ] {
        let refused = machine.run(&create(email, scopes)).await;
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (Some(1), ""),
            "{email} {scopes}"
        );
        assert!(!refused.stderr.is_empty());
    }
}

#[tokio::test]
async fn the_service_answers_is_found_healthy_and_stops_when_told() {
    let machine = Machine::new();
    let before = machine.run(&["doctor"]).await;
    assert_eq!(
        before.code,
        Some(1),
        "without data directory: {}",
        before.stdout
    );
    assert!(
        before.stdout.contains("BROKEN   data directory"),
        "{}",
        before.stdout
    );
    assert!(is_empty(machine.directory.path()), "doctor creates nothing");

    let mut service = machine.serve().await;
    let address = format!("http://127.0.0.1:{}/readyz", machine.port);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(client.get(address).send().await.unwrap().status(), 200);

    // the first start makes keys, which doctor tells meanwhile
    let mut during = machine.run(&["doctor"]).await;
    for _ in 0..100 {
        if !during.stdout.contains("it is starting") {
            break;
        }
        during = machine.run(&["doctor"]).await;
    }
    assert_eq!(during.code, Some(0), "{}", during.stdout);
    for found in [
        "ok       database: reachable",
        "ok       key file: readable",
        "ok       service: it answers",
        "ok       public address: it leads here",
    ] {
        assert!(
            during.stdout.contains(found),
            "{found} in {}",
            during.stdout
        );
    }

    let pid = service.id().unwrap().to_string();
    let told = Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .await
        .unwrap();
    assert!(told.success());
    assert_eq!(service.wait().await.unwrap().code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_file_that_others_can_read_is_found() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    assert_eq!(machine.run(&["migrate"]).await.code, Some(0));
    let key = machine.path("data/secret.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = machine.run(&["doctor"]).await;
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stdout.contains("BROKEN   key file"),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.contains("chmod 600"), "{}", outcome.stdout);
}
