//! Real servers on this machine, under names of their own, and a client with the settings of
//! production but for the allowed network.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::{IntoResponse, Response as Answered},
    routing::get,
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;

use super::*;
use crate::federation::{
    addresses::{AddressPolicy, HostPattern, RefusedAddress},
    http_client::ClientSettings,
    keys::{PublicKey, RsaKeyPair},
    signatures::ReceivedRequest,
};

mod found;

const ACTIVITY: &str = "application/activity+json";

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// The client's settings, where each name leads to its address, without encryption.
fn settings(hosts: &[(&str, SocketAddr)]) -> ClientSettings {
    let names = hosts.iter().map(|(name, _)| *name);
    ClientSettings {
        policy: AddressPolicy {
            allow_private_networks: vec!["127.0.0.1/32".parse().unwrap()],
            allow_http: names
                .map(|name| HostPattern::parse(name).unwrap())
                .collect(),
        },
        static_hosts: hosts
            .iter()
            .map(|(name, address)| ((*name).to_owned(), *address))
            .collect::<BTreeMap<_, _>>(),
        ..ClientSettings::new("https://ours.test/".parse().unwrap())
    }
}

fn fetcher_with(settings: &ClientSettings, limits: FetchLimits) -> Fetcher {
    Fetcher::new(RemoteClient::build(settings).unwrap(), limits)
}

/// A fetcher for which `peer.test` is a server with these routes.
async fn peer(router: Router) -> Fetcher {
    let address = serve(router).await;
    fetcher_with(&settings(&[("peer.test", address)]), FetchLimits::default())
}

async fn fetch(fetcher: &Fetcher, url: &str) -> Result<Fetched, FetchError> {
    let url = url.parse().unwrap();
    fetcher.fetch_document(&url, None, None, noon()).await
}

fn note(id: &str) -> Value {
    json!({"id": id, "type": "Note", "content": "Bonjour"})
}

fn activity(value: &Value) -> Answered {
    ([("content-type", ACTIVITY)], value.to_string()).into_response()
}

/// A route that always answers a document with this id.
fn note_at(path: &str, id: &'static str) -> Router {
    Router::new().route(path, get(move || async move { activity(&note(id)) }))
}

fn redirect(path: &str, to: &'static str) -> Router {
    Router::new().route(
        path,
        get(move || async move { (StatusCode::FOUND, [("location", to)]) }),
    )
}

#[tokio::test]
async fn a_document_is_read_from_its_own_origin() {
    let fetcher = peer(note_at("/1", "http://peer.test/1")).await;
    let fetched = fetch(&fetcher, "http://peer.test/1#fragment").await;
    let document = Document {
        id: "http://peer.test/1".parse().unwrap(),
        value: note("http://peer.test/1"),
        etag: None,
    };
    assert_eq!(fetched, Ok(Fetched::Document(document)));
}

#[tokio::test]
async fn any_port_is_accepted_and_is_part_of_the_origin() {
    let address = serve(Router::new().route(
        "/{port}",
        get(|request: Request| async move {
            let port = request.uri().path().trim_matches('/').to_owned();
            let mut value = note(&format!("http://peer.test:{port}/{port}"));
            value["host"] = json!(request.headers()["host"].to_str().unwrap());
            activity(&value)
        }),
    ))
    .await;
    let hosts = [("peer.test", SocketAddr::new(address.ip(), 0))];
    let fetcher = fetcher_with(&settings(&hosts), FetchLimits::default());
    let port = address.port();
    let own = fetch(&fetcher, &format!("http://peer.test:{port}/{port}")).await;
    let Ok(Fetched::Document(own)) = own else {
        panic!("no document: {own:?}");
    };
    assert_eq!(own.value["host"], format!("peer.test:{port}"));
    let other = fetch(&fetcher, &format!("http://peer.test:{port}/1")).await;
    assert_eq!(other, Err(FetchError::WrongOrigin));
}

#[tokio::test]
async fn a_document_of_another_origin_is_not_believed() {
    let elsewhere = serve(note_at("/1", "http://peer.test/1")).await;
    let honest = serve(redirect("/moved", "http://elsewhere.test/1")).await;
    let hosts = [("peer.test", honest), ("elsewhere.test", elsewhere)];
    let fetcher = fetcher_with(&settings(&hosts), FetchLimits::default());
    for url in ["http://elsewhere.test/1", "http://peer.test/moved"] {
        assert_eq!(fetch(&fetcher, url).await, Err(FetchError::WrongOrigin));
    }
}

