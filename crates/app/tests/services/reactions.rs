//! Reactions: few changes for many, exact at the end, and made up for whoever dies in between.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use futures_util::future::join_all;
use http::Method;
use petit_app::{App, Caller, Parts, access, messages, ports::PageAt, reactions, unfinished};
use petit_bus_local::LocalBus;
use petit_domain::{
    ChatId, ChatKind, ChatRecord, ClientId, Head, MemberRecord, MemberRole, Message, PageLimit, SessionId,
    UserId,
};
use petit_ports::{NewMessage, Random, Store, SystemRandom, Wish};
use petit_testkit::{Builder, TestApp};

use crate::cassandra;

const THUMB: &str = "👍";
/// The shortest time between two changes of one message.
const PACE_MS: u128 = 500;

/// A chat of so many people, with some messages. None of them is anybody elsewhere.
async fn crowd(app: &TestApp, count: usize) -> (ChatId, Vec<Caller>) {
    let (now, random) = (app.app.now(), SystemRandom);
    let chat = ChatId::mint(now, random.next_u64());
    let callers: Vec<Caller> = (0..count)
        .map(|_| Caller {
            user: UserId::mint(now, random.next_u64()),
            session: SessionId::mint(now, random.next_u64()),
        })
        .collect();
    let member = |caller: &Caller| MemberRecord {
        chat,
        user: caller.user,
        role: MemberRole::Member,
        joined_seq: -1,
        joined_at: now,
    };
    let record = ChatRecord {
        id: chat,
        kind: ChatKind::Group,
        name: "Crowd".try_into().ok(),
        created_by: callers[0].user,
        created_at: now,
        head: Head::EMPTY,
        last_message_at: now,
        member_count: 0,
        settings: petit_domain::SettingsRecord::default(),
    };
    let members: Vec<MemberRecord> = callers.iter().map(member).collect();
    app.store().chats.create(&record, &members).await.expect("a chat is made");
    for n in 0..40 {
        let client_id = ClientId::try_from(format!("n{n}")).expect("an id");
        let new = NewMessage::text(callers[0].user, client_id, "hello".into(), now, random.next_u64());
        app.app.store().log_writer.write(chat, Wish::Append(new)).await.expect("is written");
    }
    (chat, callers)
}

async fn shown(store: &Store, chat: ChatId, seq: i64) -> Message {
    store.log.get(chat, seq).await.expect("reads").expect("is there")
}

/// What the message shows is what the set holds.
async fn assert_exact(store: &Store, chat: ChatId, seq: i64, people: &[Caller]) {
    let message = shown(store, chat, seq).await;
    assert_eq!(message.reactions, store.reactions.summary(chat, seq).await.expect("reads"));
    let set = store.reactions.list(chat, seq, None, None, 10_000).await.expect("lists");
    let in_set: BTreeSet<UserId> = set.iter().map(|one| one.user).collect();
    assert_eq!((set.len(), in_set), (people.len(), people.iter().map(|caller| caller.user).collect()));
    assert_eq!(message.reactions.first().map_or(0, |one| one.count), people.len() as i64);
    assert!(message.reactions.len() <= 1);
}

/// Everybody does the same at once, each twice.
async fn all(app: &Arc<App>, chat: ChatId, people: &[Caller], is_on: bool) {
    join_all(people.iter().map(|caller| {
        let (app, caller) = (app.clone(), *caller);
        tokio::spawn(async move {
            for _ in 0..2 {
                let done = match is_on {
                    true => reactions::add(&app, &caller, chat, 33, THUMB).await,
                    false => reactions::remove(&app, &caller, chat, 33, THUMB).await,
                };
                done.expect("is done");
            }
        })
    }))
    .await
    .into_iter()
    .for_each(|ended| ended.expect("ends well"));
}

/// Looks at the newest page again and again until told to stop; how often.
async fn watch(app: Arc<App>, chat: ChatId, caller: Caller, ended: Arc<AtomicBool>) -> usize {
    let by = access::member(&app, chat, caller.user).await.expect("a member");
    let limit = PageLimit::clamp(Some(30)).expect("allowed");
    let mut looks = 0;
    while !ended.load(Ordering::Relaxed) {
        let page = messages::page(&app, &by, PageAt::Newest, limit, None).await.expect("a page");
        assert_eq!(page.items.len(), 30);
        looks += 1;
        tokio::task::yield_now().await;
    }
    looks
}

/// What a storm did to a chat.
struct Storm {
    changes: i64,
    page_reads: u64,
    looks: usize,
    most_changes: i64,
}

