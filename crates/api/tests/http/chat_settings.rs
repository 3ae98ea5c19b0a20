//! A chat's settings over HTTP.

use http::{Method, header};
use petit_domain::ChatId;
use petit_testkit::{Answer, TestApp};
use serde_json::{Value, json};

/// alice (owner), bob (admin), carol.
async fn begin() -> (TestApp, ChatId) {
    let app = TestApp::builder().person("dave").start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    let bob = format!("/v1/chats/{chat}/members/{}", app.id("bob"));
    app.as_("alice").patch(&bob, json!({"role": "admin"})).await.expect(200);
    (app, chat)
}

fn at(chat: ChatId) -> String {
    format!("/v1/chats/{chat}")
}

async fn set(app: &TestApp, chat: ChatId, settings: Value) -> Value {
    app.as_("bob").patch(&at(chat), settings).await.expect(200)
}

async fn says(app: &TestApp, name: &str, chat: ChatId, client_id: &str) -> Answer {
    let body = json!({"text": "hello", "client_id": client_id});
    app.as_(name).post(&format!("{}/messages", at(chat)), body).await
}

fn retry_after(answer: &Answer) -> Option<&str> {
    answer.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok())
}

#[tokio::test]
async fn a_new_chat_says_all_of_its_settings() {
    let (app, chat) = begin().await;
    is_as_new(&app.as_("carol").get(&at(chat)).await.expect(200));
}

fn is_as_new(shown: &Value) {
    let as_new =
        json!({"topic": null, "description": null, "archived": false, "posting": "all", "slow_s": 0});
    for (field, value) in as_new.as_object().expect("an object") {
        assert_eq!(shown.get(field), Some(value), "{field}");
    }
}

#[tokio::test]
async fn what_is_set_is_read_wherever_a_chat_is_answered() {
    let (app, chat) = begin().await;
    let all = json!({"name": "Cellar", "topic": " Bread ", "description": "a\r\n\tb\n", "posting": "admins", "slow_s": 21_600});
    let answer = set(&app, chat, all).await;
    let expected = [
        ("name", json!("Cellar")),
        ("topic", json!("Bread")),
        ("description", json!("a\n\tb")),
        ("posting", json!("admins")),
        ("slow_s", json!(21_600)),
    ];
    let listed = app.as_("carol").all("/v1/chats", 10).await;
    let read = app.as_("carol").get(&at(chat)).await.expect(200);
    for shown in [&answer, &listed[0], &read] {
        for (field, value) in &expected {
            assert_eq!(&shown[*field], value, "{field}");
        }
        assert_eq!(shown["archived"], false);
    }
    set(&app, chat, json!({"topic": null, "description": "  \n", "posting": "all", "slow_s": 0})).await;
    let shown = app.as_("carol").get(&at(chat)).await.expect(200);
    is_as_new(&shown);
    assert_eq!(shown["name"], "Cellar", "what is not named stays");
}

#[tokio::test]
async fn where_it_is_so_already_nothing_is_numbered() {
    let (app, chat) = begin().await;
    let wanted = json!({"topic": "Bread", "description": "for all", "archived": true, "posting": "admins", "slow_s": 5});
    let first = set(&app, chat, wanted.clone()).await;
    app.settle().await;
    let so_far = app.bus.len();
    for same in [wanted, json!({"topic": " Bread "}), json!({"archived": true}), json!({})] {
        assert_eq!(set(&app, chat, same).await, first);
    }
    app.settle().await;
    assert_eq!(app.bus.len(), so_far);
    let plain = app.group("alice", &["bob"]).await;
    let before = app.as_("alice").get(&at(plain)).await.expect(200);
    let none = json!({"topic": "", "description": null, "archived": false, "posting": "all", "slow_s": 0});
    assert_eq!(app.as_("alice").patch(&at(plain), none).await.expect(200), before);
}

