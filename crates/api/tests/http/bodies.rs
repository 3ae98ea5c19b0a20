//! Bodies that cannot be read, on every route that takes one.

use axum::body::Body;
use http::{Method, Request};
use petit_testkit::{Answer, TestApp};
use serde_json::json;

use crate::routes;

async fn send(app: &TestApp, method: &Method, address: &str, kind: Option<&str>, body: &[u8]) -> Answer {
    let mut request = Request::builder().method(method.clone()).uri(address);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    app.as_("alice").send(request.body(Body::from(body.to_vec())).expect("a request")).await
}

const JSON: Option<&str> = Some("application/json");

/// Sends each body to every route that takes one and expects the same refusal everywhere.
async fn refused_everywhere(kind: Option<&str>, bodies: &[&[u8]], status: u16, code: &str) {
    let app = TestApp::start().await;
    let with_body = routes::all().into_iter().filter(routes::Route::takes_a_body);
    let mut seen = 0;
    for route in with_body {
        let address = routes::address(&app, &route.path).await;
        for body in bodies {
            send(&app, &route.method, &address, kind, body).await.refused(status, code);
            seen += 1;
        }
    }
    assert!(seen >= 9 * bodies.len(), "the premise: routes with bodies were found");
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let deep = "[".repeat(100_000 / 2);
    let bodies: &[&[u8]] = &[b"", b"{", b"{\"a\":}", b"nul", b"{} {}", b"'a'", deep.as_bytes()];
    refused_everywhere(JSON, bodies, 400, "malformed_json").await;
}

#[tokio::test]
async fn invalid_utf8_is_malformed() {
    let bodies: &[&[u8]] = &[b"\xff\xfe", b"{\"text\":\"\xff\",\"client_id\":\"a\",\"name\":\"\xff\",\"kind\":\"\xff\",\"user\":\"\xff\",\"role\":\"\xff\",\"seq\":\"\xff\"}"];
    refused_everywhere(JSON, bodies, 400, "malformed_json").await;
}

#[tokio::test]
async fn another_shape_does_not_fit() {
    let bodies: &[&[u8]] = &[b"[[]]", b"null", b"\"text\"", b"7", b"true", b"{\"unknown\":1}"];
    refused_everywhere(JSON, bodies, 422, "invalid_body").await;
}

#[tokio::test]
async fn too_much_is_too_large() {
    let large = vec![b' '; petit_api::MAX_BODY_BYTES + 1];
    refused_everywhere(JSON, &[&large], 413, "body_too_large").await;
}

#[tokio::test]
async fn another_kind_of_content_is_refused() {
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("json")] {
        refused_everywhere(kind, &[b"{}"], 415, "unsupported_media_type").await;
    }
}

#[tokio::test]
async fn a_refused_value_has_its_own_code_and_place() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    let alice = app.as_("alice");
    let messages = format!("/v1/chats/{chat}/messages");
    let cases = [
        (json!({"text": "x".repeat(16385), "client_id": "a"}), "text_too_long", Some("/text")),
        (json!({"text": " \n ", "client_id": "a"}), "text_empty", Some("/text")),
        (json!({"text": "\u{200b}\u{2800}", "client_id": "a"}), "text_empty", Some("/text")),
        (json!({"text": "a\0b", "client_id": "a"}), "text_has_nul", Some("/text")),
        (json!({"text": "a", "client_id": ""}), "invalid_client_id", Some("/client_id")),
        (json!({"text": "a", "client_id": "a b"}), "invalid_client_id", Some("/client_id")),
        (json!({"text": "a", "client_id": 1}), "invalid_body", Some("/client_id")),
        (json!({"text": "a"}), "invalid_body", None),
        (json!({"text": "a", "client_id": "a", "reply_to": "b"}), "invalid_body", Some("/reply_to")),
    ];
    for (body, code, field) in cases {
        let problem = alice.post(&messages, body.clone()).await.refused(422, code);
        assert_eq!(problem.field.as_deref(), field, "{body}");
    }
    let members = json!({"kind": "group", "name": "a", "members": [app.id("bob"), "nobody"]});
    let problem = alice.post("/v1/chats", members).await.refused(422, "invalid_body");
    assert_eq!(problem.field.as_deref(), Some("/members/1"));
}

#[tokio::test]
async fn a_content_type_may_say_more() {
    let app = TestApp::start().await;
    let kind = Some("Application/JSON; charset=utf-8");
    let answer = send(&app, &Method::PATCH, "/v1/me", kind, br#"{"name":"Alice B"}"#).await;
    assert_eq!(answer.expect(200)["name"], "Alice B");
}

#[tokio::test]
async fn the_longest_text_fits_into_a_body() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    let body = json!({"text": "ü".repeat(8_192), "client_id": "a"});
    let answer = app.as_("alice").post(&format!("/v1/chats/{chat}/messages"), body.clone()).await;
    assert_eq!(answer.expect(201)["text"], body["text"]);
}
