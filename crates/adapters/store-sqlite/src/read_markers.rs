use async_trait::async_trait;
use petit_domain::{ChatId, UserId};
use petit_ports::{Marked, ReadMarkerStore, StoreError};
use rusqlite::{Connection, OptionalExtension, Result};

use crate::{heads::raise, store::SqliteStore};

#[async_trait]
impl ReadMarkerStore for SqliteStore {
    async fn mark(&self, chat: ChatId, user: UserId, seq: i64) -> Result<Marked, StoreError> {
        self.write(move |writing| {
            writing.heads.flush_markers(writing.connection)?;
            let before = get(writing.connection, chat, user)?;
            if seq <= before {
                return Ok(Marked { seq: before, moved: false });
            }
            raise(writing.connection, chat, user, seq)?;
            Ok(Marked { seq, moved: true })
        })
        .await
    }

    async fn get(&self, chat: ChatId, user: UserId) -> Result<i64, StoreError> {
        self.read(|connection| get(connection, chat, user))
    }
}

fn get(connection: &Connection, chat: ChatId, user: UserId) -> Result<i64> {
    let found = connection
        .prepare_cached("SELECT seq FROM read_markers WHERE chat_id = ?1 AND user_id = ?2")?
        .query_row([chat.uuid().into_bytes(), user.uuid().into_bytes()], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(-1))
}
