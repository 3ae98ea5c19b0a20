//! Reactions over HTTP.

use http::Method;
use petit_domain::ChatId;
use petit_testkit::TestApp;
use serde_json::{Value, json};

const THUMB: &str = "%F0%9F%91%8D";

fn at(chat: ChatId, seq: i64, emoji: &str) -> String {
    format!("/v1/chats/{chat}/messages/{seq}/reactions/{emoji}")
}

async fn said() -> (TestApp, ChatId) {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    app.as_("alice").say(chat, "hello").await;
    (app, chat)
}

async fn put(app: &TestApp, name: &str, path: &str) -> Value {
    let answer = app.as_(name).call(Method::PUT, path, None).await.expect(200);
    app.settle().await;
    answer
}

/// Emoji, count and whose.
fn shown(message: &Value) -> Vec<(String, i64, bool)> {
    let reactions = message["reactions"].as_array().cloned().unwrap_or_default();
    let one = |one: &Value| {
        let mine = one["mine"].as_bool().expect("answers to a person say it");
        (one["emoji"].as_str().expect("a text").to_owned(), one["count"].as_i64().expect("a number"), mine)
    };
    reactions.iter().map(one).collect()
}

async fn fetched(app: &TestApp, name: &str, chat: ChatId) -> Value {
    app.as_(name).get(&format!("/v1/chats/{chat}/messages/0")).await.expect(200)
}

#[tokio::test]
async fn a_message_shows_who_reacted_to_everybody_and_whose_it_is_to_each() {
    let (app, chat) = said().await;
    let path = at(chat, 0, THUMB);
    let answer = put(&app, "bob", &path).await;
    assert_eq!(shown(&answer), [("👍".to_owned(), 1, true)]);
    assert_eq!(answer["reactions"][0]["sample"], json!([app.id("bob")]));
    assert_eq!(answer["edited_at"], Value::Null);
    put(&app, "alice", &at(chat, 0, "%E2%9D%A4")).await;
    assert_eq!(
        shown(&fetched(&app, "carol", chat).await),
        [("👍".to_owned(), 1, false), ("❤".to_owned(), 1, false)]
    );
    let page = app.as_("bob").get(&format!("/v1/chats/{chat}/messages")).await.expect(200);
    assert_eq!(shown(&page["items"][0]), [("👍".to_owned(), 1, true), ("❤".to_owned(), 1, false)]);
    let row = app.as_("bob").get(&format!("/v1/chats/{chat}")).await.expect(200);
    let previewed = &row["last_message"]["reactions"][0];
    assert_eq!((&previewed["count"], previewed.get("mine")), (&json!(1), None), "the same for everybody");
}

#[tokio::test]
async fn repeating_changes_nothing_and_makes_no_event() {
    let (app, chat) = said().await;
    let path = at(chat, 0, THUMB);
    for method in [Method::PUT, Method::DELETE] {
        let first = app.as_("bob").call(method.clone(), &path, None).await.expect(200);
        app.settle().await;
        let so_far = app.bus.len();
        let again = app.as_("bob").call(method.clone(), &path, None).await.expect(200);
        app.settle().await;
        assert_eq!((app.bus.len(), shown(&again)), (so_far, shown(&first)), "{method}");
    }
    assert_eq!(fetched(&app, "bob", chat).await["reactions"], json!([]), "nobody is left");
}

#[tokio::test]
async fn tones_count_as_one_and_are_kept_for_the_list() {
    let (app, chat) = said().await;
    put(&app, "bob", &at(chat, 0, "%F0%9F%91%8D%F0%9F%8F%BD")).await;
    put(&app, "carol", &at(chat, 0, THUMB)).await;
    assert_eq!(shown(&fetched(&app, "carol", chat).await), [("👍".to_owned(), 2, true)]);
    let list = format!("/v1/chats/{chat}/messages/0/reactions");
    let first = app.as_("alice").get(&format!("{list}?emoji={THUMB}&limit=1")).await.expect(200);
    let next = first["next"].as_str().expect("there is more");
    let second =
        app.as_("alice").get(&format!("{list}?emoji={THUMB}&limit=1&cursor={next}")).await.expect(200);
    assert_eq!(second["next"], Value::Null);
    let mut items = [first["items"][0].clone(), second["items"][0].clone()];
    items.sort_by_key(|item| item.get("shown").is_none());
    assert_eq!((&items[0]["user"], &items[0]["shown"]), (&json!(app.id("bob")), &json!("👍🏽")));
    assert_eq!((&items[1]["user"], items[1].get("shown")), (&json!(app.id("carol")), None));
    let other = app.as_("alice").get(&format!("{list}?cursor={next}")).await;
    other.refused(400, "invalid_cursor");
    app.as_("bob").call(Method::DELETE, &at(chat, 0, THUMB), None).await.expect(200);
    app.settle().await;
    assert_eq!(shown(&fetched(&app, "bob", chat).await), [("👍".to_owned(), 1, false)], "without the tone");
}

