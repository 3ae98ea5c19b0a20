//! Pins: the list and what messages say are the same, whoever dies in between.

use std::sync::Arc;

use http::Method;
use petit_app::{App, Parts, unfinished};
use petit_bus_local::LocalBus;
use petit_domain::ChatId;
use petit_ports::SystemRandom;
use petit_testkit::{Builder, TestApp};

use crate::cassandra;

/// Another process on the same store.
fn beside(app: &TestApp) -> Arc<App> {
    App::start(Parts {
        store: app.store().clone(),
        bus: Arc::new(LocalBus::default()),
        clock: app.clock.clone(),
        random: Arc::new(SystemRandom),
        secret: [7; 32],
    })
}

/// Whether the message is pinned, as the message and the list of pins say at once.
async fn is_pinned(app: &TestApp, chat: ChatId, after: &str) -> bool {
    let message = app.store().log.get(chat, 0).await.expect("reads").expect("is there");
    let listed = !app.store().pins.list(chat).await.expect("lists").is_empty();
    assert_eq!(message.pinned, listed, "{after}");
    listed
}

/// A process loses its store after every call, for ever; another one finishes what it noted.
async fn cut_off_anywhere(begin: impl AsyncFn() -> Builder, method: Method, path: &str, is_on: bool) {
    let (mut calls, mut was_finished_later) = (0, 0);
    loop {
        let app = begin().await.start().await;
        let chat = app.group("alice", &["bob"]).await;
        app.as_("alice").say(chat, "hello").await;
        let message = format!("/v1/chats/{chat}/messages/0");
        if !is_on {
            app.as_("bob").call(Method::PUT, &format!("{message}/pin"), None).await.expect(200);
        }
        app.as_("alice").get("/v1/me").await.expect(200);
        app.spy.fail_after(calls);
        let answer = app.as_("alice").call(method.clone(), &format!("{message}{path}"), None).await;
        let other = beside(&app);
        app.clock.advance(10);
        was_finished_later += unfinished::sweep(&other).await.expect("it sweeps");
        let now = is_pinned(&app, chat, &format!("{method} {path} after {calls} calls")).await;
        if answer.status.is_success() {
            assert_eq!(now, is_on, "{method} {path} was answered");
        }
        let was_lost = app.spy.is_lost();
        app.spy.heal();
        app.settle().await;
        if !was_lost {
            break;
        }
        calls += 1;
    }
    assert!(was_finished_later >= 2, "the premise: {method} {path} was cut off in the middle");
}

async fn everything_cut_off(begin: impl AsyncFn() -> Builder) {
    cut_off_anywhere(&begin, Method::PUT, "/pin", true).await;
    cut_off_anywhere(&begin, Method::DELETE, "/pin", false).await;
    cut_off_anywhere(&begin, Method::DELETE, "", false).await;
}

#[tokio::test]
async fn who_dies_while_pinning_leaves_list_and_message_the_same() {
    everything_cut_off(async || TestApp::builder()).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_who_dies_while_pinning_leaves_list_and_message_the_same() {
    everything_cut_off(async || cassandra::begin().await).await;
}

/// Many pin and unpin one message at once: whatever wins, list and message agree, and nothing is left to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_pin_and_unpin_at_once_the_message_follows_the_last() {
    let app = Arc::new(TestApp::start().await);
    let chat = app.group("alice", &["bob", "carol"]).await;
    app.as_("alice").say(chat, "hello").await;
    let path = format!("/v1/chats/{chat}/messages/0/pin");
    for _ in 0..10 {
        let one = async |name: &str, method: Method| {
            for _ in 0..4 {
                app.as_(name).call(method.clone(), &path, None).await.expect(200);
            }
        };
        futures_util::join!(one("alice", Method::PUT), one("bob", Method::DELETE), one("carol", Method::PUT));
        is_pinned(&app, chat, "after all").await;
    }
    assert_eq!(app.unfinished().await, 0, "everything was told and crossed out");
}

/// The plain send neither reads nor writes anything of pins, in a chat that has some.
#[tokio::test]
async fn a_send_costs_nothing_where_something_is_pinned() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "hello").await;
    let path = format!("/v1/chats/{chat}/messages/0/pin");
    app.as_("alice").say(chat, "again").await;
    app.spy.take_calls();
    app.as_("alice").say(chat, "before").await;
    let before = app.spy.take_calls();
    app.as_("bob").call(Method::PUT, &path, None).await.expect(200);
    app.settle().await;
    app.spy.take_calls();
    app.as_("alice").say(chat, "after").await;
    assert_eq!(app.spy.take_calls(), before);
}
