//! Who has messages and who saw them: what is written, who is told, and what is kept from whom.

use std::collections::BTreeMap;

use petit_app::receipts;
use petit_domain::{Acked, ChatId, ChatRecord, Event, MemberRecord, MemberRole, Receipt, UserId};
use petit_ports::{Reached, Subject};
use petit_testkit::TestApp;
use serde_json::{Value, json};

/// alice's group with bob and carol, and two messages of alice.
async fn group() -> (TestApp, ChatId) {
    let app = TestApp::start().await;
    let chat = app.group("alice", &["bob", "carol"]).await;
    for text in ["one", "two"] {
        app.as_("alice").say(chat, text).await;
    }
    app.settle().await;
    (app, chat)
}

async fn ack(app: &TestApp, name: &str, chat: ChatId, delivered: i64, seen: i64) {
    let acked = vec![(chat, Acked { delivered, seen })];
    receipts::ack(&app.app, app.id(name), acked).await.expect("it is taken");
}

async fn hide(app: &TestApp, name: &str) {
    app.as_(name).patch("/v1/me/settings", json!({"receipts": false})).await.expect(200);
}

/// The receipts of a chat as somebody gets them: delivered and seen.
async fn shown(app: &TestApp, viewer: &str, chat: ChatId) -> BTreeMap<UserId, (i64, Option<i64>)> {
    let answer = app.as_(viewer).get(&format!("/v1/chats/{chat}/receipts")).await.expect(200);
    let receipts: Vec<Receipt> = serde_json::from_value(answer["receipts"].clone()).expect("receipts");
    receipts.into_iter().map(|one| (one.user, (one.delivered, one.seen))).collect()
}

/// What somebody hears of receipts.
fn heard(app: &TestApp, name: &str, chat: ChatId, since: usize) -> Vec<Receipt> {
    let heard = app.bus.heard_by(app.id(name), vec![chat], &[], since);
    let receipts = heard.into_iter().filter_map(|event| match event {
        Event::Receipts { receipts, .. } => Some(receipts),
        _ => None,
    });
    receipts.flatten().collect()
}

#[tokio::test]
async fn what_a_client_says_is_shown_and_told_and_fresh_state_is_old_state_with_the_events() {
    let (app, chat) = group().await;
    let (since, mut known) = (app.bus.len(), shown(&app, "alice", chat).await);
    for (name, delivered, seen) in [("bob", 0, -1), ("carol", 1, 0), ("bob", 1, 1), ("carol", 0, 0)] {
        ack(&app, name, chat, delivered, seen).await;
        app.settle().await;
    }
    let marker = format!("/v1/chats/{chat}/read-marker");
    app.as_("carol").put(&marker, json!({"seq": 1})).await.expect(200);
    app.settle().await;
    for Receipt { user, delivered, seen, .. } in heard(&app, "alice", chat, since) {
        let known = known.get_mut(&user).expect("a member");
        *known = (known.0.max(delivered), known.1.max(seen));
    }
    let fresh = shown(&app, "alice", chat).await;
    assert_eq!(fresh, known);
    assert_eq!(
        (fresh[&app.id("bob")], fresh[&app.id("carol")]),
        ((1, Some(1)), (1, Some(1))),
        "read is seen"
    );
}

#[tokio::test]
async fn numbers_past_the_head_and_below_nothing_count_as_those_and_again_changes_nothing() {
    let (app, chat) = group().await;
    ack(&app, "bob", chat, 999, i64::MAX).await;
    ack(&app, "carol", chat, i64::MIN, -7).await;
    app.settle().await;
    let fresh = shown(&app, "alice", chat).await;
    assert_eq!((fresh[&app.id("bob")], fresh[&app.id("carol")].0), ((1, Some(1)), -1));
    let since = app.bus.len();
    ack(&app, "bob", chat, 1, 1).await;
    app.settle().await;
    assert_eq!(app.bus.len(), since, "nobody is told again");
}

