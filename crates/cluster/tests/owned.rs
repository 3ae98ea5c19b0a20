//! A log whose chats are owned by another process keeps every law, and goes on without that process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use petit_cluster::{HotLog, OwnedLog, mount};
use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, Edition, Emoji, Head, Message, Parts, UserId,
};
use petit_ports::{
    ChangeRecord, Clock, CommitObserver, LogReader, LogWriter, NewMessage, PageAt, Random, ReactionRecord,
    Revision, Store, StoreError, SystemClock, SystemRandom, Wish, Written,
};
use petit_store_sqlite::{Options, SqliteStore};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tonic::{
    Request, Status,
    service::{Interceptor, RoutesBuilder},
    transport::{Server, server::TcpIncoming},
};

/// Lets every call pass, and proves nothing.
#[derive(Clone)]
struct Open;

impl Interceptor for Open {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        Ok(request)
    }
}

/// Lets nothing pass.
#[derive(Clone)]
struct Closed;

impl Interceptor for Closed {
    fn call(&mut self, _: Request<()>) -> Result<Request<()>, Status> {
        Err(Status::unauthenticated("no"))
    }
}

/// A store, and another process that owns all of its chats.
struct World {
    store: Store,
    owner: Arc<OwnedLog<Open>>,
    serving: JoinHandle<()>,
    /// The log as this process writes it by itself.
    own: Arc<dyn LogWriter>,
    _folder: tempfile::TempDir,
}

async fn world(guard: impl Interceptor + Clone + Send + Sync + 'static) -> World {
    world_with(guard, |log| log).await
}

async fn world_with(
    guard: impl Interceptor + Clone + Send + Sync + 'static,
    owners: impl FnOnce(Arc<dyn LogWriter>) -> Arc<dyn LogWriter>,
) -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = SqliteStore::open(&folder.path().join("petit.db"), &Options::default()).expect("opens");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let apis = [address.clone()];
    let owner = OwnedLog::new(owners(opened.store.log_writer.clone()), &apis, Some(&address), &Open);
    let owner = owner.expect("an address");
    let mut routes = RoutesBuilder::default();
    mount(&mut routes, &owner, guard);
    let incoming = TcpIncoming::from(listener);
    let server = Server::builder().add_routes(routes.routes()).serve_with_incoming(incoming);
    let serving = tokio::spawn(async move { server.await.expect("serves") });
    let other = OwnedLog::new(opened.store.log_writer.clone(), &apis, None, &Open).expect("an address");
    let log = Arc::new(HotLog::new(opened.store.log.clone()));
    let own = opened.store.log_writer.clone();
    let store = Store { log, log_writer: other, ..opened.store };
    World { store, owner, serving, own, _folder: folder }
}

/// A log that counts how its messages are read.
struct Counted {
    inner: Arc<dyn LogReader>,
    pages: AtomicUsize,
    messages: AtomicUsize,
}

#[async_trait]
impl LogReader for Counted {
    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError> {
        self.inner.head(chat).await
    }

    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError> {
        self.inner.get(chat, seq).await
    }

    async fn get_many(&self, chat: ChatId, seqs: &[i64]) -> Result<Vec<Message>, StoreError> {
        self.messages.fetch_add(seqs.len(), Ordering::Relaxed);
        self.inner.get_many(chat, seqs).await
    }

    async fn page(&self, chat: ChatId, at: PageAt, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.pages.fetch_add(1, Ordering::Relaxed);
        self.inner.page(chat, at, limit).await
    }

    async fn changes_after(
        &self,
        chat: ChatId,
        cseq: i64,
        limit: usize,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        self.inner.changes_after(chat, cseq, limit).await
    }

