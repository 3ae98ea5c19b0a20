//! A scheduled message, cut off after every step, is sent once; and of sending and cancelling one wins.

use petit_app::timers;
use petit_domain::ChatId;
use petit_testkit::TestApp;
use serde_json::{Value, json};

use crate::cassandra;

fn body() -> Value {
    json!({"text": "later", "client_id": "a", "send_at": "2026-01-01T10:00:00Z"})
}

async fn schedule(app: &TestApp, chat: ChatId) -> petit_testkit::Answer {
    app.as_("alice").post(&format!("/v1/chats/{chat}/scheduled"), body()).await
}

async fn texts(app: &TestApp, chat: ChatId) -> Vec<Value> {
    let messages = app.as_("bob").all(&format!("/v1/chats/{chat}/messages"), 100).await;
    messages.into_iter().map(|message| message["text"].clone()).collect()
}

async fn waiting(app: &TestApp) -> Vec<Value> {
    app.as_("alice").all("/v1/scheduled", 100).await
}

/// What timers do once the store is back, with whatever is due twice over: two workers.
async fn all_is_done(app: &TestApp) {
    for _ in 0..2 {
        timers::sweep(&app.app).await.expect("it sweeps");
    }
    assert_eq!(timers::sweep(&app.app).await.expect("it sweeps"), 0, "nothing is due any more");
    app.settle().await;
}

#[tokio::test]
async fn a_message_cut_off_while_it_is_scheduled_is_sent_once_or_was_never_there() {
    cut_off_while_it_is_scheduled(async || TestApp::start().await).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_a_message_cut_off_while_it_is_scheduled_is_sent_once_or_was_never_there() {
    cut_off_while_it_is_scheduled(async || cassandra::begin().await.start().await).await;
}

async fn cut_off_while_it_is_scheduled(begin: impl AsyncFn() -> TestApp) {
    for calls in 0.. {
        let app = begin().await;
        let chat = app.group("alice", &["bob"]).await;
        app.spy.fail_after(calls);
        let was_answered = schedule(&app, chat).await.status.is_success();
        app.spy.heal();
        let is_there = waiting(&app).await.len() == 1;
        assert!(is_there || !was_answered, "answered and not kept");
        if calls % 2 == 0 {
            let repeated = schedule(&app, chat).await;
            assert_eq!(repeated.status.as_u16(), 201, "{}", repeated.body);
        }
        let is_there = waiting(&app).await.len() == 1;
        app.clock.advance(3_700);
        all_is_done(&app).await;
        let expected: &[&str] = if is_there { &["later"] } else { &[] };
        assert_eq!(texts(&app, chat).await, expected, "after {calls} calls");
        assert!(waiting(&app).await.is_empty());
        if was_answered {
            assert!(calls >= 4, "the premise: it was cut off in the middle");
            break;
        }
    }
}

#[tokio::test]
async fn a_message_cut_off_while_it_is_sent_is_sent_once() {
    cut_off_while_it_is_sent(async || TestApp::start().await).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_a_message_cut_off_while_it_is_sent_is_sent_once() {
    cut_off_while_it_is_sent(async || cassandra::begin().await.start().await).await;
}

async fn cut_off_while_it_is_sent(begin: impl AsyncFn() -> TestApp) {
    let mut was_cut_off = 0;
    for calls in 0.. {
        let app = begin().await;
        let chat = app.group("alice", &["bob"]).await;
        schedule(&app, chat).await.expect(201);
        app.clock.advance(3_700);
        app.spy.take_calls();
        app.spy.fail_after(calls);
        let was_finished = timers::sweep(&app.app).await.is_ok();
        app.spy.heal();
        let seen = app.spy.take_calls();
        was_cut_off += usize::from(!was_finished && seen.contains(&"scheduled.swap"));
        all_is_done(&app).await;
        assert_eq!(texts(&app, chat).await, ["later"], "after {calls} calls: {seen:?}");
        assert!(waiting(&app).await.is_empty());
        if was_finished {
            break;
        }
    }
    assert!(was_cut_off >= 4, "the premise: it was cut off between its steps {was_cut_off} times");
}

#[tokio::test]
async fn a_sender_who_is_removed_after_the_message_was_written_has_still_sent_it() {
    let mut was_seen = false;
    for calls in 0.. {
        let app = TestApp::start().await;
        let chat = app.group("bob", &["alice", "carol"]).await;
        schedule(&app, chat).await.expect(201);
        app.clock.advance(3_700);
        app.spy.fail_after(calls);
        let was_finished = timers::sweep(&app.app).await.is_ok();
        app.spy.heal();
        let was_written = !texts(&app, chat).await.is_empty();
        let membership = format!("/v1/chats/{chat}/members/{}", app.id("alice"));
        app.as_("bob").delete(&membership).await.expect(204);
        all_is_done(&app).await;
        let is_written = texts(&app, chat).await.contains(&json!("later"));
        assert_eq!(is_written, was_written, "after {calls} calls");
        assert_eq!(waiting(&app).await.is_empty(), is_written, "failed exactly where it was not written");
        was_seen |= was_written && !was_finished;
        if was_finished {
            break;
        }
    }
    assert!(was_seen, "the premise: somebody was removed between the message and its end");
}

#[tokio::test]
async fn once_sending_has_begun_it_cannot_be_cancelled() {
    let mut was_refused = 0;
    for calls in 0.. {
        let app = TestApp::start().await;
        let chat = app.group("alice", &["bob"]).await;
        let scheduled = schedule(&app, chat).await.expect(201);
        let path = format!("/v1/scheduled/{}", scheduled["id"].as_str().expect("an id"));
        app.clock.advance(3_700);
        app.spy.fail_after(calls);
        let was_finished = timers::sweep(&app.app).await.is_ok();
        app.spy.heal();
        let cancelled = app.as_("alice").delete(&path).await;
        all_is_done(&app).await;
        match cancelled.status.as_u16() {
            204 => assert!(texts(&app, chat).await.is_empty(), "cancelled and sent, after {calls} calls"),
            _ => {
                cancelled.refused(409, "already_sent");
                assert_eq!(texts(&app, chat).await, ["later"], "neither cancelled nor sent");
                was_refused += 1;
            }
        }
        if was_finished {
            break;
        }
    }
    assert!(was_refused >= 3, "the premise: it was cancelled too late {was_refused} times");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_cancelling_and_the_due_time_at_once_one_wins() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let alice = app.as_("alice");
    let mut sent = 0;
    for n in 0..60 {
        let soon = app.app.now().plus_seconds(60);
        let body = json!({"text": "x", "client_id": format!("n{n}"), "send_at": soon});
        let made = alice.post(&format!("/v1/chats/{chat}/scheduled"), body).await.expect(201);
        app.clock.advance(61);
        let path = format!("/v1/scheduled/{}", made["id"].as_str().expect("an id"));
        let (service, client) = (app.app.clone(), app.as_("alice"));
        let sending = tokio::spawn(async move { timers::sweep(&service).await.expect("it sweeps") });
        let cancelling = tokio::spawn(async move { client.delete(&path).await.status.as_u16() });
        let (_, cancelled) = (sending.await.expect("ends"), cancelling.await.expect("ends"));
        assert!([204, 409].contains(&cancelled));
        sent += usize::from(cancelled == 409);
        assert_eq!(texts(&app, chat).await.len(), sent, "round {n}: {cancelled}");
    }
}
