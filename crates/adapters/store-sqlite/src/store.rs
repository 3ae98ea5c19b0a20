use std::sync::Arc;

use petit_ports::{Generation, Store, StoreError};
use rusqlite::Connection;

use crate::{
    job::Writing,
    readers::Readers,
    writer::{Shared, Writer},
};

/// The store on one SQLite file. Implements every store port.
#[derive(Clone)]
pub struct SqliteStore {
    pub(crate) writer: Arc<Writer>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) shared: Arc<Shared>,
}

impl SqliteStore {
    pub(crate) fn ports(&self, generation: Generation) -> Store {
        let own = Arc::new(self.clone());
        Store {
            accounts: own.clone(),
            chats: own.clone(),
            choices: own.clone(),
            followers: own.clone(),
            generation,
            idempotency: own.clone(),
            intents: own.clone(),
            log: own.clone(),
            log_writer: own.clone(),
            members: own.clone(),
            mentions: own.clone(),
            people: own.clone(),
            pins: own.clone(),
            reactions: own.clone(),
            read_markers: own.clone(),
            saved: own.clone(),
            receipts: own.clone(),
            scheduled: own.clone(),
            sessions: own.clone(),
            settings: own.clone(),
            timers: own.clone(),
            turns: own,
        }
    }

    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.readers.read(query)
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Writing<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(work).await
    }
}

/// What a count of changed rows means.
pub(crate) fn change(rows: usize) -> petit_ports::Change {
    if rows == 0 { petit_ports::Change::AlreadySo } else { petit_ports::Change::Done }
}