    async fn history(&self, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Edition>, StoreError> {
        self.inner.history(chat, seq, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_many_react_only_the_touched_message_is_read_again() {
    let world = world(Open).await;
    let chat = chat(&world.store).await;
    for n in 0..40 {
        seq(&world.store, chat, &format!("n{n}")).await;
    }
    let (pages, messages) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let counted = Arc::new(Counted { inner: world.store.log.clone(), pages, messages });
    let hot = HotLog::new(counted.clone());
    let newest = async || hot.page(chat, PageAt::Newest, 30).await.expect("reads");
    newest().await;
    let emoji = Emoji::stored("👍");
    for round in 1..=25 {
        let new =
            ReactionRecord { emoji: emoji.clone(), user: somebody(), at: SystemClock.now(), shown: None };
        world.store.reactions.add(chat, 33, &new).await.expect("adds");
        let (revision, at) = (Revision::Reactions, SystemClock.now());
        let tell = Wish::Revise { seq: 33, if_cseq: None, revision, actor: somebody(), at };
        world.store.log_writer.write(chat, tell).await.expect("tells");
        for _ in 0..4 {
            let page = newest().await;
            assert_eq!(page[23].reactions[0].count, round, "as it is now");
            assert_eq!(page, world.store.log.page(chat, PageAt::Newest, 30).await.expect("reads"));
        }
    }
    let seen = (counted.pages.load(Ordering::Relaxed), counted.messages.load(Ordering::Relaxed));
    assert_eq!(seen, (1, 25), "one page ever, and one message for each change");
}

mod store_owned {
    use petit_ports::Store;

    async fn fresh() -> (Store, super::World) {
        let world = super::world(super::Open).await;
        (world.store.clone(), world)
    }

    petit_contract::store_contract!(fresh);
}

async fn chat(store: &Store) -> ChatId {
    let (at, random) = (SystemClock.now(), SystemRandom.next_u64());
    let record = ChatRecord {
        id: ChatId::mint(at, random),
        kind: ChatKind::Group,
        name: ChatName::try_from("Crew").ok(),
        created_by: UserId::mint(at, random),
        created_at: at,
        head: Head::EMPTY,
        last_message_at: at,
        member_count: 0,
        settings: petit_domain::SettingsRecord::default(),
    };
    store.chats.create(&record, &[]).await.expect("makes");
    record.id
}

fn message(id: &str) -> Wish {
    let (author, client_id) = (somebody(), ClientId::try_from(id).expect("an id"));
    let (at, random) = (SystemClock.now(), SystemRandom.next_u64());
    Wish::Append(NewMessage::text(author, client_id, "x".into(), at, random))
}

fn somebody() -> UserId {
    UserId::mint(SystemClock.now(), SystemRandom.next_u64())
}

fn edit(seq: i64, if_cseq: Option<i64>, text: &str) -> Wish {
    let revision = Revision::Edit { text: text.to_owned(), parts: Parts::default() };
    Wish::Revise { seq, if_cseq, revision, actor: somebody(), at: SystemClock.now() }
}

async fn seq(store: &Store, chat: ChatId, id: &str) -> i64 {
    match store.log_writer.write(chat, message(id)).await.expect("takes it") {
        Written::New(message) => message.seq,
        other => panic!("unexpected {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_owner_a_chat_goes_on_at_once() {
    let world = world(Open).await;
    let chat = chat(&world.store).await;
    assert_eq!(seq(&world.store, chat, "a").await, 0);
    world.serving.abort();
    let went_on = tokio::time::timeout(Duration::from_secs(5), seq(&world.store, chat, "b")).await;
    assert_eq!(went_on.expect("in time"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_leaves_sends_others_away() {
    let world = world(Open).await;
    let chat = chat(&world.store).await;
    world.owner.leave();
    assert_eq!(seq(&world.store, chat, "a").await, 0, "done by who was asked first");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_believes_nobody_does_nothing_for_them() {
    let world = world(Closed).await;
    let chat = chat(&world.store).await;
    assert_eq!(seq(&world.store, chat, "a").await, 0, "done by who was asked first");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_chat_is_what_is_written_by_anybody() {
    let world = world(Open).await;
    let chat = chat(&world.store).await;
    for n in 0..5 {
        seq(&world.store, chat, &format!("n{n}")).await;
    }
    let newest = async || world.store.log.page(chat, PageAt::Newest, 3).await.expect("reads");
    assert_eq!(newest().await.iter().map(|message| message.seq).collect::<Vec<_>>(), [2, 3, 4]);
    // Past the log that keeps something, as another process would.
    world.owner.write(chat, message("other")).await.expect("takes it");
    assert_eq!(newest().await.iter().map(|message| message.seq).collect::<Vec<_>>(), [3, 4, 5]);
    world.owner.write(chat, edit(5, None, "edited")).await.expect("edits");
    assert_eq!(newest().await.last().map(|message| message.text.clone()).as_deref(), Some("edited"));
    let before = world.store.log.page(chat, PageAt::Before(5), 2).await.expect("reads");
    assert_eq!(before.iter().map(|message| message.seq).collect::<Vec<_>>(), [3, 4]);
}

/// A log of a process that stops in the middle of what it was asked: it does it later, when nobody waits any more.
struct Stopped {
    inner: Arc<dyn LogWriter>,
    goes_on: watch::Receiver<bool>,
    late: Arc<Mutex<Vec<Written>>>,
}

#[async_trait]
impl LogWriter for Stopped {
    fn observe(&self, observer: Arc<dyn CommitObserver>) {
        self.inner.observe(observer);
    }

    async fn write(&self, chat: ChatId, wish: Wish) -> Result<Written, StoreError> {
        let (inner, late, mut goes_on) = (self.inner.clone(), self.late.clone(), self.goes_on.clone());
        let work = tokio::spawn(async move {
            goes_on.wait_for(|goes_on| *goes_on).await.expect("it goes on");
            let written = inner.write(chat, wish).await.expect("answers");
            late.lock().push(written);
        });
        work.await.expect("ends well");
        Err(StoreError::Unavailable(None))
    }
}

const ROUNDS: i64 = 100;

/// Edits every message through an owner that stops meanwhile, and again after that was done elsewhere. How many of
/// the newer texts are gone once the owner has done what it was asked first.
async fn reverted(seen: Option<i64>) -> usize {
    let (go_on, goes_on) = watch::channel(false);
    let late = Arc::new(Mutex::new(Vec::new()));
    let stopped = |inner| Arc::new(Stopped { inner, goes_on, late: late.clone() }) as Arc<dyn LogWriter>;
    let world = world_with(Open, stopped).await;
    let (chat, writer) = (chat(&world.store).await, &world.store.log_writer);
    let straight = &world.own;
    for seq in 0..ROUNDS {
        straight.write(chat, message(&format!("n{seq}"))).await.expect("takes it");
    }
    let first = (0..ROUNDS).map(|seq| writer.write(chat, edit(seq, seen, "first")));
    for written in futures_util::future::try_join_all(first).await.expect("done elsewhere") {
        let Written::Revised(message) = written else { panic!("expected a revision, not {written:?}") };
        let newer = straight.write(chat, edit(message.seq, Some(message.cseq), "newer")).await;
        assert!(matches!(newer, Ok(Written::Revised(_))), "{newer:?}");
    }
    go_on.send(true).expect("it waits");
    while late.lock().len() < ROUNDS as usize {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let page = world.store.log.page(chat, PageAt::After(-1), ROUNDS as usize).await.expect("reads");
    page.iter().filter(|message| message.text != "newer").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_does_it_late_undoes_nothing_newer() {
    assert_eq!(reverted(Some(-1)).await, 0);
    assert_eq!(
        reverted(None).await,
        ROUNDS as usize,
        "the premise: it comes late, and the version is what helps"
    );
}
