use petit_domain::ChatId;
use petit_testkit::TestApp;
use serde_json::{Value, json};

async fn numbers(app: &TestApp, chat: ChatId, query: &str) -> Vec<i64> {
    let page = app.as_("alice").get(&format!("/v1/chats/{chat}/messages?{query}")).await.expect(200);
    let items = page["items"].as_array().expect("items");
    items.iter().map(|message| message["seq"].as_i64().expect("a number")).collect()
}

async fn chat_of(app: &TestApp, messages: usize) -> ChatId {
    let chat = app.group("alice", &["bob"]).await;
    for n in 0..messages {
        app.as_("alice").say(chat, &format!("message {n}")).await;
    }
    chat
}

#[tokio::test]
async fn a_message_has_everything_that_was_promised() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let path = format!("/v1/chats/{chat}/messages");
    let first = app.as_("alice").post(&path, json!({"text": " *Hi* ", "client_id": "a"})).await.expect(201);
    let reply =
        app.as_("bob").post(&path, json!({"text": "Yo", "client_id": "a", "reply_to": 0})).await.expect(201);
    assert_eq!(
        (&first["seq"], &first["text"], &first["kind"]),
        (&json!(0), &json!(" *Hi* "), &json!("text"))
    );
    assert_eq!(
        (&first["chat"], &first["author"], &first["client_id"]),
        (&json!(chat), &json!(app.id("alice")), &json!("a"))
    );
    assert_eq!(
        (&first["edited_at"], &first["deleted"], &first["reply_to"]),
        (&Value::Null, &json!(false), &Value::Null)
    );
    assert_eq!((&reply["seq"], &reply["reply_to"]), (&json!(1), &json!(0)));
    assert!(reply["created_at"].as_str() > first["created_at"].as_str());
    assert!(reply["id"].as_str() > first["id"].as_str(), "ids sort as numbers do");
    assert_eq!(app.as_("bob").get(&format!("{path}/0")).await.expect(200), first);
}

#[tokio::test]
async fn a_repeat_answers_the_first_message_and_writes_nothing() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let path = format!("/v1/chats/{chat}/messages");
    let first = app.as_("alice").post(&path, json!({"text": "one", "client_id": "a"})).await.expect(201);
    let again = app.as_("alice").post(&path, json!({"text": "two", "client_id": "a"})).await.expect(201);
    assert_eq!(again, first);
    let bobs = app.as_("bob").post(&path, json!({"text": "three", "client_id": "a"})).await.expect(201);
    assert_eq!(bobs["seq"], 1, "client ids are the author's own");
}

#[tokio::test]
async fn nobody_answers_a_message_that_is_not_there() {
    let app = TestApp::start().await;
    let chat = chat_of(&app, 1).await;
    for reply_to in [1, -1, i64::MAX] {
        let body = json!({"text": "a", "client_id": "b", "reply_to": reply_to});
        let answer = app.as_("alice").post(&format!("/v1/chats/{chat}/messages"), body).await;
        assert_eq!(answer.refused(422, "unknown_reply").field.as_deref(), Some("/reply_to"));
    }
}

#[tokio::test]
async fn pages_hold_the_numbers_that_were_asked_for() {
    let app = TestApp::start().await;
    let chat = chat_of(&app, 10).await;
    let cases: [(&str, &[i64]); 12] = [
        ("limit=3", &[7, 8, 9]),
        ("before=5&limit=3", &[2, 3, 4]),
        ("before=0", &[]),
        ("before=100&limit=2", &[8, 9]),
        ("before=-5", &[]),
        ("after=5&limit=3", &[6, 7, 8]),
        ("after=-1&limit=2", &[0, 1]),
        ("after=-9&limit=2", &[0, 1]),
        ("after=9", &[]),
        ("after=9223372036854775807", &[]),
        ("before=-9223372036854775808", &[]),
        ("around=0&limit=3", &[0, 1, 2]),
    ];
    for (query, expected) in cases {
        assert_eq!(numbers(&app, chat, query).await, expected, "{query}");
    }
    let around = numbers(&app, chat, "around=5&limit=5").await;
    assert!(around.contains(&5) && around.len() == 5, "{around:?}");
    for far in ["around=9223372036854775807", "around=-9223372036854775808"] {
        numbers(&app, chat, far).await;
    }
}

#[tokio::test]
async fn pages_go_on_in_their_direction_to_the_end() {
    let app = TestApp::start().await;
    let chat = chat_of(&app, 6).await;
    let seqs =
        |items: Vec<Value>| -> Vec<i64> { items.iter().filter_map(|item| item["seq"].as_i64()).collect() };
    let alice = app.as_("alice");
    let path = format!("/v1/chats/{chat}/messages");
    assert_eq!(seqs(alice.all(&path, 2).await), [4, 5, 2, 3, 0, 1]);
    let page = alice.get(&format!("{path}?after=-1&limit=3")).await.expect(200);
    let onward = format!("{path}?limit=3&cursor={}", page["next"].as_str().expect("more"));
    let last = alice.get(&onward).await.expect(200);
    assert_eq!(seqs(last["items"].as_array().expect("items").clone()), [3, 4, 5]);
    assert!(last["next"].is_null(), "there is nothing after the newest");
}

