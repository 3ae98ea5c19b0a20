use async_trait::async_trait;
use petit_domain::{ChatId, ReceiptState, Timestamp, UserId};
use petit_ports::{Reached, ReceiptStore, STEPS_KEPT, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{row, store::SqliteStore};

type Place = (ChatId, UserId);

#[async_trait]
impl ReceiptStore for SqliteStore {
    async fn raise(
        &self,
        chat: ChatId,
        raises: &[(UserId, Reached)],
        at: Option<Timestamp>,
    ) -> std::result::Result<Vec<(UserId, Reached)>, StoreError> {
        let raises = raises.to_vec();
        self.write(move |writing| {
            let mut risen = Vec::new();
            for (user, to) in &raises {
                let now = raise(writing.connection, (chat, *user), *to, at)?;
                risen.extend(now.map(|now| (*user, now)));
            }
            Ok(risen)
        })
        .await
    }

    async fn reached(&self, chat: ChatId, users: &[UserId]) -> std::result::Result<Vec<Reached>, StoreError> {
        self.read(|connection| users.iter().map(|user| reached(connection, (chat, *user))).collect())
    }

    async fn passed(
        &self,
        chat: ChatId,
        seq: i64,
        state: ReceiptState,
        users: &[UserId],
    ) -> std::result::Result<Vec<Option<Timestamp>>, StoreError> {
        self.read(|connection| {
            users.iter().map(|user| passed(connection, (chat, *user), state, seq)).collect()
        })
    }
}

/// Codes as rows have them. They never change.
const fn code(state: ReceiptState) -> u8 {
    match state {
        ReceiptState::Delivered => 0,
        ReceiptState::Seen => 1,
        ReceiptState::Read => 2,
    }
}

pub(crate) fn numbers(found: &Row<'_>, first: usize) -> Result<Reached> {
    Ok(Reached { delivered: found.get(first)?, seen: found.get(first + 1)?, read: found.get(first + 2)? })
}

fn told(connection: &Connection, (chat, user): Place) -> Result<Reached> {
    let found = connection
        .prepare_cached("SELECT delivered, seen, read FROM receipts WHERE chat_id = ?1 AND user_id = ?2")?
        .query_row([chat.uuid().into_bytes(), user.uuid().into_bytes()], |found| numbers(found, 0))
        .optional()?;
    Ok(found.unwrap_or(Reached::NOTHING))
}

fn raise(
    connection: &Connection,
    place: Place,
    to: Reached,
    at: Option<Timestamp>,
) -> Result<Option<Reached>> {
    let before = told(connection, place)?;
    let now = before.max(to.whole());
    if now == before {
        return Ok(None);
    }
    let (chat, user) = (place.0.uuid().into_bytes(), place.1.uuid().into_bytes());
    connection
        .prepare_cached(
            "INSERT INTO receipts (chat_id, user_id, delivered, seen, read) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (chat_id, user_id) DO UPDATE \
             SET delivered = excluded.delivered, seen = excluded.seen, read = excluded.read",
        )?
        .execute(params![chat, user, now.delivered, now.seen, now.read])?;
    if let Some(at) = at {
        for state in ReceiptState::ALL.into_iter().filter(|state| now.of(*state) > before.of(*state)) {
            keep_step(connection, place, state, (before.of(state), now.of(state)), at)?;
        }
    }
    Ok(Some(now))
}

/// Keeps a step, and of all steps only the newest.
fn keep_step(
    connection: &Connection,
    (chat, user): Place,
    state: ReceiptState,
    (below, seq): (i64, i64),
    at: Timestamp,
) -> Result<()> {
    let (chat, user) = (chat.uuid().into_bytes(), user.uuid().into_bytes());
    connection
        .prepare_cached(
            "INSERT INTO receipt_steps (chat_id, user_id, state, seq, below, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![chat, user, code(state), seq, below, at.micros()])?;
    connection
        .prepare_cached(
            "DELETE FROM receipt_steps WHERE chat_id = ?1 AND user_id = ?2 AND state = ?3 AND seq <= \
             (SELECT seq FROM receipt_steps WHERE chat_id = ?1 AND user_id = ?2 AND state = ?3 \
              ORDER BY seq DESC LIMIT 1 OFFSET ?4)",
        )?
        .execute(params![chat, user, code(state), STEPS_KEPT as i64])?;
    Ok(())
}

fn reached(connection: &Connection, place: Place) -> Result<Reached> {
    let (chat, user) = (place.0.uuid().into_bytes(), place.1.uuid().into_bytes());
    let marker: Option<i64> = connection
        .prepare_cached("SELECT seq FROM read_markers WHERE chat_id = ?1 AND user_id = ?2")?
        .query_row([chat, user], |found| found.get(0))
        .optional()?;
    let read = Reached { read: marker.unwrap_or(-1), ..Reached::NOTHING };
    Ok(told(connection, place)?.max(read).whole())
}

/// The step that led from below the number past it, if that is still kept.
fn passed(
    connection: &Connection,
    (chat, user): Place,
    state: ReceiptState,
    seq: i64,
) -> Result<Option<Timestamp>> {
    let found: Option<(i64, Timestamp)> = connection
        .prepare_cached(
            "SELECT below, at FROM receipt_steps WHERE chat_id = ?1 AND user_id = ?2 AND state = ?3 AND seq >= ?4 \
             ORDER BY seq LIMIT 1",
        )?
        .query_row(
            params![chat.uuid().into_bytes(), user.uuid().into_bytes(), code(state), seq],
            |found| Ok((found.get(0)?, row::time(found, 1)?)),
        )
        .optional()?;
    Ok(found.filter(|(below, _)| *below < seq).map(|(_, at)| at))
}

/// How far people said that they have a chat's messages, whoever is in it.
pub(crate) fn all(connection: &Connection, chat: ChatId) -> Result<Vec<(UserId, Reached)>> {
    connection
        .prepare("SELECT user_id, delivered, seen, read FROM receipts WHERE chat_id = ?1 ORDER BY user_id")?
        .query_map([chat.uuid().into_bytes()], |found| Ok((row::user(found, 0)?, numbers(found, 1)?)))?
        .collect()
}
