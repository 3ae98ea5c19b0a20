use std::path::PathBuf;

use petit_domain::{ChatId, ChatKind, ChatRecord, ClientId, Head, Message, UserId};
use petit_ports::{
    Clock, NewMessage, PageAt, Random, Store, StoreError, SystemClock, SystemRandom, Wish, Written,
};
use petit_store_sqlite::{Opened, Options, SqliteHandle, SqliteStore};
use tempfile::TempDir;

/// A store in a folder of its own.
pub struct World {
    pub store: Store,
    pub handle: SqliteHandle,
    pub folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        Self::with(&Options::default())
    }

    pub fn with(options: &Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("petit.db");
        let Opened { store, handle } = SqliteStore::open(&path, options).expect("a store opens");
        Self { store, handle, folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("petit.db")
    }

    pub async fn chat(&self) -> ChatId {
        let at = SystemClock.now();
        let chat = ChatRecord {
            id: ChatId::mint(at, SystemRandom.next_u64()),
            kind: ChatKind::Group,
            name: None,
            created_by: somebody(),
            created_at: at,
            head: Head::EMPTY,
            last_message_at: at,
            member_count: 0,
            settings: petit_domain::SettingsRecord::default(),
        };
        self.store.chats.create(&chat, &[]).await.expect("a chat is made");
        chat.id
    }
}

pub fn somebody() -> UserId {
    UserId::mint(SystemClock.now(), SystemRandom.next_u64())
}

/// Appends a new message.
pub async fn send(store: &Store, chat: ChatId, text: &str) -> Result<Message, StoreError> {
    let random = SystemRandom.next_u64();
    let client_id = ClientId::try_from(format!("{random:x}")).expect("a valid client id");
    let message = NewMessage::text(somebody(), client_id, text.to_owned(), SystemClock.now(), random);
    match store.log_writer.write(chat, Wish::Append(message)).await? {
        Written::New(message) => Ok(message),
        other => panic!("expected a new message, not {other:?}"),
    }
}

/// The whole log of a chat.
pub async fn log(store: &Store, chat: ChatId) -> Vec<Message> {
    store.log.page(chat, PageAt::After(-1), 100_000).await.expect("the log is read")
}
