//! Mentions: decided at send, derived from the log, shown and counted; nothing lost or doubled by a crash.

use std::{sync::Arc, time::Duration};

use http::Method;
use petit_app::{
    follow::{self, Following, Settings},
    mentions::Mentions,
};
use petit_domain::{ChatId, Event, Head};
use petit_testkit::{TestApp, eventually};
use serde_json::{Value, json};

use crate::cassandra;

fn follow(app: &TestApp, tick: Duration) -> Following {
    let settings = Settings { tick, look_pause: Duration::ZERO, ..Settings::default() };
    follow::start(app.app.clone(), vec![Arc::new(Mentions)], settings)
}

/// A follower that writes its positions at once.
fn quick(app: &TestApp) -> Following {
    follow(app, Duration::from_millis(5))
}

async fn position(app: &TestApp, chat: ChatId) -> Head {
    app.store().followers.positions("mentions", &[chat]).await.expect("reads")[0]
}

async fn caught_up(app: &TestApp, chat: ChatId) {
    let head = app.store().log.head(chat).await.expect("reads").expect("is there");
    eventually("mentions are derived", async || position(app, chat).await == head).await;
}

/// Whom a message mentions, by username, as its sender is answered.
async fn says(app: &TestApp, name: &str, chat: ChatId, text: &str) -> Vec<String> {
    let client_id = app.app.random().next_u64().to_string();
    let body = json!({"text": text, "client_id": client_id});
    let answer = app.as_(name).post(&format!("/v1/chats/{chat}/messages"), body).await.expect(201);
    assert_eq!(answer["text"], text, "what was typed is kept");
    called(app, &answer)
}

fn called(app: &TestApp, message: &Value) -> Vec<String> {
    let names = ["alice", "bob", "carol", "mallory"];
    let name = |id: &Value| match names.iter().find(|name| *id == json!(app.id(name))) {
        Some(name) => (*name).to_owned(),
        None => id.as_str().expect("a text").to_owned(),
    };
    message["mentions"].as_array().map(|ids| ids.iter().map(name).collect()).unwrap_or_default()
}

async fn listed(app: &TestApp, name: &str) -> Vec<String> {
    let items = app.as_(name).all("/v1/me/mentions", 2).await;
    items.iter().map(|item| item["message"]["text"].as_str().expect("a text").to_owned()).collect()
}

async fn counted(app: &TestApp, name: &str, chat: ChatId) -> i64 {
    let chats = app.as_(name).all("/v1/chats", 100).await;
    let row = chats.iter().find(|row| row["id"] == json!(chat)).expect("the chat is listed");
    let alone = app.as_(name).get(&format!("/v1/chats/{chat}")).await.expect(200);
    assert_eq!(row["mentions"], alone["mentions"], "the list and the chat say the same");
    row["mentions"].as_i64().expect("a number")
}

#[tokio::test]
async fn members_are_mentioned_whatever_the_case_and_nobody_else() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    assert_eq!(says(&app, "alice", chat, "@Bob and @CAROL, @bob again").await, ["bob", "carol"]);
    assert_eq!(says(&app, "alice", chat, "@all: lunch").await, ["all"]);
    for none in
        ["no sign", "@alice is me", "@mallory is no member", "@nobody", "`@bob`", "a@bob", "@bob_", "@bobby"]
    {
        assert_eq!(says(&app, "alice", chat, none).await, [""; 0], "{none}");
    }
    let answer = app.as_("bob").get(&format!("/v1/chats/{chat}/messages?limit=1")).await.expect(200);
    assert!(answer["items"][0].get("mentions").is_none(), "a message that mentions nobody has no such field");
}

#[tokio::test]
async fn a_text_without_the_sign_costs_nothing_and_names_are_remembered() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("bob").say(chat, "warm").await;
    says(&app, "alice", chat, "@bob warm").await;
    app.spy.take_calls();
    says(&app, "alice", chat, "plain").await;
    let plain = app.spy.take_calls();
    says(&app, "alice", chat, "@bob").await;
    assert_eq!(app.spy.take_calls(), plain, "one write, with or without a name");
    assert_eq!(plain.len(), 1, "{plain:?}");
}

#[tokio::test]
async fn a_listed_mention_says_which_of_its_reactions_are_ones_own() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol", "mallory"]).await;
    let following = quick(&app);
    says(&app, "alice", chat, "@bob look").await;
    caught_up(&app, chat).await;
    let path = format!("/v1/chats/{chat}/messages/0/reactions/%F0%9F%91%8D");
    for name in ["alice", "carol", "mallory", "bob"] {
        app.as_(name).call(Method::PUT, &path, None).await.expect(200);
    }
    app.settle().await;
    let item = app.as_("bob").get("/v1/me/mentions").await.expect(200)["items"][0].clone();
    let shown = &item["message"]["reactions"][0];
    assert_eq!(
        (&shown["count"], &shown["mine"]),
        (&json!(4), &json!(true)),
        "though the sample names others"
    );
    following.stop().await;
}

