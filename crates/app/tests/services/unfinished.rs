//! Work in several steps, cut off after every one of them, is done once or not at all.

use http::Method;
use petit_app::{lookout, timers, unfinished};
use petit_domain::{ChatId, TimerId, Timestamp};
use petit_ports::Shard;
use petit_testkit::{Builder, TestApp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cassandra;

/// A request that is work in several steps, and what the world looks like when it is done.
struct Work {
    name: &'static str,
    method: Method,
    path: &'static str,
    body: Value,
    is_done: fn(&World) -> bool,
    /// What may be seen after one that was cut off, beside all and nothing.
    is_half: fn(&World) -> bool,
}

/// What people see of a chat.
#[derive(Debug, PartialEq)]
struct World {
    kinds: Vec<String>,
    roles: Vec<String>,
    name: String,
    topic: Option<String>,
    chats_of_bob: usize,
}

fn works() -> Vec<Work> {
    let work =
        |name, method, path, body, is_done| Work { name, method, path, body, is_done, is_half: |_| false };
    vec![
        work("add", Method::POST, "/v1/chats/{chat}/members", json!({"user": "{dave}"}), |world| {
            world.kinds == ["member_joined"] && world.roles == ["member", "member", "member", "owner"]
        }),
        work("remove", Method::DELETE, "/v1/chats/{chat}/members/{carol}", Value::Null, |world| {
            world.kinds == ["member_left"] && world.roles == ["member", "owner"]
        }),
        Work {
            is_half: |world| world.kinds.is_empty() && world.roles == ["member", "owner", "owner"],
            ..work("leave", Method::DELETE, "/v1/chats/{chat}/members/{alice}", Value::Null, |world| {
                world.kinds == ["member_left"] && world.roles == ["member", "owner"]
            })
        },
        work("role", Method::PATCH, "/v1/chats/{chat}/members/{carol}", json!({"role": "admin"}), |world| {
            world.kinds.is_empty() && world.roles == ["admin", "member", "owner"]
        }),
        work("rename", Method::PATCH, "/v1/chats/{chat}", json!({"name": "Cellar"}), |world| {
            world.kinds == ["chat_renamed"] && world.name == "Cellar"
        }),
        work("settings", Method::PATCH, "/v1/chats/{chat}", json!({"topic": "Bread"}), |world| {
            world.kinds.is_empty() && world.topic.as_deref() == Some("Bread")
        }),
        work(
            "create",
            Method::POST,
            "/v1/chats",
            json!({"kind": "group", "name": "New", "members": ["{bob}", "{dave}"]}),
            |world| world.chats_of_bob == 2,
        ),
    ]
}

fn filled(app: &TestApp, chat: ChatId, text: &str) -> String {
    let people = ["alice", "bob", "carol", "dave"];
    let with_people =
        |text: String, name: &&str| text.replace(&format!("{{{name}}}"), &app.id(name).to_string());
    people.iter().fold(text.replace("{chat}", &chat.to_string()), with_people)
}

async fn look(app: &TestApp, chat: ChatId) -> World {
    let bob = app.as_("bob");
    let words = |items: Vec<Value>, field: &str| -> Vec<String> {
        items.iter().map(|item| item[field].as_str().expect("a word").to_owned()).collect()
    };
    let mut roles = words(bob.all(&format!("/v1/chats/{chat}/members"), 100).await, "role");
    roles.sort();
    let details = bob.get(&format!("/v1/chats/{chat}")).await.expect(200);
    let count = details["member_count"].as_u64();
    assert_eq!(count, Some(roles.len() as u64), "who is counted is who is in");
    World {
        kinds: words(bob.all(&format!("/v1/chats/{chat}/messages"), 100).await, "kind"),
        roles,
        name: details["name"].as_str().expect("a name").to_owned(),
        topic: details["topic"].as_str().map(str::to_owned),
        chats_of_bob: bob.all("/v1/chats", 100).await.len(),
    }
}

/// How far work came with a store that was lost in the middle.
struct CutOff {
    /// The work was noted.
    was_noted: bool,
    /// An entry of it is in the log.
    was_written: bool,
    /// Everything was done and answered.
    was_answered: bool,
}

/// Begins the work with a store that is lost after `calls` calls.
async fn cut_off(app: &TestApp, chat: ChatId, work: &Work, calls: usize) -> CutOff {
    app.as_("alice").get("/v1/me").await.expect(200);
    let body = serde_json::from_str(&filled(app, chat, &work.body.to_string())).expect("JSON");
    app.spy.take_calls();
    app.spy.fail_after(calls);
    let sent = (!work.body.is_null()).then_some(body);
    let answer = app.as_("alice").call(work.method.clone(), &filled(app, chat, work.path), sent).await;
    app.settle().await;
    app.spy.heal();
    let seen = app.spy.take_calls();
    let came_to = |name: &str| seen.iter().take(calls).any(|call| *call == name);
    let (was_noted, was_written) = (came_to("intents.put"), came_to("log_writer.write"));
    CutOff { was_noted, was_written, was_answered: answer.status.is_success() }
}

async fn a_chat(app: &TestApp) -> ChatId {
    app.group("alice", &["bob", "carol"]).await
}

#[tokio::test]
async fn work_cut_off_anywhere_is_done_once_or_not_at_all() {
    done_once_or_not_at_all(async || TestApp::builder().person("dave")).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_work_cut_off_anywhere_is_done_once_or_not_at_all() {
    done_once_or_not_at_all(async || cassandra::begin().await.person("dave")).await;
}

async fn done_once_or_not_at_all(begin: impl AsyncFn() -> Builder) {
    for work in works() {
        let (mut calls, mut was_finished_later) = (0, 0);
        loop {
            let app = begin().await.start().await;
            let chat = a_chat(&app).await;
            let untouched = look(&app, chat).await;
            let CutOff { was_noted, was_written, was_answered } = cut_off(&app, chat, &work, calls).await;
            let left = app.unfinished().await;
            app.clock.advance(10);
            assert_eq!(unfinished::sweep(&app.app).await.expect("it sweeps"), left);
            assert_eq!(unfinished::sweep(&app.app).await.expect("it sweeps"), 0, "nothing is left");
            let world = look(&app, chat).await;
            let is_done = (work.is_done)(&world);
            let is_whole = is_done || (work.is_half)(&world) || world == untouched;
            assert!(is_whole, "{} after {calls} calls: {world:?}", work.name);
            let has_to_be = if work.name == "create" { was_noted } else { was_written };
            assert_eq!(world != untouched, has_to_be, "{} after {calls} calls: {world:?}", work.name);
            assert!(is_done || !was_answered, "{} was answered and is not done", work.name);
            assert!(was_noted || !was_answered, "{} was answered and not noted", work.name);
            was_finished_later += left;
            if was_answered {
                break;
            }
            calls += 1;
        }
        assert!(was_finished_later >= 2, "the premise: {} was cut off in the middle", work.name);
    }
}

/// Work that was done to its end, but the store was lost before it could be forgotten.
async fn ended_but_not_forgotten(work: &Work) -> (TestApp, ChatId) {
    let mut last = None;
    for calls in 0.. {
        let app = TestApp::builder().person("dave").start().await;
        let chat = a_chat(&app).await;
        let was_answered = cut_off(&app, chat, work, calls).await.was_answered;
        if app.unfinished().await == 1 && !was_answered {
            // One that is replaced may not be left undone.
            if let Some((before, _)) = last.replace((app, chat)) {
                before.clock.advance(10);
                unfinished::sweep(&before.app).await.expect("it sweeps");
            }
        }
        if was_answered {
            break;
        }
    }
    last.expect("the premise: it was cut off after its last step")
}

/// What undoes each of the works.
fn opposites() -> Vec<(&'static str, Method, &'static str, Value)> {
    let member = "/v1/chats/{chat}/members/{carol}";
    vec![
        ("add", Method::DELETE, "/v1/chats/{chat}/members/{dave}", Value::Null),
        ("remove", Method::POST, "/v1/chats/{chat}/members", json!({"user": "{carol}"})),
        ("role", Method::PATCH, member, json!({"role": "member"})),
        ("rename", Method::PATCH, "/v1/chats/{chat}", json!({"name": "Attic"})),
        ("settings", Method::PATCH, "/v1/chats/{chat}", json!({"topic": "Tea"})),
    ]
}

/// The work is cut off after every call, its sender repeats it, somebody is answered the opposite, and the worker comes
/// late. Answers how often what was answered last was not so afterwards, and in how many rounds.
async fn undone(name: &str, method: &Method, path: &str, body: &Value) -> (usize, usize) {
    let works = works();
    let work = works.iter().find(|work| work.name == name).expect("it is one of them");
    let (mut undone, mut rounds) = (0, 0);
    for calls in 0.. {
        let app = TestApp::builder().person("dave").start().await;
        let chat = a_chat(&app).await;
        let was_answered = cut_off(&app, chat, work, calls).await.was_answered;
        let again = serde_json::from_str(&filled(&app, chat, &work.body.to_string())).expect("JSON");
        let again = Some(again).filter(|body: &Value| !body.is_null());
        let repeated =
            app.as_("alice").call(work.method.clone(), &filled(&app, chat, work.path), again).await;
        assert!(repeated.status.is_success(), "{name}, repeated: {repeated:?}");
        let body = serde_json::from_str(&filled(&app, chat, &body.to_string())).expect("JSON");
        let body = Some(body).filter(|body: &Value| !body.is_null());
        let answer = app.as_("alice").call(method.clone(), &filled(&app, chat, path), body).await;
        assert!(answer.status.is_success(), "{name}: {answer:?}");
        let before = look(&app, chat).await;
        app.clock.advance(10);
        unfinished::sweep(&app.app).await.expect("it sweeps");
        undone += usize::from(look(&app, chat).await != before);
        rounds += 1;
        if was_answered {
            break;
        }
    }
    (undone, rounds)
}

#[tokio::test]
async fn what_others_did_since_is_not_undone_by_finishing_work() {
    let mut all = 0;
    while all < 100 {
        for (name, method, path, body) in opposites() {
            let (undone, rounds) = undone(name, &method, path, &body).await;
            assert_eq!(undone, 0, "{name}, of {rounds}");
            all += rounds;
        }
    }
}

#[tokio::test]
async fn two_owners_who_act_at_once_leave_an_owner() {
    for _ in 0..25 {
        let app = TestApp::start().await;
        let chat = a_chat(&app).await;
        let (alice, bob) = (app.as_("alice"), app.as_("bob"));
        let of = |name: &str| format!("/v1/chats/{chat}/members/{}", app.id(name));
        alice.patch(&of("bob"), json!({"role": "owner"})).await.expect(200);
        let (one, other) = (of("bob"), of("alice"));
        futures_util::join!(
            alice.patch(&one, json!({"role": "member"})),
            bob.patch(&other, json!({"role": "member"}))
        );
        let roles = look(&app, chat).await.roles;
        assert_eq!(roles, ["member", "member", "owner"]);
    }
}

#[tokio::test]
async fn who_comes_into_an_open_chat_that_everybody_left_owns_it() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.as_("alice"), app.as_("bob"));
    let made = alice.post("/v1/chats", json!({"kind": "open", "name": "Lounge"})).await.expect(201);
    let chat = made["id"].as_str().expect("an id");
    let members = format!("/v1/chats/{chat}/members");
    alice.delete(&format!("{members}/{}", app.id("alice"))).await.expect(204);
    bob.post(&members, json!({"user": app.id("bob")})).await.expect(201);
    assert_eq!(bob.get(&format!("/v1/chats/{chat}")).await.expect(200)["role"], "owner");
    alice.post(&members, json!({"user": app.id("alice")})).await.expect(201);
    assert_eq!(alice.get(&format!("/v1/chats/{chat}")).await.expect(200)["role"], "member");
}