#[tokio::test]
async fn what_is_no_emoji_and_a_kind_too_many_are_refused() {
    let (app, chat) = said().await;
    for no_emoji in ["a", "%F0%9F%91%8D%F0%9F%91%8D", "%3A%2B1%3A", "%20", "%FF"] {
        let answer = app.as_("bob").call(Method::PUT, &at(chat, 0, no_emoji), None).await;
        match no_emoji {
            // Not even text: no such address.
            "%FF" => drop(answer.refused(404, "not_found")),
            _ => drop(answer.refused(422, "invalid_emoji")),
        }
    }
    let list = format!("/v1/chats/{chat}/messages/0/reactions?emoji=a");
    app.as_("bob").get(&list).await.refused(422, "invalid_emoji");
    for kind in 0..20 {
        let emoji = char::from_u32(0x1F600 + kind).expect("a face");
        let encoded: String = emoji.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        app.as_("bob").call(Method::PUT, &at(chat, 0, &encoded), None).await.expect(200);
    }
    app.as_("alice").call(Method::PUT, &at(chat, 0, THUMB), None).await.refused(422, "too_many_reactions");
    app.settle().await;
    assert_eq!(shown(&fetched(&app, "bob", chat).await).len(), 20);
}

#[tokio::test]
async fn a_deleted_message_loses_its_reactions_and_gets_no_more() {
    let (app, chat) = said().await;
    let path = at(chat, 0, THUMB);
    put(&app, "bob", &path).await;
    app.as_("alice").delete(&format!("/v1/chats/{chat}/messages/0")).await.expect(200);
    assert_eq!(fetched(&app, "bob", chat).await["reactions"], json!([]));
    app.as_("bob").call(Method::PUT, &path, None).await.refused(409, "message_deleted");
    app.as_("bob").call(Method::DELETE, &path, None).await.expect(200);
    let list = format!("/v1/chats/{chat}/messages/0/reactions");
    assert_eq!(app.as_("bob").get(&list).await.expect(200)["items"], json!([]));
    assert!(app.store().reactions.list(chat, 0, None, None, 9).await.expect("reads").is_empty());
}

#[tokio::test]
async fn the_timelines_own_lines_get_none() {
    let (app, chat) = said().await;
    app.as_("alice").patch(&format!("/v1/chats/{chat}"), json!({"name": "Cellar"})).await.expect(200);
    for method in [Method::PUT, Method::DELETE] {
        app.as_("bob").call(method, &at(chat, 1, THUMB), None).await.refused(409, "not_a_text");
    }
    app.as_("bob").call(Method::PUT, &at(chat, 9, THUMB), None).await.refused(404, "not_found");
    app.settle().await;
}

#[tokio::test]
async fn an_edit_keeps_reactions_and_they_are_no_edit() {
    let (app, chat) = said().await;
    put(&app, "bob", &at(chat, 0, THUMB)).await;
    let message = format!("/v1/chats/{chat}/messages/0");
    let edited = app.as_("alice").patch(&message, json!({"text": "other"})).await.expect(200);
    assert_eq!(shown(&edited), [("👍".to_owned(), 1, false)]);
    let history = app.as_("bob").get(&format!("{message}/history")).await.expect(200);
    assert_eq!(history["items"].as_array().map(Vec::len), Some(1));
}

/// Pages cost no read for each message, and none at all where the samples tell.
#[tokio::test]
async fn whose_they_are_costs_one_read_of_a_page_at_most() {
    let app = TestApp::builder().person("dave").person("erin").start().await;
    let chat = app.group("alice", &["bob", "carol", "dave", "erin"]).await;
    for text in ["one", "two"] {
        app.as_("alice").say(chat, text).await;
    }
    for name in ["alice", "bob", "carol", "dave"] {
        for seq in [0, 1] {
            put(&app, name, &at(chat, seq, THUMB)).await;
        }
    }
    let page = format!("/v1/chats/{chat}/messages");
    for (name, reads, mine) in [("alice", 0, true), ("dave", 1, true), ("erin", 1, false)] {
        app.spy.take_calls();
        let items = app.as_(name).get(&page).await.expect(200)["items"].clone();
        assert_eq!(
            app.spy.take_calls().iter().filter(|call| **call == "reactions.own").count(),
            reads,
            "{name}"
        );
        for seq in [0, 1] {
            assert_eq!(shown(&items[seq]), [("👍".to_owned(), 4, mine)], "{name}");
        }
    }
}
