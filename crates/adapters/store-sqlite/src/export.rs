//! Giving everything out, for another engine.

use petit_domain::{ChatId, Choices, ExternalId, UserId};
use petit_ports::{ChatFrame, Directory, OldText, Pin, ReactionSet, Shard, StoreError, Timer};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    accounts::{ACCOUNT, INVITATION, account, invitation_row},
    choices::{CHOICES, choices},
    handle::SqliteHandle,
    intents, members, pins, reactions, receipts,
    row::{self, CHAT, MEMBER, PERSON},
    saved::{SAVED, saved},
    scheduled::{SCHEDULED, scheduled},
    sessions::{SESSION, session},
    settings,
    timers::timer,
};

type Result<T, E = rusqlite::Error> = std::result::Result<T, E>;

impl SqliteHandle {
    /// Everything that is in no chat, as it is at one moment.
    pub async fn directory(&self) -> Result<Directory, StoreError> {
        self.0.readers.clone().read_aside(directory).await
    }

    /// A chat without its log; `None` if it does not exist.
    pub async fn chat_frame(&self, chat: ChatId) -> Result<Option<ChatFrame>, StoreError> {
        self.0.readers.clone().read_aside(move |connection| frame(connection, chat)).await
    }

    /// Who reacted to the messages of a chat, message by message.
    pub async fn reaction_sets(&self, chat: ChatId) -> Result<Vec<ReactionSet>, StoreError> {
        self.0.readers.clone().read_aside(move |connection| reaction_sets(connection, chat)).await
    }

    /// What is pinned in a chat.
    pub async fn pins(&self, chat: ChatId) -> Result<Vec<Pin>, StoreError> {
        self.0.readers.clone().read_aside(move |connection| pins::list(connection, chat)).await
    }

    /// The earlier texts of all messages of a chat, by the change that replaced them.
    pub async fn old_texts(&self, chat: ChatId) -> Result<Vec<OldText>, StoreError> {
        self.0.readers.clone().read_aside(move |connection| old_texts(connection, chat)).await
    }
}

fn directory(connection: &Connection) -> Result<Directory> {
    Ok(Directory {
        people: all(connection, &format!("SELECT {PERSON} FROM people"), row::person)?,
        links: all(connection, "SELECT issuer, subject, user_id FROM external_ids", link)?,
        accounts: all(connection, &format!("SELECT {ACCOUNT} FROM accounts"), account)?,
        invitations: all(connection, &format!("SELECT {INVITATION} FROM invitations"), invitation_row)?,
        sessions: all(connection, &format!("SELECT {SESSION} FROM sessions"), session)?,
        pairs: all(connection, "SELECT low, high, chat_id FROM direct_chats", pair)?,
        intents: all(connection, "SELECT intent FROM outbox ORDER BY at, intent_id", intents::intent)?,
        scheduled: all(connection, &format!("SELECT {SCHEDULED} FROM scheduled"), scheduled)?,
        timers: timers(connection)?,
        choices: all(connection, &format!("SELECT {CHOICES}, h.user_id, h.chat_id FROM choices h"), chosen)?,
        saved: all(connection, &format!("SELECT {SAVED}, user_id FROM saved"), |found| {
            Ok((row::user(found, 3)?, saved(found)?))
        })?,
        settings: all(connection, "SELECT DISTINCT user_id FROM settings", |found| {
            let user = row::user(found, 0)?;
            Ok((user, settings::get(connection, user)?))
        })?,
        chats: all(connection, "SELECT chat_id FROM chats ORDER BY chat_id", |found| row::chat_id(found, 0))?,
    })
}

fn frame(connection: &Connection, chat: ChatId) -> Result<Option<ChatFrame>> {
    let id = chat.uuid().into_bytes();
    let record = connection
        .query_row(&format!("SELECT {CHAT} FROM chats c WHERE c.chat_id = ?1"), [id], row::chat)
        .optional()?;
    let Some(record) = record else { return Ok(None) };
    let members = connection
        .prepare(&format!("SELECT {MEMBER} FROM members m WHERE m.chat_id = ?1"))?
        .query_map([id], |found| row::member(found, 0))?
        .collect::<Result<_>>()?;
    let read_markers = connection
        .prepare("SELECT user_id, seq FROM read_markers WHERE chat_id = ?1")?
        .query_map([id], |found| Ok((row::user(found, 0)?, found.get(1)?)))?
        .collect::<Result<_>>()?;
    let applied = members::applied(connection, chat)?.unwrap_or(-1);
    let receipts = receipts::all(connection, chat)?;
    Ok(Some(ChatFrame { record, applied, members, read_markers, receipts }))
}

fn old_texts(connection: &Connection, chat: ChatId) -> Result<Vec<OldText>> {
    connection
        .prepare("SELECT seq, cseq, text, replaced_at FROM editions WHERE chat_id = ?1 ORDER BY cseq")?
        .query_map(params![chat.uuid().into_bytes()], |found| {
            Ok(OldText {
                seq: found.get(0)?,
                cseq: found.get(1)?,
                text: found.get(2)?,
                replaced_at: row::time(found, 3)?,
            })
        })?
        .collect()
}

fn reaction_sets(connection: &Connection, chat: ChatId) -> Result<Vec<ReactionSet>> {
    let mut sets: Vec<ReactionSet> = connection
        .prepare("SELECT seq, summary FROM reaction_summaries WHERE chat_id = ?1 ORDER BY seq")?
        .query_map([chat.uuid().into_bytes()], |found| {
            Ok(ReactionSet { seq: found.get(0)?, records: Vec::new(), summary: row::reactions(found, 1)? })
        })?
        .collect::<Result<_>>()?;
    let mut records = connection.prepare(
        "SELECT emoji, user_id, at, shown FROM reactions WHERE chat_id = ?1 AND seq = ?2 ORDER BY emoji, user_id",
    )?;
    for set in &mut sets {
        let found = records.query_map(params![chat.uuid().into_bytes(), set.seq], reactions::reaction)?;
        set.records = found.collect::<Result<_>>()?;
    }
    Ok(sets)
}

fn timers(connection: &Connection) -> Result<Vec<Timer>> {
    let mut timers = Vec::new();
    for shard in Shard::all() {
        let of_shard = "SELECT due, timer_id, kind, body FROM timers WHERE shard = ?1 ORDER BY due, timer_id";
        let mut found = connection.prepare(of_shard)?;
        let rows = found.query_map([shard.number()], |found| timer(found, shard))?;
        timers.extend(rows.collect::<Result<Vec<_>>>()?);
    }
    Ok(timers)
}

fn all<T>(connection: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

fn link(found: &Row<'_>) -> Result<(ExternalId, UserId)> {
    let external = ExternalId { issuer: found.get(0)?, subject: found.get(1)? };
    Ok((external, row::user(found, 2)?))
}

fn chosen(found: &Row<'_>) -> Result<(UserId, ChatId, Choices)> {
    Ok((row::user(found, 8)?, row::chat_id(found, 9)?, choices(found, 0)?))
}

fn pair(found: &Row<'_>) -> Result<(UserId, UserId, ChatId)> {
    Ok((row::user(found, 0)?, row::user(found, 1)?, row::chat_id(found, 2)?))
}