#[tokio::test]
async fn mentions_are_listed_newest_first_and_counted_until_they_are_read() {
    let app = TestApp::start().await;
    let (chat, other) = (app.group("alice", &["bob", "carol"]).await, app.group("carol", &["bob"]).await);
    let following = quick(&app);
    says(&app, "alice", chat, "@bob one").await;
    says(&app, "alice", chat, "plain").await;
    says(&app, "carol", other, "@bob two").await;
    says(&app, "alice", chat, "@all three").await;
    caught_up(&app, chat).await;
    caught_up(&app, other).await;
    assert_eq!(listed(&app, "bob").await, ["@all three", "@bob two", "@bob one"]);
    assert_eq!(listed(&app, "carol").await, ["@all three"]);
    assert_eq!(listed(&app, "alice").await, [""; 0], "nobody is mentioned by themselves");
    assert_eq!((counted(&app, "bob", chat).await, counted(&app, "bob", other).await), (2, 1));
    let before = app.bus.len();
    let path = format!("/v1/chats/{chat}/read-marker");
    let marker = app.as_("bob").put(&path, json!({"seq": 1})).await.expect(200);
    assert_eq!((&marker["unread"], &marker["mentions"]), (&json!(1), &json!(1)));
    let moved = app.bus.heard_by(app.id("bob"), Vec::new(), &[], before);
    assert!(matches!(moved[..], [Event::ReadMarkerMoved { seq: 1, mentions: 1, .. }]), "{moved:?}");
    app.as_("bob").put(&path, json!({"seq": 2})).await.expect(200);
    assert_eq!((counted(&app, "bob", chat).await, counted(&app, "bob", other).await), (0, 1));
    assert_eq!(listed(&app, "bob").await.len(), 3, "read ones stay in the list");
    following.stop().await;
}

#[tokio::test]
async fn one_look_counts_for_a_whole_list() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        let chat = app.group("alice", &["bob"]).await;
        says(&app, "alice", chat, "hello").await;
    }
    app.spy.take_calls();
    app.as_("bob").get("/v1/chats").await.expect(200);
    let looks = app.spy.take_calls().into_iter().filter(|call| *call == "mentions.count").count();
    assert_eq!(looks, 1);
}

#[tokio::test]
async fn edits_add_and_take_out_and_deletion_takes_all_out() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    let following = quick(&app);
    says(&app, "alice", chat, "@bob").await;
    let message = format!("/v1/chats/{chat}/messages/0");
    let edited = app.as_("alice").patch(&message, json!({"text": "@carol now"})).await.expect(200);
    assert_eq!(called(&app, &edited), ["carol"]);
    caught_up(&app, chat).await;
    assert_eq!(
        (listed(&app, "bob").await.len(), listed(&app, "carol").await),
        (0, vec!["@carol now".to_owned()])
    );
    assert_eq!((counted(&app, "bob", chat).await, counted(&app, "carol", chat).await), (0, 1));
    app.as_("alice").delete(&message).await.expect(200);
    caught_up(&app, chat).await;
    assert_eq!((listed(&app, "carol").await.len(), counted(&app, "carol", chat).await), (0, 0));
    following.stop().await;
}

#[tokio::test]
async fn what_one_may_not_read_is_not_listed() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    let following = quick(&app);
    says(&app, "alice", chat, "@bob, @all").await;
    let member = format!("/v1/chats/{chat}/members/{}", app.id("bob"));
    app.as_("alice").delete(&member).await.expect(204);
    caught_up(&app, chat).await;
    assert_eq!(listed(&app, "bob").await, [""; 0]);
    let body = json!({"user": app.id("mallory")});
    app.as_("alice").post(&format!("/v1/chats/{chat}/members"), body).await.expect(201);
    app.as_("alice")
        .patch(&format!("/v1/chats/{chat}/messages/0"), json!({"text": "@all"}))
        .await
        .expect(200);
    caught_up(&app, chat).await;
    assert_eq!(listed(&app, "mallory").await, [""; 0], "who came later was not meant");
    assert_eq!(listed(&app, "carol").await, ["@all"]);
    following.stop().await;
}

/// The worker dies at every point between a commit and the end of what follows from it.
#[tokio::test]
async fn no_crash_loses_or_doubles_a_mention() {
    mentioned_once(TestApp::start().await).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_no_crash_loses_or_doubles_a_mention() {
    mentioned_once(cassandra::begin().await.start().await).await;
}

async fn mentioned_once(app: TestApp) {
    let chat = app.group("alice", &["bob"]).await;
    let mut expected = Vec::new();
    for calls in 64..84 {
        let text = format!("@bob {calls}");
        says(&app, "alice", chat, &text).await;
        expected.insert(0, text);
        // A worker asks for its 64 shards first. Then the store is lost: before the effect, after it, or later.
        app.clock.advance(31);
        app.spy.fail_after(calls);
        let doomed = follow(&app, Duration::from_millis(5));
        let head = app.store().log.head(chat).await.expect("reads").expect("is there");
        for _ in 0..1_000 {
            if app.spy.is_lost() || position(&app, chat).await == head {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        doomed.crash();
        app.spy.heal();
    }
    app.clock.advance(31);
    let following = quick(&app);
    caught_up(&app, chat).await;
    assert_eq!(listed(&app, "bob").await, expected);
    assert_eq!(counted(&app, "bob", chat).await, expected.len() as i64);
    following.stop().await;
}
