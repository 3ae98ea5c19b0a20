use async_trait::async_trait;
use petit_domain::{ChatId, ClientId, Timestamp, UserId};
use petit_ports::{LastTurn, StoreError, Turn, TurnStore};
use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::{row, store::SqliteStore};

#[async_trait]
impl TurnStore for SqliteStore {
    async fn take(
        &self,
        chat: ChatId,
        user: UserId,
        client_id: &ClientId,
        at: Timestamp,
        slow_s: u16,
    ) -> Result<Turn, StoreError> {
        let wanted = LastTurn { client_id: client_id.clone(), at };
        self.write(move |writing| take(writing.connection, (chat, user), &wanted, slow_s)).await
    }
}

fn take(connection: &Connection, of: (ChatId, UserId), wanted: &LastTurn, slow_s: u16) -> Result<Turn> {
    let (chat, user) = (of.0.uuid().into_bytes(), of.1.uuid().into_bytes());
    let last = connection
        .prepare_cached("SELECT client_id, at FROM turns WHERE chat_id = ?1 AND user_id = ?2")?
        .query_row([chat, user], |found| {
            Ok(LastTurn { client_id: row::value(found, 0)?, at: row::time(found, 1)? })
        })
        .optional()?;
    if let Some(answer) = last.and_then(|last| last.answer(&wanted.client_id, wanted.at, slow_s)) {
        return Ok(answer);
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO turns (chat_id, user_id, client_id, at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![chat, user, wanted.client_id.as_str(), wanted.at.micros()])?;
    Ok(Turn::Taken)
}
