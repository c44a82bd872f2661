//! `WebFinger` and `NodeInfo`.

use super::*;

fn typed(media_type: &'static str, value: Value) -> axum::routing::MethodRouter {
    get(move || async move { ([("content-type", media_type)], value.to_string()) })
}

/// A server that answers about the resource it was asked, whatever it is.
fn web_finger() -> Router {
    let answer = |request: Request| async move {
        let query = request
            .uri()
            .query()
            .unwrap_or_default()
            .as_bytes()
            .to_vec();
        let resource = url::form_urlencoded::parse(&query)
            .find(|(name, _)| name == "resource")
            .map(|(_, value)| value.into_owned());
        let value = json!({
            "subject": "acct:alice@peer.test",
            "aliases": [resource, 3, null],
            "links": [
                {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "http://peer.test/@alice"},
                {"rel": "self", "type": "text/html", "href": "http://peer.test/wrong"},
                {"rel": "self", "type": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", "href": "http://peer.test/u/alice"},
                {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "http://peer.test/follow?uri={uri}"},
                "nonsense",
            ],
        });
        (
            [("content-type", "application/jrd+json; charset=utf-8")],
            value.to_string(),
        )
    };
    Router::new().route("/.well-known/webfinger", get(answer))
}

#[tokio::test]
async fn an_account_leads_to_its_actor() {
    let fetcher = peer(web_finger()).await;
    for (resource, asked) in [
        ("acct:alice@peer.test", "acct:alice@peer.test"),
        ("@alice@peer.test", "acct:alice@peer.test"),
        ("alice+é&x=y@peer.test", "acct:alice+é&x=y@peer.test"),
        (
            "http://peer.test/u/alice?a=b#c",
            "http://peer.test/u/alice?a=b",
        ),
    ] {
        let found = fetcher.fetch_jrd(resource, noon()).await.unwrap();
        assert_eq!(found.subject, "acct:alice@peer.test");
        assert_eq!(found.actor_id(), Some("http://peer.test/u/alice"));
        assert_eq!(found.aliases, [asked]);
        assert_eq!(found.links.len(), 4);
    }
}

#[tokio::test]
async fn what_is_no_account_is_not_asked() {
    let fetcher = peer(web_finger()).await;
    for resource in [
        "",
        "alice",
        "@peer.test",
        "acct:@peer.test",
        "acct:alice@",
        "acct:alice@peer.test/path",
        "acct:alice@peer.test?query",
        "acct:alice@pe er.test",
        "file:///etc/passwd",
    ] {
        let refusal = fetcher.fetch_jrd(resource, noon()).await.unwrap_err();
        assert!(
            matches!(refusal, FetchError::NotDiscovery(_)),
            "{resource}: {refusal:?}"
        );
    }
    let refusal = fetcher
        .fetch_jrd("acct:a@10.0.0.1", noon())
        .await
        .unwrap_err();
    assert!(matches!(refusal, FetchError::Refused(_)), "{refusal:?}");
}

#[tokio::test]
async fn an_account_that_is_unknown_or_gone_says_so() {
    for (status, expected) in [
        (StatusCode::NOT_FOUND, FetchError::NotFound),
        (StatusCode::GONE, FetchError::Gone),
    ] {
        let router =
            Router::new().route("/.well-known/webfinger", get(move || async move { status }));
        let fetcher = peer(router).await;
        let refusal = fetcher.fetch_jrd("acct:a@peer.test", noon()).await;
        assert_eq!(refusal, Err(expected));
    }
    let page = Router::new().route("/.well-known/webfinger", typed("text/html", json!({})));
    let refusal = peer(page).await.fetch_jrd("acct:a@peer.test", noon()).await;
    assert_eq!(refusal, Err(FetchError::WrongType));
}

#[tokio::test]
async fn a_server_says_which_software_it_runs() {
    let links = json!({"links": [
        {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": "http://peer.test/nodeinfo/2.1"},
        {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "http://peer.test/nodeinfo/2.0"},
        {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": "http://peer.test/actor"},
    ]});
    let info =
        json!({"version": "2.1", "software": {"name": "Mobilizon", "version": "5".repeat(100)}});
    let profile = "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.1#\"";
    for index in ["application/json", "application/jrd+json"] {
        let router = Router::new()
            .route("/.well-known/nodeinfo", typed(index, links.clone()))
            .route("/nodeinfo/2.1", typed(profile, info.clone()));
        let found = peer(router)
            .await
            .fetch_node_info("peer.test", noon())
            .await;
        let expected = NodeInfo {
            software_name: "mobilizon".to_owned(),
            software_version: "5".repeat(64),
        };
        assert_eq!(found, Ok(expected), "{index}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_say_what_it_runs_is_no_error_of_ours() {
    let empty = Router::new().route(
        "/.well-known/nodeinfo",
        typed("application/json", json!({"links": []})),
    );
    let refusal = peer(empty).await.fetch_node_info("peer.test", noon()).await;
    assert_eq!(refusal, Err(FetchError::NotDiscovery("no NodeInfo 2 link")));
    let refusal = peer(Router::new())
        .await
        .fetch_node_info("peer.test", noon())
        .await;
    assert_eq!(refusal, Err(FetchError::NotFound));
    let refusal = peer(Router::new())
        .await
        .fetch_node_info("peer.test/x", noon())
        .await;
    assert_eq!(refusal, Err(FetchError::NotDiscovery("not a host name")));
}
