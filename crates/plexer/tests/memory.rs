//! What a signed-in socket costs while nothing happens. In a process of its own, so that nothing else
//! is measured.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use futures_util::future::join_all;
use petit_app::{App, Caller, Parts, people, sessions, tickets};
use petit_bus_local::LocalBus;
use petit_domain::{
    ChatId, ChatKind, ChatRecord, ExternalId, Head, MemberRecord, MemberRole, ServerRole, SessionKind,
};
use petit_plexer::{Plexer, Settings};
use petit_ports::{Ruling, SystemClock, SystemRandom};
use petit_store_sqlite::{Options, SqliteStore};

const WARM_UP: usize = 200;
const SOCKETS: usize = 1_000;
const CHATS_EACH: usize = 10;
const PEOPLE_PER_CHAT: usize = 100;
/// Twice what it is, and a tenth of what stock settings cost.
const MOST_BYTES: usize = 12 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_socket_with_ten_chats_costs_less_than_12_kb() {
    let folder = tempfile::tempdir().expect("a folder");
    let (app, address) = serve(folder.path()).await;
    let callers = people_with_chats(&app).await;
    let (warm, measured) = callers.split_at(WARM_UP);
    let _warm = open_all(&app, address, warm).await;
    let before = resident_bytes();
    let _open = open_all(&app, address, measured).await;
    let each = (resident_bytes() - before) / SOCKETS;
    println!("{each} bytes for each idle socket");
    assert!(each < MOST_BYTES, "{each} bytes for each idle socket");
}

async fn serve(folder: &std::path::Path) -> (Arc<App>, SocketAddr) {
    let opened = SqliteStore::open(&folder.join("petit.db"), &Options::default()).expect("a store");
    let app = App::start(Parts {
        store: opened.store,
        bus: Arc::new(LocalBus::new()),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        secret: [7; 32],
    });
    let plexer =
        Plexer::start(app.clone(), axum::Router::new(), Settings::default()).await.expect("the bus works");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, petit_plexer::router(plexer)).await });
    (app, address)
}

async fn people_with_chats(app: &App) -> Vec<Caller> {
    let callers = join_all((0..WARM_UP + SOCKETS).map(|number| person(app, number))).await;
    let count = callers.len() * CHATS_EACH / PEOPLE_PER_CHAT;
    let chats = join_all((0..count).map(|_| chat(app, callers[0]))).await;
    let memberships = callers
        .iter()
        .enumerate()
        .flat_map(|(number, caller)| (0..CHATS_EACH).map(move |nth| (*caller, (number + nth) % count)));
    join_all(memberships.map(|(caller, nth)| join(app, caller, chats[nth]))).await;
    callers
}

async fn person(app: &App, number: usize) -> Caller {
    let name = format!("person{number}");
    let external = ExternalId { issuer: "test".into(), subject: name.clone() };
    let person = people::ensure(app, &external, &name, &name, ServerRole::Member).await.expect("a person");
    let created = sessions::create(app, person.id, SessionKind::Token, "test", None).await;
    Caller { user: person.id, session: created.expect("a session").0.id }
}

async fn chat(app: &App, by: Caller) -> ChatId {
    let (id, at) = (ChatId::mint(app.now(), app.random().next_u64()), app.now());
    let record = ChatRecord {
        id,
        kind: ChatKind::Group,
        name: None,
        created_by: by.user,
        created_at: at,
        head: Head::EMPTY,
        last_message_at: at,
        member_count: 0,
        settings: petit_domain::SettingsRecord::default(),
    };
    app.store().chats.create(&record, &[]).await.expect("a chat");
    id
}

async fn join(app: &App, caller: Caller, chat: ChatId) {
    let (user, role, joined_at) = (caller.user, MemberRole::Member, app.now());
    let member = MemberRecord { chat, user, role, joined_seq: -1, joined_at };
    let members = &app.store().members;
    let after = members.applied(chat).await.expect("reads").expect("a chat");
    members.follow(chat, after, after + 1, &Ruling::In(member)).await.expect("a member");
}

/// Opens a socket for each, with clients that cost this process no memory worth mentioning.
async fn open_all(app: &App, address: SocketAddr, callers: &[Caller]) -> Vec<TcpStream> {
    let tickets: Vec<_> = callers.iter().map(|caller| tickets::issue(app, caller).0).collect();
    let opening = move || tickets.iter().map(|ticket| open(address, ticket)).collect();
    tokio::task::spawn_blocking(opening).await.expect("all open")
}

fn open(address: SocketAddr, ticket: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let handshake = "GET /v1/socket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let identify = format!(r#"{{"type":"identify","ticket":"{ticket}"}}"#);
    let length = u16::try_from(identify.len()).expect("short").to_be_bytes();
    let frame = [&[0x81, 0xfe, length[0], length[1], 0, 0, 0, 0], identify.as_bytes()].concat();
    stream.write_all(handshake.as_bytes()).expect("the socket takes it");
    stream.write_all(&frame).expect("the socket takes it");
    let mut answer = Vec::new();
    while !answer.windows(9).any(|window| window == b"\"ready\",\"") {
        let mut piece = [0; 1024];
        let count = stream.read(&mut piece).expect("an answer");
        assert!(count > 0, "closed: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..count]);
    }
    stream
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("a Linux kernel");
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    pages * 4096
}
