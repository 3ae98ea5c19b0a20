//! Forwarded messages over HTTP.

use petit_domain::ChatId;
use petit_testkit::{Answer, TestApp};
use serde_json::{Value, json};

/// alice, bob and carol in one chat; alice and bob in another one, in which alice said something.
async fn world() -> (TestApp, ChatId, ChatId) {
    let app = TestApp::start().await;
    let (chat, source) = (app.group("alice", &["bob", "carol"]).await, app.group("alice", &["bob"]).await);
    app.as_("alice").say(source, "the tide").await;
    (app, chat, source)
}

async fn send(app: &TestApp, name: &str, chat: ChatId, body: Value) -> Answer {
    app.as_(name).post(&format!("/v1/chats/{chat}/messages"), body).await
}

async fn forward(app: &TestApp, name: &str, chat: ChatId, source: ChatId, seq: i64) -> Value {
    let body = json!({"client_id": format!("{name}-{}-{seq}", &source.to_string()[30..]), "forward": {"chat": source, "seq": seq}});
    send(app, name, chat, body).await.expect(201)
}

async fn seen(app: &TestApp, name: &str, chat: ChatId, seq: i64) -> Value {
    let one = app.as_(name).get(&format!("/v1/chats/{chat}/messages/{seq}")).await.expect(200);
    let page = app.as_(name).get(&format!("/v1/chats/{chat}/messages")).await.expect(200);
    let listed = page["items"].as_array().expect("items").iter().find(|message| message["seq"] == seq);
    assert_eq!(listed, Some(&one), "in a page and by itself alike");
    one
}

#[tokio::test]
async fn a_copy_says_where_it_was_to_those_who_may_see_it_there() {
    let (app, chat, source) = world().await;
    let sent = forward(&app, "bob", chat, source, 0).await;
    let copy = &sent["forwarded"];
    assert_eq!((&sent["text"], &sent["author"]), (&json!(""), &json!(app.id("bob"))));
    assert_eq!((&copy["author"], &copy["text"]), (&json!(app.id("alice")), &json!("the tide")));
    assert_eq!((&copy["chat"], &copy["seq"], copy.get("hidden")), (&json!(source), &json!(0), None));
    assert_eq!(seen(&app, "alice", chat, 0).await["forwarded"], *copy);
    let outside = seen(&app, "carol", chat, 0).await;
    let hidden = json!({"author": copy["author"], "at": copy["at"], "text": "the tide", "hidden": true});
    assert_eq!(outside["forwarded"], hidden);
    let member = json!({"user": app.id("carol")});
    app.as_("alice").post(&format!("/v1/chats/{source}/members"), member).await.expect(201);
    assert_eq!(seen(&app, "carol", chat, 0).await["forwarded"], *copy, "once she may see it");
}

#[tokio::test]
async fn a_copy_outlives_what_it_was_made_of() {
    let (app, chat, source) = world().await;
    let path = format!("/v1/chats/{source}/messages/0");
    forward(&app, "bob", chat, source, 0).await;
    app.as_("alice").patch(&path, json!({"text": "the ebb"})).await.expect(200);
    let copy = seen(&app, "bob", chat, 0).await["forwarded"].clone();
    assert_eq!((&copy["text"], &copy["seq"]), (&json!("the tide"), &json!(0)));
    app.as_("alice").delete(&path).await.expect(200);
    let copy = seen(&app, "bob", chat, 0).await["forwarded"].clone();
    assert_eq!((&copy["text"], &copy["hidden"], copy.get("chat")), (&json!("the tide"), &json!(true), None));
}

#[tokio::test]
async fn who_left_the_chat_sees_the_copy_without_its_place() {
    let (app, chat, source) = world().await;
    forward(&app, "bob", chat, source, 0).await;
    let member = format!("/v1/chats/{source}/members/{}", app.id("bob"));
    app.as_("bob").delete(&member).await.expect(204);
    assert_eq!(seen(&app, "bob", chat, 0).await["forwarded"]["hidden"], true);
    assert_eq!(seen(&app, "alice", chat, 0).await["forwarded"]["seq"], 0);
}

#[tokio::test]
async fn what_forwards_is_forwarded_as_what_it_forwards() {
    let (app, chat, source) = world().await;
    let other = app.group("carol", &["alice"]).await;
    forward(&app, "bob", chat, source, 0).await;
    let again = forward(&app, "carol", other, chat, 0).await["forwarded"].clone();
    assert_eq!((&again["author"], &again["text"]), (&json!(app.id("alice")), &json!("the tide")));
    assert_eq!(again["hidden"], true, "she is not where it was, and may forward it all the same");
    let place = seen(&app, "alice", other, 0).await["forwarded"].clone();
    assert_eq!((&place["chat"], &place["seq"]), (&json!(source), &json!(0)));
}