#[tokio::test]
async fn two_places_at_once_are_refused() {
    let app = TestApp::start().await;
    let chat = chat_of(&app, 3).await;
    for query in [
        "before=1&after=1",
        "before=1&around=1",
        "after=1&around=1",
        "before=a",
        "after=",
        "around=1.5",
        "before=1&before=2",
    ] {
        let answer = app.as_("alice").get(&format!("/v1/chats/{chat}/messages?{query}")).await;
        answer.refused(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn an_edit_keeps_the_earlier_texts() {
    let app = TestApp::start().await;
    let chat = chat_of(&app, 1).await;
    let path = format!("/v1/chats/{chat}/messages/0");
    for text in ["second", "second", "third"] {
        let edited = app.as_("alice").patch(&path, json!({"text": text})).await.expect(200);
        assert_eq!(edited["text"], text);
        assert!(edited["edited_at"].is_string());
    }
    let history = app.as_("bob").get(&format!("{path}/history")).await.expect(200);
    let texts: Vec<_> =
        history["items"].as_array().expect("items").iter().map(|edition| &edition["text"]).collect();
    assert_eq!(texts, ["second", "message 0"], "the same text again is no edit");
    assert_eq!(app.as_("alice").get(&path).await.expect(200)["cseq"], 1);
}

#[tokio::test]
async fn a_deleted_message_is_an_empty_stub_without_history() {
    let app = TestApp::start().await;
    let chat = chat_of(&app, 2).await;
    let path = format!("/v1/chats/{chat}/messages/0");
    app.as_("alice").patch(&path, json!({"text": "second"})).await.expect(200);
    for _ in 0..2 {
        let stub = app.as_("alice").delete(&path).await.expect(200);
        assert_eq!((&stub["deleted"], &stub["text"], &stub["seq"]), (&json!(true), &json!(""), &json!(0)));
    }
    let history = app.as_("alice").get(&format!("{path}/history")).await.expect(200);
    assert_eq!(history["items"], json!([]));
    app.as_("alice").patch(&path, json!({"text": "back"})).await.refused(409, "message_deleted");
    assert_eq!(numbers(&app, chat, "").await, [0, 1], "its number stays");
}

#[tokio::test]
async fn only_authors_edit_and_only_admins_delete_what_others_wrote() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("bob").say(chat, "mine").await;
    app.as_("alice").say(chat, "hers").await;
    let path = |seq: i64| format!("/v1/chats/{chat}/messages/{seq}");
    app.as_("alice").patch(&path(0), json!({"text": "a"})).await.refused(403, "forbidden");
    app.as_("bob").delete(&path(1)).await.refused(403, "forbidden");
    app.as_("alice").delete(&path(0)).await.expect(200);
    let direct = app.direct("alice", "bob").await;
    app.as_("bob").say(direct, "private").await;
    let answer = app.as_("alice").delete(&format!("/v1/chats/{direct}/messages/0")).await;
    answer.refused(403, "forbidden");
}

#[tokio::test]
async fn what_the_timeline_says_itself_is_nobodys_to_change() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &[]).await;
    app.as_("alice").patch(&format!("/v1/chats/{chat}"), json!({"name": "Cellar"})).await.expect(200);
    let path = format!("/v1/chats/{chat}/messages/0");
    app.as_("alice").patch(&path, json!({"text": "a"})).await.refused(409, "not_a_text");
    app.as_("alice").delete(&path).await.refused(409, "not_a_text");
}

#[tokio::test]
async fn changes_are_one_event_for_each_number_and_tell_how_things_are_now() {
    let app = TestApp::start().await;
    let chat = chat_of(&app, 2).await;
    let alice = app.as_("alice");
    let path = format!("/v1/chats/{chat}");
    alice.patch(&format!("{path}/messages/0"), json!({"text": "b"})).await.expect(200);
    alice.patch(&format!("{path}/messages/0"), json!({"text": "c"})).await.expect(200);
    alice.delete(&format!("{path}/messages/1")).await.expect(200);
    alice.post(&format!("{path}/members"), json!({"user": app.id("carol")})).await.expect(201);
    alice.delete(&format!("{path}/members/{}", app.id("bob"))).await.expect(204);
    alice.patch(&path, json!({"name": "Cellar"})).await.expect(200);
    let all = alice.get(&format!("{path}/changes?after=-1")).await.expect(200);
    let events = all["events"].as_array().expect("events");
    let told: Vec<_> = events.iter().map(|event| (&event["type"], &event["cseq"], &event["n"])).collect();
    let kinds = [
        "message_edited",
        "message_edited",
        "message_deleted",
        "member_changed",
        "member_removed",
        "chat_renamed",
    ];
    assert_eq!(told.len(), kinds.len());
    for (number, (kind, told)) in kinds.iter().zip(told).enumerate() {
        assert_eq!(told, (&json!(kind), &json!(number), &json!("cseq")));
    }
    assert_eq!((&events[0]["message"]["text"], &events[1]["message"]["text"]), (&json!("c"), &json!("c")));
    assert_eq!((&events[4]["user"], &events[5]["name"]), (&json!(app.id("bob")), &json!("Cellar")));
    assert!(events[3..=4].iter().all(|event| event["member_count"] == 2));
    assert_eq!((&all["up_to_cseq"], &all["head_cseq"]), (&json!(5), &json!(5)));
    let some = alice.get(&format!("{path}/changes?after=0&limit=1")).await.expect(200);
    assert_eq!((&some["up_to_cseq"], &some["head_cseq"]), (&json!(1), &json!(5)));
    let none = alice.get(&format!("{path}/changes?after=99")).await.expect(200);
    assert_eq!((&none["up_to_cseq"], &none["events"]), (&json!(5), &json!([])));
    alice.get(&format!("{path}/changes")).await.refused(400, "invalid_parameter");
}

#[tokio::test]
async fn typing_reaches_the_chat_and_is_not_stored() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let before = app.bus.len();
    app.as_("bob").call(http::Method::POST, &format!("/v1/chats/{chat}/typing"), None).await.expect(204);
    let published = app.bus.published(before);
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].0, petit_ports::Subject::Chat(chat));
    assert_eq!(numbers(&app, chat, "").await, [0; 0]);
}
