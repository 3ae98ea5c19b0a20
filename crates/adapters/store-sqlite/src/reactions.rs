use async_trait::async_trait;
use petit_domain::{ChatId, Emoji, Reactions, SAMPLE, UserId};
use petit_ports::{Reacted, ReactionRecord, ReactionStore, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{row, store::SqliteStore};

#[async_trait]
impl ReactionStore for SqliteStore {
    async fn add(&self, chat: ChatId, seq: i64, new: &ReactionRecord) -> Result<Reacted, StoreError> {
        let new = new.clone();
        self.write(move |writing| add(writing.connection, chat, seq, &new)).await
    }

    async fn remove(
        &self,
        chat: ChatId,
        seq: i64,
        user: UserId,
        emoji: &Emoji,
    ) -> Result<Reacted, StoreError> {
        let emoji = emoji.clone();
        self.write(move |writing| remove(writing.connection, chat, seq, (user, &emoji))).await
    }

    async fn summary(&self, chat: ChatId, seq: i64) -> Result<Reactions, StoreError> {
        self.read(|connection| summary(connection, chat, seq))
    }

    async fn list(
        &self,
        chat: ChatId,
        seq: i64,
        emoji: Option<&Emoji>,
        after: Option<(&Emoji, UserId)>,
        limit: usize,
    ) -> Result<Vec<ReactionRecord>, StoreError> {
        self.read(|connection| list(connection, (chat, seq), emoji, after, limit))
    }

    async fn own(&self, chat: ChatId, user: UserId, seqs: &[i64]) -> Result<Vec<(i64, Emoji)>, StoreError> {
        self.read(|connection| {
            let mut found = connection.prepare_cached(
                "SELECT seq, emoji FROM reactions WHERE user_id = ?1 AND chat_id = ?2 AND seq = ?3",
            )?;
            let mut own = Vec::new();
            for seq in seqs {
                let values = params![user.uuid().into_bytes(), chat.uuid().into_bytes(), seq];
                let rows = found.query_map(values, |found| {
                    Ok((found.get(0)?, Emoji::stored(found.get::<_, String>(1)?)))
                })?;
                for row in rows {
                    own.push(row?);
                }
            }
            Ok(own)
        })
    }

    async fn clear(&self, chat: ChatId, seq: i64) -> Result<(), StoreError> {
        self.write(move |writing| clear(writing.connection, chat, seq)).await
    }
}

fn add(connection: &Connection, chat: ChatId, seq: i64, new: &ReactionRecord) -> Result<Reacted> {
    let mut now = summary(connection, chat, seq)?;
    if is_there(connection, chat, seq, (new.user, &new.emoji))? {
        return Ok(Reacted::AlreadySo(now));
    }
    if !now.add(&new.emoji, new.user) {
        return Ok(Reacted::TooManyKinds);
    }
    connection
        .prepare_cached(
            "INSERT INTO reactions (chat_id, seq, emoji, user_id, at, shown) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            chat.uuid().into_bytes(),
            seq,
            new.emoji.as_str(),
            new.user.uuid().into_bytes(),
            new.at.micros(),
            new.shown.as_ref().map(Emoji::as_str),
        ])?;
    keep(connection, chat, seq, &now)?;
    Ok(Reacted::Done(now))
}

fn remove(
    connection: &Connection,
    chat: ChatId,
    seq: i64,
    (user, emoji): (UserId, &Emoji),
) -> Result<Reacted> {
    let mut now = summary(connection, chat, seq)?;
    let others = match now.wants_others(emoji, user) {
        true => some_of(connection, chat, seq, emoji)?,
        false => Vec::new(),
    };
    let gone = connection
        .prepare_cached(
            "DELETE FROM reactions WHERE chat_id = ?1 AND seq = ?2 AND emoji = ?3 AND user_id = ?4",
        )?
        .execute(params![chat.uuid().into_bytes(), seq, emoji.as_str(), user.uuid().into_bytes()])?;
    if gone == 0 {
        return Ok(Reacted::AlreadySo(now));
    }
    now.remove(emoji, user, &others);
    keep(connection, chat, seq, &now)?;
    Ok(Reacted::Done(now))
}

fn is_there(
    connection: &Connection,
    chat: ChatId,
    seq: i64,
    (user, emoji): (UserId, &Emoji),
) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM reactions WHERE chat_id = ?1 AND seq = ?2 AND emoji = ?3 AND user_id = ?4",
        )?
        .exists(params![chat.uuid().into_bytes(), seq, emoji.as_str(), user.uuid().into_bytes()])
}