#[tokio::test]
async fn who_is_not_in_the_chat_says_nothing_and_the_other_chats_count() {
    let (app, chat) = group().await;
    let open = app.open_chat("mallory", &[]).await;
    app.as_("mallory").say(open, "mine").await;
    let both = vec![(chat, Acked { delivered: 1, seen: 1 }), (open, Acked { delivered: 0, seen: 0 })];
    receipts::ack(&app.app, app.id("mallory"), both).await.expect("silently");
    app.settle().await;
    let reached =
        async |chat| app.store().receipts.reached(chat, &[app.id("mallory")]).await.expect("reads")[0];
    assert_eq!(reached(chat).await, Reached::NOTHING);
    assert_eq!(reached(open).await.seen, 0);
}

#[tokio::test]
async fn who_hides_is_not_told_of_and_is_told_nothing() {
    let (app, chat) = group().await;
    ack(&app, "bob", chat, 1, 1).await;
    ack(&app, "carol", chat, 1, 1).await;
    app.settle().await;
    hide(&app, "bob").await;
    let bob = app.id("bob");
    assert_eq!(shown(&app, "alice", chat).await[&bob], (1, None), "of history too; what was delivered stays");
    assert!(shown(&app, "bob", chat).await.values().all(|(_, seen)| seen.is_none()), "in both directions");
    let viewers = async |viewer: &str, state: &str| {
        let path = format!("/v1/chats/{chat}/messages/1/viewers?state={state}");
        let page = app.as_(viewer).get(&path).await.expect(200);
        let items = page["items"].as_array().expect("a list").clone();
        let one = |item: &Value| (item["user"].clone(), item["state"].clone());
        (items.iter().map(one).collect::<Vec<_>>(), page["count"].clone())
    };
    let carol = json!(app.id("carol"));
    assert_eq!(viewers("alice", "seen").await, (vec![(carol.clone(), json!("seen"))], json!(1)));
    assert_eq!(viewers("bob", "seen").await, (vec![], Value::Null));
    assert_eq!(viewers("bob", "read").await, (vec![], Value::Null));
    let (mut delivered, count) = viewers("alice", "delivered").await;
    delivered.sort_by_key(|(_, state)| state.to_string());
    assert_eq!(delivered, [(json!(bob), json!("delivered")), (carol.clone(), json!("seen"))]);
    assert_eq!(count, 2);
    assert!(viewers("bob", "delivered").await.0.iter().all(|(_, state)| state == "delivered"));

    app.as_("alice").say(chat, "three").await;
    let since = app.bus.len();
    for name in ["bob", "carol"] {
        ack(&app, name, chat, 2, 2).await;
        app.settle().await;
    }
    let of = |viewer: &str| -> BTreeMap<UserId, Option<i64>> {
        heard(&app, viewer, chat, since).into_iter().map(|one| (one.user, one.seen)).collect()
    };
    assert_eq!(of("alice"), BTreeMap::from([(bob, None), (app.id("carol"), Some(2))]));
    assert_eq!(of("bob"), BTreeMap::from([(bob, None), (app.id("carol"), None)]), "whatever client it is");
    let to_all = app
        .bus
        .published(since)
        .into_iter()
        .filter(|(_, event)| matches!(event.event(), Some(Event::Receipts { .. })));
    assert!(to_all.into_iter().all(|(subject, _)| matches!(subject, Subject::User(_))));
    app.as_("bob").patch("/v1/me/settings", json!({"receipts": true})).await.expect(200);
    assert_eq!(shown(&app, "alice", chat).await[&bob], (2, Some(2)), "and back again");
}

/// A storm of what clients say is a few writes and events, and the last word is kept.
#[tokio::test]
async fn what_many_say_at_once_is_written_together() {
    let (app, chat) = group().await;
    for n in 0..30 {
        app.as_("alice").say(chat, &format!("more {n}")).await;
    }
    app.settle().await;
    app.spy.take_calls();
    let since = app.bus.len();
    for seq in 0..32 {
        for name in ["alice", "bob", "carol"] {
            ack(&app, name, chat, seq, seq - 1).await;
        }
    }
    app.settle().await;
    let writes = app.spy.take_calls().iter().filter(|call| **call == "receipts.raise").count();
    let events = app.bus.len() - since;
    assert!((1..=4).contains(&writes) && (1..=4).contains(&events), "{writes} writes, {events} events");
    assert_eq!(shown(&app, "alice", chat).await[&app.id("bob")], (31, Some(30)));
}

