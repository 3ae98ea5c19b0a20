//! Saved messages over HTTP.

use http::Method;
use petit_domain::{ChatId, MOST_SAVED};
use petit_ports::Saved;
use petit_testkit::TestApp;
use serde_json::{Value, json};

const LIST: &str = "/v1/me/saved";

async fn said(texts: &[&str]) -> (TestApp, ChatId) {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    for text in texts {
        app.as_("alice").say(chat, text).await;
    }
    (app, chat)
}

fn at(chat: ChatId, seq: i64) -> String {
    format!("/v1/chats/{chat}/messages/{seq}/saved")
}

async fn save(app: &TestApp, name: &str, chat: ChatId, seq: i64) -> Value {
    let answer = app.as_(name).call(Method::PUT, &at(chat, seq), None).await.expect(200);
    app.clock.advance(1);
    answer
}

async fn listed(app: &TestApp, name: &str) -> Vec<i64> {
    let items = app.as_(name).all(LIST, 2).await;
    items.iter().map(|item| item["message"]["seq"].as_i64().expect("a number")).collect()
}

#[tokio::test]
async fn what_one_saves_is_listed_newest_first_as_it_is_now_and_nobody_else_sees_it() {
    let (app, chat) = said(&["one", "two", "three"]).await;
    let other = app.direct("bob", "carol").await;
    app.as_("carol").say(other, "private").await;
    for seq in [2, 0] {
        save(&app, "bob", chat, seq).await;
    }
    let answer = save(&app, "bob", other, 0).await;
    assert_eq!(answer["message"]["text"], "private");
    assert_eq!(listed(&app, "bob").await, [0, 0, 2]);
    let path = format!("/v1/chats/{chat}/messages/2");
    app.as_("alice").patch(&path, json!({"text": "drei"})).await.expect(200);
    app.as_("bob").call(Method::PUT, &format!("{path}/reactions/%F0%9F%91%8D"), None).await.expect(200);
    app.settle().await;
    let items = app.as_("bob").get(LIST).await.expect(200)["items"].clone();
    assert_eq!(items[0], answer);
    let last = &items[2]["message"];
    assert_eq!((&last["text"], &last["reactions"][0]["mine"]), (&json!("drei"), &json!(true)));
    for name in ["alice", "carol"] {
        assert!(listed(&app, name).await.is_empty());
        let seen = app.as_(name).get(&path).await.expect(200).to_string();
        assert!(!seen.contains("saved"), "{seen}");
    }
    app.as_("bob").call(Method::DELETE, &at(chat, 0), None).await.expect(204);
    assert_eq!(listed(&app, "bob").await, [0, 2]);
}

#[tokio::test]
async fn repeating_changes_nothing_and_makes_no_event() {
    let (app, chat) = said(&["one"]).await;
    for (method, status) in [(Method::PUT, 200), (Method::DELETE, 204)] {
        let first = app.as_("bob").call(method.clone(), &at(chat, 0), None).await.expect(status);
        let so_far = app.bus.len();
        app.clock.advance(1);
        let again = app.as_("bob").call(method.clone(), &at(chat, 0), None).await.expect(status);
        assert_eq!((app.bus.len(), again), (so_far, first), "{method}");
    }
    app.as_("bob").call(Method::DELETE, &at(chat, 9), None).await.expect(204);
}

#[tokio::test]
async fn what_is_not_there_is_not_saved() {
    let (app, chat) = said(&["one", "two"]).await;
    app.as_("alice").patch(&format!("/v1/chats/{chat}"), json!({"name": "Cellar"})).await.expect(200);
    app.as_("alice").delete(&format!("/v1/chats/{chat}/messages/1")).await.expect(200);
    let put = async |seq| app.as_("bob").call(Method::PUT, &at(chat, seq), None).await;
    put(1).await.refused(404, "not_found");
    put(9).await.refused(404, "not_found");
    put(2).await.refused(409, "not_a_text");
    assert!(listed(&app, "bob").await.is_empty());
}

#[tokio::test]
async fn what_one_may_not_see_any_more_is_left_out_and_waits() {
    let (app, chat) = said(&["one", "two", "three"]).await;
    for seq in [0, 1, 2] {
        save(&app, "bob", chat, seq).await;
    }
    app.as_("alice").delete(&format!("/v1/chats/{chat}/messages/1")).await.expect(200);
    assert_eq!(listed(&app, "bob").await, [2, 0], "a deleted message is in no list");
    let member = format!("/v1/chats/{chat}/members/{}", app.id("bob"));
    app.as_("alice").delete(&member).await.expect(204);
    let left = app.as_("bob").get(LIST).await.expect(200);
    assert_eq!((&left["items"], &left["next"]), (&json!([]), &Value::Null), "nor a chat that was left");
    for method in [Method::PUT, Method::DELETE] {
        app.as_("bob").call(method, &at(chat, 0), None).await.refused(404, "not_found");
    }
    let back = json!({"user": app.id("bob")});
    app.as_("alice").post(&format!("/v1/chats/{chat}/members"), back).await.expect(201);
    assert_eq!(listed(&app, "bob").await, [2, 0]);
}

#[tokio::test]
async fn what_is_not_seen_any_more_makes_room() {
    let (app, chat) = said(&["one", "two", "three"]).await;
    let bob = app.id("bob");
    let keep = async |chat, seq| {
        app.store().saved.add(bob, &Saved { chat, seq, at: app.app.now() }).await.expect("adds");
    };
    keep(chat, 0).await;
    keep(chat, 1).await;
    app.as_("alice").delete(&format!("/v1/chats/{chat}/messages/1")).await.expect(200);
    for n in 2..MOST_SAVED as u64 {
        // Each in a chat that he is not in.
        keep(ChatId::mint(app.app.now(), n), 0).await;
    }
    save(&app, "bob", chat, 2).await;
    let mut left: Vec<i64> =
        app.store().saved.list(bob).await.expect("reads").iter().map(|one| one.seq).collect();
    left.sort_unstable();
    assert_eq!(left, [0, 2]);
}

#[tokio::test]
async fn a_thousand_are_saved_and_not_one_more() {
    let texts: Vec<String> = (0..=MOST_SAVED).map(|n| n.to_string()).collect();
    let (app, chat) = said(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (bob, last) = (app.id("bob"), MOST_SAVED as i64);
    for seq in 0..last {
        app.store().saved.add(bob, &Saved { chat, seq, at: app.app.now() }).await.expect("adds");
    }
    app.as_("bob").call(Method::PUT, &at(chat, last), None).await.refused(422, "too_many_saved");
    save(&app, "bob", chat, 40).await;
    app.as_("bob").call(Method::DELETE, &at(chat, 7), None).await.expect(204);
    save(&app, "bob", chat, last).await;
    app.as_("bob").call(Method::PUT, &at(chat, 7), None).await.refused(422, "too_many_saved");
    assert_eq!(app.as_("bob").all(LIST, 100).await.len(), MOST_SAVED);
}
