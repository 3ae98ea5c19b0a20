use async_trait::async_trait;
use petit_domain::{ChatId, UserId};
use petit_ports::{Mention, MentionStore, MentionedBy, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::{row, store::SqliteStore};

#[async_trait]
impl MentionStore for SqliteStore {
    async fn settle(&self, mentioned: &MentionedBy) -> std::result::Result<(), StoreError> {
        let mentioned = mentioned.clone();
        self.write(move |writing| settle(writing.connection, &mentioned)).await
    }

    async fn list(
        &self,
        user: UserId,
        after: Option<&Mention>,
        limit: usize,
    ) -> std::result::Result<Vec<Mention>, StoreError> {
        let (at, chat, seq) = after.map_or((i64::MAX, [0xff; 16], i64::MAX), |after| {
            (after.at.micros(), after.chat.uuid().into_bytes(), after.seq)
        });
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT at, chat_id, seq FROM mentions WHERE user_id = ?1 AND (at, chat_id, seq) < (?2, ?3, ?4) \
                     ORDER BY at DESC, chat_id DESC, seq DESC LIMIT ?5",
                )?
                .query_map(params![user.uuid().into_bytes(), at, chat, seq, limit as i64], |found| {
                    Ok(Mention {
                        at: row::time(found, 0)?,
                        chat: row::chat_id(found, 1)?,
                        seq: found.get(2)?,
                    })
                })?
                .collect()
        })
    }

    async fn count(
        &self,
        user: UserId,
        above: &[(ChatId, i64)],
    ) -> std::result::Result<Vec<i64>, StoreError> {
        self.read(|connection| {
            let mut count = connection.prepare_cached(
                "SELECT count(*) FROM mentions WHERE user_id = ?1 AND chat_id = ?2 AND seq > ?3",
            )?;
            let mut counted = |(chat, seq): &(ChatId, i64)| {
                count.query_row(params![user.uuid().into_bytes(), chat.uuid().into_bytes(), seq], |found| {
                    found.get(0)
                })
            };
            above.iter().map(&mut counted).collect()
        })
    }
}

/// Only the message as it is now counts, and here it is in the same file.
fn settle(connection: &Connection, mentioned: &MentionedBy) -> Result<()> {
    let message = (mentioned.chat.uuid().into_bytes(), mentioned.seq);
    let now: Option<i64> = connection
        .prepare_cached("SELECT cseq FROM messages WHERE chat_id = ?1 AND seq = ?2")?
        .query_row(params![message.0, message.1], |found| found.get(0))
        .optional()?;
    if now.is_some_and(|now| now > mentioned.version) {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM mentions WHERE chat_id = ?1 AND seq = ?2")?
        .execute(params![message.0, message.1])?;
    let mut insert = connection
        .prepare_cached("INSERT INTO mentions (user_id, at, chat_id, seq) VALUES (?1, ?2, ?3, ?4)")?;
    for user in &mentioned.people {
        insert.execute(params![user.uuid().into_bytes(), mentioned.at.micros(), message.0, message.1])?;
    }
    Ok(())
}
