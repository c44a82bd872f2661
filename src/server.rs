//! One router for everything that arrives by HTTP: checks, then a page or an ActivityPub document.

pub mod negotiation;

use std::{io, net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::FutureExt;
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    app::AppError,
    federation::{context::Federation, inbox, routes},
    web::{
        self, Visit, Web, WebError, error_pages::Problem, errors,
        security_headers::SECURITY_HEADERS,
    },
};
use negotiation::Representation;

/// The longest that a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in progress may take to end once we are told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything an instance answers to.
pub fn router(federation: Federation) -> Router {
    let app = federation.app.clone();
    let documents = routes::documents(app.clone());
    let directory = Arc::new(federation.fetcher.clone());
    let files = Arc::new(federation.fetcher.clone());
    let witness = Arc::new(federation.clone());
    let endpoints = routes::endpoints(app.clone()).merge(inbox::router(federation));
    let web = Web::new(app, directory, files, witness);
    let pages = web::router(web.clone());
    compose(web, pages, documents, endpoints)
}

/// Puts the parts together: `documents` are asked first when the request wants one and pages
/// otherwise; `endpoints` answer whatever the request accepts.
fn compose(web: Web, pages: Router, documents: Router, endpoints: Router) -> Router {
    let for_people = endpoints.clone().fallback_service(pages.clone());
    let for_machines = endpoints.merge(documents).fallback_service(pages);
    let authority = web.app.config().public_url.authority().to_owned();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .fallback(async move |request: Request| {
            if !is_for_us(request.uri(), request.headers(), &authority) {
                return WebError::from(Problem::Misdirected).into_response();
            }
            let router = match negotiation::wanted(request.method(), request.headers()) {
                Representation::Page => for_people.clone(),
                Representation::Document => for_machines.clone(),
            };
            let Ok(response) = router.oneshot(request).await;
            response
        })
        .layer(middleware::from_fn_with_state(web.clone(), frame))
        .layer(CompressionLayer::new())
        .layer(middleware::map_response(add_headers))
        .with_state(web)
}

async fn readyz(State(web): State<Web>) -> Response {
    match web.app.check_ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(cause) => {
            tracing::error!(%cause, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
                .into_response()
        }
    }
}

/// Whether a request names our authority, once, wherever it does (RFC 9110 §7.2). What a signature
/// covers and what cookies are bound to must be the same name.
fn is_for_us(uri: &Uri, headers: &HeaderMap, authority: &str) -> bool {
    let in_uri = uri.authority().map(|named| named.as_str().as_bytes());
    let in_headers = headers
        .get_all(header::HOST)
        .into_iter()
        .map(HeaderValue::as_bytes);
    let mut named = in_uri.into_iter().chain(in_headers).peekable();
    let hosts = headers.get_all(header::HOST).iter().count();
    hosts <= 1
        && named.peek().is_some()
        && named.all(|name| name.eq_ignore_ascii_case(authority.as_bytes()))
}

/// What surrounds every request: its number, its line in the log, its time limit, the page of its
/// failure, its cookies. No personal data is logged: no query, no address, no account.
async fn frame(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let request_id = Uuid::new_v4().simple().to_string();
    let visit = Visit::begin(&web, &request, request_id.clone());
    request.extensions_mut().insert(visit.clone());
    let span = tracing::info_span!(
        "request",
        id = request_id,
        method = %request.method(),
        path = request.uri().path(),
    );
    async move {
        let handled = AssertUnwindSafe(next.run(request)).catch_unwind();
        let response = match tokio::time::timeout(TIMEOUT, handled).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => WebError::from(AppError::internal("a handler panicked")).into_response(),
            Err(_) => WebError::from(Problem::Unavailable).into_response(),
        };
        let mut response = errors::render(&visit, response).await;
        visit.cookies().write(response.headers_mut());
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        tracing::info!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await
}

/// What browsers and caches must know of every answer.
async fn add_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY);
    let policy = policy
        .and_then(|policy| policy.to_str().ok())
        .unwrap_or_default();
    // other sites may frame it: the older header would forbid what the policy allows
    let may_be_framed = policy.ends_with("frame-ancestors *");
    for (name, value) in SECURITY_HEADERS {
        if may_be_framed && name == "x-frame-options" {
            continue;
        }
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_page = kind.is_some_and(|kind| kind.starts_with(b"text/html"));
    if is_page || kind.is_some_and(negotiation::is_document) {
        headers.append(header::VARY, HeaderValue::from_static("accept"));
    }
    if is_page {
        headers.append(
            header::VARY,
            HeaderValue::from_static("accept-language, cookie"),
        );
        // kept for « Back », asked again otherwise: a page says who is signed in
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-cache"));
    }
    response
}

/// Serves until `stop`, then lets requests in progress end, 10 seconds at most.
pub async fn serve(
    federation: Federation,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = router(federation).into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, told) = tokio::sync::oneshot::channel();
    let graceful = async move {
        stop.await;
        // nobody listens any more only when serving has failed already
        let _ = stopping.send(());
    };
    let served = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let cut = async move {
        match told.await {
            Ok(()) => tokio::time::sleep(STOP_TIMEOUT).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        outcome = served.into_future() => outcome,
        () = cut => {
            tracing::warn!("requests still in progress are cut");
            Ok(())
        }
    }
}

/// Ends when the process is asked to stop: SIGTERM or ctrl-c.
pub async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_ours(uri: &'static str, hosts: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_static(host));
        }
        is_for_us(&Uri::from_static(uri), &headers, "lyon.test:8000")
    }

    #[test]
    fn only_our_own_authority_is_answered_to() {
        assert!(is_ours("/", &["lyon.test:8000"]));
        assert!(is_ours("/", &["LYON.test:8000"]));
        assert!(
            is_ours("http://lyon.test:8000/", &[]),
            "HTTP/2 names it in the address"
        );
        for hosts in [
            &["lyon.test"][..],
            &["lyon.test:80"],
            &["lyon.test:8000.evil.example"],
            &["evil.example"],
            &[""],
            &[],
            &["lyon.test:8000", "lyon.test:8000"],
        ] {
            assert!(!is_ours("/", hosts), "{hosts:?}");
        }
        assert!(!is_ours("http://evil.example/", &["lyon.test:8000"]));
    }
}
