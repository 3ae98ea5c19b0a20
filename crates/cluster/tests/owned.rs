//! A log whose chats are owned by another process keeps every law, and goes on without that process.

use std::{sync::Arc, time::Duration};

use petit_cluster::{HotLog, OwnedLog, mount};
use petit_domain::{ChatId, ChatKind, ChatName, ChatRecord, ClientId, Head, MessageKind, UserId};
use petit_ports::{Appended, Clock, LogStore, NewMessage, PageAt, Random, Store, SystemClock, SystemRandom};
use petit_store_sqlite::{Options, SqliteStore};
use tokio::{net::TcpListener, task::JoinHandle};
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
    _folder: tempfile::TempDir,
}

async fn world(guard: impl Interceptor + Clone + Send + Sync + 'static) -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = SqliteStore::open(&folder.path().join("petit.db"), &Options::default()).expect("opens");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let apis = [address.clone()];
    let owner = OwnedLog::new(opened.store.log.clone(), &apis, Some(&address), &Open).expect("an address");
    let mut routes = RoutesBuilder::default();
    mount(&mut routes, &owner, guard);
    let incoming = TcpIncoming::from(listener);
    let server = Server::builder().add_routes(routes.routes()).serve_with_incoming(incoming);
    let serving = tokio::spawn(async move { server.await.expect("serves") });
    let other = OwnedLog::new(opened.store.log.clone(), &apis, None, &Open).expect("an address");
    let store = Store { log: Arc::new(HotLog::new(other)), ..opened.store };
    World { store, owner, serving, _folder: folder }
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
    };
    store.chats.create(&record).await.expect("makes");
    record.id
}

fn message(id: &str) -> NewMessage {
    NewMessage {
        author: UserId::mint(SystemClock.now(), SystemRandom.next_u64()),
        kind: MessageKind::Text,
        text: "x".into(),
        client_id: ClientId::try_from(id).expect("an id"),
        reply_to: None,
        subject: None,
        at: SystemClock.now(),
        random: SystemRandom.next_u64(),
        change: None,
    }
}

async fn seq(store: &Store, chat: ChatId, id: &str) -> i64 {
    match store.log.append(chat, message(id)).await.expect("takes it") {
        Appended::New(message) => message.seq,
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
    let (user, now) = (UserId::mint(SystemClock.now(), 1), SystemClock.now());
    world.owner.append(chat, message("other")).await.expect("takes it");
    assert_eq!(newest().await.iter().map(|message| message.seq).collect::<Vec<_>>(), [3, 4, 5]);
    world.owner.edit(chat, 5, "edited", user, now).await.expect("edits");
    assert_eq!(newest().await.last().map(|message| message.text.clone()).as_deref(), Some("edited"));
    let before = world.store.log.page(chat, PageAt::Before(5), 2).await.expect("reads");
    assert_eq!(before.iter().map(|message| message.seq).collect::<Vec<_>>(), [3, 4]);
}
