use petit_app::timers;
use petit_domain::{ChatId, Event};
use petit_ports::Subject;
use petit_testkit::TestApp;
use serde_json::{Value, json};

/// The clock of tests begins at nine on the first of January 2026.
const TEN: &str = "2026-01-01T10:00:00Z";

fn body(text: &str, client_id: &str, send_at: &str) -> Value {
    json!({"text": text, "client_id": client_id, "send_at": send_at})
}

async fn schedule(app: &TestApp, chat: ChatId, body: Value) -> Value {
    app.as_("alice").post(&format!("/v1/chats/{chat}/scheduled"), body).await.expect(201)
}

fn at(scheduled: &Value) -> String {
    format!("/v1/scheduled/{}", scheduled["id"].as_str().expect("an id"))
}

async fn waiting(app: &TestApp) -> Vec<Value> {
    app.as_("alice").all("/v1/scheduled", 2).await
}

async fn texts(app: &TestApp, chat: ChatId) -> Vec<String> {
    let messages = app.as_("bob").all(&format!("/v1/chats/{chat}/messages"), 100).await;
    messages.iter().map(|message| message["text"].as_str().expect("a text").to_owned()).collect()
}

/// An hour and a bit passes, and workers do what is due.
async fn an_hour_passes(app: &TestApp) {
    app.clock.advance(3_700);
    timers::sweep(&app.app).await.expect("the due ones fire");
    app.settle().await;
}

#[tokio::test]
async fn a_scheduled_message_is_sent_at_its_time_with_its_client_id() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("bob").say(chat, "first").await;
    let mut wanted = body("later", "mine", "2026-01-01T12:00:00+02:00");
    wanted["reply_to"] = json!(0);
    let scheduled = schedule(&app, chat, wanted).await;
    assert_eq!((&scheduled["chat"], &scheduled["text"]), (&json!(chat), &json!("later")));
    assert_eq!(scheduled["send_at"], json!("2026-01-01T10:00:00.000000Z"));
    assert_eq!((&scheduled["state"], &scheduled["reason"]), (&json!("waiting"), &Value::Null));
    assert_eq!(timers::sweep(&app.app).await.expect("looks"), 0, "not before its time");
    assert_eq!(texts(&app, chat).await, ["first"]);
    an_hour_passes(&app).await;
    let message = app.as_("bob").get(&format!("/v1/chats/{chat}/messages/1")).await.expect(200);
    assert_eq!((&message["text"], &message["client_id"]), (&json!("later"), &json!("mine")));
    assert_eq!((&message["author"], &message["reply_to"]), (&json!(app.id("alice")), &json!(0)));
    assert_eq!(waiting(&app).await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_time_to_send_is_in_the_future_and_within_a_year() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let path = format!("/v1/chats/{chat}/scheduled");
    for bad in ["2026-01-01T08:59:59Z", "2027-02-01T00:00:00Z"] {
        let problem = app.as_("alice").post(&path, body("x", "a", bad)).await.refused(422, "invalid_send_at");
        assert_eq!(problem.field.as_deref(), Some("/send_at"));
    }
    for bad in ["tomorrow", "2026-01-01T10:00:00", ""] {
        app.as_("alice").post(&path, body("x", "a", bad)).await.refused(422, "invalid_body");
    }
    let mut strange = body("x", "a", TEN);
    strange["reply_to"] = json!(7);
    app.as_("alice").post(&path, strange).await.refused(422, "unknown_reply");
    schedule(&app, chat, body("x", "a", "2026-12-31T23:00:00-05:00")).await;
}

#[tokio::test]
async fn scheduling_again_answers_the_first_and_another_body_is_refused() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let path = format!("/v1/chats/{chat}/scheduled");
    let first = schedule(&app, chat, body("x", "a", TEN)).await;
    assert_eq!(schedule(&app, chat, body("x", "a", TEN)).await, first);
    app.as_("alice").post(&path, body("y", "a", TEN)).await.refused(409, "client_id_used");
    let others = app.as_("bob").post(&path, body("y", "a", TEN)).await.expect(201);
    assert_ne!(others["id"], first["id"], "a client id belongs to its author");
    an_hour_passes(&app).await;
    let mut sent = texts(&app, chat).await;
    sent.sort();
    assert_eq!(sent, ["x", "y"]);
}

#[tokio::test]
async fn one_client_id_is_one_message_whether_it_waits_or_is_sent() {
    let app = TestApp::start().await;
    let (chat, other) = (app.group("alice", &["bob"]).await, app.group("alice", &["bob"]).await);
    let (now, later) = (format!("/v1/chats/{chat}/messages"), format!("/v1/chats/{chat}/scheduled"));
    let alice = app.as_("alice");
    alice.post(&now, json!({"text": "now", "client_id": "sent"})).await.expect(201);
    alice.post(&later, body("later", "sent", TEN)).await.refused(409, "client_id_used");
    let scheduled = schedule(&app, chat, body("later", "waits", TEN)).await;
    let ordinary = json!({"text": "now", "client_id": "waits"});
    alice.post(&now, ordinary.clone()).await.refused(409, "client_id_used");
    alice.post(&format!("/v1/chats/{other}/messages"), ordinary.clone()).await.expect(201);
    app.as_("bob").post(&now, ordinary.clone()).await.expect(201);
    alice.delete(&at(&scheduled)).await.expect(204);
    alice.post(&now, ordinary).await.expect(201);
}

