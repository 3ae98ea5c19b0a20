//! Sending with `hold_s`.

use petit_app::timers;
use petit_domain::ChatId;
use petit_testkit::{Answer, TestApp};
use serde_json::{Value, json};

async fn send(app: &TestApp, chat: ChatId, body: Value) -> Answer {
    app.as_("alice").post(&format!("/v1/chats/{chat}/messages"), body).await
}

fn held_for(hold_s: i64) -> Value {
    json!({"text": "held", "client_id": "a", "hold_s": hold_s})
}

fn at(held: &Value) -> String {
    format!("/v1/scheduled/{}", held["id"].as_str().expect("an id"))
}

async fn texts(app: &TestApp, chat: ChatId) -> Vec<Value> {
    let messages = app.as_("bob").all(&format!("/v1/chats/{chat}/messages"), 100).await;
    messages.into_iter().map(|message| message["text"].clone()).collect()
}

async fn its_time_is_over(app: &TestApp) {
    app.clock.advance(31);
    timers::sweep(&app.app).await.expect("the due ones fire");
    app.settle().await;
}

#[tokio::test]
async fn a_held_message_waits_and_is_then_sent_with_its_client_id() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("bob").say(chat, "first").await;
    let mut wanted = held_for(10);
    wanted["reply_to"] = json!(0);
    let held = send(&app, chat, wanted).await.expect(202);
    let send_at: petit_domain::Timestamp = serde_json::from_value(held["send_at"].clone()).expect("a time");
    let ahead = send_at.micros() - app.app.now().micros();
    assert!((9_000_000..=10_000_000).contains(&ahead), "{ahead}");
    assert_eq!(
        (&held["held"], &held["state"], &held["text"]),
        (&json!(true), &json!("waiting"), &json!("held"))
    );
    let listed = app.as_("alice").all("/v1/scheduled", 2).await;
    assert_eq!((listed.len(), &listed[0]), (1, &held));
    assert_eq!(app.as_("bob").all("/v1/scheduled", 2).await, [Value::Null; 0]);
    its_time_is_over(&app).await;
    let message = app.as_("bob").get(&format!("/v1/chats/{chat}/messages/1")).await.expect(200);
    assert_eq!(
        (&message["text"], &message["client_id"], &message["reply_to"]),
        (&json!("held"), &json!("a"), &json!(0))
    );
    assert!(app.as_("alice").all("/v1/scheduled", 2).await.is_empty());
}

#[tokio::test]
async fn a_hold_has_bounds() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    for bad in [0, 31, -1, i64::MAX] {
        let problem = send(&app, chat, held_for(bad)).await.refused(422, "invalid_hold");
        assert_eq!(problem.field.as_deref(), Some("/hold_s"));
    }
    for bad in [json!("1"), json!(1.5), json!([1])] {
        let body = json!({"text": "x", "client_id": "a", "hold_s": bad});
        send(&app, chat, body).await.refused(422, "invalid_body");
    }
    let strange = json!({"text": "x", "client_id": "a", "hold_s": 1, "reply_to": 7});
    send(&app, chat, strange).await.refused(422, "unknown_reply");
    assert!(app.as_("alice").all("/v1/scheduled", 2).await.is_empty());
    send(&app, chat, json!({"text": "x", "client_id": "a", "hold_s": null})).await.expect(201);
    for good in [1, 30] {
        let body = json!({"text": "x", "client_id": format!("good{good}"), "hold_s": good});
        send(&app, chat, body).await.expect(202);
    }
}

#[tokio::test]
async fn again_answers_the_same_hold_and_later_the_message() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let held = send(&app, chat, held_for(10)).await.expect(202);
    app.clock.advance(3);
    assert_eq!(send(&app, chat, held_for(30)).await.expect(202), held, "with the time it had");
    its_time_is_over(&app).await;
    let sent = send(&app, chat, held_for(10)).await.expect(201);
    assert_eq!((&sent["seq"], &sent["text"]), (&json!(0), &json!("held")));
    assert_eq!(send(&app, chat, json!({"text": "held", "client_id": "a"})).await.expect(201), sent);
    let by_hand = send(&app, chat, json!({"text": "by hand", "client_id": "b"})).await.expect(201);
    let again = json!({"text": "by hand", "client_id": "b", "hold_s": 5});
    assert_eq!(send(&app, chat, again).await.expect(201), by_hand, "what was sent by hand, too");
    app.clock.advance(4_000);
    timers::sweep(&app.app).await.expect("looks");
    assert_eq!(send(&app, chat, held_for(10)).await.expect(201), sent, "however long ago it was");
    assert_eq!(texts(&app, chat).await, ["held", "by hand"]);
}