#[tokio::test]
async fn what_could_not_be_written_is_written_once_the_store_is_back() {
    let (app, chat) = group().await;
    ack(&app, "bob", chat, 0, 0).await;
    app.settle().await;
    ack(&app, "bob", chat, 1, 1).await;
    app.spy.fail_after(0);
    petit_testkit::eventually("it was tried", async || app.spy.take_calls().contains(&"chats.get")).await;
    app.spy.heal();
    app.settle().await;
    assert_eq!(shown(&app, "alice", chat).await[&app.id("bob")], (1, Some(1)));
}

/// The plain send neither reads nor writes anything of receipts.
#[tokio::test]
async fn sending_costs_nothing_more() {
    let (app, chat) = group().await;
    ack(&app, "bob", chat, 1, 1).await;
    app.settle().await;
    app.spy.take_calls();
    app.as_("alice").say(chat, "three").await;
    app.settle().await;
    let calls = app.spy.take_calls();
    assert!(!calls.is_empty() && calls.iter().all(|call| !call.starts_with("receipts")), "{calls:?}");
}

/// A chat of alice and so many others.
async fn crowd(app: &TestApp, others: usize) -> (ChatId, Vec<UserId>) {
    let like = app.group("alice", &["bob"]).await;
    let like = app.store().chats.get(like).await.expect("reads").expect("is there");
    let chat = ChatId::mint(app.app.now(), 77);
    let users: Vec<UserId> = (0..others as u64).map(|n| UserId::mint(app.app.now(), 1_000 + n)).collect();
    let seat = |user, role| MemberRecord { chat, user, role, joined_seq: -1, joined_at: app.app.now() };
    let members: Vec<_> = std::iter::once(seat(app.id("alice"), MemberRole::Owner))
        .chain([seat(app.id("bob"), MemberRole::Member)])
        .chain(users.iter().map(|user| seat(*user, MemberRole::Member)))
        .collect();
    let record = ChatRecord { id: chat, ..like };
    app.store().chats.create(&record, &members).await.expect("is made");
    (chat, users)
}

#[tokio::test]
async fn of_a_thousand_members_only_how_many_is_told() {
    let app = TestApp::start().await;
    let (chat, users) = crowd(&app, 1_000).await;
    app.as_("alice").say(chat, "hello all").await;
    app.settle().await;
    let since = app.bus.len();
    let raises: Vec<_> =
        users.iter().take(700).map(|user| (*user, Reached { delivered: 0, seen: -1, read: -1 })).collect();
    app.store().receipts.raise(chat, &raises, None).await.expect("raises");
    for user in users.iter().take(300) {
        let acked = vec![(chat, Acked { delivered: 0, seen: 0 })];
        receipts::ack(&app.app, *user, acked).await.expect("it is taken");
    }
    ack(&app, "bob", chat, 0, 0).await;
    ack(&app, "alice", chat, 0, 0).await;
    app.settle().await;
    assert_eq!(app.bus.len(), since, "nobody is told");
    let asked = async |state: &str| {
        app.as_("bob").get(&format!("/v1/chats/{chat}/messages/0/viewers?state={state}")).await.expect(200)
    };
    assert_eq!(asked("delivered").await, json!({"items": [], "next": null, "count": 701}));
    assert_eq!(asked("seen").await, json!({"items": [], "next": null, "count": 301}), "not its author");
    let hidden = [petit_domain::Setting::receipts(false)];
    app.store().settings.set(users[0], &hidden, app.app.now()).await.expect("sets");
    assert_eq!(asked("seen").await["count"], 300);
    assert_eq!(asked("delivered").await["count"], 701);
    let listed = app.as_("bob").get(&format!("/v1/chats/{chat}/receipts")).await.expect(200);
    assert_eq!(listed, json!({"receipts": []}));
}

#[tokio::test]
async fn of_more_than_five_thousand_nothing_is_kept_or_told() {
    let app = TestApp::start().await;
    let (chat, _) = crowd(&app, 5_000).await;
    app.as_("alice").say(chat, "hello all").await;
    ack(&app, "bob", chat, 0, 0).await;
    app.settle().await;
    assert_eq!(
        app.store().receipts.reached(chat, &[app.id("bob")]).await.expect("reads"),
        [Reached::NOTHING]
    );
    let page = app.as_("alice").get(&format!("/v1/chats/{chat}/messages/0/viewers")).await.expect(200);
    assert_eq!(page, json!({"items": [], "next": null, "count": null}));
}
