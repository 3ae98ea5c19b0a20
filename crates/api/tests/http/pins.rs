//! Pins over HTTP.

use http::Method;
use petit_domain::ChatId;
use petit_testkit::TestApp;
use serde_json::{Value, json};

async fn said(texts: &[&str]) -> (TestApp, ChatId) {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    for text in texts {
        app.as_("alice").say(chat, text).await;
    }
    (app, chat)
}

fn at(chat: ChatId, seq: i64) -> String {
    format!("/v1/chats/{chat}/messages/{seq}/pin")
}

async fn pin(app: &TestApp, name: &str, chat: ChatId, seq: i64) -> Value {
    app.as_(name).call(Method::PUT, &at(chat, seq), None).await.expect(200)
}

async fn listed(app: &TestApp, name: &str, chat: ChatId) -> Vec<(i64, Value)> {
    let page = app.as_(name).get(&format!("/v1/chats/{chat}/pins")).await.expect(200);
    let items = page["items"].as_array().expect("a list").clone();
    items
        .iter()
        .map(|item| (item["message"]["seq"].as_i64().expect("a number"), item["by"].clone()))
        .collect()
}

#[tokio::test]
async fn a_message_says_that_it_is_pinned_and_the_newest_pin_is_listed_first() {
    let (app, chat) = said(&["one", "two", "three"]).await;
    let whole = format!("/v1/chats/{chat}/messages/0");
    let before = app.as_("carol").get(&whole).await.expect(200);
    assert_eq!(before.get("pinned"), None, "nothing is said of what is not");
    let answer = pin(&app, "bob", chat, 2).await;
    assert_eq!(
        (&answer["pinned"], &answer["edited_at"], &answer["cseq"]),
        (&json!(true), &Value::Null, &json!(0))
    );
    app.clock.advance(1);
    pin(&app, "alice", chat, 0).await;
    assert_eq!(app.as_("carol").get(&whole).await.expect(200)["pinned"], true);
    let (alice, bob) = (json!(app.id("alice")), json!(app.id("bob")));
    assert_eq!(listed(&app, "carol", chat).await, [(0, alice.clone()), (2, bob)]);
    let answer = app.as_("carol").call(Method::DELETE, &at(chat, 2), None).await.expect(200);
    assert_eq!(answer.get("pinned"), None);
    assert_eq!(listed(&app, "carol", chat).await, [(0, alice)]);
    let history = app.as_("bob").get(&format!("{whole}/history")).await.expect(200);
    assert_eq!(history["items"], json!([]), "it is no edit");
}

#[tokio::test]
async fn repeating_changes_nothing_and_makes_no_event() {
    let (app, chat) = said(&["one"]).await;
    for method in [Method::PUT, Method::DELETE] {
        let first = app.as_("bob").call(method.clone(), &at(chat, 0), None).await.expect(200);
        app.settle().await;
        let so_far = app.bus.len();
        let again = app.as_("carol").call(method.clone(), &at(chat, 0), None).await.expect(200);
        app.settle().await;
        assert_eq!((app.bus.len(), again), (so_far, first), "{method}");
    }
}

#[tokio::test]
async fn a_deleted_message_loses_its_pin_and_gets_no_other() {
    let (app, chat) = said(&["one", "two"]).await;
    pin(&app, "bob", chat, 0).await;
    let stub = app.as_("alice").delete(&format!("/v1/chats/{chat}/messages/0")).await.expect(200);
    assert_eq!(stub.get("pinned"), None);
    assert!(listed(&app, "bob", chat).await.is_empty());
    assert!(app.store().pins.list(chat).await.expect("reads").is_empty(), "its place is free");
    app.as_("bob").call(Method::PUT, &at(chat, 0), None).await.refused(409, "message_deleted");
    app.as_("bob").call(Method::DELETE, &at(chat, 0), None).await.expect(200);
}

#[tokio::test]
async fn the_timelines_own_lines_and_what_is_not_there_are_not_pinned() {
    let (app, chat) = said(&["one"]).await;
    app.as_("alice").patch(&format!("/v1/chats/{chat}"), json!({"name": "Cellar"})).await.expect(200);
    for method in [Method::PUT, Method::DELETE] {
        app.as_("bob").call(method.clone(), &at(chat, 1), None).await.refused(409, "not_a_text");
        app.as_("bob").call(method, &at(chat, 9), None).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_hundred_are_pinned_and_not_one_more() {
    let texts: Vec<String> = (0..102).map(|n| n.to_string()).collect();
    let (app, chat) = said(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for seq in 0..100 {
        pin(&app, "bob", chat, seq).await;
    }
    app.as_("bob").call(Method::PUT, &at(chat, 100), None).await.refused(422, "too_many_pins");
    let refused = app.as_("bob").get(&format!("/v1/chats/{chat}/messages/100")).await.expect(200);
    assert_eq!(refused.get("pinned"), None);
    pin(&app, "carol", chat, 40).await;
    app.as_("bob").call(Method::DELETE, &at(chat, 7), None).await.expect(200);
    pin(&app, "bob", chat, 100).await;
    app.as_("bob").call(Method::PUT, &at(chat, 101), None).await.refused(422, "too_many_pins");
    assert_eq!(app.as_("bob").all(&format!("/v1/chats/{chat}/pins"), 30).await.len(), 100);
}

/// What a version deleted that knew nothing of pins takes no place for ever.
#[tokio::test]
async fn a_pin_of_a_message_that_is_gone_makes_room() {
    let texts: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let (app, chat) = said(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    app.as_("alice").delete(&format!("/v1/chats/{chat}/messages/100")).await.expect(200);
    for seq in 1..=100 {
        let pin = petit_ports::Pin { seq, by: app.id("bob"), at: app.app.now() };
        app.store().pins.add(chat, &pin).await.expect("adds");
    }
    assert_eq!(listed(&app, "bob", chat).await.len(), 49, "a page without it");
    assert_eq!(app.as_("bob").all(&format!("/v1/chats/{chat}/pins"), 100).await.len(), 99);
    pin(&app, "bob", chat, 0).await;
}

#[tokio::test]
async fn an_edit_and_a_reaction_keep_the_pin() {
    let (app, chat) = said(&["one"]).await;
    pin(&app, "bob", chat, 0).await;
    let message = format!("/v1/chats/{chat}/messages/0");
    let edited = app.as_("alice").patch(&message, json!({"text": "other"})).await.expect(200);
    assert_eq!(edited["pinned"], true);
    let path = format!("{message}/reactions/%F0%9F%91%8D");
    app.as_("bob").call(Method::PUT, &path, None).await.expect(200);
    app.settle().await;
    let shown = app.as_("bob").get(&format!("/v1/chats/{chat}/pins")).await.expect(200);
    let shown = &shown["items"][0]["message"];
    assert_eq!((&shown["pinned"], &shown["text"]), (&json!(true), &json!("other")));
    assert_eq!(shown["reactions"][0]["mine"], true, "as the caller sees it");
}