#[tokio::test]
async fn what_is_no_setting_is_refused_with_its_code() {
    let (app, chat) = begin().await;
    let long = "x".repeat(251);
    let longer = "x".repeat(2_001);
    for (settings, code) in [
        (json!({"topic": long}), "invalid_topic"),
        (json!({"topic": "a\nb"}), "invalid_topic"),
        (json!({"topic": "\u{202e}a"}), "invalid_topic"),
        (json!({"topic": "\u{200b}"}), "invalid_topic"),
        (json!({"topic": 7}), "invalid_body"),
        (json!({"description": longer}), "invalid_description"),
        (json!({"description": "a\n\u{202e}b"}), "invalid_description"),
        (json!({"description": "a\u{0}b"}), "invalid_description"),
        (json!({"slow_s": -1}), "invalid_slow_s"),
        (json!({"slow_s": 21_601}), "invalid_slow_s"),
        (json!({"slow_s": 1.5}), "invalid_body"),
        (json!({"slow_s": null}), "invalid_body"),
        (json!({"posting": "nobody"}), "invalid_body"),
        (json!({"posting": null}), "invalid_body"),
        (json!({"archived": "yes"}), "invalid_body"),
        (json!({"name": null}), "invalid_body"),
        (json!({"color": "red"}), "invalid_body"),
    ] {
        app.as_("bob").patch(&at(chat), settings.clone()).await.refused(422, code);
    }
    is_as_new(&app.as_("carol").get(&at(chat)).await.expect(200));
}

#[tokio::test]
async fn admins_set_it_and_nobody_else_and_not_a_direct_chat() {
    let (app, chat) = begin().await;
    for settings in [json!({"topic": "Bread"}), json!({"archived": true}), json!({"slow_s": 5}), json!({})] {
        app.as_("carol").patch(&at(chat), settings.clone()).await.refused(403, "forbidden");
        app.as_("dave").patch(&at(chat), settings).await.refused(404, "not_found");
    }
    let direct = app.direct("alice", "bob").await;
    app.as_("alice").patch(&at(direct), json!({"topic": "Bread"})).await.refused(409, "direct_chat_is_fixed");
}

#[tokio::test]
async fn where_admins_write_others_do_not_and_neither_pin() {
    let (app, chat) = begin().await;
    says(&app, "carol", chat, "before").await.expect(201);
    set(&app, chat, json!({"posting": "admins"})).await;
    says(&app, "carol", chat, "after").await.refused(403, "admins_only");
    let repeated = says(&app, "carol", chat, "before").await.expect(201);
    assert_eq!(repeated["seq"], 0, "what was sent before is answered");
    for name in ["alice", "bob"] {
        says(&app, name, chat, "mine").await.expect(201);
    }
    let pin = format!("{}/messages/0/pin", at(chat));
    app.as_("carol").call(Method::PUT, &pin, None).await.refused(403, "admins_only");
    app.as_("bob").call(Method::PUT, &pin, None).await.expect(200);
    app.as_("carol").call(Method::DELETE, &pin, None).await.refused(403, "admins_only");
    let message = format!("{}/messages/0", at(chat));
    app.as_("carol").patch(&message, json!({"text": "other"})).await.expect(200);
    app.as_("carol").call(Method::PUT, &format!("{message}/reactions/👍"), None).await.expect(200);
    set(&app, chat, json!({"posting": "all"})).await;
    says(&app, "carol", chat, "after").await.expect(201);
}

#[tokio::test]
async fn in_an_archived_chat_nothing_is_said_and_the_rest_goes_on() {
    let (app, chat) = begin().await;
    for (name, client_id) in [("carol", "a"), ("carol", "b"), ("alice", "c")] {
        says(&app, name, chat, client_id).await.expect(201);
    }
    let message = format!("{}/messages/0", at(chat));
    let reaction = format!("{message}/reactions/👍");
    app.as_("carol").call(Method::PUT, &reaction, None).await.expect(200);
    set(&app, chat, json!({"archived": true})).await;
    for name in ["alice", "bob", "carol"] {
        says(&app, name, chat, "new").await.refused(403, "archived");
        app.as_(name)
            .call(Method::PUT, &format!("{message}/reactions/🎉"), None)
            .await
            .refused(403, "archived");
        app.as_(name).call(Method::PUT, &format!("{message}/pin"), None).await.refused(403, "archived");
    }
    assert_eq!(says(&app, "carol", chat, "a").await.expect(201)["seq"], 0, "a repetition is answered");
    app.as_("carol").patch(&message, json!({"text": "other"})).await.refused(403, "archived");
    app.as_("carol").call(Method::DELETE, &reaction, None).await.refused(403, "archived");
    app.as_("carol").delete(&message).await.expect(200);
    app.as_("carol").put(&format!("{}/read-marker", at(chat)), json!({"seq": 2})).await.expect(200);
    app.as_("carol").patch(&format!("{}/me", at(chat)), json!({"favourite": true})).await.expect(200);
    app.as_("bob").post(&format!("{}/members", at(chat)), json!({"user": app.id("dave")})).await.expect(201);
    app.as_("bob").patch(&at(chat), json!({"name": "Cellar", "topic": "Bread"})).await.expect(200);
    app.as_("carol").delete(&format!("{}/members/{}", at(chat), app.id("carol"))).await.expect(204);
    set(&app, chat, json!({"archived": false})).await;
    says(&app, "alice", chat, "new").await.expect(201);
}

