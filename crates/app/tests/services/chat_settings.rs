//! A chat's settings: what is refused because of them, by whichever process, and what nobody pays for them.

use std::sync::Arc;

use petit_app::{App, Parts, access, messages, timers};
use petit_bus_local::LocalBus;
use petit_domain::{ChangeKind, ChatId, ClientId, MessageText};
use petit_ports::{Effect, NewChange, Ruling, SystemRandom, Wish, Written};
use petit_protocol::SendMessage;
use petit_testkit::{Builder, TestApp};
use serde_json::{Value, json};

use crate::cassandra;

/// Another process on the same store, with memories of its own.
fn beside(app: &TestApp) -> Arc<App> {
    App::start(Parts {
        store: app.store().clone(),
        bus: Arc::new(LocalBus::default()),
        clock: app.clock.clone(),
        random: Arc::new(SystemRandom),
        secret: [7; 32],
    })
}

fn at(chat: ChatId) -> String {
    format!("/v1/chats/{chat}")
}

async fn set(app: &TestApp, chat: ChatId, settings: Value) {
    app.as_("alice").patch(&at(chat), settings).await.expect(200);
}

/// What becomes of bob's message in a process: its number, or why not.
async fn sent(app: &Arc<App>, chat: ChatId, of: &TestApp, client_id: &str) -> Result<i64, &'static str> {
    let by = access::member(app, chat, of.id("bob")).await.map_err(|error| error.code())?;
    let text = MessageText::try_from("hello").expect("a text");
    let client_id = ClientId::try_from(client_id).expect("an id");
    let sent = messages::send(app, &by, SendMessage::text(text, client_id, None)).await;
    sent.map(|message| message.seq).map_err(|error| error.code())
}

async fn heard_at_once(begin: impl AsyncFn() -> Builder) {
    let app = begin().await.start().await;
    let chat = app.group("alice", &["bob"]).await;
    let other = beside(&app);
    assert_eq!(sent(&other, chat, &app, "a").await, Ok(0), "which remembers the chat as it was");
    for (settings, expected) in [
        (json!({"posting": "admins"}), Err("admins_only")),
        (json!({"posting": "all"}), Ok(1)),
        (json!({"archived": true}), Err("archived")),
        (json!({"archived": false}), Ok(2)),
        (json!({"slow_s": 60}), Ok(3)),
    ] {
        set(&app, chat, settings.clone()).await;
        let client_id = format!("after {settings}").replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        assert_eq!(sent(&other, chat, &app, &client_id).await, expected, "{settings}");
    }
    let third = beside(&app);
    for process in [&app.app, &other, &third] {
        assert_eq!(sent(process, chat, &app, "too-soon").await, Err("slow_mode"));
        assert_eq!(sent(process, chat, &app, "a").await, Ok(0), "sent before");
    }
    set(&app, chat, json!({"slow_s": 0})).await;
    assert_eq!(sent(&other, chat, &app, "too-soon").await, Ok(4));
}

