//! Every route × everybody who may call it.

use http::Method;
use petit_domain::ChatId;
use petit_testkit::{Client, TestApp};
use serde_json::{Value, json};

use crate::routes;

/// Who calls, in the order of the table's columns.
const CALLERS: [Option<&str>; 6] =
    [Some("alice"), Some("bob"), Some("carol"), Some("dave"), Some("mallory"), None];

/// Owner, admin, member, removed member, stranger, anonymous; and what is sent. alice owns the server, too.
const EXPECTED: &[(&str, [u16; 6], &str)] = &[
    ("GET /healthz", [200, 200, 200, 200, 200, 200], ""),
    ("GET /readyz", [200, 200, 200, 200, 200, 200], ""),
    ("GET /v1/chats", [200, 200, 200, 200, 200, 401], ""),
    ("POST /v1/chats", [201, 201, 201, 201, 201, 401], r#"{"kind":"open","name":"Garden"}"#),
    ("GET /v1/chats/{chat}", [200, 200, 200, 404, 404, 401], ""),
    ("PATCH /v1/chats/{chat}", [200, 200, 403, 404, 404, 401], r#"{"name":"Cellar"}"#),
    ("GET /v1/chats/{chat}/changes", [200, 200, 200, 404, 404, 401], ""),
    ("PATCH /v1/chats/{chat}/me", [200, 200, 200, 404, 404, 401], r#"{"favourite":true}"#),
    ("GET /v1/chats/{chat}/members", [200, 200, 200, 404, 404, 401], ""),
    ("POST /v1/chats/{chat}/members", [201, 201, 201, 404, 404, 401], r#"{"user":"{mallory}"}"#),
    ("DELETE /v1/chats/{chat}/members/{user}", [204, 204, 403, 404, 404, 401], ""),
    ("PATCH /v1/chats/{chat}/members/{user}", [200, 403, 403, 404, 404, 401], r#"{"role":"admin"}"#),
    ("GET /v1/chats/{chat}/messages", [200, 200, 200, 404, 404, 401], ""),
    ("POST /v1/chats/{chat}/messages", [201, 201, 201, 404, 404, 401], r#"{"text":"a","client_id":"b"}"#),
    ("GET /v1/chats/{chat}/messages/{seq}", [200, 200, 200, 404, 404, 401], ""),
    ("PATCH /v1/chats/{chat}/messages/{seq}", [200, 403, 403, 404, 404, 401], r#"{"text":"other"}"#),
    ("DELETE /v1/chats/{chat}/messages/{seq}", [200, 200, 403, 404, 404, 401], ""),
    ("GET /v1/chats/{chat}/messages/{seq}/history", [200, 200, 200, 404, 404, 401], ""),
    ("PUT /v1/chats/{chat}/messages/{seq}/pin", [200, 200, 200, 404, 404, 401], ""),
    ("DELETE /v1/chats/{chat}/messages/{seq}/pin", [200, 200, 200, 404, 404, 401], ""),
    ("GET /v1/chats/{chat}/messages/{seq}/reactions", [200, 200, 200, 404, 404, 401], ""),
    ("GET /v1/chats/{chat}/messages/{seq}/viewers", [200, 200, 200, 404, 404, 401], ""),
    ("PUT /v1/chats/{chat}/messages/{seq}/reactions/{emoji}", [200, 200, 200, 404, 404, 401], ""),
    ("DELETE /v1/chats/{chat}/messages/{seq}/reactions/{emoji}", [200, 200, 200, 404, 404, 401], ""),
    ("PUT /v1/chats/{chat}/messages/{seq}/saved", [200, 200, 200, 404, 404, 401], ""),
    ("DELETE /v1/chats/{chat}/messages/{seq}/saved", [204, 204, 204, 404, 404, 401], ""),
    ("GET /v1/chats/{chat}/pins", [200, 200, 200, 404, 404, 401], ""),
    ("GET /v1/chats/{chat}/read-marker", [200, 200, 200, 404, 404, 401], ""),
    ("PUT /v1/chats/{chat}/read-marker", [200, 200, 200, 404, 404, 401], r#"{"seq":0}"#),
    ("GET /v1/chats/{chat}/receipts", [200, 200, 200, 404, 404, 401], ""),
    (
        "POST /v1/chats/{chat}/scheduled",
        [201, 201, 201, 404, 404, 401],
        r#"{"text":"a","client_id":"b","send_at":"2026-02-01T00:00:00Z"}"#,
    ),
    ("POST /v1/chats/{chat}/typing", [204, 204, 204, 404, 404, 401], ""),
    ("POST /v1/invitations", [201, 403, 403, 403, 403, 401], "{}"),
    ("GET /v1/me", [200, 200, 200, 200, 200, 401], ""),
    ("GET /v1/me/mentions", [200, 200, 200, 200, 200, 401], ""),
    ("GET /v1/me/saved", [200, 200, 200, 200, 200, 401], ""),
    ("GET /v1/me/settings", [200, 200, 200, 200, 200, 401], ""),
    ("PATCH /v1/me/settings", [200, 200, 200, 200, 200, 401], r#"{"undo_s":10}"#),
    ("PATCH /v1/me", [200, 200, 200, 200, 200, 401], r#"{"name":"Other"}"#),
    ("GET /v1/open-chats", [200, 200, 200, 200, 200, 401], ""),
    ("GET /v1/people", [200, 200, 200, 200, 200, 401], ""),
    ("GET /v1/people/{user}", [200, 200, 200, 200, 200, 401], ""),
    ("GET /v1/scheduled", [200, 200, 200, 200, 200, 401], ""),
    ("PATCH /v1/scheduled/{scheduled}", [200, 404, 404, 404, 404, 401], r#"{"text":"other"}"#),
    ("DELETE /v1/scheduled/{scheduled}", [204, 404, 404, 404, 404, 401], ""),
    ("GET /v1/server", [200, 200, 200, 200, 200, 401], ""),
    ("GET /v1/sessions", [200, 200, 200, 200, 200, 401], ""),
    ("DELETE /v1/sessions/{session}", [204, 404, 404, 404, 404, 401], ""),
    ("POST /v1/socket-ticket", [201, 201, 201, 201, 201, 401], ""),
];

/// A chat of alice (owner), bob (admin), carol and erin, from which dave was removed.
async fn world() -> (TestApp, ChatId, String) {
    let app = TestApp::builder().person("dave").person("erin").start().await;
    let chat = app.group("alice", &["bob", "carol", "dave", "erin"]).await;
    let alice = app.as_("alice");
    alice.say(chat, "hello").await;
    let member = |name: &str| format!("/v1/chats/{chat}/members/{}", app.id(name));
    alice.patch(&member("bob"), json!({"role": "admin"})).await.expect(200);
    alice.delete(&member("dave")).await.expect(204);
    let later = json!({"text": "later", "client_id": "later", "send_at": "2026-02-01T00:00:00Z"});
    let scheduled = alice.post(&format!("/v1/chats/{chat}/scheduled"), later).await.expect(201);
    let scheduled = scheduled["id"].as_str().expect("an id").to_owned();
    (app, chat, scheduled)
}

fn filled(app: &TestApp, chat: ChatId, scheduled: &str, text: &str) -> String {
    text.replace("{scheduled}", scheduled)
        .replace("{chat}", &chat.to_string())
        .replace("{seq}", "0")
        .replace("{emoji}", "%F0%9F%91%8D")
        .replace("{user}", &app.id("erin").to_string())
        .replace("{session}", &app.somebody("alice").session.id.to_string())
        .replace("{mallory}", &app.id("mallory").to_string())
        .replace("/changes", "/changes?after=-1")
}

fn client(app: &TestApp, caller: Option<&str>) -> Client {
    caller.map_or_else(|| app.anonymous(), |name| app.as_(name))
}

fn body(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| serde_json::from_str(text).expect("the table holds JSON"))
}

#[test]
fn the_table_knows_every_route_and_no_other() {
    let mut known: Vec<String> = EXPECTED.iter().map(|(route, ..)| (*route).to_owned()).collect();
    let mut described: Vec<String> = routes::all().iter().map(routes::Route::name).collect();
    known.sort();
    described.sort();
    assert_eq!(described, known, "left: the document; right: the table");
}

#[tokio::test]
async fn everybody_gets_what_the_table_says_on_every_route() {
    for (route, expected, sent) in EXPECTED {
        let (method, path) = route.split_once(' ').expect("method and path");
        for (caller, status) in CALLERS.into_iter().zip(expected) {
            let (app, chat, scheduled) = world().await;
            let fill = |text: &str| filled(&app, chat, &scheduled, text);
            let (path, sent) = (fill(path), body(&fill(sent)));
            let method: Method = method.parse().expect("a method");
            let answer = client(&app, caller).call(method, &path, sent).await;
            app.settle().await;
            assert_eq!(answer.status.as_u16(), *status, "{route} as {caller:?}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_stranger_cannot_tell_a_chat_from_none() {
    let (app, chat, scheduled) = world().await;
    let none = ChatId::from_uuid(app.id("alice").uuid());
    for (route, _, sent) in EXPECTED.iter().filter(|(route, ..)| route.contains("{chat}")) {
        let (method, path) = route.split_once(' ').expect("method and path");
        let method: Method = method.parse().expect("a method");
        for caller in ["dave", "mallory"] {
            let fill = |chat, text: &str| filled(&app, chat, &scheduled, text);
            let ask = |chat| (fill(chat, path), body(&fill(chat, sent)));
            let ((real, sent), (made_up, _)) = (ask(chat), ask(none));
            let existing = app.as_(caller).call(method.clone(), &real, sent.clone()).await;
            let missing = app.as_(caller).call(method.clone(), &made_up, sent).await;
            assert_eq!(existing.body, missing.body, "{route} as {caller}");
            existing.refused(404, "not_found");
        }
    }
}