/// Enough of those who reacted with an emoji that a sample is full when one of them goes.
fn some_of(connection: &Connection, chat: ChatId, seq: i64, emoji: &Emoji) -> Result<Vec<UserId>> {
    connection
        .prepare_cached(
            "SELECT user_id FROM reactions WHERE chat_id = ?1 AND seq = ?2 AND emoji = ?3 ORDER BY user_id LIMIT ?4",
        )?
        .query_map(params![chat.uuid().into_bytes(), seq, emoji.as_str(), SAMPLE as i64 + 1], |found| {
            row::user(found, 0)
        })?
        .collect()
}

/// The summary of a message's set.
pub(crate) fn summary(connection: &Connection, chat: ChatId, seq: i64) -> Result<Reactions> {
    let found = connection
        .prepare_cached("SELECT summary FROM reaction_summaries WHERE chat_id = ?1 AND seq = ?2")?
        .query_row(params![chat.uuid().into_bytes(), seq], |found| row::reactions(found, 0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn keep(connection: &Connection, chat: ChatId, seq: i64, now: &Reactions) -> Result<()> {
    let Some(text) = row::reactions_text(now) else {
        return connection
            .prepare_cached("DELETE FROM reaction_summaries WHERE chat_id = ?1 AND seq = ?2")?
            .execute(params![chat.uuid().into_bytes(), seq])
            .map(drop);
    };
    connection
        .prepare_cached(
            "INSERT INTO reaction_summaries (chat_id, seq, summary) VALUES (?1, ?2, ?3) \
             ON CONFLICT (chat_id, seq) DO UPDATE SET summary = excluded.summary",
        )?
        .execute(params![chat.uuid().into_bytes(), seq, text])
        .map(drop)
}

fn list(
    connection: &Connection,
    (chat, seq): (ChatId, i64),
    emoji: Option<&Emoji>,
    after: Option<(&Emoji, UserId)>,
    limit: usize,
) -> Result<Vec<ReactionRecord>> {
    let first = (emoji.map_or("", Emoji::as_str), [0; 16]);
    let (above, user) = after.map_or(first, |(emoji, user)| (emoji.as_str(), user.uuid().into_bytes()));
    connection
        .prepare_cached(
            "SELECT emoji, user_id, at, shown FROM reactions WHERE chat_id = ?1 AND seq = ?2 \
             AND (emoji, user_id) > (?3, ?4) AND (?5 IS NULL OR emoji = ?5) ORDER BY emoji, user_id LIMIT ?6",
        )?
        .query_map(
            params![chat.uuid().into_bytes(), seq, above, user, emoji.map(Emoji::as_str), limit as i64],
            reaction,
        )?
        .collect()
}

pub(crate) fn reaction(found: &Row<'_>) -> Result<ReactionRecord> {
    Ok(ReactionRecord {
        emoji: Emoji::stored(found.get::<_, String>(0)?),
        user: row::user(found, 1)?,
        at: row::time(found, 2)?,
        shown: found.get::<_, Option<String>>(3)?.map(Emoji::stored),
    })
}

fn clear(connection: &Connection, chat: ChatId, seq: i64) -> Result<()> {
    for sql in [
        "DELETE FROM reactions WHERE chat_id = ?1 AND seq = ?2",
        "DELETE FROM reaction_summaries WHERE chat_id = ?1 AND seq = ?2",
    ] {
        connection.prepare_cached(sql)?.execute(params![chat.uuid().into_bytes(), seq])?;
    }
    Ok(())
}

/// How many kinds of reactions are counted otherwise than their sets are.
pub(crate) fn miscounted(connection: &Connection) -> Result<i64> {
    let told = "SELECT s.chat_id, s.seq, json_extract(k.value, '$.emoji') AS emoji, json_extract(k.value, '$.count') AS count \
         FROM reaction_summaries s, json_each(s.summary) k";
    let sets = "SELECT chat_id, seq, emoji, count(*) AS count FROM reactions GROUP BY chat_id, seq, emoji";
    let sql = format!(
        "WITH told AS ({told}), sets AS ({sets}) SELECT count(*) FROM \
         (SELECT * FROM (SELECT * FROM told EXCEPT SELECT * FROM sets) \
          UNION ALL SELECT * FROM (SELECT * FROM sets EXCEPT SELECT * FROM told))"
    );
    connection.query_row(&sql, [], |found| found.get(0))
}