#[tokio::test]
async fn taken_back_it_is_gone_and_its_client_id_is_free() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let alice = app.as_("alice");
    let held = send(&app, chat, held_for(10)).await.expect(202);
    send(&app, chat, json!({"text": "x", "client_id": "a"})).await.refused(409, "client_id_used");
    app.as_("bob").delete(&at(&held)).await.refused(404, "not_found");
    alice.delete(&at(&held)).await.expect(204);
    alice.delete(&at(&held)).await.refused(404, "not_found");
    its_time_is_over(&app).await;
    assert_eq!(texts(&app, chat).await, [""; 0]);
    let again = send(&app, chat, held_for(10)).await.expect(202);
    its_time_is_over(&app).await;
    alice.delete(&at(&again)).await.refused(409, "already_sent");
    alice.patch(&at(&again), json!({"text": "x"})).await.refused(409, "already_sent");
    assert_eq!(texts(&app, chat).await, ["held"]);
}

#[tokio::test]
async fn it_can_be_changed_while_it_is_held() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let alice = app.as_("alice");
    let held = send(&app, chat, held_for(10)).await.expect(202);
    let changed = alice.patch(&at(&held), json!({"text": "better"})).await.expect(200);
    assert_eq!((&changed["send_at"], &changed["held"]), (&held["send_at"], &json!(true)));
    let other = json!({"text": "much later", "client_id": "b", "hold_s": 10});
    let other = send(&app, chat, other).await.expect(202);
    let later = alice.patch(&at(&other), json!({"send_at": "2026-01-01T10:00:00Z"})).await.expect(200);
    assert_eq!(later.get("held"), None, "then it is a scheduled one");
    its_time_is_over(&app).await;
    assert_eq!(texts(&app, chat).await, ["better"]);
    app.clock.advance(4_000);
    its_time_is_over(&app).await;
    assert_eq!(texts(&app, chat).await, ["better", "much later"]);
}

#[tokio::test]
async fn a_scheduled_one_and_a_held_one_are_two() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let later = |id: &str| json!({"text": "held", "client_id": id, "send_at": "2026-01-01T10:00:00Z"});
    let path = format!("/v1/chats/{chat}/scheduled");
    app.as_("alice").post(&path, later("a")).await.expect(201);
    send(&app, chat, held_for(10)).await.refused(409, "client_id_used");
    send(&app, chat, json!({"text": "held", "client_id": "b", "hold_s": 10})).await.expect(202);
    app.as_("alice").post(&path, later("b")).await.refused(409, "client_id_used");
}

#[tokio::test]
async fn what_may_not_be_written_when_its_time_is_over_says_why() {
    let app = TestApp::start().await;
    let chat = app.group("bob", &["alice", "carol"]).await;
    let held = send(&app, chat, held_for(10)).await.expect(202);
    let membership = format!("/v1/chats/{chat}/members/{}", app.id("alice"));
    app.as_("bob").delete(&membership).await.expect(204);
    its_time_is_over(&app).await;
    let failed = app.as_("alice").all("/v1/scheduled", 2).await;
    assert_eq!((failed.len(), &failed[0]["id"]), (1, &held["id"]));
    assert_eq!((&failed[0]["state"], &failed[0]["reason"]), (&json!("failed"), &json!("not_found")));
    send(&app, chat, held_for(10)).await.refused(404, "not_found");
    let back = json!({"user": app.id("alice")});
    app.as_("bob").post(&format!("/v1/chats/{chat}/members"), back).await.expect(201);
    let again = send(&app, chat, held_for(10)).await.expect(202);
    assert_eq!((&again["state"], &again["reason"]), (&json!("failed"), &json!("not_found")));
    app.as_("alice").delete(&at(&held)).await.expect(204);
}

#[tokio::test]
async fn a_message_that_is_not_held_costs_what_it_did() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    send(&app, chat, held_for(1)).await.expect(202);
    its_time_is_over(&app).await;
    app.as_("alice").say(chat, "warm").await;
    app.spy.take_calls();
    app.as_("alice").say(chat, "hot").await;
    assert_eq!(app.spy.take_calls(), ["log_writer.write"]);
}

#[tokio::test]
async fn what_could_not_be_sent_now_is_not_held_either() {
    let app = TestApp::start().await;
    let chat = app.group("bob", &["alice"]).await;
    let path = format!("/v1/chats/{chat}");
    let held = send(&app, chat, held_for(10)).await.expect(202);
    for (settings, code) in
        [(json!({"posting": "admins"}), "admins_only"), (json!({"archived": true}), "archived")]
    {
        app.as_("bob").patch(&path, settings).await.expect(200);
        let other = json!({"text": "other", "client_id": "b", "hold_s": 10});
        send(&app, chat, other).await.refused(403, code);
        assert_eq!(send(&app, chat, held_for(10)).await.expect(202), held, "a repetition is not refused");
    }
    its_time_is_over(&app).await;
    let failed = app.as_("alice").all("/v1/scheduled", 2).await;
    assert_eq!((failed.len(), &failed[0]["reason"]), (1, &json!("archived")));
    app.as_("bob").patch(&path, json!({"archived": false, "posting": "all"})).await.expect(200);
    app.as_("alice").delete(&at(&held)).await.expect(204);
    send(&app, chat, held_for(10)).await.expect(202);
    its_time_is_over(&app).await;
    assert_eq!(texts(&app, chat).await, ["held"]);
}
