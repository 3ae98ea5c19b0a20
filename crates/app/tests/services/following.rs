//! Followers on the real log and store: everything once or again, in order, whatever breaks off.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use petit_app::{
    App, AppError,
    follow::{self, Batch, Follower, Following, Settings},
};
use petit_domain::{ChatId, Head};
use petit_ports::{ChangeKind, Commit, CommitEntry};
use petit_testkit::{TestApp, eventually};
use serde_json::json;

/// Remembers what it was given: texts by number, and edited numbers.
#[derive(Default)]
struct Notes {
    taken: Mutex<BTreeMap<ChatId, Vec<String>>>,
    refuses: Mutex<Option<ChatId>>,
    panics: AtomicBool,
}

#[async_trait]
impl Follower for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn cares(&self, commit: &Commit) -> bool {
        !matches!(&commit.entry, CommitEntry::Message(message, _) if message.text.starts_with("dull"))
    }

    async fn take(&self, _app: &App, chat: ChatId, batch: &Batch) -> Result<(), AppError> {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "a test wanted this panic");
        if *self.refuses.lock() == Some(chat) {
            return Err(AppError::Unavailable(None));
        }
        let mut taken = self.taken.lock();
        let notes = taken.entry(chat).or_default();
        notes.extend(batch.messages.iter().map(|message| format!("{} {}", message.seq, message.text)));
        notes.extend(batch.changes.iter().filter_map(|change| match change.kind {
            ChangeKind::MessageEdited(seq) => Some(format!("edited {seq}")),
            _ => None,
        }));
        Ok(())
    }
}

impl Notes {
    fn of(&self, chat: ChatId) -> Vec<String> {
        self.taken.lock().get(&chat).cloned().unwrap_or_default()
    }
}

fn quick() -> Settings {
    Settings {
        tick: Duration::from_millis(5),
        look_pause: Duration::ZERO,
        look_again: Duration::from_secs(3_600),
        page: 3,
        ..Settings::default()
    }
}

/// Positions are never written by itself.
fn forgetful() -> Settings {
    Settings { tick: Duration::from_secs(3_600), ..quick() }
}

fn start(app: &TestApp, notes: &Arc<Notes>, settings: Settings) -> Following {
    follow::start(app.app.clone(), vec![notes.clone()], settings)
}

async fn position(app: &TestApp, chat: ChatId) -> Head {
    app.store().followers.positions("notes", &[chat]).await.expect("reads")[0]
}

async fn caught_up(app: &TestApp, chat: ChatId) {
    let head = app.store().log.head(chat).await.expect("reads").expect("is there");
    eventually("the follower is at the head", async || position(app, chat).await == head).await;
}

#[tokio::test]
async fn everything_is_handed_over_once_in_order() {
    let app = TestApp::start().await;
    let (chat, notes) = (app.group("alice", &["bob"]).await, Arc::<Notes>::default());
    for n in 0..8 {
        app.as_("alice").say(chat, &format!("early {n}")).await;
    }
    let following = start(&app, &notes, quick());
    caught_up(&app, chat).await;
    for n in 8..12 {
        app.as_("bob").say(chat, &format!("late {n}")).await;
    }
    // Messages and changes are each in order; which of a page's two comes first is not promised.
    caught_up(&app, chat).await;
    app.as_("alice")
        .patch(&format!("/v1/chats/{chat}/messages/2"), json!({"text": "other"}))
        .await
        .expect(200);
    caught_up(&app, chat).await;
    let mut expected: Vec<String> = (0..8).map(|n| format!("{n} early {n}")).collect();
    expected.extend((8..12).map(|n| format!("{n} late {n}")));
    expected.push("edited 2".to_owned());
    assert_eq!(notes.of(chat), expected);
    assert_eq!(app.app.follow().lags()[0].0, "notes");
    eventually("nothing is behind", async || app.app.follow().lags()[0].1.chats == 0).await;
    following.stop().await;
}