#[tokio::test]
async fn who_adds_or_renames_keeps_their_own_unread() {
    let app = TestApp::builder().person("dave").start().await;
    let chat = a_chat(&app).await;
    let (alice, bob) = (app.as_("alice"), app.as_("bob"));
    for n in 0..3 {
        let text = json!({"text": format!("b{n}"), "client_id": format!("b{n}")});
        bob.post(&format!("/v1/chats/{chat}/messages"), text).await.expect(201);
    }
    let unread = async || alice.get(&format!("/v1/chats/{chat}")).await.expect(200)["unread"].as_i64();
    assert_eq!(unread().await, Some(3));
    alice.post(&format!("/v1/chats/{chat}/members"), json!({"user": app.id("dave")})).await.expect(201);
    alice.patch(&format!("/v1/chats/{chat}"), json!({"name": "Cellar"})).await.expect(200);
    assert!(unread().await >= Some(3));
}

#[tokio::test]
async fn who_left_a_new_chat_is_not_brought_back_by_finishing_it() {
    let works = works();
    let create = works.iter().find(|work| work.name == "create").expect("it is one of them");
    let (app, _) = ended_but_not_forgotten(create).await;
    let (alice, dave) = (app.as_("alice"), app.as_("dave"));
    let chats = dave.all("/v1/chats", 100).await;
    let chat = chats[0]["id"].as_str().expect("an id");
    alice.delete(&format!("/v1/chats/{chat}/members/{}", app.id("dave"))).await.expect(204);
    app.clock.advance(10);
    assert_eq!(unfinished::sweep(&app.app).await.expect("it sweeps"), 1);
    assert_eq!(dave.all("/v1/chats", 100).await.len(), 0);
    assert_eq!(app.as_("bob").all("/v1/chats", 100).await.len(), 2, "and the others are in");
}