#[tokio::test]
async fn the_list_is_soonest_first_and_the_authors_own() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    for (client_id, hour) in [("c", 14), ("a", 11), ("b", 12), ("d", 15)] {
        schedule(&app, chat, body(client_id, client_id, &format!("2026-01-01T{hour}:00:00Z"))).await;
    }
    let listed: Vec<Value> = waiting(&app).await.into_iter().map(|one| one["text"].clone()).collect();
    assert_eq!(listed, ["a", "b", "c", "d"]);
    assert!(app.as_("bob").all("/v1/scheduled", 2).await.is_empty());
}

#[tokio::test]
async fn what_waits_can_be_changed_and_is_sent_as_it_is_then() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let alice = app.as_("alice");
    let (sooner, later) = (
        schedule(&app, chat, body("old", "a", "2026-01-01T20:00:00Z")).await,
        schedule(&app, chat, body("b", "b", TEN)).await,
    );
    let changed = alice.patch(&at(&sooner), json!({"send_at": TEN, "text": "new"})).await.expect(200);
    assert_eq!((&changed["text"], &changed["id"]), (&json!("new"), &sooner["id"]));
    alice.patch(&at(&later), json!({"send_at": "2026-01-01T20:00:00Z"})).await.expect(200);
    alice
        .patch(&at(&later), json!({"send_at": "2025-01-01T20:00:00Z"}))
        .await
        .refused(422, "invalid_send_at");
    an_hour_passes(&app).await;
    assert_eq!(texts(&app, chat).await, ["new"], "the timers it had before are of no meaning");
    app.clock.advance(12 * 3_600);
    timers::sweep(&app.app).await.expect("fires");
    assert_eq!(texts(&app, chat).await, ["new", "b"]);
}

#[tokio::test]
async fn what_was_cancelled_is_never_sent_and_what_was_sent_is_not_cancelled() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let alice = app.as_("alice");
    let (cancelled, sent) =
        (schedule(&app, chat, body("no", "a", TEN)).await, schedule(&app, chat, body("yes", "b", TEN)).await);
    alice.delete(&at(&cancelled)).await.expect(204);
    alice.delete(&at(&cancelled)).await.refused(404, "not_found");
    an_hour_passes(&app).await;
    assert_eq!(texts(&app, chat).await, ["yes"]);
    alice.delete(&at(&sent)).await.refused(409, "already_sent");
    alice.patch(&at(&sent), json!({"text": "other"})).await.refused(409, "already_sent");
    let again = body("yes", "b", "2026-01-01T20:00:00Z");
    alice.post(&format!("/v1/chats/{chat}/scheduled"), again).await.refused(409, "client_id_used");
}

#[tokio::test]
async fn what_may_not_be_written_any_more_stays_with_its_reason() {
    let app = TestApp::start().await;
    let chat = app.group("bob", &["alice", "carol"]).await;
    let alice = app.as_("alice");
    let scheduled = schedule(&app, chat, body("later", "a", TEN)).await;
    let membership = format!("/v1/chats/{chat}/members/{}", app.id("alice"));
    app.as_("bob").delete(&membership).await.expect(204);
    an_hour_passes(&app).await;
    let failed = waiting(&app).await;
    assert_eq!((failed.len(), &failed[0]["id"]), (1, &scheduled["id"]));
    assert_eq!((&failed[0]["state"], &failed[0]["reason"]), (&json!("failed"), &json!("not_found")));
    assert!(!texts(&app, chat).await.contains(&"later".to_owned()));
    let when = "2026-01-01T12:00:00Z";
    alice.patch(&at(&scheduled), json!({"text": "x"})).await.refused(422, "invalid_send_at");
    let back = json!({"user": app.id("alice")});
    app.as_("bob").post(&format!("/v1/chats/{chat}/members"), back).await.expect(201);
    let again = alice.patch(&at(&scheduled), json!({"send_at": when})).await.expect(200);
    assert_eq!((&again["state"], &again["reason"]), (&json!("waiting"), &Value::Null));
    app.clock.advance(2 * 3_600);
    timers::sweep(&app.app).await.expect("fires");
    assert!(texts(&app, chat).await.contains(&"later".to_owned()));
}

#[tokio::test]
async fn an_author_may_have_so_many_waiting_and_no_more() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    for n in 0..500 {
        schedule(&app, chat, body("x", &format!("n{n}"), TEN)).await;
    }
    let path = format!("/v1/chats/{chat}/scheduled");
    app.as_("alice").post(&path, body("x", "more", TEN)).await.refused(409, "too_many_scheduled");
}

#[tokio::test]
async fn an_ordinary_message_reads_nothing_more_while_it_is_known_what_waits() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    app.as_("alice").say(chat, "warm").await;
    app.spy.take_calls();
    app.as_("alice").say(chat, "hot").await;
    assert_eq!(app.spy.take_calls(), ["log_writer.write"]);
}

#[tokio::test]
async fn the_authors_devices_hear_that_what_waits_has_changed() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob"]).await;
    let told = |since: usize| -> Vec<Subject> {
        let told = app.bus.published(since).into_iter();
        told.filter(|(_, told)| told.event() == Some(&Event::ScheduledChanged))
            .map(|(subject, _)| subject)
            .collect()
    };
    let mut since = app.bus.len();
    let mut heard = || told(std::mem::replace(&mut since, app.bus.len()));
    let mine = Subject::User(app.id("alice"));
    let scheduled = schedule(&app, chat, body("x", "a", TEN)).await;
    assert_eq!(heard(), [mine]);
    app.as_("alice").patch(&at(&scheduled), json!({"text": "y"})).await.expect(200);
    assert_eq!(heard(), [mine]);
    app.as_("alice").delete(&at(&scheduled)).await.expect(204);
    assert_eq!(heard(), [mine]);
    schedule(&app, chat, body("x", "b", TEN)).await;
    heard();
    an_hour_passes(&app).await;
    assert_eq!(heard(), [mine]);
}
