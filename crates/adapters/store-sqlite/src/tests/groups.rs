//! Writes that wait together are one transaction.

use std::sync::{Arc, Mutex, mpsc};

use petit_domain::{ChatId, ChatKind, ChatRecord, ClientId, Head, Timestamp, UserId};
use petit_ports::{Change, NewMessage, Store, Wish, Written};
use tempfile::TempDir;

use crate::{Counters, Opened, Options, SqliteHandle, SqliteStore};

struct World {
    store: Store,
    handle: SqliteHandle,
    _folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("petit.db");
        let Opened { store, handle } = SqliteStore::open(&path, &Options::default()).expect("a store opens");
        Self { store, handle, _folder: folder }
    }

    /// Keeps the writer busy until the sender is used or dropped, so that what is written meanwhile waits.
    async fn hold(&self) -> mpsc::Sender<()> {
        let (release, held) = mpsc::channel::<()>();
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let (held, store) = (Arc::new(Mutex::new(held)), self.handle.0.clone());
        tokio::spawn(async move {
            let wait = move |_: &mut crate::job::Writing<'_>| {
                let _ = begun.send(());
                let _ = held.lock().expect("nobody else waits").recv();
                Ok(())
            };
            store.write(wait).await
        });
        begins.recv().await.expect("the writer begins to wait");
        release
    }
}

fn chat(number: u64) -> ChatRecord {
    let at = Timestamp::from_micros(1_700_000_000_000_000);
    ChatRecord {
        id: ChatId::mint(at, number),
        kind: ChatKind::Group,
        name: None,
        created_by: UserId::mint(at, number),
        created_at: at,
        head: Head::EMPTY,
        last_message_at: at,
        member_count: 0,
        settings: petit_domain::SettingsRecord::default(),
    }
}

#[tokio::test]
async fn writes_that_wait_together_share_one_sync() {
    let world = World::new();
    let release = world.hold().await;
    let before = world.handle.counters();
    let (first, second, third) = (chat(1), chat(2), chat(3));
    let (a, b, c, ()) = tokio::join!(
        world.store.chats.create(&first, &[]),
        world.store.chats.create(&second, &[]),
        world.store.chats.create(&third, &[]),
        async { release.send(()).expect("the writer waits") },
    );
    assert_eq!([a, b, c].map(|made| made.expect("made")), [Change::Done; 3]);
    let Counters { groups, writes, .. } = world.handle.counters();
    assert_eq!((groups - before.groups, writes - before.writes), (1, 3));
}

#[tokio::test]
async fn an_error_in_one_write_leaves_nothing_half_done_and_spares_its_neighbours() {
    let world = World::new();
    let release = world.hold().await;
    let (before, spoilt, after) = (chat(1), chat(2), chat(3));
    let id = spoilt.id.uuid().into_bytes();
    let breaks = world.handle.0.write(move |writing| {
        let half = "INSERT INTO direct_chats VALUES (?1, ?1, ?1)";
        writing.connection.execute(half, [id])?;
        writing.connection.execute("INSERT INTO nowhere VALUES (1)", [])
    });
    let (a, broken, b, ()) = tokio::join!(
        world.store.chats.create(&before, &[]),
        breaks,
        world.store.chats.create(&after, &[]),
        async { release.send(()).expect("the writer waits") },
    );
    assert!(broken.is_err(), "{broken:?}");
    assert_eq!([a, b].map(|made| made.expect("made")), [Change::Done; 2]);
    let count = "SELECT count(*) FROM direct_chats";
    let halves =
        world.handle.0.read(|connection| connection.query_row(count, [], |row| row.get::<_, i64>(0)));
    assert_eq!(halves.expect("reads go on"), 0);
    for chat in [before, after] {
        assert!(world.store.chats.get(chat.id).await.expect("reads go on").is_some(), "{chat:?}");
    }
}

fn message(id: &str) -> Wish {
    let at = Timestamp::from_micros(1_700_000_000_000_000);
    let client_id = ClientId::try_from(id).expect("a valid client id");
    Wish::Append(NewMessage::text(UserId::mint(at, 9), client_id, id.to_owned(), at, 0))
}

#[tokio::test]
async fn a_spoilt_transaction_uses_no_numbers_up() {
    let world = World::new();
    let made = chat(1);
    world.store.chats.create(&made, &[]).await.expect("made");
    let release = world.hold().await;
    let breaks =
        world.handle.0.write(|writing| writing.connection.execute("INSERT INTO nowhere VALUES (1)", []));
    let (a, broken, b, ()) = tokio::join!(
        world.store.log_writer.write(made.id, message("a")),
        breaks,
        world.store.log_writer.write(made.id, message("b")),
        async { release.send(()).expect("the writer waits") },
    );
    assert!(broken.is_err(), "{broken:?}");
    let numbers = [a, b].map(|appended| match appended.expect("the log takes it") {
        Written::New(message) => message.seq,
        other => panic!("expected a new message, not {other:?}"),
    });
    assert_eq!(numbers, [0, 1]);
}