#[tokio::test]
async fn what_is_nobodys_business_is_passed_by_without_reading() {
    let app = TestApp::start().await;
    let (chat, notes) = (app.group("alice", &[]).await, Arc::<Notes>::default());
    let following = start(&app, &notes, quick());
    app.as_("alice").say(chat, "one").await;
    caught_up(&app, chat).await;
    app.spy.take_calls();
    for n in 0..5 {
        app.as_("alice").say(chat, &format!("dull {n}")).await;
    }
    caught_up(&app, chat).await;
    assert!(!app.spy.take_calls().contains(&"log.page"), "it read the log");
    app.as_("alice").say(chat, "two").await;
    caught_up(&app, chat).await;
    assert_eq!(notes.of(chat), ["0 one", "6 two"], "and goes on behind it");
    following.stop().await;
}

#[tokio::test]
async fn a_crash_between_the_effect_and_the_advance_only_repeats() {
    let app = TestApp::start().await;
    let (chat, notes) = (app.group("alice", &[]).await, Arc::<Notes>::default());
    app.as_("alice").say(chat, "one").await;
    let first = start(&app, &notes, forgetful());
    eventually("it is done", async || notes.of(chat) == ["0 one"]).await;
    first.crash();
    assert_eq!(position(&app, chat).await, Head::EMPTY, "the premise: it did not advance");
    app.as_("alice").say(chat, "two").await;
    app.clock.advance(31);
    let second = start(&app, &notes, quick());
    caught_up(&app, chat).await;
    assert_eq!(notes.of(chat), ["0 one", "0 one", "1 two"]);
    second.stop().await;
}

#[tokio::test]
async fn what_was_written_while_nobody_followed_is_found() {
    let app = TestApp::start().await;
    let (chat, notes) = (app.group("alice", &[]).await, Arc::<Notes>::default());
    app.as_("alice").say(chat, "unheard").await;
    let shards: Vec<u16> = (0..petit_ports::CHAT_SHARDS).collect();
    app.store().followers.news(&shards).await.expect("the premise: its news is lost");
    let following = start(&app, &notes, quick());
    caught_up(&app, chat).await;
    assert_eq!(notes.of(chat), ["0 unheard"]);
    following.stop().await;
}

#[tokio::test]
async fn a_chat_that_fails_is_tried_again_and_holds_up_no_other() {
    let app = TestApp::start().await;
    let (bad, good) = (app.group("alice", &[]).await, app.group("alice", &[]).await);
    let notes = Arc::<Notes>::default();
    *notes.refuses.lock() = Some(bad);
    let following = start(&app, &notes, quick());
    app.as_("alice").say(bad, "one").await;
    app.as_("alice").say(good, "one").await;
    caught_up(&app, good).await;
    assert_eq!(notes.of(bad), [""; 0]);
    eventually("it is known to be behind", async || app.app.follow().lags()[0].1.chats == 1).await;
    *notes.refuses.lock() = None;
    app.clock.advance(60);
    caught_up(&app, bad).await;
    notes.panics.store(true, Ordering::Relaxed);
    app.as_("alice").say(bad, "two").await;
    eventually("it panicked", async || !notes.panics.load(Ordering::Relaxed)).await;
    app.clock.advance(60);
    caught_up(&app, bad).await;
    assert_eq!(notes.of(bad), ["0 one", "1 two"]);
    following.stop().await;
}

#[tokio::test]
async fn two_workers_share_the_chats_and_one_takes_over_from_the_other() {
    let app = TestApp::start().await;
    let notes = Arc::<Notes>::default();
    let (first, second) = (start(&app, &notes, quick()), start(&app, &notes, quick()));
    let mut chats = Vec::new();
    for _ in 0..6 {
        chats.push(app.group("alice", &[]).await);
    }
    for chat in &chats {
        app.as_("alice").say(*chat, "one").await;
        app.clock.advance(11);
    }
    for chat in &chats {
        caught_up(&app, *chat).await;
    }
    first.crash();
    app.clock.advance(31);
    for chat in &chats {
        app.as_("alice").say(*chat, "two").await;
    }
    for chat in &chats {
        caught_up(&app, *chat).await;
        let mut notes = notes.of(*chat);
        notes.dedup();
        assert_eq!(notes, ["0 one", "1 two"]);
    }
    second.stop().await;
}