/// A chat and the noted work of adding somebody that was cut off as early as it can be.
async fn noted_and_cut_off() -> (TestApp, ChatId) {
    let app = TestApp::builder().person("dave").start().await;
    let chat = a_chat(&app).await;
    let add = &works()[0];
    let mut calls = 0;
    while app.unfinished().await == 0 {
        cut_off(&app, chat, add, calls).await;
        calls += 1;
    }
    (app, chat)
}

/// When timers are due that look for unfinished work, in seconds from now.
async fn looked_for_in(app: &TestApp) -> Vec<i64> {
    let start = (Timestamp::from_micros(0), TimerId::from_uuid(Uuid::nil()));
    let ever = Timestamp::from_micros(i64::MAX);
    let shard = Shard::about(Uuid::nil());
    let timers = app.app.store().timers.due(shard, start, ever, 100).await.expect("it answers");
    let now = app.app.now().micros();
    timers.iter().map(|timer| (timer.due.micros() - now) / 1_000_000).collect()
}

#[tokio::test]
async fn work_that_is_noted_and_left_is_finished_by_a_timer_soon() {
    let (app, _) = noted_and_cut_off().await;
    app.clock.advance(15);
    timers::sweep(&app.app).await.expect("timers fire");
    assert_eq!(app.unfinished().await, 0);
}