async fn storm(app: &TestApp, people: usize) -> Storm {
    let (chat, callers) = crowd(app, people).await;
    let (ended, reads, begun) = (Arc::new(AtomicBool::new(false)), app.page_reads(), Instant::now());
    let watching = tokio::spawn(watch(app.app.clone(), chat, callers[0], ended.clone()));
    all(&app.app, chat, &callers, true).await;
    app.settle().await;
    assert_exact(app.store(), chat, 33, &callers).await;
    all(&app.app, chat, &callers[people / 2..], false).await;
    app.settle().await;
    assert_exact(app.store(), chat, 33, &callers[..people / 2]).await;
    all(&app.app, chat, &callers, false).await;
    app.settle().await;
    assert_exact(app.store(), chat, 33, &[]).await;
    let most_changes = i64::try_from(begun.elapsed().as_millis() / PACE_MS).expect("not for ever") + 3;
    ended.store(true, Ordering::Relaxed);
    let looks = watching.await.expect("ends well");
    let head = app.store().log.head(chat).await.expect("reads").expect("is there");
    assert!(head.seq == 39 && shown(app.store(), chat, 33).await.edited_at.is_none());
    assert_eq!(app.unfinished().await, 0, "everything was told and crossed out");
    Storm { changes: head.cseq + 1, page_reads: app.page_reads() - reads, looks, most_changes }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_react_at_once_and_take_it_back() {
    let app = TestApp::start().await;
    let Storm { changes, page_reads, looks, most_changes } = storm(&app, 1_000).await;
    println!("{changes} changes, {page_reads} of {looks} pages were read");
    assert!((3..=most_changes).contains(&changes), "{changes} changes");
    // Once to know that it is asked for again, once to keep it, and when a change came in the middle of that.
    assert!(page_reads <= 2 + changes as u64 && looks as u64 > page_reads, "{page_reads} of {looks}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_a_thousand_react_at_once_and_take_it_back() {
    let app = cassandra::begin().await.start().await;
    let Storm { changes, most_changes, .. } = storm(&app, 1_000).await;
    println!("{changes} changes");
    assert!((3..=most_changes).contains(&changes), "{changes} changes");
}

#[tokio::test]
async fn who_dies_while_reacting_leaves_nothing_untold() {
    cut_off_anywhere(async || TestApp::builder()).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn on_cassandra_who_dies_while_reacting_leaves_nothing_untold() {
    cut_off_anywhere(async || cassandra::begin().await).await;
}

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

/// A process loses its store after every call, for ever; another one finishes what it noted.
async fn cut_off_anywhere(begin: impl AsyncFn() -> Builder) {
    for method in [Method::PUT, Method::DELETE] {
        let (mut calls, mut was_finished_later) = (0, 0);
        loop {
            let app = begin().await.start().await;
            let chat = app.group("alice", &["bob"]).await;
            app.as_("alice").say(chat, "hello").await;
            let path = format!("/v1/chats/{chat}/messages/0/reactions/%F0%9F%91%8D");
            if method == Method::DELETE {
                app.as_("bob").call(Method::PUT, &path, None).await.expect(200);
                app.settle().await;
            }
            app.as_("bob").get("/v1/me").await.expect(200);
            app.spy.fail_after(calls);
            let answer = app.as_("bob").call(method.clone(), &path, None).await;
            let other = beside(&app);
            app.clock.advance(10);
            was_finished_later += unfinished::sweep(&other).await.expect("it sweeps");
            let message = shown(app.store(), chat, 0).await;
            let set = app.store().reactions.summary(chat, 0).await.expect("reads");
            assert_eq!(message.reactions, set, "{method} after {calls} calls");
            let was_lost = app.spy.is_lost();
            if answer.status.is_success() {
                assert_eq!(set.len(), usize::from(method == Method::PUT), "{method} was answered");
            }
            app.spy.heal();
            app.settle().await;
            if !was_lost {
                break;
            }
            calls += 1;
        }
        assert!(was_finished_later >= 2, "the premise: {method} was cut off in the middle");
    }
}

#[tokio::test]
async fn a_deletion_that_is_cut_off_leaves_no_set_behind() {
    let (mut calls, mut was_finished_later) = (0, 0);
    loop {
        let app = TestApp::start().await;
        let chat = app.group("alice", &["bob"]).await;
        app.as_("alice").say(chat, "hello").await;
        let path = format!("/v1/chats/{chat}/messages/0");
        app.as_("bob").call(Method::PUT, &format!("{path}/reactions/%E2%9D%A4"), None).await.expect(200);
        app.settle().await;
        app.as_("alice").get("/v1/me").await.expect(200);
        app.spy.fail_after(calls);
        app.as_("alice").delete(&path).await;
        let was_lost = app.spy.is_lost();
        let other = beside(&app);
        app.clock.advance(10);
        was_finished_later += unfinished::sweep(&other).await.expect("it sweeps");
        let message = shown(app.store(), chat, 0).await;
        let set = app.store().reactions.list(chat, 0, None, None, 9).await.expect("lists");
        assert_eq!(set.is_empty(), message.deleted, "after {calls} calls");
        app.spy.heal();
        app.settle().await;
        if !was_lost {
            break;
        }
        calls += 1;
    }
    assert!(was_finished_later >= 1, "the premise: it was cut off in the middle");
}

/// Live events are one for everybody; who reacted hears of it besides, alone.
#[tokio::test]
async fn many_hear_of_few_changes_and_each_of_their_own() {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    app.as_("alice").say(chat, "hello").await;
    app.settle().await;
    let since = app.bus.len();
    let path = format!("/v1/chats/{chat}/messages/0/reactions/%F0%9F%91%8D");
    for name in ["alice", "bob", "carol"] {
        app.as_(name).call(Method::PUT, &path, None).await.expect(200);
    }
    app.settle().await;
    let told = app.bus.heard_by(app.id("carol"), vec![chat], &[], since);
    let kinds: Vec<String> = told
        .iter()
        .map(|event| {
            serde_json::to_value(event).expect("encodes")["type"].as_str().unwrap_or_default().to_owned()
        })
        .collect();
    let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!((count("reacted"), kinds.len() - count("message_changed")), (1, 1), "{kinds:?}");
    assert!((1..=3).contains(&count("message_changed")), "{kinds:?}");
    assert_eq!(shown(app.store(), chat, 0).await.reactions[0].count, 3);
}