#[tokio::test]
async fn what_one_may_not_see_is_not_forwarded_and_not_told_from_what_is_not_there() {
    let (app, chat, source) = world().await;
    app.as_("alice").say(source, "gone").await;
    app.as_("alice").delete(&format!("/v1/chats/{source}/messages/1")).await.expect(200);
    let none = ChatId::from_uuid(app.id("alice").uuid());
    let ask = async |name: &str, chat_of: ChatId, seq: i64| {
        send(&app, name, chat, json!({"client_id": "x", "forward": {"chat": chat_of, "seq": seq}})).await
    };
    let (hidden, missing) = (ask("carol", source, 0).await, ask("carol", none, 0).await);
    assert_eq!(hidden.body, missing.body);
    hidden.refused(422, "unknown_source");
    for seq in [1, 9, -1] {
        ask("bob", source, seq).await.refused(422, "unknown_source");
    }
    app.as_("alice").patch(&format!("/v1/chats/{source}"), json!({"name": "Cellar"})).await.expect(200);
    ask("bob", source, 2).await.refused(409, "not_a_text");
    send(&app, "mallory", chat, json!({"client_id": "x", "forward": {"chat": source, "seq": 0}}))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn a_repeat_answers_the_first_one_whatever_became_of_the_source() {
    let (app, chat, source) = world().await;
    let first = forward(&app, "bob", chat, source, 0).await;
    assert_eq!(forward(&app, "bob", chat, source, 0).await, first);
    app.as_("alice").delete(&format!("/v1/chats/{source}/messages/0")).await.expect(200);
    let again = forward(&app, "bob", chat, source, 0).await;
    assert_eq!((&again["seq"], &again["forwarded"]["text"]), (&first["seq"], &json!("the tide")));
    let page = app.as_("bob").get(&format!("/v1/chats/{chat}/messages")).await.expect(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn words_beside_it_are_optional_and_nothing_at_all_is_refused() {
    let (app, chat, source) = world().await;
    send(&app, "bob", chat, json!({"client_id": "none"})).await.refused(422, "invalid_body");
    let place = json!({"chat": source, "seq": 0});
    let body = json!({"client_id": "held", "hold_s": 5, "forward": place});
    send(&app, "bob", chat, body).await.refused(422, "forward_not_held");
    let body = json!({"client_id": "empty", "text": "", "forward": place});
    send(&app, "bob", chat, body).await.refused(422, "text_empty");
    let body = json!({"client_id": "words", "text": "look", "forward": place});
    let sent = send(&app, "bob", chat, body).await.expect(201);
    assert_eq!((&sent["text"], &sent["forwarded"]["text"]), (&json!("look"), &json!("the tide")));
    let path = format!("/v1/chats/{chat}/messages/0");
    let edited = app.as_("bob").patch(&path, json!({"text": "look there"})).await.expect(200);
    assert_eq!(edited["forwarded"], sent["forwarded"], "an edit is of the words");
}

#[tokio::test]
async fn who_is_named_in_what_is_forwarded_is_not_mentioned_again() {
    let (app, chat, source) = world().await;
    app.as_("alice").say(source, "@bob and @carol").await;
    let bare = forward(&app, "alice", chat, source, 1).await;
    assert_eq!(bare.get("mentions"), None);
    let body = json!({"client_id": "words", "text": "@carol look", "forward": {"chat": source, "seq": 1}});
    let words = send(&app, "alice", chat, body).await.expect(201);
    assert_eq!(words["mentions"], json!([app.id("carol")]));
}

/// Nothing that a reader outside gets holds the chat's id, but for the text itself, which names none.
#[tokio::test]
async fn no_answer_tells_a_reader_outside_where_it_was() {
    let (app, chat, source) = world().await;
    app.settle().await;
    let so_far = app.bus.len();
    forward(&app, "bob", chat, source, 0).await;
    let (carol, at) = (app.as_("carol"), format!("/v1/chats/{chat}"));
    let mut told = Vec::new();
    for part in ["", "/messages", "/messages/0", "/messages?after=-1", "/changes?after=-1"] {
        told.push(carol.get(&format!("{at}{part}")).await.expect(200));
    }
    for method in [http::Method::PUT, http::Method::DELETE] {
        for what in ["pin", "reactions/%F0%9F%91%8D", "saved"] {
            let path = format!("{at}/messages/0/{what}");
            told.push(carol.call(method.clone(), &path, None).await.body);
            told.push(carol.get("/v1/me/saved").await.expect(200));
            told.push(carol.get(&format!("{at}/pins")).await.expect(200));
        }
    }
    app.as_("bob").patch(&format!("{at}/messages/0"), json!({"text": "@carol look"})).await.expect(200);
    app.settle().await;
    for list in ["/v1/chats", "/v1/me/mentions"] {
        told.push(carol.get(list).await.expect(200));
    }
    told.push(carol.get(&format!("{at}/changes?after=-1")).await.expect(200));
    for answer in &told {
        assert!(!answer.to_string().contains(&source.to_string()), "{answer}");
    }
    assert!(told.iter().any(|answer| answer.to_string().contains("the tide")), "the premise");
    let events = app.bus.heard_by(app.id("carol"), [chat].into(), &[], so_far);
    assert!(events.len() > 3, "the premise: {events:?}");
    for event in events {
        let told = serde_json::to_string(&event).expect("encodes");
        assert!(!told.contains(&source.to_string()), "{told}");
    }
}
