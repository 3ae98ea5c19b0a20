use std::collections::{HashMap, HashSet};

use petit_domain::{ChatId, Head, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, params};

/// When this many are remembered, all are forgotten: a bound, not a policy.
const REMEMBERED: usize = 100_000;

/// What the writer knows of a chat without asking.
#[derive(Clone, Copy)]
pub(crate) struct LogHead {
    pub head: Head,
    pub last_message_at: Timestamp,
    /// How many of its messages do not count.
    pub uncounted: i64,
    /// Its newest change of the chat's settings, −1 when there is none.
    pub ruled: i64,
}

impl LogHead {
    /// [`petit_domain::Message::counted`] of the newest message.
    pub(crate) fn counted(&self) -> i64 {
        self.head.seq + 1 - self.uncounted
    }
}

/// Heads of chats and read markers as the running transaction has them. Written once for each chat and
/// person at its end, however many messages it holds.
#[derive(Default)]
pub(crate) struct Heads {
    known: HashMap<ChatId, LogHead>,
    moved: HashSet<ChatId>,
    marked: HashMap<(ChatId, UserId), i64>,
}

impl Heads {
    pub(crate) fn get(&mut self, connection: &Connection, chat: ChatId) -> rusqlite::Result<Option<LogHead>> {
        if let Some(known) = self.known.get(&chat) {
            return Ok(Some(*known));
        }
        let found = connection
            .prepare_cached(
                "SELECT head_seq, head_cseq, last_message_at, uncounted, coalesce(ruled_cseq, -1) FROM chats \
                 WHERE chat_id = ?1",
            )?
            .query_row([chat.uuid().into_bytes()], |row| {
                let head = Head { seq: row.get(0)?, cseq: row.get(1)? };
                let last_message_at = Timestamp::from_micros(row.get(2)?);
                Ok(LogHead { head, last_message_at, uncounted: row.get(3)?, ruled: row.get(4)? })
            })
            .optional()?;
        if let Some(head) = found {
            self.known.insert(chat, head);
        }
        Ok(found)
    }

    pub(crate) fn set(&mut self, chat: ChatId, head: LogHead) {
        self.known.insert(chat, head);
        self.moved.insert(chat);
    }

    pub(crate) fn mark(&mut self, chat: ChatId, user: UserId, seq: i64) {
        self.marked.insert((chat, user), seq);
    }

    /// Writes what moved into the running transaction.
    pub(crate) fn flush(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut update = connection.prepare_cached(
            "UPDATE chats SET head_seq = ?2, head_cseq = ?3, last_message_at = ?4, uncounted = ?5 WHERE chat_id = ?1",
        )?;
        for chat in self.moved.drain() {
            let Some(LogHead { head, last_message_at, uncounted, .. }) = self.known.get(&chat) else {
                continue;
            };
            update.execute(params![
                chat.uuid().into_bytes(),
                head.seq,
                head.cseq,
                last_message_at.micros(),
                uncounted,
            ])?;
        }
        self.flush_markers(connection)?;
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        Ok(())
    }

    /// Writes the read markers that moved into the running transaction.
    pub(crate) fn flush_markers(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for ((chat, user), seq) in self.marked.drain() {
            raise(connection, chat, user, seq)?;
        }
        Ok(())
    }

    /// Forgets everything: the transaction was rolled back.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Raises a read marker; a lower number changes nothing.
pub(crate) fn raise(connection: &Connection, chat: ChatId, user: UserId, seq: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO read_markers (chat_id, user_id, seq) VALUES (?1, ?2, ?3) \
             ON CONFLICT (chat_id, user_id) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq",
        )?
        .execute(params![chat.uuid().into_bytes(), user.uuid().into_bytes(), seq])?;
    Ok(())
}
