use async_trait::async_trait;
use petit_domain::{ChatId, MOST_PINS};
use petit_ports::{Change, Pin, PinStore, Pinned, StoreError};
use rusqlite::{Connection, Result, Row, params};

use crate::{
    row,
    store::{SqliteStore, change},
};

#[async_trait]
impl PinStore for SqliteStore {
    async fn add(&self, chat: ChatId, pin: &Pin) -> Result<Pinned, StoreError> {
        let pin = *pin;
        self.write(move |writing| add(writing.connection, chat, &pin)).await
    }

    async fn remove(&self, chat: ChatId, seq: i64) -> Result<Change, StoreError> {
        self.write(move |writing| {
            let gone = writing
                .connection
                .prepare_cached("DELETE FROM pins WHERE chat_id = ?1 AND seq = ?2")?
                .execute(params![chat.uuid().into_bytes(), seq])?;
            Ok(change(gone))
        })
        .await
    }

    async fn is_pinned(&self, chat: ChatId, seq: i64) -> Result<bool, StoreError> {
        self.read(|connection| is_pinned(connection, chat, seq))
    }

    async fn list(&self, chat: ChatId) -> Result<Vec<Pin>, StoreError> {
        self.read(|connection| list(connection, chat))
    }
}

fn add(connection: &Connection, chat: ChatId, pin: &Pin) -> Result<Pinned> {
    if is_pinned(connection, chat, pin.seq)? {
        return Ok(Pinned::AlreadySo);
    }
    let id = chat.uuid().into_bytes();
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM pins WHERE chat_id = ?1")?
        .query_row([id], |found| found.get(0))?;
    if count >= MOST_PINS as i64 {
        return Ok(Pinned::TooMany);
    }
    connection
        .prepare_cached("INSERT INTO pins (chat_id, seq, by_user, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id, pin.seq, pin.by.uuid().into_bytes(), pin.at.micros()])?;
    Ok(Pinned::Done)
}

pub(crate) fn is_pinned(connection: &Connection, chat: ChatId, seq: i64) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM pins WHERE chat_id = ?1 AND seq = ?2")?
        .exists(params![chat.uuid().into_bytes(), seq])
}

pub(crate) fn list(connection: &Connection, chat: ChatId) -> Result<Vec<Pin>> {
    connection
        .prepare_cached("SELECT seq, by_user, at FROM pins WHERE chat_id = ?1 ORDER BY at DESC, seq DESC")?
        .query_map([chat.uuid().into_bytes()], pin)?
        .collect()
}

fn pin(found: &Row<'_>) -> Result<Pin> {
    Ok(Pin { seq: found.get(0)?, by: row::user(found, 1)?, at: row::time(found, 2)? })
}
