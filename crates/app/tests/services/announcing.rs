//! Written first, announced afterwards, in the order of the numbers, whatever happens to the request.

use futures_util::{future::join_all, poll};
use petit_domain::{ChatId, Event, Number};
use petit_ports::{ChangeKind, NewChange, Subject, Wish, Written};
use petit_testkit::{Published, TestApp, eventually};
use serde_json::json;

fn created(published: &[Published]) -> Vec<i64> {
    let number = |(_, announcement): &Published| match announcement.event() {
        Some(Event::MessageCreated { seq, .. }) => Some(*seq),
        _ => None,
    };
    published.iter().filter_map(number).collect()
}

async fn head(app: &TestApp, chat: ChatId) -> i64 {
    app.store().log.head(chat).await.expect("it answers").expect("there is one").seq
}

#[tokio::test]
async fn sending_asks_the_store_for_one_thing() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "warm").await;
    app.settle().await;
    app.spy.take_calls();
    app.as_("alice").say(chat, "hot").await;
    app.settle().await;
    assert_eq!(app.spy.take_calls(), ["log_writer.write"]);
}

#[tokio::test]
async fn an_event_is_encoded_once() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let before = app.bus.len();
    app.as_("alice").say(chat, "hello").await;
    app.settle().await;
    let published = app.bus.published(before);
    assert_eq!(published.len(), 1, "one subject, whoever listens");
    assert_eq!(published[0].1.json().as_ptr(), published[0].1.json().as_ptr());
}

#[tokio::test]
async fn a_message_is_written_although_the_bus_is_down() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.bus.break_down(true);
    let before = app.bus.len();
    app.as_("alice").say(chat, "unheard").await;
    app.settle().await;
    assert_eq!(app.bus.len(), before, "the premise: nobody heard it");
    let seen = app.as_("bob").all(&format!("/v1/chats/{chat}/messages"), 100).await;
    assert_eq!(seen[0]["text"], "unheard");
    app.bus.break_down(false);
    app.as_("alice").say(chat, "heard").await;
    app.settle().await;
    assert_eq!(created(&app.bus.published(before)), [1], "the number shows bob that he missed one");
}

#[tokio::test]
async fn what_many_write_at_once_is_announced_in_order() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    let before = app.bus.len();
    let clients = ["alice", "bob", "carol"].map(|name| (name, app.as_(name)));
    let write = |n: usize| {
        let (name, client) = &clients[n % 3];
        async move { client.say(chat, &format!("{name} {n}")).await }
    };
    join_all((0..60).map(write)).await;
    app.settle().await;
    assert_eq!(created(&app.bus.published(before)), (0..60).collect::<Vec<i64>>());
}

#[tokio::test]
async fn a_cancelled_request_is_announced_all_the_same() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "warm").await;
    app.settle().await;
    let before = app.bus.len();
    app.spy.be_silent(true);
    {
        let alice = app.as_("alice");
        let path = format!("/v1/chats/{chat}/messages");
        let mut request = Box::pin(alice.post(&path, json!({"text": "a", "client_id": "a"})));
        assert!(poll!(&mut request).is_pending(), "the premise: it is cut off before it is answered");
    }
    app.spy.be_silent(false);
    eventually("the message is written", async || head(&app, chat).await == 1).await;
    // What can be read was not announced yet: the writer says so a moment after it is durable.
    eventually("it is announced", async || created(&app.bus.published(before)) == [1]).await;
    app.settle().await;
    assert_eq!(created(&app.bus.published(before)), [1], "and once");
}

#[tokio::test]
async fn who_comes_hears_of_the_chat_before_anything_of_it() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "before").await;
    app.settle().await;
    let before = app.bus.len();
    app.as_("alice")
        .post(&format!("/v1/chats/{chat}/members"), json!({"user": app.id("carol")}))
        .await
        .expect(201);
    app.settle().await;
    let published = app.bus.published(before);
    let Some(Event::ChatAdded { details, seq, .. }) = published[0].1.event() else {
        panic!("another event came first")
    };
    assert_eq!((published[0].0, details.id, *seq), (Subject::User(app.id("carol")), chat, details.head_seq));
    assert!(published[1..].iter().all(|(subject, _)| *subject == Subject::Chat(chat)));
    assert_eq!(published.len(), 3, "chat_added, message_created, member_changed");
}

