use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use petit_domain::{
    ChatId, ChatRecord, Choice, Choices, ClientId, DisplayName, Edition, Emoji, ExternalId, Head, IntentId,
    MemberRecord, Message, Person, Reactions, ReceiptState, Rules, ScheduledId, ServerRole, Session,
    SessionId, Setting, Settings, Timestamp, TokenHash, UserId, Username,
};
use petit_ports::{
    Change, ChangeRecord, ChatPosition, ChatStore, ChatView, ChoiceStore, Claim, CommitObserver,
    FollowerLease, FollowerStore, IdempotencyStore, Intent, IntentStore, Lease, LogReader, LogWriter, Marked,
    MemberStore, Mention, MentionStore, MentionedBy, OpenPosition, PageAt, PeopleStore, PersonCreated,
    PersonPosition, Pin, PinStore, Pinned, Reached, Reacted, ReactionRecord, ReactionStore, ReadMarkerStore,
    ReceiptStore, Ruling, Saved, SavedStore, Saving, Scheduled, ScheduledPosition, ScheduledStore,
    SessionStore, SettingStore, Shard, Store, StoreError, Timer, TimerPosition, TimerStore, Turn, TurnStore,
    Unread, Wish, Written,
};
use serde_json::Value;
use uuid::Uuid;

/// Sees every call of the store (accounts aside) and may make them fail.
#[derive(Default)]
pub struct Spy {
    calls: Mutex<Vec<&'static str>>,
    calls_left: Mutex<Option<usize>>,
    is_silent: AtomicBool,
    is_explosive: AtomicBool,
}