#[tokio::test]
async fn a_page_leads_to_the_document_at_its_id() {
    let router = note_at("/page", "http://peer.test/1")
        .merge(note_at("/1", "http://peer.test/1"))
        .merge(note_at("/lost", "http://peer.test/nowhere"))
        .merge(note_at("/first", "http://peer.test/second"))
        .merge(note_at("/second", "http://peer.test/first"));
    let fetcher = peer(router).await;
    let Ok(Fetched::Document(document)) = fetch(&fetcher, "http://peer.test/page").await else {
        panic!("no document");
    };
    assert_eq!(document.id.as_str(), "http://peer.test/1");
    let lost = fetch(&fetcher, "http://peer.test/lost").await;
    assert_eq!(lost, Err(FetchError::NotFound));
    let turning = fetch(&fetcher, "http://peer.test/first").await;
    assert_eq!(turning, Err(FetchError::WrongOrigin));
}

#[tokio::test]
async fn only_three_redirects_are_followed() {
    let router = redirect("/3", "/2")
        .merge(redirect("/4", "3"))
        .merge(redirect("/2", "http://peer.test/1#a"))
        .merge(redirect("/1", "/0"))
        .merge(redirect("/loop", "/loop"))
        .merge(note_at("/0", "http://peer.test/0"));
    let fetcher = peer(router).await;
    assert!(fetch(&fetcher, "http://peer.test/3").await.is_ok());
    for url in ["http://peer.test/4", "http://peer.test/loop"] {
        let refusal = fetch(&fetcher, url).await;
        assert_eq!(refusal, Err(FetchError::TooManyRedirects));
    }
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let router = redirect("/v4", "https://10.0.0.1/")
        .merge(redirect("/v6", "https://[::1]/"))
        .merge(redirect(
            "/cloud",
            "https://169.254.169.254/latest/meta-data",
        ))
        .merge(redirect("/name", "https://private.test/"))
        .merge(redirect("/plain", "http://other.test/"))
        .merge(redirect("/file", "file:///etc/passwd"));
    let address = serve(router).await;
    let private = "192.168.0.1:443".parse().unwrap();
    let mut settings = settings(&[("peer.test", address)]);
    settings.static_hosts.insert("private.test".into(), private);
    let fetcher = fetcher_with(&settings, FetchLimits::default());
    for (path, reason) in [
        ("v4", RefusedAddress::NotPublic("10.0.0.1".parse().unwrap())),
        ("v6", RefusedAddress::NotPublic("::1".parse().unwrap())),
        (
            "cloud",
            RefusedAddress::NotPublic("169.254.169.254".parse().unwrap()),
        ),
        (
            "name",
            RefusedAddress::NotPublic("192.168.0.1".parse().unwrap()),
        ),
        ("plain", RefusedAddress::NotEncrypted),
        ("file", RefusedAddress::NotWeb),
    ] {
        let refusal = fetch(&fetcher, &format!("http://peer.test/{path}")).await;
        assert_eq!(refusal, Err(FetchError::Refused(reason)), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_encrypted_is_refused_unless_allowed() {
    let address = serve(note_at("/1", "http://peer.test/1")).await;
    let mut settings = settings(&[("peer.test", address)]);
    settings.policy.allow_http.clear();
    let fetcher = fetcher_with(&settings, FetchLimits::default());
    let refusal = fetch(&fetcher, "http://peer.test/1").await;
    let reason = RefusedAddress::NotEncrypted;
    assert_eq!(refusal, Err(FetchError::Refused(reason)));
}

#[tokio::test]
async fn each_step_is_signed_for_its_own_address() {
    let pair = RsaKeyPair::generate().unwrap();
    let public = PublicKey::from_pem(&pair.public_key_pem().unwrap()).unwrap();
    let key = SigningKey::new("https://ours.test/a#main-key".parse().unwrap(), pair);
    let check = move |request: Request| {
        let public = public.clone();
        async move {
            let received = ReceivedRequest {
                method: request.method(),
                uri: request.uri(),
                headers: request.headers(),
                scheme: http::uri::Scheme::HTTP,
            };
            let ours = ["peer.test", "moved.test"];
            let claim = signatures::precheck(&received, &ours, b"", noon());
            let verdict = claim.and_then(|claim| claim.verify(&public));
            match (verdict, request.headers()["host"].to_str()) {
                (Ok(()), Ok("peer.test")) => {
                    (StatusCode::FOUND, [("location", "http://moved.test/1?a=b")]).into_response()
                }
                (Ok(()), _) => activity(&note("http://moved.test/1?a=b")),
                (Err(_), _) => StatusCode::UNAUTHORIZED.into_response(),
            }
        }
    };
    let address = serve(Router::new().fallback(get(check))).await;
    let hosts = [("peer.test", address), ("moved.test", address)];
    let fetcher = fetcher_with(&settings(&hosts), FetchLimits::default());
    let url = "http://peer.test/1".parse().unwrap();
    let signed = fetcher.fetch_document(&url, Some(&key), None, noon()).await;
    assert!(signed.is_ok(), "{signed:?}");
    let unsigned = fetcher.fetch_document(&url, None, None, noon()).await;
    assert_eq!(unsigned, Err(FetchError::Unauthorized));
}

#[tokio::test]
async fn we_say_who_we_are_and_what_we_want() {
    let router = Router::new().route(
        "/1",
        get(|request: Request| async move {
            let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
            let mut value = note("http://peer.test/1");
            value["seen"] = json!([header("user-agent"), header("accept")]);
            activity(&value)
        }),
    );
    let fetcher = peer(router).await;
    let Ok(Fetched::Document(document)) = fetch(&fetcher, "http://peer.test/1").await else {
        panic!("no document");
    };
    let seen = document.value["seen"].as_array().unwrap();
    assert!(seen[0].as_str().unwrap().ends_with("(+https://ours.test)"));
    assert!(seen[1].as_str().unwrap().contains(ACTIVITY));
}

#[tokio::test]
async fn a_document_that_did_not_change_is_not_sent_again() {
    let router = Router::new().route(
        "/1",
        get(|request: Request| async move {
            match request.headers().get("if-none-match") {
                Some(etag) if etag == "\"v1\"" => StatusCode::NOT_MODIFIED.into_response(),
                _ => ([("etag", "\"v1\"")], activity(&note("http://peer.test/1"))).into_response(),
            }
        }),
    );
    let fetcher = peer(router).await;
    let Ok(Fetched::Document(document)) = fetch(&fetcher, "http://peer.test/1").await else {
        panic!("no document");
    };
    let etag = document.etag.as_deref();
    let again = fetcher
        .fetch_document(&document.id, None, etag, noon())
        .await;
    assert_eq!(again, Ok(Fetched::NotModified));
}

#[tokio::test]
async fn only_the_media_types_of_documents_are_read() {
    for media_type in [
        "application/activity+json",
        "Application/Activity+JSON;charset=utf-8",
        "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
        "application/ld+json;charset=utf-8;profile=https://www.w3.org/ns/activitystreams",
        "application/ld+json; profile=\"https://example.org https://www.w3.org/ns/activitystreams\"",
    ] {
        assert_eq!(fetch_typed(media_type).await, Ok(()), "{media_type}");
    }
    for media_type in [
        "",
        "text/html",
        "application/json",
        "application/ld+json",
        "application/ld+json; profile=\"https://www.w3.org/ns/other\"",
        "application/activity+jsonx",
        "image/png; application/activity+json",
    ] {
        let refusal = fetch_typed(media_type).await;
        assert_eq!(refusal, Err(FetchError::WrongType), "{media_type}");
    }
}

/// Reads a good document served under this media type.
async fn fetch_typed(media_type: &'static str) -> Result<(), FetchError> {
    let body = note("http://peer.test/1").to_string();
    let route = get(move || async move { ([("content-type", media_type)], body) });
    let fetcher = peer(Router::new().route("/1", route)).await;
    fetch(&fetcher, "http://peer.test/1").await.map(|_| ())
}

#[tokio::test]
async fn an_answer_that_is_too_big_is_not_read_to_its_end() {
    let endless = get(|| async {
        let chunks =
            stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 4096])));
        ([("content-type", ACTIVITY)], Body::from_stream(chunks))
    });
    let announced = get(|| async {
        let body = " ".repeat(json::MOST_BYTES + 1);
        ([("content-type", ACTIVITY)], body)
    });
    let squeezed = announced.clone().layer(CompressionLayer::new());
    let router = Router::new()
        .route("/endless", endless)
        .route("/announced", announced)
        .route("/squeezed", squeezed);
    let fetcher = peer(router).await;
    for path in ["endless", "announced", "squeezed"] {
        let refusal = fetch(&fetcher, &format!("http://peer.test/{path}")).await;
        assert_eq!(refusal, Err(FetchError::TooBig), "{path}");
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up() {
    let silent = get(std::future::pending::<StatusCode>);
    let halfway = get(|| async {
        let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
        let chunks = first.chain(stream::pending());
        ([("content-type", ACTIVITY)], Body::from_stream(chunks))
    });
    let router = Router::new()
        .route("/silent", silent)
        .route("/halfway", halfway);
    let address = serve(router).await;
    let limits = FetchLimits {
        total: Duration::from_millis(200),
        ..FetchLimits::default()
    };
    let hosts = ["silent.test", "halfway.test"];
    let named = hosts.map(|host| (host, address));
    let fetcher = fetcher_with(&settings(&named), limits);
    for host in hosts {
        let url = format!("http://{host}/{}", host.trim_end_matches(".test"));
        let refusal = fetch(&fetcher, &url).await;
        assert_eq!(refusal, Err(FetchError::Timeout), "{host}");
        let again = fetch(&fetcher, &url).await;
        assert_eq!(again, Err(FetchError::Busy), "nobody waits for it twice");
    }
}

#[tokio::test]
async fn a_slow_server_does_not_hold_up_the_others() {
    let slow = serve(Router::new().route("/1", get(std::future::pending::<StatusCode>))).await;
    let quick = serve(note_at("/1", "http://quick.test/1")).await;
    let limits = FetchLimits {
        concurrent_per_host: 1,
        patience: Duration::from_millis(50),
        total: Duration::from_millis(500),
        ..FetchLimits::default()
    };
    let fetcher = fetcher_with(
        &settings(&[("slow.test", slow), ("quick.test", quick)]),
        limits,
    );
    let (first, second, third) = tokio::join!(
        fetch(&fetcher, "http://slow.test/1"),
        fetch(&fetcher, "http://slow.test/1"),
        fetch(&fetcher, "http://quick.test/1"),
    );
    assert_eq!(first, Err(FetchError::Timeout));
    assert_eq!(second, Err(FetchError::Busy));
    assert!(third.is_ok(), "{third:?}");
}

#[tokio::test]
async fn only_status_200_counts_and_the_others_say_what_to_do() {
    let route = get(|request: Request| async move {
        let status: u16 = request.uri().path()[1..].parse().unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        let id = format!("http://peer.test{}", request.uri().path());
        (status, [("retry-after", "60")], activity(&note(&id)))
    });
    let fetcher = peer(Router::new().route("/{status}", route)).await;
    let minute = Some(Duration::from_mins(1));
    for (status, expected, is_retryable) in [
        (401, FetchError::Unauthorized, false),
        (403, FetchError::Forbidden, false),
        (404, FetchError::NotFound, false),
        (408, FetchError::Timeout, true),
        (410, FetchError::Gone, false),
        (418, FetchError::Status(StatusCode::IM_A_TEAPOT), false),
        (
            429,
            FetchError::RateLimited {
                retry_after: minute,
            },
            true,
        ),
        (
            503,
            FetchError::ServerError {
                status: StatusCode::SERVICE_UNAVAILABLE,
                retry_after: minute,
            },
            true,
        ),
        (
            203,
            FetchError::Status(StatusCode::NON_AUTHORITATIVE_INFORMATION),
            false,
        ),
        (302, FetchError::Status(StatusCode::FOUND), false),
    ] {
        let refusal = fetch(&fetcher, &format!("http://peer.test/{status}")).await;
        assert_eq!(refusal, Err(expected.clone()), "{status}");
        assert_eq!(expected.is_retryable(), is_retryable, "{status}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_may_be_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fetcher = fetcher_with(&settings(&[("peer.test", address)]), FetchLimits::default());
    let error = fetch(&fetcher, "http://peer.test/1").await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable(_)), "{error:?}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn what_is_not_a_document_is_refused() {
    let deep = format!(
        "{{\"id\":\"http://peer.test/1\",\"a\":{}{}}}",
        "[".repeat(20),
        "]".repeat(20)
    );
    for (body, expected) in [
        ("<html>".to_owned(), FetchError::NotJson),
        (deep, FetchError::NotJson),
        ("[]".to_owned(), FetchError::NotActivityPub("no id")),
        (
            "{\"id\":null}".to_owned(),
            FetchError::NotActivityPub("no id"),
        ),
        (
            "{\"id\":\"/1\"}".to_owned(),
            FetchError::NotActivityPub("id is no address"),
        ),
        (
            "{\"id\":\"urn:1\"}".to_owned(),
            FetchError::NotActivityPub("id is no web address"),
        ),
    ] {
        let route = get(move || async move { ([("content-type", ACTIVITY)], body) });
        let fetcher = peer(Router::new().route("/1", route)).await;
        assert_eq!(fetch(&fetcher, "http://peer.test/1").await, Err(expected));
    }
}
