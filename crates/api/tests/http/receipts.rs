//! Who has messages, over HTTP.

use petit_app::receipts;
use petit_domain::{Acked, ChatId, Timestamp};
use petit_testkit::TestApp;
use serde_json::{Value, json};

async fn said() -> (TestApp, ChatId) {
    let app = TestApp::builder().person("dave").start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    for text in ["one", "two", "three"] {
        app.as_("alice").say(chat, text).await;
    }
    (app, chat)
}

async fn ack(app: &TestApp, name: &str, chat: ChatId, delivered: i64, seen: i64) {
    let acked = vec![(chat, Acked { delivered, seen })];
    receipts::ack(&app.app, app.id(name), acked).await.expect("it is taken");
    app.settle().await;
}

async fn viewers(app: &TestApp, viewer: &str, chat: ChatId, seq: i64, query: &str) -> Value {
    app.as_(viewer).get(&format!("/v1/chats/{chat}/messages/{seq}/viewers{query}")).await.expect(200)
}

#[tokio::test]
async fn each_member_has_a_receipt_and_a_message_says_who_saw_it_and_when() {
    let (app, chat) = said().await;
    let begun = app.app.now();
    ack(&app, "bob", chat, 1, 0).await;
    app.clock.advance(60);
    let later = app.app.now();
    ack(&app, "bob", chat, 2, 2).await;
    let listed = app.as_("carol").get(&format!("/v1/chats/{chat}/receipts")).await.expect(200);
    let receipts = listed["receipts"].as_array().expect("a list");
    assert_eq!(receipts.len(), 3);
    let bob = json!({"user": app.id("bob"), "joined_seq": -1, "delivered": 2, "seen": 2});
    assert!(receipts.contains(&bob), "{listed}");
    // Who came how far with a message, and whether that was before or after the minute.
    let told = async |seq, query: &str| {
        let page = viewers(&app, "alice", chat, seq, query).await;
        let item = &page["items"][0];
        let at: Option<Timestamp> = serde_json::from_value(item["at"].clone()).expect("a time");
        assert!(at.is_none_or(|at| at > begun), "{page}");
        (page["count"].clone(), item["user"].clone(), item["state"].clone(), at.map(|at| at > later))
    };
    let bob = json!(app.id("bob"));
    let by_bob = |state: &str, is_later| (json!(1), bob.clone(), json!(state), Some(is_later));
    assert_eq!(told(0, "").await, by_bob("seen", false));
    assert_eq!(told(1, "?state=seen").await, by_bob("seen", true));
    assert_eq!(told(1, "?state=delivered").await, by_bob("seen", false));
    let nobody = json!({"items": [], "next": null, "count": 0});
    assert_eq!(viewers(&app, "alice", chat, 1, "?state=read").await, nobody);
    let marker = format!("/v1/chats/{chat}/read-marker");
    app.as_("bob").put(&marker, json!({"seq": 1})).await.expect(200);
    app.settle().await;
    assert_eq!(told(1, "?state=read").await, by_bob("read", true));
}

#[tokio::test]
async fn whoever_came_later_or_left_and_the_author_are_not_named() {
    let (app, chat) = said().await;
    for name in ["alice", "bob", "carol"] {
        ack(&app, name, chat, 2, 2).await;
    }
    let members = format!("/v1/chats/{chat}/members");
    app.as_("alice").post(&members, json!({"user": app.id("dave")})).await.expect(201);
    ack(&app, "dave", chat, 9, 9).await;
    assert_eq!(viewers(&app, "alice", chat, 2, "").await["count"], 2);
    app.as_("alice").delete(&format!("{members}/{}", app.id("bob"))).await.expect(204);
    app.settle().await;
    let page = viewers(&app, "dave", chat, 2, "").await;
    assert_eq!((&page["count"], &page["items"][0]["user"]), (&json!(1), &json!(app.id("carol"))));
}

#[tokio::test]
async fn what_is_not_a_state_or_not_there_is_refused() {
    let (app, chat) = said().await;
    let path = format!("/v1/chats/{chat}/messages");
    app.as_("bob").get(&format!("{path}/2/viewers?state=liked")).await.refused(400, "invalid_parameter");
    app.as_("bob").get(&format!("{path}/2/viewers?limit=0")).await.refused(400, "invalid_parameter");
    app.as_("bob").get(&format!("{path}/99/viewers")).await.refused(404, "not_found");
}
