use async_trait::async_trait;
use petit_domain::{ChatId, UserId};
use petit_ports::{Above, Marked, ReadMarkerStore, StoreError, Unread};
use rusqlite::{Connection, OptionalExtension, Result, Row};

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

    async fn unread(&self, chat: ChatId, user: UserId) -> Result<Option<Unread>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {} FROM chats c \
                     LEFT JOIN read_markers r ON r.chat_id = c.chat_id AND r.user_id = ?2 WHERE c.chat_id = ?1",
                    above_sql("coalesce(r.seq, -1)")
                ))?
                .query_row([chat.uuid().into_bytes(), user.uuid().into_bytes()], |found| {
                    above(found, 0).map(|above| above.unread())
                })
                .optional()
        })
    }
}

/// What of chat `c` is above a number. Only deleted messages are looked at one by one.
pub(crate) fn above_sql(number: &str) -> String {
    format!(
        "c.head_seq, c.uncounted, {number}, \
         (SELECT x.uncounted FROM messages x WHERE x.chat_id = c.chat_id AND x.seq = {number}), \
         (SELECT count(*) FROM messages d WHERE d.chat_id = c.chat_id AND d.seq > {number} AND d.deleted = 1)"
    )
}

pub(crate) fn above(row: &Row<'_>, first: usize) -> Result<Above> {
    Ok(Above {
        head_seq: row.get(first)?,
        head_uncounted: row.get(first + 1)?,
        read_seq: row.get(first + 2)?,
        read_uncounted: row.get(first + 3)?,
        deleted: row.get(first + 4)?,
    })
}

fn get(connection: &Connection, chat: ChatId, user: UserId) -> Result<i64> {
    let found = connection
        .prepare_cached("SELECT seq FROM read_markers WHERE chat_id = ?1 AND user_id = ?2")?
        .query_row([chat.uuid().into_bytes(), user.uuid().into_bytes()], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(-1))
}