#[tokio::test]
async fn who_goes_hears_nothing_of_the_chat_afterwards() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let bob = app.id("bob");
    let before = app.bus.len();
    app.as_("alice").delete(&format!("/v1/chats/{chat}/members/{bob}")).await.expect(204);
    app.as_("alice").say(chat, "about bob").await;
    app.settle().await;
    let heard = app.bus.heard_by(bob, vec![chat], &[], before);
    assert!(matches!(heard[..], [Event::MemberRemoved { user, .. }] if user == bob), "{heard:?}");
    let others = app.bus.heard_by(app.id("alice"), vec![chat], &[], before);
    assert_eq!(others.len(), 3, "{others:?}");
}

#[tokio::test]
async fn mallory_hears_nothing_of_what_others_do() {
    let app = TestApp::start().await;
    let before = app.bus.len();
    let chat = app.group("alice", &["bob"]).await;
    let direct = app.direct("alice", "bob").await;
    app.as_("alice").say(chat, "a").await;
    app.as_("bob").say(direct, "b").await;
    app.as_("bob").put(&format!("/v1/chats/{chat}/read-marker"), json!({"seq": 0})).await.expect(200);
    app.settle().await;
    assert!(app.bus.len() > before, "the premise: something was published");
    assert!(app.bus.heard_by(app.id("mallory"), Vec::new(), &[], before).is_empty());
}

async fn change(app: &TestApp, chat: ChatId, kind: ChangeKind) {
    let noted = app.store().log_writer.write(chat, Wish::Note(noted(app, kind))).await.expect("a store");
    assert!(matches!(noted, Written::Noted(_)), "{noted:?}");
}

fn noted(app: &TestApp, kind: ChangeKind) -> NewChange {
    NewChange { effect: kind.into(), actor: app.id("alice"), at: app.app.now(), if_cseq: None }
}

#[tokio::test]
async fn each_change_gives_one_event_with_its_number_whatever_became_of_it_since() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let (bob, carol, before) = (app.id("bob"), app.id("carol"), app.bus.len());
    for kind in [
        ChangeKind::MemberChanged(carol),
        ChangeKind::MemberRemoved(bob),
        ChangeKind::MessageEdited(7),
        ChangeKind::ChatRenamed,
    ] {
        change(&app, chat, kind).await;
    }
    app.settle().await;
    let published = app.bus.published(before);
    let heard: Vec<_> = published.iter().filter(|(subject, _)| *subject == Subject::Chat(chat)).collect();
    let numbers: Vec<_> = heard.iter().map(|(_, event)| event.envelope().number()).collect();
    assert_eq!(numbers, [0, 1, 2, 3].map(|cseq| Some(Number::Cseq(cseq))));
    let events: Vec<_> = heard.iter().filter_map(|(_, event)| event.event()).collect();
    assert!(matches!(events[0], Event::MemberRemoved { user, .. } if *user == carol), "she is not in it");
    assert!(matches!(events[1], Event::MemberChanged { member, .. } if member.person.id == bob), "he is");
    assert!(matches!(events[2..], [Event::UnknownChange { .. }, Event::ChatRenamed { .. }]), "{events:?}");
}

#[tokio::test]
async fn one_chat_is_announced_while_another_one_waits_for_the_store() {
    let app = TestApp::start().await;
    let (slow, quick) = (app.group("alice", &["bob"]).await, app.group("alice", &["bob"]).await);
    app.as_("alice").say(quick, "warm").await;
    app.as_("alice").say(slow, "warm").await;
    app.settle().await;
    let before = app.bus.len();
    app.spy.take_calls();
    app.spy.be_silent(true);
    let store = app.store().clone();
    let rename = Wish::Note(noted(&app, ChangeKind::ChatRenamed));
    let waits = tokio::spawn(async move { store.log_writer.write(slow, rename).await });
    eventually("its announcer reads", async || app.spy.take_calls().contains(&"members.applied")).await;
    app.spy.be_silent(false);
    app.as_("alice").say(slow, "behind").await;
    app.as_("alice").say(quick, "beside").await;
    eventually("the other chat's message is heard", async || app.bus.len() > before).await;
    let published = app.bus.published(before);
    assert_eq!(published[0].0, Subject::Chat(quick), "and nothing overtakes in its own chat");
    assert_eq!(created(&published), [1]);
    waits.abort();
}
