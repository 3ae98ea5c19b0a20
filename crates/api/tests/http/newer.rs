//! Rows of a newer version, written by hand: this version shows them, goes on beside them and leaves them as they are.

use petit_domain::ChatId;
use petit_testkit::{Client, TestApp};
use serde_json::{Value, json};

/// A group of alice and bob with two messages, of which the first was edited, and another group of theirs.
async fn world() -> (TestApp, ChatId, Client) {
    let app = TestApp::start().await;
    let (chat, alice) = (app.group("alice", &["bob"]).await, app.as_("alice"));
    app.group("alice", &["bob"]).await;
    for text in ["first", "second"] {
        alice.say(chat, text).await;
    }
    alice.patch(&format!("/v1/chats/{chat}/messages/0"), json!({"text": "edited"})).await.expect(200);
    (app, chat, alice)
}

async fn all_is_shown(client: &Client, chat: ChatId) -> Value {
    let chats = client.all("/v1/chats", 1).await;
    assert_eq!(chats.len(), 2, "one row does not spoil the list");
    for path in ["", "/members", "/changes?after=-1"] {
        client.get(&format!("/v1/chats/{chat}{path}")).await.expect(200);
    }
    let page = client.get(&format!("/v1/chats/{chat}/messages")).await.expect(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    page["items"][1].clone()
}

#[tokio::test]
async fn a_message_of_a_kind_that_is_not_known_is_shown_and_cannot_be_changed() {
    let (app, chat, alice) = world().await;
    app.rewrite("UPDATE messages SET kind = 9 WHERE seq = 1");
    assert_eq!(all_is_shown(&alice, chat).await["kind"], "kind_9");
    app.rewrite(r#"UPDATE messages SET kind = 127, more = CAST('{"kind":"poll","answers":["yes"]}' AS BLOB) WHERE seq = 1"#);
    alice.say(chat, "and on it goes").await;
    let message = format!("/v1/chats/{chat}/messages/1");
    let poll = alice.get(&message).await.expect(200);
    assert_eq!((&poll["kind"], &poll["answers"]), (&json!("poll"), &json!(["yes"])));
    alice.patch(&message, json!({"text": "x"})).await.refused(409, "newer_content");
    alice.delete(&message).await.refused(409, "newer_content");
    assert_eq!(alice.get(&message).await.expect(200), poll);
}

#[tokio::test]
async fn a_text_with_a_part_that_is_not_known_keeps_it_until_it_is_deleted() {
    let (app, chat, alice) = world().await;
    app.rewrite(r#"UPDATE messages SET more = CAST('{"effects":{"confetti":3}}' AS BLOB) WHERE seq = 1"#);
    assert_eq!(all_is_shown(&alice, chat).await["effects"], json!({"confetti": 3}));
    let message = format!("/v1/chats/{chat}/messages/1");
    alice.patch(&message, json!({"text": "x"})).await.refused(409, "newer_content");
    let stub = alice.delete(&message).await.expect(200);
    assert_eq!((&stub["deleted"], &stub["effects"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn a_change_of_a_kind_that_is_not_known_is_passed_over() {
    for columns in ["about_seq = 0", "about_seq = NULL", "about_seq = 99"] {
        let (app, chat, alice) = world().await;
        app.rewrite(&format!("UPDATE changes SET kind = 9, {columns} WHERE kind = 1"));
        all_is_shown(&alice, chat).await;
    }
}

#[tokio::test]
async fn a_chat_of_a_kind_that_is_not_known_is_a_group_that_cannot_be_changed() {
    for (columns, kind) in [("kind = 9", "kind_9"), ("kind = 127, kind_name = 'channel'", "channel")] {
        let (app, chat, alice) = world().await;
        app.rewrite(&format!("UPDATE chats SET {columns}"));
        all_is_shown(&alice, chat).await;
        let path = format!("/v1/chats/{chat}");
        assert_eq!(alice.get(&path).await.expect(200)["kind"], kind);
        app.as_("mallory").get(&path).await.refused(404, "not_found");
        alice.say(chat, "in it").await;
        alice.patch(&path, json!({"name": "New"})).await.refused(409, "newer_content");
        let add = json!({"user": app.id("carol")});
        alice.post(&format!("{path}/members"), add).await.refused(409, "newer_content");
    }
}

#[tokio::test]
async fn a_role_that_is_not_known_may_do_what_a_member_may() {
    let (app, chat, alice) = world().await;
    app.rewrite("UPDATE members SET role = 9; UPDATE people SET role = 9; UPDATE sessions SET kind = 9");
    all_is_shown(&alice, chat).await;
    let bob = app.as_("bob");
    assert_eq!(bob.get(&format!("/v1/chats/{chat}")).await.expect(200)["role"], "role_9");
    bob.say(chat, "in it").await;
    bob.patch(&format!("/v1/chats/{chat}"), json!({"name": "New"})).await.refused(403, "forbidden");
    for path in ["/v1/me", "/v1/people?prefix=", "/v1/sessions"] {
        bob.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn what_nobody_here_knows_cannot_be_asked_for() {
    let (app, chat, alice) = world().await;
    let channel = json!({"kind": "channel", "name": "New", "members": []});
    alice.post("/v1/chats", channel).await.refused(422, "invalid_body");
    let bob = format!("/v1/chats/{chat}/members/{}", app.id("bob"));
    alice.patch(&bob, json!({"role": "role_9"})).await.refused(422, "invalid_body");
}

#[tokio::test]
async fn columns_that_are_not_known_are_left_alone() {
    let (app, chat, alice) = world().await;
    for table in app.tables() {
        app.rewrite(&format!("ALTER TABLE {table} ADD COLUMN of_a_newer_version TEXT"));
    }
    all_is_shown(&alice, chat).await;
    let path = format!("/v1/chats/{chat}");
    alice.post(&format!("{path}/members"), json!({"user": app.id("carol")})).await.expect(201);
    alice.say(chat, "third").await;
    alice.patch(&format!("{path}/messages/1"), json!({"text": "other"})).await.expect(200);
    alice.patch(&path, json!({"name": "Cellar"})).await.expect(200);
    alice.put(&format!("{path}/read-marker"), json!({"seq": 3})).await.expect(200);
    app.direct("alice", "carol").await;
    alice.patch(&format!("{path}/me"), json!({"favourite": true})).await.expect(200);
    app.rewrite("UPDATE choices SET of_a_newer_version = 'kept'");
    alice.patch(&format!("{path}/me"), json!({"section": "Work"})).await.expect(200);
    let is_kept = "CREATE TEMP TABLE kept (value TEXT NOT NULL CHECK (value = 'kept'));
        INSERT INTO kept SELECT of_a_newer_version FROM choices";
    app.rewrite(is_kept);
}

#[tokio::test]
async fn work_that_is_not_known_is_left_to_a_newer_version() {
    let (app, _, _) = world().await;
    app.may_leave_work();
    let me = app.id("alice");
    let row = |number: u8, kind: Value| {
        let id = format!("00000000-0000-7000-8000-0000000000{number:02x}");
        let intent = json!({"id": id, "by": me, "at": "2020-01-01T00:00:00.000000Z", "kind": kind});
        format!(
            "INSERT INTO outbox (intent_id, at, intent) VALUES (x'{}', {number}, '{intent}')",
            id.replace('-', "")
        )
    };
    for number in 0..150 {
        app.rewrite(&row(number, json!({"type": "send_by_pigeon", "to": me})));
    }
    let chat = "00000000-0000-7000-8000-00000000ffff";
    app.rewrite(&row(200, json!({"type": "rename_chat", "chat": chat, "name": "New"})));
    assert_eq!(petit_app::unfinished::sweep(&app.app).await.expect("it sweeps"), 1, "what is known is done");
    assert_eq!(petit_app::unfinished::sweep(&app.app).await.expect("it sweeps"), 0);
    assert_eq!(app.unfinished().await, 100, "and the rest is still there, as far as it is looked for");
}
