use async_trait::async_trait;
use petit_domain::{ChatId, MOST_SAVED, UserId};
use petit_ports::{Change, Saved, SavedStore, Saving, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{
    row,
    store::{SqliteStore, change},
};

pub(crate) const SAVED: &str = "chat_id, seq, at";

#[async_trait]
impl SavedStore for SqliteStore {
    async fn add(&self, user: UserId, saved: &Saved) -> std::result::Result<Saving, StoreError> {
        let saved = *saved;
        self.write(move |writing| add(writing.connection, user, &saved)).await
    }

    async fn remove(&self, user: UserId, chat: ChatId, seq: i64) -> std::result::Result<Change, StoreError> {
        self.write(move |writing| {
            let gone = writing
                .connection
                .prepare_cached("DELETE FROM saved WHERE user_id = ?1 AND chat_id = ?2 AND seq = ?3")?
                .execute(params![user.uuid().into_bytes(), chat.uuid().into_bytes(), seq])?;
            Ok(change(gone))
        })
        .await
    }

    async fn list(&self, user: UserId) -> std::result::Result<Vec<Saved>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {SAVED} FROM saved WHERE user_id = ?1 ORDER BY at DESC, chat_id DESC, seq DESC"
                ))?
                .query_map([user.uuid().into_bytes()], saved)?
                .collect()
        })
    }
}

fn add(connection: &Connection, user: UserId, new: &Saved) -> Result<Saving> {
    let (user, chat) = (user.uuid().into_bytes(), new.chat.uuid().into_bytes());
    let before = connection
        .prepare_cached("SELECT at FROM saved WHERE user_id = ?1 AND chat_id = ?2 AND seq = ?3")?
        .query_row(params![user, chat, new.seq], |found| row::time(found, 0))
        .optional()?;
    if let Some(before) = before {
        return Ok(Saving::AlreadySo(before));
    }
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM saved WHERE user_id = ?1")?
        .query_row([user], |found| found.get(0))?;
    if count >= MOST_SAVED as i64 {
        return Ok(Saving::TooMany);
    }
    connection
        .prepare_cached("INSERT INTO saved (user_id, chat_id, seq, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![user, chat, new.seq, new.at.micros()])?;
    Ok(Saving::Done)
}

pub(crate) fn saved(found: &Row<'_>) -> Result<Saved> {
    Ok(Saved { chat: row::chat_id(found, 0)?, seq: found.get(1)?, at: row::time(found, 2)? })
}