#[tokio::test]
async fn while_work_is_left_it_is_looked_for_soon_and_then_every_minute() {
    let (app, _) = noted_and_cut_off().await;
    lookout::spawn(app.app.clone()).await.expect("it is put");
    timers::sweep(&app.app).await.expect("timers fire");
    assert_eq!(app.unfinished().await, 1, "the premise: it is young, and left alone");
    let next = looked_for_in(&app).await;
    assert!(!next.is_empty() && next.iter().all(|seconds| *seconds <= 15), "{next:?}");
    for _ in 0..2 {
        app.clock.advance(15);
        timers::sweep(&app.app).await.expect("timers fire");
    }
    let next = looked_for_in(&app).await;
    assert!(app.unfinished().await == 0 && next.len() == 1 && next[0] >= 60, "{next:?}");
}

#[tokio::test]
async fn workers_that_start_together_have_one_timer_between_them() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        lookout::spawn(app.app.clone()).await.expect("it is put");
        app.clock.advance(1);
    }
    for _ in 0..3 {
        app.clock.advance(120);
        timers::sweep(&app.app).await.expect("timers fire");
        assert_eq!(looked_for_in(&app).await.len(), 1);
    }
}

#[tokio::test]
async fn young_work_is_left_to_whoever_does_it() {
    let (app, _) = noted_and_cut_off().await;
    assert_eq!(unfinished::sweep(&app.app).await.expect("it sweeps"), 0);
    app.clock.advance(10);
    assert_eq!(unfinished::sweep(&app.app).await.expect("it sweeps"), 1);
}

#[tokio::test]
async fn two_who_add_the_same_person_at_once_say_it_once() {
    for _ in 0..10 {
        let app = TestApp::builder().person("dave").start().await;
        let chat = a_chat(&app).await;
        let (path, body) = (format!("/v1/chats/{chat}/members"), json!({"user": app.id("dave")}));
        let (alice, bob) = (app.as_("alice"), app.as_("bob"));
        let (one, other) =
            futures_util::join!(alice.post(&path, body.clone()), bob.post(&path, body.clone()));
        assert!(one.status.is_success() && other.status.is_success());
        assert_eq!(look(&app, chat).await.kinds, ["member_joined"]);
    }
}

#[tokio::test]
async fn a_pair_who_greet_each_other_at_once_have_one_chat() {
    for _ in 0..10 {
        let app = TestApp::start().await;
        let direct = |other: &str| json!({"kind": "direct", "members": [app.id(other)]});
        let (alice, bob) = (app.as_("alice"), app.as_("bob"));
        let (one, other) = futures_util::join!(
            alice.post("/v1/chats", direct("bob")),
            bob.post("/v1/chats", direct("alice"))
        );
        assert!(one.status.is_success() && other.status.is_success());
        assert_eq!(one.body["id"], other.body["id"]);
        assert_eq!(alice.all("/v1/chats", 100).await.len(), 1);
    }
}

#[tokio::test]
#[should_panic(expected = "work was begun and not finished")]
async fn a_test_that_leaves_work_undone_fails() {
    let app = TestApp::builder().person("dave").start().await;
    let chat = a_chat(&app).await;
    let add = &works()[0];
    for calls in 0.. {
        cut_off(&app, chat, add, calls).await;
        if app.unfinished().await > 0 {
            return;
        }
    }
}