#[tokio::test]
async fn archived_chats_are_a_list_of_their_own() {
    let (app, chat) = begin().await;
    let other = app.group("alice", &["carol"]).await;
    let listed = async |path: &str| {
        let chats = app.as_("carol").all(path, 1).await;
        chats.into_iter().map(|chat| chat["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    set(&app, chat, json!({"archived": true})).await;
    assert_eq!(listed("/v1/chats").await, [other.to_string()]);
    assert_eq!(listed("/v1/chats?archived=true").await, [chat.to_string()]);
    assert_eq!(listed("/v1/chats?archived=false").await, [other.to_string()]);
    assert_eq!(app.as_("carol").get(&at(chat)).await.expect(200)["archived"], true);
    app.as_("carol").get("/v1/chats?archived=perhaps").await.refused(400, "invalid_parameter");
    app.as_("alice").patch(&at(other), json!({"archived": true})).await.expect(200);
    let first = app.as_("carol").get("/v1/chats?archived=true&limit=1").await.expect(200);
    let next = first["next"].as_str().expect("there are two");
    app.as_("carol").get(&format!("/v1/chats?limit=1&cursor={next}")).await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn slow_mode_lets_one_person_wait_and_nobody_else() {
    let (app, chat) = begin().await;
    set(&app, chat, json!({"slow_s": 30})).await;
    says(&app, "carol", chat, "a").await.expect(201);
    let refused = says(&app, "carol", chat, "b").await;
    assert_eq!(retry_after(&refused), Some("30"));
    assert_eq!(
        refused.refused(429, "slow_mode").retry_after_s,
        Some(30),
        "for sockets, which have no headers"
    );
    for client_id in ["c", "d"] {
        says(&app, "alice", chat, client_id).await.expect(201);
        says(&app, "bob", chat, client_id).await.expect(201);
    }
    assert_eq!(says(&app, "carol", chat, "a").await.expect(201)["seq"], 0, "a repetition takes no turn");
    app.clock.advance(29);
    let refused = says(&app, "carol", chat, "b").await;
    assert_eq!(retry_after(&refused), Some("1"));
    app.clock.advance(1);
    says(&app, "carol", chat, "b").await.expect(201);
    assert_eq!(says(&app, "carol", chat, "a").await.expect(201)["seq"], 0);
    says(&app, "carol", chat, "e").await.refused(429, "slow_mode");
    set(&app, chat, json!({"slow_s": 0})).await;
    says(&app, "carol", chat, "e").await.expect(201);
    let open = app.open_chat("bob", &["carol"]).await;
    says(&app, "carol", open, "a").await.expect(201);
}

#[tokio::test]
async fn an_open_chat_shows_what_it_is_about_to_whoever_looks() {
    let app = TestApp::start().await;
    let open = app.open_chat("alice", &[]).await;
    app.as_("alice").patch(&at(open), json!({"topic": "Bread"})).await.expect(200);
    let found = app.as_("bob").get("/v1/open-chats").await.expect(200);
    assert_eq!(found["items"][0]["topic"], "Bread");
    app.as_("alice").patch(&at(open), json!({"archived": true})).await.expect(200);
    for name in ["alice", "bob"] {
        let found = app.as_(name).get("/v1/open-chats").await.expect(200);
        assert_eq!(found["items"], json!([]), "nobody is led to join what is archived");
    }
}
