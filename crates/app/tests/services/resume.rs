//! Coming back after a while.

use petit_app::resume;
use petit_domain::{ChatId, Event, Head, Message};
use petit_ports::Clock;
use petit_testkit::{Client, Screen, TestApp};
use serde_json::json;

async fn replayed(app: &TestApp, name: &str, chat: ChatId, seq: i64, cseq: i64) -> Option<Vec<Event>> {
    let replay = resume::replay(&app.app, app.id(name), chat, Head { seq, cseq }).await.expect("it answers");
    replay.map(|events| {
        events.iter().map(|announcement| announcement.event().expect("known").clone()).collect()
    })
}

async fn edit(client: &Client, chat: ChatId, seq: i64, text: &str) -> Message {
    let answer = client.patch(&format!("/v1/chats/{chat}/messages/{seq}"), json!({"text": text})).await;
    serde_json::from_value(answer.expect(200)).expect("a message")
}

/// A chat in which much happens.
async fn busy(app: &TestApp) -> ChatId {
    let chat = app.group("alice", &["bob"]).await;
    let (alice, path) = (app.as_("alice"), format!("/v1/chats/{chat}"));
    for text in ["one", "two", "three"] {
        alice.say(chat, text).await;
    }
    edit(&alice, chat, 0, "first").await;
    edit(&alice, chat, 0, "1st").await;
    alice.delete(&format!("{path}/messages/1")).await.expect(200);
    alice.post(&format!("{path}/members"), json!({"user": app.id("carol")})).await.expect(201);
    alice.delete(&format!("{path}/members/{}", app.id("carol"))).await.expect(204);
    alice.patch(&path, json!({"name": "Cellar"})).await.expect(200);
    chat
}

#[tokio::test]
async fn a_replay_from_anywhere_ends_where_a_fetch_ends() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let (alice, path) = (app.as_("alice"), format!("/v1/chats/{chat}"));
    let mut known = vec![Screen::fetch(&app.as_("bob")).await];
    let mut note = async || known.push(Screen::fetch(&app.as_("bob")).await);
    for text in ["one", "two"] {
        alice.say(chat, text).await;
        note().await;
    }
    edit(&alice, chat, 0, "first").await;
    note().await;
    edit(&alice, chat, 1, "second").await;
    edit(&alice, chat, 0, "1st").await;
    note().await;
    alice.delete(&format!("{path}/messages/1")).await.expect(200);
    alice.post(&format!("{path}/members"), json!({"user": app.id("carol")})).await.expect(201);
    note().await;
    alice.delete(&format!("{path}/members/{}", app.id("carol"))).await.expect(204);
    alice.patch(&path, json!({"name": "Cellar"})).await.expect(200);
    alice.patch(&format!("{path}/members/{}", app.id("bob")), json!({"role": "admin"})).await.expect(200);
    let now = Screen::fetch(&app.as_("bob")).await;
    for mut screen in known {
        let chat_then = &screen.chats[&chat].chat;
        let (seq, cseq) = (chat_then.head_seq, chat_then.head_cseq);
        let events = replayed(&app, "bob", chat, seq, cseq).await.expect("little was missed");
        events.iter().for_each(|event| screen.apply(event));
        assert_eq!(screen, now, "from {seq}, {cseq}");
    }
}

#[tokio::test]
async fn a_replay_leaves_no_gap_between_its_numbers() {
    let app = TestApp::start().await;
    let chat = busy(&app).await;
    let events = replayed(&app, "bob", chat, 0, 0).await.expect("little was missed");
    let seqs: Vec<i64> = events
        .iter()
        .filter_map(|event| match event {
            Event::MessageCreated { seq, .. } => Some(*seq),
            _ => None,
        })
        .collect();
    let cseqs: Vec<i64> = events
        .iter()
        .filter_map(|event| match event {
            Event::MessageEdited { cseq, .. }
            | Event::MessageDeleted { cseq, .. }
            | Event::MemberChanged { cseq, .. }
            | Event::MemberRemoved { cseq, .. }
            | Event::ChatRenamed { cseq, .. } => Some(*cseq),
            _ => None,
        })
        .collect();
    assert_eq!((seqs, cseqs), ((1..=5).collect(), (1..=5).collect()));
}

#[tokio::test]
async fn who_is_up_to_date_gets_nothing() {
    let app = TestApp::start().await;
    let chat = busy(&app).await;
    assert_eq!(replayed(&app, "bob", chat, 5, 5).await, Some(Vec::new()));
}

#[tokio::test]
async fn who_cannot_be_helped_by_a_replay_has_to_fetch() {
    let app = TestApp::start().await;
    let chat = busy(&app).await;
    assert_eq!(replayed(&app, "mallory", chat, -1, -1).await, None, "not a member");
    assert_eq!(replayed(&app, "carol", chat, -1, -1).await, None, "not a member any more");
    assert_eq!(replayed(&app, "bob", chat, 99, 5).await, None, "ahead of the log");
    assert_eq!(replayed(&app, "bob", chat, 5, 99).await, None, "ahead of the log");
    for n in 0..496 {
        app.as_("alice").say(chat, &format!("{n}")).await;
    }
    assert_eq!(replayed(&app, "bob", chat, 0, 5).await, None, "501 messages");
    assert_eq!(replayed(&app, "bob", chat, 1, 5).await.map(|events| events.len()), Some(500));
}

#[tokio::test]
async fn a_stream_that_knows_a_time_gets_the_numbers_of_then() {
    let app = TestApp::start().await;
    let (busy, quiet) = (busy(&app).await, app.direct("alice", "bob").await);
    app.as_("alice").say(quiet, "long ago").await;
    app.clock.advance(60);
    let since = app.clock.now();
    app.clock.advance(60);
    let cursors = async || resume::cursors_since(&app.app, app.id("bob"), since).await.expect("cursors");
    assert_eq!(cursors().await, [], "nothing happened since");
    app.as_("alice").say(busy, "new").await;
    edit(&app.as_("alice"), busy, 2, "new, too").await;
    assert_eq!(cursors().await, [(busy, Head { seq: 5, cseq: 5 })]);
    let heads = resume::heads(&app.app, app.id("bob")).await.expect("heads");
    assert!(heads.contains(&(busy, Head { seq: 6, cseq: 6 })) && heads.len() == 2, "{heads:?}");
}