#[tokio::test]
async fn another_process_obeys_at_once_whatever_it_remembers() {
    heard_at_once(async || TestApp::builder()).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_another_process_obeys_at_once_whatever_it_remembers() {
    heard_at_once(async || cassandra::begin().await).await;
}

/// A version that knows nothing of settings may go past their change; and changes expire.
#[tokio::test]
async fn settings_that_members_and_name_went_past_are_found() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    assert_eq!(sent(&app.app, chat, &app, "a").await, Ok(0));
    let note = async |body: Option<&str>| {
        let effect = Effect { kind: ChangeKind::ChatChanged, body: body.map(str::to_owned) };
        let change = NewChange { effect, actor: app.id("alice"), at: app.app.now(), if_cseq: None };
        let Written::Noted(record) =
            app.store().log_writer.write(chat, Wish::Note(change)).await.expect("a store")
        else {
            panic!("it is numbered")
        };
        let applied = app.store().members.applied(chat).await.expect("reads").expect("is there");
        app.store().members.follow(chat, applied, record.cseq, &Ruling::Silent).await.expect("follows");
    };
    note(Some(r#"{"posting":"admins"}"#)).await;
    assert_eq!(sent(&app.app, chat, &app, "b").await, Err("admins_only"));
    assert_eq!(
        app.as_("bob").get(&at(chat)).await.expect(200)["posting"],
        "admins",
        "and are shown from then on"
    );
    note(None).await;
    assert_eq!(sent(&beside(&app), chat, &app, "b").await, Err("admins_only"));
    set(&app, chat, json!({"posting": "all"})).await;
    note(None).await;
    assert_eq!(
        sent(&app.app, chat, &app, "b").await,
        Ok(1),
        "a change of which nothing is known holds up nobody"
    );
}

#[tokio::test]
async fn a_message_costs_nothing_more_where_nothing_is_set_and_little_where_something_is() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    sent(&app.app, chat, &app, "a").await.expect("sent");
    app.settle().await;
    app.spy.take_calls();
    sent(&app.app, chat, &app, "b").await.expect("sent");
    assert_eq!(app.spy.take_calls(), ["log_writer.write"]);
    set(&app, chat, json!({"topic": "Bread", "posting": "admins"})).await;
    app.as_("alice").say(chat, "c").await;
    app.settle().await;
    app.spy.take_calls();
    app.as_("alice").say(chat, "d").await;
    app.settle().await;
    assert_eq!(app.spy.take_calls(), ["log_writer.write"], "an admin's");
}

#[tokio::test]
async fn a_scheduled_message_obeys_when_it_is_due() {
    let app = TestApp::start().await;
    for (settings, reason) in
        [(json!({"posting": "admins"}), "admins_only"), (json!({"archived": true}), "archived")]
    {
        let chat = app.group("alice", &["bob"]).await;
        let send_at = app.app.now().plus_seconds(3_600);
        let body = json!({"text": "later", "client_id": "later", "send_at": send_at});
        let kept = app.as_("bob").post(&format!("{}/scheduled", at(chat)), body).await.expect(201);
        set(&app, chat, settings).await;
        app.clock.advance(3_700);
        timers::sweep(&app.app).await.expect("it sweeps");
        let waiting = app.as_("bob").all("/v1/scheduled", 10).await;
        let found = waiting.iter().find(|one| one["id"] == kept["id"]).expect("it is kept with its words");
        assert_eq!(
            (&found["state"], &found["reason"], &found["text"]),
            (&json!("failed"), &json!(reason), &json!("later"))
        );
        assert!(app.as_("bob").all(&format!("{}/messages", at(chat)), 10).await.is_empty());
    }
}

#[tokio::test]
async fn a_scheduled_message_waits_for_its_turn() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    set(&app, chat, json!({"slow_s": 600})).await;
    let send_at = app.app.now().plus_seconds(60);
    let body = json!({"text": "later", "client_id": "later", "send_at": send_at});
    app.as_("bob").post(&format!("{}/scheduled", at(chat)), body).await.expect(201);
    app.as_("bob").say(chat, "now").await;
    let texts = async || {
        let said = app.as_("bob").all(&format!("{}/messages", at(chat)), 10).await;
        said.into_iter().map(|one| one["text"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    app.clock.advance(70);
    timers::sweep(&app.app).await.expect("it sweeps");
    assert_eq!(texts().await, ["now"]);
    let kept = app.as_("bob").all("/v1/scheduled", 10).await;
    assert_eq!(kept[0]["state"], "waiting");
    app.clock.advance(500);
    timers::sweep(&app.app).await.expect("it sweeps");
    assert_eq!(texts().await, ["now"], "ten minutes after the one before");
    let changed = format!("/v1/scheduled/{}", kept[0]["id"].as_str().expect("an id"));
    app.as_("bob").patch(&changed, json!({"text": "and later"})).await.expect(200);
    app.clock.advance(40);
    timers::sweep(&app.app).await.expect("it sweeps");
    assert_eq!(texts().await, ["now", "and later"]);
    assert!(app.as_("bob").all("/v1/scheduled", 10).await.is_empty());
}