impl Spy {
    /// The calls since the last time this was asked, as `port.method`.
    pub fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock())
    }

    /// After this many more calls the store is lost, until [`Spy::heal`].
    pub fn fail_after(&self, calls: usize) {
        *self.calls_left.lock() = Some(calls);
    }

    /// Whether the store is lost by now.
    pub fn is_lost(&self) -> bool {
        *self.calls_left.lock() == Some(0)
    }

    /// The store is back.
    pub fn heal(&self) {
        *self.calls_left.lock() = None;
    }

    /// The next call panics.
    pub fn explode_once(&self) {
        self.is_explosive.store(true, Ordering::Relaxed);
    }

    /// From now on calls are done and never answered (`true`), or answered again.
    pub fn be_silent(&self, is_silent: bool) {
        self.is_silent.store(is_silent, Ordering::Relaxed);
    }

    async fn answer(&self) {
        if self.is_silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    /// The store with this spy in front.
    pub(crate) fn in_front_of(self: &Arc<Self>, inner: Store) -> Store {
        let spied = Arc::new(Spied { spy: self.clone(), inner: inner.clone() });
        Store {
            accounts: inner.accounts,
            chats: spied.clone(),
            choices: spied.clone(),
            followers: spied.clone(),
            generation: inner.generation,
            idempotency: spied.clone(),
            intents: spied.clone(),
            log: spied.clone(),
            log_writer: spied.clone(),
            members: spied.clone(),
            mentions: spied.clone(),
            people: spied.clone(),
            pins: spied.clone(),
            reactions: spied.clone(),
            read_markers: spied.clone(),
            saved: spied.clone(),
            receipts: spied.clone(),
            scheduled: spied.clone(),
            sessions: spied.clone(),
            settings: spied.clone(),
            timers: spied.clone(),
            turns: spied,
        }
    }

    fn see(&self, call: &'static str) -> Result<(), StoreError> {
        assert!(!self.is_explosive.swap(false, Ordering::Relaxed), "a test wanted this panic");
        self.calls.lock().push(call);
        match &mut *self.calls_left.lock() {
            Some(0) => Err(StoreError::Unavailable(None)),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

struct Spied {
    spy: Arc<Spy>,
    inner: Store,
}

macro_rules! spied {
    ($($trait:ident $port:ident {
        $(fn $method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*
        $(now fn $observe:ident($observer:ident: $observed:ty);)?
    })*) => {$(
        #[async_trait]
        impl $trait for Spied {
            $(async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.spy.see(concat!(stringify!($port), ".", stringify!($method)))?;
                let answer = self.inner.$port.$method($($argument),*).await;
                self.spy.answer().await;
                answer
            })*
            $(fn $observe(&self, $observer: $observed) {
                self.inner.$port.$observe($observer)
            })?
        }
    )*};
}

spied! {
    ChatStore chats {
        fn create(chat: &ChatRecord, members: &[MemberRecord]) -> Change;
        fn claim_direct(a: UserId, b: UserId, candidate: ChatId) -> ChatId;
        fn get(chat: ChatId) -> Option<ChatRecord>;
        fn list_for(user: UserId, archived: bool, until: Timestamp, after: Option<&ChatPosition>, limit: usize) -> Vec<ChatView>;
        fn find_for(user: UserId, chat: ChatId) -> Option<ChatView>;
        fn heads_for(user: UserId) -> Vec<(ChatId, Head)>;
        fn list_open(prefix: &str, after: Option<&OpenPosition>, limit: usize) -> Vec<ChatRecord>;
        fn list_all(after: Option<ChatId>, limit: usize) -> Vec<ChatId>;
    }
    ChoiceStore choices {
        fn choose(user: UserId, chat: ChatId, choices: &[Choice], at: Timestamp) -> (Choices, Change);
        fn get(user: UserId, chat: ChatId) -> Choices;
    }
    FollowerStore followers {
        fn positions(follower: &str, chats: &[ChatId]) -> Vec<Head>;
        fn advance(follower: &str, to: &[(ChatId, Head)]) -> ();
        fn news(shards: &[u16]) -> Vec<(ChatId, Head)>;
        fn attend(worker: Uuid, now: Timestamp, until: Timestamp) -> Vec<Uuid>;
        fn lease(shard: u16, worker: Uuid, now: Timestamp, until: Timestamp) -> Option<FollowerLease>;
        fn release(shard: u16, worker: Uuid) -> ();
    }
    IdempotencyStore idempotency {
        fn claim(user: UserId, key: &str, body: &[u8; 32], candidate: Uuid, at: Timestamp) -> Claim;
    }
    IntentStore intents {
        fn put(intent: &Intent) -> ();
        fn done(intent: IntentId) -> ();
        fn pending(before: Timestamp, limit: usize) -> Vec<Intent>;
    }
    LogReader log {
        fn head(chat: ChatId) -> Option<Head>;
        fn get(chat: ChatId, seq: i64) -> Option<Message>;
        fn get_many(chat: ChatId, seqs: &[i64]) -> Vec<Message>;
        fn page(chat: ChatId, at: PageAt, limit: usize) -> Vec<Message>;
        fn changes_after(chat: ChatId, cseq: i64, limit: usize) -> Vec<ChangeRecord>;
        fn history(chat: ChatId, seq: i64, limit: usize) -> Vec<Edition>;
        fn ready() -> ();
    }
    LogWriter log_writer {
        fn write(chat: ChatId, wish: Wish) -> Written;
        now fn observe(observer: Arc<dyn CommitObserver>);
    }
    MemberStore members {
        fn applied(chat: ChatId) -> Option<i64>;
        fn follow(chat: ChatId, after: i64, cseq: i64, ruling: &Ruling) -> Change;
        fn get(chat: ChatId, user: UserId) -> Option<MemberRecord>;
        fn standing(chat: ChatId, user: UserId) -> Option<(MemberRecord, Rules)>;
        fn list(chat: ChatId, after: Option<UserId>, limit: usize) -> Vec<MemberRecord>;
        fn share_chat(a: UserId, b: UserId) -> bool;
    }
    MentionStore mentions {
        fn settle(mentioned: &MentionedBy) -> ();
        fn list(user: UserId, after: Option<&Mention>, limit: usize) -> Vec<Mention>;
        fn count(user: UserId, above: &[(ChatId, i64)]) -> Vec<i64>;
    }
    PeopleStore people {
        fn create(person: &Person) -> PersonCreated;
        fn get(user: UserId) -> Option<Person>;
        fn get_many(users: &[UserId]) -> Vec<Person>;
        fn find_by_username(username: &Username) -> Option<Person>;
        fn link(external: &ExternalId, user: UserId) -> UserId;
        fn find_by_external(external: &ExternalId) -> Option<UserId>;
        fn update(user: UserId, name: Option<&DisplayName>, role: Option<ServerRole>) -> Option<Person>;
        fn list_by_prefix(prefix: &str, after: Option<&PersonPosition>, limit: usize) -> Vec<(PersonPosition, Person)>;
    }
    PinStore pins {
        fn add(chat: ChatId, pin: &Pin) -> Pinned;
        fn remove(chat: ChatId, seq: i64) -> Change;
        fn is_pinned(chat: ChatId, seq: i64) -> bool;
        fn list(chat: ChatId) -> Vec<Pin>;
    }
    ReactionStore reactions {
        fn add(chat: ChatId, seq: i64, new: &ReactionRecord) -> Reacted;
        fn remove(chat: ChatId, seq: i64, user: UserId, emoji: &Emoji) -> Reacted;
        fn summary(chat: ChatId, seq: i64) -> Reactions;
        fn list(chat: ChatId, seq: i64, emoji: Option<&Emoji>, after: Option<(&Emoji, UserId)>, limit: usize) -> Vec<ReactionRecord>;
        fn own(chat: ChatId, user: UserId, seqs: &[i64]) -> Vec<(i64, Emoji)>;
        fn clear(chat: ChatId, seq: i64) -> ();
    }
    ReadMarkerStore read_markers {
        fn mark(chat: ChatId, user: UserId, seq: i64) -> Marked;
        fn get(chat: ChatId, user: UserId) -> i64;
        fn unread(chat: ChatId, user: UserId) -> Option<Unread>;
    }
    SavedStore saved {
        fn add(user: UserId, saved: &Saved) -> Saving;
        fn remove(user: UserId, chat: ChatId, seq: i64) -> Change;
        fn list(user: UserId) -> Vec<Saved>;
    }
    ReceiptStore receipts {
        fn raise(chat: ChatId, raises: &[(UserId, Reached)], at: Option<Timestamp>) -> Vec<(UserId, Reached)>;
        fn reached(chat: ChatId, users: &[UserId]) -> Vec<Reached>;
        fn passed(chat: ChatId, seq: i64, state: ReceiptState, users: &[UserId]) -> Vec<Option<Timestamp>>;
    }
    ScheduledStore scheduled {
        fn put(scheduled: &Scheduled) -> Option<Scheduled>;
        fn get(author: UserId, id: ScheduledId) -> Option<Scheduled>;
        fn list(author: UserId, after: Option<&ScheduledPosition>, limit: usize) -> Vec<Scheduled>;
        fn swap(before: &Scheduled, after: Option<&Scheduled>) -> bool;
    }
    SessionStore sessions {
        fn create(session: &Session) -> Change;
        fn find(token_hash: &TokenHash) -> Option<Session>;
        fn get(user: UserId, session: SessionId) -> Option<Session>;
        fn list(user: UserId) -> Vec<Session>;
        fn revoke(user: UserId, session: SessionId, at: Timestamp) -> Change;
        fn touch(user: UserId, session: SessionId, at: Timestamp) -> ();
        fn note_ended(provider_session: &str, at: Timestamp) -> ();
        fn has_ended(provider_session: &str) -> bool;
    }
    SettingStore settings {
        fn set(user: UserId, settings: &[Setting], at: Timestamp) -> (Settings, Change);
        fn get(user: UserId) -> Settings;
        fn named(users: &[UserId], name: &str) -> Vec<(UserId, Value)>;
    }
    TimerStore timers {
        fn put(timer: &Timer) -> ();
        fn done(timer: &Timer) -> ();
        fn due(shard: Shard, after: TimerPosition, until: Timestamp, limit: usize) -> Vec<Timer>;
        fn attend(worker: Uuid, now: Timestamp, until: Timestamp) -> Vec<Uuid>;
        fn lease(shard: Shard, worker: Uuid, now: Timestamp, until: Timestamp) -> Option<Lease>;
        fn advance(lease: &Lease) -> Change;
    }
    TurnStore turns {
        fn take(chat: ChatId, user: UserId, client_id: &ClientId, at: Timestamp, slow_s: u16) -> Turn;
    }
}
